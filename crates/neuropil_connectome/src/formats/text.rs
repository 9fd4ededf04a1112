//! Connectomes as RON, for people.
//!
//! ```
//! let text = r#"Connectome(
//!     about: (title: "Two cells", licence: "CC0-1.0"),
//!     nodes: [
//!         (name: "AVAL", class: "AVA", transmitter: "ACh", position: (1.5, -271.0, 37.0)),
//!         (name: "VA01", class: "VA", tags: {"birth": "post-embryonic"}),
//!     ],
//!     edges: [
//!         (source: "AVAL", target: "VA01", kind: chemical, count: 5),
//!     ],
//! )"#;
//! let connectome = neuropil_connectome::formats::text::parse("two.ron", text)?;
//! assert_eq!(connectome.edge_count(), 1);
//! # Ok::<(), neuropil_connectome::ConnectomeError>(())
//! ```
//!
//! Positions and lengths are in µm, delays in ms. Further columns are `tags`; where their numbers have a unit, `node_units` or `edge_units`
//! name it: `node_units: {"radius": "µm"}`.

use crate::column::Column;
use crate::connectome::{About, Connectome, EdgeKind};
use crate::error::{ConnectomeError, Location, Part, Problem, shown};
use crate::records::{Dimensions, EdgeRecord, NodeRecord, Tag, edges_of, nodes_of};
use crate::validate::{EDGE_NUMBERS, POSITION};
use neuropil_units::{Dimension, nearest_name, suggestion};
use ron::extensions::Extensions;
use ron::value::RawValue;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// The document; its records stay text, so that errors can be placed.
#[derive(Deserialize)]
#[serde(rename = "Connectome", deny_unknown_fields)]
struct Document<'a> {
    #[serde(default)]
    about: About,
    #[serde(default)]
    node_units: BTreeMap<String, String>,
    #[serde(default)]
    edge_units: BTreeMap<String, String>,
    #[serde(borrow, default)]
    nodes: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    edges: Vec<&'a RawValue>,
}

/// An edge with its ends.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    source: String,
    target: String,
    #[serde(default = "chemical")]
    kind: EdgeKind,
    #[serde(default)]
    count: Option<f64>,
    #[serde(default)]
    weight: Option<f64>,
    #[serde(default)]
    sign: Option<f64>,
    #[serde(default)]
    transmitter: Option<String>,
    #[serde(default)]
    length: Option<f64>,
    #[serde(default)]
    delay: Option<f64>,
    #[serde(default)]
    tags: BTreeMap<String, Tag>,
}

fn chemical() -> EdgeKind {
    EdgeKind::Chemical
}

pub(crate) fn options() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME).with_recursion_limit(32)
}

/// The place of a byte of a text.
pub(crate) fn location(file: &str, text: &str, byte: usize) -> Location {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    Location { file: file.to_owned(), line: before.bytes().filter(|byte| *byte == b'\n').count() + 1, column }
}

/// An error of the RON reader at its place; the reader counts lines and columns from 1 within `part`, which begins at `start` of `text`.
pub(crate) fn syntax(file: &str, text: &str, start: usize, error: &ron::error::SpannedError) -> ConnectomeError {
    let within = error.span.start;
    let part = text.get(start..).unwrap_or_default();
    let mut byte = 0;
    for line in part.split_inclusive('\n').take(within.line.saturating_sub(1)) {
        byte += line.len();
    }
    let rest = part.get(byte..).unwrap_or_default();
    byte += rest.char_indices().nth(within.col.saturating_sub(1)).map_or(rest.len(), |(offset, _)| offset);
    let message = error.code.to_string();
    let mut message = message.strip_suffix('.').unwrap_or(&message).to_owned();
    if let ron::Error::NoSuchStructField { expected, found, .. } = &error.code {
        message = format!("there is no field `{}`{}", shown(found), suggestion(found, expected.iter().copied()));
    }
    if let ron::Error::NoSuchEnumVariant { expected, found, .. } = &error.code {
        message = format!(
            "`{}` is none of {}{}",
            shown(found),
            expected.join(", "),
            match nearest_name(found, expected.iter().copied()) {
                Some(name) => format!("; did you mean `{name}`?"),
                None => String::new(),
            }
        );
    }
    let mut letters = message.chars();
    let message = letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or(message);
    ConnectomeError::place(location(file, text, start + byte), message)
}

/// Parses a text; `file` is its name in messages.
///
/// # Errors
/// If it is no connectome: the place in the text, and why.
pub fn parse(file: &str, text: &str) -> Result<Connectome, ConnectomeError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.len() - body.len();
    if body.trim().is_empty() {
        return Err(ConnectomeError::File {
            file: file.into(),
            problem: Problem::Other("the file is empty; a connectome begins with `Connectome(`".into()),
        });
    }
    let options = options();
    let document: Document = options.from_str(body).map_err(|error| syntax(file, text, start, &error))?;
    let offset = |raw: &RawValue| {
        let record = raw.get_ron();
        let before = record.len() - record.trim_start().len();
        (record.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize) + before
    };
    let mut nodes: Vec<NodeRecord> = Vec::with_capacity(document.nodes.len());
    for raw in &document.nodes {
        nodes.push(options.from_str(raw.get_ron().trim_start()).map_err(|error| syntax(file, text, offset(raw), &error))?);
    }
    let rows: HashMap<&str, u32> = nodes.iter().map(|node| node.name.as_str()).zip(0..).collect();
    let mut edges: Vec<(u32, u32, EdgeRecord)> = Vec::with_capacity(document.edges.len());
    for raw in &document.edges {
        let entry: Entry = options.from_str(raw.get_ron().trim_start()).map_err(|error| syntax(file, text, offset(raw), &error))?;
        let row = |name: &str| {
            rows.get(name).copied().ok_or_else(|| {
                let hint = suggestion(name, rows.keys().copied());
                ConnectomeError::Place {
                    at: location(file, text, offset(raw)),
                    problem: Problem::NoSuchNode { name: name.to_owned(), hint },
                }
            })
        };
        let (source, target) = (row(&entry.source)?, row(&entry.target)?);
        let Entry { kind, count, weight, sign, transmitter, length, delay, tags, .. } = entry;
        edges.push((source, target, EdgeRecord { kind, count, weight, sign, transmitter, length, delay, tags }));
    }
    let place = |part: Part, row: usize, _: Option<&str>| {
        let records = if part == Part::Nodes { &document.nodes } else { &document.edges };
        records.get(row).map(|raw| location(file, text, offset(raw)))
    };
    let in_file = |error: ConnectomeError| match error.located(place) {
        ConnectomeError::Whole { part, column, problem } => {
            let column = column.map_or(String::new(), |name| format!(", column `{name}`"));
            ConnectomeError::File { file: file.into(), problem: Problem::Other(format!("{part}{column}: {problem}")) }
        }
        error => error,
    };
    let unknown = |unit: &str| {
        let problem = format!("`{}` is no unit of the coherent system, such as µm, ms, mV, pA, nS", shown(unit));
        ConnectomeError::File { file: file.into(), problem: Problem::Other(problem) }
    };
    let dimensions = |units: &BTreeMap<String, String>| -> Result<Dimensions, ConnectomeError> {
        units.iter().map(|(name, unit)| Ok((name.clone(), crate::formats::dimension(unit).ok_or_else(|| unknown(unit))?))).collect()
    };
    let (node_dimensions, edge_dimensions) = (dimensions(&document.node_units)?, dimensions(&document.edge_units)?);
    let nodes = nodes_of(nodes.iter(), &node_dimensions).map_err(in_file)?;
    let edges = edges_of(edges.iter().map(|(source, target, edge)| (*source, *target, edge)), &edge_dimensions).map_err(in_file)?;
    Connectome::new(document.about, nodes, edges).map_err(in_file)
}

/// Writes a connectome as RON, one line a node and an edge.
pub fn write(connectome: &Connectome) -> Result<String, ConnectomeError> {
    let failed = |error: ron::Error| ConnectomeError::Request(format!("this connectome cannot be written as RON: {error}"));
    let options = options();
    let line = |value: String| format!("        {value},\n");
    let mut text = String::from("Connectome(\n    about: ");
    let pretty = ron::ser::PrettyConfig::new().new_line("\n");
    let about = options.to_string_pretty(connectome.about(), pretty).map_err(failed)?;
    text += &about.replace('\n', "\n    ");
    text += ",\n";
    let fixed_nodes = |name: &str| POSITION.contains(&name);
    let fixed_edges = |name: &str| EDGE_NUMBERS.iter().any(|(number, _)| *number == name);
    let all =
        [("node_units", units(&connectome.nodes().columns, fixed_nodes)), ("edge_units", units(&connectome.edges().columns, fixed_edges))];
    for (name, units) in all {
        if !units.is_empty() {
            text += &format!("    {name}: {},\n", options.to_string(&units).map_err(failed)?);
        }
    }
    text += "    nodes: [\n";
    let compact = || ron::ser::PrettyConfig::new().depth_limit(0).compact_structs(true);
    for record in (0..connectome.node_count()).map_while(|row| connectome.node(row)) {
        text += &line(options.to_string_pretty(&record, compact()).map_err(failed)?);
    }
    text += "    ],\n    edges: [\n";
    for (source, target, record) in (0..connectome.edge_count()).map_while(|row| connectome.edge(row)) {
        let name = |row: u32| connectome.nodes().names.get(row as usize).map(|name| name.to_string()).unwrap_or_default();
        let ends = options.to_string_pretty(&Ends { source: name(source), target: name(target) }, compact()).map_err(failed)?;
        let rest = options.to_string_pretty(&record, compact()).map_err(failed)?;
        // Both are structures in brackets: one is made of the two.
        let (ends, rest) = (ends.strip_suffix(')').unwrap_or(&ends), rest.strip_prefix('(').unwrap_or(&rest));
        text += &line(format!("{ends}, {rest}"));
    }
    text += "    ],\n)\n";
    Ok(text)
}

#[derive(Serialize)]
struct Ends {
    source: String,
    target: String,
}

fn units(columns: &BTreeMap<String, Column>, fixed: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    let with_unit = columns.iter().filter_map(|(name, column)| match column {
        Column::Number(numbers) if numbers.dimension != Dimension::NONE && !fixed(name) => {
            Some((name.clone(), numbers.dimension.to_string()))
        }
        _ => None,
    });
    with_unit.collect()
}
