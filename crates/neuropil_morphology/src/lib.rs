//! Shapes of neurons: trees of samples, the sections and compartments that cables are made of, and measures of them.
//!
//! ```
//! use neuropil_morphology::{ReadOptions, Rules, Sections, swc};
//!
//! let file = b"1 1 0 0 0 5 -1\n2 3 0 5 0 1 1\n3 3 0 105 0 1 2\n";
//! let cell = swc::parse("cell.swc", file, &ReadOptions::default())?;
//! let sections = Sections::of(&cell.morphology, Rules::Neuron)?;
//! assert_eq!(sections.list().len(), 2);
//! assert_eq!(sections.points(1).length_um(), 100.0);
//! assert_eq!(sections.compartments(1, 10).len(), 10);
//! # Ok::<(), neuropil_morphology::MorphologyError>(())
//! ```
//!
//! # Modules
//! - `morphology`: a cell as samples with kind, position, radius and parent
//! - [`sections`]: unbranched runs of samples, by the rules of NEURON or Arbor; their lengths, areas and resistances; compartments
//! - [`measures`]: what a cell amounts to: lengths and areas by kind, branch orders, Sholl's profile
//! - [`files`]: reading a file of either format
//! - [`swc`], [`asc`]: the formats
//! - [`synthetic`]: balls, sticks, Rall's tree, and trees grown at random to given numbers
//! - `remark`: what a reader repaired or noticed
//! - `error`: why something is no morphology
//!
//! Lengths are in µm and numbers in double precision throughout; nothing is recursive, so that a chain of any length is read.

pub mod asc;
mod contour;
mod draft;
mod error;
pub mod files;
pub mod measures;
mod morphology;
mod remark;
pub mod sections;
pub mod swc;
pub mod synthetic;

pub use error::{Location, MorphologyError, Problem};
pub use files::{Format, Imported, ReadOptions, read_morphology};
pub use measures::Measures;
pub use morphology::{Kind, LARGEST_UM, Morphology, SMALLEST_RADIUS_UM, Samples};
pub use remark::{Remark, What};
pub use sections::{Attachment, Compartment, PathPoint, Rules, Section, SectionPoints, Sections};
