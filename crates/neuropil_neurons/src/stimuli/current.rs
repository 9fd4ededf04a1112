//! Injected currents: steps, ramps, sines and noise, summed for each neuron before it is integrated.
//!
//! A current that is given from `start` to `stop` acts in the steps that lie within; during a step it is constant, with its value at the
//! middle of the step. Parts that do not change are added up once, when something begins or ends, and cost nothing afterwards.

use super::normal::{NORMALS, normals};
use super::targets::{Column, Rows};
use bevy_ecs::prelude::*;
use neuropil_core::random::{Purpose, stream};
use neuropil_core::simd::{Vectorised, vectorise};
use neuropil_core::{Clock, Population, RunSettings, Simd};
use neuropil_units::{Program, Scratch};

/// Current injected into each neuron of a population in the present step, in the model's unit of current.
///
/// For neurons that are sources of spikes it is the number of spikes asked of them. Cells with several places have a value for each of their
/// neurons at the first place, then at the second, and so on.
#[derive(Component, Clone, Debug, Default)]
pub struct InjectedCurrent(pub Vec<f32>);

/// The currents that drive a population.
#[derive(Component, Debug, Default)]
pub(crate) struct Currents {
    sources: Vec<Current>,
    /// Sum of what does not change from step to step.
    steady: Vec<f32>,
    /// Whether that sum must be made again.
    stale: bool,
    /// Whether the last step had parts that change.
    varied: bool,
}

impl Currents {
    pub(crate) fn add(&mut self, current: Current) {
        self.sources.push(current);
    }
}

/// One current, for the driven neurons of one population.
#[derive(Debug)]
pub(crate) struct Current {
    /// Number of stimulus and population, part of the key of its noise.
    pub(crate) number: u32,
    pub(crate) rows: Rows,
    /// Number of the place.
    pub(crate) site: u32,
    /// First and last step in which it acts.
    pub(crate) first: u64,
    pub(crate) last: u64,
    pub(crate) shape: Shape,
    pub(crate) active: bool,
}

/// How a current goes with time.
#[derive(Debug)]
pub(crate) enum Shape {
    Constant(Column),
    /// From one value at `start` to another at `stop`, in ms.
    Ramp {
        from: Column,
        to: Column,
        start: f64,
        stop: f64,
    },
    /// Frequency in turns a ms, phase in turns, start in ms.
    Sine {
        offset: Column,
        amplitude: Column,
        frequency: f64,
        phase: f64,
        start: f64,
    },
    /// A function of time and of each neuron's columns.
    Function(Box<Function>),
    /// Mean, and what each neuron has above it, which decays by `decay` a step and is kicked.
    OrnsteinUhlenbeck {
        mean: Column,
        deviation: Column,
        decay: f32,
        kick: f32,
        above: Vec<f32>,
    },
    /// Mean, and what each neuron has above it during an interval of so many steps.
    Noise {
        mean: Column,
        deviation: Column,
        interval: u64,
        above: Vec<f32>,
    },
}

/// A current that is a function of time and of each neuron's columns, and its values in the present step.
#[derive(Debug)]
pub(crate) struct Function {
    program: Program,
    time: Option<usize>,
    columns: Vec<Vec<f64>>,
    time_step: f64,
    values: Vec<f64>,
    scratch: Scratch,
}

impl Function {
    pub(crate) fn new(program: Program, time: Option<usize>, mut columns: Vec<Vec<f64>>, length: usize, time_step: f64) -> Self {
        if let Some(time) = time {
            columns.resize_with(columns.len().max(time + 1), Vec::new);
            columns[time] = vec![0.0; length];
        }
        Self { program, time, columns, time_step, values: vec![0.0; length], scratch: Scratch::new() }
    }

    /// Its values at the middle of a step; not-a-number where it has none, which ends the run with the neuron's name.
    fn evaluate(&mut self, step: u64) {
        if let Some(column) = self.time.and_then(|time| self.columns.get_mut(time)) {
            column.fill((step as f64 - 0.5) * self.time_step);
        }
        let columns: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        // Nothing in it is random.
        let mut random = stream(0, Purpose::Noise, 0, 0);
        if self.program.evaluate_block(&columns, &mut random, &mut self.values, &mut self.scratch).is_err() {
            self.values.fill(f64::NAN);
        }
    }
}

impl Current {
    /// Adds what does not change from step to step.
    fn add_steady(&self, sum: &mut [f32]) {
        match &self.shape {
            Shape::Constant(column) | Shape::Sine { offset: column, .. } | Shape::OrnsteinUhlenbeck { mean: column, .. } => {
                self.rows.add(sum, |k| column.at(k));
            }
            Shape::Noise { mean, above, .. } => self.rows.add(sum, |k| mean.at(k) + above[k]),
            Shape::Ramp { .. } | Shape::Function(_) => {}
        }
    }

    /// Adds what changes in every step.
    fn add_varying(&self, sum: &mut [f32], middle: f64) {
        match &self.shape {
            Shape::Ramp { from, to, start, stop } => {
                let share = ((middle - start) / (stop - start)) as f32;
                self.rows.add(sum, |k| from.at(k) + share * (to.at(k) - from.at(k)));
            }
            Shape::Sine { amplitude, frequency, phase, start, .. } => {
                let turns = (frequency * (middle - start)).fract() + phase;
                let sine = (std::f64::consts::TAU * turns).sin() as f32;
                self.rows.add(sum, |k| sine * amplitude.at(k));
            }
            Shape::OrnsteinUhlenbeck { above, .. } => self.rows.add(sum, |k| above[k]),
            Shape::Function(function) => self.rows.add(sum, |k| function.values[k] as f32),
            Shape::Constant(_) | Shape::Noise { .. } => {}
        }
    }

    fn varies(&self) -> bool {
        matches!(self.shape, Shape::Ramp { .. } | Shape::Function(_) | Shape::Sine { .. } | Shape::OrnsteinUhlenbeck { .. })
    }

    /// Draws the noise of a step, where there is any; says whether the steady sum changes by it.
    fn draw(&mut self, begins: bool, step: u64, seed: u64, simd: Simd) -> bool {
        let (number, rows) = (self.number, &self.rows);
        match &mut self.shape {
            Shape::OrnsteinUhlenbeck { deviation, decay, kick, above, .. } => {
                // It starts from its stationary distribution.
                let (decay, kick) = if begins { (0.0, 1.0) } else { (*decay, *kick) };
                vectorise(simd, Draw { seed, number, step, rows, deviation, decay, kick, above });
                false
            }
            Shape::Function(function) => {
                function.evaluate(step);
                false
            }
            Shape::Noise { deviation, interval, above, .. } => {
                let since = step - self.first;
                let draws = begins || since.is_multiple_of(*interval);
                if draws {
                    let step = since / *interval;
                    vectorise(simd, Draw { seed, number, step, rows, deviation, decay: 0.0, kick: 1.0, above });
                }
                draws
            }
            Shape::Constant(_) | Shape::Ramp { .. } | Shape::Sine { .. } => false,
        }
    }
}

impl Rows {
    /// Adds a value to each driven neuron.
    #[inline(always)]
    fn add(&self, sum: &mut [f32], value: impl Fn(usize) -> f32) {
        match self {
            Self::All(_) => sum.iter_mut().enumerate().for_each(|(k, sum)| *sum += value(k)),
            Self::Listed(listed) => listed.iter().enumerate().for_each(|(k, row)| sum[*row as usize] += value(k)),
        }
    }
}

/// `above ← decay above + kick deviation ξ` for each driven neuron.
struct Draw<'a> {
    seed: u64,
    number: u32,
    step: u64,
    rows: &'a Rows,
    deviation: &'a Column,
    decay: f32,
    kick: f32,
    above: &'a mut [f32],
}

impl Vectorised for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { seed, number, step, rows, deviation, decay, kick, above } = self;
        match rows {
            Rows::All(_) => {
                for (group, above) in above.chunks_mut(NORMALS).enumerate() {
                    let drawn = normals(seed, number, group as u32, step);
                    for (k, (above, normal)) in above.iter_mut().zip(&drawn).enumerate() {
                        *above = decay * *above + kick * deviation.at(group * NORMALS + k) * normal;
                    }
                }
            }
            // The same numbers as if all were driven: a neuron's noise depends on its own index alone.
            Rows::Listed(listed) => {
                let (mut group, mut drawn) = (u32::MAX, [0.0; NORMALS]);
                for (k, (above, row)) in above.iter_mut().zip(listed).enumerate() {
                    let wanted = row / NORMALS as u32;
                    if wanted != group {
                        (group, drawn) = (wanted, normals(seed, number, wanted, step));
                    }
                    *above = decay * *above + kick * deviation.at(k) * drawn[*row as usize % NORMALS];
                }
            }
        }
    }
}

/// Sums the currents of this step.
pub(crate) fn sum_currents(
    clock: Res<Clock>,
    settings: Res<RunSettings>,
    mut populations: Query<(&Population, &mut Currents, &mut InjectedCurrent)>,
) {
    let step = clock.step();
    let middle = (step as f64 - 0.5) * clock.time_step().0;
    for (population, mut currents, mut injected) in &mut populations {
        let Currents { sources, steady, stale, varied } = &mut *currents;
        let mut varies = false;
        for current in sources.iter_mut() {
            let acts = (current.first..=current.last).contains(&step);
            let begins = acts && !current.active;
            *stale |= acts != current.active;
            current.active = acts;
            if acts {
                *stale |= current.draw(begins, step, settings.seed, settings.simd);
                varies |= current.varies();
            }
        }
        let size = population.size as usize;
        if *stale {
            let sites = sources.iter().map(|c| c.site as usize + 1).max().unwrap_or(1);
            steady.clear();
            steady.resize(size * sites, 0.0);
            sources.iter().filter(|c| c.active).for_each(|c| c.add_steady(&mut steady[c.site as usize * size..][..size]));
        }
        if *stale || varies || *varied {
            // Marked as changed: neurons at rest wake by it.
            let injected = &mut injected.0;
            injected.clone_from(steady);
            sources.iter().filter(|c| c.active).for_each(|c| c.add_varying(&mut injected[c.site as usize * size..][..size], middle));
        }
        (*stale, *varied) = (false, varies);
    }
}
