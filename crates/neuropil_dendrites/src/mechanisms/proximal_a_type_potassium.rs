//! Potassium current of the A type in soma and proximal dendrites of CA1.
//!
//! Inactivates within some ten milliseconds. It belongs where the soma is less than 100 µm away.
//!
//! # Equations
//! ```text
//! i = ḡ n l (V - E)
//! y' = (y∞ - y)/τ_y                      y = n, l;  q = 5^((T - 24 °C)/10 K)
//! a_n = exp(ζ (V - 11) F/(R T))        ζ = -1.5 - 1/(exp((V + 40)/5) + 1)
//! n∞ = 1/(1 + a_n)                       τ_n = max(0.1, exp(0.55 ζ (V - 11) F/(R T))/(q 0.05 (1 + a_n)))
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
//! `DistalATypePotassium`

use super::gates::{Activation, Gate, Inactivation, Ohmic, sigmoid, temperature_factor};
use crate::calcium::thermal_potential;
use crate::energy::Carrier;
use crate::exponential::exp;
use crate::mechanism::{Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::{MillisiemensPerSquareCentimeter, Millivolts};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct ProximalATypePotassium {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of potassium.
    pub reversal_potential: Millivolts,
}

impl Default for ProximalATypePotassium {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(8.0), reversal_potential: Millivolts(-80.0) }
    }
}

/// What differs between the proximal and the distal channel.
#[derive(Clone, Copy)]
pub(super) struct Kinetics {
    /// Potential at which half of the activation gates are open, mV.
    pub(super) half: f64,
    /// Charge that moves when a gate opens, in elementary charges, before it grows with hyperpolarisation.
    pub(super) charge: f64,
    /// Part of the field that the opening feels.
    pub(super) asymmetry: f64,
    /// Rate at the half potential, 1/ms.
    pub(super) opening: f64,
    /// The fastest that activation can be, 1/ms.
    pub(super) fastest: f64,
}

const KINETICS: Kinetics = Kinetics { half: 11.0, charge: -1.5, asymmetry: 0.55, opening: 0.05, fastest: 10.0 };

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    ohmic: Ohmic,
    /// F/(R T), 1/mV.
    field: f64,
    /// Factor of temperature of activation.
    factor: f64,
}

impl Step {
    pub(super) fn new(place: &Place, conductance: MillisiemensPerSquareCentimeter, reversal: Millivolts) -> Result<Self, ParameterError> {
        let ohmic = Ohmic::new(place, 1.0, conductance, reversal)?;
        Ok(Self { ohmic, field: 1.0 / thermal_potential(place.temperature), factor: temperature_factor(place, 5.0, 24.0) })
    }
}

impl Kinetics {
    pub(super) fn limits(self, place: &Place) -> [f64; 2] {
        let field = 1.0 / thermal_potential(place.temperature);
        self.gates(place.potential.0, field, 1.0).map(|gate| gate.limit)
    }

    #[inline(always)]
    fn gates<R: Real>(self, potential: R, field: f64, factor: f64) -> [Gate<R>; 2] {
        let charge = -sigmoid((potential + 40.0) / -5.0) + self.charge;
        let x = charge * (potential - self.half) * field;
        let rate = (exp(x * -self.asymmetry) + exp(x * (1.0 - self.asymmetry))) * (factor * self.opening);
        let inactivation = (potential + 50.0) * 0.26;
        [
            Gate { limit: sigmoid(-x), rate: if rate < self.fastest { rate } else { R::from(self.fastest) } },
            Gate::from_time_constant(
                sigmoid((potential + 56.0) * -3.0 * field),
                if inactivation > 2.0 { inactivation } else { R::from(2.0) },
            ),
        ]
    }
}

#[inline(always)]
pub(super) fn advance<R: Real, C: Constants<Step>>(
    constants: C,
    (n, l): (&mut [R], &mut [R]),
    membrane: Membrane<'_, R>,
    kinetics: Kinetics,
) {
    let rows = membrane.potential.len();
    let (n, l, potential) = (&mut n[..rows], &mut l[..rows], membrane.potential);
    let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
    for i in 0..rows {
        let p = constants.at(i);
        let [activation, inactivation] = kinetics.gates(potential[i], p.field, p.factor);
        n[i] = activation.follow(n[i], p.ohmic.step);
        l[i] = inactivation.follow(l[i], p.ohmic.step);
        let g = n[i] * p.ohmic.conductance * l[i];
        conductance[i] += g;
        current[i] += g * p.ohmic.reversal;
    }
}

impl Mechanism for ProximalATypePotassium {
    type State = (Activation, Inactivation);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("proximal_a_type_potassium.rs");
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
