//! Columns of texts in expressions: `class == 'inter'`, `name in ['AVAL', 'AVAR']`, `starts_with(class, 'DA')`.
//!
//! A row holds the code of its text, so that a comparison with a constant text is one of numbers, and texts are looked at once.

use std::{borrow::Cow, sync::Arc};

use crate::{
    diagnostic::Span,
    dimension::Dimension,
    expression::{
        arithmetic::{self, Measure, common},
        check::{Checker, Lowered, Outcome, number, owned},
        error::ExpressionErrorKind,
        functions::TextMatch,
        lower,
        program::{Operand, Operation, Row},
        syntax::{Binary, NodeIndex},
        value::Value,
    },
};

/// The code of a row without text; `''` in an expression.
pub const MISSING_TEXT: u32 = u32::MAX;

/// A name whose values differ from element to element.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub name: &'a str,
    pub kind: KnownKind<'a>,
}

#[derive(Clone, Copy)]
pub(crate) enum KnownKind<'a> {
    Number(Dimension),
    Text(Texts<'a>),
}

/// The texts of a column; a code is a position among them.
pub(crate) type Texts<'a> = &'a [Arc<str>];

/// A text that was compared with a column none of whose rows has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmatched {
    /// The column.
    pub column: String,
    /// The text.
    pub text: String,
    /// Where the text stands.
    pub span: Span,
    /// The nearest text of the column, or those that it has, as the end of a sentence.
    pub suggestion: String,
}

type Side<'a> = (Lowered<'a>, Span);

impl<'a> Checker<'a> {
    fn name_of(&self, index: usize) -> &'a str {
        self.variables.get(index).map_or("", |variable| variable.name)
    }

    /// The code of a text in a column; noted if no row can have it.
    fn code(&mut self, index: usize, texts: Texts<'a>, text: &str, span: Span) -> f64 {
        if text.is_empty() {
            return f64::from(MISSING_TEXT);
        }
        match texts.iter().position(|known| **known == *text) {
            Some(code) => code as f64,
            None => {
                let suggestion = crate::diagnostic::suggestion(text, texts.iter().map(AsRef::as_ref));
                let column = self.name_of(index).to_owned();
                self.unmatched.push(Unmatched { column, text: text.to_owned(), span, suggestion });
                -1.0
            }
        }
    }

    /// `==` and `!=` where one side is a column of texts.
    pub(crate) fn compare_texts(&mut self, operation: Binary, left: Side<'a>, right: Side<'a>, span: Span) -> Outcome<'a> {
        let (column, other) = if matches!(left.0, Lowered::Text { .. }) { (left, right) } else { (right, left) };
        let Lowered::Text { index, texts } = column.0 else {
            return Err(ExpressionErrorKind::WrongKind { found: "a number", expected: "a text" }.at(column.1));
        };
        if !matches!(operation, Binary::Equal | Binary::Unequal) {
            let expected = "a number; texts are only compared, with `==`, `!=` and `in`";
            return Err(ExpressionErrorKind::WrongKind { found: "a text", expected }.at(column.1));
        }
        let wrong = |checker: &Self| ExpressionErrorKind::NotComparable { column: checker.name_of(index).to_owned() }.at(other.1);
        let operand = match other.0 {
            Lowered::Constant { value, .. } => match &*value {
                Value::Text(text) => Operand::Constant(self.code(index, texts, text, other.1)),
                _ => return Err(wrong(self)),
            },
            // Two columns with one list of texts, such as the class of an edge's source and of its target.
            Lowered::Text { index: second, texts: others } if std::ptr::eq(texts, others) => Operand::Variable(second),
            _ => return Err(wrong(self)),
        };
        let mut row = Row::new();
        row.push(Row::new().finish(Operation::Load(Operand::Variable(index)), Dimension::NONE, column.1));
        let mut fragment = row.finish(Operation::Binary { operation, other: operand, swapped: false }, Dimension::NONE, span);
        fragment.boolean = true;
        Ok(Lowered::Code(fragment))
    }

    /// Whether a value is one of a list.
    pub(crate) fn membership(&mut self, value: Side<'a>, list: Side<'a>, span: Span) -> Outcome<'a> {
        let elements = match &list.0 {
            Lowered::Constant { value, .. } => match &**value {
                Value::List(elements) => elements.clone(),
                other => {
                    let expected = "a list, such as `['AVA', 'AVB']`";
                    return Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected }.at(list.1));
                }
            },
            _ => return Err(ExpressionErrorKind::NotConstant { what: "the list behind `in`" }.at(list.1)),
        };
        match value.0 {
            Lowered::Constant { value: constant, bare_zero } => {
                let mut found = false;
                for element in &elements {
                    let same = arithmetic::binary(Binary::Equal, (&*constant, bare_zero), (element, false), &mut self.budget);
                    found |= same.map_err(|kind| kind.at(span))? == Value::Boolean(true);
                }
                Ok(owned(Value::Boolean(found)))
            }
            Lowered::Text { index, texts } => {
                let mut codes = Vec::with_capacity(elements.len());
                for element in &elements {
                    let Value::Text(text) = element else {
                        return Err(ExpressionErrorKind::NotComparable { column: self.name_of(index).to_owned() }.at(list.1));
                    };
                    codes.push(self.code(index, texts, text, list.1));
                }
                Ok(among(Operand::Variable(index), codes, span))
            }
            other => {
                let (part, measure) = number(other).map_err(|kind| kind.at(value.1))?;
                let mut numbers = Vec::with_capacity(elements.len());
                for element in &elements {
                    let &Value::Number { value: number, dimension } = element else {
                        return Err(ExpressionErrorKind::WrongKind { found: element.kind(), expected: "a number" }.at(list.1));
                    };
                    let bare_zero = number == 0.0 && dimension == Dimension::NONE;
                    common("in", measure, Measure { dimension, bare_zero }).map_err(|kind| kind.at(span))?;
                    numbers.push(number);
                }
                let numbers = ascending(numbers);
                let mut fragment = lower::among(part, numbers, span);
                fragment.boolean = true;
                Ok(Lowered::Code(fragment))
            }
        }
    }

    /// `position(list, value)`: the first place in a list, from 0, that holds a value.
    pub(crate) fn position(&mut self, list: NodeIndex, value: NodeIndex, span: Span) -> Outcome<'a> {
        let (elements, _) = self.constant(list, "a list")?;
        let (wanted, bare_zero) = self.constant(value, "the value that is looked for")?;
        let Value::List(elements) = &*elements else {
            return Err(ExpressionErrorKind::WrongKind { found: elements.kind(), expected: "a list" }.at(self.span(list)));
        };
        for (position, element) in elements.iter().enumerate() {
            let same = arithmetic::binary(Binary::Equal, (&*wanted, bare_zero), (element, false), &mut self.budget);
            if same.map_err(|kind| kind.at(span))? == Value::Boolean(true) {
                return Ok(owned(Value::number(position as f64)));
            }
        }
        let reason = format!("{} is not in the list", wanted);
        Err(ExpressionErrorKind::BadArgument { function: "position", reason }.at(self.span(value)))
    }

    /// `starts_with`, `ends_with`, `contains`.
    pub(crate) fn text_match(&mut self, question: TextMatch, text: NodeIndex, part: NodeIndex, span: Span) -> Outcome<'a> {
        let text_span = self.span(text);
        let text = self.take(text)?;
        let (part_value, _) = self.constant(part, "the part of a text that is looked for")?;
        let Value::Text(wanted) = &*part_value else {
            return Err(ExpressionErrorKind::WrongKind { found: part_value.kind(), expected: "a text in quotes" }.at(self.span(part)));
        };
        match text {
            Lowered::Constant { value, .. } => match &*value {
                Value::Text(text) => Ok(owned(Value::Boolean(question.holds(text, wanted)))),
                other => Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected: "a text" }.at(text_span)),
            },
            Lowered::Text { index, texts } => {
                let hits = texts.iter().enumerate().filter(|(_, known)| question.holds(known, wanted));
                let codes: Vec<f64> = hits.map(|(code, _)| code as f64).collect();
                if codes.is_empty() {
                    let suggestion = crate::diagnostic::suggestion(wanted, texts.iter().map(AsRef::as_ref));
                    let (column, text) = (self.name_of(index).to_owned(), wanted.clone());
                    self.unmatched.push(Unmatched { column, text, span: self.span(part), suggestion });
                }
                Ok(among(Operand::Variable(index), codes, span))
            }
            _ => Err(ExpressionErrorKind::WrongKind { found: "a number", expected: "a text" }.at(text_span)),
        }
    }
}

fn ascending(mut numbers: Vec<f64>) -> Vec<f64> {
    // -0 and 0 are one number.
    numbers.iter_mut().for_each(|number| *number += 0.0);
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    numbers
}

fn among<'a>(operand: Operand, codes: Vec<f64>, span: Span) -> Lowered<'a> {
    let mut fragment = lower::among(super::check::Part::Operand(operand), ascending(codes), span);
    fragment.boolean = true;
    Lowered::Code(fragment)
}

/// A word for what a lowered value is.
pub(crate) fn kind_of(lowered: &Lowered<'_>) -> &'static str {
    match lowered {
        Lowered::Constant { value, .. } => match value {
            Cow::Borrowed(value) => value.kind(),
            Cow::Owned(value) => value.kind(),
        },
        Lowered::Text { .. } => "a text",
        Lowered::Code(fragment) if fragment.boolean => "a truth value",
        Lowered::Variable { .. } | Lowered::Code(_) => "a number",
    }
}
