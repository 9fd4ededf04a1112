use super::*;
use crate::{Population, SpikeTable};
use std::f64::consts::TAU;

const INTERVALS: [f64; 4] = [0.3, 4.5, 6.7, 9.3];

/// Claim: CV2, LV and LVR (R = 0.005) of four intervals. Source: published check values of the Elephant toolkit for these intervals.
/// Tolerance: rounding of three terms.
#[test]
fn local_variation_has_its_published_values() {
    assert!((cv2(&INTERVALS).unwrap() - 0.822_619_047_619_047_8).abs() < 1e-14);
    assert!((lv(&INTERVALS).unwrap() - 0.830_615_433_673_469_5).abs() < 1e-14);
    assert!((lvr(&INTERVALS, 0.005).unwrap() - 0.833_907_445_980_624).abs() < 1e-14);
}

/// Claim: CV is √(mean of squares − square of mean) / mean. Source: arithmetic by hand: 1, 3 has mean 2 and deviation 1.
#[test]
fn variation_and_fano_follow_their_definitions() {
    assert_eq!(cv(&[1.0, 3.0]), Some(0.5));
    assert_eq!(fano(&[1.0, 3.0]), Some(0.5));
    assert_eq!(cv(&intervals(&[2.0, 7.0, 12.0, 17.0])), Some(0.0));
    assert_eq!(bin_counts([0, 9, 10, 39, 40, u64::MAX], 10, 4), [2.0, 1.0, 0.0, 1.0]);
}

#[test]
fn what_is_undefined_is_none() {
    assert_eq!([cv(&[]), cv(&[1.0]), cv(&[0.0, 0.0]), cv2(&[1.0]), lv(&[0.0, 0.0]), fano(&[]), fano(&[0.0, 0.0])], [None; 7]);
    assert_eq!([pearson(&[], &[]), pearson(&[1.0, 1.0], &[0.0, 2.0]), pearson(&[1.0, 2.0], &[1.0])], [None; 3]);
    assert_eq!(power_spectrum(&[1.0; 7], 0.001, 8), None);
    assert_eq!(power_spectrum(&[1.0; 7], 0.001, 0), None);
    assert_eq!(power_spectrum(&[1.0; 7], 0.0, 4), None);
}

/// Claim: correlation is 1 of a line, −1 of a falling one, and 0.5 of a worked example. Source: by hand:
/// (1,2,3) and (1,3,2) have covariance 1/3 and variances 2/3. Tolerance: rounding.
#[test]
fn correlation_follows_its_definition() {
    let series = [1.0, 2.0, 3.0];
    assert!((pearson(&series, &[3.0, 5.0, 7.0]).unwrap() - 1.0).abs() < 1e-12);
    assert!((pearson(&series, &[3.0, 1.0, -1.0]).unwrap() + 1.0).abs() < 1e-12);
    assert!((pearson(&series, &[1.0, 3.0, 2.0]).unwrap() - 0.5).abs() < 1e-12);
}

/// Claim: a sine of amplitude a at a grid frequency, in a Hann window of K bins, has density
/// (aK/4)² / (Δ Σw²) = a² K / (6 Δ) at its frequency. Source: the window's transform is K/2 at 0 and Σw² = 3K/8, so
/// |…|² = (a/2 · K/2)² and P = a² K / (6 Δ). Tolerance: rounding of the transform.
#[test]
fn a_sine_gives_one_peak_of_the_right_height() {
    let (segment, bin_s, amplitude) = (500, 0.001, 3.0);
    let counts: Vec<f64> = (0..5_000).map(|k| 10.0 + amplitude * (TAU * 40.0 * f64::from(k) * bin_s).cos()).collect();
    let spectrum = power_spectrum(&counts, bin_s, segment).unwrap();
    assert_eq!(spectrum.peak_hz(8.0), Some(40.0));
    let expected = amplitude * amplitude * segment as f64 / (6.0 * bin_s);
    assert!((spectrum.density[20] / expected - 1.0).abs() < 1e-9, "{} {expected}", spectrum.density[20]);
    assert!(spectrum.density[40] < 1e-12 * expected);
}

/// Claim: independent random counts have a flat spectrum at variance over bin width. Source: Parseval. Tolerance: the mean over
/// 249 frequencies of 399 half-overlapping segments has a relative error of about 1/√(249 · 200); 4 of them.
#[test]
fn white_noise_has_a_flat_spectrum_at_its_variance() {
    let mut state = 7u64;
    let counts: Vec<f64> = (0..100_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f64::from((state >> 40) as u32 % 5)
        })
        .collect();
    let spectrum = power_spectrum(&counts, 0.001, 500).unwrap();
    let levels = &spectrum.density[2..];
    let mean = levels.iter().sum::<f64>() / levels.len() as f64;
    // Uniform on 0..=4: variance 2.
    assert!((mean / 2000.0 - 1.0).abs() < 4.0 / (249.0f64 * 200.0).sqrt(), "{mean}");
}

/// Uniform numbers from 0 to 1 of a linear congruential generator (Knuth's multiplier), the same in the programs compared with.
fn uniform(count: usize, mut state: u64) -> Vec<f64> {
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..count).map(|_| next()).collect()
}

fn near(found: Option<f64>, expected: f64, relative: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() <= relative * expected.abs(), "{found} instead of {expected}");
}

/// Six neurons for 2 s in steps of 0.1 ms, neuron k at a probability of 0.002 (k + 1) a step, times 3 in every third stretch of 30 ms
/// and times 0.3 in the others.
fn bursting() -> SpikeTrains {
    let mut table = SpikeTable::new(&[Population::new("all", 0, 8)], 0.1).unwrap();
    for (step, draws) in (0u64..).zip(uniform(6 * 20_000, 5).chunks(6)) {
        let factor = if (step / 300).is_multiple_of(3) { 3.0 } else { 0.3 };
        let spiking: Vec<u32> = (0..6u32).filter(|&k| draws[k as usize] < 0.002 * f64::from(k + 1) * factor).collect();
        table.push(step, &spiking);
    }
    SpikeTrains::new(&table, &[0, 1, 2, 3, 4, 5], (0.0, 2000.0)).unwrap()
}

/// Claim: measures of recorded spikes. Source: NumPy 2.4 on the same trains, `corrcoef` of counts in 20 steps, `var/mean` of counts in
/// 30 and 1000 steps; means of `cv`, `cv2` and `lv` of Elephant 1.2, whose `correlation_coefficient` gives the same correlation.
/// Tolerance: rounding of sums.
#[test]
fn measures_of_recorded_spikes_agree_with_numpy_and_elephant() {
    let trains = bursting();
    assert_eq!(trains.counts(), [56, 87, 146, 198, 252, 287]);
    near(trains.mean_correlation(2.0), 0.172_300_970_237_654_26, 1e-12);
    near(trains.synchrony(3.0), 2.851_272_324_956_536_5, 1e-12);
    near(trains.mean_fano(100.0), 0.952_156_382_230_002_3, 1e-12);
    near(trains.mean_cv(3), 1.406_283_652_146_843_1, 1e-12);
    near(trains.mean_cv2(3), 1.140_134_847_673_712_5, 1e-12);
    near(trains.mean_lv(3), 1.225_848_638_126_678_7, 1e-12);
    near(trains.mean_rate_hz(), 1026.0 / 6.0 / 2.0, 1e-15);
    let spectrum = trains.power_spectrum(1.0, 500.0).unwrap();
    // Every third stretch of 30 ms is active: a period of 90 ms.
    assert!((spectrum.peak_hz(8.0).unwrap() - 1000.0 / 90.0).abs() <= 2.0);
}

#[test]
fn windows_are_half_open_and_silence_is_no_number() {
    let mut table = SpikeTable::new(&[Population::new("all", 0, 4)], 0.1).unwrap();
    for step in [9, 10, 15, 19, 20] {
        table.push(step, &[2]);
    }
    let trains = SpikeTrains::new(&table, &[3, 2, 2, 3], (1.0, 2.0)).unwrap();
    assert_eq!((trains.neurons(), trains.counts()), (&[3, 2][..], vec![0, 3]));
    assert_eq!(trains.first_spikes_ms(), [None, Some(1.0)]);
    assert_eq!((trains.first_spike_ms(), trains.times_ms(1)), (Some(1.0), vec![1.0, 1.5, 1.9]));
    assert_eq!(trains.population_counts(0.3), [1.0, 1.0, 0.0], "a last bin that is cut short is left out");
    assert_eq!(trains.of_intervals(3, cv)[0], None);
    let silent = SpikeTrains::new(&table, &[0, 1], (0.0, 10.0)).unwrap();
    assert_eq!((silent.mean_rate_hz(), silent.active_fraction(), silent.rates_hz()), (Some(0.0), Some(0.0), vec![0.0; 2]));
    let undefined = [silent.mean_cv(3), silent.mean_cv2(3), silent.mean_lv(3), silent.synchrony(1.0), silent.mean_fano(1.0)];
    assert_eq!(undefined, [None; 5]);
    assert_eq!((silent.mean_correlation(1.0), silent.first_spike_ms()), (None, None));
    let nobody = SpikeTrains::new(&table, &[], (0.0, 10.0)).unwrap();
    assert_eq!((nobody.mean_rate_hz(), nobody.active_fraction(), nobody.synchrony(1.0)), (None, None, None));
    for bin in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300, 1e300] {
        assert!(trains.population_counts(bin).len() <= 10);
        let _ = (trains.power_spectrum(bin, bin), trains.mean_correlation(bin));
    }
    for window in [(2.0, 2.0), (-1.0, 2.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (3.0, 1.0), (0.0, 0.04)] {
        let error = SpikeTrains::new(&table, &[0], window).unwrap_err().to_string();
        assert!(error.contains("expected it to begin at 0 or later"), "{error}");
    }
}

fn rhythms() -> (Vec<f64>, Vec<f64>) {
    let wave = |phase: f64| (0..2000).map(move |k| (TAU * f64::from(k) / 50.0 + phase).sin());
    let first = wave(0.0).zip(uniform(2000, 7)).map(|(wave, noise)| wave + noise).collect();
    (first, wave(1.0).zip(uniform(2000, 11)).map(|(wave, noise)| 0.5 * wave + noise).collect())
}

/// Claim: spectra and coherence. Source: `scipy.signal.welch` (two-sided) and `coherence` of SciPy 1.17 with Hann windows of 200
/// samples, half overlapping, each less its mean, at 1000 Hz. Tolerance: rounding of transforms.
#[test]
fn spectra_agree_with_scipy() {
    let (first, second) = rhythms();
    let spectrum = trace_spectrum(&first, 0.001, 200).unwrap();
    let expected = [6.601_786_109_370_379e-5, 0.032_766_335_359_002_696, 9.582_280_486_615_062e-5, 1.082_291_916_690_117_1e-4];
    for (place, expected) in [1, 4, 10, 50].into_iter().zip(expected) {
        near(Some(spectrum.density[place]), expected, 1e-9);
    }
    assert_eq!(spectrum.peak_hz(8.0), Some(20.0));
    let coherence = coherence(&first, &second, 0.001, 200).unwrap();
    let expected = [0.091_432_460_185_229_98, 0.984_568_460_700_223_1, 0.016_195_456_468_569_53, 0.016_108_781_951_348_603];
    for (place, expected) in [1, 4, 10, 50].into_iter().zip(expected) {
        near(Some(coherence.density[place]), expected, 1e-9);
    }
}

/// Claim: relations of lists. Source: `spearmanr`, `pearsonr`, `ks_2samp`, `linregress` and `sem` of SciPy 1.17. Tolerance: rounding.
#[test]
fn relations_of_lists_agree_with_scipy() {
    let u = uniform(40, 7);
    let y = uniform(40, 11);
    let w: Vec<f64> = u.iter().zip(&y).map(|(u, y)| u * u + 0.3 * y).collect();
    let rounded = |values: &[f64], factor: f64| -> Vec<f64> { values.iter().map(|value| (value * factor).round()).collect() };
    near(spearman(&rounded(&u, 5.0), &rounded(&y, 10.0)), -0.247_893_614_416_520_08, 1e-12);
    near(spearman(&u, &w), 0.896_060_037_523_452_2, 1e-12);
    near(pearson(&u, &w), 0.937_141_401_792_909_2, 1e-12);
    near(ks_distance(&u, &y[..25].iter().map(|y| y * y).collect::<Vec<_>>()), 0.28, 1e-12);
    near(ks_distance(&rounded(&u, 5.0), &rounded(&y[..25], 5.0)), 0.12, 1e-12);
    let line = linear_fit(&u, &w).unwrap();
    near(Some(line.slope), 0.958_990_869_823_937_1, 1e-12);
    near(Some(line.intercept), 0.003_113_948_254_518_162, 1e-10);
    near(line.r_squared, 0.878_234_006_954_379_3, 1e-12);
    let sample = sample(&u).unwrap();
    near(Some(sample.mean), 0.465_333_637_658_546_8, 1e-12);
    near(sample.sd, 0.301_482_042_493_937_3, 1e-12);
    near(sample.standard_error, 0.047_668_496_396_025_59, 1e-12);
}

/// Claim: decays and areas. Source: `scipy.optimize.curve_fit` with tolerances of 10⁻¹⁴ and `numpy.trapezoid` on the same samples.
/// Tolerance: 10⁻⁶ for fits, where both searches end; rounding otherwise.
#[test]
fn decays_agree_with_scipy() {
    let times: Vec<f64> = (0..60).map(|k| f64::from(k) * 0.5).collect();
    let noise = uniform(60, 7);
    let values: Vec<f64> = times.iter().zip(&noise).map(|(t, n)| 2.0 + 3.0 * (-t / 7.0).exp() + 0.2 * (n - 0.5)).collect();
    let fit = exponential_fit(&times, &values, None).unwrap();
    near(Some(fit.offset), 1.994_047_389_308_075_2, 1e-6);
    near(Some(fit.amplitude), 3.024_724_457_418_838_8, 1e-6);
    near(Some(fit.time_constant_ms), 6.938_374_375_339_771, 1e-6);
    let fit = exponential_fit(&times, &values, Some(2.0)).unwrap();
    near(Some(fit.amplitude), 3.022_848_611_298_182_5, 1e-6);
    near(Some(fit.time_constant_ms), 6.891_717_707_232_563, 1e-6);
    near(area(&times, &values, 2.0), 20.511_407_518_988_62, 1e-12);
    let extent = extent(&values).unwrap();
    near(Some(extent.sd), 0.792_128_552_113_482, 1e-12);
    assert_eq!((peak(&times, &values, 2.0).unwrap().0, extent.max), (0.0, values[0]));
    assert_eq!(exponential_fit(&times, &times, None), None, "a line does not decay");
    assert_eq!(exponential_fit(&times, &[1.0; 60], None), None);
}

/// Claim: variances of modes and χ. Source: `numpy.linalg.eigvalsh(numpy.cov(traces))` and NumPy's variances. Tolerance: rounding.
#[test]
fn modes_agree_with_numpy() {
    let noise = uniform(1800, 7);
    let trace = |k: usize| -> Vec<f64> {
        (0..300).map(|t| (TAU * t as f64 / (20 + 7 * k) as f64).sin() * (k + 1) as f64 + noise[300 * k + t]).collect()
    };
    let traces: Vec<Vec<f64>> = (0..6).map(trace).collect();
    let all: Vec<&[f64]> = traces.iter().map(Vec::as_slice).collect();
    let expected = [
        0.420_278_380_095_876_3,
        0.249_090_954_243_758_02,
        0.174_496_943_040_910_5,
        0.099_159_045_272_449_26,
        0.044_051_887_588_010_91,
        0.012_922_789_758_994_805,
    ];
    for (found, expected) in mode_variances(&all, 9).unwrap().into_iter().zip(expected) {
        near(Some(found), expected, 1e-9);
    }
    near(chi(&all), 0.375_668_655_475_309_37, 1e-12);
    assert_eq!(chi(&[&[1.0; 5], &[2.0; 5]]), None);
    assert_eq!(chi(&[all[0], all[0]]).map(|chi| (chi * 1e9).round()), Some(1e9));
    assert_eq!((mode_variances(&[], 2), mode_variances(&[&[1.0; 4]], 2), mode_variances(&[&[f64::NAN; 4]], 2)), (None, None, None));
    // More traces than samples: two samples differ in one direction only.
    let pairs: Vec<[f64; 2]> = (0..50).map(|k| [0.0, f64::from(k)]).collect();
    let pairs: Vec<&[f64]> = pairs.iter().map(<[f64; 2]>::as_slice).collect();
    assert!((mode_variances(&pairs, 1).unwrap()[0] - 1.0).abs() < 1e-12);
}

/// Claim: a period of 2 s is found from 10 s sampled at 10 ms within 1 %, also with noise, harmonics, in pulses and for phases.
/// Source: the waves' construction. Tolerance: 1 %.
#[test]
fn a_period_is_found_within_one_percent() {
    let noise = uniform(1000, 3);
    for seconds in [0.7, 1.37, 2.0, 2.3] {
        for phase in [0.0, 1.0, 2.5, 4.0] {
            let wave = |shape: &dyn Fn(f64) -> f64, noisy: f64| -> Vec<f64> {
                (0..1000).map(|k| shape(TAU * f64::from(k) * 0.01 / seconds + phase) + noisy * noise[k as usize]).collect()
            };
            let shapes: [&dyn Fn(f64) -> f64; 3] = [&f64::sin, &|p| p.sin() + 0.6 * (2.0 * p).sin(), &|p| (4.0 * (p.cos() - 1.0)).exp()];
            for (place, shape) in shapes.into_iter().enumerate() {
                for noisy in [0.0, 0.3] {
                    let found = period(&wave(shape, noisy), 0.01).unwrap();
                    assert!((found / seconds - 1.0).abs() < 0.01, "{found} of {seconds}, phase {phase}, shape {place}, noise {noisy}");
                }
            }
        }
    }
    assert_eq!(period(&[1.0; 100], 0.01), None);
    assert_eq!(period(&noise, 0.01), None, "noise has no period");
    assert_eq!(period(&(0..100).map(f64::from).collect::<Vec<_>>(), 0.01), None, "a ramp has no period");
}

/// Claim: widths of a triangle and selectivity of chosen responses. Source: by hand: a triangle of height 10 over ±10 ms is above 5
/// for 10 ms, above 7.5 for 5; responses 4, 1, 0, 1 in steps of 90° have (4 − 0)/(4 + 0) = 1 and vector 4/6; cosine tuning 1 + cos has vector ½.
#[test]
fn shapes_follow_their_definitions() {
    let times: Vec<f64> = (0..41).map(f64::from).collect();
    let triangle: Vec<f64> = times.iter().map(|t| -70.0 + (10.0 - (t - 20.0).abs()).max(0.0)).collect();
    near(half_width(&times, &triangle, -70.0), 10.0, 1e-12);
    assert_eq!(peak(&times, &triangle, -70.0), Some((20.0, -60.0)));
    let inverted: Vec<f64> = triangle.iter().map(|v| -140.0 - v).collect();
    near(half_width(&times, &inverted, -70.0), 10.0, 1e-12);
    assert_eq!(half_width(&times[..25], &triangle[..25], -70.0), None, "it does not fall to half");
    assert_eq!(half_width(&times, &[1.0; 41], 1.0), None);
    for (level, above) in [(-65.0, 10.0), (-62.5, 5.0), (-60.0, 0.0), (-70.0, 20.0), (-71.0, 40.0)] {
        near(time_above(&times, &triangle, level), above, 1e-12);
    }
    assert_eq!(time_above(&times[..1], &triangle[..1], 0.0), None);
    assert_eq!((peak(&[], &[], 0.0), area(&[1.0], &[1.0], 0.0), peak(&[1.0], &[f64::NAN], 0.0)), (None, None, None));
    let four = direction_selectivity(&[(0.0, 1.0), (90.0, 4.0), (180.0, 1.0), (270.0, 0.0)]).unwrap();
    assert_eq!((four.index, four.preferred_degrees.round()), (Some(1.0), 90.0));
    near(Some(four.vector_length), 4.0 / 6.0, 1e-12);
    let tuned: Vec<(f64, f64)> = (0..12).map(|k| f64::from(30 * k)).map(|d| (d, 1.0 + (d - 300.0).to_radians().cos())).collect();
    let tuned = direction_selectivity(&tuned).unwrap();
    near(Some(tuned.vector_length), 0.5, 1e-12);
    near(Some(tuned.preferred_degrees), 300.0, 1e-12);
    assert_eq!(direction_selectivity(&[(0.0, 0.0), (180.0, 0.0)]), None);
    assert_eq!(direction_selectivity(&[(0.0, 1.0), (90.0, -1.0)]), None);
    assert_eq!(direction_selectivity(&[(0.0, 1.0), (120.0, 0.5)]).unwrap().index, None);
}

#[test]
fn relations_that_are_undefined_are_none() {
    assert_eq!((sample(&[]), sample(&[1.0]).unwrap().sd, sample(&[f64::NAN])), (None, None, None));
    assert_eq!((ks_distance(&[], &[1.0]), ks_distance(&[f64::NAN], &[1.0]), ks_distance(&[0.0], &[-0.0])), (None, None, Some(0.0)));
    assert_eq!((linear_fit(&[1.0, 1.0], &[0.0, 1.0]), linear_fit(&[1.0], &[1.0]), linear_fit(&[], &[])), (None, None, None));
    assert_eq!((spearman(&[1.0, f64::NAN], &[1.0, 2.0]), spearman(&[], &[])), (None, None));
    assert_eq!(coherence(&[1.0; 10], &[1.0; 10], 0.1, 8), None, "one segment");
    assert_eq!(cv(&[f64::INFINITY, 1.0]), None);
}
