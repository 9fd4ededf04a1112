//! Cation current that hyperpolarisation switches on (Ih).
//!
//! Pulls the membrane back from below rest and shortens distal potentials. The default is the conductance of soma and basal dendrites; in the apical
//! dendrite it grows exponentially with distance.
//!
//! # Equations
//! ```text
//! i = ḡ m (V - E)
//! m' = α (1 - m) - β m
//! α = 0.076517 φ(-(V + 154.9)/11.9)      β = 0.193 exp(V/33.1)                  in 1/ms, V in mV, φ(x) = x/(1 - exp(-x))
//! ```
//! Rates do not depend on temperature.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 0.2 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -45 mV | finite | potential at which no current flows |
//!
//! # State
//! m `activation`; at first as it is after a long time at the initial potential.
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107
//!
//! # See also
//! `HippocampalHyperpolarisationActivatedCation`

use super::gates::{Activation, Gate, Ohmic, OneGate, advance_one, linoid};
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
pub struct HyperpolarisationActivatedCation {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
}

impl Default for HyperpolarisationActivatedCation {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(0.2), reversal_potential: Millivolts(-45.0) }
    }
}

impl OneGate for HyperpolarisationActivatedCation {
    #[inline(always)]
    fn gate<R: Real>(potential: R) -> Gate<R> {
        Gate::from_rates(linoid((potential + 154.9) / -11.9) * 0.076_517, exp(potential / 33.1) * 0.193)
    }

    #[inline(always)]
    fn open<R: Real>(m: R) -> R {
        m
    }
}

impl Mechanism for HyperpolarisationActivatedCation {
    type State = (Activation,);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("hyperpolarisation_activated_cation.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.0 };
    const STEP_NS: f64 = 3.0;

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
