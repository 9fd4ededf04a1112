//! What the reader must know of the registered models.

use crate::catalogue::{MechanismDescription, ModelDescription, Models, ParameterDescription, VariableDescription};
use bevy_app::App;
use neuropil_core::Registry;
use neuropil_core::columns::StateDescription;
use neuropil_dendrites::MechanismEntry;
use neuropil_neurons::ModelEntry;

/// Descriptions of all models, channels and receptors that are registered in an app, a user's own among them.
pub fn registered_models(app: &App) -> Models {
    let models = app.world().get_resource::<Registry<ModelEntry>>();
    let mechanisms = app.world().get_resource::<Registry<MechanismEntry>>();
    Models {
        models: models.into_iter().flat_map(Registry::iter).map(|(_, entry)| describe(entry)).collect(),
        mechanisms: mechanisms.into_iter().flat_map(Registry::iter).map(|(_, entry)| describe_mechanism(entry)).collect(),
    }
}

fn parameter(p: &neuropil_neurons::ParameterDescription) -> ParameterDescription {
    ParameterDescription { name: p.name.clone(), unit: p.unit, dimension: p.dimension, default: p.default, choices: p.choices.clone() }
}

fn variable(v: &StateDescription) -> VariableDescription {
    VariableDescription { name: v.name.to_string(), unit: v.unit, dimension: v.dimension }
}

fn describe_mechanism(entry: &MechanismEntry) -> MechanismDescription {
    MechanismDescription {
        name: entry.name.to_string(),
        parameters: entry.parameters.iter().map(parameter).collect(),
        state: entry.state.iter().map(variable).collect(),
        receives: entry.receives.map(|receives| (receives.unit, receives.dimension)),
    }
}

fn describe(entry: &ModelEntry) -> ModelDescription {
    ModelDescription {
        name: entry.name.to_string(),
        parameters: entry.parameters.iter().map(parameter).collect(),
        state: entry.state.iter().map(variable).collect(),
        receptors: entry
            .receptors
            .iter()
            .map(|r| VariableDescription { name: r.name.to_string(), unit: r.unit, dimension: r.dimension })
            .collect(),
        current: entry.current,
    }
}
