//! How many synapses a projection will have, before it is built.

use crate::{
    plan::{PopulationPlan, PositionsPlan, ProjectionPlan, RulePlan},
    validate::extent,
};

/// Pairs of positions that the mean of a distance-dependent probability is taken over.
const SAMPLES: u32 = 1024;

impl RulePlan {
    /// Whether it can be told without drawing that it gives no synapses.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::FixedInDegree(count) | Self::FixedOutDegree(count) | Self::FixedTotalNumber(count) => *count == 0,
            Self::PairwiseBernoulli(probability) => *probability == 0.0,
            Self::Explicit(synapses) => synapses.is_empty(),
            Self::AllToAll | Self::OneToOne | Self::DistanceDependent { .. } => false,
        }
    }
}

impl ProjectionPlan {
    /// Synapses to expect: exact for rules with a fixed number, else the mean.
    ///
    /// For a distance-dependent rule the mean is taken over 1024 pairs of positions, spread evenly.
    pub fn synapses_expected(&self, populations: &[PopulationPlan]) -> f64 {
        let members = |indices: &[usize]| -> Vec<&PopulationPlan> { indices.iter().filter_map(|index| populations.get(*index)).collect() };
        let count = |members: &[&PopulationPlan]| members.iter().map(|population| population.size as f64).sum::<f64>();
        let (sources, targets) = (members(&self.from), members(&self.to));
        let (source_size, target_size) = (count(&sources), count(&targets));
        let shared: f64 = self
            .from
            .iter()
            .filter(|index| self.to.contains(index))
            .filter_map(|index| populations.get(*index))
            .map(|population| population.size as f64)
            .sum();
        let pairs = source_size * target_size - if self.autapses { 0.0 } else { shared };
        match &self.rule {
            RulePlan::AllToAll => pairs,
            RulePlan::OneToOne => source_size,
            RulePlan::FixedInDegree(degree) => *degree as f64 * target_size,
            RulePlan::FixedOutDegree(degree) => *degree as f64 * source_size,
            RulePlan::FixedTotalNumber(number) => *number as f64,
            RulePlan::PairwiseBernoulli(probability) => probability * pairs,
            RulePlan::DistanceDependent { probability, periodic } => {
                let mut sum = 0.0;
                for sample in 1..=SAMPLES {
                    let (Some(source), Some(target)) = (point(&sources, source_size, sample, 0), point(&targets, target_size, sample, 4))
                    else {
                        return pairs;
                    };
                    let (_, most) = probability.bounds(&displacement(source, target, periodic));
                    sum += if most.is_nan() { 1.0 } else { most.clamp(0.0, 1.0) };
                }
                pairs * sum / f64::from(SAMPLES)
            }
            RulePlan::Explicit(synapses) => synapses.len() as f64,
        }
    }
}

/// Distance, dx, dy, dz as ranges of one value.
fn displacement(source: [f64; 3], target: [f64; 3], periodic: &[f64; 3]) -> [(f64, f64); 4] {
    let mut parts = [0.0; 3];
    for (((part, source), target), period) in parts.iter_mut().zip(source).zip(target).zip(periodic) {
        *part = target - source;
        if *period > 0.0 {
            *part -= period * (*part / period).round();
        }
    }
    let [x, y, z] = parts;
    let distance = (x * x + y * y + z * z).sqrt();
    [(distance, distance), (x, x), (y, y), (z, z)]
}

/// A point of a low-discrepancy sequence in the space of the populations' positions.
fn point(populations: &[&PopulationPlan], size: f64, sample: u32, dimension: usize) -> Option<[f64; 3]> {
    const BASES: [u32; 8] = [2, 3, 5, 7, 11, 13, 17, 19];
    let coordinate = |axis: usize| radical_inverse(sample, BASES.get(dimension + axis).copied().unwrap_or(23));
    let mut neuron = coordinate(3) * size;
    for population in populations {
        if neuron >= population.size as f64 {
            neuron -= population.size as f64;
            continue;
        }
        return match population.positions.as_ref()? {
            PositionsPlan::Grid { shape, spacing } => {
                let mut point = [0.0; 3];
                for (axis, ((slot, points), spacing)) in point.iter_mut().zip(shape).zip(spacing).enumerate() {
                    *slot = (coordinate(axis) * f64::from(*points)).floor() * spacing;
                }
                Some(point)
            }
            PositionsPlan::RandomIn { .. } => {
                let mut point = [0.0; 3];
                for (axis, (slot, (least, most))) in point.iter_mut().zip(extent(population)?).enumerate() {
                    *slot = least + coordinate(axis) * (most - least);
                }
                Some(point)
            }
            PositionsPlan::Listed(points) => points.get(neuron as usize).copied(),
        };
    }
    None
}

/// The digits of `index` in a base, mirrored at the point: 0 to 1.
fn radical_inverse(mut index: u32, base: u32) -> f64 {
    let (mut value, mut scale) = (0.0, 1.0);
    while index > 0 {
        scale /= f64::from(base);
        value += f64::from(index % base) * scale;
        index /= base;
    }
    value
}
