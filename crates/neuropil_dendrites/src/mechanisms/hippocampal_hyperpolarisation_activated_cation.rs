//! Cation current that hyperpolarisation switches on, as in pyramidal cells of CA1.
//!
//! Pulls the membrane back from below rest. No conductance goes with the kinetics, for it rises with distance from the soma: choose one.
//!
//! # Equations
//! ```text
//! i = ḡ n (V - E)
//! n' = (n∞ - n)/τ
//! n∞ = 1/(exp((V + 90)/8.5) + 1)
//! τ = 1 for V > -30, else 10 + 2/(exp(-(V + 145)/17.5) + exp((V + 16.8)/16.5))        in ms, V in mV
//! ```
//! Rates do not depend on temperature.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 0.1 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -10 mV | finite | potential at which no current flows |
//!
//! # State
//! n `activation`; at first as it is after a long time at the initial potential.
//!
//! # References
//! Poirazi P, Brannon T, Mel BW (2003). Neuron 37:989-999. doi:10.1016/S0896-6273(03)00149-1
//!
//! # See also
//! `HyperpolarisationActivatedCation`

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
pub struct HippocampalHyperpolarisationActivatedCation {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
}

impl Default for HippocampalHyperpolarisationActivatedCation {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(0.1), reversal_potential: Millivolts(-10.0) }
    }
}

impl OneGate for HippocampalHyperpolarisationActivatedCation {
    #[inline(always)]
    fn gate<R: Real>(potential: R) -> Gate<R> {
        let slow = R::from(2.0) / (exp((potential + 145.0) / -17.5) + exp((potential + 16.8) / 16.5)) + 10.0;
        Gate::from_time_constant(sigmoid((potential + 90.0) / -8.5), if potential > -30.0 { R::from(1.0) } else { slow })
    }

    #[inline(always)]
    fn open<R: Real>(n: R) -> R {
        n
    }
}

impl Mechanism for HippocampalHyperpolarisationActivatedCation {
    type State = (Activation,);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("hippocampal_hyperpolarisation_activated_cation.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.0 };
    const STEP_NS: f64 = 3.5;

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
