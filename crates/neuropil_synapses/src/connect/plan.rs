//! What is common to all projections of a build: who is a source, where a weight goes, and what one unit of fixed point stands for.

use super::continuous::Synapse;
use super::geometry::{Places, UNBOUNDED};
use super::sites::Chooser;
use super::{by_source, by_target, continuous};
use crate::delivery::store::{Fixed, Store, Wide};
use crate::projection::{Allowed, ConnectionRule, Projection, ProjectionError, Transmission};
use bevy_ecs::prelude::Entity;
use neuropil_core::random::{Purpose, stream};
use neuropil_core::{Accepts, Arrivals, Coupling, Graded, Layout, Population};
use neuropil_units::{Milliseconds, Program, Scratch};
use std::borrow::Cow;
use std::ops::Range;

/// The largest weight may be this many times the typical weight of a projection onto the same receptor and still be kept in fixed point;
/// rounding is then below 1/1000 of the typical weight.
const FIXED_RANGE: f64 = 30.0;

/// The network that synapses are made for.
#[derive(Clone, Copy)]
pub struct Network<'a> {
    /// Populations, in order of ids.
    pub populations: &'a [&'a Population],
    /// Where their neurons are.
    pub layout: &'a Layout,
    /// Where they lie in space.
    pub places: &'a Places,
    /// Seed.
    pub seed: u64,
    /// Time step.
    pub time_step: Milliseconds,
    /// Threads to build with.
    pub threads: usize,
    /// Neurons without output, ascending.
    pub lesioned: &'a [u32],
}

impl Network<'_> {
    /// Whether a neuron has no output.
    #[inline(always)]
    pub fn is_lesioned(&self, id: u32) -> bool {
        !self.lesioned.is_empty() && self.lesioned.binary_search(&id).is_ok()
    }
}

/// The neurons on one side of a projection, numbered from 0.
#[derive(Clone, Debug)]
pub struct Side {
    /// By population: first number on this side, number of the population, its first id, its size.
    ranges: Vec<(u32, usize, u32, u32)>,
    count: u32,
}

impl Side {
    fn new(names: &[String], populations: &[&Population]) -> Option<Self> {
        let mut count = 0_u32;
        let mut ranges = Vec::new();
        for name in names {
            let population = populations.iter().find(|p| p.name == *name)?;
            ranges.push((count, population.index, population.first, population.size));
            count = count.checked_add(population.size)?;
        }
        Some(Self { ranges, count })
    }

    /// Number of neurons.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Number on this side → which range, population, index within the population.
    #[inline(always)]
    pub fn locate(&self, number: u32) -> (usize, usize, u32) {
        let mut range = 0;
        while range + 1 < self.ranges.len() && number >= self.ranges[range + 1].0 {
            range += 1;
        }
        let (start, population, ..) = self.ranges[range];
        (range, population, number - start)
    }

    /// Number on this side → id.
    #[inline(always)]
    pub fn id(&self, number: u32) -> u32 {
        let (range, _, index) = self.locate(number);
        self.ranges[range].2 + index
    }

    /// Id → number on this side, if it is there.
    pub fn number(&self, id: u32) -> Option<u32> {
        self.ranges.iter().find(|(_, _, first, size)| id >= *first && id - first < *size).map(|(start, _, first, _)| start + (id - first))
    }

    /// The least range of ids that holds all of them.
    pub fn span(&self) -> Range<u32> {
        let first = self.ranges.iter().map(|(_, _, first, _)| *first).min().unwrap_or(0);
        let end = self.ranges.iter().map(|(_, _, first, size)| first + size).max().unwrap_or(0);
        first..end
    }

    /// Populations on this side.
    pub fn populations(&self) -> impl Iterator<Item = usize> {
        self.ranges.iter().map(|(_, population, ..)| *population)
    }
}

/// Where weights of one sign go in one target population.
#[derive(Clone, Copy, Debug, Default)]
pub struct Route {
    /// Channel; of a receptor with several places, the first.
    pub channel: u32,
    /// Places of the receptor.
    pub places: u32,
    /// Factor of the weight, 1 or -1; 0 where no receptor takes this sign.
    pub factor: f64,
    /// Fixed-point units that a weight of one stands for.
    pub scale: f64,
}

impl Route {
    /// Whether it leads to a channel.
    fn reaches(&self, channel: u32) -> bool {
        channel >= self.channel && channel - self.channel < self.places
    }
}

/// A projection, resolved.
pub struct Job<'a> {
    /// Number of the projection, part of the key of its random numbers.
    pub number: u32,
    /// The projection.
    pub projection: &'a Projection,
    /// Sources.
    pub sources: Side,
    /// Targets.
    pub targets: Side,
    /// By range of targets: routes of weights that are not negative, and of negative ones.
    pub routes: Vec<[Route; 2]>,
    /// Whether its synapses are wide.
    pub wide: bool,
    /// Whether an expression needs distances.
    pub spatial: bool,
    /// Where on the targets its synapses are.
    pub sites: Chooser<'a>,
}

impl Job<'_> {
    /// An error of this projection.
    pub fn error(&self, problem: String) -> ProjectionError {
        ProjectionError::Rule { projection: self.projection.name.clone(), problem }
    }

    /// The target that a source must not have, if autapses are not allowed.
    pub fn own_target(&self, source_id: u32) -> Option<u32> {
        if self.projection.autapses == Allowed::No { self.targets.number(source_id) } else { None }
    }

    /// Whether synapses are drawn target by target.
    fn is_by_target(&self) -> bool {
        matches!(self.projection.rule, ConnectionRule::FixedInDegree(_))
    }
}

/// What was made.
pub struct Made {
    /// Stores of fixed-point synapses.
    pub fixed: Vec<Store<Fixed>>,
    /// Stores of wide synapses.
    pub wide: Vec<Store<Wide>>,
    /// Graded synapses.
    pub graded: Graded,
    /// Electrical synapses.
    pub coupling: Coupling,
    /// Synapses of each projection.
    pub counts: Vec<u64>,
}

/// What a channel's fixed-point unit stands for: population, channel, weight.
pub type Units = Vec<(usize, usize, f32)>;

/// All projections, resolved, and what one unit of fixed point stands for in each channel.
fn resolve_all<'a>(network: &Network<'_>, projections: &'a [Cow<'a, Projection>]) -> Result<(Vec<Job<'a>>, Units), ProjectionError> {
    let mut jobs = Vec::with_capacity(projections.len());
    for (number, projection) in projections.iter().enumerate() {
        jobs.push(resolve(network, number as u32, projection)?);
    }
    let units = choose_units(network, &mut jobs);
    Ok((jobs, units))
}

/// The projections as they are built: electrical ones lose their delays.
fn as_built<'a>(network: &Network<'_>, projections: &[(Entity, &'a Projection)]) -> Result<Vec<Cow<'a, Projection>>, ProjectionError> {
    let build = |(_, projection): &(Entity, &'a Projection)| match projection.transmission {
        Transmission::Electrical => continuous::without_delay(projection, network.time_step).map(Cow::Owned),
        Transmission::Spikes | Transmission::Graded => Ok(Cow::Borrowed(*projection)),
    };
    projections.iter().map(build).collect()
}

/// Makes all synapses: one store for all rules that go source by source, so that the rows of a source are long, and one for each that goes
/// target by target; graded and electrical synapses apart.
pub fn make(network: &Network<'_>, projections: &[(Entity, &Projection)], arrivals: &mut Arrivals) -> Result<Made, ProjectionError> {
    let projections = as_built(network, projections)?;
    let (jobs, units) = resolve_all(network, &projections)?;
    units.iter().for_each(|(population, channel, unit)| arrivals.set_unit(*population, *channel, *unit));
    let of = |transmission| jobs.iter().filter(move |job| job.projection.transmission == transmission);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(network.threads).build();
    let pool = pool.map_err(|error| ProjectionError::Rule { projection: "all".to_string(), problem: format!("no threads: {error}") })?;
    pool.install(|| {
        let mut counts = vec![0; jobs.len()];
        let graded = continuous::grade(network, &of(Transmission::Graded).collect::<Vec<_>>(), &mut counts)?;
        let coupling = continuous::couple(network, &of(Transmission::Electrical).collect::<Vec<_>>(), &mut counts)?;
        let mut made = Made { fixed: Vec::new(), wide: Vec::new(), graded, coupling, counts };
        let (fixed, wide): (Vec<&Job<'_>>, Vec<&Job<'_>>) = of(Transmission::Spikes).filter(|j| !j.is_by_target()).partition(|j| !j.wide);
        if !fixed.is_empty() {
            made.fixed.push(by_source::make(network, &fixed, &mut made.counts)?);
        }
        if !wide.is_empty() {
            made.wide.push(by_source::make(network, &wide, &mut made.counts)?);
        }
        for job in of(Transmission::Spikes).filter(|j| j.is_by_target()) {
            if job.wide {
                made.wide.push(by_target::make(network, job, &mut made.counts)?);
            } else {
                made.fixed.push(by_target::make(network, job, &mut made.counts)?);
            }
        }
        Ok(made)
    })
}

/// The synapses of one projection, made again: rules draw the same from the same seed.
///
/// Weights are as they act: rounded as they are stored, with the sign that the projection gave them.
pub fn list(network: &Network<'_>, projections: &[(Entity, &Projection)], which: usize) -> Result<Vec<Synapse>, ProjectionError> {
    let projections = as_built(network, projections)?;
    let (jobs, units) = resolve_all(network, &projections)?;
    let Some(job) = jobs.get(which) else { return Ok(Vec::new()) };
    let stored = |(mut synapse, population, _, channel): continuous::Placed| {
        let unit = units.iter().find(|(p, c, _)| (*p, *c) == (population, channel as usize)).map_or(1.0, |(.., unit)| f64::from(*unit));
        synapse.weight = match (job.projection.transmission, job.wide) {
            (Transmission::Electrical, _) => synapse.weight,
            (Transmission::Spikes, false) => (synapse.weight / unit).clamp(-32767.0, 32767.0).round_ties_even() * unit,
            _ => f64::from(synapse.weight as f32),
        };
        // A magnitude that came from a negative weight is that weight again.
        let (range, ..) = job.targets.number(synapse.target).map_or((0, 0, 0), |number| job.targets.locate(number));
        let negative = &job.routes[range][1];
        if negative.factor < 0.0 && negative.reaches(channel) && job.projection.receptor.is_none() {
            synapse.weight = -synapse.weight;
        }
        synapse
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(network.threads).build();
    let pool = pool.map_err(|error| job.error(format!("no threads: {error}")))?;
    let mut all: Vec<Synapse> = pool.install(|| continuous::list(network, job))?.into_iter().map(stored).collect();
    if job.projection.transmission == Transmission::Electrical {
        all.retain(|synapse| !network.is_lesioned(synapse.target));
    }
    all.sort_by_key(|synapse| (synapse.source, synapse.target));
    Ok(all)
}

fn resolve<'a>(network: &Network<'_>, number: u32, projection: &'a Projection) -> Result<Job<'a>, ProjectionError> {
    let error = |problem: String| ProjectionError::Rule { projection: projection.name.clone(), problem };
    let side = |names| {
        Side::new(names, network.populations).ok_or_else(|| error("a population is missing, or there are too many neurons".to_string()))
    };
    let (sources, targets) = (side(&projection.from)?, side(&projection.to)?);
    let mut routes = Vec::new();
    for population in targets.populations() {
        // Conductances between membranes go to no receptor.
        let electrical = projection.transmission == Transmission::Electrical;
        let direct = Route { channel: 0, places: 1, factor: 1.0, scale: 1.0 };
        let of = |sign| if electrical { direct } else { route(network.populations[population], projection.receptor.as_deref(), sign) };
        routes.push([1.0, -1.0].map(of));
    }
    let uses = |program: &Program| (0..4).any(|k| program.uses_variable(k));
    let spatial =
        uses(&projection.weight) || uses(&projection.delay) || matches!(&projection.rule, ConnectionRule::DistanceDependent { .. });
    if spatial {
        for (side, count) in [(&sources, sources.count()), (&targets, targets.count())] {
            if let Some(number) = (0..count).find(|n| network.places.of(side.id(*n)).is_none()) {
                let population = &network.populations[side.locate(number).1].name;
                return Err(error(format!("it depends on distance, but neurons of `{population}` have no positions")));
            }
        }
    }
    let sites = Chooser::new(projection, &targets, network, &routes).map_err(error)?;
    Ok(Job { number, projection, sources, targets, routes, wide: false, spatial, sites })
}

fn route(population: &Population, receptor: Option<&str>, sign: f64) -> Route {
    let fits = |accepts: Accepts| match accepts {
        Accepts::Any => true,
        Accepts::Positive => sign > 0.0,
        Accepts::Negative => sign < 0.0,
        // A receptor that was named takes magnitudes of either sign.
        Accepts::NegativeMagnitude => sign < 0.0 || receptor.is_some(),
    };
    let mut numbered = population.receptors.iter().zip(&population.channel).enumerate();
    let found = numbered.find(|(_, (r, _))| receptor.is_none_or(|name| r.name == name) && fits(r.accepts));
    found.map_or(Route::default(), |(number, (receptor, channel))| {
        let factor = if receptor.accepts == Accepts::NegativeMagnitude { sign } else { 1.0 };
        Route { channel: *channel as u32, places: population.places.get(number).copied().unwrap_or(1), factor, scale: 1.0 }
    })
}

/// Chooses, for every channel, what one fixed-point unit stands for, and which projections need wide synapses.
///
/// A projection is wide if its largest weight is far above its typical one, or its typical one is far below the largest of the others.
fn choose_units(network: &Network<'_>, jobs: &mut [Job<'_>]) -> Units {
    let mut units = Vec::new();
    let sizes: Vec<Sizes> = jobs.iter().map(|job| Sizes::of(network.seed, job)).collect();
    for (job, sizes) in jobs.iter_mut().zip(&sizes) {
        job.wide = !sizes.largest.is_finite() || sizes.largest > FIXED_RANGE * sizes.typical;
    }
    for population in network.populations {
        // All places of a receptor have one unit.
        let mut channel = 0;
        while channel < population.channels {
            let receptor = population.channel.iter().position(|first| *first == channel);
            let places = receptor.and_then(|receptor| population.places.get(receptor)).map_or(1, |places| (*places).max(1) as usize);
            let reaches =
                |job: &Job<'_>| {
                    job.projection.transmission == Transmission::Spikes
                        && job.targets.populations().zip(&job.routes).any(|(p, routes)| {
                            p == population.index && routes.iter().any(|r| r.factor != 0.0 && r.channel == channel as u32)
                        })
                };
            let there: Vec<usize> = (0..jobs.len()).filter(|k| !jobs[*k].wide && reaches(&jobs[*k]) && sizes[*k].largest > 0.0).collect();
            let largest = there.iter().map(|k| sizes[*k].largest).fold(0.0, f64::max);
            for k in &there {
                jobs[*k].wide = largest > FIXED_RANGE * sizes[*k].typical;
            }
            let kept: Vec<&Sizes> = there.iter().filter(|k| !jobs[**k].wide).map(|k| &sizes[*k]).collect();
            let unit = unit_of(&kept);
            units.extend((channel..channel + places).map(|channel| (population.index, channel, unit as f32)));
            for job in jobs.iter_mut() {
                for (p, routes) in job.targets.ranges.iter().map(|r| r.1).zip(&mut job.routes) {
                    for route in routes.iter_mut().filter(|r| p == population.index && r.channel == channel as u32) {
                        route.scale = 1.0 / f64::from(unit as f32);
                    }
                }
            }
            channel += places;
        }
    }
    units
}

/// Magnitudes of a projection's weights.
struct Sizes {
    largest: f64,
    typical: f64,
    constant: bool,
}

impl Sizes {
    fn of(seed: u64, job: &Job<'_>) -> Self {
        let program = &job.projection.weight;
        let mut sizes = if let Some(weight) = program.as_constant() {
            Self { largest: weight.abs(), typical: weight.abs(), constant: true }
        } else {
            let (low, high) = program.bounds(&UNBOUNDED);
            let mut sample = [0.0; 256];
            // Distances are unknown here: their middle stands for them, and wide synapses are the safe choice where that misleads.
            let middle = [100.0; 256];
            let mut random = stream(seed, Purpose::Value, job.number, u64::MAX);
            let ok =
                program.evaluate_block(&[&middle, &middle, &middle, &middle], &mut random, &mut sample, &mut Scratch::default()).is_ok();
            let typical = if ok { sample.iter().map(|w| w.abs()).sum::<f64>() / 256.0 } else { 0.0 };
            Self { largest: low.abs().max(high.abs()), typical, constant: false }
        };
        if let ConnectionRule::Explicit(list) = &job.projection.rule {
            let own: Vec<f64> = list.iter().filter_map(|s| s.weight).map(f64::abs).collect();
            if !own.is_empty() {
                sizes.largest = own.iter().copied().fold(sizes.largest, f64::max);
                sizes.typical = own.iter().copied().filter(|w| *w > 0.0).fold(sizes.largest, f64::min);
                sizes.constant = false;
            }
        }
        sizes
    }
}

/// One fixed-point unit: a power of two where weights vary; where all are constant, a whole fraction of the smallest, so that it is exact.
fn unit_of(sizes: &[&Sizes]) -> f64 {
    let largest = sizes.iter().map(|s| s.largest).fold(0.0, f64::max);
    if largest == 0.0 {
        return 1.0;
    }
    let smallest = sizes.iter().map(|s| s.typical).fold(f64::INFINITY, f64::min);
    if sizes.iter().all(|s| s.constant) {
        return smallest / (32_767.0 * smallest / largest).floor().max(1.0);
    }
    (largest / 32_767.0).log2().ceil().exp2()
}
