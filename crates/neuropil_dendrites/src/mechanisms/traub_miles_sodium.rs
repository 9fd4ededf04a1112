//! Sodium current of hippocampal pyramidal cells after Traub and Miles.
//!
//! The sodium current of many models of cortical cells; moving V_T moves the threshold of spikes.
//!
//! # Equations
//! ```text
//! i = ḡ m³h (V - E)
//! y' = q (α_y (1 - y) - β_y y)            y = m, h;  q = 3^((T - 36 °C)/10 K);  u = V - V_T
//! α_m = 1.28 φ((u - 13)/4)                β_m = 1.4 φ((40 - u)/5)
//! α_h = 0.128 exp((17 - u)/18)            β_h = 4/(exp((40 - u)/5) + 1)          in 1/ms, V in mV, φ(x) = x/(1 - exp(-x))
//! ```
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 3 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | 50 mV | finite | reversal potential of sodium |
//! | `threshold_potential` | V_T | -63 mV | finite | moves the rates along the axis of potential |
//!
//! # State
//! m `activation`, h `inactivation`; at first as they are after a long time at the initial potential.
//!
//! # References
//! Traub RD, Miles R (1991). Neuronal Networks of the Hippocampus. Cambridge University Press. doi:10.1017/CBO9780511895401
//!
//! # See also
//! `TraubMilesPotassium`

use super::gates::{Activation, Gate, Inactivation, Ohmic, TwoGates, advance_two, linoid, sigmoid, temperature_factor};
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
pub struct TraubMilesSodium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of sodium.
    pub reversal_potential: Millivolts,
    /// Moves the rates along the axis of potential.
    pub threshold_potential: Millivolts,
}

impl Default for TraubMilesSodium {
    fn default() -> Self {
        Self {
            conductance: MillisiemensPerSquareCentimeter(3.0),
            reversal_potential: Millivolts(50.0),
            threshold_potential: Millivolts(-63.0),
        }
    }
}

impl TwoGates for TraubMilesSodium {
    // u is the potential counted from V_T.
    #[inline(always)]
    fn gates<R: Real>(u: R) -> [Gate<R>; 2] {
        let x = (u - 40.0) / -5.0;
        [
            Gate::from_rates(linoid((u - 13.0) / 4.0) * 1.28, linoid(x) * 1.4),
            Gate::from_rates(exp((u - 17.0) / -18.0) * 0.128, sigmoid(-x) * 4.0),
        ]
    }

    #[inline(always)]
    fn open<R: Real>(m: R, h: R) -> R {
        m * m * m * h
    }
}

impl Mechanism for TraubMilesSodium {
    type State = (Activation, Inactivation);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("traub_miles_sodium.rs");
    const CARRIES: Carrier = Carrier::Sodium;
    const STEP_NS: f64 = 4.5;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        require(self.threshold_potential.0.is_finite(), "threshold_potential", self.threshold_potential, "a finite potential")?;
        let ohmic = Ohmic::new(place, temperature_factor(place, 3.0, 36.0), self.conductance, self.reversal_potential)?;
        Ok(Ohmic { origin: self.threshold_potential.0, ..ohmic })
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        let [m, h] = Self::gates(place.potential.0 - self.threshold_potential.0).map(|gate| gate.limit);
        (Activation(m), Inactivation(h))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Ohmic>>(constants: C, state: <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance_two::<Self, R, C>(constants, state, membrane);
    }
}
