//! Operations on constants: dimensions, and lists element by element.

use crate::{
    dimension::Dimension,
    expression::{
        error::ExpressionErrorKind,
        functions::{Function, Unary},
        syntax::Binary,
        value::{LONGEST_LIST, Value},
    },
};

/// Elements of lists that one expression may compute in all.
pub(crate) const MOST_ELEMENTS: usize = 10_000_000;
/// How far a whole number may be from one: `0.1 * 3 * 10` is 3.
const WHOLE_TOLERANCE: f64 = 1e-9;

/// What is left of the elements that may be computed.
pub(crate) struct Budget(usize);

impl Budget {
    pub fn new() -> Self {
        Self(MOST_ELEMENTS)
    }

    pub fn spend(&mut self, elements: usize) -> Result<(), ExpressionErrorKind> {
        self.0 = self.0.checked_sub(elements).ok_or(ExpressionErrorKind::TooMuchWork { limit: MOST_ELEMENTS })?;
        Ok(())
    }
}

/// A dimension that may be that of a literal 0, which fits any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measure {
    pub dimension: Dimension,
    pub bare_zero: bool,
}

/// The one dimension of both, if they have one.
pub(crate) fn common(operation: &'static str, left: Measure, right: Measure) -> Result<Dimension, ExpressionErrorKind> {
    match (left, right) {
        _ if left.dimension == right.dimension => Ok(left.dimension),
        (Measure { bare_zero: true, .. }, _) => Ok(right.dimension),
        (_, Measure { bare_zero: true, .. }) => Ok(left.dimension),
        _ => Err(ExpressionErrorKind::UnequalDimensions { operation, left: left.dimension, right: right.dimension }),
    }
}

/// The dimension of an operation's result; `exponent` is the right side if that is constant.
pub(crate) fn binary_dimension(
    operation: Binary,
    left: Measure,
    right: Measure,
    exponent: Option<f64>,
) -> Result<Dimension, ExpressionErrorKind> {
    match operation {
        Binary::Multiply => left.dimension.multiply(right.dimension).moderate().ok_or(ExpressionErrorKind::ImpossibleDimension),
        Binary::Divide => left.dimension.divide(right.dimension).moderate().ok_or(ExpressionErrorKind::ImpossibleDimension),
        Binary::Power => {
            without_unit(right.dimension)?;
            match exponent {
                _ if left.dimension == Dimension::NONE => Ok(Dimension::NONE),
                Some(exponent) => left.dimension.power(exponent).ok_or(ExpressionErrorKind::ImpossibleDimension),
                None => Err(ExpressionErrorKind::NotConstant { what: "the power of a quantity with unit" }),
            }
        }
        Binary::Or | Binary::And => Err(ExpressionErrorKind::WrongKind { found: "a number", expected: "a truth value" }),
        operation => {
            let dimension = common(operation.symbol(), left, right)?;
            Ok(if operation.is_comparison() { Dimension::NONE } else { dimension })
        }
    }
}

pub(crate) fn without_unit(found: Dimension) -> Result<(), ExpressionErrorKind> {
    if found == Dimension::NONE { Ok(()) } else { Err(ExpressionErrorKind::WrongDimension { found, expected: Dimension::NONE }) }
}

/// The number itself, if it is finite.
pub(crate) fn finite(operation: &'static str, value: f64) -> Result<f64, ExpressionErrorKind> {
    if value.is_finite() {
        Ok(value)
    } else {
        let result = if value.is_nan() { "undefined" } else { "too large" };
        Err(ExpressionErrorKind::NotFinite { operation, result })
    }
}

/// The larger; undefined if one of them is.
#[inline(always)]
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if a > b || a.is_nan() { a } else { b }
}

/// The smaller; undefined if one of them is.
#[inline(always)]
pub(crate) fn smaller(a: f64, b: f64) -> f64 {
    if a < b || a.is_nan() { a } else { b }
}

/// An operation on two values; lists are taken element by element.
pub(crate) fn binary(
    operation: Binary,
    (left, left_zero): (&Value, bool),
    (right, right_zero): (&Value, bool),
    budget: &mut Budget,
) -> Result<Value, ExpressionErrorKind> {
    match (left, right) {
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Err(ExpressionErrorKind::UnequalLengths { left: a.len(), right: b.len() });
            }
            budget.spend(a.len())?;
            a.iter().zip(b).map(|(a, b)| binary(operation, (a, false), (b, false), budget)).collect::<Result<_, _>>().map(Value::List)
        }
        (Value::List(a), b) => {
            budget.spend(a.len())?;
            a.iter().map(|a| binary(operation, (a, false), (b, right_zero), budget)).collect::<Result<_, _>>().map(Value::List)
        }
        (a, Value::List(b)) => {
            budget.spend(b.len())?;
            b.iter().map(|b| binary(operation, (a, left_zero), (b, false), budget)).collect::<Result<_, _>>().map(Value::List)
        }
        (&Value::Number { value: a, dimension: left }, &Value::Number { value: b, dimension: right }) => {
            let (left, right) = (Measure { dimension: left, bare_zero: left_zero }, Measure { dimension: right, bare_zero: right_zero });
            numbers(operation, (a, left), (b, right))
        }
        (Value::Boolean(a), Value::Boolean(b)) => match operation {
            Binary::And => Ok(Value::Boolean(*a && *b)),
            Binary::Or => Ok(Value::Boolean(*a || *b)),
            Binary::Equal => Ok(Value::Boolean(a == b)),
            Binary::Unequal => Ok(Value::Boolean(a != b)),
            _ => Err(ExpressionErrorKind::WrongKind { found: "a truth value", expected: "a number" }),
        },
        (Value::Text(a), Value::Text(b)) => match operation {
            Binary::Equal => Ok(Value::Boolean(a == b)),
            Binary::Unequal => Ok(Value::Boolean(a != b)),
            _ => Err(ExpressionErrorKind::WrongKind { found: "a text", expected: "a number; texts are only compared, with `==` and `!=`" }),
        },
        (a, b) => {
            let expected = match operation {
                Binary::And | Binary::Or => "a truth value",
                Binary::Equal | Binary::Unequal => "two values of one kind",
                _ => "a number",
            };
            let found = match (a, b) {
                (a, Value::Number { .. }) if expected == "a number" => a,
                (a, Value::Boolean(_)) if expected == "a truth value" => a,
                (_, b) => b,
            };
            Err(ExpressionErrorKind::WrongKind { found: found.kind(), expected })
        }
    }
}

fn numbers(operation: Binary, (a, left): (f64, Measure), (b, right): (f64, Measure)) -> Result<Value, ExpressionErrorKind> {
    let dimension = binary_dimension(operation, left, right, Some(b))?;
    if operation.is_comparison() {
        return Ok(Value::Boolean(apply(operation, a, b) != 0.0));
    }
    if b == 0.0 && operation == Binary::Divide || a == 0.0 && b < 0.0 && operation == Binary::Power {
        return Err(ExpressionErrorKind::DivisionByZero);
    }
    Ok(Value::Number { value: finite(operation.symbol(), apply(operation, a, b))?, dimension })
}

/// The operation on two numbers; truth is 1, untruth 0.
#[inline(always)]
pub(crate) fn apply(operation: Binary, a: f64, b: f64) -> f64 {
    let truth = |condition: bool| f64::from(u8::from(condition));
    match operation {
        Binary::Or => truth(a != 0.0 || b != 0.0),
        Binary::And => truth(a != 0.0 && b != 0.0),
        Binary::Equal => truth(a == b),
        Binary::Unequal => truth(a != b),
        Binary::Less => truth(a < b),
        Binary::LessOrEqual => truth(a <= b),
        Binary::Greater => truth(a > b),
        Binary::GreaterOrEqual => truth(a >= b),
        // A list is never one number: `in` is settled before.
        Binary::In => truth(a == b),
        Binary::Add => a + b,
        Binary::Subtract => a - b,
        Binary::Multiply => a * b,
        Binary::Divide => a / b,
        // The commonest power, exactly rounded.
        Binary::Power if b == 2.0 => a * a,
        Binary::Power => a.powf(b),
        Binary::Min => smaller(a, b),
        Binary::Max => larger(a, b),
    }
}

/// The dimension of a function of one number.
pub(crate) fn unary_dimension(function: Unary, found: Dimension) -> Result<Dimension, ExpressionErrorKind> {
    function.dimension(found).ok_or(match function {
        Unary::Sqrt => ExpressionErrorKind::ImpossibleDimension,
        _ => ExpressionErrorKind::WrongDimension { found, expected: Dimension::NONE },
    })
}

/// A function of one number, of each element of a list.
pub(crate) fn unary(function: Unary, value: &Value, budget: &mut Budget) -> Result<Value, ExpressionErrorKind> {
    match value {
        Value::List(values) => {
            budget.spend(values.len())?;
            values.iter().map(|value| unary(function, value, budget)).collect::<Result<_, _>>().map(Value::List)
        }
        &Value::Number { value, dimension } => {
            let result = unary_dimension(function, dimension)?;
            if value < 0.0 && matches!(function, Unary::Sqrt | Unary::Log) || value == 0.0 && function == Unary::Log {
                let needed = if function == Unary::Log { "greater than 0" } else { "of at least 0" };
                let reason = format!("of {}; a value {needed} is needed", dimension.write(value));
                return Err(ExpressionErrorKind::BadArgument { function: function.name(), reason });
            }
            Ok(Value::Number { value: finite(function.name(), function.apply(value))?, dimension: result })
        }
        other => Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected: "a number" }),
    }
}

/// A whole number of at least 0 and at most the longest list.
pub(crate) fn whole(value: &Value) -> Result<usize, ExpressionErrorKind> {
    let number = plain_number(value)?;
    let whole = number.round();
    if whole < 0.0 || (number - whole).abs() > WHOLE_TOLERANCE * whole.max(1.0) {
        return Err(ExpressionErrorKind::NotWhole { value: number });
    }
    if whole > LONGEST_LIST as f64 {
        return Err(ExpressionErrorKind::ListTooLong { limit: LONGEST_LIST });
    }
    Ok(whole as usize)
}

fn plain_number(value: &Value) -> Result<f64, ExpressionErrorKind> {
    match *value {
        Value::Number { value, dimension } => without_unit(dimension).map(|()| value),
        ref other => Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected: "a number" }),
    }
}

/// The element of a list.
pub(crate) fn element<'a>(list: &'a Value, index: &Value) -> Result<&'a Value, ExpressionErrorKind> {
    let Value::List(values) = list else {
        return Err(ExpressionErrorKind::WrongKind { found: list.kind(), expected: "a list before `[`" });
    };
    let index = plain_number(index)?;
    let out_of_range = ExpressionErrorKind::IndexOutOfRange { index, length: values.len() };
    match whole(&Value::number(index)) {
        Ok(index) => values.get(index).ok_or(out_of_range),
        Err(ExpressionErrorKind::NotWhole { value }) if value.fract() != 0.0 => Err(ExpressionErrorKind::NotWhole { value }),
        Err(_) => Err(out_of_range),
    }
}

/// Sum, mean, smallest or largest of a list.
pub(crate) fn reduce(function: Function, name: &'static str, list: &Value, budget: &mut Budget) -> Result<Value, ExpressionErrorKind> {
    let Value::List(values) = list else {
        return Err(ExpressionErrorKind::WrongKind { found: list.kind(), expected: "a list" });
    };
    budget.spend(values.len())?;
    let Some((first, rest)) = values.split_first() else {
        return Err(ExpressionErrorKind::BadArgument { function: name, reason: "the list is empty".to_owned() });
    };
    let operation = match function {
        Function::Min => Binary::Min,
        Function::Max => Binary::Max,
        _ => Binary::Add,
    };
    // Checks that a single element is a number, and gives every element its turn.
    let mut total = unary(Unary::Abs, first, budget).map(|_| first.clone())?;
    for value in rest {
        total = binary(operation, (&total, false), (value, false), budget)?;
    }
    if function == Function::Mean {
        total = binary(Binary::Divide, (&total, false), (&Value::number(values.len() as f64), false), budget)?;
    }
    Ok(total)
}

/// `count` values from `first` to `last` in equal steps; both ends are exact, and one value is `first`.
pub(crate) fn linspace(
    first: (f64, Measure),
    last: (f64, Measure),
    count: usize,
    budget: &mut Budget,
) -> Result<Value, ExpressionErrorKind> {
    budget.spend(count)?;
    let dimension = common("linspace", first.1, last.1)?;
    let (first, last) = (first.0, last.0);
    let intervals = count.saturating_sub(1).max(1) as f64;
    let values = (0..count).map(|k| {
        let part = k as f64 / intervals;
        // By both ends, so that neither is missed and no difference overflows.
        Value::Number { value: first * (1.0 - part) + last * part, dimension }
    });
    Ok(Value::List(values.collect()))
}

/// 0, 1, … up to `count - 1`.
pub(crate) fn range(count: usize, budget: &mut Budget) -> Result<Value, ExpressionErrorKind> {
    budget.spend(count)?;
    Ok(Value::List((0..count).map(|k| Value::number(k as f64)).collect()))
}
