//! The simple graphs that measures are taken of.
//!
//! *Arcs* are the distinct ordered pairs of different nodes that chemical edges or tracts join. *Pairs* are the distinct unordered pairs that any edge
//! joins, each with a label of how. Autapses and further edges between the same two nodes are in neither.

use crate::{Connectome, EdgeKind};

/// A pair has an arc from its lower row to its higher.
pub(super) const FORWARD: u8 = 1;
/// A pair has an arc from its higher row to its lower.
pub(super) const BACKWARD: u8 = 2;
/// A pair has arcs in both directions.
pub(super) const MUTUAL: u8 = FORWARD | BACKWARD;
/// A pair has an electrical edge.
pub(super) const ELECTRICAL: u8 = 4;

/// Two connected nodes and how they are connected, seen from the lower row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) low: u32,
    pub(super) high: u32,
    pub(super) label: u8,
}

/// Who is wired to whom, without multiplicity and without autapses.
#[derive(Clone, Debug)]
pub struct Wiring {
    pub(super) nodes: usize,
    /// Distinct (source, target) of chemical edges and tracts, sorted.
    pub(super) arcs: Vec<(u32, u32)>,
    /// Distinct pairs of all kinds, sorted.
    pub(super) pairs: Vec<Pair>,
    pub(super) out_degrees: Vec<u32>,
    pub(super) in_degrees: Vec<u32>,
    pub(super) partners: Vec<u32>,
}

impl Wiring {
    /// The wiring of a connectome.
    pub fn of(connectome: &Connectome) -> Self {
        let edges = connectome.edges();
        let rows = edges.sources.iter().zip(edges.targets.iter()).zip(edges.kinds.iter());
        let different = rows.filter(|((source, target), _)| source != target);
        let mut arcs = Vec::new();
        let mut electrical = Vec::new();
        for ((&source, &target), kind) in different {
            match kind {
                EdgeKind::Electrical => electrical.push(Pair { low: source.min(target), high: source.max(target), label: ELECTRICAL }),
                EdgeKind::Chemical | EdgeKind::Tract => arcs.push((source, target)),
            }
        }
        arcs.sort_unstable();
        arcs.dedup();
        let nodes = connectome.node_count();
        let pairs = pairs(&arcs, electrical);
        let mut wiring = Self { nodes, out_degrees: vec![0; nodes], in_degrees: vec![0; nodes], partners: vec![0; nodes], arcs, pairs };
        for &(source, target) in &wiring.arcs {
            wiring.out_degrees[source as usize] += 1;
            wiring.in_degrees[target as usize] += 1;
        }
        for pair in &wiring.pairs {
            wiring.partners[pair.low as usize] += 1;
            wiring.partners[pair.high as usize] += 1;
        }
        wiring
    }

    /// Arcs that leave each node.
    pub fn out_degrees(&self) -> &[u32] {
        &self.out_degrees
    }

    /// Arcs that reach each node.
    pub fn in_degrees(&self) -> &[u32] {
        &self.in_degrees
    }

    /// Distinct partners of each node, over edges of any kind.
    pub fn partners(&self) -> &[u32] {
        &self.partners
    }

    /// In-degree plus out-degree of each node.
    pub(super) fn total_degrees(&self) -> Vec<u32> {
        self.in_degrees.iter().zip(&self.out_degrees).map(|(a, b)| a + b).collect()
    }

    /// Pairs that electrical edges join.
    pub(super) fn electrical_pairs(&self) -> impl Iterator<Item = &Pair> {
        self.pairs.iter().filter(|pair| pair.label & ELECTRICAL != 0)
    }

    /// Pairs with arcs in both directions.
    pub(super) fn mutual_pairs(&self) -> u64 {
        self.pairs.iter().filter(|pair| pair.label & MUTUAL == MUTUAL).count() as u64
    }
}

/// The pairs of arcs and of other pairs, sorted, each once.
pub(super) fn pairs(arcs: &[(u32, u32)], others: Vec<Pair>) -> Vec<Pair> {
    let mut pairs = others;
    pairs.reserve_exact(arcs.len());
    pairs.extend(arcs.iter().map(|&(source, target)| match source < target {
        true => Pair { low: source, high: target, label: FORWARD },
        false => Pair { low: target, high: source, label: BACKWARD },
    }));
    pairs.sort_unstable();
    pairs.dedup_by(|later, kept| {
        let same = (later.low, later.high) == (kept.low, kept.high);
        if same {
            kept.label |= later.label;
        }
        same
    });
    pairs
}
