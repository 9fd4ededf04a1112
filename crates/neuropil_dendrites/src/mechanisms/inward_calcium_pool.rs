//! Calcium in a thin shell below the membrane, which only inward currents fill.
//!
//! The pool of CA1 pyramidal cells of Poirazi et al. (2003). As `CalciumPool`, but outward current of calcium takes nothing out of the shell. A compartment has at
//! most one pool.
//!
//! # Equations
//! ```text
//! ca' = -1e4 γ min(i, 0)/(2 F d) - (ca - ca_rest)/τ         i in mA/cm², d in µm, ca in mM, t in ms
//! E   = R T/(2 F) ln(ca_out/ca)
//! ```
//! A pool is advanced first in a step, with the calcium current of the step before, which stands still meanwhile: exact for such a current. In the
//! logarithm calcium counts as at least 1e-9 mM.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `free_fraction` | γ | 0.05555555555555555 | at least 0 | part of the calcium that stays free of buffers: 1/18 |
//! | `depth` | d | 0.1 µm | more than 0 | depth of the shell |
//! | `time_constant` | τ | 28.571428571428573 ms | more than 0 | decay of what is above rest: 200 ms/7 |
//! | `resting_concentration` | ca_rest | 0.0001 mM | at least 0 | concentration that it decays to |
//! | `initial_concentration` | ca(0) | 0.0001 mM | at least 0 | concentration at the start |
//! | `outside_concentration` | ca_out | 2 mM | more than 0 | concentration outside, which is fixed |
//!
//! # State
//! ca `calcium_concentration`, mM, and the calcium current of the last step, `calcium_current`, µA/cm².
//!
//! # References
//! Poirazi P, Brannon T, Mel BW (2003). Neuron 37:989-999. doi:10.1016/S0896-6273(03)00149-1
//!
//! Destexhe A, Contreras D, Sejnowski TJ, Steriade M (1994). J Neurophysiol 72:803-818. doi:10.1152/jn.1994.72.2.803
//!
//! # See also
//! `CalciumPool`, `LTypeCalcium`, `RTypeCalcium`

use super::calcium_pool::{CalciumConcentration, CalciumCurrent, CalciumPool, Step, advance_pool};
use crate::calcium::OUTSIDE;
use crate::energy::Carrier;
use crate::mechanism::{Calcium, Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_neurons::ParameterError;
use neuropil_units::{Micrometers, Millimolar, Milliseconds, Number};

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct InwardCalciumPool {
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

impl Default for InwardCalciumPool {
    fn default() -> Self {
        Self {
            free_fraction: Number(1.0 / 18.0),
            depth: Micrometers(0.1),
            time_constant: Milliseconds(200.0 / 7.0),
            resting_concentration: Millimolar(1e-4),
            initial_concentration: Millimolar(1e-4),
            outside_concentration: OUTSIDE,
        }
    }
}

impl Mechanism for InwardCalciumPool {
    type State = (CalciumConcentration, CalciumCurrent);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("inward_calcium_pool.rs");
    const CARRIES: Carrier = Carrier::Uncosted;
    const CALCIUM: Calcium = Calcium::Pool;
    const STEP_NS: f64 = 1.0;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        CalciumPool {
            free_fraction: self.free_fraction,
            depth: self.depth,
            time_constant: self.time_constant,
            resting_concentration: self.resting_concentration,
            initial_concentration: self.initial_concentration,
            outside_concentration: self.outside_concentration,
        }
        .constants(place)
    }

    fn initial_state(&self, _: &Place) -> Self::State {
        (CalciumConcentration(self.initial_concentration.0), CalciumCurrent(0.0))
    }

    fn initial_calcium(&self) -> Option<Millimolar> {
        Some(self.initial_concentration)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, state: <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        advance_pool::<true, R, C>(constants, state, membrane);
    }

    #[inline(always)]
    fn keep_calcium_current<R: Real>((_, carried): <Self::State as StateColumns>::Reals<'_, R>, current: &[R]) {
        carried.copy_from_slice(current);
    }
}
