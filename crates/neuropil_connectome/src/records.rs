//! Nodes and edges one by one, for people who write them, and as a [`petgraph`] graph to build or edit.

use crate::column::{Column, NumberColumn, TextColumn};
use crate::connectome::{About, Connectome, EdgeKind, Edges, Nodes};
use crate::error::{ConnectomeError, Part, Problem};
use crate::validate::{EDGE_NUMBERS, EDGE_TEXTS, NODE_TEXTS, POSITION};
use neuropil_units::Dimension;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use petgraph::visit::{EdgeRef, IntoEdgeReferences};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

/// One node. What is not known is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeRecord {
    /// Its name, which no other node has.
    pub name: String,
    /// What it is in general: sensory, motor, Kenyon cell …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Its cell type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub cell_type: Option<String>,
    /// What it releases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transmitter: Option<String>,
    /// Left, right, midline.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<String>,
    /// The brain region that it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Where it is: x, y, z in µm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<[f64; 3]>,
    /// Everything else, by name of the column.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, Tag>,
}

/// One edge, apart from its ends. What is not known is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EdgeRecord {
    /// How the nodes are connected.
    pub kind: EdgeKind,
    /// Number of synapses, or what was counted in place of them; at least 0.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "plain")]
    pub count: Option<f64>,
    /// Strength.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "plain")]
    pub weight: Option<f64>,
    /// -1 inhibits, 1 excites, 0 neither or both.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "plain")]
    pub sign: Option<f64>,
    /// What is released here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transmitter: Option<String>,
    /// Length, µm.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "plain")]
    pub length: Option<f64>,
    /// Delay, ms.
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "plain")]
    pub delay: Option<f64>,
    /// Everything else, by name of the column.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, Tag>,
}

impl EdgeRecord {
    /// An edge of which nothing but the kind is known.
    pub fn new(kind: EdgeKind) -> Self {
        let tags = BTreeMap::new();
        Self { kind, count: None, weight: None, sign: None, transmitter: None, length: None, delay: None, tags }
    }

    /// The numbers with a fixed meaning, in the order of [`EDGE_NUMBERS`].
    fn numbers(&self) -> [Option<f64>; 5] {
        [self.count, self.weight, self.sign, self.length, self.delay]
    }
}

/// A value of a further column.
#[derive(Clone, Debug, PartialEq)]
pub enum Tag {
    /// A number; in a column with a dimension it is in the coherent system (µm, ms, mV …).
    Number(f64),
    /// A text.
    Text(String),
}

/// Whole numbers are written without a point.
fn plain<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) if value.fract() == 0.0 && value.abs() < 1e15 => serializer.serialize_some(&(*value as i64)),
        value => value.serialize(serializer),
    }
}

impl Serialize for Tag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => serializer.serialize_i64(*value as i64),
            Self::Number(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Tag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        /// Whole numbers up to here are exact as floats.
        const EXACT: u64 = 1 << 53;
        impl de::Visitor<'_> for Visitor {
            type Value = Tag;
            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a number or a text in quotes")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Tag, E> {
                Ok(Tag::Number(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Tag, E> {
                if value.unsigned_abs() > EXACT {
                    return Err(E::custom("whole numbers beyond 2^53 would be rounded; put them in quotes"));
                }
                Ok(Tag::Number(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Tag, E> {
                self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Tag, E> {
                Ok(Tag::Text(value.to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Dimensions of further columns, by name; others have none.
pub(crate) type Dimensions = BTreeMap<String, Dimension>;

/// A column that grows row by row.
enum Growing {
    Numbers(Vec<f64>),
    Texts(Vec<String>),
}

/// Columns of one table that grow row by row.
struct Table {
    part: Part,
    rows: usize,
    columns: BTreeMap<String, Growing>,
}

impl Table {
    fn new(part: Part) -> Self {
        Self { part, rows: 0, columns: BTreeMap::new() }
    }

    fn number(&mut self, name: &str, value: f64) -> Result<(), ConnectomeError> {
        match self.columns.get_mut(name) {
            Some(Growing::Numbers(values)) => {
                values.resize(self.rows, f64::NAN);
                values.push(value);
                Ok(())
            }
            Some(Growing::Texts(_)) => Err(self.mixed(name, "a number", "texts")),
            None => {
                let mut values = vec![f64::NAN; self.rows];
                values.push(value);
                self.columns.insert(name.to_owned(), Growing::Numbers(values));
                Ok(())
            }
        }
    }

    fn text(&mut self, name: &str, text: &str) -> Result<(), ConnectomeError> {
        match self.columns.get_mut(name) {
            Some(Growing::Texts(texts)) => {
                texts.resize(self.rows, String::new());
                texts.push(text.to_owned());
                Ok(())
            }
            Some(Growing::Numbers(_)) => Err(self.mixed(name, "a text", "numbers")),
            None => {
                let mut texts = vec![String::new(); self.rows];
                texts.push(text.to_owned());
                self.columns.insert(name.to_owned(), Growing::Texts(texts));
                Ok(())
            }
        }
    }

    fn tags(&mut self, tags: &BTreeMap<String, Tag>, taken: impl Fn(&str) -> bool) -> Result<(), ConnectomeError> {
        for (name, tag) in tags {
            if taken(name) {
                return Err(self.error(name, Problem::Other("this is a field of its own and cannot be a tag".into())));
            }
            match tag {
                Tag::Number(value) => self.number(name, *value)?,
                Tag::Text(text) => self.text(name, text)?,
            }
        }
        Ok(())
    }

    fn error(&self, name: &str, problem: Problem) -> ConnectomeError {
        ConnectomeError::Row { part: self.part, row: self.rows, column: Some(name.to_owned()), problem }
    }

    fn mixed(&self, name: &str, found: &str, expected: &str) -> ConnectomeError {
        self.error(
            name,
            Problem::Other(format!("the tag `{}` is {found} here, but earlier rows have {expected}", crate::error::shown(name))),
        )
    }

    fn finish(self, dimensions: &Dimensions) -> BTreeMap<String, Column> {
        let rows = self.rows;
        let column = |(name, growing): (String, Growing)| {
            let column = match growing {
                Growing::Numbers(mut values) => {
                    values.resize(rows, f64::NAN);
                    Column::Number(NumberColumn::new(values, dimensions.get(&name).copied().unwrap_or(Dimension::NONE)))
                }
                Growing::Texts(mut texts) => {
                    texts.resize(rows, String::new());
                    Column::Text(TextColumn::new(texts.iter().map(String::as_str)))
                }
            };
            (name, column)
        };
        self.columns.into_iter().map(column).collect()
    }
}

/// Nodes as columns.
pub(crate) fn nodes_of<'a>(records: impl Iterator<Item = &'a NodeRecord>, dimensions: &Dimensions) -> Result<Nodes, ConnectomeError> {
    let mut table = Table::new(Part::Nodes);
    let mut names: Vec<Arc<str>> = Vec::new();
    for record in records {
        names.push(record.name.as_str().into());
        let texts = [&record.class, &record.cell_type, &record.transmitter, &record.side, &record.region];
        for (name, text) in NODE_TEXTS.into_iter().zip(texts) {
            if let Some(text) = text {
                table.text(name, text)?;
            }
        }
        for (name, value) in POSITION.into_iter().zip(record.position.into_iter().flatten()) {
            table.number(name, value)?;
        }
        table.tags(&record.tags, |name| NODE_TEXTS.contains(&name) || POSITION.contains(&name))?;
        table.rows += 1;
    }
    let mut dimensions = dimensions.clone();
    dimensions.extend(POSITION.map(|name| (name.to_owned(), Dimension::LENGTH)));
    Ok(Nodes { names: names.into(), columns: table.finish(&dimensions) })
}

/// Edges as columns.
pub(crate) fn edges_of<'a>(
    records: impl Iterator<Item = (u32, u32, &'a EdgeRecord)>,
    dimensions: &Dimensions,
) -> Result<Edges, ConnectomeError> {
    let mut table = Table::new(Part::Edges);
    let (mut sources, mut targets, mut kinds) = (Vec::new(), Vec::new(), Vec::new());
    for (source, target, record) in records {
        sources.push(source);
        targets.push(target);
        kinds.push(record.kind);
        for ((name, _), value) in EDGE_NUMBERS.into_iter().zip(record.numbers()) {
            if let Some(value) = value {
                table.number(name, value)?;
            }
        }
        if let Some(text) = &record.transmitter {
            table.text("transmitter", text)?;
        }
        table.tags(&record.tags, |name| EDGE_TEXTS.contains(&name) || EDGE_NUMBERS.iter().any(|(number, _)| *number == name))?;
        table.rows += 1;
    }
    let mut dimensions = dimensions.clone();
    dimensions.extend(EDGE_NUMBERS.map(|(name, dimension)| (name.to_owned(), dimension)));
    Ok(Edges { sources: sources.into(), targets: targets.into(), kinds: kinds.into(), columns: table.finish(&dimensions) })
}

/// A value of a column, if the row has one.
fn tag(column: &Column, row: usize) -> Option<Tag> {
    match column {
        Column::Number(numbers) => numbers.values.get(row).filter(|value| !value.is_nan()).map(|value| Tag::Number(*value)),
        Column::Text(texts) => texts.get(row).map(|text| Tag::Text(text.to_owned())),
    }
}

fn number(columns: &BTreeMap<String, Column>, name: &str, row: usize) -> Option<f64> {
    match tag(columns.get(name)?, row)? {
        Tag::Number(value) => Some(value),
        Tag::Text(_) => None,
    }
}

fn text(columns: &BTreeMap<String, Column>, name: &str, row: usize) -> Option<String> {
    match tag(columns.get(name)?, row)? {
        Tag::Text(text) => Some(text),
        Tag::Number(_) => None,
    }
}

impl Connectome {
    /// One node by its row.
    pub fn node(&self, row: usize) -> Option<NodeRecord> {
        let columns = &self.nodes().columns;
        let [x, y, z] = POSITION.map(|name| number(columns, name, row));
        let tags = columns.iter().filter(|(name, _)| !NODE_TEXTS.contains(&name.as_str()) && !POSITION.contains(&name.as_str()));
        Some(NodeRecord {
            name: self.nodes().names.get(row)?.to_string(),
            class: text(columns, "class", row),
            cell_type: text(columns, "type", row),
            transmitter: text(columns, "transmitter", row),
            side: text(columns, "side", row),
            region: text(columns, "region", row),
            position: x.zip(y).zip(z).map(|((x, y), z)| [x, y, z]),
            tags: tags.filter_map(|(name, column)| Some((name.clone(), tag(column, row)?))).collect(),
        })
    }

    /// One edge by its row: the rows of its source and target, and the rest.
    pub fn edge(&self, row: usize) -> Option<(u32, u32, EdgeRecord)> {
        let edges = self.edges();
        let columns = &edges.columns;
        let fixed = |name: &str| EDGE_TEXTS.contains(&name) || EDGE_NUMBERS.iter().any(|(number, _)| *number == name);
        let tags = columns.iter().filter(|(name, _)| !fixed(name));
        let record = EdgeRecord {
            kind: *edges.kinds.get(row)?,
            count: number(columns, "count", row),
            weight: number(columns, "weight", row),
            sign: number(columns, "sign", row),
            transmitter: text(columns, "transmitter", row),
            length: number(columns, "length", row),
            delay: number(columns, "delay", row),
            tags: tags.filter_map(|(name, column)| Some((name.clone(), tag(column, row)?))).collect(),
        };
        Some((*edges.sources.get(row)?, *edges.targets.get(row)?, record))
    }

    /// Makes a connectome of a graph; nodes get their rows in the order of their indices.
    ///
    /// ```
    /// use neuropil_connectome::{About, Connectome, EdgeKind, EdgeRecord, NodeRecord};
    /// use petgraph::stable_graph::StableDiGraph;
    ///
    /// let mut graph = StableDiGraph::new();
    /// let [command, motor] = ["AVAL", "VA01"].map(|name| graph.add_node(NodeRecord { name: name.into(), ..Default::default() }));
    /// graph.add_edge(command, motor, EdgeRecord { count: Some(5.0), ..EdgeRecord::new(EdgeKind::Chemical) });
    /// let connectome = Connectome::from_graph(&graph, About::default())?;
    /// assert_eq!(connectome.edge_count(), 1);
    /// assert_eq!(connectome.to_graph().node_count(), 2);
    /// # Ok::<(), neuropil_connectome::ConnectomeError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Connectome::new`]; and if a tag is a number in one row and a text in another, or has the name of a field. Rows of edges are in
    /// the order of their indices.
    pub fn from_graph(graph: &StableDiGraph<NodeRecord, EdgeRecord>, about: About) -> Result<Self, ConnectomeError> {
        let rows: HashMap<_, u32> = graph.node_indices().zip(0..).collect();
        let nodes = nodes_of(graph.node_weights(), &Dimensions::new())?;
        let row = |index| rows.get(&index).copied().unwrap_or(u32::MAX);
        let edges = graph.edge_references().map(|edge| (row(edge.source()), row(edge.target()), edge.weight()));
        Self::new(about, nodes, edges_of(edges, &Dimensions::new())?)
    }

    /// The connectome as a graph to edit; the index of a node or edge is its row. Dimensions of tags are not kept, only their numbers.
    pub fn to_graph(&self) -> StableDiGraph<NodeRecord, EdgeRecord> {
        let mut graph = StableDiGraph::with_capacity(self.node_count(), self.edge_count());
        for record in (0..self.node_count()).map_while(|row| self.node(row)) {
            graph.add_node(record);
        }
        for (source, target, record) in (0..self.edge_count()).map_while(|row| self.edge(row)) {
            graph.add_edge(NodeIndex::new(source as usize), NodeIndex::new(target as usize), record);
        }
        graph
    }
}
