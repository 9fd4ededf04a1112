//! What the reader must know of the registered models.

use crate::catalogue::{ModelDescription, ParameterDescription, VariableDescription};
use bevy_app::App;
use neuropil_core::Registry;
use neuropil_neurons::ModelEntry;

/// Descriptions of all models that are registered in an app, a user's own among them.
pub fn registered_models(app: &App) -> Vec<ModelDescription> {
    let Some(registry) = app.world().get_resource::<Registry<ModelEntry>>() else { return Vec::new() };
    registry.iter().map(|(_, entry)| describe(entry)).collect()
}

fn describe(entry: &ModelEntry) -> ModelDescription {
    let parameter = |p: &neuropil_neurons::ParameterDescription| ParameterDescription {
        name: p.name.clone(),
        unit: p.unit,
        dimension: p.dimension,
        default: p.default,
        choices: p.choices.clone(),
    };
    ModelDescription {
        name: entry.name.to_string(),
        parameters: entry.parameters.iter().map(parameter).collect(),
        state: entry.state.iter().map(|v| VariableDescription { name: v.name.to_string(), unit: v.unit, dimension: v.dimension }).collect(),
        receptors: entry
            .receptors
            .iter()
            .map(|r| VariableDescription { name: r.name.to_string(), unit: r.unit, dimension: r.dimension })
            .collect(),
        current: entry.current,
    }
}
