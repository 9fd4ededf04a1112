//! Static synapses in memory: rows by (source, block, delay), four bytes a synapse where fixed point serves.
//!
//! A fixed synapse is one word: the low 16 bits are the target's accumulator within its block, the high 16 bits the weight in units that
//! depend on the receptor. Where the weights onto a receptor span too much for 16 bits, a synapse is wide: an index and an f32 weight.

use crate::projection::ProjectionError;
use bytemuck::Zeroable;

/// A synapse as it lies in memory.
pub trait Entry: Copy + Default + Zeroable + Send + Sync + 'static {
    /// Packs a target and a weight, which is given in the receptor's unit together with what one fixed-point unit stands for.
    fn pack(target: u16, weight: f64, unit: f64) -> Self;
}

/// Fixed-point synapse.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq, Zeroable)]
#[repr(transparent)]
pub struct Fixed(pub u32);

impl Entry for Fixed {
    #[inline(always)]
    fn pack(target: u16, weight: f64, unit: f64) -> Self {
        let steps = (weight / unit).round_ties_even().clamp(-32767.0, 32767.0) as i32;
        Self((steps as u32) << 16 | u32::from(target))
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
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its first synapse.
    pub synapse: u64,
    /// Its first row.
    pub row: u32,
    /// Number of its rows.
    pub rows: u32,
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
    /// By source and block: `heads[source * blocks + block]`.
    pub heads: Vec<Head>,
    /// All rows.
    pub rows: Vec<Row>,
    /// Largest delay in steps.
    pub largest_delay: u16,
}

impl<E> Store<E> {
    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.synapses.capacity() * size_of::<E>() + self.heads.capacity() * size_of::<Head>() + self.rows.capacity() * size_of::<Row>()
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
