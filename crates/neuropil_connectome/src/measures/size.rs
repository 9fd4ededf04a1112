//! How large a connectome is, by kind of edge.

use super::spread::Spread;
use crate::{Column, Connectome, EdgeKind};
use serde::Serialize;
use std::collections::BTreeMap;

/// Edges of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KindSize {
    /// How they connect.
    pub kind: EdgeKind,
    /// Number of edges.
    pub edges: u64,
    /// Edges from a node to itself; they are part of no further measure.
    pub autapses: u64,
    /// Edges of the same kind between the same two nodes as another; further measures take them as one.
    pub repeated: u64,
    /// Numbers on these edges, by column: `count`, `weight`, `length` (µm), `delay` (ms).
    pub numbers: BTreeMap<String, Spread>,
}

/// Columns of numbers that have a fixed meaning.
const NUMBERS: [&str; 4] = ["count", "weight", "length", "delay"];

/// Size by kind, of the kinds that occur.
pub(super) fn sizes(connectome: &Connectome) -> Vec<KindSize> {
    let edges = connectome.edges();
    let size = |kind: EdgeKind| {
        let rows: Vec<usize> = (0..connectome.edge_count()).filter(|row| edges.kinds.get(*row) == Some(&kind)).collect();
        let ends = |row: &usize| match (edges.sources[*row], edges.targets[*row]) {
            (source, target) if kind == EdgeKind::Electrical => (source.min(target), source.max(target)),
            ends => ends,
        };
        let mut distinct: Vec<(u32, u32)> = rows.iter().map(ends).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let spread = |name: &&str| match edges.columns.get(*name)? {
            Column::Number(column) => {
                Some((name.to_string(), Spread::of(rows.iter().map(|row| column.values.get(*row).copied().unwrap_or(f64::NAN)))?))
            }
            Column::Text(_) => None,
        };
        KindSize {
            kind,
            edges: rows.len() as u64,
            autapses: rows.iter().map(ends).filter(|(source, target)| source == target).count() as u64,
            repeated: (rows.len() - distinct.len()) as u64,
            numbers: NUMBERS.iter().filter_map(spread).collect(),
        }
    };
    EdgeKind::ALL.into_iter().map(size).filter(|size| size.edges > 0).collect()
}
