//! The text of an experiment as values with places: what is written, before what it means.
//!
//! - [`scan`]: brackets and quotes, so that nothing reaches the parser that could overflow it
//! - [`node`]: one value, read by `ron` when it is needed
//! - [`reader`]: fields, maps and names, with every error collected
//! - [`leaf`]: numbers, quantities, expressions
//! - [`settings`]: `--set name=value`, laid over the text

pub(crate) mod leaf;
pub(crate) mod node;
pub(crate) mod reader;
pub(crate) mod scan;
pub(crate) mod settings;
