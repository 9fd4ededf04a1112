//! Points side by side: each on one thread while there are as many as threads, so that none waits for another.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use bevy_app::App;
use neuropil_core::{Simd, memory::available_bytes};
use neuropil_record::RunSummary;
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Catalogue,
    engine::{Outcome, RunOptions, run},
    error::ExperimentError,
    measure::{
        compute::Recorded,
        host::{RunHost, scope},
    },
    plan::Plan,
    study::{Point, Study},
};
use neuropil_units::Value;

/// What a point gave: its summary, and beside it what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointResult {
    /// The summary of the run.
    #[serde(flatten)]
    pub summary: RunSummary,
    /// The point and its measures.
    pub point: PointRecord,
}

/// A point of a study and what was measured there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointRecord {
    /// Its number, from 0.
    pub index: usize,
    /// What it is known by: experiment, settings, seed and version of the program.
    pub key: String,
    /// The study that it belongs to: experiment, settings and version of the program.
    pub study: String,
    /// What tells it from others, in words.
    pub description: String,
    /// The measures of the experiment, in its order and coherent units; `None` where one is undefined.
    pub measures: Vec<Option<f64>>,
    /// What claims need, in coherent units.
    pub quantities: BTreeMap<String, Option<f64>>,
    /// Whether recorders kept what they saw, which measures and claims are taken of.
    pub recorded: bool,
}

/// A point that did not end well.
#[derive(Clone, Debug, PartialEq)]
pub struct PointFailure {
    /// Its number, from 0.
    pub index: usize,
    /// What tells it from others, in words.
    pub description: String,
    /// Why.
    pub reason: String,
}

/// Choices of how a study runs.
pub struct StudyOptions<'a> {
    /// Threads that may be used.
    pub threads: usize,
    /// Instruction set of the kernels.
    pub simd: Simd,
    /// Whether recorders keep what they see; measures and claims need it.
    pub keep: bool,
    /// Set from outside to end the study early.
    pub cancel: &'a AtomicBool,
    /// The points to run.
    pub points: &'a [usize],
    /// Makes an app with the engine's plugins and the models that are known.
    pub app: &'a (dyn Fn() -> App + Sync),
    /// Called after each point, and every tenth of a second at most while there are some, with the number of finished points.
    pub progress: &'a (dyn Fn(usize) + Sync),
    /// Given each finished point with all that was recorded, before that is dropped.
    ///
    /// An error ends the point as failed.
    pub finished: &'a (dyn Fn(&PointResult, &Outcome) -> Result<(), String> + Sync),
}

/// What a study gave.
#[derive(Debug, Default)]
pub struct StudyOutcome {
    /// The points that ended well, in order.
    pub results: Vec<PointResult>,
    /// Those that did not, in order.
    pub failures: Vec<PointFailure>,
    /// Whether it was ended from outside.
    pub cancelled: bool,
    /// Wall-clock time, s.
    pub elapsed: Duration,
}

/// Runs points of a study; what they give depends neither on the number of threads nor on their order.
pub fn run_study(study: &Study, catalogue: &(dyn Catalogue + Sync), options: &StudyOptions<'_>) -> StudyOutcome {
    let start = Instant::now();
    let workers = workers(study, options);
    // What is left over when points are few goes to them.
    let threads = (options.threads / workers).max(1);
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let ended = Mutex::new((Vec::new(), Vec::new()));
    let work = || {
        while !options.cancel.load(Ordering::Relaxed) {
            let Some(index) = options.points.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let outcome = run_point(study, *index, threads, catalogue, options);
            let mut ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
            match outcome {
                Ok(Some(result)) => ended.0.push(result),
                Ok(None) => {}
                Err(reason) => ended.1.push(PointFailure { index: *index, description: study.point(*index).describe(), reason }),
            }
            drop(ended);
            (options.progress)(done.fetch_add(1, Ordering::Relaxed) + 1);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(work);
        }
        work();
    });
    let (mut results, mut failures) = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|result| result.point.index);
    failures.sort_by_key(|failure| failure.index);
    StudyOutcome { results, failures, cancelled: options.cancel.load(Ordering::Relaxed), elapsed: start.elapsed() }
}

/// How many points run at a time: as many as threads, points and memory allow.
fn workers(study: &Study, options: &StudyOptions<'_>) -> usize {
    let plan = study.plan();
    let needed = plan.memory_expected_bytes() + if options.keep { plan.recording_expected_bytes() } else { 0.0 };
    // An estimate from below: twice that, and what a world takes without neurons.
    let fits = available_bytes().map_or(f64::INFINITY, |available| available / (2.0 * needed + 20e6));
    let fits = if fits >= options.threads as f64 { options.threads } else { fits as usize };
    options.threads.min(options.points.len()).min(fits).max(1)
}

/// Runs one point; `None` if it was ended from outside.
fn run_point(
    study: &Study,
    index: usize,
    threads: usize,
    catalogue: &(dyn Catalogue + Sync),
    options: &StudyOptions<'_>,
) -> Result<Option<PointResult>, String> {
    let plan = study.plan_of(index, catalogue).map_err(|errors| first_line(&errors))?;
    let mut app = (options.app)();
    let run_options = RunOptions { threads, simd: options.simd, keep: options.keep, cancel: options.cancel, progress: &mut |_| () };
    let outcome = run(&plan, &mut app, run_options).map_err(|error| error.to_string())?;
    if let Some(fault) = &outcome.fault {
        return Err(fault.to_string());
    }
    if outcome.summary.cut_short.is_some() {
        return Ok(None);
    }
    let record = PointRecord { recorded: options.keep, ..measure(study, &study.point(index), &plan, &outcome, catalogue) };
    let result = PointResult { summary: outcome.summary.clone(), point: record };
    (options.finished)(&result, &outcome)?;
    Ok(Some(result))
}

fn first_line(errors: &[ExperimentError]) -> String {
    let more = errors.len().saturating_sub(1);
    let first = errors.first().map_or(String::new(), ExperimentError::to_string);
    if more == 0 { first } else { format!("{first} (and {more} more)") }
}

impl Study {
    /// What a single run gave, as a point of this study.
    pub fn result(&self, outcome: &Outcome, catalogue: &dyn Catalogue) -> PointResult {
        let record = measure(self, &self.point(0), &self.plan, outcome, catalogue);
        PointResult { summary: outcome.summary.clone(), point: record }
    }
}

/// Takes the measures of a run, and what claims need.
fn measure(study: &Study, point: &Point, plan: &Plan, outcome: &Outcome, catalogue: &dyn Catalogue) -> PointRecord {
    let recorded = Recorded {
        plan,
        spikes: outcome.spikes.as_ref(),
        traces: &outcome.traces,
        energy: &outcome.summary.energy,
        simulated_ms: outcome.summary.simulated_s * 1000.0,
    };
    let host = RunHost::new(plan, catalogue, Some(recorded));
    let names = scope(plan);
    let of_measure = |measure: &crate::design::MeasurePlan| match measure.expression.evaluate_with(&names, &host) {
        Ok(Value::Number { value, .. }) if value.is_finite() => Some(value),
        _ => None,
    };
    let mut quantities = BTreeMap::new();
    for quantity in study.plan.claims.iter().flat_map(|claim| &claim.quantities) {
        if !quantities.contains_key(&quantity.key) {
            let value = quantity.value(&recorded);
            quantities.insert(quantity.key.clone(), value.is_finite().then_some(value));
        }
    }
    PointRecord {
        index: point.index,
        key: study.key(point.index),
        study: study.identity.clone(),
        description: point.describe(),
        measures: study.plan.measures.iter().map(of_measure).collect(),
        quantities,
        recorded: true,
    }
}
