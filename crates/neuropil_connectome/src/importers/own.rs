//! The engine's own formats as inputs: compressed connectomes, connectomes as text, and plans of columns.

use crate::connectome::About;
use crate::error::{ConnectomeError, Location, path_shown, shown};
use crate::formats::{binary, text};
use crate::importers::delimited::{read_bytes, read_text};
use crate::importers::{ImportOptions, Imported, Importer, extension};
use std::path::{Path, PathBuf};

/// Reads compressed connectomes.
pub(crate) const BINARY: Importer = Importer {
    name: "connectome",
    extensions: &["connectome"],
    description: "FILE.connectome: compressed, as `neuropil convert` writes it",
    claims: |inputs, _| single(inputs, "connectome"),
    import: |inputs, options| {
        let path = first(inputs, options)?;
        let connectome = binary::parse(&path_shown(path), &read_bytes(path)?)?;
        Ok(Imported { connectome, notices: Vec::new() })
    },
};

/// Reads connectomes and plans of columns as text.
pub(crate) const TEXT: Importer = Importer {
    name: "RON",
    extensions: &["ron"],
    description: "FILE.ron: a connectome as text, `Connectome(…)`, or a plan of repeating columns to lay out, `ColumnPlan(…)`",
    claims: |inputs, _| single(inputs, "ron"),
    import: |inputs, options| {
        let path = first(inputs, options)?;
        let (file, content) = (path_shown(path), read_text(path)?);
        let connectome = match first_word(&content) {
            (_, "Connectome") => text::parse(&file, &content)?,
            (_, "ColumnPlan") => crate::generators::ColumnPlan::parse(&file, &content)?.lay_out(&file)?,
            (at, found) => {
                let Location { line, column, .. } = text::location(&file, &content, at);
                let problem =
                    format!("found `{}`; a connectome begins with `Connectome(`, a plan of columns with `ColumnPlan(`", shown(found));
                return Err(ConnectomeError::place(Location { file, line, column }, problem));
            }
        };
        Ok(Imported { connectome, notices: Vec::new() })
    },
};

fn single(inputs: &[PathBuf], wanted: &str) -> bool {
    matches!(inputs, [input] if extension(input).as_deref() == Some(wanted))
}

/// The input, of which its user may say nothing that it says itself.
fn first<'i>(inputs: &'i [PathBuf], options: &ImportOptions) -> Result<&'i Path, ConnectomeError> {
    if !options.columns.is_empty() || options.lengths.is_some() || options.kind.is_some() {
        let problem =
            "columns, lengths and kind can be chosen for tables and matrices; this file is a connectome or a plan, which says them itself";
        return Err(ConnectomeError::Request(problem.into()));
    }
    inputs.first().map(PathBuf::as_path).ok_or_else(|| ConnectomeError::Request("there is no input".into()))
}

/// The first word behind white space, comments and `#![enable(…)]`, and where it is.
fn first_word(content: &str) -> (usize, &str) {
    let mut rest = content;
    loop {
        rest = rest.trim_start();
        rest = match rest {
            _ if rest.starts_with("//") => rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or_default(),
            _ if rest.starts_with("/*") => rest.find("*/").and_then(|end| rest.get(end + 2..)).unwrap_or_default(),
            _ if rest.starts_with("#!") => rest.find(']').and_then(|end| rest.get(end + 1..)).unwrap_or_default(),
            _ => break,
        };
    }
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    let word = if end == 0 {
        rest.chars().next().map_or("", |letter| rest.get(..letter.len_utf8()).unwrap_or_default())
    } else {
        rest.get(..end).unwrap_or_default()
    };
    (content.len() - rest.len(), word)
}

/// Text about a connectome, from a file of its own: `About(title: …)` or only `(title: …)`.
///
/// # Errors
/// If the file is no such text: the place in it, and why.
pub fn read_about(path: &Path) -> Result<About, ConnectomeError> {
    let (file, content) = (path_shown(path), read_text(path)?);
    text::options().from_str(&content).map_err(|error| text::syntax(&file, &content, 0, &error))
}
