//! Tables of numbers and texts: what a sweep measured, a row a run.

use crate::RecordError;
use crate::files::atomic::write_atomically;
use crate::files::csv::{csv_writer, io_error};
use crate::files::parquet::{number_column, text_column, write_column, write_table};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use std::path::Path;

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnValues {
    /// Numbers; one that is undefined is not-a-number.
    Numbers(Vec<f64>),
    /// Texts.
    Texts(Vec<String>),
}

/// A table: columns of one length, each with a heading such as `rate [Hz]`.
///
/// ```
/// use neuropil_record::{ColumnValues, ResultTable};
/// let mut table = ResultTable::default();
/// table.push("arm", ColumnValues::Texts(vec!["control".into(), "lesioned".into()]));
/// table.push("rate [Hz]", ColumnValues::Numbers(vec![5.0, 7.5]));
/// assert_eq!(table.rows(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultTable {
    columns: Vec<(String, ColumnValues)>,
}

impl ColumnValues {
    fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    fn cell(&self, row: usize) -> String {
        match self {
            Self::Numbers(values) => values.get(row).filter(|value| value.is_finite()).map_or(String::new(), f64::to_string),
            Self::Texts(values) => values.get(row).cloned().unwrap_or_default(),
        }
    }
}

impl ResultTable {
    /// Adds a column. One whose heading is there already gets a number behind it; all columns should have one length.
    pub fn push(&mut self, heading: impl Into<String>, values: ColumnValues) {
        let heading = heading.into();
        let taken = |heading: &str| self.columns.iter().any(|(other, _)| other == heading);
        let unique = std::iter::once(heading.clone()).chain((2u32..).map(|k| format!("{heading} {k}"))).find(|heading| !taken(heading));
        self.columns.push((unique.unwrap_or(heading), values));
    }

    /// Headings and values, in order.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &ColumnValues)> {
        self.columns.iter().map(|(heading, values)| (heading.as_str(), values))
    }

    /// Number of rows: those of the shortest column.
    pub fn rows(&self) -> usize {
        self.columns.iter().map(|(_, values)| values.len()).min().unwrap_or(0)
    }

    /// Writes the table as Parquet: a double for a number, not-a-number where it is undefined, UTF-8 for a text.
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path.
    pub fn write_parquet(&self, path: &Path) -> Result<(), RecordError> {
        let column = |(heading, values): &(String, ColumnValues)| match values {
            ColumnValues::Numbers(_) => number_column(heading),
            ColumnValues::Texts(_) => text_column(heading),
        };
        let rows = self.rows();
        write_table(path, "points", self.columns.iter().map(column).collect(), Ok(Vec::new()), |writer| {
            let mut group = writer.next_row_group()?;
            for (_, values) in &self.columns {
                match values {
                    ColumnValues::Numbers(values) => {
                        let values = values.iter().take(rows).copied().collect();
                        write_column::<DoubleType>(&mut group, std::iter::once(values))?;
                    }
                    ColumnValues::Texts(values) => {
                        let values = values.iter().take(rows).map(|text| ByteArray::from(text.as_str())).collect();
                        write_column::<ByteArrayType>(&mut group, std::iter::once(values))?;
                    }
                }
            }
            group.close()?;
            Ok(())
        })
    }

    /// Writes the table as CSV; a cell is empty where a number is undefined.
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path.
    pub fn write_csv(&self, path: &Path) -> Result<(), RecordError> {
        write_atomically(path, |file| {
            let mut writer = csv_writer(file);
            writer.write_record(self.columns.iter().map(|(heading, _)| heading)).map_err(io_error)?;
            for row in 0..self.rows() {
                writer.write_record(self.columns.iter().map(|(_, values)| values.cell(row))).map_err(io_error)?;
            }
            writer.flush()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    fn table() -> ResultTable {
        let mut table = ResultTable::default();
        table.push("arm", ColumnValues::Texts(vec!["a, b".into(), String::new()]));
        table.push("rate [Hz]", ColumnValues::Numbers(vec![0.1, f64::NAN]));
        table.push("rate [Hz]", ColumnValues::Numbers(vec![1e300, -2.0]));
        table
    }

    /// Claim: a table is written with every digit, quoted where it must be. Source: RFC 4180; shortest decimal numbers.
    #[test]
    fn csv_has_every_digit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        table().write_csv(&path).unwrap();
        let large = format!("{}", 1e300);
        let expected = format!("arm,rate [Hz],rate [Hz] 2\n\"a, b\",0.1,{large}\n,,-2\n");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), expected);
    }

    /// Claim: another reader of Parquet finds the same rows.
    #[test]
    fn parquet_has_the_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.parquet");
        table().write_parquet(&path).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 2);
        let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert!(rows[0].contains("arm: \"a, b\"") && rows[0].contains("rate [Hz]: 0.1"), "{rows:?}");
        assert!(ResultTable::default().write_parquet(&folder.path().join("empty.parquet")).is_ok());
    }
}
