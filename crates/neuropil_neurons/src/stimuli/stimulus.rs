//! Stimuli from Rust and from experiments: what drives which neurons.

use super::poisson::{MAXIMAL_MEAN, PoissonDrive, PoissonDrives, PoissonTable};
use crate::model::receptor_for;
use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::{Clock, NeuropilSystems, Population, Populations, Step};
use neuropil_units::{Hertz, Milliseconds, Program, suggestion};

/// Something that drives neurons from outside.
#[derive(Clone, Debug)]
pub struct Stimulus {
    /// Name, unique in the network.
    pub name: String,
    /// Names of the populations that are driven.
    pub to: Vec<String>,
    /// Neurons of each population, by index within it; all if `None`.
    pub neurons: Option<Vec<u32>>,
    /// What drives them.
    pub source: StimulusSource,
    /// Weight of its spikes in the receptor's unit, drawn for each target if random; `None` for a current.
    pub weight: Option<Program>,
    /// Name of the receptor; if `None`, the sign of the weight chooses.
    pub receptor: Option<String>,
    /// Delay of its spikes.
    pub delay: Milliseconds,
}

/// What drives. Currents are in the unit of the model's current; random ones are drawn for each target.
#[derive(Clone, Debug)]
pub enum StimulusSource {
    /// Independent Poisson spikes for each target, at a rate that is constant from each time on; 0 before the first.
    Poisson {
        /// Times, ascending, and rates.
        rate: Vec<(Milliseconds, Hertz)>,
    },
    /// The same spikes for every target.
    SpikeList {
        /// Times, ascending.
        times: Vec<Milliseconds>,
    },
    /// Spikes of single neurons, by index within each population.
    SpikesByNeuron {
        /// Times, ascending, and neurons.
        spikes: Vec<(Milliseconds, u32)>,
    },
    /// A constant current.
    StepCurrent {
        /// Its strength.
        amplitude: Program,
        /// First moment.
        start: Milliseconds,
        /// Last moment; never, if `None`.
        stop: Option<Milliseconds>,
    },
    /// A current that changes linearly, and is 0 outside.
    RampCurrent {
        /// Strength at the start.
        from: Program,
        /// Strength at the stop.
        to: Program,
        /// First moment.
        start: Milliseconds,
        /// Last moment.
        stop: Milliseconds,
    },
    /// `offset + amplitude sin(2π frequency (t - start) + phase)`.
    SineCurrent {
        /// Mean.
        offset: Program,
        /// Amplitude.
        amplitude: Program,
        /// Frequency.
        frequency: Hertz,
        /// Phase, in radians.
        phase: f64,
        /// First moment.
        start: Milliseconds,
        /// Last moment; never, if `None`.
        stop: Option<Milliseconds>,
    },
    /// An Ornstein-Uhlenbeck process, stationary from its start, independent for each target.
    OrnsteinUhlenbeckCurrent {
        /// Mean.
        mean: Program,
        /// Stationary standard deviation.
        standard_deviation: Program,
        /// Correlation time.
        time_constant: Milliseconds,
        /// First moment.
        start: Milliseconds,
        /// Last moment; never, if `None`.
        stop: Option<Milliseconds>,
    },
    /// Gaussian noise that is constant during each interval, independent for each target.
    NoiseCurrent {
        /// Mean.
        mean: Program,
        /// Standard deviation.
        standard_deviation: Program,
        /// Time between draws.
        interval: Milliseconds,
        /// First moment.
        start: Milliseconds,
        /// Last moment; never, if `None`.
        stop: Option<Milliseconds>,
    },
}

/// Why a stimulus cannot be added.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[error("stimulus `{stimulus}`: {problem}")]
pub struct StimulusError {
    /// Name of the stimulus.
    pub stimulus: String,
    /// What is wrong, and what would do.
    pub problem: String,
}

/// Adding stimuli from Rust; implemented for [`App`] and [`World`].
pub trait Stimulate {
    /// Adds a stimulus to populations that were added before.
    ///
    /// # Errors
    /// See [`StimulusError`].
    fn stimulate(&mut self, stimulus: Stimulus) -> Result<Entity, StimulusError>;
}

impl Stimulate for App {
    fn stimulate(&mut self, stimulus: Stimulus) -> Result<Entity, StimulusError> {
        self.world_mut().stimulate(stimulus)
    }
}

/// Number of the next Poisson drive.
#[derive(Resource, Default)]
struct NextDrive(u32);

impl Stimulate for World {
    fn stimulate(&mut self, stimulus: Stimulus) -> Result<Entity, StimulusError> {
        let refuse = |problem: String| StimulusError { stimulus: stimulus.name.clone(), problem };
        let StimulusSource::Poisson { rate } = &stimulus.source else { return Err(refuse("interim".into())) };
        let entities = self.resource::<Populations>().entities().to_vec();
        for name in &stimulus.to {
            let found = entities.iter().copied().find(|e| self.get::<Population>(*e).is_some_and(|p| p.name == *name));
            let Some(entity) = found else { return Err(refuse(format!("unknown population `{name}`{}", suggestion(name, [])))) };
            let Some(population) = self.get::<Population>(entity).cloned() else { continue };
            let weight = stimulus.weight.as_ref().and_then(Program::as_constant).unwrap_or(0.0);
            let receptor = receptor_for(&population.receptors, weight).ok_or_else(|| refuse("no receptor takes this sign".into()))?;
            let dt = self.resource::<Clock>().time_step().0;
            let mut next = self.get_resource_or_init::<NextDrive>();
            let number = next.0;
            next.0 += 1;
            let mean = rate.first().map_or(0.0, |r| r.1.0 * dt / 1000.0);
            let table = PoissonTable::new(mean).ok_or_else(|| refuse(format!("more than {MAXIMAL_MEAN}")))?;
            let rows = stimulus.neurons.as_ref().map_or(0..population.size as usize, |n| 0..n.len());
            let weights = match &stimulus.neurons {
                None => Vec::new(),
                Some(n) => (0..population.size).map(|k| if n.contains(&k) { weight as f32 } else { 0.0 }).collect(),
            };
            let drive = PoissonDrive { number, channel: population.channel[receptor], table, weight: weight as f32, weights, rows, active: true };
            match self.get_mut::<PoissonDrives>(entity) {
                Some(mut drives) => drives.0.push(drive),
                None => {
                    self.entity_mut(entity).insert(PoissonDrives(vec![drive]));
                }
            }
        }
        Ok(self.spawn(Name(stimulus.name)).id())
    }
}

#[derive(Component)]
struct Name(String);

#[expect(unused_imports, reason = "interim")]
use {NeuropilSystems as _, Step as _};
