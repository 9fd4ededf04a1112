//! The functions of the language: their names and how they are used.

/// A function of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// One number, elementwise.
    Unary(Unary),
    Pow,
    Min,
    Max,
    Sum,
    Mean,
    Length,
    /// Where in a list a value is.
    Position,
    Linspace,
    Range,
    If,
    Clip,
    Redraw,
    /// Whether a text has a part.
    TextMatch(TextMatch),
    /// A probability distribution.
    Distribution(Distribution),
}

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unary {
    /// `-x`.
    Negate,
    /// eˣ.
    Exp,
    /// The natural logarithm.
    Log,
    /// `log(1 + x)`.
    Log1p,
    /// `exp(x) - 1`.
    Expm1,
    /// `x/(1 - exp(-x))`, which is 1 at 0.
    Linoid,
    /// The square root.
    Sqrt,
    /// The distance from 0.
    Abs,
    /// The next whole number below.
    Floor,
    /// The next whole number above.
    Ceil,
    /// The nearest whole number.
    Round,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Tangent.
    Tan,
    /// Hyperbolic tangent.
    Tanh,
    /// -1, 0 or 1.
    Sign,
}

impl Unary {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Negate => "-",
            other => FUNCTIONS.iter().find(|entry| entry.function == Function::Unary(other)).map_or("function", |entry| entry.name),
        }
    }

    /// Its value.
    #[inline(always)]
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Self::Negate => -x,
            Self::Exp => x.exp(),
            Self::Log => x.ln(),
            Self::Log1p => x.ln_1p(),
            Self::Expm1 => x.exp_m1(),
            Self::Linoid if x == 0.0 => 1.0,
            Self::Linoid if x == f64::NEG_INFINITY => 0.0,
            Self::Linoid => x / -(-x).exp_m1(),
            Self::Sqrt => x.sqrt(),
            Self::Abs => x.abs(),
            Self::Floor => x.floor(),
            Self::Ceil => x.ceil(),
            Self::Round => x.round(),
            Self::Sin => x.sin(),
            Self::Cos => x.cos(),
            Self::Tan => x.tan(),
            Self::Tanh => x.tanh(),
            // Not `signum`, which gives ±1 for ±0.
            Self::Sign => f64::from(i8::from(x > 0.0) - i8::from(x < 0.0)) + 0.0 * x,
        }
    }
}

/// A question about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextMatch {
    StartsWith,
    EndsWith,
    Contains,
}

impl TextMatch {
    pub fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
            Self::Contains => text.contains(part),
        }
    }
}

/// A probability distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distribution {
    Normal,
    Lognormal,
    Uniform,
    Exponential,
    Gamma,
}

impl Distribution {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Lognormal => "lognormal",
            Self::Uniform => "uniform",
            Self::Exponential => "exponential",
            Self::Gamma => "gamma",
        }
    }
}

/// How a function is called.
pub(crate) struct FunctionEntry {
    pub name: &'static str,
    pub function: Function,
    /// Fewest and most arguments.
    pub arguments: (usize, usize),
    pub signature: &'static str,
}

const fn entry(name: &'static str, function: Function, arguments: (usize, usize), signature: &'static str) -> FunctionEntry {
    FunctionEntry { name, function, arguments, signature }
}

pub(crate) const FUNCTIONS: [FunctionEntry; 35] = [
    entry("exp", Function::Unary(Unary::Exp), (1, 1), "exp(x)"),
    entry("log", Function::Unary(Unary::Log), (1, 1), "log(x)"),
    entry("log1p", Function::Unary(Unary::Log1p), (1, 1), "log1p(x)"),
    entry("expm1", Function::Unary(Unary::Expm1), (1, 1), "expm1(x)"),
    entry("linoid", Function::Unary(Unary::Linoid), (1, 1), "linoid(x)"),
    entry("sqrt", Function::Unary(Unary::Sqrt), (1, 1), "sqrt(x)"),
    entry("abs", Function::Unary(Unary::Abs), (1, 1), "abs(x)"),
    entry("floor", Function::Unary(Unary::Floor), (1, 1), "floor(x)"),
    entry("ceil", Function::Unary(Unary::Ceil), (1, 1), "ceil(x)"),
    entry("round", Function::Unary(Unary::Round), (1, 1), "round(x)"),
    entry("sin", Function::Unary(Unary::Sin), (1, 1), "sin(x)"),
    entry("cos", Function::Unary(Unary::Cos), (1, 1), "cos(x)"),
    entry("tan", Function::Unary(Unary::Tan), (1, 1), "tan(x)"),
    entry("tanh", Function::Unary(Unary::Tanh), (1, 1), "tanh(x)"),
    entry("sign", Function::Unary(Unary::Sign), (1, 1), "sign(x)"),
    entry("pow", Function::Pow, (2, 2), "pow(base, exponent)"),
    entry("min", Function::Min, (1, usize::MAX), "min(a, b, …) or min(list)"),
    entry("max", Function::Max, (1, usize::MAX), "max(a, b, …) or max(list)"),
    entry("sum", Function::Sum, (1, 1), "sum(list)"),
    entry("mean", Function::Mean, (1, 1), "mean(list)"),
    entry("length", Function::Length, (1, 1), "length(list)"),
    entry("position", Function::Position, (2, 2), "position(list, value)"),
    entry("linspace", Function::Linspace, (3, 3), "linspace(first, last, count)"),
    entry("range", Function::Range, (1, 1), "range(count)"),
    entry("if", Function::If, (3, 3), "if(condition, then, otherwise)"),
    entry("clip", Function::Clip, (3, 3), "clip(x, low, high)"),
    entry("redraw", Function::Redraw, (3, 3), "redraw(x, low, high)"),
    entry("starts_with", Function::TextMatch(TextMatch::StartsWith), (2, 2), "starts_with(text, part)"),
    entry("ends_with", Function::TextMatch(TextMatch::EndsWith), (2, 2), "ends_with(text, part)"),
    entry("contains", Function::TextMatch(TextMatch::Contains), (2, 2), "contains(text, part)"),
    entry("normal", Function::Distribution(Distribution::Normal), (2, 2), "normal(mean, sd)"),
    entry("lognormal", Function::Distribution(Distribution::Lognormal), (2, 3), "lognormal(mu, sigma, unit)"),
    entry("uniform", Function::Distribution(Distribution::Uniform), (2, 2), "uniform(low, high)"),
    entry("exponential", Function::Distribution(Distribution::Exponential), (1, 1), "exponential(mean)"),
    entry("gamma", Function::Distribution(Distribution::Gamma), (2, 2), "gamma(shape, scale)"),
];

/// The function of a name.
pub(crate) fn function(name: &str) -> Option<&'static FunctionEntry> {
    FUNCTIONS.iter().find(|entry| entry.name == name)
}

/// The value of a constant that every expression knows, unless a parameter has its name.
pub(crate) fn constant(name: &str) -> Option<f64> {
    match name {
        "pi" => Some(std::f64::consts::PI),
        "e" => Some(std::f64::consts::E),
        _ => None,
    }
}
