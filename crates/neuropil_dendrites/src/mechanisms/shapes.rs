//! What receptors share: courses of conductance, the block by magnesium, and checks of parameters.

use crate::exponential::exp;
use crate::mechanism::{Place, Receives};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bytemuck::{Pod, Zeroable};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, Millimolar, Milliseconds, Millivolts, PerMillivolt};

state_variables! {
    /// What is subtracted from the decaying part of a conductance with a finite rise, in nS.
    RisingConductance: f64, "rising_conductance", "nS", Dimension::CONDUCTANCE;
    /// The decaying part of such a conductance, in nS.
    DecayingConductance: f64, "decaying_conductance", "nS", Dimension::CONDUCTANCE;
}

/// Weights in nS: the peak of the conductance that one spike makes.
pub const PEAK_CONDUCTANCE: Receives = Receives { unit: "nS", dimension: Dimension::CONDUCTANCE };

/// 1 nS over the area of a compartment, mS/cm².
pub fn per_area(place: &Place) -> f64 {
    // 1 nS/µm² = 100 mS/cm².
    100.0 / place.area.0
}

/// Checks a reversal potential.
///
/// # Errors
/// It is not finite.
pub fn checked_reversal(reversal: Millivolts) -> Result<f64, ParameterError> {
    require(reversal.0.is_finite(), "reversal_potential", reversal, "a finite potential")?;
    Ok(reversal.0)
}

/// Constants of a step of `g = B - A`, `A' = -A/rise`, `B' = -B/decay`, where a spike of weight w adds w times `peak` to both.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct DoubleExponential {
    /// Factor of A in a step.
    pub rise: f64,
    /// Factor of B in a step.
    pub decay: f64,
    /// What makes the peak of the difference 1.
    pub peak: f64,
}

impl DoubleExponential {
    /// Two time constants, with the names of their parameters. Those that are closer than one part in ten thousand count as so far apart.
    ///
    /// # Errors
    /// One of them is not above 0, or the rise is longer than the decay.
    pub fn new(place: &Place, rise: (&'static str, Milliseconds), decay: (&'static str, Milliseconds)) -> Result<Self, ParameterError> {
        for (name, value) in [rise, decay] {
            require(value.0 > 0.0 && value.0.is_finite(), name, value, "more than 0 ms")?;
        }
        require(rise.1 <= decay.1, rise.0, rise.1, "at most the decay")?;
        let decay = decay.1.0;
        let rise = rise.1.0.min(0.9999 * decay);
        let peak = rise * decay / (decay - rise) * (decay / rise).ln();
        Ok(Self {
            rise: (-place.time_step.0 / rise).exp(),
            decay: (-place.time_step.0 / decay).exp(),
            peak: 1.0 / ((-peak / decay).exp() - (-peak / rise).exp()),
        })
    }

    /// Advances both parts by a step in which `arriving` arrives.
    #[inline(always)]
    pub fn advance<R: Real>(&self, rising: &mut R, decaying: &mut R, arriving: R) {
        *rising = rising.mul_add(self.rise, arriving * self.peak);
        *decaying = decaying.mul_add(self.decay, arriving * self.peak);
    }
}

/// Constants of the block of NMDA receptors by magnesium.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Block {
    /// Concentration over that which blocks half at 0 mV.
    pub strength: f64,
    /// 1/mV.
    pub slope: f64,
}

impl Block {
    /// From parameters named `magnesium`, `half_block` and `slope`.
    ///
    /// # Errors
    /// One of them is outside its valid range.
    pub fn new(magnesium: Millimolar, half: Millimolar, slope: PerMillivolt) -> Result<Self, ParameterError> {
        require(magnesium.0 >= 0.0 && magnesium.0.is_finite(), "magnesium", magnesium, "at least 0 mM")?;
        require(half.0 > 0.0 && half.0.is_finite(), "half_block", half, "more than 0 mM")?;
        require(slope.0.is_finite(), "slope", slope, "a finite number")?;
        Ok(Self { strength: magnesium.0 / half.0, slope: slope.0 })
    }

    /// The part of the conductance that is not blocked, B, and `d(B (V - E))/dV`.
    #[inline(always)]
    pub fn open<R: Real>(&self, potential: R, reversal: f64) -> (R, R) {
        let open = R::from(1.0) / exp(potential * -self.slope).mul_add(self.strength, 1.0);
        // B' = slope B (1 - B).
        let steeper = (potential - reversal) * self.slope * (R::from(1.0) - open);
        (open, open * (steeper + 1.0))
    }

    /// Adds the current `g B(V) (V - E)`, as its tangent at the potential, to a conductance and the current that goes with it.
    #[inline(always)]
    pub fn conduct<R: Real>(&self, g: R, potential: R, reversal: f64, conductance: &mut R, current: &mut R) {
        let (open, tangent) = self.open(potential, reversal);
        let slope = g * tangent;
        *conductance += slope;
        *current += slope.mul_add(potential, -(g * open * (potential - reversal)));
    }
}
