//! A spike of a dendrite by rule: two conductances that open for set times when a threshold is passed.
//!
//! The defaults are a sodium spike. With a reversal potential of calcium and longer times it is a calcium spike.
//!
//! # Equations
//! ```text
//! i = g_rise (V - E_rise) [0 ≤ s < t_rise] + g_fall (V - E_fall) [t_offset ≤ s < t_offset + t_fall]
//! s: time since V ≥ θ, at least t_refractory after the last time
//! ```
//! Times are rounded to whole steps.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `threshold` | θ | -35 mV | finite | potential that begins a spike |
//! | `rise_conductance` | g_rise | 1 mS/cm² | at least 0 | conductance that depolarises |
//! | `rise_reversal` | E_rise | 70 mV | finite | its reversal potential: 70 mV for sodium, 136 mV for calcium |
//! | `rise_time` | t_rise | 1.2 ms | at least 0 | how long it is open |
//! | `fall_conductance` | g_fall | 0.5 mS/cm² | at least 0 | conductance that repolarises |
//! | `fall_reversal` | E_fall | -89 mV | finite | its reversal potential |
//! | `fall_time` | t_fall | 2.4 ms | at least 0 | how long it is open |
//! | `fall_offset` | t_offset | 0.2 ms | at least 0 | from the threshold to its opening |
//! | `refractory_time` | t_refractory | 5 ms | at least 0 | from one spike to the next |
//!
//! # State
//! Steps since the last spike `steps_since_dendritic_spike`; at first many.
//!
//! # References
//! Pagkalos M, Chavlis S, Poirazi P (2023). Nat Commun 14:131. doi:10.1038/s41467-022-35747-8

use super::rules::{LONG_AGO, steps};
use crate::energy::Carrier;
use crate::mechanism::{Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, Milliseconds, MillisiemensPerSquareCentimeter, Millivolts};

state_variables! {
    /// Steps since the last spike of a dendrite.
    StepsSinceDendriticSpike: f64, "steps_since_dendritic_spike", "", Dimension::NONE;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct DendriticSpike {
    /// Potential that begins a spike.
    pub threshold: Millivolts,
    /// Conductance that depolarises.
    pub rise_conductance: MillisiemensPerSquareCentimeter,
    /// Its reversal potential.
    pub rise_reversal: Millivolts,
    /// How long it is open.
    pub rise_time: Milliseconds,
    /// Conductance that repolarises.
    pub fall_conductance: MillisiemensPerSquareCentimeter,
    /// Its reversal potential.
    pub fall_reversal: Millivolts,
    /// How long it is open.
    pub fall_time: Milliseconds,
    /// From the threshold to its opening.
    pub fall_offset: Milliseconds,
    /// From one spike to the next.
    pub refractory_time: Milliseconds,
}

impl Default for DendriticSpike {
    fn default() -> Self {
        Self {
            threshold: Millivolts(-35.0),
            rise_conductance: MillisiemensPerSquareCentimeter(1.0),
            rise_reversal: Millivolts(70.0),
            rise_time: Milliseconds(1.2),
            fall_conductance: MillisiemensPerSquareCentimeter(0.5),
            fall_reversal: Millivolts(-89.0),
            fall_time: Milliseconds(2.4),
            fall_offset: Milliseconds(0.2),
            refractory_time: Milliseconds(5.0),
        }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    threshold: f64,
    rise: f64,
    rise_reversal: f64,
    rise_steps: f64,
    fall: f64,
    fall_reversal: f64,
    fall_from: f64,
    fall_to: f64,
    refractory_steps: f64,
}

impl Mechanism for DendriticSpike {
    type State = (StepsSinceDendriticSpike,);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("dendritic_spike.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.0 };
    const STEP_NS: f64 = 0.9;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        for (name, value) in [("rise_conductance", self.rise_conductance), ("fall_conductance", self.fall_conductance)] {
            require(value.0 >= 0.0 && value.0.is_finite(), name, value, "at least 0 mS/cm²")?;
        }
        let potentials = [("threshold", self.threshold), ("rise_reversal", self.rise_reversal), ("fall_reversal", self.fall_reversal)];
        for (name, value) in potentials {
            require(value.0.is_finite(), name, value, "a finite potential")?;
        }
        let fall_from = steps(place, "fall_offset", self.fall_offset)?;
        Ok(Step {
            threshold: self.threshold.0,
            rise: self.rise_conductance.0,
            rise_reversal: self.rise_reversal.0,
            rise_steps: steps(place, "rise_time", self.rise_time)?,
            fall: self.fall_conductance.0,
            fall_reversal: self.fall_reversal.0,
            fall_from,
            fall_to: fall_from + steps(place, "fall_time", self.fall_time)?,
            // One step at least: a spike does not begin twice at once.
            refractory_steps: steps(place, "refractory_time", self.refractory_time)?.max(1.0),
        })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (StepsSinceDendriticSpike(LONG_AGO),)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(
        constants: C,
        (since,): <Self::State as StateColumns>::Reals<'_, R>,
        membrane: Membrane<'_, R>,
    ) {
        let rows = membrane.potential.len();
        let (since, potential) = (&mut since[..rows], membrane.potential);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        for i in 0..rows {
            let p = constants.at(i);
            let begins = (potential[i] >= p.threshold) & (since[i] >= p.refractory_steps);
            let now = if begins { R::from(0.0) } else { since[i] };
            let rise = R::from(if now < p.rise_steps { p.rise } else { 0.0 });
            let fall = R::from(if (now >= p.fall_from) & (now < p.fall_to) { p.fall } else { 0.0 });
            conductance[i] += rise + fall;
            current[i] += rise.mul_add(p.rise_reversal, fall * p.fall_reversal);
            since[i] = now + 1.0;
        }
    }
}
