//! Potassium current that inactivates within a second (K_Pst).
//!
//! The slow part of the potassium current of pyramidal cells of layer 5. The default is the conductance of the soma.
//!
//! # Equations
//! ```text
//! i = ḡ m²h (V - E)
//! y' = (y∞ - y)/τ_y                      y = m, h
//! m∞ = 1/(exp(-(V + 11)/12) + 1)         τ_m = (1.25 + 175.03 exp(0.026 (V + 10)))/q   for V < -60, else (1.25 + 13 exp(-0.026 (V + 10)))/q
//! h∞ = 1/(exp((V + 64)/11) + 1)          τ_h = (360 + (1010 + 24 (V + 65)) exp(-((V + 85)/48)²))/q
//!                                        in ms, V in mV, q = 2.3^1.3
//! ```
//! Rates hold at 34 °C: their factor q is fixed, whatever the temperature of the cell.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 2.23 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -85 mV | finite | reversal potential of potassium |
//!
//! # State
//! m `activation`, h `inactivation`; at first as they are after a long time at the initial potential.
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107
//!
//! # See also
//! `TransientPotassium`

use super::gates::{Activation, Gate, Inactivation, Ohmic, TwoGates, advance_two, hay_factor, sigmoid};
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
pub struct PersistentPotassium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
}

impl Default for PersistentPotassium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(2.23), reversal_potential: Millivolts(-85.0) }
    }
}

impl TwoGates for PersistentPotassium {
    #[inline(always)]
    fn gates<R: Real>(potential: R) -> [Gate<R>; 2] {
        let low = potential < -60.0;
        let x = (potential + 10.0) * 0.026;
        let e = exp(if low { x } else { -x });
        let fast = e.mul_add(if low { 175.03 } else { 13.0 }, 1.25);
        let x = (potential + 85.0) / 48.0;
        let slow = (potential + 65.0).mul_add(24.0, 1010.0).mul_add(exp(-x * x), 360.0);
        [
            Gate::from_time_constant(sigmoid((potential + 11.0) / 12.0), fast),
            Gate::from_time_constant(sigmoid((potential + 64.0) / -11.0), slow),
        ]
    }

    #[inline(always)]
    fn open<R: Real>(m: R, h: R) -> R {
        m * m * h
    }
}

impl Mechanism for PersistentPotassium {
    type State = (Activation, Inactivation);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("persistent_potassium.rs");
    const CARRIES: Carrier = Carrier::Potassium;
    const STEP_NS: f64 = 5.0;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        Ohmic::new(place, hay_factor(), self.conductance, self.reversal_potential)
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        let [m, h] = Self::gates(place.potential.0).map(|gate| gate.limit);
        (Activation(m), Inactivation(h))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Ohmic>>(constants: C, state: <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance_two::<Self, R, C>(constants, state, membrane);
    }
}
