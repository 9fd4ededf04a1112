//! Columns of numbers in few bytes: which coding holds all values exactly, and bytes of equal weight side by side.

/// Decimals that are tried.
const MOST_DECIMALS: u8 = 6;

/// How the values of a column are stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Coding {
    /// Whole numbers above `smallest`, with so many decimals, in `width` bytes each; all bits set means missing.
    Decimal {
        /// Digits behind the point.
        decimals: u8,
        /// Bytes a value, 1 to 4.
        width: u8,
        /// What is subtracted, as a whole number.
        smallest: i64,
    },
    /// Floats of four bytes that hold the values exactly.
    Single,
    /// Floats of eight bytes.
    Double,
}

impl Coding {
    /// The shortest that holds all values exactly.
    pub fn of(values: &[f64]) -> Self {
        // The first thousand rule most codings out.
        let first = values.get(..1000).unwrap_or(values);
        let decimal = (0..=MOST_DECIMALS).find_map(|decimals| decimal(first, decimals).and_then(|_| decimal(values, decimals)));
        decimal.unwrap_or(if values.iter().all(|value| value.is_nan() || f64::from(*value as f32) == *value) {
            Self::Single
        } else {
            Self::Double
        })
    }

    /// Bytes a value.
    pub fn width(self) -> usize {
        match self {
            Self::Decimal { width, .. } => usize::from(width),
            Self::Single => 4,
            Self::Double => 8,
        }
    }

    /// What is stored of it.
    pub fn bytes(self) -> [u8; 10] {
        let (kind, width, smallest) = match self {
            Self::Decimal { decimals, width, smallest } => (decimals, width, smallest),
            Self::Single => (254, 4, 0),
            Self::Double => (255, 8, 0),
        };
        let [a, b, c, d, e, f, g, h] = smallest.to_le_bytes();
        [kind, width, a, b, c, d, e, f, g, h]
    }

    /// The coding that was stored, if it is one.
    pub fn from_bytes([kind, width, rest @ ..]: [u8; 10]) -> Option<Self> {
        match (kind, width, i64::from_le_bytes(rest)) {
            (0..=MOST_DECIMALS, 1..=4, smallest) => Some(Self::Decimal { decimals: kind, width, smallest }),
            (254, 4, 0) => Some(Self::Single),
            (255, 8, 0) => Some(Self::Double),
            _ => None,
        }
    }

    /// The bytes of values, those of equal weight side by side.
    pub fn encode(self, values: &[f64]) -> Vec<u8> {
        let count = values.len();
        match self {
            Self::Decimal { decimals, width, smallest } => {
                let missing = u64::MAX;
                let integer =
                    |value: &f64| if value.is_nan() { missing } else { (scaled(*value, decimals) as i64).wrapping_sub(smallest) as u64 };
                planes(values.iter().map(integer), count, usize::from(width))
            }
            Self::Single => planes(values.iter().map(|value| u64::from((canonical(*value) as f32).to_bits())), count, 4),
            Self::Double => planes(values.iter().map(|value| canonical(*value).to_bits()), count, 8),
        }
    }

    /// The values of their bytes.
    pub fn decode(self, raw: &[u8], count: usize) -> Vec<f64> {
        match self {
            Self::Decimal { decimals, width, smallest } => {
                let missing = u64::MAX >> (64 - 8 * u32::from(width));
                let (smallest, scale) = (smallest as f64, power_of_ten(decimals));
                let value = |integer: u64| if integer == missing { f64::NAN } else { (integer as f64 + smallest) / scale };
                unplane(raw, count).into_iter().map(value).collect()
            }
            Self::Single => unplane(raw, count).into_iter().map(|bits| f64::from(f32::from_bits(bits as u32))).collect(),
            Self::Double => unplane(raw, count).into_iter().map(f64::from_bits).collect(),
        }
    }
}

/// One bit pattern for all that count as equal.
fn canonical(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value + 0.0 }
}

fn power_of_ten(decimals: u8) -> f64 {
    (0..decimals).fold(1.0, |power, _| power * 10.0)
}

fn scaled(value: f64, decimals: u8) -> f64 {
    (value * power_of_ten(decimals)).round()
}

/// The decimal coding with so many decimals, if it gives every value back exactly.
fn decimal(values: &[f64], decimals: u8) -> Option<Coding> {
    /// Whole floats are exact up to here.
    const EXACT: f64 = 9e15;
    let scale = power_of_ten(decimals);
    let (mut smallest, mut largest) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values.iter().filter(|value| !value.is_nan()) {
        let integer = scaled(*value, decimals);
        if integer.abs() > EXACT || integer / scale != *value {
            return None;
        }
        smallest = smallest.min(integer);
        largest = largest.max(integer);
    }
    if smallest > largest {
        (smallest, largest) = (0.0, 0.0);
    }
    // The largest code is left for what is missing.
    let width = (1..=4u8).find(|width| largest - smallest < f64::from(u32::MAX >> (32 - 8 * u32::from(*width))))?;
    Some(Coding::Decimal { decimals, width, smallest: smallest as i64 })
}

/// The lowest bytes of all values, then the next higher ones, and so on.
pub(crate) fn planes(values: impl Iterator<Item = u64> + Clone, count: usize, width: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(count * width);
    for shift in (0..8 * width).step_by(8) {
        bytes.extend(values.clone().map(|value| (value >> shift) as u8));
    }
    bytes
}

/// The values of [`planes`].
pub(crate) fn unplane(bytes: &[u8], count: usize) -> Vec<u64> {
    let mut values = vec![0u64; count];
    for (shift, plane) in (0..64).step_by(8).zip(bytes.chunks_exact(count.max(1))) {
        for (value, byte) in values.iter_mut().zip(plane) {
            *value |= u64::from(*byte) << shift;
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>(),
            any::<f32>().prop_map(f64::from),
            any::<i16>().prop_map(f64::from),
            (-90_000i32..90_000).prop_map(|n| f64::from(n) / 1000.0)
        ]
    }

    proptest! {
        #[test]
        fn decoding_gives_every_value_back(values in prop_oneof![
            proptest::collection::vec(value(), 0..40),
            proptest::collection::vec(prop_oneof![(0..300).prop_map(f64::from), Just(f64::NAN)], 0..40),
            proptest::collection::vec((-90_000i32..90_000).prop_map(|n| f64::from(n) / 1000.0), 0..40),
        ]) {
            let coding = Coding::of(&values);
            prop_assert_eq!(Coding::from_bytes(coding.bytes()), Some(coding));
            let raw = coding.encode(&values);
            prop_assert_eq!(raw.len(), values.len() * coding.width());
            for (back, value) in coding.decode(&raw, values.len()).iter().zip(&values) {
                prop_assert!(back == value || (back.is_nan() && value.is_nan()), "{} became {}", value, back);
            }
        }
    }

    #[test]
    fn few_bytes_hold_counts_and_decimals() {
        assert_eq!(Coding::of(&[1.0, 250.0, f64::NAN]).width(), 1);
        assert_eq!(Coding::of(&[0.0, 255.0]).width(), 2);
        assert_eq!(Coding::of(&[-300.125, 410.5]), Coding::Decimal { decimals: 3, width: 3, smallest: -300_125 });
        assert_eq!(Coding::of(&[0.1, 0.2 + 0.1]).width(), 8);
    }
}
