//! Adding populations: one entity for the population, one for each neuron, rows in order of ids.

use crate::kernel::ModelOf;
use crate::model::{ModelEntry, NeuronModel, ParameterError, Setting, set_parameter};
use crate::step_constants::StepConstants;
use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::columns::{Placement, StateColumns};
use neuropil_core::{Clock, NeuronId, Population, Populations, Position, Registry, RunSettings, is_built};
use neuropil_units::suggestion;

/// A value of a parameter or state variable for a whole population, in the coherent system (ms, mV, pA).
#[derive(Clone, Debug, PartialEq)]
pub enum Assigned {
    /// The same for all.
    Shared(f64),
    /// One a neuron.
    Listed(Vec<f64>),
    /// A choice by its name.
    Choice(String),
}

/// A population to add, with its model's parameters by name.
#[derive(Clone, Debug, Default)]
pub struct PopulationRequest {
    /// Name, unique in the network.
    pub name: String,
    /// Number of neurons, at least 1.
    pub size: u32,
    /// Parameters that differ from the model's defaults.
    pub parameters: Vec<(String, Assigned)>,
    /// State variables that differ from the model's initial state.
    pub initial: Vec<(String, Assigned)>,
    /// Positions, one a neuron, in µm; or none.
    pub positions: Vec<[f32; 3]>,
}

/// Why a population cannot be added.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PopulationError {
    /// The network has been built.
    #[error("population `{0}` cannot be added: the network has been built; add everything before it is first advanced")]
    Late(String),
    /// No neurons, or more than ids can number.
    #[error("population `{name}`: {size} neurons; expected at least 1, and at most 4,294,967,295 in all populations")]
    Size {
        /// Name of the population.
        name: String,
        /// Neurons asked for.
        size: u32,
    },
    /// Two populations of one name.
    #[error("there is already a population `{0}`")]
    Duplicate(String),
    /// No such model, parameter or state variable.
    #[error("population `{population}`: unknown {kind} `{found}`{hint}")]
    Unknown {
        /// Name of the population.
        population: String,
        /// What was looked for.
        kind: &'static str,
        /// The name given.
        found: String,
        /// Valid names.
        hint: String,
    },
    /// A list of another length than the population.
    #[error("population `{population}`: `{field}` has {found} values; expected {expected}, one a neuron")]
    Length {
        /// Name of the population.
        population: String,
        /// Name of the parameter or variable.
        field: String,
        /// Values given.
        found: usize,
        /// Neurons.
        expected: usize,
    },
    /// A value that does not fit the variable.
    #[error("population `{population}`: `{field}` cannot be {value}")]
    Value {
        /// Name of the population.
        population: String,
        /// Name of the parameter or variable.
        field: String,
        /// The value.
        value: f64,
    },
    /// A parameter outside its valid range.
    #[error("population `{population}`{}: {error}", neuron.map(|n| format!(", neuron {n}")).unwrap_or_default())]
    Parameter {
        /// Name of the population.
        population: String,
        /// Neuron within it, where parameters differ.
        neuron: Option<usize>,
        /// What is wrong.
        error: ParameterError,
    },
}

/// Adding models and populations from Rust; implemented for [`App`] and [`World`].
pub trait Neurons {
    /// Makes a model known by its type's name, and has its populations advanced.
    fn add_neuron_model<M: NeuronModel>(&mut self) -> &mut Self;

    /// Adds `size` neurons with the same parameters.
    ///
    /// # Errors
    /// See [`PopulationError`].
    fn add_population<M: NeuronModel>(&mut self, name: &str, size: u32, model: M) -> Result<Entity, PopulationError>;

    /// Adds a population of a registered model, by name.
    ///
    /// # Errors
    /// See [`PopulationError`].
    fn add_population_of(&mut self, model: &str, request: PopulationRequest) -> Result<Entity, PopulationError>;
}

impl Neurons for App {
    fn add_neuron_model<M: NeuronModel>(&mut self) -> &mut Self {
        self.init_resource::<Registry<ModelEntry>>();
        let entry = ModelEntry::of::<M>();
        self.world_mut().resource_mut::<Registry<ModelEntry>>().add(entry.name, entry);
        self.register_type::<M>();
        self
    }

    fn add_population<M: NeuronModel>(&mut self, name: &str, size: u32, model: M) -> Result<Entity, PopulationError> {
        spawn(self.world_mut(), model, PopulationRequest { name: name.to_string(), size, ..Default::default() })
    }

    fn add_population_of(&mut self, model: &str, request: PopulationRequest) -> Result<Entity, PopulationError> {
        let registry = self.world().get_resource::<Registry<ModelEntry>>();
        let entry = registry.and_then(|r| r.get(model)).cloned().ok_or_else(|| PopulationError::Unknown {
            population: request.name.clone(),
            kind: "model",
            found: model.to_string(),
            hint: suggestion(model, registry.into_iter().flat_map(Registry::names)),
        })?;
        (entry.add)(self.world_mut(), request)
    }
}

/// Adds a population whose parameters start from `base`.
pub(crate) fn spawn<M: NeuronModel>(world: &mut World, base: M, request: PopulationRequest) -> Result<Entity, PopulationError> {
    let PopulationRequest { name, size, .. } = &request;
    if is_built(world) {
        return Err(PopulationError::Late(name.clone()));
    }
    let first = world.resource::<Populations>().neurons();
    if *size == 0 || first.checked_add(*size).is_none() {
        return Err(PopulationError::Size { name: name.clone(), size: *size });
    }
    if world.query::<&Population>().iter(world).any(|p| p.name == *name) {
        return Err(PopulationError::Duplicate(name.clone()));
    }
    let time_step = world.resource::<Clock>().time_step();
    let neurons = *size as usize;
    for (field, value) in request.parameters.iter().chain(&request.initial) {
        if let Assigned::Listed(values) = value
            && values.len() != neurons
        {
            return Err(PopulationError::Length { population: name.clone(), field: field.clone(), found: values.len(), expected: neurons });
        }
    }

    let mut shared = base;
    for (field, value) in &request.parameters {
        let setting = match value {
            Assigned::Shared(value) => Setting::Quantity(*value),
            Assigned::Listed(values) => Setting::Quantity(values[0]),
            Assigned::Choice(choice) => Setting::Choice(choice),
        };
        if !set_parameter(&mut shared, field, &setting) {
            let known: Vec<String> = (0..shared.field_len()).filter_map(|k| shared.name_at(k)).map(str::to_string).collect();
            let hint = suggestion(field, known.iter().map(String::as_str));
            return Err(PopulationError::Unknown {
                population: name.clone(),
                kind: "parameter or value of it",
                found: field.clone(),
                hint,
            });
        }
    }
    let listed: Vec<(&String, &Vec<f64>)> =
        request.parameters.iter().filter_map(|(f, v)| if let Assigned::Listed(v) = v { Some((f, v)) } else { None }).collect();
    let parameters_of = |index: usize| {
        let mut own = shared.clone();
        for (field, values) in &listed {
            set_parameter(&mut own, field, &Setting::Quantity(values[index]));
        }
        own
    };

    let wrong = |neuron: Option<usize>| move |error| (neuron, error);
    let refuse = |(neuron, error)| PopulationError::Parameter { population: name.clone(), neuron, error };
    let constants = if listed.is_empty() {
        StepConstants::<M>::shared(&shared, time_step).map_err(wrong(None)).map_err(refuse)?
    } else {
        StepConstants::by_neuron((0..neurons).map(parameters_of), neurons, time_step).map_err(refuse)?
    };
    let known = M::State::describe();
    for (field, _) in &request.initial {
        if !known.iter().any(|v| v.name == field) {
            let hint = suggestion(field, known.iter().map(|v| v.name));
            return Err(PopulationError::Unknown { population: name.clone(), kind: "state variable", found: field.clone(), hint });
        }
    }

    crate::kernel::add_systems::<M>(world);
    let channel = shared.channels();
    let index = world.resource::<Populations>().entities().len();
    let population = Population {
        name: name.clone(),
        model: M::short_type_path().to_string(),
        first,
        size: *size,
        index,
        channels: channel.iter().max().map_or(0, |c| c + 1),
        group: neuropil_core::layout::GROUP,
        receptors: M::RECEPTORS.to_vec(),
        channel,
        transmits: crate::model::transmitted_name::<M>(),
        couples: shared.capacitance().is_some(),
        emits_only: M::RECEPTORS.is_empty(),
        places: Vec::new(),
        resets: M::RESETS,
    };
    let capacitance = match (shared.capacitance(), listed.is_empty()) {
        (None, _) => Vec::new(),
        (Some(capacitance), true) => vec![capacitance],
        (Some(_), false) => (0..neurons).filter_map(|k| parameters_of(k).capacitance()).collect(),
    };
    let entities: Vec<Entity> = if listed.is_empty() {
        let state = shared.initial_state();
        world.spawn_batch((0..*size).map(|k| (NeuronId(first + k), ModelOf::<M>::default(), state))).collect()
    } else {
        let own: Vec<M> = (0..neurons).map(parameters_of).collect();
        let rows = own.into_iter().zip(first..).map(|(own, id)| (NeuronId(id), ModelOf::<M>::default(), own.initial_state(), own));
        world.spawn_batch(rows).collect()
    };
    for (field, value) in &request.initial {
        let Some(variable) = known.iter().find(|v| v.name == field) else { continue };
        for (k, entity) in entities.iter().enumerate() {
            let value = match value {
                Assigned::Shared(value) => *value,
                Assigned::Listed(values) => values[k],
                Assigned::Choice(_) => f64::NAN,
            };
            if !(variable.write)(&mut world.entity_mut(*entity), value) {
                return Err(PopulationError::Value { population: name.clone(), field: field.clone(), value });
            }
        }
    }
    if !request.positions.is_empty() {
        if request.positions.len() != neurons {
            let (population, field) = (name.clone(), "positions".to_string());
            return Err(PopulationError::Length { population, field, found: request.positions.len(), expected: neurons });
        }
        world.insert_batch(entities.iter().copied().zip(request.positions.iter().copied().map(Position)));
    }
    let placement = RowsOf { placement: Placement::Scattered(Vec::new()), rows_in_table: 0 };
    let entity = world.spawn((population, shared, constants, placement, Members(entities), MembraneCapacitance(capacitance))).id();
    world.resource_mut::<Populations>().push(entity, *size);
    world.resource_mut::<RunSettings>().expected_step_ns += f64::from(*size) * M::STEP_NS;
    Ok(entity)
}

/// Where the rows of a population were last found.
#[derive(Component, Debug)]
pub(crate) struct RowsOf {
    pub(crate) placement: Placement,
    pub(crate) rows_in_table: usize,
}

/// Capacitance of a population's neurons, in pF: one value for all, or one each; none where electrical synapses cannot join them.
#[derive(Component, Clone, Debug, Default)]
pub struct MembraneCapacitance(pub Vec<f64>);

/// The entities of a population's neurons, in order of their ids.
#[derive(Component, Debug)]
pub struct Members(pub Vec<Entity>);
