//! A mechanism painted on the cells of a population: one entity a compartment, in tables of the mechanism's own, in the solver's order.

use crate::declared::KernelScratch;
use crate::group::{Group, Shape};
use crate::mechanism::{Calcium, ConstantConductance, Mechanism, Membrane, PaintError, PaintRequest};
use bevy_ecs::prelude::*;
use bevy_ecs::query::QueryState;
use bevy_ecs::world::unsafe_world_cell::UnsafeWorldCell;
use bytemuck::Pod;
use neuropil_core::Simd;
use neuropil_core::arrivals::BlockArrivals;
use neuropil_core::columns::{Constants, Pointers, Shared, StateColumns};
use neuropil_core::simd::{Vectorised, vectorise};
use neuropil_neurons::Assigned;
use neuropil_neurons::model::{Setting, set_parameter};
use std::any::Any;
use std::marker::PhantomData;
use std::ops::Range;

use crate::solver::lanes::LANES;

/// Rows that are gathered at a time.
const GATHERED: usize = 128;

/// Dense number of an instance of a mechanism, among those of its type.
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
    fn spawn(&self, world: &mut World, request: &SpawnRequest<'_>) -> Box<dyn Layer>;
    /// Of a pool, by place: calcium at the start, mM.
    fn calcium(&self) -> &[f64];
    fn as_any(&self) -> &dyn Any;
}

/// What a layer is spawned from.
pub(crate) struct SpawnRequest<'a> {
    pub(crate) groups: &'a [Group],
    /// By plan: nodes and painting.
    pub(crate) plans: &'a [(&'a [u32], &'a dyn Dynamic)],
    /// First channel of arrivals, if spikes arrive.
    pub(crate) channel: Option<usize>,
}

/// What the step does with a layer.
pub(crate) trait Layer: Send + Sync {
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
    unsafe fn advance(&self, simd: Simd, group: usize, work: &mut GroupWork<'_>);
    /// Of a pool: keeps the calcium current of one group for the next step.
    ///
    /// # Safety
    /// As for [`advance`](Self::advance).
    unsafe fn keep_calcium_current(&self, group: usize, current: &[f64]);
}

/// The membrane of one group during a step, by row.
pub(crate) struct GroupWork<'a> {
    pub(crate) potential: &'a [f64],
    pub(crate) conductance: &'a mut [f64],
    pub(crate) current: &'a mut [f64],
    /// Empty where no mechanism uses calcium; so are the next two.
    pub(crate) calcium: &'a mut [f64],
    pub(crate) calcium_reversal: &'a mut [f64],
    pub(crate) calcium_current: &'a mut [f64],
    /// Where what arrives is.
    pub(crate) arrivals: Accumulators<'a>,
    /// Poisson input of this step: the channel, and what arrives there by cell.
    pub(crate) poisson: &'a [(usize, [f32; LANES])],
    /// Scratch for what arrives, by instance.
    pub(crate) arriving: &'a mut Vec<f32>,
    /// Scratch of declared channels.
    pub(crate) kernel: &'a mut KernelScratch,
}

/// The accumulators of one piece of a population.
pub(crate) struct Accumulators<'a> {
    pub(crate) block: &'a mut BlockArrivals,
    /// By channel: the weight of one fixed-point unit.
    pub(crate) units: &'a [f32],
    /// Accumulator of channel 0 of the group's first cell, and from one channel to the next.
    pub(crate) offset: usize,
    pub(crate) stride: usize,
}

impl Accumulators<'_> {
    /// Takes what has arrived at a channel of some neighbouring cells, the first of the group at 0.
    #[inline(always)]
    fn take(&mut self, channel: usize, cells: Range<usize>, arriving: &mut [f32]) {
        let first = self.offset + channel * self.stride;
        let range = first + cells.start..first + cells.end;
        let unit = self.units[channel];
        for (sum, arriving) in self.block.fixed[range.clone()].iter_mut().zip(&mut *arriving) {
            *arriving = *sum as f32 * unit;
            *sum = 0;
        }
        if !self.block.wide.is_empty() {
            for (sum, arriving) in self.block.wide[range].iter_mut().zip(arriving) {
                *arriving += *sum;
                *sum = 0.0;
            }
        }
    }
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

    fn spawn(&self, world: &mut World, request: &SpawnRequest<'_>) -> Box<dyn Layer> {
        let of_plan = |plan: usize| {
            let (nodes, painting) = request.plans[plan];
            painting.as_any().downcast_ref::<Self>().map(|own| (nodes, own))
        };
        let first = world.query_filtered::<(), With<InstanceOf<M>>>().iter(world).count() as u32;
        let (mut initial, mut groups): (Vec<M::State>, Vec<Covered<M>>) = (Vec::new(), Vec::new());
        for group in request.groups {
            let start = initial.len();
            let rows = match &group.shape {
                Shape::Lanes { plan, .. } => {
                    let (nodes, own) = of_plan(*plan).unwrap_or((&[], self));
                    initial.extend(own.initial.iter().flat_map(|state| std::iter::repeat_n(*state, LANES)));
                    Rows::Lanes { nodes: nodes.to_vec(), constants: own.constants.clone() }
                }
                Shape::Pool { plans, pool } => {
                    let mut instances = Vec::new();
                    for (cell, plan) in plans.iter().enumerate() {
                        let Some((nodes, own)) = of_plan(*plan) else { continue };
                        instances.extend(
                            nodes.iter().enumerate().map(|(k, node)| (pool.row(cell, *node as usize), own, (cell as u32, k as u32))),
                        );
                    }
                    instances.sort_by_key(|(row, ..)| *row);
                    initial.extend(instances.iter().map(|(_, own, (_, k))| own.initial[*k as usize]));
                    let constants: Vec<M::Constants> = instances.iter().map(|(_, own, (_, k))| own.constants[*k as usize]).collect();
                    Rows::Listed {
                        rows: instances.iter().map(|(row, ..)| *row).collect(),
                        constants: Listed::new(&constants),
                        sites: if M::RECEIVES.is_some() { instances.iter().map(|(.., site)| *site).collect() } else { Vec::new() },
                    }
                }
            };
            groups.push(Covered { start, length: initial.len() - start, rows });
        }
        let instances = initial.len();
        let spawned = initial.into_iter().zip(first..).map(|(state, id)| (InstanceId(id), InstanceOf::<M>::default(), state));
        let entities = world.spawn_batch(spawned).collect();
        Box::new(LayerOf::<M> {
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

/// Constants as a structure of arrays of eight-byte words.
fn transposed<T: Pod>(constants: &[T]) -> Vec<u64> {
    const { assert!(size_of::<T>().is_multiple_of(8), "a mechanism's constants are read as eight-byte words") };
    let width = size_of::<T>() / 8;
    let mut words = vec![0; width * constants.len()];
    for (k, constants_of_one) in constants.iter().enumerate() {
        for (w, word) in bytemuck::pod_collect_to_vec::<T, u64>(std::slice::from_ref(constants_of_one)).iter().enumerate() {
            words[w * constants.len() + k] = *word;
        }
    }
    words
}

/// One set of constants an instance, so stored that kernels vectorise.
#[derive(Clone, Copy)]
struct ByInstance<'a> {
    words: &'a [u64],
    stride: usize,
    start: usize,
}

impl<'a> ByInstance<'a> {
    /// The constants of `length` instances from `start` on; `words` holds one column of `stride` values a word.
    fn new<T: Pod>(words: &'a [u64], stride: usize, start: usize, length: usize) -> Self {
        assert!(words.len() >= stride * (size_of::<T>() / 8) && start + length <= stride);
        Self { words, stride, start }
    }
}

impl<T: Pod> Constants<T> for ByInstance<'_> {
    #[inline(always)]
    fn at(&self, index: usize) -> T {
        let mut value = T::zeroed();
        let words: &mut [u64] = bytemuck::cast_slice_mut(std::slice::from_mut(&mut value));
        for (k, word) in words.iter_mut().enumerate() {
            debug_assert!(self.start + index < self.stride);
            // SAFETY: `new` checked that every column has `stride` words, and that the instances of a kernel end within them. Exercised by every test of
            // cells in a pool.
            *word = unsafe { *self.words.get_unchecked(k * self.stride + self.start + index) };
        }
        value
    }
}

/// Where a mechanism is in one group.
struct Covered<M: Mechanism> {
    /// Its instances, counted within the layer.
    start: usize,
    length: usize,
    rows: Rows<M>,
}

enum Rows<M: Mechanism> {
    /// Whole nodes of 32 cells.
    Lanes { nodes: Vec<u32>, constants: Vec<M::Constants> },
    /// Rows of a pool, ascending, with constants for all or by instance.
    Listed {
        rows: Vec<u32>,
        constants: Listed<M::Constants>,
        /// Of receptors: cell of the group, and number of the place within the cell.
        sites: Vec<(u32, u32)>,
    },
}

/// Constants of the instances of a pool.
enum Listed<T> {
    /// All have the same.
    Alike(T),
    /// As [`transposed`] lays them out.
    Each(Vec<u64>),
}

impl<T: Pod> Listed<T> {
    fn new(constants: &[T]) -> Self {
        match constants.split_first() {
            Some((first, others)) if others.iter().all(|other| bytemuck::bytes_of(other) == bytemuck::bytes_of(first)) => {
                Self::Alike(*first)
            }
            _ => Self::Each(transposed(constants)),
        }
    }
}

/// Number and state of an instance.
type Instances<M> = (&'static InstanceId, <<M as Mechanism>::State as StateColumns>::Query);

struct LayerOf<M: Mechanism> {
    query: QueryState<Instances<M>, With<InstanceOf<M>>>,
    first: u32,
    instances: usize,
    entities: Vec<Entity>,
    /// The table's columns, moved to this layer's first instance.
    found: Option<(Pointers, usize)>,
    groups: Vec<Covered<M>>,
    channel: usize,
    /// Places of the receptor, over all plans.
    places: usize,
}

impl<M: Mechanism> Layer for LayerOf<M> {
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
                self.found = Some((M::State::pointers(columns), start));
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
            Rows::Lanes { nodes, .. } => nodes.iter().position(|own| *own == node)? * LANES + cell,
            Rows::Listed { rows, .. } => rows.binary_search(&row).ok()?,
        };
        self.entities.get(covered.start + instance).copied()
    }

    unsafe fn advance(&self, simd: Simd, group: usize, work: &mut GroupWork<'_>) {
        let Some((pointers, row)) = self.found else { return };
        let covered = &self.groups[group];
        if M::RECEIVES.is_some() {
            let GroupWork { arrivals, arriving, poisson, .. } = work;
            arriving.clear();
            arriving.resize(covered.length, 0.0);
            match &covered.rows {
                Rows::Lanes { nodes, .. } => {
                    for (k, arriving) in arriving.chunks_mut(LANES).enumerate().take(nodes.len()) {
                        arrivals.take(self.channel + k, 0..LANES, arriving);
                    }
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
                        // By place and cell.
                        let mut sums = vec![0.0; self.places * LANES];
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

    unsafe fn keep_calcium_current(&self, group: usize, current: &[f64]) {
        let Some((pointers, row)) = self.found else { return };
        let covered = &self.groups[group];
        // SAFETY: as for `advance`: the rows are in the table that was found, and the group belongs to the caller's thread.
        let slices = |start, length| unsafe { M::State::slices(pointers, row + covered.start + start, length) };
        match &covered.rows {
            Rows::Lanes { nodes, .. } => {
                for (k, node) in nodes.iter().enumerate() {
                    M::keep_calcium_current(slices(k * LANES, LANES), &current[*node as usize * LANES..][..LANES]);
                }
            }
            Rows::Listed { rows, .. } => {
                let mut gathered = [0.0; GATHERED];
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
fn only_if(calcium: bool, column: &mut [f64], range: Range<usize>) -> &mut [f64] {
    if calcium { &mut column[range] } else { &mut [] }
}

struct Advance<'a, 'w, M: Mechanism> {
    pointers: Pointers,
    row: usize,
    covered: &'a Covered<M>,
    work: &'a mut GroupWork<'w>,
}

impl<M: Mechanism> Vectorised for Advance<'_, '_, M> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { pointers, row, covered, work } = self;
        let calcium = !matches!(M::CALCIUM, Calcium::Unused);
        match &covered.rows {
            Rows::Lanes { nodes, constants } => {
                for (k, (node, constants)) in nodes.iter().zip(constants).enumerate() {
                    let lanes = *node as usize * LANES..(*node as usize + 1) * LANES;
                    // SAFETY: `locate` found all instances of the layer in one table, and a group's belong to the thread that advances it.
                    // Exercised by every test of cells.
                    let state = unsafe { M::State::slices(pointers, row + k * LANES, LANES) };
                    let membrane = Membrane {
                        potential: &work.potential[lanes.clone()],
                        arriving: if M::RECEIVES.is_some() { &work.arriving[k * LANES..(k + 1) * LANES] } else { &[] },
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
                let [mut potential, mut conductance, mut current] = [[0.0; GATHERED]; 3];
                let [mut inside, mut reversal, mut carried] = [[0.0; GATHERED]; 3];
                for (chunk, start) in rows.chunks(GATHERED).zip((0..).step_by(GATHERED)) {
                    let length = chunk.len();
                    for (k, at) in chunk.iter().enumerate() {
                        potential[k] = work.potential[*at as usize];
                    }
                    conductance[..length].fill(0.0);
                    current[..length].fill(0.0);
                    if calcium {
                        for (k, at) in chunk.iter().enumerate() {
                            (inside[k], reversal[k]) = (work.calcium[*at as usize], work.calcium_reversal[*at as usize]);
                        }
                        carried[..length].fill(0.0);
                    }
                    // SAFETY: as above.
                    let state = unsafe { M::State::slices(pointers, row + start, length) };
                    let membrane = Membrane {
                        potential: &potential[..length],
                        arriving: if M::RECEIVES.is_some() { &work.arriving[start..start + length] } else { &[] },
                        conductance: &mut conductance[..length],
                        current: &mut current[..length],
                        calcium: only_if(calcium, &mut inside, 0..length),
                        calcium_reversal: only_if(calcium, &mut reversal, 0..length),
                        calcium_current: only_if(calcium, &mut carried, 0..length),
                    };
                    match constants {
                        Listed::Alike(constants) => M::advance(Shared(*constants), state, membrane),
                        Listed::Each(words) => {
                            M::advance(ByInstance::new::<M::Constants>(words, covered.length, start, length), state, membrane);
                        }
                    }
                    for (k, at) in chunk.iter().enumerate() {
                        work.conductance[*at as usize] += conductance[k];
                        work.current[*at as usize] += current[k];
                    }
                    if calcium {
                        for (k, at) in chunk.iter().enumerate() {
                            work.calcium_current[*at as usize] += carried[k];
                        }
                    }
                    if matches!(M::CALCIUM, Calcium::Pool) {
                        for (k, at) in chunk.iter().enumerate() {
                            (work.calcium[*at as usize], work.calcium_reversal[*at as usize]) = (inside[k], reversal[k]);
                        }
                    }
                }
            }
        }
    }
}
