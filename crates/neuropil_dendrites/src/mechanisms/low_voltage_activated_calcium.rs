//! Calcium current that weak depolarisation switches on (Ca_LVAst).
//!
//! Helps to start the calcium spike of the apical dendrite. Its reversal potential is that of the compartment's calcium. The default is the
//! conductance of the soma.
//!
//! # Equations
//! ```text
//! i = ḡ m²h (V - E_Ca)
//! y' = (y∞ - y)/τ_y                      y = m, h
//! m∞ = 1/(exp(-(V + 40)/6) + 1)          τ_m = (5 + 20/(exp((V + 35)/5) + 1))/q
//! h∞ = 1/(exp((V + 90)/6.4) + 1)         τ_h = (20 + 50/(exp((V + 50)/7) + 1))/q      in ms, V in mV, q = 2.3^1.3
//! ```
//! Rates hold at 34 °C: their factor q is fixed, whatever the temperature of the cell.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 3.43 mS/cm² | at least 0 | largest conductance |
//!
//! # State
//! m `activation`, h `inactivation`; at first as they are after a long time at the initial potential.
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107
//!
//! # See also
//! `HighVoltageActivatedCalcium`, `CalciumPool`

use super::gates::{Activation, CarriesCalcium, Gate, Inactivation, Ohmic, TwoGates, advance_calcium, hay_factor, sigmoid};
use crate::energy::Carrier;
use crate::mechanism::{Calcium, Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::MillisiemensPerSquareCentimeter;

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct LowVoltageActivatedCalcium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
}

impl Default for LowVoltageActivatedCalcium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(3.43) }
    }
}

impl TwoGates for LowVoltageActivatedCalcium {
    #[inline(always)]
    fn gates<R: Real>(potential: R) -> [Gate<R>; 2] {
        [
            Gate::from_time_constant(sigmoid((potential + 40.0) / 6.0), sigmoid((potential + 35.0) / -5.0).mul_add(20.0, 5.0)),
            Gate::from_time_constant(sigmoid((potential + 90.0) / -6.4), sigmoid((potential + 50.0) / -7.0).mul_add(50.0, 20.0)),
        ]
    }

    #[inline(always)]
    fn open<R: Real>(m: R, h: R) -> R {
        m * m * h
    }
}

impl CarriesCalcium for LowVoltageActivatedCalcium {
    const FIXED_REVERSAL: bool = false;
}

impl Mechanism for LowVoltageActivatedCalcium {
    type State = (Activation, Inactivation);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("low_voltage_activated_calcium.rs");
    const CARRIES: Carrier = Carrier::Calcium;
    const CALCIUM: Calcium = Calcium::Used;
    const STEP_NS: f64 = 5.5;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        Ohmic::of_calcium(place, hay_factor(), self.conductance)
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
