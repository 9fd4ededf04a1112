//! The number that a measure gives of a run; not-a-number where it is undefined.

use neuropil_record::statistics::{bin_counts, cv, cv2, fano, intervals, lv, pearson, power_spectrum};
use neuropil_record::{SpikeTable, TraceTable};
use neuropil_units::{Expression, Scope, Value};

use crate::{
    measure::{
        call::{Call, Source},
        functions::{Entry, Measure},
    },
    plan::{Plan, RecorderPlan},
};

/// Neurons whose pairs are correlated, spread evenly over those that spiked.
const CORRELATED: usize = 200;
/// The length of the segments that a spectrum is averaged over, ms.
const SEGMENT_MS: f64 = 500.0;

/// What was recorded of a run.
#[derive(Clone, Copy)]
pub(crate) struct Recorded<'a> {
    pub plan: &'a Plan,
    pub spikes: Option<&'a SpikeTable>,
    pub traces: &'a [(String, TraceTable)],
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
            Source::Spikes { population, neuron } => {
                self.trains(*population, *neuron, (start, stop)).and_then(|trains| trains.value(entry.measure, call.bin_ms))
            }
            Source::Trace { recorder, neuron } => self.of_traces(entry.measure, *recorder, *neuron, (start, stop)),
        }
        .filter(|value| value.is_finite())
        .unwrap_or(f64::NAN)
    }

    /// The spikes of a window: those in the steps that end after its start and up to its stop.
    fn trains(&self, population: usize, neuron: Option<u32>, (start, stop): (f64, f64)) -> Option<Trains> {
        let table = self.spikes?;
        let name = &self.plan.populations.get(population)?.name;
        let place = table.populations().iter().position(|population| population.name == *name)?;
        let range = table.populations().get(place)?;
        let step_ms = self.plan.time_step_ms;
        let step = |time: f64| (time / step_ms).round() as u64;
        let (first, last) = (step(start), step(stop));
        let (from, count) = match neuron {
            Some(neuron) => (range.first.checked_add(neuron)?, 1),
            None => (range.first, range.size),
        };
        let mut trains = vec![Vec::new(); count as usize];
        for (step, _, neurons) in table.by_population().filter(|(step, at, _)| *at == place && *step > first && *step <= last) {
            for neuron in neurons {
                if let Some(train) = neuron.checked_sub(from).and_then(|index| trains.get_mut(index as usize)) {
                    train.push(step);
                }
            }
        }
        Some(Trains { trains, first, last, step_ms })
    }

    fn of_traces(&self, measure: Measure, recorder: usize, neuron: Option<usize>, (start, stop): (f64, f64)) -> Option<f64> {
        let RecorderPlan::Trace { name, .. } = self.plan.recorders.get(recorder)? else { return None };
        let (_, table) = self.traces.iter().find(|(other, _)| other == name)?;
        let scale = table.variables().first().map_or(1.0, |variable| scale(&variable.unit));
        let slack = 1e-6 * self.plan.time_step_ms;
        let chosen = match neuron {
            Some(neuron) => neuron..neuron + 1,
            None => 0..table.neurons().len(),
        };
        let mut values = Vec::with_capacity(chosen.len());
        for neuron in chosen {
            let samples = table.series(0, neuron).filter(|(time, _)| *time >= start - slack && *time <= stop + slack);
            let samples: Vec<(f64, f64)> = samples.map(|(time, value)| (time, value * scale)).collect();
            values.push(of_samples(measure, &samples)?);
        }
        mean(&values)
    }
}

/// How large the unit of a recorded variable is in coherent units.
fn scale(unit: &str) -> f64 {
    match Expression::parse(&format!("1 {unit}")).and_then(|one| one.evaluate(&Scope::new())) {
        Ok(Value::Number { value, .. }) => value,
        _ => 1.0,
    }
}

/// Spikes of some neurons in a window, as steps.
struct Trains {
    trains: Vec<Vec<u64>>,
    first: u64,
    last: u64,
    step_ms: f64,
}

impl Trains {
    fn value(&self, measure: Measure, bin_ms: f64) -> Option<f64> {
        let window_ms = (self.last - self.first) as f64 * self.step_ms;
        let counts = || self.trains.iter().map(|train| train.len() as f64);
        let time = |step: u64| step as f64 * self.step_ms;
        match measure {
            Measure::Rate => mean(&counts().collect::<Vec<_>>()).map(|count| count / window_ms),
            Measure::RateDeviation => deviation(&counts().collect::<Vec<_>>()).map(|count| count / window_ms),
            Measure::SpikeCount => Some(counts().sum()),
            Measure::ActiveFraction => mean(&self.trains.iter().map(|train| f64::from(u8::from(!train.is_empty()))).collect::<Vec<_>>()),
            Measure::FirstSpike => self.trains.iter().filter_map(|train| train.first()).min().map(|step| time(*step)),
            Measure::LastSpike => self.trains.iter().filter_map(|train| train.last()).max().map(|step| time(*step)),
            Measure::CvIsi => self.over_intervals(cv),
            Measure::Cv2 => self.over_intervals(cv2),
            Measure::Lv => self.over_intervals(lv),
            Measure::Fano => {
                let factors: Vec<f64> = self.trains.iter().filter_map(|train| fano(&self.binned(train, bin_ms))).collect();
                mean(&factors)
            }
            Measure::Synchrony => fano(&self.summed(bin_ms)),
            Measure::SpectralPeak => {
                let counts = self.summed(bin_ms);
                let segment = ((SEGMENT_MS / bin_ms).round() as usize).min(counts.len());
                let spectrum = power_spectrum(&counts, bin_ms / 1000.0, segment)?;
                spectrum.peak_hz(4000.0 / (segment as f64 * bin_ms)).map(|hertz| hertz / 1000.0)
            }
            Measure::Correlation => self.correlation(bin_ms),
            _ => None,
        }
    }

    /// A measure of intervals, averaged over the neurons that have it.
    fn over_intervals(&self, measure: impl Fn(&[f64]) -> Option<f64>) -> Option<f64> {
        let of_train = |train: &Vec<u64>| measure(&intervals(&train.iter().map(|step| *step as f64).collect::<Vec<_>>()));
        mean(&self.trains.iter().filter_map(of_train).collect::<Vec<_>>())
    }

    /// Counts in whole bins of the window.
    fn binned(&self, train: &[u64], bin_ms: f64) -> Vec<f64> {
        let bin_steps = ((bin_ms / self.step_ms).round() as u64).max(1);
        let bins = (self.last - self.first) / bin_steps;
        bin_counts(train.iter().map(|step| step - self.first - 1), bin_steps, usize::try_from(bins).unwrap_or(0))
    }

    /// The counts of all neurons together.
    fn summed(&self, bin_ms: f64) -> Vec<f64> {
        let mut all: Vec<u64> = self.trains.iter().flatten().copied().collect();
        all.sort_unstable();
        self.binned(&all, bin_ms)
    }

    /// The mean correlation of the counts of all pairs of some neurons that spiked.
    fn correlation(&self, bin_ms: f64) -> Option<f64> {
        let active: Vec<&Vec<u64>> = self.trains.iter().filter(|train| !train.is_empty()).collect();
        let chosen = (0..active.len().min(CORRELATED)).filter_map(|k| active.get(k * active.len() / active.len().min(CORRELATED)));
        let counts: Vec<Vec<f64>> = chosen.map(|train| self.binned(train, bin_ms)).collect();
        let mut pairs = Vec::new();
        for (k, first) in counts.iter().enumerate() {
            pairs.extend(counts.iter().skip(k + 1).filter_map(|second| pearson(first, second)));
        }
        mean(&pairs)
    }
}

/// A measure of one series of times and values.
fn of_samples(measure: Measure, samples: &[(f64, f64)]) -> Option<f64> {
    let values: Vec<f64> = samples.iter().map(|(_, value)| *value).collect();
    let highest = || samples.iter().max_by(|a, b| a.1.total_cmp(&b.1)).copied();
    let lowest = || samples.iter().min_by(|a, b| a.1.total_cmp(&b.1)).copied();
    match measure {
        Measure::Mean => mean(&values),
        Measure::Deviation => deviation(&values),
        Measure::Peak => highest().map(|(_, value)| value),
        Measure::Trough => lowest().map(|(_, value)| value),
        Measure::PeakTime => highest().map(|(time, _)| time),
        Measure::TroughTime => lowest().map(|(time, _)| time),
        Measure::Area => Some(samples.windows(2).map(|pair| 0.5 * (pair[0].1 + pair[1].1) * (pair[1].0 - pair[0].0)).sum()),
        Measure::HalfWidth => {
            let (apex, deviations) = deviations(samples)?;
            let height = 0.5 * deviations.get(apex)?.1;
            Some(falls_to(&deviations[apex..], height)? - rises_to(&deviations[..=apex], height)?)
        }
        Measure::DecayTime => {
            let (apex, deviations) = deviations(samples)?;
            let (time, height) = *deviations.get(apex)?;
            Some(falls_to(&deviations[apex..], height / std::f64::consts::E)? - time)
        }
        Measure::Period => {
            let middle = mean(&values)?;
            let crossings: Vec<f64> = samples
                .windows(2)
                .filter(|pair| pair[0].1 < middle && pair[1].1 >= middle)
                .map(|pair| crossing(pair[0], pair[1], middle))
                .collect();
            mean(&intervals(&crossings))
        }
        _ => None,
    }
}

/// The largest deviation from the first value, and all deviations in its direction.
fn deviations(samples: &[(f64, f64)]) -> Option<(usize, Vec<(f64, f64)>)> {
    let start = samples.first()?.1;
    let (apex, (_, value)) = samples.iter().enumerate().max_by(|a, b| (a.1.1 - start).abs().total_cmp(&(b.1.1 - start).abs()))?;
    let sign = if *value < start { -1.0 } else { 1.0 };
    Some((apex, samples.iter().map(|(time, value)| (*time, sign * (value - start))).collect()))
}

fn falls_to(samples: &[(f64, f64)], level: f64) -> Option<f64> {
    samples.windows(2).find(|pair| pair[1].1 <= level).map(|pair| crossing(pair[0], pair[1], level))
}

fn rises_to(samples: &[(f64, f64)], level: f64) -> Option<f64> {
    samples.windows(2).rfind(|pair| pair[0].1 <= level).map(|pair| crossing(pair[0], pair[1], level))
}

/// When a straight line between two samples crosses a level.
fn crossing(before: (f64, f64), after: (f64, f64), level: f64) -> f64 {
    let rise = after.1 - before.1;
    if rise == 0.0 { before.0 } else { before.0 + (level - before.1) / rise * (after.0 - before.0) }
}

/// Slope and intercept of the line through points with the least squared distance in y; `None` with fewer than two different x.
pub(crate) fn line(x: &[f64], y: &[f64]) -> Option<(f64, f64)> {
    let (x_mean, y_mean) = (mean(x)?, mean(y)?);
    let spread: f64 = x.iter().map(|x| (x - x_mean).powi(2)).sum();
    let together: f64 = x.iter().zip(y).map(|(x, y)| (x - x_mean) * (y - y_mean)).sum();
    let slope = together / spread;
    (x.len() == y.len() && spread > 0.0).then_some((slope, y_mean - slope * x_mean))
}

pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The standard deviation, divided by n.
fn deviation(values: &[f64]) -> Option<f64> {
    let middle = mean(values)?;
    mean(&values.iter().map(|value| (value - middle).powi(2)).collect::<Vec<_>>()).map(f64::sqrt)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: of v(t) = -70 + 10 exp(-t / 5 ms) from its peak on, and of the alpha-like pulse, measures are those of the formulas.
    /// Source: half of exp(-t/τ) is at τ log 2, 1/e at τ, and its integral is τ (1 - exp(-T/τ)). Tolerance: straight lines between
    /// samples 0.1 ms apart err by (Δ/τ)²/8 of the height, the trapezoid by (Δ/τ)²/12.
    #[test]
    fn measures_of_a_decay_follow_its_formula() {
        let tau = 5.0;
        let mut samples = vec![(-0.1, -70.0)];
        samples.extend((0..1000).map(|k| 0.1 * f64::from(k)).map(|t: f64| (t, -70.0 + 10.0 * (-t / tau).exp())));
        let of = |measure| of_samples(measure, &samples).unwrap();
        assert_eq!((of(Measure::Peak), of(Measure::PeakTime), of(Measure::Trough)), (-60.0, 0.0, -70.0));
        assert!((of(Measure::DecayTime) - tau).abs() < 1e-3, "{}", of(Measure::DecayTime));
        // The rise from the baseline to the peak takes one sample, half of it 0.05 ms.
        assert!((of(Measure::HalfWidth) - (tau * 2.0_f64.ln() + 0.05)).abs() < 1e-3, "{}", of(Measure::HalfWidth));
        let lifted: Vec<(f64, f64)> = samples[1..].iter().map(|(t, v)| (*t, v + 70.0)).collect();
        assert!((of_samples(Measure::Area, &lifted).unwrap() - 50.0).abs() < 0.01);
        let dip: Vec<(f64, f64)> = samples.iter().map(|(t, v)| (*t, -v)).collect();
        assert!((of_samples(Measure::DecayTime, &dip).unwrap() - tau).abs() < 1e-3, "a dip decays like a peak");
    }

    /// Claim: a sine's period and a line's slope. Source: arithmetic. Tolerance: interpolation of a sine 0.1 ms apart.
    #[test]
    fn period_and_slope() {
        let sine: Vec<(f64, f64)> =
            (0..2000).map(|k| 0.1 * f64::from(k)).map(|t: f64| (t, (t / 7.0 * std::f64::consts::TAU).sin())).collect();
        assert!((of_samples(Measure::Period, &sine).unwrap() - 7.0).abs() < 1e-2);
        assert_eq!(line(&[1.0, 2.0, 3.0], &[3.0, 5.0, 7.0]), Some((2.0, 1.0)));
        assert_eq!([line(&[1.0, 1.0], &[1.0, 2.0]), line(&[], &[]), line(&[1.0, 2.0], &[1.0])], [None; 3]);
    }

    /// Claim: what is undefined is not a number of some kind but nothing.
    #[test]
    fn silence_has_no_irregularity() {
        let silent = Trains { trains: vec![vec![]; 3], first: 0, last: 1000, step_ms: 0.1 };
        assert_eq!(silent.value(Measure::Rate, 0.0), Some(0.0));
        assert_eq!(silent.value(Measure::ActiveFraction, 0.0), Some(0.0));
        for measure in
            [Measure::CvIsi, Measure::Cv2, Measure::Lv, Measure::Fano, Measure::Synchrony, Measure::Correlation, Measure::FirstSpike]
        {
            assert_eq!(silent.value(measure, 1.0), None, "{measure:?}");
        }
    }

    /// Claim: rate, fraction of active neurons, CV and synchrony of three trains. Source: by hand: 4 spikes of 3 neurons in 100 ms are
    /// 13.33 Hz; intervals of 100 and 300 steps have CV 0.5; counts 1, 1, 0, 2 in bins of 25 ms have mean 1 and variance 0.5.
    #[test]
    fn measures_of_spikes_follow_their_definitions() {
        let trains = Trains { trains: vec![vec![200, 300, 600], vec![], vec![900]], first: 0, last: 1000, step_ms: 0.1 };
        assert!((trains.value(Measure::Rate, 0.0).unwrap() - 4.0 / 300.0).abs() < 1e-15);
        assert_eq!(trains.value(Measure::ActiveFraction, 0.0), Some(2.0 / 3.0));
        assert_eq!(trains.value(Measure::CvIsi, 0.0), Some(0.5));
        assert_eq!(trains.summed(25.0), [1.0, 1.0, 1.0, 1.0]);
        assert_eq!((trains.value(Measure::FirstSpike, 0.0), trains.value(Measure::LastSpike, 0.0)), (Some(20.0), Some(90.0)));
    }
}
