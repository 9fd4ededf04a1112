//! Projections, connection rules and spike delivery.
pub mod connect;
pub mod delivery;
pub mod projection;

use bevy_app::{App, Plugin};
use bevy_ecs::prelude::*;
use neuropil_core::{Build, NeuropilSystems, Step};

pub use delivery::Synapses;
pub use projection::{Allowed, Connect, ConnectionRule, ExplicitSynapse, Projection, ProjectionError, SynapseCount, VARIABLES};

/// Builds projections and delivers spikes.
#[derive(Default)]
pub struct SynapsesPlugin;

impl Plugin for SynapsesPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Synapses>()
            .add_systems(Build, connect::make_synapses.in_set(NeuropilSystems::Connect))
            .add_systems(Step, delivery::deliver_spikes.in_set(NeuropilSystems::Deliver));
    }
}
