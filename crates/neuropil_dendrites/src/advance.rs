//! The system that advances all cells by a step: mechanisms, then the cable equation, group by group.

use crate::calcium::INSIDE;
use crate::declared::KernelScratch;
use crate::energy::{Meter, locked};
use crate::group::{Detectors, Group, Shape};
use crate::layer::{Layer, Stored};
use crate::passes::{Begin, Detect, Solve};
use crate::population::{CellOf, CompartmentId, CompartmentPotential};
use crate::real::{Precision, Real};
use crate::solver::Method;
use crate::solver::lanes::LANES;
use crate::view::{Frame, Gather, Scatter, View};
use crate::work::{Accumulators, GroupWork};
use bevy_ecs::prelude::*;
use bevy_ecs::query::QueryState;
use neuropil_core::arrivals::BlockArrivals;
use neuropil_core::columns::{Pointers, StateColumns};
use neuropil_core::layout::Piece;
use neuropil_core::simd::vectorise;
use neuropil_core::{Arrivals, Clock, Fault, FaultReport, Layout, NeuronId, RunSettings, SpikeExchange, Team};
use neuropil_neurons::coupling::CouplingCurrent;
use neuropil_neurons::state::PreciseMembranePotential;
use neuropil_neurons::stimuli::current::InjectedCurrent;
use neuropil_neurons::stimuli::poisson::PoissonDrives;
use std::sync::Arc;

/// Number and potential of a compartment.
type Potentials<R> = (&'static CompartmentId, <<R as Real>::Columns<(CompartmentPotential,)> as StateColumns>::Query);

/// All populations of cells whose numbers have one precision.
#[derive(Resource)]
pub(crate) struct Cells<R: Stored> {
    pub(crate) populations: Vec<CellPopulation<R>>,
    compartments: QueryState<Potentials<R>>,
    cells: QueryState<(&'static NeuronId, &'static mut PreciseMembranePotential), With<CellOf>>,
    scratch: Vec<Scratch<R>>,
}

impl<R: Stored> FromWorld for Cells<R> {
    fn from_world(world: &mut World) -> Self {
        Self { populations: Vec::new(), compartments: world.query(), cells: world.query_filtered(), scratch: Vec::new() }
    }
}

/// One population of cells.
pub(crate) struct CellPopulation<R> {
    pub(crate) entity: Entity,
    pub(crate) name: String,
    pub(crate) index: usize,
    pub(crate) first: u32,
    /// Its first compartment.
    pub(crate) first_row: u32,
    pub(crate) groups: Vec<Group<R>>,
    pub(crate) layers: Vec<Box<dyn Layer<R>>>,
    /// By group and layer.
    pub(crate) views: Vec<Arc<[View]>>,
    /// By layer: the number of its painting in the plans.
    pub(crate) order: Vec<usize>,
    /// Cells.
    pub(crate) size: u32,
    /// How many of the first layers are pools of calcium.
    pub(crate) pools: usize,
    /// Meters of charge, if it is metered.
    pub(crate) meter: Option<Meter>,
}

/// Buffers of one worker.
#[derive(Default)]
struct Scratch<R> {
    /// Potentials as kernels see them, where those are not the stored ones.
    absolute: Vec<R>,
    conductance: Vec<R>,
    current: Vec<R>,
    calcium: Vec<R>,
    calcium_reversal: Vec<R>,
    calcium_current: Vec<R>,
    work: Vec<R>,
    arriving: Vec<f32>,
    events: Vec<f32>,
    before: Vec<R>,
    /// Potentials at the beginning of the step, where charges are metered.
    start: Vec<R>,
    poisson: Vec<(usize, [f32; LANES])>,
    kernel: KernelScratch<R>,
    frame: Frame<R>,
}

/// A column of one table, with the row of its first id.
#[derive(Clone, Copy)]
struct Column {
    pointers: Pointers,
    rows: usize,
}

/// What one worker owns during a step.
struct Part<'a, R> {
    blocks: &'a mut [BlockArrivals],
    first_block: usize,
    spikes: &'a mut Vec<u32>,
    scratch: &'a mut Scratch<R>,
}

/// Advances all cells whose numbers have one precision.
pub(crate) fn advance_cells<R: Stored>(world: &mut World) {
    if world.resource::<Cells<R>>().populations.is_empty() {
        return;
    }
    let world = world.as_unsafe_world_cell();
    // SAFETY: the system has the world for itself; each of these resources is taken once, and none of the components below is in one of them.
    let (mut cells, clock, settings, layout, mut team, mut arrivals, mut exchange, faults) = unsafe {
        let (Some(cells), Some(clock), Some(settings), Some(layout)) = (
            world.get_resource_mut::<Cells<R>>(),
            world.get_resource::<Clock>(),
            world.get_resource::<RunSettings>(),
            world.get_resource::<Layout>(),
        ) else {
            return;
        };
        let (Some(team), Some(arrivals), Some(exchange), Some(faults)) = (
            world.get_resource_mut::<Team>(),
            world.get_resource_mut::<Arrivals>(),
            world.get_resource_mut::<SpikeExchange>(),
            world.get_resource::<FaultReport>(),
        ) else {
            return;
        };
        (cells, clock, settings, layout, team, arrivals, exchange, faults)
    };
    let Cells { populations, compartments, cells: neurons, scratch } = &mut *cells;
    // SAFETY: potentials of compartments and of cells are components that nobody else uses during this system; the two queries are disjoint.
    let (mut compartments, mut neurons) = unsafe { (compartments.query_unchecked(world), neurons.query_unchecked(world)) };
    let (Ok(tables), Ok(cell_tables)) = (compartments.contiguous_iter_mut(), neurons.contiguous_iter_mut()) else {
        faults.report(Fault::Other("potentials of compartments are not stored in tables".into()));
        return;
    };
    let mut potentials: Vec<Column> = Vec::new();
    for (ids, potential) in tables {
        potentials.push(Column { pointers: R::Columns::<(CompartmentPotential,)>::pointers(potential), rows: ids.len() });
    }
    let somata: Vec<(&[NeuronId], Pointers)> =
        cell_tables.map(|(ids, potential)| (ids, <(PreciseMembranePotential,)>::pointers((potential,)))).collect();
    // By population: the table of its cells, and the row of the first.
    let mut places = Vec::with_capacity(populations.len());
    for population in populations.iter() {
        let found = somata.iter().find_map(|(ids, pointers)| {
            // Ids ascend; those of other neurons may lie between two populations of cells.
            let start = ids.binary_search_by_key(&population.first, |id| id.0).ok()?;
            let last = start + population.size as usize - 1;
            let holds = |row: usize, id: u32| ids.get(row).is_some_and(|found| found.0 == id);
            (holds(start, population.first) && holds(last, population.first + population.size - 1)).then_some((*pointers, start))
        });
        let Some(found) = found else {
            let message = "some cells of a population got components that others lack; such components need sparse storage";
            faults.report(Fault::Other(message.into()));
            return;
        };
        places.push(found);
    }
    let total: usize = populations.iter().flat_map(|p| &p.groups).map(|group| group.rows).sum();
    let [potentials] = &potentials[..] else {
        faults.report(Fault::Other("some compartments got components that others lack; such components need sparse storage".into()));
        return;
    };
    if potentials.rows != total {
        faults.report(Fault::Other("compartments were despawned, or spawned apart from their cells".into()));
        return;
    }
    for layer in populations.iter_mut().flat_map(|population| &mut population.layers) {
        // SAFETY: instances of mechanisms are used by nobody else during this system.
        if let Err(error) = unsafe { layer.locate(world) } {
            faults.report(Fault::Other(error));
            return;
        }
    }
    // SAFETY: the component is only read, and nobody writes it during this system.
    let injected: Vec<Option<&InjectedCurrent>> =
        populations.iter().map(|p| world.get_entity(p.entity).ok().and_then(|entity| unsafe { entity.get::<InjectedCurrent>() })).collect();
    // SAFETY: likewise.
    let poisson: Vec<Option<&PoissonDrives>> =
        populations.iter().map(|p| world.get_entity(p.entity).ok().and_then(|entity| unsafe { entity.get::<PoissonDrives>() })).collect();
    // SAFETY: likewise.
    let coupling: Vec<Option<&CouplingCurrent>> =
        populations.iter().map(|p| world.get_entity(p.entity).ok().and_then(|entity| unsafe { entity.get::<CouplingCurrent>() })).collect();

    let workers = layout.workers();
    if scratch.len() < workers {
        scratch.resize_with(workers, Scratch::<R>::default);
    }
    let (units, mut blocks) = arrivals.parts();
    let mut parts: Vec<Part<'_, R>> = Vec::with_capacity(workers);
    for (worker, (spikes, scratch)) in exchange.collectors(workers).iter_mut().zip(scratch.iter_mut()).enumerate() {
        let range = layout.blocks_of(worker);
        let (own, others) = blocks.split_at_mut(range.len());
        blocks = others;
        parts.push(Part { blocks: own, first_block: range.start, spikes, scratch });
    }
    team.run_parts(&mut parts, |part| {
        for (number, block) in part.blocks.iter_mut().enumerate() {
            for piece in &layout.blocks()[part.first_block + number].pieces {
                let Some(place) = populations.iter().position(|p| p.index == piece.population) else { continue };
                let population = &populations[place];
                let job = Job {
                    population,
                    piece,
                    potentials: *potentials,
                    somata: places[place],
                    injected: injected[place],
                    poisson: poisson[place],
                    coupling: coupling[place],
                };
                for number in piece.rows.start as usize / LANES..(piece.rows.end as usize).div_ceil(LANES) {
                    job.advance_group(number, block, &units[piece.population], part.spikes, part.scratch, settings, faults, clock);
                }
            }
        }
    });
}

/// A piece of a population of cells.
struct Job<'a, R> {
    population: &'a CellPopulation<R>,
    piece: &'a Piece,
    potentials: Column,
    /// The table of the population's cells, and the row of the first.
    somata: (Pointers, usize),
    injected: Option<&'a InjectedCurrent>,
    poisson: Option<&'a PoissonDrives>,
    coupling: Option<&'a CouplingCurrent>,
}

impl<R: Stored> Job<'_, R> {
    #[expect(clippy::too_many_arguments, reason = "what the worker owns, and what all share")]
    fn advance_group(
        &self,
        number: usize,
        block: &mut BlockArrivals,
        units: &[f32],
        spikes: &mut Vec<u32>,
        scratch: &mut Scratch<R>,
        settings: &RunSettings,
        faults: &FaultReport,
        clock: &Clock,
    ) {
        let group = &self.population.groups[number];
        let row = self.population.first_row as usize + group.start;
        // SAFETY: the caller found all compartments in this table in order, so that the rows of a group are its own; a group belongs to one piece, and a
        // piece to one worker. Exercised by every test of cells.
        let (potential,) = unsafe { <(CompartmentPotential,)>::reals::<R>(self.potentials.pointers, row, group.rows) };
        let Scratch {
            absolute,
            conductance,
            current,
            calcium,
            calcium_reversal,
            calcium_current,
            work,
            arriving,
            events,
            before,
            start,
            poisson,
            kernel,
            frame,
        } = scratch;
        for buffer in [&mut *conductance, &mut *current, &mut *work] {
            buffer.resize(buffer.len().max(group.rows), R::default());
        }
        let (conductance, current, work) = (&mut conductance[..group.rows], &mut current[..group.rows], &mut work[..group.rows]);
        if R::PRECISION == Precision::Single {
            absolute.resize(absolute.len().max(group.rows), R::default());
        }
        vectorise(settings.simd, Begin { group, stored: &*potential, absolute: &mut absolute[..], conductance, current });
        let calcium_rows = group.calcium_reversal.len();
        for (buffer, value) in [(&mut *calcium, R::from(INSIDE.0)), (&mut *calcium_current, R::default())] {
            buffer.clear();
            buffer.resize(calcium_rows, value);
        }
        calcium_reversal.clone_from(&group.calcium_reversal);
        before.clear();
        match &group.detectors {
            Detectors::Alike(first, _) => before.extend_from_slice(&potential[*first as usize..][..group.cells.len()]),
            Detectors::Each(places) => before.extend(places.iter().map(|(row, _)| potential[*row as usize])),
        }
        let offset = self.piece.offset as usize + (group.cells.start - self.piece.rows.start) as usize;
        let arrivals = Accumulators { block, units, offset, stride: self.piece.stride as usize };
        poisson.clear();
        let cells = group.cells.start as usize..group.cells.end as usize;
        for drive in self.poisson.iter().flat_map(|drives| &drives.0).filter(|drive| drive.active) {
            let mut events = [0.0; LANES];
            drive.add_to(settings.simd, settings.seed, clock.step(), cells.clone(), &mut events[..cells.len()]);
            if events.iter().any(|events| *events != 0.0) {
                poisson.push((drive.channel, events));
            }
        }
        let shown: &[R] = match R::PRECISION {
            Precision::Double => &*potential,
            Precision::Single => &absolute[..group.rows],
        };
        let mut membrane = GroupWork {
            in_place: false,
            potential: shown,
            conductance,
            current,
            calcium,
            calcium_reversal,
            calcium_current,
            arrivals,
            poisson,
            arriving,
            events,
            kernel,
        };
        let meter = self.population.meter.as_ref();
        let mut own_meter = meter.map(|meter| locked(&meter.groups[number]));
        for (place, (layer, view)) in self.population.layers.iter().zip(&self.population.views[number][..]).enumerate() {
            if let Some(own) = &mut own_meter {
                membrane.arriving.clear();
                own.before(place, membrane.conductance, membrane.current);
            }
            let rows = layer.listed(number).unwrap_or_default();
            if let View::Shared { first: true, .. } = view {
                vectorise(settings.simd, Gather { frame, rows, work: &membrane });
            }
            // SAFETY: all layers were located in this step, and only this worker advances this group.
            unsafe {
                match view {
                    View::Own => layer.advance(settings.simd, number, &mut membrane),
                    View::Run(start) => layer.advance(settings.simd, number, &mut membrane.run(*start..*start + rows.len())),
                    View::Shared { .. } => layer.advance(settings.simd, number, &mut frame.work(&mut membrane)),
                }
            }
            if let View::Shared { last: true, .. } = view {
                vectorise(settings.simd, Scatter { frame, rows, work: &mut membrane });
            }
            if let Some(own) = &mut own_meter {
                own.after(place, membrane.conductance, membrane.current, membrane.arriving);
            }
        }
        if let Shape::Pool { forks, .. } = &group.shape {
            for fork in forks {
                (conductance[*fork as usize], current[*fork as usize]) = (R::default(), R::default());
            }
        }
        for pool in &self.population.layers[..self.population.pools] {
            // SAFETY: as above.
            unsafe { pool.keep_calcium_current(number, calcium_current) };
        }
        if let Some(injected) = self.injected {
            // A value for each cell at the first place, then at the second.
            for (injected, electrode) in injected.0.chunks_exact(self.population.size as usize).zip(&group.electrodes) {
                for (injected, (row, per_area)) in injected[group.cells.start as usize..].iter().zip(electrode) {
                    current[*row as usize] += R::from(*injected) * *per_area;
                }
            }
        }
        if let (Some(coupling), Some(detectors)) = (self.coupling, group.electrodes.first()) {
            for (flows, (row, per_area)) in coupling.0[group.cells.start as usize..].iter().zip(detectors) {
                current[*row as usize] += R::from(*flows) * *per_area;
            }
        }
        if own_meter.is_some() {
            start.clear();
            start.extend_from_slice(potential);
        }
        vectorise(settings.simd, Solve { group, potential, conductance, current, work });
        if let (Some(meter), Some(own)) = (meter, &mut own_meter) {
            // Crank and Nicolson's step goes on from the middle that it solved for.
            let potential = &*potential;
            match group.method {
                Method::BackwardEuler => own.charge(meter, |row| potential[row].to_f64() + R::REFERENCE),
                Method::CrankNicolson => own.charge(meter, |row| (start[row] + potential[row]).to_f64() / 2.0 + R::REFERENCE),
            }
        }
        let (cells, first) = self.somata;
        let start = first + group.cells.start as usize;
        // SAFETY: the caller found the population's cells in this table from that row on; those of a group belong to this worker.
        let (somata,) = unsafe { <(PreciseMembranePotential,)>::slices(cells, start, group.cells.len()) };
        let (crossed, finite) = match &group.detectors {
            Detectors::Alike(first, threshold) => {
                vectorise(settings.simd, Detect { potential: &potential[*first as usize..], before, somata, threshold: *threshold })
            }
            Detectors::Each(places) => {
                let mut seen = (0, true);
                for (cell, ((row, threshold), soma)) in places.iter().zip(&mut *somata).enumerate() {
                    let now = potential[*row as usize];
                    *soma = now.to_f64() + R::REFERENCE;
                    seen.0 |= u32::from(before[cell] < *threshold && now >= *threshold) << cell;
                    seen.1 &= soma.is_finite();
                }
                seen
            }
        };
        if crossed != 0 {
            let first = self.population.first + group.cells.start;
            spikes.extend((0..group.cells.len() as u32).filter(|cell| crossed >> cell & 1 == 1).map(|cell| first + cell));
        }
        if !finite {
            for (index, value) in group.cells.clone().zip(&*somata).filter(|(_, potential)| !potential.is_finite()) {
                faults.report(Fault::NotFinite {
                    value: *value,
                    variable: "membrane_potential",
                    population: self.population.name.clone(),
                    index,
                    neuron: self.population.first + index,
                    step: clock.step(),
                    time_ms: clock.time_of(clock.step()).0,
                });
            }
        }
    }
}
