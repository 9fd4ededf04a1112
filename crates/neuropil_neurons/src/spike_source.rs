//! Neurons that repeat spikes given to them: a list or a file of spike times becomes a population that projections start from.
//!
//! They have no dynamics and take no synapses. A `SpikeList` or `SpikesByNeuron` stimulus tells them when to spike; one neuron spikes at
//! most once a step.
//!
//! # Equations
//! ```text
//! spike    in the step of each listed time
//! ```
//!
//! # Parameters
//! None.
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`Spiked`] | | 0 |
//!
//! # References
//! - Davison AP et al. (2009). PyNN: a common interface for neuronal network simulators. Front Neuroinform 2:11. doi:10.3389/neuro.11.011.2008
//!
//! # See also
//! `PoissonSource` (random spikes).

use crate::prelude::*;

/// Adds [`SpikeSource`] to the engine.
pub struct SpikeSourcePlugin;

impl Plugin for SpikeSourcePlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<SpikeSource>();
    }
}

/// A source of listed spikes; it has no parameters.
#[derive(Component, Reflect, Clone, Debug, Default, PartialEq)]
#[reflect(Component)]
pub struct SpikeSource {}

/// No constants.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {}

impl NeuronModel for SpikeSource {
    type State = (Spiked,);
    type Propagators = Propagators;
    const SOURCE: &'static str = include_str!("spike_source.rs");
    const RECEPTORS: &'static [Receptor] = &[];
    const CURRENT_UNIT: &'static str = "";
    const CURRENT: Dimension = Dimension::NONE;

    fn initial_state(&self) -> Self::State {
        (Spiked(0),)
    }

    fn propagators(&self, _: Milliseconds) -> Result<Propagators, ParameterError> {
        Ok(Propagators {})
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(_: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        emit(columns.0, input.current(), spiked);
    }
}

/// Spikes where one is asked for.
#[inline(always)]
pub(crate) fn emit(state: &mut [u16], asked: &[f32], spiked: &mut [u8]) {
    for ((state, asked), spiked) in state.iter_mut().zip(asked).zip(spiked) {
        *spiked = u8::from(*asked > 0.0);
        *state = u16::from(*spiked);
    }
}
