//! The numbers that kernels compute with: double precision, or single.
//!
//! A kernel is written once for any [`Real`]. Operators take plain numbers on the right, as in `x * 0.5 + 1.0`; on the left, where Rust does not let them stand,
//! write `R::from(1.0) / x`. Constants of a step are f64 and used as they are: the conversion is left out of loops, or disappears.
//!
//! # Accuracy of single precision
//! It has 24 bits, so that a potential of -65 mV would be known to 4·10⁻⁶ mV, and an implicit step would add that error again and again. Potentials are therefore
//! stored as the difference from [`REFERENCE`]: near rest it is known a hundred times as well. Elimination only adds positive numbers, see [`solver`](crate::solver).
//!
//! What single precision is off by, beside double (`tests/precision.rs` holds it to some times as much):
//!
//! | cell | spikes | potentials |
//! | --- | --- | --- |
//! | Hodgkin and Huxley's channels on 16 compartments, 100 ms of firing | 1.1·10⁻⁵ ms | 2.6·10⁻³ mV, on upstrokes |
//! | passive, at rest | | 8·10⁻⁵ of the distance from the reference |
//! | Rallpack 1: a thousand compartments of 1 µm, whose axial conductance is a million times that of their membrane | | 0.1 mV of 131 after 50 ms |
//!
//! A step of 0.025 ms itself moves the first spike of such a cell by some 0.02 ms. Times that are counted in steps end at 2²⁴ of them.

use bytemuck::{Pod, TransparentWrapper, Zeroable};
use neuropil_core::columns::{Scalar, StateColumns};
use std::fmt::Debug;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// What potentials are stored as the difference from in single precision, mV.
pub const REFERENCE: f64 = -65.0;

/// Beyond this, kernels of single precision see this potential, mV: rates of channels, written as fractions, would overflow its range of numbers.
pub const MOST_POTENTIAL: f64 = 150.0;

/// Steps that single precision can count.
pub const MOST_STEPS: f64 = 16_777_216.0;

/// How numbers of a population of cells are stored and computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 53 bits.
    #[default]
    Double,
    /// 24 bits, potentials relative to [`REFERENCE`].
    Single,
}

/// A number of double or single precision: [`f64`] or [`Single`].
pub trait Real:
    Pod
    + Send
    + Sync
    + Debug
    + Default
    + PartialOrd<Self>
    + PartialOrd<f64>
    + From<f64>
    + From<f32>
    + Neg<Output = Self>
    + Add<Self, Output = Self>
    + Sub<Self, Output = Self>
    + Mul<Self, Output = Self>
    + Div<Self, Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
    + AddAssign<Self>
    + SubAssign<Self>
    + MulAssign<Self>
{
    /// Which of the two it is.
    const PRECISION: Precision;
    /// What stored potentials are the difference from, mV.
    const REFERENCE: f64;
    /// The components that hold a state with these numbers.
    type Columns<S: StateColumns>: StateColumns;
    /// A state with these numbers.
    fn columns<S: StateColumns>(state: S) -> Self::Columns<S>;
    /// Its value.
    fn to_f64(self) -> f64;
    /// `self · factor + addend`, rounded once.
    fn mul_add(self, factor: impl Into<Self>, addend: impl Into<Self>) -> Self;
    /// Magnitude.
    fn abs(self) -> Self;
    /// The larger one.
    fn max(self, other: impl Into<Self>) -> Self;
    /// The smaller one.
    fn min(self, other: impl Into<Self>) -> Self;
    /// Between two bounds; NaN stays NaN.
    fn clamp(self, least: f64, most: f64) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Whether it is neither infinite nor NaN.
    fn is_finite(self) -> bool;
    /// See [`exponential::exp`](crate::exponential::exp).
    fn fast_exp(self) -> Self;
    /// See [`exponential::ln`](crate::exponential::ln).
    fn fast_ln(self) -> Self;
}

impl Real for f64 {
    const PRECISION: Precision = Precision::Double;
    const REFERENCE: f64 = 0.0;
    type Columns<S: StateColumns> = S;

    fn columns<S: StateColumns>(state: S) -> S {
        state
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn mul_add(self, factor: impl Into<Self>, addend: impl Into<Self>) -> Self {
        Self::mul_add(self, factor.into(), addend.into())
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self::abs(self)
    }

    #[inline(always)]
    fn max(self, other: impl Into<Self>) -> Self {
        Self::max(self, other.into())
    }

    #[inline(always)]
    fn min(self, other: impl Into<Self>) -> Self {
        Self::min(self, other.into())
    }

    #[inline(always)]
    fn clamp(self, least: f64, most: f64) -> Self {
        Self::clamp(self, least, most)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self::sqrt(self)
    }

    #[inline(always)]
    fn is_finite(self) -> bool {
        Self::is_finite(self)
    }

    #[inline(always)]
    fn fast_exp(self) -> Self {
        crate::exponential::exp_double(self)
    }

    #[inline(always)]
    fn fast_ln(self) -> Self {
        crate::exponential::ln_double(self)
    }
}

/// A number of single precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Pod, Zeroable, TransparentWrapper)]
#[repr(transparent)]
pub struct Single(pub f32);

impl From<f64> for Single {
    #[inline(always)]
    fn from(value: f64) -> Self {
        Self(value as f32)
    }
}

impl From<f32> for Single {
    #[inline(always)]
    fn from(value: f32) -> Self {
        Self(value)
    }
}

impl PartialEq<f64> for Single {
    #[inline(always)]
    fn eq(&self, other: &f64) -> bool {
        self.0 == *other as f32
    }
}

impl PartialOrd<f64> for Single {
    #[inline(always)]
    fn partial_cmp(&self, other: &f64) -> Option<std::cmp::Ordering> {
        self.0.partial_cmp(&(*other as f32))
    }

    #[inline(always)]
    fn lt(&self, other: &f64) -> bool {
        self.0 < *other as f32
    }

    #[inline(always)]
    fn le(&self, other: &f64) -> bool {
        self.0 <= *other as f32
    }

    #[inline(always)]
    fn gt(&self, other: &f64) -> bool {
        self.0 > *other as f32
    }

    #[inline(always)]
    fn ge(&self, other: &f64) -> bool {
        self.0 >= *other as f32
    }
}

macro_rules! operators {
    ($($trait:ident $function:ident $operator:tt),*) => {$(
        impl $trait for Single {
            type Output = Self;

            #[inline(always)]
            fn $function(self, other: Self) -> Self {
                Self(self.0 $operator other.0)
            }
        }

        impl $trait<f64> for Single {
            type Output = Self;

            #[inline(always)]
            fn $function(self, other: f64) -> Self {
                Self(self.0 $operator other as f32)
            }
        }
    )*};
}

operators!(Add add +, Sub sub -, Mul mul *, Div div /);

macro_rules! assigning {
    ($($trait:ident $function:ident $operator:tt),*) => {$(
        impl $trait for Single {
            #[inline(always)]
            fn $function(&mut self, other: Self) {
                self.0 $operator other.0;
            }
        }
    )*};
}

assigning!(AddAssign add_assign +=, SubAssign sub_assign -=, MulAssign mul_assign *=);

impl Neg for Single {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Scalar for Single {
    fn from_f64(value: f64) -> Option<Self> {
        f32::from_f64(value).map(Self)
    }

    fn to_f64(self) -> f64 {
        f64::from(self.0)
    }
}

impl Real for Single {
    const PRECISION: Precision = Precision::Single;
    const REFERENCE: f64 = REFERENCE;
    type Columns<S: StateColumns> = S::Single;

    fn columns<S: StateColumns>(state: S) -> S::Single {
        state.in_single()
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self.0)
    }

    #[inline(always)]
    fn mul_add(self, factor: impl Into<Self>, addend: impl Into<Self>) -> Self {
        Self(self.0.mul_add(factor.into().0, addend.into().0))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.abs())
    }

    #[inline(always)]
    fn max(self, other: impl Into<Self>) -> Self {
        Self(self.0.max(other.into().0))
    }

    #[inline(always)]
    fn min(self, other: impl Into<Self>) -> Self {
        Self(self.0.min(other.into().0))
    }

    #[inline(always)]
    fn clamp(self, least: f64, most: f64) -> Self {
        Self(self.0.clamp(least as f32, most as f32))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.sqrt())
    }

    #[inline(always)]
    fn is_finite(self) -> bool {
        self.0.is_finite()
    }

    #[inline(always)]
    fn fast_exp(self) -> Self {
        Self(crate::exponential::exp_single(self.0))
    }

    #[inline(always)]
    fn fast_ln(self) -> Self {
        Self(crate::exponential::ln_single(self.0))
    }
}
