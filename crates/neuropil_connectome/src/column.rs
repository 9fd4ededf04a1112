//! One property of all nodes or of all edges: numbers with one dimension, or texts by their number in a list.
//!
//! Buffers are shared: a clone costs a counter, and the engine reads the same memory.

use neuropil_units::Dimension;
use std::sync::Arc;

/// Code of a text that is missing.
pub const MISSING: u32 = u32::MAX;

/// One property of all nodes or of all edges.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers.
    Number(NumberColumn),
    /// Texts, mostly of few kinds.
    Text(TextColumn),
}

/// Numbers of one dimension, in the coherent system (µm, ms, mV, …). NaN where the value is missing.
#[derive(Clone, Debug)]
pub struct NumberColumn {
    /// One value a row.
    pub values: Arc<[f64]>,
    /// What they measure.
    pub dimension: Dimension,
}

impl PartialEq for NumberColumn {
    /// Missing values are equal.
    fn eq(&self, other: &Self) -> bool {
        let equal = |(a, b): (&f64, &f64)| a == b || (a.is_nan() && b.is_nan());
        self.dimension == other.dimension
            && self.values.len() == other.values.len()
            && self.values.iter().zip(other.values.iter()).all(equal)
    }
}

/// Texts of a few kinds: each row holds the number of its text, or [`MISSING`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextColumn {
    /// One code a row.
    pub codes: Arc<[u32]>,
    /// The texts, each different, in ascending order.
    pub names: Arc<[Arc<str>]>,
}

impl Column {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Number(column) => column.values.len(),
            Self::Text(column) => column.codes.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl TextColumn {
    /// Makes a column of texts; an empty one counts as missing.
    pub fn new<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Self {
        let distinct: std::collections::BTreeSet<&str> = texts.clone().filter(|text| !text.is_empty()).collect();
        let numbered: std::collections::HashMap<&str, u32> = distinct.iter().copied().zip(0..).collect();
        let codes = texts.map(|text| numbered.get(text).copied().unwrap_or(MISSING)).collect();
        Self { codes, names: distinct.into_iter().map(Arc::from).collect() }
    }

    /// The text of a row, if it has one.
    pub fn get(&self, row: usize) -> Option<&str> {
        let code = *self.codes.get(row)?;
        self.names.get(code as usize).map(AsRef::as_ref)
    }
}

impl NumberColumn {
    /// A column of numbers in the coherent system.
    pub fn new(values: impl Into<Arc<[f64]>>, dimension: Dimension) -> Self {
        Self { values: values.into(), dimension }
    }
}
