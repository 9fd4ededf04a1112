//! Point-neuron models and stimuli: one file a model, one file a stimulus.
//!
//! A model is a component of parameters, columns of state, and one kernel; [`Neurons`] spawns populations of it:
//!
//! ```
//! use bevy_app::App;
//! use neuropil_core::{CorePlugin, Simulate, SpikeExchange};
//! use neuropil_neurons::{LifExponentialCurrent, NeuronModelsPlugins, Neurons};
//! use neuropil_units::{Milliseconds, Picoamperes};
//!
//! let mut app = App::new();
//! app.add_plugins((CorePlugin, NeuronModelsPlugins));
//! app.add_population("cells", 3, LifExponentialCurrent { bias_current: Picoamperes(400.0), ..Default::default() })?;
//! app.advance(Milliseconds(30.0))?;
//! assert_eq!(app.world().resource::<SpikeExchange>().total(), 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Module map, in reading order: [`model`] what a model says of itself; [`lif_exponential_current`] the model to read first; [`kernel`] the
//! system that advances populations; [`population`] spawning neurons, shared and own parameters; [`state`] common state components;
//! [`membrane`], [`gating`] and [`logarithm`] what several models share; [`stimuli`] inputs; [`coupling`] electrical synapses;
//! [`poisson_source`] and [`spike_source`]
//! neurons that only emit.
//!
//! Synapses between populations are in `neuropil_synapses`.

pub mod adex;
pub mod coupling;
pub(crate) mod equilibrium;
pub mod gating;
pub mod graded_neuron;
pub mod hodgkin_huxley_alpha_current;
pub mod hodgkin_huxley_traub_miles;
pub mod izhikevich;
pub mod kernel;
pub mod lif_alpha_conductance;
pub mod lif_alpha_current;
pub mod lif_delta;
pub mod lif_exponential_conductance;
pub mod lif_exponential_current;
pub mod lif_frozen_refractory;
pub mod logarithm;
pub mod membrane;
pub mod model;
pub mod poisson_source;
pub mod population;
pub mod rate_unit;
mod resting;
pub mod spike_source;
pub mod state;
mod step_constants;
pub mod stimuli;
pub(crate) mod transmit;

pub use adex::{AdEx, AdExPlugin};
pub use coupling::CouplingPlugin;
pub use graded_neuron::{GradedNeuron, GradedNeuronPlugin, GradedThreshold};
pub use hodgkin_huxley_alpha_current::{HodgkinHuxleyAlphaCurrent, HodgkinHuxleyAlphaCurrentPlugin};
pub use hodgkin_huxley_traub_miles::{HodgkinHuxleyTraubMiles, HodgkinHuxleyTraubMilesPlugin};
pub use izhikevich::{Izhikevich, IzhikevichPlugin, IzhikevichScheme};
pub use lif_alpha_conductance::{LifAlphaConductance, LifAlphaConductancePlugin};
pub use lif_alpha_current::{LifAlphaCurrent, LifAlphaCurrentPlugin};
pub use lif_delta::{LifDelta, LifDeltaPlugin};
pub use lif_exponential_conductance::{LifExponentialConductance, LifExponentialConductancePlugin};
pub use lif_exponential_current::{LifExponentialCurrent, LifExponentialCurrentPlugin};
pub use lif_frozen_refractory::{LifFrozenRefractory, LifFrozenRefractoryPlugin};
pub use model::{Input, ModelEntry, NeuronModel, ParameterDescription, ParameterError, receptor_for, require};
pub use poisson_source::{PoissonSource, PoissonSourcePlugin};
pub use population::{Assigned, Members, MembraneCapacitance, Neurons, PopulationError, PopulationRequest};
pub use rate_unit::{RateUnit, RateUnitPlugin};
pub use spike_source::{SpikeSource, SpikeSourcePlugin};
pub use stimuli::StimuliPlugin;
pub use stimuli::stimulus::{Stimulate, Stimulus, StimulusError, StimulusSource};

/// What a model's file uses.
pub mod prelude {
    pub use crate::membrane::*;
    pub use crate::model::{Input, NeuronModel, ParameterError, require};
    pub use crate::population::Neurons;
    pub use crate::state::*;
    pub use bevy_app::{App, Plugin};
    pub use bevy_ecs::prelude::{Component, ReflectComponent};
    pub use bevy_reflect::Reflect;
    pub use bytemuck::{Pod, Zeroable};
    pub use neuropil_core::columns::{Constants, StateColumns};
    pub use neuropil_core::math::{exp_fast, exprel, exprel_second, linoid};
    pub use neuropil_core::{Accepts, Receptor};
    pub use neuropil_units::*;

    /// The slices that a model's kernel gets, one a state variable.
    pub type Columns<'a, M> = <<M as NeuronModel>::State as StateColumns>::Slices<'a>;
}

use bevy_app::{PluginGroup, PluginGroupBuilder};

/// Every built-in model, one line each, stimuli, and electrical coupling.
pub struct NeuronModelsPlugins;

impl PluginGroup for NeuronModelsPlugins {
    fn build(self) -> PluginGroupBuilder {
        PluginGroupBuilder::start::<Self>()
            .add(AdExPlugin)
            .add(GradedNeuronPlugin)
            .add(HodgkinHuxleyAlphaCurrentPlugin)
            .add(HodgkinHuxleyTraubMilesPlugin)
            .add(IzhikevichPlugin)
            .add(LifAlphaConductancePlugin)
            .add(LifAlphaCurrentPlugin)
            .add(LifDeltaPlugin)
            .add(LifExponentialConductancePlugin)
            .add(LifExponentialCurrentPlugin)
            .add(LifFrozenRefractoryPlugin)
            .add(PoissonSourcePlugin)
            .add(RateUnitPlugin)
            .add(SpikeSourcePlugin)
            .add(StimuliPlugin)
            .add(CouplingPlugin)
    }
}
