//! Calcium current that strong depolarisation switches on (Ca_HVA).
//!
//! Carries the calcium spike of the apical dendrite. Its reversal potential is that of the compartment's calcium. The default is the conductance of
//! the soma.
//!
//! # Equations
//! ```text
//! i = ḡ m²h (V - E_Ca)
//! y' = α_y (1 - y) - β_y y               y = m, h
//! α_m = 0.209 φ((V + 27)/3.8)            β_m = 0.94 exp(-(V + 75)/17)
//! α_h = 0.000457 exp(-(V + 13)/50)       β_h = 0.0065/(exp(-(V + 15)/28) + 1)   in 1/ms, V in mV, φ(x) = x/(1 - exp(-x))
//! ```
//! Rates do not depend on temperature.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 0.992 mS/cm² | at least 0 | largest conductance |
//!
//! # State
//! m `activation`, h `inactivation`; at first as they are after a long time at the initial potential.
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107
//!
//! # See also
//! `LowVoltageActivatedCalcium`, `CalciumPool`

use super::gates::{Activation, CarriesCalcium, Gate, Inactivation, Ohmic, TwoGates, advance_calcium, linoid, sigmoid};
use crate::energy::Carrier;
use crate::exponential::exp;
use crate::mechanism::{Calcium, Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::MillisiemensPerSquareCentimeter;

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct HighVoltageActivatedCalcium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
}

impl Default for HighVoltageActivatedCalcium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(0.992) }
    }
}

impl TwoGates for HighVoltageActivatedCalcium {
    #[inline(always)]
    fn gates<R: Real>(potential: R) -> [Gate<R>; 2] {
        [
            Gate::from_rates(linoid((potential + 27.0) / 3.8) * 0.209, exp((potential + 75.0) / -17.0) * 0.94),
            Gate::from_rates(exp((potential + 13.0) / -50.0) * 0.000_457, sigmoid((potential + 15.0) / 28.0) * 0.0065),
        ]
    }

    #[inline(always)]
    fn open<R: Real>(m: R, h: R) -> R {
        m * m * h
    }
}

impl CarriesCalcium for HighVoltageActivatedCalcium {
    const FIXED_REVERSAL: bool = false;
}

impl Mechanism for HighVoltageActivatedCalcium {
    type State = (Activation, Inactivation);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("high_voltage_activated_calcium.rs");
    const CARRIES: Carrier = Carrier::Calcium;
    const CALCIUM: Calcium = Calcium::Used;
    const STEP_NS: f64 = 5.0;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        Ohmic::of_calcium(place, 1.0, self.conductance)
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        let [m, h] = Self::gates(place.potential.0).map(|gate| gate.limit);
        (Activation(m), Inactivation(h))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Ohmic>>(constants: C, state: <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance_calcium::<Self, R, C>(constants, state, membrane);
    }
}
