//! Lengths, areas, volumes and resistances of frusta and of sections.

use super::{SectionPoints, Sections};
use std::f64::consts::{PI, SQRT_2};

/// A piece of a cone between two cross-sections.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frustum {
    /// Its length along the axis, µm.
    pub length_um: f64,
    /// Radii at its ends, µm.
    pub radii_um: [f64; 2],
}

impl Frustum {
    /// Lateral area, without its ends, µm²: π (r₁ + r₂) √(ℓ² + (r₂ - r₁)²).
    pub fn area_um2(&self) -> f64 {
        let [r1, r2] = self.radii_um;
        PI * (r1 + r2) * self.length_um.hypot(r2 - r1)
    }

    /// Volume, µm³: π ℓ (r₁² + r₁ r₂ + r₂²) / 3.
    pub fn volume_um3(&self) -> f64 {
        let [r1, r2] = self.radii_um;
        PI * self.length_um * (r1 * r1 + r1 * r2 + r2 * r2) / 3.0
    }

    /// Length over cross-section along its axis, µm⁻¹: ∫ dx/(π r²) = ℓ/(π r₁ r₂). Times 10⁻² and the axial resistivity in Ω·cm it is the resistance in MΩ.
    pub fn axial_integral_per_um(&self) -> f64 {
        let [r1, r2] = self.radii_um;
        self.length_um / (PI * r1 * r2)
    }

    /// Length in units of the space constant of a cable of 1 µm diameter: ∫ dx/√d = 2ℓ/(√d₁ + √d₂), µm^½.
    pub fn root_diameter_integral(&self) -> f64 {
        let [r1, r2] = self.radii_um;
        SQRT_2 * self.length_um / (r1.sqrt() + r2.sqrt())
    }
}

impl SectionPoints<'_> {
    /// The frusta between its points; one between points of one place has no length, but the area of the step.
    pub fn frusta(&self) -> impl Iterator<Item = Frustum> + '_ {
        self.arcs_um
            .windows(2)
            .zip(self.radii_um.windows(2))
            .map(|(arcs, radii)| Frustum { length_um: arcs[1] - arcs[0], radii_um: [radii[0], radii[1]] })
    }

    /// Length, µm.
    pub fn length_um(&self) -> f64 {
        self.arcs_um.last().copied().unwrap_or(0.0)
    }

    /// Lateral area, µm²: the sum over its frusta, without the ends.
    pub fn area_um2(&self) -> f64 {
        self.frusta().map(|frustum| frustum.area_um2()).sum()
    }

    /// Volume, µm³.
    pub fn volume_um3(&self) -> f64 {
        self.frusta().map(|frustum| frustum.volume_um3()).sum()
    }

    /// Length over cross-section, µm⁻¹; see [`Frustum::axial_integral_per_um`].
    pub fn axial_integral_per_um(&self) -> f64 {
        self.frusta().map(|frustum| frustum.axial_integral_per_um()).sum()
    }
}

impl Sections {
    /// Axial resistance of a section from end to end, MΩ, with an axial resistivity in Ω·cm.
    pub fn axial_resistance_mohm(&self, section: usize, axial_resistivity_ohm_cm: f64) -> f64 {
        1e-2 * axial_resistivity_ohm_cm * self.points(section).axial_integral_per_um()
    }
}

/// Space constant of a cable for steady currents, µm: 100 √(d R_m / (4 R_a)), with its diameter in µm, the resistance of its membrane in Ω·cm² and its axial
/// resistivity in Ω·cm (Rall W (1959). Branching dendritic trees and motoneuron membrane resistivity. Exp Neurol 1:491-527.
/// doi:10.1016/0014-4886(59)90046-9).
pub fn space_constant_um(diameter_um: f64, membrane_resistance_ohm_cm2: f64, axial_resistivity_ohm_cm: f64) -> f64 {
    100.0 * (diameter_um * membrane_resistance_ohm_cm2 / (4.0 * axial_resistivity_ohm_cm)).sqrt()
}

/// Length of a section in units of its space constant, which changes along it with the diameter.
pub fn electrotonic_length(points: &SectionPoints<'_>, membrane_resistance_ohm_cm2: f64, axial_resistivity_ohm_cm: f64) -> f64 {
    let sum: f64 = points.frusta().map(|frustum| frustum.root_diameter_integral()).sum();
    sum / space_constant_um(1.0, membrane_resistance_ohm_cm2, axial_resistivity_ohm_cm)
}

/// Compartments that a section never has more of: as many as fit into 15 bits.
const MOST_COMPARTMENTS: f64 = 32_767.0;

/// An odd number of compartments, each at most `fraction` of the space constant at a frequency long: the d-lambda rule,
/// n = 2 ⌊(L/(fraction λ_f) + 0.9)/2⌋ + 1 with λ_f = 10⁵ √(d/(4π f R_a c_m)) µm (Hines ML, Carnevale NT (2001). NEURON: a tool for neuroscientists. Neuroscientist
/// 7:123-135. doi:10.1177/107385840100700207). Common: 100 Hz, a tenth. At most 32,767.
///
/// Axial resistivity in Ω·cm, membrane capacitance in µF/cm², frequency in Hz.
pub fn d_lambda_compartments(
    points: &SectionPoints<'_>,
    axial_resistivity_ohm_cm: f64,
    membrane_capacitance_uf_per_cm2: f64,
    frequency_hz: f64,
    fraction: f64,
) -> usize {
    // In each frustum λ is that of its mean diameter.
    let sum: f64 =
        points.frusta().filter(|frustum| frustum.length_um > 0.0).map(|f| f.length_um / (f.radii_um[0] + f.radii_um[1]).sqrt()).sum();
    let length = 1e-5 * (4.0 * PI * frequency_hz * axial_resistivity_ohm_cm * membrane_capacitance_uf_per_cm2).sqrt() * sum;
    let pairs = ((length / fraction + 0.9) / 2.0).floor();
    // Also catches what is no number.
    let most = ((MOST_COMPARTMENTS - 1.0) / 2.0).floor();
    if pairs >= 0.0 { 2 * pairs.min(most) as usize + 1 } else { 1 }
}
