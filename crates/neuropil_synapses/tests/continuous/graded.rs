//! Graded synapses: rates, worms' neurons, delays, thresholds at equilibrium.

use super::*;
use neuropil_core::Simulate;
use neuropil_neurons::state::{HalfActivationPotential, PreciseMembranePotential, Rate, SynapticActivity};
use neuropil_neurons::{Assigned, LifDelta, Neurons, PopulationRequest};

/// Claim: rates are NEST's, with a delay of three steps, a gain, a threshold and a saturation. Source: `reference.py`, the published
/// update by NumPy. Tolerance: 2e-5, for 200 steps in f32.
#[test]
fn rates_follow_the_published_update() {
    for threads in [1, 3] {
        let mut app = app(0.1, threads);
        let shared = [("time_constant", 20.0), ("passive_decay", 0.5), ("gain", 1.2), ("threshold", 0.1), ("saturation", 0.9)];
        let mut parameters: Vec<(String, Assigned)> = shared.iter().map(|(n, v)| (n.to_string(), Assigned::Shared(*v))).collect();
        parameters.push(("mean_input".into(), Assigned::Listed(vec![0.8, 0.0, 0.0])));
        app.add_population_of("RateUnit", PopulationRequest { name: "units".into(), size: 3, parameters, ..Default::default() }).unwrap();
        let rule = explicit(&[(2, 0, -0.7), (0, 1, 1.5), (0, 2, 0.4), (1, 2, 1.1)]);
        join(&mut app, "rates", "units", rule, Transmission::Graded, Dimension::NONE, "0.3 ms").unwrap();
        app.advance_steps(200).unwrap();
        let expected = [0.629550944459792, 0.4125840442486487, 0.20696671266115343];
        let found = state::<Rate>(&mut app);
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 2e-5), "{found:?}");
    }
}

/// Three graded neurons, with the wiring of `reference.py`.
fn three(time_step: f64, threshold: &str) -> App {
    let mut app = app(time_step, 1);
    let parameters = vec![
        ("threshold".into(), Assigned::Choice(threshold.into())),
        ("half_activation_potential".into(), Assigned::Listed(vec![-35.0, -33.0, -30.0])),
    ];
    app.add_population_of("GradedNeuron", PopulationRequest { name: "cells".into(), size: 3, parameters, ..Default::default() }).unwrap();
    let rule = explicit(&[(0, 1, 0.3), (1, 2, -0.5), (2, 0, 0.2)]);
    join(&mut app, "chemical", "cells", rule, Transmission::Graded, Dimension::CONDUCTANCE, &format!("{time_step} ms")).unwrap();
    gaps(&mut app, "cells", &[(0, 2, 0.1)]);
    current(&mut app, "cells", 0, "3 pA");
    app
}

/// Claim: potentials and activities are those of the equations, with an error of first order. Source: `reference.py`, LSODA with
/// tolerances of 1e-11. Tolerance: with steps of 0.5 ms 0.1 mV and 1e-3; at half the step, half of it to 15 %.
#[test]
fn graded_neurons_follow_their_equations() {
    let expected = [16.17885697740676, -8.431013176723578, -6.254638390505389];
    let activities = [0.11559659161725266, 0.09995946451838768, 0.11188404852345385];
    let errors = |time_step: f64| {
        let mut app = three(time_step, "Fixed");
        app.advance(Milliseconds(300.0)).unwrap();
        let s = state::<SynapticActivity>(&mut app);
        assert!(s.iter().zip(activities).all(|(a, b)| (a - b).abs() < 1e-3), "{s:?}");
        let v = state::<PreciseMembranePotential>(&mut app);
        let errors: Vec<f64> = v.iter().zip(expected).map(|(a, b)| a - b).collect();
        errors
    };
    let (coarse, fine) = (errors(0.5), errors(0.25));
    for (coarse, fine) in coarse.iter().zip(&fine) {
        assert!(coarse.abs() < 0.1 && (coarse / fine - 2.0).abs() < 0.3, "{coarse} and {fine} mV");
    }
}

/// Claim: thresholds at equilibrium solve the linear system, and the network rests there. Source: `reference.py`, NumPy's dense solver.
/// Tolerance: 1e-5 mV: weights are f32; and 1e-4 mV of the state after a second that starts at the fixed point.
#[test]
fn thresholds_at_equilibrium_are_fixed_points() {
    let expected = [15.99492132212139, -9.390243902439027, -5.997419032553492];
    let mut app = three(0.5, "Equilibrium");
    app.advance_steps(1).unwrap();
    let half = state::<HalfActivationPotential>(&mut app);
    assert!(half.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-5), "{half:?}");

    let mut app = app_at_rest(&half);
    app.advance(Milliseconds(1000.0)).unwrap();
    let v = state::<PreciseMembranePotential>(&mut app);
    assert!(v.iter().zip(&half).all(|(a, b)| (a - b).abs() < 1e-4), "{v:?}");
}

/// The same network at its fixed point.
fn app_at_rest(half: &[f64]) -> App {
    let mut app = three(0.5, "Equilibrium");
    let mut cells = app.world_mut().query::<(&NeuronId, &mut PreciseMembranePotential, &mut SynapticActivity)>();
    for (id, mut potential, mut activity) in cells.iter_mut(app.world_mut()) {
        (potential.0, activity.0) = (half[id.0 as usize], 1.0 / 11.0);
    }
    app
}

/// Claim: sources that transmit no value are refused by name.
#[test]
fn sources_of_spikes_are_refused() {
    let mut app = app(0.1, 1);
    app.add_population("cells", 2, LifDelta::default()).unwrap();
    let rule = explicit(&[(0, 1, 1.0)]);
    let error = join(&mut app, "graded", "cells", rule, Transmission::Graded, Dimension::NONE, "1 ms").unwrap_err().to_string();
    assert!(error.contains("`cells` (LifDelta) transmit spikes, not a value"), "{error}");
}
