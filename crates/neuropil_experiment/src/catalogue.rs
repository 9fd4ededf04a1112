//! What the reader must know of the models an experiment may name: fields, state, receptors, and their units.
//!
//! The engine's registry fills these descriptions, so that a model of a user's crate reads like a built-in one, and the
//! reader itself depends on no model.

use neuropil_units::Dimension;

/// One neuron model as an experiment file sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelDescription {
    /// The constructor's name, for example `LifDelta`.
    pub name: String,
    /// The fields that the constructor takes.
    pub parameters: Vec<ParameterDescription>,
    /// What can be given an initial value and be recorded.
    pub state: Vec<VariableDescription>,
    /// What a synapse can act on; empty for sources. All receptors of one model have one dimension, that of the weights.
    pub receptors: Vec<VariableDescription>,
    /// What an input current is measured in: pA, or mV/ms for models without a capacitance.
    pub current: Dimension,
}

impl ModelDescription {
    /// The parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<&ParameterDescription> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The state variable of this name.
    pub fn variable(&self, name: &str) -> Option<&VariableDescription> {
        self.state.iter().find(|variable| variable.name == name)
    }

    /// The receptor of this name.
    pub fn receptor(&self, name: &str) -> Option<&VariableDescription> {
        self.receptors.iter().find(|receptor| receptor.name == name)
    }
}

/// A field of a model's constructor.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDescription {
    /// Its name in a file.
    pub name: String,
    /// The unit its page shows, for example `mV`; empty for a number or a choice.
    pub unit: &'static str,
    /// The dimension a value must have.
    pub dimension: Dimension,
    /// The value without an entry, in coherent units; without meaning for a choice.
    pub default: f64,
    /// Empty for a quantity; else the field is one of these names, for example `Consistent` or `Published`.
    pub choices: Vec<String>,
}

/// A state variable or a receptor.
#[derive(Clone, Debug, PartialEq)]
pub struct VariableDescription {
    /// Its name in a file.
    pub name: String,
    /// The unit its page shows.
    pub unit: &'static str,
    /// The dimension of its values; for a receptor that of a weight.
    pub dimension: Dimension,
}

/// A channel or receptor of cells with dendrites as an experiment file sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct MechanismDescription {
    /// The constructor's name, for example `HodgkinHuxley`.
    pub name: String,
    /// The fields that the constructor takes.
    pub parameters: Vec<ParameterDescription>,
    /// What can be recorded of it in a compartment.
    pub state: Vec<VariableDescription>,
    /// Unit and dimension of the weights of spikes that arrive at it; `None` for a channel.
    pub receives: Option<(&'static str, Dimension)>,
}

/// The models that an experiment may name.
pub trait Catalogue {
    /// The description of one model, or `None` if there is no such model.
    fn model(&self, name: &str) -> Option<&ModelDescription>;
    /// All names, for suggestions.
    fn model_names(&self) -> Vec<&str>;
    /// All channels and receptors.
    fn mechanisms(&self) -> &[MechanismDescription] {
        &[]
    }
    /// The description of one channel or receptor, or `None` if there is no such.
    fn mechanism(&self, name: &str) -> Option<&MechanismDescription> {
        self.mechanisms().iter().find(|mechanism| mechanism.name == name)
    }
}

/// Models, and channels and receptors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Models {
    /// Models of point neurons.
    pub models: Vec<ModelDescription>,
    /// Channels and receptors.
    pub mechanisms: Vec<MechanismDescription>,
}

impl Catalogue for Models {
    fn model(&self, name: &str) -> Option<&ModelDescription> {
        self.models.model(name)
    }

    fn model_names(&self) -> Vec<&str> {
        self.models.model_names()
    }

    fn mechanisms(&self) -> &[MechanismDescription] {
        &self.mechanisms
    }
}

impl Catalogue for [ModelDescription] {
    fn model(&self, name: &str) -> Option<&ModelDescription> {
        self.iter().find(|model| model.name == name)
    }

    fn model_names(&self) -> Vec<&str> {
        self.iter().map(|model| model.name.as_str()).collect()
    }
}

impl Catalogue for Vec<ModelDescription> {
    fn model(&self, name: &str) -> Option<&ModelDescription> {
        self.as_slice().model(name)
    }

    fn model_names(&self) -> Vec<&str> {
        self.as_slice().model_names()
    }
}
