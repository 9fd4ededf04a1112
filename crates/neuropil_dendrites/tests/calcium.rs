//! Pools of calcium against closed forms, and cells with them against a plain loop.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use neuropil_core::columns::Shared;
use neuropil_core::{Clock, CorePlugin, Registry, RunSettings, Simulate};
use neuropil_dendrites::Precision;
use neuropil_dendrites::mechanism::{Mechanism, Membrane, Place};
use neuropil_dendrites::mechanisms::calcium_pool::{CalciumConcentration, CalciumCurrent};
use neuropil_dendrites::mechanisms::{CalciumPool, InwardCalciumPool};
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{CableTree, Cut, CutSection};
use neuropil_dendrites::{
    AddCells, CellError, CellPlan, CellsRequest, CompartmentId, CompartmentPotential, DendritesPlugin, InstanceId, MechanismEntry,
};
use neuropil_neurons::stimuli::current::InjectedCurrent;
use neuropil_neurons::{Assigned, NeuronModelsPlugins};
use neuropil_synapses::SynapsesPlugin;
use neuropil_units::{Kelvin, Micrometers, Millimolar, Milliseconds, Millivolts, Number, SquareMicrometers};

fn place(time_step: f64, celsius: f64) -> Place {
    Place {
        time_step: Milliseconds(time_step),
        precision: Precision::Double,
        temperature: Kelvin(273.15 + celsius),
        area: SquareMicrometers(100.0),
        potential: Millivolts(-65.0),
        calcium: Millimolar(5e-5),
    }
}

/// Advances a pool by a step: concentration and calcium current of the step before, to concentration and reversal potential.
fn step<P: Mechanism<State = (CalciumConcentration, CalciumCurrent)>>(pool: &P, place: &Place, calcium: f64, current: f64) -> (f64, f64) {
    let (mut inside, mut reversal, mut state) = ([f64::NAN], [f64::NAN], ([calcium], [0.0]));
    P::keep_calcium_current((&mut state.0, &mut state.1), &[current]);
    let membrane = Membrane {
        potential: &[-65.0],
        arriving: &[],
        conductance: &mut [0.0],
        current: &mut [0.0],
        calcium: &mut inside,
        calcium_reversal: &mut reversal,
        calcium_current: &mut [0.0],
    };
    P::advance(Shared(pool.constants(place).unwrap()), (&mut state.0, &mut state.1), membrane);
    assert_eq!(state.0, inside);
    (inside[0], reversal[0])
}

/// Claim: under a constant current a pool goes exponentially to its limit, whatever the step, and never below 0. Source: the solution of its
/// equation, with F of CODATA 2018. Tolerance: 1e-12, roundings of a thousand steps.
#[test]
fn pool_under_constant_current() {
    let pool = CalciumPool {
        free_fraction: Number(0.05),
        depth: Micrometers(0.25),
        time_constant: Milliseconds(80.0),
        initial_concentration: Millimolar(3e-4),
        ..Default::default()
    };
    for (current, time_step) in [(-2.0, 0.025), (-2.0, 1.0), (0.0, 0.1), (0.001, 0.1)] {
        let place = place(time_step, 34.0);
        let mut calcium = pool.initial_state(&place).0.0;
        for k in 1..=1000 {
            calcium = step(&pool, &place, calcium, current).0;
            // 1 µA/cm² = 1e-3 mA/cm²; 1 µm = 1e-4 cm.
            let limit = 1e-4 - 80.0 * 1e4 * 0.05 * (current * 1e-3) / (2.0 * 96_485.332_12 * 0.25);
            let expected = limit + (3e-4 - limit) * (-time_step * f64::from(k) / 80.0).exp();
            assert!((calcium / expected - 1.0).abs() < 1e-12, "{current} µA/cm², {time_step} ms, step {k}: {calcium:e}, {expected:e}");
        }
    }
    assert_eq!(step(&pool, &place(1.0, 34.0), 1e-4, 1e3).0, 0.0);
    assert!(step(&pool, &place(1.0, 34.0), 1e-4, 1e3).1.is_finite());
}

/// Claim: the pool of CA1 cells follows inward current to the limit of its equation, and under outward current decays to rest as without any. Source: the
/// solution of its equation with the constants of Poirazi et al. (2003): a free fraction of 1/18, 200/7 ms, 0.1 µm. Tolerance: 1e-12, roundings of a
/// thousand steps.
#[test]
fn outward_current_takes_nothing_from_an_inward_pool() {
    let (pool, place) = (InwardCalciumPool::default(), place(0.1, 34.0));
    for current in [-0.5, 0.0, 3.0] {
        let mut calcium = 5e-4;
        for k in 1..=1000 {
            calcium = step(&pool, &place, calcium, current).0;
            let limit = 1e-4 - 200.0 / 7.0 * 1e4 / 18.0 * (f64::min(current, 0.0) * 1e-3) / (2.0 * 96_485.332_12 * 0.1);
            let expected = limit + (5e-4 - limit) * (-0.1 * f64::from(k) * 7.0 / 200.0).exp();
            assert!((calcium / expected - 1.0).abs() < 1e-12, "{current} µA/cm², step {k}: {calcium:e}, {expected:e}");
        }
    }
}

/// Claim: the reversal potential is Nernst's. Source: Hay et al. (2011), for 1e-4 mM inside and 2 mM outside: 119.24 mV at 6.3 °C, where their
/// scripts run, 131.06 mV at 34 °C; half the calcium is RT/(2F) ln 2 = 8.35 mV more. Tolerance: half of the last digit.
#[test]
fn reversal_potentials() {
    let pool = CalciumPool::default();
    for (celsius, calcium, expected) in [(6.3, 1e-4, 119.24), (34.0, 1e-4, 131.06), (6.3, 5e-5, 119.24 + 8.35)] {
        let found = step(&pool, &place(1e-9, celsius), calcium, 0.0).1;
        assert!((found - expected).abs() < 0.005, "{celsius} °C, {calcium} mM: {found}");
    }
}

const CELSIUS: f64 = 34.0;
const DT: f64 = 0.025;

fn app() -> App {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin, DendritesPlugin));
    app.insert_resource(RunSettings { threads: 1, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(DT)).unwrap());
    app
}

fn set(parameters: &[(&str, f64)]) -> Vec<(String, Assigned)> {
    parameters.iter().map(|(name, value)| (name.to_string(), Assigned::Shared(*value))).collect()
}

/// A plan of one compartment of 1000 µm² with calcium and potassium channels, and a pool where asked.
fn plan(app: &App, pool: bool) -> CellPlan {
    let registry = app.world().resource::<Registry<MechanismEntry>>();
    let entry = |name: &str| registry.get(name).unwrap();
    let tree =
        CableTree::new(&[CutSection { parent: None, cuts: vec![Cut { area: 1000.0, resistance_before: 1.0, resistance_after: 1.0 }] }]);
    let kelvin = Kelvin(273.15 + CELSIUS);
    let mut plan = CellPlan::new(tree, Milliseconds(DT), Method::BackwardEuler, kelvin, Millivolts(-70.0)).unwrap();
    let leak = set(&[("conductance", 0.1e-2), ("reversal_potential", -70.0)]);
    plan.paint(entry("Passive"), None, &[0], &leak).unwrap();
    // The pool comes last, but what reads calcium starts from it all the same.
    plan.paint(entry("CalciumActivatedPotassium"), None, &[0], &set(&[("conductance", 1.0e-2)])).unwrap();
    plan.paint(entry("HighVoltageActivatedCalcium"), None, &[0], &[]).unwrap();
    if pool {
        let parameters = set(&[("free_fraction", 0.05), ("time_constant", 80.0), ("initial_concentration", 2e-4 * 1e-3)]);
        plan.paint(entry("CalciumPool"), None, &[0], &parameters).unwrap();
        let refused = plan.paint(entry("CalciumPool"), None, &[0], &[]);
        assert!(matches!(refused, Err(CellError::SecondPool { .. })));
    }
    plan
}

/// The same cell by a plain loop: potential and calcium after every step.
fn expected(steps: usize, pool: bool) -> Vec<(f64, f64)> {
    let nernst = |calcium: f64| 1e3 * 8.314_462_618 * (273.15 + CELSIUS) / (2.0 * 96_485.332_12) * (2.0 / calcium).ln();
    let phi = |x: f64| if x == 0.0 { 1.0 } else { x / -(-x).exp_m1() };
    let rates = |v: f64| {
        let opening = [0.209 * phi((v + 27.0) / 3.8), 0.000457 * (-(v + 13.0) / 50.0).exp()];
        let closing = [0.94 * (-(v + 75.0) / 17.0).exp(), 0.0065 / (1.0 + (-(v + 15.0) / 28.0).exp())];
        [0, 1].map(|k| (opening[k] / (opening[k] + closing[k]), opening[k] + closing[k]))
    };
    let bound = |calcium: f64| 1.0 / (1.0 + (0.00043 / calcium).powf(4.8));
    let (mut v, mut calcium, mut carried) = (-70.0, if pool { 2e-4 } else { 5e-5 }, 0.0);
    let ([mut m, mut h], mut z) = (rates(v).map(|(limit, _)| limit), bound(calcium));
    let mut course = Vec::new();
    for _ in 0..steps {
        if pool {
            let limit = 1e-4 - 80.0 * 1e4 * 0.05 * (carried * 1e-3) / (2.0 * 96_485.332_12 * 0.1);
            calcium = limit + (calcium - limit) * (-DT / 80.0f64).exp();
        }
        let [to_m, to_h] = rates(v);
        m = to_m.0 + (m - to_m.0) * (-DT * to_m.1).exp();
        h = to_h.0 + (h - to_h.0) * (-DT * to_h.1).exp();
        z = bound(calcium) + (z - bound(calcium)) * (-DT).exp();
        let (open, potassium) = (0.992 * m * m * h, z);
        carried = open * (v - nernst(calcium));
        // 64 pA into 1000 µm² are 6.4 µA/cm².
        let driven = v / DT + 0.1 * -70.0 + open * nernst(calcium) + potassium * -85.0 + 6.4;
        v = driven / (1.0 / DT + 0.1 + open + potassium);
        course.push((v, calcium));
    }
    course
}

/// Claim: pools, channels that carry calcium and channels that it opens work together in a step as documented, in cells side by side and in a pool;
/// without a pool calcium stays at its default. Source: a plain loop over the same equations. Tolerance: 1e-9 of 100 mV and of concentrations:
/// roundings over 4000 steps of a system that settles.
#[test]
fn cells_with_pools_follow_a_plain_loop() {
    for (cells, pool) in [(1, true), (40, true), (1, false), (40, false)] {
        let mut app = app();
        let plan = plan(&app, pool);
        let cells_of = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; cells] }).unwrap();
        app.world_mut().entity_mut(cells_of).insert(InjectedCurrent(vec![64.0; cells]));
        let course = expected(4000, pool);
        for (k, (v, calcium)) in course.iter().enumerate() {
            app.advance(Milliseconds(DT)).unwrap();
            if k % 100 != 0 {
                continue;
            }
            let world = app.world_mut();
            let found: Vec<f64> = world.query::<(&CompartmentId, &CompartmentPotential)>().iter(world).map(|(_, v)| v.0).collect();
            assert_eq!(found.len(), cells);
            assert!(found.iter().all(|found| (found - v).abs() < 1e-7), "{cells} cells, step {k}: {found:?}, expected {v}");
            let inside: Vec<f64> = world.query::<(&InstanceId, &CalciumConcentration)>().iter(world).map(|(_, c)| c.0).collect();
            assert_eq!(inside.len(), if pool { cells } else { 0 });
            assert!(inside.iter().all(|found| (found / calcium - 1.0).abs() < 1e-9), "{cells} cells, step {k}: {inside:?}, {calcium}");
        }
        // The test means something only if calcium went somewhere.
        let highest = course.iter().map(|(_, calcium)| *calcium).fold(0.0, f64::max);
        assert!(!pool || highest > 6e-4, "{highest}");
    }
}
