//! Recorders in the world: spikes are metered at every step, and kept, with sampled variables, where the experiment asks for it.

use super::pictures::{Painting, look_at_cells, look_at_start};
use bevy_app::{App, Plugin};
use bevy_ecs::prelude::*;
use bevy_ecs::resource::IsResource;
use neuropil_core::columns::StateDescription;
use neuropil_core::{Clock, Fault, FaultReport, NeuronId, NeuropilSystems, SpikeExchange, Step};
use neuropil_dendrites::{CompartmentId, InstanceId};
use neuropil_record::{SpikeMeter, SpikeTable, TraceTable};

/// Meters and tables of a run.
#[derive(Resource)]
pub struct Recording {
    /// Rates, intervals and the digest of all spikes.
    pub meter: SpikeMeter,
    /// The spikes kept, if any are.
    pub spikes: Option<SpikeTable>,
    /// The variables sampled.
    pub traces: Vec<Trace>,
    /// The cells kept to be drawn.
    pub paintings: Vec<Painting>,
}

/// One variable of some neurons, sampled at an interval.
pub struct Trace {
    /// Name of the recorder.
    pub name: String,
    /// The samples.
    pub table: TraceTable,
    /// Steps between samples.
    pub interval: u64,
    /// The neurons' entities, in the order of the table.
    pub entities: Vec<Entity>,
    /// The variable.
    pub variable: StateDescription,
}

/// Adds the systems that fill a [`Recording`], where there is one.
#[derive(Default)]
pub struct RecordingPlugin;

impl Plugin for RecordingPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Step, (record_spikes, sample_variables, look_at_cells).chain().in_set(NeuropilSystems::Learn));
    }
}

fn record_spikes(clock: Res<Clock>, exchange: Res<SpikeExchange>, recording: Option<ResMut<Recording>>) {
    let spikes = exchange.spikes();
    let Some(mut recording) = recording.filter(|_| !spikes.is_empty()) else { return };
    recording.meter.record_step(clock.step(), spikes);
    if let Some(table) = &mut recording.spikes {
        table.push(clock.step(), spikes);
    }
}

type Sampled<'w, 's> =
    Query<'w, 's, EntityRef<'static>, (Or<(With<NeuronId>, With<CompartmentId>, With<InstanceId>)>, Without<IsResource>)>;

fn sample_variables(
    clock: Res<Clock>,
    faults: Res<FaultReport>,
    recording: Option<ResMut<Recording>>,
    neurons: Sampled,
    mut sample: Local<Vec<f64>>,
) {
    let Some(mut recording) = recording.filter(|r| !r.traces.is_empty()) else { return };
    for trace in &mut recording.traces {
        if !clock.step().is_multiple_of(trace.interval) {
            continue;
        }
        sample.clear();
        // A neuron that is gone has no value.
        sample.extend(trace.entities.iter().map(|entity| neurons.get(*entity).ok().and_then(trace.variable.read).unwrap_or(f64::NAN)));
        if let Err(error) = trace.table.push(clock.step(), &sample) {
            faults.report(Fault::Other(format!("recorder `{}`: {error}", trace.name)));
        }
    }
}

/// Samples all traces at the present step, before the first is computed.
pub(crate) fn sample_start(world: &mut World) {
    let Some(mut recording) = world.remove_resource::<Recording>() else { return };
    for trace in &mut recording.traces {
        let read = |entity: &Entity| world.get_entity(*entity).ok().and_then(trace.variable.read).unwrap_or(f64::NAN);
        let sample: Vec<f64> = trace.entities.iter().map(read).collect();
        // The table was made for these entities, so the lengths agree.
        let _ = trace.table.push(world.resource::<Clock>().step(), &sample);
    }
    look_at_start(world, &mut recording.paintings);
    world.insert_resource(recording);
}
