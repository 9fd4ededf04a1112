//! The measures that an experiment may name.

use neuropil_units::{Dimension, HostFunction};

/// What a measure looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Spikes of a population, or of one neuron of it.
    Spikes,
    /// What a recorder of a variable kept, of all its neurons or of one.
    Trace,
    /// Two lists, such as a swept parameter and what was measured.
    Lists,
}

/// A measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Rate,
    RateDeviation,
    SpikeCount,
    FirstSpike,
    LastSpike,
    ActiveFraction,
    CvIsi,
    Cv2,
    Lv,
    Fano,
    Synchrony,
    Correlation,
    SpectralPeak,
    Mean,
    Deviation,
    Peak,
    Trough,
    PeakTime,
    TroughTime,
    Area,
    HalfWidth,
    TimeAbove,
    DecayTime,
    Period,
    Chi,
    ModeVariance,
    Slope,
    Intercept,
    Pearson,
    Spearman,
}

/// What a measure takes between its subject and the window, or instead of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    None,
    /// The width of the bins that spikes are counted in.
    Bin,
    /// The number of modes.
    Modes,
    /// A value of the variable.
    Level,
}

/// How a measure is used.
pub(crate) struct Entry {
    pub measure: Measure,
    pub subject: Subject,
    pub extra: Extra,
    function: HostFunction,
}

/// Arguments after the subject and the window: the arm, and a condition on swept parameters.
const SELECTORS: usize = 2;

const fn spikes(measure: Measure, name: &'static str, signature: &'static str) -> Entry {
    let function = HostFunction { name, signature, arguments: (1, 3 + SELECTORS) };
    Entry { measure, subject: Subject::Spikes, extra: Extra::None, function }
}

const fn binned(measure: Measure, name: &'static str, signature: &'static str) -> Entry {
    let function = HostFunction { name, signature, arguments: (2, 4 + SELECTORS) };
    Entry { measure, subject: Subject::Spikes, extra: Extra::Bin, function }
}

const fn trace(measure: Measure, name: &'static str, signature: &'static str) -> Entry {
    let function = HostFunction { name, signature, arguments: (1, 3 + SELECTORS) };
    Entry { measure, subject: Subject::Trace, extra: Extra::None, function }
}

const fn modes(measure: Measure, name: &'static str, signature: &'static str) -> Entry {
    let function = HostFunction { name, signature, arguments: (2, 4 + SELECTORS) };
    Entry { measure, subject: Subject::Trace, extra: Extra::Modes, function }
}

const fn level(measure: Measure, name: &'static str, signature: &'static str) -> Entry {
    let function = HostFunction { name, signature, arguments: (2, 4 + SELECTORS) };
    Entry { measure, subject: Subject::Trace, extra: Extra::Level, function }
}

const fn lists(measure: Measure, name: &'static str, signature: &'static str) -> Entry {
    let function = HostFunction { name, signature, arguments: (2, 2) };
    Entry { measure, subject: Subject::Lists, extra: Extra::None, function }
}

/// All measures, in the order in which they are listed for people.
pub(crate) const ENTRIES: [Entry; 30] = [
    spikes(Measure::Rate, "rate", "rate(population, start, stop)"),
    spikes(Measure::RateDeviation, "rate_sd", "rate_sd(population, start, stop)"),
    spikes(Measure::SpikeCount, "spike_count", "spike_count(population, start, stop)"),
    spikes(Measure::FirstSpike, "first_spike", "first_spike(population, start, stop)"),
    spikes(Measure::LastSpike, "last_spike", "last_spike(population, start, stop)"),
    spikes(Measure::ActiveFraction, "active_fraction", "active_fraction(population, start, stop)"),
    spikes(Measure::CvIsi, "cv_isi", "cv_isi(population, start, stop)"),
    spikes(Measure::Cv2, "cv2", "cv2(population, start, stop)"),
    spikes(Measure::Lv, "lv", "lv(population, start, stop)"),
    binned(Measure::Fano, "fano", "fano(population, bin, start, stop)"),
    binned(Measure::Synchrony, "synchrony", "synchrony(population, bin, start, stop)"),
    binned(Measure::Correlation, "correlation", "correlation(population, bin, start, stop)"),
    binned(Measure::SpectralPeak, "spectral_peak", "spectral_peak(population, bin, start, stop)"),
    trace(Measure::Mean, "mean", "mean(recorder, start, stop)"),
    trace(Measure::Deviation, "sd", "sd(recorder, start, stop)"),
    trace(Measure::Peak, "peak", "peak(recorder, start, stop)"),
    trace(Measure::Trough, "trough", "trough(recorder, start, stop)"),
    trace(Measure::PeakTime, "peak_time", "peak_time(recorder, start, stop)"),
    trace(Measure::TroughTime, "trough_time", "trough_time(recorder, start, stop)"),
    trace(Measure::Area, "area", "area(recorder, start, stop)"),
    trace(Measure::HalfWidth, "half_width", "half_width(recorder, start, stop)"),
    level(Measure::TimeAbove, "time_above", "time_above(recorder, level, start, stop)"),
    trace(Measure::DecayTime, "decay_time", "decay_time(recorder, start, stop)"),
    trace(Measure::Period, "period", "period(recorder, start, stop)"),
    trace(Measure::Chi, "chi", "chi(recorder, start, stop)"),
    modes(Measure::ModeVariance, "mode_variance", "mode_variance(recorder, modes, start, stop)"),
    lists(Measure::Slope, "slope", "slope(x, y)"),
    lists(Measure::Intercept, "intercept", "intercept(x, y)"),
    lists(Measure::Pearson, "pearson", "pearson(x, y)"),
    lists(Measure::Spearman, "spearman", "spearman(x, y)"),
];

/// The functions as the expression language sees them.
pub(crate) fn functions() -> &'static [HostFunction] {
    static FUNCTIONS: std::sync::LazyLock<Vec<HostFunction>> = std::sync::LazyLock::new(|| ENTRIES.iter().map(|e| e.function).collect());
    &FUNCTIONS
}

/// The measure of a name.
pub(crate) fn entry(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.function.name == name)
}

impl Entry {
    /// How it is used, for messages.
    pub fn signature(&self) -> &'static str {
        self.function.signature
    }

    /// The dimension of its result, for a variable of dimension `variable`.
    pub fn dimension(&self, variable: Dimension) -> Dimension {
        match self.measure {
            Measure::Rate | Measure::RateDeviation | Measure::SpectralPeak => Dimension::FREQUENCY,
            Measure::FirstSpike | Measure::LastSpike => Dimension::TIME,
            Measure::PeakTime | Measure::TroughTime | Measure::HalfWidth | Measure::TimeAbove => Dimension::TIME,
            Measure::DecayTime | Measure::Period => Dimension::TIME,
            Measure::Mean | Measure::Deviation | Measure::Peak | Measure::Trough => variable,
            Measure::Area => variable.multiply(Dimension::TIME),
            _ => Dimension::NONE,
        }
    }
}
