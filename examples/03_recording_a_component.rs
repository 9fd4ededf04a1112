//! Recording any component of any neuron, with a system of one's own.
//!
//! Run it with `cargo run --release --example 03_recording_a_component`. It prints the potential of tagged neurons every 5 ms.

use neuropil::prelude::*;

/// A tag; sparse-set, so that giving it to a neuron moves no row of the tables that the kernels run over.
#[derive(Component)]
#[component(storage = "SparseSet")]
struct Watched;

/// What was seen: time in ms, neuron, potential in mV.
#[derive(Resource, Default)]
struct Seen(Vec<(f64, u32, f32)>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let population =
        app.add_population("neurons", 100, LifExponentialCurrent { bias_current: Picoamperes(390.0), ..Default::default() })?;

    let members = app.world().get::<Members>(population).map(|m| m.0.clone()).unwrap_or_default();
    for neuron in [3, 42] {
        app.world_mut().entity_mut(members[neuron]).insert((Watched, MembranePotential(-60.0 - neuron as f32 / 10.0)));
    }
    app.init_resource::<Seen>().add_systems(Slice, watch.in_set(NeuropilSystems::Record));
    app.advance(Milliseconds(50.0))?;

    for (time, neuron, potential) in app.world().resource::<Seen>().0.iter().filter(|seen| seen.0 % 5.0 == 0.0) {
        println!("{time:5.1} ms   neuron {neuron:2}   {potential:7.3} mV");
    }
    Ok(())
}

fn watch(clock: Res<Clock>, watched: Query<(&NeuronId, &MembranePotential), With<Watched>>, mut seen: ResMut<Seen>) {
    let mut now: Vec<(f64, u32, f32)> = watched.iter().map(|(id, potential)| (clock.now().0, id.0, potential.0)).collect();
    now.sort_by_key(|seen| seen.1);
    seen.0.append(&mut now);
}
