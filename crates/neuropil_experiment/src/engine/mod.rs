//! From a plan to results: spawning into a world, recording, running.
//!
//! The reading half of this crate knows no engine; this half knows no text. A plan's places travel along, so that what the engine refuses
//! is still shown in the file.

mod cells;
mod pictures;
mod record;
mod registered;
mod results;
mod run;
mod spawn;

pub use pictures::{DrawnCells, Painting};
pub use record::{Recording, RecordingPlugin, Trace};
pub use registered::registered_models;
pub use results::{ResultFiles, Written, draw_results, write_results};
pub use run::{Outcome, Progress, RunOptions, run};
pub use spawn::{NodeOf, Wiring, spawn};
