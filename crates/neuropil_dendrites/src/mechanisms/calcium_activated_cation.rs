//! Cation current that calcium switches on (CAN).
//!
//! A depolarising current without selectivity that outlasts the calcium that started it. It does not depend on potential.
//!
//! # Equations
//! ```text
//! i = ḡ m² (V - E)
//! m' = (m∞ - m)/τ
//! x = (ca/0.01 mM)²                     m∞ = x/(1 + x)
//! τ = max(0.1, 1/(q 0.002 (1 + x)))      in ms, q = 3^((T - 22 °C)/10 K)
//! ```
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | ḡ | 0.25 mS/cm² | at least 0 | largest conductance |
//! | `reversal_potential` | E | -20 mV | finite | potential at which no current flows |
//!
//! # State
//! m `activation`; at first as it is after a long time at the initial concentration.
//!
//! # References
//! Destexhe A, Contreras D, Sejnowski TJ, Steriade M (1994). J Neurophysiol 72:803-818. doi:10.1152/jn.1994.72.2.803
//!
//! # See also
//! `SlowAfterhyperpolarisation`, `CalciumPool`

use super::gates::{Activation, Gate, Ohmic, temperature_factor};
use crate::energy::Carrier;
use crate::mechanism::{Calcium, Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::{MillisiemensPerSquareCentimeter, Millivolts};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct CalciumActivatedCation {
    /// Largest conductance.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
}

impl Default for CalciumActivatedCation {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(0.25), reversal_potential: Millivolts(-20.0) }
    }
}

/// How calcium opens a channel.
#[derive(Clone, Copy)]
pub(super) struct Kinetics {
    /// Concentration that opens half of the gates, mM.
    pub(super) half: f64,
    /// Rate of closing, 1/ms.
    pub(super) closing: f64,
    /// The fastest that a gate can be, 1/ms.
    pub(super) fastest: f64,
    /// Whether three gates must be open, not two.
    pub(super) three_gates: bool,
}

const KINETICS: Kinetics = Kinetics { half: 0.01, closing: 0.002, fastest: 10.0, three_gates: false };

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    ohmic: Ohmic,
    /// Rate of closing at the cell's temperature, 1/ms.
    closing: f64,
}

impl Kinetics {
    pub(super) fn constants(
        self,
        place: &Place,
        conductance: MillisiemensPerSquareCentimeter,
        reversal: Millivolts,
    ) -> Result<Step, ParameterError> {
        let closing = self.closing * temperature_factor(place, 3.0, 22.0);
        Ok(Step { ohmic: Ohmic::new(place, 1.0, conductance, reversal)?, closing })
    }

    pub(super) fn limit(self, calcium: f64) -> f64 {
        self.gate(calcium, self.closing).limit
    }

    #[inline(always)]
    fn gate<R: Real>(self, calcium: R, closing: f64) -> Gate<R> {
        let x = (calcium / self.half) * (calcium / self.half);
        let rate = (x + 1.0) * closing;
        Gate { limit: x / (x + 1.0), rate: if rate < self.fastest { rate } else { R::from(self.fastest) } }
    }
}

#[inline(always)]
pub(super) fn advance<R: Real, C: Constants<Step>>(constants: C, gate: &mut [R], membrane: Membrane<'_, R>, kinetics: Kinetics) {
    let rows = membrane.calcium.len();
    let (gate, calcium) = (&mut gate[..rows], &membrane.calcium[..rows]);
    let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
    for i in 0..rows {
        let p = constants.at(i);
        gate[i] = kinetics.gate(calcium[i], p.closing).follow(gate[i], p.ohmic.step);
        let squared = gate[i] * gate[i];
        let g = if kinetics.three_gates { squared * gate[i] } else { squared } * p.ohmic.conductance;
        conductance[i] += g;
        current[i] += g * p.ohmic.reversal;
    }
}

impl Mechanism for CalciumActivatedCation {
    type State = (Activation,);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("calcium_activated_cation.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.0 };
    const CALCIUM: Calcium = Calcium::Used;
    const STEP_NS: f64 = 1.0;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        KINETICS.constants(place, self.conductance, self.reversal_potential)
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        (Activation(KINETICS.limit(place.calcium.0)),)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, (m,): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance(constants, m, membrane, KINETICS);
    }
}
