//! What drives neurons from outside: Poisson input, lists of spikes, currents. One file a stimulus.

pub mod current;
pub mod normal;
pub mod poisson;
pub(crate) mod poisson_schedule;
mod prepare;
pub(crate) mod spike_list;
pub mod stimulus;
pub(crate) mod targets;

use bevy_app::{App, Plugin};
use bevy_ecs::prelude::*;
use neuropil_core::{Build, NeuropilSystems, Step};

/// Makes stimuli known to the engine, and has them act.
#[derive(Default)]
pub struct StimuliPlugin;

impl Plugin for StimuliPlugin {
    fn build(&self, app: &mut App) {
        // In a fixed order, for some write the same things; no result depends on it.
        let stimulate =
            (poisson_schedule::switch_rates, spike_list::deliver_lists, current::sum_currents, spike_list::fire_sources).chain();
        app.init_resource::<stimulus::Stimuli>()
            .init_resource::<poisson_schedule::RateSchedules>()
            .init_resource::<spike_list::SpikeLists>()
            // Touches nothing but what stimuli own, so its order among others that prepare does not matter.
            .add_systems(Build, prepare::prepare_stimuli.in_set(NeuropilSystems::Prepare).ambiguous_with_all())
            .add_systems(Step, stimulate.in_set(NeuropilSystems::Stimulate));
    }
}
