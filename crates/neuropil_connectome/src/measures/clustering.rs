//! How often two partners of a node are partners of each other.

use super::triangles::Counts;
use super::triangles::{AtNode, Ranked};
use super::wiring::{MUTUAL, Wiring};
use serde::Serialize;

/// Clustering of a graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clustering {
    /// Triples of nodes that are all partners of each other.
    pub triangles: u64,
    /// Of all pairs of partners of a node, the fraction that are partners: 3 × triangles / pairs of partners. Any kind of edge, whatever its direction.
    pub transitivity: Option<f64>,
    /// What transitivity would be on average in a random graph of the same size: the fraction of all possible pairs that are there.
    pub expected: Option<f64>,
    /// The same fraction node by node, averaged over all nodes; 0 for those with fewer than two partners (Watts DJ, Strogatz SH (1998). Collective
    /// dynamics of 'small-world' networks. Nature 393:440-442. doi:10.1038/30918).
    pub mean_local: Option<f64>,
    /// Clustering along arcs, node by node, averaged over all nodes: directed triangles a node is in, of those it could be in (Fagiolo G (2007). Clustering in
    /// complex directed networks. Phys Rev E 76:026107. doi:10.1103/PhysRevE.76.026107). None if there are no arcs.
    pub mean_local_directed: Option<f64>,
}

impl Clustering {
    /// The clustering of a graph, and its triangles by label.
    pub(super) fn of(wiring: &Wiring, ranked: &Ranked) -> (Self, Box<Counts>) {
        let (counts, at_nodes) = ranked.count_at_nodes();
        let triangles = counts.iter().sum::<u64>();
        let two = |count: u32| f64::from(count) * (f64::from(count) - 1.0);
        let wedges: f64 = wiring.partners.iter().map(|&partners| two(partners) / 2.0).sum();
        let nodes = wiring.nodes as f64;
        let mean = |local: &dyn Fn(usize, &AtNode) -> (f64, f64)| {
            let fractions = at_nodes.iter().enumerate().map(|(row, at)| match local(row, at) {
                (found, possible) if possible > 0.0 => found / possible,
                _ => 0.0,
            });
            (wiring.nodes > 0).then(|| fractions.sum::<f64>() / nodes)
        };
        let mut mutual = vec![0u32; wiring.nodes];
        for pair in wiring.pairs.iter().filter(|pair| pair.label & MUTUAL == MUTUAL) {
            mutual[pair.low as usize] += 1;
            mutual[pair.high as usize] += 1;
        }
        let total = wiring.total_degrees();
        let clustering = Self {
            triangles,
            transitivity: (wedges > 0.0).then(|| 3.0 * triangles as f64 / wedges),
            expected: (wiring.nodes > 1).then(|| 2.0 * wiring.pairs.len() as f64 / (nodes * (nodes - 1.0))),
            mean_local: mean(&|row, at| (2.0 * at.triangles as f64, two(wiring.partners[row]))),
            mean_local_directed: mean(&|row, at| (at.directed as f64, two(total[row]) - 2.0 * f64::from(mutual[row])))
                .filter(|_| !wiring.arcs.is_empty()),
        };
        (clustering, counts)
    }
}
