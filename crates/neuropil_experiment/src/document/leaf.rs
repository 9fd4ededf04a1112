//! Numbers, quantities, truth values and lists of them: what stands at the end of every path.
//!
//! A leaf is written as a number, a text that holds an expression, or a list of leaves. Errors of an expression are shown at
//! the part of the text that is wrong.

use std::sync::Arc;

use neuropil_units::{Dimension, Expression, ExpressionError, HostFunction, Program, Scope, Span, Value, Variable};

use crate::{
    document::{
        node::{Node, Shape},
        reader::Reader,
    },
    error::ExperimentError,
    source::{Place, SourceText},
};

/// How far an integer may be from a whole number, relative: `0.1 * 3 * 10` is 3.
const INTEGER_TOLERANCE: f64 = 1e-9;
/// The largest magnitude of a value: the engine computes in single precision.
pub(crate) const LARGEST: f64 = 1e30;

/// Lists inside one another that a parameter may have.
const DEEPEST_LIST: usize = 4;
/// Elements that one list of a parameter may have.
const LONGEST_LIST: usize = 1_000_000;

/// An expression that remembers where it is written.
pub(crate) struct Written {
    expression: Expression,
    source: Arc<SourceText>,
    /// Where the expression's own text begins; `None` if escapes make its positions unusable.
    content: Option<usize>,
    whole: Span,
}

impl Written {
    /// The syntax with its names.
    pub fn expression(&self) -> &Expression {
        &self.expression
    }

    /// The place of a range of the expression.
    pub fn place(&self, within: Span) -> Place {
        let span = match self.content {
            Some(start) if within.end > within.start => Span { start: start + within.start, end: start + within.end },
            _ => self.whole,
        };
        self.source.place(span)
    }

    /// The place of the whole value.
    pub fn whole(&self) -> Place {
        self.source.place(self.whole)
    }

    /// The error of an expression at its place.
    pub fn error(&self, context: &str, error: ExpressionError) -> ExperimentError {
        ExperimentError::Expression { at: self.place(error.span), context: context.to_owned(), kind: error.kind }
    }
}

impl<'t> Reader<'t> {
    /// Parses a number or a text as an expression; a list or anything else is an error that names `expected`.
    ///
    /// An expression with a parameter that has no value gives `None` without another error.
    pub fn expression(&mut self, node: Node<'t>, context: &str, expected: &str) -> Option<Written> {
        self.expression_with(node, context, expected, &[])
    }

    /// The same where the functions of a host may be called.
    pub fn expression_with(&mut self, node: Node<'t>, context: &str, expected: &str, functions: &[HostFunction]) -> Option<Written> {
        let written = self.parsed(node, context, expected, functions)?;
        let fails = written.expression.names().any(|(name, _)| self.has_failed(name));
        if fails { None } else { Some(written) }
    }

    fn parsed(&mut self, node: Node<'t>, context: &str, expected: &str, functions: &[HostFunction]) -> Option<Written> {
        let written = |expression, content| Written { expression, source: Arc::clone(node.source()), content, whole: node.span() };
        let is_flag = node.source().is_flag();
        match node.shape() {
            Shape::Number if !is_flag => {
                let number = self.accept(node.number())?;
                if !number.is_finite() {
                    self.report(ExperimentError::OutOfRange {
                        at: node.place(),
                        what: context.to_owned(),
                        found: node.text().to_owned(),
                        expected: "a finite number is needed".to_owned(),
                    });
                    return None;
                }
                Some(written(Expression::number(number), None))
            }
            Shape::Text => {
                let text = self.accept(node.string())?;
                let content = match &text {
                    std::borrow::Cow::Borrowed(text) => Some(node.source().span_of(text).start),
                    std::borrow::Cow::Owned(_) => None,
                };
                match Expression::parse_with(&text, functions) {
                    Ok(expression) => Some(written(expression, content)),
                    Err(error) => {
                        self.report(written(Expression::number(0.0), content).error(context, error));
                        None
                    }
                }
            }
            Shape::Bare | Shape::Number | Shape::Structure | Shape::Boolean | Shape::List if is_flag => {
                let content = Some(node.span().start);
                match Expression::parse_with(node.text(), functions) {
                    Ok(expression) => Some(written(expression, content)),
                    Err(error) => {
                        self.report(written(Expression::number(0.0), content).error(context, error));
                        None
                    }
                }
            }
            _ => {
                self.report(node.wrong_form(expected));
                None
            }
        }
    }

    /// A value of any kind, as parameters have them: number, quantity, text, list, truth value.
    ///
    /// A text that is one word and no parameter is that word.
    pub fn value(&mut self, node: Node<'t>, scope: &Scope, context: &str) -> Option<Value> {
        self.value_within(node, scope, context, DEEPEST_LIST)
    }

    fn value_within(&mut self, node: Node<'t>, scope: &Scope, context: &str, levels: usize) -> Option<Value> {
        match node.shape() {
            Shape::Boolean => Some(Value::Boolean(node.text() == "true")),
            Shape::List if !node.source().is_flag() => {
                // Each level is one more look at the text, so that levels without end would be time without end.
                let Some(below) = levels.checked_sub(1) else {
                    self.report(node.wrong_form(format!("at most {DEEPEST_LIST} lists inside one another")));
                    return None;
                };
                let elements = self.accept(node.list())?;
                if elements.len() > LONGEST_LIST {
                    self.report(ExperimentError::WrongLength {
                        at: node.head(),
                        what: context.to_owned(),
                        found: format!("{} elements", elements.len()),
                        expected: format!("at most {LONGEST_LIST}"),
                    });
                    return None;
                }
                let mut values = Vec::with_capacity(elements.len());
                for (index, element) in elements.into_iter().enumerate() {
                    values.push(self.value_within(element, scope, &format!("{context}[{index}]"), below)?);
                }
                Some(Value::List(values))
            }
            Shape::Text | Shape::Bare | Shape::Structure if self.is_word(node, scope) => {
                let word = self.accept(node.string_or_word())?;
                Some(Value::Text(word))
            }
            _ => {
                let written = self.expression(node, context, "a number, a quantity such as \"1 mV\", a text, a list or a truth value")?;
                match written.expression.evaluate(scope) {
                    Ok(value) => Some(value),
                    Err(error) => {
                        self.report(written.error(context, error));
                        None
                    }
                }
            }
        }
    }

    /// Whether a text is one word that names no parameter.
    fn is_word(&self, node: Node<'t>, scope: &Scope) -> bool {
        let Ok(text) = node.string_or_word() else { return false };
        let is_word = text.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && text.chars().all(|character| character.is_alphanumeric() || character == '_');
        // Constants such as `pi` are words that evaluate, and stay numbers.
        is_word && scope.get(&text).is_none() && Expression::parse(&text).is_ok_and(|word| word.evaluate(scope).is_err())
    }

    /// A quantity of one dimension, in coherent units.
    pub fn quantity(&mut self, node: Node<'t>, scope: &Scope, dimension: Dimension, context: &str) -> Option<f64> {
        let written = self.expression(node, context, &format!("{} as a text or a number", dimension.describe()))?;
        match written.expression.quantity(scope, dimension) {
            Ok(value) if value.abs() <= LARGEST => Some(value),
            Ok(value) => {
                self.report(too_large(written.whole(), context, value));
                None
            }
            Err(error) => {
                self.report(written.error(context, error));
                None
            }
        }
    }

    /// A quantity that may be random or depend on variables.
    pub fn program(
        &mut self,
        node: Node<'t>,
        scope: &Scope,
        variables: &[Variable],
        dimension: Dimension,
        context: &str,
    ) -> Option<(Program, Written)> {
        let written = self.expression(node, context, &format!("{} as a text or a number", dimension.describe()))?;
        match written.expression.compile(scope, variables, dimension) {
            Ok(program) => match program.as_constant() {
                Some(value) if value.abs() > LARGEST || value.is_nan() => {
                    self.report(too_large(written.whole(), context, value));
                    None
                }
                _ => Some((program, written)),
            },
            Err(error) => {
                self.report(written.error(context, error));
                None
            }
        }
    }

    /// A whole number within bounds.
    pub fn integer(&mut self, node: Node<'t>, scope: &Scope, bounds: (u64, u64), context: &str) -> Option<u64> {
        // A plain integer is read as such, so that 64-bit seeds keep every digit.
        if let Ok(exact) = node.text().replace('_', "").parse::<u64>()
            && (bounds.0..=bounds.1).contains(&exact)
        {
            return Some(exact);
        }
        let value = self.quantity(node, scope, Dimension::NONE, context)?;
        let whole = value.round();
        if (value - whole).abs() > INTEGER_TOLERANCE * value.abs().max(1.0) {
            self.report(ExperimentError::OutOfRange {
                at: node.place(),
                what: context.to_owned(),
                found: format!("{value}"),
                expected: "a whole number is needed; round(…) makes one".to_owned(),
            });
            return None;
        }
        if whole < bounds.0 as f64 || whole > bounds.1 as f64 {
            let expected = match bounds {
                // Past what f64 counts exactly, the upper bound says nothing.
                (least, most) if whole < least as f64 && most >= 1 << 53 => format!("at least {least} is needed"),
                (least, most) => format!("{least} to {most} is possible"),
            };
            self.report(ExperimentError::OutOfRange { at: node.place(), what: context.to_owned(), found: format!("{whole}"), expected });
            return None;
        }
        Some(whole as u64)
    }

    /// A truth value.
    pub fn boolean(&mut self, node: Node<'t>, scope: &Scope, context: &str) -> Option<bool> {
        match self.value(node, scope, context)? {
            Value::Boolean(value) => Some(value),
            _ => {
                self.report(node.wrong_form(format!("`true` or `false` for {context}")));
                None
            }
        }
    }
}

impl<'t> Node<'t> {
    /// The content of a text, or the word itself.
    pub fn string_or_word(&self) -> Result<String, ExperimentError> {
        match self.shape() {
            Shape::Text => self.string().map(|text| text.into_owned()),
            _ => Ok(self.text().to_owned()),
        }
    }
}

fn too_large(at: Place, context: &str, value: f64) -> ExperimentError {
    ExperimentError::OutOfRange {
        at,
        what: context.to_owned(),
        found: format!("{value:e}"),
        expected: format!("at most {LARGEST:e} can be computed with"),
    }
}
