//! Measures of spike trains, from lists of times, intervals or counts.
//!
//! Standard deviations are of the population kind (divided by n, as `numpy.std`). A measure that is undefined (too few values,
//! a mean of zero) is `None`, never not-a-number. Values of input must be finite.

use realfft::RealFftPlanner;
use std::f64::consts::TAU;

/// The intervals between successive spike times, in the times' unit.
pub fn intervals(times: &[f64]) -> Vec<f64> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Spike counts in `bins` consecutive half-open bins of `bin_steps` steps from step 0; later spikes are left out.
/// Steps are integers, so no spike can slip over an edge by rounding. `bin_steps` of 0 counts as 1.
pub fn bin_counts(steps: impl IntoIterator<Item = u64>, bin_steps: u64, bins: usize) -> Vec<f64> {
    let mut counts = vec![0.0; bins];
    for step in steps {
        if let Some(count) = usize::try_from(step / bin_steps.max(1)).ok().and_then(|bin| counts.get_mut(bin)) {
            *count += 1.0;
        }
    }
    counts
}

/// Coefficient of variation of intervals: standard deviation over mean; needs two intervals. 1 for a Poisson process, 0 for a
/// regular one.
pub fn cv(intervals: &[f64]) -> Option<f64> {
    let (mean, variance) = moments(intervals)?;
    (intervals.len() >= 2 && mean > 0.0).then(|| variance.sqrt() / mean)
}

/// Local variation of second kind: mean of 2 |Iₖ₊₁ − Iₖ| / (Iₖ₊₁ + Iₖ); needs two intervals.
///
/// Holt, Softky, Koch & Douglas (1996), doi:10.1152/jn.1996.75.5.1806.
pub fn cv2(intervals: &[f64]) -> Option<f64> {
    mean_over_pairs(intervals, |before, after| 2.0 * (after - before).abs() / (after + before))
}

/// Local variation: mean of 3 ((Iₖ − Iₖ₊₁) / (Iₖ + Iₖ₊₁))²; needs two intervals. 1 for a Poisson process, 0 for a regular one.
///
/// Shinomoto, Shima & Tanji (2003), doi:10.1162/089976603322518759.
pub fn lv(intervals: &[f64]) -> Option<f64> {
    mean_over_pairs(intervals, |before, after| 3.0 * ((before - after) / (before + after)).powi(2))
}

/// Fano factor: variance over mean of counts in equal windows or trials; `None` if all are zero.
pub fn fano(counts: &[f64]) -> Option<f64> {
    let (mean, variance) = moments(counts)?;
    (mean > 0.0).then(|| variance / mean)
}

/// Pearson's correlation of two equally long series, such as the binned counts of two neurons; `None` if the lengths differ or
/// a series is constant (a silent neuron).
pub fn pearson(first: &[f64], second: &[f64]) -> Option<f64> {
    if first.len() != second.len() {
        return None;
    }
    let ((first_mean, first_variance), (second_mean, second_variance)) = (moments(first)?, moments(second)?);
    let covariance = first.iter().zip(second).map(|(a, b)| (a - first_mean) * (b - second_mean)).sum::<f64>() / first.len() as f64;
    let spread = first_variance.sqrt() * second_variance.sqrt();
    (spread > 0.0).then(|| (covariance / spread).clamp(-1.0, 1.0))
}

/// A two-sided power spectral density at frequencies from 0 to half the sampling rate.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerSpectrum {
    /// Frequencies, Hz, evenly spaced by one over the segment's duration.
    pub frequency_hz: Vec<f64>,
    /// Density, 1/s for spike counts.
    pub density: Vec<f64>,
}

impl PowerSpectrum {
    /// The frequency of the largest density above `lowest_hz`, Hz. Four times the spacing is a sensible lower limit.
    pub fn peak_hz(&self, lowest_hz: f64) -> Option<f64> {
        let pairs = self.frequency_hz.iter().zip(&self.density).filter(|(frequency, _)| **frequency > lowest_hz);
        pairs.max_by(|a, b| a.1.total_cmp(b.1)).map(|(frequency, _)| *frequency)
    }
}

/// Power spectrum of binned spike counts by Welch's method: Hann windows of `segment_bins` bins, half overlapping, each less its
/// mean:
///
/// ```text
/// P(f) = |Σ w(k) (A(k) − mean) exp(−2πi f k Δ)|² / (Δ Σ w²)
/// ```
///
/// with A in spikes a bin and Δ = `bin_s` in seconds. The level of N independent Poisson neurons of rate ν is N ν at all
/// frequencies but the lowest two, which lack the mean. `None` if the counts do not fill one segment, a segment has fewer than
/// four bins, or `bin_s` is not positive and finite.
pub fn power_spectrum(counts: &[f64], bin_s: f64, segment_bins: usize) -> Option<PowerSpectrum> {
    if segment_bins < 4 || counts.len() < segment_bins || !(bin_s > 0.0 && bin_s.is_finite()) {
        return None;
    }
    let window: Vec<f64> = (0..segment_bins).map(|k| 0.5 - 0.5 * (TAU * k as f64 / segment_bins as f64).cos()).collect();
    let window_power: f64 = window.iter().map(|weight| weight * weight).sum();
    let transform = RealFftPlanner::<f64>::new().plan_fft_forward(segment_bins);
    let (mut input, mut output) = (transform.make_input_vec(), transform.make_output_vec());
    let mut density = vec![0.0; output.len()];
    let mut segments = 0.0;
    for start in (0..=counts.len() - segment_bins).step_by(segment_bins / 2) {
        let segment = counts.get(start..start + segment_bins)?;
        let (mean, _) = moments(segment)?;
        for ((value, count), weight) in input.iter_mut().zip(segment).zip(&window) {
            *value = (count - mean) * weight;
        }
        transform.process(&mut input, &mut output).ok()?;
        for (density, amplitude) in density.iter_mut().zip(&output) {
            *density += amplitude.norm_sqr();
        }
        segments += 1.0;
    }
    for density in &mut density {
        *density /= segments * bin_s * window_power;
    }
    let frequency_hz = (0..density.len()).map(|k| k as f64 / (segment_bins as f64 * bin_s)).collect();
    Some(PowerSpectrum { frequency_hz, density })
}

/// Mean and variance (divided by n); `None` of nothing.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    (!values.is_empty()).then_some((mean, variance))
}

/// Mean over successive pairs of intervals; pairs of two zeros are undefined and left out.
fn mean_over_pairs(intervals: &[f64], measure: impl Fn(f64, f64) -> f64) -> Option<f64> {
    let pairs = intervals.windows(2).filter(|pair| pair[0] + pair[1] > 0.0);
    let (sum, count) = pairs.fold((0.0, 0u64), |(sum, count), pair| (sum + measure(pair[0], pair[1]), count + 1));
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVALS: [f64; 4] = [0.3, 4.5, 6.7, 9.3];

    /// Claim: CV2 and LV of four intervals. Source: published check values of the Elephant toolkit for these intervals.
    /// Tolerance: rounding of three terms.
    #[test]
    fn local_variation_has_its_published_values() {
        assert!((cv2(&INTERVALS).unwrap() - 0.822_619_047_619_047_8).abs() < 1e-14);
        assert!((lv(&INTERVALS).unwrap() - 0.830_615_433_673_469_5).abs() < 1e-14);
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
}
