//! Synapses one by one: for graded and electrical transmission, and for those who want to look at a projection.

use super::plan::{Job, Network};
use super::{by_source, by_target};
use crate::delivery::store::{Entry, Store};
use crate::projection::{ConnectionRule, Projection, ProjectionError};
use bytemuck::Zeroable;
use neuropil_core::graded::GradedSynapse;
use neuropil_core::layout::Share;
use neuropil_core::{Coupling, Graded, Layout};
use neuropil_units::{Dimension, Expression, Milliseconds, Scope};

/// One synapse of a projection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Synapse {
    /// Id of the source.
    pub source: u32,
    /// Id of the target.
    pub target: u32,
    /// Weight, in the receptor's unit.
    pub weight: f64,
    /// Delay in steps.
    pub delay: u16,
}

/// A synapse as the builders lay it out before its weight is rounded.
#[derive(Clone, Copy, Default, Debug, Zeroable)]
struct Exact {
    target: u32,
    weight: f64,
}

impl Entry for Exact {
    #[inline(always)]
    fn pack(target: u16, weight: f64, _: f64) -> Self {
        Self { target: u32::from(target), weight }
    }
}

/// A synapse, and where it arrives: population, index within it, channel. The weight is what is added to the channel.
pub(super) type Placed = (Synapse, usize, u32, u32);

/// All synapses of a job, by source, then by delay within parts of the targets, then as they were made.
pub(super) fn list(network: &Network<'_>, job: &Job<'_>) -> Result<Vec<Placed>, ProjectionError> {
    // An arrangement of its own, so that nothing depends on the number of threads.
    let sizes = network.populations.iter().map(|p| Share { channels: p.channels.max(1), ..Share::from(&**p) });
    let layout = Layout::new(&sizes.collect::<Vec<_>>(), 1);
    let alone = Network { layout: &layout, ..*network };
    let mut counts = vec![0; job.number as usize + 1];
    let store: Store<Exact> = match job.projection.rule {
        ConnectionRule::FixedInDegree(_) => by_target::make(&alone, job, &mut counts)?,
        _ => by_source::make(&alone, &[job], &mut counts)?,
    };
    let blocks = layout.blocks().len();
    let mut all = Vec::with_capacity(store.synapses.len());
    for (head, place) in store.heads.iter().zip(0_u32..) {
        let (source, block) = (store.sources.start + place / blocks as u32, place % blocks as u32);
        let single = head.single();
        let rows = single.as_slice().iter().chain(&store.rows[head.listed()]);
        let mut next = head.synapse as usize;
        for row in rows {
            for exact in &store.synapses[next..next + usize::from(row.length)] {
                let Some((population, index, channel)) = layout.locate(block, exact.target as u16) else { continue };
                let target = network.populations[population].first + index;
                all.push((Synapse { source, target, weight: exact.weight, delay: row.delay }, population, index, channel));
            }
            next += usize::from(row.length);
        }
    }
    Ok(all)
}

/// Makes the graded synapses of some jobs.
pub(super) fn grade(network: &Network<'_>, jobs: &[&Job<'_>], counts: &mut [u64]) -> Result<Graded, ProjectionError> {
    if jobs.is_empty() {
        return Ok(Graded::default());
    }
    let mut blocks = vec![Vec::new(); network.layout.blocks().len()];
    for job in jobs {
        let all = list(network, job)?;
        counts[job.number as usize] += all.len() as u64;
        for (synapse, population, index, channel) in all {
            let (block, accumulator) = network.layout.place(population, index, channel);
            let Synapse { source, delay, weight, .. } = synapse;
            blocks[block as usize].push((accumulator, GradedSynapse { source, delay, weight: weight as f32 }));
        }
    }
    let neurons = network.populations.iter().map(|p| p.size).sum();
    Ok(Graded::new(blocks, neurons))
}

/// Makes the electrical synapses of some jobs.
pub(super) fn couple(network: &Network<'_>, jobs: &[&Job<'_>], counts: &mut [u64]) -> Result<Coupling, ProjectionError> {
    let mut edges = Vec::new();
    for job in jobs {
        for (Synapse { source, target, weight, .. }, ..) in list(network, job)? {
            if !(weight >= 0.0 && weight.is_finite()) {
                return Err(job.error(format!("an electrical synapse of {weight} nS; expected a conductance of at least 0 nS")));
            }
            if !network.is_lesioned(target) {
                edges.push((source, target, weight));
                counts[job.number as usize] += 1;
            }
        }
    }
    Ok(Coupling::new(&edges))
}

/// The same projection with a delay that is always valid: electrical synapses have none.
pub(super) fn without_delay(projection: &Projection, time_step: Milliseconds) -> Result<Projection, ProjectionError> {
    let step = Expression::parse(&time_step.to_string()).and_then(|e| e.compile(&Scope::new(), &crate::VARIABLES, Dimension::TIME));
    let refuse = |error| ProjectionError::Rule { projection: projection.name.clone(), problem: format!("its delay: {error}") };
    let mut rule = projection.rule.clone();
    if let ConnectionRule::Explicit(list) = &mut rule {
        list.iter_mut().for_each(|synapse| synapse.delay = None);
    }
    Ok(Projection { delay: step.map_err(refuse)?, rule, ..projection.clone() })
}
