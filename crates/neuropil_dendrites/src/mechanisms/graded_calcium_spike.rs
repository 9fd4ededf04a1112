//! The calcium action potential of human dendrites (dCaAP), by rule: the stronger the drive, the smaller it is.
//!
//! # Equations
//! ```text
//! i = -I K (a(s) - b(s - t_width))                 s: time since V > θ, at least t_refractory after the last time
//! a(s) = 1/(1 + 999 exp(-s/τ_rise))                b(s) = 1/(1 + 999 exp(-s/τ_fall)) for s ≥ 0, else 0
//! K = min(1, exp(-(V_drive - θ)/((θ - V_rest) D)))
//! ```
//! a and b are the logistic growths a' = a(1-a)/τ from 0.001 of Gidon et al. in closed form: the current comes some 20 ms after the threshold and
//! ends `t_width` later than it would otherwise.
//!
//! K depends on how far the drive is above the threshold. At the crossing itself the potential is hardly above it, whatever drives it; so
//! `V_drive` is the potential at `t_drive` after the crossing, when the drive has charged the membrane and the spike's own current is still below a
//! hundredth of its height (this project's choice, by which the rule is graded on a grid of steps).
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `threshold` | θ | -36 mV | more than `V_rest` | potential that begins a spike |
//! | `resting_potential` | V_rest | -75 mV | finite | potential without drive |
//! | `decay` | D | 0.3 | more than 0 | part of θ - V_rest over which the spike falls to 1/e |
//! | `current` | I | 5 µA/cm² | at least 0 | height of the current |
//! | `rise_time` | τ_rise | 3 ms | more than 0 | growth of the current |
//! | `fall_time` | τ_fall | 0.4 ms | more than 0 | growth of what ends it |
//! | `width` | t_width | 21 ms | at least 0 | from the crossing to where the end begins to grow |
//! | `drive_time` | t_drive | 8 ms | at least 0 | from the crossing to where the drive is read |
//! | `refractory_time` | t_refractory | 200 ms | at least 0 | from one spike to the next |
//!
//! The first three, the growths and the refractory time are those of the paper's model. Its height, for a compartment of a reconstructed cell, is 1.6 or 4 in a unit that is not
//! comparable; the height here is a choice.
//!
//! # State
//! Steps since the last spike `steps_since_graded_spike`, at first many; K `spike_size`.
//!
//! # References
//! Gidon A, Zolnik TA, Fidzinski P et al. (2020). Science 367:83-87. doi:10.1126/science.aax6239

use super::rules::{LONG_AGO, steps};
use crate::energy::Carrier;
use crate::exponential::exp;
use crate::mechanism::{Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, MicroamperesPerSquareCentimeter, Milliseconds, Millivolts, Number};

state_variables! {
    /// Steps since the last graded spike.
    StepsSinceGradedSpike: f64, "steps_since_graded_spike", "", Dimension::NONE;
    /// Size of the last graded spike, 0 to 1.
    SpikeSize: f64, "spike_size", "", Dimension::NONE;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct GradedCalciumSpike {
    /// Potential that begins a spike.
    pub threshold: Millivolts,
    /// Potential without drive.
    pub resting_potential: Millivolts,
    /// Part of threshold less rest over which the spike falls to 1/e.
    pub decay: Number,
    /// Height of the current.
    pub current: MicroamperesPerSquareCentimeter,
    /// Growth of the current.
    pub rise_time: Milliseconds,
    /// Growth of what ends it.
    pub fall_time: Milliseconds,
    /// From the crossing to where the end begins to grow.
    pub width: Milliseconds,
    /// From the crossing to where the drive is read.
    pub drive_time: Milliseconds,
    /// From one spike to the next.
    pub refractory_time: Milliseconds,
}

impl Default for GradedCalciumSpike {
    fn default() -> Self {
        Self {
            threshold: Millivolts(-36.0),
            resting_potential: Millivolts(-75.0),
            decay: Number(0.3),
            current: MicroamperesPerSquareCentimeter(5.0),
            rise_time: Milliseconds(3.0),
            fall_time: Milliseconds(0.4),
            width: Milliseconds(21.0),
            drive_time: Milliseconds(8.0),
            refractory_time: Milliseconds(200.0),
        }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    threshold: f64,
    /// 1/mV.
    per_potential: f64,
    height: f64,
    /// Steps over time constants.
    rise: f64,
    fall: f64,
    width_steps: f64,
    drive_steps: f64,
    refractory_steps: f64,
}

impl Mechanism for GradedCalciumSpike {
    type State = (StepsSinceGradedSpike, SpikeSize);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("graded_calcium_spike.rs");
    const CARRIES: Carrier = Carrier::Uncosted;
    const STEP_NS: f64 = 3.0;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        require(self.resting_potential.0.is_finite(), "resting_potential", self.resting_potential, "a finite potential")?;
        let above = self.threshold.0.is_finite() && self.threshold > self.resting_potential;
        require(above, "threshold", self.threshold, "more than `resting_potential`")?;
        require(self.decay.0 > 0.0 && self.decay.0.is_finite(), "decay", self.decay, "more than 0")?;
        require(self.current.0 >= 0.0 && self.current.0.is_finite(), "current", self.current, "at least 0 µA/cm²")?;
        for (name, value) in [("rise_time", self.rise_time), ("fall_time", self.fall_time)] {
            require(value.0 > 0.0 && value.0.is_finite(), name, value, "more than 0 ms")?;
        }
        Ok(Step {
            threshold: self.threshold.0,
            per_potential: 1.0 / ((self.threshold.0 - self.resting_potential.0) * self.decay.0),
            height: self.current.0,
            rise: place.time_step.0 / self.rise_time.0,
            fall: place.time_step.0 / self.fall_time.0,
            width_steps: steps(place, "width", self.width)?,
            drive_steps: steps(place, "drive_time", self.drive_time)?,
            refractory_steps: steps(place, "refractory_time", self.refractory_time)?.max(1.0),
        })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (StepsSinceGradedSpike(LONG_AGO), SpikeSize(0.0))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(
        constants: C,
        (since, size): <Self::State as StateColumns>::Reals<'_, R>,
        membrane: Membrane<'_, R>,
    ) {
        let rows = membrane.potential.len();
        let (since, size, potential) = (&mut since[..rows], &mut size[..rows], membrane.potential);
        let current = &mut membrane.current[..rows];
        for i in 0..rows {
            let p = constants.at(i);
            let begins = (potential[i] > p.threshold) & (since[i] >= p.refractory_steps);
            let now = if begins { R::from(0.0) } else { since[i] };
            // Until the drive has been read it counts as just at the threshold.
            let read = exp((R::from(p.threshold) - potential[i]) * p.per_potential).min(1.0);
            size[i] = if now == p.drive_steps {
                read
            } else if begins {
                R::from(1.0)
            } else {
                size[i]
            };
            let rise = R::from(1.0) / exp(-now * p.rise).mul_add(999.0, 1.0);
            let grown = R::from(1.0) / exp((R::from(p.width_steps) - now) * p.fall).mul_add(999.0, 1.0);
            let fall = if now >= p.width_steps { grown } else { R::from(0.0) };
            current[i] += size[i] * p.height * (rise - fall);
            since[i] = now + 1.0;
        }
    }
}
