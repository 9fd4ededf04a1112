//! Traces as Parquet: `time_ms` (double), `neuron` (unsigned 32-bit integer), and a double for each variable.

use super::{Chunk, TraceRows, TraceTable, TraceVariable};
use crate::RecordError;
use crate::files::parquet::{
    ColumnBatches, NAMES_KEY, TIME_STEP_KEY, TableFile, identifier_column, metadata, neuron_names, number_column, text_column,
    write_column, write_table,
};
use parquet::data_type::{ByteArrayType, DoubleType, Int32Type};
use std::path::Path;

/// Chunks in a row group.
const GROUP_CHUNKS: usize = 16;

/// Metadata key of the variables.
const VARIABLES_KEY: &str = "neuropil.variables";

/// Metadata key of the neurons.
const NEURONS_KEY: &str = "neuropil.neurons";

impl TraceTable {
    /// Writes the traces as Parquet, Snappy-compressed: one row for each step and neuron, with columns `time_ms`, `neuron`,
    /// `name` if names are known, and one for each variable, headed by name and unit (`membrane_potential [mV]`).
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path; what was at the path before is then still there.
    pub fn write_parquet(&self, path: &Path) -> Result<(), RecordError> {
        let variables = self.variables.iter().map(|variable| number_column(&variable.heading()));
        let named = !self.names.is_empty();
        let columns = [number_column("time_ms"), identifier_column("neuron")].into_iter();
        let columns = columns.chain(named.then(|| text_column("name"))).chain(variables);
        let about = [
            metadata(TIME_STEP_KEY, &self.time.time_step_ms()),
            metadata(VARIABLES_KEY, &self.variables),
            metadata(NEURONS_KEY, &self.neurons),
        ];
        let about = about.into_iter().chain(named.then(|| metadata(NAMES_KEY, &self.names)));
        let count = self.neurons.len();
        write_table(path, "traces", columns.collect(), about.collect(), |writer| {
            for chunks in self.chunks.chunks(GROUP_CHUNKS) {
                let mut group = writer.next_row_group()?;
                let times =
                    |chunk: &Chunk| chunk.steps.iter().flat_map(|&step| std::iter::repeat_n(self.time.time_ms(step), count)).collect();
                write_column::<DoubleType>(&mut group, chunks.iter().map(times))?;
                let neurons =
                    |chunk: &Chunk| chunk.steps.iter().flat_map(|_| self.neurons.iter().map(|neuron| neuron.cast_signed())).collect();
                write_column::<Int32Type>(&mut group, chunks.iter().map(neurons))?;
                if named {
                    let names = neuron_names(&self.neurons, &self.names);
                    let of_chunk = |chunk: &Chunk| chunk.steps.iter().flat_map(|_| names.iter().cloned()).collect();
                    write_column::<ByteArrayType>(&mut group, chunks.iter().map(of_chunk))?;
                }
                for variable in 0..self.variables.len() {
                    let range = variable * count..(variable + 1) * count;
                    let values = |chunk: &Chunk| {
                        chunk.values.chunks(self.width().max(1)).flat_map(|sample| sample[range.clone()].to_vec()).collect()
                    };
                    write_column::<DoubleType>(&mut group, chunks.iter().map(values))?;
                }
                group.close()?;
            }
            Ok(())
        })
    }

    /// Reads traces that [`Self::write_parquet`] wrote.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Malformed`] or [`RecordError::TooLarge`].
    pub fn read_parquet(path: &Path) -> Result<Self, RecordError> {
        TableFile::read(path, |file| {
            let malformed = |problem: String| RecordError::malformed(path, None, problem);
            let time = file.time_grid()?;
            let variables: Vec<TraceVariable> = file.metadata(VARIABLES_KEY)?;
            file.check_memory(TraceRows::bytes(variables.len()))?;
            let (time_column, neuron_column) = (file.column::<DoubleType>("time_ms")?, file.column::<Int32Type>("neuron")?);
            let columns: Vec<usize> =
                variables.iter().map(|variable| file.column::<DoubleType>(&variable.heading())).collect::<Result<_, _>>()?;
            let mut rows = TraceRows::new(variables, time);
            let mut row = vec![0.0; columns.len()];
            file.row_groups(|group| {
                let mut times = ColumnBatches::<DoubleType>::new(path, group, time_column)?;
                let mut neurons = ColumnBatches::<Int32Type>::new(path, group, neuron_column)?;
                let mut series =
                    columns.iter().map(|&place| ColumnBatches::<DoubleType>::new(path, group, place)).collect::<Result<Vec<_>, _>>()?;
                loop {
                    let count = times.next_batch()?;
                    let mut equal = neurons.next_batch()? == count;
                    for column in &mut series {
                        equal &= column.next_batch()? == count;
                    }
                    if !equal {
                        return Err(malformed("its columns differ in length".to_owned()));
                    }
                    if count == 0 {
                        return Ok(());
                    }
                    for (place, (&time_ms, &neuron)) in times.values.iter().zip(&neurons.values).enumerate() {
                        for (value, column) in row.iter_mut().zip(&series) {
                            *value = column.values[place];
                        }
                        rows.add(time_ms, neuron.cast_unsigned(), &row).map_err(malformed)?;
                    }
                }
            })?;
            if rows.step.is_none() {
                rows.neurons = file.metadata(NEURONS_KEY)?;
                rows.rows_read = rows.neurons.len();
            }
            let names = file.optional_metadata(NAMES_KEY)?.unwrap_or_default();
            Ok(rows.into_table().map_err(malformed)?.with_names(names))
        })
    }
}
