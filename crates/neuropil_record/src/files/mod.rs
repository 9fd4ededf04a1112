//! Files: written whole or not at all, and the parts that all tables share.

pub(crate) mod atomic;
pub(crate) mod csv;
pub(crate) mod parquet;
