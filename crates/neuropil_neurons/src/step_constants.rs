//! The constants of one step: computed from parameters when a population is made, and again when its parameters change.

use crate::model::{NeuronModel, ParameterError};
use crate::population::MembraneCapacitance;
use bevy_ecs::prelude::*;
use neuropil_core::arrivals::UNIT;
use neuropil_core::{Clock, Fault, FaultReport, Population};
use neuropil_units::Milliseconds;

/// The constants of one step of a population, shared or one set a neuron.
#[derive(Component)]
pub enum StepConstants<Model: NeuronModel> {
    /// One set for all neurons.
    Shared(Model::Propagators),
    /// A structure of arrays of four-byte words, `stride` neurons long.
    ByNeuron {
        /// All words.
        words: Vec<u32>,
        /// Neurons.
        stride: usize,
        /// For models whose neurons rest: the sets that occur, and the set of each unit of eight neurons whose neurons have the same one. A
        /// unit that wakes alone then reads one set, not a word from each of many far places.
        alike: (Vec<Model::Propagators>, Vec<u32>),
    },
}

/// A unit whose neurons have different constants.
pub(crate) const MIXED: u32 = u32::MAX;
/// Sets of constants that are told apart.
const MAXIMAL_SETS: usize = 256;

impl<M: NeuronModel> StepConstants<M> {
    /// Constants shared by all neurons.
    ///
    /// # Errors
    /// A parameter outside its valid range.
    pub fn shared(model: &M, time_step: Milliseconds) -> Result<Self, ParameterError> {
        model.propagators(time_step).map(Self::Shared)
    }

    /// Constants of each neuron.
    ///
    /// # Errors
    /// The neuron and the parameter outside its valid range.
    pub fn by_neuron(
        models: impl Iterator<Item = M>,
        neurons: usize,
        time_step: Milliseconds,
    ) -> Result<Self, (Option<usize>, ParameterError)> {
        const { assert!(size_of::<M::Propagators>().is_multiple_of(4), "a model's constants are read as four-byte words") };
        let width = size_of::<M::Propagators>() / 4;
        let mut words = vec![0_u32; width * neurons];
        let mut sets: Vec<M::Propagators> = Vec::new();
        let mut units = vec![MIXED; if M::RESTS { neurons.div_ceil(UNIT) } else { 0 }];
        for (k, model) in models.enumerate().take(neurons) {
            let constants = model.propagators(time_step).map_err(|error| (Some(k), error))?;
            // By bytes: constants without a field are aligned to a byte only.
            for (w, word) in bytemuck::bytes_of(&constants).as_chunks::<4>().0.iter().enumerate() {
                words[w * neurons + k] = u32::from_ne_bytes(*word);
            }
            if let Some(unit) = units.get_mut(k / UNIT) {
                let own = |set: &M::Propagators| bytemuck::bytes_of(set) == bytemuck::bytes_of(&constants);
                let set = sets.iter().position(own).unwrap_or_else(|| {
                    if sets.len() < MAXIMAL_SETS {
                        sets.push(constants);
                    }
                    sets.len() - 1
                });
                let found = if own(&sets[set]) { set as u32 } else { MIXED };
                *unit = if k.is_multiple_of(UNIT) || *unit == found { found } else { MIXED };
            }
        }
        Ok(Self::ByNeuron { words, stride: neurons, alike: (sets, units) })
    }
}

/// Recomputes the constants of a population whose shared parameters were changed: a parameter change is one write.
///
/// Where neurons override parameters one by one, those stand.
#[cold]
pub(crate) fn follow_parameters<M: NeuronModel>(
    population: &Population,
    model: &M,
    constants: &mut StepConstants<M>,
    capacitance: &mut MembraneCapacitance,
    clock: &Clock,
    faults: &FaultReport,
) {
    if matches!(constants, StepConstants::Shared(_)) {
        capacitance.0 = model.capacitance().into_iter().collect();
        match StepConstants::shared(model, clock.time_step()) {
            Ok(fresh) => *constants = fresh,
            Err(error) => faults.report(Fault::Other(format!("population `{}`: {error}", population.name))),
        }
    }
}
