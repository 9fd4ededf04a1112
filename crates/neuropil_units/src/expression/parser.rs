//! Tokens → syntax, by precedence climbing.
//!
//! A word is a unit where it follows a number or another unit, with or without `*`, `/` and `^` between them, and a name everywhere else.
//! Behind a `*` or `/`, as in `1/s`, a name in scope goes before the unit; that is decided when the expression is evaluated.

use crate::{
    diagnostic::{Span, suggestion},
    dimension::Dimension,
    expression::{
        error::{ExpressionError, ExpressionErrorKind},
        functions::{FUNCTIONS, Function, function},
        host::HostFunction,
        lexer::{Token, TokenKind, tokens},
        syntax::{Binary, Node, NodeIndex, NodeKind},
    },
    unit::{CELSIUS_ZERO, COMMON, Unit, is_celsius, unit},
};

/// The deepest nesting that is read.
pub(crate) const DEEPEST: usize = 64;
/// The longest text that is read, bytes.
pub(crate) const LONGEST_TEXT: usize = 65_536;

const SIGN: u8 = 7;
const PRODUCT: u8 = 6;
const NOT: u8 = 3;
const WORDS: [&str; 4] = ["and", "or", "not", "in"];

/// The nodes of an expression; the last is the whole.
pub(crate) fn parse(text: &str, host: &[HostFunction]) -> Result<Vec<Node>, ExpressionError> {
    if text.len() > LONGEST_TEXT {
        let kind = ExpressionErrorKind::TextTooLong { found: text.len(), limit: LONGEST_TEXT };
        return Err(kind.at(Span { start: 0, end: text.len() }));
    }
    let mut parser = Parser { text, tokens: tokens(text)?, position: 0, nodes: Vec::new(), depth: 0, units_allowed: false, host };
    parser.expression(0)?;
    match parser.peek().kind {
        TokenKind::End => Ok(parser.nodes),
        _ => Err(parser.unexpected("an operator such as `+`, or the end")),
    }
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    position: usize,
    nodes: Vec<Node>,
    depth: usize,
    /// Whether a word may be a unit: behind `5 mV /`, and in parentheses there.
    units_allowed: bool,
    /// The functions of the caller's.
    host: &'t [HostFunction],
}

/// A parsed part.
#[derive(Clone, Copy)]
struct Part {
    node: NodeIndex,
    form: Form,
}

/// What a part looks like, which decides whether a word behind it is a unit.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    /// A number without unit.
    Number,
    /// A number with a unit, or a unit.
    Unit,
    Other,
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Token {
        self.peek_at(0)
    }

    fn peek_at(&self, offset: usize) -> Token {
        let end = Token { kind: TokenKind::End, span: Span { start: self.text.len(), end: self.text.len() } };
        self.tokens.get(self.position + offset).copied().unwrap_or(end)
    }

    fn advance(&mut self) -> Token {
        let token = self.peek();
        self.position += 1;
        token
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    fn is_symbol(&self, offset: usize, symbol: &str) -> bool {
        matches!(self.peek_at(offset).kind, TokenKind::Symbol(found) if found == symbol)
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(0, symbol);
        self.position += usize::from(found);
        found
    }

    fn need_symbol(&mut self, symbol: &str, expected: &'static str) -> Result<Span, ExpressionError> {
        if self.is_symbol(0, symbol) { Ok(self.advance().span) } else { Err(self.unexpected(expected)) }
    }

    /// The word at an offset, if it is one and no call.
    fn word_at(&self, offset: usize) -> Option<&'t str> {
        let token = self.peek_at(offset);
        let word = self.slice(token.span);
        (token.kind == TokenKind::Word && !self.is_symbol(offset + 1, "(") && !WORDS.contains(&word)).then_some(word)
    }

    fn unexpected(&self, expected: &'static str) -> ExpressionError {
        let token = self.peek();
        let found = match token.kind {
            TokenKind::End => "the end".to_owned(),
            _ => {
                let mut found: String = self.slice(token.span).chars().take(30).collect();
                if found.len() < self.slice(token.span).len() {
                    found.push('…');
                }
                format!("`{found}`")
            }
        };
        ExpressionErrorKind::Unexpected { found, expected }.at(token.span)
    }

    fn add(&mut self, kind: NodeKind, span: Span, form: Form) -> Part {
        self.nodes.push(Node { kind, span });
        Part { node: self.nodes.len() - 1, form }
    }

    fn span(&self, part: Part) -> Span {
        self.nodes.get(part.node).map(|node| node.span).unwrap_or_default()
    }

    /// An expression of operators that bind at least as tightly as `least`.
    fn expression(&mut self, least: u8) -> Result<Part, ExpressionError> {
        if self.depth >= DEEPEST {
            return Err(ExpressionErrorKind::TooDeep { limit: DEEPEST }.at(self.peek().span));
        }
        self.depth += 1;
        let mut left = self.prefix()?;
        loop {
            if let TokenKind::Superscript(power) = self.peek().kind {
                let span = self.advance().span;
                let form = left.form;
                let exponent = self.add(NodeKind::Quantity { value: f64::from(power), dimension: Dimension::NONE }, span, Form::Number);
                left = self.binary(Binary::Power, left, exponent, if form == Form::Unit { form } else { Form::Other });
            } else if self.is_symbol(0, "[") && left.form == Form::Other {
                left = self.element(left)?;
            } else if least <= PRODUCT && left.form == Form::Unit && self.word_at(0).is_some() {
                let right = self.unit_word()?;
                left = self.binary(Binary::Multiply, left, right, Form::Unit);
            } else if let Some(operation) = self.operation()
                && operation.precedence() >= least
            {
                left = self.operation_on(left, operation)?;
            } else {
                break;
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operation(&self) -> Option<Binary> {
        let token = self.peek();
        let written = match token.kind {
            TokenKind::Symbol(symbol) => symbol,
            TokenKind::Word => self.slice(token.span),
            _ => return None,
        };
        let operation = match written {
            "or" => Binary::Or,
            "and" => Binary::And,
            "==" => Binary::Equal,
            "!=" => Binary::Unequal,
            "<" => Binary::Less,
            "<=" => Binary::LessOrEqual,
            ">" => Binary::Greater,
            ">=" => Binary::GreaterOrEqual,
            "in" => Binary::In,
            "+" => Binary::Add,
            "-" => Binary::Subtract,
            "*" => Binary::Multiply,
            "/" => Binary::Divide,
            "^" => Binary::Power,
            _ => return None,
        };
        Some(operation)
    }

    fn operation_on(&mut self, left: Part, operation: Binary) -> Result<Part, ExpressionError> {
        self.advance();
        let unit_may_follow = match operation {
            Binary::Divide => left.form != Form::Other,
            Binary::Multiply => left.form == Form::Unit,
            _ => false,
        };
        let inner = unit_may_follow || (self.units_allowed && operation.precedence() == PRODUCT);
        let outer = std::mem::replace(&mut self.units_allowed, inner);
        // To the right stands what binds tighter; of powers, another power, as in 2^3^2.
        let right = self.expression(if operation == Binary::Power { SIGN } else { operation.precedence() + 1 })?;
        self.units_allowed = outer;
        if operation.is_comparison() && self.operation().is_some_and(Binary::is_comparison) {
            return Err(self.unexpected("`and`: comparisons do not chain, as in a < b and b < c"));
        }
        let form = match operation {
            Binary::Power if left.form == Form::Unit && right.form == Form::Number => Form::Unit,
            Binary::Multiply | Binary::Divide if left.form != Form::Other && right.form == Form::Unit => Form::Unit,
            _ => Form::Other,
        };
        Ok(self.binary(operation, left, right, form))
    }

    fn binary(&mut self, operation: Binary, left: Part, right: Part, form: Form) -> Part {
        let span = self.span(left).join(self.span(right));
        self.add(NodeKind::Binary(operation, left.node, right.node), span, form)
    }

    fn element(&mut self, list: Part) -> Result<Part, ExpressionError> {
        self.advance();
        let index = self.inner()?;
        let end = self.need_symbol("]", "`]`")?;
        let span = self.span(list).join(end);
        Ok(self.add(NodeKind::Element(list.node, index.node), span, Form::Other))
    }

    /// An expression within brackets, where a word is no unit.
    fn inner(&mut self) -> Result<Part, ExpressionError> {
        let outer = std::mem::replace(&mut self.units_allowed, false);
        let part = self.expression(0)?;
        self.units_allowed = outer;
        Ok(part)
    }

    fn prefix(&mut self) -> Result<Part, ExpressionError> {
        let token = self.peek();
        match token.kind {
            TokenKind::Number => self.quantity(""),
            TokenKind::Text => {
                self.advance();
                let text = self.slice(token.span).trim_matches('\'').to_owned();
                Ok(self.add(NodeKind::Text(text), token.span, Form::Other))
            }
            TokenKind::Word => self.word(),
            TokenKind::Symbol("-") => {
                self.advance();
                // The sign belongs to the number: -5 °C is 268.15 K.
                if self.peek().kind == TokenKind::Number && self.word_at(1).is_some_and(is_celsius) {
                    let mut part = self.quantity("-")?;
                    if let Some(node) = self.nodes.get_mut(part.node) {
                        node.span = node.span.join(token.span);
                    }
                    part.form = Form::Other;
                    return Ok(part);
                }
                let operand = self.expression(SIGN)?;
                let span = token.span.join(self.span(operand));
                Ok(self.add(NodeKind::Negate(operand.node), span, operand.form))
            }
            TokenKind::Symbol("+") => {
                self.advance();
                self.expression(SIGN)
            }
            TokenKind::Symbol("(") => {
                self.advance();
                let part = self.expression(0)?;
                let end = self.need_symbol(")", "`)` or an operator")?;
                let form = if self.units_allowed && part.form == Form::Unit { Form::Unit } else { Form::Other };
                // The parentheses belong to the part that messages show.
                if let Some(node) = self.nodes.get_mut(part.node) {
                    node.span = token.span.join(end);
                }
                Ok(Part { node: part.node, form })
            }
            TokenKind::Symbol("[") => {
                self.advance();
                let (elements, end) = self.list_until("]", "`,` or `]`")?;
                Ok(self.add(NodeKind::List(elements), token.span.join(end), Form::Other))
            }
            _ => Err(self.unexpected("a value, such as `5 mV` or a name")),
        }
    }

    /// Expressions with commas between them, up to a closing symbol; a comma may stand before it.
    fn list_until(&mut self, close: &str, expected: &'static str) -> Result<(Vec<NodeIndex>, Span), ExpressionError> {
        let mut elements = Vec::new();
        while !self.is_symbol(0, close) {
            elements.push(self.inner()?.node);
            if !self.take_symbol(",") {
                break;
            }
        }
        let end = self.need_symbol(close, expected)?;
        Ok((elements, end))
    }

    fn word(&mut self) -> Result<Part, ExpressionError> {
        let token = self.peek();
        let word = self.slice(token.span);
        if word == "not" {
            self.advance();
            let operand = self.expression(NOT + 1)?;
            let span = token.span.join(self.span(operand));
            return Ok(self.add(NodeKind::Not(operand.node), span, Form::Other));
        }
        if WORDS.contains(&word) {
            return Err(self.unexpected("a value, such as `5 mV` or a name"));
        }
        if self.is_symbol(1, "(") {
            return self.call(word, token.span);
        }
        self.advance();
        let kind = match (word, unit(word)) {
            ("true" | "false", _) => NodeKind::Boolean(word == "true"),
            (_, Some(unit)) if self.units_allowed => {
                let kind = NodeKind::NameOrUnit { name: word.to_owned(), value: unit.value(), dimension: unit.dimension };
                return Ok(self.add(kind, token.span, Form::Unit));
            }
            _ if self.units_allowed && is_celsius(word) => return Err(ExpressionErrorKind::CelsiusInProduct.at(token.span)),
            _ => NodeKind::Name(word.to_owned()),
        };
        Ok(self.add(kind, token.span, Form::Other))
    }

    fn call(&mut self, name: &str, span: Span) -> Result<Part, ExpressionError> {
        let (builtin, host) = (function(name), self.host.iter().find(|entry| entry.name == name));
        if builtin.is_none() && host.is_none() {
            let known = self.host.iter().map(|entry| entry.name).chain(FUNCTIONS.iter().map(|entry| entry.name));
            let suggestion = suggestion(name, known);
            return Err(ExpressionErrorKind::UnknownFunction { name: name.to_owned(), suggestion }.at(span));
        }
        self.advance();
        self.advance();
        let (arguments, end) = self.list_until(")", "`,` or `)`")?;
        let span = span.join(end);
        let fits = |(fewest, most): (usize, usize)| (fewest..=most).contains(&arguments.len());
        let signatures = host.map(|entry| (entry.arguments, entry.signature)).into_iter();
        let mut signatures = signatures.chain(builtin.map(|entry| (entry.arguments, entry.signature)));
        if !signatures.clone().any(|(counts, _)| fits(counts)) {
            let signature = signatures.next().map_or("", |(_, signature)| signature);
            return Err(ExpressionErrorKind::ArgumentCount { signature, found: arguments.len() }.at(span));
        }
        let builtin = builtin.filter(|entry| fits(entry.arguments)).map(|entry| entry.function);
        // pow(a, b) is a^b.
        let kind = match (host, builtin, arguments.as_slice()) {
            (Some(_), builtin, _) => NodeKind::Host { name: name.to_owned(), builtin, arguments },
            (None, Some(Function::Pow), &[base, exponent]) => NodeKind::Binary(Binary::Power, base, exponent),
            (None, Some(function), _) => NodeKind::Call(function, arguments),
            (None, None, _) => NodeKind::Host { name: name.to_owned(), builtin: None, arguments },
        };
        Ok(self.add(kind, span, Form::Other))
    }

    /// A unit without number, behind another unit.
    fn unit_word(&mut self) -> Result<Part, ExpressionError> {
        let token = self.peek();
        let mut dimension = Dimension::NONE;
        let (exponent, factor) = self.units(&mut dimension)?;
        let value = Unit { exponent, factor, dimension }.value();
        Ok(self.add(NodeKind::Quantity { value, dimension }, token.span.join(self.last_span()), Form::Unit))
    }

    fn last_span(&self) -> Span {
        self.position.checked_sub(1).and_then(|last| self.tokens.get(last)).map(|token| token.span).unwrap_or_default()
    }

    /// A number and the units directly behind it.
    fn quantity(&mut self, sign: &str) -> Result<Part, ExpressionError> {
        let token = self.advance();
        let written = self.slice(token.span).replace('_', "");
        let (digits, exponent) = match written.split_once(['e', 'E']) {
            // An exponent beyond i32 is beyond f64, and clamped to one that still is.
            Some((digits, exponent)) => {
                (digits, exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { -1_000_000 } else { 1_000_000 }))
            }
            None => (written.as_str(), 0),
        };
        if let Some(word) = self.word_at(0)
            && is_celsius(word)
        {
            let span = token.span.join(self.advance().span);
            if self.word_at(0).is_some() || ["*", "/", "^"].iter().any(|symbol| self.is_symbol(0, symbol)) && self.unit_follows() {
                return Err(ExpressionErrorKind::CelsiusInProduct.at(span));
            }
            let value = format!("{sign}{digits}e{exponent}").parse::<f64>().unwrap_or(f64::NAN) + CELSIUS_ZERO;
            return Ok(self.add(NodeKind::Quantity { value, dimension: Dimension::TEMPERATURE }, span, Form::Other));
        }
        let mut dimension = Dimension::NONE;
        let has_unit = self.word_at(0).is_some();
        let (shift, factor) = self.units(&mut dimension)?;
        // The power of ten joins the digits before they are read, so that 100 us is exactly 0.1 ms.
        let exponent = exponent.clamp(-1_000_000, 1_000_000) + i64::from(shift);
        let value = format!("{digits}e{exponent}").parse::<f64>().unwrap_or(f64::NAN) * factor;
        let form = if has_unit { Form::Unit } else { Form::Number };
        Ok(self.add(NodeKind::Quantity { value, dimension }, token.span.join(self.last_span()), form))
    }

    fn unit_follows(&self) -> bool {
        self.is_symbol(0, "^") || self.word_at(1).is_some_and(|word| unit(word).is_some())
    }

    /// Units side by side, each with a power; gives the power of ten and the factor of their product.
    fn units(&mut self, dimension: &mut Dimension) -> Result<(i32, f64), ExpressionError> {
        let (mut exponent, mut factor) = (0_i32, 1.0);
        while let Some(word) = self.word_at(0) {
            let span = self.peek().span;
            if is_celsius(word) {
                return Err(ExpressionErrorKind::CelsiusInProduct.at(span));
            }
            let Some(unit) = unit(word) else {
                let suggestion = suggestion(word, COMMON);
                return Err(ExpressionErrorKind::UnknownUnit { name: word.to_owned(), suggestion }.at(span));
            };
            self.advance();
            let power = self.unit_power()?;
            let span = span.join(self.last_span());
            let power_of_ten = f64::from(unit.exponent) * power;
            let powered = unit.dimension.power(power).and_then(|powered| dimension.multiply(powered).moderate());
            let (Some(powered), true) = (powered, power_of_ten.fract() == 0.0) else {
                return Err(ExpressionErrorKind::ImpossibleDimension.at(span));
            };
            *dimension = powered;
            // At most 18 times 40, as the dimension's exponent is within ±20.
            exponent = exponent.saturating_add(power_of_ten as i32);
            factor *= unit.factor.powf(power);
        }
        Ok((exponent, factor))
    }

    /// The power behind a unit, 1 if there is none.
    fn unit_power(&mut self) -> Result<f64, ExpressionError> {
        if let TokenKind::Superscript(power) = self.peek().kind {
            self.advance();
            return Ok(f64::from(power));
        }
        if !self.take_symbol("^") {
            return Ok(1.0);
        }
        let sign = if self.take_symbol("-") { -1.0 } else { 1.0 };
        match self.peek().kind {
            TokenKind::Number => {
                let span = self.advance().span;
                Ok(sign * self.slice(span).replace('_', "").parse::<f64>().unwrap_or(f64::NAN))
            }
            _ => Err(self.unexpected("a number: the power of a unit")),
        }
    }
}
