//! Measures of a connectome as a graph: what `neuropil inspect` prints.
//!
//! ```
//! use neuropil_connectome::measures::{Measures, Options};
//! use neuropil_connectome::{About, Connectome, EdgeKind, Edges, Nodes};
//!
//! // Three neurons in a ring.
//! let nodes = Nodes { names: ["a", "b", "c"].map(Into::into).into(), ..Default::default() };
//! let edges = Edges { sources: [0, 1, 2].into(), targets: [1, 2, 0].into(), kinds: [EdgeKind::Chemical; 3].into(), ..Default::default() };
//! let ring = Connectome::new(About::default(), nodes, edges)?;
//! let measures = Measures::of(&ring, &Options::default(), &mut |_| ());
//! assert_eq!(measures.components.strong.largest, 3);
//! assert_eq!(measures.triads.and_then(|triads| triads.count("030C")), Some(1));
//! # Ok::<(), neuropil_connectome::ConnectomeError>(())
//! ```
//!
//! # Which edges are measured
//! *Arcs* are the distinct ordered pairs of different nodes that chemical edges and tracts join: degrees, reciprocity, strong components, triads, rich club and
//! shuffles are about them. *Partners* are joined by an edge of any kind, whatever its direction: weak components, clustering and cores are about them.
//! Autapses are counted, and left out of all else.
//!
//! # Modules
//! - `size`, `spread`: edges by kind; how a property is spread
//! - `wiring`: the simple graphs that the following are taken of
//! - `reciprocity`, `components`, `clustering`, `cores`, `hubs`
//! - `triangles`, `triads`: all triangles; the sixteen ways to wire three nodes
//! - [`shuffle`], `rich_club`, `comparison`: graphs with the same degrees, and what a graph has beyond its degrees
//! - `classes`, `space`: what nodes are, which classes are wired; where nodes are

mod classes;
mod clustering;
mod comparison;
mod components;
mod cores;
mod hubs;
mod reciprocity;
mod rich_club;
pub mod shuffle;
mod size;
mod space;
mod spread;
mod triads;
mod triangles;
mod wiring;

pub use classes::{ClassMatrix, Mix};
pub use clustering::Clustering;
pub use comparison::{Compared, Comparison, MOST_SHUFFLES, Motif, RichClub};
pub use components::{Components, Parts};
pub use cores::Cores;
pub use hubs::{Hub, Hubs};
pub use reciprocity::Reciprocity;
pub use size::KindSize;
pub use space::{Extent, Space, positions};
pub use spread::{Bin, Spread};
pub use triads::{TRIAD_PICTURES, TRIADS, TriadCensus};
pub use wiring::Wiring;

use crate::Connectome;
use serde::Serialize;
use triangles::Ranked;

/// Candidates that the search for triangles looks at by default; with more, triangles are not counted. A complete graph of 4,160 nodes has as many;
/// each takes a nanosecond or two of one thread.
pub const MOST_TRIANGLE_WORK: u64 = 12_000_000_000;

/// How to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Number of shuffled graphs to compare with; by the size of the graph if `None`.
    pub shuffles: Option<u32>,
    /// Seed of the shuffles.
    pub seed: u64,
    /// Candidates that the search for triangles may look at, without which there is neither clustering nor triads.
    pub triangle_work: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { shuffles: None, seed: 1, triangle_work: MOST_TRIANGLE_WORK }
    }
}

/// What is being done, for who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Degrees, components, cores.
    Counting,
    /// Triangles.
    Triangles,
    /// Shuffled graphs.
    Shuffling {
        /// How many are done.
        done: u32,
        /// Of how many.
        of: u32,
    },
}

/// How the connections of nodes are spread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Degrees {
    /// Arcs that reach a node.
    pub in_degree: Spread,
    /// Arcs that leave a node.
    pub out_degree: Spread,
    /// Distinct partners of a node, over edges of any kind.
    pub partners: Spread,
}

/// All measures of a connectome. What was left out because of its cost is none, and `left_out` says so.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measures {
    /// Number of nodes.
    pub nodes: u64,
    /// Number of edges.
    pub edges: u64,
    /// Edges by kind.
    pub kinds: Vec<KindSize>,
    /// Number of arcs: distinct ordered pairs of different nodes that chemical edges or tracts join.
    pub arcs: u64,
    /// Number of pairs of different nodes that edges of any kind join.
    pub pairs: u64,
    /// Of all possible arcs, the fraction that are there; none with fewer than two nodes.
    pub density: Option<f64>,
    /// Degrees; none without nodes.
    pub degrees: Option<Degrees>,
    /// Nodes without an edge to another.
    pub isolated: u64,
    /// Reciprocity; none without arcs.
    pub reciprocity: Option<Reciprocity>,
    /// Parts that are connected.
    pub components: Components,
    /// Clustering; none if triangles were not counted.
    pub clustering: Option<Clustering>,
    /// Cores; none without nodes.
    pub cores: Option<Cores>,
    /// Triads; none without arcs, or if triangles were not counted.
    pub triads: Option<TriadCensus>,
    /// Reciprocity, triads and rich club beside those of shuffled graphs; none without arcs.
    pub comparison: Option<Comparison>,
    /// The nodes with the most connections.
    pub hubs: Hubs,
    /// What nodes are.
    pub node_mixes: Vec<Mix>,
    /// Transmitters of edges.
    pub edge_transmitters: Option<Mix>,
    /// Which classes are wired to which.
    pub class_matrix: Option<ClassMatrix>,
    /// Where nodes are.
    pub space: Option<Space>,
    /// What was not measured, and why.
    pub left_out: Vec<String>,
}

impl Measures {
    /// Measures a connectome. The result does not depend on the number of threads; `phase` hears what is being done.
    pub fn of(connectome: &Connectome, options: &Options, phase: &mut dyn FnMut(Phase)) -> Self {
        phase(Phase::Counting);
        let mut left_out = Vec::new();
        let wiring = Wiring::of(connectome);
        let ranked = Ranked::new(&wiring.pairs, &wiring.partners);
        let work = ranked.work();
        let components = Components::of(&wiring);
        let cores = Cores::of(&wiring);
        phase(Phase::Triangles);
        let counted = (work <= options.triangle_work).then(|| Clustering::of(&wiring, &ranked));
        drop(ranked);
        if counted.is_none() {
            left_out.push(format!(
                "clustering and triads: searching all triangles would take {work} steps, more than {}; `--triangles` counts them \
                 however long that takes",
                options.triangle_work
            ));
        }
        let triads = counted.as_ref().map(|(_, triangles)| TriadCensus::new(wiring.nodes, &wiring.pairs, triangles));
        let triads = triads.filter(|_| !wiring.arcs.is_empty());
        let affordable = comparison::affordable_shuffles(wiring.arcs.len(), if triads.is_some() { work } else { 0 });
        let shuffles = options.shuffles.unwrap_or(affordable);
        let comparison =
            Comparison::of(&wiring, triads, shuffles, options.seed, &mut |done| phase(Phase::Shuffling { done, of: shuffles }));
        left_out.extend(comparison.as_ref().and_then(|comparison| not_compared(comparison, options)));
        if wiring.arcs.is_empty() && !wiring.pairs.is_empty() {
            left_out.push("reciprocity, triads, rich club and shuffles: all edges are electrical, none has a direction".to_string());
        }
        let spread = |degrees: &[u32]| Spread::of_counts(degrees.iter().map(|degree| u64::from(*degree)));
        let degrees = spread(&wiring.in_degrees).zip(spread(&wiring.out_degrees)).zip(spread(&wiring.partners));
        let nodes = wiring.nodes as f64;
        Self {
            nodes: wiring.nodes as u64,
            edges: connectome.edge_count() as u64,
            kinds: size::sizes(connectome),
            arcs: wiring.arcs.len() as u64,
            pairs: wiring.pairs.len() as u64,
            density: (wiring.nodes > 1).then(|| wiring.arcs.len() as f64 / (nodes * (nodes - 1.0))),
            degrees: degrees.map(|((in_degree, out_degree), partners)| Degrees { in_degree, out_degree, partners }),
            isolated: wiring.partners.iter().filter(|partners| **partners == 0).count() as u64,
            reciprocity: Reciprocity::of(&wiring),
            components,
            clustering: counted.map(|(clustering, _)| clustering),
            cores,
            triads,
            comparison,
            hubs: Hubs::of(connectome, &wiring),
            node_mixes: classes::node_mixes(connectome),
            edge_transmitters: classes::edge_transmitters(connectome),
            class_matrix: ClassMatrix::of(connectome),
            space: Space::of(connectome),
            left_out,
        }
    }
}

/// Why a graph is not compared with shuffled ones, or with fewer than usual.
fn not_compared(comparison: &Comparison, options: &Options) -> Option<String> {
    match (comparison.shuffles, options.shuffles) {
        (0, Some(_)) => None,
        (0, None) => Some(format!(
            "comparison with shuffled graphs: two shuffles of a graph of this size are too much work; \
                 `--shuffles {MOST_SHUFFLES}` makes them however long that takes"
        )),
        _ if comparison.switched == Some(0.0) => {
            Some("comparison with shuffled graphs: no two edges could be switched; few or no other graphs have these degrees".to_string())
        }
        (n, None) if n < MOST_SHUFFLES => {
            let left = MOST_SHUFFLES - n;
            Some(format!("{left} of {MOST_SHUFFLES} shuffles, because of the graph's size; `--shuffles {MOST_SHUFFLES}` makes all"))
        }
        _ => None,
    }
}
