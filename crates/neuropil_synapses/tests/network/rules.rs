//! Connection rules, by the wiring that they make.

use crate::{ALL, Edge, NEURONS, network, program, projection, refusal, wiring};
use neuropil_core::Simulate;
use neuropil_synapses::{Allowed, ConnectionRule, Projection, SynapseCount};
use neuropil_units::Dimension;

/// Weight of one synapse; small enough that no neuron spikes of it.
const ONE: f64 = 0.001;

fn of(rule: ConnectionRule) -> Projection {
    projection("joined", &ALL, &ALL, rule, "0.001 pA", "1 ms")
}

fn simple(rule: ConnectionRule) -> Projection {
    Projection { multapses: Allowed::No, autapses: Allowed::No, ..of(rule) }
}

/// Number of synapses of each (source, target).
fn counts(projection: &Projection) -> Vec<Vec<u64>> {
    let mut counts = vec![vec![0; NEURONS as usize]; NEURONS as usize];
    for Edge { source, target, weight, .. } in wiring(std::slice::from_ref(projection), 1) {
        let number = weight / ONE;
        assert!((number - number.round()).abs() < 1e-3, "{number} synapses");
        counts[source as usize][target as usize] += number.round() as u64;
    }
    counts
}

fn out_degrees(counts: &[Vec<u64>]) -> Vec<u64> {
    counts.iter().map(|row| row.iter().sum()).collect()
}

fn in_degrees(counts: &[Vec<u64>]) -> Vec<u64> {
    (0..counts.len()).map(|target| counts.iter().map(|row| row[target]).sum()).collect()
}

fn autapses(counts: &[Vec<u64>]) -> u64 {
    (0..counts.len()).map(|k| counts[k][k]).sum()
}

fn largest(counts: &[Vec<u64>]) -> u64 {
    counts.iter().flatten().copied().max().unwrap()
}

/// Claim: degrees and totals are exactly what was asked for, with and without autapses and multapses.
#[test]
fn degrees_are_exact_and_switches_are_obeyed() {
    for (rule, in_degree, out_degree, total) in [
        (ConnectionRule::FixedInDegree(60), Some(60), None, 60 * 170),
        (ConnectionRule::FixedOutDegree(60), None, Some(60), 60 * 170),
        (ConnectionRule::FixedTotalNumber(9000), None, None, 9000),
    ] {
        for (autapses_are, multapses_are) in
            [(Allowed::Yes, Allowed::Yes), (Allowed::Yes, Allowed::No), (Allowed::No, Allowed::Yes), (Allowed::No, Allowed::No)]
        {
            let counts = counts(&Projection { autapses: autapses_are, multapses: multapses_are, ..of(rule.clone()) });
            assert!(in_degree.is_none_or(|degree| in_degrees(&counts).iter().all(|d| *d == degree)), "{rule:?}");
            assert!(out_degree.is_none_or(|degree| out_degrees(&counts).iter().all(|d| *d == degree)), "{rule:?}");
            assert_eq!(out_degrees(&counts).iter().sum::<u64>(), total, "{rule:?}");
            // With thousands of synapses among 28,900 pairs, some are repeated and some join a neuron with itself, if they may.
            assert_eq!(autapses(&counts) > 0, autapses_are == Allowed::Yes, "autapses of {rule:?}");
            assert_eq!(largest(&counts) > 1, multapses_are == Allowed::Yes, "multapses of {rule:?}");
        }
    }
}

/// Claim: the rules without chance join exactly whom they say.
#[test]
fn certain_rules_join_whom_they_say() {
    let all = counts(&simple(ConnectionRule::AllToAll));
    let every_other = |source: usize, target: usize| u64::from(source != target);
    assert!((0..170).all(|s| (0..170).all(|t| all[s][t] == every_other(s, t))));
    assert_eq!(autapses(&counts(&of(ConnectionRule::AllToAll))), 170);
    let one = counts(&of(ConnectionRule::OneToOne));
    assert!((0..170).all(|s| (0..170).all(|t| one[s][t] == u64::from(s == t))));
    let turned = counts(&Projection { from: vec!["b".into(), "a".into()], ..of(ConnectionRule::OneToOne) });
    assert!((0..170).all(|s| turned[s][(s + 70) % 170] == 1), "sources are numbered in the order in which they are named");
}

/// Claim: each pair is joined with the probability given, once at most. Source: binomial distribution. Tolerance: 4.5 standard deviations, of
/// the total and of the spread of in-degrees (whose variance has a standard deviation of its own of √(2/169)).
#[test]
fn bernoulli_pairs_are_binomial() {
    let (p, pairs) = (0.2, 170.0 * 169.0);
    let counts = counts(&simple(ConnectionRule::PairwiseBernoulli(p)));
    assert_eq!((largest(&counts), autapses(&counts)), (1, 0));
    let total = out_degrees(&counts).iter().sum::<u64>() as f64;
    assert!((total - p * pairs).abs() < 4.5 * (pairs * p * (1.0 - p)).sqrt(), "{total}");
    for degrees in [in_degrees(&counts), out_degrees(&counts)] {
        let mean = total / 170.0;
        let variance = degrees.iter().map(|d| (*d as f64 - mean).powi(2)).sum::<f64>() / 169.0;
        let expected = 169.0 * p * (1.0 - p);
        assert!((variance / expected - 1.0).abs() < 4.5 * (2.0_f64 / 169.0).sqrt(), "variance {variance}, expected {expected}");
    }
}

/// Claim: in- and out-degrees that are not fixed are those of uniform draws. Source: binomial distribution. Tolerance: as above.
#[test]
fn degrees_that_are_not_fixed_are_binomial() {
    let spread = |degrees: &[u64], draws: f64| {
        let mean = draws / 170.0;
        let variance = degrees.iter().map(|d| (*d as f64 - mean).powi(2)).sum::<f64>() / 169.0;
        variance / (draws / 170.0 * (1.0 - 1.0 / 170.0))
    };
    let tolerance = 4.5 * (2.0_f64 / 169.0).sqrt();
    let by_target = spread(&out_degrees(&counts(&of(ConnectionRule::FixedInDegree(40)))), 6800.0);
    let by_source = spread(&in_degrees(&counts(&of(ConnectionRule::FixedOutDegree(40)))), 6800.0);
    let total = counts(&of(ConnectionRule::FixedTotalNumber(6800)));
    let (of_sources, of_targets) = (spread(&out_degrees(&total), 6800.0), spread(&in_degrees(&total), 6800.0));
    for ratio in [by_target, by_source, of_sources, of_targets] {
        assert!((ratio - 1.0).abs() < tolerance, "{ratio}");
    }
}

/// Distance of two neurons of the sheet, µm; periods of 0 are none.
fn distance(source: usize, target: usize, period: [f64; 2]) -> f64 {
    let place = |k: usize| [20.0 * (k % 10) as f64, 20.0 * (k / 10) as f64];
    let along = |axis: usize| {
        let way = (place(target)[axis] - place(source)[axis]).abs();
        if period[axis] > 0.0 { way.min(period[axis] - way) } else { way }
    };
    along(0).hypot(along(1))
}

/// Claim: pairs are joined with the probability that their distance gives, across the edges too where space is periodic. Source: the kernel
/// itself, in ten classes of distance. Tolerance: χ² within 5 standard deviations of its degrees of freedom.
#[test]
fn distance_decides_the_probability() {
    for period in [[0.0, 0.0], [200.0, 340.0]] {
        let rule = ConnectionRule::DistanceDependent {
            probability: program("0.8 * exp(-distance / 60 um)", Dimension::NONE),
            periodic: [period[0], period[1], 0.0],
        };
        let counts = counts(&simple(rule));
        let (mut expected, mut variance, mut found) = ([0.0; 10], [0.0; 10], [0.0; 10]);
        for (source, row) in counts.iter().enumerate() {
            for (target, count) in row.iter().enumerate().filter(|(target, _)| *target != source) {
                let far = distance(source, target, period);
                let class = ((far / 25.0) as usize).min(9);
                let p = 0.8 * (-far / 60.0).exp();
                expected[class] += p;
                variance[class] += p * (1.0 - p);
                found[class] += *count as f64;
            }
        }
        let chi: f64 = (0..10).filter(|k| variance[*k] > 5.0).map(|k| (found[k] - expected[k]).powi(2) / variance[k]).sum();
        assert!(chi < 10.0 + 5.0 * 20.0_f64.sqrt(), "period {period:?}: χ² {chi}; {found:?}, expected {expected:?}");
    }
}

/// Claim: a periodic sheet has no edges: every neuron has its four neighbours. Source: counting.
#[test]
fn a_periodic_sheet_has_no_edges() {
    let neighbours = |periodic: [f64; 3]| {
        let probability = program("10 * exp(-(distance / 24 um)^20)", Dimension::NONE);
        out_degrees(&counts(&simple(ConnectionRule::DistanceDependent { probability, periodic })))
    };
    assert!(neighbours([200.0, 340.0, 0.0]).iter().all(|degree| *degree == 4));
    let flat = neighbours([0.0; 3]);
    assert_eq!([flat[0], flat[5], flat[15]], [2, 3, 4], "a corner, an edge and the middle");
}

/// Claim: weights and delays have the distributions asked for, and those of distance follow it. Tolerance: 4.5 standard errors; delays are
/// whole steps, which adds 1/12 of a step squared to their variance.
#[test]
fn weights_and_delays_follow_their_expressions() {
    for rule in [ConnectionRule::FixedInDegree(40), ConnectionRule::FixedOutDegree(40)] {
        // At most one synapse a pair, so that each edge is one draw.
        let projection = Projection {
            multapses: Allowed::No,
            ..projection("drawn", &ALL, &ALL, rule.clone(), "normal(0.002 pA, 0.0003 pA)", "normal(4 ms, 0.5 ms)")
        };
        let edges = wiring(&[projection], 1);
        let n = edges.len() as f64;
        assert_eq!(n, 6800.0);
        for (name, values, mean, deviation) in [
            ("weights", edges.iter().map(|e| e.weight).collect::<Vec<_>>(), 0.002, 0.0003),
            ("delays", edges.iter().map(|e| e.delay as f64 * 0.1).collect(), 4.0, (0.25_f64 + 0.01 / 12.0).sqrt()),
        ] {
            let found = values.iter().sum::<f64>() / n;
            let spread = (values.iter().map(|v| (v - found).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
            assert!((found - mean).abs() < 4.5 * deviation / n.sqrt(), "{name} of {rule:?}: mean {found}");
            assert!((spread / deviation - 1.0).abs() < 4.5 / (2.0 * n).sqrt(), "{name} of {rule:?}: standard deviation {spread}");
        }
        let spatial = Projection { autapses: Allowed::No, multapses: Allowed::No, ..projection_of_distance(rule.clone()) };
        for edge in wiring(&[spatial], 1) {
            let far = distance(edge.source as usize, edge.target as usize, [0.0, 0.0]);
            let (weight, delay) = (0.001 * (-far / 100.0).exp(), (far / 50.0 + 0.1) / 0.1);
            assert!((edge.weight - weight).abs() < 0.001 / 16_384.0, "{edge:?}: {weight}");
            assert_eq!(edge.delay, (delay + 1e-9 + 0.5).floor() as u64, "{edge:?}");
        }
    }
}

fn projection_of_distance(rule: ConnectionRule) -> Projection {
    projection("spatial", &ALL, &ALL, rule, "0.001 pA * exp(-distance / 100 um)", "distance / (50 um/ms) + 0.1 ms")
}

/// Claim: the network does not depend on the number of threads, and depends on the seed of each projection alone.
#[test]
fn threads_do_not_change_the_wiring() {
    let weight = "normal(0.002 pA, 0.0003 pA)";
    let delay = "redraw(normal(1.5 ms, 1 ms), 0.1 ms, 9 ms)";
    let rules = [ConnectionRule::FixedInDegree(20), ConnectionRule::FixedTotalNumber(2000), ConnectionRule::PairwiseBernoulli(0.1)];
    let projections: Vec<Projection> =
        rules.into_iter().enumerate().map(|(k, rule)| projection(&format!("{k}"), &ALL, &ALL, rule, weight, delay)).collect();
    let one = wiring(&projections, 1);
    assert!(one.len() > 5000);
    for threads in [2, 7] {
        assert_eq!(wiring(&projections, threads), one, "{threads} threads");
    }
}

/// Claim: what cannot be made is refused with the reason, and the numbers.
#[test]
fn what_cannot_be_made_is_refused() {
    for (projection, expected) in [
        (simple(ConnectionRule::FixedInDegree(170)), "an in-degree of 170 without multapses needs as many sources; there are 169"),
        (simple(ConnectionRule::FixedOutDegree(170)), "an out-degree of 170 without multapses needs as many targets; there are 169"),
        (simple(ConnectionRule::FixedTotalNumber(170 * 169 + 1)), "without multapses need as many pairs; there are 28730"),
        (of(ConnectionRule::PairwiseBernoulli(1.5)), "probability is 1.5; expected 0 to 1"),
        (Projection { to: vec!["b".into()], ..of(ConnectionRule::OneToOne) }, "170 sources and 70 targets"),
        (Projection { from: vec!["a".into(), "a".into()], ..of(ConnectionRule::FixedInDegree(2)) }, "`a` is named twice"),
        (projection("slow", &ALL, &ALL, ConnectionRule::AllToAll, "1 pA", "0.04 ms"), "less than half a time step"),
        (projection("slow", &ALL, &ALL, ConnectionRule::AllToAll, "1 pA", "10 s"), "more than 65535 time steps"),
    ] {
        let message = refusal(&projection);
        assert!(message.contains(expected), "`{message}` does not say `{expected}`");
    }
}

/// Claim: the largest in-degree that is possible is possible, and every synapse is counted.
#[test]
fn full_degrees_are_possible() {
    for rule in [ConnectionRule::FixedInDegree(169), ConnectionRule::FixedOutDegree(169), ConnectionRule::FixedTotalNumber(170 * 169)] {
        let mut app = network(&[simple(rule.clone())], 2).unwrap();
        app.build_network().unwrap();
        let world = app.world_mut();
        let mut made = world.query::<&SynapseCount>();
        assert_eq!(made.iter(world).map(|count| count.0).collect::<Vec<_>>(), [170 * 169], "{rule:?}");
    }
}
