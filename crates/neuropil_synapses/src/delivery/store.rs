//! Static synapses in memory: rows by (source, block, delay), four bytes a synapse where fixed point serves.
//!
//! A fixed synapse is one word: the low 16 bits are the target's accumulator within its block, the high 16 bits the weight in units that
//! depend on the receptor. Where the weights onto a receptor span too much for 16 bits, a synapse is wide: an index and an f32 weight.

use crate::projection::ProjectionError;
use bytemuck::Zeroable;
use std::ops::Range;

/// A synapse as it lies in memory.
pub trait Entry: Copy + Default + Zeroable + Send + Sync + 'static {
    /// Packs a target and a weight in the receptor's unit, of which one makes `scale` fixed-point units.
    fn pack(target: u16, weight: f64, scale: f64) -> Self;
}

/// Fixed-point synapse.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Zeroable)]
#[repr(transparent)]
pub struct Fixed(pub u32);

impl Entry for Fixed {
    #[inline(always)]
    fn pack(target: u16, weight: f64, scale: f64) -> Self {
        // Adding 1.5·2⁵² leaves no place for a fraction: this is rounding to even, where `round_ties_even` is a call on older processors.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        let steps = ((weight * scale).clamp(-32767.0, 32767.0) + ROUND).to_bits() as u32;
        Self(steps << 16 | u32::from(target))
    }
}

/// Wide synapse.
#[derive(Clone, Copy, Default, Debug, PartialEq, Zeroable)]
pub struct Wide {
    /// Accumulator within the block.
    pub target: u32,
    /// Weight, in the receptor's unit.
    pub weight: f32,
}

impl Entry for Wide {
    #[inline(always)]
    fn pack(target: u16, weight: f64, _: f64) -> Self {
        Self { target: u32::from(target), weight: weight as f32 }
    }
}

/// The synapses that one source has in one block.
///
/// Where all of them have one delay, as they do in a network without heterogeneous delays, the head holds their only row, so that a spike
/// costs one access to memory, not two that depend on each other.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its first synapse.
    pub synapse: u64,
    /// Its first row; if it has one row only, that row.
    row: u32,
    /// Number of its rows.
    rows: u32,
}

impl Head {
    /// The head of the rows from `first` on, which were made last; takes a single one out of the list.
    pub fn close(synapse: u64, rows: &mut Vec<Row>, first: usize) -> Self {
        match rows.get(first..) {
            Some(&[Row { delay, length }]) => {
                rows.truncate(first);
                Self { synapse, row: u32::from(delay) << 16 | u32::from(length), rows: 1 }
            }
            own => Self { synapse, row: first as u32, rows: own.map_or(0, <[Row]>::len) as u32 },
        }
    }

    /// The same head, when its rows lie behind `before` others.
    pub fn behind(self, before: u32) -> Self {
        if self.rows > 1 { Self { row: self.row + before, ..self } } else { self }
    }

    /// Its only row, if it has one.
    #[inline(always)]
    pub fn single(self) -> Option<Row> {
        (self.rows == 1).then_some(Row { delay: (self.row >> 16) as u16, length: self.row as u16 })
    }

    /// Where its rows lie, unless it holds the only one.
    #[inline(always)]
    pub fn listed(self) -> std::ops::Range<usize> {
        if self.rows > 1 { self.row as usize..(self.row + self.rows) as usize } else { 0..0 }
    }
}

/// Synapses of one delay, in steps, from one source in one block; they follow those of the row before.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Row {
    /// Delay in steps, at least 1.
    pub delay: u16,
    /// Number of synapses, at least 1; longer rows are split.
    pub length: u16,
}

/// Heads and rows of the synapses that one task has made, or why it could not.
pub(crate) type Made = Result<(Vec<Head>, Vec<Row>), ProjectionError>;

/// Largest delay in steps.
pub const MAXIMAL_DELAY: u64 = u16::MAX as u64;

/// Synapses of any number of projections that have the same kind of entry.
#[derive(Clone, Debug, Default)]
pub struct Store<E> {
    /// All synapses.
    pub synapses: Vec<E>,
    /// Ids of the neurons that have heads: all sources, and those between them.
    pub sources: Range<u32>,
    /// By source and block: `heads[(source - sources.start) * blocks + block]`.
    pub heads: Vec<Head>,
    /// Rows that are not in heads.
    pub rows: Vec<Row>,
    /// Largest delay in steps.
    pub largest_delay: u16,
}

impl<E> Store<E> {
    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.synapses.capacity() * size_of::<E>() + self.heads.capacity() * size_of::<Head>() + self.rows.capacity() * size_of::<Row>()
    }

    /// Takes in rows that were made apart, and gives the number of rows before them.
    pub fn append_rows(&mut self, heads: &[Head], rows: &[Row]) -> u32 {
        let before = self.rows.len() as u32;
        self.rows.extend_from_slice(rows);
        let single = heads.iter().filter_map(|head| head.single());
        self.largest_delay = rows.iter().copied().chain(single).map(|row| row.delay).fold(self.largest_delay.max(1), u16::max);
        before
    }
}

/// Appends the rows of `length` synapses of one delay.
#[inline(always)]
pub fn push_rows(rows: &mut Vec<Row>, delay: u16, length: usize) {
    let mut left = length;
    while left > 0 {
        let now = left.min(usize::from(u16::MAX));
        rows.push(Row { delay, length: now as u16 });
        left -= now;
    }
}
