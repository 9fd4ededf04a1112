//! An adjacency matrix with labels: the first line and the first column name the nodes, each other cell is an edge, 0 is none.
//!
//! A row is a source and a column a target, unless [`MatrixRows`] says otherwise. Values are counts of synapses, or weights of tracts; the
//! name `values` stands for them in `columns`: `weight` → `values`. A matrix of gap junctions must be symmetric and gives one edge a pair, any other one
//! edge for each cell.

use crate::column::{Column, NumberColumn};
use crate::connectome::{About, Connectome, EdgeKind, Edges, Nodes};
use crate::error::{ConnectomeError, Location, Notice, Part, Problem, shown};
use crate::importers::columns::suffix;
use crate::importers::delimited::{self, read_text};
use crate::importers::table::{Cells, Table, Texts, Wanted};
use crate::importers::tables::TEXT_EXTENSIONS;
use crate::importers::{ImportOptions, Imported, Importer, MatrixRows, extension};
use crate::validate::counted;
use neuropil_units::{Dimension, suggestion};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// The importer.
pub(crate) const IMPORTER: Importer = Importer {
    name: "matrix",
    extensions: &TEXT_EXTENSIONS,
    description: "MATRIX.csv [--lengths FILE]: a square of values, nodes named in the first line and the first column",
    claims: |inputs, options| matches!(inputs, [input] if is_text(input) && (options.lengths.is_some() || is_matrix(input))),
    import: |inputs, options| {
        let Some(path) = inputs.first() else { return Err(ConnectomeError::Request("there is no input".into())) };
        let matrix = Matrix::read(path)?;
        let lengths = options.lengths.as_deref().map(|path| Lengths::read(path, &matrix.names)).transpose()?;
        let nodes = Nodes { names: matrix.names.clone(), columns: BTreeMap::new() };
        let kind = options.kind.unwrap_or(EdgeKind::Chemical);
        matrix.connectome(nodes, &|row, _| matrix.table.place(Some(row), 0), lengths.as_ref(), kind, options)
    },
};

pub(crate) fn is_text(path: &Path) -> bool {
    extension(path).is_some_and(|found| TEXT_EXTENSIONS.contains(&found.as_str()))
}

/// Whether the second line begins with the name of the second column.
fn is_matrix(path: &Path) -> bool {
    let Ok(text) = read_text(path) else { return false };
    let mut records: Vec<Vec<String>> = Vec::new();
    let _: Result<(), ()> = delimited::Delimited::new(text).records(|_, record| {
        records.push(record.iter().map(|cell| cell.trim().to_owned()).collect());
        if records.len() == 2 { Err(()) } else { Ok(()) }
    });
    matches!(records.as_slice(), [header, first] if header.len() == first.len() && header.get(1).is_some() && header.get(1) == first.first())
}

/// A square of values and the names of its rows.
pub(crate) struct Matrix {
    table: Table,
    pub names: Arc<[Arc<str>]>,
}

impl Matrix {
    /// Reads a matrix, whose columns and rows must have the same names in the same order.
    pub fn read(path: &Path) -> Result<Self, ConnectomeError> {
        let kinds = |names: &[String]| (0..names.len()).map(|column| if column == 0 { Wanted::Text } else { Wanted::Number }).collect();
        let table = delimited::read(path, &kinds)?;
        let names: Arc<[Arc<str>]> = table.columns.iter().skip(1).map(|column| column.name.as_str().into()).collect();
        if names.len() != table.rows {
            let problem = format!("the matrix has {} rows and {} columns; expected as many of each", table.rows, names.len());
            return Err(ConnectomeError::place(table.place(None, 0), problem));
        }
        let empty = Texts::default();
        let rows = match table.columns.first().map(|column| &column.cells) {
            Some(Cells::Texts(texts)) => texts,
            _ => &empty,
        };
        for (row, name) in names.iter().enumerate() {
            let found = rows.get(row);
            if found != Some(name) {
                let problem =
                    format!("this row is `{}`; expected `{}`, as the columns are ordered", found.map_or("", |name| name), shown(name));
                return Err(table.error(row, 0, Problem::Other(problem)));
            }
        }
        let matrix = Self { table, names };
        for row in 0..matrix.names.len() {
            if let Some(column) = (0..matrix.names.len()).find(|column| matrix.value(row, *column).is_nan()) {
                return Err(matrix.error(row, column, Problem::Other("this cell is missing; 0 is no edge".into())));
            }
        }
        Ok(matrix)
    }

    fn value(&self, row: usize, column: usize) -> f64 {
        match self.table.columns.get(column + 1).map(|column| &column.cells) {
            Some(Cells::Numbers(values)) => values.get(row).copied().unwrap_or(f64::NAN),
            _ => f64::NAN,
        }
    }

    fn error(&self, row: usize, column: usize, problem: Problem) -> ConnectomeError {
        self.table.error(row, column + 1, problem)
    }

    /// Makes a connectome of nodes, among which all names of the matrix must be; `node_place` is where a node stands.
    pub fn connectome(
        &self,
        nodes: Nodes,
        node_place: &dyn Fn(usize, Option<&str>) -> Location,
        lengths: Option<&Lengths>,
        kind: EdgeKind,
        options: &ImportOptions,
    ) -> Result<Imported, ConnectomeError> {
        let rows = self.rows(&nodes)?;
        let meaning = values_mean(kind, options)?;
        let mut found = Found::default();
        for (row, first) in rows.iter().enumerate() {
            for (column, second) in rows.iter().enumerate() {
                let value = self.value(row, column);
                if kind == EdgeKind::Electrical && value != self.value(column, row) {
                    let other = self.value(column, row);
                    let problem = format!("{value} here but {other} in the mirrored cell; a matrix of gap junctions must be symmetric");
                    return Err(self.error(row, column, Problem::Other(problem)));
                }
                if value == 0.0 || (kind == EdgeKind::Electrical && column < row) {
                    continue;
                }
                if kind == EdgeKind::Tract && row == column {
                    found.diagonal += 1;
                    continue;
                }
                let (source, target) = if options.matrix_rows == MatrixRows::Sources { (first, second) } else { (second, first) };
                found.sources.push(*source);
                found.targets.push(*target);
                found.values.push(value);
                found.cells.push((row, column));
                let length = lengths.map_or(f64::NAN, |lengths| lengths.matrix.value(row, column));
                let unknown = length == 0.0 && row != column;
                found.without_length += usize::from(unknown);
                found.lengths.push(if unknown { f64::NAN } else { length });
            }
        }
        let notices = found.notices();
        let values = Column::Number(NumberColumn::new(found.values, Dimension::NONE));
        let spans = Cells::Numbers(found.lengths).column(lengths.map_or(1.0, |lengths| lengths.factor), Dimension::LENGTH);
        let columns = BTreeMap::from([(meaning, values), ("length".to_owned(), spans)]);
        let kinds = vec![kind; found.sources.len()].into();
        let edges = Edges { kinds, sources: found.sources.into(), targets: found.targets.into(), columns };
        let place = |part: Part, row: usize, column: Option<&str>| {
            if part == Part::Nodes {
                return Some(node_place(row, column));
            }
            let (row, cell) = *found.cells.get(row)?;
            let table = if column == Some("length") { &lengths?.matrix.table } else { &self.table };
            Some(table.place(Some(row), cell + 1))
        };
        let connectome = Connectome::new(About::default(), nodes, edges).map_err(|error| match error.located(place) {
            ConnectomeError::Whole { column, problem, .. } => {
                let column = column.map_or(String::new(), |name| format!("column `{}`: ", shown(&name)));
                ConnectomeError::place(self.table.place(None, 0), format!("{column}{problem}"))
            }
            error => error,
        })?;
        Ok(Imported { connectome, notices })
    }

    /// The rows among nodes of the names of the matrix.
    fn rows(&self, nodes: &Nodes) -> Result<Vec<u32>, ConnectomeError> {
        let rows_by_name: HashMap<&str, u32> = nodes.names.iter().map(AsRef::as_ref).zip(0..).collect();
        let row = |(row, name): (usize, &Arc<str>)| {
            rows_by_name.get(name.as_ref()).copied().ok_or_else(|| {
                let hint = suggestion(name, rows_by_name.keys().copied());
                self.table.error(row, 0, Problem::NoSuchNode { name: name.to_string(), hint })
            })
        };
        self.names.iter().enumerate().map(row).collect()
    }
}

/// Edges as they are found in a matrix.
#[derive(Default)]
struct Found {
    sources: Vec<u32>,
    targets: Vec<u32>,
    values: Vec<f64>,
    lengths: Vec<f64>,
    /// Row and column in the matrix.
    cells: Vec<(usize, usize)>,
    diagonal: usize,
    without_length: usize,
}

impl Found {
    fn notices(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        if self.diagonal > 0 {
            notices.push(Notice(counted(self.diagonal, "diagonal value", "is", "are") + " left out: a tract joins two regions"));
        }
        if self.without_length > 0 {
            notices.push(Notice(counted(self.without_length, "edge", "has", "have") + " the length 0, which counts as not known"));
        }
        notices
    }
}

/// A matrix of lengths, and what one of its unit is in µm.
pub(crate) struct Lengths {
    matrix: Matrix,
    factor: f64,
}

impl Lengths {
    /// Reads a matrix of lengths, which must have the rows of that of weights; its file names the unit.
    pub fn read(path: &Path, names: &[Arc<str>]) -> Result<Self, ConnectomeError> {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
        let parts: Vec<&str> = stem.split(['_', '-', '.', ' ']).collect();
        let factor = parts.iter().skip(1).find_map(|part| suffix(&format!("_{part}"), Dimension::LENGTH).map(|(_, factor)| factor));
        let factor = factor
            .ok_or_else(|| ConnectomeError::file(path, "the unit of lengths is not known; rename the file, lengths_mm.csv for example"))?;
        let matrix = Matrix::read(path)?;
        if let Some((row, name)) = names.iter().enumerate().find(|(row, name)| matrix.names.get(*row) != Some(name)) {
            return Err(matrix.error(row, 0, Problem::Other(format!("expected the row `{}`, as in the matrix of weights", shown(name)))));
        }
        if matrix.names.len() != names.len() {
            return Err(ConnectomeError::file(path, format!("{} rows, but the matrix of weights has {}", matrix.names.len(), names.len())));
        }
        Ok(Self { matrix, factor })
    }
}

/// The column that values become.
fn values_mean(kind: EdgeKind, options: &ImportOptions) -> Result<String, ConnectomeError> {
    let mut chosen = options.columns.iter();
    match (chosen.next(), chosen.next()) {
        (None, _) => Ok(if kind == EdgeKind::Tract { "weight" } else { "count" }.to_owned()),
        (Some((meaning, column)), None) if column == "values" => Ok(meaning.clone()),
        (Some((meaning, column)), _) => Err(ConnectomeError::Request(format!(
            "--columns {meaning}={column}: of a matrix only `values` can be chosen, as in --columns weight=values"
        ))),
    }
}
