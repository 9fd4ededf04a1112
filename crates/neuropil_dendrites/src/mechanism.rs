//! What sits in a membrane: ion channels, which conduct by themselves, and receptors, which conduct when spikes arrive.
//!
//! A mechanism states only science: parameters per area, state, constants of a step, one kernel. The engine owns where it is painted, tables, threads and
//! instruction sets. The kernel is compiled for every instruction set, with constants shared by 32 neighbouring cells and with constants by row;
//! written branch-free over plain slices, it vectorises as it stands.

use crate::declared::{Checked, Occupancy};
use crate::energy::Carrier;
use crate::instances::InstanceVariable;
use crate::layer::Painted;
use crate::real::{Precision, Real};
use bevy_ecs::prelude::*;
use bevy_reflect::structs::Struct;
use bevy_reflect::{GetTypeRegistration, Reflect, TypePath};
use bytemuck::Pod;
use neuropil_core::columns::{Constants, StateColumns, StateDescription};
use neuropil_neurons::model::{ParameterDescription, ParameterError, describe_parameters, page_of};
use neuropil_units::{Dimension, Kelvin, Millimolar, Milliseconds, Millivolts, SquareMicrometers};
use std::borrow::Cow;
use std::sync::Arc;

/// The piece of membrane that a mechanism sits in, and the step that it is advanced by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Length of a step.
    pub time_step: Milliseconds,
    /// Precision of state and potentials.
    pub precision: Precision,
    /// Temperature.
    pub temperature: Kelvin,
    /// Area of the compartment's membrane.
    pub area: SquareMicrometers,
    /// Potential at the start.
    pub potential: Millivolts,
    /// Calcium inside at the start: as the pool that is painted here says, or [`calcium::INSIDE`](crate::calcium::INSIDE).
    pub calcium: Millimolar,
}

/// What a mechanism has to do with calcium.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calcium {
    /// Nothing: the columns of [`Membrane`] that begin with `calcium` are empty.
    Unused,
    /// It reads the concentration or the reversal potential, or carries calcium: all three columns are there.
    Used,
    /// It is a pool: it is advanced before all others, sets concentration and reversal potential, and keeps the current of the step for the next one.
    Pool,
}

/// The membrane of neighbouring compartments during a step. Every slice has the same length.
pub struct Membrane<'a, R> {
    /// Potential at the beginning of the step, mV; in single precision no farther from 0 than [`MOST_POTENTIAL`](crate::real::MOST_POTENTIAL).
    pub potential: &'a [R],
    /// Sum of the weights that arrive in this step, in the receptor's unit; they act from the next step on. Empty for channels.
    pub arriving: &'a [f32],
    /// Conductance: add to it, mS/cm².
    pub conductance: &'a mut [R],
    /// Conductance times reversal potential, less any current that flows outward by itself: add to it, µA/cm².
    pub current: &'a mut [R],
    /// Calcium inside, mM: a pool sets it, others read it.
    pub calcium: &'a mut [R],
    /// Reversal potential of calcium, mV: likewise.
    pub calcium_reversal: &'a mut [R],
    /// Current that calcium carries at the potential of the beginning of the step, outward positive: add to it, µA/cm². Part of what
    /// `conductance` and `current` say, not more.
    pub calcium_current: &'a mut [R],
}

/// What arrives at a receptor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Receives {
    /// Unit of weights.
    pub unit: &'static str,
    /// Its dimension.
    pub dimension: Dimension,
}

/// A channel or receptor with a state of its own. The type is its parameters.
///
/// # Order of a step
/// The kernel sees the potential at the beginning of the step. It advances gates by a whole step with it, then adds conductances; what arrives
/// in the step changes conductances from the next step on. Then potentials are solved for. So gates and potentials are those of one time after each step, and
/// currents those of the implicit step that lies between.
///
/// Pools of calcium come first. They follow the calcium current that channels carried in the step before, so that channels see the concentration of the
/// beginning of the step, as they see the potential.
pub trait Mechanism: Component + Reflect + Struct + TypePath + GetTypeRegistration + Default + Clone {
    /// State in one compartment: a tuple of components that hold f64.
    type State: StateColumns;
    /// Constants of one step in one compartment: a plain structure of f64 fields.
    type Constants: Pod + Send + Sync;
    /// The source file, whose module documentation is the mechanism's page.
    const SOURCE: &'static str;
    /// What arrives here; `None` for a channel.
    const RECEIVES: Option<Receives> = None;
    /// What carries its current.
    const CARRIES: Carrier;
    /// What it has to do with calcium.
    const CALCIUM: Calcium = Calcium::Unused;
    /// Nanoseconds that one compartment takes for one step on one thread, roughly.
    const STEP_NS: f64 = 5.0;

    /// The constants of a step.
    ///
    /// # Errors
    /// A parameter outside its valid range.
    fn constants(&self, place: &Place) -> Result<Self::Constants, ParameterError>;

    /// State at time 0: gates as they are at that potential after a long time.
    fn initial_state(&self, place: &Place) -> Self::State;

    /// Of a pool: calcium inside at time 0.
    fn initial_calcium(&self) -> Option<Millimolar> {
        None
    }

    /// Advances neighbouring compartments by a step; see the order above. It is written once for double and single precision: see [`real`](crate::real).
    ///
    /// Mark it `#[inline(always)]`, and let it be one branch-free loop.
    /// What it calls in the loop must be marked so too, and must not be a function handed on as a value: that is compiled for itself, without the
    /// instruction set that is meant, and may cost fifty times as much.
    fn advance<R: Real, C: Constants<Self::Constants>>(
        constants: C,
        state: <Self::State as StateColumns>::Reals<'_, R>,
        membrane: Membrane<'_, R>,
    );

    /// Of a pool: takes the calcium current of the step that was just prepared, µA/cm², for the next one.
    #[inline(always)]
    fn keep_calcium_current<R: Real>(_state: <Self::State as StateColumns>::Reals<'_, R>, _current: &[R]) {}
}

/// A conductance that never changes: it becomes part of the equations, and costs nothing in a step.
pub trait ConstantConductance: Reflect + Struct + TypePath + GetTypeRegistration + Default + Clone {
    /// The source file, whose module documentation is its page.
    const SOURCE: &'static str;

    /// Conductance in mS/cm² and reversal potential in mV.
    ///
    /// # Errors
    /// A parameter outside its valid range.
    fn conductance(&self) -> Result<(f64, f64), ParameterError>;
}

/// A mechanism as seen without its type: what the registry holds, and what experiment files and help pages read.
#[derive(Clone, Debug)]
pub struct MechanismEntry {
    /// Name, in files and messages.
    pub name: Cow<'static, str>,
    /// Source file; empty for a declared channel.
    pub source: &'static str,
    /// Parameters, in order of the fields.
    pub parameters: Vec<ParameterDescription>,
    /// State variables.
    pub state: Vec<StateDescription>,
    /// What arrives here, if spikes do.
    pub receives: Option<Receives>,
    /// What it has to do with calcium.
    pub calcium: Calcium,
    /// What carries its current.
    pub carries: Carrier,
    /// Rough nanoseconds a compartment and step on one thread.
    pub step_ns: f64,
    /// Makes it with parameters.
    paint: Paint,
}

/// How a mechanism is made with parameters.
#[derive(Clone, Debug)]
enum Paint {
    /// One with a type of its own.
    Typed(fn(&PaintRequest<'_>) -> Result<Painted, PaintError>),
    /// A declared channel.
    Declared(Arc<Checked>),
}

/// Parameters of a mechanism for the places that it is painted on.
pub(crate) struct PaintRequest<'a> {
    pub(crate) parameters: &'a [(String, neuropil_neurons::Assigned)],
    pub(crate) places: &'a [Place],
}

/// Why a mechanism cannot be painted.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
pub enum PaintError {
    /// There is no such parameter.
    #[error("it has no parameter `{0}`")]
    Unknown(String),
    /// A list of another length than there are places.
    #[error("`{field}` is given for {found} compartments, but {expected} are painted")]
    Length {
        /// The parameter.
        field: String,
        /// Values given.
        found: usize,
        /// Values needed.
        expected: usize,
    },
    /// A value outside its valid range.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// A declared channel whose values make no sense.
    #[error("{0}")]
    Declared(String),
}

impl MechanismEntry {
    /// Reads everything from the type.
    pub fn of<M: Mechanism>() -> Self {
        Self {
            name: Cow::Borrowed(M::short_type_path()),
            source: M::SOURCE,
            parameters: describe_parameters(&M::default()),
            state: M::State::describe(),
            receives: M::RECEIVES,
            calcium: M::CALCIUM,
            carries: M::CARRIES,
            step_ns: M::STEP_NS,
            paint: Paint::Typed(crate::layer::paint::<M>),
        }
    }

    /// The same of a constant conductance.
    pub fn constant<M: ConstantConductance>() -> Self {
        Self {
            name: Cow::Borrowed(M::short_type_path()),
            source: M::SOURCE,
            parameters: describe_parameters(&M::default()),
            state: Vec::new(),
            receives: None,
            calcium: Calcium::Unused,
            carries: Carrier::Cations { calcium: 0.0 },
            step_ns: 0.0,
            paint: Paint::Typed(crate::layer::paint_constant::<M>),
        }
    }

    /// A declared channel.
    pub(crate) fn declared(
        name: Cow<'static, str>,
        parameters: Vec<ParameterDescription>,
        calcium: Calcium,
        channel: Arc<Checked>,
    ) -> Self {
        // A gate or state takes about as long as one of a built-in channel, two thirds more.
        let step_ns = 2.5 * channel.states() as f64;
        let state = <(Occupancy,)>::describe();
        let carries = if channel.conducts.carries_calcium() { Carrier::Calcium } else { Carrier::Cations { calcium: 0.0 } };
        Self { name, source: "", parameters, state, receives: None, calcium, carries, step_ns, paint: Paint::Declared(channel) }
    }

    /// Makes it with parameters.
    pub(crate) fn paint(&self, request: &PaintRequest<'_>) -> Result<Painted, PaintError> {
        match &self.paint {
            Paint::Typed(paint) => paint(request),
            Paint::Declared(channel) => crate::declared::paint(channel, request),
        }
    }

    /// What can be read of it in one compartment: its state variables, or the gates and states of a declared channel. None of a constant conductance.
    pub fn variables(&self) -> Vec<InstanceVariable> {
        match &self.paint {
            Paint::Typed(_) => {
                let variable = |own: &StateDescription| InstanceVariable { name: own.name.to_string(), description: *own, state: 0 };
                self.state.iter().map(variable).collect()
            }
            Paint::Declared(channel) => {
                let states = self.state.iter().flat_map(|own| channel.state_names().enumerate().map(move |named| (own, named)));
                states.map(|(own, (state, name))| InstanceVariable { name: name.to_string(), description: *own, state }).collect()
            }
        }
    }

    /// Entities that it has in one compartment.
    pub fn entities(&self) -> usize {
        match &self.paint {
            Paint::Typed(_) => 1,
            Paint::Declared(channel) => channel.states(),
        }
    }

    /// The module documentation of its source file, as plain text; of a declared channel, its gates and states.
    pub fn page(&self) -> String {
        match &self.paint {
            Paint::Typed(_) => page_of(self.source),
            Paint::Declared(channel) => {
                let names: Vec<String> = channel.state_names().map(|name| format!("`{name}`")).collect();
                format!("Declared channel with {}.\n", names.join(", "))
            }
        }
    }
}
