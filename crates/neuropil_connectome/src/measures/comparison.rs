//! What a graph has beyond its degrees: its measures beside those of shuffled graphs.

use super::rich_club::Levels;
use super::shuffle::{ATTEMPTS_PER_ARC, shuffled};
use super::triads::{TRIAD_PICTURES, TRIADS, TriadCensus, UNCONNECTED};
use super::triangles::Ranked;
use super::wiring::{Pair, Wiring, pairs};
use rayon::prelude::*;
use serde::Serialize;

/// At most as many shuffles by default, for small graphs.
pub const MOST_SHUFFLES: u32 = 100;

/// Steps of work that all shuffles together may take by default; a step is roughly a nanosecond.
const WORK: u64 = 30_000_000_000;

/// Steps that one attempt to switch takes, most of them waiting for memory, and one arc in what follows.
const WORK_PER_ATTEMPT: u64 = 200;
const WORK_PER_ARC: u64 = 500;

/// Bytes that shuffles under way together may take, and what one takes for an arc and for a node.
const MEMORY: usize = 1 << 30;
const BYTES_PER_ARC: usize = 144;
const BYTES_PER_NODE: usize = 64;

/// A measure of a graph beside the same of shuffled graphs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// In the graph.
    pub observed: f64,
    /// Mean over shuffled graphs; none without shuffles.
    pub shuffled_mean: Option<f64>,
    /// Standard deviation over shuffled graphs (n - 1); none with fewer than two.
    pub shuffled_sd: Option<f64>,
    /// (observed - mean) / standard deviation; none where that is 0 or missing.
    pub z: Option<f64>,
}

/// A connected triad.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Motif {
    /// Its name, after Holland and Leinhardt.
    pub name: &'static str,
    /// Its wiring.
    pub wiring: &'static str,
    /// How often it occurs.
    pub count: Compared,
}

/// The rich club at one degree.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RichClub {
    /// Degree k (in-degree plus out-degree).
    pub degree: u32,
    /// Nodes of a higher degree.
    pub nodes: u64,
    /// Of all arcs that could be among these, the fraction that are.
    pub coefficient: Compared,
    /// Coefficient divided by its mean over shuffled graphs.
    pub normalised: Option<f64>,
}

/// Measures of arcs beside those of shuffled graphs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// Number of shuffled graphs.
    pub shuffles: u32,
    /// Seed of the shuffles.
    pub seed: u64,
    /// Attempts to switch, for each arc, in each shuffle.
    pub attempts_per_arc: usize,
    /// Fraction of the attempts that succeeded; none without shuffles.
    pub switched: Option<f64>,
    /// Fraction of arcs whose reverse is there.
    pub reciprocity: Compared,
    /// Of all pairs of pairs that share a node, the fraction that are closed; only pairs with arcs.
    pub transitivity: Option<Compared>,
    /// The thirteen connected triads; none if triangles were not counted.
    pub motifs: Option<Vec<Motif>>,
    /// Rich club by degree.
    pub rich_club: Vec<RichClub>,
}

/// What is measured of each graph.
struct Sample {
    reciprocity: f64,
    census: Option<TriadCensus>,
    rich_club: Vec<f64>,
    switches: u64,
}

/// How many shuffles are affordable, by size alone, so that every machine takes the same number; a single one, which has no standard deviation, is not made.
pub(super) fn affordable_shuffles(arcs: usize, triangle_work: u64) -> u32 {
    let once = (ATTEMPTS_PER_ARC as u64 * WORK_PER_ATTEMPT + WORK_PER_ARC).saturating_mul(arcs as u64).saturating_add(triangle_work);
    let affordable = (WORK / once.max(1)).min(u64::from(MOST_SHUFFLES)) as u32;
    if affordable < 2 { 0 } else { affordable }
}

impl Comparison {
    /// Compares a graph that has arcs with shuffled graphs; `census` is the graph's own, without which triads are not counted in the shuffled ones either.
    /// `done` hears after each batch how many shuffles are done.
    pub(super) fn of(wiring: &Wiring, census: Option<TriadCensus>, shuffles: u32, seed: u64, done: &mut dyn FnMut(u32)) -> Option<Self> {
        if wiring.arcs.is_empty() {
            return None;
        }
        let levels = Levels::of(wiring);
        let measured = |arcs: &[(u32, u32)], mutual: u64, census, switches| Sample {
            reciprocity: 2.0 * mutual as f64 / arcs.len() as f64,
            census,
            rich_club: levels.arcs_above(arcs).into_iter().enumerate().map(|(k, among)| levels.coefficient(k, among as f64)).collect(),
            switches,
        };
        let observed = measured(&wiring.arcs, wiring.mutual_pairs(), census, 0);
        let sample = |number: u32| {
            let shuffled = shuffled(&wiring.arcs, seed, number);
            if shuffled.switches == 0 {
                return None;
            }
            let pairs = pairs(&shuffled.arcs, Vec::new());
            let mutual = shuffled.arcs.len() - pairs.len();
            let census = census.is_some().then(|| taken(wiring.nodes, &pairs));
            Some(measured(&shuffled.arcs, mutual as u64, census, shuffled.switches))
        };
        let once = BYTES_PER_ARC * wiring.arcs.len() + BYTES_PER_NODE * wiring.nodes;
        let together = (MEMORY / once).clamp(1, rayon::current_num_threads()) as u32;
        let mut samples = Vec::new();
        for first in (0..shuffles).step_by(together as usize) {
            let batch: Vec<Option<Sample>> = (first..shuffles.min(first + together)).into_par_iter().map(sample).collect();
            let made = samples.len();
            samples.extend(batch.into_iter().flatten());
            // Where nothing can be switched there is nothing to compare with.
            if samples.len() == made {
                break;
            }
            done(samples.len() as u32);
        }
        let switches: u64 = samples.iter().map(|sample| sample.switches).sum();
        let attempts = ATTEMPTS_PER_ARC as f64 * wiring.arcs.len() as f64 * f64::from(shuffles);
        let compared = |of: &dyn Fn(&Sample) -> f64| Compared::new(of(&observed), samples.iter().map(of));
        let counts = |triad: usize| move |sample: &Sample| sample.census.map_or(0.0, |census| census.counts[triad] as f64);
        let open = census.is_some_and(|census| census.transitivity().is_some());
        let transitivity = |sample: &Sample| sample.census.and_then(|census| census.transitivity()).unwrap_or(0.0);
        let motif = |(index, (name, wiring)): (usize, (&'static str, &'static str))| Motif {
            name,
            wiring,
            count: compared(&counts(UNCONNECTED + index)),
        };
        let club = |(index, (degree, nodes)): (usize, (&u32, &u64))| {
            let coefficient = compared(&|sample| sample.rich_club[index]);
            let normalised = coefficient.shuffled_mean.filter(|mean| *mean > 0.0).map(|mean| coefficient.observed / mean);
            RichClub { degree: *degree, nodes: *nodes, coefficient, normalised }
        };
        Some(Self {
            shuffles,
            seed,
            attempts_per_arc: ATTEMPTS_PER_ARC,
            switched: (shuffles > 0).then(|| switches as f64 / attempts),
            reciprocity: compared(&|sample| sample.reciprocity),
            transitivity: open.then(|| compared(&transitivity)),
            motifs: census.map(|_| TRIADS[UNCONNECTED..].iter().copied().zip(TRIAD_PICTURES).enumerate().map(motif).collect()),
            rich_club: levels.degrees.iter().zip(&levels.nodes).enumerate().map(club).collect(),
        })
    }
}

/// The triad census of a graph of arcs.
fn taken(nodes: usize, pairs: &[Pair]) -> TriadCensus {
    let mut partners = vec![0u32; nodes];
    for pair in pairs {
        partners[pair.low as usize] += 1;
        partners[pair.high as usize] += 1;
    }
    TriadCensus::new(nodes, pairs, &Ranked::new(pairs, &partners).count())
}

impl Compared {
    fn new(observed: f64, shuffled: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = shuffled.collect();
        let n = values.len() as f64;
        // From the first value, so that equal ones have no deviation by rounding.
        let first = values.first().copied().unwrap_or(0.0);
        let mean = first + values.iter().map(|value| value - first).sum::<f64>() / n;
        let sd = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let shuffled_sd = (values.len() > 1).then_some(sd);
        Self {
            observed,
            shuffled_mean: (!values.is_empty()).then_some(mean),
            shuffled_sd,
            z: shuffled_sd.filter(|sd| *sd > 0.0).map(|sd| (observed - mean) / sd),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: small graphs get a hundred shuffles, large ones at least two or none, by their arcs and triangles alone.
    /// Source: the budget divided by the work of one shuffle. Tolerance: none.
    #[test]
    fn shuffles_stay_within_a_budget() {
        assert_eq!(affordable_shuffles(1_000, 10_000), 100);
        assert_eq!(affordable_shuffles(2_400_000, 0), 5);
        assert_eq!([6_000_000, 6_000_001, 12_000_000, usize::MAX].map(|arcs| affordable_shuffles(arcs, 0)), [2, 0, 0, 0]);
        assert_eq!([14_000_000_000, 16_000_000_000].map(|work| affordable_shuffles(0, work)), [2, 0]);
    }
}
