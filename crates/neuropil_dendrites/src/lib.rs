//! Neurons with dendrites: cells cut into compartments, the cable equation on their trees, ion channels in their membrane.
//!
//! # Modules
//! - [`tree`]: a cell as a tree of nodes
//! - [`solver`]: one implicit step of the cable equation
//! - [`exponential`]: eˣ for kernels in double precision

pub mod exponential;
pub mod solver;
pub mod tree;
