//! How long a large connectome takes and how large its file is: printed, not asserted.
//!
//! `cargo test --release -p neuropil_connectome --test connectomes -- --ignored --nocapture speed`

use neuropil_connectome::formats::binary;
use neuropil_connectome::{About, Column, Connectome, EdgeKind, Edges, Nodes, NumberColumn};
use neuropil_units::Dimension;
use std::collections::BTreeMap;
use std::time::Instant;

const NODES: u32 = 100_000;
const EDGES_A_NODE: u32 = 100;

#[test]
#[ignore = "takes a second in release, and prints figures"]
fn speed_of_ten_million_edges() {
    // Targets and counts from a multiplicative congruential generator: nothing here compresses by regularity.
    let mut state = 1u64;
    let mut draw = move |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % u64::from(below)) as u32
    };
    let (mut sources, mut targets, mut counts) = (Vec::new(), Vec::new(), Vec::new());
    for source in 0..NODES {
        let own: std::collections::BTreeSet<u32> = (0..EDGES_A_NODE).map(|_| draw(NODES)).collect();
        for target in own {
            sources.push(source);
            targets.push(target);
            counts.push(f64::from(1 + draw(30)));
        }
    }
    let edges = sources.len();
    let columns = BTreeMap::from([("count".to_owned(), Column::Number(NumberColumn::new(counts, Dimension::NONE)))]);
    let edges_of = Edges { sources: sources.into(), targets: targets.into(), kinds: vec![EdgeKind::Chemical; edges].into(), columns };
    let nodes = Nodes { names: (0..NODES).map(|row| format!("neuron {row}").into()).collect(), ..Default::default() };
    let connectome = Connectome::new(About::default(), nodes, edges_of).unwrap();
    let begun = Instant::now();
    let bytes = binary::write(&connectome).unwrap();
    let wrote = begun.elapsed();
    let begun = Instant::now();
    let read = binary::parse("speed.connectome", &bytes).unwrap();
    let took = begun.elapsed();
    assert_eq!(read.edge_count(), edges);
    println!("{edges} edges: written in {wrote:.2?}, read in {took:.2?}, {:.2} bytes an edge", bytes.len() as f64 / edges as f64);
}
