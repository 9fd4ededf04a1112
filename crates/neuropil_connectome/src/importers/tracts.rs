//! Regions and the tracts between them: a table of regions, a matrix of weights, a matrix of lengths.
//!
//! The files are told by how their names begin: `regions`, `weights`, `lengths` (with the unit in the name: `lengths_mm.csv`). A folder with one of
//! each does as well. Every cell that is not 0 becomes an edge, so a symmetric matrix gives one edge in each direction; the diagonal, tracts
//! within a region, is left out.

use crate::connectome::EdgeKind;
use crate::error::{ConnectomeError, path_shown};
use crate::importers::columns::{Meanings, wanted};
use crate::importers::matrix::{Lengths, Matrix, is_text};
use crate::importers::tables::nodes;
use crate::importers::{ImportOptions, Imported, Importer, delimited};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The importer.
pub(crate) const IMPORTER: Importer = Importer {
    name: "tracts",
    extensions: &["csv"],
    description: "FOLDER, or regions.csv weights.csv lengths_mm.csv: regions and the tracts between them",
    claims: |inputs, _| match inputs {
        [folder] if folder.is_dir() => true,
        files => files.len() > 1 && files.iter().all(|file| is_text(file)) && files.iter().any(|file| begins(file, "weights")),
    },
    import: read,
};

/// How the names of the files begin.
const STARTS: [&str; 3] = ["regions", "weights", "lengths"];

fn read(inputs: &[PathBuf], options: &ImportOptions) -> Result<Imported, ConnectomeError> {
    let files = match inputs {
        [folder] if folder.is_dir() => files_of(folder)?,
        files => files.to_vec(),
    };
    if let Some(other) = files.iter().find(|file| !STARTS.iter().any(|start| begins(file, start))) {
        return Err(ConnectomeError::file(
            other,
            "its name begins with none of regions, weights, lengths, so what it holds cannot be told",
        ));
    }
    let [regions, weights, lengths] = STARTS.map(|start| only(&files, start));
    let shown: Vec<String> = inputs.iter().map(|input| path_shown(input)).collect();
    let missing =
        |name: &str| ConnectomeError::Request(format!("{}: there is no {name}; tracts need regions.csv and weights.csv", shown.join(" ")));
    let (regions, weights) = (regions?.ok_or_else(|| missing("regions.csv"))?, weights?.ok_or_else(|| missing("weights.csv"))?);
    let lengths = options.lengths.clone().or(lengths?);
    let chosen = BTreeMap::new();
    let kinds = |names: &[String]| names.iter().map(|name| wanted(name, false, &chosen)).collect();
    let table = delimited::read(&regions, &kinds)?;
    let meanings = Meanings::of(&table, false, &chosen)?;
    let nodes = nodes(&table, &meanings)?;
    let matrix = Matrix::read(&weights)?;
    let lengths = lengths.map(|path| Lengths::read(&path, &matrix.names)).transpose()?;
    let place = |row: usize, column: Option<&str>| {
        let cell = column.and_then(|name| meanings.columns.get(name)).map_or(0, |(place, _)| *place);
        table.place(Some(row), cell)
    };
    matrix.connectome(nodes, &place, lengths.as_ref(), options.kind.unwrap_or(EdgeKind::Tract), options)
}

fn begins(path: &Path, start: &str) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().to_lowercase().starts_with(start))
}

/// The files of a folder that are part of a set of tracts, in alphabetical order.
fn files_of(folder: &Path) -> Result<Vec<PathBuf>, ConnectomeError> {
    let entries = std::fs::read_dir(folder).map_err(|error| ConnectomeError::io(folder, "read", &error))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = paths.filter(|path| is_text(path) && STARTS.iter().any(|start| begins(path, start))).collect();
    files.sort();
    if files.is_empty() {
        return Err(ConnectomeError::file(folder, "no file in this folder is called regions.csv, weights.csv or lengths_mm.csv"));
    }
    Ok(files)
}

/// The one file whose name begins so.
fn only(files: &[PathBuf], start: &str) -> Result<Option<PathBuf>, ConnectomeError> {
    let found: Vec<&PathBuf> = files.iter().filter(|file| begins(file, start)).collect();
    match found.as_slice() {
        [] => Ok(None),
        [file] => Ok(Some((*file).clone())),
        several => {
            let names: Vec<String> = several.iter().map(|file| path_shown(file)).collect();
            Err(ConnectomeError::Request(format!(
                "{} all hold {start}; name the files that belong together: regions.csv weights_X.csv lengths_mm_X.csv",
                names.join(", ")
            )))
        }
    }
}
