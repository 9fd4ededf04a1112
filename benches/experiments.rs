//! The shipped experiments, 100 ms of biology each, on all processors that there are: a time of 100 ms is real time.
//!
//! Run it with `cargo bench --bench experiments`. Building is not counted (`build.rs` measures it); every sample starts from the same state.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use neuropil::experiment::{Plan, RunOptions, Settings, read, registered_models, run};
use neuropil::prelude::*;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Name shown, file, and parameters that are set.
const EXPERIMENTS: [(&str, &str, &[&str]); 5] = [
    ("brunel", "brunel.ron", &[]),
    ("coba", "coba.ron", &[]),
    ("cuba", "cuba.ron", &[]),
    ("microcircuit, scale 0.1, all inputs", "microcircuit.ron", &["scale=0.1"]),
    ("microcircuit, scale 0.1, a tenth of the inputs", "microcircuit.ron", &["scale=0.1", "in_degree_scale=0.1"]),
];

fn experiments(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("100 ms");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(2));
    for (name, file, parameters) in EXPERIMENTS {
        let plan = plan(file, parameters);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|iterations| (0..iterations).map(|_| simulate(&plan)).sum());
        });
    }
    group.finish();
}

fn plan(file: &str, parameters: &[&str]) -> Plan {
    let mut settings = Settings { duration: Some("100 ms".to_string()), ..Default::default() };
    parameters.iter().for_each(|assignment| settings.push(assignment).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/experiments").join(file);
    read(&path, &settings, &registered_models(&engine())).unwrap_or_else(|errors| panic!("{}", errors[0].render()))
}

/// Wall-clock time from the first step to the last.
fn simulate(plan: &Plan) -> Duration {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let options = RunOptions { threads, simd: Simd::detect(), keep: false, cancel: &AtomicBool::new(false), progress: &mut |_| () };
    let outcome = run(plan, &mut engine(), options).unwrap_or_else(|error| panic!("{}", error.render()));
    assert!(outcome.fault.is_none(), "{:?}", outcome.fault);
    Duration::from_secs_f64(outcome.summary.run_s)
}

fn engine() -> App {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    app
}

criterion_group!(benches, experiments);
criterion_main!(benches);
