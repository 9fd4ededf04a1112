//! Neurons at rest: who is awake, and how units of eight that are awake here and there are advanced together.
//!
//! In a brain of which little is active, the units that are awake lie apart. Their state is copied into one chunk, advanced by one call of the
//! kernel, and copied back: 64 units share what a call costs, and its loop is long enough for vectors.

use crate::kernel::{PieceWork, add_currents, collect, report, take_fixed, take_wide};
use crate::model::{Input, MAXIMAL_CHANNELS, NeuronModel};
use crate::step_constants::{MIXED, StepConstants};
use neuropil_core::arrivals::UNIT;
use neuropil_core::columns::{ByNeuron, CHUNK, Placement, Shared, StateColumns};

/// Units of eight neurons of one piece, a bit each.
#[derive(Default)]
pub(crate) struct Awake {
    /// Those that must be advanced.
    pub(crate) bits: Vec<u64>,
    /// Those that something arrives at in this step: the sums of others are 0 and need not be fetched.
    pub(crate) touched: Vec<u64>,
}

impl<M: NeuronModel> PieceWork<'_, M> {
    /// Units of eight neurons that must be advanced in this step, as bits.
    pub(crate) fn wake(&mut self) -> Awake {
        let Self { number, task, piece, arrivals, scratch, .. } = self;
        let units = piece.rows.len().div_ceil(UNIT);
        if scratch.awake.len() <= *number {
            scratch.awake.resize_with(*number + 1, Awake::default);
        }
        let Awake { bits: mut awake, mut touched } = std::mem::take(&mut scratch.awake[*number]);
        touched.clear();
        touched.resize(units.div_ceil(64), 0);
        if awake.is_empty() || task.wakes {
            awake.clear();
            awake.resize(units.div_ceil(64), u64::MAX);
        }
        for channel in 0..task.population.channels {
            let first = (piece.offset as usize + channel * piece.stride as usize) / UNIT;
            for (k, word) in touched.iter_mut().enumerate() {
                *word |= take_bits(&mut arrivals.touched, first + 64 * k, (units - 64 * k).min(64));
            }
        }
        awake.iter_mut().zip(&touched).for_each(|(awake, touched)| *awake |= touched);
        if let Some(drives) = task.poisson {
            for (group, driven) in drives.driven(piece.rows.start as usize..piece.rows.end as usize) {
                // A group is 64 neurons, and a piece starts with one.
                let first = (group as usize * 64 - piece.rows.start as usize) / UNIT;
                awake[first / 64] |= u64::from(driven) << (first % 64);
            }
        }
        if let (Some(last), remainder @ 1..) = (awake.last_mut(), units % 64) {
            *last &= (1 << remainder) - 1;
        }
        Awake { bits: awake, touched }
    }

    /// Advances the units that are awake, as many as possible together.
    #[inline(always)]
    pub(crate) fn advance_units(mut self) {
        let mut awake = self.wake();
        let rows = self.piece.rows.start as usize..self.piece.rows.end as usize;
        let in_a_table = matches!(self.task.placement, Placement::Rows { .. });
        let (mut batch, mut length, mut batch_set) = ([0_u32; CHUNK / UNIT], 0, MIXED);
        for word in 0..awake.bits.len() {
            let mut left = awake.bits[word];
            while left != 0 {
                let unit = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                let start = rows.start + unit * UNIT;
                let set = match self.task.constants {
                    StepConstants::Shared(_) => 0,
                    StepConstants::ByNeuron { alike: (_, units), .. } => units.get(start / UNIT).copied().unwrap_or(MIXED),
                };
                if set == MIXED || start + UNIT > rows.end || !in_a_table {
                    self.advance_alone(start, (start + UNIT).min(rows.end), &mut awake);
                    continue;
                }
                if length == batch.len() || length > 0 && set != batch_set {
                    self.advance_batch(&batch[..length], batch_set, &mut awake);
                    length = 0;
                }
                (batch[length], batch_set) = (unit as u32, set);
                length += 1;
            }
        }
        if length > 0 {
            self.advance_batch(&batch[..length], batch_set, &mut awake);
        }
        self.scratch.awake[self.number] = awake;
    }

    /// Advances one unit where it lies.
    #[inline(never)]
    fn advance_alone(&mut self, start: usize, end: usize, awake: &mut Awake) {
        match self.task.constants {
            StepConstants::Shared(constants) => {
                let constants = *constants;
                self.advance_rows(start, end - start, &move |_, _| Shared(constants), Some(awake));
            }
            StepConstants::ByNeuron { words, stride, .. } => {
                let constants = |start, length| ByNeuron::new::<M::Propagators>(words, *stride, start, length);
                self.advance_rows(start, end - start, &constants, Some(awake));
            }
        }
    }

    /// Advances whole units that have one set of constants.
    #[inline(always)]
    fn advance_batch(&mut self, batch: &[u32], set: u32, awake: &mut Awake) {
        let Self { task, piece, tables, arrivals, units, spikes, scratch, settings, faults, clock, .. } = self;
        let constants = match task.constants {
            StepConstants::Shared(constants) => *constants,
            StepConstants::ByNeuron { alike: (sets, _), .. } => sets[set as usize],
        };
        let Placement::Rows { table, row } = task.placement else { return };
        let (length, first_row) = (batch.len() * UNIT, piece.rows.start as usize);
        let channels = task.population.channels.min(MAXIMAL_CHANNELS);
        for arriving in scratch.arriving.iter_mut().take(channels) {
            arriving[..length].fill(0.0);
        }
        for (k, unit) in batch.iter().enumerate().filter(|(_, unit)| any(&awake.touched, **unit as usize, 1)) {
            for (channel, weight) in units.iter().enumerate().take(channels) {
                let first = piece.offset as usize + channel * piece.stride as usize + *unit as usize * UNIT;
                let arriving = &mut scratch.arriving[channel][k * UNIT..][..UNIT];
                take_fixed(&mut arrivals.fixed[first..first + UNIT], *weight, arriving);
                if !arrivals.wide.is_empty() {
                    take_wide(&mut arrivals.wide[first..first + UNIT], arriving);
                }
            }
        }
        if let Some(drives) = task.poisson {
            drives.add_to_units(settings.simd, settings.seed, clock.step(), first_row, batch, &mut scratch.arriving);
        }
        let rows_of = |unit: &u32| first_row + *unit as usize * UNIT..first_row + (*unit as usize + 1) * UNIT;
        let current = if task.current.is_none() && task.coupling.is_none() {
            &scratch.zeros[..length]
        } else {
            for (unit, sums) in batch.iter().zip(scratch.current.chunks_exact_mut(UNIT)) {
                let injected = task.current.map_or(&scratch.zeros[..UNIT], |current| &current.0[rows_of(unit)]);
                match task.coupling {
                    Some(coupling) => add_currents(sums, injected, &coupling.0[rows_of(unit)]),
                    None => sums.copy_from_slice(injected),
                }
            }
            &scratch.current[..length]
        };
        let input = Input { arriving: &scratch.arriving, current, length, channels };
        let spiked = &mut scratch.spiked[..length];
        // SAFETY: the placement holds for this step, so rows lie in the table; rows of a piece belong to this worker alone, units are whole
        // and at most a chunk, and the gathered columns are borrowed by this worker alone. Exercised by the test that passing over rest
        // changes no bit.
        let (finite, asleep) = unsafe {
            let pointers = scratch.gather.gather_units::<M::State>(batch, row + first_row, &tables[*table]);
            M::integrate(Shared(constants), M::State::slices(pointers, 0, length), &input, spiked);
            let finite = M::State::first_is_finite(pointers, 0, length);
            let mut asleep = 0_u64;
            // To fall asleep can wait: the same bits, and one look in sixteen steps.
            if clock.step().is_multiple_of(16) {
                for k in 0..batch.len() {
                    let columns = M::State::slices(pointers, k * UNIT, UNIT);
                    asleep |= u64::from(M::is_at_rest(Shared(constants), columns, &current[k * UNIT..][..UNIT])) << k;
                }
            }
            scratch.gather.scatter_units::<M::State>(batch, row + first_row, &tables[*table]);
            (finite, asleep)
        };
        for (k, unit) in batch.iter().enumerate() {
            if asleep >> k & 1 == 1 {
                awake.bits[*unit as usize / 64] &= !(1 << (unit % 64));
            }
            collect(&spiked[k * UNIT..][..UNIT], task.population.first + (first_row + *unit as usize * UNIT) as u32, spikes);
        }
        if !finite {
            for unit in batch {
                report::<M>(task, tables, first_row + *unit as usize * UNIT, UNIT, faults, clock);
            }
        }
    }
}

/// Whether one of `count` bits from `first` on is set.
#[inline(always)]
pub(crate) fn any(bits: &[u64], first: usize, count: usize) -> bool {
    (first..first + count).any(|bit| bits.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1))
}

/// Takes `count` bits, at most 64, from `first` on, and clears them.
fn take_bits(bits: &mut [u64], first: usize, count: usize) -> u64 {
    let mask = u64::MAX >> (64 - count);
    let (word, shift) = (first / 64, first % 64);
    let mut taken = 0;
    if let Some(low) = bits.get_mut(word) {
        taken = *low >> shift & mask;
        *low &= !(mask << shift);
    }
    if shift + count > 64
        && let Some(high) = bits.get_mut(word + 1)
    {
        taken |= *high << (64 - shift) & mask;
        *high &= !(mask >> (64 - shift));
    }
    taken
}
