//! Connectomes: who is wired to whom, and what each neuron is.
//!
//! # Modules
//! - [`column`]: one property of all nodes or edges
//! - [`connectome`]: nodes, edges, where they come from; their topology as a [`petgraph`] graph
//! - [`measures`]: measures of a connectome as a graph

pub mod column;
pub mod connectome;
pub mod measures;

pub use column::{Column, NumberColumn, TextColumn};
pub use connectome::{About, Connectome, EdgeKind, Edges, Nodes};
