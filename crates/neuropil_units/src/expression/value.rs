//! Values of constant expressions, and the names they are known by.

use std::{collections::BTreeMap, sync::Arc};

use crate::{dimension::Dimension, expression::error::ExpressionErrorKind};

/// Elements that a list may have, those of nested lists counted.
pub(crate) const LONGEST_LIST: usize = 1_000_000;
/// Lists within lists.
const DEEPEST_LIST: usize = 8;

/// The value of a constant expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A number with its dimension, in the coherent system (ms, mV, pA, µm, fmol, K).
    Number {
        /// The number.
        value: f64,
        /// What it measures.
        dimension: Dimension,
    },
    /// True or false.
    Boolean(bool),
    /// A text.
    Text(String),
    /// A list; elements may be of different kinds.
    List(Vec<Value>),
}

impl std::fmt::Display for Value {
    /// As it would be written in an expression, in the coherent system: `-65 mV`, `[1, 2]`, `'text'`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number { value, dimension } => f.write_str(&dimension.write(*value)),
            Self::Boolean(truth) => write!(f, "{truth}"),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::List(values) => {
                f.write_str("[")?;
                for (k, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if k == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
        }
    }
}

impl Value {
    /// A number without unit.
    pub(crate) fn number(value: f64) -> Self {
        Self::Number { value, dimension: Dimension::NONE }
    }

    /// What kind of value it is, with an article.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Number { .. } => "a number",
            Self::Boolean(_) => "a truth value",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
        }
    }

    /// Values in it, nested ones counted.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::List(values) => values.iter().fold(1, |size, value| value.size().saturating_add(size)),
            _ => 1,
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(values) => 1 + values.iter().map(Self::depth).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// A list of values, unless that is too long or too deep.
    pub(crate) fn list(values: Vec<Self>) -> Result<Self, ExpressionErrorKind> {
        let list = Self::List(values);
        if list.size() > LONGEST_LIST + 1 {
            Err(ExpressionErrorKind::ListTooLong { limit: LONGEST_LIST })
        } else if list.depth() > DEEPEST_LIST {
            Err(ExpressionErrorKind::TooDeep { limit: DEEPEST_LIST })
        } else {
            Ok(list)
        }
    }
}

/// The names that an expression may use, with their values.
///
/// ```
/// # use neuropil_units::{Scope, Value};
/// let mut outer = Scope::new();
/// outer.insert("regime", Value::Text("AI".to_owned()));
/// let mut inner = outer.child();
/// inner.insert("regime", Value::Text("SR".to_owned()));
/// assert_eq!(inner.get("regime"), Some(&Value::Text("SR".to_owned())));
/// assert_eq!(outer.get("regime"), Some(&Value::Text("AI".to_owned())));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// From the outermost inwards; shared between a scope and its children until one of them changes.
    layers: Vec<Arc<BTreeMap<String, Value>>>,
}

impl Scope {
    /// A scope without names.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a name its value; an earlier value of the name is replaced, or hidden if it is from an outer scope.
    pub fn insert(&mut self, name: impl Into<String>, value: Value) {
        if self.layers.is_empty() {
            self.layers.push(Arc::default());
        }
        if let Some(innermost) = self.layers.last_mut() {
            Arc::make_mut(innermost).insert(name.into(), value);
        }
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.layers.iter().rev().find_map(|layer| layer.get(name))
    }

    /// A scope that sees all names of this one, to which names can be added without changing this one.
    pub fn child(&self) -> Self {
        let mut child = self.clone();
        child.layers.push(Arc::default());
        child
    }

    /// All names; one that hides another is given twice.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.layers.iter().flat_map(|layer| layer.keys().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_have_limits() {
        let long = vec![Value::number(0.0); LONGEST_LIST];
        assert!(Value::list(long.clone()).is_ok());
        assert!(matches!(Value::list(vec![Value::List(long), Value::number(1.0)]), Err(ExpressionErrorKind::ListTooLong { .. })));
        let mut deep = Value::number(0.0);
        for _ in 0..DEEPEST_LIST {
            deep = Value::list(vec![deep]).unwrap();
        }
        assert!(matches!(Value::list(vec![deep]), Err(ExpressionErrorKind::TooDeep { .. })));
    }
}
