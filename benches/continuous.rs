//! Time of a step of a worm's nervous system: 302 graded neurons, 3,700 graded and 1,105 electrical synapses, drawn at random, 0.5 ms a step.
//!
//! Run it with `cargo bench --bench continuous`. An iteration is one step on one thread: 60 µs would make 10 s of biology last 1.2 s.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a bench stops at the first surprise")]

use criterion::{Criterion, criterion_group, criterion_main};
use neuropil::prelude::*;
use neuropil::synapses::ExplicitSynapse;

const NEURONS: u32 = 302;

fn worm(criterion: &mut Criterion) {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins).insert_resource(Clock::new(Milliseconds(0.5)).unwrap());
    app.world_mut().resource_mut::<RunSettings>().threads = 1;
    // Half of the neurons have a bias, so that the network moves.
    let bias = (0..NEURONS).map(|k| if k % 2 == 0 { 5.0 } else { 0.0 }).collect();
    let parameters = vec![("bias_current".to_string(), Assigned::Listed(bias))];
    let request = PopulationRequest { name: "cells".into(), size: NEURONS, parameters, ..Default::default() };
    app.add_population_of("GradedNeuron", request).unwrap();
    for (name, count, inhibitory, transmission) in
        [("chemical", 3700, 26, Transmission::Graded), ("gap junctions", 1105, 0, Transmission::Electrical)]
    {
        let rule = ConnectionRule::Explicit(drawn(count, inhibitory));
        let projection = Projection::new(name, &["cells"], &["cells"], rule, "0.1 nS", Dimension::CONDUCTANCE, "0.5 ms").unwrap();
        app.connect(Projection { transmission, ..projection }).unwrap();
    }
    app.advance_steps(1000).unwrap();
    criterion.bench_function("step of a worm", |bencher| bencher.iter(|| app.advance_steps(1).unwrap()));
}

/// Synapses between neurons drawn by a linear congruential generator; the first `inhibitory` neurons inhibit.
fn drawn(count: u32, inhibitory: u32) -> Vec<ExplicitSynapse> {
    let mut state = 1_u32;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let mut synapse = || {
        let (source, target, contacts) = (draw(NEURONS), draw(NEURONS), f64::from(1 + draw(4)));
        let weight = if source < inhibitory { -0.1 * contacts } else { 0.1 * contacts };
        ExplicitSynapse { source, target, weight: Some(weight), delay: None }
    };
    (0..count).map(|_| synapse()).collect()
}

criterion_group!(benches, worm);
criterion_main!(benches);
