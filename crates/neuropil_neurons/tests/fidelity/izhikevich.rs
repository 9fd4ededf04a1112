//! Izhikevich's model in both schemes, alone and as the network of 2003.

use super::{current, data, largest_deviation, number, numbers, run};
use bevy_app::App;
use neuropil_core::random::{Purpose, bits};
use neuropil_core::{Clock, CorePlugin, RunSettings, Simulate, SpikeExchange};
use neuropil_neurons::{
    Assigned, Izhikevich, IzhikevichScheme, NeuronModelsPlugins, Neurons, PopulationRequest, Stimulate, Stimulus, StimulusSource,
};
use neuropil_synapses::{Connect, ConnectionRule, Projection, SynapsesPlugin};
use neuropil_units::{Dimension, Milliseconds, Millivolts, MillivoltsPerMillisecond, PerMillisecond, Program};
use serde_json::Value;

fn neuron(parameters: &Value, scheme: IzhikevichScheme) -> Izhikevich {
    Izhikevich {
        recovery_rate: PerMillisecond(number(&parameters["a"])),
        recovery_sensitivity: PerMillisecond(number(&parameters["b"])),
        reset_potential: Millivolts(number(&parameters["c"])),
        reset_recovery: MillivoltsPerMillisecond(number(&parameters["d"])),
        scheme,
        ..Default::default()
    }
}

/// Claim: seven types of neuron give NEST's trains with forward Euler at steps of 0.1 ms. Source: data/izhikevich.json. Tolerance: none in the four types
/// whose trains do not depend on rounding (moving NEST's start by 3e-6 mV, which is a rounding of f32, leaves them as they are). In the others that same
/// change moves single spikes by up to 1.5 ms: there equal numbers, the first ten spikes within one step and all within 1.6 ms.
#[test]
fn the_consistent_scheme_gives_the_trains_of_nest() {
    let reference = data(include_str!("data/izhikevich.json"));
    for (name, kind) in reference["types"].as_object().expect("types") {
        let neuron = neuron(&kind["params"], IzhikevichScheme::Consistent);
        let found = run(neuron, 0.1, 520.0, [current(number(&kind["current"]), 10.0, 510.0)]).spikes;
        let expected = numbers(&kind["spikes_euler_dt0.1_ms"]);
        let all = largest_deviation(&found, &expected);
        let early = largest_deviation(&found[..10], &expected[..10]);
        let robust = ["RS", "IB", "CH", "TC"].contains(&name.as_str());
        assert!(if robust { all < 1e-6 } else { early < 0.101 && all < 1.6 }, "{name}: off by {early} and {all} ms");
    }
}

/// Claim: so do they with the published scheme at steps of 1 ms. Source: data/izhikevich.json. Tolerance: the first four spikes exactly, and the number
/// of spikes within four: the scheme is far from converged at this step, and chaotic in most types. Moving NEST's start by 3e-6 mV changes its own
/// trains from the sixth spike on, and the number of spikes by up to three.
#[test]
fn the_published_scheme_gives_the_trains_of_nest() {
    let reference = data(include_str!("data/izhikevich.json"));
    for (name, kind) in reference["types"].as_object().expect("types") {
        let neuron = neuron(&kind["params"], IzhikevichScheme::Published);
        let found = run(neuron, 1.0, 520.0, [current(number(&kind["current"]), 10.0, 510.0)]).spikes;
        let expected = numbers(&kind["spikes_published_2halfsteps_dt1_ms"]);
        assert_eq!(found[..4], expected[..4], "{name}");
        assert!(found.len().abs_diff(expected.len()) <= 4, "{name}: {} spikes, expected {}", found.len(), expected.len());
    }
}

/// One population of the network of 2003; `kind` gives (a, b, c, d) from r, which is uniform from 0 to 1.
fn population(app: &mut App, name: &str, size: u32, stream: u32, kind: impl Fn(f64) -> [f64; 4]) {
    let uniform = |k: u32| f64::from(bits(11, Purpose::Value, stream, u64::from(k), 0)[0]) / 4_294_967_296.0;
    let parameters: Vec<[f64; 4]> = (0..size).map(|k| kind(uniform(k))).collect();
    let listed = |value: &dyn Fn(&[f64; 4]) -> f64| Assigned::Listed(parameters.iter().map(value).collect());
    let request = PopulationRequest {
        name: name.into(),
        size,
        parameters: vec![
            ("recovery_rate".into(), listed(&|p| p[0])),
            ("recovery_sensitivity".into(), listed(&|p| p[1])),
            ("reset_potential".into(), listed(&|p| p[2])),
            ("reset_recovery".into(), listed(&|p| p[3])),
            ("scheme".into(), Assigned::Choice("Published".into())),
        ],
        initial: vec![("recovery".into(), listed(&|p| -65.0 * p[1]))],
        ..Default::default()
    };
    app.add_population_of("Izhikevich", request).expect("a valid population");
}

/// Claim: the network of 1000 neurons of the paper fires at its rate. Source: Izhikevich 2003 (doi:10.1109/TNN.2003.820440); an independent run of exactly this
/// recipe in f64, 4 s with three seeds: 7.23 to 7.31 spikes a second. Tolerance: 0.3, the spread of seeds (0.04) and of four seconds of slow rhythms.
/// A weight that acts one step late, or twice, changes the rate by more.
#[test]
fn the_network_of_2003_fires_at_its_rate() {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin));
    app.insert_resource(Clock::new(Milliseconds(1.0)).expect("a valid step"));
    app.world_mut().resource_mut::<RunSettings>().threads = 1;
    population(&mut app, "excitatory", 800, 1, |r| [0.02, 0.2, -65.0 + 15.0 * r * r, 8.0 - 6.0 * r * r]);
    population(&mut app, "inhibitory", 200, 2, |r| [0.02 + 0.08 * r, 0.25 - 0.05 * r, -65.0, 2.0]);
    for (from, weight, deviation) in [("excitatory", "uniform(0 mV, 0.5 mV)", 5.0), ("inhibitory", "uniform(-1 mV, 0 mV)", 2.0)] {
        let to = ["excitatory", "inhibitory"];
        let projection = Projection::new(from, &[from], &to, ConnectionRule::AllToAll, weight, Dimension::POTENTIAL, "1 ms");
        app.connect(projection.expect("valid expressions")).expect("a valid projection");
        let source = StimulusSource::NoiseCurrent {
            mean: Program::constant(0.0),
            standard_deviation: Program::constant(deviation),
            interval: Milliseconds(1.0),
            start: Milliseconds(0.0),
            stop: None,
        };
        let (name, to, delay) = (format!("noise of {from}"), vec![from.into()], Milliseconds(1.0));
        app.stimulate(Stimulus { name, to, neurons: None, sites: Vec::new(), source, weight: None, receptor: None, delay })
            .expect("a valid stimulus");
    }
    app.advance(Milliseconds(4000.0)).expect("a finite state");
    let rate = app.world().resource::<SpikeExchange>().total() as f64 / 4.0 / 1000.0;
    assert!((rate - 7.3).abs() < 0.3, "{rate} spikes a second");
}
