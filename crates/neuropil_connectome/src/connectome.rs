//! The connectome: nodes, edges, where they come from; their topology as a [`petgraph`] graph.

use crate::column::Column;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Where a connectome comes from and what may be done with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct About {
    /// One line: what it is.
    pub title: String,
    /// What was measured and how, what is missing, what the columns mean.
    pub description: String,
    /// Papers, with their DOI.
    pub references: Vec<String>,
    /// Where the data were taken from.
    pub source: String,
    /// The licence of the data.
    pub licence: String,
}

/// How two nodes are connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum EdgeKind {
    /// Chemical synapses, from source to target.
    Chemical,
    /// Gap junctions; one edge stands for both directions.
    Electrical,
    /// A fibre tract between regions.
    Tract,
}

impl EdgeKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Chemical, Self::Electrical, Self::Tract];

    /// As it is written in tables and selectors.
    pub fn name(self) -> &'static str {
        match self {
            Self::Chemical => "chemical",
            Self::Electrical => "electrical",
            Self::Tract => "tract",
        }
    }
}

/// The nodes: a name each, and columns of what is known about them.
///
/// Columns with a fixed meaning: `class`, `type`, `transmitter`, `side`, `region` (texts) and `x`, `y`, `z` (µm). All others are tags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nodes {
    /// Names, each different.
    pub names: Arc<[Arc<str>]>,
    /// Columns by name, of one length with the names.
    pub columns: BTreeMap<String, Column>,
}

/// The edges, sorted by source, then target, then kind; and columns of what is known about them.
///
/// Columns with a fixed meaning: `count` (at least 0), `weight`, `sign` (-1, 0, 1), `length` (µm), `delay` (ms) are numbers, `transmitter` is
/// a text. All others are tags.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Edges {
    /// Row of the source node.
    pub sources: Arc<[u32]>,
    /// Row of the target node.
    pub targets: Arc<[u32]>,
    /// How they are connected.
    pub kinds: Arc<[EdgeKind]>,
    /// Columns by name, of one length with the sources.
    pub columns: BTreeMap<String, Column>,
}

/// A wiring diagram: nodes and edges as shared columns, and their topology as a graph.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "asset", derive(bevy_asset::Asset, bevy_reflect::TypePath))]
pub struct Connectome {
    about: About,
    nodes: Nodes,
    edges: Edges,
    topology: OnceLock<StableDiGraph<(), ()>>,
}

impl PartialEq for Connectome {
    fn eq(&self, other: &Self) -> bool {
        self.about == other.about && self.nodes == other.nodes && self.edges == other.edges
    }
}

impl Connectome {
    /// Puts parts together that fit.
    pub fn from_parts(about: About, nodes: Nodes, edges: Edges) -> Self {
        Self { about, nodes, edges, topology: OnceLock::new() }
    }

    /// Where it comes from.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The same with another text about it.
    pub fn with_about(mut self, about: About) -> Self {
        self.about = about;
        self
    }

    /// The nodes.
    pub fn nodes(&self) -> &Nodes {
        &self.nodes
    }

    /// The edges.
    pub fn edges(&self) -> &Edges {
        &self.edges
    }

    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        self.nodes.names.len()
    }

    /// Number of edges.
    pub fn edge_count(&self) -> usize {
        self.edges.sources.len()
    }

    /// Who is wired to whom, for [`petgraph`]'s algorithms: the index of a node or edge is its row. Made when it is first asked for.
    pub fn topology(&self) -> &StableDiGraph<(), ()> {
        self.topology.get_or_init(|| {
            let mut graph = StableDiGraph::with_capacity(self.node_count(), self.edge_count());
            self.nodes.names.iter().for_each(|_| {
                graph.add_node(());
            });
            for (source, target) in self.edges.sources.iter().zip(self.edges.targets.iter()) {
                graph.add_edge(NodeIndex::new(*source as usize), NodeIndex::new(*target as usize), ());
            }
            graph
        })
    }
}
