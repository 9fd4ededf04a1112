//! Slow potassium current that does not inactivate, the M current (Im).
//!
//! Begins below the threshold of spikes and makes firing adapt. The default is the conductance of the apical dendrite.
//!
//! # Equations
//! ```text
//! i = ḡ m (V - E)
//! m' = q (α (1 - m) - β m)               q = 2.3^1.3
//! α = 0.0033 exp(0.1 (V + 35))           β = 0.0033 exp(-0.1 (V + 35))          in 1/ms, V in mV
//! ```
//! Rates hold at 34 °C: their factor q is fixed, whatever the temperature of the cell.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 0.0675 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -85 mV | finite | reversal potential of potassium |
//!
//! # State
//! m `activation`; at first as it is after a long time at the initial potential.
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107

use super::gates::{Activation, Gate, Ohmic, OneGate, advance_one, hay_factor};
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
pub struct MuscarinicPotassium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
}

impl Default for MuscarinicPotassium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(0.0675), reversal_potential: Millivolts(-85.0) }
    }
}

impl OneGate for MuscarinicPotassium {
    #[inline(always)]
    fn gate<R: Real>(potential: R) -> Gate<R> {
        let x = (potential + 35.0) * 0.1;
        Gate::from_rates(exp(x) * 0.0033, exp(-x) * 0.0033)
    }

    #[inline(always)]
    fn open<R: Real>(m: R) -> R {
        m
    }
}

impl Mechanism for MuscarinicPotassium {
    type State = (Activation,);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("muscarinic_potassium.rs");
    const CARRIES: Carrier = Carrier::Potassium;
    const STEP_NS: f64 = 2.5;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        Ohmic::new(place, hay_factor(), self.conductance, self.reversal_potential)
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        (Activation(Self::gate(place.potential.0).limit),)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Ohmic>>(constants: C, (m,): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance_one::<Self, R, C>(constants, m, membrane);
    }
}
