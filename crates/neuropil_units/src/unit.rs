//! The symbols of units, and what each is in the coherent system.

use crate::dimension::Dimension;

/// What one of a unit is: `factor · 10^exponent` of the coherent system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Unit {
    /// Power of ten; apart from the factor, so that `0.1 ms` and `100 us` are the same bits.
    pub exponent: i32,
    /// 1 except for minutes and hours.
    pub factor: f64,
    pub dimension: Dimension,
}

impl Unit {
    /// One of it, in the coherent system.
    pub fn value(&self) -> f64 {
        // Correctly rounded, which `powi` is not.
        self.factor * format!("1e{}", self.exponent).parse::<f64>().unwrap_or(f64::NAN)
    }
}

/// Symbols that take a prefix, with the power of ten of the unit without one.
const PREFIXED: [(&str, i32, Dimension); 18] = [
    ("s", 3, Dimension::TIME),
    ("V", 3, Dimension::POTENTIAL),
    ("A", 12, Dimension::CURRENT),
    ("m", 6, Dimension::LENGTH),
    ("S", 9, Dimension::CONDUCTANCE),
    ("ohm", -9, Dimension::RESISTANCE),
    ("Ohm", -9, Dimension::RESISTANCE),
    ("Ω", -9, Dimension::RESISTANCE),
    ("\u{2126}", -9, Dimension::RESISTANCE),
    ("F", 12, Dimension::CAPACITANCE),
    ("C", 15, Dimension::CHARGE),
    ("W", 15, Dimension::POWER),
    ("J", 18, Dimension::ENERGY),
    ("Hz", -3, Dimension::FREQUENCY),
    ("mol", 15, Dimension::AMOUNT),
    ("M", 0, Dimension::CONCENTRATION),
    ("L", 15, Dimension::VOLUME),
    ("l", 15, Dimension::VOLUME),
];

const PREFIXES: [(&str, i32); 12] = [
    ("a", -18),
    ("f", -15),
    ("p", -12),
    ("n", -9),
    ("u", -6),
    ("\u{b5}", -6),
    ("\u{3bc}", -6),
    ("m", -3),
    ("k", 3),
    ("M", 6),
    ("G", 9),
    ("T", 12),
];

/// The unit of a symbol, such as `mV`, `µm` or `kHz`.
pub(crate) fn unit(symbol: &str) -> Option<Unit> {
    let other = match symbol {
        "K" => Some((0, 1.0, Dimension::TEMPERATURE)),
        "cm" => Some((4, 1.0, Dimension::LENGTH)),
        "min" => Some((4, 6.0, Dimension::TIME)),
        "h" => Some((5, 36.0, Dimension::TIME)),
        _ => None,
    };
    if let Some((exponent, factor, dimension)) = other {
        return Some(Unit { exponent, factor, dimension });
    }
    let plain = |symbol: &str| PREFIXED.iter().find(|(known, ..)| *known == symbol).map(|&(_, exponent, dimension)| (exponent, dimension));
    if let Some((exponent, dimension)) = plain(symbol) {
        return Some(Unit { exponent, factor: 1.0, dimension });
    }
    PREFIXES.iter().find_map(|(prefix, shift)| {
        let (exponent, dimension) = plain(symbol.strip_prefix(prefix)?)?;
        Some(Unit { exponent: exponent + shift, factor: 1.0, dimension })
    })
}

/// Whether a symbol is degrees Celsius, which no other unit can be combined with.
pub(crate) fn is_celsius(symbol: &str) -> bool {
    matches!(symbol, "degC" | "°C")
}

/// 0 °C in K.
pub(crate) const CELSIUS_ZERO: f64 = 273.15;

/// The symbols suggested where one is unknown.
pub(crate) const COMMON: [&str; 40] = [
    "mV", "V", "uV", "µV", "ms", "s", "us", "µs", "min", "h", "pA", "nA", "uA", "µA", "mA", "A", "nS", "pS", "uS", "µS", "mS", "S", "pF",
    "nF", "uF", "µF", "um", "µm", "mm", "cm", "Hz", "kHz", "ohm", "Mohm", "MΩ", "nM", "uM", "mM", "K", "degC",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: every unit is what the SI says. Source: the SI brochure (BIPM, 9th edition), by the definitions of the derived units.
    /// Tolerance: none, all are powers of ten.
    #[test]
    fn derived_units_agree_with_their_definitions() {
        let value = |symbol: &str| unit(symbol).unwrap().value();
        let exponent = |symbol: &str| unit(symbol).unwrap().exponent;
        assert_eq!(exponent("S"), exponent("A") - exponent("V"));
        assert_eq!(exponent("ohm"), exponent("V") - exponent("A"));
        assert_eq!(exponent("F"), exponent("A") + exponent("s") - exponent("V"));
        assert_eq!(exponent("C"), exponent("A") + exponent("s"));
        assert_eq!(exponent("W"), exponent("A") + exponent("V"));
        assert_eq!(exponent("J"), exponent("W") + exponent("s"));
        assert_eq!(exponent("Hz"), -exponent("s"));
        assert_eq!(exponent("L"), 3 * (exponent("m") - 1));
        assert_eq!(exponent("M"), exponent("mol") - exponent("L"));
        for one in ["ms", "mV", "pA", "um", "µm", "fmol", "K", "nS", "pF", "kHz", "fC", "fW", "aJ", "GΩ", "M"] {
            assert_eq!(value(one), 1.0, "{one}");
        }
        assert_eq!((value("s"), value("min"), value("h")), (1e3, 6e4, 3.6e6));
        assert_eq!((value("cm"), value("mm"), value("uF"), value("mM")), (1e4, 1e3, 1e6, 1e-3));
    }

    #[test]
    fn prefixes_do_not_hide_units() {
        assert_eq!(unit("min").map(|u| u.dimension), Some(Dimension::TIME));
        assert_eq!(unit("mol").map(|u| u.dimension), Some(Dimension::AMOUNT));
        assert_eq!(unit("mS").map(|u| u.dimension), Some(Dimension::CONDUCTANCE));
        for none in ["g", "mK", "cs", "kmin", "mmV", "x", "", "µ", "m V"] {
            assert_eq!(unit(none), None, "{none}");
        }
        for symbol in COMMON {
            assert!(unit(symbol).is_some() || is_celsius(symbol), "{symbol}");
        }
    }
}
