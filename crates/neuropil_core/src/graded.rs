//! Continuous transmission: values that neurons send in every step, and the synapses that weigh them.
//!
//! After each step every neuron of a model that transmits publishes one number. Synapses are kept by target, so that each target gathers
//! its own sum: no thread writes another's, and the order of additions is fixed by the network.

use bevy_ecs::prelude::*;

/// A synapse that weighs a transmitted value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradedSynapse {
    /// Id of the source.
    pub source: u32,
    /// Delay in steps, at least 1.
    pub delay: u16,
    /// Weight, in the receptor's unit.
    pub weight: f32,
}

/// The synapses of the targets in one block.
#[derive(Clone, Debug, Default)]
pub struct GradedBlock {
    /// Accumulators that are reached, ascending, and the end of their synapses.
    pub targets: Vec<(u16, usize)>,
    /// Synapses, by target, then by source, then as they were made.
    pub synapses: Vec<GradedSynapse>,
}

impl GradedBlock {
    /// Each accumulator that is reached, and its synapses.
    pub fn rows(&self) -> impl Iterator<Item = (u16, &[GradedSynapse])> {
        let starts = std::iter::once(0).chain(self.targets.iter().map(|(_, end)| *end));
        starts.zip(&self.targets).map(|(start, (accumulator, end))| (*accumulator, &self.synapses[start..*end]))
    }
}

/// Values transmitted in this and earlier steps, and all graded synapses; empty in networks of spikes.
#[derive(Resource, Clone, Debug, Default)]
pub struct Graded {
    blocks: Vec<GradedBlock>,
    /// By step modulo the depth, then by id.
    values: Vec<f32>,
    /// A power of two, more than the largest delay.
    depth: usize,
    neurons: usize,
}

impl Graded {
    /// Takes synapses by block, each with its accumulator, in the order in which they were made.
    pub fn new(made: Vec<Vec<(u16, GradedSynapse)>>, neurons: u32) -> Self {
        let mut blocks = Vec::with_capacity(made.len());
        let mut largest = 0;
        for mut list in made {
            list.sort_by_key(|(accumulator, synapse)| (*accumulator, synapse.source));
            let mut block = GradedBlock::default();
            for equal in list.chunk_by(|a, b| a.0 == b.0) {
                block.synapses.extend(equal.iter().map(|(_, synapse)| *synapse));
                block.targets.push((equal[0].0, block.synapses.len()));
            }
            largest = block.synapses.iter().map(|s| s.delay).fold(largest, u16::max);
            blocks.push(block);
        }
        let depth = (usize::from(largest) + 1).next_power_of_two();
        Self { blocks, values: vec![0.0; depth * neurons as usize], depth, neurons: neurons as usize }
    }

    /// Whether there is no graded synapse, so that nothing need be published.
    pub fn is_empty(&self) -> bool {
        self.neurons == 0
    }

    /// Number of graded synapses.
    pub fn count(&self) -> u64 {
        self.blocks.iter().map(|block| block.synapses.len() as u64).sum()
    }

    /// Synapses by block.
    pub fn blocks(&self) -> &[GradedBlock] {
        &self.blocks
    }

    /// Values that were published at the end of a step, by id; of steps that are later than the largest delay ago.
    #[inline(always)]
    pub fn values(&self, step: u64) -> &[f32] {
        let slot = step as usize & (self.depth - 1);
        &self.values[slot * self.neurons..(slot + 1) * self.neurons]
    }

    /// Values to be published at the end of a step, by id.
    pub fn values_mut(&mut self, step: u64) -> &mut [f32] {
        let slot = step as usize & (self.depth - 1);
        &mut self.values[slot * self.neurons..(slot + 1) * self.neurons]
    }

    /// Takes the values of step 0 for those of all steps before it.
    pub fn fill_history(&mut self) {
        let (first, others) = self.values.split_at_mut(self.neurons);
        others.chunks_exact_mut(self.neurons.max(1)).for_each(|slot| slot.copy_from_slice(first));
    }

    /// What a target's synapses sum to in a step; neurons before time 0 sent what they send at time 0.
    #[inline(always)]
    pub fn sum(&self, synapses: &[GradedSynapse], step: u64) -> f64 {
        let mask = self.depth - 1;
        let value = |synapse: &GradedSynapse| {
            let slot = (step as usize).wrapping_sub(usize::from(synapse.delay)) & mask;
            f64::from(self.values[slot * self.neurons + synapse.source as usize])
        };
        synapses.iter().map(|synapse| f64::from(synapse.weight) * value(synapse)).sum()
    }
}
