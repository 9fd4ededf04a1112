//! Text tables: one row a line, cells between commas, semicolons or tabs, quotes where needed, the first line with the names of the columns.

use crate::error::{ConnectomeError, Location, Problem, path_shown};
use crate::formats::memory_available;
use crate::importers::table::{Cells, Places, Table, TableColumn, Texts, Wanted, is_plain_number, no_number, number};
use csv::{Reader, ReaderBuilder, StringRecord};
use std::path::Path;

/// A text of lines and delimiters.
pub(crate) struct Delimited {
    text: String,
    delimiter: u8,
}

/// A file as text.
///
/// # Errors
/// If it cannot be read, is empty, or is no UTF-8 text.
pub(crate) fn read_text(path: &Path) -> Result<String, ConnectomeError> {
    let bytes = read_bytes(path)?;
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let at = Location { file: path_shown(path), line: 1, column: 1 };
        return Err(ConnectomeError::place(at, "this is UTF-16 text; save the file as UTF-8"));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ConnectomeError::file(path, "the file is empty"));
    }
    let (valid, problem) = match std::str::from_utf8(&bytes) {
        Ok(text) => match text.find('\0') {
            None => {
                return Ok(text
                    .strip_prefix('\u{feff}')
                    .map(str::to_owned)
                    .unwrap_or_else(|| String::from_utf8(bytes).unwrap_or_default()));
            }
            Some(zero) => (zero, "byte 0 occurs in no text; this looks like a binary file".to_owned()),
        },
        Err(error) => {
            let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
            (error.valid_up_to(), format!("byte {byte:#04x} is not UTF-8 text; save the file as UTF-8"))
        }
    };
    let before = String::from_utf8_lossy(bytes.get(..valid).unwrap_or_default());
    Err(ConnectomeError::place(crate::formats::text::location(&path_shown(path), &before, before.len()), problem))
}

/// The bytes of a file, if it is one and fits into memory.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, ConnectomeError> {
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ConnectomeError::file(path, "there is no such file; paths are relative to the current folder"),
        _ => ConnectomeError::io(path, "read", &error),
    })?;
    if !metadata.is_file() {
        let found = if metadata.is_dir() { "a folder, not a file" } else { "not a file" };
        return Err(ConnectomeError::file(path, format!("this is {found}")));
    }
    if memory_available().is_some_and(|available| metadata.len() > available) {
        return Err(ConnectomeError::file(
            path,
            format!("the {} bytes of the file do not fit into the memory that is free", metadata.len()),
        ));
    }
    std::fs::read(path).map_err(|error| ConnectomeError::io(path, "read", &error))
}

impl Delimited {
    /// A text whose delimiter is the one that its first line has most of.
    pub fn new(text: String) -> Self {
        let header = text.trim_start().lines().next().unwrap_or_default();
        let count = |delimiter: &u8| header.bytes().filter(|byte| byte == delimiter).count();
        // Of equally many the last is taken.
        let delimiter = *[b'\t', b';', b','].iter().max_by_key(|delimiter| count(delimiter)).unwrap_or(&b',');
        Self { text, delimiter }
    }

    fn reader(&self) -> Reader<&[u8]> {
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(self.delimiter).from_reader(self.text.as_bytes())
    }

    /// Lets `each` see every line that is not blank; the first is the header.
    pub fn records<E>(&self, mut each: impl FnMut(usize, &StringRecord) -> Result<(), E>) -> Result<(), E> {
        let (mut reader, mut record, mut row) = (self.reader(), StringRecord::new(), 0);
        // The text is whole and its encoding known: reading cannot fail.
        while reader.read_record(&mut record).unwrap_or(false) {
            if record.len() == 1 && record.get(0).is_none_or(|cell| cell.trim().is_empty()) {
                continue;
            }
            each(row, &record)?;
            row += 1;
        }
        Ok(())
    }

    /// Line and column of a cell, the header being record 0.
    pub fn place(&self, record: usize, cell: usize) -> (usize, usize) {
        let mut start = 0;
        let found = self.records(|row, record_found| {
            start = record_found.position().map_or(0, |position| position.byte() as usize);
            if row == record { Err(()) } else { Ok(()) }
        });
        debug_assert!(found.is_err() || record > 0);
        let rest = self.text.get(start..).unwrap_or_default();
        let mut at = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let (mut quoted, mut cells) = (false, 0);
        for (offset, byte) in rest.bytes().enumerate().skip(at) {
            if cells == cell || (!quoted && byte == b'\n') {
                break;
            }
            match byte {
                b'"' => quoted = !quoted,
                byte if byte == self.delimiter && !quoted => {
                    cells += 1;
                    at = offset + 1;
                }
                _ => {}
            }
        }
        let location = crate::formats::text::location("", &self.text, start + at);
        (location.line, location.column)
    }

    /// The place of a quote that is never closed, in the last record, which begins at `start`.
    fn open_quote(&self, start: usize) -> Option<(usize, usize)> {
        let (mut opened, mut begins) = (None, true);
        for (offset, byte) in self.text.bytes().enumerate().skip(start) {
            match (byte, opened) {
                (b'"', None) if begins => opened = Some(offset),
                (b'"', Some(_)) => opened = None,
                _ => {}
            }
            // A doubled quote closes and opens again.
            begins = byte == b'"' || byte == self.delimiter || byte == b'\n' || byte == b'\r';
        }
        opened.map(|offset| {
            let location = crate::formats::text::location("", &self.text, offset);
            (location.line, location.column)
        })
    }
}

/// Reads a text table; `wanted` says what its columns must hold, given their names.
pub(crate) fn read(path: &Path, wanted: &dyn Fn(&[String]) -> Vec<Wanted>) -> Result<Table, ConnectomeError> {
    let delimited = Delimited::new(read_text(path)?);
    let file = path_shown(path);
    let place = |record: usize, cell: usize| {
        let (line, column) = delimited.place(record, cell);
        Location { file: file.clone(), line, column }
    };
    let mut header: Vec<String> = Vec::new();
    let (mut kinds, mut numeric): (Vec<Wanted>, Vec<bool>) = (Vec::new(), Vec::new());
    let (mut rows, mut last) = (0, 0);
    delimited
        .records(|row, record| {
            last = record.position().map_or(0, |position| position.byte() as usize);
            if row == 0 {
                header = record.iter().map(|name| name.trim().to_owned()).collect();
                // The column of row names, as data frames write it.
                if let Some(first) = header.first_mut().filter(|first| first.is_empty()) {
                    "index".clone_into(first);
                }
                kinds = wanted(&header);
                numeric = kinds.iter().map(|kind| *kind == Wanted::Either).collect();
                return check_header(&header, &|column| place(0, column));
            }
            if record.len() != header.len() {
                return Err(ragged(record.len(), &header, || place(row, record.len().min(header.len() + 1) - 1)));
            }
            for (is_numeric, cell) in numeric.iter_mut().zip(record) {
                *is_numeric = *is_numeric && (cell.trim().is_empty() || is_plain_number(cell.trim()));
            }
            rows = row;
            Ok(())
        })
        .map_err(|error| match delimited.open_quote(last) {
            Some((line, column)) => {
                ConnectomeError::place(Location { file: file.clone(), line, column }, "this quote is never closed; is the file cut off?")
            }
            None => error,
        })?;
    if let Some((line, column)) = delimited.open_quote(last) {
        return Err(ConnectomeError::place(Location { file, line, column }, "this quote is never closed; is the file cut off?"));
    }
    let mut cells: Vec<Cells> = kinds
        .iter()
        .zip(&numeric)
        .map(|(wanted, numeric)| match wanted {
            Wanted::Number => Cells::Numbers(Vec::with_capacity(rows)),
            Wanted::Either if *numeric => Cells::Numbers(Vec::with_capacity(rows)),
            _ => Cells::Texts(Texts::default()),
        })
        .collect();
    delimited.records(|row, record| {
        if row == 0 {
            return Ok(());
        }
        for (column, (cells, cell)) in cells.iter_mut().zip(record).enumerate() {
            let cell = cell.trim();
            match cells {
                Cells::Numbers(values) => match number(cell) {
                    Some(value) => values.push(value),
                    None => {
                        let what = header.get(column).map_or("", String::as_str);
                        return Err(ConnectomeError::Place { at: place(row, column), problem: no_number(what, cell) });
                    }
                },
                Cells::Texts(texts) => texts.push(cell),
                Cells::Integers(_) => {}
            }
        }
        Ok(())
    })?;
    let columns = header.into_iter().zip(cells).map(|(name, cells)| TableColumn { name, cells }).collect();
    Ok(Table { file, columns, rows, places: Places::Delimited(delimited) })
}

fn check_header(header: &[String], place: &dyn Fn(usize) -> Location) -> Result<(), ConnectomeError> {
    for (column, name) in header.iter().enumerate() {
        if name.is_empty() {
            return Err(ConnectomeError::place(place(column), "this column has no name; the first line must name every column"));
        }
        if header.iter().take(column).any(|earlier| earlier == name) {
            let problem = format!("there already is a column `{}`; names of columns must differ", crate::error::shown(name));
            return Err(ConnectomeError::place(place(column), problem));
        }
    }
    Ok(())
}

fn ragged(found: usize, header: &[String], at: impl Fn() -> Location) -> ConnectomeError {
    let cells = if found == 1 { "1 cell".to_owned() } else { format!("{found} cells") };
    let missing: Vec<String> = header.iter().skip(found).map(|name| format!("`{}`", crate::error::shown(name))).collect();
    let rest = if missing.is_empty() { String::new() } else { format!("; missing: {}", missing.join(", ")) };
    let problem = format!("this line has {cells}, but the first line names {} columns{rest}", header.len());
    ConnectomeError::Place { at: at(), problem: Problem::Other(problem) }
}
