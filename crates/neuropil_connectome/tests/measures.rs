//! Measures of graphs against closed forms and against networkx.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test stops at the first surprise")]

use neuropil_connectome::measures::shuffle::shuffled;
use neuropil_connectome::measures::{Measures, Options, TRIADS};
use neuropil_connectome::{About, Column, Connectome, EdgeKind, Edges, Nodes, NumberColumn, TextColumn};
use std::collections::BTreeSet;

type Arcs = Vec<(u32, u32)>;

fn connectome(nodes: u32, edges: &[(u32, u32, EdgeKind)]) -> Connectome {
    let names = (0..nodes).map(|node| format!("n{node}").into()).collect();
    let edges = Edges {
        sources: edges.iter().map(|edge| edge.0).collect(),
        targets: edges.iter().map(|edge| edge.1).collect(),
        kinds: edges.iter().map(|edge| edge.2).collect(),
        ..Default::default()
    };
    Connectome::new(About::default(), Nodes { names, ..Default::default() }, edges).unwrap()
}

fn chemical(nodes: u32, arcs: &[(u32, u32)]) -> Connectome {
    connectome(nodes, &arcs.iter().map(|&(source, target)| (source, target, EdgeKind::Chemical)).collect::<Vec<_>>())
}

fn measured(connectome: &Connectome, shuffles: u32) -> Measures {
    Measures::of(connectome, &Options { shuffles: Some(shuffles), ..Default::default() }, &mut |_| ())
}

fn both_ways(pairs: impl Iterator<Item = (u32, u32)>) -> Arcs {
    pairs.flat_map(|(a, b)| [(a, b), (b, a)]).collect()
}

fn all_pairs(nodes: std::ops::Range<u32>) -> impl Iterator<Item = (u32, u32)> {
    nodes.clone().flat_map(move |a| (a + 1..nodes.end).map(move |b| (a, b)))
}

fn triads(measures: &Measures) -> Vec<(&'static str, u128)> {
    TRIADS.iter().copied().zip(measures.triads.unwrap().counts).filter(|(_, count)| *count > 0).collect()
}

fn close(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found}, expected {expected}");
}

/// The graph of the comparison with networkx: 60 nodes; x ← (1103515245 x + 12345) mod 2³¹ from 1, once for each ordered pair of different
/// nodes (i outer, j inner); i → j if ⌊x / 2¹⁶⌋ mod 100 is below 40 where both are below 12, else below 8.
fn fixture() -> Arcs {
    let mut x: u64 = 1;
    let mut arcs = Vec::new();
    for (i, j) in (0..60).flat_map(|i| (0..60).map(move |j| (i, j))).filter(|(i, j)| i != j) {
        x = (1_103_515_245 * x + 12_345) % (1 << 31);
        if (x >> 16) % 100 < if i < 12 && j < 12 { 40 } else { 8 } {
            arcs.push((i, j));
        }
    }
    arcs
}

/// Claim: all measures of a graph with a dense core are those of networkx.
/// Source: networkx 3.6.1 on the graph of `fixture` (G directed, U = G.to_undirected()): triadic_census(G), transitivity(U), average_clustering(U),
/// average_clustering(G), overall_reciprocity(G), core_number(U), density(G.subgraph(nodes of degree above k)), strongly_connected_components(G),
/// and numpy 2.4.6 percentile of in-degrees. Tolerance: rounding.
#[test]
fn a_small_graph_has_the_measures_that_networkx_finds() {
    let measures = measured(&chemical(60, &fixture()), 0);
    assert_eq!((measures.arcs, measures.pairs), (314, 299));
    let census = [19642, 11412, 589, 516, 554, 1087, 116, 110, 102, 45, 7, 9, 11, 19, 1, 0];
    assert_eq!(measures.triads.unwrap().counts, census);
    close(measures.triads.unwrap().transitivity(), 0.19010504913588613);
    let clustering = measures.clustering.unwrap();
    assert_eq!(clustering.triangles, 187);
    close(clustering.transitivity, 0.19010504913588613);
    close(clustering.mean_local, 0.18145654726537072);
    close(clustering.mean_local_directed, 0.09818096546667282);
    close(measures.reciprocity.map(|r| r.reciprocity), 0.09554140127388536);
    assert_eq!(measures.cores.unwrap().nodes_by_core, [0, 0, 0, 0, 1, 2, 16, 41]);
    assert_eq!((measures.components.strong.number, measures.components.strong.largest, measures.components.weak.number), (2, 59, 1));
    let published = [
        (4, 59, 0.09059029807130334),
        (6, 53, 0.0997822931785196),
        (7, 47, 0.11008325624421832),
        (8, 40, 0.12179487179487179),
        (9, 36, 0.12777777777777777),
        (10, 27, 0.14957264957264957),
        (11, 22, 0.16666666666666666),
        (12, 16, 0.17916666666666667),
        (13, 12, 0.22727272727272727),
        (14, 6, 0.2),
        (15, 3, 0.16666666666666666),
        (16, 2, 0.5),
    ];
    let club = measures.comparison.unwrap().rich_club;
    assert_eq!(club.len(), published.len());
    for (found, (degree, nodes, coefficient)) in club.iter().zip(published) {
        assert_eq!((found.degree, found.nodes), (degree, nodes));
        close(Some(found.coefficient.observed), coefficient);
    }
    let s = measures.degrees.unwrap().in_degree;
    let found = [s.min, s.percentile_25, s.median, s.percentile_75, s.percentile_90, s.percentile_99, s.max];
    assert_eq!(found, [0.0, 4.0, 5.0, 7.0, 8.0, 11.0, 11.0]);
    close(Some(s.mean), 5.233333333333333);
}

/// Claim: in a complete graph of n nodes all triads are 300, everything is answered and closed, and the core is everyone with n - 1 partners.
/// Source: closed form. Tolerance: none.
#[test]
fn a_complete_graph_is_closed_and_cannot_be_shuffled() {
    let measures = measured(&chemical(30, &both_ways(all_pairs(0..30))), 3);
    assert_eq!(triads(&measures), [("300", 30 * 29 * 28 / 6)]);
    let clustering = measures.clustering.unwrap();
    let all = [clustering.transitivity, clustering.mean_local, clustering.mean_local_directed, measures.reciprocity.map(|r| r.reciprocity)];
    assert_eq!(all, [Some(1.0); 4]);
    assert_eq!(measures.cores.map(|cores| (cores.innermost, cores.innermost_nodes)), Some((29, 30)));
    assert_eq!(measures.comparison.map(|c| (c.switched, c.reciprocity.z)), Some((Some(0.0), None)));
    assert!(measures.left_out.iter().any(|what| what.contains("no two edges could be switched")), "{:?}", measures.left_out);
}

/// Claim: a ring in which everyone has k partners, the nearest ones, has clustering 3 (k - 2) / (4 (k - 1)).
/// Source: Barrat A, Weigt M (2000). Eur Phys J B 13:547-560. doi:10.1007/s100510050067. Tolerance: rounding.
#[test]
fn a_ring_lattice_has_the_clustering_of_barrat_and_weigt() {
    for k in [4u32, 6, 10] {
        let pairs = (0..60).flat_map(|node| (1..=k / 2).map(move |step| (node, (node + step) % 60)));
        let clustering = measured(&chemical(60, &both_ways(pairs)), 0).clustering.unwrap();
        let expected = 3.0 * f64::from(k - 2) / (4.0 * f64::from(k - 1));
        close(clustering.mean_local, expected);
        close(clustering.transitivity, expected);
        close(clustering.mean_local_directed, expected);
    }
}

/// Claim: a star of n leaves has n (n - 1) / 2 triads, all 021D, no triangle and a core of 1; for 100,000 leaves as for ten.
/// Source: closed form. Tolerance: none.
#[test]
fn a_star_has_one_kind_of_triad() {
    for leaves in [10u32, 100_000] {
        let measures = measured(&chemical(leaves + 1, &(1..=leaves).map(|leaf| (0, leaf)).collect::<Arcs>()), 1);
        let n = u128::from(leaves);
        assert_eq!(triads(&measures), [("003", n * (n - 1) * (n - 2) / 6), ("021D", n * (n - 1) / 2)]);
        assert_eq!(measures.clustering.map(|c| (c.triangles, c.transitivity)), Some((0, Some(0.0))));
        assert_eq!(measures.cores.map(|cores| cores.innermost), Some(1));
        assert_eq!(measures.hubs.outward.iter().map(|hub| hub.name.as_str()).collect::<Vec<_>>(), ["n0"]);
    }
}

/// Claim: a directed cycle of n nodes is one strong component with n triads 021C and n (n - 4) triads 012. Source: closed form. Tolerance: none.
#[test]
fn a_directed_cycle_is_strongly_connected() {
    let measures = measured(&chemical(12, &(0..12).map(|node| (node, (node + 1) % 12)).collect::<Arcs>()), 0);
    assert_eq!(measures.components.strong.number, 1);
    let triads = measures.triads.unwrap();
    assert_eq!(["012", "021C"].map(|name| triads.count(name)), [Some(12 * 8), Some(12)]);
    assert_eq!(triads.connected().iter().sum::<u128>(), 12);
}

/// Claim: two cliques of m nodes with one arc between them are one weak and two strong components, their core is m - 1, and of the pairs of pairs that
/// share a node those at the two ends of the arc are open. Source: closed form. Tolerance: rounding.
#[test]
fn two_cliques_joined_by_an_arc_are_two_strong_components() {
    let mut arcs = both_ways(all_pairs(0..8).chain(all_pairs(8..16)));
    arcs.push((0, 8));
    let measures = measured(&chemical(16, &arcs), 0);
    assert_eq!((measures.components.weak.number, measures.components.strong.number, measures.components.strong.largest), (1, 2, 8));
    assert_eq!(measures.cores.map(|cores| (cores.innermost, cores.innermost_nodes)), Some((7, 16)));
    let (closed, open) = (3.0 * 2.0 * 56.0, 2.0 * 7.0);
    close(measures.clustering.and_then(|c| c.transitivity), closed / (closed + open));
}

/// Claim: a shuffled graph has every node's in- and out-degree, no autapse and no arc twice; most of its arcs are others; another number or seed gives
/// another graph. Source: definition. Tolerance: none; of the 314 arcs a random graph keeps about a tenth.
#[test]
fn shuffling_keeps_degrees_and_changes_arcs() {
    let arcs = fixture();
    let degrees = |arcs: &[(u32, u32)]| {
        let mut degrees = vec![(0, 0); 60];
        for &(source, target) in arcs {
            degrees[source as usize].1 += 1;
            degrees[target as usize].0 += 1;
        }
        degrees
    };
    let graphs = [(1, 0), (1, 1), (2, 0)].map(|(seed, number)| shuffled(&arcs, seed, number));
    for graph in &graphs {
        assert_eq!(degrees(&graph.arcs), degrees(&arcs));
        let distinct: BTreeSet<_> = graph.arcs.iter().copied().collect();
        assert_eq!(distinct.len(), arcs.len());
        assert!(graph.arcs.iter().all(|(source, target)| source != target));
        let kept = arcs.iter().filter(|arc| distinct.contains(arc)).count();
        assert!(kept < arcs.len() / 3, "{kept} arcs kept");
    }
    assert!(graphs[0] != graphs[1] && graphs[0] != graphs[2]);
    assert_eq!(shuffled(&arcs, 1, 1), graphs[1]);
}

/// Claim: by which of its three ways the arcs of a node are looked up makes no difference to a shuffle: with more nodes, those of many arcs have a table or are
/// looked through, with fewer a row of bits. Source: the same graph whose last node has another number. Tolerance: none.
#[test]
fn shuffling_does_not_depend_on_how_arcs_are_looked_up() {
    // 40 sources, every other one with more arcs than are looked through, to 1,500 targets, which often are joined already.
    let arcs = |last: u32| {
        let of_source =
            |source: u32| (0..if source.is_multiple_of(2) { 900 } else { 400 }).map(move |k| (source, 40 + (source * 71 + k) % 1500));
        (0..40).flat_map(of_source).collect::<BTreeSet<_>>().into_iter().chain([(40, last)]).collect::<Arcs>()
    };
    let few = shuffled(&arcs(1_600), 1, 0);
    let many = shuffled(&arcs(600_000), 1, 0);
    let renamed: Arcs = many.arcs.iter().map(|&(source, target)| (source, if target == 600_000 { 1_600 } else { target })).collect();
    assert!(few.arcs == renamed && few.switches == many.switches);
    let attempts = 10 * few.arcs.len() as u64;
    assert!(few.switches > attempts / 10 && few.switches < attempts * 9 / 10, "{} of {attempts}", few.switches);
    assert_eq!(renamed.iter().collect::<BTreeSet<_>>().len(), renamed.len());
}

/// Claim: where triangles would take too long they are left out together with what needs them, all else is measured, and a line says how to get them.
/// Source: definition. Tolerance: none.
#[test]
fn what_takes_too_long_is_left_out_and_named() {
    let graph = chemical(30, &both_ways(all_pairs(0..30)));
    let options = Options { triangle_work: 30 * 29 * 28 / 6 - 1, ..Default::default() };
    let measures = Measures::of(&graph, &options, &mut |_| ());
    assert!(measures.clustering.is_none() && measures.triads.is_none());
    assert!(measures.comparison.is_some_and(|comparison| comparison.motifs.is_none()));
    assert!(measures.left_out[0].contains("would take 4060 steps, more than 4059; `--triangles`"), "{:?}", measures.left_out);
    let measures = Measures::of(&graph, &Options { triangle_work: 4060, ..options }, &mut |_| ());
    assert_eq!(measures.clustering.map(|clustering| clustering.triangles), Some(4060));
}

/// Claim: where each of n nodes has d arcs out and d in, a shuffled graph answers d / (n - 1) of its arcs on average.
/// Source: the probability that a given arc is there, in a graph whose nodes are alike. Tolerance: four standard errors: with n = 200 and d = 4 there are
/// about 8 mutual pairs, a Poisson number, in 800 arcs, so over 100 graphs the mean has an error of 2 √8 / 800 / 10 = 0.0007.
#[test]
fn shuffled_graphs_have_the_reciprocity_of_chance() {
    let arcs: Arcs = (0..200).flat_map(|node| (1..=4).map(move |step| (node, (node + step) % 200))).collect();
    let reciprocity = measured(&chemical(200, &arcs), 100).comparison.unwrap().reciprocity;
    assert_eq!(reciprocity.observed, 0.0);
    let mean = reciprocity.shuffled_mean.unwrap();
    assert!((mean - 4.0 / 199.0).abs() < 4.0 * 0.0007, "{mean}");
}

/// Claim: measures are the same bits for any number of threads. Source: the same input on one thread. Tolerance: none.
#[test]
fn threads_do_not_change_measures() {
    let graph = chemical(60, &fixture());
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| measured(&graph, 20));
    let one = on(1);
    assert_eq!(on(2), one);
    assert_eq!(on(7), one);
    assert_eq!(one.comparison.unwrap().shuffles, 20);
}

/// Claim: electrical edges make partners, components and cores but no arcs; a graph of nothing else is measured, and says what that leaves out.
/// Source: definition. Tolerance: none.
#[test]
fn electrical_edges_are_no_arcs() {
    let edges: Vec<_> = all_pairs(0..5).map(|(a, b)| (a, b, EdgeKind::Electrical)).collect();
    let measures = measured(&connectome(6, &edges), 2);
    assert_eq!((measures.arcs, measures.pairs, measures.isolated), (0, 10, 1));
    assert_eq!((measures.components.weak.number, measures.components.strong.number), (2, 6));
    assert_eq!(measures.components.strong_with_electrical.map(|parts| parts.largest), Some(5));
    assert_eq!(measures.clustering.map(|c| (c.transitivity, c.mean_local_directed)), Some((Some(1.0), None)));
    assert_eq!(measures.cores.map(|cores| cores.innermost), Some(4));
    assert!(measures.triads.is_none() && measures.comparison.is_none() && measures.reciprocity.is_none());
    assert!(measures.left_out.iter().any(|what| what.contains("electrical")), "{:?}", measures.left_out);

    // One that closes an open triad of arcs is in no triad.
    let mixed = connectome(3, &[(0, 1, EdgeKind::Chemical), (1, 2, EdgeKind::Chemical), (0, 2, EdgeKind::Electrical)]);
    let measures = measured(&mixed, 0);
    assert_eq!(triads(&measures), [("021C", 1)]);
    assert_eq!(measures.clustering.map(|c| c.triangles), Some(1));
}

/// Claim: autapses are counted and otherwise left out; graphs without nodes, edges or other nodes are measured. Source: definition. Tolerance: none.
#[test]
fn nearly_empty_graphs_are_measured() {
    for (nodes, arcs, parts) in [(0, vec![], 0), (3, vec![], 3), (1, vec![(0, 0)], 1), (2, vec![(0, 1)], 1)] {
        let measures = Measures::of(&chemical(nodes, &arcs), &Options::default(), &mut |_| ());
        assert_eq!((measures.nodes, measures.edges), (u64::from(nodes), arcs.len() as u64));
        assert_eq!(measures.components.weak.number, parts);
        assert_eq!(measures.kinds.iter().map(|kind| kind.autapses).sum::<u64>(), arcs.iter().filter(|(a, b)| a == b).count() as u64);
    }
}

/// Claim: a mean connection between classes is the sum of counts over the pairs of different nodes. Source: definition. Tolerance: none.
#[test]
fn connections_between_classes_are_means_over_pairs_of_nodes() {
    let graph = chemical(4, &[(0, 1), (0, 2), (1, 3), (3, 3)]);
    let (mut nodes, mut edges) = (graph.nodes().clone(), graph.edges().clone());
    nodes.columns.insert("class".to_string(), Column::Text(TextColumn::new(["inter", "inter", "motor", "inter"].into_iter())));
    let counts = NumberColumn::new(vec![6.0, 3.0, 12.0, 100.0], neuropil_units::Dimension::NONE);
    edges.columns.insert("count".to_string(), Column::Number(counts));
    let matrix = measured(&Connectome::new(About::default(), nodes, edges).unwrap(), 0).class_matrix.unwrap();
    assert_eq!((matrix.names, matrix.nodes), (vec!["inter".to_string(), "motor".to_string()], vec![3, 1]));
    assert_eq!(matrix.mean, [[Some(18.0 / 6.0), Some(3.0 / 3.0)], [Some(0.0), None]]);
    assert_eq!(matrix.edges, [[2, 1], [0, 0]]);
}
