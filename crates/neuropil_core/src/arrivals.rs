//! What arrives at receptors in the present step: one accumulator a neuron and channel, in fixed point, and in f32 where weights need it.
//!
//! Integer sums cannot depend on the order or the number of threads. Wide (f32) accumulators exist only in networks whose weights span
//! more than fixed point holds; their order of addition is fixed by the network.

use crate::Layout;
use crate::layout::{BLOCK_LIMIT, Share};
use bevy_ecs::prelude::*;

/// The accumulators of one block. Both arrays always have 65,536 places, so that a 16-bit index needs no check; untouched pages cost nothing.
#[derive(Debug, Default)]
pub struct BlockArrivals {
    /// Fixed-point sums; a unit is [`Arrivals::unit`].
    pub fixed: Vec<i32>,
    /// Sums in the receptor's own unit; empty where no wide synapse exists.
    pub wide: Vec<f32>,
    /// One bit for every [`UNIT`] accumulators that something was added to since their neurons were last advanced; empty where no
    /// model rests.
    pub touched: Vec<u64>,
}

/// Accumulators that one bit of [`BlockArrivals::touched`] stands for, and neurons that rest and wake together.
pub const UNIT: usize = 8;

impl BlockArrivals {
    /// Takes note that something was added to an accumulator: whoever adds must say so, lest its neuron sleeps on.
    #[inline(always)]
    pub fn touch(&mut self, accumulator: usize) {
        if let Some(word) = self.touched.get_mut(accumulator / (64 * UNIT)) {
            *word |= 1 << (accumulator / UNIT % 64);
        }
    }
}

/// All accumulators, by block.
#[derive(Resource, Default, Debug)]
pub struct Arrivals {
    blocks: Vec<BlockArrivals>,
    /// By population and channel: the weight that one fixed-point unit stands for.
    units: Vec<Vec<f32>>,
}

impl Arrivals {
    pub(crate) fn new(layout: &Layout, populations: &[Share]) -> Self {
        let block = || BlockArrivals { fixed: vec![0; BLOCK_LIMIT as usize], wide: Vec::new(), touched: Vec::new() };
        Self {
            blocks: layout.blocks().iter().map(|_| block()).collect(),
            units: populations.iter().map(|share| vec![1.0; share.channels]).collect(),
        }
    }

    /// Weight that one fixed-point unit of a channel stands for, in the receptor's unit.
    pub fn unit(&self, population: usize, channel: usize) -> f32 {
        self.units[population][channel]
    }

    /// Sets the weight of one fixed-point unit, before synapses are made.
    pub fn set_unit(&mut self, population: usize, channel: usize, unit: f32) {
        self.units[population][channel] = unit;
    }

    /// Gives every block its wide accumulators.
    pub fn add_wide(&mut self) {
        for block in &mut self.blocks {
            block.wide.resize(BLOCK_LIMIT as usize, 0.0);
        }
    }

    /// Has every block note which accumulators are added to, for models whose neurons rest.
    pub fn note_touched(&mut self) {
        for block in &mut self.blocks {
            block.touched.resize(BLOCK_LIMIT as usize / (64 * UNIT), 0);
        }
    }

    /// The blocks' accumulators.
    pub fn blocks(&mut self) -> &mut [BlockArrivals] {
        &mut self.blocks
    }

    /// Units and blocks at once.
    pub fn parts(&mut self) -> (&[Vec<f32>], &mut [BlockArrivals]) {
        (&self.units, &mut self.blocks)
    }
}
