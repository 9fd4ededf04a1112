//! Quantities with their unit in the type: what the fields of models are.
//!
//! Each is a newtype over `f64`, printed and read with its unit. Reading takes any constant expression of the right dimension, so
//! `-0.065 V` and `2 * 5 mV` are potentials too; a bare number is an error that says which unit is missing.

use std::{fmt, str::FromStr};

use bevy_reflect::{PartialReflect, Reflect};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    dimension::{Dimension, with_unit},
    expression::{Expression, ExpressionError, Scope},
};

/// A number with a fixed unit.
pub trait Quantity: Sized {
    /// The unit, as printed: `mV`; empty for a plain number.
    const UNIT: &'static str;
    /// The dimension of the unit.
    const DIMENSION: Dimension;
    /// What one of the unit is in the coherent system: 1 for all but a few, such as [`Hertz`] (10⁻³).
    const SCALE: f64;
    /// From a value of the coherent system (ms, mV, pA, µm, fmol, K).
    fn from_coherent(value: f64) -> Self;
    /// The value in the coherent system.
    fn coherent(self) -> f64;
}

/// What a field that holds a quantity is measured in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantityInfo {
    /// The unit, as printed; empty for a plain number.
    pub unit: &'static str,
    /// Its dimension.
    pub dimension: Dimension,
}

/// `value * scale`, where a scale below 1 is the inverse of a whole number: by that number, so that 20 Hz becomes 0.02 exactly rounded.
fn scaled(value: f64, scale: f64) -> f64 {
    if scale < 1.0 { value / scale.recip().round() } else { value * scale }
}

/// The inverse of [`scaled`].
fn unscaled(value: f64, scale: f64) -> f64 {
    if scale < 1.0 { value * scale.recip().round() } else { value / scale }
}

/// The stored number of a text, in the unit of `Q`: directly if it is a number and that unit, so that what was printed reads back the same.
fn read<Q: Quantity>(text: &str, from_stored: fn(f64) -> Q) -> Result<Q, ExpressionError> {
    let trimmed = text.trim();
    let number = trimmed.strip_suffix(Q::UNIT.strip_prefix('1').unwrap_or(Q::UNIT)).unwrap_or_default().trim_end();
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    match number.parse::<f64>() {
        Ok(value) if is_plain && value.is_finite() => Ok(from_stored(value)),
        _ => Ok(Q::from_coherent(Expression::parse(text)?.quantity(&Scope::new(), Q::DIMENSION)?)),
    }
}

struct QuantityVisitor<Q>(fn(f64) -> Q);

impl<Q: Quantity> QuantityVisitor<Q> {
    fn number<E: de::Error>(&self, value: f64) -> Result<Q, E> {
        if Q::UNIT.is_empty() {
            Ok((self.0)(value))
        } else {
            let example = with_unit(value, Q::UNIT);
            Err(E::custom(format!("the number {value} has no unit; expected {}, for example \"{example}\"", Q::DIMENSION.describe())))
        }
    }
}

impl<Q: Quantity> de::Visitor<'_> for QuantityVisitor<Q> {
    type Value = Q;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} as a text, for example \"{}\"", Q::DIMENSION.describe(), with_unit(1.0, Q::UNIT))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Q, E> {
        read(text, self.0).map_err(|error| E::custom(format!("`{text}`: {error}")))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Q, E> {
        self.number(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Q, E> {
        self.number(value as f64)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Q, E> {
        self.number(value as f64)
    }
}

macro_rules! quantities {
    ($($(#[$documentation:meta])* $name:ident: $unit:literal, $dimension:expr, $scale:literal;)*) => {
        $(
            $(#[$documentation])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Reflect)]
            pub struct $name(pub f64);

            impl Quantity for $name {
                const UNIT: &'static str = $unit;
                const DIMENSION: Dimension = $dimension;
                const SCALE: f64 = $scale;

                fn from_coherent(value: f64) -> Self {
                    Self(unscaled(value, Self::SCALE))
                }

                fn coherent(self) -> f64 {
                    scaled(self.0, Self::SCALE)
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                    formatter.pad(&with_unit(self.0, Self::UNIT))
                }
            }

            impl FromStr for $name {
                type Err = ExpressionError;

                fn from_str(text: &str) -> Result<Self, ExpressionError> {
                    read(text, Self)
                }
            }

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    if Self::UNIT.is_empty() { serializer.serialize_f64(self.0) } else { serializer.collect_str(self) }
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    deserializer.deserialize_any(QuantityVisitor(Self))
                }
            }
        )*

        /// Unit and dimension of a field, or `None` if it holds no quantity of this crate.
        pub fn quantity_info(field: &dyn PartialReflect) -> Option<QuantityInfo> {
            $(
                if field.try_downcast_ref::<$name>().is_some() {
                    return Some(QuantityInfo { unit: $name::UNIT, dimension: $name::DIMENSION });
                }
            )*
            None
        }

        /// The value of a field in the coherent system, or `None` if it holds no quantity of this crate.
        pub fn read_quantity(field: &dyn PartialReflect) -> Option<f64> {
            $(
                if let Some(quantity) = field.try_downcast_ref::<$name>() {
                    return Some(quantity.coherent());
                }
            )*
            None
        }

        /// Sets a field to a value of the coherent system; `false` if it holds no quantity of this crate.
        pub fn write_quantity(field: &mut dyn PartialReflect, coherent: f64) -> bool {
            $(
                if let Some(quantity) = field.try_downcast_mut::<$name>() {
                    *quantity = $name::from_coherent(coherent);
                    return true;
                }
            )*
            false
        }
    };
}

quantities! {
    /// A potential, mV.
    Millivolts: "mV", Dimension::POTENTIAL, 1.0;
    /// A time, ms.
    Milliseconds: "ms", Dimension::TIME, 1.0;
    /// A current, pA.
    Picoamperes: "pA", Dimension::CURRENT, 1.0;
    /// A conductance, nS.
    Nanosiemens: "nS", Dimension::CONDUCTANCE, 1.0;
    /// A resistance, MΩ; in the coherent system GΩ.
    Megaohms: "MΩ", Dimension::RESISTANCE, 1e-3;
    /// A capacitance, pF.
    Picofarads: "pF", Dimension::CAPACITANCE, 1.0;
    /// A rate, Hz: stored in Hz, in the coherent system 1/ms.
    Hertz: "Hz", Dimension::FREQUENCY, 1e-3;
    /// A length, µm.
    Micrometers: "µm", Dimension::LENGTH, 1.0;
    /// A rate, 1/ms.
    PerMillisecond: "1/ms", Dimension::FREQUENCY, 1.0;
    /// A change of potential, mV/ms.
    MillivoltsPerMillisecond: "mV/ms", Dimension::POTENTIAL.divide(Dimension::TIME), 1.0;
    /// A change of current, pA/ms.
    PicoamperesPerMillisecond: "pA/ms", Dimension::CURRENT.divide(Dimension::TIME), 1.0;
    /// A rate for each mV, 1/(mV·ms), as in a quadratic membrane equation.
    PerMillivoltMillisecond: "1/(mV·ms)", Dimension::FREQUENCY.divide(Dimension::POTENTIAL), 1.0;
    /// A speed, µm/ms.
    MicrometersPerMillisecond: "µm/ms", Dimension::SPEED, 1.0;
    /// A permeability of membrane, cm/s; in the coherent system µm/ms.
    CentimetersPerSecond: "cm/s", Dimension::SPEED, 10.0;
    /// An area, µm².
    SquareMicrometers: "µm²", Dimension::AREA, 1.0;
    /// A capacitance of membrane, µF/cm²; in the coherent system pF/µm².
    MicrofaradsPerSquareCentimeter: "µF/cm²", Dimension::CAPACITANCE.divide(Dimension::AREA), 1e-2;
    /// A conductance of membrane, mS/cm²; in the coherent system nS/µm².
    MillisiemensPerSquareCentimeter: "mS/cm²", Dimension::CONDUCTANCE.divide(Dimension::AREA), 1e-2;
    /// A current through membrane, µA/cm²; in the coherent system pA/µm².
    MicroamperesPerSquareCentimeter: "µA/cm²", Dimension::CURRENT.divide(Dimension::AREA), 1e-2;
    /// A concentration, mM; in the coherent system mol/L.
    Millimolar: "mM", Dimension::CONCENTRATION, 1e-3;
    /// A rate for each unit of concentration, 1/(mM·ms), as of binding; in the coherent system L/(mol·ms).
    PerMillimolarMillisecond: "1/(mM·ms)", Dimension::FREQUENCY.divide(Dimension::CONCENTRATION), 1e3;
    /// Steepness of what depends on potential, 1/mV.
    PerMillivolt: "1/mV", Dimension::NONE.divide(Dimension::POTENTIAL), 1.0;
    /// An absolute temperature, K.
    Kelvin: "K", Dimension::TEMPERATURE, 1.0;
    /// A number without unit.
    Number: "", Dimension::NONE, 1.0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::ExpressionErrorKind;
    use proptest::prelude::*;

    /// Claim: the scale of each newtype is that of its printed unit. Source: the unit itself, read as an expression. Tolerance: none.
    fn check<Q: Quantity + fmt::Debug + PartialEq + fmt::Display + FromStr<Err = ExpressionError>>(value: f64) {
        let quantity = Q::from_coherent(value);
        let text = quantity.to_string();
        assert_eq!(text.parse::<Q>().unwrap(), quantity, "{text}");
        let one = Expression::parse(&with_unit(1.0, Q::UNIT)).unwrap().quantity(&Scope::new(), Q::DIMENSION).unwrap();
        assert_eq!(one, Q::SCALE, "{}", Q::UNIT);
    }

    proptest! {
        /// Claim: print, then parse, is the identity, for every finite number of every quantity. Tolerance: none.
        #[test]
        fn what_is_printed_reads_back_the_same(value in proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL) {
            // Smaller by the largest inverse scale, so that the stored number is finite.
            let value = value / 1024.0;
            check::<Millivolts>(value);
            check::<Milliseconds>(value);
            check::<Picoamperes>(value);
            check::<Nanosiemens>(value);
            check::<Megaohms>(value);
            check::<Picofarads>(value);
            check::<Hertz>(value);
            check::<Micrometers>(value);
            check::<PerMillisecond>(value);
            check::<MillivoltsPerMillisecond>(value);
            check::<PicoamperesPerMillisecond>(value);
            check::<PerMillivoltMillisecond>(value);
            check::<Millimolar>(value);
            check::<PerMillimolarMillisecond>(value);
            check::<PerMillivolt>(value);
            check::<MicrometersPerMillisecond>(value);
            check::<CentimetersPerSecond>(value);
            check::<SquareMicrometers>(value);
            check::<MicrofaradsPerSquareCentimeter>(value);
            check::<MillisiemensPerSquareCentimeter>(value);
            check::<MicroamperesPerSquareCentimeter>(value);
            check::<Kelvin>(value);
            check::<Number>(value);
        }

        /// Claim: the expression language reads printed quantities of unit scale to the same bits, without the shortcut. Tolerance: none;
        /// for Hz, two units in the last place.
        #[test]
        fn expressions_read_printed_quantities(value in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            let read = |text: String, dimension| Expression::parse(&text).unwrap().quantity(&Scope::new(), dimension).unwrap();
            prop_assert_eq!(read(Millivolts(value).to_string(), Dimension::POTENTIAL), value);
            prop_assert_eq!(read(PerMillisecond(value).to_string(), Dimension::FREQUENCY), value);
            // The text is within half a unit in the last place of the number, and the reading and the division round once each.
            let hertz = read(Hertz(value).to_string(), Dimension::FREQUENCY);
            let tolerance = 2.0 * f64::EPSILON * value.abs() * 1e-3 + f64::MIN_POSITIVE * f64::EPSILON;
            prop_assert!((hertz - Hertz(value).coherent()).abs() <= tolerance, "{:e} {:e}", hertz, Hertz(value).coherent());
        }
    }

    #[test]
    fn quantities_read_as_their_unit_says() {
        assert_eq!("-65 mV".parse(), Ok(Millivolts(-65.0)));
        assert_eq!("-0.065 V".parse(), Ok(Millivolts(-65.0)));
        assert_eq!("2*5 mV".parse(), Ok(Millivolts(10.0)));
        assert_eq!("100 us".parse(), Ok(Milliseconds(0.1)));
        assert_eq!("20 Hz".parse(), Ok(Hertz(20.0)));
        assert_eq!("0.02/ms".parse(), Ok(Hertz(20.0)));
        assert_eq!("0.04 / (mV ms)".parse(), Ok(PerMillivoltMillisecond(0.04)));
        assert_eq!("1 uF/cm^2".parse(), Ok(MicrofaradsPerSquareCentimeter(1.0)));
        assert_eq!("36.85 degC".parse::<Kelvin>(), Ok(Kelvin(310.0)));
        assert_eq!("0".parse(), Ok(Millivolts(0.0)));
        assert_eq!(Hertz(20.0).coherent(), 0.02);
        assert_eq!(Hertz::from_coherent(0.02), Hertz(20.0));
        assert_eq!(format!("[{:>8}]", Millivolts(-65.0)), "[  -65 mV]");
    }

    #[test]
    fn a_missing_or_wrong_unit_is_said() {
        let error = "5".parse::<Millivolts>().unwrap_err();
        assert!(matches!(error.kind, ExpressionErrorKind::MissingUnit { .. }), "{error:?}");
        assert!(error.to_string().contains("5 mV"), "{error}");
        let error = "5 ms".parse::<Millivolts>().unwrap_err();
        assert!(matches!(error.kind, ExpressionErrorKind::WrongDimension { .. }), "{error:?}");
        for text in ["inf mV", "nan mV", "infinity", "mV", "", "1e999 mV", "5 mV mV", "--", "e mV"] {
            assert!(text.parse::<Millivolts>().is_err(), "{text}");
        }
    }

    #[test]
    fn documents_hold_quantities_as_texts() {
        assert_eq!(ron::to_string(&Millivolts(-65.0)).unwrap(), "\"-65 mV\"");
        assert_eq!(ron::to_string(&Number(0.5)).unwrap(), "0.5");
        assert_eq!(ron::from_str::<Millivolts>("\"-65 mV\""), Ok(Millivolts(-65.0)));
        assert_eq!(ron::from_str::<Number>("0.5"), Ok(Number(0.5)));
        assert_eq!(ron::from_str::<Number>("3"), Ok(Number(3.0)));
        assert_eq!(ron::from_str::<Number>("\"1/4\""), Ok(Number(0.25)));
        let error = ron::from_str::<Millivolts>("-65").unwrap_err().to_string();
        assert!(error.contains("for example \"-65 mV\""), "{error}");
        let error = ron::from_str::<Millivolts>("\"-65 mv\"").unwrap_err().to_string();
        assert!(error.contains("did you mean `mV`"), "{error}");
    }

    #[test]
    fn fields_are_read_and_written_by_reflection() {
        let mut rate = Hertz(20.0);
        assert_eq!(quantity_info(&rate), Some(QuantityInfo { unit: "Hz", dimension: Dimension::FREQUENCY }));
        assert_eq!(read_quantity(&rate), Some(0.02));
        assert!(write_quantity(&mut rate, 0.05));
        assert_eq!(rate, Hertz(50.0));
        assert_eq!(quantity_info(&1.0_f64), None);
        assert!(!write_quantity(&mut 1.0_f64, 2.0));
    }
}
