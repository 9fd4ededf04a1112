//! Potassium current of hippocampal pyramidal cells after Traub and Miles.
//!
//! Ends the spikes that `TraubMilesSodium` makes; both have the same V_T.
//!
//! # Equations
//! ```text
//! i = ḡ n⁴ (V - E)
//! n' = q (α (1 - n) - β n)                q = 3^((T - 36 °C)/10 K);  u = V - V_T
//! α = 0.16 φ((u - 15)/5)                  β = 0.5 exp((10 - u)/40)               in 1/ms, V in mV, φ(x) = x/(1 - exp(-x))
//! ```
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 5 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -90 mV | finite | reversal potential of potassium |
//! | `threshold_potential` | V_T | -63 mV | finite | moves the rates along the axis of potential |
//!
//! # State
//! n `activation`; at first as it is after a long time at the initial potential.
//!
//! # References
//! Traub RD, Miles R (1991). Neuronal Networks of the Hippocampus. Cambridge University Press. doi:10.1017/CBO9780511895401
//!
//! # See also
//! `TraubMilesSodium`

use super::gates::{Activation, Gate, Ohmic, OneGate, advance_one, linoid, temperature_factor};
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
pub struct TraubMilesPotassium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
    /// Moves the rates along the axis of potential.
    pub threshold_potential: Millivolts,
}

impl Default for TraubMilesPotassium {
    fn default() -> Self {
        Self {
            conductance: MillisiemensPerSquareCentimeter(5.0),
            reversal_potential: Millivolts(-90.0),
            threshold_potential: Millivolts(-63.0),
        }
    }
}

impl OneGate for TraubMilesPotassium {
    // u is the potential counted from V_T.
    #[inline(always)]
    fn gate<R: Real>(u: R) -> Gate<R> {
        Gate::from_rates(linoid((u - 15.0) / 5.0) * 0.16, exp((u - 10.0) / -40.0) * 0.5)
    }

    #[inline(always)]
    fn open<R: Real>(n: R) -> R {
        let squared = n * n;
        squared * squared
    }
}

impl Mechanism for TraubMilesPotassium {
    type State = (Activation,);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("traub_miles_potassium.rs");
    const CARRIES: Carrier = Carrier::Potassium;
    const STEP_NS: f64 = 3.0;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        require(self.threshold_potential.0.is_finite(), "threshold_potential", self.threshold_potential, "a finite potential")?;
        let ohmic = Ohmic::new(place, temperature_factor(place, 3.0, 36.0), self.conductance, self.reversal_potential)?;
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
