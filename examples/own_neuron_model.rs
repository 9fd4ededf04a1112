//! A neuron model of one's own in one file: component, kernel, registration. Named in RON like a built-in, at a built-in's speed.
//!
//! The model is the quadratic integrate-and-fire neuron, `τ dV/dt = V²/scale + input`, whose rate under a constant drive `η` has the closed form
//! `√(η scale) / (π τ)` for reset and threshold far away (Ermentrout GB, Kopell N (1986). SIAM J Appl Math 46:233-253. doi:10.1137/0146017).
//! Run it with `cargo run --release --example own_neuron_model`. It prints the measured rate beside that formula.

use neuropil::experiment::{RunOptions, Settings, read_text, registered_models, run};
use neuropil::model::*;
use neuropil::prelude::*;
use std::sync::atomic::AtomicBool;

/// Parameters. Field names and units are what an experiment file sees.
#[derive(Component, Reflect, Clone, Debug)]
struct QuadraticIntegrateAndFire {
    time_constant: Milliseconds,
    scale: Millivolts,
    drive: Millivolts,
    peak: Millivolts,
}

impl Default for QuadraticIntegrateAndFire {
    fn default() -> Self {
        Self { time_constant: Milliseconds(10.0), scale: Millivolts(1.0), drive: Millivolts(4.0), peak: Millivolts(200.0) }
    }
}

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct StepOfQuadraticIntegrateAndFire {
    step: f32,
    per_scale: f32,
    drive: f32,
    peak: f32,
}

impl NeuronModel for QuadraticIntegrateAndFire {
    type State = (MembranePotential,);
    type Propagators = StepOfQuadraticIntegrateAndFire;
    const SOURCE: &'static str = include_str!("own_neuron_model.rs");
    const RECEPTORS: &'static [Receptor] = &[Receptor::new("synapse", "mV", Dimension::POTENTIAL, Accepts::Any)];

    fn initial_state(&self) -> Self::State {
        (MembranePotential(0.0),)
    }

    fn propagators(&self, time_step: Milliseconds) -> Result<StepOfQuadraticIntegrateAndFire, ParameterError> {
        require(self.time_constant.0 > 0.0, "time_constant", self.time_constant, "more than 0 ms")?;
        require(self.scale.0 > 0.0, "scale", self.scale, "more than 0 mV")?;
        let step = (time_step.0 / self.time_constant.0) as f32;
        Ok(StepOfQuadraticIntegrateAndFire {
            step,
            per_scale: 1.0 / self.scale.0 as f32,
            drive: self.drive.0 as f32,
            peak: self.peak.0 as f32,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<StepOfQuadraticIntegrateAndFire>>(
        constants: C,
        (potential,): Columns<'_, Self>,
        input: &Input<'_>,
        spiked: &mut [u8],
    ) {
        advance(constants, potential, input.arriving(0), spiked);
    }
}

/// One step of the midpoint rule; branch-free over plain slices, so it vectorises.
#[inline(always)]
fn advance<C: Constants<StepOfQuadraticIntegrateAndFire>>(constants: C, potential: &mut [f32], arriving: &[f32], spiked: &mut [u8]) {
    let neurons = potential.len();
    let (arriving, spiked) = (&arriving[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let middle = potential[i] + 0.5 * p.step * (potential[i] * potential[i] * p.per_scale + p.drive);
        let reached = potential[i] + p.step * (middle * middle * p.per_scale + p.drive) + arriving[i];
        let fires = reached >= p.peak;
        potential[i] = if fires { -p.peak } else { reached };
        spiked[i] = u8::from(fires);
    }
}

/// The registration: from here on the type's name is a model's name everywhere.
struct QuadraticIntegrateAndFirePlugin;

impl Plugin for QuadraticIntegrateAndFirePlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<QuadraticIntegrateAndFire>();
    }
}

const EXPERIMENT: &str = r#"Experiment(
    title: "A model of one's own",
    duration: "2 s", time_step: "0.01 ms",
    populations: {"cells": (size: 100, model: QuadraticIntegrateAndFire(drive: "9 mV"), initial: {"membrane_potential": "uniform(-10 mV, 10 mV)"})},
)"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut app = App::new();
    app.add_plugins((NeuropilPlugins, QuadraticIntegrateAndFirePlugin));
    let plan = read_text("own model", EXPERIMENT, &Settings::default(), &registered_models(&app)).map_err(|errors| errors[0].render())?;
    let options = RunOptions { threads: 1, simd: Simd::detect(), keep: false, cancel: &AtomicBool::new(false), progress: &mut |_| () };
    let outcome = run(&plan, &mut app, options)?;
    // From -peak to peak the flight takes 2τ/√(η scale) · arctan(peak/√(η scale)).
    let root = 9.0_f64.sqrt();
    let expected = 1000.0 / (2.0 * 10.0 / root * (200.0 / root).atan());
    println!("rate {:.2} Hz, in closed form {expected:.2} Hz", outcome.summary.populations[0].rate_hz);
    Ok(())
}
