//! A sparse network of excitatory and inhibitory neurons, built in Rust.
//!
//! Run it with `cargo run --release --example 02_network`. It prints the rates of both populations in four quarters of a second.

use neuropil::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);

    // Neurons differ in their bias current: a list overrides the parameter neuron by neuron.
    let currents = |size: u32| (0..size).map(|k| 380.0 + 60.0 * f64::from(k) / f64::from(size)).collect();
    for (name, size) in [("excitatory", 4000), ("inhibitory", 1000)] {
        let parameters = vec![("bias_current".to_string(), Assigned::Listed(currents(size)))];
        app.add_population_of("LifExponentialCurrent", PopulationRequest { name: name.into(), size, parameters, ..Default::default() })?;
    }
    let everyone = ["excitatory", "inhibitory"];
    for (name, from, degree, weight) in [("excitation", "excitatory", 80, "20 pA"), ("inhibition", "inhibitory", 20, "-100 pA")] {
        let rule = ConnectionRule::FixedInDegree(degree);
        let projection = Projection::new(name, &[from], &everyone, rule, weight, Dimension::CURRENT, "normal(1.5 ms, 0.2 ms)")?;
        app.connect(Projection { autapses: Allowed::No, ..projection })?;
    }

    // A system of one's own, ordered against the public sets.
    app.init_resource::<Counts>().add_systems(Step, count_spikes.in_set(NeuropilSystems::Learn));
    app.build_network()?;
    println!("{} synapses", app.world().resource::<Synapses>().count());
    for quarter in 1..=4 {
        app.advance(Milliseconds(250.0))?;
        let [excitatory, inhibitory] = std::mem::take(&mut app.world_mut().resource_mut::<Counts>().0);
        println!(
            "quarter {quarter}: excitatory {:.2} Hz, inhibitory {:.2} Hz",
            excitatory as f64 / 4000.0 / 0.25,
            inhibitory as f64 / 1000.0 / 0.25
        );
    }
    Ok(())
}

#[derive(Resource, Default)]
struct Counts([u64; 2]);

fn count_spikes(exchange: Res<SpikeExchange>, mut counts: ResMut<Counts>) {
    let excitatory = exchange.spikes().partition_point(|id| *id < 4000);
    counts.0[0] += excitatory as u64;
    counts.0[1] += (exchange.spikes().len() - excitatory) as u64;
}
