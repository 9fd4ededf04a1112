//! Slow potassium current that calcium switches on.
//!
//! Makes the long hyperpolarisation after a burst. It does not depend on potential. No conductance goes with the kinetics: choose one.
//!
//! # Equations
//! ```text
//! i = ḡ m³ (V - E)
//! m' = (m∞ - m)/τ
//! x = (ca/0.025 mM)²                     m∞ = x/(1 + x)
//! τ = max(0.5, 1/(q 0.03 (1 + x)))      in ms, q = 3^((T - 22 °C)/10 K)
//! ```
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 0.1 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -80 mV | finite | reversal potential of potassium |
//!
//! # State
//! m `activation`; at first as it is after a long time at the initial concentration.
//!
//! # References
//! Destexhe A, Contreras D, Sejnowski TJ, Steriade M (1994). J Neurophysiol 72:803-818. doi:10.1152/jn.1994.72.2.803
//!
//! # See also
//! `CalciumActivatedPotassium`, `CalciumActivatedCation`, `CalciumPool`

use super::calcium_activated_cation::{Kinetics, Step, advance};
use super::gates::Activation;
use crate::energy::Carrier;
use crate::mechanism::{Calcium, Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::{MillisiemensPerSquareCentimeter, Millivolts};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct SlowAfterhyperpolarisation {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
}

impl Default for SlowAfterhyperpolarisation {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(0.1), reversal_potential: Millivolts(-80.0) }
    }
}

const KINETICS: Kinetics = Kinetics { half: 0.025, closing: 0.03, fastest: 2.0, three_gates: true };

impl Mechanism for SlowAfterhyperpolarisation {
    type State = (Activation,);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("slow_afterhyperpolarisation.rs");
    const CARRIES: Carrier = Carrier::Potassium;
    const CALCIUM: Calcium = Calcium::Used;
    const STEP_NS: f64 = 1.0;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        KINETICS.constants(place, self.conductance, self.reversal_potential)
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        (Activation(KINETICS.limit(place.calcium.0)),)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, (m,): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance(constants, m, membrane, KINETICS);
    }
}
