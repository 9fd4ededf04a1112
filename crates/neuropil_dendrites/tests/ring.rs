//! A ring of branched cells, each driving the next, against NEURON.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use neuropil_core::{Clock, CorePlugin, Registry, RunSettings, Simd, Simulate, SpikeExchange};
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{Attachment, CableTree, Cut, CutSection};
use neuropil_dendrites::{AddCells, CellPlan, CellsRequest, DendritesPlugin, MechanismEntry};
use neuropil_neurons::{Assigned, NeuronModelsPlugins, Stimulate, Stimulus, StimulusSource};
use neuropil_synapses::projection::ExplicitSynapse;
use neuropil_synapses::{Connect, ConnectionRule, Projection, SynapsesPlugin};
use neuropil_units::{Dimension, Kelvin, Milliseconds, Millivolts, Program};
use std::f64::consts::PI;

fn tree() -> CableTree {
    let piece = |diameter: f64, length: f64| {
        let half = 4e-2 * 100.0 * (length / 2.0) / (PI * diameter * diameter);
        Cut { area: PI * diameter * length, resistance_before: half, resistance_after: half }
    };
    let mut sections = vec![CutSection { parent: None, cuts: vec![piece(12.6157, 12.6157)] }];
    for line in include_str!("cell_ring.csv").lines().filter(|line| !line.starts_with(['#', 'p'])) {
        let numbers: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let parent = (numbers[0] + 1.0) as usize;
        sections.push(CutSection { parent: Some((parent, Attachment::End)), cuts: vec![piece(numbers[2], numbers[1] / 4.0); 4] });
    }
    CableTree::new(&sections)
}

/// The plan of a cell with channels everywhere, or in the soma alone.
fn plan(app: &App, active: bool, method: Method) -> CellPlan {
    let registry = app.world().resource::<Registry<MechanismEntry>>();
    let entry = |name: &str| registry.get(name).unwrap();
    let mut plan = CellPlan::new(tree(), Milliseconds(0.025), method, Kelvin(273.15 + 6.3), Millivolts(-65.0)).unwrap();
    let all = plan.compartments();
    assert_eq!(all.len(), 181);
    if active {
        plan.paint(entry("HodgkinHuxley"), None, &all, &[]).unwrap();
    } else {
        plan.paint(entry("HodgkinHuxley"), None, &all[..1], &[]).unwrap();
        let passive = [("conductance".to_string(), Assigned::Shared(0.1e-2)), ("reversal_potential".to_string(), Assigned::Shared(-65.0))];
        plan.paint(entry("Passive"), None, &all[1..], &passive).unwrap();
    }
    plan.paint(entry("ExponentialSynapse"), Some("excitation"), &all[..1], &[]).unwrap();
    plan.set_detector(0, Millivolts(-10.0));
    plan
}

/// Spikes of rings of `ring` cells each, as (time in ms, cell).
fn run(cells: u32, ring: u32, active: bool, method: Method, threads: usize, simd: Simd, duration: f64) -> Vec<(f64, u32)> {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin, DendritesPlugin));
    app.insert_resource(RunSettings { threads, simd, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(0.025)).unwrap());
    let plan = plan(&app, active, method);
    app.add_cells(CellsRequest { name: "ring".into(), plans: vec![plan], plan_of: vec![0; cells as usize] }).unwrap();
    let next = |cell: u32| if (cell + 1).is_multiple_of(ring) { cell + 1 - ring } else { cell + 1 };
    let synapse = |cell| ExplicitSynapse { source: cell, target: next(cell), weight: None, delay: None };
    let rule = ConnectionRule::Explicit((0..cells).map(synapse).collect());
    app.connect(Projection::new("next", &["ring"], &["ring"], rule, "30 nS", Dimension::CONDUCTANCE, "5 ms").unwrap()).unwrap();
    app.stimulate(Stimulus {
        name: "start".into(),
        to: vec!["ring".into()],
        neurons: Some((0..cells).step_by(ring as usize).collect()),
        sites: Vec::new(),
        source: StimulusSource::SpikeList { times: vec![Milliseconds(0.5)] },
        weight: Some(Program::constant(30.0)),
        receptor: None,
        delay: Milliseconds(0.5),
    })
    .unwrap();
    let mut spikes = Vec::new();
    for step in 1..=(duration / 0.025).round() as u64 {
        app.advance(Milliseconds(0.025)).unwrap();
        spikes.extend(app.world().resource::<SpikeExchange>().spikes().iter().map(|cell| (step as f64 * 0.025, *cell)));
    }
    spikes
}

/// The first spikes in NEURON 9.0.2 with steps of 0.025 ms: times in ms, cell by cell round a ring of 16; from there on every cell is the same time behind.
/// Cells, parameters and protocol are those of this file.
const ACTIVE: [f64; 6] = [1.55, 7.1, 12.65, 18.2, 23.75, 29.3];
const PASSIVE: [f64; 6] = [1.575, 7.15, 12.725, 18.3, 23.875, 29.45];

/// Claim: a ring of branched cells spikes as in NEURON, side by side as in a pool. Source: NEURON 9.0.2, hh and pas, ExpSyn of 0.03 µS, steps of
/// 0.025 ms. Tolerance: one step.
#[test]
fn rings_spike_as_in_neuron() {
    for (active, expected) in [(true, ACTIVE), (false, PASSIVE)] {
        for cells in [16, 32] {
            let spikes = run(cells, 16, active, Method::BackwardEuler, 1, Simd::detect(), 35.0);
            for (k, time) in expected.iter().enumerate() {
                let found: Vec<f64> = spikes.iter().filter(|(_, cell)| *cell as usize == k).map(|(time, _)| *time).collect();
                assert_eq!(found.len(), 1, "{cells} cells, cell {k}: {found:?}");
                assert!((found[0] - time).abs() < 0.026, "{cells} cells, cell {k}: {} for {time}", found[0]);
            }
        }
    }
}

/// Claim: spikes do not depend on threads or instruction sets.
#[test]
fn threads_and_instruction_sets_do_not_change_the_spikes() {
    let expected = run(70, 10, true, Method::BackwardEuler, 1, Simd::Portable, 12.0);
    assert!(expected.len() > 10);
    for threads in [1, 3] {
        for simd in [Simd::Portable, Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available()) {
            assert_eq!(run(70, 10, true, Method::BackwardEuler, threads, simd, 12.0), expected, "{threads} threads, {simd}");
        }
    }
}
