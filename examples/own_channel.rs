//! An ion channel of one's own in one file: parameters, gate, kernel, registration. Named in RON like a built-in, at a built-in's speed.
//!
//! The channel is an inward rectifier, `i = g y (V - E)`, `y∞ = 1/(1 + exp((V - V_half)/k))`: it opens where others close, and holds a cell near the
//! reversal potential of potassium.
//! Run it with `cargo run --release --example own_channel`. It prints where the cell comes to rest beside the root of the equation for that.

use neuropil::channel::*;
use neuropil::experiment::{RunOptions, Settings, read_text, registered_models, run};
use neuropil::prelude::*;
use std::sync::atomic::AtomicBool;

neuropil::core::state_variables! {
    /// How far the channel is open, from 0 to 1.
    Opening: f64, "opening", "", Dimension::NONE;
}

/// Parameters. Field names and units are what an experiment file sees.
#[derive(Component, Reflect, Clone, Debug)]
struct InwardRectifier {
    conductance: MillisiemensPerSquareCentimeter,
    reversal_potential: Millivolts,
    half: Millivolts,
    slope: Millivolts,
    time_constant: Milliseconds,
}

impl Default for InwardRectifier {
    fn default() -> Self {
        Self {
            conductance: MillisiemensPerSquareCentimeter(0.5),
            reversal_potential: Millivolts(-90.0),
            half: Millivolts(-80.0),
            slope: Millivolts(8.0),
            time_constant: Milliseconds(2.0),
        }
    }
}

/// Constants of a step: plain numbers, computed once for each place.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Step {
    conductance: f64,
    reversal: f64,
    half: f64,
    per_slope: f64,
    keep: f64,
}

impl Mechanism for InwardRectifier {
    type State = (Opening,);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("own_channel.rs");
    const CARRIES: Carrier = Carrier::Potassium;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        require(self.conductance.0 >= 0.0, "conductance", self.conductance, "at least 0 mS/cm²")?;
        require(self.slope.0 > 0.0, "slope", self.slope, "more than 0 mV")?;
        require(self.time_constant.0 > 0.0, "time_constant", self.time_constant, "more than 0 ms")?;
        Ok(Step {
            conductance: self.conductance.0,
            reversal: self.reversal_potential.0,
            half: self.half.0,
            per_slope: 1.0 / self.slope.0,
            keep: (-place.time_step.0 / self.time_constant.0).exp(),
        })
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        (Opening(1.0 / (1.0 + ((place.potential.0 - self.half.0) / self.slope.0).exp())),)
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(
        constants: C,
        (opening,): <Self::State as StateColumns>::Reals<'_, R>,
        membrane: Membrane<'_, R>,
    ) {
        let rows = membrane.potential.len();
        let (opening, potential) = (&mut opening[..rows], membrane.potential);
        let (conductance, current) = (&mut membrane.conductance[..rows], &mut membrane.current[..rows]);
        // Branch-free over plain slices, so it vectorises; R is a number of double or single precision, and plain numbers stand on the right of it.
        for i in 0..rows {
            let p = constants.at(i);
            let limit = R::from(1.0) / (exp((potential[i] - p.half) * p.per_slope) + 1.0);
            opening[i] = (opening[i] - limit).mul_add(p.keep, limit);
            let g = opening[i] * p.conductance;
            conductance[i] += g;
            current[i] += g * p.reversal;
        }
    }
}

/// The registration: from here on the type's name is a channel's name everywhere.
struct InwardRectifierPlugin;

impl Plugin for InwardRectifierPlugin {
    fn build(&self, app: &mut App) {
        app.add_mechanism::<InwardRectifier>();
    }
}

const EXPERIMENT: &str = r#"Experiment(
    title: "A channel of one's own",
    duration: "500 ms", time_step: "0.1 ms",
    populations: {"cells": (size: 32, cell: (
        morphology: Ball(radius: "10 um"),
        axial_resistivity: "100 ohm cm", temperature: "34 degC", compartments: "1", potential: "-60 mV",
        channels: {
            "leak": (is: Passive(conductance: "0.1 mS/cm^2", reversal_potential: "-60 mV")),
            "rectifier": (is: InwardRectifier(conductance: "0.5 mS/cm^2")),
        },
    ))},
    recorders: {"potential": Trace(of: "cells", variable: "membrane_potential", neurons: [0], interval: "1 ms")},
)"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut app = App::new();
    app.add_plugins((NeuropilPlugins, InwardRectifierPlugin));
    let plan = read_text("own channel", EXPERIMENT, &Settings::default(), &registered_models(&app)).map_err(|errors| errors[0].render())?;
    let options = RunOptions { threads: 1, simd: Simd::detect(), keep: true, cancel: &AtomicBool::new(false), progress: &mut |_| () };
    run(&plan, &mut app, options)?;
    let mut query = app.world_mut().query::<&CompartmentPotential>();
    let found = query.iter(app.world()).next().ok_or("there is no compartment")?.0;
    // At rest the two currents cancel; the sum rises with the potential between the two reversal potentials.
    let sum = |v: f64| 0.1 * (v + 60.0) + 0.5 / (1.0 + ((v + 80.0) / 8.0).exp()) * (v + 90.0);
    let (mut low, mut high) = (-90.0, -60.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if sum(middle) < 0.0 { low = middle } else { high = middle }
    }
    println!("rest {found:.6} mV, root of the equation {low:.6} mV");
    Ok(())
}
