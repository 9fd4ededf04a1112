//! GABA-B receptors, which open potassium channels through a G protein.
//!
//! Slow inhibition: bound receptors activate G protein, four of which open a channel, so that weak or single input does little and a burst much.
//!
//! # Equations
//! ```text
//! i = g_max s⁴/(s⁴ + K) (V - E)
//! r' = K₁ T (1 - r) - K₂ r               s' = K₃ r - K₄ s
//! ```
//! A spike of weight T releases a pulse of T mM for a time p. The pulse is short against all that follows, so the binding during it is done at
//! once: `r ← r∞ + (r - r∞) exp(-p (K₁ T + K₂))` with `r∞ = K₁ T/(K₁ T + K₂)`. Pulses of one step add up.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | g_max | 1 nS | at least 0 | conductance with all channels open |
//! | `reversal_potential` | E | -95 mV | finite | reversal potential of potassium |
//! | `pulse` | p | 0.3 ms | more than 0 | length of a pulse of transmitter |
//! | `binding` | K₁ | 0.52 1/(mM·ms) | at least 0 | binding to receptors |
//! | `unbinding` | K₂ | 0.0013 1/ms | more than 0 | unbinding |
//! | `activation` | K₃ | 0.098 1/ms | at least 0 | activation of G protein |
//! | `deactivation` | K₄ | 0.033 1/ms | more than 0 | its end |
//! | `half_activation` | K | 100 | more than 0 | fourth power of the G protein that opens half of the channels |
//!
//! A full pulse has 0.5 mM. No conductance goes with the kinetics: choose one.
//!
//! # State
//! r `bound_receptors` and s `g_protein`, without unit.
//!
//! # References
//! Destexhe A, Mainen ZF, Sejnowski TJ (1994). J Comput Neurosci 1:195-230. doi:10.1007/BF00961734
//!
//! # See also
//! `DoubleExponentialSynapse`

use super::shapes::{checked_reversal, per_area};
use crate::energy::Carrier;
use crate::exponential::exp;
use crate::mechanism::{Mechanism, Membrane, Place, Receives};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, Milliseconds, Millivolts, Nanosiemens, Number, PerMillimolarMillisecond, PerMillisecond};

state_variables! {
    /// Part of the GABA-B receptors that is bound, from 0 to 1.
    BoundReceptors: f64, "bound_receptors", "", Dimension::NONE;
    /// Active G protein, in units of its own.
    GProtein: f64, "g_protein", "", Dimension::NONE;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct GabaBReceptor {
    /// Conductance with all channels open.
    pub conductance: Nanosiemens,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
    /// Length of a pulse of transmitter.
    pub pulse: Milliseconds,
    /// Binding to receptors.
    pub binding: PerMillimolarMillisecond,
    /// Unbinding.
    pub unbinding: PerMillisecond,
    /// Activation of G protein.
    pub activation: PerMillisecond,
    /// Its end.
    pub deactivation: PerMillisecond,
    /// Fourth power of the G protein that opens half of the channels.
    pub half_activation: Number,
}

impl Default for GabaBReceptor {
    fn default() -> Self {
        Self {
            conductance: Nanosiemens(1.0),
            reversal_potential: Millivolts(-95.0),
            pulse: Milliseconds(0.3),
            binding: PerMillimolarMillisecond(0.52),
            unbinding: PerMillisecond(0.0013),
            activation: PerMillisecond(0.098),
            deactivation: PerMillisecond(0.033),
            half_activation: Number(100.0),
        }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    /// 1/(mM ms), 1/ms, ms.
    binding: f64,
    unbinding: f64,
    pulse: f64,
    /// Factors of r and of s in a step, and what r adds to s.
    receptor_decay: f64,
    protein_decay: f64,
    protein_gain: f64,
    half: f64,
    /// Conductance with all channels open, mS/cm².
    conductance: f64,
    reversal: f64,
}

impl Mechanism for GabaBReceptor {
    type State = (BoundReceptors, GProtein);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("gaba_b_receptor.rs");
    const CARRIES: Carrier = Carrier::Potassium;
    const RECEIVES: Option<Receives> = Some(Receives { unit: "mM", dimension: Dimension::CONCENTRATION });
    const STEP_NS: f64 = 1.0;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        let finite = |value: f64| value >= 0.0 && value.is_finite();
        require(finite(self.conductance.0), "conductance", self.conductance, "at least 0 nS")?;
        require(finite(self.pulse.0) && self.pulse.0 > 0.0, "pulse", self.pulse, "more than 0 ms")?;
        require(finite(self.binding.0), "binding", self.binding, "at least 0 1/(mM·ms)")?;
        require(finite(self.activation.0), "activation", self.activation, "at least 0 1/ms")?;
        for (name, value) in [("unbinding", self.unbinding), ("deactivation", self.deactivation)] {
            require(finite(value.0) && value.0 > 0.0, name, value, "more than 0 1/ms")?;
        }
        require(finite(self.half_activation.0) && self.half_activation.0 > 0.0, "half_activation", self.half_activation, "more than 0")?;
        let (dt, k2, k4) = (place.time_step.0, self.unbinding.0, self.deactivation.0);
        let (receptor_decay, protein_decay) = ((-k2 * dt).exp(), (-k4 * dt).exp());
        // r decays while it drives s: K₃ ∫ exp(-K₄ (dt - t)) exp(-K₂ t) dt, written so that equal rates are no exception.
        let x = (k4 - k2) * dt;
        let mean = if x.abs() < 1e-9 { 1.0 } else { x.exp_m1() / x };
        Ok(Step {
            binding: self.binding.0,
            unbinding: k2,
            pulse: self.pulse.0,
            receptor_decay,
            protein_decay,
            protein_gain: self.activation.0 * dt * protein_decay * mean,
            half: self.half_activation.0,
            conductance: self.conductance.0 * per_area(place),
            reversal: checked_reversal(self.reversal_potential)?,
        })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (BoundReceptors(0.0), GProtein(0.0))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, (r, s): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        let rows = membrane.potential.len();
        let (r, s, arriving) = (&mut r[..rows], &mut s[..rows], &membrane.arriving[..rows]);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        for i in 0..rows {
            let p = constants.at(i);
            let squared = s[i] * s[i];
            let fourth = squared * squared;
            let g = fourth * p.conductance / (fourth + p.half);
            conductance[i] += g;
            current[i] += g * p.reversal;
            s[i] = s[i].mul_add(p.protein_decay, r[i] * p.protein_gain);
            let decayed = r[i] * p.receptor_decay;
            let transmitter = R::from(arriving[i]);
            let rate = transmitter.mul_add(p.binding, p.unbinding);
            let limit = transmitter * p.binding / rate;
            let bound = (decayed - limit).mul_add(exp(rate * -p.pulse), limit);
            r[i] = if transmitter > 0.0 { bound } else { decayed };
        }
    }
}
