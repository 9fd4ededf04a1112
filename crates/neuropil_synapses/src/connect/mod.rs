//! Making synapses: rules draw them, source by source or target by target, and builders lay them out for delivery.
//!
//! Every draw comes from a stream keyed by (seed, projection, source or target), so the network does not depend on the number of threads.

pub mod by_source;
pub mod by_target;
pub mod continuous;
pub mod draw;
pub mod geometry;
pub mod plan;
pub mod sites;

use crate::delivery::Synapses;
use crate::delivery::store::MAXIMAL_DELAY;
use crate::projection::{Allowed, ConnectionRule, Projection, ProjectionError, SynapseCount, Transmission};
use bevy_ecs::prelude::*;
use neuropil_core::{
    Arrivals, Clock, Coupling, Fault, FaultReport, Graded, Layout, Lesioned, NeuronId, Population, Populations, Position, RunSettings,
};
use neuropil_units::Milliseconds;

/// Checks what can be checked before any synapse is made.
pub(crate) fn check(projection: &Projection, from: &[Population], to: &[Population]) -> Result<(), ProjectionError> {
    let wrong = |problem: String| Err(ProjectionError::Rule { projection: projection.name.clone(), problem });
    let (sources, targets) = (total(from), total(to));
    let shared = from.iter().any(|p| to.iter().any(|q| p.first == q.first));
    let lost = u64::from(projection.autapses == Allowed::No && shared);
    if let Some(name) = &projection.receptor
        && let Some(missing) = to.iter().find(|p| !p.receptors.iter().any(|r| r.name == *name))
    {
        let hint = neuropil_units::suggestion(name, missing.receptors.iter().map(|r| r.name.as_ref()));
        let (projection, kind, found) = (projection.name.clone(), "receptor", name.clone());
        return Err(ProjectionError::Unknown { projection, kind, found, hint });
    }
    for side in [&projection.from, &projection.to] {
        if let Some((_, name)) = side.iter().enumerate().find(|(k, name)| side[..*k].contains(name)) {
            return wrong(format!("`{name}` is named twice on one side"));
        }
    }
    match projection.transmission {
        Transmission::Spikes => {}
        Transmission::Graded => {
            if let Some(silent) = from.iter().find(|p| p.transmits.is_none()) {
                return wrong(format!(
                    "neurons of `{}` ({}) transmit spikes, not a value in every step; graded synapses need sources that do, such as GradedNeuron or RateUnit",
                    silent.name, silent.model
                ));
            }
        }
        Transmission::Electrical => {
            if let Some(other) = from.iter().chain(to).find(|p| !p.couples) {
                return wrong(format!(
                    "neurons of `{}` ({}) have no membrane with a capacitance in pF, which electrical synapses need",
                    other.name, other.model
                ));
            }
            if let Some(receptor) = &projection.receptor {
                return wrong(format!("electrical synapses have no receptor; leave out `{receptor}`"));
            }
        }
    }
    if let Some(deaf) = to.iter().find(|p| p.receptors.is_empty() && projection.transmission != Transmission::Electrical) {
        return wrong(format!("neurons of `{}` ({}) have no receptor", deaf.name, deaf.model));
    }
    match &projection.rule {
        ConnectionRule::OneToOne if sources != targets => {
            wrong(format!("one-to-one needs populations of equal size, but {sources} sources and {targets} targets were given"))
        }
        ConnectionRule::FixedInDegree(degree) if projection.multapses == Allowed::No && *degree > sources - lost.min(sources) => {
            wrong(format!("an in-degree of {degree} without multapses needs as many sources; there are {}", sources - lost))
        }
        ConnectionRule::FixedOutDegree(degree) if projection.multapses == Allowed::No && *degree > targets - lost.min(targets) => {
            wrong(format!("an out-degree of {degree} without multapses needs as many targets; there are {}", targets - lost))
        }
        ConnectionRule::FixedTotalNumber(number)
            if projection.multapses == Allowed::No
                && u128::from(*number) > u128::from(sources) * u128::from(targets - lost.min(targets)) =>
        {
            wrong(format!(
                "{number} synapses without multapses need as many pairs; there are {}",
                u128::from(sources) * u128::from(targets - lost)
            ))
        }
        ConnectionRule::FixedInDegree(1..) | ConnectionRule::FixedOutDegree(1..) | ConnectionRule::FixedTotalNumber(1..)
            if lost == 1 && (sources == 1 || targets == 1) && sources.max(targets) == 1 =>
        {
            wrong("its only pair is a neuron with itself, and autapses are not allowed".to_string())
        }
        ConnectionRule::PairwiseBernoulli(p) if !(0.0..=1.0).contains(p) => wrong(format!("probability is {p}; expected 0 to 1")),
        ConnectionRule::Explicit(list) => match list.iter().find(|s| u64::from(s.source) >= sources || u64::from(s.target) >= targets) {
            Some(s) => wrong(format!(
                "({}, {}) is out of range; there are {sources} sources and {targets} targets, counted from 0",
                s.source, s.target
            )),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Synapses that a projection is expected to have.
pub(crate) fn expected_synapses(projection: &Projection, from: &[Population], to: &[Population]) -> f64 {
    let (sources, targets) = (total(from) as f64, total(to) as f64);
    match &projection.rule {
        ConnectionRule::AllToAll => sources * targets,
        ConnectionRule::OneToOne => sources,
        ConnectionRule::FixedInDegree(degree) => *degree as f64 * targets,
        ConnectionRule::FixedOutDegree(degree) => *degree as f64 * sources,
        ConnectionRule::FixedTotalNumber(number) => *number as f64,
        ConnectionRule::PairwiseBernoulli(p) => sources * targets * p,
        ConnectionRule::DistanceDependent { probability, .. } => {
            sources * targets * probability.bounds(&geometry::UNBOUNDED).1.clamp(0.0, 1.0) * 0.1
        }
        ConnectionRule::Explicit(list) => list.len() as f64,
    }
}

pub(crate) fn total(populations: &[Population]) -> u64 {
    populations.iter().map(|p| u64::from(p.size)).sum()
}

/// Makes the synapses of all projections.
#[expect(clippy::too_many_arguments, reason = "a system's arguments are its declared access")]
pub(crate) fn make_synapses(
    mut commands: Commands,
    clock: Res<Clock>,
    settings: Res<RunSettings>,
    layout: Res<Layout>,
    order: Res<Populations>,
    mut arrivals: ResMut<Arrivals>,
    mut synapses: ResMut<Synapses>,
    mut continuous: (ResMut<Graded>, ResMut<Coupling>),
    lesioned: Query<&NeuronId, With<Lesioned>>,
    faults: Res<FaultReport>,
    populations: Query<&Population>,
    positions: Query<(&neuropil_core::NeuronId, &Position)>,
    projections: Query<(Entity, &Projection)>,
) {
    let populations: Vec<&Population> = order.entities().iter().filter_map(|e| populations.get(*e).ok()).collect();
    let mut listed: Vec<(Entity, &Projection)> = projections.iter().collect();
    // Entities are in order of addition; the number of a projection is part of the key of its random numbers.
    listed.sort_by_key(|(entity, _)| *entity);
    let mut lesioned: Vec<u32> = lesioned.iter().map(|id| id.0).collect();
    lesioned.sort_unstable();
    let places = geometry::Places::new(order.neurons(), positions.iter());
    let network = plan::Network {
        populations: &populations,
        layout: &layout,
        places: &places,
        seed: settings.seed,
        time_step: clock.time_step(),
        threads: settings.threads,
        lesioned: &lesioned,
    };
    match plan::make(&network, &listed, &mut arrivals) {
        Ok(made) => {
            (synapses.fixed, synapses.wide) = (made.fixed, made.wide);
            synapses.continuous = made.graded.count() + made.coupling.count();
            if !synapses.wide.is_empty() || !made.graded.is_empty() {
                arrivals.add_wide();
            }
            (*continuous.0, *continuous.1) = (made.graded, made.coupling);
            synapses.prepare(layout.blocks().len());
            for ((entity, _), count) in listed.iter().zip(made.counts) {
                commands.entity(*entity).insert(SynapseCount(count));
            }
        }
        Err(error) => faults.report(Fault::Build(error.to_string())),
    }
}

/// Reading the synapses of a network that has been built; implemented for [`World`] and [`bevy_app::App`].
pub trait ReadSynapses {
    /// The synapses of a projection, by source and target, as they act; those of lesioned neurons are left out.
    ///
    /// They are not kept one by one: the rule is carried out once more, and draws the same from the same seed. This takes as long as
    /// building them, and 24 bytes each.
    ///
    /// # Errors
    /// No such projection.
    fn synapses_of(&mut self, projection: &str) -> Result<Vec<continuous::Synapse>, ProjectionError>;
}

impl ReadSynapses for bevy_app::App {
    fn synapses_of(&mut self, projection: &str) -> Result<Vec<continuous::Synapse>, ProjectionError> {
        self.world_mut().synapses_of(projection)
    }
}

impl ReadSynapses for World {
    fn synapses_of(&mut self, projection: &str) -> Result<Vec<continuous::Synapse>, ProjectionError> {
        let mut listed: Vec<(Entity, Projection)> = self.query::<(Entity, &Projection)>().iter(self).map(|(e, p)| (e, p.clone())).collect();
        listed.sort_by_key(|(entity, _)| *entity);
        let which = listed.iter().position(|(_, p)| p.name == projection).ok_or_else(|| ProjectionError::Unknown {
            projection: projection.to_string(),
            kind: "projection",
            found: projection.to_string(),
            hint: neuropil_units::suggestion(projection, listed.iter().map(|(_, p)| p.name.as_str())),
        })?;
        let listed: Vec<(Entity, &Projection)> = listed.iter().map(|(entity, projection)| (*entity, projection)).collect();
        let mut lesioned: Vec<u32> = self.query_filtered::<&NeuronId, With<Lesioned>>().iter(self).map(|id| id.0).collect();
        lesioned.sort_unstable();
        let neurons = self.resource::<Populations>().neurons();
        let places = geometry::Places::new(neurons, self.query::<(&NeuronId, &Position)>().iter(self));
        let settings = self.resource::<RunSettings>();
        let entities = self.resource::<Populations>().entities();
        let populations: Vec<&Population> = entities.iter().filter_map(|e| self.get::<Population>(*e)).collect();
        let network = plan::Network {
            populations: &populations,
            layout: self.resource::<Layout>(),
            places: &places,
            seed: settings.seed,
            time_step: self.resource::<Clock>().time_step(),
            threads: settings.threads,
            lesioned: &lesioned,
        };
        plan::list(&network, &listed, which)
    }
}

/// Turns delays into whole steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DelayGrid {
    time_step: f64,
    steps_per_millisecond: f64,
}

impl DelayGrid {
    pub(crate) fn new(time_step: Milliseconds) -> Self {
        Self { time_step: time_step.0, steps_per_millisecond: 1.0 / time_step.0 }
    }

    /// Whole steps of a delay in ms, or a message that says what would do.
    #[inline(always)]
    pub(crate) fn steps(self, delay: f64) -> Result<u16, String> {
        let steps = delay * self.steps_per_millisecond + 1e-9 + 0.5;
        // Within this range truncation is rounding down; it is one instruction, where `floor` is a call on older processors.
        if (1.0..MAXIMAL_DELAY as f64 + 1.0).contains(&steps) { Ok(steps as u16) } else { Err(self.refuse(delay)) }
    }

    #[cold]
    #[inline(never)]
    fn refuse(self, delay: f64) -> String {
        let smallest = self.time_step;
        if delay > smallest {
            let largest = MAXIMAL_DELAY as f64 * smallest;
            return format!("a delay of {delay} ms is more than {MAXIMAL_DELAY} time steps; the largest delay is {largest} ms");
        }
        format!("a delay of {delay} ms is less than half a time step; the smallest delay is {smallest} ms")
    }
}
