//! Groups of plugins.

use bevy_app::{PluginGroup, PluginGroupBuilder};
use neuropil_core::CorePlugin;
use neuropil_dendrites::DendritesPlugin;
use neuropil_experiment::RecordingPlugin;
use neuropil_neurons::NeuronModelsPlugins;
use neuropil_synapses::SynapsesPlugin;

/// Everything that a network needs: schedules, all models of neurons, channels and receptors, stimuli, projections, recorders.
///
/// To leave something out: `app.add_plugins(NeuropilPlugins.build().disable::<RecordingPlugin>())`.
pub struct NeuropilPlugins;

impl PluginGroup for NeuropilPlugins {
    fn build(self) -> PluginGroupBuilder {
        PluginGroupBuilder::start::<Self>()
            .add(CorePlugin)
            .add_group(NeuronModelsPlugins)
            .add(SynapsesPlugin)
            .add(DendritesPlugin)
            .add(RecordingPlugin)
    }
}
