//! The voltage clamp against closed forms, and finding instances by their place.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::{Clock, CorePlugin, Registry, RunSettings, Simulate};
use neuropil_dendrites::mechanisms::voltage_clamp::ClampCurrent;
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{CableTree, Cut, CutSection};
use neuropil_dendrites::{
    AddCells, CellPlan, CellsRequest, CompartmentOf, CompartmentPotential, DendritesPlugin, FindInstances, InstanceId, MechanismEntry,
};
use neuropil_neurons::{Assigned, NeuronModelsPlugins};
use neuropil_synapses::SynapsesPlugin;
use neuropil_units::{Kelvin, Milliseconds, Millivolts};
use std::f64::consts::PI;

/// 1 mS/cm² in nS/µm².
const MILLISIEMENS: f64 = 0.01;
/// 1 MΩ in GΩ.
const MEGAOHMS: f64 = 1e-3;

fn app(dt: f64) -> App {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin, DendritesPlugin));
    app.insert_resource(RunSettings { threads: 2, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(dt)).unwrap());
    app
}

fn paint(app: &App, plan: &mut CellPlan, name: &str, nodes: &[u32], parameters: &[(&str, f64)]) {
    let entry = app.world().resource::<Registry<MechanismEntry>>().get(name).unwrap().clone();
    let assigned: Vec<_> = parameters.iter().map(|(name, value)| (name.to_string(), Assigned::Shared(*value))).collect();
    plan.paint(&entry, None, nodes, &assigned).unwrap();
}

/// A plan of one piece of membrane, of a leak of 0.1 mS/cm² at -70 mV.
fn ball(app: &App, dt: f64, area: f64) -> CellPlan {
    let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![Cut { area, resistance_before: 1.0, resistance_after: 1.0 }] }]);
    let mut plan = CellPlan::new(tree, Milliseconds(dt), Method::BackwardEuler, Kelvin(300.0), Millivolts(-70.0)).unwrap();
    paint(app, &mut plan, "Passive", &[0], &[("conductance", 0.1 * MILLISIEMENS), ("reversal_potential", -70.0)]);
    plan
}

fn current(app: &App, at: Entity) -> f64 {
    app.world().get::<ClampCurrent>(at).unwrap().0
}

/// Claim: a clamped ball follows the charging of a capacitor through a series resistance, in two levels and after them; its current is that over the
/// resistance. Source: the closed form, τ = C/(g + 1/R). Tolerance: the backward Euler method at a step of 1/400 of τ, a 2000th of the 50 mV; of the
/// current, the same over R.
#[test]
fn a_ball_charges_through_the_series_resistance() {
    // 10 pF, 1 nS of leak, 100 MΩ: 10 nS.
    let dt = 10.0 / 11.0 / 400.0;
    let mut app = app(dt);
    let mut plan = ball(&app, dt, 1000.0);
    let at = |step: f64| step * 400.0 * dt;
    let level = |potential, start, stop| {
        [("potential", potential), ("series_resistance", 100.0 * MEGAOHMS), ("start", at(start)), ("stop", at(stop))]
    };
    paint(&app, &mut plan, "VoltageClamp", &[0], &level(-20.0, 1.0, 3.0));
    paint(&app, &mut plan, "VoltageClamp", &[0], &level(-90.0, 3.0, 5.0));
    let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0] }).unwrap();
    let clamps = [0, 1].map(|painting| app.instance(population, (painting, 0), 0, 0).unwrap());
    let mut query = app.world_mut().query::<&CompartmentPotential>();
    let (mut expected, mut before) = (-70.0_f64, -70.0);
    for step in 0..3200 {
        app.advance_steps(1).unwrap();
        let held = [(400..1200, -20.0), (1200..2000, -90.0)];
        let on = held.iter().position(|(range, _)| range.contains(&step));
        let (limit, tau) = on.map_or((-70.0, 10.0), |k| ((-70.0 + 10.0 * held[k].1) / 11.0, 10.0 / 11.0));
        expected = limit + (expected - limit) * (-dt / tau).exp();
        let found = query.single(app.world()).unwrap().0;
        assert!((found - expected).abs() < 0.035, "step {step}: {found} for {expected}");
        for (k, clamp) in clamps.iter().enumerate() {
            let flows = if on == Some(k) { 10.0 * (held[k].1 - before) } else { 0.0 };
            assert!((current(&app, *clamp) - flows).abs() < 1e-9, "step {step}, clamp {k}");
        }
        before = found;
    }
}

/// Claim: a clamp at the end of a sealed cable carries `G (V - E)` with `G = π d^(3/2) tanh(L/λ)/(2 √(R_m R_i))` in the steady state. Source: the cable
/// equation's closed form (Rall). Tolerance: 2e-3, for the clamp sits in the middle of the first of 400 compartments, a
/// micrometre from the end.
#[test]
fn a_clamped_cable_takes_the_current_of_its_input_conductance() {
    let (dt, diameter, length, pieces) = (0.5, 2.0, 800.0, 400);
    let mut app = app(dt);
    let piece = length / f64::from(pieces);
    // 100 Ω cm are 1 MΩ µm.
    let half = (piece / 2.0) / (PI * diameter * diameter / 4.0);
    let cut = Cut { area: PI * diameter * piece, resistance_before: half, resistance_after: half };
    let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![cut; pieces as usize] }]);
    let mut plan = CellPlan::new(tree, Milliseconds(dt), Method::BackwardEuler, Kelvin(300.0), Millivolts(-70.0)).unwrap();
    let all = plan.compartments();
    paint(&app, &mut plan, "Passive", &all, &[("conductance", 0.05 * MILLISIEMENS), ("reversal_potential", -70.0)]);
    // Half a piece lies between the end and the middle of the first compartment, of which the closed form knows nothing.
    paint(&app, &mut plan, "VoltageClamp", &[all[0]], &[("potential", -40.0), ("series_resistance", 1e-4 * MEGAOHMS)]);
    let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0] }).unwrap();
    let clamp = app.instance(population, (0, 0), 0, all[0]).unwrap();
    app.advance(Milliseconds(1000.0)).unwrap();
    // In nS/µm² and GΩ µm.
    let (membrane, axial) = (0.05 * MILLISIEMENS, 1e-3);
    let lambda = (diameter / 4.0 / (membrane * axial)).sqrt();
    let conductance = PI / 2.0 * diameter.powf(1.5) * (membrane / axial).sqrt() * (length / lambda).tanh();
    let (found, expected) = (current(&app, clamp), 30.0 * conductance);
    assert!((found / expected - 1.0).abs() < 2e-3, "{found} pA for {expected} pA");
    assert!(app.instance(population, (0, 0), 0, all[1]).is_none() && app.instance(population, (1, 0), 0, all[0]).is_none());
}

/// Claim: an instance is found by cell and node, in lanes and in pools. Source: the potential to which each clamp pulls its compartment. Tolerance: none for
/// clamps of 1 Ω.
#[test]
fn instances_are_found_by_their_place() {
    let dt = 0.1;
    let mut app = app(dt);
    let cut = Cut { area: 1000.0, resistance_before: 1e6, resistance_after: 1e6 };
    let plan = |pieces: usize, app: &App| {
        let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![cut; pieces] }]);
        let mut plan = CellPlan::new(tree, Milliseconds(dt), Method::BackwardEuler, Kelvin(300.0), Millivolts(-70.0)).unwrap();
        let nodes = plan.compartments();
        let entry = app.world().resource::<Registry<MechanismEntry>>().get("VoltageClamp").unwrap().clone();
        let potentials = nodes.iter().map(|node| f64::from(*node) - 10.0 * pieces as f64).collect();
        let parameters =
            [("potential".to_string(), Assigned::Listed(potentials)), ("series_resistance".to_string(), Assigned::Shared(1e-6 * MEGAOHMS))];
        plan.paint(&entry, None, &nodes, &parameters).unwrap();
        plan
    };
    let plans = vec![plan(3, &app), plan(5, &app)];
    // 32 alike, then a pool of 8 that take turns.
    let plan_of: Vec<u32> = (0..40).map(|cell| if cell < 32 { 0 } else { cell % 2 }).collect();
    let population = app.add_cells(CellsRequest { name: "cells".into(), plans, plan_of: plan_of.clone() }).unwrap();
    app.advance_steps(3).unwrap();
    let mut query = app.world_mut().query::<(&CompartmentOf, &CompartmentPotential)>();
    assert_eq!(query.iter(app.world()).count(), 36 * 3 + 4 * 5);
    for (cell, plan) in (0..).zip(&plan_of) {
        let pieces = [3, 5][*plan as usize];
        let mut found = Vec::new();
        for node in 0..pieces {
            let at = app.instance(population, (0, 0), cell, node).unwrap();
            found.push(app.world().get::<InstanceId>(at).unwrap().0);
            // At -70 mV before the first step: what flows then tells the clamp's potential. Now nothing flows.
            assert!(current(&app, at).abs() < 1.0, "cell {cell}, node {node}");
        }
        found.dedup();
        assert_eq!(found.len(), pieces as usize);
    }
    // The current of the first step tells which potential the instance holds.
    let mut app = self::app(dt);
    let plans = vec![plan(3, &app), plan(5, &app)];
    let population = app.add_cells(CellsRequest { name: "cells".into(), plans, plan_of: plan_of.clone() }).unwrap();
    app.advance_steps(1).unwrap();
    for (cell, plan) in (0..).zip(&plan_of) {
        let pieces = [3, 5][*plan as usize];
        for node in 0..pieces {
            let at = app.instance(population, (0, 0), cell, node).unwrap();
            let holds = f64::from(node) - 10.0 * f64::from(pieces);
            let expected = 1e9 * (holds + 70.0);
            assert!((current(&app, at) - expected).abs() <= 1e-9 * expected.abs(), "cell {cell}, node {node}");
        }
    }
    assert!(app.instance(population, (0, 0), 40, 0).is_none() && app.instance(population, (0, 0), 32, 3).is_none());
}
