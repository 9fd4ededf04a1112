//! Poisson sources against the statistics of a Poisson process.

use bevy_app::App;
use neuropil_core::{Clock, CorePlugin, RunSettings, Simulate, SpikeExchange};
use neuropil_neurons::{Assigned, NeuronModelsPlugins, Neurons, PopulationRequest};
use neuropil_units::Milliseconds;

/// Claim: sources with rates of their own spike at them. Source: the mean of a Poisson process. Tolerance: five standard deviations of its count.
#[test]
fn each_source_has_its_rate() {
    let rates = [0.0, 5.0, 80.0, 0.0, 400.0];
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins));
    app.insert_resource(RunSettings { threads: 1, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(0.1)).unwrap());
    // Spikes in a ms, as parameters are given in the coherent system.
    let parameters = vec![("rate".to_string(), Assigned::Listed(rates.iter().map(|rate| rate / 1000.0).collect()))];
    app.add_population_of("PoissonSource", PopulationRequest { name: "axons".into(), size: 5, parameters, ..Default::default() }).unwrap();
    let mut counts = [0.0; 5];
    for _ in 0..100_000 {
        app.advance_steps(1).unwrap();
        app.world().resource::<SpikeExchange>().spikes().iter().for_each(|source| counts[*source as usize] += 1.0);
    }
    for (rate, count) in rates.iter().zip(counts) {
        let expected: f64 = 10.0 * rate;
        assert!((count - expected).abs() <= 5.0 * expected.sqrt(), "{rate} Hz: {count} spikes in 10 s");
    }
}
