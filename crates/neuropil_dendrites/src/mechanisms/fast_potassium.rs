//! Fast potassium current that does not inactivate (SKv3_1).
//!
//! Ends spikes and lets cells fire fast; the channel is Kv3.1. The default is the conductance of the soma.
//!
//! # Equations
//! ```text
//! i = ḡ m (V - E)
//! m' = (m∞ - m)/τ
//! m∞ = 1/(exp(-(V - 18.7)/9.7) + 1)      τ = 4/(exp(-(V + 46.56)/44.14) + 1)       in ms, V in mV
//! ```
//! Rates do not depend on temperature.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 693 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -85 mV | finite | reversal potential of potassium |
//!
//! # State
//! m `activation`; at first as it is after a long time at the initial potential.
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107
//!
//! # See also
//! `TransientPotassium`

use super::gates::{Activation, Gate, Ohmic, OneGate, advance_one, sigmoid};
use crate::energy::Carrier;
use crate::exponential::exp;
use crate::mechanism::{Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::{MillisiemensPerSquareCentimeter, Millivolts};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct FastPotassium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
}

impl Default for FastPotassium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(693.0), reversal_potential: Millivolts(-85.0) }
    }
}

impl OneGate for FastPotassium {
    #[inline(always)]
    fn gate<R: Real>(potential: R) -> Gate<R> {
        Gate { limit: sigmoid((potential - 18.7) / 9.7), rate: (exp((potential + 46.56) / -44.14) + 1.0) / 4.0 }
    }

    #[inline(always)]
    fn open<R: Real>(m: R) -> R {
        m
    }
}

impl Mechanism for FastPotassium {
    type State = (Activation,);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("fast_potassium.rs");
    const CARRIES: Carrier = Carrier::Potassium;
    const STEP_NS: f64 = 2.5;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        Ohmic::new(place, 1.0, self.conductance, self.reversal_potential)
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        (Activation(Self::gate(place.potential.0).limit),)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Ohmic>>(constants: C, (m,): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance_one::<Self, R, C>(constants, m, membrane);
    }
}
