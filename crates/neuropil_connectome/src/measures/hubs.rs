//! Nodes with the most connections, by name.

use super::classes::text;
use super::wiring::Wiring;
use crate::{Column, Connectome, EdgeKind};
use serde::Serialize;

/// How many are listed.
const LISTED: usize = 10;

/// A node and its connections.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hub {
    /// Its name.
    pub name: String,
    /// Its class.
    pub class: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub node_type: Option<String>,
    /// Arcs that reach it.
    pub in_degree: u32,
    /// Arcs that leave it.
    pub out_degree: u32,
    /// Its distinct partners, over edges of any kind.
    pub partners: u32,
    /// Sum of `count` over the arcs that reach it.
    pub in_count: Option<f64>,
    /// Sum of `count` over the arcs that leave it.
    pub out_count: Option<f64>,
}

/// The nodes with the most connections; of equal ones those that come first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hubs {
    /// By in-degree.
    pub inward: Vec<Hub>,
    /// By out-degree.
    pub outward: Vec<Hub>,
    /// By distinct partners.
    pub partners: Vec<Hub>,
}

impl Hubs {
    /// The hubs of a connectome; nodes without connections are none.
    pub fn of(connectome: &Connectome, wiring: &Wiring) -> Self {
        let edges = connectome.edges();
        let counts = match edges.columns.get("count") {
            Some(Column::Number(column)) => Some(&column.values),
            _ => None,
        };
        let (mut inward, mut outward) = (vec![0.0; wiring.nodes], vec![0.0; wiring.nodes]);
        for (row, count) in counts.iter().flat_map(|counts| counts.iter().enumerate()) {
            let (source, target) = (edges.sources[row], edges.targets[row]);
            if source != target && edges.kinds[row] != EdgeKind::Electrical && count.is_finite() {
                outward[source as usize] += count;
                inward[target as usize] += count;
            }
        }
        let label = |column: &str, row: usize| Some(text(connectome, column)?.get(row)?.to_string());
        let hub = |row: usize| Hub {
            name: connectome.nodes().names[row].to_string(),
            class: label("class", row),
            node_type: label("type", row),
            in_degree: wiring.in_degrees[row],
            out_degree: wiring.out_degrees[row],
            partners: wiring.partners[row],
            in_count: counts.map(|_| inward[row]),
            out_count: counts.map(|_| outward[row]),
        };
        let most = |degrees: &[u32]| {
            let mut rows: Vec<usize> = (0..degrees.len()).filter(|row| degrees[*row] > 0).collect();
            rows.sort_by_key(|row| std::cmp::Reverse(degrees[*row]));
            rows.into_iter().take(LISTED).map(hub).collect()
        };
        Self { inward: most(&wiring.in_degrees), outward: most(&wiring.out_degrees), partners: most(&wiring.partners) }
    }
}
