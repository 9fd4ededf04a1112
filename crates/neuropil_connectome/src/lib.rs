//! Connectomes: who is wired to whom, and what each neuron is.
//!
//! # Modules
//! - [`mod@column`]: one property of all nodes or edges
//! - [`connectome`]: nodes, edges, where they come from; their topology as a [`petgraph`] graph
//! - [`validate`]: what makes nodes and edges a connectome
//! - [`records`]: nodes and edges one by one, and as a graph to build or edit
//! - [`tables`]: nodes and edges as tables for selectors
//! - [`formats`]: the two formats of the engine's own, RON and compressed columns
//! - [`importers`]: the formats that others write
//! - [`generators`]: connectomes laid out from a plan of repeating columns
//! - [`files`]: reading and writing files
//! - [`measures`]: measures of a connectome as a graph
//! - `asset` (feature `asset`): connectomes as assets of a Bevy app
//! - [`error`]: why something is no connectome

#[cfg(feature = "asset")]
pub mod asset;
pub mod column;
pub mod connectome;
pub mod error;
pub mod files;
pub mod formats;
pub mod generators;
pub mod importers;
pub mod measures;
pub mod records;
pub mod tables;
pub mod validate;

pub use column::{Column, NumberColumn, TextColumn};
pub use connectome::{About, Connectome, EdgeKind, Edges, Nodes};
pub use error::{ConnectomeError, Notice};
pub use files::{read_connectome, write_connectome};
pub use generators::ColumnPlan;
pub use importers::{ImportOptions, Imported, import};
pub use records::{EdgeRecord, NodeRecord, Tag};
pub use tables::{EdgeTable, NodeTable};
