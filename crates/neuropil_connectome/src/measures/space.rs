//! Where nodes are.

use crate::{Column, Connectome};
use serde::Serialize;

/// From where to where nodes lie along one axis, µm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Extent {
    /// Least coordinate, µm.
    pub min: f64,
    /// Greatest coordinate, µm.
    pub max: f64,
}

/// Where nodes are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Space {
    /// Nodes that have all three coordinates.
    pub placed: u64,
    /// Along x, y and z.
    pub extent_um: [Extent; 3],
}

/// The coordinates (µm) of each node; not finite where a node has none. `None` if the connectome has no `x`, `y` and `z`.
pub fn positions(connectome: &Connectome) -> Option<Vec<[f64; 3]>> {
    let column = |name: &str| match connectome.nodes().columns.get(name)? {
        Column::Number(column) => Some(&column.values),
        Column::Text(_) => None,
    };
    let [x, y, z] = [column("x")?, column("y")?, column("z")?];
    Some(x.iter().zip(y.iter()).zip(z.iter()).map(|((&x, &y), &z)| [x, y, z]).collect())
}

impl Space {
    /// Where the nodes are; none if none is placed.
    pub fn of(connectome: &Connectome) -> Option<Self> {
        let mut placed = positions(connectome)?;
        placed.retain(|position| position.iter().all(|coordinate| coordinate.is_finite()));
        let extent = |axis: usize| {
            let start = Extent { min: f64::INFINITY, max: f64::NEG_INFINITY };
            placed.iter().fold(start, |all, at| Extent { min: all.min.min(at[axis]), max: all.max.max(at[axis]) })
        };
        (!placed.is_empty()).then(|| Self { placed: placed.len() as u64, extent_um: [extent(0), extent(1), extent(2)] })
    }
}
