//! Numerical trouble: the first neuron and step at which the state ceased to be finite.

use bevy_ecs::prelude::*;
use std::sync::Mutex;

/// A state that is not finite, or another reason why a run cannot go on.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// A state variable became infinite or not a number.
    #[error("{value} in {variable} of {population}[{index}] (neuron {neuron}) at step {step} ({time_ms} ms)")]
    NotFinite {
        /// `NaN`, `inf` or `-inf`.
        value: f64,
        /// Name of the state variable.
        variable: &'static str,
        /// Name of the population.
        population: String,
        /// Number of the neuron within its population.
        index: u32,
        /// Id of the neuron.
        neuron: u32,
        /// Step at whose end it was so.
        step: u64,
        /// Time of that step, in ms.
        time_ms: f64,
    },
    /// The network cannot be built.
    #[error("{0}")]
    Build(String),
    /// Something outside the simulation failed, such as a recorder's file.
    #[error("{0}")]
    Other(String),
}

/// Why the run must stop, if it must; the fault of the lowest neuron id wins within a step, whatever the number of threads.
#[derive(Resource, Default, Debug)]
pub struct FaultReport {
    fault: Mutex<Option<Fault>>,
}

impl FaultReport {
    /// Reports a fault. Within a step, one of a lower neuron id replaces one of a higher.
    pub fn report(&self, fault: Fault) {
        let mut held = self.fault.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let replaces = match (&*held, &fault) {
            (None, _) => true,
            (Some(Fault::NotFinite { neuron: old, .. }), Fault::NotFinite { neuron: new, .. }) => new < old,
            _ => false,
        };
        if replaces {
            *held = Some(fault);
        }
    }

    /// The fault, if any.
    pub fn get(&mut self) -> Option<&Fault> {
        self.fault.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner()).as_ref()
    }
}
