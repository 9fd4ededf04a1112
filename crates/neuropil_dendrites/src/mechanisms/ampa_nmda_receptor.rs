//! AMPA and NMDA receptors of one synapse, driven by one arrival.
//!
//! # Equations
//! ```text
//! i = (g_A + g_N B(V)) (V - E)           B(V) = 1/(1 + Mg/K exp(-k V))
//! g_A, g_N: double exponentials; one spike of weight w brings g_A to a peak of w and g_N to a peak of r w (without block)
//! ```
//! The current is handed to the implicit step as its tangent, as that of `NmdaReceptor` is.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `ampa_rise_time` | τ_Ar | 0.3 ms | more than 0, at most τ_Ad | rise of the AMPA conductance |
//! | `ampa_decay_time` | τ_Ad | 1.8 ms | more than 0 | its decay |
//! | `nmda_rise_time` | τ_Nr | 8 ms | more than 0, at most τ_Nd | rise of the NMDA conductance |
//! | `nmda_decay_time` | τ_Nd | 35 ms | more than 0 | its decay |
//! | `nmda_ratio` | r | 1.8571 | at least 0 | peak of the NMDA conductance, without block, over that of AMPA |
//! | `reversal_potential` | E | 0 mV | finite | potential at which no current flows |
//! | `magnesium` | Mg | 1 mM | at least 0 | magnesium outside |
//! | `half_block` | K | 3.57 mM | more than 0 | magnesium that blocks half at 0 mV |
//! | `slope` | k | 0.062 1/mV | finite | steepness of the block |
//!
//! The ratio is 1.3 nS over 0.7 nS, the synapses of Gidon et al. (2020).
//!
//! # State
//! Of both receptors the rising and the decaying part, nS: `ampa_rising`, `ampa_decaying`, `nmda_rising`, `nmda_decaying`.
//!
//! # References
//! Jahr CE, Stevens CF (1990). J Neurosci 10:3178-3182. doi:10.1523/JNEUROSCI.10-09-03178.1990
//!
//! Gidon A, Zolnik TA, Fidzinski P et al. (2020). Science 367:83-87. doi:10.1126/science.aax6239
//!
//! # See also
//! `NmdaReceptor`, `DoubleExponentialSynapse`

use super::shapes::{Block, DoubleExponential, PEAK_CONDUCTANCE, checked_reversal, per_area};
use crate::energy::Carrier;
use crate::mechanism::{Mechanism, Membrane, Place, Receives};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, Millimolar, Milliseconds, Millivolts, Number, PerMillivolt};

state_variables! {
    /// Rising part of the AMPA conductance, in nS.
    AmpaRising: f64, "ampa_rising", "nS", Dimension::CONDUCTANCE;
    /// Decaying part of the AMPA conductance, in nS.
    AmpaDecaying: f64, "ampa_decaying", "nS", Dimension::CONDUCTANCE;
    /// Rising part of the NMDA conductance, in nS, without block.
    NmdaRising: f64, "nmda_rising", "nS", Dimension::CONDUCTANCE;
    /// Decaying part of the NMDA conductance, in nS, without block.
    NmdaDecaying: f64, "nmda_decaying", "nS", Dimension::CONDUCTANCE;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct AmpaNmdaReceptor {
    /// Rise of the AMPA conductance.
    pub ampa_rise_time: Milliseconds,
    /// Its decay.
    pub ampa_decay_time: Milliseconds,
    /// Rise of the NMDA conductance.
    pub nmda_rise_time: Milliseconds,
    /// Its decay.
    pub nmda_decay_time: Milliseconds,
    /// Peak of the NMDA conductance, without block, over that of AMPA.
    pub nmda_ratio: Number,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
    /// Magnesium outside.
    pub magnesium: Millimolar,
    /// Magnesium that blocks half at 0 mV.
    pub half_block: Millimolar,
    /// Steepness of the block.
    pub slope: PerMillivolt,
}

impl Default for AmpaNmdaReceptor {
    fn default() -> Self {
        Self {
            ampa_rise_time: Milliseconds(0.3),
            ampa_decay_time: Milliseconds(1.8),
            nmda_rise_time: Milliseconds(8.0),
            nmda_decay_time: Milliseconds(35.0),
            nmda_ratio: Number(1.8571),
            reversal_potential: Millivolts(0.0),
            magnesium: Millimolar(1.0),
            half_block: Millimolar(3.57),
            slope: PerMillivolt(0.062),
        }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    ampa: DoubleExponential,
    nmda: DoubleExponential,
    block: Block,
    ratio: f64,
    /// 1 nS over the area of the compartment, mS/cm².
    per_area: f64,
    reversal: f64,
}

impl Mechanism for AmpaNmdaReceptor {
    type State = (AmpaRising, AmpaDecaying, NmdaRising, NmdaDecaying);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("ampa_nmda_receptor.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.1 };
    const RECEIVES: Option<Receives> = Some(PEAK_CONDUCTANCE);
    const STEP_NS: f64 = 1.5;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        require(self.nmda_ratio.0 >= 0.0 && self.nmda_ratio.0.is_finite(), "nmda_ratio", self.nmda_ratio, "at least 0")?;
        let (ampa, nmda) = ((self.ampa_rise_time, self.ampa_decay_time), (self.nmda_rise_time, self.nmda_decay_time));
        Ok(Step {
            ampa: DoubleExponential::new(place, ("ampa_rise_time", ampa.0), ("ampa_decay_time", ampa.1))?,
            nmda: DoubleExponential::new(place, ("nmda_rise_time", nmda.0), ("nmda_decay_time", nmda.1))?,
            block: Block::new(self.magnesium, self.half_block, self.slope)?,
            ratio: self.nmda_ratio.0,
            per_area: per_area(place),
            reversal: checked_reversal(self.reversal_potential)?,
        })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (AmpaRising(0.0), AmpaDecaying(0.0), NmdaRising(0.0), NmdaDecaying(0.0))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, state: <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        let rows = membrane.potential.len();
        let (ampa_a, ampa_b) = (&mut state.0[..rows], &mut state.1[..rows]);
        let (nmda_a, nmda_b) = (&mut state.2[..rows], &mut state.3[..rows]);
        let (arriving, potential) = (&membrane.arriving[..rows], membrane.potential);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        for i in 0..rows {
            let p = constants.at(i);
            let ampa = (ampa_b[i] - ampa_a[i]) * p.per_area;
            conductance[i] += ampa;
            current[i] += ampa * p.reversal;
            let nmda = (nmda_b[i] - nmda_a[i]) * p.per_area;
            p.block.conduct(nmda, potential[i], p.reversal, &mut conductance[i], &mut current[i]);
            let arriving = R::from(arriving[i]);
            p.ampa.advance(&mut ampa_a[i], &mut ampa_b[i], arriving);
            p.nmda.advance(&mut nmda_a[i], &mut nmda_b[i], arriving * p.ratio);
        }
    }
}
