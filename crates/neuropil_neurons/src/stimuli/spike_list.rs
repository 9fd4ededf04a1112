//! Lists of spikes: each spike reaches its targets at the step of its time plus its delay.
//!
//! Weights are added to the wide accumulators before synapses deliver; neurons that are sources are asked for a spike at the step of
//! the spike itself.

use super::current::InjectedCurrent;
use bevy_ecs::prelude::*;
use neuropil_core::{Arrivals, Clock, Layout, Population};

/// All lists of spikes that are still to come.
#[derive(Resource, Debug, Default)]
pub(crate) struct SpikeLists {
    pub(crate) to_receptors: Vec<ToReceptors>,
    pub(crate) to_sources: Vec<ToSources>,
}

/// When, and which target; `None` stands for all.
pub(crate) type Event = (u64, Option<u32>);

/// Spikes for the receptors of one population.
#[derive(Debug)]
pub(crate) struct ToReceptors {
    /// Steps of arrival, ascending, and indices into `targets`.
    pub(crate) events: Vec<Event>,
    pub(crate) next: usize,
    /// Index within the population, channel and weight.
    pub(crate) targets: Vec<(u32, u32, f32)>,
    /// Number of the population.
    pub(crate) population: usize,
}

/// Spikes of neurons that are sources.
#[derive(Debug)]
pub(crate) struct ToSources {
    /// Steps, ascending, and indices into `targets`.
    pub(crate) events: Vec<Event>,
    pub(crate) next: usize,
    /// Indices within the population.
    pub(crate) targets: Vec<u32>,
    /// The population.
    pub(crate) population: Entity,
}

/// The events of a step; earlier ones are passed over.
fn due<'a>(events: &'a [Event], next: &mut usize, step: u64) -> &'a [Event] {
    let begin = *next + events[*next..].partition_point(|(at, _)| *at < step);
    *next = begin + events[begin..].partition_point(|(at, _)| *at == step);
    &events[begin..*next]
}

/// Adds the listed spikes that arrive in this step to the accumulators.
pub(crate) fn deliver_lists(clock: Res<Clock>, layout: Res<Layout>, mut arrivals: ResMut<Arrivals>, mut lists: ResMut<SpikeLists>) {
    if lists.to_receptors.is_empty() {
        return;
    }
    let blocks = arrivals.blocks();
    for ToReceptors { events, next, targets, population } in &mut lists.bypass_change_detection().to_receptors {
        for (_, target) in due(events, next, clock.step()) {
            let chosen = match target {
                Some(k) => &targets[*k as usize..=*k as usize],
                None => targets,
            };
            for (index, channel, weight) in chosen {
                let (block, accumulator) = layout.place(*population, *index, *channel);
                let block = &mut blocks[block as usize];
                block.wide[usize::from(accumulator)] += weight;
                block.touch(usize::from(accumulator));
            }
        }
    }
}

/// Asks sources for the listed spikes of this step.
pub(crate) fn fire_sources(
    clock: Res<Clock>,
    mut lists: ResMut<SpikeLists>,
    mut populations: Query<&mut InjectedCurrent, With<Population>>,
) {
    let lists = &mut lists.bypass_change_detection().to_sources;
    // What was asked in the last step is taken back first, for a population may have several lists.
    for ToSources { events, next, targets, population } in lists.iter_mut() {
        let Ok(mut asked) = populations.get_mut(*population) else { continue };
        let asked = &mut asked.bypass_change_detection().0;
        let mut k = *next;
        while k > 0 && events[k - 1].0 + 1 == clock.step() {
            k -= 1;
            ask(asked, targets, events[k].1, 0.0);
        }
    }
    for ToSources { events, next, targets, population } in lists {
        let Ok(mut asked) = populations.get_mut(*population) else { continue };
        for (_, target) in due(events, next, clock.step()) {
            ask(&mut asked.bypass_change_detection().0, targets, *target, 1.0);
        }
    }
}

fn ask(asked: &mut [f32], targets: &[u32], target: Option<u32>, spikes: f32) {
    let chosen = match target {
        Some(k) => &targets[k as usize..=k as usize],
        None => targets,
    };
    for row in chosen {
        asked[*row as usize] = spikes;
    }
}
