//! What makes nodes and edges a connectome; edges are put into their order here.

use crate::column::{Column, MISSING, NumberColumn, TextColumn};
use crate::connectome::{About, Connectome, EdgeKind, Edges, Nodes};
use crate::error::{ConnectomeError, Earlier, Notice, Part, Problem, shown};
use neuropil_units::Dimension;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Columns of nodes with a fixed meaning that hold texts.
pub const NODE_TEXTS: [&str; 5] = ["class", "type", "transmitter", "side", "region"];
/// Columns of nodes with a fixed meaning that hold lengths, µm.
pub const POSITION: [&str; 3] = ["x", "y", "z"];
/// Columns of edges with a fixed meaning that hold numbers.
pub const EDGE_NUMBERS: [(&str, Dimension); 5] = [
    ("count", Dimension::NONE),
    ("weight", Dimension::NONE),
    ("sign", Dimension::NONE),
    ("length", Dimension::LENGTH),
    ("delay", Dimension::TIME),
];
/// Columns of edges with a fixed meaning that hold texts.
pub const EDGE_TEXTS: [&str; 1] = ["transmitter"];
/// Names that mean more than a column, and cannot be one.
const RESERVED: [(Part, &[&str]); 2] = [(Part::Nodes, &["name"]), (Part::Edges, &["source", "target", "kind"])];

impl Connectome {
    /// Makes a connectome of nodes and edges, which are checked and put into order: edges ascend by source, target and kind, and columns
    /// in which every value is missing are left out.
    ///
    /// ```
    /// use neuropil_connectome::{About, Connectome, EdgeKind, Edges, Nodes};
    ///
    /// let nodes = Nodes { names: ["AVAL".into(), "AVBL".into()].into(), ..Default::default() };
    /// let edges = Edges { sources: [1, 0].into(), targets: [0, 1].into(), kinds: [EdgeKind::Chemical; 2].into(), ..Default::default() };
    /// let connectome = Connectome::new(About::default(), nodes, edges)?;
    /// assert_eq!(&*connectome.edges().sources, [0, 1]);
    /// # Ok::<(), neuropil_connectome::ConnectomeError>(())
    /// ```
    ///
    /// # Errors
    /// The first thing that cannot be: an empty name or one that occurs twice, an end that is no node, columns of different lengths, a column
    /// with a fixed meaning that holds something else, a position of one or two coordinates, an infinite number, a negative or missing
    /// count, a sign other than -1, 0 and 1, two edges of one kind from and to the same node. Rows are those of the arguments.
    pub fn new(about: About, nodes: Nodes, edges: Edges) -> Result<Self, ConnectomeError> {
        if nodes.names.len() >= u32::MAX as usize || edges.sources.len() >= u32::MAX as usize {
            return Err(ConnectomeError::Request("a connectome has fewer than 4,294,967,295 nodes and as many edges".into()));
        }
        check_names(&nodes.names)?;
        check_columns(Part::Nodes, &nodes.columns, nodes.names.len())?;
        for name in NODE_TEXTS {
            expect_texts(Part::Nodes, &nodes.columns, name)?;
        }
        for name in POSITION {
            expect_numbers(Part::Nodes, &nodes.columns, name, Dimension::LENGTH)?;
        }
        check_positions(&nodes)?;
        check_edges(&nodes, &edges)?;
        let edges = sorted(edges);
        check_duplicates(&nodes, &edges)?;
        let Edges { columns, sources, targets, kinds } = edges.in_order;
        Ok(Self::from_parts(
            about,
            Nodes { columns: canonical(nodes.columns), ..nodes },
            Edges { columns: canonical(columns), sources, targets, kinds },
        ))
    }

    /// What is allowed but may not be meant: self-loops, electrical edges that stand in both directions, nodes without edges.
    pub fn notices(&self) -> Vec<Notice> {
        let edges = self.edges();
        let mut notices = Vec::new();
        let ends = || edges.sources.iter().zip(edges.targets.iter());
        let loops = ends().filter(|(source, target)| source == target).count();
        if loops > 0 {
            notices.push(Notice(counted(loops, "self-loop", "is", "are") + " kept"));
        }
        let electrical = || ends().zip(edges.kinds.iter()).filter(|(_, kind)| **kind == EdgeKind::Electrical).map(|(ends, _)| ends);
        let forward: std::collections::HashSet<(u32, u32)> = electrical().filter(|(s, t)| s < t).map(|(s, t)| (*s, *t)).collect();
        let twice = electrical().filter(|(s, t)| s > t && forward.contains(&(**t, **s))).count();
        if twice > 0 {
            let pairs = if twice == 1 { "pair stands" } else { "pairs stand" };
            notices.push(Notice(format!("{twice} electrical {pairs} in both directions; each edge stands for both, so they count twice")));
        }
        let mut wired = vec![false; self.node_count()];
        for row in edges.sources.iter().chain(edges.targets.iter()) {
            if let Some(node) = wired.get_mut(*row as usize) {
                *node = true;
            }
        }
        let alone = wired.iter().filter(|wired| !**wired).count();
        if alone > 0 {
            notices.push(Notice(counted(alone, "node", "has", "have") + " no edges"));
        }
        notices
    }
}

pub(crate) fn counted(count: usize, what: &str, one: &str, more: &str) -> String {
    if count == 1 { format!("1 {what} {one}") } else { format!("{count} {what}s {more}") }
}

fn row_error(part: Part, row: usize, column: Option<&str>, problem: Problem) -> ConnectomeError {
    ConnectomeError::Row { part, row, column: column.map(Into::into), problem }
}

pub(crate) fn check_names(names: &[Arc<str>]) -> Result<(), ConnectomeError> {
    let mut seen: HashMap<&str, usize> = HashMap::with_capacity(names.len());
    for (row, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(row_error(Part::Nodes, row, Some("name"), Problem::EmptyName));
        }
        if let Some(first) = seen.insert(name, row) {
            let problem = Problem::DuplicateName { name: name.to_string(), first: Earlier::Row(first) };
            return Err(row_error(Part::Nodes, row, Some("name"), problem));
        }
    }
    Ok(())
}

/// Lengths, codes of texts, infinite numbers.
fn check_columns(part: Part, columns: &BTreeMap<String, Column>, rows: usize) -> Result<(), ConnectomeError> {
    for (name, column) in columns {
        let whole = |problem| ConnectomeError::Whole { part, column: Some(name.clone()), problem };
        if name.trim().is_empty() || RESERVED.iter().any(|(of, names)| *of == part && names.contains(&name.as_str())) {
            return Err(whole(Problem::Other("no column can have this name; choose another".into())));
        }
        if column.len() != rows {
            return Err(whole(Problem::Length { found: column.len(), expected: rows }));
        }
        match column {
            Column::Number(numbers) => {
                if let Some(row) = numbers.values.iter().position(|value| value.is_infinite()) {
                    let problem =
                        Problem::Number { what: format!("`{}`", shown(name)), found: "infinite".into(), expected: "a finite number" };
                    return Err(row_error(part, row, Some(name), problem));
                }
            }
            Column::Text(texts) => {
                let ascending = texts.names.windows(2).all(|pair| pair.first() < pair.last());
                let known = texts.codes.iter().all(|code| *code == MISSING || (*code as usize) < texts.names.len());
                if !ascending || !known || texts.names.first().is_some_and(|name| name.is_empty()) {
                    return Err(whole(Problem::Texts));
                }
            }
        }
    }
    Ok(())
}

fn expect_texts(part: Part, columns: &BTreeMap<String, Column>, name: &str) -> Result<(), ConnectomeError> {
    match columns.get(name) {
        Some(Column::Number(numbers)) => Err(wrong_type(part, name, numbers.dimension.describe().into(), "texts".into())),
        _ => Ok(()),
    }
}

fn expect_numbers(part: Part, columns: &BTreeMap<String, Column>, name: &str, dimension: Dimension) -> Result<(), ConnectomeError> {
    match columns.get(name) {
        Some(Column::Number(numbers)) if numbers.dimension != dimension => {
            Err(wrong_type(part, name, numbers.dimension.describe().into(), format!("{} ({dimension})", dimension.describe())))
        }
        Some(Column::Text(_)) => Err(wrong_type(part, name, "texts".into(), "numbers".into())),
        _ => Ok(()),
    }
}

fn wrong_type(part: Part, name: &str, found: String, expected: String) -> ConnectomeError {
    ConnectomeError::Whole { part, column: Some(name.into()), problem: Problem::Type { found, expected } }
}

fn numbers<'a>(columns: &'a BTreeMap<String, Column>, name: &str) -> Option<&'a [f64]> {
    match columns.get(name) {
        Some(Column::Number(numbers)) => Some(&numbers.values),
        _ => None,
    }
}

fn check_positions(nodes: &Nodes) -> Result<(), ConnectomeError> {
    let [x, y, z] = POSITION.map(|name| numbers(&nodes.columns, name));
    if x.is_none() && y.is_none() && z.is_none() {
        return Ok(());
    }
    let has = |column: Option<&[f64]>, row: usize| column.and_then(|values| values.get(row)).is_some_and(|value| !value.is_nan());
    for row in 0..nodes.names.len() {
        let given = u8::from(has(x, row)) + u8::from(has(y, row)) + u8::from(has(z, row));
        if given == 1 || given == 2 {
            return Err(row_error(Part::Nodes, row, Some("x"), Problem::PartOfPosition));
        }
    }
    Ok(())
}

fn check_edges(nodes: &Nodes, edges: &Edges) -> Result<(), ConnectomeError> {
    let rows = edges.sources.len();
    for (name, found) in [("target", edges.targets.len()), ("kind", edges.kinds.len())] {
        if found != rows {
            let problem = Problem::Length { found, expected: rows };
            return Err(ConnectomeError::Whole { part: Part::Edges, column: Some(name.into()), problem });
        }
    }
    for (end, column) in [("source", &edges.sources), ("target", &edges.targets)] {
        if let Some((row, node)) = column.iter().enumerate().find(|(_, node)| **node as usize >= nodes.names.len()) {
            let problem = Problem::NoSuchRow { end, row: u64::from(*node), nodes: nodes.names.len() };
            return Err(row_error(Part::Edges, row, Some(end), problem));
        }
    }
    check_columns(Part::Edges, &edges.columns, rows)?;
    for (name, dimension) in EDGE_NUMBERS {
        expect_numbers(Part::Edges, &edges.columns, name, dimension)?;
    }
    for name in EDGE_TEXTS {
        expect_texts(Part::Edges, &edges.columns, name)?;
    }
    let check = |name: &str, expected: &'static str, allowed: fn(f64) -> bool| {
        let values = numbers(&edges.columns, name).unwrap_or_default();
        match values.iter().enumerate().find(|(_, value)| !allowed(**value)) {
            Some((row, value)) => {
                let found = if value.is_nan() { "missing".to_owned() } else { value.to_string() };
                let problem = Problem::Number { what: format!("the {name}"), found, expected };
                Err(row_error(Part::Edges, row, Some(name), problem))
            }
            None => Ok(()),
        }
    };
    check("count", "a number of at least 0", |value| value >= 0.0)?;
    check("sign", "-1, 0 or 1", |value| value.is_nan() || [-1.0, 0.0, 1.0].contains(&value))?;
    check("length", "at least 0 µm", |value| value.is_nan() || value >= 0.0)?;
    check("delay", "at least 0 ms", |value| value.is_nan() || value >= 0.0)
}

/// Edges in their order, and the rows that they had.
struct Sorted {
    in_order: Edges,
    rows: Option<Vec<u32>>,
}

type Key = (u32, u32, EdgeKind);

fn key(edges: &Edges, row: usize) -> Option<Key> {
    Some((*edges.sources.get(row)?, *edges.targets.get(row)?, *edges.kinds.get(row)?))
}

fn sorted(edges: Edges) -> Sorted {
    let Some(rows) = edge_order(&edges) else { return Sorted { in_order: edges, rows: None } };
    Sorted { in_order: take_rows(&edges, &rows), rows: Some(rows) }
}

/// The rows in ascending order of source, target and kind, equal ones as they stand; `None` if that is how they stand.
pub(crate) fn edge_order(edges: &Edges) -> Option<Vec<u32>> {
    let count = edges.sources.len();
    let keys = || (0..count).map_while(|row| key(edges, row));
    if keys().zip(keys().skip(1)).all(|(first, second)| first <= second) {
        return None;
    }
    let mut order: Vec<(Key, u32)> = keys().zip(0..).collect();
    order.sort_unstable();
    Some(order.into_iter().map(|(_, row)| row).collect())
}

/// The edges of some rows, in the order of these.
pub(crate) fn take_rows(edges: &Edges, rows: &[u32]) -> Edges {
    fn take<T: Copy>(values: &[T], rows: &[u32]) -> Arc<[T]> {
        rows.iter().filter_map(|row| values.get(*row as usize).copied()).collect::<Vec<T>>().into()
    }
    let columns = edges.columns.iter().map(|(name, column)| {
        let column = match column {
            Column::Number(numbers) => Column::Number(NumberColumn::new(take(&numbers.values, rows), numbers.dimension)),
            Column::Text(texts) => Column::Text(TextColumn { codes: take(&texts.codes, rows), names: Arc::clone(&texts.names) }),
        };
        (name.clone(), column)
    });
    Edges {
        sources: take(&edges.sources, rows),
        targets: take(&edges.targets, rows),
        kinds: take(&edges.kinds, rows),
        columns: columns.collect(),
    }
}

fn check_duplicates(nodes: &Nodes, edges: &Sorted) -> Result<(), ConnectomeError> {
    let Sorted { in_order, rows } = edges;
    let count = in_order.sources.len();
    let original = |row: usize| rows.as_ref().and_then(|rows| rows.get(row)).map_or(row, |row| *row as usize);
    // Of all that occur twice, the one whose second row comes first in the user's order.
    let twice = (1..count).filter(|row| key(in_order, row - 1) == key(in_order, *row)).min_by_key(|row| original(*row));
    let Some((row, (source, target, kind))) = twice.and_then(|row| Some((row, key(in_order, row)?))) else { return Ok(()) };
    let name = |node: u32| nodes.names.get(node as usize).map(|name| name.to_string()).unwrap_or_default();
    let problem = Problem::DuplicateEdge {
        source_name: name(source),
        target_name: name(target),
        kind: kind.name(),
        first: Earlier::Row(original(row - 1)),
    };
    Err(row_error(Part::Edges, original(row), None, problem))
}

/// Without columns that hold nothing, and without texts that no row has.
fn canonical(columns: BTreeMap<String, Column>) -> BTreeMap<String, Column> {
    let holds = |column: &Column| match column {
        Column::Number(numbers) => numbers.values.iter().any(|value| !value.is_nan()),
        Column::Text(texts) => texts.codes.iter().any(|code| *code != MISSING),
    };
    columns.into_iter().filter(|(_, column)| holds(column)).map(|(name, column)| (name, without_unused(column))).collect()
}

fn without_unused(column: Column) -> Column {
    let Column::Text(texts) = &column else { return column };
    let mut used = vec![false; texts.names.len()];
    for code in texts.codes.iter() {
        if let Some(used) = used.get_mut(*code as usize) {
            *used = true;
        }
    }
    if used.iter().all(|used| *used) {
        return column;
    }
    let mut next = 0;
    let renumbered: Vec<u32> = used
        .iter()
        .map(|used| {
            next += u32::from(*used);
            next.wrapping_sub(1)
        })
        .collect();
    let codes = texts.codes.iter().map(|code| renumbered.get(*code as usize).copied().unwrap_or(MISSING)).collect();
    let names = texts.names.iter().zip(&used).filter(|(_, used)| **used).map(|(name, _)| Arc::clone(name)).collect();
    Column::Text(TextColumn { codes, names })
}
