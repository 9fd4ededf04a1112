//! Rules that go source by source, and the store that all of them share.
//!
//! Out-degrees come first; they give every source its place. Then sources are made in chunks, in parallel, each sorted by block and delay while
//! it is in the cache, and written to its final place: no global sort, no second copy.

use super::DelayGrid;
use super::draw::{Taken, binomial, multinomial, multivariate_hypergeometric, with_replacement, without_replacement};
use super::geometry::way;
use super::plan::{Job, Network};
use crate::delivery::kernel::allocate;
use crate::delivery::store::{Entry, Head, Made, Row, Store, push_rows};
use crate::projection::{Allowed, ConnectionRule, ProjectionError};
use neuropil_core::random::{Purpose, stream};
use neuropil_units::Scratch;
use rand::Rng;
use rayon::prelude::*;
use std::ops::Range;

/// Sources that are made together.
const CHUNK: u32 = 64;

/// A job and the out-degree of each of its sources.
struct Sized<'a, 'b> {
    job: &'a Job<'b>,
    /// Empty where every source has `same`.
    degrees: Vec<u32>,
    same: u32,
    /// For explicit lists: positions in the list, ordered by source.
    order: Vec<u32>,
    starts: Vec<u32>,
}

impl Sized<'_, '_> {
    fn degree(&self, source: u32) -> u32 {
        self.degrees.get(source as usize).copied().unwrap_or(self.same)
    }
}

/// Makes one store from all `jobs`.
pub fn make<E: Entry>(network: &Network<'_>, jobs: &[&Job<'_>], counts: &mut [u64]) -> Result<Store<E>, ProjectionError> {
    let sized: Vec<Sized<'_, '_>> = jobs.par_iter().map(|job| size(network, job)).collect();
    let sources = span(jobs);
    let mut total = 0_u64;
    let mut firsts = Vec::with_capacity(sources.len() + 1);
    for id in sources.clone() {
        firsts.push(total);
        if network.is_lesioned(id) {
            continue;
        }
        for sized in &sized {
            if let Some(number) = sized.job.sources.number(id) {
                let degree = u64::from(sized.degree(number));
                counts[sized.job.number as usize] += degree;
                total += degree;
            }
        }
    }
    firsts.push(total);

    let mut synapses = allocate::<E>(total as usize);
    let mut slices = Vec::new();
    let mut rest = synapses.as_mut_slice();
    for first in sources.clone().step_by(CHUNK as usize) {
        let own = first..(first + CHUNK).min(sources.end);
        let [start, end] = [own.start, own.end].map(|id| firsts[(id - sources.start) as usize]);
        let (place, others) = rest.split_at_mut((end - start) as usize);
        slices.push((own, start, place));
        rest = others;
    }
    let made: Vec<Made> = slices
        .into_par_iter()
        .map_init(Workspace::default, |workspace, (own, base, place)| workspace.make_sources(network, &sized, own, base, place))
        .collect();
    let heads = Vec::with_capacity(sources.len() * network.layout.blocks().len());
    let mut store = Store { synapses, sources, heads, rows: Vec::new(), largest_delay: 1 };
    let chunks = made.into_iter().collect::<Result<Vec<_>, _>>()?;
    store.rows.reserve_exact(chunks.iter().map(|(_, rows)| rows.len()).sum());
    for (heads, rows) in chunks {
        let before = store.append_rows(&heads, &rows);
        store.heads.extend(heads.iter().map(|head| head.behind(before)));
    }
    Ok(store)
}

/// The least range of ids that holds all sources.
fn span(jobs: &[&Job<'_>]) -> Range<u32> {
    let spans = jobs.iter().map(|job| job.sources.span());
    spans.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or(0..0)
}

/// Out-degrees of one job.
fn size<'a, 'b>(network: &Network<'_>, job: &'a Job<'b>) -> Sized<'a, 'b> {
    let (sources, targets) = (job.sources.count(), job.targets.count());
    let pairs = |source: u32| targets - u32::from(job.own_target(job.sources.id(source)).is_some());
    let mut sized = Sized { job, degrees: Vec::new(), same: 0, order: Vec::new(), starts: Vec::new() };
    match &job.projection.rule {
        ConnectionRule::OneToOne => sized.degrees = (0..sources).map(|s| u32::from(job.own_target(job.sources.id(s)) != Some(s))).collect(),
        ConnectionRule::AllToAll => sized.degrees = (0..sources).map(pairs).collect(),
        ConnectionRule::FixedOutDegree(degree) => {
            sized.degrees = (0..sources).map(|s| if pairs(s) == 0 { 0 } else { *degree as u32 }).collect()
        }
        ConnectionRule::FixedTotalNumber(number) => {
            let mut random = stream(network.seed, Purpose::Connection, job.number, u64::MAX);
            sized.degrees = match job.projection.multapses {
                Allowed::Yes => multinomial(*number, sources, pairs, &mut random),
                Allowed::No => multivariate_hypergeometric(*number, sources, pairs, &mut random),
            };
        }
        ConnectionRule::PairwiseBernoulli(_) | ConnectionRule::DistanceDependent { .. } => {
            let degree = |workspace: &mut Workspace, source: u32| {
                let mut random = stream(network.seed, Purpose::Connection, job.number, u64::from(job.sources.id(source)));
                workspace.targets.clear();
                workspace.draw_targets(network, job, source, None, &mut random);
                workspace.targets.len() as u32
            };
            sized.degrees = (0..sources).into_par_iter().map_init(Workspace::default, degree).collect();
        }
        ConnectionRule::Explicit(list) => {
            sized.order = (0..list.len() as u32).collect();
            sized.order.sort_by_key(|k| list[*k as usize].source);
            sized.degrees = vec![0; sources as usize];
            list.iter().for_each(|s| sized.degrees[s.source as usize] += 1);
            let mut start = 0;
            for degree in &sized.degrees {
                sized.starts.push(start);
                start += degree;
            }
        }
        ConnectionRule::FixedInDegree(_) => {}
    }
    sized
}

/// Buffers of one thread.
#[derive(Default)]
pub(super) struct Workspace {
    pub(super) targets: Vec<u32>,
    pub(super) weights: Vec<f64>,
    pub(super) delays: Vec<f64>,
    pub(super) ways: [Vec<f64>; 4],
    pub(super) scratch: Scratch,
    taken: Taken,
    probabilities: Vec<f64>,
    keys: Vec<u32>,
    counts: Vec<u32>,
}

impl Workspace {
    fn make_sources<E: Entry>(
        &mut self,
        network: &Network<'_>,
        jobs: &[Sized<'_, '_>],
        sources: Range<u32>,
        base: u64,
        place: &mut [E],
    ) -> Made {
        let blocks = network.layout.blocks().len();
        let (mut heads, mut rows) = (Vec::with_capacity(sources.len() * blocks), Vec::new());
        let mut entries: Vec<E> = Vec::new();
        let mut done = 0;
        for id in sources {
            self.keys.clear();
            entries.clear();
            for sized in jobs {
                if let Some(number) = sized.job.sources.number(id).filter(|_| !network.is_lesioned(id)) {
                    self.make_source(network, sized, number, id, &mut entries)?;
                }
            }
            let own = &mut place[done..done + entries.len()];
            self.sort(&entries, own, blocks, base + done as u64, &mut heads, &mut rows);
            done += entries.len();
        }
        Ok((heads, rows))
    }

    /// Appends the synapses of one source and job, and the key (block, delay) of each.
    fn make_source<E: Entry>(
        &mut self,
        network: &Network<'_>,
        sized: &Sized<'_, '_>,
        source: u32,
        id: u32,
        entries: &mut Vec<E>,
    ) -> Result<(), ProjectionError> {
        let (job, projection) = (sized.job, sized.job.projection);
        let mut random = stream(network.seed, Purpose::Connection, job.number, u64::from(id));
        self.targets.clear();
        let own = sized.starts.get(source as usize).map(|s| &sized.order[*s as usize..(*s + sized.degree(source)) as usize]);
        match (&projection.rule, own) {
            (ConnectionRule::Explicit(list), Some(own)) => self.targets.extend(own.iter().map(|k| list[*k as usize].target)),
            _ => self.draw_targets(network, job, source, Some(sized.degree(source)), &mut random),
        }
        let mut values = stream(network.seed, Purpose::Value, job.number, u64::from(id));
        if job.spatial {
            let from = network.places.of(id).unwrap_or_default();
            let periodic = periodic_of(job);
            self.ways.iter_mut().for_each(Vec::clear);
            for target in &self.targets {
                let to = network.places.of(job.targets.id(*target)).unwrap_or_default();
                way(from, to, periodic).into_iter().zip(&mut self.ways).for_each(|(value, column)| column.push(value));
            }
        }
        self.draw_values(job, self.targets.len(), &mut values)?;
        if let (ConnectionRule::Explicit(list), Some(own)) = (&projection.rule, own) {
            for (k, position) in own.iter().enumerate() {
                let synapse = &list[*position as usize];
                self.weights[k] = synapse.weight.unwrap_or(self.weights[k]);
                self.delays[k] = synapse.delay.unwrap_or(self.delays[k]);
            }
        }
        let grid = DelayGrid::new(network.time_step);
        let mut sites = job.sites.stream(network, job.number, id);
        for ((target, weight), delay) in self.targets.iter().zip(&self.weights).zip(&self.delays) {
            let (block, entry) = place(network, job, *target, *weight, job.sites.draw(*target, &mut sites))?;
            let delay = grid.steps(*delay).map_err(|problem| job.error(problem))?;
            entries.push(entry);
            self.keys.push(block << 16 | u32::from(delay));
        }
        Ok(())
    }

    /// Draws weights and delays of `count` synapses, whose ways are known where the job is spatial.
    pub(super) fn draw_values<R: Rng>(&mut self, job: &Job<'_>, count: usize, random: &mut R) -> Result<(), ProjectionError> {
        self.weights.resize(count, 0.0);
        self.delays.resize(count, 0.0);
        let variables: Vec<&[f64]> = if job.spatial { self.ways.iter().map(Vec::as_slice).collect() } else { Vec::new() };
        for (name, program, out) in
            [("weight", &job.projection.weight, &mut self.weights), ("delay", &job.projection.delay, &mut self.delays)]
        {
            match program.as_constant() {
                Some(value) => out.fill(value),
                None => {
                    let done = program.evaluate_block(&variables, random, out, &mut self.scratch);
                    done.map_err(|error| job.error(format!("its {name}: {error}")))?;
                }
            }
        }
        Ok(())
    }

    /// Appends the targets of one source; `degree` is `None` where the rule gives it.
    fn draw_targets<R: Rng>(&mut self, network: &Network<'_>, job: &Job<'_>, source: u32, degree: Option<u32>, random: &mut R) {
        let (targets, id) = (job.targets.count(), job.sources.id(source));
        let excluded = job.own_target(id);
        let degree_or = |otherwise: u64| degree.map_or(otherwise, u64::from);
        match &job.projection.rule {
            ConnectionRule::AllToAll => self.targets.extend((0..targets).filter(|t| Some(*t) != excluded)),
            ConnectionRule::OneToOne => self.targets.extend(Some(source).filter(|t| Some(*t) != excluded)),
            ConnectionRule::FixedOutDegree(_) | ConnectionRule::FixedTotalNumber(_) => match job.projection.multapses {
                Allowed::Yes => with_replacement(degree_or(0), targets, excluded, random, &mut self.targets),
                Allowed::No => without_replacement(degree_or(0), targets, excluded, random, &mut self.taken, &mut self.targets),
            },
            ConnectionRule::PairwiseBernoulli(p) => {
                // The degree is drawn again from the same numbers, so that counting and making agree.
                let degree = binomial(u64::from(targets - u32::from(excluded.is_some())), *p, random);
                without_replacement(degree, targets, excluded, random, &mut self.taken, &mut self.targets);
            }
            ConnectionRule::DistanceDependent { probability, periodic } => {
                let from = network.places.of(id).unwrap_or_default();
                for first in (0..targets).step_by(1024) {
                    let block = first..(first + 1024).min(targets);
                    self.ways.iter_mut().for_each(Vec::clear);
                    for target in block.clone() {
                        let to = network.places.of(job.targets.id(target)).unwrap_or_default();
                        way(from, to, *periodic).into_iter().zip(&mut self.ways).for_each(|(value, column)| column.push(value));
                    }
                    self.probabilities.resize(block.len(), 0.0);
                    let ways: Vec<&[f64]> = self.ways.iter().map(Vec::as_slice).collect();
                    if probability.evaluate_block(&ways, random, &mut self.probabilities, &mut self.scratch).is_err() {
                        self.probabilities.fill(0.0);
                    }
                    for (target, p) in block.zip(&self.probabilities) {
                        let u = (random.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0;
                        if u < *p && Some(target) != excluded {
                            self.targets.push(target);
                        }
                    }
                }
            }
            ConnectionRule::FixedInDegree(_) | ConnectionRule::Explicit(_) => {}
        }
    }

    /// Puts one source's entries in order of block and delay, keeping the order in which they were made among equals.
    fn sort<E: Entry>(&mut self, entries: &[E], place: &mut [E], blocks: usize, base: u64, heads: &mut Vec<Head>, rows: &mut Vec<Row>) {
        let span = self.keys.iter().map(|k| k & 0xffff).max().unwrap_or(0) as usize + 1;
        let bucket = |key: u32| (key >> 16) as usize * span + (key & 0xffff) as usize;
        self.counts.clear();
        self.counts.resize(blocks * span + 1, 0);
        for key in &self.keys {
            self.counts[bucket(*key) + 1] += 1;
        }
        let mut synapse = base;
        for block in 0..blocks {
            let first = rows.len();
            let mut length = 0;
            for delay in 0..span {
                let count = self.counts[block * span + delay + 1] as usize;
                push_rows(rows, delay as u16, count);
                length += count;
            }
            heads.push(Head::close(synapse, rows, first));
            synapse += length as u64;
        }
        for k in 1..self.counts.len() {
            self.counts[k] += self.counts[k - 1];
        }
        for (key, entry) in self.keys.iter().zip(entries) {
            let next = &mut self.counts[bucket(*key)];
            place[*next as usize] = *entry;
            *next += 1;
        }
    }
}

/// Block of a target, and its packed synapse at one of the receptor's places.
#[inline(always)]
pub(super) fn place<E: Entry>(
    network: &Network<'_>,
    job: &Job<'_>,
    target: u32,
    weight: f64,
    site: u32,
) -> Result<(u32, E), ProjectionError> {
    let (range, population, index) = job.targets.locate(target);
    let route = &job.routes[range][usize::from(weight < 0.0)];
    if route.factor == 0.0 {
        return Err(refuse(network, job, population, weight));
    }
    let (block, accumulator) = network.layout.place(population, index, route.channel + site);
    Ok((block, E::pack(accumulator, weight * route.factor, route.scale)))
}

#[cold]
fn refuse(network: &Network<'_>, job: &Job<'_>, population: usize, weight: f64) -> ProjectionError {
    let target = network.populations[population];
    let unit = target.receptors.first().map_or("", |r| r.unit);
    let receptor = job.projection.receptor.as_deref().map_or("no receptor".to_string(), |r| format!("receptor `{r}` does not"));
    job.error(format!("a weight of {weight} {unit}: {receptor} of `{}` take this sign", target.name))
}

fn periodic_of(job: &Job<'_>) -> [f64; 3] {
    if let ConnectionRule::DistanceDependent { periodic, .. } = &job.projection.rule { *periodic } else { [0.0; 3] }
}
