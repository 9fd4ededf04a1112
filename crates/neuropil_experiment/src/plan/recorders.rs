//! What is kept of a run.

use crate::source::Place;

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum RecorderPlan {
    /// Every spike of some populations, or of some neurons of them.
    Spikes {
        /// Its name in the file.
        name: String,
        /// Indices of the populations.
        of: Vec<usize>,
        /// Which neurons, a list for each population, ascending; all if `None`.
        neurons: Option<Vec<Vec<u32>>>,
    },
    /// The weights of all synapses of some projections.
    Weights {
        /// Its name in the file.
        name: String,
        /// Indices of the projections.
        of: Vec<usize>,
        /// Where it stands.
        place: Place,
    },
    /// A cell that is drawn: the potentials of all its compartments at some moments.
    Cell {
        /// Its name in the file.
        name: String,
        /// Index of the population, whose neurons are cells with dendrites.
        of: usize,
        /// Which neuron of it.
        neuron: u32,
        /// The first moment, ms.
        start_ms: f64,
        /// The last, ms, after the first; it may lie after the end of the run.
        stop_ms: f64,
        /// Moments, spaced evenly, at least 2.
        frames: usize,
        /// Where it stands.
        place: Place,
    },
    /// A state variable over time.
    Trace {
        /// Its name in the file.
        name: String,
        /// Indices of the populations.
        of: Vec<usize>,
        /// The state variable, known to the model of each population; of a mechanism its name in the file, a dot, and the variable.
        variable: String,
        /// Of a mechanism's variable: the mechanism's place among those of the cell.
        mechanism: Option<usize>,
        /// Time between two values, ms, a whole number of steps.
        interval_ms: f64,
        /// Which neurons, a list for each population, ascending; all if `None`.
        neurons: Option<Vec<Vec<u32>>>,
        /// By kind of cell, which compartment; where the cell spikes if `None`.
        compartments: Option<Vec<u32>>,
        /// Where it stands.
        place: Place,
    },
}

impl RecorderPlan {
    /// Its name in the file.
    pub fn name(&self) -> &str {
        match self {
            Self::Spikes { name, .. } | Self::Weights { name, .. } | Self::Cell { name, .. } | Self::Trace { name, .. } => name,
        }
    }
}
