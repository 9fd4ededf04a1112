//! Why results cannot be recorded, written, read or drawn.

use std::io;
use std::path::{Path, PathBuf};

/// Why results cannot be recorded, written, read or drawn. Each variant carries data, so a caller can match on it.
#[derive(thiserror::Error, Debug)]
#[non_exhaustive]
pub enum RecordError {
    /// A file or folder could not be created, written, renamed or read.
    #[error("{}: {} while {action}", path.display(), reason(source))]
    Io {
        /// The file that was asked for (not the temporary file beside it).
        path: PathBuf,
        /// What was being done, for example `writing`.
        action: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file's content is not what this program writes.
    #[error("{}{}: {problem}", path.display(), line.map(|line| format!(":{line}")).unwrap_or_default())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1, in a text file.
        line: Option<u64>,
        /// What was found and what was expected.
        problem: String,
    },
    /// A file has more rows than fit into memory.
    #[error("{}: {rows} rows need {needed_gib:.1} GiB of memory, {available_gib:.1} GiB are available; plot a shorter recording", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Rows it says it holds.
        rows: u64,
        /// Memory to hold them, GiB.
        needed_gib: f64,
        /// Memory available on this machine, GiB.
        available_gib: f64,
    },
    /// Two populations claim the same neuron.
    #[error("populations `{first}` and `{second}` overlap at neuron {neuron}; each neuron belongs to at most one population")]
    OverlappingPopulations {
        /// The population that begins at the smaller identifier.
        first: String,
        /// The population that begins inside it.
        second: String,
        /// The first neuron that both claim.
        neuron: u32,
    },
    /// Two populations, variables, projections or columns have the same name.
    #[error("two {kind} are called `{name}`; names must differ")]
    DuplicateName {
        /// What has the name: `populations`, `variables`, `projections` or `columns`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A population reaches beyond the largest neuron identifier.
    #[error("population `{name}` begins at neuron {first} and has {size} neurons: identifiers end at {}", u32::MAX)]
    TooManyNeurons {
        /// The population.
        name: String,
        /// Its first identifier.
        first: u32,
        /// Its size.
        size: u32,
    },
    /// The time step is not a positive, finite number.
    #[error("the time step is {found} ms; expected a positive number, for example 0.1 ms")]
    TimeStep {
        /// The time step, ms.
        found: f64,
    },
    /// A row of samples has the wrong length.
    #[error("a sample has {found} values; expected {expected}: one for each neuron of each variable")]
    SampleLength {
        /// Values given.
        found: usize,
        /// Variables times neurons.
        expected: usize,
    },
    /// A column of a table has no name.
    #[error("a column has no name; expected one, for example `rate_hz`")]
    ColumnName,
    /// A column of a table has another length than the others.
    #[error("column `{name}` has {found} cells; expected {expected}, as many as the other columns")]
    ColumnLength {
        /// The column.
        name: String,
        /// Its cells.
        found: usize,
        /// Cells of the other columns.
        expected: usize,
    },
    /// A window of time has no steps.
    #[error("the window from {from_ms} ms to {to_ms} ms; expected it to begin at 0 or later and to end at least a step after it begins")]
    Window {
        /// Its beginning, ms.
        from_ms: f64,
        /// Its end, ms.
        to_ms: f64,
    },
    /// There is nothing that a plot could show.
    #[error("nothing to plot: {problem}")]
    NothingToPlot {
        /// What is missing.
        problem: String,
    },
    /// The picture could not be made.
    #[error("cannot draw the picture: {problem}")]
    Drawing {
        /// What failed.
        problem: String,
    },
}

impl RecordError {
    /// An error of the operating system about `path`.
    pub(crate) fn io(path: &Path, action: &'static str, source: io::Error) -> Self {
        Self::Io { path: path.to_path_buf(), action, source }
    }

    /// A complaint about the content of `path`.
    pub(crate) fn malformed(path: &Path, line: Option<u64>, problem: impl Into<String>) -> Self {
        Self::Malformed { path: path.to_path_buf(), line, problem: problem.into() }
    }
}

/// The operating system's words without its error number, in lower case: `no space left on device`.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_with_the_file_and_the_action() {
        // 28 is ENOSPC on Linux.
        let error = RecordError::io(Path::new("results/x/spikes.parquet"), "writing", io::Error::from_raw_os_error(28));
        assert_eq!(error.to_string(), "results/x/spikes.parquet: no space left on device while writing");
    }
}
