//! Recorded spikes in memory.
//!
//! A spike costs four bytes, a step that has spikes twelve more; memory comes in chunks, so a growing table is never copied.

mod csv;
mod parquet;

use crate::population::PopulationIndex;
use crate::{Population, RecordError, TimeGrid};
use std::collections::BTreeMap;

/// Spikes in a chunk; also the rows of a quarter of a Parquet row group.
const CHUNK_SPIKES: usize = 1 << 18;

/// All spikes of some populations, in the order of time.
///
/// ```
/// use neuropil_record::{Population, SpikeTable};
/// let mut table = SpikeTable::new(&[Population::new("excitatory", 0, 100)], 0.1)?;
/// table.push(15, &[3, 17]);
/// assert_eq!(table.iter().collect::<Vec<_>>(), [(15, &[3, 17][..])]);
/// # Ok::<(), neuropil_record::RecordError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SpikeTable {
    index: PopulationIndex,
    time: TimeGrid,
    chunks: Vec<Chunk>,
    spikes: u64,
    names: BTreeMap<u32, String>,
    /// Of populations, by place, that are not kept as a whole: the neurons that are, ascending.
    selections: BTreeMap<usize, Vec<u32>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Chunk {
    /// Steps that have spikes.
    steps: Vec<u64>,
    /// For each of these steps, where its neurons end.
    ends: Vec<u32>,
    neurons: Vec<u32>,
}

impl SpikeTable {
    /// An empty table for the spikes of `populations`, stamped in steps of `time_step_ms`.
    ///
    /// # Errors
    /// If populations overlap, share a name or exceed the identifiers, or the time step is not positive.
    pub fn new(populations: &[Population], time_step_ms: f64) -> Result<Self, RecordError> {
        Ok(Self {
            index: PopulationIndex::new(populations)?,
            time: TimeGrid::new(time_step_ms)?,
            chunks: Vec::new(),
            spikes: 0,
            names: BTreeMap::new(),
            selections: BTreeMap::new(),
        })
    }

    /// The same table, still empty, for some neurons only of a population (by its place in [`Self::populations`]); identifiers of other
    /// neurons are left out.
    ///
    /// ```
    /// use neuropil_record::{Population, SpikeTable};
    /// let mut table = SpikeTable::new(&[Population::new("excitatory", 0, 100)], 0.1)?.with_selection(0, [17, 40]);
    /// table.push(15, &[3, 17]);
    /// assert_eq!(table.iter().collect::<Vec<_>>(), [(15, &[17][..])]);
    /// assert_eq!(table.neurons(0), [17, 40]);
    /// # Ok::<(), neuropil_record::RecordError>(())
    /// ```
    pub fn with_selection(mut self, population: usize, neurons: impl IntoIterator<Item = u32>) -> Self {
        let Some(whole) = self.index.populations().get(population) else { return self };
        let is_own = |neuron: &u32| *neuron >= whole.first && u64::from(*neuron) < whole.end();
        let mut own: Vec<u32> = neurons.into_iter().filter(is_own).collect();
        own.sort_unstable();
        own.dedup();
        if own.len() < whole.size as usize {
            self.selections.insert(population, own);
        }
        self
    }

    /// Identifiers of the neurons of a population (by its place in [`Self::populations`]) whose spikes are kept, ascending; empty if there
    /// is no such population.
    pub fn neurons(&self, population: usize) -> Vec<u32> {
        match (self.selections.get(&population), self.populations().get(population)) {
            (Some(selected), _) => selected.clone(),
            (None, Some(whole)) => (0..whole.size).map(|index| whole.first + index).collect(),
            (None, None) => Vec::new(),
        }
    }

    /// Whether a population (by its place in [`Self::populations`]) is kept in part.
    pub fn is_selection(&self, population: usize) -> bool {
        self.selections.contains_key(&population)
    }

    /// Adds the spikes of one step: ascending neuron identifiers, in steps that do not go back. Only neurons of the table's
    /// populations, and of selections in them, are kept, so a recorder of one population may be handed the spikes of all.
    pub fn push(&mut self, step: u64, spikes: &[u32]) {
        let (chunks, mut added) = (&mut self.chunks, 0);
        for run in self.index.runs(spikes) {
            let selected: Vec<u32>;
            let mut rest = run.neurons;
            if let Some(own) = self.selections.get(&run.population) {
                selected = rest.iter().copied().filter(|neuron| own.binary_search(neuron).is_ok()).collect();
                rest = &selected;
            }
            added += rest.len() as u64;
            while !rest.is_empty() {
                let room = chunks.last().map_or(0, |chunk| CHUNK_SPIKES - chunk.neurons.len());
                if room == 0 {
                    chunks.push(Chunk::default());
                    continue;
                }
                let (now, later) = rest.split_at(room.min(rest.len()));
                if let Some(chunk) = chunks.last_mut() {
                    chunk.push(step, now);
                }
                rest = later;
            }
        }
        self.spikes += added;
    }

    /// The same table with names of its neurons by identifier, such as `AVAL`; names of other neurons are left out. Files then have a
    /// column `name`.
    pub fn with_names(mut self, mut names: BTreeMap<u32, String>) -> Self {
        names.retain(|neuron, _| {
            let run = self.index.runs(std::slice::from_ref(neuron)).next();
            run.is_some_and(|run| self.selections.get(&run.population).is_none_or(|own| own.binary_search(neuron).is_ok()))
        });
        self.names = names;
        self
    }

    /// Names of neurons by identifier; empty if they are not known.
    pub fn names(&self) -> &BTreeMap<u32, String> {
        &self.names
    }

    /// Number of spikes.
    pub fn len(&self) -> u64 {
        self.spikes
    }

    /// Whether there are no spikes.
    pub fn is_empty(&self) -> bool {
        self.spikes == 0
    }

    /// The populations whose spikes are kept.
    pub fn populations(&self) -> &[Population] {
        self.index.populations()
    }

    /// Steps and their times.
    pub fn time_grid(&self) -> TimeGrid {
        self.time
    }

    /// Memory held, bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.chunks
            .iter()
            .map(|chunk| chunk.steps.capacity() as u64 * 8 + (chunk.ends.capacity() + chunk.neurons.capacity()) as u64 * 4)
            .sum()
    }

    /// Steps and the neurons that spiked in them, in the order of time. A step may come in several parts.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u32])> {
        self.chunks.iter().flat_map(Chunk::iter)
    }

    /// Like [`Self::iter`], each part further cut by population (its place in [`Self::populations`]).
    pub fn by_population(&self) -> impl Iterator<Item = (u64, usize, &[u32])> {
        self.chunks.iter().flat_map(|chunk| chunk.by_population(&self.index))
    }
}

impl Chunk {
    fn push(&mut self, step: u64, neurons: &[u32]) {
        let (held, needed) = (self.neurons.len(), self.neurons.len() + neurons.len());
        if needed > self.neurons.capacity() {
            // Doubling, but never beyond a full chunk.
            let capacity = needed.max(2 * held).min(CHUNK_SPIKES).max(needed);
            self.neurons.reserve_exact(capacity - held);
        }
        self.neurons.extend_from_slice(neurons);
        let end = self.neurons.len() as u32;
        match self.ends.last_mut() {
            Some(last) if self.steps.last() == Some(&step) => *last = end,
            _ => {
                self.steps.push(step);
                self.ends.push(end);
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = (u64, &[u32])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        self.steps.iter().zip(starts.zip(&self.ends)).map(|(&step, (start, &end))| (step, &self.neurons[start as usize..end as usize]))
    }

    fn by_population<'a>(&'a self, index: &'a PopulationIndex) -> impl Iterator<Item = (u64, usize, &'a [u32])> {
        self.iter().flat_map(|(step, neurons)| index.runs(neurons).map(move |run| (step, run.population, run.neurons)))
    }
}

/// Spikes as a file lists them, in any order, and the table they make.
#[derive(Default)]
struct SpikeRows {
    rows: Vec<(u64, u32)>,
}

impl SpikeRows {
    /// Bytes that a row needs while a file is read.
    const BYTES: u64 = 40;

    /// Adds a row, or says what is wrong with it.
    fn add(&mut self, time: TimeGrid, time_ms: f64, neuron: u32) -> Result<(), String> {
        let step = time.step(time_ms).ok_or_else(|| format!("a spike at {time_ms} ms; expected a time from 0 on"))?;
        self.rows.push((step, neuron));
        Ok(())
    }

    fn into_table(mut self, mut table: SpikeTable) -> SpikeTable {
        if !self.rows.is_sorted() {
            self.rows.sort_unstable();
        }
        let mut neurons = Vec::new();
        for group in self.rows.chunk_by(|a, b| a.0 == b.0) {
            neurons.clear();
            neurons.extend(group.iter().map(|row| row.1));
            table.push(group[0].0, &neurons);
        }
        table
    }
}

#[cfg(test)]
mod tests;
