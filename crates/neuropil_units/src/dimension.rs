//! Dimensions: what kind of thing a number measures.
//!
//! All numbers of the engine are in one coherent system of units: ms, mV, pA, µm, fmol and K. Products of these need no factors:
//! pA/mV = nS, pA·ms/mV = pF, pA·ms = fC, mV·pA = fW, fmol/µm³ = mol/L. So -65 mV is exactly -65.0, and 0.1 ms exactly 0.1.

use std::{borrow::Cow, fmt};

/// The base units, in the order of the exponents.
const BASES: [&str; 6] = ["pA", "mV", "ms", "µm", "fmol", "K"];
const CURRENT: usize = 0;
const POTENTIAL: usize = 1;
const TIME: usize = 2;
const LENGTH: usize = 3;
const AMOUNT: usize = 4;
const TEMPERATURE: usize = 5;

/// The largest exponent an expression may reach, in halves.
const LARGEST_EXPONENT: i8 = 40;

/// A dimension: the exponents of current, potential, time, length, amount of substance and temperature, each whole or a half.
///
/// It is printed as the unit of the coherent system (`mV`, `nS`, `pA/mV²`, and `1` for a number without unit), in a form that expressions read.
///
/// ```
/// # use neuropil_units::Dimension;
/// assert_eq!(Dimension::CURRENT.divide(Dimension::POTENTIAL), Dimension::CONDUCTANCE);
/// assert_eq!(Dimension::POTENTIAL.divide(Dimension::TIME).to_string(), "mV/ms");
/// assert_eq!(Dimension::POTENTIAL.describe(), "a potential");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Dimension {
    /// Twice the exponents.
    halves: [i8; 6],
}

const fn base(index: usize) -> Dimension {
    let mut halves = [0; 6];
    halves[index] = 2;
    Dimension { halves }
}

impl Dimension {
    /// A number without unit.
    pub const NONE: Self = Self { halves: [0; 6] };
    /// Time, ms.
    pub const TIME: Self = base(TIME);
    /// Electric potential, mV.
    pub const POTENTIAL: Self = base(POTENTIAL);
    /// Electric current, pA.
    pub const CURRENT: Self = base(CURRENT);
    /// Length, µm.
    pub const LENGTH: Self = base(LENGTH);
    /// Amount of substance, fmol.
    pub const AMOUNT: Self = base(AMOUNT);
    /// Absolute temperature, K.
    pub const TEMPERATURE: Self = base(TEMPERATURE);
    /// Area, µm².
    pub const AREA: Self = Self::LENGTH.multiply(Self::LENGTH);
    /// Volume, µm³.
    pub const VOLUME: Self = Self::AREA.multiply(Self::LENGTH);
    /// Frequency or rate, 1/ms (kHz).
    pub const FREQUENCY: Self = Self::NONE.divide(Self::TIME);
    /// Conductance, nS.
    pub const CONDUCTANCE: Self = Self::CURRENT.divide(Self::POTENTIAL);
    /// Resistance, GΩ.
    pub const RESISTANCE: Self = Self::POTENTIAL.divide(Self::CURRENT);
    /// Electric charge, fC.
    pub const CHARGE: Self = Self::CURRENT.multiply(Self::TIME);
    /// Capacitance, pF.
    pub const CAPACITANCE: Self = Self::CHARGE.divide(Self::POTENTIAL);
    /// Power, fW.
    pub const POWER: Self = Self::POTENTIAL.multiply(Self::CURRENT);
    /// Energy, aJ.
    pub const ENERGY: Self = Self::POWER.multiply(Self::TIME);
    /// Speed, µm/ms.
    pub const SPEED: Self = Self::LENGTH.divide(Self::TIME);
    /// Concentration, mol/L (fmol/µm³).
    pub const CONCENTRATION: Self = Self::AMOUNT.divide(Self::VOLUME);

    /// The dimension of a product. Exponents stop at ±63.5.
    pub const fn multiply(self, other: Self) -> Self {
        let mut halves = self.halves;
        let mut index = 0;
        while index < halves.len() {
            halves[index] = halves[index].saturating_add(other.halves[index]);
            index += 1;
        }
        Self { halves }
    }

    /// The dimension of a quotient. Exponents stop at ±63.5.
    pub const fn divide(self, other: Self) -> Self {
        let mut halves = self.halves;
        let mut index = 0;
        while index < halves.len() {
            halves[index] = halves[index].saturating_sub(other.halves[index]);
            index += 1;
        }
        Self { halves }
    }

    /// The dimension of a power, or `None` if an exponent would be neither whole nor a half, or larger than 20.
    pub fn power(self, exponent: f64) -> Option<Self> {
        let mut halves = [0; 6];
        for (result, own) in halves.iter_mut().zip(self.halves) {
            let wanted = f64::from(own) * exponent;
            if wanted.fract() != 0.0 || wanted.abs() > f64::from(LARGEST_EXPONENT) {
                return None;
            }
            // Whole and at most 40, as just checked: the conversion is exact.
            *result = wanted as i8;
        }
        Some(Self { halves })
    }

    /// Itself, if its exponents are within what expressions may reach.
    pub(crate) fn moderate(self) -> Option<Self> {
        self.halves.iter().all(|half| half.unsigned_abs() <= LARGEST_EXPONENT.unsigned_abs()).then_some(self)
    }

    /// What it is, in words, with an article: `a potential`, `a number without unit`, `a quantity in mV/ms`.
    pub fn describe(&self) -> Cow<'static, str> {
        let words = match *self {
            Self::NONE => "a number without unit",
            Self::TIME => "a time",
            Self::POTENTIAL => "a potential",
            Self::CURRENT => "a current",
            Self::LENGTH => "a length",
            Self::AMOUNT => "an amount of substance",
            Self::TEMPERATURE => "a temperature",
            Self::AREA => "an area",
            Self::VOLUME => "a volume",
            Self::FREQUENCY => "a rate",
            Self::CONDUCTANCE => "a conductance",
            Self::RESISTANCE => "a resistance",
            Self::CHARGE => "a charge",
            Self::CAPACITANCE => "a capacitance",
            Self::POWER => "a power",
            Self::ENERGY => "an energy",
            Self::SPEED => "a speed",
            Self::CONCENTRATION => "a concentration",
            other => return Cow::Owned(format!("a quantity in {other}")),
        };
        Cow::Borrowed(words)
    }

    /// [`Self::describe`] with the unit where the words do not have it: `a potential (mV)`.
    pub(crate) fn describe_with_unit(&self) -> String {
        let words = self.describe();
        match &words {
            Cow::Borrowed(words) if *self != Self::NONE => format!("{words} ({self})"),
            _ => words.into_owned(),
        }
    }

    /// A value with its unit, as it would be written: `5 mV`, `5/ms`, `5`.
    pub(crate) fn write(&self, value: f64) -> String {
        if *self == Self::NONE { shortest(value) } else { with_unit(value, &self.to_string()) }
    }
}

/// A number with a unit behind it, where the unit `1/ms` gives `5/ms`.
pub(crate) fn with_unit(value: f64, unit: &str) -> String {
    let value = shortest(value);
    match unit.strip_prefix('1') {
        Some(denominator) => format!("{value}{denominator}"),
        None if unit.is_empty() => value,
        None => format!("{value} {unit}"),
    }
}

/// The shortest text that reads as the same number, with an exponent where that saves zeros.
fn shortest(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 || (1e-5..1e16).contains(&magnitude) { format!("{value}") } else { format!("{value:e}") }
}

/// Derived units that have a symbol; each is 1 in the coherent system.
const NAMED: [(Dimension, &str); 8] = [
    (Dimension::CONDUCTANCE, "nS"),
    (Dimension::RESISTANCE, "GΩ"),
    (Dimension::CAPACITANCE, "pF"),
    (Dimension::CHARGE, "fC"),
    (Dimension::POWER, "fW"),
    (Dimension::ENERGY, "aJ"),
    (Dimension::CONCENTRATION, "mol/L"),
    (Dimension::NONE, "1"),
];

impl fmt::Display for Dimension {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, symbol)) = NAMED.iter().find(|(dimension, _)| dimension == self) {
            return formatter.write_str(symbol);
        }
        // Two base units at most, as in mV/ms or pA/mV², are written as they are; of more, a derived unit may take the place: nS/µm².
        if self.halves.iter().filter(|half| **half != 0).count() > 2 {
            for (dimension, symbol) in NAMED.iter().filter(|(_, symbol)| !symbol.contains('/')) {
                let rest = self.divide(*dimension);
                if *dimension != Self::NONE && rest.halves.iter().filter(|half| **half != 0).count() == 1 {
                    return rest.write_product(Some(symbol), formatter);
                }
            }
        }
        self.write_product(None, formatter)
    }
}

impl Dimension {
    fn write_product(&self, first: Option<&str>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let factors = |sign: i8| BASES.iter().zip(self.halves).filter(move |(_, half)| half.signum() == sign);
        let above: Vec<String> =
            first.map(str::to_owned).into_iter().chain(factors(1).map(|(unit, half)| factor(unit, half.unsigned_abs()))).collect();
        let below: Vec<String> = factors(-1).map(|(unit, half)| factor(unit, half.unsigned_abs())).collect();
        formatter.write_str(if above.is_empty() { "1" } else { "" })?;
        formatter.write_str(&above.join("·"))?;
        match below.as_slice() {
            [] => Ok(()),
            [one] => write!(formatter, "/{one}"),
            several => write!(formatter, "/({})", several.join("·")),
        }
    }
}

fn factor(unit: &str, halves: u8) -> String {
    match halves {
        2 => unit.to_owned(),
        4 => format!("{unit}²"),
        6 => format!("{unit}³"),
        _ => format!("{unit}^{}", f64::from(halves) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_print_as_a_reader_writes_them() {
        let cases = [
            (Dimension::NONE, "1"),
            (Dimension::POTENTIAL, "mV"),
            (Dimension::FREQUENCY, "1/ms"),
            (Dimension::CONDUCTANCE, "nS"),
            (Dimension::CONDUCTANCE.divide(Dimension::POTENTIAL), "pA/mV²"),
            (Dimension::CONDUCTANCE.divide(Dimension::AREA), "nS/µm²"),
            (Dimension::CAPACITANCE.divide(Dimension::AREA), "pF/µm²"),
            (Dimension::POTENTIAL.divide(Dimension::TIME), "mV/ms"),
            (Dimension::FREQUENCY.divide(Dimension::POTENTIAL), "1/(mV·ms)"),
            (Dimension::RESISTANCE.multiply(Dimension::LENGTH), "GΩ·µm"),
            (Dimension::CONCENTRATION, "mol/L"),
        ];
        for (dimension, text) in cases {
            assert_eq!(dimension.to_string(), text);
        }
        assert_eq!(Dimension::POTENTIAL.power(0.5).map(|d| d.to_string()).as_deref(), Some("mV^0.5"));
    }

    #[test]
    fn powers_are_whole_or_halves() {
        assert_eq!(Dimension::LENGTH.power(3.0), Some(Dimension::VOLUME));
        assert_eq!(Dimension::AREA.power(0.5), Some(Dimension::LENGTH));
        assert_eq!(Dimension::LENGTH.power(1.0 / 3.0), None);
        assert_eq!(Dimension::VOLUME.power(1.0 / 3.0), Some(Dimension::LENGTH));
        assert_eq!(Dimension::LENGTH.power(1e300), None);
        assert_eq!(Dimension::LENGTH.power(f64::NAN), None);
    }

    #[test]
    fn exponents_stop_instead_of_wrapping() {
        let mut large = Dimension::LENGTH;
        for _ in 0..20 {
            large = large.multiply(large);
        }
        assert_eq!(large.moderate(), None);
        assert_eq!(Dimension::NONE.divide(large).moderate(), None);
    }

    #[test]
    fn values_are_written_so_that_they_read_back() {
        assert_eq!(Dimension::FREQUENCY.write(5.0), "5/ms");
        assert_eq!(Dimension::POTENTIAL.write(-65.0), "-65 mV");
        assert_eq!(Dimension::NONE.write(1e300), "1e300");
    }
}
