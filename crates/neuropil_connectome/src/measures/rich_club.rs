//! Whether nodes of many connections are connected to each other more than their degrees make likely.
//!
//! φ(k) is the number of arcs among the nodes of degree above k, of all that could be among them; the degree is in-degree plus out-degree. Divided
//! by its mean over shuffled graphs it is above 1 where there is a rich club (Colizza V, Flammini A, Serrano MA, Vespignani A (2006). Detecting rich-club
//! ordering in complex networks. Nat Phys 2:110-115. doi:10.1038/nphys209).

use super::wiring::Wiring;

/// At most as many degrees are looked at.
const MOST_LEVELS: usize = 40;

/// The degrees k at which a rich club is looked for, and what shuffles cannot change.
pub(super) struct Levels {
    /// Degrees k, ascending.
    pub(super) degrees: Vec<u32>,
    /// Nodes of a degree above k.
    pub(super) nodes: Vec<u64>,
    /// How many of the levels each node's degree is above.
    above: Vec<u8>,
}

impl Levels {
    /// The degrees that occur and that at least two nodes are above, thinned evenly by their logarithm.
    pub(super) fn of(wiring: &Wiring) -> Self {
        let total = wiring.total_degrees();
        let mut sorted = total.clone();
        sorted.sort_unstable();
        let above = |degree: u32| sorted.len() - sorted.partition_point(|other| *other <= degree);
        let mut distinct = sorted.clone();
        distinct.dedup();
        let all: Vec<u32> = distinct.into_iter().filter(|degree| above(*degree) >= 2).collect();
        let degrees = thinned(&all);
        Self {
            nodes: degrees.iter().map(|degree| above(*degree) as u64).collect(),
            above: total.iter().map(|degree| degrees.partition_point(|level| level < degree) as u8).collect(),
            degrees,
        }
    }

    /// Arcs among the nodes above each level.
    pub(super) fn arcs_above(&self, arcs: &[(u32, u32)]) -> Vec<u64> {
        // An arc is above the first so many levels.
        let mut counts = vec![0u64; self.degrees.len() + 1];
        for &(source, target) in arcs {
            counts[usize::from(self.above[source as usize].min(self.above[target as usize]))] += 1;
        }
        let mut among = 0;
        let mut sums: Vec<u64> = counts[1..]
            .iter()
            .rev()
            .map(|count| {
                among += count;
                among
            })
            .collect();
        sums.reverse();
        sums
    }

    /// φ from arcs among the nodes above a level.
    pub(super) fn coefficient(&self, level: usize, arcs: f64) -> f64 {
        let nodes = self.nodes[level] as f64;
        arcs / (nodes * (nodes - 1.0))
    }
}

fn thinned(degrees: &[u32]) -> Vec<u32> {
    let (Some(&low), Some(&high)) = (degrees.first(), degrees.last()) else { return Vec::new() };
    if degrees.len() <= MOST_LEVELS {
        return degrees.to_vec();
    }
    let (low, high) = (f64::from(low.max(1)).ln(), f64::from(high).ln());
    let wanted = (0..MOST_LEVELS).map(|k| (low + (high - low) * k as f64 / (MOST_LEVELS - 1) as f64).exp());
    let mut levels: Vec<u32> =
        wanted.filter_map(|degree| degrees.get(degrees.partition_point(|other| f64::from(*other) < degree - 1e-6)).copied()).collect();
    levels.dedup();
    levels
}
