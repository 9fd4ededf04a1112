//! A receptor whose synapses together start a plateau, by rule: the NMDA spike of a thin dendrite without its channels.
//!
//! # Equations
//! ```text
//! i = (g + G [0 ≤ s < t_plateau]) (V - E)          g' = -g/τ; a spike of weight w: g ← g + w
//! s: time since g ≥ θ, at least t_refractory after the last time
//! ```
//! Times are rounded to whole steps.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `time_constant` | τ | 5 ms | more than 0 | decay of the conductance of single synapses |
//! | `threshold` | θ | 8 nS | more than 0 | conductance that starts a plateau |
//! | `plateau_conductance` | G | 10 nS | at least 0 | conductance of the plateau |
//! | `plateau_time` | t_plateau | 50 ms | at least 0 | its length |
//! | `refractory_time` | t_refractory | 50 ms | at least 0 | from one plateau to the next |
//! | `reversal_potential` | E | 0 mV | finite | potential at which no current flows |
//!
//! The numbers are of the size that is seen in basal dendrites: about ten synapses of a nanosiemens, plateaus of some 50 ms.
//!
//! # State
//! g `synaptic_conductance`, nS; steps since the last plateau `steps_since_plateau`, at first many.
//!
//! # References
//! Schiller J, Major G, Koester HJ, Schiller Y (2000). Nature 404:285-289. doi:10.1038/35005094
//!
//! # See also
//! `AmpaNmdaReceptor`, whose plateau comes from the block by magnesium

use super::exponential_synapse::SynapticConductance;
use super::rules::{LONG_AGO, steps};
use super::shapes::{checked_reversal, per_area};
use crate::energy::Carrier;
use crate::mechanism::{Mechanism, Membrane, Place, Receives};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, Milliseconds, Millivolts, Nanosiemens};

state_variables! {
    /// Steps since the last plateau.
    StepsSincePlateau: f64, "steps_since_plateau", "", Dimension::NONE;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct PlateauReceptor {
    /// Decay of the conductance of single synapses.
    pub time_constant: Milliseconds,
    /// Conductance that starts a plateau.
    pub threshold: Nanosiemens,
    /// Conductance of the plateau.
    pub plateau_conductance: Nanosiemens,
    /// Its length.
    pub plateau_time: Milliseconds,
    /// From one plateau to the next.
    pub refractory_time: Milliseconds,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
}

impl Default for PlateauReceptor {
    fn default() -> Self {
        Self {
            time_constant: Milliseconds(5.0),
            threshold: Nanosiemens(8.0),
            plateau_conductance: Nanosiemens(10.0),
            plateau_time: Milliseconds(50.0),
            refractory_time: Milliseconds(50.0),
            reversal_potential: Millivolts(0.0),
        }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    decay: f64,
    threshold: f64,
    plateau: f64,
    plateau_steps: f64,
    refractory_steps: f64,
    /// 1 nS over the area of the compartment, mS/cm².
    per_area: f64,
    reversal: f64,
}

impl Mechanism for PlateauReceptor {
    type State = (SynapticConductance, StepsSincePlateau);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("plateau_receptor.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.0 };
    const RECEIVES: Option<Receives> = Some(Receives { unit: "nS", dimension: Dimension::CONDUCTANCE });
    const STEP_NS: f64 = 0.8;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        require(self.time_constant.0 > 0.0 && self.time_constant.0.is_finite(), "time_constant", self.time_constant, "more than 0 ms")?;
        require(self.threshold.0 > 0.0 && self.threshold.0.is_finite(), "threshold", self.threshold, "more than 0 nS")?;
        let plateau = self.plateau_conductance;
        require(plateau.0 >= 0.0 && plateau.0.is_finite(), "plateau_conductance", plateau, "at least 0 nS")?;
        Ok(Step {
            decay: (-place.time_step.0 / self.time_constant.0).exp(),
            threshold: self.threshold.0,
            plateau: plateau.0,
            plateau_steps: steps(place, "plateau_time", self.plateau_time)?,
            refractory_steps: steps(place, "refractory_time", self.refractory_time)?.max(1.0),
            per_area: per_area(place),
            reversal: checked_reversal(self.reversal_potential)?,
        })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (SynapticConductance(0.0), StepsSincePlateau(LONG_AGO))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(
        constants: C,
        (g, since): <Self::State as StateColumns>::Reals<'_, R>,
        membrane: Membrane<'_, R>,
    ) {
        let rows = membrane.potential.len();
        let (g, since, arriving) = (&mut g[..rows], &mut since[..rows], &membrane.arriving[..rows]);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        for i in 0..rows {
            let p = constants.at(i);
            let begins = (g[i] >= p.threshold) & (since[i] >= p.refractory_steps);
            let now = if begins { R::from(0.0) } else { since[i] };
            let plateau = R::from(if now < p.plateau_steps { p.plateau } else { 0.0 });
            let density = (g[i] + plateau) * p.per_area;
            conductance[i] += density;
            current[i] += density * p.reversal;
            since[i] = now + 1.0;
            g[i] = g[i].mul_add(p.decay, R::from(arriving[i]));
        }
    }
}
