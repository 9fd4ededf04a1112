#![doc = include_str!("guide/front.md")]

pub mod plugins;
pub mod prelude;

pub use neuropil_connectome as connectome;
pub use neuropil_core as core;
pub use neuropil_dendrites as dendrites;
pub use neuropil_experiment as experiment;
pub use neuropil_morphology as morphology;
pub use neuropil_neurons as neurons;
pub use neuropil_record as record;
pub use neuropil_synapses as synapses;
pub use neuropil_units as units;
pub use plugins::NeuropilPlugins;

/// What the file of a neuron model uses: `use neuropil::model::*`.
pub mod model {
    pub use neuropil_neurons::prelude::*;
}

/// What the file of a channel or receptor uses: `use neuropil::channel::*`.
pub mod channel {
    pub use neuropil_core::columns::{Constants, StateColumns};
    pub use neuropil_dendrites::energy::Carrier;
    pub use neuropil_dendrites::exponential::{exp, linoid_parts, ln};
    pub use neuropil_dendrites::mechanism::{Calcium, Mechanism, Membrane, Place, Receives};
    pub use neuropil_dendrites::{AddMechanism, CompartmentPotential, Compartments, Precision, Real, Single};
    pub use neuropil_neurons::prelude::*;
}

#[doc = include_str!("guide/extending.md")]
pub mod extending {}

#[doc = include_str!("guide/time_and_determinism.md")]
pub mod time_and_determinism {}

/// The README's code, so that it is compiled and run with the tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
