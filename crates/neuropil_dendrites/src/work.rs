//! What mechanisms work on in a step: the membrane of a group, and what arrives there.

use crate::declared::KernelScratch;
use crate::real::Real;
use crate::solver::lanes::LANES;
use neuropil_core::arrivals::BlockArrivals;
use neuropil_core::simd::Vectorised;
use std::ops::Range;

/// The membrane of one group during a step, by row.
pub(crate) struct GroupWork<'a, R> {
    /// Whether the rows are those of the mechanism's instances, no more, in their order.
    pub(crate) in_place: bool,
    pub(crate) potential: &'a [R],
    pub(crate) conductance: &'a mut [R],
    pub(crate) current: &'a mut [R],
    /// Empty where no mechanism uses calcium; so are the next two.
    pub(crate) calcium: &'a mut [R],
    pub(crate) calcium_reversal: &'a mut [R],
    pub(crate) calcium_current: &'a mut [R],
    /// Where what arrives is.
    pub(crate) arrivals: Accumulators<'a>,
    /// Poisson input of this step: the channel, and what arrives there by cell.
    pub(crate) poisson: &'a [(usize, [f32; LANES])],
    /// Scratch for what arrives, by instance.
    pub(crate) arriving: &'a mut Vec<f32>,
    /// Scratch for Poisson input, by place and cell.
    pub(crate) events: &'a mut Vec<f32>,
    /// Scratch of declared channels.
    pub(crate) kernel: &'a mut KernelScratch<R>,
}

impl<R: Real> GroupWork<'_, R> {
    /// Neighbouring rows, for the mechanism whose instances they are.
    pub(crate) fn run(&mut self, rows: Range<usize>) -> GroupWork<'_, R> {
        // Columns of calcium are empty where no mechanism uses it.
        let of_calcium = if self.calcium.is_empty() { 0..0 } else { rows.clone() };
        GroupWork {
            in_place: true,
            potential: &self.potential[rows.clone()],
            conductance: &mut self.conductance[rows.clone()],
            current: &mut self.current[rows],
            calcium: &mut self.calcium[of_calcium.clone()],
            calcium_reversal: &mut self.calcium_reversal[of_calcium.clone()],
            calcium_current: &mut self.calcium_current[of_calcium],
            arrivals: self.arrivals.again(),
            poisson: self.poisson,
            arriving: self.arriving,
            events: self.events,
            kernel: self.kernel,
        }
    }
}

/// The accumulators of one piece of a population.
pub(crate) struct Accumulators<'a> {
    pub(crate) block: &'a mut BlockArrivals,
    /// By channel: the weight of one fixed-point unit.
    pub(crate) units: &'a [f32],
    /// Accumulator of channel 0 of the group's first cell, and from one channel to the next.
    pub(crate) offset: usize,
    pub(crate) stride: usize,
}

impl Accumulators<'_> {
    /// The same, for a shorter time.
    pub(crate) fn again(&mut self) -> Accumulators<'_> {
        Accumulators { block: self.block, units: self.units, offset: self.offset, stride: self.stride }
    }

    /// Takes what has arrived at a channel of some neighbouring cells, the first of the group at 0.
    #[inline(always)]
    pub(crate) fn take(&mut self, channel: usize, cells: Range<usize>, arriving: &mut [f32]) {
        let first = self.offset + channel * self.stride;
        let range = first + cells.start..first + cells.end;
        let unit = self.units[channel];
        for (sum, arriving) in self.block.fixed[range.clone()].iter_mut().zip(&mut *arriving) {
            *arriving = *sum as f32 * unit;
            *sum = 0;
        }
        if !self.block.wide.is_empty() {
            for (sum, arriving) in self.block.wide[range].iter_mut().zip(arriving) {
                *arriving += *sum;
                *sum = 0.0;
            }
        }
    }
}

/// Takes what has arrived at neighbouring channels of 32 cells.
pub(crate) struct TakeLanes<'a, 'w> {
    pub(crate) arrivals: &'a mut Accumulators<'w>,
    pub(crate) channel: usize,
    pub(crate) arriving: &'a mut [f32],
}

impl Vectorised for TakeLanes<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (channel, arriving) in (self.channel..).zip(self.arriving.chunks_exact_mut(LANES)) {
            self.arrivals.take(channel, 0..LANES, arriving);
        }
    }
}
