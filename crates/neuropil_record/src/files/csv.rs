//! CSV files, read line by line with errors that name the line.

use crate::RecordError;
use crate::files::parquet::{check_memory, open_regular};
use csv::{ErrorKind, ReaderBuilder, StringRecord, Writer, WriterBuilder};
use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;

/// A short line of a table, bytes: with it a file's size bounds its rows.
const SHORTEST_LINE: u64 = 6;

/// A writer of comma-separated values that quotes where it must.
pub(crate) fn csv_writer<W: Write>(writer: W) -> Writer<W> {
    WriterBuilder::new().from_writer(writer)
}

/// The input-output error inside an error of the CSV writer.
pub(crate) fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// One line of a table, whose cells can be parsed.
pub(crate) struct Line<'line> {
    path: &'line Path,
    number: u64,
    cells: &'line StringRecord,
}

impl Line<'_> {
    /// The text of a cell.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.cells.get(column).unwrap_or_default()
    }

    /// Number of cells.
    pub(crate) fn columns(&self) -> usize {
        self.cells.len()
    }

    /// The number in a cell.
    pub(crate) fn parse<T: FromStr>(&self, column: usize, expected: &str) -> Result<T, RecordError> {
        let text = self.text(column);
        text.trim().parse().map_err(|_| self.error(format!("`{}` is not {expected}", shortened(text))))
    }

    /// A complaint about this line.
    pub(crate) fn error(&self, problem: impl Into<String>) -> RecordError {
        RecordError::malformed(self.path, Some(self.number), problem)
    }
}

/// Reads the header with `header`, then every line with `line`; both may refuse.
pub(crate) fn read_csv<State>(
    path: &Path,
    bytes_a_row: u64,
    header: impl FnOnce(&Line) -> Result<State, RecordError>,
    mut line: impl FnMut(&mut State, &Line) -> Result<(), RecordError>,
) -> Result<State, RecordError> {
    let file = open_regular(path)?;
    let length = file.metadata().map_err(|error| RecordError::io(path, "opening", error))?.len();
    check_memory(path, length / SHORTEST_LINE, length.saturating_add(length / SHORTEST_LINE * bytes_a_row))?;
    let mut reader = ReaderBuilder::new().has_headers(true).from_reader(file);
    let cells = reader.headers().map_err(|error| read_error(path, error))?.clone();
    let mut state = header(&Line { path, number: 1, cells: &cells })?;
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| read_error(path, error))? {
        let number = record.position().map_or(0, csv::Position::line);
        line(&mut state, &Line { path, number, cells: &record })?;
    }
    Ok(state)
}

fn read_error(path: &Path, error: csv::Error) -> RecordError {
    let number = error.position().map(csv::Position::line);
    match error.into_kind() {
        ErrorKind::Io(error) => RecordError::io(path, "reading", error),
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            RecordError::malformed(path, number, format!("{len} cells; expected {expected_len}, as in the first line"))
        }
        ErrorKind::Utf8 { .. } => RecordError::malformed(path, number, "not UTF-8 text"),
        other => RecordError::malformed(path, number, format!("{other:?}")),
    }
}

/// The beginning of a text that may be long.
pub(crate) fn shortened(text: &str) -> String {
    const LENGTH: usize = 40;
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
