//! Clock, schedules, identity of neurons, spike exchange, threads and counter-based random numbers.
//!
//! This crate knows no model and no synapse. It says what a step is, who does which part of it, and where spikes go:
//!
//! ```
//! use bevy_app::App;
//! use neuropil_core::{Clock, CorePlugin, Simulate};
//! use neuropil_units::Milliseconds;
//!
//! let mut app = App::new();
//! app.add_plugins(CorePlugin);
//! app.advance(Milliseconds(1.0))?;
//! assert_eq!(app.world().resource::<Clock>().step(), 10);
//! # Ok::<(), neuropil_core::Fault>(())
//! ```
//!
//! Module map, in reading order: [`clock`] steps and their length; [`schedule`] the public order of systems; [`identity`] neurons and
//! populations; [`layout`] which worker owns which neurons; [`arrivals`] what reaches receptors in a step; [`spikes`] who spiked;
//! [`graded`] values sent in every step; [`coupling`], [`laplacian`] and [`factor`] electrical synapses;
//! [`columns`] state as slices; [`simd`] instruction sets; [`team`] threads; [`random`] keyed random numbers; [`math`]; [`registry`]
//! names to things; [`fault`] numerical trouble; [`simulate`] building and advancing.
//!
//! Models are in `neuropil_neurons`, projections and delivery in `neuropil_synapses`.

pub mod arrivals;
pub mod clock;
pub mod columns;
pub mod coupling;
pub mod factor;
pub mod fault;
pub mod graded;
pub mod identity;
pub mod laplacian;
pub mod layout;
pub mod math;
pub mod memory;
pub mod random;
pub mod registry;
pub mod schedule;
pub mod simd;
pub mod simulate;
pub mod spikes;
pub mod team;

pub use arrivals::Arrivals;
pub use clock::{Clock, steps_covering, steps_in};
pub use coupling::Coupling;
pub use fault::{Fault, FaultReport};
pub use graded::Graded;
pub use identity::{Accepts, Lesioned, NeuronId, NeuronName, Population, Populations, Position, Receptor};
pub use layout::Layout;
pub use registry::Registry;
pub use schedule::{Build, CorePlugin, NeuropilSystems, Slice, Step};
pub use simd::Simd;
pub use simulate::{RunSettings, Simulate, is_built};
pub use spikes::SpikeExchange;
pub use team::Team;
