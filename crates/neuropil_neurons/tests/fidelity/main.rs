//! Does the engine compute what it claims? Spike trains and potentials against other simulators and closed forms.
//!
//! `data/*.json` were made with NEST 3.10.0 (each file says with which model, parameters and time step); values called "measured" in a test's
//! source line were measured with NEST 3.10.0 at steps of 0.1 ms with default parameters unless said.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod adex;
mod conductance;
mod hodgkin_huxley;
mod izhikevich;
mod lif;
mod poisson_source;
mod psc;

use bevy_app::App;
use bevy_ecs::prelude::Entity;
use neuropil_core::{Clock, CorePlugin, Population, RunSettings, Simulate, SpikeExchange};
use neuropil_neurons::state::{AdaptationCurrent, MembranePotential};
use neuropil_neurons::{Members, NeuronModel, NeuronModelsPlugins, Neurons, Stimulate, Stimulus, StimulusSource};
use neuropil_units::{Milliseconds, Program};
use serde_json::Value;

/// A file of reference numbers.
fn data(text: &str) -> Value {
    serde_json::from_str(text).expect("reference data are JSON")
}

/// A number of the reference.
fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// A list of numbers of the reference.
fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(number).collect()
}

/// An app with one population, `cell`, of one neuron.
fn app<M: NeuronModel>(model: M, dt: f64) -> (App, Entity) {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins)).insert_resource(Clock::new(Milliseconds(dt)).expect("a valid step"));
    app.world_mut().resource_mut::<RunSettings>().threads = 1;
    let entity = app.add_population("cell", 1, model).expect("a valid population");
    (app, entity)
}

/// A stimulus of the cell.
fn stimulus(name: &str, source: StimulusSource, weight: Option<f64>) -> Stimulus {
    Stimulus {
        name: name.into(),
        to: vec!["cell".into()],
        neurons: None,
        sites: Vec::new(),
        source,
        weight: weight.map(Program::constant),
        receptor: None,
        delay: Milliseconds(1.0),
    }
}

/// A current from one time to another, in the model's unit.
fn current(amplitude: f64, start: f64, stop: f64) -> Stimulus {
    let source =
        StimulusSource::StepCurrent { amplitude: Program::constant(amplitude), start: Milliseconds(start), stop: Some(Milliseconds(stop)) };
    stimulus("current", source, None)
}

/// Spikes at given times, which arrive 1 ms later.
fn spikes(name: &str, times: &[f64], weight: f64) -> Stimulus {
    stimulus(name, StimulusSource::SpikeList { times: times.iter().map(|t| Milliseconds(*t)).collect() }, Some(weight))
}

/// What one neuron did.
struct Record {
    /// Ends of the steps in which it spiked, in ms.
    spikes: Vec<f64>,
    /// Potential at the end of each step, in mV; the first is that at time 0.
    potential: Vec<f64>,
    /// Adaptation current likewise, in pA, where there is one.
    adaptation: Vec<f64>,
}

/// Runs one neuron for `duration` ms.
fn run<M: NeuronModel>(model: M, dt: f64, duration: f64, stimuli: impl IntoIterator<Item = Stimulus>) -> Record {
    let (mut app, entity) = app(model, dt);
    for stimulus in stimuli {
        app.stimulate(stimulus).expect("a valid stimulus");
    }
    record(&mut app, entity, dt, duration)
}

/// Runs the first neuron of a population for `duration` ms.
fn record(app: &mut App, population: Entity, dt: f64, duration: f64) -> Record {
    let cell = app.world().get::<Members>(population).expect("members").0[0];
    let id = app.world().get::<Population>(population).expect("a population").first;
    let read = |app: &App| {
        let potential = app.world().get::<MembranePotential>(cell).expect("a potential").0;
        let adaptation = app.world().get::<AdaptationCurrent>(cell).map_or(0.0, |w| w.0);
        (f64::from(potential), f64::from(adaptation))
    };
    let start = read(app);
    let mut record = Record { spikes: Vec::new(), potential: vec![start.0], adaptation: vec![start.1] };
    for step in 1..=(duration / dt).round() as usize {
        app.advance_steps(1).expect("a finite state");
        if app.world().resource::<SpikeExchange>().spikes().contains(&id) {
            // As reference files print it.
            record.spikes.push((step as f64 * dt * 1e6).round() / 1e6);
        }
        let (potential, adaptation) = read(app);
        record.potential.push(potential);
        record.adaptation.push(adaptation);
    }
    record
}

/// The largest distance between spikes of equal number; panics if there are more of one than of the other.
fn largest_deviation(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len(), "found {found:?}\nexpected {expected:?}");
    found.iter().zip(expected).map(|(f, e)| (f - e).abs()).fold(0.0, f64::max)
}

/// The furthest point from where a trace starts: its height and index.
fn peak(trace: &[f64]) -> (f64, usize) {
    let height = |k: usize| (trace[k] - trace[0]).abs();
    let index = (0..trace.len()).max_by(|a, b| height(*a).total_cmp(&height(*b))).expect("a trace");
    (trace[index] - trace[0], index)
}
