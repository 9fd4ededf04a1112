//! Recorded weights of synapses in memory, as Parquet and as CSV.

use crate::results::ResultKind;
use crate::{RecordError, ResultColumn, ResultTable, TimeGrid};
use std::path::Path;

/// The columns of files.
const COLUMNS: [(&str, ResultKind); 6] = [
    ("time_ms", ResultKind::Number),
    ("projection", ResultKind::Text),
    ("source", ResultKind::Integer),
    ("target", ResultKind::Integer),
    ("weight", ResultKind::Number),
    ("unit", ResultKind::Text),
];

/// Step, place of the projection, source, target, weight.
type Row = (u64, u32, u32, u32, f64);

/// The weight of one synapse at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightRow<'table> {
    /// The step.
    pub step: u64,
    /// The projection's place in [`WeightTable::projections`].
    pub projection: usize,
    /// Name of the projection.
    pub name: &'table str,
    /// The presynaptic neuron.
    pub source: u32,
    /// The postsynaptic neuron.
    pub target: u32,
    /// The weight, in the projection's unit.
    pub weight: f64,
}

/// Weights of synapses of some projections at some times, in the order in which they were recorded.
///
/// ```
/// use neuropil_record::WeightTable;
/// let mut table = WeightTable::new(&[("excitatory to inhibitory", "pA")], 0.1)?;
/// table.push(100, 0, 3, 17, 45.5);
/// assert_eq!(table.iter().map(|row| row.weight).collect::<Vec<_>>(), [45.5]);
/// # Ok::<(), neuropil_record::RecordError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WeightTable {
    projections: Vec<(String, String)>,
    time: TimeGrid,
    rows: Vec<Row>,
}

impl WeightTable {
    /// An empty table for projections with their names and the units of their weights, in steps of `time_step_ms`.
    ///
    /// # Errors
    /// If two projections share a name or the time step is not positive.
    pub fn new(projections: &[(&str, &str)], time_step_ms: f64) -> Result<Self, RecordError> {
        let time = TimeGrid::new(time_step_ms)?;
        for (place, (name, _)) in projections.iter().enumerate() {
            if projections.iter().take(place).any(|(other, _)| other == name) {
                return Err(RecordError::DuplicateName { kind: "projections", name: (*name).to_owned() });
            }
        }
        let projections = projections.iter().map(|(name, unit)| ((*name).to_owned(), (*unit).to_owned())).collect();
        Ok(Self { projections, time, rows: Vec::new() })
    }

    /// Adds the weight of a synapse from `source` to `target` of the projection at a place; one of no such place is left out.
    pub fn push(&mut self, step: u64, projection: usize, source: u32, target: u32, weight: f64) {
        if projection < self.projections.len() {
            self.rows.push((step, projection as u32, source, target, weight));
        }
    }

    /// Names of the projections and units of their weights.
    pub fn projections(&self) -> &[(String, String)] {
        &self.projections
    }

    /// Steps and their times.
    pub fn time_grid(&self) -> TimeGrid {
        self.time
    }

    /// Number of recorded weights.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no weights.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The recorded weights.
    pub fn iter(&self) -> impl Iterator<Item = WeightRow<'_>> {
        self.rows.iter().map(|&(step, projection, source, target, weight)| {
            let projection = projection as usize;
            let name = self.projections.get(projection).map(|(name, _)| name.as_str()).unwrap_or_default();
            WeightRow { step, projection, name, source, target, weight }
        })
    }

    /// Writes the weights as Parquet: columns `time_ms`, `projection`, `source`, `target`, `weight` and `unit`.
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path; what was at the path before is then still there.
    pub fn write_parquet(&self, path: &Path) -> Result<(), RecordError> {
        self.results()?.write_parquet(path)
    }

    /// Writes the weights as CSV with the columns of [`Self::write_parquet`].
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path; what was at the path before is then still there.
    pub fn write_csv(&self, path: &Path) -> Result<(), RecordError> {
        self.results()?.write_csv(path)
    }

    /// Reads weights that [`Self::write_parquet`] wrote. Files do not keep the time step; it is given. Projections without a weight
    /// are not in the file.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Malformed`], [`RecordError::TooLarge`] or [`RecordError::TimeStep`].
    pub fn read_parquet(path: &Path, time_step_ms: f64) -> Result<Self, RecordError> {
        Self::from_results(path, &ResultTable::read_parquet(path)?, time_step_ms, |_| None)
    }

    /// Reads weights that [`Self::write_csv`] wrote, as [`Self::read_parquet`] does.
    ///
    /// # Errors
    /// [`RecordError::Io`], [`RecordError::Malformed`] with the line, [`RecordError::TooLarge`] or [`RecordError::TimeStep`].
    pub fn read_csv(path: &Path, time_step_ms: f64) -> Result<Self, RecordError> {
        // The header is the first line; names with line breaks make this a lower limit.
        Self::from_results(path, &ResultTable::read_csv_as(path, &COLUMNS)?, time_step_ms, |row| Some(row as u64 + 2))
    }

    fn results(&self) -> Result<ResultTable, RecordError> {
        let mut table = ResultTable::new();
        let about = |at: u32| self.projections.get(at as usize);
        let numbers = |value: &dyn Fn(&Row) -> f64| ResultColumn::Number(self.rows.iter().map(|r| Some(value(r))).collect());
        let integers =
            |value: &dyn Fn(&Row) -> u32| ResultColumn::Integer(self.rows.iter().map(|row| Some(i64::from(value(row)))).collect());
        table.add("time_ms", numbers(&|row| self.time.time_ms(row.0)))?;
        table.add("projection", ResultColumn::Text(self.rows.iter().map(|row| about(row.1).map(|about| about.0.clone())).collect()))?;
        table.add("source", integers(&|row| row.2))?;
        table.add("target", integers(&|row| row.3))?;
        table.add("weight", numbers(&|row| row.4))?;
        table.add("unit", ResultColumn::Text(self.rows.iter().map(|row| about(row.1).map(|about| about.1.clone())).collect()))?;
        Ok(table)
    }

    fn from_results(
        path: &Path,
        results: &ResultTable,
        time_step_ms: f64,
        line: impl Fn(usize) -> Option<u64>,
    ) -> Result<Self, RecordError> {
        let mut table = Self::new(&[], time_step_ms)?;
        let column = |name: &str| {
            let missing = || RecordError::malformed(path, None, format!("has no column `{name}`; expected recorded weights"));
            results.column(name).ok_or_else(missing)
        };
        let wrong =
            |name: &str| RecordError::malformed(path, None, format!("column `{name}` has another kind of values than recorded weights"));
        let (ResultColumn::Number(times), ResultColumn::Number(weights)) = (column("time_ms")?, column("weight")?) else {
            return Err(wrong("time_ms` or `weight"));
        };
        let (ResultColumn::Integer(sources), ResultColumn::Integer(targets)) = (column("source")?, column("target")?) else {
            return Err(wrong("source` or `target"));
        };
        let (ResultColumn::Text(names), ResultColumn::Text(units)) = (column("projection")?, column("unit")?) else {
            return Err(wrong("projection` or `unit"));
        };
        for row in 0..results.rows() {
            let problem = |problem: &str| RecordError::malformed(path, line(row), format!("{problem} in row {}", row + 1));
            let neuron = |cells: &[Option<i64>], what: &str| {
                cells
                    .get(row)
                    .copied()
                    .flatten()
                    .and_then(|id| u32::try_from(id).ok())
                    .ok_or_else(|| problem(&format!("no identifier of the {what} neuron")))
            };
            let step =
                times.get(row).copied().flatten().and_then(|time| table.time.step(time)).ok_or_else(|| problem("no time from 0 ms on"))?;
            let name = names.get(row).cloned().flatten().ok_or_else(|| problem("no name of the projection"))?;
            let unit = units.get(row).cloned().flatten().unwrap_or_default();
            let known = table.projections.iter().position(|(other, _)| *other == name);
            let projection = known.unwrap_or_else(|| {
                table.projections.push((name, unit));
                table.projections.len() - 1
            });
            // A weight that was not a number has no value in CSV.
            let weight = weights.get(row).copied().flatten().unwrap_or(f64::NAN);
            let (source, target) = (neuron(sources, "presynaptic")?, neuron(targets, "postsynaptic")?);
            table.push(step, projection, source, target, weight);
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_give_back_the_weights() {
        let folder = tempfile::tempdir().unwrap();
        let mut table = WeightTable::new(&[("E to I, \"fast\"", "pA"), ("gap", "")], 0.1).unwrap();
        for step in 0..500u64 {
            table.push(step * 10, (step % 2) as usize, step as u32, u32::MAX - step as u32, step as f64 / 7.0 - 3.0);
        }
        table.push(1, 9, 0, 0, 1.0);
        assert_eq!(table.len(), 500);
        let (parquet, csv) = (folder.path().join("w.parquet"), folder.path().join("w.csv"));
        table.write_parquet(&parquet).unwrap();
        table.write_csv(&csv).unwrap();
        assert_eq!(WeightTable::read_parquet(&parquet, 0.1).unwrap(), table);
        assert_eq!(WeightTable::read_csv(&csv, 0.1).unwrap(), table);
        assert!(WeightTable::new(&[("a", ""), ("a", "")], 0.1).is_err());
    }

    #[test]
    fn files_that_are_wrong_are_refused_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.csv");
        let error = |text: &str| {
            std::fs::write(&path, text).unwrap();
            WeightTable::read_csv(&path, 0.1).unwrap_err().to_string().replace(&path.display().to_string(), "w.csv")
        };
        let header = "time_ms,projection,source,target,weight,unit\n";
        assert_eq!(error(&format!("{header}0,p,1,2,3,mV\n0,p,1,2,heavy,mV\n")), "w.csv:3: `heavy` is not a number");
        assert_eq!(error(&format!("{header}0,p,1,-2,3,mV\n")), "w.csv:2: no identifier of the postsynaptic neuron in row 1");
        assert_eq!(error(&format!("{header}-5,p,1,2,3,mV\n")), "w.csv:2: no time from 0 ms on in row 1");
        assert!(error("time_ms,projection\n").contains("w.csv:1: has no column `source`, only `time_ms`, `projection`"));
    }
}
