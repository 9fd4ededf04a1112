//! The public order of things: three schedules and their sets.
//!
//! Users order their systems against [`NeuropilSystems`], never against our functions. `Step` runs on the single-threaded
//! executor: its systems are parallel inside, and twenty small ones cost well under a microsecond a pass.

use bevy_app::{App, Plugin};
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings, ScheduleLabel, SingleThreadedExecutor};

/// Runs once, when a network that was described is first advanced: lays it out in blocks and builds its synapses.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Build;

/// One pass advances the world by one time step.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step;

/// One pass every [`Clock::slice_steps`](crate::Clock::slice_steps) steps (about 1 ms): what need not run each step.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Slice;

/// Every public system set, in running order: the first three in [`Build`], the next six in [`Step`], the last three in [`Slice`].
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NeuropilSystems {
    /// Build: gives every neuron its block and the accumulators of its receptors.
    Arrange,
    /// Build: makes synapses.
    Connect,
    /// Build: everything else that needs the finished network, such as the constants of one step.
    Prepare,
    /// Step: changes inputs for this step (schedules of rates and currents).
    Stimulate,
    /// Step: adds the spikes that arrive in this step, and the values of graded synapses, to the receptors' accumulators; finds the
    /// currents of electrical synapses.
    Deliver,
    /// Step: advances the state of every neuron and notes who spikes.
    Integrate,
    /// Step: couples the potentials of neurons that electrical synapses join.
    Couple,
    /// Step: publishes the values that neurons transmit, and the spikes of this step in [`SpikeExchange`](crate::SpikeExchange).
    Emit,
    /// Step: reacts to the spikes of this step (recorders, learning rules).
    Learn,
    /// Slice: neuromodulators and other slow fields.
    Modulate,
    /// Slice: checks and meters (numerical faults, energy).
    Meter,
    /// Slice: recorders that sample, flushing, structural change.
    Record,
}

/// Creates the schedules and what every other plugin relies on.
#[derive(Default)]
pub struct CorePlugin;

impl Plugin for CorePlugin {
    fn build(&self, app: &mut App) {
        use NeuropilSystems::*;
        for mut schedule in [Schedule::new(Build), Schedule::new(Step), Schedule::new(Slice)] {
            schedule.set_executor(SingleThreadedExecutor::new()).set_build_settings(ScheduleBuildSettings {
                ambiguity_detection: LogLevel::Error,
                hierarchy_detection: LogLevel::Error,
                ..Default::default()
            });
            app.add_schedule(schedule);
        }
        app.configure_sets(Build, (Arrange, Connect, Prepare).chain())
            .configure_sets(Step, (Stimulate, Deliver, Integrate, Couple, Emit, Learn).chain())
            .configure_sets(Slice, (Modulate, Meter, Record).chain())
            .init_resource::<crate::Clock>()
            .init_resource::<crate::RunSettings>()
            .init_resource::<crate::Populations>()
            .init_resource::<crate::Layout>()
            .init_resource::<crate::Arrivals>()
            .init_resource::<crate::SpikeExchange>()
            .init_resource::<crate::Graded>()
            .init_resource::<crate::Coupling>()
            .init_resource::<crate::Team>()
            .init_resource::<crate::FaultReport>()
            .add_systems(Build, crate::layout::arrange.in_set(Arrange))
            .add_systems(Step, crate::spikes::publish_spikes.in_set(Emit));
    }
}
