//! Electrical and graded synapses, lesions, and synapses as they are read back.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

mod electrical;
mod graded;
mod reading;

use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::columns::StateVariable;
use neuropil_core::{Clock, CorePlugin, NeuronId, RunSettings};
use neuropil_neurons::{NeuronModelsPlugins, Stimulate, Stimulus, StimulusSource};
use neuropil_synapses::{Connect, ConnectionRule, ExplicitSynapse, Projection, ProjectionError, SynapsesPlugin, Transmission, VARIABLES};
use neuropil_units::{Dimension, Expression, Milliseconds, Program, Scope};

/// An empty network.
pub fn app(time_step: f64, threads: usize) -> App {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin)).insert_resource(Clock::new(Milliseconds(time_step)).unwrap());
    let mut settings = app.world_mut().resource_mut::<RunSettings>();
    (settings.threads, settings.expected_synapses) = (threads, 1e9);
    app
}

/// Listed synapses: source, target, weight.
pub fn explicit(list: &[(u32, u32, f64)]) -> ConnectionRule {
    ConnectionRule::Explicit(
        list.iter()
            .map(|(source, target, w)| ExplicitSynapse { source: *source, target: *target, weight: Some(*w), delay: None })
            .collect(),
    )
}

/// A projection of a population onto itself.
pub fn join(
    app: &mut App,
    name: &str,
    cells: &str,
    rule: ConnectionRule,
    transmission: Transmission,
    dimension: Dimension,
    delay: &str,
) -> Result<Entity, ProjectionError> {
    let unit = if dimension == Dimension::CONDUCTANCE { "1 nS" } else { "1" };
    app.connect(Projection { transmission, ..Projection::new(name, &[cells], &[cells], rule, unit, dimension, delay).unwrap() })
}

pub fn gaps(app: &mut App, cells: &str, list: &[(u32, u32, f64)]) {
    join(app, "gaps", cells, explicit(list), Transmission::Electrical, Dimension::CONDUCTANCE, "1 ms").unwrap();
}

pub fn program(text: &str, dimension: Dimension) -> Program {
    Expression::parse(text).unwrap().compile(&Scope::new(), &VARIABLES, dimension).unwrap()
}

/// A constant current from the start into one neuron.
pub fn current(app: &mut App, cells: &str, neuron: u32, amplitude: &str) {
    let source = StimulusSource::StepCurrent { amplitude: program(amplitude, Dimension::CURRENT), start: Milliseconds(0.0), stop: None };
    let (name, to) = (format!("into {neuron}"), vec![cells.to_string()]);
    let delay = Milliseconds(1.0);
    app.stimulate(Stimulus { name, to, neurons: Some(vec![neuron]), sites: Vec::new(), source, weight: None, receptor: None, delay })
        .unwrap();
}

/// A state variable of all neurons, by id.
pub fn state<T: StateVariable>(app: &mut App) -> Vec<f64>
where
    T::Inner: Into<f64>,
{
    let mut found: Vec<(u32, f64)> = Vec::new();
    let mut query = app.world_mut().query::<(&NeuronId, &T)>();
    found.extend(query.iter(app.world()).map(|(id, value)| (id.0, T::peel(*value).into())));
    found.sort_by_key(|(id, _)| *id);
    found.into_iter().map(|(_, value)| value).collect()
}
