//! The innermost loops: queueing the rows of a spike, and adding the rows that arrive.
//!
//! A spike's rows wait in a wheel of slots, by step of arrival, and are added to the accumulators of the present step when they arrive: no
//! ring buffer of future input exists. Measured alternatives (ns an event): scattering at emission into a ring 2.65; adding at arrival without
//! prefetch 2.2, with the lines of the row 8 ahead prefetched 1.2.
//! Splitting the rows of a step first by parts of the block whose accumulators fit the first-level cache halves the time of adding (38,600
//! accumulators, 32 KiB of cache), but the splitting itself takes more than that gains: 1.4 times as long as a whole (AMD Zen 3).

use super::store::{Entry, Fixed, Head, Row, Store, Wide};
use neuropil_core::arrivals::BlockArrivals;
use neuropil_core::memory::fetch;

/// Zeroed room for `count` entries, in huge pages where the system grants them.
///
/// Rows are read in random order, and a full-scale network has a gigabyte of them: with pages of 4 KiB nearly every row misses the
/// translation buffer.
pub fn allocate<E: Entry>(count: usize) -> Vec<E> {
    let room: Vec<E> = bytemuck::zeroed_vec(count);
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 4096;
        let start = (room.as_ptr() as usize).next_multiple_of(PAGE);
        let end = (room.as_ptr() as usize + std::mem::size_of_val(room.as_slice())) / PAGE * PAGE;
        if end > start + (4 << 20) {
            // SAFETY: the range lies within the allocation, whole pages only; advice on page size does not change what memory holds.
            // That it is refused costs speed only, so the answer is not looked at. Exercised by every test that builds a large network.
            let _ = unsafe { rustix::mm::madvise(start as *mut std::ffi::c_void, end - start, rustix::mm::Advice::LinuxHugepage) };
        }
    }
    room
}

/// Rows ahead whose memory is fetched.
const AHEAD: usize = 8;

/// Rows of one store that wait for one block.
#[derive(Clone, Debug, Default)]
pub struct Wheel {
    /// By step of arrival modulo their number, a power of two: first synapse in the upper 48 bits, length in the lower 16.
    slots: Vec<Vec<u64>>,
}

impl Wheel {
    /// A wheel for delays up to `largest` steps.
    pub fn new(largest: u16) -> Self {
        Self { slots: vec![Vec::new(); (usize::from(largest) + 1).next_power_of_two()] }
    }

    /// Queues the rows of a spike that was emitted in step `emitted`; `rows` are all rows that are not in heads.
    #[inline(always)]
    pub fn queue(&mut self, emitted: u64, head: Head, rows: &[Row]) {
        if let Some(row) = head.single() {
            self.push(emitted, head.synapse, row);
            return;
        }
        let mut synapse = head.synapse;
        for row in &rows[head.listed()] {
            self.push(emitted, synapse, *row);
            synapse += u64::from(row.length);
        }
    }

    #[inline(always)]
    fn push(&mut self, emitted: u64, synapse: u64, row: Row) {
        let mask = self.slots.len() - 1;
        let slot = (emitted as usize + usize::from(row.delay)) & mask;
        self.slots[slot].push(synapse << 16 | u64::from(row.length));
    }

    /// Takes the rows that arrive in `step`.
    fn take(&mut self, step: u64) -> Option<&mut Vec<u64>> {
        let mask = self.slots.len().checked_sub(1)?;
        let slot = &mut self.slots[step as usize & mask];
        (!slot.is_empty()).then_some(slot)
    }
}

/// First synapse and length of a queued row.
#[inline(always)]
fn range(queued: u64) -> std::ops::Range<usize> {
    let first = (queued >> 16) as usize;
    first..first + (queued & 0xffff) as usize
}

/// Adds the fixed-point rows that arrive in `step`; returns the number of synaptic events.
pub fn deliver_fixed(wheel: &mut Wheel, store: &Store<Fixed>, step: u64, arrivals: &mut BlockArrivals) -> u64 {
    let Some(slot) = wheel.take(step) else { return 0 };
    if !arrivals.touched.is_empty() {
        // Apart from the adding, which stays as fast as it is for networks whose neurons never rest.
        for queued in slot.iter() {
            store.synapses[range(*queued)].iter().for_each(|synapse| arrivals.touch((synapse.0 & 0xffff) as usize));
        }
    }
    let Ok(sums) = <&mut [i32; 65_536]>::try_from(arrivals.fixed.as_mut_slice()) else { return 0 };
    let mut events = 0;
    for k in 0..slot.len() {
        if let Some(ahead) = slot.get(k + AHEAD) {
            fetch(&store.synapses[range(*ahead)]);
        }
        let row = &store.synapses[range(slot[k])];
        events += row.len() as u64;
        let mut groups = row.chunks_exact(8);
        for group in &mut groups {
            for synapse in group {
                add(sums, *synapse);
            }
        }
        for synapse in groups.remainder() {
            add(sums, *synapse);
        }
    }
    slot.clear();
    events
}

#[inline(always)]
fn add(sums: &mut [i32; 65_536], synapse: Fixed) {
    let sum = &mut sums[(synapse.0 & 0xffff) as usize];
    *sum = sum.wrapping_add(synapse.0 as i32 >> 16);
}

/// Adds the wide rows that arrive in `step`, in the order in which they were queued; returns the number of synaptic events.
pub fn deliver_wide(wheel: &mut Wheel, store: &Store<Wide>, step: u64, arrivals: &mut BlockArrivals) -> u64 {
    let Some(slot) = wheel.take(step) else { return 0 };
    if !arrivals.touched.is_empty() {
        for queued in slot.iter() {
            store.synapses[range(*queued)].iter().for_each(|synapse| arrivals.touch((synapse.target & 0xffff) as usize));
        }
    }
    let Ok(sums) = <&mut [f32; 65_536]>::try_from(arrivals.wide.as_mut_slice()) else { return 0 };
    let mut events = 0;
    for k in 0..slot.len() {
        if let Some(ahead) = slot.get(k + AHEAD) {
            fetch(&store.synapses[range(*ahead)]);
        }
        let row = &store.synapses[range(slot[k])];
        events += row.len() as u64;
        for synapse in row {
            sums[(synapse.target & 0xffff) as usize] += synapse.weight;
        }
    }
    slot.clear();
    events
}
