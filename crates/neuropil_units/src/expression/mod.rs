//! The expression language: quantities, parameters, arithmetic, lists, and random values.
//!
//! ```text
//! -65 mV    0.1 ms    20 kHz    5 mV/ms    2 uF/cm^2    1/(ms mV)    37 degC      numbers with units
//! + - * / ^    == != < <= > >= in    and or not    ( )                             operators
//! if(condition, then, otherwise)    [1, 2, 3]    list[0]    'a text'    true        choices, lists, texts
//! exp log log1p expm1 linoid sqrt abs floor ceil round sin cos tan tanh sign pow           functions of numbers, or of each element of a list
//! min max sum mean length linspace(first, last, count) range(count) position(list, value)   pi e          lists and constants
//! normal(mean, sd)  lognormal(mu, sigma, unit)  uniform(low, high)                  distributions; mu and sigma are of the logarithm
//! exponential(mean)  gamma(shape, scale)
//! starts_with(text, part)  ends_with(text, part)  contains(text, part)              questions about texts
//! clip(x, low, high)    redraw(x, low, high)       set to the nearer bound; draw again until within, 1000 times at most
//! ```
//!
//! `linoid(x)` is `x/(1 - exp(-x))`, and 1 at 0: the form of many rates of ion channels.
//!
//! Dimensions are checked: `+`, `-` and comparisons need equal ones, functions such as `exp` none, and a literal `0` fits any.
//! A word is a unit only behind a number or another unit, so that parameters may be called `g` or `s`; in `2 mV / s` a parameter `s`, where
//! there is one, goes before the second. A power behind a unit is the unit's: `5 mV^2` is 5 (mV²). `-x^2` is -(x²), `2^3^2` is 2^9.
//!
//! Over the rows of a [`Table`], columns are names: `class == 'inter' and transmitter in ['GABA', 'Glu']` selects rows, `0.275 mV * count * sign`
//! gives each a value. `''` is a text that is missing.
//!
//! Nothing that can be written makes reading it slow, deep or large: texts of more than 64 KiB, nesting of more than 64, and lists of more
//! than a million elements are errors.
//!
//! | module | holds |
//! | --- | --- |
//! | `error` | what can be wrong |
//! | `value` | values and scopes |
//! | `host` | functions that a caller adds |
//! | `lexer`, `syntax`, `parser` | text → tokens → syntax |
//! | `functions` | names and signatures of the functions |
//! | `check`, `arithmetic`, `texts`, `lower` | syntax → value, or instructions; dimensions; constants; columns of texts |
//! | `program`, `evaluate`, `sampler`, `bounds` | instructions, and running them: on blocks of numbers, or on intervals |
//! | `formula` | a program as steps, for who runs it in a way of their own |
//! | `table` | selectors, and values for the rows of a table |

mod error;
mod host;
mod value;

mod functions;
mod lexer;
mod parser;
mod syntax;

mod arithmetic;
mod check;
mod lower;
mod texts;

mod bounds;
mod evaluate;
mod formula;
mod program;
mod sampler;
mod table;

#[cfg(test)]
mod tests;

pub use error::{ExpressionError, ExpressionErrorKind};
pub use evaluate::Scratch;
pub use formula::FormulaStep;
pub use functions::Unary;
pub use host::{Host, HostFunction};
pub use program::Program;
pub use syntax::Binary;
pub use table::{ColumnValues, RowProgram, RowScratch, Selection, Table, TableColumn};
pub use texts::{MISSING_TEXT, Unmatched};
pub use value::{Scope, Value};

use check::{Checker, Lowered, number};
use program::Row;
use syntax::{Node, NodeKind};

use crate::{Dimension, Span};

/// A name that stands for one value per element of a block, such as the distance between two neurons.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variable {
    /// The name in expressions.
    pub name: &'static str,
    /// The dimension of its values.
    pub dimension: Dimension,
}

/// A parsed expression; names in it are looked up when it is evaluated.
///
/// ```
/// use neuropil_units::{Dimension, Expression, Scope, Scratch, Variable};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// let delay = Expression::parse("1 ms + distance / (0.3 um/ms)")?;
/// let distance = Variable { name: "distance", dimension: Dimension::LENGTH };
/// let program = delay.compile(&Scope::new(), &[distance], Dimension::TIME)?;
///
/// let mut values = [0.0; 2];
/// let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
/// program.evaluate_block(&[&[0.0, 30.0]], &mut random, &mut values, &mut Scratch::new())?;
/// assert_eq!(values, [1.0, 101.0]);
/// # Ok::<(), neuropil_units::ExpressionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    text: String,
    nodes: Vec<Node>,
}

impl Expression {
    /// Parses a text.
    ///
    /// # Errors
    /// If it is no expression, uses an unknown function or unit, or is longer or deeper than is read.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        Ok(Self { nodes: parser::parse(text, &[])?, text: text.to_owned() })
    }

    /// Parses a text that may also call the caller's functions, which [`evaluate_with`](Self::evaluate_with) answers.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_with(text: &str, functions: &[HostFunction]) -> Result<Self, ExpressionError> {
        Ok(Self { nodes: parser::parse(text, functions)?, text: text.to_owned() })
    }

    /// A plain number.
    pub fn number(value: f64) -> Self {
        let text = Dimension::NONE.write(value);
        let span = Span { start: 0, end: text.len() };
        Self { text, nodes: vec![Node { kind: NodeKind::Quantity { value, dimension: Dimension::NONE }, span }] }
    }

    /// The text that it was parsed from; spans are ranges of its bytes.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names that it looks up, with their places: parameters, variables, `pi` and `e`, and a unit behind `*` or `/`, as in `1/s`, whose
    /// place a parameter of that name would take.
    pub fn names(&self) -> impl Iterator<Item = (&str, Span)> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Name(name) | NodeKind::NameOrUnit { name, .. } => Some((name.as_str(), node.span)),
            _ => None,
        })
    }

    /// Its value, in coherent units.
    ///
    /// # Errors
    /// If a name is unknown, kinds or dimensions do not fit, a number is not finite, or it is random.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, ExpressionError> {
        self.constant(scope).map(|(value, _)| value)
    }

    /// Its value, with the functions that `host` answers; `E[3]`, where `E` is a text, is the text `E[3]`.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate), and what the host refuses.
    pub fn evaluate_with(&self, scope: &Scope, host: &dyn Host) -> Result<Value, ExpressionError> {
        match Checker::new(&self.nodes, scope, &[], false).with_host(host).check()? {
            Lowered::Constant { value, .. } => Ok(value.into_owned()),
            _ => Err(ExpressionErrorKind::NotConstant { what: "the value" }.at(self.span())),
        }
    }

    /// Its value as a number of one dimension, in coherent units.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate), and if it is no number or has another dimension; a literal 0 has any.
    pub fn quantity(&self, scope: &Scope, expected: Dimension) -> Result<f64, ExpressionError> {
        let (value, bare_zero) = self.constant(scope)?;
        fit(&value, bare_zero, expected).map_err(|kind| kind.at(self.span()))
    }

    /// Makes a program of it that gives numbers of one dimension, in coherent units.
    ///
    /// The program draws its random numbers anew for each element, and reads the variables, whose order is that of the list. A variable goes
    /// before a name in scope.
    ///
    /// # Errors
    /// As [`quantity`](Self::quantity), except that it may be random.
    pub fn compile(&self, scope: &Scope, variables: &[Variable], expected: Dimension) -> Result<Program, ExpressionError> {
        let known: Vec<texts::Known<'_>> = variables
            .iter()
            .map(|variable| texts::Known { name: variable.name, kind: texts::KnownKind::Number(variable.dimension) })
            .collect();
        let lowered = Checker::new(&self.nodes, scope, &known, true).check()?;
        if let Lowered::Constant { value, bare_zero } = lowered {
            return fit(&value, bare_zero, expected).map(Program::constant).map_err(|kind| kind.at(self.span()));
        }
        let (part, measure) = number(lowered).map_err(|kind| kind.at(self.span()))?;
        if measure.dimension != expected {
            return Err(ExpressionErrorKind::WrongDimension { found: measure.dimension, expected }.at(self.span()));
        }
        let fragment = match part {
            check::Part::Code(fragment) => fragment,
            check::Part::Operand(operand) => Row::new().finish(program::Operation::Load(operand), expected, self.span()),
        };
        Ok(Program::new(fragment, variables.len(), self.span()))
    }

    fn constant(&self, scope: &Scope) -> Result<(Value, bool), ExpressionError> {
        match Checker::new(&self.nodes, scope, &[], false).check()? {
            Lowered::Constant { value, bare_zero } => Ok((value.into_owned(), bare_zero)),
            // Without variables and distributions everything is constant.
            _ => Err(ExpressionErrorKind::NotConstant { what: "the value" }.at(self.span())),
        }
    }

    /// The whole, without space around it.
    fn span(&self) -> Span {
        self.nodes.last().map(|node| node.span).unwrap_or_default()
    }
}

/// The number of a constant, if it has the dimension that is needed.
fn fit(value: &Value, bare_zero: bool, expected: Dimension) -> Result<f64, ExpressionErrorKind> {
    match *value {
        Value::Number { value, dimension } if dimension == expected || bare_zero => Ok(value),
        Value::Number { value, dimension: Dimension::NONE } => Err(ExpressionErrorKind::MissingUnit { value, expected }),
        Value::Number { dimension, .. } => Err(ExpressionErrorKind::WrongDimension { found: dimension, expected }),
        ref other => Err(ExpressionErrorKind::WrongKind { found: other.kind(), expected: "one number" }),
    }
}
