//! Which of its places a synapse on a dendrite takes.

use super::plan::{Network, Route, Side};
use crate::projection::{Projection, Sites};
use neuropil_core::random::{Purpose, stream};
use rand::Rng;

/// Chooses places for the synapses of a projection.
pub struct Chooser<'a> {
    sites: Option<&'a Sites>,
    /// By kind of target: up to each place, the part of all synapses that the places up to it take.
    cumulated: Vec<Vec<f64>>,
}

impl<'a> Chooser<'a> {
    /// What a projection says, checked against its targets.
    pub(super) fn new(projection: &'a Projection, targets: &Side, network: &Network<'_>, routes: &[[Route; 2]]) -> Result<Self, String> {
        let Some(sites) = &projection.sites else {
            for (population, routes) in targets.populations().zip(routes) {
                if let Some(route) = routes.iter().find(|route| route.factor != 0.0 && route.places > 1) {
                    let name = &network.populations[population].name;
                    return Err(format!(
                        "its receptor is at {} places of the cells of `{name}`; say how synapses spread over them",
                        route.places
                    ));
                }
            }
            return Ok(Self { sites: None, cumulated: Vec::new() });
        };
        let mut populations = targets.populations();
        let (Some(population), None) = (populations.next(), populations.next()) else {
            return Err("synapses that spread over places need one target population".to_string());
        };
        let size = network.populations[population].size as usize;
        if !(sites.kind_of.is_empty() || sites.kind_of.len() == size) {
            return Err(format!("its sites have kinds for {} neurons; there are {size} targets", sites.kind_of.len()));
        }
        if sites.spread.is_empty() || sites.kind_of.iter().any(|kind| *kind as usize >= sites.spread.len()) {
            return Err("its sites have fewer kinds than its targets".to_string());
        }
        let places = routes.iter().flatten().filter(|route| route.factor != 0.0).map(|route| route.places).min().unwrap_or(1);
        let mut cumulated = Vec::with_capacity(sites.spread.len());
        for spread in &sites.spread {
            let total: f64 = spread.iter().sum();
            if spread.iter().any(|share| !(*share >= 0.0 && share.is_finite())) || !(total > 0.0 && total.is_finite()) {
                return Err("shares of places must be at least 0, and their sum above 0".to_string());
            }
            if spread.len() > places as usize {
                return Err(format!("it spreads over {} places; its receptor has {places}", spread.len()));
            }
            let mut sum = 0.0;
            cumulated.push(
                spread
                    .iter()
                    .map(|share| {
                        sum += share / total;
                        sum
                    })
                    .collect(),
            );
        }
        Ok(Self { sites: Some(sites), cumulated })
    }

    /// Whether all synapses go to the first place.
    pub fn is_single(&self) -> bool {
        self.sites.is_none()
    }

    /// The stream that places are drawn from, of a source or of a target.
    pub fn stream(&self, network: &Network<'_>, job: u32, id: u32) -> impl Rng + use<> {
        stream(network.seed, Purpose::Site, job, u64::from(id))
    }

    /// The place of a synapse onto a target, by its number.
    #[inline(always)]
    pub fn draw<R: Rng>(&self, target: u32, random: &mut R) -> u32 {
        let Some(sites) = self.sites else { return 0 };
        let kind = sites.kind_of.get(target as usize).map_or(0, |kind| *kind as usize);
        let Some(cumulated) = self.cumulated.get(kind) else { return 0 };
        let part = (random.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0;
        // Rounding may leave the last sum a little below 1; places without a share are never met, for their sum is that of the one before.
        let found = cumulated.partition_point(|sum| *sum <= part);
        if found < cumulated.len() { found as u32 } else { cumulated.iter().rposition(|sum| *sum < 1.0).map_or(0, |k| k as u32) }
    }
}
