//! Potassium current of the A type in distal dendrites of CA1.
//!
//! Holds back spikes that run up the dendrite. It belongs where the soma is at least 100 µm away; its conductance grows with distance.
//!
//! # Equations
//! ```text
//! i = ḡ n l (V - E)
//! y' = (y∞ - y)/τ_y                      y = n, l;  q = 5^((T - 24 °C)/10 K)
//! a_n = exp(ζ (V + 1) F/(R T))        ζ = -1.8 - 1/(exp((V + 40)/5) + 1)
//! n∞ = 1/(1 + a_n)                       τ_n = max(0.2, exp(0.39 ζ (V + 1) F/(R T))/(q 0.1 (1 + a_n)))
//! a_l = exp(3 (V + 56) F/(R T))          l∞ = 1/(1 + a_l)
//! τ_l = max(2, 0.26 (V + 50))            in ms, V in mV; F/(R T) = 1/(25.69 mV) at 25 °C
//! ```
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 8 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -80 mV | finite | reversal potential of potassium |
//!
//! # State
//! n `activation`, l `inactivation`; at first as they are after a long time at the initial potential.
//!
//! # References
//! Hoffman DA, Magee JC, Colbert CM, Johnston D (1997). Nature 387:869-875. doi:10.1038/43119
//!
//! Migliore M, Hoffman DA, Magee JC, Johnston D (1999). J Comput Neurosci 7:5-15. doi:10.1023/A:1008906225285
//!
//! Poirazi P, Brannon T, Mel BW (2003). Neuron 37:989-999. doi:10.1016/S0896-6273(03)00149-1
//!
//! # See also
//! `ProximalATypePotassium`

use super::gates::{Activation, Inactivation};
use super::proximal_a_type_potassium::{Kinetics, Step, advance};
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
pub struct DistalATypePotassium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
}

impl Default for DistalATypePotassium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(8.0), reversal_potential: Millivolts(-80.0) }
    }
}

const KINETICS: Kinetics = Kinetics { half: -1.0, charge: -1.8, asymmetry: 0.39, opening: 0.1, fastest: 5.0 };

impl Mechanism for DistalATypePotassium {
    type State = (Activation, Inactivation);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("distal_a_type_potassium.rs");
    const CARRIES: Carrier = Carrier::Potassium;
    const STEP_NS: f64 = 7.5;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        Step::new(place, self.conductance, self.reversal_potential)
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        let [n, l] = KINETICS.limits(place);
        (Activation(n), Inactivation(l))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, state: <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance(constants, state, membrane, KINETICS);
    }
}
