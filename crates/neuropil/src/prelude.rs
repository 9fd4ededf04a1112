//! What most programs use: `use neuropil::prelude::*`.

pub use crate::NeuropilPlugins;
pub use bevy_app::prelude::*;
pub use bevy_ecs::prelude::*;
pub use neuropil_core::{
    Clock, Fault, NeuronId, NeuropilSystems, Population, Populations, Position, RunSettings, Simd, Simulate, Slice, SpikeExchange, Step,
};
pub use neuropil_neurons::state::*;
pub use neuropil_neurons::*;
pub use neuropil_synapses::{Allowed, Connect, ConnectionRule, Projection, ReadSynapses, Synapses, Transmission};
pub use neuropil_units::*;
