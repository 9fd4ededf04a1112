//! Parquet files through the low-level column interface, without Arrow: half the time to compile.
//!
//! Files carry the time step and the populations or variables in their key-value metadata, so that they can be read back and
//! drawn without the experiment.

use crate::files::atomic::write_atomically;
use crate::process::available_memory_bytes;
use crate::{RecordError, TimeGrid};
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, Type as PhysicalType};
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnDescPtr, ColumnPath, Type, TypePtr};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// Rows read or written at once.
pub(crate) const BATCH_ROWS: usize = 1 << 16;

/// Metadata key of the time step, ms.
pub(crate) const TIME_STEP_KEY: &str = "neuropil.time_step_ms";

/// Metadata key of the names of neurons by identifier.
pub(crate) const NAMES_KEY: &str = "neuropil.names";

/// The writer that fills a file's row groups.
pub(crate) type TableWriter<'file> = SerializedFileWriter<&'file mut BufWriter<File>>;

/// A column of 64-bit floating-point numbers.
pub(crate) fn number_column(name: &str) -> Result<TypePtr, ParquetError> {
    column(name, PhysicalType::DOUBLE, None)
}

/// A column of unsigned 32-bit integers.
pub(crate) fn identifier_column(name: &str) -> Result<TypePtr, ParquetError> {
    column(name, PhysicalType::INT32, Some(LogicalType::integer(32, false)))
}

/// A column of text.
pub(crate) fn text_column(name: &str) -> Result<TypePtr, ParquetError> {
    column(name, PhysicalType::BYTE_ARRAY, Some(LogicalType::String))
}

fn column(name: &str, physical: PhysicalType, logical: Option<LogicalType>) -> Result<TypePtr, ParquetError> {
    let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::REQUIRED);
    Ok(Arc::new(builder.with_logical_type(logical).build()?))
}

/// A column whose cells may lack a value.
pub(crate) fn optional_column(name: &str, physical: PhysicalType, logical: Option<LogicalType>) -> Result<TypePtr, ParquetError> {
    let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
    Ok(Arc::new(builder.with_logical_type(logical).build()?))
}

/// Writes the next column of a row group, whose cells may lack a value.
pub(crate) fn write_optional<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut BufWriter<File>>,
    cells: &[Option<T::T>],
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("more columns than the schema has".to_owned()))?;
    let values: Vec<T::T> = cells.iter().flatten().cloned().collect();
    let levels: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    column.typed::<T>().write_batch(&values, Some(&levels), None)?;
    column.close()
}

/// Reads a whole column, whose cells may lack a value.
pub(crate) fn read_optional<T: DataType>(file: &TableFile, place: usize) -> Result<Vec<Option<T::T>>, RecordError> {
    let mut cells = Vec::new();
    let optional = file.is_optional(place);
    file.row_groups(|group| {
        let mut batches = ColumnBatches::<T>::new(file.path, group, place)?;
        while batches.next_rows(&mut cells, optional)? > 0 {}
        Ok(())
    })?;
    Ok(cells)
}

/// A value as JSON text under a metadata key.
pub(crate) fn metadata(key: &str, value: &impl Serialize) -> Result<KeyValue, ParquetError> {
    let text = serde_json::to_string(value).map_err(|error| ParquetError::External(Box::new(error)))?;
    Ok(KeyValue::new(key.to_owned(), text))
}

/// Writes a file atomically: `name` of the table, its columns and metadata; `fill` writes the row groups.
pub(crate) fn write_table(
    path: &Path,
    name: &str,
    columns: Result<Vec<TypePtr>, ParquetError>,
    metadata: Result<Vec<KeyValue>, ParquetError>,
    fill: impl FnOnce(&mut TableWriter) -> Result<(), ParquetError>,
) -> Result<(), RecordError> {
    write_atomically(path, |file| {
        let write = || {
            let schema = Arc::new(Type::group_type_builder(name).with_fields(columns?).build()?);
            // Identifiers ascend within a step, so their differences are small.
            let identifiers = ColumnPath::from("neuron");
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .set_created_by(concat!("neuropil version ", env!("CARGO_PKG_VERSION")).to_owned())
                .set_key_value_metadata(Some(metadata?))
                .set_column_dictionary_enabled(identifiers.clone(), false)
                .set_column_encoding(identifiers, Encoding::DELTA_BINARY_PACKED)
                .build();
            let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
            fill(&mut writer)?;
            writer.close().map(|_| ())
        };
        write().map_err(io_error)
    })
}

/// Writes the next column of a row group from batches of values.
pub(crate) fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut BufWriter<File>>,
    batches: impl Iterator<Item = Vec<T::T>>,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("more columns than the schema has".to_owned()))?;
    for batch in batches {
        column.typed::<T>().write_batch(&batch, None, None)?;
    }
    column.close()
}

/// The names of neurons as a column; empty without a name.
pub(crate) fn neuron_names(neurons: &[u32], names: &BTreeMap<u32, String>) -> Vec<ByteArray> {
    neurons.iter().map(|neuron| names.get(neuron).map_or("", String::as_str).into()).collect()
}

/// The operating system's error inside, if there is one.
fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}

/// An open Parquet file.
pub(crate) struct TableFile<'path> {
    pub(crate) path: &'path Path,
    reader: SerializedFileReader<File>,
}

impl<'path> TableFile<'path> {
    /// Opens `path` and lets `read` read it. Damaged bytes can trip an assertion of the decoder (about one file in 20,000 with
    /// random bytes changed): that, too, becomes an error about the file.
    pub(crate) fn read<T>(path: &'path Path, read: impl FnOnce(&TableFile) -> Result<T, RecordError>) -> Result<T, RecordError> {
        let file = open_regular(path)?;
        let attempt = AssertUnwindSafe(|| {
            let reader = SerializedFileReader::new(file).map_err(|error| damaged(path, error))?;
            read(&TableFile { path, reader })
        });
        catch_unwind(attempt).unwrap_or_else(|_| Err(RecordError::malformed(path, None, "damaged: its content cannot be decoded")))
    }

    /// Refuses a file whose rows would not fit into memory at `bytes_a_row`.
    pub(crate) fn check_memory(&self, bytes_a_row: u64) -> Result<(), RecordError> {
        let rows = u64::try_from(self.reader.metadata().file_metadata().num_rows()).unwrap_or(0);
        check_memory(self.path, rows, rows.saturating_mul(bytes_a_row))
    }

    /// The value under a metadata key.
    pub(crate) fn metadata<T: DeserializeOwned>(&self, key: &str) -> Result<T, RecordError> {
        self.optional_metadata(key)?.ok_or_else(|| {
            RecordError::malformed(self.path, None, format!("lacks the metadata `{key}`, which every such file of this program has"))
        })
    }

    /// The value under a metadata key that a file may lack.
    pub(crate) fn optional_metadata<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, RecordError> {
        let values = self.reader.metadata().file_metadata().key_value_metadata();
        let text = values.and_then(|values| values.iter().find(|value| value.key == key)).and_then(|value| value.value.as_ref());
        let read = |text| {
            serde_json::from_str(text).map_err(|error| RecordError::malformed(self.path, None, format!("metadata `{key}`: {error}")))
        };
        text.map(|text| read(text)).transpose()
    }

    /// The grid of steps from the metadata.
    pub(crate) fn time_grid(&self) -> Result<TimeGrid, RecordError> {
        TimeGrid::new(self.metadata(TIME_STEP_KEY)?)
            .map_err(|error| RecordError::malformed(self.path, None, format!("metadata `{TIME_STEP_KEY}`: {error}")))
    }

    /// The place of the column `name`, which must hold values of type `T`.
    pub(crate) fn column<T: DataType>(&self, name: &str) -> Result<usize, RecordError> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let place = schema.columns().iter().position(|column| column.path().parts() == [name]).ok_or_else(|| {
            let found: Vec<String> = schema.columns().iter().map(|column| format!("`{}`", column.path().string())).collect();
            RecordError::malformed(self.path, None, format!("has no column `{name}`, only {}", found.join(", ")))
        })?;
        let column = schema.column(place);
        if column.physical_type() != T::get_physical_type() || column.max_rep_level() > 0 || column.max_def_level() > 1 {
            let problem = format!("column `{name}` holds {}; expected {}", column.physical_type(), T::get_physical_type());
            return Err(RecordError::malformed(self.path, None, problem));
        }
        Ok(place)
    }

    /// Names and kinds of all columns, which must be flat.
    pub(crate) fn flat_columns(&self) -> Result<Vec<(String, PhysicalType)>, RecordError> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let column = |column: &ColumnDescPtr| match column.path().parts() {
            [name] if column.max_rep_level() == 0 && column.max_def_level() <= 1 => Ok((name.clone(), column.physical_type())),
            _ => {
                let problem = format!("column `{}` is nested; expected a table of single values", column.path().string());
                Err(RecordError::malformed(self.path, None, problem))
            }
        };
        schema.columns().iter().map(column).collect()
    }

    /// Whether cells of a column may lack a value.
    fn is_optional(&self, place: usize) -> bool {
        self.reader.metadata().file_metadata().schema_descr().column(place).max_def_level() > 0
    }

    /// Lets `read` read each row group in turn.
    pub(crate) fn row_groups(&self, mut read: impl FnMut(&dyn RowGroupReader) -> Result<(), RecordError>) -> Result<(), RecordError> {
        for place in 0..self.reader.num_row_groups() {
            // The decoder asserts these.
            let sound = self.reader.metadata().row_group(place).columns().iter().all(|column| {
                column.data_page_offset() >= 0
                    && column.compressed_size() >= 0
                    && column.dictionary_page_offset().is_none_or(|offset| offset >= 0)
            });
            if !sound {
                return Err(RecordError::malformed(self.path, None, "damaged: a column lies outside of the file"));
            }
            read(&*self.reader.get_row_group(place).map_err(|error| damaged(self.path, error))?)?;
        }
        Ok(())
    }
}

/// A column of one row group, read batch by batch.
pub(crate) struct ColumnBatches<'path, T: DataType> {
    path: &'path Path,
    reader: ColumnReaderImpl<T>,
    levels: Vec<i16>,
    /// The batch read last.
    pub(crate) values: Vec<T::T>,
}

impl<'path, T: DataType> ColumnBatches<'path, T> {
    /// The column at `place`, whose type [`TableFile::column`] has checked.
    pub(crate) fn new(path: &'path Path, group: &dyn RowGroupReader, place: usize) -> Result<Self, RecordError> {
        let reader = group.get_column_reader(place).map_err(|error| damaged(path, error))?;
        Ok(Self { path, reader: get_typed_column_reader::<T>(reader), levels: Vec::new(), values: Vec::new() })
    }

    /// Reads the next batch and says how many rows it has; 0 at the end.
    pub(crate) fn next_batch(&mut self) -> Result<usize, RecordError> {
        self.values.clear();
        self.levels.clear();
        let (rows, values, _) = self
            .reader
            .read_records(BATCH_ROWS, Some(&mut self.levels), None, &mut self.values)
            .map_err(|error| damaged(self.path, error))?;
        if values != rows || self.values.len() != rows {
            return Err(RecordError::malformed(self.path, None, "has empty cells; expected a value in every row"));
        }
        Ok(rows)
    }
}

impl<T: DataType> ColumnBatches<'_, T> {
    /// Adds the cells of the next batch, which may lack a value, and says how many rows it has; 0 at the end.
    fn next_rows(&mut self, cells: &mut Vec<Option<T::T>>, optional: bool) -> Result<usize, RecordError> {
        self.values.clear();
        self.levels.clear();
        let levels = optional.then_some(&mut self.levels);
        let (rows, values, _) =
            self.reader.read_records(BATCH_ROWS, levels, None, &mut self.values).map_err(|error| damaged(self.path, error))?;
        let held = if optional { self.levels.iter().filter(|level| **level > 0).count() } else { rows };
        if self.values.len() != values || held != values || (optional && self.levels.len() != rows) {
            return Err(RecordError::malformed(self.path, None, "damaged: its cells do not match its rows"));
        }
        let mut values = self.values.drain(..);
        if optional {
            cells.extend(self.levels.iter().map(|level| if *level > 0 { values.next() } else { None }));
        } else {
            cells.extend(values.map(Some));
        }
        Ok(rows)
    }
}

/// Opens a file that can be read to its end.
pub(crate) fn open_regular(path: &Path) -> Result<File, RecordError> {
    let file = File::open(path).map_err(|error| RecordError::io(path, "opening", error))?;
    let about = file.metadata().map_err(|error| RecordError::io(path, "opening", error))?;
    if !about.is_file() {
        return Err(RecordError::malformed(path, None, "not a file"));
    }
    Ok(file)
}

/// Refuses to hold `rows` rows of `path` if the memory for them is not there.
pub(crate) fn check_memory(path: &Path, rows: u64, needed: u64) -> Result<(), RecordError> {
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    match available_memory_bytes() {
        Some(available) if needed > available => {
            Err(RecordError::TooLarge { path: path.to_path_buf(), rows, needed_gib: gib(needed), available_gib: gib(available) })
        }
        _ => Ok(()),
    }
}

fn damaged(path: &Path, error: ParquetError) -> RecordError {
    RecordError::malformed(path, None, format!("not a whole Parquet file: {error}"))
}
