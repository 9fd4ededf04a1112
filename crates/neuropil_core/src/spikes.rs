//! Spikes: collected by the workers in a step, published in order of neuron id at its end.

use bevy_ecs::prelude::*;

/// The spikes of the present step, and those of the last one while they are being delivered.
#[derive(Resource, Default, Debug)]
pub struct SpikeExchange {
    /// Ids that spiked in the step just computed, ascending.
    spikes: Vec<u32>,
    /// One list a worker, filled while neurons are integrated.
    collected: Vec<Vec<u32>>,
    total: u64,
}

impl SpikeExchange {
    /// Ids of the neurons that spiked in the last step whose `Emit` set has run, ascending, without repeats.
    pub fn spikes(&self) -> &[u32] {
        &self.spikes
    }

    /// Number of spikes since the start.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Ids of the neurons that have spiked in the step that is being computed, in no certain order.
    pub fn collected(&self) -> impl Iterator<Item = u32> {
        self.collected.iter().flatten().copied()
    }

    /// The workers' lists, at least `workers` of them: a model's kernel appends the ids that spike in this step.
    pub fn collectors(&mut self, workers: usize) -> &mut [Vec<u32>] {
        if self.collected.len() < workers {
            self.collected.resize_with(workers, Vec::new);
        }
        &mut self.collected
    }
}

/// Publishes the spikes that the workers collected in this step.
pub(crate) fn publish_spikes(mut exchange: ResMut<SpikeExchange>) {
    let exchange = &mut *exchange;
    exchange.spikes.clear();
    for list in &mut exchange.collected {
        exchange.spikes.append(list);
    }
    // Lists are short (tens of spikes a step); ascending order makes everything that follows independent of the number of workers.
    exchange.spikes.sort_unstable();
    exchange.total += exchange.spikes.len() as u64;
}
