//! Cells with dendrites become entities.

use super::spawn::{places, refused};
use crate::cells::{CellKind, CellsPlan, MechanismPlan};
use crate::error::ExperimentError;
use crate::plan::{Assigned, Plan, PopulationPlan};
use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::columns::{StateColumns, StateDescription};
use neuropil_core::{Position, Registry};
use neuropil_dendrites::{AddCells, CellPlan, CellsRequest, CompartmentPotential, Compartments, InstanceVariable, MechanismEntry};
use neuropil_neurons::Members;
use neuropil_neurons::state::PreciseMembranePotential;
use neuropil_units::{Kelvin, MicrofaradsPerSquareCentimeter, Milliseconds, Millivolts, Quantity};

/// Spawns a population of cells.
pub(super) fn spawn(app: &mut App, plan: &Plan, index: u32, cells: &CellsPlan) -> Result<Entity, ExperimentError> {
    let population = &plan.populations[index as usize];
    // Kinds that no cell has are not made.
    let used = cells.kinds.iter().take(population.size);
    let plans = used.map(|kind| cell(app, plan, population, cells, kind)).collect::<Result<_, _>>()?;
    let plan_of = (0..population.size).map(|cell| cells.kind_of(cell) as u32).collect();
    let request = CellsRequest { name: population.name.clone(), plans, plan_of };
    let entity = app.add_cells(request).map_err(|error| refused(&population.place, error))?;
    if let Some(positions) = &population.positions
        && let Some(members) = app.world().get::<Members>(entity)
    {
        let places = places(positions, population.size, plan.seed, index);
        let placed: Vec<_> = members.0.iter().copied().zip(places.into_iter().map(Position)).collect();
        app.world_mut().insert_batch(placed);
    }
    Ok(entity)
}

fn cell(app: &App, plan: &Plan, population: &PopulationPlan, cells: &CellsPlan, kind: &CellKind) -> Result<CellPlan, ExperimentError> {
    let shape = &kind.shape;
    let refuse = |error: neuropil_dendrites::CellError| refused(&population.place, error);
    let mut made = CellPlan::new(
        shape.tree.clone(),
        Milliseconds(plan.time_step_ms),
        cells.method,
        Kelvin(cells.temperature_kelvin),
        Millivolts(kind.potential.first().copied().unwrap_or(-65.0)),
    )
    .map_err(refuse)?;
    made.set_precision(cells.precision);
    let node = |compartment: &u32| shape.nodes.get(*compartment as usize).copied().unwrap_or(0);
    for (compartment, (capacitance, potential)) in (0..).zip(kind.capacitance.iter().zip(&kind.potential)) {
        let node = [node(&compartment)];
        made.set_capacitance(&node, MicrofaradsPerSquareCentimeter::from_coherent(*capacitance)).map_err(refuse)?;
        made.set_potential(&node, Millivolts(*potential));
    }
    for mechanism in &kind.mechanisms {
        let registry = app.world().get_resource::<Registry<MechanismEntry>>();
        let registered = || registry.and_then(|registry| registry.get(&mechanism.mechanism));
        let Some(entry) = mechanism.declared.as_deref().or_else(registered) else {
            return Err(refused(&mechanism.place, format!("`{}` is not registered", mechanism.mechanism)));
        };
        let assigned = |value: &Assigned| match value {
            Assigned::Shared(value) => neuropil_neurons::Assigned::Shared(*value),
            Assigned::Listed(values) => neuropil_neurons::Assigned::Listed(values.clone()),
            Assigned::Choice(name) => neuropil_neurons::Assigned::Choice(name.clone()),
            Assigned::PerNeuron(_) => neuropil_neurons::Assigned::Listed(Vec::new()),
        };
        let parameters: Vec<_> = mechanism.parameters.iter().map(|p| (p.name.clone(), assigned(&p.value))).collect();
        let nodes: Vec<u32> = mechanism.compartments.iter().map(node).collect();
        let receptor = mechanism.receives.then_some(mechanism.name.as_str());
        made.paint(entry, receptor, &nodes, &parameters).map_err(|error| refused(&mechanism.place, error))?;
    }
    made.set_detector(node(&kind.detector), Millivolts(cells.threshold_mv));
    for electrode in &kind.electrodes {
        made.add_electrode(node(electrode));
    }
    Ok(made)
}

/// What a recorder reads of a cell, or of one of its compartments.
pub(super) fn variable(name: &str, of_compartment: bool) -> Option<StateDescription> {
    let known = if of_compartment { <(CompartmentPotential,)>::describe() } else { <(PreciseMembranePotential,)>::describe() };
    known.into_iter().find(|variable| variable.name == name)
}

/// Of a variable of a channel or receptor, `name.variable`: the number of its painting, and how it is read.
pub(super) fn instance_variable(app: &App, kind: &CellKind, mechanism: usize, name: &str) -> Option<(usize, InstanceVariable)> {
    let registry = app.world().get_resource::<Registry<MechanismEntry>>()?;
    let entry = |own: &'_ MechanismPlan| own.declared.as_deref().or_else(|| registry.get(&own.mechanism)).cloned();
    let own = kind.mechanisms.get(mechanism)?;
    let variable = name.strip_prefix(&own.name)?.strip_prefix('.')?;
    let found = entry(own)?.variables().into_iter().find(|known| known.name == variable)?;
    // What is constant has no state and makes no painting.
    let painting = kind.mechanisms.iter().take(mechanism).filter(|own| entry(own).is_some_and(|entry| !entry.state.is_empty())).count();
    Some((painting, found))
}

/// The entity of a compartment of a cell of a kind.
pub(super) fn compartment(app: &App, kind: &CellKind, cell: Entity, compartment: u32) -> Option<Entity> {
    let node = *kind.shape.nodes.get(compartment as usize)?;
    app.world().get::<Compartments>(cell)?.0.get(node as usize).copied()
}
