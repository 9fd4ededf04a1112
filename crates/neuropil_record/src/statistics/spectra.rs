//! Spectra by Welch's method (1967, doi:10.1109/TAU.1967.1161901): Hann windows, half overlapping.

use super::moments;
use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};
use std::f64::consts::TAU;
use std::sync::Arc;

/// A two-sided power spectral density, or a coherence, at frequencies from 0 to half the sampling rate.
#[derive(Clone, Debug, PartialEq)]
pub struct PowerSpectrum {
    /// Frequencies, Hz, evenly spaced by one over the segment's duration.
    pub frequency_hz: Vec<f64>,
    /// Density, 1/s for spike counts; or coherence, without unit.
    pub density: Vec<f64>,
}

impl PowerSpectrum {
    /// The frequency of the largest density above `lowest_hz`, Hz. Four times the spacing is a sensible lower limit.
    pub fn peak_hz(&self, lowest_hz: f64) -> Option<f64> {
        let pairs = self.frequency_hz.iter().zip(&self.density).filter(|(frequency, _)| **frequency > lowest_hz);
        pairs.max_by(|a, b| a.1.total_cmp(b.1)).map(|(frequency, _)| *frequency)
    }
}

/// Power spectrum of binned spike counts by Welch's method: Hann windows of `segment_bins` bins, half overlapping, each less its
/// mean:
///
/// ```text
/// P(f) = |Σ w(k) (A(k) − mean) exp(−2πi f k Δ)|² / (Δ Σ w²)
/// ```
///
/// with A in spikes a bin and Δ = `bin_s` in seconds. The level of N independent Poisson neurons of rate ν is N ν at all
/// frequencies but the lowest two, which lack the mean. `None` if the counts do not fill one segment, a segment has fewer than
/// four bins, or `bin_s` is not positive and finite.
pub fn power_spectrum(counts: &[f64], bin_s: f64, segment_bins: usize) -> Option<PowerSpectrum> {
    let mut density: Vec<f64> = Vec::new();
    let welch = Welch::new(counts.len(), bin_s, segment_bins)?;
    let segments = welch.segments(counts, counts, |first, _| {
        density.resize(first.len(), 0.0);
        for (density, amplitude) in density.iter_mut().zip(first) {
            *density += amplitude.norm_sqr();
        }
    })?;
    for density in &mut density {
        *density /= segments * bin_s * welch.window_power;
    }
    let spectrum = PowerSpectrum { frequency_hz: welch.frequencies(bin_s), density };
    spectrum.density.iter().all(|density| density.is_finite()).then_some(spectrum)
}

/// Coherence of two equally long series by Welch's method as in [`power_spectrum`]: |P₁₂(f)|² / (P₁₁(f) P₂₂(f)), from 0 to 1, with
/// cross and power spectra averaged over segments. 0 where a series has no power. With one segment it would be 1 everywhere: `None`
/// unless there are two, or if the lengths differ.
pub fn coherence(first: &[f64], second: &[f64], bin_s: f64, segment_bins: usize) -> Option<PowerSpectrum> {
    let welch = Welch::new(first.len(), bin_s, segment_bins)?;
    let mut sums = vec![(0.0, 0.0, Complex::new(0.0, 0.0)); segment_bins / 2 + 1];
    let segments = welch.segments(first, second, |first, second| {
        for ((one, two, cross), (a, b)) in sums.iter_mut().zip(first.iter().zip(second)) {
            *one += a.norm_sqr();
            *two += b.norm_sqr();
            *cross += a.conj() * b;
        }
    })?;
    let density = sums.iter().map(|(one, two, cross)| if one * two > 0.0 { (cross.norm_sqr() / (one * two)).min(1.0) } else { 0.0 });
    (segments >= 2.0).then(|| PowerSpectrum { frequency_hz: welch.frequencies(bin_s), density: density.collect() })
}

/// Windows and transforms of segments.
struct Welch {
    window: Vec<f64>,
    window_power: f64,
    transform: Arc<dyn RealToComplex<f64>>,
}

impl Welch {
    fn new(values: usize, bin_s: f64, segment_bins: usize) -> Option<Self> {
        if segment_bins < 4 || segment_bins > values || !(bin_s > 0.0 && bin_s.is_finite()) {
            return None;
        }
        let window: Vec<f64> = (0..segment_bins).map(|k| 0.5 - 0.5 * (TAU * k as f64 / segment_bins as f64).cos()).collect();
        let window_power = window.iter().map(|weight| weight * weight).sum();
        Some(Self { window, window_power, transform: RealFftPlanner::<f64>::new().plan_fft_forward(segment_bins) })
    }

    fn frequencies(&self, bin_s: f64) -> Vec<f64> {
        (0..=self.window.len() / 2).map(|k| k as f64 / (self.window.len() as f64 * bin_s)).collect()
    }

    /// Hands the transforms of each pair of segments to `take` and says how many there are.
    fn segments(&self, first: &[f64], second: &[f64], mut take: impl FnMut(&[Complex<f64>], &[Complex<f64>])) -> Option<f64> {
        let length = self.window.len();
        if first.len() != second.len() || first.len() < length {
            return None;
        }
        let (mut one, mut two) = (self.transform.make_output_vec(), self.transform.make_output_vec());
        let mut segments = 0.0;
        for start in (0..=first.len() - length).step_by(length / 2) {
            self.transformed(first.get(start..start + length)?, &mut one)?;
            self.transformed(second.get(start..start + length)?, &mut two)?;
            take(&one, &two);
            segments += 1.0;
        }
        Some(segments)
    }

    fn transformed(&self, segment: &[f64], output: &mut [Complex<f64>]) -> Option<()> {
        let (mean, _) = moments(segment)?;
        let mut input: Vec<f64> = segment.iter().zip(&self.window).map(|(value, weight)| (value - mean) * weight).collect();
        self.transform.process(&mut input, output).ok()
    }
}
