//! Measures of lists of numbers: means over seeds, relations of two lists, differences of distributions.

use super::{moments, pearson};

/// Mean and spread of independent values, for example of one measure over seeds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Number of values.
    pub count: usize,
    /// Mean.
    pub mean: f64,
    /// Standard deviation as an estimate for all possible values (divided by n − 1); `None` of a single one.
    pub sd: Option<f64>,
    /// Standard error of the mean, sd / √n; `None` of a single value.
    pub standard_error: Option<f64>,
}

/// Mean and spread of independent values; `None` of nothing or of values that are not finite.
pub fn sample(values: &[f64]) -> Option<Sample> {
    let (mean, variance) = moments(values)?;
    let count = values.len();
    let sd = (count > 1).then(|| (variance * count as f64 / (count - 1) as f64).sqrt());
    Some(Sample { count, mean, sd, standard_error: sd.map(|sd| sd / (count as f64).sqrt()) })
}

/// Spearman's correlation: Pearson's of ranks, where equal values share their mean rank; `None` as for [`pearson`].
pub fn spearman(first: &[f64], second: &[f64]) -> Option<f64> {
    let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
    (finite(first) && finite(second)).then(|| pearson(&ranks(first), &ranks(second))).flatten()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    // Adding zero turns minus zero into zero.
    order.sort_by(|&a, &b| (values[a] + 0.0).total_cmp(&(values[b] + 0.0)));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        for &place in equal {
            ranks[place] = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        }
        before += equal.len();
    }
    ranks
}

/// Kolmogorov-Smirnov distance of two samples: the largest difference of their cumulative distributions, max |F₁(x) − F₂(x)|, from 0
/// to 1. `None` if one is empty or has values that are not finite.
pub fn ks_distance(first: &[f64], second: &[f64]) -> Option<f64> {
    let sorted = |values: &[f64]| {
        let mut values: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
        values.sort_by(f64::total_cmp);
        (!values.is_empty() && values.iter().all(|value| value.is_finite())).then_some(values)
    };
    let (first, second) = (sorted(first)?, sorted(second)?);
    let below = |values: &[f64], limit: f64| values.partition_point(|&value| value <= limit) as f64 / values.len() as f64;
    Some(first.iter().chain(&second).map(|&limit| (below(&first, limit) - below(&second, limit)).abs()).fold(0.0, f64::max))
}

/// A straight line y = `intercept` + `slope` x.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearFit {
    /// Change of y for one of x.
    pub slope: f64,
    /// y at x = 0.
    pub intercept: f64,
    /// Fraction of the variance of y that the line explains, from 0 to 1; `None` if y is constant.
    pub r_squared: Option<f64>,
}

/// The line of least squares through points; `None` if the lists differ in length or x has fewer than two different values.
pub fn linear_fit(x: &[f64], y: &[f64]) -> Option<LinearFit> {
    if x.len() != y.len() {
        return None;
    }
    let ((x_mean, x_variance), (y_mean, y_variance)) = (moments(x)?, moments(y)?);
    let covariance = x.iter().zip(y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum::<f64>() / x.len() as f64;
    let slope = covariance / x_variance;
    let r_squared = (y_variance > 0.0).then(|| (slope * covariance / y_variance).clamp(0.0, 1.0));
    slope.is_finite().then_some(LinearFit { slope, intercept: y_mean - slope * x_mean, r_squared })
}

/// How strongly responses prefer one direction of motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DirectionSelectivity {
    /// The direction of the mean vector, degrees from 0 on and below 360.
    pub preferred_degrees: f64,
    /// Length of the mean vector: |Σ r exp(iθ)| / Σ r, from 0 to 1.
    pub vector_length: f64,
    /// (R_preferred − R_null) / (R_preferred + R_null), with the largest response as preferred and the one at the opposite
    /// direction as null; `None` if the opposite direction was not measured.
    pub index: Option<f64>,
}

/// Direction selectivity from (direction in degrees, response) pairs; responses are rates or depolarisations from 0 on. `None` if
/// there is none above 0 or one is negative or not finite. Evenly spaced directions are assumed.
///
/// Mazurek, Kager & Van Hooser (2014), doi:10.3389/fncir.2014.00092.
pub fn direction_selectivity(responses: &[(f64, f64)]) -> Option<DirectionSelectivity> {
    let sum: f64 = responses.iter().map(|(_, response)| response).sum();
    let valid = responses.iter().all(|(direction, response)| direction.is_finite() && *response >= 0.0);
    if !(valid && sum > 0.0 && sum.is_finite()) {
        return None;
    }
    let component =
        |part: fn(f64) -> f64| responses.iter().map(|(direction, response)| response * part(direction.to_radians())).sum::<f64>();
    let (east, north) = (component(f64::cos), component(f64::sin));
    // The first of equal largest responses.
    let preferred = responses.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let from_opposite = |direction: f64| (direction - preferred.0).rem_euclid(360.0) - 180.0;
    let null = responses.iter().find(|(direction, _)| from_opposite(*direction).abs() < 1e-6);
    let index = null.map(|(_, null)| (preferred.1 - null) / (preferred.1 + null));
    let preferred_degrees = north.atan2(east).to_degrees().rem_euclid(360.0);
    let preferred_degrees = if preferred_degrees < 360.0 { preferred_degrees } else { 0.0 };
    Some(DirectionSelectivity { preferred_degrees, vector_length: (east.hypot(north) / sum).min(1.0), index })
}
