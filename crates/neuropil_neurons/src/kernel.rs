//! The system that advances all populations of one model by a step.
//!
//! Each worker walks the pieces of its own blocks. A piece is taken in chunks: accumulators are turned into input and cleared, Poisson
//! input is drawn, the model's kernel runs, the chunk is checked for numbers that are not finite, and spikes are collected, all while the
//! chunk is in the first-level cache.
//!
//! Where a model's neurons can [rest](NeuronModel::RESTS), eight of them that are at rest are passed over until something arrives: spikes mark
//! the accumulators that they touch, Poisson input names the groups that it drives, and a change of current or parameters wakes all.

use crate::coupling::CouplingCurrent;
use crate::model::{Input, MAXIMAL_CHANNELS, NeuronModel};
use crate::population::{MembraneCapacitance, RowsOf};
use crate::resting::{Awake, any};
use crate::step_constants::{StepConstants, follow_parameters};
use crate::stimuli::current::InjectedCurrent;
use crate::stimuli::poisson::PoissonDrives;
use bevy_ecs::prelude::*;
use bevy_ecs::query::ContiguousQueryData;
use bevy_ecs::schedule::Schedules;
use neuropil_core::arrivals::{BlockArrivals, UNIT};
use neuropil_core::columns::{ByNeuron, CHUNK, Constants, GatherScratch, Placement, Shared, StateColumns, Table};
use neuropil_core::layout::Piece;
use neuropil_core::simd::{Vectorised, vectorise};
use neuropil_core::{
    Arrivals, Build, Clock, Fault, FaultReport, Layout, NeuronId, NeuropilSystems, Population, RunSettings, Slice, SpikeExchange, Step,
    Team,
};
use std::marker::PhantomData;

/// Marks the neurons of one model, so that each model has tables of its own.
#[derive(Component)]
pub struct ModelOf<Model: NeuronModel>(PhantomData<fn() -> Model>);

impl<M: NeuronModel> Default for ModelOf<M> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

/// Present once a model's systems have been added.
#[derive(Resource)]
struct SystemsOf<Model: NeuronModel>(PhantomData<fn() -> Model>);

/// Adds the systems of one model, the first time that a population of it is added: a model that no population has costs nothing.
pub(crate) fn add_systems<M: NeuronModel>(world: &mut World) {
    if world.contains_resource::<SystemsOf<M>>() {
        return;
    }
    world.insert_resource(SystemsOf::<M>(PhantomData));
    let mut schedules = world.resource_mut::<Schedules>();
    // Populations of different models are disjoint, so the order of their systems cannot matter: the shuffled schedule tests that.
    let integrate = integrate_populations::<M>.in_set(NeuropilSystems::Integrate).in_set(IntegrateModels).ambiguous_with(IntegrateModels);
    schedules.add_systems(Step, integrate);
    if M::RESTS {
        let note = (|mut arrivals: ResMut<Arrivals>| arrivals.note_touched()).in_set(NeuropilSystems::Prepare).ambiguous_with_all();
        schedules.add_systems(Build, note);
    }
    let verify = verify_rows::<M>.in_set(NeuropilSystems::Modulate).in_set(VerifyRows).ambiguous_with(VerifyRows);
    schedules.add_systems(Slice, verify);
    if M::TRANSMITS.is_some() {
        crate::transmit::add_systems::<M>(&mut schedules);
    }
}

#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
struct IntegrateModels;
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
struct VerifyRows;

/// Checks row by row, once a slice, that populations lie where the kernels believe.
fn verify_rows<M: NeuronModel>(neurons: Query<&NeuronId, With<ModelOf<M>>>, mut populations: Query<(&Population, &mut RowsOf), With<M>>) {
    let Ok(tables) = neurons.contiguous_iter() else { return };
    let tables: Vec<&[NeuronId]> = tables.collect();
    for (population, mut rows) in &mut populations {
        let (ids, rows) = (population.ids(), rows.bypass_change_detection());
        if let Placement::Rows { table, row } = rows.placement {
            let range = tables.get(table).and_then(|t| t.get(row..row + ids.len()));
            if !range.is_some_and(|range| range.iter().zip(ids).all(|(id, want)| id.0 == want)) {
                rows.placement = Placement::Scattered(Vec::new());
            }
        }
    }
}

type Neurons<'w, 's, M> = Query<'w, 's, (&'static NeuronId, <<M as NeuronModel>::State as StateColumns>::Query), With<ModelOf<M>>>;

/// A population's own components.
type Parts<M> = (
    Ref<'static, Population>,
    Ref<'static, M>,
    &'static mut StepConstants<M>,
    &'static mut MembraneCapacitance,
    (Option<&'static PoissonDrives>, Option<Ref<'static, InjectedCurrent>>, Option<&'static CouplingCurrent>),
    &'static mut RowsOf,
);

/// One population, as the workers see it.
pub(crate) struct Task<'a, M: NeuronModel> {
    pub(crate) population: &'a Population,
    pub(crate) constants: &'a StepConstants<M>,
    pub(crate) poisson: Option<&'a PoissonDrives>,
    pub(crate) current: Option<&'a InjectedCurrent>,
    pub(crate) coupling: Option<&'a CouplingCurrent>,
    pub(crate) placement: &'a Placement,
    /// Whether neurons at rest must be looked at again.
    pub(crate) wakes: bool,
}

/// What one worker owns during a step.
struct Part<'a> {
    blocks: &'a mut [BlockArrivals],
    first_block: usize,
    spikes: &'a mut Vec<u32>,
    scratch: &'a mut Scratch,
}

/// Buffers of one worker.
pub(crate) struct Scratch {
    pub(crate) arriving: [[f32; CHUNK]; MAXIMAL_CHANNELS],
    /// Injected and coupling current together, where there is a coupling.
    pub(crate) current: [f32; CHUNK],
    pub(crate) zeros: [f32; CHUNK],
    pub(crate) spiked: [u8; CHUNK],
    pub(crate) gather: GatherScratch,
    /// By block of the worker and population: which units of eight neurons are awake; empty until they have been looked at.
    pub(crate) awake: Vec<Awake>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            arriving: [[0.0; CHUNK]; MAXIMAL_CHANNELS],
            current: [0.0; CHUNK],
            zeros: [0.0; CHUNK],
            spiked: [0; CHUNK],
            gather: GatherScratch::default(),
            awake: Vec::new(),
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "a system's arguments are its declared access")]
fn integrate_populations<M: NeuronModel>(
    clock: Res<Clock>,
    settings: Res<RunSettings>,
    layout: Res<Layout>,
    faults: Res<FaultReport>,
    mut team: ResMut<Team>,
    mut arrivals: ResMut<Arrivals>,
    mut exchange: ResMut<SpikeExchange>,
    mut populations: Query<Parts<M>>,
    mut neurons: Neurons<M>,
    mut scratch: Local<Vec<Scratch>>,
) {
    if populations.is_empty() {
        return;
    }
    let Ok(tables) = neurons.contiguous_iter_mut() else {
        faults.report(Fault::Other(format!("a state variable of {} is not stored in tables", M::short_type_path())));
        return;
    };
    let tables: Vec<Table<'_>> = tables.map(table_of::<M>).collect();
    let mut tasks: Vec<Option<Task<'_, M>>> = Vec::with_capacity(8);
    for (population, model, mut constants, mut capacitance, (poisson, current, coupling), rows) in &mut populations {
        let mut wakes =
            coupling.is_some() || model.is_changed() || population.is_changed() || current.as_ref().is_some_and(|c| c.is_changed());
        if model.is_changed() {
            let capacitance = capacitance.bypass_change_detection();
            follow_parameters::<M>(&population, &model, constants.bypass_change_detection(), capacitance, &clock, &faults);
        }
        // Nobody watches these two for changes.
        let (ids, rows) = (population.ids(), rows.into_inner());
        if !rows.placement.holds(&ids, rows.rows_in_table, &tables) {
            rows.placement = Placement::find(&ids, &tables);
            wakes = true;
            if let Placement::Rows { table, .. } = rows.placement {
                rows.rows_in_table = tables[table].ids.len();
            }
        }
        if tasks.len() <= population.index {
            tasks.resize_with(population.index + 1, || None);
        }
        let index = population.index;
        tasks[index] = Some(Task {
            population: population.into_inner(),
            constants: constants.into_inner(),
            poisson,
            current: current.map(Ref::into_inner),
            coupling,
            placement: &rows.placement,
            wakes,
        });
    }

    let workers = layout.workers();
    if scratch.len() < workers {
        scratch.resize_with(workers, Scratch::default);
    }
    let (units, mut blocks) = arrivals.parts();
    let mut parts: Vec<Part<'_>> = Vec::with_capacity(workers);
    for (worker, (spikes, scratch)) in exchange.collectors(workers).iter_mut().zip(scratch.iter_mut()).enumerate() {
        let range = layout.blocks_of(worker);
        let (own, others) = blocks.split_at_mut(range.len());
        blocks = others;
        parts.push(Part { blocks: own, first_block: range.start, spikes, scratch });
    }
    team.run_parts(&mut parts, |part| {
        for (number, arrivals) in part.blocks.iter_mut().enumerate() {
            for piece in &layout.blocks()[part.first_block + number].pieces {
                let Some(Some(task)) = tasks.get(piece.population) else { continue };
                let units = &units[piece.population];
                let work = PieceWork {
                    number: number * tasks.len() + piece.population,
                    task,
                    piece,
                    tables: &tables,
                    arrivals,
                    units,
                    spikes: part.spikes,
                    scratch: part.scratch,
                    settings: &settings,
                    faults: &faults,
                    clock: &clock,
                };
                vectorise(settings.simd, work);
            }
        }
    });
}

fn table_of<'a, M: NeuronModel>(
    item: (&'a [NeuronId], <<M::State as StateColumns>::Query as ContiguousQueryData>::Contiguous<'a, 'a>),
) -> Table<'a> {
    Table { ids: item.0, pointers: M::State::pointers(item.1) }
}

/// One piece of a population, for one step.
pub(crate) struct PieceWork<'a, M: NeuronModel> {
    /// Number of the piece among those of its worker.
    pub(crate) number: usize,
    pub(crate) task: &'a Task<'a, M>,
    pub(crate) piece: &'a Piece,
    pub(crate) tables: &'a [Table<'a>],
    pub(crate) arrivals: &'a mut BlockArrivals,
    pub(crate) units: &'a [f32],
    pub(crate) spikes: &'a mut Vec<u32>,
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) settings: &'a RunSettings,
    pub(crate) faults: &'a FaultReport,
    pub(crate) clock: &'a Clock,
}

impl<M: NeuronModel> Vectorised for PieceWork<'_, M> {
    type Output = ();
    #[inline(always)]
    fn run(mut self) {
        if M::RESTS && self.settings.passes_over_rest {
            return self.advance_units();
        }
        let rows = self.piece.rows.start as usize..self.piece.rows.end as usize;
        for start in rows.clone().step_by(CHUNK) {
            let length = CHUNK.min(rows.end - start);
            // Each call is compiled three times, for the instruction sets.
            match self.task.constants {
                StepConstants::Shared(constants) => {
                    let constants = *constants;
                    self.advance_rows(start, length, &move |_, _| Shared(constants), None);
                }
                StepConstants::ByNeuron { words, stride, .. } => {
                    let constants = |start, length| ByNeuron::new::<M::Propagators>(words, *stride, start, length);
                    self.advance_rows(start, length, &constants, None);
                }
            }
        }
    }
}

impl<M: NeuronModel> PieceWork<'_, M> {
    /// Advances a range of rows, at most a chunk; where neurons can rest, clears the bits of those units that now do.
    #[inline(always)]
    pub(crate) fn advance_rows<C: Constants<M::Propagators>>(
        &mut self,
        start: usize,
        length: usize,
        constants: &impl Fn(usize, usize) -> C,
        awake: Option<&mut Awake>,
    ) {
        let Self { task, piece, tables, arrivals, units, spikes, scratch, settings, faults, clock, .. } = self;
        let channels = task.population.channels.min(MAXIMAL_CHANNELS);
        let within = start - piece.rows.start as usize;
        let reached = awake.as_ref().is_none_or(|awake| any(&awake.touched, within / UNIT, length.div_ceil(UNIT)));
        for (channel, unit) in units.iter().enumerate().take(channels) {
            if !reached {
                scratch.arriving[channel][..length].fill(0.0);
                continue;
            }
            let first = piece.offset as usize + channel * piece.stride as usize + within;
            let arriving = &mut scratch.arriving[channel][..length];
            take_fixed(&mut arrivals.fixed[first..first + length], *unit, arriving);
            if !arrivals.wide.is_empty() {
                take_wide(&mut arrivals.wide[first..first + length], arriving);
            }
        }
        if let Some(drives) = task.poisson {
            drives.add(settings.simd, settings.seed, clock.step(), start..start + length, &mut scratch.arriving);
        }
        let mut current = task.current.map_or(&scratch.zeros[..length], |c| &c.0[start..start + length]);
        if let Some(coupling) = task.coupling {
            add_currents(&mut scratch.current, current, &coupling.0[start..start + length]);
            current = &scratch.current[..length];
        }
        let input = Input { arriving: &scratch.arriving, current, length, channels };
        let spiked = &mut scratch.spiked[..length];
        // One call of the kernel for both placements: each further one is compiled six times.
        let (pointers, row, scattered) = match task.placement {
            Placement::Rows { table, row } => (tables[*table].pointers, row + start, None),
            Placement::Scattered(places) => {
                let places = &places[start..start + length];
                // SAFETY: `find` took the places from these tables in this step; rows of a chunk belong to this worker alone, as below.
                (unsafe { scratch.gather.gather::<M::State>(places, tables) }, 0, Some(places))
            }
        };
        // SAFETY: `holds` or `find` placed the whole population in this table; a chunk belongs to one piece, a piece to one block and
        // a block to one worker, so no other slice of these rows lives; the system's query has mutable access to the columns. Gathered
        // columns have room for a chunk, and are borrowed by this worker alone. Exercised by every determinism test.
        M::integrate(constants(start, length), unsafe { M::State::slices(pointers, row, length) }, &input, spiked);
        // SAFETY: as above; the kernel's slices are gone.
        let finite = unsafe { M::State::first_is_finite(pointers, row, length) };
        if let Some(places) = scattered {
            // SAFETY: as for `gather`.
            unsafe { scratch.gather.scatter::<M::State>(places, tables) };
            for (spiked, place) in spiked.iter_mut().zip(places) {
                *spiked &= u8::from(place.is_some());
            }
        }
        // To fall asleep can wait: the same bits, and one look in sixteen steps.
        if M::RESTS
            && clock.step().is_multiple_of(16)
            && let Some(awake) = awake
        {
            let first = within / UNIT;
            for (unit, offset) in (first..).zip((0..length).step_by(UNIT)) {
                let size = (length - offset).min(UNIT);
                // SAFETY: as above; the unit lies within the rows just advanced.
                let columns = unsafe { M::State::slices(pointers, row + offset, size) };
                if M::is_at_rest(constants(start + offset, size), columns, &current[offset..offset + size]) {
                    awake.bits[unit / 64] &= !(1 << (unit % 64));
                }
            }
        }
        collect(spiked, task.population.first + start as u32, spikes);
        if !finite {
            report::<M>(task, tables, start, length, faults, clock);
        }
    }
}

/// Injected and coupling currents together; apart, for it is compiled once, and few networks need it.
#[inline(never)]
pub(crate) fn add_currents(sums: &mut [f32], injected: &[f32], coupling: &[f32]) {
    for ((sum, injected), coupling) in sums.iter_mut().zip(injected).zip(coupling) {
        *sum = injected + coupling;
    }
}

/// Turns fixed-point sums into input, and clears them.
#[inline(always)]
pub(crate) fn take_fixed(sums: &mut [i32], unit: f32, arriving: &mut [f32]) {
    for (sum, arriving) in sums.iter_mut().zip(arriving) {
        *arriving = *sum as f32 * unit;
        *sum = 0;
    }
}

/// Adds wide sums to the input, and clears them.
#[inline(always)]
pub(crate) fn take_wide(sums: &mut [f32], arriving: &mut [f32]) {
    for (sum, arriving) in sums.iter_mut().zip(arriving) {
        *arriving += *sum;
        *sum = 0.0;
    }
}

/// Appends the ids of the neurons that spiked. Flags are looked at 64 at a time, then eight: few neurons spike in any one step.
#[inline(always)]
pub(crate) fn collect(spiked: &[u8], first: u32, spikes: &mut Vec<u32>) {
    for (group, id) in spiked.chunks(64).zip((first..).step_by(64)) {
        if group.iter().fold(0, |any, flag| any | flag) == 0 {
            continue;
        }
        for (flags, id) in group.chunks(8).zip((id..).step_by(8)) {
            let mut word = [0; 8];
            word[..flags.len()].copy_from_slice(flags);
            let mut flags = u64::from_le_bytes(word);
            while flags != 0 {
                let byte = flags.trailing_zeros() / 8;
                spikes.push(id + byte);
                flags &= !(0xff << (8 * byte));
            }
        }
    }
}

#[cold]
#[inline(never)]
pub(crate) fn report<M: NeuronModel>(
    task: &Task<'_, M>,
    tables: &[Table<'_>],
    start: usize,
    length: usize,
    faults: &FaultReport,
    clock: &Clock,
) {
    let found = match task.placement {
        // SAFETY: as in `advance`; no slice of these rows lives.
        Placement::Rows { table, row } => unsafe { M::State::first_fault(tables[*table].pointers, row + start, length) },
        Placement::Scattered(places) => places[start..start + length].iter().enumerate().find_map(|(k, place)| {
            let (table, row) = (*place)?;
            // SAFETY: as above.
            unsafe { M::State::first_fault(tables[table as usize].pointers, row as usize, 1) }.map(|(_, value)| (k, value))
        }),
    };
    let Some((k, value)) = found else { return };
    let index = (start + k) as u32;
    faults.report(Fault::NotFinite {
        value,
        variable: M::State::describe().first().map_or("state", |v| v.name),
        population: task.population.name.clone(),
        index,
        neuron: task.population.first + index,
        step: clock.step(),
        time_ms: clock.time_of(clock.step()).0,
    });
}
