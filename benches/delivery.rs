//! Time of a synaptic event: Brunel's network in its asynchronous irregular state, at three sizes, on one and two threads.
//!
//! Run it with `cargo bench --bench delivery`. An iteration is one event, a spike that reaches one synapse: the time shown is that of an event.
//! `delivery` counts the delivery of spikes alone; `whole step` counts everything, so that neurons and external input are shared out among events.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use neuropil::core::Layout;
use neuropil::experiment::{Settings, read, registered_models, spawn};
use neuropil::prelude::*;
use std::path::Path;
use std::time::{Duration, Instant};

/// A fifth of the neurons; each of them hears half of that number.
const ORDERS: [u32; 3] = [500, 2500, 5000];

fn delivery(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("synaptic event");
    group.throughput(Throughput::Elements(1));
    group.sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    for order in ORDERS {
        for threads in [1, 2] {
            let mut network = None;
            for (name, part) in [("delivery", Part::Delivery), ("whole step", Part::WholeStep)] {
                let size = format!("{} neurons, {threads} threads", 5 * order);
                group.bench_function(BenchmarkId::new(name, size), |bencher| {
                    // Made here, so that what a filter leaves out is not built.
                    let app = network.get_or_insert_with(|| brunel(order, threads));
                    bencher.iter_custom(|events| deliver(app, part, events));
                });
            }
        }
    }
    group.finish();
}

#[derive(Clone, Copy)]
enum Part {
    Delivery,
    WholeStep,
}

/// Time that so many events take, from a run of whole slices with at least as many.
fn deliver(app: &mut App, part: Part, events: u64) -> Duration {
    let slice = app.world().resource::<Clock>().slice_steps();
    let (before, start) = (app.world().resource::<Synapses>().events(), Instant::now());
    app.world_mut().resource_mut::<Stopwatch>().total = Duration::ZERO;
    loop {
        app.advance_steps(slice).unwrap();
        let delivered = app.world().resource::<Synapses>().events() - before;
        if delivered >= events {
            let elapsed = match part {
                Part::Delivery => app.world().resource::<Stopwatch>().total,
                Part::WholeStep => start.elapsed(),
            };
            return elapsed.mul_f64(events as f64 / delivered as f64);
        }
    }
}

/// The shipped experiment, built and past its first transient.
fn brunel(order: u32, threads: usize) -> App {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    app.world_mut().resource_mut::<RunSettings>().threads = threads;
    let settings = Settings { set: vec![("order".to_string(), order.to_string())], ..Default::default() };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/experiments/brunel.ron");
    let plan = read(&path, &settings, &registered_models(&app)).unwrap_or_else(|errors| panic!("{}", errors[0].render()));
    spawn(&plan, &mut app, false).unwrap_or_else(|error| panic!("{}", error.render()));

    let starts = start_stopwatch.after(NeuropilSystems::Stimulate).before(NeuropilSystems::Deliver);
    let stops = stop_stopwatch.after(NeuropilSystems::Deliver).before(NeuropilSystems::Integrate);
    app.init_resource::<Stopwatch>().add_systems(Step, (starts, stops));
    app.advance(Milliseconds(100.0)).unwrap();
    let workers = app.world().resource::<Layout>().workers();
    if workers != threads {
        eprintln!("note: {} neurons are too few for {threads} threads; {workers} ran", 5 * order);
    }
    app
}

#[derive(Resource, Default)]
struct Stopwatch {
    started: Option<Instant>,
    total: Duration,
}

fn start_stopwatch(mut stopwatch: ResMut<Stopwatch>) {
    stopwatch.started = Some(Instant::now());
}

fn stop_stopwatch(mut stopwatch: ResMut<Stopwatch>) {
    let elapsed = stopwatch.started.take().map_or(Duration::ZERO, |started| started.elapsed());
    stopwatch.total += elapsed;
}

criterion_group!(benches, delivery);
criterion_main!(benches);
