//! Time of a compartment-step: Hodgkin and Huxley's channels built in, and declared by expressions.
//!
//! Run it with `cargo bench --bench declared`. An element is one compartment advanced by one step on one thread, the solver's part in it; `passive` has the
//! solver's part alone. What the kernels take is what the others take more than that.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use neuropil::prelude::*;
use neuropil_core::Registry;
use neuropil_dendrites::declared::{Conducts, DeclaredChannel, Gate, Kinetics};
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{CableTree, Cut, CutSection};
use neuropil_dendrites::{AddCells, CellPlan, CellsRequest, MechanismEntry};
use neuropil_neurons::stimuli::current::InjectedCurrent;
use neuropil_units::{Expression, Kelvin, MillisiemensPerSquareCentimeter, Scope};
use std::time::Duration;

const COMPARTMENTS: usize = 181;
const STEPS: u64 = 100;

fn gate(name: &str, power: u32, opening: &str, closing: &str) -> Gate {
    let parse = |text: &str| Expression::parse(text).unwrap();
    Gate { name: name.into(), power, kinetics: Kinetics::Rates { opening: parse(opening), closing: parse(closing) } }
}

fn declared(name: &str, conductance: f64, reversal: f64, gates: Vec<Gate>) -> MechanismEntry {
    let channel = DeclaredChannel {
        name: name.into(),
        conductance: MillisiemensPerSquareCentimeter(conductance),
        conducts: Conducts::Ohmic(Millivolts(reversal)),
        temperature_factor: Some(Expression::parse("3^((temperature - 6.3 degC) / (10 K))").unwrap()),
        gates,
        scheme: None,
    };
    channel.entry(&Scope::new()).unwrap()
}

fn entries(app: &App, kind: &str) -> Vec<(MechanismEntry, Vec<(String, Assigned)>)> {
    let built_in = |name: &str| app.world().resource::<Registry<MechanismEntry>>().get(name).unwrap().clone();
    let set = |name: &str, value: f64| (name.to_string(), Assigned::Shared(value));
    let leak = (built_in("Passive"), vec![set("conductance", 0.3e-2), set("reversal_potential", -54.3)]);
    match kind {
        "passive" => vec![leak],
        "built in" => vec![(built_in("HodgkinHuxley"), Vec::new())],
        _ => {
            let m = gate(
                "m",
                3,
                "(1/ms) * linoid((membrane_potential + 40 mV) / (10 mV))",
                "(4/ms) * exp(-(membrane_potential + 65 mV) / (18 mV))",
            );
            let h = gate(
                "h",
                1,
                "(0.07/ms) * exp(-(membrane_potential + 65 mV) / (20 mV))",
                "(1/ms) / (1 + exp(-(membrane_potential + 35 mV) / (10 mV)))",
            );
            let n = gate(
                "n",
                4,
                "(0.1/ms) * linoid((membrane_potential + 55 mV) / (10 mV))",
                "(0.125/ms) * exp(-(membrane_potential + 65 mV) / (80 mV))",
            );
            let sodium = declared("sodium", 120.0, 50.0, vec![m, h]);
            vec![(sodium, Vec::new()), (declared("potassium", 36.0, -77.0, vec![n]), Vec::new()), leak]
        }
    }
}

fn cells(kind: &str, simd: Simd, count: usize) -> App {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let mut settings = app.world_mut().resource_mut::<RunSettings>();
    (settings.threads, settings.simd) = (1, simd);
    app.insert_resource(Clock::new(Milliseconds(0.025)).unwrap());
    let cuts = vec![Cut { area: 60.0, resistance_before: 5.0, resistance_after: 5.0 }; COMPARTMENTS];
    let tree = CableTree::new(&[CutSection { parent: None, cuts }]);
    let mut plan = CellPlan::new(tree, Milliseconds(0.025), Method::BackwardEuler, Kelvin(279.45), Millivolts(-65.0)).unwrap();
    let all = plan.compartments();
    for (entry, parameters) in entries(&app, kind) {
        plan.paint(&entry, None, &all, &parameters).unwrap();
    }
    let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; count] }).unwrap();
    app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![500.0; count]));
    app.advance_steps(STEPS).unwrap();
    app
}

fn channels(criterion: &mut Criterion) {
    let instruction_sets = [Simd::Portable, Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available());
    let instruction_sets: Vec<Simd> = instruction_sets.collect();
    for (layout, count) in [("side by side", 64), ("in a pool", 5)] {
        let mut group = criterion.benchmark_group(layout);
        group.throughput(Throughput::Elements((count * COMPARTMENTS) as u64 * STEPS));
        group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
        for simd in &instruction_sets {
            for kind in ["passive", "built in", "declared"] {
                group.bench_function(format!("{kind}, {simd}"), |bencher| {
                    let mut app = cells(kind, *simd, count);
                    bencher.iter(|| app.advance_steps(STEPS).unwrap());
                });
            }
        }
        group.finish();
    }
}

criterion_group!(benches, channels);
criterion_main!(benches);
