//! Connectomes as their users meet them: what goes through every format unchanged, what importers make of tables, and how they refuse.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

mod generators;
mod hostile;
mod matrices;
mod parquet;
mod round_trips;
mod speed;
mod tables;

use neuropil_connectome::{ImportOptions, Imported, import};
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder with files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// What files become; errors without the path of the folder.
fn imported(files: &[(&str, &[u8])], options: &ImportOptions) -> Result<Imported, String> {
    let folder = folder(files);
    let inputs: Vec<PathBuf> = files.iter().map(|(name, _)| folder.path().join(name)).collect();
    import(&inputs, options).map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}
