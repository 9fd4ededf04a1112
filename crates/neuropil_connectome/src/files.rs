//! Files of connectomes: read in any known format, written in the engine's own.

use crate::connectome::Connectome;
use crate::error::{ConnectomeError, path_shown};
use crate::formats::{binary, text};
use crate::importers::{ImportOptions, extension, import};
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

/// Extension of compressed connectomes.
pub const BINARY_EXTENSION: &str = "connectome";
/// Extension of connectomes as text.
pub const TEXT_EXTENSION: &str = "ron";

/// Reads a connectome; extension and content tell the format.
///
/// # Errors
/// If the file is no connectome: its name, the place in it where there is one, and why.
pub fn read_connectome(path: impl AsRef<Path>) -> Result<Connectome, ConnectomeError> {
    import(&[path.as_ref().to_owned()], &ImportOptions::default()).map(|imported| imported.connectome)
}

/// Writes a connectome, as RON or compressed, as the extension says. The file is whole or not there.
///
/// ```
/// use neuropil_connectome::{About, Connectome, Edges, Nodes, read_connectome, write_connectome};
///
/// let folder = tempfile::tempdir()?;
/// let nodes = Nodes { names: ["AVAL".into()].into(), ..Default::default() };
/// let connectome = Connectome::new(About::default(), nodes, Edges::default())?;
/// write_connectome(&connectome, folder.path().join("one.connectome"))?;
/// assert_eq!(read_connectome(folder.path().join("one.connectome"))?, connectome);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the extension is neither `.connectome` nor `.ron`, or the file cannot be written.
pub fn write_connectome(connectome: &Connectome, path: impl AsRef<Path>) -> Result<(), ConnectomeError> {
    let path = path.as_ref();
    check_output(path)?;
    let bytes =
        if extension(path).as_deref() == Some(TEXT_EXTENSION) { text::write(connectome)?.into_bytes() } else { binary::write(connectome)? };
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.partial", std::process::id()));
    let temporary = path.with_file_name(name);
    let write = || {
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(&bytes)?;
        std::fs::rename(&temporary, path)
    };
    write().map_err(|error| {
        // The first failure is the one to report.
        let _ = std::fs::remove_file(&temporary);
        ConnectomeError::io(path, "written", &error)
    })
}

/// Refuses a path that is in neither of the two formats, before work is done for it.
///
/// # Errors
/// If the extension is neither `.connectome` nor `.ron`.
pub fn check_output(path: &Path) -> Result<(), ConnectomeError> {
    match extension(path).as_deref() {
        Some(BINARY_EXTENSION | TEXT_EXTENSION) => Ok(()),
        _ => Err(ConnectomeError::Request(format!(
            "{}: a connectome is written as .connectome (compressed) or .ron (text); end the name in one of them",
            path_shown(path)
        ))),
    }
}
