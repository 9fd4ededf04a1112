//! Calcium outside and inside cells, and the potentials that belong to concentrations.
//!
//! Where no pool is painted, both concentrations are fixed: those of NEURON's and Arbor's defaults.

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
