use super::*;
use crate::statistics;
use proptest::prelude::*;

/// Bernoulli trains: each neuron spikes in each step with the same probability. A full-period linear congruential
/// generator with a hashed output is random enough and needs no dependency.
fn bernoulli(size: u32, steps: u64, probability: f64) -> (SpikeMeter, Vec<Vec<u32>>) {
    let mut meter = SpikeMeter::new(&[Population::new("all", 5, size)], 0.1).unwrap();
    let mut state = 1u64;
    let mut raster = Vec::new();
    for step in 0..steps {
        let spikes: Vec<u32> = (5..5 + size)
            .filter(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let bits = (state ^ (state >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd) >> 11;
                (bits as f64) < probability * (1u64 << 53) as f64
            })
            .collect();
        meter.record_step(step, &spikes);
        raster.push(spikes);
    }
    (meter, raster)
}

/// Claim: independent Bernoulli neurons have rate p/h, CV √(1−p) and synchrony 1−p.
/// Source: the geometric distribution of intervals (variance (1−p)/p², mean 1/p); the binomial one of counts.
/// Tolerance: rate: 4 standard errors, √(np(1−p))/n of p. CV of n intervals has standard error below √(1/n) of itself each,
/// averaged over 200 neurons, and a bias of about −1/n: 4 errors plus the bias. Synchrony over K bins: √(2/K), 4 of them.
#[test]
fn independent_neurons_have_their_closed_form_statistics() {
    let (size, steps, probability) = (200, 60_000, 0.01);
    let (meter, _) = bernoulli(size, steps, probability);
    let found = &meter.statistics(steps)[0];
    let trials = f64::from(size) * steps as f64;
    let rate = probability * 10_000.0;
    assert!((found.rate_hz - rate).abs() < 4.0 * rate * ((1.0 - probability) / probability / trials).sqrt(), "{found:?}");
    let intervals = steps as f64 * probability;
    let cv = (1.0 - probability).sqrt();
    assert!((found.cv_isi.unwrap() - cv).abs() < 4.0 * (1.0 / intervals / 200.0).sqrt() + 1.0 / intervals, "{found:?}");
    let bins = steps as f64 / 30.0;
    assert!((found.synchrony.unwrap() - (1.0 - probability)).abs() < 4.0 * (2.0 / bins).sqrt(), "{found:?}");
}

/// Claim: the running sums give what the plain formulas give on whole lists. Source: `statistics`, which is checked against
/// published numbers. Tolerance: rounding.
#[test]
fn the_meter_agrees_with_the_plain_formulas() {
    let (meter, raster) = bernoulli(40, 9_000, 0.02);
    let found = &meter.statistics(9_000)[0];
    let mut cvs = Vec::new();
    for neuron in 5..45u32 {
        let times: Vec<f64> = (0..).zip(&raster).filter(|(_, spikes)| spikes.contains(&neuron)).map(|(step, _)| f64::from(step)).collect();
        cvs.extend(statistics::cv(&statistics::intervals(&times)));
    }
    let mean = cvs.iter().sum::<f64>() / cvs.len() as f64;
    assert!((found.cv_isi.unwrap() - mean).abs() < 1e-12);
    assert_eq!(meter.cvs_isi(0).len(), cvs.len());
    let counts: Vec<f64> = raster.chunks(30).map(|bin| bin.iter().map(Vec::len).sum::<usize>() as f64).collect();
    assert!((found.synchrony.unwrap() - statistics::fano(&counts).unwrap()).abs() < 1e-9);
    assert_eq!(meter.histogram(0).iter().map(|&count| f64::from(count)).collect::<Vec<_>>(), counts);
}

#[test]
fn regular_neurons_have_no_variation_and_the_rate_counts_silent_ones() {
    let mut meter = SpikeMeter::new(&[Population::new("all", 0, 4)], 0.1).unwrap();
    for step in (7..100_000).step_by(1000) {
        meter.record_step(step, &[2]);
    }
    let found = &meter.statistics(100_000)[0];
    assert_eq!((found.spikes, found.rate_hz, found.cv_isi), (100, 2.5, Some(0.0)));
    assert_eq!(meter.rates_hz(0, 100_000), [0.0, 0.0, 10.0, 0.0]);
}

#[test]
fn bins_are_half_open_and_an_unfinished_bin_does_not_count() {
    let mut meter = SpikeMeter::new(&[Population::new("all", 0, 2)], 0.1).unwrap();
    for step in [0, 29, 30, 300, 309] {
        meter.record_step(step, &[0]);
    }
    assert_eq!(meter.histogram(0)[..3], [2, 1, 0]);
    assert_eq!(meter.bin_ms(), 3.0);
    // Ten complete bins with counts 2, 1, 0, …: mean 0.3, variance 0.5 − 0.09.
    assert!((meter.statistics(310)[0].synchrony.unwrap() - 0.41 / 0.3).abs() < 1e-12);
    // Eleven once the last one is complete: counts 2, 1, 2.
    assert!((meter.statistics(330)[0].synchrony.unwrap() - (9.0 / 11.0 - 25.0 / 121.0) / (5.0 / 11.0)).abs() < 1e-12);
}

#[test]
fn what_cannot_be_known_is_none() {
    let meter = SpikeMeter::new(&[Population::new("silent", 0, 2), Population::new("empty", 2, 0)], 0.1).unwrap();
    let found = meter.statistics(10_000);
    assert_eq!((found[0].rate_hz, found[0].cv_isi, found[0].synchrony), (0.0, None, None));
    assert!(found[1].rate_hz.is_nan() && meter.statistics(0)[0].rate_hz.is_nan());
    assert!(meter.histogram(9).is_empty() && meter.cvs_isi(9).is_empty() && meter.rates_hz(9, 1).is_empty());
    let mut short = meter.clone();
    short.record_step(3, &[0, 0, 1]);
    assert_eq!(short.statistics(299)[0].synchrony, None, "nine complete bins");
    assert_eq!(short.statistics(299)[0].cv_isi, None);
}

#[test]
fn a_very_late_spike_costs_no_memory_and_stays_exact() {
    let mut meter = SpikeMeter::new(&[Population::new("all", 0, 1)], 0.1).unwrap();
    let late = 1u64 << 47;
    for step in [0, 1, late] {
        meter.record_step(step, &[0]);
    }
    assert!(meter.histogram(0).len() == 1);
    // Two intervals, 1 and late − 1: standard deviation (late − 2)/2, mean late/2.
    assert!((meter.statistics(late)[0].cv_isi.unwrap() - 1.0).abs() < 1e-12);
    meter.record_step(u64::MAX, &[0, 7, u32::MAX]);
    meter.record_step(3, &[0]);
    assert_eq!(meter.spikes(), 7);
    meter.statistics(u64::MAX);
}

proptest! {
    #[test]
    fn any_input_is_counted_and_never_panics(steps in proptest::collection::vec((any::<u64>(), proptest::collection::vec(0u32..30, 0..9)), 0..30)) {
        let populations = [Population::new("b", 10, 7), Population::new("a", 2, 5)];
        let mut meter = SpikeMeter::new(&populations, 0.7).unwrap();
        for (step, spikes) in &steps {
            meter.record_step(*step, spikes);
        }
        prop_assert_eq!(meter.spikes(), steps.iter().map(|(_, spikes)| spikes.len() as u64).sum::<u64>());
        meter.statistics(1000);
    }

    #[test]
    fn ascending_spikes_land_in_their_population(steps in proptest::collection::vec(proptest::collection::btree_set(0u32..30, 0..20), 0..50)) {
        let populations = [Population::new("b", 10, 7), Population::new("a", 2, 5)];
        let mut meter = SpikeMeter::new(&populations, 0.1).unwrap();
        let mut expected = [0u64; 2];
        for (step, spikes) in (0..).zip(&steps) {
            let spikes: Vec<u32> = spikes.iter().copied().collect();
            meter.record_step(step, &spikes);
            expected[0] += spikes.iter().filter(|neuron| (10..17).contains(*neuron)).count() as u64;
            expected[1] += spikes.iter().filter(|neuron| (2..7).contains(*neuron)).count() as u64;
        }
        let found = meter.statistics(50);
        prop_assert_eq!([found[0].spikes, found[1].spikes], expected);
    }
}
