//! Time to make a synapse, for each connection rule.
//!
//! Run it with `cargo bench --bench build`. An element is one synapse: 100 Melem/s is 10 ns. All processors that there are may be used.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use neuropil::prelude::*;
use neuropil::synapses::{ExplicitSynapse, VARIABLES};
use std::time::Duration;

const FIXED_WEIGHT: [&str; 2] = ["20 pA", "1.5 ms"];
const DRAWN_WEIGHT: [&str; 2] = ["normal(20 pA, 2 pA)", "redraw(normal(1.5 ms, 0.75 ms), 0.1 ms, 10 ms)"];

struct Case {
    name: &'static str,
    neurons: u32,
    rule: ConnectionRule,
    weight_and_delay: [&'static str; 2],
    multapses: Allowed,
}

fn build(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("build");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    for case in cases() {
        let mut built = describe(&case);
        built.build_network().unwrap();
        group.throughput(Throughput::Elements(built.world().resource::<Synapses>().count()));
        drop(built);
        group.bench_function(case.name, |bencher| {
            let routine = |mut app: App| {
                app.build_network().unwrap();
                app
            };
            bencher.iter_batched(|| describe(&case), routine, BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// A million synapses and more, but for one-to-one, where there are as many as neurons.
fn cases() -> Vec<Case> {
    let case = |name, neurons, rule| Case { name, neurons, rule, weight_and_delay: FIXED_WEIGHT, multapses: Allowed::Yes };
    let probability = Expression::parse("0.5 * exp(-(distance / 200 um)^2)").unwrap();
    let probability = probability.compile(&Scope::new(), &VARIABLES, Dimension::NONE).unwrap();
    let list = (0..1_000_000_u32).map(|k| ExplicitSynapse {
        source: k % 10_000,
        target: k.wrapping_mul(2_654_435_761) % 10_000,
        weight: None,
        delay: None,
    });
    let in_degree = || ConnectionRule::FixedInDegree(400);
    vec![
        case("all to all", 2_000, ConnectionRule::AllToAll),
        case("one to one", 200_000, ConnectionRule::OneToOne),
        case("fixed in-degree", 10_000, in_degree()),
        Case { multapses: Allowed::No, ..case("fixed in-degree, no multapses", 10_000, in_degree()) },
        Case { weight_and_delay: DRAWN_WEIGHT, ..case("fixed in-degree, weights and delays drawn", 10_000, in_degree()) },
        case("fixed out-degree", 10_000, ConnectionRule::FixedOutDegree(400)),
        case("fixed total number", 10_000, ConnectionRule::FixedTotalNumber(4_000_000)),
        case("pairwise Bernoulli", 10_000, ConnectionRule::PairwiseBernoulli(0.04)),
        case("distance-dependent", 10_000, ConnectionRule::DistanceDependent { probability, periodic: [0.0; 3] }),
        case("explicit", 10_000, ConnectionRule::Explicit(list.collect())),
    ]
}

/// A network that waits to be built: a square sheet of neurons, 20 µm apart.
fn describe(case: &Case) -> App {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let side = f64::from(case.neurons).sqrt().ceil() as u32;
    let positions = (0..case.neurons).map(|k| [20.0 * (k % side) as f32, 20.0 * (k / side) as f32, 0.0]);
    let request =
        PopulationRequest { name: "neurons".to_string(), size: case.neurons, positions: positions.collect(), ..Default::default() };
    app.add_population_of("LifExponentialCurrent", request).unwrap();
    let [weight, delay] = case.weight_and_delay;
    let everyone = ["neurons"];
    let projection = Projection::new("projection", &everyone, &everyone, case.rule.clone(), weight, Dimension::CURRENT, delay).unwrap();
    app.connect(Projection { multapses: case.multapses, ..projection }).unwrap();
    app
}

criterion_group!(benches, build);
criterion_main!(benches);
