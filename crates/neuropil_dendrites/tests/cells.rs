//! Cells with channels: a soma against Arbor, the balance of charge, pages of mechanisms, instruction sets.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::{Clock, CorePlugin, Registry, RunSettings, Simd, Simulate, SpikeExchange};
use neuropil_dendrites::mechanisms::hodgkin_huxley::{SquidPotassiumActivation, SquidSodiumActivation, SquidSodiumInactivation};
use neuropil_dendrites::mechanisms::shapes::{DecayingConductance, RisingConductance};
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{Attachment, CableTree, Cut, CutSection};
use neuropil_dendrites::{
    AddCells, CellPlan, CellsRequest, CompartmentId, CompartmentOf, CompartmentPotential, DendritesPlugin, Filler, InstanceId,
    MechanismEntry,
};
use neuropil_neurons::stimuli::current::InjectedCurrent;
use neuropil_neurons::{Assigned, NeuronModelsPlugins};
use neuropil_synapses::SynapsesPlugin;
use neuropil_units::{Dimension, Expression, Kelvin, Milliseconds, Millivolts, Scope};
use std::f64::consts::PI;

fn app(dt: f64, simd: Simd) -> App {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin, DendritesPlugin));
    app.insert_resource(RunSettings { threads: 1, simd, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(dt)).unwrap());
    app
}

fn cylinder(parent: Option<(usize, Attachment)>, diameter: f64, length: f64, pieces: usize) -> CutSection {
    let piece = length / pieces as f64;
    let half = 4e-2 * 100.0 * (piece / 2.0) / (PI * diameter * diameter);
    CutSection { parent, cuts: vec![Cut { area: PI * diameter * piece, resistance_before: half, resistance_after: half }; pieces] }
}

fn entry(app: &App, name: &str) -> MechanismEntry {
    app.world().resource::<Registry<MechanismEntry>>().get(name).unwrap().clone()
}

/// Potentials by row of the solver.
fn potentials(app: &mut App) -> Vec<f64> {
    let world = app.world_mut();
    let mut rows: Vec<(u32, f64)> =
        world.query::<(&CompartmentId, &CompartmentPotential)>().iter(world).map(|(id, v)| (id.0, v.0)).collect();
    rows.sort_by_key(|(id, _)| *id);
    rows.into_iter().map(|(_, v)| v).collect()
}

/// Spike times of a Hodgkin-Huxley soma, 20 µm long and wide, under a current in nA from 5 to 105 ms: upward crossings of 0 mV, interpolated.
fn soma(dt: f64, current: f32) -> Vec<f64> {
    let mut app = app(dt, Simd::detect());
    let tree = CableTree::new(&[cylinder(None, 20.0, 20.0, 1)]);
    let mut plan = CellPlan::new(tree, Milliseconds(dt), Method::BackwardEuler, Kelvin(273.15 + 6.3), Millivolts(-65.0)).unwrap();
    plan.paint(&entry(&app, "HodgkinHuxley"), None, &[0], &[]).unwrap();
    let population = app.add_cells(CellsRequest { name: "soma".into(), plans: vec![plan], plan_of: vec![0] }).unwrap();
    let (first, last) = ((5.0 / dt).round() as u64, (105.0 / dt).round() as u64);
    let (mut spikes, mut before, mut emitted) = (Vec::new(), -65.0, 0);
    for k in 0..(120.0 / dt).round() as u64 {
        if k == first || k == last {
            app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![if k == first { 1000.0 * current } else { 0.0 }]));
        }
        app.advance(Milliseconds(dt)).unwrap();
        emitted += app.world().resource::<SpikeExchange>().spikes().len();
        let v = potentials(&mut app)[0];
        if before < 0.0 && v >= 0.0 {
            spikes.push(dt * (k as f64 - before / (v - before)));
        }
        before = v;
    }
    assert_eq!(emitted, spikes.len());
    spikes
}

/// Claim: a Hodgkin-Huxley soma spikes as in another simulator. Source: Arbor 0.12.2, whose order of a step is ours, crossings of 0 mV interpolated;
/// steps of 0.025 ms, and of 0.001 ms for 0.1 nA. Tolerance: 1e-4 ms, to which times are given; with the long steps 1.5e-4 of the time beside, for
/// Arbor's gates take (1 + w/2)/(1 - w/2) for exp(w): a plain loop with that fraction gives its times to all digits, and one with exp(w) gives ours.
#[test]
fn soma_spikes_as_in_arbor() {
    let runs: [(f64, f32, &[f64]); 5] = [
        (0.025, 0.05, &[8.5843]),
        (0.025, 0.1, &[7.2072, 23.5105, 39.6098, 55.7012, 71.7919, 87.8827, 103.9734]),
        (0.025, 0.2, &[6.4614, 19.4062, 31.9529, 44.4769, 56.9988, 69.5204, 82.0421, 94.5638]),
        (0.025, 0.5, &[5.8747, 15.9628, 25.3328, 34.6313, 43.9174, 53.2011, 62.4848, 71.7681, 81.0514, 90.335, 99.6183]),
        (0.001, 0.1, &[7.1841, 23.4196, 39.453, 55.4786, 71.5036, 87.5286, 103.5535]),
    ];
    for (dt, current, expected) in runs {
        let found = soma(dt, current);
        let tolerance = if dt > 0.01 { 1.5e-4 } else { 0.0 };
        assert_eq!(found.len(), expected.len(), "{current} nA, {dt} ms: {found:?}");
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < tolerance * b + 1e-4, "{current} nA, {dt} ms: {a} for {b}");
        }
    }
}

/// Claim: in every compartment of an active cell, axial, ionic, capacitive and injected current of a step add up to 0. Source: Kirchhoff's law, from
/// absolute conductances and the state of the gates. Tolerance: 1e-9 of the largest current, roundings of an elimination over 40 nodes whose
/// conductances differ by a thousand.
#[test]
fn charge_is_conserved() {
    const DT: f64 = 0.025;
    let sections = [
        cylinder(None, 15.0, 15.0, 1),
        cylinder(Some((0, Attachment::End)), 2.0, 150.0, 8),
        cylinder(Some((1, Attachment::End)), 1.0, 100.0, 10),
        cylinder(Some((1, Attachment::End)), 0.7, 80.0, 9),
        cylinder(Some((0, Attachment::End)), 1.5, 60.0, 7),
    ];
    let tree = CableTree::new(&sections);
    // 1 cell alone is solved by levels; in 32 cells of one shape the first is solved by lanes.
    for cells in [1, 32] {
        let mut app = app(DT, Simd::detect());
        let mut plan =
            CellPlan::new(tree.clone(), Milliseconds(DT), Method::BackwardEuler, Kelvin(273.15 + 6.3), Millivolts(-65.0)).unwrap();
        let all = plan.compartments();
        plan.paint(&entry(&app, "HodgkinHuxley"), None, &all, &[]).unwrap();
        plan.paint(&entry(&app, "Passive"), None, &all, &[("conductance".into(), Assigned::Shared(0.2e-2))]).unwrap();
        let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; cells] }).unwrap();
        app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![500.0; cells]));
        let (mut highest, mut worst) = (f64::MIN, 0.0_f64);
        let mut before = of_first_cell(&mut app);
        for _ in 0..400 {
            app.advance(Milliseconds(DT)).unwrap();
            let after = of_first_cell(&mut app);
            let gates = gates_of_first_cell(&mut app, &all, cells);
            let (mut sum, mut largest) = (vec![0.0; tree.len()], 0.0_f64);
            for node in 0..tree.len() {
                let (v, parent) = (after[node], tree.parent[node] as usize);
                // nA: µS mV, or area in µm² times 1e-5 (from µA/cm²).
                let axial = tree.axial[node] * (v - after[parent]);
                sum[node] += axial;
                sum[parent] -= axial;
                largest = largest.max(axial.abs());
                if let Some([m, h, n]) = gates[node] {
                    let ionic = 120.0 * m.powi(3) * h * (v - 50.0) + 36.0 * n.powi(4) * (v + 77.0) + 0.3 * (v + 54.3) + 0.2 * (v + 65.0);
                    let capacitive = (v - before[node]) / DT;
                    sum[node] += (ionic + capacitive) * tree.area[node] * 1e-5;
                    largest = largest.max(capacitive.abs() * tree.area[node] * 1e-5);
                }
            }
            sum[0] -= 0.5;
            worst = sum.iter().fold(worst, |worst, rest| worst.max(rest.abs() / largest));
            highest = highest.max(after[0]);
            before = after;
        }
        assert!(highest > 20.0, "the cell should spike, but reaches only {highest} mV");
        assert!(worst < 1e-9, "{cells} cells: {worst:e} of the largest current is missing");
    }
}

/// Potentials of the first cell by node.
fn of_first_cell(app: &mut App) -> Vec<f64> {
    let world = app.world_mut();
    let mut found = rows_of_first_cell(world);
    found.sort_by_key(|(_, node)| *node);
    found.iter().map(|(row, _)| world.get::<CompartmentPotential>(*row).unwrap().0).collect()
}

/// Compartments of the first cell and their nodes, by row.
fn rows_of_first_cell(world: &mut World) -> Vec<(Entity, u32)> {
    let mut rows: Vec<(u32, Entity, Entity, u32)> =
        world.query::<(&CompartmentId, Entity, &CompartmentOf)>().iter(world).map(|(id, row, of)| (id.0, row, of.cell, of.node)).collect();
    rows.sort_by_key(|(id, ..)| *id);
    let cell = rows[0].2;
    rows.into_iter().filter(|(_, _, of, _)| *of == cell).map(|(_, row, _, node)| (row, node)).collect()
}

/// m, h and n of the first cell's compartments by node; `None` where there are none. Instances lie in the order of rows, cells side by side.
fn gates_of_first_cell(app: &mut App, painted: &[u32], cells: usize) -> Vec<Option<[f64; 3]>> {
    let world = app.world_mut();
    let rows = rows_of_first_cell(world);
    let mut gates: Vec<(u32, [f64; 3])> = world
        .query_filtered::<(&InstanceId, &SquidSodiumActivation, &SquidSodiumInactivation, &SquidPotassiumActivation), Without<Filler>>()
        .iter(world)
        .map(|(id, m, h, n)| (id.0, [m.0, h.0, n.0]))
        .collect();
    gates.sort_by_key(|(id, _)| *id);
    let mut found = vec![None; rows.len()];
    let painted_rows = rows.iter().filter(|(_, node)| painted.contains(node));
    for ((_, node), (_, gates)) in painted_rows.zip(gates.iter().step_by(cells)) {
        found[*node as usize] = Some(*gates);
    }
    found
}

/// Everything that is built in, on one cell.
fn crowded(app: &App) -> CellPlan {
    let tree = CableTree::new(&[cylinder(None, 15.0, 15.0, 1), cylinder(Some((0, Attachment::End)), 2.0, 150.0, 4)]);
    let mut plan = CellPlan::new(tree, Milliseconds(0.025), Method::BackwardEuler, Kelvin(307.15), Millivolts(-75.0)).unwrap();
    let all = plan.compartments();
    let registry = app.world().resource::<Registry<MechanismEntry>>();
    for (name, entry) in registry.iter() {
        let weak =
            entry.parameters.iter().any(|p| p.name == "conductance" && p.dimension == Dimension::CONDUCTANCE.divide(Dimension::AREA));
        let parameters = if weak { vec![("conductance".to_string(), Assigned::Shared(0.1e-2))] } else { Vec::new() };
        // A compartment has one pool: all but the last one kind, the last the other.
        let nodes = match name {
            "CalciumPool" => &all[..4],
            "InwardCalciumPool" => &all[4..],
            _ => &all[..],
        };
        plan.paint(entry, entry.receives.map(|_| name), nodes, &parameters).unwrap();
    }
    plan
}

/// Claim: a cell with every mechanism runs to the same bits on every instruction set, in a pool and side by side. Tolerance: none.
#[test]
fn instruction_sets_do_not_change_a_crowded_cell() {
    let run = |simd, cells: usize| {
        let mut app = app(0.025, simd);
        let plan = crowded(&app);
        let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; cells] }).unwrap();
        app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![300.0; cells]));
        let mut found = Vec::new();
        for k in 0..400 {
            if k == 100 {
                let world = app.world_mut();
                for (mut rising, mut decaying) in world.query::<(&mut RisingConductance, &mut DecayingConductance)>().iter_mut(world) {
                    (rising.0, decaying.0) = (1.0, 1.0);
                }
            }
            app.advance(Milliseconds(0.025)).unwrap();
            found.extend(potentials(&mut app).into_iter().map(f64::to_bits));
        }
        found
    };
    for cells in [3, 32] {
        let expected = run(Simd::Portable, cells);
        assert!(expected.iter().all(|v| f64::from_bits(*v).is_finite()));
        for simd in [Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available()) {
            assert!(run(simd, cells) == expected, "{cells} cells, {simd}");
        }
    }
}

/// Claim: the table of parameters on each mechanism's page has its parameters, in order, with their units and defaults. Tolerance: none.
#[test]
fn pages_say_what_types_do() {
    let app = app(0.025, Simd::detect());
    let registry = app.world().resource::<Registry<MechanismEntry>>();
    assert!(registry.iter().count() >= 29);
    for (name, entry) in registry.iter() {
        let page = entry.page();
        let (_, after) = page.split_once("| parameter |").unwrap_or_else(|| panic!("{name}: no table"));
        let rows: Vec<(String, String)> = after
            .lines()
            .skip(2)
            .map_while(|line| line.strip_prefix("| `"))
            .map(|line| {
                let cells: Vec<&str> = line.split(" | ").collect();
                (cells[0].trim_end_matches('`').to_string(), cells[2].to_string())
            })
            .collect();
        let expected: Vec<&String> = entry.parameters.iter().map(|p| &p.name).collect();
        assert_eq!(rows.iter().map(|(name, _)| name).collect::<Vec<_>>(), expected, "{name}");
        for ((row, default), parameter) in rows.iter().zip(&entry.parameters) {
            let (number, unit) = default.split_once(' ').unwrap_or((default, ""));
            assert_eq!(unit, parameter.unit, "{name}: {row}");
            let text = unit.strip_prefix('1').map_or(default.clone(), |below| format!("{number}{below}"));
            let written = Expression::parse(&text).unwrap().quantity(&Scope::new(), parameter.dimension).unwrap();
            assert!((written - parameter.default).abs() <= 1e-12 * written.abs(), "{name}: {row}: {number} on the page");
        }
        for heading in ["# Equations", "# References"] {
            assert!(page.contains(heading), "{name}: no {heading}");
        }
    }
}
