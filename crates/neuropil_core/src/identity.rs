//! Who is who: dense neuron ids, and populations as ranges of them.

use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use neuropil_units::Dimension;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Dense number of a neuron, from 0 over all populations in the order in which they were added: what kernels, spikes and files index by.
#[derive(Component, Reflect, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct NeuronId(pub u32);

/// Name of a neuron that has one of its own, such as those of a connectome.
#[derive(Component, Clone, Debug, PartialEq, Eq)]
#[component(storage = "SparseSet")]
pub struct NeuronName(pub Arc<str>);

/// Which weights a receptor takes when a projection does not name one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepts {
    /// Weights of either sign, added with their sign.
    Any,
    /// Positive weights.
    Positive,
    /// Negative weights, of which the magnitude is added.
    NegativeMagnitude,
    /// Negative weights, added with their sign.
    Negative,
}

/// An input of a neuron model that spikes arrive at.
#[derive(Clone, Debug, PartialEq)]
pub struct Receptor {
    /// Name, as a projection's `receptor` gives it.
    pub name: Cow<'static, str>,
    /// Unit of its weights, such as `"pA"`.
    pub unit: &'static str,
    /// Dimension of its weights.
    pub dimension: Dimension,
    /// Which signs of weight it takes.
    pub accepts: Accepts,
}

/// A group of neurons of one model that have consecutive [`NeuronId`]s. One entity each; the model's parameters are a component beside it.
#[derive(Component, Clone, Debug)]
pub struct Population {
    /// Name, unique in the network.
    pub name: String,
    /// Name of the neuron model.
    pub model: String,
    /// Id of its first neuron.
    pub first: u32,
    /// Number of neurons.
    pub size: u32,
    /// Number of the population, from 0 in the order of addition.
    pub index: usize,
    /// Accumulators that its neurons have; several receptors may share one (see [`Population::channel`]).
    pub channels: usize,
    /// Neurons that stay together when the population is dealt out to threads, a power of two.
    pub group: u32,
    /// The model's receptors.
    pub receptors: Vec<Receptor>,
    /// For each receptor, the accumulator that it adds to.
    pub channel: Vec<usize>,
    /// For each receptor of a cell with dendrites, its places: they have consecutive accumulators from the first on. Empty where each has one.
    pub places: Vec<u32>,
    /// State variable whose value its neurons transmit in every step, if they do.
    pub transmits: Option<&'static str>,
    /// Whether electrical synapses can join its neurons.
    pub couples: bool,
    /// Whether its neurons only emit spikes: nothing arrives at them, and no current is injected.
    pub emits_only: bool,
    /// Whether a spike resets the potential.
    pub resets: bool,
}

impl Receptor {
    /// A receptor of a model.
    pub const fn new(name: &'static str, unit: &'static str, dimension: Dimension, accepts: Accepts) -> Self {
        Self { name: Cow::Borrowed(name), unit, dimension, accepts }
    }
}

impl Population {
    /// The ids of its neurons.
    pub fn ids(&self) -> Range<u32> {
        self.first..self.first + self.size
    }
}

/// All populations, in the order of their ids.
#[derive(Resource, Default, Debug)]
pub struct Populations {
    entities: Vec<Entity>,
    neurons: u32,
}

impl Populations {
    /// Entities that carry a [`Population`], in order of their ids.
    pub fn entities(&self) -> &[Entity] {
        &self.entities
    }

    /// Number of neurons in all.
    pub fn neurons(&self) -> u32 {
        self.neurons
    }

    /// Takes note of a further population, whose first id is the present [`neurons`](Self::neurons).
    pub fn push(&mut self, entity: Entity, size: u32) {
        self.entities.push(entity);
        self.neurons += size;
    }
}

/// Marks a neuron whose output is cut before the network is built: it lives on and spikes, but no synapse of its own is made, nor any
/// electrical one with it.
#[derive(Component, Reflect, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[reflect(Component)]
pub struct Lesioned;

/// Where a neuron lies, in µm; present where a population was given positions.
#[derive(Component, Reflect, Clone, Copy, Debug, PartialEq)]
pub struct Position(pub [f32; 3]);
