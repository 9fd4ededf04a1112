//! `neuropil convert`: a connectome from the formats of others, or from one of ours into the other.

use crate::arguments::{Convert, Duplicates, Ends, Kind, MatrixRows};
use crate::output::{Failure, print};
use crate::table::{grouped, plural};
use neuropil_connectome::files::check_output;
use neuropil_connectome::importers::{self, IMPORTERS};
use neuropil_connectome::{About, Connectome, EdgeKind, ImportOptions, import, write_connectome};
use serde_json::json;
use std::path::Path;

/// Runs the command.
pub fn convert(arguments: &Convert) -> Result<(), Failure> {
    let Some((output, inputs)) = arguments.files.split_last().filter(|(_, inputs)| !inputs.is_empty()) else {
        return Err(Failure::message("an input and an output are needed: neuropil convert INPUT… OUTPUT"));
    };
    check_output(output).map_err(Failure::message)?;
    let imported = import(inputs, &options(arguments)?).map_err(Failure::message)?;
    let about = about(arguments, imported.connectome.about())?;
    let connectome = imported.connectome.with_about(about);
    write_connectome(&connectome, output).map_err(Failure::message)?;
    let notices: Vec<String> = imported.notices.into_iter().chain(connectome.notices()).map(|notice| notice.to_string()).collect();
    let bytes = std::fs::metadata(output).map_or(0, |metadata| metadata.len());
    print(&if arguments.json { as_json(&connectome, &notices, output, bytes) } else { as_text(&connectome, &notices, output, bytes) })
}

/// The inputs that are understood, for `--help`.
pub fn formats() -> String {
    let width = IMPORTERS.iter().map(|importer| importer.name.len()).max().unwrap_or(0);
    let lines = IMPORTERS.iter().map(|importer| format!("  {:width$}   {}\n", importer.name, importer.description));
    format!("Inputs:\n{}", lines.collect::<String>())
}

fn options(arguments: &Convert) -> Result<ImportOptions, Failure> {
    let mut options = ImportOptions { lengths: arguments.lengths.clone(), ..Default::default() };
    for choice in &arguments.columns {
        match choice.split_once('=').map(|(meaning, column)| (meaning.trim(), column.trim())) {
            Some((meaning, column)) if !meaning.is_empty() && !column.is_empty() => {
                if options.columns.insert(meaning.to_owned(), column.to_owned()).is_some() {
                    return Err(Failure::message(format!("--columns: `{meaning}` is given twice")));
                }
            }
            _ => return Err(Failure::message(format!("--columns {choice}: expected MEANING=COLUMN, as in source=pre"))),
        }
    }
    options.ends = match arguments.ends {
        None => importers::Ends::Automatic,
        Some(Ends::Names) => importers::Ends::Names,
        Some(Ends::Rows) => importers::Ends::Rows,
    };
    options.duplicates = match arguments.duplicates {
        Duplicates::Merge => importers::Duplicates::Merge,
        Duplicates::Refuse => importers::Duplicates::Refuse,
    };
    options.kind = arguments.kind.map(|kind| match kind {
        Kind::Chemical => EdgeKind::Chemical,
        Kind::Electrical => EdgeKind::Electrical,
        Kind::Tract => EdgeKind::Tract,
    });
    options.matrix_rows = match arguments.matrix_rows {
        MatrixRows::Sources => importers::MatrixRows::Sources,
        MatrixRows::Targets => importers::MatrixRows::Targets,
    };
    Ok(options)
}

/// What the input says of itself, then the file given with `--about`, then the flags.
fn about(arguments: &Convert, own: &About) -> Result<About, Failure> {
    let mut about = match &arguments.about {
        Some(path) => importers::read_about(path).map_err(Failure::message)?,
        None => own.clone(),
    };
    let flags = [
        (&mut about.title, &arguments.title),
        (&mut about.description, &arguments.description),
        (&mut about.source, &arguments.source),
        (&mut about.licence, &arguments.licence),
    ];
    for (field, flag) in flags {
        if let Some(text) = flag {
            field.clone_from(text);
        }
    }
    if !arguments.references.is_empty() {
        about.references.clone_from(&arguments.references);
    }
    Ok(about)
}

/// Edges of each kind that occurs.
fn kinds(connectome: &Connectome) -> Vec<(&'static str, usize)> {
    let count = |kind: EdgeKind| (kind.name(), connectome.edges().kinds.iter().filter(|found| **found == kind).count());
    EdgeKind::ALL.into_iter().map(count).filter(|(_, count)| *count > 0).collect()
}

fn as_text(connectome: &Connectome, notices: &[String], output: &Path, bytes: u64) -> String {
    let (nodes, edges) = (connectome.node_count() as u64, connectome.edge_count() as u64);
    let kinds: Vec<String> = kinds(connectome).into_iter().map(|(name, count)| format!("{} {name}", grouped(count as u64))).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
    let mut text = format!("{} node{}, {} edge{}{kinds}\n", grouped(nodes), plural(nodes), grouped(edges), plural(edges));
    for notice in notices {
        text += &format!("note: {notice}\n");
    }
    text += &format!("written to {}: {} bytes\n", output.display(), grouped(bytes));
    text
}

fn as_json(connectome: &Connectome, notices: &[String], output: &Path, bytes: u64) -> String {
    let kinds: serde_json::Map<String, serde_json::Value> =
        kinds(connectome).into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect();
    json!({
        "nodes": connectome.node_count(),
        "edges": connectome.edge_count(),
        "kinds": kinds,
        "node_columns": connectome.nodes().columns.keys().collect::<Vec<_>>(),
        "edge_columns": connectome.edges().columns.keys().collect::<Vec<_>>(),
        "notices": notices,
        "output": output.display().to_string(),
        "bytes": bytes,
    })
    .to_string()
}
