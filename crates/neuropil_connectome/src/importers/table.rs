//! A table as it was read: named columns of texts, numbers or integers, and where each cell stands.

use crate::column::{Column, MISSING, NumberColumn, TextColumn};
use crate::error::{ConnectomeError, Location, Problem, shown};
use crate::importers::delimited::Delimited;
use neuropil_units::Dimension;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// Integers up to here are exact as floats.
pub(crate) const LARGEST_EXACT: u64 = 1 << 53;

/// What a column must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Texts, whatever they look like.
    Text,
    /// Numbers.
    Number,
    /// Numbers if every cell is one, else texts.
    Either,
}

/// A table as it was read.
pub(crate) struct Table {
    /// The file, for messages.
    pub file: String,
    pub columns: Vec<TableColumn>,
    pub rows: usize,
    pub places: Places,
}

/// A column by its name in the file.
pub(crate) struct TableColumn {
    pub name: String,
    pub cells: Cells,
}

/// The cells of a column.
pub(crate) enum Cells {
    /// NaN where missing.
    Numbers(Vec<f64>),
    Texts(Texts),
    /// Integers by the file's own declaration, none missing.
    Integers(Vec<i64>),
}

/// Texts, each kept once; [`MISSING`] where a cell is empty.
#[derive(Clone, Default)]
pub(crate) struct Texts {
    pub codes: Vec<u32>,
    pub names: Vec<Arc<str>>,
    known: HashMap<Arc<str>, u32>,
}

/// Where cells stand.
pub(crate) enum Places {
    /// In a text of lines and delimiters.
    Delimited(Delimited),
    /// Line and column of each row.
    Listed(Vec<(usize, usize)>),
    /// Rows and columns are places themselves.
    Numbered,
}

impl Texts {
    pub fn push(&mut self, text: &str) {
        if text.is_empty() {
            return self.codes.push(MISSING);
        }
        let code = match self.known.get(text) {
            Some(code) => *code,
            None => {
                let code = self.names.len() as u32;
                let name: Arc<str> = text.into();
                self.names.push(Arc::clone(&name));
                self.known.insert(name, code);
                code
            }
        };
        self.codes.push(code);
    }

    pub fn get(&self, row: usize) -> Option<&Arc<str>> {
        self.names.get(*self.codes.get(row)? as usize)
    }

    pub fn column(&self) -> TextColumn {
        let mut order: Vec<usize> = (0..self.names.len()).collect();
        order.sort_unstable_by_key(|code| self.names.get(*code));
        let mut renumbered = vec![MISSING; self.names.len()];
        for (new, old) in (0u32..).zip(&order) {
            if let Some(code) = renumbered.get_mut(*old) {
                *code = new;
            }
        }
        let codes = self.codes.iter().map(|code| renumbered.get(*code as usize).copied().unwrap_or(MISSING)).collect();
        TextColumn { codes, names: order.iter().filter_map(|code| self.names.get(*code).cloned()).collect() }
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut column = Self::default();
        texts.into_iter().for_each(|text| column.push(text));
        column
    }
}

/// The number that a cell is; NaN for an empty one, `None` for a text.
pub(crate) fn number(cell: &str) -> Option<f64> {
    if cell.is_empty() || cell.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    cell.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Whether a cell of a column without a fixed meaning is a number, and the same number when written again: identifiers such as `007`, and
/// integers beyond 2^53, are texts.
pub(crate) fn is_plain_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    if leading_zero || cell.starts_with('+') {
        return false;
    }
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return digits.parse::<u64>().is_ok_and(|integer| integer <= LARGEST_EXACT);
    }
    number(cell).is_some()
}

impl Cells {
    /// Types cells that were read as texts.
    pub fn typed(texts: Texts, wanted: Wanted) -> Result<Self, usize> {
        if wanted == Wanted::Text || (wanted == Wanted::Either && !texts.names.iter().all(|text| is_plain_number(text))) {
            return Ok(Self::Texts(texts));
        }
        let values: Vec<Option<f64>> = texts.names.iter().map(|text| number(text)).collect();
        let value = |(row, code): (usize, &u32)| match values.get(*code as usize) {
            None => Ok(f64::NAN),
            Some(value) => value.ok_or(row),
        };
        texts.codes.iter().enumerate().map(value).collect::<Result<_, _>>().map(Self::Numbers)
    }

    /// A column of a connectome, its numbers multiplied.
    pub fn column(&self, scale: f64, dimension: Dimension) -> Column {
        match self {
            Self::Numbers(values) => Column::Number(NumberColumn::new(scaled(values, scale), dimension)),
            Self::Texts(texts) => Column::Text(texts.column()),
            Self::Integers(integers) if integers.iter().all(|integer| integer.unsigned_abs() <= LARGEST_EXACT) => {
                let values: Vec<f64> = integers.iter().map(|integer| *integer as f64).collect();
                Column::Number(NumberColumn::new(scaled(&values, scale), dimension))
            }
            Self::Integers(_) => Column::Text(self.texts().column()),
        }
    }

    /// The cells as texts; numbers as they are printed.
    pub fn texts(&self) -> Cow<'_, Texts> {
        let mut texts = Texts::default();
        match self {
            Self::Texts(own) => return Cow::Borrowed(own),
            Self::Integers(integers) => integers.iter().for_each(|integer| texts.push(&integer.to_string())),
            Self::Numbers(numbers) => {
                numbers.iter().for_each(|number| texts.push(&if number.is_nan() { String::new() } else { number.to_string() }));
            }
        }
        Cow::Owned(texts)
    }
}

/// Values in another unit, rounded to 15 digits: 0.3 mm are 300 µm.
fn scaled(values: &[f64], scale: f64) -> Vec<f64> {
    if scale == 1.0 {
        return values.to_vec();
    }
    let in_unit = |value: &f64| {
        let product = value * scale;
        format!("{product:.14e}").parse().unwrap_or(product)
    };
    values.iter().map(in_unit).collect()
}

impl Table {
    /// The place of a cell; rows are counted from 0 and do not include the header, which is `None`.
    pub fn place(&self, row: Option<usize>, column: usize) -> Location {
        let (line, column) = match (&self.places, row) {
            (Places::Delimited(text), row) => text.place(row.map_or(0, |row| row + 1), column),
            (Places::Listed(places), Some(row)) => places.get(row).copied().unwrap_or((1, 1)),
            (Places::Listed(_), None) => (1, 1),
            (Places::Numbered, row) => (row.map_or(1, |row| row + 1), column + 1),
        };
        Location { file: self.file.clone(), line, column }
    }

    pub fn error(&self, row: usize, column: usize, problem: Problem) -> ConnectomeError {
        ConnectomeError::Place { at: self.place(Some(row), column), problem }
    }

    /// The names of all columns, for a message.
    pub fn column_names(&self) -> String {
        self.columns.iter().map(|column| format!("`{}`", shown(&column.name))).collect::<Vec<_>>().join(", ")
    }
}

/// The error of a cell that must be a number.
pub(crate) fn no_number(what: &str, found: &str) -> Problem {
    Problem::Number { what: format!("the {}", shown(what)), found: format!("`{}`", shown(found)), expected: "a number" }
}
