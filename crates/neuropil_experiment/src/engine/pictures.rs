//! Cells that are kept to be drawn: the potentials of all compartments of a cell at some moments.

use super::cells::compartment;
use super::record::Recording;
use crate::plan::{Plan, PopulationPlan, RecorderPlan};
use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_ecs::resource::IsResource;
use neuropil_core::Clock;
use neuropil_dendrites::{CompartmentId, CompartmentPotential};
use neuropil_neurons::Members;
use neuropil_record::{Pace, PaintedCell};

/// Which cells a run keeps to draw. Where an app has no such resource it keeps none, whatever recorders say: pictures cost time and memory, and are made where
/// results are written.
#[derive(Resource, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawnCells {
    /// Those that recorders name.
    Named,
    /// Those that recorders name; if none is named, the first cell of each population of cells with dendrites, of four at most, over the whole run.
    Any,
}

/// Populations whose first cell is drawn where no recorder names one.
const MOST_POPULATIONS: usize = 4;
/// Potentials that are kept for these in all: 8 MB.
const MOST_VALUES: usize = 2_000_000;
/// Moments that are kept of each of these; few where a cell has very many compartments.
const MOMENTS: (usize, usize) = (8, 4000);

/// A cell that is kept to be drawn.
pub struct Painting {
    /// Name of the recorder, or of the population where no recorder names a cell.
    pub name: String,
    /// What was kept so far.
    pub cell: PaintedCell,
    /// Its compartments, in the order of the pieces.
    entities: Vec<Entity>,
    /// The steps at which it is looked at, ascending.
    steps: Vec<u64>,
}

impl Painting {
    /// Keeps the potentials if this is one of its steps.
    fn look(&mut self, clock: &Clock, potential: impl Fn(Entity) -> Option<f64>) {
        if self.steps.get(self.cell.times_ms.len()) != Some(&clock.step()) {
            return;
        }
        self.cell.times_ms.push(clock.now().0);
        // A compartment that is gone has no potential.
        self.cell.potentials.extend(self.entities.iter().map(|entity| potential(*entity).map_or(f32::NAN, |value| value as f32)));
    }
}

/// The paintings of a run, before its first step.
pub(super) fn paintings(plan: &Plan, app: &App, entities: &[Entity]) -> Vec<Painting> {
    let Some(drawn) = app.world().get_resource::<DrawnCells>() else { return Vec::new() };
    let named: Vec<Painting> = plan.recorders.iter().filter_map(|recorder| named(recorder, plan, app, entities)).collect();
    let asked = plan.recorders.iter().any(|recorder| matches!(recorder, RecorderPlan::Cell { .. }));
    if asked || *drawn == DrawnCells::Named {
        return named;
    }
    let of_cells = || plan.populations.iter().enumerate().filter(|(_, population)| population.cells.is_some()).take(MOST_POPULATIONS);
    let share = MOST_VALUES / of_cells().count().max(1);
    let first = |(index, population): (usize, &PopulationPlan)| {
        let compartments = population.cells.as_ref()?.kinds.first()?.shape.len();
        let moments = (share / compartments.max(1)).clamp(MOMENTS.0, MOMENTS.1);
        let steps = spread((0, plan.steps()), moments);
        painting(&population.name, plan, app, entities, (index, 0), steps, Pace::ByChange)
    };
    of_cells().filter_map(first).collect()
}

fn named(recorder: &RecorderPlan, plan: &Plan, app: &App, entities: &[Entity]) -> Option<Painting> {
    let RecorderPlan::Cell { name, of, neuron, start_ms, stop_ms, frames, .. } = recorder else { return None };
    let step = |time_ms: f64| (time_ms / plan.time_step_ms).round() as u64;
    let (start, stop) = (step(*start_ms), step(*stop_ms));
    let mut steps = spread((start, stop), *frames);
    steps.retain(|step| *step <= plan.steps());
    if steps.is_empty() {
        return None;
    }
    painting(name, plan, app, entities, (*of, *neuron), steps, Pace::Even)
}

/// So many steps at most, evenly from the first to the last.
fn spread((first, last): (u64, u64), count: usize) -> Vec<u64> {
    let whole = last.saturating_sub(first);
    let count = (count as u64).min(whole.saturating_add(1)).max(1);
    let at = |number: u64| first + (u128::from(whole) * u128::from(number) / u128::from((count - 1).max(1))) as u64;
    (0..count).map(at).collect()
}

fn painting(
    name: &str,
    plan: &Plan,
    app: &App,
    entities: &[Entity],
    (index, neuron): (usize, u32),
    steps: Vec<u64>,
    pace: Pace,
) -> Option<Painting> {
    let population = plan.populations.get(index)?;
    let cells = population.cells.as_ref()?;
    let kind = cells.kinds.get(cells.kind_of(neuron as usize))?;
    let cell = *app.world().get::<Members>(*entities.get(index)?)?.0.get(neuron as usize)?;
    let compartments = kind.shape.len() as u32;
    let entities: Vec<Entity> = (0..compartments).filter_map(|number| compartment(app, kind, cell, number)).collect();
    let drawing = kind.shape.origin.drawing();
    if drawing.pieces.len() != entities.len() {
        return None;
    }
    let mut caption = format!("{}[{neuron}], {compartments} compartment{}", population.name, if compartments == 1 { "" } else { "s" });
    if drawing.is_schematic {
        caption += " as a diagram: their lengths are to scale, their places are not known";
    }
    let cell = PaintedCell {
        pieces: drawing.pieces,
        times_ms: Vec::with_capacity(steps.len()),
        potentials: Vec::new(),
        probe: kind.detector as usize,
        probe_name: kind.shape.called(kind.detector),
        y_down: drawing.y_down,
        pace,
        caption,
    };
    Some(Painting { name: name.to_string(), cell, entities, steps })
}

/// Looks at the cells after each step.
pub(super) fn look_at_cells(
    clock: Res<Clock>,
    recording: Option<ResMut<Recording>>,
    compartments: Query<EntityRef, (With<CompartmentId>, Without<IsResource>)>,
) {
    let Some(mut recording) = recording.filter(|recording| !recording.paintings.is_empty()) else { return };
    for painting in &mut recording.paintings {
        painting.look(&clock, |entity| compartments.get(entity).ok().and_then(CompartmentPotential::of));
    }
}

/// Looks at the cells before the first step.
pub(super) fn look_at_start(world: &World, paintings: &mut [Painting]) {
    for painting in paintings {
        painting.look(world.resource::<Clock>(), |entity| world.get_entity(entity).ok().and_then(CompartmentPotential::of));
    }
}

#[cfg(test)]
mod tests {
    use super::spread;

    /// Claim: steps are spread evenly, the first and the last among them, and none is looked at twice. Source: definition. Tolerance: none.
    #[test]
    fn steps_are_spread_evenly() {
        assert_eq!(spread((0, 100), 5), [0, 25, 50, 75, 100]);
        assert_eq!(spread((10, 12), 120), [10, 11, 12]);
        assert_eq!(spread((7, 7), 3), [7]);
        let many = spread((0, 1 << 53), 4000);
        assert!(many.len() == 4000 && many.windows(2).all(|pair| pair[0] < pair[1]) && many[3999] == 1 << 53);
    }
}
