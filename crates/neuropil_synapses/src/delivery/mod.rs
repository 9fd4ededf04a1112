//! Spike delivery: from the spikes of the last step to the accumulators of this one.

pub mod kernel;
pub mod store;

use bevy_ecs::prelude::*;
use kernel::{Wheel, deliver_fixed, deliver_wide};
use neuropil_core::arrivals::BlockArrivals;
use neuropil_core::memory::fetch;
use neuropil_core::{Arrivals, Clock, Graded, Layout, SpikeExchange, Team};
use store::{Fixed, Store, Wide};

/// Spikes whose heads, and then rows, are fetched together.
const BATCH: usize = 16;

/// All static synapses of spikes in the network, and the rows that are under way.
#[derive(Resource, Default, Debug)]
pub struct Synapses {
    pub(crate) fixed: Vec<Store<Fixed>>,
    pub(crate) wide: Vec<Store<Wide>>,
    /// By block, then by store.
    under_way: Vec<UnderWay>,
    /// Graded and electrical synapses, which are kept elsewhere.
    pub(crate) continuous: u64,
    events: u64,
}

#[derive(Clone, Debug, Default)]
struct UnderWay {
    fixed: Vec<Wheel>,
    wide: Vec<Wheel>,
    events: u64,
}

impl Synapses {
    /// Number of synapses, graded and electrical ones included.
    pub fn count(&self) -> u64 {
        let fixed: usize = self.fixed.iter().map(|s| s.synapses.len()).sum();
        let wide: usize = self.wide.iter().map(|s| s.synapses.len()).sum();
        (fixed + wide) as u64 + self.continuous
    }

    /// Bytes that synapses of spikes take, index included.
    pub fn bytes(&self) -> u64 {
        let fixed: usize = self.fixed.iter().map(Store::bytes).sum();
        let wide: usize = self.wide.iter().map(Store::bytes).sum();
        (fixed + wide) as u64
    }

    /// Synaptic events delivered since the start.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Makes the wheels, once all stores are there.
    pub(crate) fn prepare(&mut self, blocks: usize) {
        let under_way = UnderWay {
            fixed: self.fixed.iter().map(|s| Wheel::new(s.largest_delay)).collect(),
            wide: self.wide.iter().map(|s| Wheel::new(s.largest_delay)).collect(),
            events: 0,
        };
        self.under_way = vec![under_way; blocks];
    }
}

struct Part<'a> {
    blocks: &'a mut [BlockArrivals],
    under_way: &'a mut [UnderWay],
    first_block: usize,
}

/// Queues the rows of the last step's spikes, then adds the rows that arrive in this step.
pub(crate) fn deliver_spikes(
    clock: Res<Clock>,
    layout: Res<Layout>,
    exchange: Res<SpikeExchange>,
    mut team: ResMut<Team>,
    mut arrivals: ResMut<Arrivals>,
    mut synapses: ResMut<Synapses>,
) {
    let Synapses { fixed, wide, under_way, events, .. } = &mut *synapses;
    if fixed.is_empty() && wide.is_empty() {
        return;
    }
    let workers = layout.workers();
    let (mut blocks, mut wheels) = (arrivals.blocks(), under_way.as_mut_slice());
    let mut parts = Vec::with_capacity(workers);
    for worker in 0..workers {
        let range = layout.blocks_of(worker);
        let (own, others) = blocks.split_at_mut(range.len());
        let (own_wheels, other_wheels) = wheels.split_at_mut(range.len());
        (blocks, wheels) = (others, other_wheels);
        parts.push(Part { blocks: own, under_way: own_wheels, first_block: range.start });
    }
    let (step, block_count, spikes) = (clock.step(), layout.blocks().len(), exchange.spikes());
    team.run_parts(&mut parts, |part| {
        // A source's heads lie together by block, so each spike is looked up once for all blocks of a worker.
        for (k, store) in fixed.iter().enumerate() {
            queue(store, spikes, step - 1, part.first_block, block_count, part.under_way, |under_way| &mut under_way.fixed[k]);
        }
        for (k, store) in wide.iter().enumerate() {
            queue(store, spikes, step - 1, part.first_block, block_count, part.under_way, |under_way| &mut under_way.wide[k]);
        }
        for (arrivals, under_way) in part.blocks.iter_mut().zip(part.under_way.iter_mut()) {
            for (store, wheel) in fixed.iter().zip(&mut under_way.fixed) {
                under_way.events += deliver_fixed(wheel, store, step, arrivals);
            }
            for (store, wheel) in wide.iter().zip(&mut under_way.wide) {
                under_way.events += deliver_wide(wheel, store, step, arrivals);
            }
        }
    });
    for under_way in under_way {
        *events += std::mem::take(&mut under_way.events);
    }
}

/// Adds what graded synapses gather in this step to the wide accumulators, target by target.
pub(crate) fn deliver_graded(
    clock: Res<Clock>,
    layout: Res<Layout>,
    graded: Res<Graded>,
    mut team: ResMut<Team>,
    mut arrivals: ResMut<Arrivals>,
) {
    if graded.is_empty() {
        return;
    }
    let mut blocks = arrivals.blocks();
    let mut parts = Vec::with_capacity(layout.workers());
    for worker in 0..layout.workers() {
        let range = layout.blocks_of(worker);
        let (own, others) = blocks.split_at_mut(range.len());
        blocks = others;
        parts.push((own, &graded.blocks()[range]));
    }
    team.run_parts(&mut parts, |(arrivals, graded_blocks)| {
        for (arrivals, block) in arrivals.iter_mut().zip(graded_blocks.iter()) {
            for (accumulator, synapses) in block.rows() {
                arrivals.wide[usize::from(accumulator)] += graded.sum(synapses, clock.step()) as f32;
                arrivals.touch(usize::from(accumulator));
            }
        }
    });
}

/// Queues the rows of spikes emitted in step `emitted`, in the wheels of consecutive blocks.
fn queue<E>(
    store: &Store<E>,
    spikes: &[u32],
    emitted: u64,
    first_block: usize,
    blocks: usize,
    under_way: &mut [UnderWay],
    wheel: impl Fn(&mut UnderWay) -> &mut Wheel,
) {
    // Spikes are in order of id.
    let start = spikes.partition_point(|id| *id < store.sources.start);
    let end = spikes.partition_point(|id| *id < store.sources.end);
    let own_blocks = under_way.len();
    let heads_of = |id: u32| {
        let first = (id - store.sources.start) as usize * blocks + first_block;
        &store.heads[first..first + own_blocks]
    };
    for batch in spikes[start..end].chunks(BATCH) {
        batch.iter().for_each(|id| fetch(heads_of(*id)));
        for id in batch {
            heads_of(*id).iter().for_each(|head| fetch(&store.rows[head.listed()]));
        }
        for id in batch {
            for (head, under_way) in heads_of(*id).iter().zip(under_way.iter_mut()) {
                wheel(under_way).queue(emitted, *head, &store.rows);
            }
        }
    }
}
