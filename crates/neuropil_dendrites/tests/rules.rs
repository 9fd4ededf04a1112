//! Dendrites and somata that spike by rule, against closed forms.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use neuropil_core::{Clock, CorePlugin, Registry, RunSettings, Simulate, SpikeExchange};
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{CableTree, Cut, CutSection};
use neuropil_dendrites::{AddCells, CellPlan, CellsRequest, CompartmentPotential, DendritesPlugin, MechanismEntry};
use neuropil_neurons::{Assigned, NeuronModelsPlugins, Stimulate, Stimulus, StimulusSource};
use neuropil_synapses::SynapsesPlugin;
use neuropil_units::{Kelvin, Milliseconds, Millivolts, Program};

const DT: f64 = 0.01;
/// 1 mS/cm² in the units of parameters, nS/µm².
const MILLISIEMENS: f64 = 1e-2;

/// A mechanism, the name of a receptor, and parameters.
type Painted<'a> = (&'a str, Option<&'a str>, &'a [(&'a str, f64)]);

/// One compartment of 1000 µm² and 1 µF/cm² with a leak of 0.1 mS/cm² at -70 mV (10 pF, 1 nS, 10 ms) and some mechanisms; cells enough for lanes and a pool.
fn app(mechanisms: &[Painted<'_>], currents: &[f64], threshold: f64) -> App {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin, DendritesPlugin));
    app.insert_resource(RunSettings { threads: 1, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(DT)).unwrap());
    let cut = Cut { area: 1000.0, resistance_before: 1.0, resistance_after: 1.0 };
    let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![cut] }]);
    let mut plan = CellPlan::new(tree, Milliseconds(DT), Method::BackwardEuler, Kelvin(300.0), Millivolts(-70.0)).unwrap();
    let registry = app.world().resource::<Registry<MechanismEntry>>();
    let leak = [("conductance", 0.1 * MILLISIEMENS), ("reversal_potential", -70.0)];
    let all = [("Passive", None, &leak[..])].into_iter().chain(mechanisms.iter().copied());
    for (name, receptor, parameters) in all {
        let assigned: Vec<_> = parameters.iter().map(|(name, value)| (name.to_string(), Assigned::Shared(*value))).collect();
        plan.paint(registry.get(name).unwrap(), receptor, &[0], &assigned).unwrap();
    }
    plan.set_detector(0, Millivolts(threshold));
    app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; currents.len()] }).unwrap();
    for (k, current) in currents.iter().enumerate() {
        let source = StimulusSource::StepCurrent { amplitude: Program::constant(*current), start: Milliseconds(0.0), stop: None };
        stimulate(&mut app, &format!("current {k}"), k as u32, source, None);
    }
    app
}

fn stimulate(app: &mut App, name: &str, neuron: u32, source: StimulusSource, weight: Option<f64>) {
    app.stimulate(Stimulus {
        name: name.into(),
        to: vec!["cells".into()],
        neurons: Some(vec![neuron]),
        sites: Vec::new(),
        source,
        weight: weight.map(Program::constant),
        receptor: None,
        delay: Milliseconds(DT),
    })
    .unwrap();
}

/// Potentials of the first cells, step by step.
fn potentials(app: &mut App, cells: usize, duration: f64) -> Vec<Vec<f64>> {
    let mut query = app.world_mut().query::<&CompartmentPotential>();
    let mut all = vec![Vec::new(); cells];
    for _ in 0..(duration / DT).round() as usize {
        app.advance(Milliseconds(DT)).unwrap();
        for (own, potential) in all.iter_mut().zip(query.iter(app.world())) {
            own.push(potential.0);
        }
    }
    all
}

/// Claim: a soma that resets fires with the period of a leaky integrator, t_refractory + τ ln((V∞ - V_reset)/(V∞ - θ)). Source: Lapicque's closed form.
/// Tolerance: two steps (each spike begins on a step, and backward Euler lags by half of one), and a first-order error of dt/2τ of the time.
#[test]
fn a_soma_fires_as_an_integrator() {
    let currents = [25.0, 40.0, 80.0];
    let mut app = app(&[("SpikeAndReset", None, &[("threshold", -50.0), ("reset", -60.0), ("refractory_time", 2.0)])], &currents, 0.0);
    let mut times = vec![Vec::new(); 3];
    for step in 1..=(200.0 / DT) as u64 {
        app.advance(Milliseconds(DT)).unwrap();
        for cell in app.world().resource::<SpikeExchange>().spikes() {
            times[*cell as usize].push(step as f64 * DT);
        }
    }
    for (times, current) in times.iter().zip(currents) {
        let limit = -70.0 + current;
        let expected = 2.0 + 10.0 * ((limit + 60.0) / (limit + 50.0)).ln();
        let count = (times.len() - 1) as f64;
        let period = (times[times.len() - 1] - times[0]) / count;
        assert!((period - expected).abs() < 2.0 * DT + expected * DT / 20.0, "{current} pA: {period} for {expected}");
    }
}

/// Claim: a dendritic spike opens its conductances for their times, once in each refractory time. Source: the exact course of a membrane whose
/// conductances switch. Tolerance: 0.3 mV, for a spike that begins up to a step late at a slope of up to 30 mV/ms.
#[test]
fn a_dendritic_spike_takes_its_course() {
    let rise = 1.0 * MILLISIEMENS;
    let parameters =
        [("rise_conductance", rise), ("fall_conductance", 0.5 * MILLISIEMENS), ("threshold", -50.0), ("refractory_time", 20.0)];
    let mut app = app(&[("DendriticSpike", None, &parameters)], &[22.0, 18.0], 1e3);
    let found = potentials(&mut app, 2, 60.0);
    assert!(found[1].iter().all(|v| *v < -51.9), "below the threshold nothing happens");
    let own = &found[0];
    let begin = own.iter().position(|v| *v >= -50.0).unwrap();
    // Leak 0.1, rise 1 at 70, fall 0.5 at -89 mS/cm², 2.2 µA/cm² injected; by pieces of constant conductance.
    let mut v = own[begin];
    let pieces = [(0.2, 1.0, 0.0), (1.0, 1.0, 0.5), (1.4, 0.0, 0.5), (10.0, 0.0, 0.0)];
    let mut at = begin as f64 * DT;
    let mut worst = 0.0_f64;
    for (length, rise, fall) in pieces {
        let g = 0.1 + rise + fall;
        let limit = (-7.0 + 2.2 + 70.0 * rise - 89.0 * fall) / g;
        let from = v;
        let start = at;
        while at < start + length - DT / 2.0 {
            at += DT;
            v = limit + (from - limit) * (-(at - start) * g).exp();
            worst = worst.max((own[(at / DT).round() as usize] - v).abs());
        }
    }
    assert!(worst < 0.3, "{worst} mV");
    let peaks = own.windows(3).filter(|w| w[1] > w[0] && w[1] >= w[2] && w[1] > -20.0).count();
    assert_eq!(peaks, 2, "one at 2.4 ms after the threshold, another 20 ms later, as the drive stays above it; 60 ms");
}

/// Claim: the graded spike falls with its drive as exp(-(V - θ)/((θ - V_rest) D)), and lasts from some 20 to some 24 ms after the threshold. Source: the
/// rule of Gidon et al. (2020). Tolerance: 3 %, for the drive is read 8 ms after the crossing, where the membrane (10 ms) has not come to rest; the
/// expected value uses the potential there.
#[test]
fn a_graded_spike_falls_with_its_drive() {
    let parameters = [("threshold", -50.0), ("resting_potential", -70.0), ("current", 1e-2)];
    let currents = [21.0, 24.0, 30.0, 40.0, 19.5];
    let mut with = app(&[("GradedCalciumSpike", None, &parameters)], &currents, 1e3);
    let spiking = potentials(&mut with, 5, 100.0);
    let passive = potentials(&mut app(&[("GradedCalciumSpike", None, &[("current", 0.0)])], &currents, 1e3), 5, 100.0);
    let amplitude = |k: usize| spiking[k].iter().zip(&passive[k]).map(|(v, without)| v - without).fold(0.0_f64, f64::max);
    assert!(amplitude(4) < 1e-9, "below the threshold");
    // Charge of a pulse of height 1 µA/cm² between the two growths, through the membrane: the same for all, so that amplitudes are as K.
    let size = |k: usize| {
        let crossing = passive[k].iter().position(|v| *v > -50.0).unwrap();
        (-(passive[k][crossing + 800] + 50.0) / (20.0 * 0.3)).exp().min(1.0)
    };
    assert!(amplitude(0) > 2.0, "{}", amplitude(0));
    for (k, current) in currents.iter().enumerate().take(4).skip(1) {
        let (found, expected) = (amplitude(k) / amplitude(0), size(k) / size(0));
        assert!((found / expected - 1.0).abs() < 0.03, "{current} pA: {found} for {expected}");
        assert!(expected < 0.9);
    }
    let difference: Vec<f64> = spiking[0].iter().zip(&passive[0]).map(|(v, without)| v - without).collect();
    let crossing = passive[0].iter().position(|v| *v > -50.0).unwrap() as f64 * DT;
    let peak = (0..difference.len()).max_by(|a, b| difference[*a].total_cmp(&difference[*b])).unwrap() as f64 * DT - crossing;
    assert!((20.0..26.0).contains(&peak), "{peak} ms");
}

/// Claim: synapses start a plateau when together they reach its threshold, which lasts for its time. Source: definition; the potential of the plateau
/// is (g_leak E_leak + G E)/(g_leak + G) after many time constants. Tolerance: 0.01 mV.
#[test]
fn synapses_start_a_plateau() {
    let mut app = app(&[("PlateauReceptor", Some("excitation"), &[("plateau_time", 50.0), ("plateau_conductance", 4.0)])], &[0.0; 3], 1e3);
    for (cell, weight) in [(0, 7.9), (1, 8.0)] {
        let source = StimulusSource::SpikeList { times: vec![Milliseconds(1.0)] };
        stimulate(&mut app, &format!("spike {cell}"), cell, source, Some(weight));
    }
    let found = potentials(&mut app, 3, 80.0);
    let at = |cell: usize, time: f64| found[cell][(time / DT) as usize];
    assert!((at(1, 50.0) - -70.0 / 5.0).abs() < 0.01, "{}", at(1, 50.0));
    assert!(at(0, 50.0) < -60.0 && at(1, 79.0) < -60.0);
    assert!((at(2, 79.0) + 70.0).abs() < 1e-9);
}
