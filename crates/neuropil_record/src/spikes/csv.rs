//! Spikes as CSV: `time_ms,neuron,population`.

use super::{SpikeRows, SpikeTable};
use crate::files::atomic::write_atomically;
use crate::files::csv::{csv_writer, io_error, read_csv, shortened};
use crate::{Population, RecordError, TimeGrid};
use std::collections::BTreeMap;
use std::path::Path;

const HEADER: [&str; 3] = ["time_ms", "neuron", "population"];

impl SpikeTable {
    /// Writes the spikes as CSV with the header `time_ms,neuron,population` and, if names of neurons are known, a column `name`.
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path; what was at the path before is then still there.
    pub fn write_csv(&self, path: &Path) -> Result<(), RecordError> {
        write_atomically(path, |file| {
            let mut writer = csv_writer(file);
            let named = !self.names.is_empty();
            writer.write_record(HEADER.into_iter().chain(named.then_some("name"))).map_err(io_error)?;
            for (step, population, neurons) in self.by_population() {
                let time = self.time.time_ms(step).to_string();
                let name = &self.populations()[population].name;
                for neuron in neurons {
                    let own = named.then(|| self.names.get(neuron).map_or("", String::as_str));
                    writer.write_record([time.as_str(), &neuron.to_string(), name].into_iter().chain(own)).map_err(io_error)?;
                }
            }
            writer.flush()
        })
    }

    /// Reads spikes that [`Self::write_csv`] wrote. CSV keeps neither the time step nor the sizes of populations: the step is
    /// given, and a population reaches from its first to its last neuron that spiked unless `populations` are given.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Malformed`] with the line, [`RecordError::TooLarge`], or those of [`Self::new`].
    pub fn read_csv(path: &Path, time_step_ms: f64, populations: Option<&[Population]>) -> Result<Self, RecordError> {
        let time = TimeGrid::new(time_step_ms)?;
        let mut ranges: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        let mut names: BTreeMap<u32, String> = BTreeMap::new();
        let (rows, _) = read_csv(
            path,
            SpikeRows::BYTES,
            |header| {
                if (0..HEADER.len()).all(|column| header.text(column) == HEADER[column]) {
                    Ok((SpikeRows::default(), (3..header.columns()).find(|&column| header.text(column) == "name")))
                } else {
                    let found = shortened(header.text(0));
                    Err(header.error(format!("the first line begins with `{found}`; expected `{}`", HEADER.join(","))))
                }
            },
            |(rows, name_column), line| {
                let neuron: u32 = line.parse(1, "the identifier of a neuron")?;
                let time_ms = line.parse(0, "a time in ms")?;
                rows.add(time, time_ms, neuron).map_err(|problem| line.error(problem))?;
                if let Some(name) = name_column.map(|column| line.text(column)).filter(|name| !name.is_empty())
                    && !names.contains_key(&neuron)
                {
                    names.insert(neuron, name.to_owned());
                }
                match ranges.get_mut(line.text(2)) {
                    Some((first, last)) => (*first, *last) = ((*first).min(neuron), (*last).max(neuron)),
                    None => {
                        ranges.insert(line.text(2).to_owned(), (neuron, neuron));
                    }
                }
                Ok(())
            },
        )?;
        let table = match populations {
            Some(populations) => SpikeTable::new(populations, time_step_ms)?,
            None => SpikeTable::new(&inferred(path, ranges)?, time_step_ms)
                .map_err(|error| RecordError::malformed(path, None, error.to_string()))?,
        };
        Ok(rows.into_table(table).with_names(names))
    }
}

/// Populations, in the order of identifiers, from the first and last neuron of each.
fn inferred(path: &Path, ranges: BTreeMap<String, (u32, u32)>) -> Result<Vec<Population>, RecordError> {
    let mut populations = Vec::new();
    for (name, (first, last)) in ranges {
        let size = (last - first)
            .checked_add(1)
            .ok_or_else(|| RecordError::malformed(path, None, format!("population `{name}` reaches over all identifiers")))?;
        populations.push(Population { name, first, size });
    }
    populations.sort_by_key(|population| population.first);
    Ok(populations)
}
