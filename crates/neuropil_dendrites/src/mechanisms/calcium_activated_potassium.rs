//! Potassium current that calcium switches on (SK_E2).
//!
//! Small-conductance channels, which open when calcium rises and slow down firing. The default is the conductance of the soma.
//!
//! # Equations
//! ```text
//! i = ḡ z (V - E)
//! z' = (z∞ - z)/τ                        τ = 1 ms
//! z∞ = 1/(1 + (0.00043/max(ca, 1e-7))^4.8)      ca in mM
//! ```
//! Rates do not depend on temperature, nor on potential.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 44.1 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -85 mV | finite | reversal potential of potassium |
//!
//! # State
//! z `activation`; at first as it is after a long time at the initial concentration.
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107
//!
//! # See also
//! `CalciumPool`, `SlowAfterhyperpolarisation`

use super::gates::{Activation, Gate, Ohmic, OneGate, advance_by_calcium};
use crate::energy::Carrier;
use crate::exponential::{exp, ln};
use crate::mechanism::{Calcium, Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::{MillisiemensPerSquareCentimeter, Millivolts};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct CalciumActivatedPotassium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
}

impl Default for CalciumActivatedPotassium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(44.1), reversal_potential: Millivolts(-85.0) }
    }
}

impl OneGate for CalciumActivatedPotassium {
    #[inline(always)]
    fn gate<R: Real>(calcium: R) -> Gate<R> {
        // x^-4.8 = exp(-4.8 ln x).
        let x = calcium.max(1e-7) / 0.00043;
        Gate { limit: R::from(1.0) / (exp(ln(x) * -4.8) + 1.0), rate: R::from(1.0) }
    }

    #[inline(always)]
    fn open<R: Real>(z: R) -> R {
        z
    }
}

impl Mechanism for CalciumActivatedPotassium {
    type State = (Activation,);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("calcium_activated_potassium.rs");
    const CARRIES: Carrier = Carrier::Potassium;
    const CALCIUM: Calcium = Calcium::Used;
    const STEP_NS: f64 = 2.5;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        Ohmic::new(place, 1.0, self.conductance, self.reversal_potential)
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        (Activation(Self::gate(place.calcium.0).limit),)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Ohmic>>(constants: C, (m,): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance_by_calcium::<Self, R, C>(constants, m, membrane);
    }
}
