//! Measures of spike trains, of sampled values and of lists of numbers.
//!
//! - [`SpikeTrains`]: recorded spikes of some neurons in a window, and all measures of them
//! - [`cv`], [`cv2`], [`lv`], [`lvr`], [`fano`], [`pearson`]: from lists of intervals or counts
//! - [`power_spectrum`], [`coherence`]: of counts or values in bins
//! - [`extent`], [`peak`], [`area`], [`half_width`], [`exponential_fit`], [`period`], [`trace_spectrum`], [`chi`]: of sampled values
//! - [`mode_variances`]: how many modes many traces share
//! - [`sample`], [`spearman`], [`linear_fit`], [`ks_distance`], [`direction_selectivity`]: of lists of numbers
//!
//! Standard deviations are of the population kind (divided by n, as `numpy.std`) unless said otherwise. A measure that is undefined
//! (too few values, a mean of zero, values that are not finite) is `None`, never not-a-number.

mod modes;
mod samples;
mod spectra;
mod trains;
mod waveforms;

pub use modes::mode_variances;
pub use samples::{DirectionSelectivity, LinearFit, Sample, direction_selectivity, ks_distance, linear_fit, sample, spearman};
pub use spectra::{PowerSpectrum, coherence, power_spectrum};
pub use trains::SpikeTrains;
pub use waveforms::{ExponentialFit, Extent, area, chi, exponential_fit, extent, half_width, peak, period, time_above, trace_spectrum};

/// The intervals between successive spike times, in the times' unit.
pub fn intervals(times: &[f64]) -> Vec<f64> {
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Spike counts in `bins` consecutive half-open bins of `bin_steps` steps from step 0; later spikes are left out.
/// Steps are integers, so no spike can slip over an edge by rounding. `bin_steps` of 0 counts as 1.
pub fn bin_counts(steps: impl IntoIterator<Item = u64>, bin_steps: u64, bins: usize) -> Vec<f64> {
    let mut counts = vec![0.0; bins];
    for step in steps {
        if let Some(count) = usize::try_from(step / bin_steps.max(1)).ok().and_then(|bin| counts.get_mut(bin)) {
            *count += 1.0;
        }
    }
    counts
}

/// Coefficient of variation of intervals: standard deviation over mean; needs two intervals. 1 for a Poisson process, 0 for a
/// regular one.
pub fn cv(intervals: &[f64]) -> Option<f64> {
    let (mean, variance) = moments(intervals)?;
    (intervals.len() >= 2 && mean > 0.0).then(|| variance.sqrt() / mean)
}

/// Local variation of second kind: mean of 2 |Iₖ₊₁ − Iₖ| / (Iₖ₊₁ + Iₖ); needs two intervals.
///
/// Holt, Softky, Koch & Douglas (1996), doi:10.1152/jn.1996.75.5.1806.
pub fn cv2(intervals: &[f64]) -> Option<f64> {
    mean_over_pairs(intervals, |before, after| 2.0 * (after - before).abs() / (after + before))
}

/// Local variation: mean of 3 ((Iₖ − Iₖ₊₁) / (Iₖ + Iₖ₊₁))²; needs two intervals. 1 for a Poisson process, 0 for a regular one.
///
/// Shinomoto, Shima & Tanji (2003), doi:10.1162/089976603322518759.
pub fn lv(intervals: &[f64]) -> Option<f64> {
    mean_over_pairs(intervals, |before, after| 3.0 * ((before - after) / (before + after)).powi(2))
}

/// Local variation corrected for refractoriness: (3/(n−1)) Σ (1 − 4 Iₖ Iₖ₊₁/(Iₖ + Iₖ₊₁)²)(1 + 4R/(Iₖ + Iₖ₊₁)), with R in the
/// intervals' unit (5 ms in the publication); needs two intervals.
///
/// Shinomoto et al. (2009), doi:10.1371/journal.pcbi.1000433.
pub fn lvr(intervals: &[f64], refractoriness: f64) -> Option<f64> {
    mean_over_pairs(intervals, |before, after| {
        let sum = before + after;
        3.0 * (1.0 - 4.0 * before * after / (sum * sum)) * (1.0 + 4.0 * refractoriness / sum)
    })
}

/// Fano factor: variance over mean of counts in equal windows or trials; `None` if all are zero.
pub fn fano(counts: &[f64]) -> Option<f64> {
    let (mean, variance) = moments(counts)?;
    (mean > 0.0).then(|| variance / mean)
}

/// Pearson's correlation of two equally long series, such as the binned counts of two neurons; `None` if the lengths differ or
/// a series is constant (a silent neuron).
pub fn pearson(first: &[f64], second: &[f64]) -> Option<f64> {
    if first.len() != second.len() {
        return None;
    }
    let ((first_mean, first_variance), (second_mean, second_variance)) = (moments(first)?, moments(second)?);
    let covariance = first.iter().zip(second).map(|(a, b)| (a - first_mean) * (b - second_mean)).sum::<f64>() / first.len() as f64;
    let spread = first_variance.sqrt() * second_variance.sqrt();
    (spread > 0.0).then(|| (covariance / spread).clamp(-1.0, 1.0))
}

/// Mean; `None` of nothing or of values that are not finite.
pub fn mean(values: &[f64]) -> Option<f64> {
    moments(values).map(|moments| moments.0)
}

/// Mean and variance (divided by n); `None` of nothing or where they are not finite.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
    variance.is_finite().then_some((mean, variance))
}

/// Mean over successive pairs of intervals; pairs of two zeros are undefined and left out.
fn mean_over_pairs(intervals: &[f64], measure: impl Fn(f64, f64) -> f64) -> Option<f64> {
    let pairs = intervals.windows(2).filter(|pair| pair[0] + pair[1] > 0.0);
    let (sum, count) = pairs.fold((0.0, 0u64), |(sum, count), pair| (sum + measure(pair[0], pair[1]), count + 1));
    (count > 0).then(|| sum / count as f64).filter(|mean| mean.is_finite())
}

#[cfg(test)]
mod tests;
