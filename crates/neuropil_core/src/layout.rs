//! How neurons are shared out: blocks, each owned by one worker, with an equal share of every population in groups of 64 neurons, or 32 cells with
//! dendrites.
//!
//! A block's accumulators are numbered by 16 bits. Integer sums make results independent of the number of blocks, so that it may follow the
//! number of threads; equal shares balance the load without tuning. One block a worker is best (measured: two or four a worker shorten the
//! rows of synapses and cost 1.3–2 times as much in delivery), more are made only where 65,536 accumulators do not suffice.

use crate::{Arrivals, Population, Populations, RunSettings, Team};
use bevy_ecs::prelude::*;
use std::ops::Range;

/// Neurons in a group, the unit in which populations of point neurons are dealt out and random numbers drawn.
pub const GROUP: u32 = 64;

/// How much of a population there is to deal out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Neurons.
    pub size: u32,
    /// Accumulators of each.
    pub channels: usize,
    /// Neurons that stay together, a power of two.
    pub group: u32,
}
/// Accumulators that a block may have.
pub const BLOCK_LIMIT: u32 = 1 << 16;

impl Share {
    fn groups(&self) -> usize {
        self.size.div_ceil(self.group) as usize
    }

    /// Whether a group's accumulators can be numbered within a block.
    pub fn fits(&self) -> bool {
        self.channels.saturating_mul(self.group as usize) <= BLOCK_LIMIT as usize
    }
}

impl From<&Population> for Share {
    fn from(population: &Population) -> Self {
        Self { size: population.size, channels: population.channels, group: population.group }
    }
}

/// A range of one population's neurons, within one block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Number of the population.
    pub population: usize,
    /// Neurons, counted within the population; starts at a multiple of its group.
    pub rows: Range<u32>,
    /// Accumulator of channel 0 of its first neuron.
    pub offset: u32,
    /// Distance between the accumulators of one channel and the next.
    pub stride: u32,
}

/// The neurons that one worker owns together.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Pieces, at most one a population, in order of the populations.
    pub pieces: Vec<Piece>,
    /// Accumulators in use.
    pub accumulators: u32,
}

/// Where a group of a population's neurons lies.
#[derive(Clone, Copy, Debug)]
struct GroupPlace {
    block: u32,
    base: i32,
    stride: u32,
}

/// The arrangement of the whole network.
#[derive(Resource, Default, Debug)]
pub struct Layout {
    blocks: Vec<Block>,
    /// By population: the logarithm of its group's size, and where its groups lie.
    groups: Vec<(u32, Vec<GroupPlace>)>,
    workers: usize,
}

impl Layout {
    /// All blocks.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Workers among whom the blocks are shared.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// The blocks of one worker.
    pub fn blocks_of(&self, worker: usize) -> Range<usize> {
        let (blocks, workers) = (self.blocks.len(), self.workers.max(1));
        blocks * worker / workers..blocks * (worker + 1) / workers
    }

    /// Block and accumulator of a channel of neuron `index` (counted within population `population`).
    #[inline(always)]
    pub fn place(&self, population: usize, index: u32, channel: u32) -> (u32, u16) {
        let (shift, places) = &self.groups[population];
        let group = places[(index >> shift) as usize];
        (group.block, (group.base + (channel * group.stride + index) as i32) as u16)
    }

    /// Population, index within it and channel of an accumulator; the inverse of [`place`](Self::place).
    pub fn locate(&self, block: u32, accumulator: u16) -> Option<(usize, u32, u32)> {
        let pieces = &self.blocks.get(block as usize)?.pieces;
        let piece = &pieces[pieces.partition_point(|p| p.offset <= u32::from(accumulator)).checked_sub(1)?];
        let within = u32::from(accumulator) - piece.offset;
        Some((piece.population, piece.rows.start + within % piece.stride, within / piece.stride))
    }

    /// Deals out populations to blocks for so many workers.
    ///
    /// A group whose accumulators alone are more than a block can number cannot be dealt out; see [`fits`](Share::fits).
    pub fn new(populations: &[Share], workers: usize) -> Self {
        let mut count = workers.max(1);
        loop {
            let blocks: Vec<Block> = (0..count).map(|b| Self::block(populations, b, count)).collect();
            if blocks.iter().all(|b| b.accumulators <= BLOCK_LIMIT) {
                let mut groups: Vec<(u32, Vec<GroupPlace>)> =
                    populations.iter().map(|share| (share.group.ilog2(), Vec::with_capacity(share.groups()))).collect();
                for (number, block) in blocks.iter().enumerate() {
                    for piece in &block.pieces {
                        let base = piece.offset as i32 - piece.rows.start as i32;
                        let place = GroupPlace { block: number as u32, base, stride: piece.stride };
                        let group = populations[piece.population].group as usize;
                        groups[piece.population].1.extend(std::iter::repeat_n(place, piece.rows.len().div_ceil(group)));
                    }
                }
                return Self { blocks, groups, workers: workers.max(1) };
            }
            count += workers.max(1);
        }
    }

    fn block(populations: &[Share], number: usize, count: usize) -> Block {
        let mut block = Block::default();
        for (population, share_of) in populations.iter().enumerate() {
            let Share { size, channels, group } = *share_of;
            let groups = share_of.groups();
            // Rotating the remainder spreads many small populations over all blocks.
            let turn = population % count;
            let share = |b: usize| ((groups * b + turn * usize::from(b > 0 && b < count)) / count).min(groups) as u32;
            let rows = (share(number) * group).min(size)..(share(number + 1) * group).min(size);
            if rows.is_empty() {
                continue;
            }
            let stride = (rows.len() as u32).next_multiple_of(16);
            block.pieces.push(Piece { population, rows, offset: block.accumulators, stride });
            block.accumulators = block.accumulators.saturating_add(stride.saturating_mul(channels as u32));
        }
        block
    }
}

/// Deals the populations out to blocks, sizes the accumulators and makes the team.
///
/// Small networks run on one thread, since handing over would cost more than it gains: one worker for every 6 µs that the neurons are
/// expected to take for a step and every four million synapses expected, up to the number asked for. The choice depends on sizes and
/// models alone. (Measured on two threads: 4,000 integrate-and-fire neurons with currents, 6 µs, 1.0 to 1.1 times as long as on one; 64 passive cells of 181
/// compartments, 4 µs, 1.0 to 1.7 times; 4,000 of Hodgkin and Huxley's, 80 µs, 0.6 times.)
pub(crate) fn arrange(
    populations: Res<Populations>,
    query: Query<&Population>,
    settings: Res<RunSettings>,
    mut layout: ResMut<Layout>,
    mut arrivals: ResMut<Arrivals>,
    mut team: ResMut<Team>,
) {
    let sizes: Vec<Share> = populations.entities().iter().filter_map(|e| query.get(*e).ok()).map(Share::from).collect();
    let useful = settings.expected_step_ns / 6000.0 + settings.expected_synapses / 4e6;
    let workers = settings.threads.clamp(1, useful.max(1.0) as usize);
    *layout = Layout::new(&sizes, workers);
    *arrivals = Arrivals::new(&layout, &sizes);
    if team.size() != workers {
        *team = Team::new(workers);
        layout.workers = team.size();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: every neuron has exactly one place, within the 16 bits, for any number of workers.
    #[test]
    fn every_neuron_and_channel_has_one_place() {
        let sizes =
            [(1, 1, 64), (63, 2, 64), (64, 1, 64), (65, 2, 64), (10_000, 1, 64), (70_000, 2, 64), (3, 1, 64), (100, 1500, 32), (5, 90, 32)];
        let populations = sizes.map(|(size, channels, group)| Share { size, channels, group });
        for workers in [1, 2, 3, 7] {
            let layout = Layout::new(&populations, workers);
            let mut seen = std::collections::HashSet::new();
            for (population, Share { size, channels, .. }) in populations.iter().enumerate() {
                for index in 0..*size {
                    for channel in 0..*channels {
                        let place = layout.place(population, index, channel as u32);
                        assert!(
                            (place.0 as usize) < layout.blocks().len()
                                && u32::from(place.1) < layout.blocks()[place.0 as usize].accumulators
                        );
                        assert!(seen.insert(place), "{workers} workers: two neurons at {place:?}");
                        assert_eq!(layout.locate(place.0, place.1), Some((population, index, channel as u32)));
                    }
                }
            }
            let owned: usize = (0..workers).map(|w| layout.blocks_of(w).len()).sum();
            assert_eq!(owned, layout.blocks().len());
        }
    }
}
