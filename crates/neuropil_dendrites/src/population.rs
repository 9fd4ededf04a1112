//! Adding cells: one entity for the population, one for each cell, one for each node of its tree, one for each instance of a mechanism.

use crate::advance::{CellPopulation, Cells};
use crate::energy::{EnergyMeter, Meter};
use crate::group::Group;
use crate::layer::{Layer, SpawnRequest, Stored};
use crate::mechanism::Calcium;
use crate::plan::{CellError, CellPlan};
use crate::real::{Precision, REFERENCE, Single};
use bevy_app::App;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::TransparentWrapper;
use neuropil_core::columns::{InSingle, StateColumns, StateVariable};
use neuropil_core::layout::{BLOCK_LIMIT, Share};
use neuropil_core::{Accepts, NeuronId, Population, Populations, Receptor, RunSettings, is_built};
use neuropil_neurons::coupling::ExplicitCoupling;
use neuropil_neurons::state::PreciseMembranePotential;
use neuropil_neurons::{Members, MembraneCapacitance, PopulationError};
use neuropil_units::Dimension;
use std::borrow::Cow;

use crate::solver::lanes::LANES;
use crate::view::views;

/// Potential of a compartment's membrane, in mV; in single precision [`InSingle`] of it stands in its place.
#[derive(Component, Reflect, TransparentWrapper, Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
#[reflect(Component)]
#[repr(transparent)]
pub struct CompartmentPotential(pub f64);

impl StateVariable for CompartmentPotential {
    type Inner = f64;
    const NAME: &'static str = "membrane_potential";
    const UNIT: &'static str = "mV";
    const DIMENSION: Dimension = Dimension::POTENTIAL;
    const REFERENCE: f64 = REFERENCE;
}

impl CompartmentPotential {
    /// The potential of a compartment in whatever precision its cell has, mV.
    pub fn of(compartment: EntityRef) -> Option<f64> {
        let double = compartment.get::<Self>().map(|potential| potential.0);
        double.or_else(|| compartment.get::<InSingle<Self>>().map(InSingle::value))
    }
}

/// Work of a step that is worth a worker of its own, ns: what the layout of the network gives each.
const WORKER_NS: f64 = 6000.0;

/// Dense number of a node of a cell's tree, over all cells, in the solver's order.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct CompartmentId(pub u32);

/// The cell that a compartment belongs to, and its node in the cell's tree.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompartmentOf {
    /// The cell.
    pub cell: Entity,
    /// The node.
    pub node: u32,
}

/// The compartments of a cell, by node.
#[derive(Component, Clone, Debug)]
pub struct Compartments(pub Vec<Entity>);

/// Why cells cannot be added.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CellsError {
    /// The population is refused as one of point neurons would be.
    #[error(transparent)]
    Population(#[from] PopulationError),
    /// A plan is refused.
    #[error("population `{population}`: {error}")]
    Cell {
        /// Name of the population.
        population: String,
        /// Why.
        error: CellError,
    },
    /// Plans of one population paint different mechanisms.
    #[error("population `{0}`: all its cells must have the same precision, mechanisms, receptors and electrodes, in the same order")]
    Unlike(String),
    /// Too many places where spikes arrive.
    #[error("population `{population}`: a cell has {found} places where spikes arrive; at most {most} are possible")]
    TooManyPlaces {
        /// Name of the population.
        population: String,
        /// Places of a cell.
        found: usize,
        /// The limit.
        most: usize,
    },
}

/// Cells to add.
pub struct CellsRequest {
    /// Name of the population, unique in the network.
    pub name: String,
    /// Kinds of cells, with the same mechanisms in the same order.
    pub plans: Vec<CellPlan>,
    /// The plan of each cell; at least one.
    pub plan_of: Vec<u32>,
}

/// Adding cells from Rust; implemented for [`App`] and [`World`].
pub trait AddCells {
    /// Adds a population of cells.
    ///
    /// # Errors
    /// See [`CellsError`].
    fn add_cells(&mut self, request: CellsRequest) -> Result<Entity, CellsError>;
}

impl AddCells for App {
    fn add_cells(&mut self, request: CellsRequest) -> Result<Entity, CellsError> {
        self.world_mut().add_cells(request)
    }
}

impl AddCells for World {
    fn add_cells(&mut self, request: CellsRequest) -> Result<Entity, CellsError> {
        match request.plans.first().map(|plan| plan.precision) {
            Some(Precision::Single) => spawn::<Single>(self, request),
            _ => spawn::<f64>(self, request),
        }
    }
}

fn receptors(plan: &CellPlan) -> (Vec<Receptor>, Vec<usize>, Vec<Option<usize>>) {
    let (mut receptors, mut channels, mut of_layer, mut next) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for painting in &plan.paintings {
        let Some(receives) = painting.entry.receives else {
            of_layer.push(None);
            continue;
        };
        let name = painting.receptor.clone().unwrap_or_else(|| painting.entry.name.to_string());
        receptors.push(Receptor { name: Cow::Owned(name), unit: receives.unit, dimension: receives.dimension, accepts: Accepts::Positive });
        channels.push(next);
        of_layer.push(Some(next));
        next += painting.nodes.len();
    }
    (receptors, channels, of_layer)
}

fn spawn<R: Stored>(world: &mut World, request: CellsRequest) -> Result<Entity, CellsError> {
    let CellsRequest { name, plans, plan_of } = request;
    let size = plan_of.len() as u32;
    if is_built(world) {
        return Err(PopulationError::Late(name).into());
    }
    let first = world.resource::<Populations>().neurons();
    if size == 0 || first.checked_add(size).is_none() {
        return Err(PopulationError::Size { name, size }.into());
    }
    if world.query::<&Population>().iter(world).any(|p| p.name == name) {
        return Err(PopulationError::Duplicate(name).into());
    }
    let outline = |plan: &CellPlan| {
        (
            plan.precision,
            plan.electrodes.len(),
            plan.paintings.iter().map(|p| (p.entry.name.clone(), p.receptor.clone())).collect::<Vec<_>>(),
        )
    };
    if plan_of.iter().any(|plan| plans.get(*plan as usize).is_none()) || plans.iter().any(|plan| outline(plan) != outline(&plans[0])) {
        return Err(CellsError::Unlike(name));
    }
    // Channels of a receptor are numbered as in the plan that has most places for it.
    let (known, mut channel, mut of_layer) = receptors(&plans[0]);
    let places = |layer: usize| plans.iter().map(|plan| plan.paintings[layer].nodes.len()).max().unwrap_or(0);
    let (mut channels, mut places_of_receptors) = (0, Vec::new());
    for (number, (layer, first)) in of_layer.iter_mut().enumerate().filter(|(_, first)| first.is_some()).enumerate() {
        (*first, channel[number]) = (Some(channels), channels);
        channels += places(layer);
        places_of_receptors.push(places(layer) as u32);
    }
    let share = Share { size, channels, group: LANES as u32 };
    if !share.fits() {
        return Err(CellsError::TooManyPlaces { population: name, found: channels, most: BLOCK_LIMIT as usize / LANES });
    }

    let groups: Vec<Group<R>> = Group::all(&plans, &plan_of);
    let potential_at_detector = |plan: u32| PreciseMembranePotential(plans[plan as usize].initial[plans[plan as usize].detector as usize]);
    let cells: Vec<Entity> = world
        .spawn_batch(plan_of.iter().zip(first..).map(|(plan, id)| (NeuronId(id), CellOf, potential_at_detector(*plan))).collect::<Vec<_>>())
        .collect();
    let first_id = world.query::<&CompartmentId>().iter(world).count() as u32;
    let first_row = world.query::<<R::Columns<(CompartmentPotential,)> as StateColumns>::Query>().iter_mut(world).count() as u32;
    let mut rows = Vec::new();
    for group in &groups {
        let start = rows.len();
        rows.resize(start + group.rows, (CompartmentPotential(0.0), CompartmentOf { cell: Entity::PLACEHOLDER, node: 0 }));
        for (cell, index) in group.cells.clone().enumerate() {
            let plan = &plans[group.plan_of(cell)];
            for (node, potential) in plan.initial.iter().enumerate() {
                let of = CompartmentOf { cell: cells[index as usize], node: node as u32 };
                rows[start + group.row(cell, node as u32)] = (CompartmentPotential(*potential), of);
            }
        }
    }
    let bundles = rows.into_iter().zip(first_id..).map(|((potential, of), id)| (CompartmentId(id), R::columns((potential,)), of));
    let compartments: Vec<Entity> = world.spawn_batch(bundles.collect::<Vec<_>>()).collect();
    for group in &groups {
        for (cell, index) in group.cells.clone().enumerate() {
            let nodes = plans[group.plan_of(cell)].tree.len() as u32;
            let own = (0..nodes).map(|node| compartments[group.start + group.row(cell, node)]).collect();
            world.entity_mut(cells[index as usize]).insert(Compartments(own));
        }
    }
    // Pools of calcium are advanced first, and mechanisms that sit in the same places one after another.
    let is_pool = |layer: &usize| plans[0].paintings[*layer].entry.calcium == Calcium::Pool;
    let mut order: Vec<usize> = (0..plans[0].paintings.len()).collect();
    let alike = |one: usize, other: usize| plans.iter().all(|plan| plan.paintings[one].nodes == plan.paintings[other].nodes);
    let leaders: Vec<usize> = order.iter().map(|layer| (0..*layer).find(|other| alike(*layer, *other)).unwrap_or(*layer)).collect();
    order.sort_by_key(|layer| (!is_pool(layer), leaders[*layer]));
    let pools = order.iter().filter(|layer| is_pool(layer)).count();
    let meter = world.get_resource::<EnergyMeter>().map(|settings| Meter::new(*settings, &plans, &groups, &order));
    let layers: Vec<Box<dyn Layer<R>>> = order
        .iter()
        .map(|layer| {
            let layer = *layer;
            let paintings: Vec<_> = plans.iter().map(|plan| &plan.paintings[layer]).collect();
            let by_plan: Vec<_> = paintings.iter().map(|painting| (&painting.nodes[..], &*painting.painted)).collect();
            R::spawn(&*paintings[0].painted, world, &SpawnRequest { groups: &groups, plans: &by_plan, channel: of_layer[layer] })
        })
        .collect();
    let views = views(&layers, groups.len(), meter.is_some());

    let index = world.resource::<Populations>().entities().len();
    let own_name = name.clone();
    let population = Population {
        name,
        model: "Cells".into(),
        first,
        size,
        index,
        channels,
        group: LANES as u32,
        receptors: known,
        channel,
        transmits: None,
        couples: true,
        emits_only: false,
        places: places_of_receptors,
        resets: false,
    };
    let capacitance = plan_of.iter().map(|plan| plans[*plan as usize].detector_capacitance()).collect();
    let entity = world.spawn((population, Members(cells), MembraneCapacitance(capacitance), ExplicitCoupling)).id();
    world.resource_mut::<Populations>().push(entity, size);
    let of_double: f64 = plan_of.iter().map(|plan| plans[*plan as usize].step_ns).sum();
    let step_ns = if R::PRECISION == Precision::Single { of_double / 2.0 } else { of_double };
    // A group is one worker's: what it takes beyond a worker's worth keeps no second one busy.
    world.resource_mut::<RunSettings>().expected_step_ns += step_ns.min(WORKER_NS * groups.len() as f64);
    world.resource_mut::<Cells<R>>().populations.push(CellPopulation {
        entity,
        name: own_name,
        index,
        first,
        first_row,
        groups,
        layers,
        views,
        order,
        size,
        pools,
        meter,
    });
    Ok(entity)
}

/// Marks the entities of cells.
#[derive(Component)]
pub struct CellOf;
