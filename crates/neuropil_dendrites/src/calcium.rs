//! Calcium outside and inside cells, and the potentials that belong to concentrations.
//!
//! Where no pool is painted, both concentrations are fixed: those of NEURON's and Arbor's defaults.

use crate::mechanisms::gates::linoid;
use crate::real::{Precision, Real};
use neuropil_units::{Kelvin, Millimolar};

/// Calcium inside a compartment without a pool.
pub const INSIDE: Millimolar = Millimolar(5e-5);
/// Calcium outside, where no pool says otherwise.
pub const OUTSIDE: Millimolar = Millimolar(2.0);
/// Faraday's constant, C/mol (CODATA 2018).
pub const FARADAY: f64 = 96_485.332_12;
/// The gas constant, J/(mol K) (CODATA 2018).
pub const GAS: f64 = 8.314_462_618;

/// RT/F, mV: 26.7 at 37 °C.
pub fn thermal_potential(temperature: Kelvin) -> f64 {
    1e3 * GAS * temperature.0 / FARADAY
}

/// Reversal potential of calcium where there is no pool, mV: RT/(2F) ln(outside/inside).
pub(crate) fn resting_reversal(temperature: Kelvin) -> f64 {
    thermal_potential(temperature) / 2.0 * (OUTSIDE.0 / INSIDE.0).ln()
}

/// The current of calcium through a membrane of permeability 1 cm/s, in µA/cm², and its derivative by the potential, in mS/cm².
///
/// ```text
/// i = z F (ca_in ψ(-w) - ca_out ψ(w))        w = z F V/(R T), z = 2, ψ(w) = w/(e^w - 1), ψ(0) = 1
/// ```
/// Potential and `thermal`, which is RT/F, in mV, concentrations in mM. It rises with the potential everywhere, and is 0 where Nernst's potential is.
///
/// Source: Hodgkin AL, Katz B (1949). J Physiol 108:37-77. doi:10.1113/jphysiol.1949.sp004310
#[inline(always)]
pub fn goldman_hodgkin_katz<R: Real>(potential: R, inside: R, outside: f64, thermal: f64) -> (R, R) {
    // 1 cm/s · 1 mM · 1 C/mol is 1 µA/cm².
    let charge = 2.0 * FARADAY;
    let w = potential * 2.0 / thermal;
    let psi = linoid(-w);
    // ψ' = ψ (1 - ψ - w)/w; near 0, where that cancels, its series.
    let near = match R::PRECISION {
        Precision::Double => 1e-2,
        Precision::Single => 0.1,
    };
    let small = w.abs() < near;
    let one = R::from(1.0);
    let quotient = psi * (one - psi - w) / if small { one } else { w };
    let slope = if small { w * (-(w * w) / 180.0 + 1.0 / 6.0) - 0.5 } else { quotient };
    let current = inside * (w + psi) - psi * outside;
    let rise = inside * (slope + 1.0) - slope * outside;
    (current * charge, rise * charge * 2.0 / thermal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: the current is that of Goldman, Hodgkin and Katz, 0 at Nernst's potential, and its derivative is the derivative. Source: the equation by the
    /// standard library's functions; a central difference. Tolerance: 1e-11 of the larger of both flows, some roundings where they cancel; 1e-6 for the
    /// difference over 0.02 mV, whose second order is below that.
    #[test]
    fn current_is_that_of_goldman_hodgkin_and_katz() {
        let thermal = thermal_potential(Kelvin(307.15));
        let psi = |w: f64| if w == 0.0 { 1.0 } else { w / w.exp_m1() };
        for inside in [5e-5, 1e-3, 0.1] {
            for potential in (-150..=150).map(f64::from).chain([1e-4, -1e-4, 0.05, -0.05, 0.13]) {
                let w = 2.0 * potential / thermal;
                let (inward, outward) = (2.0 * FARADAY * 2.0 * psi(w), 2.0 * FARADAY * inside * psi(-w));
                let (current, rise) = goldman_hodgkin_katz(potential, inside, 2.0, thermal);
                let tolerance = 1e-11 * inward.max(outward);
                assert!((current - (outward - inward)).abs() < tolerance, "{potential} mV: {current}, expected {}", outward - inward);
                let at = |potential: f64| goldman_hodgkin_katz(potential, inside, 2.0, thermal).0;
                let difference = (at(potential + 0.01) - at(potential - 0.01)) / 0.02;
                assert!((rise / difference - 1.0).abs() < 1e-6, "{potential} mV: {rise}, expected {difference}");
            }
            let nernst = thermal / 2.0 * (2.0 / inside).ln();
            let (current, rise) = goldman_hodgkin_katz(nernst, inside, 2.0, thermal);
            assert!(current.abs() < 1e-9 * rise && rise > 0.0, "{current}");
        }
    }
}
