//! Channels that are declared, not programmed: gates and schemes of states as expressions.
//!
//! A declared channel stands in the same registry as built-in ones and is painted as they are. Each gate, or share of a state, of each compartment is an
//! entity with one number, [`Occupancy`], so that a channel may have any number of them; entities lie state after state, as the kernel reads them.
//!
//! Expressions become a graph, in which what they share is computed once, and that becomes a list of vectorised loops, each over some hundred
//! compartments. Hodgkin and Huxley's channels declared so take 1.3 (AVX2) to 1.9 (AVX-512) times as long as built in (`benches/declared.rs`).
//!
//! | module | holds |
//! | --- | --- |
//! | `channel` | what a channel is, and its check for names and dimensions |
//! | `check` | looks at values, and at what the kernel gives |
//! | `graph`, `compile`, `kernel` | from expressions to loops |
//! | `flow` | what flows through a channel |
//! | `layer` | channels on the cells of a population |

mod channel;
mod check;
mod compile;
mod flow;
mod graph;
mod kernel;
mod layer;

pub use channel::{Conducts, DeclaredChannel, DeclaredError, DeclaredErrorKind, Gate, Kinetics, Part, Scheme, VARIABLES};
pub use layer::{Occupancy, StateOf};

pub(crate) use compile::Checked;
pub(crate) use kernel::KernelScratch;
pub(crate) use layer::paint;
