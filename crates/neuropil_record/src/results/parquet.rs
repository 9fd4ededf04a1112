//! Tables of results as Parquet.

use super::{ResultColumn, ResultTable};
use crate::RecordError;
use crate::files::parquet::{BATCH_ROWS, TableFile, optional_column, read_optional, write_optional, write_table};
use parquet::basic::{LogicalType, Type as PhysicalType};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use std::path::Path;

impl ResultTable {
    /// Writes the table as Parquet, Snappy-compressed: text, double, 64-bit integer and boolean columns, with null where there is no
    /// value. Equal tables make equal bytes.
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path; what was at the path before is then still there.
    pub fn write_parquet(&self, path: &Path) -> Result<(), RecordError> {
        let columns = self.columns.iter().map(|(name, column)| match column {
            ResultColumn::Text(_) => optional_column(name, PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
            ResultColumn::Number(_) => optional_column(name, PhysicalType::DOUBLE, None),
            ResultColumn::Integer(_) => optional_column(name, PhysicalType::INT64, None),
            ResultColumn::Truth(_) => optional_column(name, PhysicalType::BOOLEAN, None),
        });
        write_table(path, "results", columns.collect(), Ok(Vec::new()), |writer| {
            for first in (0..self.rows()).step_by(BATCH_ROWS) {
                let rows = first..(first + BATCH_ROWS).min(self.rows());
                let mut group = writer.next_row_group()?;
                for (_, column) in &self.columns {
                    match column {
                        ResultColumn::Text(cells) => {
                            let bytes: Vec<Option<ByteArray>> =
                                cells[rows.clone()].iter().map(|cell| cell.as_deref().map(ByteArray::from)).collect();
                            write_optional::<ByteArrayType>(&mut group, &bytes)?;
                        }
                        ResultColumn::Number(cells) => write_optional::<DoubleType>(&mut group, &cells[rows.clone()])?,
                        ResultColumn::Integer(cells) => write_optional::<Int64Type>(&mut group, &cells[rows.clone()])?,
                        ResultColumn::Truth(cells) => write_optional::<BoolType>(&mut group, &cells[rows.clone()])?,
                    }
                }
                group.close()?;
            }
            Ok(())
        })
    }

    /// Reads a table from Parquet whose columns are flat: text, double, 64-bit integer or boolean.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Malformed`] or [`RecordError::TooLarge`].
    pub fn read_parquet(path: &Path) -> Result<Self, RecordError> {
        TableFile::read(path, |file| {
            let kinds = file.flat_columns()?;
            file.check_memory(64 * kinds.len() as u64)?;
            let mut columns = Vec::with_capacity(kinds.len());
            for (place, (name, kind)) in kinds.into_iter().enumerate() {
                let column = match kind {
                    PhysicalType::BYTE_ARRAY => {
                        let text = |bytes: ByteArray| {
                            let problem = || RecordError::malformed(path, None, format!("column `{name}` is not UTF-8 text"));
                            String::from_utf8(bytes.data().to_vec()).map_err(|_| problem())
                        };
                        let cells = read_optional::<ByteArrayType>(file, place)?;
                        let cells: Result<_, _> = cells.into_iter().map(|cell| cell.map(text).transpose()).collect();
                        ResultColumn::Text(cells?)
                    }
                    PhysicalType::DOUBLE => ResultColumn::Number(read_optional::<DoubleType>(file, place)?),
                    PhysicalType::INT64 => ResultColumn::Integer(read_optional::<Int64Type>(file, place)?),
                    PhysicalType::BOOLEAN => ResultColumn::Truth(read_optional::<BoolType>(file, place)?),
                    other => {
                        let problem = format!("column `{name}` holds {other}; expected text, DOUBLE, INT64 or BOOLEAN");
                        return Err(RecordError::malformed(path, None, problem));
                    }
                };
                columns.push((name, column));
            }
            Self::from_columns(columns).map_err(|error| RecordError::malformed(path, None, error.to_string()))
        })
    }
}
