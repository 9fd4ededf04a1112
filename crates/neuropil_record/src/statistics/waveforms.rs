//! Measures of sampled values: extremes, widths, decays, periods, spectra and shared modes of traces.
//!
//! Values are sampled at times in ms. A measure of values or times that are not finite is `None`.

use super::{PowerSpectrum, linear_fit, moments, power_spectrum};
use realfft::RealFftPlanner;

/// Mean, spread and extremes of values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Mean.
    pub mean: f64,
    /// Standard deviation (divided by n).
    pub sd: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

/// Mean, spread and extremes of values.
pub fn extent(values: &[f64]) -> Option<Extent> {
    let (mean, variance) = moments(values)?;
    let (min, max) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| (low.min(value), high.max(value)));
    Some(Extent { mean, sd: variance.sqrt(), min, max })
}

/// The sample that lies farthest from a baseline, above or below: its time and value, the first of equal ones.
pub fn peak(times_ms: &[f64], values: &[f64], baseline: f64) -> Option<(f64, f64)> {
    let place = peak_place(times_ms, values, baseline)?;
    Some((times_ms[place], values[place]))
}

fn peak_place(times_ms: &[f64], values: &[f64], baseline: f64) -> Option<usize> {
    let valid = times_ms.len() == values.len() && times_ms.is_sorted();
    if !valid || !baseline.is_finite() || !times_ms.iter().chain(values).all(|value| value.is_finite()) {
        return None;
    }
    (0..values.len()).rev().max_by(|&a, &b| (values[a] - baseline).abs().total_cmp(&(values[b] - baseline).abs()))
}

/// The integral of values less a baseline over time by the trapezoidal rule, in the values' unit times ms; needs two samples.
pub fn area(times_ms: &[f64], values: &[f64], baseline: f64) -> Option<f64> {
    if times_ms.len() != values.len() || values.len() < 2 {
        return None;
    }
    let pairs = times_ms.windows(2).zip(values.windows(2));
    let area: f64 = pairs.map(|(time, value)| (time[1] - time[0]) * (f64::midpoint(value[0], value[1]) - baseline)).sum();
    area.is_finite().then_some(area)
}

/// The time during which values are above a level, ms, with straight lines between samples; needs two samples.
pub fn time_above(times_ms: &[f64], values: &[f64], level: f64) -> Option<f64> {
    if times_ms.len() != values.len() || values.len() < 2 {
        return None;
    }
    let pairs = times_ms.windows(2).zip(values.windows(2));
    let above: f64 = pairs
        .map(|(time, value)| {
            let (low, high) = (value[0].min(value[1]), value[0].max(value[1]));
            // The part of the way between the two samples that is above.
            let part = if low > level { 1.0 } else { ((high - level) / (high - low)).clamp(0.0, 1.0) };
            if high > level { (time[1] - time[0]) * part } else { 0.0 }
        })
        .sum();
    above.is_finite().then_some(above)
}

/// The time around the [`peak`] during which values are beyond half of its distance from the baseline, ms, with straight lines
/// between samples; `None` if the trace does not fall back to half on both sides.
pub fn half_width(times_ms: &[f64], values: &[f64], baseline: f64) -> Option<f64> {
    let place = peak_place(times_ms, values, baseline)?;
    let half = f64::midpoint(values[place], baseline);
    let sign = (values[place] - baseline).signum();
    let beyond = |at: usize| (values[at] - half) * sign > 0.0;
    let crossing = |outside: usize, inside: usize| {
        let share = (half - values[outside]) / (values[inside] - values[outside]);
        times_ms[outside] + share * (times_ms[inside] - times_ms[outside])
    };
    if !beyond(place) {
        return None;
    }
    let before = (0..place).rev().find(|&at| !beyond(at))?;
    let after = (place + 1..values.len()).find(|&at| !beyond(at))?;
    Some(crossing(after, after - 1) - crossing(before, before + 1))
}

/// An exponential y = `offset` + `amplitude` exp(−(t − t₀)/`time_constant_ms`), t₀ the first time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExponentialFit {
    /// Value long after.
    pub offset: f64,
    /// Value at the first time less the offset.
    pub amplitude: f64,
    /// Time constant, ms.
    pub time_constant_ms: f64,
    /// Fraction of the variance that the exponential explains.
    pub r_squared: f64,
}

/// The exponential of least squares through samples, with a free offset or a given one; needs four samples that are not constant.
///
/// For each time constant the best amplitude and offset follow from linear least squares (variable projection, Golub & Pereyra 1973,
/// doi:10.1137/0710036); the time constant is searched between a hundredth of the sampling interval and a hundred times the
/// duration: first on a grid of equal ratio, then by golden section, to a relative 10⁻⁹. `None` if the best lies at an end of the
/// search: the samples do not decay.
pub fn exponential_fit(times_ms: &[f64], values: &[f64], offset: Option<f64>) -> Option<ExponentialFit> {
    let (_, variance) = moments(values)?;
    let (first, last) = (*times_ms.first()?, *times_ms.last()?);
    let duration = last - first;
    let sampled = times_ms.len() == values.len() && values.len() >= 4 && times_ms.is_sorted();
    if !(sampled && duration > 0.0 && duration.is_finite() && variance > 0.0) {
        return None;
    }
    let fit = |logarithm: f64| {
        let time_constant = logarithm.exp();
        let curve: Vec<f64> = times_ms.iter().map(|time| (-(time - first) / time_constant).exp()).collect();
        let (offset, amplitude) = match offset {
            Some(offset) => {
                let square: f64 = curve.iter().map(|y| y * y).sum();
                (offset, curve.iter().zip(values).map(|(y, value)| y * (value - offset)).sum::<f64>() / square)
            }
            None => linear_fit(&curve, values).map_or((f64::NAN, f64::NAN), |line| (line.intercept, line.slope)),
        };
        let error: f64 = curve.iter().zip(values).map(|(y, value)| (value - offset - amplitude * y).powi(2)).sum();
        (if error.is_finite() { error } else { f64::INFINITY }, offset, amplitude)
    };
    const GRID: u32 = 120;
    let low = (0.01 * duration / values.len() as f64).ln();
    let width = ((100.0 * duration).ln() - low) / f64::from(GRID);
    let at = |place: u32| low + width * f64::from(place);
    let best = (0..=GRID).min_by(|&a, &b| fit(at(a)).0.total_cmp(&fit(at(b)).0))?;
    if best == 0 || best == GRID {
        return None;
    }
    let (mut left, mut right) = (at(best - 1), at(best + 1));
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    while right - left > 1e-9 {
        let (a, b) = (right - GOLDEN * (right - left), left + GOLDEN * (right - left));
        if fit(a).0 < fit(b).0 {
            right = b;
        } else {
            left = a;
        }
    }
    let logarithm = f64::midpoint(left, right);
    let (error, offset, amplitude) = fit(logarithm);
    let r_squared = 1.0 - error / (variance * values.len() as f64);
    let fitted = ExponentialFit { offset, amplitude, time_constant_ms: logarithm.exp(), r_squared };
    (fitted.amplitude != 0.0 && r_squared.is_finite()).then_some(fitted)
}

/// The period of a rhythm in evenly spaced values, in units of `interval`: the lag of the first peak of the autocorrelation after its
/// first fall below zero, refined by a parabola of least squares over ± 5 % of it and by the peaks at its multiples. The autocorrelation at lag k is the mean of (x(t) − m)(x(t+k) −
/// m) over its pairs, divided by the variance; lags reach to half of the record, their multiples to three quarters. `None` if there is no peak above 0.2 there: no
/// rhythm of at least two periods.
pub fn period(values: &[f64], interval: f64) -> Option<f64> {
    let correlation = autocorrelation(values)?;
    let negative = correlation.iter().position(|&value| value < 0.0)?;
    let half = values.len() / 2;
    let later = correlation.get(negative..half)?;
    // The highest, then the first peak about as high: multiples of the period are equally high but for noise.
    let highest = later.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if highest <= 0.2 || !(interval > 0.0 && interval.is_finite()) {
        return None;
    }
    let peak = (negative..half).find(|&lag| {
        correlation[lag] >= 0.85 * highest && correlation[lag] >= correlation[lag - 1] && correlation[lag] > correlation[lag + 1]
    })?;
    let reach = (peak / 20).max(1);
    let refined = |peak: usize| peak as f64 + vertex(&correlation[peak - reach..=peak + reach]);
    let mut lag = refined(peak);
    // A peak at m periods gives the period m times as exactly: follow them while they stay high.
    for multiple in 2.. {
        let expected = f64::from(multiple) * lag;
        let (from, to) = ((expected - 0.2 * lag).ceil() as usize, (expected + 0.2 * lag) as usize);
        if to + reach >= correlation.len() || from > to {
            break;
        }
        let Some(peak) = (from..=to).max_by(|&a, &b| correlation[a].total_cmp(&correlation[b])) else { break };
        if peak == from || peak == to || correlation[peak] < 0.5 * highest {
            break;
        }
        lag = refined(peak) / f64::from(multiple);
    }
    Some(lag * interval)
}

/// Where the parabola of least squares through an odd number of evenly spaced points has its extreme, from the middle one on and not
/// beyond the points.
fn vertex(points: &[f64]) -> f64 {
    let reach = (points.len() / 2) as f64;
    let (mut y0, mut y1, mut y2, mut k2, mut k4) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (place, y) in points.iter().enumerate() {
        let k = place as f64 - reach;
        (y0, y1, y2) = (y0 + y, y1 + k * y, y2 + k * k * y);
        (k2, k4) = (k2 + k * k, k4 + k.powi(4));
    }
    let count = points.len() as f64;
    let curvature = (count * y2 - k2 * y0) / (count * k4 - k2 * k2);
    let shift = -y1 / k2 / (2.0 * curvature);
    if shift.is_finite() { shift.clamp(-reach, reach) } else { 0.0 }
}

/// Autocorrelation at lags from 0 to three quarters of the values, by the Fourier transform; `None` of constant values or fewer than eight.
fn autocorrelation(values: &[f64]) -> Option<Vec<f64>> {
    let (mean, variance) = moments(values)?;
    if values.len() < 8 || variance <= 0.0 {
        return None;
    }
    let padded = (2 * values.len()).next_power_of_two();
    let mut planner = RealFftPlanner::<f64>::new();
    let (forward, inverse) = (planner.plan_fft_forward(padded), planner.plan_fft_inverse(padded));
    let (mut input, mut spectrum) = (forward.make_input_vec(), forward.make_output_vec());
    for (input, value) in input.iter_mut().zip(values) {
        *input = value - mean;
    }
    forward.process(&mut input, &mut spectrum).ok()?;
    for amplitude in &mut spectrum {
        *amplitude = (amplitude.norm_sqr()).into();
    }
    inverse.process(&mut spectrum, &mut input).ok()?;
    let count = values.len();
    Some((0..=3 * count / 4).map(|lag| input[lag] / padded as f64 / (count - lag) as f64 / variance).collect())
}

/// Power spectral density of evenly spaced values by Welch's method as in [`power_spectrum`], two-sided, in the values' unit squared
/// per Hz: P(f) = Δ |Σ w (x − mean) exp(−2πi f k Δ)|² / Σ w².
pub fn trace_spectrum(values: &[f64], interval_s: f64, segment: usize) -> Option<PowerSpectrum> {
    let mut spectrum = power_spectrum(values, interval_s, segment)?;
    for density in &mut spectrum.density {
        *density *= interval_s * interval_s;
    }
    Some(spectrum)
}

/// Golomb's χ of traces, the synchrony of potentials: √(variance over time of the mean trace / mean of the variances over time of
/// each), 1 if all are equal, about 1/√N if independent. `None` if the traces differ in length, have no samples or are all constant.
///
/// Golomb & Rinzel (1993), doi:10.1103/PhysRevE.48.4810.
pub fn chi(traces: &[&[f64]]) -> Option<f64> {
    let length = traces.first()?.len();
    if traces.iter().any(|trace| trace.len() != length) {
        return None;
    }
    let mut together = vec![0.0; length];
    let mut variances = 0.0;
    for trace in traces {
        for (sum, value) in together.iter_mut().zip(*trace) {
            *sum += value / traces.len() as f64;
        }
        variances += moments(trace)?.1 / traces.len() as f64;
    }
    let (_, variance) = moments(&together)?;
    (variances > 0.0).then(|| (variance / variances).sqrt())
}
