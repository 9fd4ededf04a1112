//! Measures of the recorded spikes of some neurons in a window of time.

use super::{PowerSpectrum, cv, cv2, fano, lv, mean, power_spectrum};
use crate::{RecordError, SpikeTable, TimeGrid};
use std::collections::BTreeMap;

/// The spikes of some neurons in a window, neuron by neuron.
///
/// The window is half-open: it has the spikes from its first time on and before its last, in whole steps, so that no rounding moves
/// a spike over an edge; the same holds for bins. Bins are counted from the window's beginning, and a last one that would be cut
/// short is left out. A neuron without spikes counts in rates as 0 and has no intervals. What is undefined is `None`.
///
/// ```
/// use neuropil_record::{Population, SpikeTable, statistics::SpikeTrains};
/// let mut table = SpikeTable::new(&[Population::new("excitatory", 0, 3)], 0.1)?;
/// for step in [1000, 1200, 1400, 1800] {
///     table.push(step, &[1]);
/// }
/// let trains = SpikeTrains::new(&table, &[0, 1], (100.0, 200.0))?;
/// assert_eq!(trains.rates_hz(), [0.0, 40.0]);
/// assert_eq!(trains.active_fraction(), Some(0.5));
/// assert_eq!(trains.intervals_ms(1), [20.0, 20.0, 40.0]);
/// # Ok::<(), neuropil_record::RecordError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SpikeTrains {
    time: TimeGrid,
    from: u64,
    to: u64,
    neurons: Vec<u32>,
    /// Steps of each neuron's spikes, ascending.
    trains: Vec<Vec<u64>>,
}

impl SpikeTrains {
    /// The spikes of `neurons` from the first time of a window on and before its last, ms. A neuron listed twice counts once, in the
    /// first place.
    ///
    /// # Errors
    /// [`RecordError::Window`] unless the window begins at 0 or later and has at least one step.
    pub fn new(table: &SpikeTable, neurons: &[u32], window_ms: (f64, f64)) -> Result<Self, RecordError> {
        let time = table.time_grid();
        let wrong = || RecordError::Window { from_ms: window_ms.0, to_ms: window_ms.1 };
        let (from, to) = (time.step(window_ms.0).ok_or_else(wrong)?, time.step(window_ms.1).ok_or_else(wrong)?);
        if to <= from {
            return Err(wrong());
        }
        let mut places: BTreeMap<u32, usize> = BTreeMap::new();
        let mut listed = Vec::new();
        for &neuron in neurons {
            places.entry(neuron).or_insert_with(|| {
                listed.push(neuron);
                listed.len() - 1
            });
        }
        let mut trains = vec![Vec::new(); listed.len()];
        for (step, spiking) in table.iter().filter(|(step, _)| (from..to).contains(step)) {
            for neuron in spiking {
                if let Some(train) = places.get(neuron).and_then(|&place| trains.get_mut(place)) {
                    train.push(step);
                }
            }
        }
        Ok(Self { time, from, to, neurons: listed, trains })
    }

    /// The neurons, in the order of all results by neuron.
    pub fn neurons(&self) -> &[u32] {
        &self.neurons
    }

    /// The window's duration, s.
    pub fn duration_s(&self) -> f64 {
        self.time.time_ms(self.to - self.from) / 1000.0
    }

    /// Spikes of each neuron.
    pub fn counts(&self) -> Vec<u64> {
        self.trains.iter().map(|train| train.len() as u64).collect()
    }

    /// Spikes of all neurons.
    pub fn spikes(&self) -> u64 {
        self.counts().iter().sum()
    }

    /// Rate of each neuron, spikes over duration, Hz; silent neurons have 0.
    pub fn rates_hz(&self) -> Vec<f64> {
        self.trains.iter().map(|train| train.len() as f64 / self.duration_s()).collect()
    }

    /// Mean rate over all neurons, silent ones included, Hz; `None` without neurons.
    pub fn mean_rate_hz(&self) -> Option<f64> {
        (!self.neurons.is_empty()).then(|| self.spikes() as f64 / self.neurons.len() as f64 / self.duration_s())
    }

    /// The fraction of neurons that have a spike; `None` without neurons.
    pub fn active_fraction(&self) -> Option<f64> {
        let active = self.trains.iter().filter(|train| !train.is_empty()).count();
        (!self.neurons.is_empty()).then(|| active as f64 / self.neurons.len() as f64)
    }

    /// Time of each neuron's first spike in the window, ms since the beginning of the simulation; `None` where silent.
    pub fn first_spikes_ms(&self) -> Vec<Option<f64>> {
        self.trains.iter().map(|train| train.first().map(|&step| self.time.time_ms(step))).collect()
    }

    /// Time of the first spike of any neuron, ms since the beginning of the simulation; `None` if all are silent.
    pub fn first_spike_ms(&self) -> Option<f64> {
        self.trains.iter().filter_map(|train| train.first()).min().map(|&step| self.time.time_ms(step))
    }

    /// Times of the spikes of the neuron at `place`, ms since the beginning of the simulation; empty if there is no such place.
    pub fn times_ms(&self, place: usize) -> Vec<f64> {
        self.trains.get(place).into_iter().flatten().map(|&step| self.time.time_ms(step)).collect()
    }

    /// Intervals between successive spikes of the neuron at `place`, ms.
    pub fn intervals_ms(&self, place: usize) -> Vec<f64> {
        let train = self.trains.get(place).map(Vec::as_slice).unwrap_or_default();
        train.windows(2).map(|pair| self.time.time_ms(pair[1] - pair[0])).collect()
    }

    /// A measure of intervals, such as [`cv`](super::cv), [`cv2`](super::cv2) or [`lv`](super::lv), of each neuron that has at least
    /// `least_spikes` spikes; `None` for the others.
    pub fn of_intervals(&self, least_spikes: usize, measure: impl Fn(&[f64]) -> Option<f64>) -> Vec<Option<f64>> {
        let enough = |place: usize| self.trains.get(place).is_some_and(|train| train.len() >= least_spikes);
        (0..self.trains.len()).map(|place| enough(place).then(|| measure(&self.intervals_ms(place))).flatten()).collect()
    }

    /// Mean of the CV of intervals over the neurons with at least `least_spikes` spikes (3 at least: two intervals).
    pub fn mean_cv(&self, least_spikes: usize) -> Option<f64> {
        self.mean_of_intervals(least_spikes, cv)
    }

    /// Mean of [`cv2`](super::cv2) over the neurons with at least `least_spikes` spikes.
    pub fn mean_cv2(&self, least_spikes: usize) -> Option<f64> {
        self.mean_of_intervals(least_spikes, cv2)
    }

    /// Mean of [`lv`](super::lv) over the neurons with at least `least_spikes` spikes.
    pub fn mean_lv(&self, least_spikes: usize) -> Option<f64> {
        self.mean_of_intervals(least_spikes, lv)
    }

    fn mean_of_intervals(&self, least_spikes: usize, measure: impl Fn(&[f64]) -> Option<f64>) -> Option<f64> {
        mean(&self.of_intervals(least_spikes, measure).into_iter().flatten().collect::<Vec<f64>>())
    }

    /// Spikes of all neurons in each whole bin of about `bin_ms` (a whole number of steps, at least one).
    pub fn population_counts(&self, bin_ms: f64) -> Vec<f64> {
        let (bin, bins) = self.bins(bin_ms);
        let mut counts = vec![0.0; bins];
        for &step in self.trains.iter().flatten() {
            if let Some(count) = usize::try_from((step - self.from) / bin).ok().and_then(|place| counts.get_mut(place)) {
                *count += 1.0;
            }
        }
        counts
    }

    /// Spikes of the neuron at `place` in each whole bin of about `bin_ms`.
    pub fn bin_counts(&self, place: usize, bin_ms: f64) -> Vec<f64> {
        let (bin, bins) = self.bins(bin_ms);
        super::bin_counts(self.trains.get(place).into_iter().flatten().map(|&step| step - self.from), bin, bins)
    }

    /// Steps in a bin, and the number of whole bins; as many as memory allows for a sensible width.
    fn bins(&self, bin_ms: f64) -> (u64, usize) {
        const MOST: u64 = 1 << 27;
        let duration = self.to - self.from;
        let bin = self.time.bin_steps(bin_ms).max(duration.div_ceil(MOST)).max(1);
        (bin, (duration / bin) as usize)
    }

    /// Synchrony: variance over mean of [`Self::population_counts`]: 1 for independent Poisson neurons, larger the more they spike
    /// together and, then, the more they are, so that equal numbers of neurons are to be compared. `None` if all are silent.
    ///
    /// As in Potjans & Diesmann (2014), doi:10.1093/cercor/bhs358, with bins of 3 ms and 1000 neurons.
    pub fn synchrony(&self, bin_ms: f64) -> Option<f64> {
        fano(&self.population_counts(bin_ms))
    }

    /// Mean over neurons of the Fano factor of their counts in successive windows of `window_ms`; silent neurons are left out.
    pub fn mean_fano(&self, window_ms: f64) -> Option<f64> {
        let factors = (0..self.trains.len()).filter_map(|place| fano(&self.bin_counts(place, window_ms)));
        mean(&factors.collect::<Vec<f64>>())
    }

    /// Mean over all pairs of neurons of Pearson's correlation of their counts in bins of about `bin_ms`. Neurons whose counts are
    /// constant (silent ones) are left out; `None` if fewer than two remain.
    pub fn mean_correlation(&self, bin_ms: f64) -> Option<f64> {
        let (_, bins) = self.bins(bin_ms);
        // With each neuron's counts z less their mean and scaled to length 1, the sum over pairs is (|Σz|² − n) / 2.
        let (mut sum, mut neurons) = (vec![0.0; bins], 0.0);
        for place in 0..self.trains.len() {
            let counts = self.bin_counts(place, bin_ms);
            let Some((mean, variance)) = super::moments(&counts).filter(|moments| moments.1 > 0.0) else { continue };
            let length = (variance * counts.len() as f64).sqrt();
            for (sum, count) in sum.iter_mut().zip(&counts) {
                *sum += (count - mean) / length;
            }
            neurons += 1.0;
        }
        let square: f64 = sum.iter().map(|sum| sum * sum).sum();
        (neurons >= 2.0).then(|| (square - neurons) / (neurons * (neurons - 1.0)))
    }

    /// Power spectrum of the summed counts in bins of about `bin_ms` by [`power_spectrum`](super::power_spectrum) with segments of
    /// about `segment_ms`; `None` if the window is shorter than a segment.
    pub fn power_spectrum(&self, bin_ms: f64, segment_ms: f64) -> Option<PowerSpectrum> {
        let (bin, _) = self.bins(bin_ms);
        let bin_ms = self.time.time_ms(bin);
        power_spectrum(&self.population_counts(bin_ms), bin_ms / 1000.0, (segment_ms / bin_ms).round() as usize)
    }
}
