//! Potassium current of the soma of human layer 2/3 pyramidal cells, after Traub and Miles.
//!
//! What the model of Gidon et al. (2020) has where `TraubMilesPotassium` is used elsewhere: one n gate, half as fast, and rates moved along the axis of
//! potential.
//!
//! # Equations
//! ```text
//! i = ḡ n (V - E)
//! n' = q (α (1 - n) - β n)                q = 3^0.3, whatever the temperature;  u = V - V_T
//! α = 0.08 φ((u - 35.1)/5)                β = 0.25 exp((20 - u)/40)              in 1/ms, V in mV, φ(x) = x/(1 - exp(-x))
//! ```
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 45 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -80 mV | finite | reversal potential of potassium |
//! | `threshold_potential` | V_T | -50 mV | finite | moves the rates along the axis of potential |
//!
//! # State
//! n `activation`; at first as it is after a long time at the initial potential.
//!
//! # References
//! Gidon A et al. (2020). Science 367:83-87. doi:10.1126/science.aax6239
//!
//! Traub RD, Miles R (1991). Neuronal Networks of the Hippocampus. Cambridge University Press. doi:10.1017/CBO9780511895401
//!
//! # See also
//! `HumanSomaticSodium`, `TraubMilesPotassium`

use super::gates::{Activation, Gate, Ohmic, OneGate, advance_one, linoid};
use super::human_somatic_sodium::factor;
use crate::energy::Carrier;
use crate::exponential::exp;
use crate::mechanism::{Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{MillisiemensPerSquareCentimeter, Millivolts};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct HumanSomaticPotassium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
    /// Moves the rates along the axis of potential.
    pub threshold_potential: Millivolts,
}

impl Default for HumanSomaticPotassium {
    fn default() -> Self {
        Self {
            conductance: MillisiemensPerSquareCentimeter(45.0),
            reversal_potential: Millivolts(-80.0),
            threshold_potential: Millivolts(-50.0),
        }
    }
}

impl OneGate for HumanSomaticPotassium {
    // u is the potential counted from V_T.
    #[inline(always)]
    fn gate<R: Real>(u: R) -> Gate<R> {
        Gate::from_rates(linoid((u - 35.1) / 5.0) * 0.08, exp((u - 20.0) / -40.0) * 0.25)
    }

    #[inline(always)]
    fn open<R: Real>(n: R) -> R {
        n
    }
}

impl Mechanism for HumanSomaticPotassium {
    type State = (Activation,);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("human_somatic_potassium.rs");
    const CARRIES: Carrier = Carrier::Potassium;
    const STEP_NS: f64 = 3.0;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        require(self.threshold_potential.0.is_finite(), "threshold_potential", self.threshold_potential, "a finite potential")?;
        let ohmic = Ohmic::new(place, factor(), self.conductance, self.reversal_potential)?;
        Ok(Ohmic { origin: self.threshold_potential.0, ..ohmic })
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        (Activation(Self::gate(place.potential.0 - self.threshold_potential.0).limit),)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Ohmic>>(constants: C, (m,): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance_one::<Self, R, C>(constants, m, membrane);
    }
}
