//! What a point-neuron model is: its parameters, its state, the constants of a step, and one kernel.
//!
//! A model states only science. The engine owns the query, the blocks, threads and instruction sets, the accumulators, the collection of
//! spikes, and the check for numbers that are not finite. The kernel is compiled for every instruction set with shared and with per-neuron
//! constants; written branch-free over plain slices, it vectorises as it stands.

use bevy_ecs::prelude::*;
use bevy_reflect::structs::Struct;
use bevy_reflect::{GetTypeRegistration, PartialReflect, Reflect, ReflectMut, ReflectRef, TypePath};
use bytemuck::Pod;
use neuropil_core::columns::{CHUNK, Constants, StateColumns, StateDescription};
use neuropil_core::{Accepts, Receptor};
use neuropil_units::{Dimension, Milliseconds, quantity_info, read_quantity};

/// Channels (accumulators a neuron) that a model may have.
pub const MAXIMAL_CHANNELS: usize = 4;

/// Why a set of parameters makes no neuron.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[error("`{parameter}` is {found}; expected {expected}")]
pub struct ParameterError {
    /// Name of the parameter.
    pub parameter: &'static str,
    /// The value, with its unit.
    pub found: String,
    /// What it should have been.
    pub expected: String,
}

/// `Ok` if the condition holds, else an error that names the parameter, its value and what was expected.
///
/// # Errors
/// The condition does not hold.
pub fn require(condition: bool, parameter: &'static str, found: impl ToString, expected: &str) -> Result<(), ParameterError> {
    if condition { Ok(()) } else { Err(ParameterError { parameter, found: found.to_string(), expected: expected.to_string() }) }
}

/// What reaches a chunk of neurons in one step. Every slice has the length of the chunk.
pub struct Input<'a> {
    pub(crate) arriving: &'a [[f32; CHUNK]; MAXIMAL_CHANNELS],
    pub(crate) current: &'a [f32],
    pub(crate) length: usize,
    pub(crate) channels: usize,
}

impl<'a> Input<'a> {
    /// Sum of the weights that arrive in this step at a channel, in the receptor's unit.
    #[inline(always)]
    pub fn arriving(&self, channel: usize) -> &'a [f32] {
        &self.arriving[channel][..self.length]
    }

    /// Current injected during this step, in the model's unit of current.
    #[inline(always)]
    pub fn current(&self) -> &'a [f32] {
        &self.current[..self.length]
    }

    /// Channels that this population has: fewer than receptors where [`NeuronModel::channels`] joined some.
    #[inline(always)]
    pub fn channels(&self) -> usize {
        self.channels
    }
}

/// A point-neuron model. The type is its parameters: shared as a component of the population's entity, or overriding as a component of one neuron.
///
/// Fields are quantities (`Millivolts`, `Picofarads`, …) or enums of unit variants; their names, units and defaults are read by reflection.
pub trait NeuronModel: Component + Reflect + Struct + TypePath + GetTypeRegistration + Default + Clone {
    /// State of one neuron, a tuple of components.
    type State: StateColumns;
    /// Constants of one step: a plain structure of four-byte fields.
    type Propagators: Pod + Send + Sync;
    /// The source file, whose module documentation is the model's page.
    const SOURCE: &'static str;
    /// Where spikes arrive.
    const RECEPTORS: &'static [Receptor];
    /// Unit of injected currents.
    const CURRENT_UNIT: &'static str = "pA";
    /// Dimension of injected currents.
    const CURRENT: Dimension = Dimension::CURRENT;
    /// Nanoseconds that one neuron takes for one step on one thread, roughly: the number of threads and estimates of run time go by it.
    const STEP_NS: f64 = 1.5;

    /// Whether neurons at rest may be passed over until something reaches them, which makes silence nearly free; see
    /// [`is_at_rest`](Self::is_at_rest).
    ///
    /// What the engine does itself wakes them: spikes, stimuli, changes of parameters and currents. A system that writes the state of such
    /// neurons must say so: it calls `set_changed` on the [`Population`](neuropil_core::Population) of theirs.
    const RESTS: bool = false;

    /// The state variable, by its place in [`State`](Self::State), whose value neurons transmit after every step through graded synapses;
    /// it must hold f32 or f64.
    const TRANSMITS: Option<usize> = None;
    /// Whether a spike resets the membrane's potential; electrical synapses then leave a neuron that has just spiked where it is.
    const RESETS: bool = true;

    /// Capacitance of the membrane in pF, for models that electrical synapses can join: they have a
    /// [`MembranePotential`](crate::state::MembranePotential), or one in double precision, in mV, and take currents in pA.
    fn capacitance(&self) -> Option<f64> {
        None
    }

    /// The channel that each receptor adds to. Receptors that obey one linear equation may share a channel, which saves memory traffic.
    fn channels(&self) -> Vec<usize> {
        (0..Self::RECEPTORS.len()).collect()
    }

    /// State at time 0.
    fn initial_state(&self) -> Self::State;

    /// Constants of one step of length `time_step`, computed in f64.
    ///
    /// # Errors
    /// A parameter outside its valid range.
    fn propagators(&self, time_step: Milliseconds) -> Result<Self::Propagators, ParameterError>;

    /// Advances a chunk of neurons by one step. Sets `spiked[i]` to 1 where neuron `i` spikes, and to 0 elsewhere.
    ///
    /// Mark it `#[inline(always)]`, and let it hand separate slices to an `#[inline(always)]` function with one branch-free loop.
    fn integrate<C: Constants<Self::Propagators>>(
        constants: C,
        columns: <Self::State as StateColumns>::Slices<'_>,
        input: &Input<'_>,
        spiked: &mut [u8],
    );

    /// Whether a further step with this current, in which nothing arrives, would leave all of these neurons as they are, bit by bit.
    ///
    /// Asked after each step where [`RESTS`](Self::RESTS) holds; mark it `#[inline(always)]`.
    fn is_at_rest<C: Constants<Self::Propagators>>(
        _constants: C,
        _columns: <Self::State as StateColumns>::Slices<'_>,
        _current: &[f32],
    ) -> bool {
        false
    }
}

/// A parameter of a model as seen without its type.
#[derive(Clone, Debug)]
pub struct ParameterDescription {
    /// Name of the field.
    pub name: String,
    /// Unit, empty for a choice.
    pub unit: &'static str,
    /// Dimension of the unit.
    pub dimension: Dimension,
    /// Default, in the coherent system of `neuropil_units` (ms, mV, pA).
    pub default: f64,
    /// Names to choose from, if the parameter is a choice and no quantity; the first is the default.
    pub choices: Vec<String>,
}

/// A model as seen without its type: what the registry holds, and what experiment files, help pages and tests read.
#[derive(Clone, Debug)]
pub struct ModelEntry {
    /// Name, in files and messages.
    pub name: &'static str,
    /// Source file, whose module documentation is the page.
    pub source: &'static str,
    /// Parameters, in order of the fields.
    pub parameters: Vec<ParameterDescription>,
    /// State variables.
    pub state: Vec<StateDescription>,
    /// Receptors.
    pub receptors: &'static [Receptor],
    /// Unit of injected currents.
    pub current_unit: &'static str,
    /// Dimension of injected currents.
    pub current: Dimension,
    /// State variable that graded synapses transmit, if any.
    pub transmits: Option<&'static str>,
    /// Whether electrical synapses can join its neurons.
    pub couples: bool,
    /// Rough nanoseconds a neuron and step on one thread.
    pub step_ns: f64,
    /// Adds a population of this model to a world.
    pub add: fn(&mut World, crate::PopulationRequest) -> Result<Entity, crate::PopulationError>,
}

impl ModelEntry {
    /// Reads everything from the model's type.
    pub fn of<M: NeuronModel>() -> Self {
        let default = M::default();
        Self {
            name: M::short_type_path(),
            source: M::SOURCE,
            parameters: describe_parameters(&default),
            state: M::State::describe(),
            transmits: transmitted_name::<M>(),
            couples: default.capacitance().is_some(),
            receptors: M::RECEPTORS,
            current_unit: M::CURRENT_UNIT,
            current: M::CURRENT,
            step_ns: M::STEP_NS,
            add: |world, request| crate::population::spawn(world, M::default(), request),
        }
    }

    /// The model's page: the module documentation of its source file, as plain text.
    pub fn page(&self) -> String {
        page_of(self.source)
    }
}

/// The module documentation of a source file, as plain text.
pub fn page_of(source: &str) -> String {
    source.lines().map_while(|line| line.strip_prefix("//!")).map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect()
}

/// Name of the state variable that graded synapses transmit.
pub(crate) fn transmitted_name<M: NeuronModel>() -> Option<&'static str> {
    M::State::describe().get(M::TRANSMITS?).map(|variable| variable.name)
}

/// The parameters of a type, in order of its fields.
pub fn describe_parameters(default: &dyn Struct) -> Vec<ParameterDescription> {
    let fields = (0..default.field_len()).filter_map(|k| Some((default.name_at(k)?, default.field_at(k)?)));
    fields.map(|(name, field)| describe_parameter(name, field)).collect()
}

fn describe_parameter(name: &str, field: &dyn PartialReflect) -> ParameterDescription {
    let name = name.to_string();
    if let (Some(info), Some(default)) = (quantity_info(field), read_quantity(field)) {
        return ParameterDescription { name, unit: info.unit, dimension: info.dimension, default, choices: Vec::new() };
    }
    let mut choices = Vec::new();
    if let ReflectRef::Enum(value) = field.reflect_ref() {
        choices.push(value.variant_name().to_string());
        if let Some(info) = value.get_represented_enum_info() {
            choices.extend(info.iter().map(|v| v.name().to_string()).filter(|v| v != value.variant_name()));
        }
    }
    ParameterDescription { name, unit: "", dimension: Dimension::NONE, default: 0.0, choices }
}

/// Sets a field of a model: a quantity in the coherent system, or a choice by its name. `false` if there is no such field, or it is of the other kind.
pub fn set_parameter(model: &mut dyn Struct, name: &str, value: &Setting<'_>) -> bool {
    let Some(field) = model.field_mut(name) else { return false };
    match value {
        Setting::Quantity(coherent) => neuropil_units::write_quantity(field, *coherent),
        Setting::Choice(variant) => {
            let known = field.get_represented_type_info().and_then(|i| i.as_enum().ok()).is_some_and(|i| i.contains_variant(variant));
            let ReflectMut::Enum(target) = field.reflect_mut() else { return false };
            known && target.try_apply(&bevy_reflect::enums::DynamicEnum::new(*variant, ())).is_ok()
        }
    }
}

/// A value for a field.
pub enum Setting<'a> {
    /// A quantity, in the coherent system.
    Quantity(f64),
    /// A choice, by its name.
    Choice(&'a str),
}

/// The receptor that a weight of the given sign goes to, unless a projection names one.
pub fn receptor_for(receptors: &[Receptor], weight: f64) -> Option<usize> {
    let fits = |r: &Receptor| match r.accepts {
        Accepts::Any => true,
        Accepts::Positive => weight >= 0.0,
        Accepts::Negative | Accepts::NegativeMagnitude => weight < 0.0,
    };
    receptors.iter().position(fits)
}
