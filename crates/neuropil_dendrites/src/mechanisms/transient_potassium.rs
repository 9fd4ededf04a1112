//! Potassium current that inactivates within tens of milliseconds (K_Tst).
//!
//! The fast part of the potassium current of pyramidal cells of layer 5. The default is the conductance of the soma.
//!
//! # Equations
//! ```text
//! i = ḡ m⁴h (V - E)
//! y' = (y∞ - y)/τ_y                      y = m, h
//! m∞ = 1/(exp(-(V + 10)/19) + 1)         τ_m = (0.34 + 0.92 exp(-((V + 81)/59)²))/q
//! h∞ = 1/(exp((V + 76)/10) + 1)          τ_h = (8 + 49 exp(-((V + 83)/23)²))/q        in ms, V in mV, q = 2.3^1.3
//! ```
//! Rates hold at 34 °C: their factor q is fixed, whatever the temperature of the cell.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 81.2 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -85 mV | finite | reversal potential of potassium |
//!
//! # State
//! m `activation`, h `inactivation`; at first as they are after a long time at the initial potential.
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107
//!
//! # See also
//! `PersistentPotassium`, `FastPotassium`

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
pub struct TransientPotassium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
}

impl Default for TransientPotassium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(81.2), reversal_potential: Millivolts(-85.0) }
    }
}

/// `exp(-x²)`.
#[inline(always)]
fn bell<R: Real>(x: R) -> R {
    exp(-x * x)
}

impl TwoGates for TransientPotassium {
    #[inline(always)]
    fn gates<R: Real>(potential: R) -> [Gate<R>; 2] {
        [
            Gate::from_time_constant(sigmoid((potential + 10.0) / 19.0), bell((potential + 81.0) / 59.0).mul_add(0.92, 0.34)),
            Gate::from_time_constant(sigmoid((potential + 76.0) / -10.0), bell((potential + 83.0) / 23.0).mul_add(49.0, 8.0)),
        ]
    }

    #[inline(always)]
    fn open<R: Real>(m: R, h: R) -> R {
        let squared = m * m;
        squared * squared * h
    }
}

impl Mechanism for TransientPotassium {
    type State = (Activation, Inactivation);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("transient_potassium.rs");
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
