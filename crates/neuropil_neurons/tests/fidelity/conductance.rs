//! Leaky integrate-and-fire neurons with conductances.

use super::{largest_deviation, peak, run, spikes};
use neuropil_neurons::{LifAlphaConductance, LifExponentialConductance};
use neuropil_units::Picoamperes;

/// Claim: a constant current gives NEST's train. Source: measured at 400 pA with both models: 14.8, 23.5, 32.2, 40.9, 49.6, 58.3 ms. Tolerance: none;
/// without synaptic input both solve one linear equation, NEST to 1e-3 mV.
#[test]
fn a_bias_current_gives_the_measured_spikes() {
    let bias_current = Picoamperes(400.0);
    let exponential = run(LifExponentialConductance { bias_current, ..Default::default() }, 0.1, 58.5, []).spikes;
    let alpha = run(LifAlphaConductance { bias_current, ..Default::default() }, 0.1, 58.5, []).spikes;
    for found in [exponential, alpha] {
        assert!(largest_deviation(&found, &[14.8, 23.5, 32.2, 40.9, 49.6, 58.3]) < 1e-6);
    }
}

/// Claim: one spike of ±10 nS at rest moves the potential as in NEST. Source: measured peaks and their times after the arrival.
/// Tolerance: 1e-3 mV, NEST's own on these models; 0.1 ms.
#[test]
fn one_spike_gives_the_measured_peak() {
    for (weight, exponential, alpha) in [(10.0, (0.5261, 0.9), (1.4017, 1.2)), (-10.0, (-0.8505, 4.6), (-2.0153, 7.3))] {
        let traces = [
            (run(LifExponentialConductance::default(), 0.1, 30.0, [spikes("one", &[1.0], weight)]), exponential),
            (run(LifAlphaConductance::default(), 0.1, 30.0, [spikes("one", &[1.0], weight)]), alpha),
        ];
        for (record, (height, time)) in traces {
            let (found, step) = peak(&record.potential);
            assert!((found - height).abs() < 1e-3, "{weight} nS: {found} mV, expected {height}");
            assert!(
                (step as f64 * 0.1 - 2.0 - time).abs() < 0.11,
                "{weight} nS: peak in step {step}, expected {time} ms after the arrival"
            );
        }
    }
}
