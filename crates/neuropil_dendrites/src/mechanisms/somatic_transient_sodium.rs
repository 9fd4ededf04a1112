//! Fast sodium current that inactivates, as in soma and dendrites (NaTs2_t).
//!
//! `TransientSodium` with both gates 6 mV further up. No conductance of it is published with the default cell: choose one.
//!
//! # Equations
//! ```text
//! i = ḡ m³h (V - E)
//! y' = q (α_y (1 - y) - β_y y)            y = m, h;  q = 2.3^1.3
//! α_m = 1.092 φ((V + 32)/6)               β_m = 0.744 φ(-(V + 32)/6)
//! α_h = 0.09 φ(-(V + 60)/6)               β_h = 0.09 φ((V + 60)/6)       in 1/ms, V in mV, φ(x) = x/(1 - exp(-x))
//! ```
//! Rates hold at 34 °C: their factor q is fixed, whatever the temperature of the cell.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 100 mS/cm² | at least 0 | largest conductance |
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

use super::gates::{Activation, Gate, Inactivation, Ohmic, TwoGates, advance_two, hay_factor, linoids};
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
pub struct SomaticTransientSodium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of sodium.
    pub reversal_potential: Millivolts,
}

impl Default for SomaticTransientSodium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(100.0), reversal_potential: Millivolts(50.0) }
    }
}

impl TwoGates for SomaticTransientSodium {
    #[inline(always)]
    fn gates<R: Real>(potential: R) -> [Gate<R>; 2] {
        let (opening, closing) = linoids((potential + 32.0) / 6.0);
        let (inactivating, recovering) = linoids((potential + 60.0) / 6.0);
        [Gate::from_rates(opening * 1.092, closing * 0.744), Gate::from_rates(recovering * 0.09, inactivating * 0.09)]
    }

    #[inline(always)]
    fn open<R: Real>(m: R, h: R) -> R {
        m * m * m * h
    }
}

impl Mechanism for SomaticTransientSodium {
    type State = (Activation, Inactivation);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("somatic_transient_sodium.rs");
    const CARRIES: Carrier = Carrier::Sodium;
    const STEP_NS: f64 = 4.5;

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
