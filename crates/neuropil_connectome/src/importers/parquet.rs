//! Parquet tables, column by column. Integers stay integers: identifiers of 64 bits pass through no float.

use crate::error::{ConnectomeError, Problem, path_shown};
use crate::formats::memory_available;
use crate::importers::table::{Cells, LARGEST_EXACT, Places, Table, TableColumn, Texts, Wanted};
use parquet::basic::{ConvertedType, LogicalType, Type as Physical};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Rows read at a time.
const BATCH: usize = 1 << 16;
/// Bytes that a cell may take while it is read.
const BYTES_A_CELL: u64 = 24;

/// Reads a Parquet table; `wanted` says what its columns must hold, given their names.
pub(crate) fn read(path: &Path, wanted: &dyn Fn(&[String]) -> Vec<Wanted>) -> Result<Table, ConnectomeError> {
    let metadata = std::fs::metadata(path).map_err(|error| ConnectomeError::io(path, "read", &error))?;
    if !metadata.is_file() {
        return Err(ConnectomeError::file(path, "this is not a file"));
    }
    if metadata.len() == 0 {
        return Err(ConnectomeError::file(path, "the file is empty"));
    }
    let file = std::fs::File::open(path).map_err(|error| ConnectomeError::io(path, "read", &error))?;
    // Damaged bytes can trip an assertion of the decoder: that, too, becomes an error about the file.
    let attempt = AssertUnwindSafe(|| {
        let reader = SerializedFileReader::new(file).map_err(|error| damaged(path, &error))?;
        read_columns(path, &reader, wanted)
    });
    catch_unwind(attempt).unwrap_or_else(|_| Err(ConnectomeError::file(path, "the file is damaged: its content cannot be decoded")))
}

fn damaged(path: &Path, error: &ParquetError) -> ConnectomeError {
    ConnectomeError::file(path, format!("this is not a whole Parquet file: {error}"))
}

fn read_columns(
    path: &Path,
    reader: &SerializedFileReader<std::fs::File>,
    wanted: &dyn Fn(&[String]) -> Vec<Wanted>,
) -> Result<Table, ConnectomeError> {
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let names: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
    for (place, name) in names.iter().enumerate() {
        if names.iter().take(place).any(|earlier| earlier == name) {
            return Err(ConnectomeError::file(path, format!("two columns are called `{}`", crate::error::shown(name))));
        }
    }
    let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
    let needed = rows.saturating_mul(names.len() as u64).saturating_mul(BYTES_A_CELL);
    if let Some(available) = memory_available().filter(|available| needed > *available) {
        let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
        let problem = format!("its {rows} rows need about {:.1} GiB of memory, and {:.1} GiB are free", gib(needed), gib(available));
        return Err(ConnectomeError::file(path, problem));
    }
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    let mut table = Table { file: path_shown(path), columns: Vec::new(), rows, places: Places::Numbered };
    for ((place, name), wanted) in names.iter().enumerate().zip(wanted(&names)) {
        let description = schema.column(place);
        if description.max_rep_level() > 0 || description.path().parts().len() > 1 {
            return Err(ConnectomeError::file(
                path,
                format!("column `{}` holds lists or structures; expected one value a row", crate::error::shown(name)),
            ));
        }
        let mut builder = Builder::new(wanted);
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group).map_err(|error| damaged(path, &error))?;
            let column = group.get_column_reader(place).map_err(|error| damaged(path, &error))?;
            builder.read(column, &description).map_err(|problem| match problem {
                Refusal::Damaged(error) => damaged(path, &error),
                Refusal::Column(problem) => ConnectomeError::file(path, format!("column `{}` {problem}", crate::error::shown(name))),
            })?;
        }
        if builder.rows != rows {
            return Err(ConnectomeError::file(path, "the file is damaged: its columns differ in length"));
        }
        let cells = builder.finish().map_err(|row| {
            let problem =
                Problem::Number { what: format!("the {}", crate::error::shown(name)), found: "a text".into(), expected: "a number" };
            ConnectomeError::Place { at: table.place(Some(row), place), problem }
        })?;
        table.columns.push(TableColumn { name: name.clone(), cells });
    }
    Ok(table)
}

enum Refusal {
    Damaged(ParquetError),
    Column(String),
}

impl From<ParquetError> for Refusal {
    fn from(error: ParquetError) -> Self {
        Self::Damaged(error)
    }
}

/// A column that grows batch by batch.
struct Builder {
    wanted: Wanted,
    rows: usize,
    content: Content,
}

enum Content {
    Nothing,
    Numbers(Vec<f64>),
    Integers(Vec<Option<i128>>),
    Texts(Texts),
}

impl Builder {
    fn new(wanted: Wanted) -> Self {
        Self { wanted, rows: 0, content: Content::Nothing }
    }

    fn read(&mut self, reader: ColumnReader, description: &ColumnDescriptor) -> Result<(), Refusal> {
        let unsigned = matches!(description.logical_type_ref(), Some(LogicalType::Integer(integer)) if !integer.is_signed)
            || matches!(
                description.converted_type(),
                ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
            );
        if self.wanted == Wanted::Text && matches!(description.physical_type(), Physical::FLOAT | Physical::DOUBLE) {
            return Err(Refusal::Column("holds floats, which may have been rounded; expected texts or integers".into()));
        }
        match reader {
            ColumnReader::Int32ColumnReader(reader) => {
                self.integers(reader, |value| if unsigned { i128::from(*value as u32) } else { i128::from(*value) })
            }
            ColumnReader::Int64ColumnReader(reader) => {
                self.integers(reader, |value| if unsigned { i128::from(*value as u64) } else { i128::from(*value) })
            }
            ColumnReader::FloatColumnReader(reader) => self.numbers(reader, |value| f64::from(*value)),
            ColumnReader::DoubleColumnReader(reader) => self.numbers(reader, |value| *value),
            ColumnReader::BoolColumnReader(reader) => self.texts(reader, |value| Some(if *value { "true" } else { "false" })),
            ColumnReader::ByteArrayColumnReader(reader) => self.texts(reader, |value: &ByteArray| value.as_utf8().ok().map(str::trim)),
            ColumnReader::Int96ColumnReader(_) | ColumnReader::FixedLenByteArrayColumnReader(_) => {
                Err(Refusal::Column(format!("holds values of type {}; expected numbers or texts", description.physical_type())))
            }
        }
    }

    fn integers<T: DataType>(&mut self, reader: ColumnReaderImpl<T>, value: impl Fn(&T::T) -> i128) -> Result<(), Refusal> {
        if matches!(self.content, Content::Nothing) {
            self.content = Content::Integers(Vec::new());
        }
        let Content::Integers(integers) = &mut self.content else { return Err(changed()) };
        self.rows += each(reader, |cell| {
            integers.push(cell.map(&value));
            Ok(())
        })?;
        Ok(())
    }

    fn numbers<T: DataType>(&mut self, reader: ColumnReaderImpl<T>, value: impl Fn(&T::T) -> f64) -> Result<(), Refusal> {
        if matches!(self.content, Content::Nothing) {
            self.content = Content::Numbers(Vec::new());
        }
        let Content::Numbers(numbers) = &mut self.content else { return Err(changed()) };
        self.rows += each(reader, |cell| {
            numbers.push(cell.map_or(f64::NAN, &value));
            Ok(())
        })?;
        Ok(())
    }

    fn texts<T: DataType>(
        &mut self,
        reader: ColumnReaderImpl<T>,
        value: impl for<'v> Fn(&'v T::T) -> Option<&'v str>,
    ) -> Result<(), Refusal> {
        if matches!(self.content, Content::Nothing) {
            self.content = Content::Texts(Texts::default());
        }
        let Content::Texts(texts) = &mut self.content else { return Err(changed()) };
        self.rows += each(reader, |cell| {
            match cell {
                None => texts.push(""),
                Some(cell) => texts.push(value(cell).ok_or_else(|| Refusal::Column("holds bytes that are not UTF-8 text".into()))?),
            }
            Ok(())
        })?;
        Ok(())
    }

    /// The cells, or the row of a text where a number is needed.
    fn finish(self) -> Result<Cells, usize> {
        Ok(match self.content {
            Content::Nothing => Cells::typed(Texts::default(), self.wanted)?,
            Content::Numbers(numbers) => Cells::Numbers(numbers),
            Content::Texts(texts) if self.wanted == Wanted::Number => Cells::typed(texts, Wanted::Number)?,
            Content::Texts(texts) => Cells::Texts(texts),
            Content::Integers(integers) => {
                let small: Option<Vec<i64>> =
                    integers.iter().map(|integer| integer.and_then(|integer| i64::try_from(integer).ok())).collect();
                let exact = |integer: &Option<i128>| integer.is_none_or(|integer| integer.unsigned_abs() <= u128::from(LARGEST_EXACT));
                match small {
                    Some(integers) => Cells::Integers(integers),
                    None if self.wanted != Wanted::Text && integers.iter().all(exact) => {
                        Cells::Numbers(integers.iter().map(|integer| integer.map_or(f64::NAN, |integer| integer as f64)).collect())
                    }
                    None => {
                        let mut texts = Texts::default();
                        integers.iter().for_each(|integer| texts.push(&integer.map_or(String::new(), |integer| integer.to_string())));
                        Cells::Texts(texts)
                    }
                }
            }
        })
    }
}

fn changed() -> Refusal {
    Refusal::Column("changes its type within the file".into())
}

/// Lets `cell` see every value, `None` where it is missing; gives the number of rows.
fn each<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    mut cell: impl FnMut(Option<&T::T>) -> Result<(), Refusal>,
) -> Result<usize, Refusal> {
    let (mut rows, mut values, mut levels) = (0, Vec::new(), Vec::new());
    loop {
        values.clear();
        levels.clear();
        let (read, ..) = reader.read_records(BATCH, Some(&mut levels), None, &mut values)?;
        if read == 0 {
            return Ok(rows);
        }
        rows += read;
        if levels.is_empty() {
            values.iter().try_for_each(|value| cell(Some(value)))?;
            continue;
        }
        let mut present = values.iter();
        for level in &levels {
            cell(if *level > 0 { present.next() } else { None })?;
        }
    }
}
