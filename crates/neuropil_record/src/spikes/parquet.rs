//! Spikes as Parquet: `time_ms` (double), `neuron` (unsigned 32-bit integer), `population` (text, dictionary-coded).

use super::{Chunk, SpikeRows, SpikeTable};
use crate::files::parquet::{
    ColumnBatches, NAMES_KEY, TIME_STEP_KEY, TableFile, identifier_column, metadata, neuron_names, number_column, text_column,
    write_column, write_table,
};
use crate::{Population, RecordError};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type};
use std::collections::BTreeMap;
use std::path::Path;

/// Chunks in a row group: a million spikes.
const GROUP_CHUNKS: usize = 4;

/// Metadata key of the neurons kept of populations, by place, that are not kept as a whole.
const SELECTIONS_KEY: &str = "neuropil.selections";

/// Metadata key of the populations.
const POPULATIONS_KEY: &str = "neuropil.populations";

impl SpikeTable {
    /// Writes the spikes as Parquet, Snappy-compressed: columns `time_ms` (double), `neuron` (unsigned 32-bit integer),
    /// `population` (text) and, if names of neurons are known, `name` (text, empty without a name).
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path; what was at the path before is then still there.
    pub fn write_parquet(&self, path: &Path) -> Result<(), RecordError> {
        let named = !self.names.is_empty();
        let columns = [number_column("time_ms"), identifier_column("neuron"), text_column("population")];
        let columns = columns.into_iter().chain(named.then(|| text_column("name")));
        let about = [metadata(TIME_STEP_KEY, &self.time.time_step_ms()), metadata(POPULATIONS_KEY, &self.populations())];
        let about = about.into_iter().chain(named.then(|| metadata(NAMES_KEY, &self.names)));
        let about = about.chain((!self.selections.is_empty()).then(|| metadata(SELECTIONS_KEY, &self.selections)));
        let names: Vec<ByteArray> = self.populations().iter().map(|population| population.name.as_str().into()).collect();
        write_table(path, "spikes", columns.collect(), about.collect(), |writer| {
            for chunks in self.chunks.chunks(GROUP_CHUNKS) {
                let mut group = writer.next_row_group()?;
                write_column::<DoubleType>(&mut group, chunks.iter().map(|chunk| self.times(chunk)))?;
                write_column::<Int32Type>(&mut group, chunks.iter().map(identifiers))?;
                write_column::<ByteArrayType>(&mut group, chunks.iter().map(|chunk| self.population_names(chunk, &names)))?;
                if named {
                    write_column::<ByteArrayType>(&mut group, chunks.iter().map(|chunk| neuron_names(&chunk.neurons, &self.names)))?;
                }
                group.close()?;
            }
            Ok(())
        })
    }

    /// Reads spikes that [`Self::write_parquet`] wrote.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Malformed`] or [`RecordError::TooLarge`].
    pub fn read_parquet(path: &Path) -> Result<Self, RecordError> {
        TableFile::read(path, |file| {
            file.check_memory(SpikeRows::BYTES)?;
            let time = file.time_grid()?;
            let populations: Vec<Population> = file.metadata(POPULATIONS_KEY)?;
            let mut table = SpikeTable::new(&populations, time.time_step_ms())
                .map_err(|error| RecordError::malformed(path, None, format!("metadata `{POPULATIONS_KEY}`: {error}")))?;
            let selections: Option<BTreeMap<usize, Vec<u32>>> = file.optional_metadata(SELECTIONS_KEY)?;
            for (population, neurons) in selections.unwrap_or_default() {
                table = table.with_selection(population, neurons);
            }
            let (time_column, neuron_column) = (file.column::<DoubleType>("time_ms")?, file.column::<Int32Type>("neuron")?);
            let mut rows = SpikeRows::default();
            file.row_groups(|group| {
                let mut times = ColumnBatches::<DoubleType>::new(path, group, time_column)?;
                let mut neurons = ColumnBatches::<Int32Type>::new(path, group, neuron_column)?;
                loop {
                    let (count, neuron_count) = (times.next_batch()?, neurons.next_batch()?);
                    if count != neuron_count {
                        return Err(RecordError::malformed(path, None, "its columns differ in length"));
                    }
                    if count == 0 {
                        return Ok(());
                    }
                    for (&time_ms, &neuron) in times.values.iter().zip(&neurons.values) {
                        rows.add(time, time_ms, neuron.cast_unsigned()).map_err(|problem| RecordError::malformed(path, None, problem))?;
                    }
                }
            })?;
            Ok(rows.into_table(table).with_names(file.optional_metadata(NAMES_KEY)?.unwrap_or_default()))
        })
    }

    fn times(&self, chunk: &Chunk) -> Vec<f64> {
        chunk.iter().flat_map(|(step, neurons)| std::iter::repeat_n(self.time.time_ms(step), neurons.len())).collect()
    }

    fn population_names(&self, chunk: &Chunk, names: &[ByteArray]) -> Vec<ByteArray> {
        chunk
            .by_population(&self.index)
            .flat_map(|(_, population, neurons)| std::iter::repeat_n(names[population].clone(), neurons.len()))
            .collect()
    }
}

/// Parquet stores unsigned integers in the bits of signed ones.
fn identifiers(chunk: &Chunk) -> Vec<i32> {
    chunk.neurons.iter().map(|neuron| neuron.cast_signed()).collect()
}
