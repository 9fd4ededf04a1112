//! CSV tables beside an experiment: synapses (`source,target[,weight,delay]`) and spikes (`time_ms,neuron`).
//!
//! The first line names the columns. A weight or delay is a number, in the receptor's unit or ms, or a quantity with a unit.

use std::{io::Read, sync::Arc};

use neuropil_core::memory::available_bytes;
use neuropil_units::{Dimension, Expression, Span};

use crate::{
    contents::FileRead,
    document::{leaf::LARGEST, node::Node},
    error::{ExperimentError, NameKind},
    plan::ExplicitSynapse,
    source::{Place, SourceText},
    validate::{Validator, projections::Ends},
};

/// The largest table that is read.
const MOST_BYTES: u64 = 1 << 30;

/// A table with its columns found.
struct Table {
    source: Arc<SourceText>,
    /// Index of each known column among the cells of a line.
    columns: Vec<Option<usize>>,
    cells: usize,
}

impl<'t> Validator<'t> {
    /// Reads synapses from a table.
    pub(super) fn synapse_table(&mut self, node: Node<'t>, ends: &Ends, weight: Dimension) -> Option<Vec<ExplicitSynapse>> {
        let table = self.table(node, &["source", "target"], &["weight", "delay"])?;
        let mut synapses = Vec::with_capacity(self.count_lines(&table, node, size_of::<ExplicitSynapse>())?);
        self.lines(&table, |validator, row| {
            let source = validator.cell_index(row.cell(0)?, ends.source_size)?;
            let target = validator.cell_index(row.cell(1)?, ends.target_size)?;
            let own_weight = match row.cell(2) {
                Some(cell) => Some(validator.cell_quantity(cell, weight, "weight")?),
                None => None,
            };
            let delay_ms = match row.cell(3) {
                Some(cell) => {
                    let delay = validator.cell_quantity(cell, Dimension::TIME, "delay")?;
                    Some(validator.constant_delay(delay, &cell.place(), "delay")?)
                }
                None => None,
            };
            synapses.push(ExplicitSynapse { source, target, weight: own_weight, delay_ms });
            Some(())
        })?;
        Some(synapses)
    }

    /// Reads spikes from a table, ascending in time.
    pub(super) fn spike_table(&mut self, node: Node<'t>, size: usize) -> Option<Vec<(f64, u32)>> {
        let table = self.table(node, &["time_ms", "neuron"], &[])?;
        let mut spikes = Vec::with_capacity(self.count_lines(&table, node, size_of::<(f64, u32)>())?);
        self.lines(&table, |validator, row| {
            let cell = row.cell(0)?;
            let time = validator.cell_quantity(cell, Dimension::TIME, "time_ms")?;
            if time < 0.0 {
                let found = format!("{time} ms");
                let expected = "a run begins at 0 ms".to_owned();
                validator.reader.report(ExperimentError::OutOfRange { at: cell.place(), what: "time_ms".to_owned(), found, expected });
                return None;
            }
            let neuron = validator.cell_index(row.cell(1)?, size as u64)?;
            spikes.push((time, neuron));
            Some(())
        })?;
        spikes.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        Some(spikes)
    }

    fn table(&mut self, node: Node<'t>, needed: &[&str], optional: &[&str]) -> Option<Table> {
        let name = self.reader.text(node, "the name of a CSV file")?;
        let path = self.folder.join(&name);
        let shown = path.display().to_string();
        let refuse = |reason: &str| ExperimentError::Table { at: node.place(), file: shown.clone(), reason: reason.to_owned() };
        let bytes = match read_table(&path) {
            Ok(bytes) => bytes,
            Err(reason) => {
                self.reader.report(refuse(&reason));
                return None;
            }
        };
        let file = FileRead::of_bytes(&name, &path, &bytes);
        if !self.tables.contains(&file) {
            self.tables.push(file);
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let utf8 = error.utf8_error();
                self.reader.report(crate::error::not_text(&shown, error.as_bytes(), utf8));
                return None;
            }
        };
        let source = SourceText::file(shown.clone(), text);
        let known: Vec<&str> = needed.iter().chain(optional).copied().collect();
        let mut columns = vec![None; known.len()];
        let header = source.text().lines().next().unwrap_or_default();
        let header = header.strip_prefix('\u{feff}').unwrap_or(header);
        let mut cells = 0;
        for name in header.split(',') {
            let place = source.place(source.span_of(name.trim()));
            match known.iter().position(|known| *known == name.trim()) {
                Some(column) => {
                    if let Some(slot) = columns.get_mut(column) {
                        if slot.is_some() {
                            let name = name.trim().to_owned();
                            self.reader.report(ExperimentError::Duplicate { at: place, what: "the column", name, first: 1 });
                            return None;
                        }
                        *slot = Some(cells);
                    }
                }
                None => {
                    self.reader.unknown(place, NameKind::Column, name.trim(), known);
                    return None;
                }
            }
            cells += 1;
        }
        for (name, column) in needed.iter().zip(&columns) {
            if column.is_none() {
                self.reader.report(refuse(&format!("its first line must name the column `{name}`; the columns are {}", known.join(","))));
                return None;
            }
        }
        Some(Table { source, columns, cells })
    }

    /// The number of lines, if what is made of them fits into memory.
    fn count_lines(&mut self, table: &Table, node: Node<'t>, bytes_each: usize) -> Option<usize> {
        let lines = table.source.text().bytes().filter(|byte| *byte == b'\n').count();
        self.count_listed(&node.place(), "the table", lines)?;
        let needed = lines as f64 * bytes_each as f64;
        if available_bytes().is_some_and(|available| needed > available) {
            self.reader.report(ExperimentError::Table {
                at: node.place(),
                file: table.source.name().to_owned(),
                reason: format!("its {lines} lines do not fit into memory"),
            });
            return None;
        }
        Some(lines)
    }

    /// Calls `read` with each line after the first; stops at the first error.
    fn lines(&mut self, table: &Table, mut read: impl FnMut(&mut Self, &Row<'_>) -> Option<()>) -> Option<()> {
        let mut cells: Vec<&str> = Vec::new();
        for line in table.source.text().lines().skip(1) {
            if line.trim().is_empty() {
                continue;
            }
            cells.clear();
            cells.extend(line.split(',').take(table.cells + 1).map(str::trim));
            if cells.len() != table.cells {
                self.reader.report(ExperimentError::WrongLength {
                    at: table.source.place(table.source.span_of(line)),
                    what: "the line".to_owned(),
                    found: format!("{} cells", line.split(',').count()),
                    expected: format!("{}, one for each column", table.cells),
                });
                return None;
            }
            read(self, &Row { table, cells: &cells })?;
        }
        Some(())
    }

    fn cell_quantity(&mut self, cell: Cell<'_>, dimension: Dimension, column: &str) -> Option<f64> {
        let value = match cell.text.parse::<f64>() {
            Ok(number) => number,
            Err(_) => match Expression::parse(cell.text).and_then(|expression| expression.quantity(&self.scope, dimension)) {
                Ok(value) => value,
                Err(error) => {
                    let error = ExperimentError::Expression { at: cell.place(), context: column.to_owned(), kind: error.kind };
                    self.reader.report(error);
                    return None;
                }
            },
        };
        if value.abs() <= LARGEST {
            return Some(value);
        }
        self.reader.report(ExperimentError::OutOfRange {
            at: cell.place(),
            what: column.to_owned(),
            found: format!("{value}"),
            expected: format!("a finite number, at most {LARGEST:e}, is needed"),
        });
        None
    }

    fn cell_index(&mut self, cell: Cell<'_>, size: u64) -> Option<u32> {
        if let Ok(index) = cell.text.parse::<u32>()
            && u64::from(index) < size
        {
            return Some(index);
        }
        self.reader.report(ExperimentError::OutOfRange {
            at: cell.place(),
            what: "the index of a neuron".to_owned(),
            found: format!("`{}`", crate::error::shown(cell.text)),
            expected: format!("0 to {} is possible", size.saturating_sub(1)),
        });
        None
    }
}

/// One line of a table.
struct Row<'r> {
    table: &'r Table,
    cells: &'r [&'r str],
}

#[derive(Clone, Copy)]
struct Cell<'r> {
    source: &'r Arc<SourceText>,
    text: &'r str,
}

impl<'r> Row<'r> {
    /// The cell of a known column, if the table has it.
    fn cell(&self, column: usize) -> Option<Cell<'r>> {
        let index = self.table.columns.get(column).copied().flatten()?;
        self.cells.get(index).map(|text| Cell { source: &self.table.source, text })
    }
}

impl Cell<'_> {
    fn place(&self) -> Place {
        let span = self.source.span_of(self.text);
        self.source.place(Span { start: span.start, end: span.end })
    }
}

fn read_table(path: &std::path::Path) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file; paths are relative to the experiment's folder".to_owned(),
        _ => error.to_string(),
    })?;
    if !metadata.is_file() {
        return Err("it is not a file".to_owned());
    }
    if metadata.len() > MOST_BYTES {
        return Err(format!("{} bytes are more than the {MOST_BYTES} a table may have", metadata.len()));
    }
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}
