//! The instructions of each operation that is not constant.

use std::borrow::Cow;

use crate::{
    diagnostic::Span,
    dimension::Dimension,
    expression::{
        arithmetic::{self, Budget, Measure, common},
        check::{Lowered, Part},
        error::{ExpressionError, ExpressionErrorKind},
        evaluate::crossed,
        functions::{Distribution, Unary},
        program::{Fragment, Operand, Operation, Row},
        sampler::Sampler,
        syntax::Binary,
        value::Value,
    },
};

impl Row {
    fn part(&mut self, part: Part) {
        match part {
            Part::Operand(operand) => self.push_operand(operand),
            Part::Code(fragment) => self.push(fragment),
        }
    }

    /// A part that must be in a register.
    fn register(&mut self, part: Part, span: Span) {
        match part {
            Part::Code(fragment) => self.push(fragment),
            // The dimension is the caller's to know; this fragment is not seen by anyone else.
            Part::Operand(operand) => self.push(Row::new().finish(Operation::Load(operand), Dimension::NONE, span)),
        }
    }
}

pub(crate) fn unary(function: Unary, part: Part, dimension: Dimension, span: Span) -> Fragment {
    let mut row = Row::new();
    row.register(part, span);
    row.finish(Operation::Unary(function), dimension, span)
}

pub(crate) fn binary(operation: Binary, left: Part, right: Part, dimension: Dimension, span: Span) -> Fragment {
    let mut row = Row::new();
    let (other, swapped) = match (left, right) {
        // The right side alone is computed: it is the base.
        (Part::Operand(left), right @ Part::Code(_)) => {
            row.register(right, span);
            (left, true)
        }
        (left, right) => {
            row.register(left, span);
            row.part(right);
            (row.operand(1), false)
        }
    };
    let mut fragment = row.finish(Operation::Binary { operation, other, swapped }, dimension, span);
    fragment.boolean = operation.is_comparison();
    fragment
}

pub(crate) fn not(value: Lowered<'_>, span: Span) -> Result<Lowered<'_>, ExpressionErrorKind> {
    let expected = "a truth value, such as `a > b`";
    match value {
        Lowered::Constant { value, .. } => match *value {
            Value::Boolean(value) => Ok(Lowered::Constant { value: Cow::Owned(Value::Boolean(!value)), bare_zero: false }),
            ref other => Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected }),
        },
        Lowered::Code(fragment) if fragment.boolean => {
            let mut fragment = binary(Binary::Equal, Part::Code(fragment), Part::Operand(Operand::Constant(0.0)), Dimension::NONE, span);
            fragment.boolean = true;
            Ok(Lowered::Code(fragment))
        }
        _ => Err(ExpressionErrorKind::WrongKind { found: "a number", expected }),
    }
}

/// `and` and `or`; the right side does not count where the left one decides.
pub(crate) fn logic<'a>(
    operation: Binary,
    left: Lowered<'a>,
    right: Result<Lowered<'a>, ExpressionError>,
    span: Span,
) -> Result<Lowered<'a>, ExpressionError> {
    let truth = |value: &Lowered<'_>| match value {
        Lowered::Constant { value, .. } => match **value {
            Value::Boolean(value) => Ok(Some(value)),
            ref other => Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected: "a truth value" }.at(span)),
        },
        Lowered::Code(fragment) if fragment.boolean => Ok(None),
        _ => Err(ExpressionErrorKind::WrongKind { found: "a number", expected: "a truth value" }.at(span)),
    };
    let deciding = operation == Binary::Or;
    match truth(&left)? {
        Some(left_truth) if left_truth == deciding => {
            // Still of the right kind.
            if let Ok(right) = &right {
                truth(right)?;
            }
            Ok(left)
        }
        Some(_) => {
            let right = right?;
            truth(&right)?;
            Ok(right)
        }
        None => {
            let right = right?;
            match (truth(&right)?, left, right) {
                (Some(right_truth), _, right) if right_truth == deciding => Ok(right),
                (Some(_), left, _) => Ok(left),
                (None, Lowered::Code(left), Lowered::Code(right)) => {
                    let mut fragment = binary(operation, Part::Code(left), Part::Code(right), Dimension::NONE, span);
                    fragment.boolean = true;
                    Ok(Lowered::Code(fragment))
                }
                (None, left, _) => Ok(left),
            }
        }
    }
}

/// The chosen side of an `if`, after a look at the other: two numbers must be of one dimension, which a literal 0 takes from the other.
pub(crate) fn same_dimension<'a>(chosen: Lowered<'a>, other: Option<&Lowered<'a>>) -> Result<Lowered<'a>, ExpressionErrorKind> {
    let measure = |value: &Lowered<'_>| match value {
        Lowered::Constant { value, bare_zero } => match **value {
            Value::Number { dimension, .. } => Some(Measure { dimension, bare_zero: *bare_zero }),
            _ => None,
        },
        Lowered::Text { .. } => None,
        Lowered::Variable { dimension, .. } => Some(Measure { dimension: *dimension, bare_zero: false }),
        Lowered::Code(fragment) if fragment.boolean => None,
        Lowered::Code(fragment) => Some(Measure { dimension: fragment.dimension, bare_zero: false }),
    };
    let (Some(own), Some(others)) = (measure(&chosen), other.and_then(measure)) else { return Ok(chosen) };
    let dimension = common("if", own, others)?;
    Ok(match chosen {
        Lowered::Constant { bare_zero: true, .. } if !others.bare_zero => {
            Lowered::Constant { value: Cow::Owned(Value::Number { value: 0.0, dimension }), bare_zero: false }
        }
        chosen => chosen,
    })
}

pub(crate) fn choice(condition: Fragment, then: Part, otherwise: Part, dimension: Dimension, span: Span) -> Fragment {
    let mut row = Row::new();
    row.push(condition);
    row.part(then);
    row.part(otherwise);
    let operation = Operation::Select(row.operand(1), row.operand(2));
    row.finish(operation, dimension, span)
}

/// `clip` of constants, lists element by element.
pub(crate) fn clip_constant(
    value: (&Value, bool),
    low: (&Value, bool),
    high: (&Value, bool),
    budget: &mut Budget,
) -> Result<Value, ExpressionErrorKind> {
    fn all_true(value: &Value) -> bool {
        match value {
            Value::List(values) => values.iter().all(all_true),
            other => *other == Value::Boolean(true),
        }
    }
    if !all_true(&arithmetic::binary(Binary::LessOrEqual, low, high, budget)?) {
        return Err(crossed("clip"));
    }
    let above = arithmetic::binary(Binary::Max, value, low, budget)?;
    arithmetic::binary(Binary::Min, (&above, value.1 && low.1), high, budget)
}

pub(crate) fn clip(parts: [Part; 3], dimension: Dimension, span: Span) -> Fragment {
    let [value, low, high] = parts;
    let mut row = Row::new();
    row.register(value, span);
    row.part(low);
    row.part(high);
    let operation = Operation::Clip(row.operand(1), row.operand(2));
    row.finish(operation, dimension, span)
}

pub(crate) fn redraw(parts: [Part; 3], dimension: Dimension, span: Span) -> Result<Fragment, ExpressionErrorKind> {
    let [value, low, high] = parts;
    let Part::Code(body) = value else { return Err(ExpressionErrorKind::NothingToRedraw) };
    // Tries would multiply.
    if body.code.iter().any(|inner| matches!(inner.operation, Operation::Redraw { .. } | Operation::SampleWithin { .. })) {
        return Err(ExpressionErrorKind::NestedRedraw);
    }
    if let (Part::Operand(Operand::Constant(low)), Part::Operand(Operand::Constant(high))) = (&low, &high) {
        if low > high {
            return Err(crossed("redraw"));
        }
        if let [only] = body.code.as_slice()
            && let Operation::Sample(sampler) = only.operation
        {
            return Ok(Row::new().finish(Operation::SampleWithin { sampler, low: *low, high: *high }, dimension, span));
        }
    }
    let mut row = Row::new();
    let (code, registers) = (body.code.clone(), body.registers);
    row.push(body);
    row.part(low);
    row.part(high);
    let operation = Operation::Redraw { body: code, registers, low: row.operand(1), high: row.operand(2) };
    Ok(row.finish(operation, dimension, span))
}

pub(crate) fn distribution(
    distribution: Distribution,
    parts: Vec<Part>,
    dimension: Dimension,
    span: Span,
) -> Result<Fragment, ExpressionErrorKind> {
    let mut row = Row::new();
    for part in parts {
        row.part(part);
    }
    // Parameters that are not given: the scale of lognormal is 1, others are not read.
    row.operands.resize(3, Operand::Constant(1.0));
    let parameters = [row.operand(0), row.operand(1), row.operand(2)];
    if let [Operand::Constant(a), Operand::Constant(b), Operand::Constant(c)] = parameters {
        let sampler = Sampler::new(distribution, [a, b, c])
            .map_err(|reason| ExpressionErrorKind::BadArgument { function: distribution.name(), reason: reason.to_owned() })?;
        return Ok(row.finish(Operation::Sample(sampler), dimension, span));
    }
    Ok(row.finish(Operation::SampleEach { distribution, parameters }, dimension, span))
}

/// Whether a value is one of some numbers, which ascend.
pub(crate) fn among(part: Part, numbers: Vec<f64>, span: Span) -> Fragment {
    let mut row = Row::new();
    row.register(part, span);
    row.finish(Operation::Among(numbers), Dimension::NONE, span)
}
