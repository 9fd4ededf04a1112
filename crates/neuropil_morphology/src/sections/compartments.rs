//! Sections cut into compartments.

use super::Sections;
use super::geometry::Frustum;
use crate::morphology::between;

/// A piece of a section whose potential is taken as one, at its middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compartment {
    /// Membrane area, µm²: lateral area of all its frusta.
    pub area_um2: f64,
    /// Length over cross-section of its first and its second half, µm⁻¹; see [`Compartment::axial_resistances_mohm`].
    pub axial_integrals_per_um: [f64; 2],
    /// Mean diameter over its length, µm: ∫ d dx / ℓ.
    pub mean_diameter_um: f64,
    /// Where its middle is, µm.
    pub position_um: [f64; 3],
    /// Way along sections from the middle of the soma (without soma, from the root) to its middle, µm.
    pub distance_um: f64,
}

impl Compartment {
    /// Axial resistance of its two halves, MΩ, with an axial resistivity in Ω·cm: R = 10⁻² R_a ∫ dx/(π r²), which is 4·10⁻² R_a ℓ/(π d₁ d₂) for a frustum.
    pub fn axial_resistances_mohm(&self, axial_resistivity_ohm_cm: f64) -> [f64; 2] {
        self.axial_integrals_per_um.map(|integral| 1e-2 * axial_resistivity_ohm_cm * integral)
    }
}

impl Sections {
    /// A section cut into compartments of equal length, from its start to its end; at least one. Takes time in proportion to points and compartments.
    pub fn compartments(&self, section: usize, compartments: usize) -> Vec<Compartment> {
        let points = self.points(section);
        let count = compartments.max(1);
        let length = points.length_um();
        let half = length / (2 * count) as f64;
        let empty =
            Compartment { area_um2: 0.0, axial_integrals_per_um: [0.0; 2], mean_diameter_um: 0.0, position_um: [0.0; 3], distance_um: 0.0 };
        let mut cut = vec![empty; count];
        // Halves are counted from 0; the cuts between them are passed one by one along with the points.
        let (mut at_half, last_half) = (0, 2 * count - 1);
        for point in 0..points.arcs_um.len() - 1 {
            let (from, to) = (points.arcs_um[point], points.arcs_um[point + 1]);
            let (radius, next_radius) = (points.radii_um[point], points.radii_um[point + 1]);
            let radius_at = |arc: f64| if to > from { radius + (next_radius - radius) * (arc - from) / (to - from) } else { next_radius };
            let mut arc = from;
            let mut radius_here = radius;
            loop {
                let end_of_half = if at_half == last_half { f64::INFINITY } else { (at_half + 1) as f64 * half };
                let until = to.min(end_of_half);
                let radius_there = if until >= to { next_radius } else { radius_at(until) };
                let frustum = Frustum { length_um: (until - arc).max(0.0), radii_um: [radius_here, radius_there] };
                let compartment = &mut cut[at_half / 2];
                compartment.area_um2 += frustum.area_um2();
                compartment.axial_integrals_per_um[at_half % 2] += frustum.axial_integral_per_um();
                compartment.mean_diameter_um += frustum.length_um * (radius_here + radius_there);
                (arc, radius_here) = (until, radius_there);
                if end_of_half > to {
                    break;
                }
                if at_half % 2 == 0 {
                    let fraction = if to > from { (until - from) / (to - from) } else { 0.0 };
                    compartment.position_um = between(points.positions_um[point], points.positions_um[point + 1], fraction);
                }
                at_half += 1;
            }
        }
        let at = &self.list[section];
        let from_middle = at.parent.is_none() && at.kind.is_soma();
        for (number, compartment) in cut.iter_mut().enumerate() {
            let arc = (2 * number + 1) as f64 * half;
            compartment.mean_diameter_um /= 2.0 * half;
            compartment.distance_um = if from_middle { (arc - length / 2.0).abs() } else { at.start_distance_um + arc };
        }
        cut
    }
}
