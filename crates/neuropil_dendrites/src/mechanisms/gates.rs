//! What channels share: gates, the shapes of their rates, and kernels for channels of one or two gates.

use crate::exponential::{exp, linoid_parts};
use crate::mechanism::{Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::Constants;
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, MillisiemensPerSquareCentimeter, Millivolts};

state_variables! {
    /// Activation of a channel, from 0 to 1.
    Activation: f64, "activation", "", Dimension::NONE;
    /// Inactivation of a channel, from 0 (inactivated) to 1.
    Inactivation: f64, "inactivation", "", Dimension::NONE;
}

/// A gate at one potential: `y' = (limit - y) rate`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gate<R> {
    /// Where it is after a long time.
    pub limit: R,
    /// How fast it goes there, 1/ms, before any factor of temperature.
    pub rate: R,
}

impl<R: Real> Gate<R> {
    /// From rates of opening and of closing, 1/ms.
    #[inline(always)]
    pub fn from_rates(opening: R, closing: R) -> Self {
        let rate = opening + closing;
        Self { limit: opening / rate, rate }
    }

    /// From a time constant, ms.
    #[inline(always)]
    pub fn from_time_constant(limit: R, time_constant: impl Into<R>) -> Self {
        Self { limit, rate: R::from(1.0) / time_constant.into() }
    }

    /// The gate after a step that it follows exactly; `step` is less its length, times any factor of temperature, ms.
    #[inline(always)]
    pub fn follow(self, gate: R, step: f64) -> R {
        (gate - self.limit).mul_add(exp(self.rate * step), self.limit)
    }
}

/// `1/(1 + e⁻ˣ)`.
#[inline(always)]
pub fn sigmoid<R: Real>(x: R) -> R {
    R::from(1.0) / (exp(-x) + 1.0)
}

/// `x/(1 - e⁻ˣ)`, which is 1 at 0.
#[inline(always)]
pub fn linoid<R: Real>(x: R) -> R {
    let (numerator, denominator) = linoid_parts(x, exp(-x));
    numerator / denominator
}

/// `x/(1 - e⁻ˣ)` and `e⁻ˣ` times it, which is the same of -x.
#[inline(always)]
pub fn linoids<R: Real>(x: R) -> (R, R) {
    let e = exp(-x);
    let (numerator, denominator) = linoid_parts(x, e);
    let forward = numerator / denominator;
    (forward, e * forward)
}

/// How much faster gates are than where they were measured: `q10^((T - measured)/10 K)`, temperatures in °C.
pub fn temperature_factor(place: &Place, q10: f64, measured: f64) -> f64 {
    q10.powf((place.temperature.0 - 273.15 - measured) / 10.0)
}

/// The factor that is written into the channels of Hay et al. (2011), from 21 to 34 °C, whatever the temperature of the cell.
pub fn hay_factor() -> f64 {
    2.3f64.powf((34.0 - 21.0) / 10.0)
}

/// Constants of a step of a channel with a conductance and a reversal potential.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Ohmic {
    /// Less the step times any factor of temperature, ms.
    pub step: f64,
    /// Largest conductance, mS/cm².
    pub conductance: f64,
    /// Reversal potential, mV.
    pub reversal: f64,
    /// Potential that counts as 0 for the rates, mV.
    pub origin: f64,
}

impl Ohmic {
    /// Checks parameters named `conductance` and `reversal_potential`; `factor` is how much faster than written the gates are.
    ///
    /// # Errors
    /// One of the two is outside its valid range.
    pub fn new(
        place: &Place,
        factor: f64,
        conductance: MillisiemensPerSquareCentimeter,
        reversal: Millivolts,
    ) -> Result<Self, ParameterError> {
        require(reversal.0.is_finite(), "reversal_potential", reversal, "a finite potential")?;
        Ok(Self { reversal: reversal.0, ..Self::of_calcium(place, factor, conductance)? })
    }

    /// The same for a channel whose reversal potential is the compartment's.
    ///
    /// # Errors
    /// The conductance is outside its valid range.
    pub fn of_calcium(place: &Place, factor: f64, conductance: MillisiemensPerSquareCentimeter) -> Result<Self, ParameterError> {
        require(conductance.0 >= 0.0 && conductance.0.is_finite(), "conductance", conductance, "at least 0 mS/cm²")?;
        Ok(Self { step: -place.time_step.0 * factor, conductance: conductance.0, reversal: 0.0, origin: 0.0 })
    }
}

/// The science of a channel of one gate. Functions, not closures: a closure is a function of its own, compiled without the instruction set that the kernel is
/// meant for, unless the compiler happens to inline it. So mark these `#[inline(always)]`.
pub trait OneGate {
    /// The gate at a potential, mV, or at a concentration of calcium, mM.
    fn gate<R: Real>(seen: R) -> Gate<R>;
    /// The part of the largest conductance that is open.
    fn open<R: Real>(m: R) -> R;
}

/// The science of a channel of two gates, as [`OneGate`].
pub trait TwoGates {
    /// The gates at a potential, mV.
    fn gates<R: Real>(potential: R) -> [Gate<R>; 2];
    /// The part of the largest conductance that is open.
    fn open<R: Real>(m: R, h: R) -> R;
}

/// A channel of two gates that carries calcium.
pub trait CarriesCalcium: TwoGates {
    /// Whether the reversal potential is a parameter, not that of the compartment's calcium.
    const FIXED_REVERSAL: bool;
}

/// Advances a channel of one gate that sees the potential, or what is given in its place.
#[inline(always)]
fn advance_seeing<M: OneGate, R: Real, C: Constants<Ohmic>>(
    constants: C,
    gate: &mut [R],
    seen: &[R],
    conductance: &mut [R],
    current: &mut [R],
) {
    let rows = seen.len();
    let (gate, conductance, current) = (&mut gate[..rows], &mut conductance[..rows], &mut current[..rows]);
    for i in 0..rows {
        let p = constants.at(i);
        gate[i] = M::gate(seen[i] - p.origin).follow(gate[i], p.step);
        let g = M::open(gate[i]) * p.conductance;
        conductance[i] += g;
        current[i] += g * p.reversal;
    }
}

/// Advances a channel of one gate that sees the potential.
#[inline(always)]
pub fn advance_one<M: OneGate, R: Real, C: Constants<Ohmic>>(constants: C, gate: &mut [R], membrane: Membrane<'_, R>) {
    advance_seeing::<M, R, C>(constants, gate, membrane.potential, membrane.conductance, membrane.current);
}

/// Advances a channel of one gate that sees calcium.
#[inline(always)]
pub fn advance_by_calcium<M: OneGate, R: Real, C: Constants<Ohmic>>(constants: C, gate: &mut [R], membrane: Membrane<'_, R>) {
    advance_seeing::<M, R, C>(constants, gate, membrane.calcium, membrane.conductance, membrane.current);
}

/// Advances a channel of two gates.
#[inline(always)]
pub fn advance_two<M: TwoGates, R: Real, C: Constants<Ohmic>>(constants: C, (m, h): (&mut [R], &mut [R]), membrane: Membrane<'_, R>) {
    let rows = membrane.potential.len();
    let (m, h, potential) = (&mut m[..rows], &mut h[..rows], membrane.potential);
    let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
    for i in 0..rows {
        let p = constants.at(i);
        let [activation, inactivation] = M::gates(potential[i] - p.origin);
        m[i] = activation.follow(m[i], p.step);
        h[i] = inactivation.follow(h[i], p.step);
        let g = M::open(m[i], h[i]) * p.conductance;
        conductance[i] += g;
        current[i] += g * p.reversal;
    }
}

/// Advances a channel of two gates that carries calcium.
#[inline(always)]
pub fn advance_calcium<M: CarriesCalcium, R: Real, C: Constants<Ohmic>>(
    constants: C,
    (m, h): (&mut [R], &mut [R]),
    membrane: Membrane<'_, R>,
) {
    let rows = membrane.potential.len();
    let (m, h, potential) = (&mut m[..rows], &mut h[..rows], membrane.potential);
    let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
    let (of_compartment, carried) = (&membrane.calcium_reversal[..rows], &mut membrane.calcium_current[..rows]);
    for i in 0..rows {
        let p = constants.at(i);
        let [activation, inactivation] = M::gates(potential[i]);
        m[i] = activation.follow(m[i], p.step);
        h[i] = inactivation.follow(h[i], p.step);
        let g = M::open(m[i], h[i]) * p.conductance;
        let reversal = if M::FIXED_REVERSAL { R::from(p.reversal) } else { of_compartment[i] };
        conductance[i] += g;
        current[i] += g * reversal;
        carried[i] += g * (potential[i] - reversal);
    }
}
