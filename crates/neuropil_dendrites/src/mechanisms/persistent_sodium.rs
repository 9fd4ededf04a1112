//! Sodium current that hardly inactivates (Nap_Et2).
//!
//! A small current that begins below the threshold of spikes and stays for seconds. The default is the conductance of the soma.
//!
//! # Equations
//! ```text
//! i = ḡ m³h (V - E)
//! y' = (y∞ - y)/τ_y                                y = m, h
//! m∞ = 1/(exp(-(V + 52.6)/4.6) + 1)               τ_m = 6/(q (α_m + β_m))
//! h∞ = 1/(exp((V + 48.8)/10) + 1)                 τ_h = 1/(q (α_h + β_h))             q = 2.3^1.3
//! α_m = 1.092 φ((V + 38)/6)                       β_m = 0.744 φ(-(V + 38)/6)
//! α_h = 1.33344e-5 φ(-(V + 17)/4.63)              β_h = 1.82522e-5 φ((V + 64.4)/2.63)
//!                                                 in 1/ms, V in mV, φ(x) = x/(1 - exp(-x))
//! ```
//! Rates hold at 34 °C: their factor q is fixed, whatever the temperature of the cell.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 1.72 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | 50 mV | finite | reversal potential of sodium |
//!
//! # State
//! m `activation`, h `inactivation`; at first as they are after a long time at the initial potential.
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107
//!
//! # See also
//! `TransientSodium`

use super::gates::{Activation, Gate, Inactivation, Ohmic, TwoGates, advance_two, hay_factor, linoid, linoids, sigmoid};
use crate::energy::Carrier;
use crate::mechanism::{Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::{MillisiemensPerSquareCentimeter, Millivolts};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct PersistentSodium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of sodium.
    pub reversal_potential: Millivolts,
}

impl Default for PersistentSodium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(1.72), reversal_potential: Millivolts(50.0) }
    }
}

impl TwoGates for PersistentSodium {
    #[inline(always)]
    fn gates<R: Real>(potential: R) -> [Gate<R>; 2] {
        let (opening, closing) = linoids((potential + 38.0) / 6.0);
        let recovering = linoid((potential + 17.0) / -4.63);
        let inactivating = linoid((potential + 64.4) / 2.63);
        [
            Gate { limit: sigmoid((potential + 52.6) / 4.6), rate: opening.mul_add(1.092, closing * 0.744) / 6.0 },
            Gate { limit: sigmoid((potential + 48.8) / -10.0), rate: recovering.mul_add(1.33344e-5, inactivating * 1.82522e-5) },
        ]
    }

    #[inline(always)]
    fn open<R: Real>(m: R, h: R) -> R {
        m * m * m * h
    }
}

impl Mechanism for PersistentSodium {
    type State = (Activation, Inactivation);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("persistent_sodium.rs");
    const CARRIES: Carrier = Carrier::Sodium;
    const STEP_NS: f64 = 5.5;

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
