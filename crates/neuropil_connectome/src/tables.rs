//! The nodes and edges as tables, over which selectors and values are written: `class == 'inter'`, `0.275 mV * count * sign`.

use crate::column::{Column, NumberColumn};
use crate::connectome::{Connectome, EdgeKind};
use neuropil_units::{ColumnValues, Dimension, Table, TableColumn};
use std::sync::Arc;

/// The nodes, or some of them. Columns: `name`, and those of the connectome.
#[derive(Clone, Copy, Debug)]
pub struct NodeTable<'c> {
    connectome: &'c Connectome,
    rows: Option<&'c [u32]>,
}

/// The edges. Columns: `kind`, `source` and `target` (names), those of the connectome, those of the nodes with `source_` and `target_` in front,
/// and, if it is asked for and nodes have positions, `distance` (µm).
#[derive(Clone, Debug)]
pub struct EdgeTable<'c> {
    connectome: &'c Connectome,
    names: Vec<String>,
    kinds: Vec<u32>,
    kind_names: Vec<Arc<str>>,
    distance: Option<Vec<f64>>,
}

fn view(column: &Column) -> ColumnValues<'_> {
    match column {
        Column::Number(column) => ColumnValues::Numbers(&column.values, column.dimension),
        Column::Text(column) => ColumnValues::Texts(&column.codes, &column.names),
    }
}

impl Connectome {
    /// The nodes as a table; of all nodes, or of those of the given rows.
    pub fn node_table<'c>(&'c self, rows: Option<&'c [u32]>) -> NodeTable<'c> {
        NodeTable { connectome: self, rows }
    }

    /// The edges as a table, with the distance between their ends if that is wanted and known.
    pub fn edge_table(&self, with_distance: bool) -> EdgeTable<'_> {
        let mut names: Vec<String> = ["kind", "source", "target"].map(str::to_owned).to_vec();
        names.extend(self.edges().columns.keys().cloned());
        for end in ["source", "target"] {
            names.extend(self.nodes().columns.keys().map(|name| format!("{end}_{name}")));
        }
        let distance = if with_distance { self.distances() } else { None };
        if distance.is_some() {
            names.push("distance".to_owned());
        }
        names.sort();
        names.dedup();
        let kinds = self.edges().kinds.iter().map(|kind| *kind as u32).collect();
        EdgeTable { connectome: self, names, kinds, kind_names: EdgeKind::ALL.map(|kind| Arc::from(kind.name())).to_vec(), distance }
    }

    /// The position of each node, µm, where the nodes have positions; NaN for one without.
    pub fn positions(&self) -> Option<Vec<[f64; 3]>> {
        let axis = |name: &str| match self.nodes().columns.get(name) {
            Some(Column::Number(NumberColumn { values, dimension: Dimension::LENGTH })) => Some(values),
            _ => None,
        };
        let (x, y, z) = (axis("x")?, axis("y")?, axis("z")?);
        Some(x.iter().zip(y.iter()).zip(z.iter()).map(|((x, y), z)| [*x, *y, *z]).collect())
    }

    fn distances(&self) -> Option<Vec<f64>> {
        let positions = self.positions()?;
        let at = |row: &u32| positions.get(*row as usize).copied().unwrap_or([f64::NAN; 3]);
        let edges = self.edges();
        let between = |(source, target): (&u32, &u32)| {
            let (a, b) = (at(source), at(target));
            a.iter().zip(&b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
        };
        Some(edges.sources.iter().zip(edges.targets.iter()).map(between).collect())
    }
}

impl Table for NodeTable<'_> {
    fn rows(&self) -> u32 {
        self.rows.map_or(self.connectome.node_count(), <[u32]>::len) as u32
    }

    fn column_names(&self) -> Vec<&str> {
        std::iter::once("name").chain(self.connectome.nodes().columns.keys().map(String::as_str)).collect()
    }

    fn column(&self, name: &str) -> Option<TableColumn<'_>> {
        let nodes = self.connectome.nodes();
        let values = if name == "name" { ColumnValues::Names(&nodes.names) } else { view(nodes.columns.get(name)?) };
        Some(TableColumn { values, rows: self.rows })
    }
}

impl Table for EdgeTable<'_> {
    fn rows(&self) -> u32 {
        self.connectome.edge_count() as u32
    }

    fn column_names(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    fn column(&self, name: &str) -> Option<TableColumn<'_>> {
        let (nodes, edges) = (self.connectome.nodes(), self.connectome.edges());
        let own = |values| Some(TableColumn { values, rows: None });
        let ends = [("source", &edges.sources), ("target", &edges.targets)];
        if let Some((_, rows)) = ends.iter().find(|(end, _)| *end == name) {
            return Some(TableColumn { values: ColumnValues::Names(&nodes.names), rows: Some(rows) });
        }
        match (name, &self.distance) {
            ("kind", _) => return own(ColumnValues::Texts(&self.kinds, &self.kind_names)),
            ("distance", Some(distance)) => return own(ColumnValues::Numbers(distance, Dimension::LENGTH)),
            _ => {}
        }
        if let Some(column) = edges.columns.get(name) {
            return own(view(column));
        }
        let (end, rows) = ends.iter().find_map(|(end, rows)| Some((name.strip_prefix(end)?.strip_prefix('_')?, *rows)))?;
        Some(TableColumn { values: view(nodes.columns.get(end)?), rows: Some(rows) })
    }
}

#[cfg(test)]
mod tests {
    use crate::{Column, Connectome, EdgeKind, Edges, Nodes, NumberColumn, TextColumn};
    use neuropil_units::{Dimension, Expression, RowScratch, Scope};
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    use std::collections::BTreeMap;

    /// Three cells in a row, 30 µm apart: a sensory one drives an inter one, which drives a motor one.
    fn chain() -> Connectome {
        let numbers = |values: &[f64], dimension| Column::Number(NumberColumn::new(values.to_vec(), dimension));
        let nodes = Nodes {
            names: ["S", "I", "M"].map(std::sync::Arc::from).to_vec().into(),
            columns: BTreeMap::from([
                ("class".to_owned(), Column::Text(TextColumn::new(["sensory", "inter", "motor"].into_iter()))),
                ("x".to_owned(), numbers(&[0.0, 30.0, 60.0], Dimension::LENGTH)),
                ("y".to_owned(), numbers(&[0.0; 3], Dimension::LENGTH)),
                ("z".to_owned(), numbers(&[0.0; 3], Dimension::LENGTH)),
            ]),
        };
        let edges = Edges {
            sources: vec![0, 0, 1].into(),
            targets: vec![1, 2, 2].into(),
            kinds: vec![EdgeKind::Chemical, EdgeKind::Electrical, EdgeKind::Chemical].into(),
            columns: BTreeMap::from([("count".to_owned(), numbers(&[3.0, 1.0, 8.0], Dimension::NONE))]),
        };
        Connectome::from_parts(Default::default(), nodes, edges)
    }

    #[test]
    fn nodes_and_edges_are_selected() {
        let chain = chain();
        let nodes = |text: &str| Expression::parse(text).unwrap().select(&Scope::new(), &chain.node_table(None)).unwrap().rows;
        assert_eq!(nodes("class != 'motor' and x > 10 um"), [1]);
        assert_eq!(nodes("name in ['M', 'S']"), [0, 2]);
        let some = Expression::parse("class == 'motor'").unwrap().select(&Scope::new(), &chain.node_table(Some(&[2, 0]))).unwrap();
        assert_eq!(some.rows, [0], "rows of the part, not of the whole");
        let edges = |text: &str| Expression::parse(text).unwrap().select(&Scope::new(), &chain.edge_table(true)).unwrap().rows;
        assert_eq!(edges("kind == 'chemical' and target_class == 'motor'"), [2]);
        assert_eq!(edges("source == 'S' and count < 2"), [1]);
        assert_eq!(edges("distance > 50 um or source_x > 20 um"), [1, 2]);
    }

    #[test]
    fn delays_follow_distances() {
        let chain = chain();
        let table = chain.edge_table(true);
        let delay = Expression::parse("1 ms + distance / (0.03 m/s)").unwrap();
        let program = delay.over(&Scope::new(), &table, Dimension::TIME).unwrap();
        let mut out = [0.0; 3];
        program.evaluate(&[0, 1, 2], &mut Xoshiro256PlusPlus::seed_from_u64(1), &mut out, &mut RowScratch::default()).unwrap();
        assert!(out.iter().zip([2.0, 3.0, 2.0]).all(|(a, b)| (a - b).abs() < 1e-12), "{out:?}");
    }
}
