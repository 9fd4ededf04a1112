//! What linear membranes share: exact propagators, thresholds, refractory periods.

use crate::model::{ParameterError, require};
use neuropil_core::math::{exprel, exprel_second};
use neuropil_core::{Accepts, Receptor, steps_covering};
use neuropil_units::{Dimension, Milliseconds, Millivolts, Nanosiemens, Picoamperes, Picofarads, Quantity};
use std::fmt::Display;

/// Receptors of models with synaptic currents: positive weights excite, negative weights inhibit.
pub const SIGNED_CURRENTS: [Receptor; 2] = [
    Receptor::new("excitatory", "pA", Dimension::CURRENT, Accepts::Positive),
    Receptor::new("inhibitory", "pA", Dimension::CURRENT, Accepts::Negative),
];

/// Receptors of models with synaptic conductances: a negative weight adds its magnitude to the inhibitory conductance.
pub const SIGNED_CONDUCTANCES: [Receptor; 2] = [
    Receptor::new("excitatory", "nS", Dimension::CONDUCTANCE, Accepts::Positive),
    Receptor::new("inhibitory", "nS", Dimension::CONDUCTANCE, Accepts::NegativeMagnitude),
];

/// A passive membrane with a constant bias current: `dV/dt = -(V - E_rest)/τ_m + (I_bias + I)/C_m`.
pub struct Membrane {
    /// τ_m.
    pub time_constant: Milliseconds,
    /// C_m.
    pub capacitance: Picofarads,
    /// E_rest.
    pub resting_potential: Millivolts,
    /// I_bias.
    pub bias_current: Picoamperes,
}

/// Its exact solution over one step: `V ← decay V + per_current I + drive`.
pub struct MembranePropagators {
    /// exp(-dt/τ_m).
    pub decay: f32,
    /// mV/pA of a current that is constant during the step.
    pub per_current: f32,
    /// mV a step, from rest and bias.
    pub drive: f32,
}

impl Membrane {
    /// The propagators of one step.
    ///
    /// # Errors
    /// A time constant or capacitance that is not positive, or a value that is not finite.
    pub fn propagators(&self, time_step: Milliseconds) -> Result<MembranePropagators, ParameterError> {
        let (tau, capacitance) = (self.time_constant, self.capacitance);
        require(tau.0 > 0.0 && tau.0.is_finite(), "membrane_time_constant", tau, "more than 0 ms")?;
        require(capacitance.0 > 0.0 && capacitance.0.is_finite(), "membrane_capacitance", capacitance, "more than 0 pF")?;
        require(self.resting_potential.0.is_finite(), "resting_potential", self.resting_potential, "a finite potential")?;
        require(self.bias_current.0.is_finite(), "bias_current", self.bias_current, "a finite current")?;
        let x = time_step.0 / tau.0;
        let reached = -(-x).exp_m1();
        Ok(MembranePropagators {
            decay: (-x).exp() as f32,
            per_current: (time_step.0 / capacitance.0 * exprel(-x)) as f32,
            drive: ((self.resting_potential.0 + self.bias_current.0 * tau.0 / capacitance.0) * reached) as f32,
        })
    }
}

/// Threshold and reset potential in mV, of which the second must be the lower.
///
/// # Errors
/// The reset potential is not below the threshold, or one of them is not finite.
pub fn threshold_and_reset(threshold: Millivolts, reset: Millivolts) -> Result<(f32, f32), ParameterError> {
    require(threshold.0.is_finite(), "threshold_potential", threshold, "a finite potential")?;
    require(
        reset.0.is_finite() && reset < threshold,
        "reset_potential",
        reset,
        &format!("less than the threshold_potential, {threshold}"),
    )?;
    Ok((threshold.0 as f32, reset.0 as f32))
}

/// Whole steps of a refractory period, rounded up, at most 65,535.
///
/// # Errors
/// A negative period, or one of more steps.
pub fn refractory_steps(period: Milliseconds, time_step: Milliseconds) -> Result<u32, ParameterError> {
    match steps_covering(period, time_step) {
        Some(steps @ 0..=65_535) => Ok(steps as u32),
        _ => require(false, "refractory_period", period, &format!("0 ms to 65535 steps of {time_step}")).map(|()| 0),
    }
}

/// The coherent value of a parameter that must be finite.
///
/// # Errors
/// It is not.
pub fn finite<Q: Quantity + Copy + Display>(parameter: &'static str, value: Q) -> Result<f64, ParameterError> {
    require(value.coherent().is_finite(), parameter, value, "a finite number")?;
    Ok(value.coherent())
}

/// The coherent value of a parameter that must be more than 0.
///
/// # Errors
/// It is not, or not finite.
pub fn positive<Q: Quantity + Copy + Display>(parameter: &'static str, value: Q) -> Result<f64, ParameterError> {
    let coherent = value.coherent();
    require(coherent > 0.0 && coherent.is_finite(), parameter, value, &format!("more than 0 {}", Q::UNIT))?;
    Ok(coherent)
}

/// The coherent value of a parameter that must not be negative.
///
/// # Errors
/// It is, or is not finite.
pub fn not_negative<Q: Quantity + Copy + Display>(parameter: &'static str, value: Q) -> Result<f64, ParameterError> {
    let coherent = value.coherent();
    require(coherent >= 0.0 && coherent.is_finite(), parameter, value, &format!("at least 0 {}", Q::UNIT))?;
    Ok(coherent)
}

/// Relaxation over one step: the solution of `dt dV/dt = drive - rate V` after one step, for kernels.
///
/// The exponential is its (2, 2) Padé approximant, `(1 - x/2 + x²/12)/(1 + x/2 + x²/12)`, written as an increment, which rounds least:
/// one division, a relative error of x⁵/720, and values that stay between the old one and the one relaxed to at any rate.
#[inline(always)]
pub fn relax(value: f32, rate: f32, drive: f32) -> f32 {
    value + (drive - rate * value) / (1.0 + rate * (0.5 + rate * (1.0 / 12.0)))
}

/// `yes` or `no`, without a branch: an `if` whose sides are long computations keeps the compiler from turning its loop into vector code.
#[inline(always)]
pub fn choose(condition: bool, yes: f32, no: f32) -> f32 {
    let mask = u32::from(condition).wrapping_neg();
    f32::from_bits(yes.to_bits() & mask | no.to_bits() & !mask)
}

/// Equal sub-steps of at most `longest` ms that make a step of `dt` ms, at most 256.
pub fn substeps(dt: f64, longest: f64) -> u32 {
    (dt / longest - 1e-6).ceil().clamp(1.0, 256.0) as u32
}

/// Synaptic conductances beside a leak, as constants of one step of [`relax`].
#[derive(Clone, Copy, Debug)]
pub struct ConductanceInput {
    /// Leak: dt g_L/C.
    pub leak_rate: f32,
    /// mV a step, from leak and bias.
    pub leak_drive: f32,
    /// dt/C, mV/pA.
    pub per_current: f32,
    /// E_e, mV.
    pub excitatory_reversal: f32,
    /// E_i, mV.
    pub inhibitory_reversal: f32,
}

/// The parameters from which [`ConductanceInput`] follows.
pub struct ConductanceMembrane {
    /// C_m.
    pub capacitance: Picofarads,
    /// g_L.
    pub leak: Nanosiemens,
    /// E_rest.
    pub resting_potential: Millivolts,
    /// E_e.
    pub excitatory_reversal: Millivolts,
    /// E_i.
    pub inhibitory_reversal: Millivolts,
    /// I_bias.
    pub bias_current: Picoamperes,
}

impl ConductanceMembrane {
    /// Constants of a step of `dt` ms.
    ///
    /// # Errors
    /// A capacitance or conductance that is not positive, or a value that is not finite.
    pub fn input(&self, dt: f64) -> Result<ConductanceInput, ParameterError> {
        let capacitance = positive("membrane_capacitance", self.capacitance)?;
        let leak = positive("leak_conductance", self.leak)?;
        let rest = finite("resting_potential", self.resting_potential)?;
        let bias = finite("bias_current", self.bias_current)?;
        Ok(ConductanceInput {
            leak_rate: (dt * leak / capacitance) as f32,
            leak_drive: (dt * (leak * rest + bias) / capacitance) as f32,
            per_current: (dt / capacitance) as f32,
            excitatory_reversal: finite("excitatory_reversal_potential", self.excitatory_reversal)? as f32,
            inhibitory_reversal: finite("inhibitory_reversal_potential", self.inhibitory_reversal)? as f32,
        })
    }
}

/// The time constants of the two kinds of synapse, in ms.
///
/// # Errors
/// One that is not positive.
pub fn synaptic_time_constants(excitatory: Milliseconds, inhibitory: Milliseconds) -> Result<(f64, f64), ParameterError> {
    Ok((positive("excitatory_time_constant", excitatory)?, positive("inhibitory_time_constant", inhibitory)?))
}

/// Decay of an exponential synapse over `dt`, and its mean over that time relative to its start.
pub fn exponential_decay(dt: f64, tau: f64) -> (f32, f32) {
    ((-dt / tau).exp() as f32, exprel(-dt / tau) as f32)
}

/// An alpha-shaped synapse over one step: value `I` and drive `D` with `I' = D - I/τ`, `D' = -D/τ`.
#[derive(Clone, Copy, Debug)]
pub struct AlphaDecay {
    /// exp(-dt/τ): decay of both.
    pub decay: f32,
    /// dt exp(-dt/τ): what the drive adds to the value, in ms.
    pub carry: f32,
    /// Mean of the value over the step, as a factor of the value at its start.
    pub mean_of_value: f32,
    /// Mean of the value over the step, as a factor of the drive at its start, in ms.
    pub mean_of_drive: f32,
    /// e/τ: what an arriving weight adds to the drive, in 1/ms, so that it peaks at the weight.
    pub per_weight: f32,
}

impl AlphaDecay {
    /// The constants of a step of `dt` ms.
    pub fn new(dt: f64, tau: f64) -> Self {
        let decay = (-dt / tau).exp();
        Self {
            decay: decay as f32,
            carry: (dt * decay) as f32,
            mean_of_value: exprel(-dt / tau) as f32,
            mean_of_drive: (dt * alpha_response(dt / tau, 0.0)) as f32,
            per_weight: (std::f64::consts::E / tau) as f32,
        }
    }
}

/// `∫₀¹ s exp(-a s - b (1 - s)) ds`: what the drive of an alpha-shaped input leaves after one step in a membrane that decays with b = dt/τ_m,
/// where a = dt/τ. Smooth where both are equal.
pub fn alpha_response(a: f64, b: f64) -> f64 {
    let x = a - b;
    if x > 1.0 { (-b).exp() * (1.0 - (1.0 + x) * (-x).exp()) / (x * x) } else { (-a).exp() * exprel_second(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: `relax` follows the exponential. Source: closed form. Tolerance: x⁵/720 of the distance, and rounding of f32.
    #[test]
    fn relaxation_follows_the_exponential() {
        for x in [0.0_f32, 1e-3, 0.01, 0.1, 0.5, 1.0] {
            let expected = -50.0 + 20.0 * f64::from(-x).exp();
            let found = f64::from(relax(-30.0, x, x * -50.0));
            assert!((found - expected).abs() < 20.0 * f64::from(x).powi(5) / 720.0 + 8e-6, "{x}: {found}, expected {expected}");
        }
        assert!((-50.0..=-30.0).contains(&relax(-30.0, 1e3, 1e3 * -50.0)), "stiff rates overshoot");
    }

    /// Claim: the response to a drive is its integral. Source: Simpson's rule with 2,000 intervals. Tolerance: 1e-12.
    #[test]
    fn alpha_response_is_the_integral_also_where_time_constants_meet() {
        for (a, b) in [(0.05, 0.01), (0.01, 0.05), (0.3, 0.3), (0.3, 0.3 + 1e-9), (3.0, 0.1), (0.1, 3.0), (1.5, 0.5)] {
            let f = |s: f64| s * (-a * s - b * (1.0 - s)).exp();
            let n = 2000;
            let simpson: f64 = (0..n)
                .map(|k| [k, k + 1].map(|k| f64::from(k) / f64::from(n)))
                .map(|[l, r]| (f(l) + 4.0 * f(0.5 * (l + r)) + f(r)) / 6.0 / f64::from(n))
                .sum();
            assert!((alpha_response(a, b) - simpson).abs() < 1e-12, "{a}, {b}");
        }
    }
}
