//! Where neurons lie, and how far apart they are.

use neuropil_core::{NeuronId, Position};

/// Ranges of the distance variables where nothing is known of positions: a millimetre-scale world up to 10 m.
pub const UNBOUNDED: [(f64, f64); 4] = [(0.0, 1e7), (-1e7, 1e7), (-1e7, 1e7), (-1e7, 1e7)];

/// Positions of all neurons, in µm.
#[derive(Clone, Debug, Default)]
pub struct Places {
    by_id: Vec<Option<[f32; 3]>>,
}

impl Places {
    /// Collects the positions there are.
    pub fn new<'a>(neurons: u32, positions: impl Iterator<Item = (&'a NeuronId, &'a Position)>) -> Self {
        let mut positions = positions.peekable();
        if positions.peek().is_none() {
            return Self::default();
        }
        let mut by_id = vec![None; neurons as usize];
        for (id, position) in positions {
            if let Some(place) = by_id.get_mut(id.0 as usize) {
                *place = Some(position.0);
            }
        }
        Self { by_id }
    }

    /// The position of a neuron, if it has one.
    pub fn of(&self, neuron: u32) -> Option<[f32; 3]> {
        self.by_id.get(neuron as usize).copied().flatten()
    }
}

/// The way from one place to another, in µm, the shorter one where space closes upon itself: distance, dx, dy, dz.
#[inline]
pub fn way(from: [f32; 3], to: [f32; 3], periodic: [f64; 3]) -> [f64; 4] {
    let mut d = [0.0; 3];
    for axis in 0..3 {
        d[axis] = f64::from(to[axis]) - f64::from(from[axis]);
        if periodic[axis] > 0.0 {
            d[axis] -= periodic[axis] * (d[axis] / periodic[axis]).round();
        }
    }
    [(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]).sqrt(), d[0], d[1], d[2]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: on a ring of 100 µm, 90 µm to the right is 10 µm to the left.
    #[test]
    fn the_shorter_way_round_is_taken() {
        let way = way([5.0, 0.0, 0.0], [95.0, 3.0, 0.0], [100.0, 0.0, 0.0]);
        assert_eq!(way, [109.0_f64.sqrt(), -10.0, 3.0, 0.0]);
    }
}
