//! From a path or a text to a plan.

use std::{io::Read, path::Path, sync::Arc};

use neuropil_units::Span;

use crate::{
    catalogue::Catalogue,
    document::{
        node::Node,
        scan::{check_brackets, trim},
        settings::{Flags, Settings},
    },
    error::{ExperimentError, not_text},
    plan::Plan,
    source::{SourceText, printable},
    validate::Validator,
};

/// The largest experiment file that is read.
pub const LARGEST_FILE_BYTES: u64 = 64 << 20;

/// Reads an experiment file.
///
/// Tables that it names are looked for in its folder.
///
/// # Errors
/// All independent errors at once, in the order of their places.
pub fn read(path: &Path, settings: &Settings, catalogue: &dyn Catalogue) -> Result<Plan, Vec<ExperimentError>> {
    let name = printable(&path.display().to_string(), usize::MAX);
    let bytes = read_bytes(path, &name).map_err(|error| vec![error])?;
    match std::str::from_utf8(&bytes) {
        Ok(text) => read_at(path, &name, text, settings, catalogue),
        Err(error) => Err(vec![not_text(&name, &bytes, error)]),
    }
}

/// Reads an experiment from a text that is cited as `name`; tables are looked for in the folder of `name`.
///
/// # Errors
/// All independent errors at once, in the order of their places.
pub fn read_text(name: &str, text: &str, settings: &Settings, catalogue: &dyn Catalogue) -> Result<Plan, Vec<ExperimentError>> {
    read_at(Path::new(name), name, text, settings, catalogue)
}

fn read_at(path: &Path, name: &str, text: &str, settings: &Settings, catalogue: &dyn Catalogue) -> Result<Plan, Vec<ExperimentError>> {
    if text.len() as u64 > LARGEST_FILE_BYTES {
        return Err(vec![ExperimentError::TooLarge { file: name.to_owned(), bytes: text.len() as u64, limit: LARGEST_FILE_BYTES }]);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = SourceText::file(name, text);
    check_brackets(&source, Span { start: 0, end: text.len() }).map_err(|error| vec![error])?;
    if trim(text).is_empty() {
        return Err(vec![ExperimentError::Empty { file: name.to_owned() }]);
    }
    let document = Node::document(&source).map_err(|error| vec![error])?;
    let flags = settings.flags();
    Validator::new(&flags, catalogue, folder(path)).plan(document, path)
}

/// Reads one point of a study: the text of a plan again, with other settings.
pub(crate) fn read_point(plan: &Plan, flags: &Flags, catalogue: &dyn Catalogue) -> Result<Plan, Vec<ExperimentError>> {
    let source = SourceText::file(plan.path.display().to_string(), Arc::clone(&plan.text));
    let document = Node::document(&source).map_err(|error| vec![error])?;
    Validator::new(flags, catalogue, folder(&plan.path)).for_point(plan).plan(document, &plan.path)
}

/// Where the tables of an experiment are looked for.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn read_bytes(path: &Path, name: &str) -> Result<Vec<u8>, ExperimentError> {
    let file = name.to_owned();
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => ExperimentError::Missing { file: name.to_owned() },
        _ => ExperimentError::Unreadable { file: name.to_owned(), reason: error.to_string() },
    };
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(ExperimentError::NotAFile { file, found: "a folder" });
    }
    // A device or a pipe may never end.
    if !metadata.is_file() {
        return Err(ExperimentError::NotAFile { file, found: "a device or a pipe" });
    }
    let too_large = |bytes| ExperimentError::TooLarge { file: name.to_owned(), bytes, limit: LARGEST_FILE_BYTES };
    if metadata.len() > LARGEST_FILE_BYTES {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).map_err(unreadable)?;
    opened.take(LARGEST_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST_FILE_BYTES {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}
