//! A declared channel on the cells of a population: an entity for each gate or state of each compartment.

use super::channel::{Conducts, DeclaredChannel, DeclaredError};
use super::compile::{AtTemperature, Checked};
use super::flow::{Strength, flow};
use super::kernel::{KernelScratch, ROWS, Run};
use crate::group::Shape;
use crate::layer::{Dynamic, Filler, InstanceId, Layer, Painted, SpawnRequest, gaps};
use crate::mechanism::{Calcium, MechanismEntry, PaintError, PaintRequest};
use crate::real::{Precision, Real, Single};
use crate::solver::lanes::LANES;
use crate::work::GroupWork;
use bevy_ecs::prelude::*;
use bevy_ecs::query::QueryState;
use bevy_ecs::world::unsafe_world_cell::UnsafeWorldCell;
use neuropil_core::Simd;
use neuropil_core::columns::{Pointers, StateColumns};
use neuropil_core::simd::{Vectorised, vectorise};
use neuropil_core::state_variables;
use neuropil_neurons::{Assigned, ParameterDescription, require};
use neuropil_units::{CentimetersPerSecond, Dimension, Millimolar, MillisiemensPerSquareCentimeter, Millivolts, Quantity, Scope};
use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

state_variables! {
    /// How far a gate of a declared channel is open, or the share of its channels that are in a state, from 0 to 1.
    Occupancy: f64, "occupancy", "", Dimension::NONE;
}

/// Which gate or state of its channel an entity with an [`Occupancy`] is: gates first, then states, in the order of the declaration.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateOf(pub u16);

/// Long steps, ms, in which schemes come to rest: each leaves a thousandth of what decays within 10 s.
const SETTLING: (usize, f64) = (12, 1e7);

impl DeclaredChannel {
    /// The channel as a mechanism that cells are painted with: its parameters are `conductance`, and `reversal_potential` where it has one of its own; or
    /// `permeability` and `outside_concentration`.
    ///
    /// # Errors
    /// A name or dimension in an expression is wrong, or what it is made of does not fit together. Values that depend on temperature are looked at when
    /// a cell is painted, or by [`check_at`](Self::check_at).
    pub fn entry(&self, scope: &Scope) -> Result<MechanismEntry, DeclaredError> {
        let checked = self.checked(scope)?;
        let mut parameters = match self.conducts {
            Conducts::Permeable { permeability, .. } => vec![parameter("permeability", permeability)],
            _ => vec![parameter("conductance", self.conductance)],
        };
        match self.conducts {
            Conducts::Ohmic(reversal) | Conducts::CalciumAt(reversal) => parameters.push(parameter("reversal_potential", reversal)),
            Conducts::Permeable { outside, .. } => parameters.push(parameter("outside_concentration", outside)),
            Conducts::Calcium => {}
        }
        let calcium = if self.conducts.carries_calcium() || checked.sees_calcium { Calcium::Used } else { Calcium::Unused };
        Ok(MechanismEntry::declared(Cow::Owned(self.name.clone()), parameters, calcium, Arc::new(checked)))
    }
}

/// A parameter of the channel with its default.
fn parameter<Q: Quantity>(name: &str, default: Q) -> ParameterDescription {
    let default = default.coherent();
    ParameterDescription { name: name.to_owned(), unit: Q::UNIT, dimension: Q::DIMENSION, default, choices: Vec::new() }
}

/// A declared channel with parameters for one cell.
struct PaintedDeclared {
    channel: Arc<Checked>,
    at: Arc<AtTemperature>,
    /// The step times the factor of temperature, ms.
    step: f64,
    /// By place.
    strengths: Vec<Strength>,
    /// State after state, by place.
    initial: Vec<f64>,
}

pub(crate) fn paint(channel: &Arc<Checked>, request: &PaintRequest<'_>) -> Result<Painted, PaintError> {
    let count = request.places.len();
    let default = match channel.conducts {
        Conducts::Ohmic(reversal) | Conducts::CalciumAt(reversal) => Strength { most: channel.conductance.0, against: reversal.0 },
        Conducts::Calcium => Strength { most: channel.conductance.0, against: 0.0 },
        Conducts::Permeable { permeability, outside } => Strength { most: permeability.0, against: outside.0 },
    };
    let permeable = matches!(channel.conducts, Conducts::Permeable { .. });
    let mut strengths = vec![default; count];
    for (field, value) in request.parameters {
        let values: &[f64] = match value {
            Assigned::Shared(value) => std::slice::from_ref(value),
            Assigned::Listed(values) if values.len() == count => values,
            Assigned::Listed(values) => {
                return Err(PaintError::Length { field: field.clone(), found: values.len(), expected: count });
            }
            Assigned::Choice(_) => &[],
        };
        for (strength, value) in strengths.iter_mut().zip(values.iter().cycle()) {
            match (field.as_str(), channel.conducts) {
                ("permeability", Conducts::Permeable { .. }) => strength.most = CentimetersPerSecond::from_coherent(*value).0,
                ("outside_concentration", Conducts::Permeable { .. }) => strength.against = Millimolar::from_coherent(*value).0,
                ("conductance", _) if !permeable => strength.most = MillisiemensPerSquareCentimeter::from_coherent(*value).0,
                ("reversal_potential", Conducts::Ohmic(_) | Conducts::CalciumAt(_)) => strength.against = *value,
                _ => return Err(PaintError::Unknown(field.clone())),
            }
        }
    }
    for Strength { most, against } in strengths.iter().copied() {
        let is_amount = most >= 0.0 && most.is_finite();
        if permeable {
            require(is_amount, "permeability", CentimetersPerSecond(most), "at least 0 cm/s")?;
            let outside = Millimolar(against);
            require(against >= 0.0 && against.is_finite(), "outside_concentration", outside, "at least 0 mM")?;
        } else {
            require(is_amount, "conductance", MillisiemensPerSquareCentimeter(most), "at least 0 mS/cm²")?;
            require(against.is_finite(), "reversal_potential", Millivolts(against), "a finite potential")?;
        }
    }
    let Some(first) = request.places.first() else {
        return Ok(Painted::Constant(Vec::new()));
    };
    let at = channel.at(first.temperature).map_err(|error| PaintError::Declared(error.to_string()))?;
    let mut painted = PaintedDeclared {
        channel: channel.clone(),
        step: first.time_step.0 * at.factor,
        at: Arc::new(at),
        strengths,
        initial: channel.unsettled().into_iter().flat_map(|state| std::iter::repeat_n(state, count)).collect(),
    };
    painted.settle(request);
    Ok(Painted::Dynamic(Box::new(painted)))
}

impl PaintedDeclared {
    /// Lets states go where they are after a long time at the initial potential: gates do in one long step, schemes in several.
    fn settle(&mut self, request: &PaintRequest<'_>) {
        let mut scratch: KernelScratch<f64> = KernelScratch::default();
        let (steps, step) = SETTLING;
        self.at.kernel(Precision::Double).prepare(&mut scratch, step);
        let count = request.places.len();
        for (number, places) in request.places.chunks(ROWS).enumerate() {
            let potential: Vec<f64> = places.iter().map(|place| place.potential.0).collect();
            let calcium: Vec<f64> = places.iter().map(|place| place.calcium.0).collect();
            for _ in 0..if self.channel.has_scheme() { steps } else { 1 } {
                let run = Run {
                    kernel: self.at.kernel(Precision::Double),
                    scratch: &mut scratch,
                    potential: &potential,
                    calcium: &calcium,
                    states: &mut self.initial,
                    stride: count,
                    offset: number * ROWS,
                };
                vectorise(Simd::Portable, run);
            }
        }
    }
}

/// Where a channel is in one group.
struct Covered {
    /// Its first entity, counted within the layer; it has `length` for each state.
    start: usize,
    length: usize,
    rows: Rows,
}

enum Rows {
    /// Whole nodes of 32 cells: the first of a run of neighbouring nodes, and how many.
    Lanes { kernel: usize, runs: Vec<(usize, usize)>, strengths: Vec<Strength> },
    /// Rows of a pool, kernel by kernel, ascending in each: the kernel and how many rows.
    Listed {
        parts: Vec<(usize, usize)>,
        rows: Vec<u32>,
        /// Those of them that are forks.
        fillers: Vec<u32>,
        strengths: Vec<Strength>,
        /// The strength of all, if it is one.
        alike: Option<Strength>,
    },
}

impl Dynamic for PaintedDeclared {
    fn calcium(&self) -> &[f64] {
        &[]
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

impl PaintedDeclared {
    fn spawn<R: Real>(&self, world: &mut World, request: &SpawnRequest<'_, R>) -> Box<dyn Layer<R>> {
        // Plans of one channel at one temperature share a kernel.
        let mut kernels: Vec<(Arc<AtTemperature>, f64)> = Vec::new();
        let mut kernel_of: Vec<usize> = Vec::new();
        let painted = |plan: usize| {
            let (nodes, painting) = request.plans[plan];
            painting.as_any().downcast_ref::<Self>().filter(|own| own.channel.states() == self.channel.states()).map(|own| (nodes, own))
        };
        for plan in 0..request.plans.len() {
            let own = painted(plan).map_or(self, |(_, own)| own);
            let known = kernels.iter().position(|(at, step)| **at == *own.at && *step == own.step);
            kernel_of.push(known.unwrap_or_else(|| {
                kernels.push((own.at.clone(), own.step));
                kernels.len() - 1
            }));
        }
        let states = self.channel.states();
        let mut groups: Vec<Covered> = Vec::new();
        let mut fillers: Vec<usize> = Vec::new();
        let mut initial: Vec<(StateOf, (Occupancy,))> = Vec::new();
        for group in request.groups {
            let start = initial.len();
            let (length, rows) = match &group.shape {
                Shape::Lanes { plan, .. } => {
                    let (nodes, own) = painted(*plan).unwrap_or((&[], self));
                    for state in 0..states {
                        for place in 0..nodes.len() {
                            let value = (Occupancy(own.initial[state * nodes.len() + place]),);
                            initial.extend(std::iter::repeat_n((StateOf(state as u16), value), LANES));
                        }
                    }
                    let mut runs: Vec<(usize, usize)> = Vec::new();
                    for node in nodes {
                        match runs.last_mut() {
                            Some((first, count)) if *first + *count == *node as usize => *count += 1,
                            _ => runs.push((*node as usize, 1)),
                        }
                    }
                    (nodes.len() * LANES, Rows::Lanes { kernel: kernel_of[*plan], runs, strengths: own.strengths.clone() })
                }
                Shape::Pool { plans, pool, forks } => {
                    let mut instances = Vec::new();
                    for (cell, plan) in plans.iter().enumerate() {
                        let Some((nodes, own)) = painted(*plan) else { continue };
                        let of_cell = nodes.iter().enumerate();
                        instances
                            .extend(of_cell.map(|(k, node)| (kernel_of[*plan], pool.row(cell, *node as usize), own, (k, nodes.len()))));
                    }
                    instances.sort_by_key(|(kernel, row, ..)| (*kernel, *row));
                    let one_kernel = instances.iter().all(|(kernel, ..)| *kernel == instances[0].0);
                    let between = gaps(&instances, if one_kernel { forks } else { &[] }, |(_, row, ..)| *row);
                    if let Some((kernel, _, own, place)) = instances.first().copied() {
                        instances.extend(between.iter().map(|row| (kernel, *row, own, place)));
                        instances.sort_by_key(|(kernel, row, ..)| (*kernel, *row));
                    }
                    let at_fork = instances.iter().enumerate().filter(|(_, (_, row, ..))| between.binary_search(row).is_ok());
                    for (number, _) in at_fork {
                        fillers.extend((0..states).map(|state| initial.len() + state * instances.len() + number));
                    }
                    for state in 0..states {
                        initial.extend(
                            instances
                                .iter()
                                .map(|(_, _, own, (k, count))| (StateOf(state as u16), (Occupancy(own.initial[state * count + k]),))),
                        );
                    }
                    let parts = instances.chunk_by(|a, b| a.0 == b.0).map(|part| (part[0].0, part.len())).collect();
                    let rows: Vec<u32> = instances.iter().map(|(_, row, ..)| *row).collect();
                    let strengths: Vec<Strength> = instances.iter().map(|(_, _, own, (k, _))| own.strengths[*k]).collect();
                    let alike = strengths.first().copied().filter(|first| strengths.iter().all(|own| own == first));
                    (instances.len(), Rows::Listed { parts, rows, fillers: between, strengths, alike })
                }
            };
            groups.push(Covered { start, length, rows });
        }
        let first = world.query::<Occupancies<R>>().iter_mut(world).count() as u32;
        let spawned = initial.into_iter().zip(first..).map(|((state, occupancy), id)| (InstanceId(id), state, R::columns(occupancy)));
        let entities: Vec<Entity> = world.spawn_batch(spawned).collect();
        world.insert_batch(fillers.into_iter().map(|number| (entities[number], Filler)).collect::<Vec<_>>());
        Box::new(DeclaredLayer::<R> {
            query: world.query(),
            name: self.channel.name.clone(),
            conducts: self.channel.conducts,
            sees_calcium: self.channel.sees_calcium,
            states,
            first,
            entities,
            found: None,
            kernels,
            groups,
        })
    }
}

/// Number and state of a gate or state.
type Occupancies<R> = (&'static InstanceId, <<R as Real>::Columns<(Occupancy,)> as StateColumns>::Query);

struct DeclaredLayer<R: Real> {
    query: QueryState<Occupancies<R>>,
    name: String,
    conducts: Conducts,
    sees_calcium: bool,
    states: usize,
    first: u32,
    entities: Vec<Entity>,
    /// The column of occupancies, and the row of this layer's first.
    found: Option<(Pointers, usize)>,
    /// With the step times the factor of temperature, ms.
    kernels: Vec<(Arc<AtTemperature>, f64)>,
    groups: Vec<Covered>,
}

impl<R: Real> Layer<R> for DeclaredLayer<R> {
    unsafe fn locate(&mut self, world: UnsafeWorldCell<'_>) -> Result<(), String> {
        self.found = None;
        if self.entities.is_empty() {
            return Ok(());
        }
        // SAFETY: the caller vouches for access to this component.
        let mut query = unsafe { self.query.query_unchecked(world) };
        if let Ok(tables) = query.contiguous_iter_mut() {
            for (ids, occupancy) in tables {
                let Some(start) = ids.first().and_then(|id| (self.first as usize).checked_sub(id.0 as usize)) else { continue };
                let last = start + self.entities.len() - 1;
                let is = |row: usize, id: usize| ids.get(row).is_some_and(|found| found.0 as usize == id);
                if is(start, self.first as usize) && is(last, self.first as usize + self.entities.len() - 1) {
                    self.found = Some((R::Columns::<(Occupancy,)>::pointers(occupancy), start));
                    return Ok(());
                }
            }
        }
        Err(format!(
            "gates of `{}` were despawned, or some got components that others lack; such components need sparse storage",
            self.name
        ))
    }

    fn entity(&self, group: usize, cell: usize, node: u32, row: u32, state: usize) -> Option<Entity> {
        let covered = self.groups.get(group).filter(|_| state < self.states)?;
        let instance = match &covered.rows {
            Rows::Lanes { runs, .. } => {
                let mut before = 0;
                let found = runs.iter().find_map(|(first, count)| {
                    let inside = (node as usize).checked_sub(*first).filter(|offset| offset < count);
                    let place = inside.map(|offset| before + offset);
                    before += count;
                    place
                });
                found? * LANES + cell
            }
            Rows::Listed { fillers, .. } if fillers.binary_search(&row).is_ok() => return None,
            Rows::Listed { rows, .. } => rows.iter().position(|own| *own == row)?,
        };
        self.entities.get(covered.start + state * covered.length + instance).copied()
    }

    fn listed(&self, group: usize) -> Option<&[u32]> {
        match &self.groups.get(group)?.rows {
            Rows::Listed { parts, rows, .. } if parts.len() == 1 => Some(rows),
            _ => None,
        }
    }

    unsafe fn advance(&self, simd: Simd, group: usize, work: &mut GroupWork<'_, R>) {
        let (Some((pointers, row)), Some(covered)) = (self.found, self.groups.get(group)) else { return };
        if covered.length == 0 {
            return;
        }
        // SAFETY: `locate` found all entities of the layer in one table; those of a group belong to the thread that advances it. Exercised by every test of
        // declared channels.
        let (states,) = unsafe { <(Occupancy,)>::reals::<R>(pointers, row + covered.start, self.states * covered.length) };
        let mut scratch = std::mem::take(work.kernel);
        vectorise(simd, Advance { layer: self, covered, states, scratch: &mut scratch, work });
        *work.kernel = scratch;
    }

    unsafe fn keep_calcium_current(&self, _: usize, _: &[R]) {}
}

struct Advance<'a, 'w, R: Real> {
    layer: &'a DeclaredLayer<R>,
    covered: &'a Covered,
    states: &'a mut [R],
    scratch: &'a mut KernelScratch<R>,
    work: &'a mut GroupWork<'w, R>,
}

impl<R: Real> Vectorised for Advance<'_, '_, R> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { layer, covered, states, scratch, work } = self;
        let stride = covered.length;
        let (sees_calcium, conducts) = (layer.sees_calcium, layer.conducts);
        match &covered.rows {
            Rows::Lanes { kernel, runs, strengths } => {
                let (at, step) = &layer.kernels[*kernel];
                at.kernel(R::PRECISION).prepare(scratch, *step);
                let mut done = 0;
                for (node, count) in runs {
                    for (first, from) in (0..*count).step_by(ROWS / LANES).map(|from| (node + from, from)) {
                        let nodes = (*count - from).min(ROWS / LANES);
                        let range = first * LANES..(first + nodes) * LANES;
                        let columns = (&work.potential[range.clone()], if sees_calcium { &work.calcium[range.clone()] } else { &[][..] });
                        let open = open_part(at, scratch, columns, states, (stride, done * LANES));
                        for (k, strength) in strengths[done..done + nodes].iter().enumerate() {
                            let rows = range.start + k * LANES..range.start + (k + 1) * LANES;
                            let open = &open[k * LANES..(k + 1) * LANES];
                            flow(conducts, at.thermal, open, *strength, work, rows);
                        }
                        done += nodes;
                    }
                }
            }
            Rows::Listed { parts, strengths, alike, .. } if work.in_place => {
                let (at, step) = &layer.kernels[parts.first().map_or(0, |part| part.0)];
                at.kernel(R::PRECISION).prepare(scratch, *step);
                for offset in (0..stride).step_by(ROWS) {
                    let range = offset..(offset + ROWS).min(stride);
                    let columns = (&work.potential[range.clone()], if sees_calcium { &work.calcium[range.clone()] } else { &[][..] });
                    let open = open_part(at, scratch, columns, states, (stride, offset));
                    match alike {
                        Some(strength) => flow(conducts, at.thermal, open, *strength, work, range),
                        None => {
                            for (open, row) in open.iter().zip(range) {
                                flow(conducts, at.thermal, std::slice::from_ref(open), strengths[row], work, row..row + 1);
                            }
                        }
                    }
                }
            }
            Rows::Listed { parts, rows, strengths, .. } => {
                let mut start = 0;
                let [mut potential, mut calcium] = [[R::default(); ROWS]; 2];
                for (kernel, count) in parts {
                    let (at, step) = &layer.kernels[*kernel];
                    at.kernel(R::PRECISION).prepare(scratch, *step);
                    for chunk in rows[start..start + count].chunks(ROWS) {
                        let length = chunk.len();
                        for (k, row) in chunk.iter().enumerate() {
                            potential[k] = work.potential[*row as usize];
                            if sees_calcium {
                                calcium[k] = work.calcium[*row as usize];
                            }
                        }
                        let columns = (&potential[..length], if sees_calcium { &calcium[..length] } else { &[][..] });
                        let open = open_part(at, scratch, columns, states, (stride, start));
                        for ((open, row), strength) in open.iter().zip(chunk).zip(&strengths[start..]) {
                            let row = *row as usize..*row as usize + 1;
                            flow(conducts, at.thermal, std::slice::from_ref(open), *strength, work, row);
                        }
                        start += length;
                    }
                }
            }
        }
    }
}

/// Advances the states of some neighbouring rows, and gives the part of the channels that is open: from their potential and calcium, how long the column of each
/// state is, and where the rows begin in it.
#[inline(always)]
fn open_part<'s, R: Real>(
    at: &AtTemperature,
    scratch: &'s mut KernelScratch<R>,
    (potential, calcium): (&[R], &[R]),
    states: &mut [R],
    (stride, offset): (usize, usize),
) -> &'s [R] {
    Run { kernel: at.kernel(R::PRECISION), scratch, potential, calcium, states, stride, offset }.run()
}
