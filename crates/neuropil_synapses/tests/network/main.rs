//! Networks as their neurons see them: who hears whom, how much, and when, found out by making one neuron spike after another.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

mod delivery;
mod frozen_refractory;
mod rules;

use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::{Arrivals, Clock, CorePlugin, Fault, Layout, NeuropilSystems, RunSettings, Simulate, SpikeExchange, Step};
use neuropil_neurons::{Assigned, NeuronModel, NeuronModelsPlugins, Neurons, PopulationRequest, Stimulate, Stimulus, StimulusSource};
use neuropil_synapses::{Connect, ConnectionRule, Projection, ProjectionError, SynapsesPlugin, VARIABLES};
use neuropil_units::{Dimension, Expression, Milliseconds, Program, Scope};

/// Populations `a` and `b`, ids 0 to 99 and 100 to 169; inhibition has a time constant, and so an accumulator, of its own.
pub const SIZES: [(&str, u32); 2] = [("a", 100), ("b", 70)];
pub const NEURONS: u32 = 170;
/// Both populations.
pub const ALL: [&str; 2] = ["a", "b"];
/// Steps between the spikes of two neurons; all delays here are shorter.
pub const GAP: u64 = 100;

/// What arrived at one receptor of one neuron in one step, pA.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    pub step: u64,
    pub target: u32,
    /// 0 excitatory, 1 inhibitory.
    pub channel: u32,
    pub sum: f64,
}

/// Everything that arrived, and all spikes, as (step, neuron).
#[derive(Resource, Default, Clone, Debug)]
pub struct Heard {
    pub arrivals: Vec<Arrival>,
    pub spikes: Vec<(u64, u32)>,
}

fn hear(clock: Res<Clock>, layout: Res<Layout>, mut arrivals: ResMut<Arrivals>, mut heard: ResMut<Heard>) {
    let (units, blocks) = arrivals.parts();
    let mut first = 0;
    for (population, (_, size)) in SIZES.iter().enumerate() {
        for index in 0..*size {
            for channel in 0..2 {
                let (block, place) = layout.place(population, index, channel);
                let (block, place) = (&blocks[block as usize], usize::from(place));
                let fixed = f64::from(block.fixed[place]) * f64::from(units[population][channel as usize]);
                let sum = fixed + block.wide.get(place).copied().map_or(0.0, f64::from);
                if sum != 0.0 {
                    heard.arrivals.push(Arrival { step: clock.step(), target: first + index, channel, sum });
                }
            }
        }
        first += size;
    }
}

fn see(clock: Res<Clock>, exchange: Res<SpikeExchange>, mut heard: ResMut<Heard>) {
    let step = clock.step();
    heard.spikes.extend(exchange.spikes().iter().map(|id| (step, *id)));
}

/// The network, not yet built; a square sheet of neurons, 20 µm apart, 10 in a line.
pub fn network(projections: &[Projection], threads: usize) -> Result<App, ProjectionError> {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin));
    {
        let mut settings = app.world_mut().resource_mut::<RunSettings>();
        // As if it expected many synapses, so that all threads are used.
        (settings.threads, settings.expected_synapses) = (threads, 1e9);
    }
    let mut first = 0;
    for (name, size) in SIZES {
        let positions = (first..first + size).map(|k| [20.0 * (k % 10) as f32, 20.0 * (k / 10) as f32, 0.0]);
        let parameters = vec![("inhibitory_time_constant".to_string(), Assigned::Shared(3.0))];
        let request = PopulationRequest { name: name.into(), size, parameters, positions: positions.collect(), ..Default::default() };
        app.add_population_of("LifExponentialCurrent", request).unwrap();
        first += size;
    }
    for projection in projections {
        app.connect(projection.clone())?;
    }
    app.init_resource::<Heard>()
        .add_systems(Step, hear.after(NeuropilSystems::Deliver).before(NeuropilSystems::Integrate))
        .add_systems(Step, see.in_set(NeuropilSystems::Learn));
    Ok(app)
}

/// Makes each of `kicks`, (step, neuron), spike, and listens to all.
pub fn listen(projections: &[Projection], kicks: &[(u64, u32)], steps: u64, threads: usize) -> Heard {
    let mut app = network(projections, threads).unwrap();
    for neuron in 0..NEURONS {
        let own: Vec<u64> = kicks.iter().filter(|(_, id)| *id == neuron).map(|(step, _)| *step).collect();
        for step in own {
            let (name, index) = if neuron < SIZES[0].1 { ("a", neuron) } else { ("b", neuron - SIZES[0].1) };
            let source = StimulusSource::StepCurrent {
                amplitude: program("60 nA", Dimension::CURRENT),
                start: Milliseconds((step - 1) as f64 * 0.1),
                stop: Some(Milliseconds(step as f64 * 0.1)),
            };
            let (name, to) = (format!("{name}[{index}] at {step}"), vec![name.to_string()]);
            let neurons = Some(vec![index]);
            app.stimulate(Stimulus {
                name,
                to,
                neurons,
                sites: Vec::new(),
                source,
                weight: None,
                receptor: None,
                delay: Milliseconds(0.1),
            })
            .unwrap();
        }
    }
    app.advance_steps(steps).unwrap();
    assert_eq!(app.world().resource::<Layout>().workers(), threads);
    let heard = app.world_mut().remove_resource::<Heard>().unwrap();
    assert_eq!(heard.spikes.len(), kicks.len(), "each kick is one spike, and weights are too small to make others");
    heard
}

/// All synapses of one source, target, channel and delay together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    pub source: u32,
    pub target: u32,
    pub channel: u32,
    pub delay: u64,
    pub weight: f64,
}

/// The whole wiring, found out by making one neuron spike after another.
pub fn wiring(projections: &[Projection], threads: usize) -> Vec<Edge> {
    let kicks: Vec<(u64, u32)> = (0..NEURONS).map(|id| (u64::from(id) * GAP + 1, id)).collect();
    let heard = listen(projections, &kicks, u64::from(NEURONS) * GAP, threads);
    assert_eq!(heard.spikes.iter().map(|(_, id)| *id).collect::<Vec<_>>(), (0..NEURONS).collect::<Vec<_>>());
    let edge = |arrival: &Arrival| {
        let (emitted, source) = heard.spikes[heard.spikes.partition_point(|(step, _)| *step < arrival.step) - 1];
        let Arrival { target, channel, sum, step } = *arrival;
        Edge { source, target, channel, delay: step - emitted, weight: sum }
    };
    heard.arrivals.iter().map(edge).collect()
}

pub fn program(text: &str, dimension: Dimension) -> Program {
    Expression::parse(text).unwrap().compile(&Scope::new(), &VARIABLES, dimension).unwrap()
}

/// A projection of synaptic currents.
pub fn projection(name: &str, from: &[&str], to: &[&str], rule: ConnectionRule, weight: &str, delay: &str) -> Projection {
    Projection::new(name, from, to, rule, weight, Dimension::CURRENT, delay).unwrap()
}

/// Why a network cannot be made.
pub fn refusal(projection: &Projection) -> String {
    match network(std::slice::from_ref(projection), 1).map(|mut app| app.build_network()) {
        Err(error) => error.to_string(),
        Ok(Err(Fault::Build(message))) => message,
        Ok(other) => panic!("built: {other:?}"),
    }
}
