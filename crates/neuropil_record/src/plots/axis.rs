//! Scales with round numbers.

/// A linear scale from `low` to `high` with ticks at round numbers inside.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) step: f64,
    pub(crate) ticks: Vec<f64>,
}

impl Axis {
    /// A scale from `low` to `high` with about `target` ticks. Limits that are equal or not finite are moved apart.
    pub(crate) fn new(low: f64, high: f64, target: usize) -> Self {
        let limit = |value: f64| if value.is_finite() { value.clamp(-1e300, 1e300) } else { 0.0 };
        let (low, mut high) = (limit(low), limit(high));
        let spread = high - low;
        // Closer than rounding lets ticks be told apart.
        if spread <= 1e-9 * low.abs().max(high.abs()) || spread < 1e-290 {
            high = low + (1e-3 * low.abs()).max(1.0);
        }
        let step = round_step((high - low) / target.max(1) as f64);
        let (first, last) = ((low / step - 1e-6).ceil(), (high / step + 1e-6).floor());
        let count = (last - first).clamp(0.0, 100.0) as u32;
        // Adding zero turns minus zero into zero.
        let ticks = (0..=count).map(|k| (first + f64::from(k)) * step + 0.0).collect();
        Self { low, high, step, ticks }
    }

    /// A scale whose limits are moved outwards to ticks.
    pub(crate) fn rounded(low: f64, high: f64, target: usize) -> Self {
        let Self { low, high, step, .. } = Self::new(low, high, target);
        let axis = Self::new((low / step + 1e-6).floor() * step, (high / step - 1e-6).ceil() * step, target);
        if axis.step == step { axis } else { Self { ticks: axis.ticks, ..axis } }
    }

    /// Where a value lies between the limits: 0 at `low`, 1 at `high`.
    pub(crate) fn fraction(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// The smallest of 1, 2, 5, 10, … times a power of ten that is at least `rough`.
pub(crate) fn round_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|&step| step >= rough * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// A tick's number with as many decimals as the step between ticks has.
pub(crate) fn number(value: f64, step: f64) -> String {
    let magnitude = value.abs().max(step);
    let text = if !(1e-4..1e7).contains(&magnitude) {
        format!("{value:.1e}")
    } else {
        format!("{value:.*}", (-(step * 1.001).log10().floor()).clamp(0.0, 9.0) as usize)
    };
    text.replace('-', "−")
}

/// A measured number with three significant digits, without an exponent while that is short.
pub(crate) fn three_digits(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-3..1e7).contains(&value.abs()) {
        return format!("{value:.2e}").replace('-', "−");
    }
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 6.0) as usize;
    format!("{value:.decimals$}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|&tick| number(tick, axis.step)).collect()
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(labels(&Axis::new(0.0, 1000.0, 5)), ["0", "200", "400", "600", "800", "1000"]);
        assert_eq!(labels(&Axis::new(-72.3, -49.0, 3)), ["−70", "−60", "−50"]);
        assert_eq!(labels(&Axis::new(0.0, 0.31, 3)), ["0.0", "0.2"]);
        assert_eq!(labels(&Axis::rounded(0.0, 37.7, 3)), ["0", "20", "40"]);
        assert_eq!(labels(&Axis::new(-1.0, 1.0, 4)), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
    }

    #[test]
    fn measured_numbers_have_three_digits() {
        assert_eq!([37.71, 0.0421, 1234.5, 0.0, 2.996].map(three_digits), ["37.7", "0.0421", "1234", "0", "3.00"]);
    }

    proptest! {
        #[test]
        fn any_limits_give_a_scale(low in any::<f64>(), high in any::<f64>()) {
            for axis in [Axis::new(low, high, 4), Axis::rounded(low, high, 4)] {
                prop_assert!(axis.high > axis.low && axis.step > 0.0, "{axis:?}");
                prop_assert!(!axis.ticks.is_empty() && axis.ticks.len() <= 101, "{axis:?}");
                prop_assert!(axis.fraction(axis.low) == 0.0);
                labels(&axis);
            }
        }
    }
}
