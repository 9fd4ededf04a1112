//! A voltage clamp: an electrode with a resistance that holds a compartment near a potential for a time.
//!
//! Paint one for each level of a protocol: clamps that follow one another in time are independent entries on one compartment.
//!
//! # Equations
//! ```text
//! i = (V_c - V)/R_s            while t_start ≤ t < t_stop, into the cell; else nothing flows
//! ```
//! It is part of the implicit step, so that a small R_s is safe. Times are rounded to whole steps.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `potential` | V_c | -65 mV | finite | potential that the electrode is held at |
//! | `series_resistance` | R_s | 1 MΩ | more than 0 | resistance between electrode and cell |
//! | `start` | t_start | 0 ms | at least 0 | when the clamp is switched on |
//! | `stop` | t_stop | 1e8 ms | later than `start` | when it is switched off; a day and more by default |
//!
//! # State
//! Steps since the beginning `clamp_steps`; the current into the cell `clamp_current`, pA, at the potential that a step begins with.
//!
//! # References
//! Hodgkin AL, Huxley AF, Katz B (1952). J Physiol 116:424-448. doi:10.1113/jphysiol.1952.sp004716
//!
//! # See also
//! A current clamp is an input: `StepCurrent` with `at`.

use super::rules::steps;
use crate::energy::Carrier;
use crate::mechanism::{Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, Megaohms, Milliseconds, Millivolts};

state_variables! {
    /// Steps since the beginning of a run.
    ClampSteps: f64, "clamp_steps", "", Dimension::NONE;
    /// Current of a voltage clamp into the cell, in pA.
    ClampCurrent: f64, "clamp_current", "pA", Dimension::CURRENT;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct VoltageClamp {
    /// Potential that the electrode is held at.
    pub potential: Millivolts,
    /// Resistance between electrode and cell.
    pub series_resistance: Megaohms,
    /// When the clamp is switched on.
    pub start: Milliseconds,
    /// When it is switched off.
    pub stop: Milliseconds,
}

impl Default for VoltageClamp {
    fn default() -> Self {
        Self { potential: Millivolts(-65.0), series_resistance: Megaohms(1.0), start: Milliseconds(0.0), stop: Milliseconds(1e8) }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    potential: f64,
    /// 1/R_s, nS.
    conductance: f64,
    /// The same over the area of the compartment, mS/cm².
    density: f64,
    start: f64,
    stop: f64,
}

impl Mechanism for VoltageClamp {
    type State = (ClampSteps, ClampCurrent);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("voltage_clamp.rs");
    const CARRIES: Carrier = Carrier::Uncosted;
    const STEP_NS: f64 = 0.6;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        let resistance = self.series_resistance;
        require(self.potential.0.is_finite(), "potential", self.potential, "a finite potential")?;
        require(resistance.0 > 0.0 && resistance.0.is_finite(), "series_resistance", resistance, "more than 0 MΩ")?;
        require(self.stop > self.start, "stop", self.stop, "later than `start`")?;
        // 1/MΩ is 1000 nS, and 1 nS/µm² 100 mS/cm².
        let conductance = 1000.0 / resistance.0;
        Ok(Step {
            potential: self.potential.0,
            conductance,
            density: conductance * 100.0 / place.area.0,
            start: steps(place, "start", self.start)?,
            // A day and later is never.
            stop: if self.stop.0 >= 1e8 { f64::INFINITY } else { steps(place, "stop", self.stop)? },
        })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (ClampSteps(0.0), ClampCurrent(0.0))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(
        constants: C,
        (done, flows): <Self::State as StateColumns>::Reals<'_, R>,
        membrane: Membrane<'_, R>,
    ) {
        let rows = membrane.potential.len();
        let (done, flows, potential) = (&mut done[..rows], &mut flows[..rows], membrane.potential);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        for i in 0..rows {
            let p = constants.at(i);
            let on = R::from(if (done[i] >= p.start) & (done[i] < p.stop) { 1.0 } else { 0.0 });
            let density = on * p.density;
            conductance[i] += density;
            current[i] += density * p.potential;
            flows[i] = on * p.conductance * (R::from(p.potential) - potential[i]);
            done[i] += R::from(1.0);
        }
    }
}
