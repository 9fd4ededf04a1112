//! R-type calcium current of distal dendrites of CA1.
//!
//! Carries plateaus in the distal apical dendrite. Its reversal potential is fixed; what it carries still reaches a pool. No conductance goes with
//! the
//! kinetics: choose one.
//!
//! # Equations
//! ```text
//! i = ḡ m³h (V - E)
//! y' = (y∞ - y)/τ_y                      y = m, h
//! m∞ = 1/(exp(-(V + 48.5)/3) + 1)         τ_m = 50
//! h∞ = 1/(exp(V + 53) + 1)             τ_h = 5             in ms, V in mV
//! ```
//! Rates do not depend on temperature.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 0.1 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | 140 mV | finite | reversal potential of calcium |
//!
//! # State
//! m `activation`, h `inactivation`; at first as they are after a long time at the initial potential.
//!
//! # References
//! Poirazi P, Brannon T, Mel BW (2003). Neuron 37:989-999. doi:10.1016/S0896-6273(03)00149-1
//!
//! # See also
//! `LTypeCalcium`, `CalciumPool`

use super::gates::{Activation, CarriesCalcium, Gate, Inactivation, Ohmic, TwoGates, advance_calcium, sigmoid};
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
pub struct RTypeCalcium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of calcium.
    pub reversal_potential: Millivolts,
}

impl Default for RTypeCalcium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(0.1), reversal_potential: Millivolts(140.0) }
    }
}

impl TwoGates for RTypeCalcium {
    #[inline(always)]
    fn gates<R: Real>(potential: R) -> [Gate<R>; 2] {
        [
            Gate::from_time_constant(sigmoid((potential + 48.5) / 3.0), 50.0),
            Gate::from_time_constant(sigmoid((potential + 53.0) / -1.0), 5.0),
        ]
    }

    #[inline(always)]
    fn open<R: Real>(m: R, h: R) -> R {
        m * m * m * h
    }
}

impl CarriesCalcium for RTypeCalcium {
    const FIXED_REVERSAL: bool = true;
}

impl Mechanism for RTypeCalcium {
    type State = (Activation, Inactivation);
    type Constants = Ohmic;
    const SOURCE: &'static str = include_str!("r_type_calcium.rs");
    const CARRIES: Carrier = Carrier::Calcium;
    const CALCIUM: Calcium = Calcium::Used;
    const STEP_NS: f64 = 2.0;

    fn constants(&self, place: &Place) -> Result<Ohmic, ParameterError> {
        Ohmic::new(place, 1.0, self.conductance, self.reversal_potential)
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
