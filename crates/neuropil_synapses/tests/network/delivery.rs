//! Delivery against a loop that has neither rows, blocks nor fixed point.

use crate::{ALL, Edge, GAP, Heard, NEURONS, listen, projection, wiring};
use neuropil_synapses::{Allowed, ConnectionRule, ExplicitSynapse, Projection};
use std::collections::BTreeMap;

/// A fixed sequence of pseudo-random numbers in [0, 1).
fn numbers(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Synapses of all neurons onto all, with weights (pA) up to `largest` of either sign and delays of 1 to 70 steps.
fn listed(count: u32, seed: u64, weight: impl Fn(f64) -> f64) -> Vec<ExplicitSynapse> {
    let mut random = numbers(seed);
    let neuron = |x: f64| (x * f64::from(NEURONS)) as u32;
    let synapse = |_| ExplicitSynapse {
        source: neuron(random()),
        target: neuron(random()),
        weight: Some(weight(random())),
        delay: Some((1.0 + (random() * 70.0).floor()) * 0.1),
    };
    (0..count).map(synapse).collect()
}

/// Several spikes of every neuron, many of them at once, none within the refractory period of the one before.
fn kicks() -> Vec<(u64, u32)> {
    let mut random = numbers(99);
    let mut kicks = Vec::new();
    for neuron in 0..NEURONS {
        let mut step = 1 + (random() * 40.0) as u64;
        while step < 400 {
            kicks.push((step, neuron));
            step += 60 + (random() * 100.0) as u64;
        }
    }
    kicks
}

/// By step, target and channel: sum of weights, sum of their magnitudes, and events.
type Sums = BTreeMap<(u64, u32, u32), (f64, f64, f64)>;

fn naive(spikes: &[(u64, u32)], edges: &[Edge], last: u64) -> Sums {
    let mut sums = Sums::new();
    for (step, source) in spikes {
        for edge in edges.iter().filter(|edge| edge.source == *source && step + edge.delay <= last) {
            let sum = sums.entry((step + edge.delay, edge.target, edge.channel)).or_default();
            *sum = (sum.0 + edge.weight, sum.1 + edge.weight.abs(), sum.2 + 1.0);
        }
    }
    sums
}

/// Every sum within `tolerance`, given the sum of magnitudes and the number of events; nothing arrives anywhere else.
fn compare(heard: &Heard, mut expected: Sums, tolerance: impl Fn(f64, f64) -> f64) {
    for arrival in &heard.arrivals {
        let (sum, magnitude, events) = expected.remove(&(arrival.step, arrival.target, arrival.channel)).unwrap_or_default();
        assert!((arrival.sum - sum).abs() <= tolerance(magnitude, events), "{arrival:?}, expected {sum} of {events} events");
    }
    // What is left must be too small to be seen.
    for (place, (sum, magnitude, events)) in expected {
        assert!(sum.abs() <= tolerance(magnitude, events), "{sum} did not arrive at {place:?}");
    }
}

fn edges_of(list: &[ExplicitSynapse]) -> Vec<Edge> {
    let edge = |s: &ExplicitSynapse| {
        let weight = s.weight.unwrap();
        Edge {
            source: s.source,
            target: s.target,
            channel: u32::from(weight < 0.0),
            delay: (s.delay.unwrap() * 10.0).round() as u64,
            weight,
        }
    };
    list.iter().map(edge).collect()
}

/// Claim: what arrives at every receptor in every step is the sum over synapses of weights of the spikes emitted a delay ago, with 1, 2 and 7
/// threads. Source: a loop over all synapses in f64. Tolerance: a fixed-point unit is at most the largest weight over 16,384, and each weight
/// is rounded by half of it.
#[test]
fn fixed_synapses_deliver_what_a_naive_loop_does() {
    // Typical and largest weight lie close together, so these are packed into words of four bytes.
    let list = listed(6000, 1, |x| (0.5 + x) * if x > 0.7 { -0.004 } else { 0.001 });
    let edges = edges_of(&list);
    let rule = ConnectionRule::Explicit(list);
    let projections = [projection("listed", &ALL, &ALL, rule, "0.001 pA", "1 ms")];
    let kicks = kicks();
    let runs = [1, 2, 7].map(|threads| listen(&projections, &kicks, 500, threads));
    compare(&runs[0], naive(&runs[0].spikes, &edges, 500), |magnitude, events| events * 0.5 * 0.006 / 16_384.0 + 1e-6 * magnitude);
    assert!(runs[0].arrivals.len() > 10_000);
    for run in &runs[1..] {
        assert_eq!((&run.arrivals, &run.spikes), (&runs[0].arrivals, &runs[0].spikes), "threads change what arrives");
    }
}

/// Claim: the same holds for weights that span more than fixed point can. Tolerance: f32 rounds each addition by 6e-8 of the sum.
#[test]
fn wide_synapses_deliver_what_a_naive_loop_does() {
    let list = listed(6000, 2, |x| if x > 0.5 { 1e-6 } else { -1e-6 } * 10_f64.powf(4.0 * x));
    let edges = edges_of(&list);
    let rule = ConnectionRule::Explicit(list);
    let projections = [projection("listed", &ALL, &ALL, rule, "0.001 pA", "1 ms")];
    let kicks = kicks();
    let runs = [1, 2, 7].map(|threads| listen(&projections, &kicks, 500, threads));
    compare(&runs[0], naive(&runs[0].spikes, &edges, 500), |magnitude, events| magnitude * events.max(1.0) * 6e-8);
    for run in &runs[1..] {
        assert_eq!(run.arrivals, runs[0].arrivals, "threads change what arrives");
    }
}

/// Claim: projections of all kinds together, those drawn by target among them, act as the sum of what single spikes of them do.
/// Source: superposition; the wiring is found out with one spike of each neuron. Tolerance: f32 sums of wide synapses.
#[test]
fn projections_superpose() {
    let no_multapses = |projection: Projection| Projection { multapses: Allowed::No, ..projection };
    let weight = "normal(0.001 pA, 0.0002 pA)";
    let delay = "redraw(normal(1.5 ms, 1 ms), 0.1 ms, 9 ms)";
    let projections = [
        projection("in", &["a"], &ALL, ConnectionRule::FixedInDegree(12), weight, delay),
        no_multapses(projection("in, constant", &["b"], &ALL, ConnectionRule::FixedInDegree(12), "-0.004 pA", "1.5 ms")),
        projection("out", &["a"], &["b"], ConnectionRule::FixedOutDegree(9), weight, delay),
        projection("total", &["b"], &["a"], ConnectionRule::FixedTotalNumber(500), weight, "0.1 ms"),
        projection("wide", &ALL, &["a"], ConnectionRule::PairwiseBernoulli(0.05), "lognormal(0 , 3) * 1e-4 pA", delay),
    ];
    let edges = wiring(&projections, 2);
    assert!(edges.iter().all(|edge| edge.delay < GAP));
    for threads in [1, 2, 7] {
        let heard = listen(&projections, &kicks(), 500, threads);
        compare(&heard, naive(&heard.spikes, &edges, 500), |magnitude, events| magnitude * (1.0 + events) * 1.2e-7);
    }
}
