//! A synapse whose conductance jumps when a spike arrives and decays exponentially.
//!
//! # Equations
//! `i = g (V - E)`, `g' = -g/τ`; a spike of weight w: `g ← g + w`.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `time_constant` | τ | 2 ms | more than 0 | decay of the conductance |
//! | `reversal_potential` | E | 0 mV | finite | potential at which no current flows |
//!
//! # State
//! g `synaptic_conductance`, nS.
//!
//! # References
//! Destexhe A, Mainen ZF, Sejnowski TJ (1994). J Comput Neurosci 1:195-230. doi:10.1007/BF00961734

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
    /// Conductance of the synapses in one place, in nS.
    SynapticConductance: f64, "synaptic_conductance", "nS", Dimension::CONDUCTANCE;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct ExponentialSynapse {
    /// Decay of the conductance.
    pub time_constant: Milliseconds,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
}

impl Default for ExponentialSynapse {
    fn default() -> Self {
        Self { time_constant: Milliseconds(2.0), reversal_potential: Millivolts(0.0) }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    decay: f64,
    /// 1 nS over the area of the compartment, mS/cm².
    per_area: f64,
    reversal: f64,
}

impl Mechanism for ExponentialSynapse {
    type State = (SynapticConductance,);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("exponential_synapse.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.0 };
    const RECEIVES: Option<Receives> = Some(Receives { unit: "nS", dimension: Dimension::CONDUCTANCE });
    const STEP_NS: f64 = 0.5;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        require(self.time_constant.0 > 0.0, "time_constant", self.time_constant, "more than 0 ms")?;
        require(self.reversal_potential.0.is_finite(), "reversal_potential", self.reversal_potential, "a finite potential")?;
        // 1 nS/µm² = 100 mS/cm².
        Ok(Step {
            decay: (-place.time_step.0 / self.time_constant.0).exp(),
            per_area: 100.0 / place.area.0,
            reversal: self.reversal_potential.0,
        })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (SynapticConductance(0.0),)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, (g,): <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        let rows = membrane.potential.len();
        let (g, arriving) = (&mut g[..rows], &membrane.arriving[..rows]);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        for i in 0..rows {
            let p = constants.at(i);
            let density = g[i] * p.per_area;
            conductance[i] += density;
            current[i] += density * p.reversal;
            g[i] = g[i].mul_add(p.decay, R::from(arriving[i]));
        }
    }
}
