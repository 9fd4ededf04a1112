//! How the values of a property are spread: percentiles, and bins that double.

use serde::Serialize;

/// At most as many bins.
const MOST_BINS: i32 = 16;

/// The spread of a property over nodes or edges.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Number of values.
    pub values: u64,
    /// Rows that have no value.
    pub missing: u64,
    /// Sum of the values.
    pub total: f64,
    /// Mean of the values.
    pub mean: f64,
    /// Least value.
    pub min: f64,
    /// A quarter of the values are below.
    pub percentile_25: f64,
    /// Half of the values are below.
    pub median: f64,
    /// Three quarters of the values are below.
    pub percentile_75: f64,
    /// Nine in ten values are below.
    pub percentile_90: f64,
    /// Ninety-nine in a hundred values are below.
    pub percentile_99: f64,
    /// Greatest value.
    pub max: f64,
    /// Numbers of values by size, with limits that double (or quadruple, … so that there are not more than 16), without empty bins at the ends.
    pub bins: Vec<Bin>,
}

/// Values of `low` and more, below `high`; a first bin for zero and below may have no lower limit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Lower limit, which belongs to it; none for what is below all others.
    pub low: Option<f64>,
    /// Upper limit, which does not belong to it.
    pub high: f64,
    /// Number of values.
    pub values: u64,
}

impl Spread {
    /// The spread of values, of which those that are not finite are missing. `None` if there is no value.
    ///
    /// Percentiles are interpolated between the two nearest values, as `numpy.percentile` does.
    pub fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut missing = 0;
        let mut sorted: Vec<f64> = values
            .filter(|value| {
                value.is_finite() || {
                    missing += 1;
                    false
                }
            })
            .collect();
        // Summed in the order of size, so that the order of rows makes no difference.
        sorted.sort_unstable_by(f64::total_cmp);
        let (&min, &max) = (sorted.first()?, sorted.last()?);
        let total: f64 = sorted.iter().sum();
        let percentile = |percent: f64| {
            let place = percent / 100.0 * (sorted.len() - 1) as f64;
            let (below, share) = (place.floor() as usize, place.fract());
            sorted[below] + share * (sorted[(below + 1).min(sorted.len() - 1)] - sorted[below])
        };
        Some(Self {
            values: sorted.len() as u64,
            missing,
            total,
            mean: total / sorted.len() as f64,
            min,
            percentile_25: percentile(25.0),
            median: percentile(50.0),
            percentile_75: percentile(75.0),
            percentile_90: percentile(90.0),
            percentile_99: percentile(99.0),
            max,
            bins: bins(&sorted),
        })
    }

    /// The spread of whole numbers, one a row.
    pub fn of_counts(counts: impl Iterator<Item = u64>) -> Option<Self> {
        Self::of(counts.map(|count| count as f64))
    }
}

/// Bins of sorted values.
fn bins(sorted: &[f64]) -> Vec<Bin> {
    let positive = &sorted[sorted.partition_point(|value| *value <= 0.0)..];
    let mut bins = Vec::new();
    let exponent = |value: f64| value.log2().floor() as i32;
    let (first, last) = match (positive.first(), positive.last()) {
        (Some(&low), Some(&high)) => (exponent(low), exponent(high)),
        _ => (0, 0),
    };
    let step = (last - first + MOST_BINS) / MOST_BINS;
    let others = (sorted.len() - positive.len()) as u64;
    if others > 0 {
        let low = sorted.first().filter(|least| **least == 0.0).map(|_| 0.0);
        bins.push(Bin { low, high: f64::from(first).exp2(), values: others });
    }
    let mut from = 0;
    let mut low = first;
    while from < positive.len() {
        let (limit, next) = (f64::from(low).exp2(), f64::from(low + step).exp2());
        let to = positive.partition_point(|value| *value < next);
        bins.push(Bin { low: Some(limit), high: next, values: (to - from) as u64 });
        (from, low) = (to, low + step);
    }
    bins
}
