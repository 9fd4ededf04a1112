//! Stimuli from Rust and from experiments: what drives which neurons.

use super::prepare::{check, prepare};
use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::is_built;
use neuropil_units::{ExpressionError, Hertz, Milliseconds, Program};

/// Something that drives neurons from outside. One entity each.
#[derive(Component, Clone, Debug)]
pub struct Stimulus {
    /// Name, unique in the network.
    pub name: String,
    /// Names of the populations that are driven.
    pub to: Vec<String>,
    /// Neurons of each population, by index within it; all if `None`.
    pub neurons: Option<Vec<u32>>,
    /// Which place of a cell it goes to: for a current the number of the electrode, 0 where the cell spikes; for spikes the number of the place within the
    /// receptor. One for all cells or, for spikes, one for each cell of the population; empty where the receptor has but one, as those of point neurons, and for
    /// currents at 0.
    pub sites: Vec<u32>,
    /// What drives them.
    pub source: StimulusSource,
    /// Weight of its spikes in the receptor's unit, drawn for each target if random; `None` for a current, and for spikes of neurons that are sources.
    pub weight: Option<Program>,
    /// Name of the receptor; if `None`, the sign of the weight chooses.
    pub receptor: Option<String>,
    /// Delay of its spikes, rounded to steps, half up, and at least one. Poisson input is stationary, so that only the changes of its rate are delayed;
    /// spikes of neurons that are sources are not delayed.
    pub delay: Milliseconds,
}

/// What drives. Currents are in the unit of the model's current; random ones are drawn for each target.
#[derive(Clone, Debug)]
pub enum StimulusSource {
    /// Independent Poisson spikes for each target, at a rate that is constant from each time on; 0 before the first.
    ///
    /// An event lies in a step if the step begins at or after the start of the rate, and before the next.
    Poisson {
        /// Times, ascending, and rates.
        rate: Vec<(Milliseconds, Hertz)>,
    },
    /// The same spikes for every target.
    SpikeList {
        /// Times, ascending, rounded to steps.
        times: Vec<Milliseconds>,
    },
    /// Spikes of single neurons, by index within each population.
    SpikesByNeuron {
        /// Times, ascending, rounded to steps, and neurons.
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
    /// A current that is a function of time, and of what is known of each driven neuron.
    FunctionCurrent {
        /// Its strength, over the columns.
        value: Program,
        /// Which column is the time, in ms.
        time: Option<usize>,
        /// The other columns, a value for each driven neuron of the population, ascending; empty where the program does not use them.
        columns: Vec<Vec<f64>>,
        /// First moment.
        start: Milliseconds,
        /// Last moment; never, if `None`.
        stop: Option<Milliseconds>,
    },
    /// An Ornstein-Uhlenbeck process, stationary from its start, independent for each target; its exact values at the steps.
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
        /// Time between draws, rounded to steps, and at least one.
        interval: Milliseconds,
        /// First moment.
        start: Milliseconds,
        /// Last moment; never, if `None`.
        stop: Option<Milliseconds>,
    },
}

impl StimulusSource {
    /// Whether it gives spikes, which have a weight, and not a current.
    pub fn gives_spikes(&self) -> bool {
        matches!(self, Self::Poisson { .. } | Self::SpikeList { .. } | Self::SpikesByNeuron { .. })
    }
}

/// Why a stimulus cannot be added.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum StimulusError {
    /// The engine was put together without stimuli.
    #[error("stimulus `{0}` cannot be added: the app has no StimuliPlugin, which is part of NeuronModelsPlugins")]
    NoPlugin(String),
    /// Two stimuli of one name.
    #[error("there is already a stimulus `{0}`")]
    Duplicate(String),
    /// No such population or receptor.
    #[error("stimulus `{stimulus}`: unknown {kind} `{found}`{hint}")]
    Unknown {
        /// Name of the stimulus.
        stimulus: String,
        /// What was looked for.
        kind: &'static str,
        /// The name given.
        found: String,
        /// Valid names.
        hint: String,
    },
    /// A value outside its valid range.
    #[error("stimulus `{stimulus}`: {what} is {found}; expected {expected}")]
    OutOfRange {
        /// Name of the stimulus.
        stimulus: String,
        /// Which value.
        what: String,
        /// The value, with its unit.
        found: String,
        /// What it should have been.
        expected: String,
    },
    /// Something that this source, or these targets, do not have.
    #[error("stimulus `{stimulus}`: {problem}")]
    Mismatch {
        /// Name of the stimulus.
        stimulus: String,
        /// What does not fit, and what would.
        problem: String,
    },
    /// Values cannot be drawn.
    #[error("stimulus `{stimulus}`: {error}")]
    Expression {
        /// Name of the stimulus.
        stimulus: String,
        /// What is wrong.
        error: ExpressionError,
    },
}

/// Adding stimuli from Rust; implemented for [`App`] and [`World`].
pub trait Stimulate {
    /// Adds a stimulus to populations that were added before. It may be added at any time: before the network is built, or while it runs.
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

impl Stimulate for World {
    fn stimulate(&mut self, stimulus: Stimulus) -> Result<Entity, StimulusError> {
        let Some(mut stimuli) = self.get_resource_mut::<Stimuli>() else { return Err(StimulusError::NoPlugin(stimulus.name)) };
        let number = stimuli.next;
        stimuli.next += 1;
        if self.query::<&Stimulus>().iter(self).any(|s| s.name == stimulus.name) {
            return Err(StimulusError::Duplicate(stimulus.name));
        }
        check(self, &stimulus)?;
        if is_built(self) {
            prepare(self, &stimulus, number)?;
            Ok(self.spawn(stimulus).id())
        } else {
            // Values are drawn when the network is built, for the seed may still change.
            Ok(self.spawn((stimulus, Waiting(number))).id())
        }
    }
}

/// Numbers of stimuli and of drives, both part of keys of random numbers.
#[derive(Resource, Debug, Default)]
pub(crate) struct Stimuli {
    next: u32,
    drives: u32,
}

impl Stimuli {
    /// The number of a further drive: one for each stimulus and population.
    pub(crate) fn take_drive(&mut self) -> u32 {
        self.drives += 1;
        self.drives - 1
    }
}

/// Marks a stimulus, with its number, that waits for the network to be built.
#[derive(Component)]
pub(crate) struct Waiting(pub(crate) u32);
