//! Calcium in a thin shell below the membrane (CaDynamics_E2).
//!
//! What calcium channels let in stays in a shell, mostly bound by buffers, and decays to rest. The concentration sets the reversal potential of
//! calcium, and channels may read it. A compartment has at most one pool; without one, calcium is fixed at 5e-5 mM inside and 2 mM outside.
//!
//! # Equations
//! ```text
//! ca' = -1e4 γ i/(2 F d) - (ca - ca_rest)/τ         i in mA/cm², d in µm, ca in mM, t in ms; never below 0
//! E   = R T/(2 F) ln(ca_out/ca)
//! ```
//! A pool is advanced first in a step, with the calcium current of the step before, which stands still meanwhile: exact for such a current. In the
//! logarithm calcium counts as at least 1e-9 mM.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `free_fraction` | γ | 0.000501 | at least 0 | part of the calcium that stays free of buffers |
//! | `depth` | d | 0.1 µm | more than 0 | depth of the shell |
//! | `time_constant` | τ | 460 ms | more than 0 | decay of what is above rest |
//! | `resting_concentration` | ca_rest | 0.0001 mM | at least 0 | concentration that it decays to |
//! | `initial_concentration` | ca(0) | 0.00005 mM | at least 0 | concentration at the start |
//! | `outside_concentration` | ca_out | 2 mM | more than 0 | concentration outside, which is fixed |
//!
//! Defaults are those of the soma of Hay et al. (2011); in the apical dendrite γ is 5.09e-4 and τ 122 ms.
//!
//! # State
//! ca `calcium_concentration`, mM, and the calcium current of the last step, `calcium_current`, µA/cm².
//!
//! # References
//! Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107
//!
//! Destexhe A, Contreras D, Sejnowski TJ, Steriade M (1994). J Neurophysiol 72:803-818. doi:10.1152/jn.1994.72.2.803
//!
//! # See also
//! `InwardCalciumPool`, `HighVoltageActivatedCalcium`, `CalciumActivatedPotassium`

use crate::calcium::{FARADAY, INSIDE, OUTSIDE, thermal_potential};
use crate::energy::Carrier;
use crate::exponential::ln;
use crate::mechanism::{Calcium, Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, Micrometers, Millimolar, Milliseconds, Number};

state_variables! {
    /// Calcium inside a compartment, in mM.
    CalciumConcentration: f64, "calcium_concentration", "mM", Dimension::CONCENTRATION;
    /// Current that calcium carried through the membrane in the last step, outward positive, in µA/cm².
    CalciumCurrent: f64, "calcium_current", "µA/cm²", Dimension::CURRENT.divide(Dimension::AREA);
}

/// The least concentration that a reversal potential is computed from, mM.
const LEAST: f64 = 1e-9;

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct CalciumPool {
    /// Part of the calcium that stays free of buffers.
    pub free_fraction: Number,
    /// Depth of the shell.
    pub depth: Micrometers,
    /// Decay of what is above rest.
    pub time_constant: Milliseconds,
    /// Concentration that it decays to.
    pub resting_concentration: Millimolar,
    /// Concentration at the start.
    pub initial_concentration: Millimolar,
    /// Concentration outside, which is fixed.
    pub outside_concentration: Millimolar,
}

impl Default for CalciumPool {
    fn default() -> Self {
        Self {
            free_fraction: Number(5.01e-4),
            depth: Micrometers(0.1),
            time_constant: Milliseconds(460.0),
            resting_concentration: Millimolar(1e-4),
            initial_concentration: INSIDE,
            outside_concentration: OUTSIDE,
        }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    decay: f64,
    rest: f64,
    /// Where a constant current of 1 µA/cm² would bring calcium from rest, mM.
    per_current: f64,
    outside: f64,
    /// RT/(2F), mV.
    slope: f64,
}

impl Mechanism for CalciumPool {
    type State = (CalciumConcentration, CalciumCurrent);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("calcium_pool.rs");
    const CARRIES: Carrier = Carrier::Uncosted;
    const CALCIUM: Calcium = Calcium::Pool;
    const STEP_NS: f64 = 1.0;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        let finite = |value: f64| value >= 0.0 && value.is_finite();
        require(finite(self.free_fraction.0), "free_fraction", self.free_fraction, "at least 0")?;
        require(finite(self.depth.0) && self.depth.0 > 0.0, "depth", self.depth, "more than 0 µm")?;
        require(finite(self.time_constant.0) && self.time_constant.0 > 0.0, "time_constant", self.time_constant, "more than 0 ms")?;
        require(finite(self.resting_concentration.0), "resting_concentration", self.resting_concentration, "at least 0 mM")?;
        require(finite(self.initial_concentration.0), "initial_concentration", self.initial_concentration, "at least 0 mM")?;
        let outside = self.outside_concentration;
        require(finite(outside.0) && outside.0 > 0.0, "outside_concentration", outside, "more than 0 mM")?;
        // 1e4 µm in a cm, and 1e-3 mA in a µA.
        let drive = -1e4 * 1e-3 * self.free_fraction.0 / (2.0 * FARADAY * self.depth.0);
        Ok(Step {
            decay: (-place.time_step.0 / self.time_constant.0).exp(),
            rest: self.resting_concentration.0,
            per_current: drive * self.time_constant.0,
            outside: outside.0,
            slope: thermal_potential(place.temperature) / 2.0,
        })
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (CalciumConcentration(self.initial_concentration.0), CalciumCurrent(0.0))
    }

    fn initial_calcium(&self) -> Option<Millimolar> {
        Some(self.initial_concentration)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, state: <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance_pool::<false, R, C>(constants, state, membrane);
    }

    #[inline(always)]
    fn keep_calcium_current<R: Real>((_, carried): <Self::State as StateColumns>::Reals<'_, R>, current: &[R]) {
        carried.copy_from_slice(current);
    }
}

/// Advances a pool, which may follow only current that flows inward.
#[inline(always)]
pub(super) fn advance_pool<const INWARD: bool, R: Real, C: Constants<Step>>(
    constants: C,
    (calcium, carried): (&mut [R], &mut [R]),
    membrane: Membrane<'_, R>,
) {
    let rows = membrane.calcium.len();
    let (calcium, carried) = (&mut calcium[..rows], &carried[..rows]);
    let (inside, reversal) = (&mut membrane.calcium[..rows], &mut membrane.calcium_reversal[..rows]);
    for i in 0..rows {
        let p = constants.at(i);
        let followed = if INWARD { carried[i].min(0.0) } else { carried[i] };
        let limit = followed.mul_add(p.per_current, p.rest);
        let next = (calcium[i] - limit).mul_add(p.decay, limit).max(0.0);
        calcium[i] = next;
        inside[i] = next;
        reversal[i] = ln(R::from(p.outside) / next.max(LEAST)) * p.slope;
    }
}
