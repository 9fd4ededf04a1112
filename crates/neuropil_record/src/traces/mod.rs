//! Recorded variables of some neurons in memory.
//!
//! A sample holds one value for each neuron of each variable, variable by variable. Samples come in chunks, so a growing table
//! is never copied.

mod csv;
mod parquet;

use crate::{RecordError, TimeGrid};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Values in a chunk, unless one sample has more.
const CHUNK_VALUES: usize = 1 << 16;

/// A recorded variable and its unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceVariable {
    /// Name, for example `membrane_potential`.
    pub name: String,
    /// Unit, for example `mV`; empty for a number without unit.
    pub unit: String,
}

impl TraceVariable {
    /// A variable called `name` in `unit`.
    pub fn new(name: impl Into<String>, unit: impl Into<String>) -> Self {
        Self { name: name.into(), unit: unit.into() }
    }

    /// The heading of its column in files: `membrane_potential [mV]`.
    pub fn heading(&self) -> String {
        if self.unit.is_empty() { self.name.clone() } else { format!("{} [{}]", self.name, self.unit) }
    }

    fn from_heading(heading: &str) -> Self {
        match heading.strip_suffix(']').and_then(|heading| heading.rsplit_once(" [")) {
            Some((name, unit)) => Self::new(name, unit),
            None => Self::new(heading, ""),
        }
    }
}

/// Samples of variables of some neurons, in the order of time.
///
/// ```
/// use neuropil_record::{TraceTable, TraceVariable};
/// let mut table = TraceTable::new(vec![TraceVariable::new("membrane_potential", "mV")], vec![3, 17], 0.1)?;
/// table.push(10, &[-65.0, -70.0])?;
/// assert_eq!(table.series(0, 1).collect::<Vec<_>>(), [(1.0, -70.0)]);
/// # Ok::<(), neuropil_record::RecordError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TraceTable {
    variables: Vec<TraceVariable>,
    neurons: Vec<u32>,
    time: TimeGrid,
    chunks: Vec<Chunk>,
    names: BTreeMap<u32, String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Chunk {
    steps: Vec<u64>,
    /// One sample after the other.
    values: Vec<f64>,
}

impl TraceTable {
    /// An empty table for `variables` of `neurons`, sampled in steps of `time_step_ms`.
    ///
    /// # Errors
    /// If two variables share a name or the time step is not positive.
    pub fn new(variables: Vec<TraceVariable>, neurons: Vec<u32>, time_step_ms: f64) -> Result<Self, RecordError> {
        let mut names: BTreeSet<&str> = BTreeSet::from(["time_ms", "neuron", "name"]);
        for variable in &variables {
            if !names.insert(&variable.name) {
                return Err(RecordError::DuplicateName { kind: "variables", name: variable.name.clone() });
            }
        }
        Ok(Self { time: TimeGrid::new(time_step_ms)?, variables, neurons, chunks: Vec::new(), names: BTreeMap::new() })
    }

    /// Adds the sample of one step, later than those before: for each variable in turn, one value for each neuron in turn, in the
    /// variable's unit.
    ///
    /// # Errors
    /// [`RecordError::SampleLength`] unless there is exactly one value for each neuron of each variable.
    pub fn push(&mut self, step: u64, values: &[f64]) -> Result<(), RecordError> {
        let expected = self.width();
        if values.len() != expected {
            return Err(RecordError::SampleLength { found: values.len(), expected });
        }
        if self.chunks.last().is_none_or(|chunk| chunk.steps.len() >= samples_in_chunk(expected)) {
            self.chunks.push(Chunk::default());
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.steps.push(step);
            chunk.values.extend_from_slice(values);
        }
        Ok(())
    }

    /// The same table with names of its neurons by identifier, such as `AVAL`; names of other neurons are left out. Files then have a
    /// column `name`.
    pub fn with_names(mut self, mut names: BTreeMap<u32, String>) -> Self {
        let known: BTreeSet<u32> = self.neurons.iter().copied().collect();
        names.retain(|neuron, _| known.contains(neuron));
        self.names = names;
        self
    }

    /// Names of neurons by identifier; empty if they are not known.
    pub fn names(&self) -> &BTreeMap<u32, String> {
        &self.names
    }

    /// The variables.
    pub fn variables(&self) -> &[TraceVariable] {
        &self.variables
    }

    /// The neurons.
    pub fn neurons(&self) -> &[u32] {
        &self.neurons
    }

    /// Steps and their times.
    pub fn time_grid(&self) -> TimeGrid {
        self.time
    }

    /// Number of samples.
    pub fn len(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.steps.len() as u64).sum()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Memory held, bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| 8 * (chunk.steps.capacity() + chunk.values.capacity()) as u64).sum()
    }

    /// Times (ms) and values (in the variable's unit) of one variable of one neuron, by their places in [`Self::variables`] and
    /// [`Self::neurons`]; empty if there are no such places.
    pub fn series(&self, variable: usize, neuron: usize) -> impl Iterator<Item = (f64, f64)> {
        let exists = variable < self.variables.len() && neuron < self.neurons.len();
        let (width, place) = (self.width(), variable * self.neurons.len() + neuron);
        self.chunks.iter().filter(move |_| exists).flat_map(move |chunk| {
            let values = chunk.values.iter().skip(place).step_by(width.max(1));
            chunk.steps.iter().zip(values).map(|(&step, &value)| (self.time.time_ms(step), value))
        })
    }

    fn width(&self) -> usize {
        self.variables.len() * self.neurons.len()
    }
}

/// Samples of `width` values in a chunk: at least one.
fn samples_in_chunk(width: usize) -> usize {
    (CHUNK_VALUES / width.max(1)).max(1)
}

/// Rows of a file, one for each step and neuron, and the table they make.
struct TraceRows {
    variables: Vec<TraceVariable>,
    time: TimeGrid,
    neurons: Vec<u32>,
    /// The table, once the first sample has said which neurons there are.
    table: Option<TraceTable>,
    step: Option<u64>,
    /// The rows of the current step.
    rows: Vec<f64>,
    rows_read: usize,
}

impl TraceRows {
    /// Bytes that a row of a file with `variables` variables needs.
    fn bytes(variables: usize) -> u64 {
        16 + 16 * variables as u64
    }

    fn new(variables: Vec<TraceVariable>, time: TimeGrid) -> Self {
        Self { variables, time, neurons: Vec::new(), table: None, step: None, rows: Vec::new(), rows_read: 0 }
    }

    /// Adds a row, or says what is wrong with it.
    fn add(&mut self, time_ms: f64, neuron: u32, values: &[f64]) -> Result<(), String> {
        let step = self.time.step(time_ms).ok_or_else(|| format!("a sample at {time_ms} ms; expected a time from 0 on"))?;
        if let Some(before) = self.step.filter(|&before| before != step) {
            if step < before {
                return Err(format!(
                    "the sample at {time_ms} ms comes after one at {} ms; expected the order of time",
                    self.time.time_ms(before)
                ));
            }
            self.finish_sample()?;
        }
        self.step = Some(step);
        match (&self.table, self.neurons.get(self.rows_read)) {
            (None, _) => self.neurons.push(neuron),
            (Some(_), Some(&expected)) if expected == neuron => {}
            (Some(_), expected) => {
                let expected = expected.map_or_else(|| "the next sample".to_owned(), |expected| format!("neuron {expected}"));
                return Err(format!(
                    "neuron {neuron} at {time_ms} ms; expected {expected}: every sample lists the same neurons in the same order"
                ));
            }
        }
        self.rows_read += 1;
        self.rows.extend_from_slice(values);
        Ok(())
    }

    fn finish_sample(&mut self) -> Result<(), String> {
        if self.table.is_none() {
            let table = TraceTable::new(self.variables.clone(), self.neurons.clone(), self.time.time_step_ms());
            self.table = Some(table.map_err(|error| error.to_string())?);
        }
        if let (Some(step), Some(table)) = (self.step, &mut self.table) {
            if self.rows_read != self.neurons.len() {
                return Err(format!(
                    "the sample at {} ms lists {} neurons; expected {}",
                    self.time.time_ms(step),
                    self.rows_read,
                    self.neurons.len()
                ));
            }
            // From one row a neuron to one column a variable.
            let width = self.variables.len();
            let values: Vec<f64> = (0..width).flat_map(|variable| self.rows.iter().skip(variable).step_by(width).copied()).collect();
            table.push(step, &values).map_err(|error| error.to_string())?;
        }
        self.rows.clear();
        self.rows_read = 0;
        Ok(())
    }

    fn into_table(mut self) -> Result<TraceTable, String> {
        self.finish_sample()?;
        match self.table {
            Some(table) => Ok(table),
            None => TraceTable::new(self.variables, self.neurons, self.time.time_step_ms()).map_err(|error| error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
