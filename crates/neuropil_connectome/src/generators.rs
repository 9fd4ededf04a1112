//! Connectomes laid out from a plan: cell types that repeat in columns of a hexagonal lattice, and how a cell of each connects to its neighbours.
//!
//! So the fly's optic lobe is known: a reconstruction of a few columns, repeated over the eye (Lappalainen et al. 2024,
//! doi:10.1038/s41586-024-07939-3). Columns have axial coordinates u and v, whole numbers of at most `extent` whose sum is at most that, too.
//! No distance between columns is assumed: nodes get u and v, no position.
//!
//! ```
//! let plan = r#"ColumnPlan(
//!     extent: 1,
//!     types: [(name: "R1", role: "input"), (name: "L1")],
//!     edges: [(source: "R1", target: "L1", sign: -1, offsets: [(0, 0, 40), (1, 0, 2.5)], filled: [(0, 1)])],
//! )"#;
//! let connectome = neuropil_connectome::ColumnPlan::parse("eye.plan.ron", plan)?.lay_out("eye.plan.ron")?;
//! // Seven columns of two cells; all seven reach their own column, four have a neighbour on either of the other two sides.
//! assert_eq!((connectome.node_count(), connectome.edge_count()), (14, 7 + 4 + 4));
//! # Ok::<(), neuropil_connectome::ConnectomeError>(())
//! ```

use crate::column::{Column, MISSING, NumberColumn, TextColumn};
use crate::connectome::{About, Connectome, EdgeKind, Edges, Nodes};
use crate::error::{ConnectomeError, Problem, shown};
use crate::formats::{memory_available, text};
use neuropil_units::{Dimension, suggestion};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The largest extent of a plan: 3 million columns.
pub const LARGEST_EXTENT: u16 = 1000;

/// Cell types that repeat in columns, and the connections of one cell of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnPlan {
    /// Where the plan comes from.
    #[serde(default)]
    pub about: About,
    /// Columns from the centre to each corner of the hexagon: 3 e (e + 1) + 1 columns in all.
    pub extent: u16,
    /// The cell types, in the order in which their cells become nodes.
    pub types: Vec<CellType>,
    /// What connects to what.
    pub edges: Vec<TypeEdge>,
}

/// A cell type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellType {
    /// Its name; the cell of column (3, -2) is called `name(3,-2)`.
    pub name: String,
    /// What it is for: input, hidden, output.
    #[serde(default)]
    pub role: String,
    /// It stands where u and v are multiples of these; 1 and 1 is every column.
    #[serde(default = "every")]
    pub stride: (u16, u16),
}

/// Connections from one type to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeEdge {
    /// The type of the source.
    pub source: String,
    /// The type of the target.
    pub target: String,
    /// -1 inhibits, 1 excites, 0 neither.
    pub sign: i8,
    /// Columns from the source to the target, along u and v, and the number of synapses.
    #[serde(default)]
    pub offsets: Vec<(i16, i16, f64)>,
    /// Columns that the reconstruction left empty and the plan fills with one synapse each.
    #[serde(default)]
    pub filled: Vec<(i16, i16)>,
}

fn every() -> (u16, u16) {
    (1, 1)
}

impl ColumnPlan {
    /// Parses a plan in RON; `file` is its name in messages.
    ///
    /// # Errors
    /// If it is no plan: the place in the text, and why.
    pub fn parse(file: &str, content: &str) -> Result<Self, ConnectomeError> {
        text::options().from_str(content).map_err(|error| text::syntax(file, content, 0, &error))
    }

    /// Lays the plan out: one node a cell, type by type; one edge for each offset whose two cells are both there.
    ///
    /// Nodes have `class` and `type`, both the cell type, `role`, `u` and `v`, and `received`, the synapses that the plan gives a cell of the type;
    /// edges have `count`, `sign` and `filled` (1 where filled, else 0).
    ///
    /// # Errors
    /// If types share a name or an edge names none, a stride is 0, an offset occurs twice, a count is no number of at least 0, or the cells do
    /// not fit into memory. `file` is the plan's name in messages.
    pub fn lay_out(&self, file: &str) -> Result<Connectome, ConnectomeError> {
        let refuse = |problem: String| ConnectomeError::File { file: file.to_owned(), problem: Problem::Other(problem) };
        self.check().map_err(refuse)?;
        let extent = i32::from(self.extent);
        let columns = 3 * u64::from(self.extent) * (u64::from(self.extent) + 1) + 1;
        let offsets: usize = self.edges.iter().map(|edge| edge.offsets.len() + edge.filled.len()).sum();
        let needed = columns.saturating_mul(self.types.len() as u64 * 150 + offsets as u64 * 60);
        if let Some(available) = memory_available().filter(|available| needed > *available) {
            let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
            return Err(refuse(format!(
                "{} types in {columns} columns may need {:.1} GiB, and {:.1} GiB are free; reduce the extent",
                self.types.len(),
                gib(needed),
                gib(available)
            )));
        }
        let mut cells = Cells::default();
        let mut rows: Vec<HashMap<(i32, i32), u32>> = Vec::with_capacity(self.types.len());
        for (kind, cell_type) in (0u32..).zip(&self.types) {
            let stride = (i32::from(cell_type.stride.0), i32::from(cell_type.stride.1));
            let mut own = HashMap::new();
            for u in (-extent..=extent).filter(|u| u % stride.0 == 0) {
                for v in (-extent..=extent).filter(|v| v % stride.1 == 0 && (u + v).abs() <= extent) {
                    own.insert((u, v), cells.names.len() as u32);
                    cells.push(kind, &cell_type.name, u, v);
                }
            }
            rows.push(own);
        }
        let by_name: HashMap<&str, usize> = self.types.iter().map(|cell_type| cell_type.name.as_str()).zip(0..).collect();
        let of = |name: &str| by_name.get(name).and_then(|kind| rows.get(*kind));
        let mut synapses = Synapses::default();
        for edge in &self.edges {
            let (Some(from), Some(to)) = (of(&edge.source), of(&edge.target)) else { continue };
            let measured = edge.offsets.iter().map(|(u, v, count)| (*u, *v, *count, 0.0));
            for (u, v, count, filled) in measured.chain(edge.filled.iter().map(|(u, v)| (*u, *v, 1.0, 1.0))) {
                // Order does not matter: edges are sorted when the connectome is made.
                for (place, source) in from {
                    if let Some(target) = to.get(&(place.0 + i32::from(u), place.1 + i32::from(v))) {
                        synapses.push(*source, *target, count, f64::from(edge.sign), filled);
                    }
                }
            }
        }
        Connectome::new(self.about.clone(), self.nodes(cells), synapses.edges()).map_err(|error| match error {
            ConnectomeError::Row { problem, .. } | ConnectomeError::Whole { problem, .. } => refuse(problem.to_string()),
            error => error,
        })
    }

    fn check(&self) -> Result<(), String> {
        if self.extent > LARGEST_EXTENT {
            return Err(format!("the extent is {}; expected at most {LARGEST_EXTENT}", self.extent));
        }
        let mut names: HashMap<&str, ()> = HashMap::new();
        for cell_type in &self.types {
            let name = shown(&cell_type.name);
            if cell_type.name.trim().is_empty() {
                return Err("a type has no name".into());
            }
            if names.insert(&cell_type.name, ()).is_some() {
                return Err(format!("there are two types `{name}`; names must differ"));
            }
            if cell_type.stride.0 == 0 || cell_type.stride.1 == 0 {
                return Err(format!("the stride of `{name}` is 0; 1 is every column"));
            }
        }
        let mut offsets: HashMap<(&str, &str, i16, i16), ()> = HashMap::new();
        for edge in &self.edges {
            for end in [&edge.source, &edge.target] {
                if !names.contains_key(end.as_str()) {
                    return Err(format!("there is no type `{}`{}", shown(end), suggestion(end, names.keys().copied())));
                }
            }
            let between = format!("from `{}` to `{}`", shown(&edge.source), shown(&edge.target));
            if ![-1, 0, 1].contains(&edge.sign) {
                return Err(format!("the sign {between} is {}; expected -1, 0 or 1", edge.sign));
            }
            if let Some((u, v, count)) = edge.offsets.iter().find(|(.., count)| !(count.is_finite() && *count >= 0.0)) {
                return Err(format!("the count {between} at ({u}, {v}) is {count}; expected a number of at least 0"));
            }
            for (u, v) in edge.offsets.iter().map(|(u, v, _)| (*u, *v)).chain(edge.filled.iter().copied()) {
                if offsets.insert((&edge.source, &edge.target, u, v), ()).is_some() {
                    return Err(format!("the offset ({u}, {v}) {between} occurs twice"));
                }
            }
        }
        Ok(())
    }

    fn nodes(&self, cells: Cells) -> Nodes {
        let texts = |text: fn(&CellType) -> &str| {
            let of_types = TextColumn::new(self.types.iter().map(text));
            let codes = cells.types.iter().map(|kind| of_types.codes.get(*kind as usize).copied().unwrap_or(MISSING)).collect();
            Column::Text(TextColumn { codes, names: of_types.names })
        };
        let types = texts(|cell_type| &cell_type.name);
        let mut received: HashMap<&str, f64> = HashMap::new();
        for edge in &self.edges {
            let counted: f64 = edge.offsets.iter().map(|(.., count)| count).sum();
            *received.entry(&edge.target).or_default() += counted + edge.filled.len() as f64;
        }
        let of_type = |kind: &u32| self.types.get(*kind as usize).and_then(|cell_type| received.get(cell_type.name.as_str())).copied();
        let received: Vec<f64> = cells.types.iter().map(|kind| of_type(kind).unwrap_or(0.0)).collect();
        let columns = [
            ("class", types.clone()),
            ("type", types),
            ("role", texts(|cell_type| &cell_type.role)),
            ("u", Column::Number(NumberColumn::new(cells.u, Dimension::NONE))),
            ("v", Column::Number(NumberColumn::new(cells.v, Dimension::NONE))),
            ("received", Column::Number(NumberColumn::new(received, Dimension::NONE))),
        ];
        Nodes { names: cells.names.into(), columns: columns.map(|(name, column)| (name.to_owned(), column)).into() }
    }
}

/// Nodes as they are laid out.
#[derive(Default)]
struct Cells {
    names: Vec<Arc<str>>,
    types: Vec<u32>,
    u: Vec<f64>,
    v: Vec<f64>,
}

impl Cells {
    fn push(&mut self, kind: u32, name: &str, u: i32, v: i32) {
        self.names.push(format!("{name}({u},{v})").into());
        self.types.push(kind);
        self.u.push(f64::from(u));
        self.v.push(f64::from(v));
    }
}

/// Edges as they are laid out.
#[derive(Default)]
struct Synapses {
    sources: Vec<u32>,
    targets: Vec<u32>,
    counts: Vec<f64>,
    signs: Vec<f64>,
    filled: Vec<f64>,
}

impl Synapses {
    fn push(&mut self, source: u32, target: u32, count: f64, sign: f64, filled: f64) {
        self.sources.push(source);
        self.targets.push(target);
        self.counts.push(count);
        self.signs.push(sign);
        self.filled.push(filled);
    }

    fn edges(self) -> Edges {
        let number = |values: Vec<f64>| Column::Number(NumberColumn::new(values, Dimension::NONE));
        Edges {
            kinds: vec![EdgeKind::Chemical; self.sources.len()].into(),
            sources: self.sources.into(),
            targets: self.targets.into(),
            columns: BTreeMap::from([
                ("count".to_owned(), number(self.counts)),
                ("sign".to_owned(), number(self.signs)),
                ("filled".to_owned(), number(self.filled)),
            ]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: `received` is what the plan gives a cell of a type: all synapses of all offsets onto it, filled ones as one each, whether or not a source
    /// stands there at the border; 0 for a type that receives none. Source: 3 + 0.5 + 2 and two filled ones; 4. Tolerance: none.
    #[test]
    fn received_is_what_the_plan_gives_a_cell_of_a_type() {
        let plan = r#"ColumnPlan(extent: 1, types: [(name: "R"), (name: "L", stride: (2, 2)), (name: "M")], edges: [
            (source: "R", target: "L", sign: -1, offsets: [(0, 0, 3), (1, 0, 0.5)], filled: [(0, 1), (-1, 0)]),
            (source: "M", target: "L", sign: 1, offsets: [(0, 0, 2)]),
            (source: "L", target: "M", sign: 0, offsets: [(0, 0, 4)]),
        ])"#;
        let connectome = ColumnPlan::parse("a.plan.ron", plan).and_then(|plan| plan.lay_out("a.plan.ron")).unwrap_or_default();
        let (nodes, edges) = (connectome.nodes(), connectome.edges());
        let (Some(Column::Number(received)), Some(Column::Text(types))) = (nodes.columns.get("received"), nodes.columns.get("type")) else {
            panic!("{nodes:?}")
        };
        // Seven columns, but L stands in the middle one only.
        assert_eq!(connectome.node_count(), 7 + 1 + 7);
        for row in 0..connectome.node_count() {
            let expected = match types.get(row) {
                Some("L") => 3.0 + 0.5 + 1.0 + 1.0 + 2.0,
                Some("M") => 4.0,
                _ => 0.0,
            };
            assert_eq!(received.values[row], expected, "{}", nodes.names[row]);
        }
        // All sources of the middle cell are there, so that its counts are what it is said to receive; most of M's are not.
        let Some(Column::Number(count)) = edges.columns.get("count") else { panic!("{edges:?}") };
        let onto = |target: u32| {
            edges.targets.iter().zip(count.values.iter()).filter(|(to, _)| **to == target).map(|(_, count)| count).sum::<f64>()
        };
        assert_eq!(onto(7), 7.5);
        assert_eq!((8..15).map(onto).sum::<f64>(), 4.0);
    }
}
