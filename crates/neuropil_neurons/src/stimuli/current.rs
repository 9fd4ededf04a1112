//! Injected currents: steps, ramps, sines and noise, summed for each neuron before it is integrated.

use bevy_ecs::prelude::*;

/// Current injected into each neuron of a population in the present step, in the model's unit of current.
#[derive(Component, Clone, Debug, Default)]
pub struct InjectedCurrent(pub Vec<f32>);
