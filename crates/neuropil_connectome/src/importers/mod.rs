//! Connectomes from the formats that others write: one file a format, one line in [`IMPORTERS`].

pub mod columns;
mod delimited;
mod graphml;
mod matrix;
mod own;
mod parquet;
mod table;
mod tables;
mod tracts;

pub use own::read_about;

use crate::connectome::{Connectome, EdgeKind};
use crate::error::{ConnectomeError, Notice};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// All importers; the first that claims the inputs reads them.
pub const IMPORTERS: [Importer; 6] = [own::BINARY, own::TEXT, tracts::IMPORTER, matrix::IMPORTER, graphml::IMPORTER, tables::IMPORTER];

/// Reads one format.
pub struct Importer {
    /// What it is called in messages.
    pub name: &'static str,
    /// Extensions of its files, without the dot.
    pub extensions: &'static [&'static str],
    /// One line: its inputs, and what they are.
    pub description: &'static str,
    claims: fn(&[PathBuf], &ImportOptions) -> bool,
    import: fn(&[PathBuf], &ImportOptions) -> Result<Imported, ConnectomeError>,
}

/// What a user may say about inputs that their content does not.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The column that is meant, by what it means: `source` → `pre`. A meaning that is none of the fixed ones renames a column.
    pub columns: BTreeMap<String, String>,
    /// What the ends of edges are.
    pub ends: Ends,
    /// What happens to edges that occur twice.
    pub duplicates: Duplicates,
    /// The kind of all edges, where the inputs do not say.
    pub kind: Option<EdgeKind>,
    /// A matrix of lengths beside one of weights.
    pub lengths: Option<PathBuf>,
    /// What the rows of a matrix are.
    pub matrix_rows: MatrixRows,
}

/// What the ends of edges are in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ends {
    /// Names; or rows, if both columns are declared as integers by the file itself and none is the name of a node.
    #[default]
    Automatic,
    /// Names of nodes.
    Names,
    /// Rows of the table of nodes, counted from 0.
    Rows,
}

/// What happens to rows of edges that have one source, target and kind, as tables have them that list synapses region by region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// They become one, and a notice says so: counts and weights are added, of all other columns the first row counts.
    #[default]
    Merge,
    /// They are an error.
    Refuse,
}

/// What the rows of a matrix are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatrixRows {
    /// Row to column: the first column names the sources.
    #[default]
    Sources,
    /// Column to row, as whole-brain models write it.
    Targets,
}

/// A connectome, and what happened while it was read.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The connectome.
    pub connectome: Connectome,
    /// What was decided or left out; not what [`Connectome::notices`] says.
    pub notices: Vec<Notice>,
}

/// The extension of a file, in small letters.
pub(crate) fn extension(path: &Path) -> Option<String> {
    path.extension().map(|extension| extension.to_string_lossy().to_lowercase())
}

/// Reads a connectome from one or more inputs of any known format.
///
/// # Errors
/// If no importer knows the inputs, or the one that does finds them wrong: the place in the file, and why.
pub fn import(inputs: &[PathBuf], options: &ImportOptions) -> Result<Imported, ConnectomeError> {
    if inputs.is_empty() {
        return Err(ConnectomeError::Request("there is no input".into()));
    }
    match IMPORTERS.iter().find(|importer| (importer.claims)(inputs, options)) {
        Some(importer) => (importer.import)(inputs, options),
        None => {
            let names: Vec<String> = inputs.iter().map(|input| crate::error::path_shown(input)).collect();
            let known: Vec<String> =
                IMPORTERS.iter().flat_map(|importer| importer.extensions).map(|extension| format!(".{extension}")).collect();
            Err(ConnectomeError::Request(format!("{}: no format is known for this; known are {}", names.join(" "), known.join(", "))))
        }
    }
}
