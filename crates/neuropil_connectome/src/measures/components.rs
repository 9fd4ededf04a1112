//! Parts of a graph that are connected.

use super::wiring::Wiring;
use petgraph::Directed;
use petgraph::algo::kosaraju_scc; // the one of petgraph's two that does not recurse
use petgraph::graph::{Graph, NodeIndex};
use petgraph::unionfind::UnionFind;
use serde::Serialize;

/// A division of the nodes into parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// How many parts there are.
    pub number: u64,
    /// Nodes of the largest.
    pub largest: u64,
    /// Parts that are one node each.
    pub single_nodes: u64,
}

/// Parts that are connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Components {
    /// Nodes that paths over edges of any kind join, whatever their direction.
    pub weak: Parts,
    /// Nodes that can reach each other along arcs.
    pub strong: Parts,
    /// Nodes that can reach each other along arcs and along electrical edges, these in both directions; none if there are no electrical edges.
    pub strong_with_electrical: Option<Parts>,
}

impl Components {
    /// The components of a graph.
    pub fn of(wiring: &Wiring) -> Self {
        let mut sets = UnionFind::<u32>::new(wiring.nodes);
        for pair in &wiring.pairs {
            sets.union(pair.low, pair.high);
        }
        let mut sizes = vec![0u64; wiring.nodes];
        sets.into_labeling().into_iter().for_each(|label| sizes[label as usize] += 1);
        let electrical: Vec<(u32, u32)> =
            wiring.electrical_pairs().flat_map(|pair| [(pair.low, pair.high), (pair.high, pair.low)]).collect();
        Self {
            weak: Parts::of(sizes.into_iter().filter(|size| *size > 0)),
            strong: strong(wiring, &[]),
            strong_with_electrical: (!electrical.is_empty()).then(|| strong(wiring, &electrical)),
        }
    }
}

impl Parts {
    fn of(sizes: impl Iterator<Item = u64>) -> Self {
        sizes.fold(Self { number: 0, largest: 0, single_nodes: 0 }, |parts, size| Self {
            number: parts.number + 1,
            largest: parts.largest.max(size),
            single_nodes: parts.single_nodes + u64::from(size == 1),
        })
    }
}

fn strong(wiring: &Wiring, more: &[(u32, u32)]) -> Parts {
    let mut graph: Graph<(), (), Directed> = Graph::with_capacity(wiring.nodes, wiring.arcs.len() + more.len());
    (0..wiring.nodes).for_each(|_| {
        graph.add_node(());
    });
    for &(source, target) in wiring.arcs.iter().chain(more) {
        graph.add_edge(NodeIndex::new(source as usize), NodeIndex::new(target as usize), ());
    }
    Parts::of(kosaraju_scc(&graph).iter().map(|nodes| nodes.len() as u64))
}
