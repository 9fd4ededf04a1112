//! A table of nodes and a table of edges, as CSV, TSV or Parquet; or a table of edges alone, whose ends name the nodes.

use crate::column::{Column, MISSING, NumberColumn};
use crate::connectome::{About, Connectome, EdgeKind, Edges, Nodes};
use crate::error::{ConnectomeError, Notice, Part, Problem, shown};
use crate::importers::columns::{EDGE_COLUMNS, Meanings, NODE_COLUMNS, check_chosen, is_edges, wanted};
use crate::importers::table::{Cells, Table, Texts, Wanted};
use crate::importers::{Duplicates, Ends, ImportOptions, Imported, Importer, delimited, extension, parquet};
use crate::validate::{EDGE_NUMBERS, NODE_TEXTS, POSITION, check_names, edge_order, take_rows};
use neuropil_units::{Dimension, nearest_name};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Extensions of text tables.
pub(crate) const TEXT_EXTENSIONS: [&str; 4] = ["csv", "tsv", "tab", "txt"];

/// The importer.
pub(crate) const IMPORTER: Importer = Importer {
    name: "tables",
    extensions: &["csv", "tsv", "tab", "txt", "parquet"],
    description: "NODES EDGES, or EDGES alone: a table of nodes and one of edges, columns found by their names or chosen with --columns",
    claims: |inputs, _| {
        inputs.len() <= 2
            && inputs
                .iter()
                .all(|input| extension(input).is_some_and(|found| found == "parquet" || TEXT_EXTENSIONS.contains(&found.as_str())))
    },
    import: |inputs, options| {
        if options.lengths.is_some() {
            return Err(ConnectomeError::Request(
                "a matrix of lengths goes with one matrix of weights; tables have a column `length`".into(),
            ));
        }
        let tables = inputs.iter().map(|input| read(input, options)).collect::<Result<Vec<_>, _>>()?;
        assemble(tables, inputs, options, About::default())
    },
};

/// Reads a table of either kind.
fn read(path: &Path, options: &ImportOptions) -> Result<Table, ConnectomeError> {
    let kinds = |names: &[String]| -> Vec<Wanted> {
        let edges = is_edges(names.iter().map(String::as_str), &options.columns);
        names.iter().map(|name| wanted(name, edges, &options.columns)).collect()
    };
    if extension(path).as_deref() == Some("parquet") { parquet::read(path, &kinds) } else { delimited::read(path, &kinds) }
}

/// Makes a connectome of one or two tables.
pub(crate) fn assemble(tables: Vec<Table>, inputs: &[PathBuf], options: &ImportOptions, about: About) -> Result<Imported, ConnectomeError> {
    check_chosen(&options.columns, &tables.iter().collect::<Vec<_>>())?;
    let (mut edges, mut others): (Vec<Table>, Vec<Table>) =
        tables.into_iter().partition(|table| is_edges(table.columns.iter().map(|column| column.name.as_str()), &options.columns));
    let Some(edge_table) = edges.pop() else {
        let file = inputs.last().map(|input| crate::error::path_shown(input)).unwrap_or_default();
        let columns = others.last().map(Table::column_names).unwrap_or_default();
        let problem = format!(
            "this is no table of edges: no columns are the source and the target; the columns are {columns}; say which with --columns source=COLUMN --columns target=COLUMN"
        );
        return Err(ConnectomeError::place(crate::error::Location { file, line: 1, column: 1 }, problem));
    };
    if let Some(second) = edges.pop() {
        let problem = format!("{} has a source and a target, too; one of two tables must be that of the nodes", second.file);
        return Err(ConnectomeError::place(edge_table.place(None, 0), problem));
    }
    let mut notices = Vec::new();
    let edge_meanings = Meanings::of(&edge_table, true, &options.columns)?;
    let source = edge_meanings.require(&edge_table, "source", &EDGE_COLUMNS)?;
    let target = edge_meanings.require(&edge_table, "target", &EDGE_COLUMNS)?;
    let node_table = others.pop();
    let node_meanings = node_table.as_ref().map(|table| Meanings::of(table, false, &options.columns)).transpose()?;
    let nodes = match node_table.as_ref().zip(node_meanings.as_ref()) {
        Some((table, meanings)) => nodes(table, meanings)?,
        None => {
            let nodes = named_by_ends(&edge_table, [source, target]);
            notices.push(Notice(format!("there is no table of nodes: {} nodes are named by the ends of edges", nodes.names.len())));
            nodes
        }
    };
    for (part, table, meanings) in
        [(Part::Nodes, node_table.as_ref(), node_meanings.as_ref()), (Part::Edges, Some(&edge_table), Some(&edge_meanings))]
    {
        let renamed = table.zip(meanings).map(|(table, meanings)| meanings.renamed(table)).unwrap_or_default();
        if !renamed.is_empty() {
            notices.push(Notice(format!("columns of {part}: {}", renamed.join(", "))));
        }
    }
    // Before the ends, which would not be found among wrong names.
    check_names(&nodes.names).map_err(|error| {
        error.located(|_, row, _| {
            let (table, meanings) = node_table.as_ref().zip(node_meanings.as_ref())?;
            Some(table.place(Some(row), meanings.columns.get("name").map_or(0, |(place, _)| *place)))
        })
    })?;
    let ends = ends(&edge_table, [source, target], &nodes, options, &mut notices)?;
    let edges = columns_of_edges(&edge_table, &edge_meanings, ends, options, &mut notices)?;
    let (edges, rows) = match options.duplicates {
        Duplicates::Refuse => (edges, None),
        Duplicates::Merge => merged(&edge_table, &edge_meanings, edges, &mut notices)?,
    };
    let place = |part: Part, row: usize, column: Option<&str>| {
        let (table, meanings) = match part {
            Part::Nodes => (node_table.as_ref()?, node_meanings.as_ref()?),
            Part::Edges => (&edge_table, &edge_meanings),
        };
        let row = if part == Part::Edges { rows.as_ref().and_then(|rows| rows.get(row)).map_or(row, |row| *row as usize) } else { row };
        let cell = column.and_then(|name| meanings.columns.get(name)).map_or(0, |(place, _)| *place);
        Some(table.place(Some(row), cell))
    };
    let before = [names_of(&nodes.columns), names_of(&edges.columns)];
    let connectome = Connectome::new(about, nodes, edges).map_err(|error| match error.located(place) {
        ConnectomeError::Whole { part, column, problem } => {
            let table = if part == Part::Nodes { node_table.as_ref().unwrap_or(&edge_table) } else { &edge_table };
            let column = column.map_or(String::new(), |name| format!("column `{}`: ", shown(&name)));
            ConnectomeError::place(table.place(None, 0), format!("{column}{problem}"))
        }
        error => error,
    })?;
    for (part, before, after) in [("nodes", &before[0], &connectome.nodes().columns), ("edges", &before[1], &connectome.edges().columns)] {
        let empty: Vec<String> = before.iter().filter(|name| !after.contains_key(*name)).map(|name| format!("`{}`", shown(name))).collect();
        if !empty.is_empty() && (part == "nodes" && connectome.node_count() > 0 || connectome.edge_count() > 0) {
            notices.push(Notice(format!("columns of {part} that are empty are left out: {}", empty.join(", "))));
        }
    }
    Ok(Imported { connectome, notices })
}

fn names_of(columns: &BTreeMap<String, Column>) -> Vec<String> {
    columns.keys().cloned().collect()
}

pub(crate) fn nodes(table: &Table, meanings: &Meanings) -> Result<Nodes, ConnectomeError> {
    let name = meanings.require(table, "name", &NODE_COLUMNS)?;
    let names = table.columns.get(name).map(|column| column.cells.texts()).unwrap_or_default();
    let mut columns = BTreeMap::new();
    for (meaning, (place, factor)) in meanings.columns.iter().filter(|(meaning, _)| *meaning != "name") {
        let Some(column) = table.columns.get(*place) else { continue };
        let dimension = if POSITION.contains(&meaning.as_str()) { Dimension::LENGTH } else { Dimension::NONE };
        let cells = column.cells.column(*factor, dimension);
        let cells = if NODE_TEXTS.contains(&meaning.as_str()) { Column::Text(column.cells.texts().column()) } else { cells };
        columns.insert(meaning.clone(), cells);
    }
    let empty: Arc<str> = "".into();
    Ok(Nodes { names: (0..table.rows).map(|row| names.get(row).cloned().unwrap_or_else(|| Arc::clone(&empty))).collect(), columns })
}

/// Nodes of the names that occur at ends, in the order in which they first do.
fn named_by_ends(table: &Table, ends: [usize; 2]) -> Nodes {
    let mut seen = Texts::default();
    let [sources, targets] = ends.map(|place| table.columns.get(place).map(|column| column.cells.texts()).unwrap_or_default());
    for row in 0..table.rows {
        for texts in [&sources, &targets] {
            if let Some(name) = texts.get(row) {
                seen.push(name);
            }
        }
    }
    Nodes { names: seen.names.into(), columns: BTreeMap::new() }
}

/// Rows of the nodes at both ends of every edge.
fn ends(
    table: &Table,
    places: [usize; 2],
    nodes: &Nodes,
    options: &ImportOptions,
    notices: &mut Vec<Notice>,
) -> Result<[Vec<u32>; 2], ConnectomeError> {
    let rows_by_name: HashMap<&str, u32> = nodes.names.iter().map(AsRef::as_ref).zip(0..).collect();
    let cells = places.map(|place| table.columns.get(place).map(|column| &column.cells));
    let [Some(sources), Some(targets)] = cells else { return Ok([Vec::new(), Vec::new()]) };
    let integers = |cells: &Cells| matches!(cells, Cells::Integers(_));
    let mut as_rows = options.ends == Ends::Rows;
    if options.ends == Ends::Automatic && integers(sources) && integers(targets) && table.rows > 0 {
        let named = |cells: &Cells| match cells {
            Cells::Integers(integers) => integers.iter().any(|integer| rows_by_name.contains_key(integer.to_string().as_str())),
            _ => true,
        };
        as_rows = !named(sources) && !named(targets);
        if as_rows {
            notices.push(Notice(
                "the ends of edges are integers that name no node: they are taken as rows of the nodes, counted from 0".into(),
            ));
        }
    }
    let resolve = |cells: &Cells, place: usize, end: &'static str| -> Result<Vec<u32>, ConnectomeError> {
        if let (true, Cells::Integers(integers)) = (as_rows, cells) {
            let row = |(row, integer): (usize, &i64)| {
                let node = u32::try_from(*integer).ok().filter(|node| (*node as usize) < nodes.names.len());
                node.ok_or_else(|| table.error(row, place, no_such_row(end, &integer.to_string(), nodes.names.len())))
            };
            return integers.iter().enumerate().map(row).collect();
        }
        let texts = cells.texts();
        let find = |name: &str| match as_rows {
            true => name.parse::<u32>().ok().filter(|node| (*node as usize) < nodes.names.len()),
            false => rows_by_name.get(name).copied(),
        };
        let found: Vec<Option<u32>> = texts.names.iter().map(|name| find(name)).collect();
        let row = |(row, code): (usize, &u32)| match found.get(*code as usize) {
            Some(Some(node)) => Ok(*node),
            _ if *code == MISSING => {
                Err(table.error(row, place, Problem::Other(format!("the {end} is missing; expected the name of a node"))))
            }
            _ => {
                let name = texts.get(row).map(|name| name.to_string()).unwrap_or_default();
                let problem = if as_rows { no_such_row(end, &name, nodes.names.len()) } else { no_such_node(name, nodes) };
                Err(table.error(row, place, problem))
            }
        };
        texts.codes.iter().enumerate().map(row).collect()
    };
    let [source, target] = places;
    // The error that comes first in the file is the one to report.
    match (resolve(sources, source, "source"), resolve(targets, target, "target")) {
        (Ok(sources), Ok(targets)) => Ok([sources, targets]),
        (Err(first), Err(second)) => {
            Err(if second.location().map(|at| at.line) < first.location().map(|at| at.line) { second } else { first })
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn no_such_row(end: &'static str, found: &str, nodes: usize) -> Problem {
    match found.parse::<u64>() {
        Ok(row) => Problem::NoSuchRow { end, row, nodes },
        Err(_) => {
            Problem::Other(format!("the {end} is `{}`; expected the row of a node, from 0 to {}", shown(found), nodes.saturating_sub(1)))
        }
    }
}

fn no_such_node(name: String, nodes: &Nodes) -> Problem {
    let is_row = name.parse::<usize>().is_ok_and(|row| row < nodes.names.len());
    let hint = match nearest_name(&name, nodes.names.iter().map(AsRef::as_ref)) {
        _ if is_row => "; if ends are the rows of nodes, counted from 0, say --ends rows".to_owned(),
        Some(near) => format!("; did you mean `{}`?", shown(near)),
        None => format!("; the table of nodes has {} others", nodes.names.len()),
    };
    Problem::NoSuchNode { name, hint }
}

fn columns_of_edges(
    table: &Table,
    meanings: &Meanings,
    [sources, targets]: [Vec<u32>; 2],
    options: &ImportOptions,
    notices: &mut Vec<Notice>,
) -> Result<Edges, ConnectomeError> {
    let mut columns = BTreeMap::new();
    let mut kinds = vec![options.kind.unwrap_or(EdgeKind::Chemical); table.rows];
    for (meaning, (place, factor)) in &meanings.columns {
        let Some(column) = table.columns.get(*place) else { continue };
        match meaning.as_str() {
            "source" | "target" => {}
            "kind" => match kinds_of(table, *place, &column.cells.texts()) {
                Ok(found) => kinds = found,
                // A column called `type` may be about something else.
                Err(_) if column.name != "kind" && !options.columns.contains_key("kind") => {
                    columns.insert(column.name.clone(), Column::Text(column.cells.texts().column()));
                }
                Err(error) => return Err(error),
            },
            "sign" => sign_columns(table, *place, &column.cells, &mut columns, notices)?,
            "transmitter" => {
                columns.insert(meaning.clone(), Column::Text(column.cells.texts().column()));
            }
            meaning => {
                let dimension = EDGE_NUMBERS.iter().find(|(name, _)| *name == meaning).map_or(Dimension::NONE, |(_, dimension)| *dimension);
                columns.insert(meaning.to_owned(), column.cells.column(*factor, dimension));
            }
        }
    }
    Ok(Edges { sources: sources.into(), targets: targets.into(), kinds: kinds.into(), columns })
}

fn kinds_of(table: &Table, place: usize, texts: &Texts) -> Result<Vec<EdgeKind>, ConnectomeError> {
    let known = || EdgeKind::ALL.map(EdgeKind::name).to_vec();
    let find = |name: &str| EdgeKind::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(name));
    let found: Vec<Option<EdgeKind>> = texts.names.iter().map(|name| find(name)).collect();
    let kind = |(row, code): (usize, &u32)| {
        found.get(*code as usize).copied().flatten().ok_or_else(|| {
            let found = texts.get(row).map(|name| name.to_string()).unwrap_or_default();
            table.error(row, place, Problem::Word { what: "kind of edge", found, known: known() })
        })
    };
    texts.codes.iter().enumerate().map(kind).collect()
}

/// Signs may be numbers, `+` and `-`, or words; words that are neither excitatory nor inhibitory count as 0 and are kept beside.
fn sign_columns(
    table: &Table,
    place: usize,
    cells: &Cells,
    columns: &mut BTreeMap<String, Column>,
    notices: &mut Vec<Notice>,
) -> Result<(), ConnectomeError> {
    const WORDS: [&str; 9] = ["+", "-", "excitatory", "inhibitory", "complex", "mixed", "modulatory", "none", "unknown"];
    let texts = cells.texts();
    let sign = |word: &str| match word.to_lowercase().as_str() {
        "+" | "excitatory" => Some(1.0),
        "-" | "inhibitory" => Some(-1.0),
        "complex" | "mixed" | "modulatory" | "none" | "unknown" => Some(0.0),
        other => other.parse().ok(),
    };
    let signs: Vec<Option<f64>> = texts.names.iter().map(|word| sign(word)).collect();
    let value = |(row, code): (usize, &u32)| match signs.get(*code as usize) {
        None => Ok(f64::NAN),
        Some(Some(sign)) => Ok(*sign),
        Some(None) => {
            let found = texts.get(row).map(|name| name.to_string()).unwrap_or_default();
            Err(table.error(row, place, Problem::Word { what: "sign (-1, 0, 1 or a word)", found, known: WORDS.to_vec() }))
        }
    };
    let values = texts.codes.iter().enumerate().map(value).collect::<Result<Vec<f64>, _>>()?;
    let words: Vec<&str> = texts
        .names
        .iter()
        .zip(&signs)
        .filter(|(name, sign)| **sign == Some(0.0) && name.parse::<f64>().is_err())
        .map(|(name, _)| &**name)
        .collect();
    if !words.is_empty() {
        notices.push(Notice(format!("signs {} count as 0; the words are kept in the column `sign_word`", words.join(", "))));
        columns.insert("sign_word".into(), Column::Text(texts.column()));
    }
    columns.insert("sign".into(), Column::Number(NumberColumn::new(values, Dimension::NONE)));
    Ok(())
}

/// Columns that are added up when rows are merged.
const SUMMED: [&str; 2] = ["count", "weight"];

/// Whether some rows of a column differ.
fn differs(column: &Column, rows: std::ops::Range<usize>) -> bool {
    match column {
        Column::Number(numbers) => {
            let values = numbers.values.get(rows).unwrap_or_default();
            values.windows(2).any(|pair| matches!(pair, [a, b] if a != b && !(a.is_nan() && b.is_nan())))
        }
        Column::Text(texts) => texts.codes.get(rows).unwrap_or_default().windows(2).any(|pair| pair.first() != pair.last()),
    }
}

/// One edge of all that have one source, target and kind: counts and weights are added, of other columns the first row counts.
fn merged(
    table: &Table,
    meanings: &Meanings,
    edges: Edges,
    notices: &mut Vec<Notice>,
) -> Result<(Edges, Option<Vec<u32>>), ConnectomeError> {
    if let (Some(Column::Number(counts)), Some((place, _))) = (edges.columns.get("count"), meanings.columns.get("count"))
        && let Some((row, count)) = counts.values.iter().enumerate().find(|(_, count)| **count < 0.0)
    {
        let problem = Problem::Number { what: "the count".into(), found: count.to_string(), expected: "a number of at least 0" };
        return Err(table.error(row, *place, problem));
    }
    let order = edge_order(&edges);
    let order = order.unwrap_or_else(|| (0..edges.sources.len() as u32).collect());
    let all = take_rows(&edges, &order);
    let key = |row: usize| (all.sources.get(row), all.targets.get(row), all.kinds.get(row));
    let firsts: Vec<u32> = (0..order.len()).filter(|row| *row == 0 || key(row - 1) != key(*row)).map(|row| row as u32).collect();
    if firsts.len() == order.len() {
        return Ok((all, Some(order)));
    }
    let mut kept = take_rows(&all, &firsts);
    let ranges = || firsts.iter().zip(firsts.iter().skip(1).copied().chain([order.len() as u32]));
    let differing: Vec<String> = all
        .columns
        .iter()
        .filter(|(name, column)| {
            !SUMMED.contains(&name.as_str()) && ranges().any(|(from, to)| differs(column, *from as usize..to as usize))
        })
        .map(|(name, _)| format!("`{}`", shown(name)))
        .collect();
    let first_counts =
        if differing.is_empty() { String::new() } else { format!("; of {}, which differ, the first row counts", differing.join(", ")) };
    let rows = order.len() - firsts.len();
    let what = "with the source, target and kind of another are merged into it: counts and weights are added";
    notices.push(Notice(format!("{rows} row{} of edges {what}{first_counts}", if rows == 1 { "" } else { "s" })));
    for name in SUMMED {
        if let Some(Column::Number(numbers)) = all.columns.get(name) {
            let sum = |(from, to): (&u32, u32)| numbers.values.get(*from as usize..to as usize).unwrap_or_default().iter().sum::<f64>();
            let sums: Vec<f64> = ranges().map(sum).collect();
            kept.columns.insert(name.into(), Column::Number(NumberColumn::new(sums, numbers.dimension)));
        }
    }
    let rows = firsts.iter().filter_map(|row| order.get(*row as usize).copied()).collect();
    Ok((kept, Some(rows)))
}
