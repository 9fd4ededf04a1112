//! Syntax → value or program: names, kinds and dimensions are settled here, and everything that is constant is computed.
//!
//! The nodes are taken in their order, children first, without recursion. An error of a value, such as a division by zero, is kept with the
//! node and counts only if the node does: `if(n > 0, 1/n, 0)` is well for n = 0. An error of the text, such as an unknown name, counts always.

use std::borrow::Cow;

use crate::{
    diagnostic::{Span, suggestion},
    dimension::Dimension,
    expression::{
        arithmetic::{self, Budget, Measure, binary_dimension, common, unary_dimension, without_unit},
        error::{ExpressionError, ExpressionErrorKind},
        functions::{Distribution, FUNCTIONS, Function, Unary, constant},
        host::Host,
        lower,
        program::{Fragment, Operand},
        syntax::{Binary, Node, NodeIndex, NodeKind},
        texts::{Known, KnownKind, Texts, Unmatched},
        value::{Scope, Value},
    },
    unit::unit,
};

/// What a node became.
pub(crate) enum Lowered<'a> {
    Constant {
        value: Cow<'a, Value>,
        /// A literal 0 without unit, which fits any dimension.
        bare_zero: bool,
    },
    Variable {
        index: usize,
        dimension: Dimension,
    },
    /// A column of texts: each row has the code of its text.
    Text {
        index: usize,
        texts: Texts<'a>,
    },
    Code(Fragment),
}

/// A number that is ready to be an operand.
pub(crate) enum Part {
    Operand(Operand),
    Code(Fragment),
}

pub(crate) type Outcome<'a> = Result<Lowered<'a>, ExpressionError>;

pub(crate) struct Checker<'a> {
    nodes: &'a [Node],
    scope: &'a Scope,
    pub(crate) variables: &'a [Known<'a>],
    /// Whether distributions may be used.
    random_allowed: bool,
    /// Who answers the functions that the language does not have.
    host: Option<&'a dyn Host>,
    pub(crate) unmatched: Vec<Unmatched>,
    pub(crate) budget: Budget,
    slots: Vec<Option<Outcome<'a>>>,
}

impl<'a> Checker<'a> {
    pub fn new(nodes: &'a [Node], scope: &'a Scope, variables: &'a [Known<'a>], random_allowed: bool) -> Self {
        let slots = Vec::with_capacity(nodes.len());
        Self { nodes, scope, variables, random_allowed, host: None, unmatched: Vec::new(), budget: Budget::new(), slots }
    }

    /// The same with functions of the caller's.
    pub fn with_host(self, host: &'a dyn Host) -> Self {
        Self { host: Some(host), ..self }
    }

    /// What the whole expression became, and the texts in it that no row of their column has.
    pub fn check_noting(mut self) -> Result<(Lowered<'a>, Vec<Unmatched>), ExpressionError> {
        let lowered = self.run()?;
        Ok((lowered, self.unmatched))
    }

    /// What the whole expression became.
    pub fn check(mut self) -> Outcome<'a> {
        self.run()
    }

    fn run(&mut self) -> Outcome<'a> {
        for node in self.nodes {
            let outcome = self.node(node);
            if let Err(error) = &outcome
                && !may_be_unused(&error.kind)
            {
                return outcome;
            }
            self.slots.push(Some(outcome));
        }
        self.take(self.nodes.len().saturating_sub(1))
    }

    pub(crate) fn take(&mut self, index: NodeIndex) -> Outcome<'a> {
        let missing = || ExpressionErrorKind::Unexpected { found: "nothing".to_owned(), expected: "a value" }.at(Span::default());
        self.slots.get_mut(index).and_then(Option::take).ok_or_else(missing)?
    }

    pub(crate) fn span(&self, index: NodeIndex) -> Span {
        self.nodes.get(index).map(|node| node.span).unwrap_or_default()
    }

    fn node(&mut self, node: &'a Node) -> Outcome<'a> {
        let span = node.span;
        match &node.kind {
            &NodeKind::Quantity { value, dimension } => {
                if !value.is_finite() {
                    return Err(ExpressionErrorKind::NumberTooLarge.at(span));
                }
                let bare_zero = value == 0.0 && dimension == Dimension::NONE;
                Ok(Lowered::Constant { value: Cow::Owned(Value::Number { value, dimension }), bare_zero })
            }
            NodeKind::Boolean(value) => Ok(owned(Value::Boolean(*value))),
            NodeKind::Text(text) => Ok(owned(Value::Text(text.clone()))),
            NodeKind::Name(name) => self.known(name).ok_or_else(|| self.unknown(name).at(span)),
            NodeKind::NameOrUnit { name, value, dimension } => {
                Ok(self.known(name).unwrap_or_else(|| owned(Value::Number { value: *value, dimension: *dimension })))
            }
            &NodeKind::Negate(operand) => self.unary(Unary::Negate, operand, span),
            &NodeKind::Not(operand) => {
                let value = self.take(operand)?;
                lower::not(value, span).map_err(|kind| kind.at(self.span(operand)))
            }
            &NodeKind::Binary(operation, left, right) => {
                let (left, right) = ((self.take(left), self.span(left)), (self.take(right), self.span(right)));
                self.binary(operation, left, right, span)
            }
            NodeKind::Call(function, arguments) => self.call(*function, arguments, span),
            NodeKind::Host { name, builtin, arguments } => self.host_call(name, *builtin, arguments, span),
            NodeKind::List(elements) => self.list(elements, span),
            &NodeKind::Element(list, index) => self.element(list, index, span),
        }
    }

    /// The value of a name: a variable, a name in scope, or a constant.
    fn known(&self, name: &str) -> Option<Lowered<'a>> {
        if let Some(index) = self.variables.iter().position(|variable| variable.name == name) {
            return self.variables.get(index).map(|variable| match variable.kind {
                KnownKind::Number(dimension) => Lowered::Variable { index, dimension },
                KnownKind::Text(texts) => Lowered::Text { index, texts },
            });
        }
        let in_scope = self.scope.get(name).map(|value| Lowered::Constant { value: Cow::Borrowed(value), bare_zero: false });
        in_scope.or_else(|| constant(name).map(|value| owned(Value::number(value))))
    }

    fn unknown(&self, name: &str) -> ExpressionErrorKind {
        let is_text = |variable: &Known<'_>| matches!(variable.kind, KnownKind::Text(texts) if texts.iter().any(|text| **text == *name));
        let suggestion = if self.variables.iter().any(is_text) {
            format!("; a text stands in quotes: `'{name}'`")
        } else if unit(name).is_some() {
            format!("; a unit stands behind a number, as in `1 {name}`")
        } else if let Some(entry) = FUNCTIONS.iter().find(|entry| entry.name == name) {
            format!("; the function is used as `{}`", entry.signature)
        } else {
            let variables = self.variables.iter().map(|variable| variable.name);
            suggestion(name, self.scope.names().chain(variables).chain(["pi", "e"]))
        };
        ExpressionErrorKind::UnknownName { name: name.to_owned(), suggestion }
    }

    fn unary(&mut self, function: Unary, operand: NodeIndex, span: Span) -> Outcome<'a> {
        let operand_span = self.span(operand);
        match self.take(operand)? {
            Lowered::Constant { value, bare_zero } => {
                let value = arithmetic::unary(function, &value, &mut self.budget).map_err(|kind| kind.at(operand_span))?;
                Ok(Lowered::Constant { value: Cow::Owned(value), bare_zero: bare_zero && function == Unary::Negate })
            }
            other => {
                let (part, measure) = number(other).map_err(|kind| kind.at(operand_span))?;
                let dimension = unary_dimension(function, measure.dimension).map_err(|kind| kind.at(operand_span))?;
                Ok(Lowered::Code(lower::unary(function, part, dimension, span)))
            }
        }
    }

    fn binary(&mut self, operation: Binary, left: (Outcome<'a>, Span), right: (Outcome<'a>, Span), span: Span) -> Outcome<'a> {
        let left_value = left.0?;
        if matches!(operation, Binary::And | Binary::Or) {
            return lower::logic(operation, left_value, right.0, span);
        }
        let right_value = right.0?;
        if operation == Binary::In {
            return self.membership((left_value, left.1), (right_value, right.1), span);
        }
        if matches!(left_value, Lowered::Text { .. }) || matches!(right_value, Lowered::Text { .. }) {
            return self.compare_texts(operation, (left_value, left.1), (right_value, right.1), span);
        }
        if let (Lowered::Constant { value: a, bare_zero: a_zero }, Lowered::Constant { value: b, bare_zero: b_zero }) =
            (&left_value, &right_value)
        {
            let value = arithmetic::binary(operation, (a, *a_zero), (b, *b_zero), &mut self.budget);
            return value.map(owned).map_err(|kind| binary_error(kind, right.1, span));
        }
        let exponent = match &right_value {
            Lowered::Constant { value, .. } => as_number(value),
            _ => None,
        };
        let (left_part, left_measure) = number(left_value).map_err(|kind| kind.at(left.1))?;
        let (right_part, right_measure) = number(right_value).map_err(|kind| kind.at(right.1))?;
        if operation == Binary::Divide && exponent == Some(0.0) {
            return Err(ExpressionErrorKind::DivisionByZero.at(right.1));
        }
        let dimension =
            binary_dimension(operation, left_measure, right_measure, exponent).map_err(|kind| binary_error(kind, right.1, span))?;
        Ok(Lowered::Code(lower::binary(operation, left_part, right_part, dimension, span)))
    }

    fn call(&mut self, function: Function, arguments: &[NodeIndex], span: Span) -> Outcome<'a> {
        match (function, arguments) {
            (Function::Unary(function), &[operand]) => self.unary(function, operand, span),
            (Function::If, &[condition, then, otherwise]) => self.choice(condition, then, otherwise, span),
            (Function::Clip, &[value, low, high]) => self.clip(value, low, high, span),
            (Function::Redraw, &[value, low, high]) => self.redraw(value, low, high, span),
            (Function::Distribution(distribution), _) => self.distribution(distribution, arguments, span),
            (Function::Min | Function::Max, &[list]) => self.reduce(function, if function == Function::Min { "min" } else { "max" }, list),
            (Function::Min | Function::Max, &[first, ref rest @ ..]) => {
                let operation = if function == Function::Min { Binary::Min } else { Binary::Max };
                let mut total = self.take(first);
                for &argument in rest {
                    let argument = (self.take(argument), self.span(argument));
                    total = self.binary(operation, (total, self.span(first)), argument, span);
                }
                total
            }
            (Function::Sum, &[list]) => self.reduce(function, "sum", list),
            (Function::Mean, &[list]) => self.reduce(function, "mean", list),
            (Function::Length, &[list]) => {
                let value = self.constant(list, "the argument of length")?;
                match &*value.0 {
                    Value::List(values) => Ok(owned(Value::number(values.len() as f64))),
                    other => Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected: "a list" }.at(self.span(list))),
                }
            }
            (Function::Position, &[list, value]) => self.position(list, value, span),
            (Function::Linspace, &[first, last, count]) => {
                let first = self.constant_number(first)?;
                let last = self.constant_number(last)?;
                let count = self.count(count)?;
                arithmetic::linspace(first, last, count, &mut self.budget).map(owned).map_err(|kind| kind.at(span))
            }
            (Function::Range, &[count]) => {
                let count = self.count(count)?;
                arithmetic::range(count, &mut self.budget).map(owned).map_err(|kind| kind.at(span))
            }
            (Function::TextMatch(question), &[text, part]) => self.text_match(question, text, part, span),
            // The parser has counted the arguments.
            _ => Err(ExpressionErrorKind::ArgumentCount { signature: "function", found: arguments.len() }.at(span)),
        }
    }

    /// A function of the caller's; one that is also the language's own is meant where the first argument is a text.
    fn host_call(&mut self, name: &str, builtin: Option<Function>, arguments: &[NodeIndex], span: Span) -> Outcome<'a> {
        let is_text =
            |slot: &Option<Outcome<'a>>| matches!(slot, Some(Ok(Lowered::Constant { value, .. })) if matches!(**value, Value::Text(_)));
        let names_something = arguments.first().and_then(|first| self.slots.get(*first)).is_some_and(is_text);
        if let Some(function) = builtin
            && !names_something
        {
            return self.call(function, arguments, span);
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.constant(*argument, "an argument")?.0.into_owned());
        }
        let answer = match self.host {
            Some(host) => host.call(name, &values),
            None => Err(format!("`{name}` has no meaning here")),
        };
        answer.map(owned).map_err(|message| ExpressionErrorKind::Host { message }.at(span))
    }

    /// A constant, and whether it is a literal 0.
    pub(crate) fn constant(&mut self, index: NodeIndex, what: &'static str) -> Result<(Cow<'a, Value>, bool), ExpressionError> {
        match self.take(index)? {
            Lowered::Constant { value, bare_zero } => Ok((value, bare_zero)),
            _ => Err(ExpressionErrorKind::NotConstant { what }.at(self.span(index))),
        }
    }

    fn constant_number(&mut self, index: NodeIndex) -> Result<(f64, Measure), ExpressionError> {
        let (value, bare_zero) = self.constant(index, "the argument of linspace")?;
        match *value {
            Value::Number { value, dimension } => Ok((value, Measure { dimension, bare_zero })),
            ref other => Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected: "a number" }.at(self.span(index))),
        }
    }

    fn count(&mut self, index: NodeIndex) -> Result<usize, ExpressionError> {
        let (count, _) = self.constant(index, "the number of elements")?;
        arithmetic::whole(&count).map_err(|kind| kind.at(self.span(index)))
    }

    fn reduce(&mut self, function: Function, name: &'static str, list: NodeIndex) -> Outcome<'a> {
        let (values, _) = self.constant(list, "a list")?;
        arithmetic::reduce(function, name, &values, &mut self.budget).map(owned).map_err(|kind| kind.at(self.span(list)))
    }

    fn list(&mut self, elements: &[NodeIndex], span: Span) -> Outcome<'a> {
        let mut values = Vec::with_capacity(elements.len());
        let mut zeros = Vec::new();
        let mut unit = None;
        for (position, &element) in elements.iter().enumerate() {
            let (value, bare_zero) = self.constant(element, "an element of a list")?;
            if let Value::Number { dimension, .. } = *value
                && !bare_zero
            {
                unit = Some(dimension);
            }
            if bare_zero {
                zeros.push(position);
            }
            self.budget.spend(value.size()).map_err(|kind| kind.at(span))?;
            values.push(value.into_owned());
        }
        // [0, 1 mV] is a list of potentials.
        for position in zeros {
            if let (Some(unit), Some(Value::Number { dimension, .. })) = (unit, values.get_mut(position)) {
                *dimension = unit;
            }
        }
        Value::list(values).map(owned).map_err(|kind| kind.at(span))
    }

    fn element(&mut self, list: NodeIndex, index: NodeIndex, span: Span) -> Outcome<'a> {
        let (values, _) = self.constant(list, "a list")?;
        let (position, _) = self.constant(index, "an index")?;
        if let (Some(_), Value::Text(name)) = (self.host, &*values) {
            return Ok(owned(Value::Text(format!("{name}[{}]", *position))));
        }
        let value = match values {
            Cow::Borrowed(values) => arithmetic::element(values, &position).map(Cow::Borrowed),
            Cow::Owned(values) => arithmetic::element(&values, &position).cloned().map(Cow::Owned),
        };
        let place = |kind: &ExpressionErrorKind| match kind {
            ExpressionErrorKind::WrongKind { expected: "a list before `[`", .. } => self.span(list),
            ExpressionErrorKind::ListTooLong { .. } => span,
            _ => self.span(index),
        };
        match value {
            Ok(value) => Ok(Lowered::Constant { value, bare_zero: false }),
            Err(kind) => Err(ExpressionError { span: place(&kind), kind }),
        }
    }

    fn choice(&mut self, condition: NodeIndex, then: NodeIndex, otherwise: NodeIndex, span: Span) -> Outcome<'a> {
        let condition_span = self.span(condition);
        let condition = self.take(condition);
        let (then_value, otherwise_value) = (self.take(then), self.take(otherwise));
        match condition? {
            Lowered::Constant { value, .. } => match *value {
                Value::Boolean(condition) => {
                    let (chosen, other) = if condition { (then_value, otherwise_value) } else { (otherwise_value, then_value) };
                    lower::same_dimension(chosen?, other.as_ref().ok()).map_err(|kind| kind.at(span))
                }
                ref other => {
                    let expected = "a truth value, such as `a > b`";
                    Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected }.at(condition_span))
                }
            },
            Lowered::Code(condition) if condition.boolean => {
                let (then_part, then_measure) = number(then_value?).map_err(|kind| kind.at(self.span(then)))?;
                let (otherwise_part, otherwise_measure) = number(otherwise_value?).map_err(|kind| kind.at(self.span(otherwise)))?;
                let dimension = common("if", then_measure, otherwise_measure).map_err(|kind| kind.at(span))?;
                Ok(Lowered::Code(lower::choice(condition, then_part, otherwise_part, dimension, span)))
            }
            _ => Err(ExpressionErrorKind::WrongKind { found: "a number", expected: "a truth value, such as `a > b`" }.at(condition_span)),
        }
    }

    fn clip(&mut self, value: NodeIndex, low: NodeIndex, high: NodeIndex, span: Span) -> Outcome<'a> {
        let spans = [value, low, high].map(|index| self.span(index));
        let [value, low, high] = [self.take(value)?, self.take(low)?, self.take(high)?];
        if let (
            Lowered::Constant { value: a, bare_zero: a_zero },
            Lowered::Constant { value: b, bare_zero: b_zero },
            Lowered::Constant { value: c, bare_zero: c_zero },
        ) = (&value, &low, &high)
        {
            return lower::clip_constant((a, *a_zero), (b, *b_zero), (c, *c_zero), &mut self.budget)
                .map(owned)
                .map_err(|kind| kind.at(span));
        }
        let (parts, dimension) = bounded("clip", [value, low, high], spans, span)?;
        Ok(Lowered::Code(lower::clip(parts, dimension, span)))
    }

    fn redraw(&mut self, value: NodeIndex, low: NodeIndex, high: NodeIndex, span: Span) -> Outcome<'a> {
        let spans = [value, low, high].map(|index| self.span(index));
        let values = [self.take(value)?, self.take(low)?, self.take(high)?];
        if !matches!(&values[0], Lowered::Code(fragment) if fragment.random) {
            return Err(ExpressionErrorKind::NothingToRedraw.at(span));
        }
        let (parts, dimension) = bounded("redraw", values, spans, span)?;
        lower::redraw(parts, dimension, span).map(Lowered::Code).map_err(|kind| kind.at(span))
    }

    fn distribution(&mut self, distribution: Distribution, arguments: &[NodeIndex], span: Span) -> Outcome<'a> {
        let mut parts = Vec::with_capacity(arguments.len());
        let mut measure: Option<Measure> = None;
        for (&argument, has_dimension) in arguments.iter().zip(distribution.has_dimension()) {
            let argument_span = self.span(argument);
            let (part, found) = number(self.take(argument)?).map_err(|kind| kind.at(argument_span))?;
            if has_dimension {
                let dimension = common(distribution.name(), measure.unwrap_or(found), found).map_err(|kind| kind.at(span))?;
                measure = Some(Measure { dimension, bare_zero: measure.unwrap_or(found).bare_zero && found.bare_zero });
            } else {
                without_unit(found.dimension).map_err(|kind| kind.at(argument_span))?;
            }
            parts.push(part);
        }
        if !self.random_allowed {
            return Err(ExpressionErrorKind::RandomNotAllowed { function: distribution.name() }.at(span));
        }
        let dimension = measure.map_or(Dimension::NONE, |measure| measure.dimension);
        lower::distribution(distribution, parts, dimension, span).map(Lowered::Code).map_err(|kind| kind.at(span))
    }
}

/// Whether the error is one of a value, which does not matter where the value is not used.
fn may_be_unused(kind: &ExpressionErrorKind) -> bool {
    matches!(
        kind,
        ExpressionErrorKind::DivisionByZero
            | ExpressionErrorKind::NotFinite { .. }
            | ExpressionErrorKind::IndexOutOfRange { .. }
            | ExpressionErrorKind::BadArgument { .. }
            | ExpressionErrorKind::NotWhole { .. }
            | ExpressionErrorKind::UnequalLengths { .. }
            | ExpressionErrorKind::RandomNotAllowed { .. }
    )
}

/// The error of an operation: a divisor or an exponent is wrong by itself, all else is wrong together.
fn binary_error(kind: ExpressionErrorKind, right: Span, whole: Span) -> ExpressionError {
    let span = match kind {
        ExpressionErrorKind::DivisionByZero | ExpressionErrorKind::WrongDimension { .. } => right,
        _ => whole,
    };
    kind.at(span)
}

pub(crate) fn owned<'a>(value: Value) -> Lowered<'a> {
    Lowered::Constant { value: Cow::Owned(value), bare_zero: false }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number { value, .. } => Some(*value),
        _ => None,
    }
}

/// A value with its bounds, all of one dimension.
fn bounded(
    function: &'static str,
    values: [Lowered<'_>; 3],
    spans: [Span; 3],
    span: Span,
) -> Result<([Part; 3], Dimension), ExpressionError> {
    let [value, low, high] = values;
    let (value, value_measure) = number(value).map_err(|kind| kind.at(spans[0]))?;
    let (low, low_measure) = number(low).map_err(|kind| kind.at(spans[1]))?;
    let (high, high_measure) = number(high).map_err(|kind| kind.at(spans[2]))?;
    let first = common(function, value_measure, low_measure).map_err(|kind| kind.at(span))?;
    let bare_zero = value_measure.bare_zero && low_measure.bare_zero;
    let dimension = common(function, Measure { dimension: first, bare_zero }, high_measure).map_err(|kind| kind.at(span))?;
    Ok(([value, low, high], dimension))
}

/// One number, constant or not.
pub(crate) fn number(lowered: Lowered<'_>) -> Result<(Part, Measure), ExpressionErrorKind> {
    match lowered {
        Lowered::Constant { value, bare_zero } => match *value {
            Value::Number { value, dimension } => Ok((Part::Operand(Operand::Constant(value)), Measure { dimension, bare_zero })),
            ref other => Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected: "one number" }),
        },
        Lowered::Variable { index, dimension } => Ok((Part::Operand(Operand::Variable(index)), Measure { dimension, bare_zero: false })),
        Lowered::Text { .. } => Err(ExpressionErrorKind::WrongKind { found: "a text", expected: "one number" }),
        Lowered::Code(fragment) if fragment.boolean => {
            Err(ExpressionErrorKind::WrongKind { found: "a truth value", expected: "one number" })
        }
        Lowered::Code(fragment) => {
            let measure = Measure { dimension: fragment.dimension, bare_zero: false };
            Ok((Part::Code(fragment), measure))
        }
    }
}
