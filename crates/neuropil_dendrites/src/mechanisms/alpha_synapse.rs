//! A synapse whose conductance follows an alpha function.
//!
//! # Equations
//! ```text
//! i = g (V - E)                          g' = s - g/τ, s' = -s/τ               a spike of weight w: s ← s + w e/τ
//! ```
//! So one spike makes `g = w (t/τ) exp(1 - t/τ)`, which peaks at w after τ.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `time_constant` | τ | 2 ms | more than 0 | time to the peak |
//! | `reversal_potential` | E | 0 mV | finite | potential at which no current flows |
//!
//! # State
//! s `conductance_slope`, nS/ms; g `alpha_conductance`, nS.
//!
//! # References
//! Branco T, Clark BA, Häusser M (2010). Science 329:1671-1675. doi:10.1126/science.1189664
//!
//! # See also
//! `DoubleExponentialSynapse`

use super::shapes::{PEAK_CONDUCTANCE, checked_reversal, per_area};
use crate::energy::Carrier;
use crate::mechanism::{Mechanism, Membrane, Place, Receives};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, Milliseconds, Millivolts};

state_variables! {
    /// How fast an alpha conductance grows before it decays, in nS/ms.
    ConductanceSlope: f64, "conductance_slope", "nS/ms", Dimension::CONDUCTANCE.divide(Dimension::TIME);
    /// Conductance of the alpha synapses in one place, in nS.
    AlphaConductance: f64, "alpha_conductance", "nS", Dimension::CONDUCTANCE;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct AlphaSynapse {
    /// Time to the peak.
    pub time_constant: Milliseconds,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
}

impl Default for AlphaSynapse {
    fn default() -> Self {
        Self { time_constant: Milliseconds(2.0), reversal_potential: Millivolts(0.0) }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    decay: f64,
    /// Length of the step, ms.
    step: f64,
    /// e/τ, 1/ms.
    peak: f64,
    /// 1 nS over the area of the compartment, mS/cm².
    per_area: f64,
    reversal: f64,
}

impl Mechanism for AlphaSynapse {
    type State = (ConductanceSlope, AlphaConductance);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("alpha_synapse.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.0 };
    const RECEIVES: Option<Receives> = Some(PEAK_CONDUCTANCE);
    const STEP_NS: f64 = 0.5;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        let (dt, tau) = (place.time_step.0, self.time_constant.0);
        require(tau > 0.0 && tau.is_finite(), "time_constant", self.time_constant, "more than 0 ms")?;
        let reversal = checked_reversal(self.reversal_potential)?;
        Ok(Step { decay: (-dt / tau).exp(), step: dt, peak: std::f64::consts::E / tau, per_area: per_area(place), reversal })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (ConductanceSlope(0.0), AlphaConductance(0.0))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, (s, g): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        let rows = membrane.potential.len();
        let (s, g, arriving) = (&mut s[..rows], &mut g[..rows], &membrane.arriving[..rows]);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        for i in 0..rows {
            let p = constants.at(i);
            let density = g[i] * p.per_area;
            conductance[i] += density;
            current[i] += density * p.reversal;
            g[i] = s[i].mul_add(p.step, g[i]) * p.decay;
            s[i] = s[i].mul_add(p.decay, R::from(arriving[i]) * p.peak);
        }
    }
}
