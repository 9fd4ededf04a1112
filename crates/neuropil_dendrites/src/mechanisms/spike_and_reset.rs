//! Spikes of a soma by rule: a pulse and a reset in place of sodium and potassium channels.
//!
//! For cells of a few compartments: what the soma does within a millisecond is set, what it is driven to and what its spike drives in dendrites is
//! computed.
//!
//! # Equations
//! When `V ≥ θ` outside the refractory time: `V = V_peak` for `t_peak`, then `V = V_reset` until `t_refractory` after the threshold. The potential is
//! held by a conductance that is 10⁴ times the capacitance over the step, so that currents from dendrites move it by a ten-thousandth of what they
//! would move a free one.
//!
//! Times are rounded to whole steps. The spike of the cell is seen where the potential rises to the peak: give the cell a threshold between θ and
//! `V_peak`.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `threshold` | θ | -40 mV | finite | potential that begins a spike |
//! | `peak` | V_peak | 40 mV | more than θ | potential of the pulse, which drives dendrites |
//! | `peak_time` | t_peak | 0.8 ms | at least 0 | length of the pulse |
//! | `reset` | V_reset | -55 mV | less than θ | potential after the pulse |
//! | `refractory_time` | t_refractory | 4 ms | at least `t_peak` | from the threshold to the end of the reset |
//!
//! # State
//! Steps since the last spike `steps_since_spike`; at first many.
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
use neuropil_units::{Dimension, Milliseconds, Millivolts};

state_variables! {
    /// Steps since the last spike of a soma.
    StepsSinceSpike: f64, "steps_since_spike", "", Dimension::NONE;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct SpikeAndReset {
    /// Potential that begins a spike.
    pub threshold: Millivolts,
    /// Potential of the pulse.
    pub peak: Millivolts,
    /// Length of the pulse.
    pub peak_time: Milliseconds,
    /// Potential after the pulse.
    pub reset: Millivolts,
    /// From the threshold to the end of the reset.
    pub refractory_time: Milliseconds,
}

impl Default for SpikeAndReset {
    fn default() -> Self {
        Self {
            threshold: Millivolts(-40.0),
            peak: Millivolts(40.0),
            peak_time: Milliseconds(0.8),
            reset: Millivolts(-55.0),
            refractory_time: Milliseconds(4.0),
        }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    threshold: f64,
    peak: f64,
    peak_steps: f64,
    reset: f64,
    refractory_steps: f64,
    hold: f64,
}

impl Mechanism for SpikeAndReset {
    type State = (StepsSinceSpike,);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("spike_and_reset.rs");
    const CARRIES: Carrier = Carrier::Uncosted;
    const STEP_NS: f64 = 0.7;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        require(self.threshold.0.is_finite(), "threshold", self.threshold, "a finite potential")?;
        require(self.peak.0.is_finite() && self.peak > self.threshold, "peak", self.peak, "more than the threshold")?;
        require(self.reset.0.is_finite() && self.reset < self.threshold, "reset", self.reset, "less than the threshold")?;
        let refractory_steps = steps(place, "refractory_time", self.refractory_time)?;
        let peak_steps = steps(place, "peak_time", self.peak_time)?;
        require(peak_steps <= refractory_steps, "refractory_time", self.refractory_time, "at least `peak_time`")?;
        // Of a capacitance of 1 µF/cm².
        let hold = 1e4 / place.time_step.0;
        Ok(Step { threshold: self.threshold.0, peak: self.peak.0, peak_steps, reset: self.reset.0, refractory_steps, hold })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (StepsSinceSpike(LONG_AGO),)
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
            let hold = R::from(if now < p.refractory_steps { p.hold } else { 0.0 });
            let target = R::from(if now < p.peak_steps { p.peak } else { p.reset });
            conductance[i] += hold;
            current[i] += hold * target;
            since[i] = now + 1.0;
        }
    }
}
