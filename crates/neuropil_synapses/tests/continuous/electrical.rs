//! Gap junctions between passive, spiking and clamped cells.

use super::*;
use neuropil_core::{Layout, NeuropilSystems, Simulate, SpikeExchange, Step};
use neuropil_neurons::state::{MembranePotential, PreciseMembranePotential};
use neuropil_neurons::{Assigned, GradedNeuron, HodgkinHuxleyAlphaCurrent, LifExponentialCurrent, Neurons, PopulationRequest};
use neuropil_units::{Nanosiemens, Picofarads};

/// Passive cells (graded neurons without synapses) of 10 pF and a leak of `leak` nS at -35 mV, that start at the potentials given.
fn passive(time_step: f64, leak: f64, start: &[f64], edges: &[(u32, u32, f64)]) -> App {
    let mut app = app(time_step, 1);
    let parameters = vec![("membrane_capacitance".into(), Assigned::Shared(10.0)), ("leak_conductance".into(), Assigned::Shared(leak))];
    let initial = vec![("membrane_potential".into(), Assigned::Listed(start.to_vec()))];
    let size = start.len() as u32;
    app.add_population_of("GradedNeuron", PopulationRequest { name: "cells".into(), size, parameters, initial, ..Default::default() })
        .unwrap();
    gaps(&mut app, "cells", edges);
    app
}

/// Claim: of two passive cells, the sum relaxes with the leak, and the difference with the leak and twice the gap junction; the error is of
/// first order. Source: closed form. Tolerance: at 0.05 ms, 1 % of the start, and half the error at half the step, to 10 %.
#[test]
fn two_passive_cells_relax_as_they_must() {
    let (g, leak, time) = (2.0, 1.0, 3.0);
    let error = |time_step: f64| {
        let mut app = passive(time_step, leak, &[-15.0, -45.0], &[(0, 1, g)]);
        app.advance(Milliseconds(time)).unwrap();
        let v = state::<PreciseMembranePotential>(&mut app);
        let sum = v[0] + v[1] + 70.0 - 10.0 * (-time * leak / 10.0_f64).exp();
        let difference = v[0] - v[1] - 30.0 * (-time * (leak + 2.0 * g) / 10.0).exp();
        assert!(sum.abs() < 1e-6, "the sum is off by {sum} mV, though no gap junction changes it");
        difference
    };
    let (coarse, fine) = (error(0.1), error(0.05));
    assert!(fine.abs() < 0.3 && (coarse / fine - 2.0).abs() < 0.2, "{coarse} and {fine} mV");
}

/// Claim: with current into one cell, the other settles at g/(g + g_leak) of its distance from rest, whatever the step.
/// Source: closed form. Tolerance: 1e-5 mV: the current is rounded to f32, 1e-7 of 50 pA.
#[test]
fn the_steady_ratio_is_exact_for_any_step() {
    for time_step in [0.1, 1.0, 10.0] {
        let mut app = passive(time_step, 1.0, &[-35.0, -35.0], &[(0, 1, 1.5), (1, 0, 0.5)]);
        current(&mut app, "cells", 0, "50 pA");
        app.advance(Milliseconds(1000.0)).unwrap();
        let v = state::<PreciseMembranePotential>(&mut app);
        // I = (G + G g/(g + G)) U, with U of the first cell.
        let first = 50.0 / (1.0 + 2.0 / 3.0);
        assert!((v[0] + 35.0 - first).abs() < 1e-5 && (v[1] + 35.0 - first * 2.0 / 3.0).abs() < 1e-5, "{time_step} ms: {v:?}");
    }
}

/// Claim: where only gap junctions act, a step is the backward Euler method, also where dt g/C = 50: no overshoot, charge is kept.
/// Source: the backward Euler step of two cells, 1/(1 + 2 dt g/C), and for a ring that no potential leaves the range of the former ones.
/// Tolerance: 1e-6 of the difference, for currents are rounded to f32 and the system is solved to 1e-9.
#[test]
fn stiff_junctions_are_stable_and_follow_backward_euler() {
    for stiffness in [0.1, 1.0, 50.0] {
        let mut app = passive(1.0, 1e-9, &[20.0, -80.0], &[(0, 1, 10.0 * stiffness)]);
        for step in 1..=4 {
            app.advance_steps(1).unwrap();
            let v = state::<PreciseMembranePotential>(&mut app);
            let expected = 100.0 / (1.0 + 2.0 * stiffness).powi(step);
            assert!((v[0] - v[1] - expected).abs() < 1e-6 * 100.0, "{stiffness}, step {step}: {v:?}, expected {expected}");
        }
    }
    let start: Vec<f64> = (0..40).map(|k| -35.0 + 30.0 * f64::from(k * k % 7 - 3)).collect();
    let ring: Vec<(u32, u32, f64)> = (0..40).map(|k| (k, (k + 1) % 40, 500.0)).collect();
    let mut app = passive(1.0, 1e-9, &start, &ring);
    let mean = |v: &[f64]| v.iter().sum::<f64>() / 40.0;
    let mut before = start;
    for _ in 0..50 {
        app.advance_steps(1).unwrap();
        let v = state::<PreciseMembranePotential>(&mut app);
        let bounds = |v: &[f64]| v.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
        let ((low, high), (lowest, highest)) = (bounds(&v), bounds(&before));
        assert!(low >= lowest - 1e-4 && high <= highest + 1e-4, "{low} to {high} mV, after {lowest} to {highest}");
        assert!((mean(&v) - mean(&before)).abs() < 1e-4, "charge was lost");
        before = v;
    }
}

/// Times at which each of two Hodgkin-Huxley cells crosses 0 mV upwards, by linear interpolation between steps.
fn crossings(time_step: f64, gap: f64) -> [Vec<f64>; 2] {
    let mut app = app(time_step, 1);
    let parameters = vec![("bias_current".to_string(), Assigned::Listed(vec![1000.0, 300.0]))];
    let request = PopulationRequest { name: "cells".into(), size: 2, parameters, ..Default::default() };
    app.add_population_of("HodgkinHuxleyAlphaCurrent", request).unwrap();
    gaps(&mut app, "cells", &[(0, 1, gap)]);
    let (mut found, mut before) = ([Vec::new(), Vec::new()], vec![-65.0, -65.0]);
    for step in 1..=(100.0 / time_step).round() as u32 {
        app.advance_steps(1).unwrap();
        let now = state::<MembranePotential>(&mut app);
        for cell in 0..2 {
            if before[cell] < 0.0 && now[cell] >= 0.0 {
                found[cell].push((f64::from(step) - now[cell] / (now[cell] - before[cell])) * time_step);
            }
        }
        before = now;
    }
    assert!(HodgkinHuxleyAlphaCurrent::default().membrane_capacitance == Picofarads(100.0));
    found
}

/// Claim: two spiking cells that a gap junction joins spike when they must, and the error is of first order.
/// Source: `reference.py`, LSODA with tolerances of 1e-11. Tolerance: 0.15 ms after 100 ms with steps of 0.05 ms; at most 0.65 of that with half the
/// step.
#[test]
fn coupled_spiking_cells_keep_time() {
    let reference =
        [[1.9988, 17.8932, 33.6267, 49.358, 65.0892, 80.8204, 96.5517], [2.8101, 18.952, 34.7087, 50.4418, 66.1732, 81.9044, 97.6356]];
    let worst = |time_step: f64| {
        let found = crossings(time_step, 20.0);
        let errors = found.iter().zip(&reference).flat_map(|(found, reference)| {
            assert_eq!(found.len(), reference.len(), "{found:?}");
            found.iter().zip(reference).map(|(a, b)| (a - b).abs())
        });
        errors.fold(0.0, f64::max)
    };
    let (coarse, fine) = (worst(0.05), worst(0.025));
    assert!(coarse < 0.15 && fine < 0.65 * coarse, "{coarse} and {fine} ms");
    assert_eq!(crossings(0.05, 0.0)[1].len(), 1, "apart, the second cell spikes once");
}

/// Claim: a neuron that spikes, and one that is refractory, stays at its reset potential while its partners feel it.
/// Source: the definition of the model. Tolerance: none for the potential.
#[test]
fn clamped_neurons_are_held() {
    let mut app = app(0.1, 1);
    let parameters = vec![("bias_current".to_string(), Assigned::Listed(vec![1000.0, 0.0]))];
    app.add_population_of("LifExponentialCurrent", PopulationRequest { name: "cells".into(), size: 2, parameters, ..Default::default() })
        .unwrap();
    gaps(&mut app, "cells", &[(0, 1, 5.0)]);
    let mut clamped = 0;
    for _ in 0..1000 {
        app.advance_steps(1).unwrap();
        if app.world().resource::<SpikeExchange>().spikes().contains(&0) {
            clamped = 21;
        }
        let v = state::<MembranePotential>(&mut app);
        if clamped > 0 {
            clamped -= 1;
            assert!(v[0] == -70.0, "{v:?}");
        } else {
            assert!(v[0] > -70.0);
        }
        assert!((-70.0..-55.0).contains(&v[1]), "{v:?}");
    }
}

/// Spikes of 1,000 integrate-and-fire neurons in a ring of gap junctions with chords, and the bits of their potentials.
fn thousand(threads: usize) -> (Vec<(u64, u32)>, Vec<u64>) {
    #[derive(Resource, Default)]
    struct Seen(Vec<(u64, u32)>);
    fn see(clock: Res<Clock>, exchange: Res<SpikeExchange>, mut seen: ResMut<Seen>) {
        seen.0.extend(exchange.spikes().iter().map(|id| (clock.step(), *id)));
    }
    let mut app = app(0.1, threads);
    let bias = (0..1000).map(|k| 370.0 + 0.05 * f64::from(k * 7919 % 1000)).collect();
    let parameters = vec![("bias_current".to_string(), Assigned::Listed(bias))];
    app.add_population_of(
        "LifExponentialCurrent",
        PopulationRequest { name: "cells".into(), size: 1000, parameters, ..Default::default() },
    )
    .unwrap();
    let edges: Vec<(u32, u32, f64)> = (0..1000).flat_map(|k| [(k, (k + 1) % 1000, 1.0), (k, (k * 37 + 11) % 1000, 0.3)]).collect();
    gaps(&mut app, "cells", &edges);
    app.init_resource::<Seen>().add_systems(Step, see.in_set(NeuropilSystems::Learn));
    app.advance_steps(1500).unwrap();
    assert_eq!(app.world().resource::<Layout>().workers(), threads);
    let bits = state::<MembranePotential>(&mut app).iter().map(|v| v.to_bits()).collect();
    (app.world_mut().remove_resource::<Seen>().unwrap().0, bits)
}

/// Claim: coupled networks give the same bits for any number of threads. Tolerance: none.
#[test]
fn threads_change_no_bit_of_a_coupled_network() {
    let one = thousand(1);
    assert!(one.0.len() > 1000, "{} spikes", one.0.len());
    for threads in [2, 3] {
        assert!(one == thousand(threads), "{threads} threads");
    }
}

/// Claim: what cannot be coupled is refused by name.
#[test]
fn what_cannot_be_coupled_is_refused() {
    let mut app = app(0.1, 1);
    app.add_population("cells", 2, LifExponentialCurrent::default()).unwrap();
    app.add_population("simple", 2, neuropil_neurons::Izhikevich::default()).unwrap();
    let rule = || explicit(&[(0, 1, 1.0)]);
    let error = join(&mut app, "gaps", "simple", rule(), Transmission::Electrical, Dimension::CONDUCTANCE, "1 ms").unwrap_err().to_string();
    assert!(error.contains("`simple` (Izhikevich) have no membrane with a capacitance"), "{error}");
    join(&mut app, "gaps", "cells", explicit(&[(0, 1, -1.0)]), Transmission::Electrical, Dimension::CONDUCTANCE, "1 ms").unwrap();
    let error = app.build_network().unwrap_err().to_string();
    assert!(error.contains("an electrical synapse of -1 nS; expected a conductance of at least 0 nS"), "{error}");
    assert!(GradedNeuron::default().leak_conductance == Nanosiemens(0.01));
}
