//! A synapse whose conductance rises and decays with a time constant each, such as AMPA and GABA-A receptors.
//!
//! # Equations
//! ```text
//! i = g (V - E)                          g = B - A
//! A' = -A/τ_r, B' = -B/τ_d               a spike of weight w: A ← A + w N, B ← B + w N
//! N = 1/(exp(-t_p/τ_d) - exp(-t_p/τ_r))  t_p = τ_r τ_d/(τ_d - τ_r) ln(τ_d/τ_r)
//! ```
//! The conductance of one spike peaks at its weight, after t_p. Some receptors:
//!
//! | receptor | rise | decay | reversal potential | peak of one synapse |
//! | --- | --- | --- | --- | --- |
//! | AMPA | 0.3 ms | 1.8 ms | 0 mV | 0.7 nS |
//! | GABA-A, on the soma | 0.5 ms | 5 ms | -75 mV | 0.5 nS |
//! | GABA-A, on dendrites | 2 ms | 23 ms | -75 mV | 0.5 nS |
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `rise_time` | τ_r | 0.3 ms | more than 0, at most τ_d | time constant of the rise |
//! | `decay_time` | τ_d | 1.8 ms | more than 0 | time constant of the decay |
//! | `reversal_potential` | E | 0 mV | finite | potential at which no current flows |
//!
//! # State
//! A `rising_conductance`, B `decaying_conductance`, nS.
//!
//! # References
//! Gidon A, Zolnik TA, Fidzinski P et al. (2020). Science 367:83-87. doi:10.1126/science.aax6239
//!
//! # See also
//! `ExponentialSynapse`, `AlphaSynapse`, `NmdaReceptor`

use super::shapes::{DecayingConductance, DoubleExponential, PEAK_CONDUCTANCE, RisingConductance, checked_reversal, per_area};
use crate::energy::Carrier;
use crate::mechanism::{Mechanism, Membrane, Place, Receives};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::{Milliseconds, Millivolts};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct DoubleExponentialSynapse {
    /// Time constant of the rise.
    pub rise_time: Milliseconds,
    /// Time constant of the decay.
    pub decay_time: Milliseconds,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
}

impl Default for DoubleExponentialSynapse {
    fn default() -> Self {
        Self { rise_time: Milliseconds(0.3), decay_time: Milliseconds(1.8), reversal_potential: Millivolts(0.0) }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    shape: DoubleExponential,
    /// 1 nS over the area of the compartment, mS/cm².
    per_area: f64,
    reversal: f64,
}

impl Mechanism for DoubleExponentialSynapse {
    type State = (RisingConductance, DecayingConductance);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("double_exponential_synapse.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.0 };
    const RECEIVES: Option<Receives> = Some(PEAK_CONDUCTANCE);
    const STEP_NS: f64 = 0.5;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        let shape = DoubleExponential::new(place, ("rise_time", self.rise_time), ("decay_time", self.decay_time))?;
        Ok(Step { shape, per_area: per_area(place), reversal: checked_reversal(self.reversal_potential)? })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (RisingConductance(0.0), DecayingConductance(0.0))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, (a, b): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        let rows = membrane.potential.len();
        let (a, b, arriving) = (&mut a[..rows], &mut b[..rows], &membrane.arriving[..rows]);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        for i in 0..rows {
            let p = constants.at(i);
            let g = (b[i] - a[i]) * p.per_area;
            conductance[i] += g;
            current[i] += g * p.reversal;
            p.shape.advance(&mut a[i], &mut b[i], R::from(arriving[i]));
        }
    }
}
