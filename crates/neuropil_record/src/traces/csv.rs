//! Traces as CSV: `time_ms,neuron` and a column for each variable.

use super::{TraceRows, TraceTable, TraceVariable};
use crate::files::atomic::write_atomically;
use crate::files::csv::{csv_writer, io_error, read_csv};
use crate::{RecordError, TimeGrid};
use std::collections::BTreeMap;
use std::path::Path;

impl TraceTable {
    /// Writes the traces as CSV: one line for each step and neuron, with columns `time_ms`, `neuron`, `name` if names are
    /// known, and one for each variable, headed by name and unit (`membrane_potential [mV]`).
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path; what was at the path before is then still there.
    pub fn write_csv(&self, path: &Path) -> Result<(), RecordError> {
        write_atomically(path, |file| {
            let mut writer = csv_writer(file);
            let headings = self.variables.iter().map(TraceVariable::heading);
            let named = !self.names.is_empty();
            let first = ["time_ms", "neuron"].into_iter().chain(named.then_some("name")).map(str::to_owned);
            writer.write_record(first.chain(headings)).map_err(io_error)?;
            for chunk in &self.chunks {
                for (&step, sample) in chunk.steps.iter().zip(chunk.values.chunks(self.width().max(1))) {
                    let time = self.time.time_ms(step).to_string();
                    for (place, neuron) in self.neurons.iter().enumerate() {
                        writer.write_field(&time).map_err(io_error)?;
                        writer.write_field(neuron.to_string()).map_err(io_error)?;
                        if named {
                            writer.write_field(self.names.get(neuron).map_or("", String::as_str)).map_err(io_error)?;
                        }
                        for value in sample.iter().skip(place).step_by(self.neurons.len()) {
                            writer.write_field(value.to_string()).map_err(io_error)?;
                        }
                        writer.write_record(None::<&[u8]>).map_err(io_error)?;
                    }
                }
            }
            writer.flush()
        })
    }

    /// Reads traces that [`Self::write_csv`] wrote. CSV does not keep the time step; it is given.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Malformed`] with the line, [`RecordError::TooLarge`], or those of [`Self::new`].
    pub fn read_csv(path: &Path, time_step_ms: f64) -> Result<Self, RecordError> {
        let time = TimeGrid::new(time_step_ms)?;
        let mut row = Vec::new();
        let mut names: BTreeMap<u32, String> = BTreeMap::new();
        let (rows, _) = read_csv(
            path,
            // A line with more variables is longer, too.
            TraceRows::bytes(1),
            |header| {
                if header.text(0) != "time_ms" || header.text(1) != "neuron" {
                    return Err(header.error("the first line does not begin with `time_ms,neuron`"));
                }
                let first = if header.text(2) == "name" { 3 } else { 2 };
                let variables: Vec<TraceVariable> =
                    (first..header.columns()).map(|column| TraceVariable::from_heading(header.text(column))).collect();
                Ok((TraceRows::new(variables, time), first))
            },
            |(rows, first), line| {
                row.clear();
                let neuron = line.parse(1, "the identifier of a neuron")?;
                if *first == 3 && !line.text(2).is_empty() && !names.contains_key(&neuron) {
                    names.insert(neuron, line.text(2).to_owned());
                }
                for column in *first..line.columns() {
                    row.push(line.parse(column, "a number")?);
                }
                rows.add(line.parse(0, "a time in ms")?, neuron, &row).map_err(|problem| line.error(problem))
            },
        )?;
        let table = rows.into_table().map_err(|problem| RecordError::malformed(path, None, problem))?;
        Ok(table.with_names(names))
    }
}
