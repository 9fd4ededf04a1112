//! How many connections are answered by one in the other direction.

use super::wiring::Wiring;
use serde::Serialize;

/// Reciprocity of the arcs of a graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reciprocity {
    /// Pairs of nodes with arcs in both directions.
    pub mutual_pairs: u64,
    /// Pairs of nodes with an arc in one direction only.
    pub one_way_pairs: u64,
    /// The fraction of arcs whose reverse is there too.
    pub reciprocity: f64,
    /// What it would be on average in a random graph of the same size: the fraction of all possible arcs that are there.
    pub expected: f64,
    /// (reciprocity - expected) / (1 - expected): 0 as in a random graph, 1 if all arcs are answered (Garlaschelli D, Loffredo MI (2004). Patterns of link
    /// reciprocity in directed networks. Phys Rev Lett 93:268701. doi:10.1103/PhysRevLett.93.268701). None if all possible arcs are there.
    pub beyond_expected: Option<f64>,
}

impl Reciprocity {
    /// The reciprocity of a graph, if it has an arc.
    pub fn of(wiring: &Wiring) -> Option<Self> {
        let arcs = wiring.arcs.len() as u64;
        let mutual_pairs = wiring.mutual_pairs();
        let nodes = wiring.nodes as f64;
        let (reciprocity, expected) = (2.0 * mutual_pairs as f64 / arcs as f64, arcs as f64 / (nodes * (nodes - 1.0)));
        (arcs > 0).then(|| Self {
            mutual_pairs,
            one_way_pairs: arcs - 2 * mutual_pairs,
            reciprocity,
            expected,
            beyond_expected: (expected < 1.0).then(|| (reciprocity - expected) / (1.0 - expected)),
        })
    }
}
