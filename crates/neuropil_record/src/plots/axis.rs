//! Scales with round numbers.

use super::canvas::{TICK_SIZE, Weight};
use super::font::text_width;

/// A scale from `low` to `high` with ticks at round numbers inside.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Distance of ticks on a linear scale.
    pub(crate) step: f64,
    pub(crate) ticks: Vec<f64>,
    /// Ticks without numbers.
    pub(crate) minor: Vec<f64>,
    logarithmic: bool,
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
        Self { low, high, step, ticks, minor: Vec::new(), logarithmic: false }
    }

    /// A logarithmic scale from `low` to `high` with about `target` ticks at powers of ten, or at 1, 2 and 5 times these if there
    /// are few. Limits that are not positive count as the smallest number; equal ones are moved apart.
    pub(crate) fn logarithmic(low: f64, high: f64, target: usize) -> Self {
        let limit = |value: f64| if value.is_finite() { value.clamp(1e-300, 1e300) } else { 1.0 };
        let (mut low, mut high) = (limit(low), limit(high));
        if high <= low * (1.0 + 1e-6) {
            (low, high) = (low / 10f64.sqrt(), low * 10f64.sqrt());
        }
        let (first, last) = ((low.log10() - 1e-9).floor() as i32, (high.log10() + 1e-9).floor() as i32);
        let inside = |value: &f64| *value >= low * (1.0 - 1e-9) && *value <= high * (1.0 + 1e-9);
        let times = |digits: &[i32]| -> Vec<f64> {
            let decades = (first..=last).flat_map(|power| digits.iter().map(move |digit| f64::from(*digit) * power_of_ten(power)));
            decades.filter(inside).collect()
        };
        let every = (last - first + 1).unsigned_abs().div_ceil(target.max(1) as u32).max(1) as usize;
        let powers = times(&[1]);
        let (ticks, minor) = if every > 1 {
            let whole = |power: &i32| power.rem_euclid(every as i32) == 0;
            ((first..=last).filter(whole).map(power_of_ten).filter(inside).collect(), powers)
        } else if powers.len() >= 3 {
            (powers, times(&[2, 3, 4, 5, 6, 7, 8, 9]))
        } else {
            (times(&[1, 2, 5]), times(&[3, 4, 6, 7, 8, 9]))
        };
        let linear = Self::new(low, high, target);
        let ticks: Vec<f64> = if ticks.len() >= 2 { ticks } else { linear.ticks.into_iter().filter(|tick| *tick > 0.0).collect() };
        Self { low, high, step: linear.step, ticks, minor, logarithmic: true }
    }

    /// The number at a tick.
    pub(crate) fn label(&self, tick: f64) -> String {
        if self.logarithmic { power_number(tick) } else { number(tick, self.step) }
    }

    /// The widest number at a tick, pixels.
    pub(crate) fn label_width(&self) -> f64 {
        self.ticks.iter().map(|&tick| text_width(&self.label(tick), TICK_SIZE, Weight::Regular)).fold(0.0, f64::max)
    }

    /// A scale whose limits are moved outwards to ticks.
    pub(crate) fn rounded(low: f64, high: f64, target: usize) -> Self {
        let Self { low, high, step, .. } = Self::new(low, high, target);
        let axis = Self::new((low / step + 1e-6).floor() * step, (high / step - 1e-6).ceil() * step, target);
        if axis.step == step { axis } else { Self { ticks: axis.ticks, ..axis } }
    }

    /// Where a value lies between the limits: 0 at `low`, 1 at `high`.
    /// Not a number where a logarithmic scale has no place for it.
    pub(crate) fn fraction(&self, value: f64) -> f64 {
        if !self.logarithmic {
            (value - self.low) / (self.high - self.low)
        } else if value > 0.0 {
            (value.ln() - self.low.ln()) / (self.high.ln() - self.low.ln())
        } else {
            f64::NAN
        }
    }
}

/// A power of ten, correctly rounded.
fn power_of_ten(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(1.0)
}

/// A number on a logarithmic scale: plain, or as a power of ten where that is long.
fn power_number(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    if rounded == 0.0 || (9.999e-4..1.0001e4).contains(&rounded) {
        return rounded.to_string();
    }
    let text = format!("{rounded:e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let raised: String = power.chars().map(superscript).collect();
    if digits == "1" { format!("10{raised}") } else { format!("{digits}·10{raised}") }
}

fn superscript(digit: char) -> char {
    let place = digit.to_digit(10).map(|digit| digit as usize);
    place.and_then(|place| ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'].get(place).copied()).unwrap_or('⁻')
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
        axis.ticks.iter().map(|&tick| axis.label(tick)).collect()
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
    fn logarithmic_ticks_are_powers_or_their_round_multiples() {
        assert_eq!(labels(&Axis::logarithmic(0.02, 2e4, 8)), ["0.1", "1", "10", "100", "1000", "10000"]);
        assert_eq!(labels(&Axis::logarithmic(1e-9, 1e9, 4)), ["10⁻⁵", "1", "10⁵"]);
        assert_eq!(labels(&Axis::logarithmic(0.8, 12.0, 5)), ["1", "2", "5", "10"]);
        assert_eq!(power_number(2e-5), "2·10⁻⁵");
        let axis = Axis::logarithmic(1.0, 100.0, 5);
        assert!((axis.fraction(10.0) - 0.5).abs() < 1e-12 && axis.fraction(0.0).is_nan());
    }

    #[test]
    fn measured_numbers_have_three_digits() {
        assert_eq!([37.71, 0.0421, 1234.5, 0.0, 2.996].map(three_digits), ["37.7", "0.0421", "1234", "0", "3.00"]);
    }

    proptest! {
        #[test]
        fn any_limits_give_a_scale(low in any::<f64>(), high in any::<f64>()) {
            for axis in [Axis::new(low, high, 4), Axis::rounded(low, high, 4), Axis::logarithmic(low, high, 4)] {
                prop_assert!(axis.high > axis.low && axis.step > 0.0, "{axis:?}");
                prop_assert!(!axis.ticks.is_empty() && axis.ticks.len() <= 101, "{axis:?}");
                prop_assert!(axis.fraction(axis.low) == 0.0);
                labels(&axis);
            }
        }
    }
}
