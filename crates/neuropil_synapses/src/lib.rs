//! Projections, connection rules and spike delivery.
//!
//! A [`Projection`] says who is connected to whom, by which rule, with what weights and delays; [`Connect`] adds it to a network:
//!
//! ```
//! use bevy_app::App;
//! use neuropil_core::{CorePlugin, Simulate};
//! use neuropil_neurons::{LifExponentialCurrent, NeuronModelsPlugins, Neurons};
//! use neuropil_synapses::{Connect, ConnectionRule, Projection, Synapses, SynapsesPlugin};
//! use neuropil_units::Dimension;
//!
//! let mut app = App::new();
//! app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin));
//! app.add_population("cells", 100, LifExponentialCurrent::default())?;
//! let rule = ConnectionRule::FixedInDegree(10);
//! app.connect(Projection::new("recurrent", &["cells"], &["cells"], rule, "normal(20 pA, 2 pA)", Dimension::CURRENT, "1.5 ms")?)?;
//! app.build_network()?;
//! assert_eq!(app.world().resource::<Synapses>().count(), 1000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Module map, in reading order: [`projection`] what a user writes; [`connect`] from rules to synapses, in parallel and the same for any
//! number of threads; [`delivery`] how a spike reaches its targets: packed synapses, rows of one delay, sums in fixed point.
//! Graded and electrical synapses are listed by [`connect`] and kept in `neuropil_core`.
//!
//! Receptors belong to models, in `neuropil_neurons`.

pub mod connect;
pub mod delivery;
pub mod projection;

use bevy_app::{App, Plugin};
use bevy_ecs::prelude::*;
use neuropil_core::{Build, NeuropilSystems, Step};

pub use connect::ReadSynapses;
pub use connect::continuous::Synapse;
pub use delivery::Synapses;
pub use projection::{
    Allowed, Connect, ConnectionRule, ExplicitSynapse, Projection, ProjectionError, Sites, SynapseCount, Transmission, VARIABLES,
};

/// Builds projections and delivers spikes.
#[derive(Default)]
pub struct SynapsesPlugin;

impl Plugin for SynapsesPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Synapses>()
            .add_systems(Build, connect::make_synapses.in_set(NeuropilSystems::Connect))
            .add_systems(Step, (delivery::deliver_spikes, delivery::deliver_graded).chain().in_set(NeuropilSystems::Deliver));
    }
}
