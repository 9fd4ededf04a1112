//! A mechanism painted on the cells of a population: one entity a compartment, in tables of the mechanism's own, in the solver's order.

use crate::constants::{ByInstance, Listed};
use crate::group::{Group, Shape};
use crate::mechanism::{Calcium, ConstantConductance, Mechanism, Membrane, PaintError, PaintRequest};
use crate::real::{Real, Single};
use crate::solver::lanes::LANES;
use crate::view::{GATHERED, gather, scatter};
use crate::work::{GroupWork, TakeLanes};
use bevy_ecs::prelude::*;
use bevy_ecs::query::QueryState;
use bevy_ecs::world::unsafe_world_cell::UnsafeWorldCell;
use bytemuck::Pod;
use neuropil_core::Simd;
use neuropil_core::columns::{Pointers, Shared, StateColumns};
use neuropil_core::simd::{Vectorised, vectorise};
use neuropil_neurons::Assigned;
use neuropil_neurons::model::{Setting, set_parameter};
use std::any::Any;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

/// Dense number of an instance of a mechanism, among those of its type and precision.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct InstanceId(pub u32);

/// Marks the instances of one mechanism.
#[derive(Component)]
pub struct InstanceOf<M: Mechanism>(PhantomData<fn() -> M>);

impl<M: Mechanism> Default for InstanceOf<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// An instance at a fork of a cell, where there is no membrane and nothing flows. Where all rows of a pool but forks have a mechanism, these fill the gaps, so
/// that one run of the kernel goes over all of them.
#[derive(Component, Clone, Copy, Debug)]
#[component(storage = "SparseSet")]
pub struct Filler;

/// A mechanism with parameters for one cell.
pub(crate) enum Painted {
    /// By place: conductance in mS/cm² and reversal potential in mV.
    Constant(Vec<(f64, f64)>),
    /// One with a state, to be downcast to [`PaintedOf`].
    Dynamic(Box<dyn Dynamic>),
}

/// Constants and initial state by place.
pub(crate) struct PaintedOf<M: Mechanism> {
    constants: Vec<M::Constants>,
    initial: Vec<M::State>,
    calcium: Vec<f64>,
}

/// What can be done with a painting without its type.
pub(crate) trait Dynamic: Any + Send + Sync {
    /// Makes the entities of a population's groups: the painting of each cell's plan, and by plan the nodes that are painted.
    fn spawn_double(&self, world: &mut World, request: &SpawnRequest<'_, f64>) -> Box<dyn Layer<f64>>;
    /// The same in single precision.
    fn spawn_single(&self, world: &mut World, request: &SpawnRequest<'_, Single>) -> Box<dyn Layer<Single>>;
    /// Of a pool, by place: calcium at the start, mM.
    fn calcium(&self) -> &[f64];
    fn as_any(&self) -> &dyn Any;
}

/// Numbers that cells are stored with.
pub(crate) trait Stored: Real {
    /// Makes a painting's entities, with these numbers.
    fn spawn(painted: &dyn Dynamic, world: &mut World, request: &SpawnRequest<'_, Self>) -> Box<dyn Layer<Self>>;
}

impl Stored for f64 {
    fn spawn(painted: &dyn Dynamic, world: &mut World, request: &SpawnRequest<'_, f64>) -> Box<dyn Layer<f64>> {
        painted.spawn_double(world, request)
    }
}

impl Stored for Single {
    fn spawn(painted: &dyn Dynamic, world: &mut World, request: &SpawnRequest<'_, Single>) -> Box<dyn Layer<Single>> {
        painted.spawn_single(world, request)
    }
}

/// What a layer is spawned from.
pub(crate) struct SpawnRequest<'a, R> {
    pub(crate) groups: &'a [Group<R>],
    /// By plan: nodes and painting.
    pub(crate) plans: &'a [(&'a [u32], &'a dyn Dynamic)],
    /// First channel of arrivals, if spikes arrive.
    pub(crate) channel: Option<usize>,
}

/// What the step does with a layer.
pub(crate) trait Layer<R>: Send + Sync {
    /// Finds the table of this step.
    ///
    /// # Safety
    /// The cell must allow mutable access to the components of this mechanism, and nobody else may use them until the step is done.
    unsafe fn locate(&mut self, world: UnsafeWorldCell<'_>) -> Result<(), String>;
    /// The entity of an instance: of a cell of a group, counted within it, at a node that has a row; of a declared channel, that of one of its states.
    fn entity(&self, group: usize, cell: usize, node: u32, row: u32, state: usize) -> Option<Entity>;
    /// Advances one group by a step.
    ///
    /// # Safety
    /// `locate` must have succeeded in this step, and no other thread may advance the same group.
    unsafe fn advance(&self, simd: Simd, group: usize, work: &mut GroupWork<'_, R>);
    /// The rows of its instances in a group whose cells are pooled, if it can be shown them side by side.
    fn listed(&self, _group: usize) -> Option<&[u32]> {
        None
    }
    /// Of a pool: keeps the calcium current of one group for the next step.
    ///
    /// # Safety
    /// As for [`advance`](Self::advance).
    unsafe fn keep_calcium_current(&self, group: usize, current: &[R]);
}

fn with_parameters<M: bevy_reflect::structs::Struct + Default>(request: &PaintRequest<'_>) -> Result<Vec<M>, PaintError> {
    let count = request.places.len();
    for (field, value) in request.parameters {
        if let Assigned::Listed(values) = value
            && values.len() != count
        {
            return Err(PaintError::Length { field: field.clone(), found: values.len(), expected: count });
        }
    }
    let make = |place: usize| {
        let mut made = M::default();
        for (field, value) in request.parameters {
            let setting = match value {
                Assigned::Shared(value) => Setting::Quantity(*value),
                Assigned::Listed(values) => Setting::Quantity(values[place]),
                Assigned::Choice(choice) => Setting::Choice(choice),
            };
            if !set_parameter(&mut made, field, &setting) {
                return Err(PaintError::Unknown(field.clone()));
            }
        }
        Ok(made)
    };
    (0..count).map(make).collect()
}

pub(crate) fn paint<M: Mechanism>(request: &PaintRequest<'_>) -> Result<Painted, PaintError> {
    let parameters = with_parameters::<M>(request)?;
    let constants = parameters.iter().zip(request.places).map(|(own, place)| own.constants(place)).collect::<Result<_, _>>()?;
    let initial = parameters.iter().zip(request.places).map(|(own, place)| own.initial_state(place)).collect();
    let calcium = parameters.iter().filter_map(|own| own.initial_calcium()).map(|calcium| calcium.0).collect();
    Ok(Painted::Dynamic(Box::new(PaintedOf::<M> { constants, initial, calcium })))
}

pub(crate) fn paint_constant<M: ConstantConductance>(request: &PaintRequest<'_>) -> Result<Painted, PaintError> {
    let parameters = with_parameters::<M>(request)?;
    Ok(Painted::Constant(parameters.iter().map(ConstantConductance::conductance).collect::<Result<_, _>>()?))
}

impl<M: Mechanism> Dynamic for PaintedOf<M> {
    fn calcium(&self) -> &[f64] {
        &self.calcium
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn spawn_double(&self, world: &mut World, request: &SpawnRequest<'_, f64>) -> Box<dyn Layer<f64>> {
        self.spawn(world, request)
    }

    fn spawn_single(&self, world: &mut World, request: &SpawnRequest<'_, Single>) -> Box<dyn Layer<Single>> {
        self.spawn(world, request)
    }
}

impl<M: Mechanism> PaintedOf<M> {
    fn spawn<R: Real>(&self, world: &mut World, request: &SpawnRequest<'_, R>) -> Box<dyn Layer<R>> {
        let of_plan = |plan: usize| {
            let (nodes, painting) = request.plans[plan];
            painting.as_any().downcast_ref::<Self>().map(|own| (nodes, own))
        };
        let first = world.query_filtered::<Instances<M, R>, With<InstanceOf<M>>>().iter_mut(world).count() as u32;
        let (mut initial, mut groups): (Vec<M::State>, Vec<Covered<M, R>>) = (Vec::new(), Vec::new());
        let mut fillers: Vec<usize> = Vec::new();
        let mut shared: BTreeMap<usize, Arc<Painting<M::Constants>>> = BTreeMap::new();
        for group in request.groups {
            let start = initial.len();
            let rows = match &group.shape {
                Shape::Lanes { plan, .. } => {
                    let (nodes, own) = of_plan(*plan).unwrap_or((&[], self));
                    initial.extend(own.initial.iter().flat_map(|state| std::iter::repeat_n(*state, LANES)));
                    let make = || Arc::new(Painting::new(nodes, &own.constants));
                    Rows::Lanes(shared.entry(*plan).or_insert_with(make).clone())
                }
                Shape::Pool { plans, pool, forks } => {
                    let mut instances = Vec::new();
                    for (cell, plan) in plans.iter().enumerate() {
                        let Some((nodes, own)) = of_plan(*plan) else { continue };
                        instances.extend(
                            nodes.iter().enumerate().map(|(k, node)| (pool.row(cell, *node as usize), own, (cell as u32, k as u32))),
                        );
                    }
                    instances.sort_by_key(|(row, ..)| *row);
                    let between = gaps(&instances, if M::RECEIVES.is_none() { forks } else { &[] }, |(row, ..)| *row);
                    if let Some((_, own, site)) = instances.first().copied() {
                        instances.extend(between.iter().map(|row| (*row, own, site)));
                        instances.sort_by_key(|(row, ..)| *row);
                    }
                    let at_fork = instances.iter().enumerate().filter(|(_, (row, ..))| between.binary_search(row).is_ok());
                    fillers.extend(at_fork.map(|(number, _)| initial.len() + number));
                    initial.extend(instances.iter().map(|(_, own, (_, k))| own.initial[*k as usize]));
                    let constants: Vec<M::Constants> = instances.iter().map(|(_, own, (_, k))| own.constants[*k as usize]).collect();
                    Rows::Listed {
                        rows: instances.iter().map(|(row, ..)| *row).collect(),
                        constants: Listed::new(&constants),
                        fillers: between,
                        sites: if M::RECEIVES.is_some() { instances.iter().map(|(.., site)| *site).collect() } else { Vec::new() },
                    }
                }
            };
            groups.push(Covered { start, length: initial.len() - start, rows });
        }
        let instances = initial.len();
        let spawned = initial.into_iter().zip(first..).map(|(state, id)| (InstanceId(id), InstanceOf::<M>::default(), R::columns(state)));
        let entities: Vec<Entity> = world.spawn_batch(spawned).collect();
        world.insert_batch(fillers.into_iter().map(|number| (entities[number], Filler)).collect::<Vec<_>>());
        Box::new(LayerOf::<M, R> {
            query: world.query_filtered(),
            first,
            instances,
            entities,
            found: None,
            groups,
            channel: request.channel.unwrap_or(0),
            places: request.plans.iter().map(|(nodes, _)| nodes.len()).max().unwrap_or(0),
        })
    }
}

/// The rows of forks between the first and the last instance, ascending, if with them the instances fill all rows from one to the other.
pub(crate) fn gaps<T>(instances: &[T], forks: &[u32], row: impl Fn(&T) -> u32) -> Vec<u32> {
    let (Some(first), Some(last)) = (instances.first().map(&row), instances.last().map(&row)) else { return Vec::new() };
    let inside = &forks[forks.partition_point(|fork| *fork < first)..forks.partition_point(|fork| *fork < last)];
    if instances.len() + inside.len() == (last - first) as usize + 1 { inside.to_vec() } else { Vec::new() }
}

/// Where a mechanism is in one group.
struct Covered<M: Mechanism, R> {
    /// Its instances, counted within the layer.
    start: usize,
    length: usize,
    rows: Rows<M, R>,
}

/// Where a mechanism is in the cells of one plan: groups of the plan share it, so that it stays in the cache.
struct Painting<T> {
    nodes: Vec<u32>,
    /// Neighbouring nodes with the same constants: the first one's place in `nodes`, how many, and the constants.
    runs: Vec<(usize, usize, T)>,
}

impl<T: Pod> Painting<T> {
    fn new(nodes: &[u32], constants: &[T]) -> Self {
        let mut runs: Vec<(usize, usize, T)> = Vec::new();
        for (k, (node, own)) in nodes.iter().zip(constants).enumerate() {
            match runs.last_mut() {
                Some((first, count, shared))
                    if nodes[*first] + *count as u32 == *node && bytemuck::bytes_of(shared) == bytemuck::bytes_of(own) =>
                {
                    *count += 1;
                }
                _ => runs.push((k, 1, *own)),
            }
        }
        Self { nodes: nodes.to_vec(), runs }
    }
}

enum Rows<M: Mechanism, R> {
    /// Whole nodes of 32 cells.
    Lanes(Arc<Painting<M::Constants>>),
    /// Rows of a pool, ascending, with constants for all or by instance.
    Listed {
        rows: Vec<u32>,
        constants: Listed<M::Constants, R>,
        /// Those of them that are forks.
        fillers: Vec<u32>,
        /// Of receptors: cell of the group, and number of the place within the cell.
        sites: Vec<(u32, u32)>,
    },
}

/// Number and state of an instance.
type Instances<M, R> = (&'static InstanceId, <<R as Real>::Columns<<M as Mechanism>::State> as StateColumns>::Query);

struct LayerOf<M: Mechanism, R: Real> {
    query: QueryState<Instances<M, R>, With<InstanceOf<M>>>,
    first: u32,
    instances: usize,
    entities: Vec<Entity>,
    /// The table's columns, moved to this layer's first instance.
    found: Option<(Pointers, usize)>,
    groups: Vec<Covered<M, R>>,
    channel: usize,
    /// Places of the receptor, over all plans.
    places: usize,
}

impl<M: Mechanism, R: Real> Layer<R> for LayerOf<M, R> {
    unsafe fn locate(&mut self, world: UnsafeWorldCell<'_>) -> Result<(), String> {
        self.found = None;
        if self.instances == 0 {
            return Ok(());
        }
        // SAFETY: the caller vouches for access to these components.
        let mut query = unsafe { self.query.query_unchecked(world) };
        let Ok(tables) = query.contiguous_iter_mut() else {
            return Err(format!("a state variable of {} is not stored in tables", M::short_type_path()));
        };
        for (ids, columns) in tables {
            let Some(start) = ids.first().and_then(|id| (self.first as usize).checked_sub(id.0 as usize)) else { continue };
            let last = start + self.instances - 1;
            if ids.get(last).is_some_and(|id| id.0 as usize == self.first as usize + self.instances - 1) && ids[start].0 == self.first {
                self.found = Some((R::Columns::<M::State>::pointers(columns), start));
                return Ok(());
            }
        }
        Err(format!(
            "instances of {} were despawned, or some got components that others lack; such components need sparse storage",
            M::short_type_path()
        ))
    }

    fn entity(&self, group: usize, cell: usize, node: u32, row: u32, _: usize) -> Option<Entity> {
        let covered = self.groups.get(group)?;
        let instance = match &covered.rows {
            Rows::Lanes(painting) => painting.nodes.iter().position(|own| *own == node)? * LANES + cell,
            Rows::Listed { fillers, .. } if fillers.binary_search(&row).is_ok() => return None,
            Rows::Listed { rows, .. } => rows.binary_search(&row).ok()?,
        };
        self.entities.get(covered.start + instance).copied()
    }

    unsafe fn advance(&self, simd: Simd, group: usize, work: &mut GroupWork<'_, R>) {
        let Some((pointers, row)) = self.found else { return };
        let covered = &self.groups[group];
        if M::RECEIVES.is_some() {
            let GroupWork { arrivals, arriving, poisson, events: sums, .. } = work;
            // Every one of them is set below.
            arriving.resize(covered.length, 0.0);
            match &covered.rows {
                Rows::Lanes(painting) => {
                    let arriving_lanes = &mut arriving[..painting.nodes.len() * LANES];
                    vectorise(simd, TakeLanes { arrivals, channel: self.channel, arriving: arriving_lanes });
                    for (channel, events) in *poisson {
                        let own = channel.checked_sub(self.channel).and_then(|k| arriving.get_mut(k * LANES..(k + 1) * LANES));
                        own.into_iter().flatten().zip(events).for_each(|(arriving, events)| *arriving += events);
                    }
                }
                Rows::Listed { sites, .. } => {
                    for ((cell, k), arriving) in sites.iter().zip(arriving.iter_mut()) {
                        let cell = *cell as usize;
                        arrivals.take(self.channel + *k as usize, cell..cell + 1, std::slice::from_mut(arriving));
                    }
                    if poisson.iter().any(|(channel, _)| (self.channel..self.channel + self.places).contains(channel)) {
                        sums.clear();
                        sums.resize(self.places * LANES, 0.0);
                        for (channel, events) in *poisson {
                            let own = channel.checked_sub(self.channel).and_then(|k| sums.get_mut(k * LANES..(k + 1) * LANES));
                            own.into_iter().flatten().zip(events).for_each(|(sum, events)| *sum += events);
                        }
                        for ((cell, k), arriving) in sites.iter().zip(arriving.iter_mut()) {
                            *arriving += sums[*k as usize * LANES + *cell as usize];
                        }
                    }
                }
            }
        }
        vectorise(simd, Advance { pointers, row: row + covered.start, covered, work });
    }

    fn listed(&self, group: usize) -> Option<&[u32]> {
        match &self.groups[group].rows {
            Rows::Lanes(_) => None,
            Rows::Listed { rows, .. } => Some(rows),
        }
    }

    unsafe fn keep_calcium_current(&self, group: usize, current: &[R]) {
        let Some((pointers, row)) = self.found else { return };
        let covered = &self.groups[group];
        // SAFETY: as for `advance`: the rows are in the table that was found, and the group belongs to the caller's thread.
        let slices = |start, length| unsafe { M::State::reals::<R>(pointers, row + covered.start + start, length) };
        match &covered.rows {
            Rows::Lanes(painting) => {
                for (k, node) in painting.nodes.iter().enumerate() {
                    M::keep_calcium_current(slices(k * LANES, LANES), &current[*node as usize * LANES..][..LANES]);
                }
            }
            Rows::Listed { rows, .. } => {
                let mut gathered = [R::default(); GATHERED];
                for (chunk, start) in rows.chunks(GATHERED).zip((0..).step_by(GATHERED)) {
                    chunk.iter().zip(&mut gathered).for_each(|(at, gathered)| *gathered = current[*at as usize]);
                    M::keep_calcium_current(slices(start, chunk.len()), &gathered[..chunk.len()]);
                }
            }
        }
    }
}

/// Part of a column that only mechanisms with `calcium` see.
#[inline(always)]
fn only_if<R>(calcium: bool, column: &mut [R], range: Range<usize>) -> &mut [R] {
    if calcium { &mut column[range] } else { &mut [] }
}

struct Advance<'a, 'w, M: Mechanism, R> {
    pointers: Pointers,
    row: usize,
    covered: &'a Covered<M, R>,
    work: &'a mut GroupWork<'w, R>,
}

impl<M: Mechanism, R: Real> Vectorised for Advance<'_, '_, M, R> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { pointers, row, covered, work } = self;
        let calcium = !matches!(M::CALCIUM, Calcium::Unused);
        match &covered.rows {
            Rows::Lanes(painting) => {
                for (k, count, constants) in &painting.runs {
                    let (node, k) = (painting.nodes[*k] as usize, *k);
                    let lanes = node * LANES..(node + count) * LANES;
                    // SAFETY: `locate` found all instances of the layer in one table, and a group's belong to the thread that advances it.
                    // Exercised by every test of cells.
                    let state = unsafe { M::State::reals::<R>(pointers, row + k * LANES, count * LANES) };
                    let membrane = Membrane {
                        potential: &work.potential[lanes.clone()],
                        arriving: if M::RECEIVES.is_some() { &work.arriving[k * LANES..(k + count) * LANES] } else { &[] },
                        conductance: &mut work.conductance[lanes.clone()],
                        current: &mut work.current[lanes.clone()],
                        calcium: only_if(calcium, work.calcium, lanes.clone()),
                        calcium_reversal: only_if(calcium, work.calcium_reversal, lanes.clone()),
                        calcium_current: only_if(calcium, work.calcium_current, lanes),
                    };
                    M::advance(Shared(*constants), state, membrane);
                }
            }
            Rows::Listed { rows, constants, .. } => {
                let mut gathered = [[R::default(); GATHERED]; 6];
                let together = if work.in_place { covered.length.max(1) } else { GATHERED };
                for (chunk, start) in rows.chunks(together).zip((0..).step_by(together)) {
                    let length = chunk.len();
                    if !work.in_place {
                        gather(&mut gathered, chunk, work, calcium);
                    }
                    let [potential, conductance, current, inside, reversal, carried] = &mut gathered;
                    // SAFETY: as above.
                    let state = unsafe { M::State::reals::<R>(pointers, row + start, length) };
                    let arriving = if M::RECEIVES.is_some() { &work.arriving[start..start + length] } else { &[] };
                    let membrane = if work.in_place {
                        Membrane {
                            potential: &work.potential[..length],
                            arriving,
                            conductance: &mut work.conductance[..length],
                            current: &mut work.current[..length],
                            calcium: only_if(calcium, work.calcium, 0..length),
                            calcium_reversal: only_if(calcium, work.calcium_reversal, 0..length),
                            calcium_current: only_if(calcium, work.calcium_current, 0..length),
                        }
                    } else {
                        Membrane {
                            potential: &potential[..length],
                            arriving,
                            conductance: &mut conductance[..length],
                            current: &mut current[..length],
                            calcium: only_if(calcium, inside, 0..length),
                            calcium_reversal: only_if(calcium, reversal, 0..length),
                            calcium_current: only_if(calcium, carried, 0..length),
                        }
                    };
                    match constants {
                        Listed::Alike(constants) => M::advance(Shared(*constants), state, membrane),
                        Listed::Each(numbers) => {
                            M::advance(ByInstance::new::<M::Constants>(numbers, covered.length, start, length), state, membrane);
                        }
                    }
                    if !work.in_place {
                        scatter(&gathered, chunk, work, M::CALCIUM);
                    }
                }
            }
        }
    }
}
