//! Cells in single precision beside the same cells in double.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::{Clock, CorePlugin, Registry, RunSettings, Simd, Simulate, SpikeExchange};
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{Attachment, CableTree, Cut, CutSection};
use neuropil_dendrites::{
    AddCells, CellPlan, CellsRequest, CompartmentId, CompartmentOf, CompartmentPotential, DendritesPlugin, FindInstances, MechanismEntry,
    Precision,
};
use neuropil_neurons::stimuli::current::InjectedCurrent;
use neuropil_neurons::{Assigned, NeuronModelsPlugins, Neurons, PopulationRequest};
use neuropil_synapses::SynapsesPlugin;
use neuropil_units::{Dimension, Kelvin, Milliseconds, Millivolts};
use std::f64::consts::PI;

const DT: f64 = 0.025;

fn app(threads: usize, simd: Simd) -> App {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin, DendritesPlugin));
    app.insert_resource(RunSettings { threads, simd, expected_step_ns: 1e6, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(DT)).unwrap());
    app
}

fn entry(app: &App, name: &str) -> MechanismEntry {
    app.world().resource::<Registry<MechanismEntry>>().get(name).unwrap().clone()
}

/// A soma, a trunk, and two branches.
fn tree() -> CableTree {
    let cylinder = |parent, diameter: f64, length: f64, pieces: usize| {
        let piece = length / pieces as f64;
        let half = 4e-2 * 100.0 * (piece / 2.0) / (PI * diameter * diameter);
        CutSection { parent, cuts: vec![Cut { area: PI * diameter * piece, resistance_before: half, resistance_after: half }; pieces] }
    };
    CableTree::new(&[
        cylinder(None, 15.0, 15.0, 1),
        cylinder(Some((0, Attachment::End)), 2.0, 150.0, 6),
        cylinder(Some((1, Attachment::End)), 1.0, 100.0, 5),
        cylinder(Some((1, Attachment::End)), 0.7, 80.0, 4),
    ])
}

/// Potentials of the first cell by node.
fn of_first_cell(app: &mut App) -> Vec<f64> {
    let world = app.world_mut();
    let mut rows: Vec<(u32, Entity, u32, f64)> = world
        .query::<(&CompartmentId, &CompartmentOf, EntityRef)>()
        .iter(world)
        .map(|(id, of, entity)| (id.0, of.cell, of.node, CompartmentPotential::of(entity).unwrap()))
        .collect();
    rows.sort_by_key(|(id, ..)| *id);
    let cell = rows[0].1;
    let mut own: Vec<(u32, f64)> = rows.into_iter().filter(|row| row.1 == cell).map(|(.., node, v)| (node, v)).collect();
    own.sort_by_key(|(node, _)| *node);
    own.into_iter().map(|(_, v)| v).collect()
}

/// A cell with Hodgkin and Huxley's channels everywhere.
fn squid(app: &App, method: Method, precision: Precision) -> CellPlan {
    let mut plan = CellPlan::new(tree(), Milliseconds(DT), method, Kelvin(273.15 + 6.3), Millivolts(-65.0)).unwrap();
    plan.set_precision(precision);
    let all = plan.compartments();
    plan.paint(&entry(app, "HodgkinHuxley"), None, &all, &[]).unwrap();
    plan
}

/// Potentials of all nodes of a spiking cell by step, and the times at which the soma rises through 0 mV, between steps.
fn spiking(cells: usize, method: Method, precision: Precision, simd: Simd) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut app = app(1, simd);
    let plan = squid(&app, method, precision);
    let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; cells] }).unwrap();
    app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![500.0; cells]));
    let (mut course, mut spikes) = (vec![of_first_cell(&mut app)], Vec::new());
    for step in 1..=4000 {
        app.advance(Milliseconds(DT)).unwrap();
        let after = of_first_cell(&mut app);
        let (v, before) = (after[0], course[course.len() - 1][0]);
        if before < 0.0 && v >= 0.0 {
            spikes.push(DT * (f64::from(step) - v / (v - before)));
        }
        course.push(after);
    }
    (course, spikes)
}

/// Claim: single precision moves spikes by less than 5e-5 ms and potentials by less than 0.01 mV over 100 ms of firing, side by side and in a pool, in both
/// methods. Source: the same cell in double precision, whose equations other tests check. Tolerance: what was found is 1.1e-5 ms and 2.6e-3 mV, on an
/// upstroke of some 300 mV/ms; four times as much is allowed.
#[test]
fn spikes_stay_where_they_are() {
    for method in [Method::BackwardEuler, Method::CrankNicolson] {
        for cells in [1, 32] {
            let (double, expected) = spiking(cells, method, Precision::Double, Simd::detect());
            let (single, found) = spiking(cells, method, Precision::Single, Simd::detect());
            assert!(expected.len() >= 5 && found.len() == expected.len(), "{method:?}, {cells} cells: {found:?} for {expected:?}");
            let late = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            let aside = single.iter().flatten().zip(double.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(late < 5e-5 && aside < 0.01, "{method:?}, {cells} cells: {late:e} ms, {aside:e} mV");
            assert!(aside > 0.0, "the numbers have the same precision");
        }
    }
}

/// Claim: a passive cell comes to rest at its reversal potential, to a ten-thousandth of the distance from the reference that potentials are stored relative
/// to: roundings are of that difference, and an axial conductance some thousand times that of the membrane makes them weigh as much more. Source: the
/// equation, whose steady state without input that is. Tolerance: 2e-4 of the distance (8e-5 was found) and 1e-5 mV; exp(-50) of the first 5 mV is left after 1 s.
#[test]
fn a_cell_comes_to_rest() {
    for (cells, reversal) in [(1, -65.3), (32, -65.3), (1, -85.0), (32, -85.0), (32, -65.0)] {
        let mut app = app(1, Simd::detect());
        let mut plan = CellPlan::new(tree(), Milliseconds(DT), Method::BackwardEuler, Kelvin(300.0), Millivolts(reversal + 5.0)).unwrap();
        plan.set_precision(Precision::Single);
        let all = plan.compartments();
        let set = |name: &str, value: f64| (name.to_string(), Assigned::Shared(value));
        plan.paint(&entry(&app, "Passive"), None, &all, &[set("conductance", 0.05e-2), set("reversal_potential", reversal)]).unwrap();
        app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; cells] }).unwrap();
        app.advance(Milliseconds(1000.0)).unwrap();
        let worst = of_first_cell(&mut app).iter().map(|v| (v - reversal).abs()).fold(0.0, f64::max);
        assert!(worst < 2e-4 * (reversal + 65.0).abs() + 1e-5, "{cells} cells, {reversal} mV: {worst:e} mV");
    }
}

/// Claim: compartments of 1 µm, whose axial conductance is a million times that of their membrane, keep their membrane: a cable of a thousand of them (that of
/// Rallpack 1) charges as in double precision. Source: double precision, which other tests hold to the analytic solution. Tolerance: 0.3 mV of the 131 mV that
/// the near end rises by (0.1 was found); an elimination that subtracts is off by 15 mV.
#[test]
fn fine_compartments_keep_their_membrane() {
    let piece = 4e-2 * 100.0 * 0.5 / PI;
    let cut = Cut { area: PI, resistance_before: piece, resistance_after: piece };
    let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![cut; 1000] }]);
    let ends = |precision| {
        let mut app = app(1, Simd::detect());
        let mut plan = CellPlan::new(tree.clone(), Milliseconds(DT), Method::CrankNicolson, Kelvin(300.0), Millivolts(-65.0)).unwrap();
        plan.set_precision(precision);
        let all = plan.compartments();
        let set = |name: &str, value: f64| (name.to_string(), Assigned::Shared(value));
        plan.paint(&entry(&app, "Passive"), None, &all, &[set("conductance", 0.025e-2), set("reversal_potential", -65.0)]).unwrap();
        let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0] }).unwrap();
        app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![100.0]));
        app.advance(Milliseconds(50.0)).unwrap();
        let potentials = of_first_cell(&mut app);
        (potentials[0], potentials[999])
    };
    let (double, single) = (ends(Precision::Double), ends(Precision::Single));
    assert!(double.0 > 40.0, "{double:?}");
    assert!((single.0 - double.0).abs() < 0.3 && (single.1 - double.1).abs() < 0.3, "{single:?} for {double:?}");
}

/// Everything that is built in, on one cell.
fn crowded(app: &App, precision: Precision) -> CellPlan {
    let mut plan = CellPlan::new(tree(), Milliseconds(DT), Method::BackwardEuler, Kelvin(307.15), Millivolts(-75.0)).unwrap();
    plan.set_precision(precision);
    let all = plan.compartments();
    let registry = app.world().resource::<Registry<MechanismEntry>>();
    for (name, entry) in registry.iter() {
        let density = Dimension::CONDUCTANCE.divide(Dimension::AREA);
        let weak = entry.parameters.iter().any(|p| p.name == "conductance" && p.dimension == density);
        let parameters = if weak { vec![("conductance".to_string(), Assigned::Shared(0.1e-2))] } else { Vec::new() };
        let nodes = match name {
            "CalciumPool" => &all[..8],
            "InwardCalciumPool" => &all[8..],
            // It would hold the potential, and hide everything else.
            "VoltageClamp" | "SpikeAndReset" => &all[all.len() - 1..],
            _ => &all[..],
        };
        plan.paint(entry, entry.receives.map(|_| name), nodes, &parameters).unwrap();
    }
    plan
}

/// Claim: every mechanism gives in single precision what it gives in double. Source: double precision, which other tests check. Tolerance: 0.01 mV in the
/// 2.5 ms before anything spikes, and a thousandth of a state's size, or 1e-5; events that are counted in steps must be the same.
#[test]
fn every_mechanism_agrees() {
    for cells in [3, 32] {
        let run = |precision| {
            let mut app = app(1, Simd::detect());
            let plan = crowded(&app, precision);
            let names: Vec<String> = plan.mechanisms().map(|entry| entry.name.to_string()).collect();
            let entries: Vec<MechanismEntry> = plan.mechanisms().cloned().collect();
            let nodes = plan.tree.len() as u32;
            let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; cells] }).unwrap();
            app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![100.0; cells]));
            app.advance(Milliseconds(2.5)).unwrap();
            let potentials = of_first_cell(&mut app);
            let mut states = Vec::new();
            for (number, (name, entry)) in names.iter().zip(&entries).enumerate() {
                for node in 0..nodes {
                    let Some(instance) = app.instance(population, (number, 0), 0, node) else { continue };
                    for state in &entry.state {
                        let value = (state.read)(app.world().entity(instance)).unwrap();
                        states.push((format!("{name}, {}, node {node}", state.name), value));
                    }
                }
            }
            (potentials, states)
        };
        let (double, single) = (run(Precision::Double), run(Precision::Single));
        let aside = single.0.iter().zip(&double.0).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(aside < 0.01 && aside > 0.0, "{cells} cells: {aside:e} mV");
        assert!(single.1.len() > 500, "{}", single.1.len());
        for ((what, found), (_, expected)) in single.1.iter().zip(&double.1) {
            assert!((found - expected).abs() <= 1e-3 * expected.abs() + 1e-5, "{cells} cells: {what}: {found} for {expected}");
        }
    }
}

/// Claim: in single precision, too, threads and instruction sets do not change a bit. Tolerance: none.
#[test]
fn threads_and_instruction_sets_do_not_change_a_bit() {
    let run = |threads, simd| {
        let mut app = app(threads, simd);
        let plan = crowded(&app, Precision::Single);
        let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; 70] }).unwrap();
        app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![300.0; 70]));
        app.advance(Milliseconds(10.0)).unwrap();
        of_first_cell(&mut app).into_iter().map(f64::to_bits).collect::<Vec<_>>()
    };
    let expected = run(1, Simd::Portable);
    assert!(expected.iter().all(|v| f64::from_bits(*v).is_finite()));
    for threads in [1, 3] {
        for simd in [Simd::Portable, Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available()) {
            assert!(run(threads, simd) == expected, "{threads} threads, {simd}");
        }
    }
}

/// Claim: populations of both precisions and point neurons live in one network, in any order, each with the spikes that it has alone. Tolerance: none.
#[test]
fn precisions_mix_in_one_network() {
    let run = |parts: &[(&str, Precision)]| {
        let mut app = app(1, Simd::detect());
        for (number, (name, precision)) in parts.iter().enumerate() {
            let plan = squid(&app, Method::BackwardEuler, *precision);
            let population = app.add_cells(CellsRequest { name: (*name).into(), plans: vec![plan], plan_of: vec![0; 5] }).unwrap();
            app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![500.0; 5]));
            let points = PopulationRequest { name: format!("points {number}"), size: 7, ..Default::default() };
            app.add_population_of("AdEx", points).unwrap();
        }
        let mut spikes = Vec::new();
        for step in 0..2000 {
            app.advance(Milliseconds(DT)).unwrap();
            spikes.extend(app.world().resource::<SpikeExchange>().spikes().iter().map(|id| (step, *id)));
        }
        spikes
    };
    let alone = run(&[("a", Precision::Single)]);
    assert!(alone.len() >= 10, "{alone:?}");
    let mixed = run(&[("a", Precision::Single), ("b", Precision::Double), ("c", Precision::Single)]);
    for first in [0, 12, 24] {
        let own: Vec<(i32, u32)> =
            mixed.iter().filter(|(_, id)| (first..first + 5).contains(id)).map(|(step, id)| (*step, id - first)).collect();
        assert_eq!(own, alone, "from neuron {first}");
    }
}
