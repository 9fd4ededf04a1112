//! Poisson input whose rate changes: the tables of a drive are made beforehand, and put in place at their step.

use super::poisson::{PoissonDrives, PoissonTable};
use bevy_ecs::prelude::*;
use neuropil_core::Clock;

/// All rates that are still to come.
#[derive(Resource, Debug, Default)]
pub(crate) struct RateSchedules(pub(crate) Vec<RateSchedule>);

/// The rates of one drive.
#[derive(Debug)]
pub(crate) struct RateSchedule {
    /// The population, and which of its drives.
    pub(crate) population: Entity,
    pub(crate) drives: Vec<usize>,
    /// First steps, ascending, and tables; `None` where the rate is 0.
    pub(crate) changes: Vec<(u64, Option<PoissonTable>)>,
    pub(crate) next: usize,
}

/// Puts the rates of this step in place.
pub(crate) fn switch_rates(clock: Res<Clock>, mut schedules: ResMut<RateSchedules>, mut populations: Query<&mut PoissonDrives>) {
    let step = clock.step();
    for RateSchedule { population, drives, changes, next } in &mut schedules.bypass_change_detection().0 {
        let due = *next + changes[*next..].partition_point(|(first, _)| *first <= step);
        if due == *next {
            continue;
        }
        *next = due;
        let (Some((_, table)), Ok(mut all)) = (changes.get(due - 1), populations.get_mut(*population)) else { continue };
        for drive in drives {
            let Some(drive) = all.0.get_mut(*drive) else { continue };
            drive.active = table.is_some();
            if let Some(table) = table {
                drive.table = table.clone();
            }
        }
    }
}
