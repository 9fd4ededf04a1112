//! Neurons that are independent Poisson trains: each sends its spikes to all its targets.
//!
//! They have no dynamics and take no input. Where each target should have a train of its own, use the `Poisson` stimulus, which costs less.
//!
//! # Equations
//! ```text
//! spike    with probability rate dt in each step
//! ```
//! One spike a step at most: a Bernoulli trial, whose mean is exact. Random numbers are keyed by neuron and step.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `rate` | | 0 Hz | 0 to one spike a step | |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`Spiked`] | | 0 |
//!
//! # References
//! - Davison AP et al. (2009). PyNN: a common interface for neuronal network simulators. Front Neuroinform 2:11. doi:10.3389/neuro.11.011.2008
//!
//! # See also
//! `SpikeSource` (given spikes).

use crate::population::Members;
use crate::prelude::*;
use crate::spike_source::emit;
use crate::stimuli::current::InjectedCurrent;
use crate::stimuli::spike_list::fire_sources;
use bevy_ecs::prelude::*;
use neuropil_core::random::{Purpose, threefry};
use neuropil_core::simd::{Vectorised, vectorise};
use neuropil_core::{Build, Clock, NeuronId, NeuropilSystems, Population, RunSettings, Step};

/// Adds [`PoissonSource`] to the engine.
pub struct PoissonSourcePlugin;

impl Plugin for PoissonSourcePlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<PoissonSource>()
            .add_systems(Build, prepare_poisson_sources.in_set(NeuropilSystems::Prepare))
            // Lists of spikes write the same component, though of other populations.
            .add_systems(Step, fire_poisson_sources.in_set(NeuropilSystems::Stimulate).after(fire_sources));
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, Default, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct PoissonSource {
    pub rate: Hertz,
}

/// No constants.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {}

impl NeuronModel for PoissonSource {
    type State = (Spiked,);
    type Propagators = Propagators;
    const STEP_NS: f64 = 10.0;
    const SOURCE: &'static str = include_str!("poisson_source.rs");
    const RECEPTORS: &'static [Receptor] = &[];
    const CURRENT_UNIT: &'static str = "";
    const CURRENT: Dimension = Dimension::NONE;

    fn initial_state(&self) -> Self::State {
        (Spiked(0),)
    }

    fn propagators(&self, time_step: Milliseconds) -> Result<Propagators, ParameterError> {
        let most = Hertz(1000.0 / time_step.0);
        require((0.0..=most.0).contains(&self.rate.0), "rate", self.rate, &format!("0 Hz to {most}, one spike a step"))?;
        Ok(Propagators {})
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(_: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        emit(columns.0, input.current(), spiked);
    }
}

/// Below which 32 random bits must lie for a spike; 2³² for a spike in every step.
#[derive(Component, Clone, Debug, PartialEq)]
enum SpikeThresholds {
    /// The same for all.
    Shared(u64),
    /// One a neuron.
    Each(Vec<u64>),
}

fn threshold(source: &PoissonSource, clock: &Clock) -> u64 {
    let probability = source.rate.0 * clock.time_step().0 / 1000.0;
    (probability * 4_294_967_296.0).round() as u64
}

/// Gives sources what they draw with. Where neurons override the rate one by one, those stand.
fn prepare_poisson_sources(
    clock: Res<Clock>,
    mut commands: Commands,
    populations: Query<(Entity, &Population, &PoissonSource, &Members)>,
    neurons: Query<&PoissonSource, With<NeuronId>>,
) {
    for (entity, population, source, members) in &populations {
        let thresholds = if members.0.iter().any(|member| neurons.contains(*member)) {
            SpikeThresholds::Each(members.0.iter().map(|member| threshold(neurons.get(*member).unwrap_or(source), &clock)).collect())
        } else {
            SpikeThresholds::Shared(threshold(source, &clock))
        };
        commands.entity(entity).insert((thresholds, InjectedCurrent(vec![0.0; population.size as usize])));
    }
}

/// Draws who spikes in this step.
fn fire_poisson_sources(
    clock: Res<Clock>,
    settings: Res<RunSettings>,
    mut populations: Query<(&Population, Ref<PoissonSource>, &mut SpikeThresholds, &mut InjectedCurrent)>,
) {
    for (population, source, mut thresholds, mut asked) in &mut populations {
        if source.is_changed() && matches!(*thresholds, SpikeThresholds::Shared(_)) {
            *thresholds = SpikeThresholds::Shared(threshold(&source, &clock));
        }
        let (seed, stream, step) = (settings.seed, population.index as u32, clock.step());
        let flags = &mut asked.bypass_change_detection().0;
        vectorise(settings.simd, Draw { seed, stream, step, thresholds: &thresholds, flags });
    }
}

/// Neurons that share a call of the generator.
const GROUP: usize = 32;

struct Draw<'a> {
    seed: u64,
    stream: u32,
    step: u64,
    thresholds: &'a SpikeThresholds,
    flags: &'a mut [f32],
}

impl Vectorised for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { seed, stream, step, thresholds, flags } = self;
        let key = [seed as u32, (seed >> 32) as u32, Purpose::Source as u32, stream];
        for (group, flags) in flags.chunks_mut(GROUP).enumerate() {
            let counter = [[group as u32; 8], std::array::from_fn(|lane| lane as u32), [step as u32; 8], [(step >> 32) as u32; 8]];
            let words = threefry::<12, 8>(key, counter);
            for (k, flag) in flags.iter_mut().enumerate() {
                let threshold = match thresholds {
                    SpikeThresholds::Shared(threshold) => *threshold,
                    SpikeThresholds::Each(thresholds) => thresholds[group * GROUP + k],
                };
                *flag = f32::from(u8::from(u64::from(words[k / 8][k % 8]) < threshold));
            }
        }
    }
}
