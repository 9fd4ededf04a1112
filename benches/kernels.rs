//! Time of a neuron-step: each point-neuron model alone, without synapses.
//!
//! Run it with `cargo bench --bench kernels`. An element is one neuron advanced by one step on one thread: 1 Gelem/s is 1 ns.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use neuropil::prelude::*;
use std::time::Duration;

const NEURONS: u32 = 10_000;
const STEPS: u64 = 100;

/// Models, and a bias current that makes them spike, in the model's own unit.
const MODELS: [(&str, f64); 9] = [
    ("LifDelta", 400.0),
    ("LifExponentialCurrent", 400.0),
    ("LifAlphaCurrent", 400.0),
    ("LifExponentialConductance", 270.0),
    ("LifAlphaConductance", 270.0),
    ("AdEx", 700.0),
    ("Izhikevich", 10.0),
    ("HodgkinHuxleyAlphaCurrent", 650.0),
    ("HodgkinHuxleyTraubMiles", 300.0),
];

#[derive(Clone, Copy)]
enum Parameters {
    Shared,
    PerNeuron,
}

fn kernels(criterion: &mut Criterion) {
    let instruction_sets = [Simd::Portable, Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available());
    let instruction_sets: Vec<Simd> = instruction_sets.collect();
    for (model, bias) in MODELS {
        let mut group = criterion.benchmark_group(model);
        group.throughput(Throughput::Elements(u64::from(NEURONS) * STEPS));
        group.sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
        for (name, parameters) in [("shared", Parameters::Shared), ("per neuron", Parameters::PerNeuron)] {
            for &simd in &instruction_sets {
                group.bench_function(format!("{name}, {simd}"), |bencher| {
                    let mut app = population(model, bias, parameters, simd);
                    bencher.iter(|| app.advance_steps(STEPS).unwrap());
                });
            }
        }
        group.finish();
    }
}

/// A built population whose neurons start at different potentials, so that they do not all spike in the same step.
fn population(model: &str, bias: f64, parameters: Parameters, simd: Simd) -> App {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let mut settings = app.world_mut().resource_mut::<RunSettings>();
    (settings.threads, settings.simd) = (1, simd);
    let spread = |least: f64, most: f64| (0..NEURONS).map(|k| least + (most - least) * (f64::from(k) * 0.618).fract()).collect();
    let bias = match parameters {
        Parameters::Shared => Assigned::Shared(bias),
        Parameters::PerNeuron => Assigned::Listed(spread(bias, 1.05 * bias)),
    };
    let request = PopulationRequest {
        name: "neurons".to_string(),
        size: NEURONS,
        parameters: vec![("bias_current".to_string(), bias)],
        initial: vec![("membrane_potential".to_string(), Assigned::Listed(spread(-70.0, -58.0)))],
        ..Default::default()
    };
    app.add_population_of(model, request).unwrap();
    app.advance_steps(STEPS).unwrap();
    app
}

criterion_group!(benches, kernels);
criterion_main!(benches);
