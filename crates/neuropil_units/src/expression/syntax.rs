//! A parsed expression: its nodes in a flat list, children before parents, so that nothing that walks it recurses.

use crate::{
    diagnostic::Span,
    dimension::Dimension,
    expression::functions::{Distribution, Function, Unary},
};

/// Position of a node in the list.
pub(crate) type NodeIndex = usize;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub kind: NodeKind,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NodeKind {
    /// A number with its unit.
    Quantity {
        value: f64,
        dimension: Dimension,
    },
    Boolean(bool),
    Text(String),
    Name(String),
    /// A word behind `5 mV /`: the name if there is one, else the unit.
    NameOrUnit {
        name: String,
        value: f64,
        dimension: Dimension,
    },
    Negate(NodeIndex),
    Not(NodeIndex),
    Binary(Binary, NodeIndex, NodeIndex),
    Call(Function, Vec<NodeIndex>),
    /// A function of the caller's, and the language's own of that name.
    Host {
        name: String,
        builtin: Option<Function>,
        arguments: Vec<NodeIndex>,
    },
    List(Vec<NodeIndex>),
    /// The list, and the position in it.
    Element(NodeIndex, NodeIndex),
}

/// An operation on two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binary {
    /// Whether one of two is true.
    Or,
    /// Whether both are true.
    And,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// Whether a list has a value.
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
    /// The smaller of two.
    Min,
    /// The larger of two.
    Max,
}

impl Binary {
    /// Its value for two numbers; truth is 1, untruth 0.
    #[inline(always)]
    pub fn apply(self, a: f64, b: f64) -> f64 {
        super::arithmetic::apply(self, a, b)
    }

    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
            Self::Min => "min",
            Self::Max => "max",
        }
    }

    /// How tightly it binds; more is tighter. `not` is between `and` and comparisons, the sign between `*` and `^`.
    pub fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::Unequal | Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual | Self::In => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide => 6,
            Self::Power | Self::Min | Self::Max => 8,
        }
    }

    /// Whether the result is true or false.
    pub fn is_comparison(self) -> bool {
        self.precedence() == 4
    }
}

impl Unary {
    /// The dimension of the result, or `None` if the argument must be without unit and is not, or has no such result.
    pub fn dimension(self, argument: Dimension) -> Option<Dimension> {
        match self {
            Self::Negate | Self::Abs => Some(argument),
            Self::Sign => Some(Dimension::NONE),
            Self::Sqrt => argument.power(0.5),
            _ => (argument == Dimension::NONE).then_some(argument),
        }
    }
}

impl Distribution {
    /// Which arguments have the dimension of the result; the others are without unit.
    pub fn has_dimension(self) -> [bool; 3] {
        match self {
            Self::Normal | Self::Uniform => [true, true, false],
            Self::Lognormal => [false, false, true],
            Self::Exponential => [true, false, false],
            Self::Gamma => [false, true, false],
        }
    }
}
