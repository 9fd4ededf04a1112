//! NMDA receptors, which magnesium blocks at rest.
//!
//! A slow conductance that opens only where the membrane is depolarised already: neighbouring synapses help each other, up to a regenerative spike.
//!
//! # Equations
//! ```text
//! i = g B(V) (V - E)                     B(V) = 1/(1 + Mg/K exp(-k V))
//! g = (decaying - rising exponential) with its peak at the weight, as of `DoubleExponentialSynapse`
//! ```
//! The weight is the conductance without block. An implicit step needs the current as a straight line: the tangent at the old potential,
//! `i(V₀) + g (B + k (V₀ - E) B (1 - B)) (V - V₀)`, whose slope may be negative.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `rise_time` | τ_r | 8 ms | more than 0, at most τ_d | time constant of the rise |
//! | `decay_time` | τ_d | 35 ms | more than 0 | time constant of the decay |
//! | `reversal_potential` | E | 0 mV | finite | potential at which no current flows |
//! | `magnesium` | Mg | 1 mM | at least 0 | magnesium outside |
//! | `half_block` | K | 3.57 mM | more than 0 | magnesium that blocks half at 0 mV |
//! | `slope` | k | 0.062 1/mV | finite | steepness of the block |
//!
//! The slope is that of Jahr and Stevens; 0.077 and 0.08 1/mV are used for human and some rodent cells.
//!
//! # State
//! `rising_conductance` and `decaying_conductance`, nS, without block.
//!
//! # References
//! Jahr CE, Stevens CF (1990). J Neurosci 10:3178-3182. doi:10.1523/JNEUROSCI.10-09-03178.1990
//!
//! Gidon A, Zolnik TA, Fidzinski P et al. (2020). Science 367:83-87. doi:10.1126/science.aax6239
//!
//! # See also
//! `AmpaNmdaReceptor`, `DoubleExponentialSynapse`

use super::shapes::{Block, DecayingConductance, DoubleExponential, PEAK_CONDUCTANCE, RisingConductance, checked_reversal, per_area};
use crate::energy::Carrier;
use crate::mechanism::{Mechanism, Membrane, Place, Receives};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::{Millimolar, Milliseconds, Millivolts, PerMillivolt};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct NmdaReceptor {
    /// Time constant of the rise.
    pub rise_time: Milliseconds,
    /// Time constant of the decay.
    pub decay_time: Milliseconds,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
    /// Magnesium outside.
    pub magnesium: Millimolar,
    /// Magnesium that blocks half at 0 mV.
    pub half_block: Millimolar,
    /// Steepness of the block.
    pub slope: PerMillivolt,
}

impl Default for NmdaReceptor {
    fn default() -> Self {
        Self {
            rise_time: Milliseconds(8.0),
            decay_time: Milliseconds(35.0),
            reversal_potential: Millivolts(0.0),
            magnesium: Millimolar(1.0),
            half_block: Millimolar(3.57),
            slope: PerMillivolt(0.062),
        }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    shape: DoubleExponential,
    block: Block,
    /// 1 nS over the area of the compartment, mS/cm².
    per_area: f64,
    reversal: f64,
}

impl Mechanism for NmdaReceptor {
    type State = (RisingConductance, DecayingConductance);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("nmda_receptor.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.1 };
    const RECEIVES: Option<Receives> = Some(PEAK_CONDUCTANCE);
    const STEP_NS: f64 = 1.5;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        Ok(Step {
            shape: DoubleExponential::new(place, ("rise_time", self.rise_time), ("decay_time", self.decay_time))?,
            block: Block::new(self.magnesium, self.half_block, self.slope)?,
            per_area: per_area(place),
            reversal: checked_reversal(self.reversal_potential)?,
        })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (RisingConductance(0.0), DecayingConductance(0.0))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, (a, b): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        let rows = membrane.potential.len();
        let (a, b, arriving, potential) = (&mut a[..rows], &mut b[..rows], &membrane.arriving[..rows], membrane.potential);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        for i in 0..rows {
            let p = constants.at(i);
            let g = (b[i] - a[i]) * p.per_area;
            p.block.conduct(g, potential[i], p.reversal, &mut conductance[i], &mut current[i]);
            p.shape.advance(&mut a[i], &mut b[i], R::from(arriving[i]));
        }
    }
}
