//! The number that a measure gives of a run; not-a-number where it is undefined.

use neuropil_record::statistics::{SpikeTrains, area, chi, exponential_fit, extent, half_width, mean, mode_variances, period, time_above};
use neuropil_record::{EnergyBill, SpikeTable, TraceTable};
use neuropil_units::{Expression, Scope, Value};

use crate::{
    measure::{
        call::{Call, Source},
        functions::{Entry, Measure},
    },
    plan::{Plan, RecorderPlan},
};

/// The length of the segments that a spectrum is averaged over, ms.
const SEGMENT_MS: f64 = 500.0;

/// What was recorded of a run.
#[derive(Clone, Copy)]
pub(crate) struct Recorded<'a> {
    pub plan: &'a Plan,
    pub spikes: Option<&'a SpikeTable>,
    pub traces: &'a [(String, TraceTable)],
    /// What cells paid, where charge was metered.
    pub energy: &'a [EnergyBill],
    /// Biological time that was simulated, ms.
    pub simulated_ms: f64,
}

impl Recorded<'_> {
    /// The value of a measure, in coherent units.
    pub fn value(&self, entry: &Entry, call: &Call) -> f64 {
        let (start, stop) = call.window_ms.unwrap_or((0.0, self.plan.duration_ms));
        // A window that was not simulated has no measure.
        if stop > self.simulated_ms * (1.0 + 1e-9) || start >= stop {
            return f64::NAN;
        }
        match &call.of {
            Source::Spikes { neurons } => {
                self.trains(neurons, (start, stop)).and_then(|trains| of_trains(entry.measure, &trains, call.extra, stop - start))
            }
            Source::Energy { population, mechanism } => self.atp(*population, mechanism.as_deref()),
            Source::Trace { recorder, neuron } => self.of_traces(entry.measure, *recorder, *neuron, (start, stop), call.extra),
        }
        .filter(|value| value.is_finite())
        .unwrap_or(f64::NAN)
    }

    /// ATP of a population, or of one of its channels, over the whole run.
    fn atp(&self, population: usize, mechanism: Option<&str>) -> Option<f64> {
        let name = &self.plan.populations.get(population)?.name;
        let bill = self.energy.iter().find(|bill| bill.population == *name)?;
        let Some(mechanism) = mechanism else { return Some(bill.atp) };
        Some(bill.mechanisms.iter().filter(|own| own.name == mechanism).map(|own| own.atp).sum())
    }

    /// The spikes of a window: those of the steps that end after its start and up to its stop.
    fn trains(&self, neurons: &[(usize, u32)], (start, stop): (f64, f64)) -> Option<SpikeTrains> {
        let table = self.spikes?;
        let mut identifiers = Vec::with_capacity(neurons.len());
        for of_one in neurons.chunk_by(|a, b| a.0 == b.0) {
            let name = &self.plan.populations.get(of_one.first()?.0)?.name;
            let range = table.populations().iter().find(|population| population.name == *name)?;
            identifiers.extend(of_one.iter().map(|(_, index)| range.first + index));
        }
        let step = self.plan.time_step_ms;
        SpikeTrains::new(table, &identifiers, (start + step, stop + step)).ok()
    }

    fn of_traces(&self, measure: Measure, recorder: usize, neuron: Option<usize>, (start, stop): (f64, f64), extra: f64) -> Option<f64> {
        let RecorderPlan::Trace { name, interval_ms, .. } = self.plan.recorders.get(recorder)? else { return None };
        let (_, table) = self.traces.iter().find(|(other, _)| other == name)?;
        let scale = table.variables().first().map_or(1.0, |variable| scale(&variable.unit));
        let slack = 1e-6 * self.plan.time_step_ms;
        let chosen = match neuron {
            Some(neuron) => neuron..neuron + 1,
            None => 0..table.neurons().len(),
        };
        let series = |neuron: usize| -> (Vec<f64>, Vec<f64>) {
            let samples = table.series(0, neuron).filter(|(time, _)| *time >= start - slack && *time <= stop + slack);
            samples.map(|(time, value)| (time, value * scale)).unzip()
        };
        let all: Vec<(Vec<f64>, Vec<f64>)> = chosen.map(series).collect();
        let values = || all.iter().map(|(_, values)| values.as_slice()).collect::<Vec<&[f64]>>();
        match measure {
            Measure::ModeVariance => mode_variances(&values(), extra as usize).map(|shares| shares.iter().sum()),
            Measure::Chi => chi(&values()),
            Measure::TimeAbove => mean(&all.iter().map(|(times, values)| time_above(times, values, extra)).collect::<Option<Vec<f64>>>()?),
            _ => {
                let each: Option<Vec<f64>> = all.iter().map(|(times, values)| of_samples(measure, times, values, *interval_ms)).collect();
                mean(&each?)
            }
        }
    }
}

/// How large the unit of a recorded variable is in coherent units.
fn scale(unit: &str) -> f64 {
    match Expression::parse(&format!("1 {unit}")).and_then(|one| one.evaluate(&Scope::new())) {
        Ok(Value::Number { value, .. }) => value,
        _ => 1.0,
    }
}

/// A measure of spikes, with bins of `bin_ms` where it has some.
fn of_trains(measure: Measure, trains: &SpikeTrains, bin_ms: f64, window_ms: f64) -> Option<f64> {
    match measure {
        Measure::Rate => trains.mean_rate_hz().map(|hertz| hertz / 1000.0),
        Measure::RateDeviation => extent(&trains.rates_hz()).map(|extent| extent.sd / 1000.0),
        Measure::SpikeCount => Some(trains.spikes() as f64),
        Measure::ActiveFraction => trains.active_fraction(),
        Measure::FirstSpike => trains.first_spike_ms(),
        Measure::LastSpike => (0..trains.neurons().len()).filter_map(|place| trains.times_ms(place).last().copied()).max_by(f64::total_cmp),
        Measure::CvIsi => trains.mean_cv(3),
        Measure::Cv2 => trains.mean_cv2(3),
        Measure::Lv => trains.mean_lv(3),
        Measure::Fano => trains.mean_fano(bin_ms),
        Measure::Synchrony => trains.synchrony(bin_ms),
        Measure::Correlation => trains.mean_correlation(bin_ms),
        Measure::SpectralPeak => {
            let segment_ms = SEGMENT_MS.min(window_ms);
            trains.power_spectrum(bin_ms, segment_ms)?.peak_hz(4000.0 / segment_ms).map(|hertz| hertz / 1000.0)
        }
        _ => None,
    }
}

/// A measure of one series of evenly spaced samples.
fn of_samples(measure: Measure, times: &[f64], values: &[f64], interval_ms: f64) -> Option<f64> {
    let place = |sign: f64| (0..values.len()).rev().max_by(|a, b| (sign * values[*a]).total_cmp(&(sign * values[*b])));
    match measure {
        Measure::Mean => mean(values),
        Measure::Deviation => extent(values).map(|extent| extent.sd),
        Measure::Peak => extent(values).map(|extent| extent.max),
        Measure::Trough => extent(values).map(|extent| extent.min),
        Measure::PeakTime => times.get(place(1.0)?).copied(),
        Measure::TroughTime => times.get(place(-1.0)?).copied(),
        Measure::Area => area(times, values, 0.0),
        Measure::HalfWidth => half_width(times, values, *values.first()?),
        Measure::DecayTime => {
            let start = *values.first()?;
            let apex = (0..values.len()).rev().max_by(|a, b| (values[*a] - start).abs().total_cmp(&(values[*b] - start).abs()))?;
            exponential_fit(times.get(apex..)?, values.get(apex..)?, None).map(|fit| fit.time_constant_ms)
        }
        Measure::Period => period(values, interval_ms),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_record::Population;

    /// Claim: of v(t) = -70 + 10 exp(-t / 5 ms) from its peak on, the measures are those of the formula. Source: half of exp(-t/τ) is at
    /// τ log 2. Tolerance: straight lines between samples 0.1 ms apart err by (Δ/τ)²/8 of the height.
    #[test]
    fn measures_of_a_decay_follow_its_formula() {
        let tau = 5.0;
        let decay = (0..1000).map(|k| 0.1 * f64::from(k)).map(|t: f64| (t, -70.0 + 10.0 * (-t / tau).exp()));
        let (times, values): (Vec<f64>, Vec<f64>) = std::iter::once((-0.1, -70.0)).chain(decay).unzip();
        let of = |measure| of_samples(measure, &times, &values, 0.1).unwrap();
        assert_eq!((of(Measure::Peak), of(Measure::PeakTime), of(Measure::Trough)), (-60.0, 0.0, -70.0));
        assert!((of(Measure::DecayTime) - tau).abs() < 1e-3, "{}", of(Measure::DecayTime));
        // The rise from the baseline to the peak takes one sample, half of it 0.05 ms.
        assert!((of(Measure::HalfWidth) - (tau * 2.0_f64.ln() + 0.05)).abs() < 1e-3, "{}", of(Measure::HalfWidth));
    }

    fn trains(spikes: &[(u64, u32)]) -> SpikeTrains {
        let mut table = SpikeTable::new(&[Population::new("cells", 0, 3)], 0.1).unwrap();
        for (step, neuron) in spikes {
            table.push(*step, &[*neuron]);
        }
        SpikeTrains::new(&table, &[0, 1, 2], (0.1, 100.1)).unwrap()
    }

    /// Claim: what is undefined is not a number of some kind but nothing.
    #[test]
    fn silence_has_no_irregularity() {
        let silent = trains(&[]);
        let of = |measure| of_trains(measure, &silent, 1.0, 100.0);
        assert_eq!((of(Measure::Rate), of(Measure::ActiveFraction)), (Some(0.0), Some(0.0)));
        for measure in
            [Measure::CvIsi, Measure::Cv2, Measure::Lv, Measure::Fano, Measure::Synchrony, Measure::Correlation, Measure::FirstSpike]
        {
            assert_eq!(of(measure), None, "{measure:?}");
        }
    }

    /// Claim: rate, fraction of active neurons, CV and moments of three trains, a spike in the last step among them. Source: by hand:
    /// 4 spikes of 3 neurons in 100 ms are 13.33 Hz; intervals of 100 and 300 steps have CV 0.5.
    #[test]
    fn measures_of_spikes_follow_their_definitions() {
        let trains = trains(&[(200, 0), (300, 0), (600, 0), (1000, 2)]);
        let of = |measure| of_trains(measure, &trains, 25.0, 100.0).unwrap();
        assert!((of(Measure::Rate) - 4.0 / 300.0).abs() < 1e-12, "{}", of(Measure::Rate));
        assert_eq!((of(Measure::SpikeCount), of(Measure::ActiveFraction)), (4.0, 2.0 / 3.0));
        assert!((of(Measure::CvIsi) - 0.5).abs() < 1e-12);
        assert_eq!((of(Measure::FirstSpike), of(Measure::LastSpike)), (20.0, 100.0));
    }
}
