//! `neuropil validate`: checks an experiment and says what a run would need.

use crate::arguments::Validate;
use crate::output::{Failure, print};
use crate::table::{grouped, plural, scaled, significant};
use neuropil_core::Registry;
use neuropil_experiment::registered_models;
use neuropil_neurons::ModelEntry;

/// Nanoseconds that a synaptic event takes, roughly, on one thread.
const EVENT_NS: f64 = 1.2;
/// Nanoseconds that making a synapse takes, roughly, on one thread.
const SYNAPSE_NS: f64 = 20.0;
/// Rate that the estimate of time assumes, in Hz.
const ASSUMED_RATE: f64 = 10.0;

/// Runs the command.
pub fn validate(arguments: &Validate) -> Result<(), Failure> {
    let app = super::app();
    let models = registered_models(&app);
    let study = super::study(&arguments.file, &arguments.changes, &models)?;
    study.check(&models).map_err(|errors| super::refused(&errors))?;
    let plan = study.plan();
    plan.check_recording().map_err(|error| Failure::Refused(vec![error.render()]))?;
    let synapses = plan.synapses_expected();
    let threads = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let registry = app.world().resource::<Registry<ModelEntry>>();
    let step_ns = |model: &str| registry.require("model", model).map_or(1.0, |entry| entry.step_ns);
    let a_step: f64 =
        plan.populations.iter().map(|p| if p.cells.is_some() { 3.0 * p.parts() } else { p.size as f64 * step_ns(&p.model) }).sum();
    let update = a_step * plan.steps() as f64;
    let delivery = synapses * ASSUMED_RATE * plan.duration_ms / 1000.0 * EVENT_NS;
    let text = format!(
        "{}: valid\n{}\n{} neurons in {}, about {} synapses in {}, {}, {}\n\
         {} s biological in {} steps of {} ms, seed {}\n\
         a run needs about {} MB, {} to build and {} to run on {threads} threads (if neurons spike at {ASSUMED_RATE} Hz; roughly)\n",
        plan.path.display(),
        plan.title,
        grouped(plan.neurons() as u64),
        counted(plan.populations.len(), "population"),
        scaled(synapses),
        counted(plan.projections.len(), "projection"),
        counted(plan.inputs.len(), "input"),
        counted(plan.recorders.len(), "recorder"),
        significant(plan.duration_ms / 1000.0),
        grouped(plan.steps()),
        plan.time_step_ms,
        plan.seed,
        grouped(((plan.memory_expected_bytes() + plan.recording_expected_bytes()) / 1e6).ceil() as u64 + 10),
        rough(synapses * SYNAPSE_NS * 1e-9 / threads),
        rough((update + delivery) * 1e-9 / threads),
    );
    let design = &plan.design;
    let points = match design.is_single() {
        true => String::new(),
        false => format!("{} in all, each as above, one on each thread\n", counted(study.points(), "point")),
    };
    let claims = match plan.claims.len() {
        0 => String::new(),
        count => format!("{}, which `neuropil verify` holds against what it measures\n", counted(count, "claim")),
    };
    print(&format!("{text}{points}{claims}"))
}

/// Seconds that are not known better than this.
fn rough(seconds: f64) -> String {
    if seconds < 0.1 { "less than 0.1 s".to_string() } else { format!("{} s", significant(seconds)) }
}

fn counted(count: usize, what: &str) -> String {
    format!("{} {what}{}", grouped(count as u64), plural(count as u64))
}
