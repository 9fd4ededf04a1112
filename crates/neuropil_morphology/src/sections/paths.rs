//! The way that a compartment takes in space, for pictures.

use super::Sections;
use crate::morphology::between;

/// A point of a way with the radius there, µm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PathPoint {
    /// Where it is, µm.
    pub position_um: [f64; 3],
    /// Radius of the cell there, µm.
    pub radius_um: f64,
}

impl Sections {
    /// The ways of the [compartments](Self::compartments) of a section, from cut to cut: at least two points each, the last of one being the first of the
    /// next. Takes time in proportion to points and compartments.
    pub fn paths(&self, section: usize, compartments: usize) -> Vec<Vec<PathPoint>> {
        let points = self.points(section);
        let count = compartments.max(1);
        let length = points.length_um();
        let cut_at = |number: usize| if number == count { f64::INFINITY } else { length * number as f64 / count as f64 };
        let point = |at: usize| PathPoint { position_um: points.positions_um[at], radius_um: points.radii_um[at] };
        let mut paths = Vec::with_capacity(count);
        let mut path = vec![point(0)];
        for at in 1..points.arcs_um.len() {
            let (from, to) = (points.arcs_um[at - 1], points.arcs_um[at]);
            while cut_at(paths.len() + 1) <= to {
                let fraction = if to > from { ((cut_at(paths.len() + 1) - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 };
                let cut = PathPoint {
                    position_um: between(points.positions_um[at - 1], points.positions_um[at], fraction),
                    radius_um: points.radii_um[at - 1] + fraction * (points.radii_um[at] - points.radii_um[at - 1]),
                };
                path.push(cut);
                paths.push(std::mem::replace(&mut path, vec![cut]));
            }
            path.push(point(at));
        }
        paths.push(path);
        paths
    }
}

#[cfg(test)]
mod tests {
    use crate::{Rules, Sections, synthetic};

    /// Claim: the ways of a section's compartments join, have equal lengths, and their middles are the compartments' positions.
    /// Source: the definition of a compartment, and a straight dendrite of 200 µm. Tolerance: rounding.
    #[test]
    fn ways_join_and_are_equally_long() {
        let cell = synthetic::ball_and_stick(10.0, 200.0, 2.0).unwrap();
        let sections = Sections::of(&cell, Rules::Neuron).unwrap();
        for count in [1, 5, 7] {
            let (paths, compartments) = (sections.paths(1, count), sections.compartments(1, count));
            assert_eq!(paths.len(), count);
            for (number, (path, compartment)) in paths.iter().zip(&compartments).enumerate() {
                let (first, last) = (path[0], path[path.len() - 1]);
                let length: f64 = (0..3).map(|side| (last.position_um[side] - first.position_um[side]).powi(2)).sum::<f64>().sqrt();
                assert!((length - 200.0 / count as f64).abs() < 1e-9, "{count}: {length}");
                for side in 0..3 {
                    let middle = f64::midpoint(first.position_um[side], last.position_um[side]);
                    assert!((middle - compartment.position_um[side]).abs() < 1e-9, "{count}: {middle}");
                }
                assert!(number == 0 || paths[number - 1].last() == Some(&first));
            }
        }
    }
}
