//! What can be wrong with an expression.

use crate::{diagnostic::Span, dimension::Dimension};

/// An error in an expression, with the part of the text that is wrong.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[error("{kind}")]
pub struct ExpressionError {
    /// The part of the text that is wrong, in bytes; empty at the end of the text if something is missing there.
    pub span: Span,
    /// What is wrong.
    pub kind: ExpressionErrorKind,
}

/// What is wrong with an expression; prints as one sentence without the place.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ExpressionErrorKind {
    /// Something stands where something else is needed.
    #[error("found {found}, expected {expected}")]
    Unexpected {
        /// What stands there, quoted.
        found: String,
        /// What could stand there.
        expected: &'static str,
    },
    /// A character that no expression has.
    #[error("unexpected character {found:?}{hint}")]
    UnexpectedCharacter {
        /// The character.
        found: char,
        /// What to write instead, if it is known.
        hint: &'static str,
    },
    /// A text without its closing quote.
    #[error("the text has no closing quote `'`")]
    UnclosedText,
    /// A name that is neither a parameter nor a constant.
    #[error("unknown name `{name}`{suggestion}")]
    UnknownName {
        /// The name.
        name: String,
        /// The nearest name, or the known ones.
        suggestion: String,
    },
    /// A function that does not exist.
    #[error("unknown function `{name}`{suggestion}")]
    UnknownFunction {
        /// The name.
        name: String,
        /// The nearest name, or the known ones.
        suggestion: String,
    },
    /// A word behind a number that is no unit.
    #[error("unknown unit `{name}`{suggestion}")]
    UnknownUnit {
        /// The word.
        name: String,
        /// The nearest unit, or the common ones.
        suggestion: String,
    },
    /// Degrees Celsius in a product of units.
    #[error("degrees Celsius are an absolute temperature, as in `37 degC`, and no part of another unit; use K")]
    CelsiusInProduct,
    /// More nesting than is read.
    #[error("nested more than {limit} deep")]
    TooDeep {
        /// The deepest nesting.
        limit: usize,
    },
    /// More text than is read.
    #[error("the expression has {found} bytes; at most {limit} are read")]
    TextTooLong {
        /// Bytes of the text.
        found: usize,
        /// Bytes that are read.
        limit: usize,
    },
    /// More elements than a list may have.
    #[error("a list would have more than {limit} elements")]
    ListTooLong {
        /// The most elements, nested ones counted.
        limit: usize,
    },
    /// More elements computed than one expression may.
    #[error("the expression computes more than {limit} elements of lists")]
    TooMuchWork {
        /// The most elements.
        limit: usize,
    },
    /// A function with too few or too many arguments.
    #[error("`{signature}` is given {found} arguments")]
    ArgumentCount {
        /// How the function is used.
        signature: &'static str,
        /// Arguments that it is given.
        found: usize,
    },
    /// A quantity of another dimension than is needed.
    #[error("found {}, expected {}", .found.describe_with_unit(), .expected.describe_with_unit())]
    WrongDimension {
        /// The dimension it has.
        found: Dimension,
        /// The dimension that is needed.
        expected: Dimension,
    },
    /// A number without unit where a quantity is needed.
    #[error("the number {value} has no unit; expected {}, for example `{}`", .expected.describe(), .expected.write(*.value))]
    MissingUnit {
        /// The number.
        value: f64,
        /// The dimension that is needed.
        expected: Dimension,
    },
    /// Two quantities that must have one dimension, and have two.
    #[error("`{operation}` needs the same dimension on both sides; found {} and {}", .left.describe_with_unit(), .right.describe_with_unit())]
    UnequalDimensions {
        /// The operation or function.
        operation: &'static str,
        /// The dimension of the first.
        left: Dimension,
        /// The dimension of the second.
        right: Dimension,
    },
    /// A power or product whose dimension has exponents that are not whole or half, or are too large.
    #[error("the result would have a dimension whose exponents are neither whole nor halves, or larger than 20")]
    ImpossibleDimension,
    /// A value of another kind than is needed, such as a text for a number.
    #[error("found {found}, expected {expected}")]
    WrongKind {
        /// What it is.
        found: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Lists of different lengths in one operation.
    #[error("lists of {left} and {right} elements; both must have the same number")]
    UnequalLengths {
        /// Elements of the first.
        left: usize,
        /// Elements of the second.
        right: usize,
    },
    /// Nothing at that position of a list.
    #[error("index {index} of a list of {length}; elements are counted from 0")]
    IndexOutOfRange {
        /// The index.
        index: f64,
        /// Elements of the list.
        length: usize,
    },
    /// A number that must be whole and is not.
    #[error("{value} is no whole number of at least 0; round(…) makes a number whole")]
    NotWhole {
        /// The number.
        value: f64,
    },
    /// A division by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// A result that is no finite number.
    #[error("the result of `{operation}` is {result}")]
    NotFinite {
        /// The operation or function.
        operation: &'static str,
        /// What it is instead: an infinity, or undefined.
        result: &'static str,
    },
    /// A number beyond what can be computed with.
    #[error("the number is too large, or undefined; numbers reach up to 1.8e308")]
    NumberTooLarge,
    /// A program whose value is no finite number for some elements of a block.
    #[error("the value is {result} for some elements")]
    ElementsNotFinite {
        /// What it is instead: an infinity, or undefined.
        result: &'static str,
    },
    /// A distribution where one fixed value is needed.
    #[error("`{function}` is random; here one fixed value is needed")]
    RandomNotAllowed {
        /// The distribution.
        function: &'static str,
    },
    /// A random value, or a variable, where a constant is needed.
    #[error("{what} must be constant; it may not depend on random numbers or on variables such as distance")]
    NotConstant {
        /// What must be constant.
        what: &'static str,
    },
    /// What a function of the caller's refuses.
    #[error("{message}")]
    Host {
        /// What is wrong, and what would do.
        message: String,
    },
    /// An argument outside the range of a function.
    #[error("`{function}`: {reason}")]
    BadArgument {
        /// The function.
        function: &'static str,
        /// What is wrong, and what is right.
        reason: String,
    },
    /// A text column compared with something that is not a text.
    #[error("`{column}` is a text; compare it with a text in quotes, as in `{column} == 'name'`")]
    NotComparable {
        /// The column.
        column: String,
    },
    /// A condition where one is needed is something else.
    #[error("found {found}; a selector is a condition, such as `class == 'inter' and count > 5`")]
    NoCondition {
        /// What it is.
        found: &'static str,
    },
    /// Redraw of something that has nothing random in it.
    #[error("`redraw` of a value that is not random never changes it; use clip(…)")]
    NothingToRedraw,
    /// Redraw within redraw.
    #[error("`redraw` within `redraw`; use one with the narrower bounds")]
    NestedRedraw,
    /// Redraw that found no value within its bounds.
    #[error("`redraw` found no value from {low} to {high} in {tries} tries; widen the bounds")]
    RedrawGaveUp {
        /// How often it was drawn.
        tries: usize,
        /// Lower bound, in coherent units.
        low: f64,
        /// Upper bound, in coherent units.
        high: f64,
    },
    /// A program that was compiled for other variables than it is given.
    #[error("the program needs {needed} variables with {length} values each")]
    WrongVariables {
        /// Variables that the program reads.
        needed: usize,
        /// Elements of the block.
        length: usize,
    },
}

impl ExpressionErrorKind {
    /// The error at its place.
    pub(crate) fn at(self, span: Span) -> ExpressionError {
        ExpressionError { span, kind: self }
    }
}
