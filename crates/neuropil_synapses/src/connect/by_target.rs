//! Fixed in-degrees: drawn target by target, laid out by source.
//!
//! Each block of targets is made by one thread, in two passes over the same random numbers: the first counts the synapses of each source,
//! the second writes them to their final places. Where delays vary, a source's synapses are then put in order of delay.

use super::DelayGrid;
use super::by_source::{Workspace, place};
use super::draw::{below, with_replacement};
use super::geometry::way;
use super::plan::{Job, Network};
use crate::delivery::kernel::allocate;
use crate::delivery::store::{Entry, Head, Made, Store, push_rows};
use crate::projection::{Allowed, ConnectionRule, ProjectionError};
use neuropil_core::random::{Purpose, stream};
use rayon::prelude::*;

/// Makes the store of one job.
pub fn make<E: Entry>(network: &Network<'_>, job: &Job<'_>, counts: &mut [u64]) -> Result<Store<E>, ProjectionError> {
    let ConnectionRule::FixedInDegree(degree) = job.projection.rule else {
        return Ok(Store::default());
    };
    let targets = by_block(network, job);
    let tallies: Vec<Vec<u32>> = targets.par_iter().map(|targets| tally(network, job, degree, targets)).collect();
    let total: u64 = tallies.iter().flatten().map(|n| u64::from(*n)).sum();
    counts[job.number as usize] += total;
    let mut synapses = allocate::<E>(total as usize);
    let mut parts = Vec::new();
    let mut rest = synapses.as_mut_slice();
    let mut base = 0_u64;
    for (targets, tally) in targets.iter().zip(tallies) {
        let length: usize = tally.iter().map(|n| *n as usize).sum();
        let (own, others) = rest.split_at_mut(length);
        rest = others;
        parts.push((targets, tally, own, base));
        base += length as u64;
    }
    let made: Vec<Made> =
        parts.into_par_iter().map(|(targets, tally, own, base)| fill(network, job, degree, targets, tally, own, base)).collect();

    let (blocks, sources) = (made.len(), job.sources.span());
    let heads = vec![Head::default(); sources.len() * blocks];
    let mut store = Store { synapses, sources, heads, rows: Vec::new(), largest_delay: 1 };
    for (block, part) in made.into_iter().enumerate() {
        let (heads, rows) = part?;
        let before = store.append_rows(&heads, &rows);
        for (source, head) in heads.iter().enumerate() {
            let place = (job.sources.id(source as u32) - store.sources.start) as usize;
            store.heads[place * blocks + block] = head.behind(before);
        }
    }
    Ok(store)
}

/// Numbers of the targets in each block, ascending.
fn by_block(network: &Network<'_>, job: &Job<'_>) -> Vec<Vec<u32>> {
    let mut targets = vec![Vec::new(); network.layout.blocks().len()];
    for target in 0..job.targets.count() {
        let (_, population, index) = job.targets.locate(target);
        targets[network.layout.place(population, index, 0).0 as usize].push(target);
    }
    targets
}

/// Draws the sources of one target, the same ones at every call.
fn sources_of(network: &Network<'_>, job: &Job<'_>, degree: u64, target: u32, taken: &mut [u64], out: &mut Vec<u32>) {
    let id = job.targets.id(target);
    let mut random = stream(network.seed, Purpose::Connection, job.number, u64::from(id));
    let sources = job.sources.count();
    let excluded = if job.projection.autapses == Allowed::No { job.sources.number(id) } else { None };
    out.clear();
    if job.projection.multapses == Allowed::Yes {
        with_replacement(degree, sources, excluded, &mut random, out);
        return;
    }
    while (out.len() as u64) < degree {
        let source = below(sources, &mut random);
        let (word, bit) = (&mut taken[(source / 64) as usize], 1_u64 << (source % 64));
        if *word & bit == 0 && Some(source) != excluded {
            *word |= bit;
            out.push(source);
        }
    }
    for source in out.iter() {
        taken[(source / 64) as usize] = 0;
    }
}

/// Synapses that each source has onto the targets of one block.
fn tally(network: &Network<'_>, job: &Job<'_>, degree: u64, targets: &[u32]) -> Vec<u32> {
    let sources = job.sources.count() as usize;
    let (mut tally, mut taken, mut drawn) = (vec![0_u32; sources], vec![0; sources.div_ceil(64)], Vec::new());
    for target in targets {
        sources_of(network, job, degree, *target, &mut taken, &mut drawn);
        for source in drawn.iter().filter(|source| !network.is_lesioned(job.sources.id(**source))) {
            tally[*source as usize] += 1;
        }
    }
    tally
}

/// Writes the synapses of one block, and gives its heads, by source, and rows.
fn fill<E: Entry>(
    network: &Network<'_>,
    job: &Job<'_>,
    degree: u64,
    targets: &[u32],
    tally: Vec<u32>,
    synapses: &mut [E],
    base: u64,
) -> Made {
    let grid = DelayGrid::new(network.time_step);
    let constant_delay = match job.projection.delay.as_constant() {
        Some(delay) => Some(grid.steps(delay).map_err(|problem| job.error(problem))?),
        None => None,
    };
    let mut delays = vec![0_u16; if constant_delay.is_some() { 0 } else { synapses.len() }];
    let mut next = Vec::with_capacity(tally.len());
    let mut start = 0_usize;
    for count in &tally {
        next.push(start);
        start += *count as usize;
    }
    let (mut taken, mut drawn, mut workspace) = (vec![0; tally.len().div_ceil(64)], Vec::new(), Workspace::default());
    let constant_weight = job.projection.weight.as_constant();
    for target in targets {
        sources_of(network, job, degree, *target, &mut taken, &mut drawn);
        if let (Some(weight), Some(_), true) = (constant_weight, constant_delay, job.sites.is_single()) {
            let (_, entry) = place(network, job, *target, weight, 0)?;
            for source in drawn.iter().filter(|source| !network.is_lesioned(job.sources.id(**source))) {
                let next = &mut next[*source as usize];
                synapses[*next] = entry;
                *next += 1;
            }
            continue;
        }
        if job.spatial {
            let to = network.places.of(job.targets.id(*target)).unwrap_or_default();
            workspace.ways.iter_mut().for_each(Vec::clear);
            for source in &drawn {
                let from = network.places.of(job.sources.id(*source)).unwrap_or_default();
                way(from, to, [0.0; 3]).into_iter().zip(&mut workspace.ways).for_each(|(value, column)| column.push(value));
            }
        }
        let mut values = stream(network.seed, Purpose::Value, job.number, u64::from(job.targets.id(*target)));
        workspace.draw_values(job, drawn.len(), &mut values)?;
        let mut sites = job.sites.stream(network, job.number, job.targets.id(*target));
        for ((source, weight), delay) in drawn.iter().zip(&workspace.weights).zip(&workspace.delays) {
            let site = job.sites.draw(*target, &mut sites);
            if network.is_lesioned(job.sources.id(*source)) {
                continue;
            }
            let next = &mut next[*source as usize];
            (_, synapses[*next]) = place(network, job, *target, *weight, site)?;
            if constant_delay.is_none() {
                delays[*next] = grid.steps(*delay).map_err(|problem| job.error(problem))?;
            }
            *next += 1;
        }
    }
    let (mut heads, mut rows) = (Vec::with_capacity(tally.len()), Vec::new());
    let mut first = 0_usize;
    let mut sorted: Vec<(u16, E)> = Vec::new();
    for count in &tally {
        let range = first..first + *count as usize;
        let first_row = rows.len();
        match constant_delay {
            Some(delay) => push_rows(&mut rows, delay, range.len()),
            None => {
                sorted.clear();
                sorted.extend(delays[range.clone()].iter().copied().zip(synapses[range.clone()].iter().copied()));
                sorted.sort_by_key(|(delay, _)| *delay);
                for (place, (_, entry)) in synapses[range.clone()].iter_mut().zip(&sorted) {
                    *place = *entry;
                }
                for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
                    push_rows(&mut rows, equal[0].0, equal.len());
                }
            }
        }
        heads.push(Head::close(base + first as u64, &mut rows, first_row));
        first = range.end;
    }
    Ok((heads, rows))
}
