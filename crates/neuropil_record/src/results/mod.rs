//! Tables of results: named columns of text, numbers or truth values, as Parquet and as CSV.

mod csv;
mod parquet;

use crate::RecordError;
use std::collections::BTreeSet;

pub use csv::ResultKind;

/// The values of a column; `None` is a cell without a value.
#[derive(Clone, Debug, PartialEq)]
pub enum ResultColumn {
    /// Text.
    Text(Vec<Option<String>>),
    /// Floating-point numbers; not-a-number counts as no value in CSV.
    Number(Vec<Option<f64>>),
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// Truth values.
    Truth(Vec<Option<bool>>),
}

impl ResultColumn {
    /// Number of cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
            Self::Integer(cells) => cells.len(),
            Self::Truth(cells) => cells.len(),
        }
    }

    /// Whether there are no cells.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A cell as text: numbers with the fewest digits that give them back, `true` and `false`, nothing without a value.
    pub fn text(&self, row: usize) -> String {
        fn cell<T>(cells: &[Option<T>], row: usize, text: impl Fn(&T) -> String) -> String {
            cells.get(row).and_then(Option::as_ref).map(text).unwrap_or_default()
        }
        match self {
            Self::Text(cells) => cell(cells, row, Clone::clone),
            Self::Number(cells) => cell(cells, row, ToString::to_string),
            Self::Integer(cells) => cell(cells, row, ToString::to_string),
            Self::Truth(cells) => cell(cells, row, ToString::to_string),
        }
    }

    /// The numbers of a column of numbers or whole numbers, not-a-number without a value; `None` of another column.
    pub fn numbers(&self) -> Option<Vec<f64>> {
        match self {
            Self::Number(cells) => Some(cells.iter().map(|cell| cell.unwrap_or(f64::NAN)).collect()),
            Self::Integer(cells) => Some(cells.iter().map(|cell| cell.map_or(f64::NAN, |cell| cell as f64)).collect()),
            Self::Text(_) | Self::Truth(_) => None,
        }
    }
}

/// A table of named columns of equal length, for example a row for each run of a sweep.
///
/// ```
/// use neuropil_record::{ResultColumn, ResultTable};
/// let mut table = ResultTable::new();
/// table.add("seed", ResultColumn::Integer(vec![Some(1), Some(2)]))?;
/// table.add("rate_hz", ResultColumn::Number(vec![Some(7.5), None]))?;
/// let path = std::env::temp_dir().join(format!("neuropil-results-{}.parquet", std::process::id()));
/// table.write_parquet(&path)?;
/// assert_eq!(ResultTable::read_parquet(&path)?, table);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultTable {
    columns: Vec<(String, ResultColumn)>,
}

impl ResultTable {
    /// A table without columns.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column after those before.
    ///
    /// # Errors
    /// [`RecordError::DuplicateName`] if the name is taken, [`RecordError::ColumnName`] if it is empty, or
    /// [`RecordError::ColumnLength`] unless the column is as long as the others.
    pub fn add(&mut self, name: impl Into<String>, column: ResultColumn) -> Result<(), RecordError> {
        let name = name.into();
        if name.is_empty() {
            return Err(RecordError::ColumnName);
        }
        if self.column(&name).is_some() {
            return Err(RecordError::DuplicateName { kind: "columns", name });
        }
        if !self.columns.is_empty() && column.len() != self.rows() {
            return Err(RecordError::ColumnLength { name, found: column.len(), expected: self.rows() });
        }
        self.columns.push((name, column));
        Ok(())
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// Names and columns, in their order.
    pub fn columns(&self) -> &[(String, ResultColumn)] {
        &self.columns
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&ResultColumn> {
        self.columns.iter().find(|(other, _)| other == name).map(|(_, column)| column)
    }

    /// Names that occur twice, or are empty, or columns that differ in length are refused as by [`Self::add`].
    fn from_columns(columns: Vec<(String, ResultColumn)>) -> Result<Self, RecordError> {
        let mut names = BTreeSet::new();
        let rows = columns.first().map_or(0, |(_, column)| column.len());
        for (name, column) in &columns {
            if name.is_empty() {
                return Err(RecordError::ColumnName);
            }
            if !names.insert(name) {
                return Err(RecordError::DuplicateName { kind: "columns", name: name.clone() });
            }
            if column.len() != rows {
                return Err(RecordError::ColumnLength { name: name.clone(), found: column.len(), expected: rows });
            }
        }
        Ok(Self { columns })
    }
}

#[cfg(test)]
mod tests;
