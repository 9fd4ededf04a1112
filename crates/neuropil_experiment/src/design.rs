//! What an experiment varies and what it claims: arms, swept values, seeds, measures, claims.

use neuropil_units::{Dimension, Expression, Scope, Value};

use crate::{measure::host::Quantity, source::Place};

/// What is varied from point to point: every arm with every combination of swept values and every seed.
#[derive(Clone, Debug, Default)]
pub struct Design {
    /// The arms in the order of the file; none if there is only the experiment itself.
    pub arms: Vec<Arm>,
    /// The swept parameters; the last one varies fastest.
    pub axes: Vec<Axis>,
    /// The seeds; none if there is only that of the plan.
    pub seeds: Vec<u64>,
}

/// The experiment with some settings changed.
#[derive(Clone, Debug)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// Its entry in the file.
    pub place: Place,
    pub(crate) settings: Vec<ArmSetting>,
}

/// One setting of an arm: a parameter or a path, and its value.
#[derive(Clone, Debug)]
pub(crate) struct ArmSetting {
    pub path: String,
    pub name_place: Place,
    pub value_place: Place,
}

/// A parameter or path that is swept.
#[derive(Clone, Debug)]
pub struct Axis {
    /// The parameter or path.
    pub name: String,
    /// Its entry in the file.
    pub place: Place,
    /// The values.
    pub values: Vec<AxisValue>,
}

/// One value of a swept parameter.
#[derive(Clone, Debug)]
pub struct AxisValue {
    /// The value in coherent units.
    pub value: Value,
    /// Where it is written, if it stands there as it is.
    pub(crate) written: Option<Place>,
}

impl Design {
    /// Whether nothing is varied.
    pub fn is_single(&self) -> bool {
        self.arms.is_empty() && self.axes.is_empty() && self.seeds.is_empty()
    }

    /// Combinations of swept values.
    pub fn grid(&self) -> usize {
        self.axes.iter().fold(1, |grid, axis| grid.saturating_mul(axis.values.len()))
    }

    /// Combinations of arm and swept values.
    pub fn combinations(&self) -> usize {
        self.grid().saturating_mul(self.arms.len().max(1))
    }

    /// Points: combinations, each with every seed.
    pub fn points(&self) -> usize {
        self.combinations().saturating_mul(self.seeds.len().max(1))
    }

    /// The place on one axis of a point of the grid.
    pub(crate) fn on_axis(&self, point: usize, axis: usize) -> usize {
        let faster: usize = self.axes.iter().skip(axis + 1).map(|axis| axis.values.len()).product();
        let length = self.axes.get(axis).map_or(1, |axis| axis.values.len());
        point / faster.max(1) % length.max(1)
    }
}

/// A quantity that is measured of every point: a column of the table.
#[derive(Clone, Debug)]
pub struct MeasurePlan {
    /// The heading.
    pub name: String,
    /// The unit that its numbers are shown in.
    pub unit: Unit,
    pub(crate) expression: Expression,
}

/// What an experiment says it reproduces.
#[derive(Clone, Debug)]
pub struct ClaimPlan {
    /// In words.
    pub claim: String,
    /// What is published, in coherent units; `None` if only a bound is stated.
    pub published_number: Option<f64>,
    /// The tolerance or the bound, as it is written.
    pub tolerance: String,
    /// Where the number comes from.
    pub source: String,
    /// What else a reader should know, possibly empty.
    pub note: String,
    /// What must be.
    pub expectation: Expectation,
    /// The unit that its numbers are shown in.
    pub unit: Unit,
    /// Its entry in the file.
    pub place: Place,
    pub(crate) expression: Expression,
    pub(crate) quantities: Vec<Quantity>,
}

/// What a measured number must be, in coherent units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expectation {
    /// At most `tolerance` from `published`.
    Near {
        /// The published number.
        published: f64,
        /// The largest distance.
        tolerance: f64,
    },
    /// Within bounds; one of them may be infinite.
    Within {
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
}

impl Expectation {
    /// Whether a measured number is as expected; one that is undefined never is.
    pub fn holds(&self, measured: f64) -> bool {
        match *self {
            // The last digit of a tolerance is no reason to fall.
            Self::Near { published, tolerance } => (measured - published).abs() <= tolerance * (1.0 + 1e-12),
            Self::Within { least, most } => measured >= least && measured <= most,
        }
    }
}

/// A unit that numbers are shown in.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Its symbol; empty for a number without unit.
    pub symbol: String,
    /// How many coherent units it is.
    pub factor: f64,
}

impl Unit {
    /// The unit that people use for a dimension: Hz for rates, else that of the coherent system.
    pub fn of(dimension: Dimension) -> Self {
        match dimension {
            Dimension::NONE => Self { symbol: String::new(), factor: 1.0 },
            Dimension::FREQUENCY => Self { symbol: "Hz".to_owned(), factor: 0.001 },
            other => Self { symbol: other.to_string(), factor: 1.0 },
        }
    }

    /// The unit of a quantity as it is written: kHz of `1.2 kHz`; that of the dimension where it cannot be told.
    pub(crate) fn written(text: &str, dimension: Dimension) -> Self {
        let symbol = text.trim().trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | '_')).trim();
        let symbol = symbol.strip_prefix(['e', 'E']).map_or(symbol, |rest| match rest.trim_start_matches(['-', '+']) {
            digits if digits.starts_with(|c: char| c.is_ascii_digit()) => digits.trim_start_matches(|c: char| c.is_ascii_digit()).trim(),
            _ => symbol,
        });
        let one = Expression::parse(&format!("1 {symbol}")).and_then(|one| one.evaluate(&Scope::new()));
        match one {
            Ok(Value::Number { value, dimension: found })
                if found == dimension && dimension != Dimension::NONE && value > 0.0 && symbol.starts_with(char::is_alphabetic) =>
            {
                Self { symbol: symbol.to_owned(), factor: value }
            }
            _ => Self::of(dimension),
        }
    }

    /// A name with the unit behind it, as the heading of a column.
    pub fn heading(&self, name: &str) -> String {
        if self.symbol.is_empty() { name.to_owned() } else { format!("{name} [{}]", self.symbol) }
    }

    /// A number in this unit.
    pub fn in_unit(&self, coherent: f64) -> f64 {
        if self.factor == 1.0 {
            return coherent;
        }
        // Fifteen digits, so that 0.0377/ms is 37.7 Hz and not a digit more.
        let converted = coherent / self.factor;
        format!("{converted:.14e}").parse().unwrap_or(converted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_those_that_are_written() {
        let rate = Dimension::FREQUENCY;
        for (text, symbol, factor) in
            [("37.5 Hz", "Hz", 0.001), ("1.2e-3 kHz", "kHz", 1.0), ("5/s", "Hz", 0.001), ("2 * 3 Hz", "Hz", 0.001)]
        {
            assert_eq!(Unit::written(text, rate), Unit { symbol: symbol.to_owned(), factor }, "{text}");
        }
        assert_eq!(Unit::written("-65 mV", Dimension::POTENTIAL).symbol, "mV");
        assert_eq!(Unit::written("0.4", Dimension::NONE).symbol, "");
        assert_eq!([0.0375, 0.0377, 0.028_7].map(|coherent| Unit::of(rate).in_unit(coherent)), [37.5, 37.7, 28.7]);
        assert!(Unit::of(rate).in_unit(f64::NAN).is_nan());
        assert_eq!(Unit::written("1 s", Dimension::TIME).in_unit(1500.0), 1.5);
    }

    #[test]
    fn undefined_numbers_fulfil_nothing() {
        let near = Expectation::Near { published: 1.0, tolerance: 0.1 };
        let within = Expectation::Within { least: 0.0, most: f64::INFINITY };
        assert!(near.holds(1.1) && near.holds(0.9) && !near.holds(1.11) && !near.holds(f64::NAN));
        assert!(within.holds(0.0) && !within.holds(-1e-9) && !within.holds(f64::NAN));
    }
}
