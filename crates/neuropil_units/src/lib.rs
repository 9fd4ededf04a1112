//! Quantities with dimensions, and the one expression language of Neuropil.
//!
//! ```
//! use neuropil_units::{Dimension, Expression, Millivolts, Scope, Value};
//!
//! let rest: Millivolts = "-0.065 V".parse()?;
//! assert_eq!(rest, Millivolts(-65.0));
//!
//! let mut scope = Scope::new();
//! scope.insert("g", Value::Number { value: 5.0, dimension: Dimension::NONE });
//! let weight = Expression::parse("-g * 0.1 mV")?.quantity(&scope, Dimension::POTENTIAL)?;
//! assert_eq!(weight, -0.5);
//! # Ok::<(), neuropil_units::ExpressionError>(())
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | `diagnostic` | places in a text, and the name that was probably meant |
//! | `dimension` | what a number measures; the coherent system of units |
//! | `unit` | symbols of units |
//! | `quantity` | numbers with a unit in their type: [`Millivolts`], [`Milliseconds`] … |
//! | `expression` | the language: text → syntax → value, or a program that gives values a block at a time |
//!
//! Reading files, and showing an error in them, is `neuropil_experiment`'s work; streams of random numbers are `neuropil_core`'s.

mod diagnostic;
mod dimension;
mod unit;

mod quantity;

pub mod expression;

pub use diagnostic::{Span, nearest_name, suggestion};
pub use dimension::Dimension;
pub use expression::{
    ColumnValues, Expression, ExpressionError, ExpressionErrorKind, Host, HostFunction, MISSING_TEXT, Program, RowProgram, RowScratch,
    Scope, Scratch, Selection, Table, TableColumn, Unmatched, Value, Variable,
};
pub use quantity::*;
