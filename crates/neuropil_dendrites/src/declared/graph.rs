//! What a declared channel computes in a step, as a graph of numbers: equal ones are one, constants are folded.
//!
//! Formulas become fractions over one denominator, so that a gate needs one division however many its formulas have; and exponentials of a potential
//! whose slopes are whole multiples of one another become powers of one. Both are what one does by hand for a fast kernel.

use neuropil_units::expression::{Binary, FormulaStep, Unary};
use std::collections::HashMap;

/// A number in the graph.
pub(super) type Value = usize;

/// Slopes of exponentials count as multiples up to this one, reached by squaring and multiplying.
const LARGEST_MULTIPLE: f64 = 16.0;
/// Powers that become products.
const LARGEST_POWER: f64 = 16.0;
/// The potential in mV around which shared exponentials are 1, so that their factors stay moderate.
const CENTRE: f64 = -65.0;

/// How a number is computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operation {
    Constant(f64),
    /// The potential, mV.
    Potential,
    /// Calcium inside, mM.
    Calcium,
    /// The length of a step times the factor of temperature, ms.
    Step,
    /// A gate, or the share of a state, at the beginning of the step, or after it once it is advanced.
    State(usize),
    /// `factor · x + offset`; x is itself no such thing.
    Affine {
        x: Value,
        factor: f64,
        offset: f64,
    },
    Add(Value, Value),
    Multiply(Value, Value),
    Divide(Value, Value),
    Exp(Value),
    /// Numerator of `x/(1 - e⁻ˣ)`.
    LinoidTop(Value),
    /// Its denominator, of x and e⁻ˣ.
    LinoidBottom(Value, Value),
    Unary(Unary, Value),
    Binary(Binary, Value, Value),
    Select(Value, Value, Value),
}

impl Operation {
    /// What makes it equal to another: its kind, and its operands or the bits of its numbers.
    fn key(&self) -> [u64; 4] {
        let at = |value: Value| value as u64;
        match *self {
            Self::Constant(value) => [0, value.to_bits(), 0, 0],
            Self::Potential => [1, 0, 0, 0],
            Self::Calcium => [2, 0, 0, 0],
            Self::Step => [3, 0, 0, 0],
            Self::State(state) => [4, at(state), 0, 0],
            Self::Affine { x, factor, offset } => [5, at(x), factor.to_bits(), offset.to_bits()],
            Self::Add(a, b) => [6, at(a), at(b), 0],
            Self::Multiply(a, b) => [7, at(a), at(b), 0],
            Self::Divide(a, b) => [8, at(a), at(b), 0],
            Self::Exp(x) => [9, at(x), 0, 0],
            Self::LinoidTop(x) => [10, at(x), 0, 0],
            Self::LinoidBottom(x, e) => [11, at(x), at(e), 0],
            Self::Unary(function, x) => [12, function as u64, at(x), 0],
            Self::Binary(operation, a, b) => [13, operation as u64, at(a), at(b)],
            Self::Select(condition, a, b) => [14, at(condition), at(a), at(b)],
        }
    }

    /// The numbers that it needs.
    pub(super) fn operands(&self) -> impl Iterator<Item = Value> {
        let operands = match *self {
            Self::Constant(_) | Self::Potential | Self::Calcium | Self::Step | Self::State(_) => [None; 3],
            Self::Affine { x, .. } | Self::Exp(x) | Self::LinoidTop(x) | Self::Unary(_, x) => [Some(x), None, None],
            Self::Add(a, b) | Self::Multiply(a, b) | Self::Divide(a, b) | Self::LinoidBottom(a, b) | Self::Binary(_, a, b) => {
                [Some(a), Some(b), None]
            }
            Self::Select(a, b, c) => [Some(a), Some(b), Some(c)],
        };
        operands.into_iter().flatten()
    }
}

/// Numerator and denominator; without a denominator it is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fraction {
    pub(super) top: Value,
    pub(super) bottom: Option<Value>,
}

impl From<Value> for Fraction {
    fn from(top: Value) -> Self {
        Self { top, bottom: None }
    }
}

/// Numbers, each after those that it needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    operations: Vec<Operation>,
    /// Where each operation is.
    known: HashMap<[u64; 4], Value>,
    /// Whether quotients stay fractions until they are needed.
    fractions: bool,
}

impl Graph {
    pub(super) fn new(fractions: bool) -> Self {
        Self { operations: Vec::new(), known: HashMap::new(), fractions }
    }

    pub(super) fn operation(&self, value: Value) -> Operation {
        self.operations.get(value).copied().unwrap_or(Operation::Constant(f64::NAN))
    }

    /// The number that an operation gives; an equal one if there is any.
    pub(super) fn value(&mut self, operation: Operation) -> Value {
        let next = self.operations.len();
        let value = *self.known.entry(operation.key()).or_insert(next);
        if value == next {
            self.operations.push(operation);
        }
        value
    }

    pub(super) fn constant(&mut self, value: f64) -> Value {
        self.value(Operation::Constant(value))
    }

    pub(super) fn as_constant(&self, value: Value) -> Option<f64> {
        match self.operation(value) {
            Operation::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// A number as `factor · x + offset`.
    fn as_affine(&self, value: Value) -> (Value, f64, f64) {
        match self.operation(value) {
            Operation::Affine { x, factor, offset } => (x, factor, offset),
            _ => (value, 1.0, 0.0),
        }
    }

    pub(super) fn affine(&mut self, value: Value, factor: f64, offset: f64) -> Value {
        if let Some(constant) = self.as_constant(value) {
            return self.constant(factor.mul_add(constant, offset));
        }
        let (x, own_factor, own_offset) = self.as_affine(value);
        match (factor * own_factor, factor.mul_add(own_offset, offset)) {
            (0.0, offset) => self.constant(offset),
            (1.0, 0.0) => x,
            (factor, offset) => self.value(Operation::Affine { x, factor, offset }),
        }
    }

    pub(super) fn add(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(a), _) => self.affine(b, 1.0, a),
            (_, Some(b)) => self.affine(a, 1.0, b),
            _ => {
                let ((x, factor, offset), (y, other_factor, other_offset)) = (self.as_affine(a), self.as_affine(b));
                if x == y {
                    return self.affine(x, factor + other_factor, offset + other_offset);
                }
                self.value(Operation::Add(a.min(b), a.max(b)))
            }
        }
    }

    pub(super) fn multiply(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(a), _) => self.affine(b, a, 0.0),
            (_, Some(b)) => self.affine(a, b, 0.0),
            _ => {
                // Factors come out of products, where they meet others.
                let scaled = |(x, factor, offset): (Value, f64, f64), value: Value| if offset == 0.0 { (x, factor) } else { (value, 1.0) };
                let (x, factor) = scaled(self.as_affine(a), a);
                let (y, other_factor) = scaled(self.as_affine(b), b);
                let product = self.value(Operation::Multiply(x.min(y), x.max(y)));
                self.affine(product, factor * other_factor, 0.0)
            }
        }
    }

    pub(super) fn divide(&mut self, a: Value, b: Value) -> Value {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(a), Some(b)) => self.constant(a / b),
            (_, Some(b)) => self.affine(a, 1.0 / b, 0.0),
            _ => self.value(Operation::Divide(a, b)),
        }
    }

    /// A whole power of at least 1.
    pub(super) fn power(&mut self, x: Value, exponent: u32) -> Value {
        let (mut square, mut left, mut product) = (x, exponent.max(1), None);
        loop {
            if left % 2 == 1 {
                product = Some(product.map_or(square, |product| self.multiply(product, square)));
            }
            left /= 2;
            if left == 0 {
                return product.unwrap_or(square);
            }
            square = self.multiply(square, square);
        }
    }

    pub(super) fn exp(&mut self, x: Value) -> Value {
        match self.as_constant(x) {
            Some(x) => self.constant(x.exp()),
            None => self.value(Operation::Exp(x)),
        }
    }

    /// A fraction as one number.
    pub(super) fn settle(&mut self, fraction: Fraction) -> Value {
        match fraction.bottom {
            Some(bottom) => self.divide(fraction.top, bottom),
            None => fraction.top,
        }
    }

    fn kept(&mut self, fraction: Fraction) -> Fraction {
        if self.fractions { fraction } else { self.settle(fraction).into() }
    }

    /// A product of what may be 1.
    fn product(&mut self, a: Option<Value>, b: Option<Value>) -> Option<Value> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.multiply(a, b)),
            (one, None) | (None, one) => one,
        }
    }

    pub(super) fn times(&mut self, a: Fraction, b: Fraction) -> Fraction {
        let (top, bottom) = (self.multiply(a.top, b.top), self.product(a.bottom, b.bottom));
        self.kept(Fraction { top, bottom })
    }

    pub(super) fn inverse(&mut self, a: Fraction) -> Fraction {
        let top = a.bottom.unwrap_or_else(|| self.constant(1.0));
        if let Some(constant) = self.as_constant(a.top) {
            return self.affine(top, 1.0 / constant, 0.0).into();
        }
        Fraction { top, bottom: Some(a.top) }
    }

    pub(super) fn over(&mut self, a: Fraction, b: Fraction) -> Fraction {
        let inverse = self.inverse(b);
        let (top, bottom) = (self.multiply(a.top, inverse.top), self.product(a.bottom, inverse.bottom));
        self.kept(Fraction { top, bottom })
    }

    pub(super) fn plus(&mut self, a: Fraction, b: Fraction) -> Fraction {
        if a.bottom == b.bottom {
            return Fraction { top: self.add(a.top, b.top), bottom: a.bottom };
        }
        let left = self.product(Some(a.top), b.bottom).unwrap_or(a.top);
        let right = self.product(Some(b.top), a.bottom).unwrap_or(b.top);
        let (top, bottom) = (self.add(left, right), self.product(a.bottom, b.bottom));
        self.kept(Fraction { top, bottom })
    }

    fn negated(&mut self, a: Fraction) -> Fraction {
        Fraction { top: self.affine(a.top, -1.0, 0.0), bottom: a.bottom }
    }

    /// The value of a formula, whose variables are given.
    pub(super) fn formula(&mut self, steps: &[FormulaStep], variables: &[Value]) -> Fraction {
        let mut values: Vec<Fraction> = Vec::with_capacity(steps.len());
        for step in steps {
            let known = |index: usize| values.get(index).copied();
            let value = match *step {
                FormulaStep::Constant(value) => Some(self.constant(value).into()),
                FormulaStep::Variable(index) => variables.get(index).map(|value| (*value).into()),
                FormulaStep::Unary(function, x) => known(x).map(|x| self.function(function, x)),
                FormulaStep::Binary(operation, a, b) => known(a).zip(known(b)).map(|(a, b)| self.binary(operation, a, b)),
                FormulaStep::Select(condition, a, b) => known(condition).zip(known(a)).zip(known(b)).map(|((condition, a), b)| {
                    let (condition, a, b) = (self.settle(condition), self.settle(a), self.settle(b));
                    match self.as_constant(condition) {
                        Some(condition) => (if condition != 0.0 { a } else { b }).into(),
                        None => self.value(Operation::Select(condition, a, b)).into(),
                    }
                }),
            };
            let value = value.unwrap_or_else(|| self.constant(f64::NAN).into());
            values.push(value);
        }
        values.last().copied().unwrap_or(Fraction { top: 0, bottom: None })
    }

    fn function(&mut self, function: Unary, x: Fraction) -> Fraction {
        if function == Unary::Negate {
            return self.negated(x);
        }
        let x = self.settle(x);
        if let Some(x) = self.as_constant(x) {
            return self.constant(function.apply(x)).into();
        }
        match function {
            Unary::Exp => self.exp(x).into(),
            Unary::Linoid => {
                let minus = self.affine(x, -1.0, 0.0);
                let e = self.exp(minus);
                let (top, bottom) = (self.value(Operation::LinoidTop(x)), self.value(Operation::LinoidBottom(x, e)));
                self.kept(Fraction { top, bottom: Some(bottom) })
            }
            Unary::Tanh => {
                let minus = self.affine(x, -2.0, 0.0);
                let e = self.exp(minus);
                let (top, bottom) = (self.affine(e, -1.0, 1.0), self.affine(e, 1.0, 1.0));
                self.kept(Fraction { top, bottom: Some(bottom) })
            }
            function => self.value(Operation::Unary(function, x)).into(),
        }
    }

    fn binary(&mut self, operation: Binary, a: Fraction, b: Fraction) -> Fraction {
        match operation {
            Binary::Add => self.plus(a, b),
            Binary::Subtract => {
                let b = self.negated(b);
                self.plus(a, b)
            }
            Binary::Multiply => self.times(a, b),
            Binary::Divide => self.over(a, b),
            operation => {
                let (left, right) = (self.settle(a), self.settle(b));
                match (operation, self.as_constant(left), self.as_constant(right)) {
                    (operation, Some(a), Some(b)) => self.constant(operation.apply(a, b)).into(),
                    (Binary::Power, _, Some(0.0)) => self.constant(1.0).into(),
                    (Binary::Power, _, Some(exponent)) if exponent.fract() == 0.0 && exponent.abs() <= LARGEST_POWER => {
                        let power = |graph: &mut Self, value| graph.power(value, exponent.abs() as u32);
                        let raised = Fraction { top: power(self, a.top), bottom: a.bottom.map(|bottom| power(self, bottom)) };
                        let raised = if exponent < 0.0 { self.inverse(raised) } else { raised };
                        self.kept(raised)
                    }
                    (Binary::Power, Some(base), None) if base > 0.0 => {
                        let exponent = self.affine(right, base.ln(), 0.0);
                        self.exp(exponent).into()
                    }
                    (operation, ..) => self.value(Operation::Binary(operation, left, right)).into(),
                }
            }
        }
    }

    /// The same numbers with as few exponentials as whole multiples of slopes allow, and where the given ones are in it.
    pub(super) fn with_shared_exponentials(&self, wanted: &[Value]) -> (Self, Vec<Value>) {
        let slopes = self.slopes();
        let mut shared = Self::new(self.fractions);
        let mut moved: Vec<Value> = Vec::with_capacity(self.operations.len());
        for operation in &self.operations {
            let at = |value: Value| moved.get(value).copied().unwrap_or(0);
            let value = match *operation {
                Operation::Affine { x, factor, offset } => shared.affine(at(x), factor, offset),
                Operation::Add(a, b) => shared.add(at(a), at(b)),
                Operation::Multiply(a, b) => shared.multiply(at(a), at(b)),
                Operation::Divide(a, b) => shared.divide(at(a), at(b)),
                Operation::LinoidTop(x) => shared.value(Operation::LinoidTop(at(x))),
                Operation::LinoidBottom(x, e) => shared.value(Operation::LinoidBottom(at(x), at(e))),
                Operation::Unary(function, x) => shared.value(Operation::Unary(function, at(x))),
                Operation::Binary(operation, a, b) => shared.value(Operation::Binary(operation, at(a), at(b))),
                Operation::Select(a, b, c) => shared.value(Operation::Select(at(a), at(b), at(c))),
                Operation::Exp(x) => match self.slope(x) {
                    Some((input, factor, offset)) => shared.power_of_base(&slopes, self.operation(input), factor, offset),
                    None => shared.exp(at(x)),
                },
                other => shared.value(other),
            };
            moved.push(value);
        }
        let wanted = wanted.iter().map(|value| moved.get(*value).copied().unwrap_or(0)).collect();
        (shared, wanted)
    }

    /// The potential or calcium, factor and offset of what an exponential is taken of, if it is that simple.
    fn slope(&self, x: Value) -> Option<(Value, f64, f64)> {
        let (input, factor, offset) = self.as_affine(x);
        matches!(self.operation(input), Operation::Potential | Operation::Calcium).then_some((input, factor, offset))
    }

    /// Slopes of which all others are multiples.
    fn slopes(&self) -> Vec<(Operation, f64)> {
        let mut all: Vec<(Operation, f64)> = Vec::new();
        for operation in &self.operations {
            if let Operation::Exp(x) = operation
                && let Some((input, factor, _)) = self.slope(*x)
            {
                all.push((self.operation(input), factor));
            }
        }
        all.sort_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let mut bases: Vec<(Operation, f64)> = Vec::new();
        for (input, factor) in all {
            if multiple_of_base(&bases, input, factor).is_none() {
                bases.push((input, factor));
            }
        }
        bases
    }

    fn power_of_base(&mut self, bases: &[(Operation, f64)], input: Operation, factor: f64, offset: f64) -> Value {
        let (base, multiple) = multiple_of_base(bases, input, factor).unwrap_or((factor, 1));
        let centre = if input == Operation::Potential { CENTRE } else { 0.0 };
        let input = self.value(input);
        let argument = self.affine(input, base, -base * centre);
        let exponential = self.exp(argument);
        let power = self.power(exponential, multiple);
        self.affine(power, factor.mul_add(centre, offset).exp(), 0.0)
    }
}

/// The base of which a slope is a whole multiple, and which.
fn multiple_of_base(bases: &[(Operation, f64)], input: Operation, factor: f64) -> Option<(f64, u32)> {
    bases.iter().filter(|(of, _)| *of == input).find_map(|(_, base)| {
        let multiple = factor / base;
        let whole = multiple.round();
        ((1.0..=LARGEST_MULTIPLE).contains(&whole) && (multiple - whole).abs() < 1e-12 * whole).then_some((*base, whole as u32))
    })
}
