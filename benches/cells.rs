//! Time of a compartment-step: the shipped cells as a user runs them, and reduced cells beside a point neuron.
//!
//! Run it with `cargo bench --bench cells`. An element is a compartment, or a point neuron, advanced by one step on one thread; building is not counted.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use neuropil::experiment::{Plan, RunOptions, Settings, read, registered_models, run};
use neuropil::prelude::*;
use neuropil_core::Registry;
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{Attachment, CableTree, Cut, CutSection};
use neuropil_dendrites::{AddCells, CellPlan, CellsRequest, Compartments, MechanismEntry, Precision};
use neuropil_units::Kelvin;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Name shown, file, parameters that are set, and duration, ms. Steps are of 0.025 ms.
const CELLS: [(&str, &str, &[&str], u64); 8] = [
    ("ring, active", "assets/experiments/ring.ron", &[], 20),
    ("ring, passive", "assets/experiments/ring.ron", &["dendrites=passive"], 20),
    ("ring, different trees", "assets/experiments/ring.ron", &["morphology=different"], 20),
    ("ring, active, single precision", "assets/experiments/ring.ron", &["precision=single"], 20),
    ("ring, passive, single precision", "assets/experiments/ring.ron", &["dendrites=passive", "precision=single"], 20),
    ("ring, different trees, single precision", "assets/experiments/ring.ron", &["morphology=different", "precision=single"], 20),
    ("one pyramidal cell of Hay's", "benches/peers/hay_cell.ron", &[], 100),
    ("32 pyramidal cells of Hay's", "benches/peers/hay_cell.ron", &["cells=32"], 10),
];

fn detailed(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compartment-step");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(2));
    for (name, file, parameters, duration) in CELLS {
        let plan = plan(file, parameters, duration);
        group.throughput(Throughput::Elements(simulate(&plan).1 * duration * 40));
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| (0..iterations).map(|_| simulate(&plan).0).sum());
        });
    }
    group.finish();
}

fn plan(file: &str, parameters: &[&str], duration: u64) -> Plan {
    let mut settings = Settings { duration: Some(format!("{duration} ms")), ..Default::default() };
    parameters.iter().for_each(|assignment| settings.push(assignment).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    read(&path, &settings, &registered_models(&engine())).unwrap_or_else(|errors| panic!("{}", errors[0].render()))
}

/// Wall-clock time from the first step to the last, and the number of compartments.
fn simulate(plan: &Plan) -> (Duration, u64) {
    let options = RunOptions { threads: 1, simd: Simd::detect(), keep: false, cancel: &AtomicBool::new(false), progress: &mut |_| () };
    let mut app = engine();
    let outcome = run(plan, &mut app, options).unwrap_or_else(|error| panic!("{}", error.render()));
    assert!(outcome.fault.is_none(), "{:?}", outcome.fault);
    let compartments = app.world_mut().query::<&Compartments>().iter(app.world()).map(|own| own.0.len() as u64).sum();
    (Duration::from_secs_f64(outcome.summary.run_s), compartments)
}

fn engine() -> App {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    app
}

const REDUCED: usize = 100_000;
const DENDRITES: usize = 3;
const STEPS: u64 = 20;

/// Cells of a soma that spikes by rule and three dendrites that do, a synapse on each.
fn reduced(count: usize, precision: Precision) -> App {
    let mut app = idle();
    let entry = |name: &str| app.world().resource::<Registry<MechanismEntry>>().get(name).unwrap().clone();
    let cut = |area: f64| vec![Cut { area, resistance_before: 30.0, resistance_after: 30.0 }];
    let mut sections = vec![CutSection { parent: None, cuts: cut(10_000.0) }];
    sections.extend((0..DENDRITES).map(|_| CutSection { parent: Some((0, Attachment::Compartment(0))), cuts: cut(5_000.0) }));
    let tree = CableTree::new(&sections);
    let mut plan = CellPlan::new(tree, Milliseconds(0.1), Method::BackwardEuler, Kelvin(307.15), Millivolts(-65.0)).unwrap();
    plan.set_precision(precision);
    let all = plan.compartments();
    let set = |name: &str, value: f64| (name.to_string(), Assigned::Shared(value));
    plan.paint(&entry("Passive"), None, &all, &[set("conductance", 0.05), set("reversal_potential", -45.0)]).unwrap();
    plan.paint(&entry("SpikeAndReset"), None, &all[..1], &[]).unwrap();
    plan.paint(&entry("DendriticSpike"), None, &all[1..], &[]).unwrap();
    plan.paint(&entry("ExponentialSynapse"), Some("AMPA"), &all, &[set("time_constant", 2.0)]).unwrap();
    app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; count] }).unwrap();
    app.advance_steps(STEPS).unwrap();
    app
}

fn points(model: &str, count: usize) -> App {
    let mut app = idle();
    let spread = (0..count).map(|k| -70.0 + 12.0 * (k as f64 * 0.618).fract()).collect();
    let request = PopulationRequest {
        name: "neurons".to_string(),
        size: count as u32,
        initial: vec![("membrane_potential".to_string(), Assigned::Listed(spread))],
        ..Default::default()
    };
    app.add_population_of(model, request).unwrap();
    app.advance_steps(STEPS).unwrap();
    app
}

fn idle() -> App {
    let mut app = engine();
    app.world_mut().resource_mut::<RunSettings>().threads = 1;
    app
}

fn rules(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("100000 cells");
    group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let compartments = 1 + DENDRITES;
    group.throughput(Throughput::Elements((REDUCED * compartments) as u64 * STEPS));
    for precision in [Precision::Double, Precision::Single] {
        group.bench_function(format!("soma and three dendrites, {precision:?} precision, by compartment"), |bencher| {
            let mut app = reduced(REDUCED, precision);
            bencher.iter(|| app.advance_steps(STEPS).unwrap());
        });
    }
    group.throughput(Throughput::Elements(REDUCED as u64 * STEPS));
    for model in ["LifExponentialConductance", "AdEx", "HodgkinHuxleyTraubMiles"] {
        group.bench_function(format!("point neuron, {model}"), |bencher| {
            let mut app = points(model, REDUCED);
            bencher.iter(|| app.advance_steps(STEPS).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, detailed, rules);
criterion_main!(benches);
