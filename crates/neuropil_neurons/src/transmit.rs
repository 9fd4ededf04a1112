//! Publishing what neurons transmit in every step, for graded synapses.

use crate::kernel::ModelOf;
use crate::model::NeuronModel;
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::Schedules;
use neuropil_core::columns::StateColumns;
use neuropil_core::{Build, Clock, Graded, NeuronId, NeuropilSystems, Step};

/// Systems that publish: each writes the places of its own model's neurons.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
struct Publish;

/// Has the neurons of a model publish, at the end of every step and before the first.
pub(crate) fn add_systems<M: NeuronModel>(schedules: &mut Schedules) {
    schedules.add_systems(Build, (publish::<M>, begin).chain().in_set(NeuropilSystems::Prepare).ambiguous_with_all());
    schedules.add_systems(Step, publish::<M>.in_set(NeuropilSystems::Emit).in_set(Publish).ambiguous_with(Publish));
}

type Columns<'w, 's, M> = Query<'w, 's, (&'static NeuronId, <<M as NeuronModel>::State as StateColumns>::Query), With<ModelOf<M>>>;

/// Publishes the state variable that a model transmits.
fn publish<M: NeuronModel>(clock: Res<Clock>, mut graded: ResMut<Graded>, mut neurons: Columns<M>) {
    let Some(column) = M::TRANSMITS.filter(|_| !graded.is_empty()) else { return };
    let Ok(tables) = neurons.contiguous_iter_mut() else { return };
    let values = graded.bypass_change_detection().values_mut(clock.step());
    for (ids, columns) in tables {
        let pointers = M::State::pointers(columns);
        // SAFETY: the addresses are those of a table with a row for each id, which this system alone can reach while it runs; the values
        // are copied before anything else is done with them. Exercised by the tests of graded synapses.
        unsafe { M::State::copy_column(pointers, column, ids.len(), |row, value| values[ids[row].0 as usize] = value) };
    }
}

/// What neurons transmit at the beginning, they transmitted before it.
fn begin(mut graded: ResMut<Graded>) {
    graded.fill_history();
}
