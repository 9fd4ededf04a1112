//! `neuropil validate`: checks an experiment and says what a run would need.

use crate::arguments::Validate;
use crate::output::{Failure, print};
use crate::table::{grouped, scaled, significant};

/// Nanoseconds that a neuron and step take, roughly, on one thread.
const NEURON_STEP_NS: f64 = 1.0;
/// Nanoseconds that a synaptic event takes, roughly, on one thread.
const EVENT_NS: f64 = 1.2;
/// Nanoseconds that making a synapse takes, roughly, on one thread.
const SYNAPSE_NS: f64 = 20.0;
/// Rate that the estimate of time assumes, in Hz.
const ASSUMED_RATE: f64 = 10.0;

/// Runs the command.
pub fn validate(arguments: &Validate) -> Result<(), Failure> {
    let app = super::app();
    let plan = super::plan(&app, &arguments.file, &arguments.changes)?;
    let (neurons, synapses) = (plan.neurons() as f64, plan.synapses_expected());
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let update = neurons * plan.steps() as f64 * NEURON_STEP_NS;
    let delivery = synapses * ASSUMED_RATE * plan.duration_ms / 1000.0 * EVENT_NS;
    let text = format!(
        "{}: valid\n{}\n{} neurons in {} populations, about {} synapses in {} projections, {} inputs, {} recorders\n\
         {} s biological in {} steps of {} ms, seed {}\n\
         a run needs about {} MB, {} s to build and {} s to run on {threads} threads (if neurons spike at {ASSUMED_RATE} Hz; roughly)\n",
        plan.path.display(),
        plan.title,
        grouped(plan.neurons() as u64),
        plan.populations.len(),
        scaled(synapses),
        plan.projections.len(),
        plan.inputs.len(),
        plan.recorders.len(),
        significant(plan.duration_ms / 1000.0),
        grouped(plan.steps()),
        plan.time_step_ms,
        plan.seed,
        grouped((plan.memory_expected_bytes() / 1e6).ceil() as u64 + 10),
        significant(synapses * SYNAPSE_NS * 1e-9 / threads),
        significant((update + delivery) * 1e-9 / threads),
    );
    print(&text)
}
