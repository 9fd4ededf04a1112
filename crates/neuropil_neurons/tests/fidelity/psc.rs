//! Postsynaptic shapes: a volley of excitatory and inhibitory spikes into each kind of synapse.

use super::{data, largest_deviation, number, numbers, run, spikes};
use neuropil_neurons::{LifAlphaConductance, LifAlphaCurrent, LifDelta, LifExponentialConductance, LifExponentialCurrent, NeuronModel};
use neuropil_units::{Milliseconds, Millivolts};
use serde_json::Value;

/// Runs a model on the reference's spikes, and compares spikes at both time steps, and the trace at steps of 0.01 ms before the first spike.
fn compare<M: NeuronModel>(reference: &Value, name: &str, neuron: M, late: f64, tolerance: f64) {
    let model = &reference["models"][name];
    let volley = [("excitation", "exc_spikes_ms", "w_exc"), ("inhibition", "inh_spikes_ms", "w_inh")];
    let volley = volley.map(|(label, times, weight)| spikes(label, &numbers(&reference[times]), number(&model[weight])));
    for (dt, key) in [(0.1, "spikes_dt0.1_ms"), (0.01, "spikes_dt0.01_ms")] {
        let record = run(neuron.clone(), dt, 120.0, volley.clone());
        let expected = numbers(&model[key]);
        let deviation = largest_deviation(&record.spikes, &expected);
        assert!(deviation < late * dt + 1e-6, "{name}, steps of {dt} ms: {:?}, expected {expected:?}", record.spikes);
        if dt == 0.01 {
            let trace = numbers(&model["t_ms"]).into_iter().zip(numbers(&model["V_mV"]));
            for (time, potential) in trace.filter(|(time, _)| *time < expected[0]) {
                let found = record.potential[(time / dt).round() as usize];
                assert!((found - potential).abs() < tolerance, "{name}, {time} ms: {found} mV, expected {potential}");
            }
        }
    }
}

fn reference() -> Value {
    data(include_str!("data/psc_shapes.json"))
}

/// Claim: delta synapses, exponential and alpha currents give NEST's spikes and potentials. Source: data/psc_shapes.json. Tolerance: spikes none, both
/// are exact on one grid; potentials rounding of f32 over the 1000 steps of τ_m, and the file's five decimals.
#[test]
fn synaptic_currents_give_the_spikes_and_potentials_of_nest() {
    let (rest, threshold) = (Millivolts(-65.0), Millivolts(-50.0));
    let (excitatory, inhibitory) = (Milliseconds(2.0), Milliseconds(5.0));
    let delta = LifDelta { resting_potential: rest, threshold_potential: threshold, reset_potential: rest, ..Default::default() };
    let exponential = LifExponentialCurrent {
        resting_potential: rest,
        threshold_potential: threshold,
        reset_potential: rest,
        excitatory_time_constant: excitatory,
        inhibitory_time_constant: inhibitory,
        ..Default::default()
    };
    let alpha = LifAlphaCurrent {
        resting_potential: rest,
        threshold_potential: threshold,
        reset_potential: rest,
        excitatory_time_constant: excitatory,
        inhibitory_time_constant: inhibitory,
        ..Default::default()
    };
    compare(&reference(), "iaf_psc_delta", delta, 0.0, 4e-3);
    compare(&reference(), "iaf_psc_exp", exponential, 0.0, 4e-3);
    compare(&reference(), "iaf_psc_alpha", alpha, 0.0, 4e-3);
}

/// Claim: exponential and alpha conductances give NEST's spikes and potentials. Source: data/psc_shapes.json. Tolerance: one step at spikes, for NEST
/// integrates these models to 1e-3 mV only; potentials within 5e-3 mV: NEST's tolerance and f32.
#[test]
fn synaptic_conductances_give_the_spikes_and_potentials_of_nest() {
    let (excitatory_time_constant, inhibitory_time_constant) = (Milliseconds(2.0), Milliseconds(5.0));
    let exponential = LifExponentialConductance { excitatory_time_constant, inhibitory_time_constant, ..Default::default() };
    let alpha = LifAlphaConductance { excitatory_time_constant, inhibitory_time_constant, ..Default::default() };
    compare(&reference(), "iaf_cond_exp", exponential, 1.0, 5e-3);
    compare(&reference(), "iaf_cond_alpha", alpha, 1.0, 5e-3);
}
