//! Tables of results as CSV.

use super::{ResultColumn, ResultTable};
use crate::RecordError;
use crate::files::atomic::write_atomically;
use crate::files::csv::{Line, csv_writer, io_error, read_csv};
use std::path::Path;

/// Bytes that a row of a file needs while it is read, beside its text.
const ROW_BYTES: u64 = 128;

impl ResultTable {
    /// Writes the table as CSV: the names, then a line for each row, with empty cells where there is no value.
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path; what was at the path before is then still there.
    pub fn write_csv(&self, path: &Path) -> Result<(), RecordError> {
        write_atomically(path, |file| {
            let mut writer = csv_writer(file);
            if !self.columns.is_empty() {
                writer.write_record(self.columns.iter().map(|(name, _)| name)).map_err(io_error)?;
            }
            for row in 0..self.rows() {
                let cells = self.columns.iter().map(|(_, column)| match column {
                    ResultColumn::Number(cells) if cells[row].is_some_and(f64::is_nan) => String::new(),
                    _ => column.text(row),
                });
                writer.write_record(cells).map_err(io_error)?;
            }
            writer.flush()
        })
    }

    /// Reads a table from CSV. A column whose cells are all whole numbers, or all numbers, or all `true` or `false`, is of that kind;
    /// any other is text, and so is one without values. An empty cell is no value.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Malformed`] with the line, or [`RecordError::TooLarge`].
    pub fn read_csv(path: &Path) -> Result<Self, RecordError> {
        let texts = read_texts(path)?;
        Self::from_texts(path, texts.into_iter().map(|(name, cells)| (name, inferred(cells))).collect())
    }

    /// Reads a table from CSV whose columns have the names and kinds of `columns`, in any order; other columns of the file are left
    /// out.
    ///
    /// # Errors
    /// As [`Self::read_csv`], and [`RecordError::Malformed`] with the line for a cell of another kind, or for a missing column.
    pub fn read_csv_as(path: &Path, columns: &[(&str, ResultKind)]) -> Result<Self, RecordError> {
        struct State {
            /// Place in the file and cells.
            columns: Vec<(usize, ResultColumn)>,
        }
        let state = read_csv(
            path,
            ROW_BYTES,
            |header| {
                let place = |(name, kind): &(&str, ResultKind)| {
                    let place = (0..header.columns()).find(|&column| header.text(column) == *name);
                    let place = place.ok_or_else(|| header.error(format!("has no column `{name}`, only {}", listed(header))))?;
                    Ok((place, kind.empty()))
                };
                Ok(State { columns: columns.iter().map(place).collect::<Result<_, RecordError>>()? })
            },
            |state, line| {
                for (place, column) in &mut state.columns {
                    push(column, line, *place)?;
                }
                Ok(())
            },
        )?;
        let named = columns.iter().zip(state.columns).map(|((name, _), (_, column))| ((*name).to_owned(), column));
        Self::from_texts(path, named.collect())
    }

    fn from_texts(path: &Path, columns: Vec<(String, ResultColumn)>) -> Result<Self, RecordError> {
        Self::from_columns(columns).map_err(|error| RecordError::malformed(path, Some(1), error.to_string()))
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultKind {
    /// Text.
    Text,
    /// Floating-point numbers.
    Number,
    /// Whole numbers.
    Integer,
    /// Truth values.
    Truth,
}

impl ResultKind {
    fn empty(self) -> ResultColumn {
        match self {
            Self::Text => ResultColumn::Text(Vec::new()),
            Self::Number => ResultColumn::Number(Vec::new()),
            Self::Integer => ResultColumn::Integer(Vec::new()),
            Self::Truth => ResultColumn::Truth(Vec::new()),
        }
    }
}

fn listed(header: &Line) -> String {
    let names: Vec<String> = (0..header.columns().min(20)).map(|column| format!("`{}`", header.text(column))).collect();
    names.join(", ")
}

/// Adds the cell at a place of a line to a column, if it is of its kind.
fn push(column: &mut ResultColumn, line: &Line, place: usize) -> Result<(), RecordError> {
    let empty = line.text(place).is_empty();
    match column {
        ResultColumn::Text(cells) => cells.push((!empty).then(|| line.text(place).to_owned())),
        ResultColumn::Number(cells) => cells.push((!empty).then(|| line.parse(place, "a number")).transpose()?),
        ResultColumn::Integer(cells) => cells.push((!empty).then(|| line.parse(place, "a whole number")).transpose()?),
        ResultColumn::Truth(cells) => cells.push((!empty).then(|| line.parse(place, "`true` or `false`")).transpose()?),
    }
    Ok(())
}

type Texts = Vec<(String, Vec<Option<String>>)>;

fn read_texts(path: &Path) -> Result<Texts, RecordError> {
    read_csv(
        path,
        ROW_BYTES,
        |header| Ok((0..header.columns()).map(|column| (header.text(column).to_owned(), Vec::new())).collect::<Texts>()),
        |columns, line| {
            for (place, (_, cells)) in columns.iter_mut().enumerate() {
                cells.push(Some(line.text(place)).filter(|text| !text.is_empty()).map(str::to_owned));
            }
            Ok(())
        },
    )
}

/// The narrowest kind that all cells of a column have.
fn inferred(cells: Vec<Option<String>>) -> ResultColumn {
    fn all<T: std::str::FromStr>(cells: &[Option<String>]) -> Option<Vec<Option<T>>> {
        cells.iter().map(|cell| cell.as_ref().map(|cell| cell.parse().ok()).map_or(Some(None), |parsed| parsed.map(Some))).collect()
    }
    if cells.iter().all(Option::is_none) {
        return ResultColumn::Text(cells);
    }
    if let Some(integers) = all(&cells) {
        return ResultColumn::Integer(integers);
    }
    if let Some(numbers) = all(&cells) {
        return ResultColumn::Number(numbers);
    }
    match all(&cells) {
        Some(truths) => ResultColumn::Truth(truths),
        None => ResultColumn::Text(cells),
    }
}
