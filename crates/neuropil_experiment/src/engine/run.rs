//! Running an experiment from its first to its last step.

use super::record::{Recording, sample_start};
use super::spawn::spawn;
use crate::contents::{FileRead, hexadecimal};
use crate::error::ExperimentError;
use crate::plan::{Plan, ProjectionPlan, RecorderPlan};
use bevy_app::App;
use neuropil_core::memory::available_bytes;
use neuropil_core::{Clock, Fault, Layout, Populations, Registry, RunSettings, Simd, Simulate};
use neuropil_dendrites::energy::{PopulationEnergy, ReadEnergy};
use neuropil_neurons::ModelEntry;
use neuropil_record::{
    EnergyBill, MechanismBill, PaintedCell, RunSummary, SpikeMeter, SpikeTable, TraceTable, WeightTable, peak_rss_bytes,
};
use neuropil_synapses::{ReadSynapses, Synapses, Transmission};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Memory that a spike in a table takes.
const BYTES_PER_SPIKE: f64 = 4.0;

/// Choices of a run that do not change its spikes.
pub struct RunOptions<'a> {
    /// Threads that may be used.
    pub threads: usize,
    /// Instruction set of the kernels.
    pub simd: Simd,
    /// Whether the recorders keep what they see.
    pub keep: bool,
    /// Set from outside to end the run early.
    pub cancel: &'a AtomicBool,
    /// Called ten times a second at most.
    pub progress: &'a mut dyn FnMut(Progress),
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Biological time simulated, ms.
    pub simulated_ms: f64,
    /// Biological time in all, ms.
    pub duration_ms: f64,
    /// Wall-clock time since the first step, s.
    pub elapsed_s: f64,
    /// Spikes so far.
    pub spikes: u64,
}

/// What a run gave.
pub struct Outcome {
    /// The summary.
    pub summary: RunSummary,
    /// Statistics of spikes, with distributions over neurons.
    pub meter: SpikeMeter,
    /// The spikes kept, if any were asked for.
    pub spikes: Option<SpikeTable>,
    /// The traces kept, by the recorders' names.
    pub traces: Vec<(String, TraceTable)>,
    /// The weights kept, by the recorders' names.
    pub weights: Vec<(String, WeightTable)>,
    /// The cells kept to be drawn, by the recorders' names, or those of their populations; see [`DrawnCells`](super::DrawnCells).
    pub cells: Vec<(String, PaintedCell)>,
    /// Why it ended early, if the network was at fault.
    pub fault: Option<Fault>,
}

/// Spawns and runs a plan in an app that has the engine's plugins.
///
/// A fault during the run is part of the outcome, since what was recorded before it is worth keeping.
///
/// # Errors
/// What cannot be built.
pub fn run(plan: &Plan, app: &mut App, options: RunOptions<'_>) -> Result<Outcome, ExperimentError> {
    if options.keep {
        plan.check_recording()?;
    }
    let start = Instant::now();
    {
        let mut settings = app.world_mut().resource_mut::<RunSettings>();
        (settings.threads, settings.simd) = (options.threads.max(1), options.simd);
    }
    spawn(plan, app, options.keep)?;
    app.build_network().map_err(|fault| ExperimentError::Build { file: plan.path.display().to_string(), message: fault.to_string() })?;
    sample_start(app.world_mut());
    let build = start.elapsed();

    let start = Instant::now();
    let (steps, slice) = (plan.steps(), app.world().resource::<Clock>().slice_steps());
    let mut done = 0;
    let mut fault = None;
    let mut cancelled = false;
    let mut told = Duration::ZERO;
    while done < steps {
        let next = slice.min(steps - done);
        if let Err(error) = app.advance_steps(next) {
            done = app.world().resource::<Clock>().step();
            fault = Some(error);
            break;
        }
        done += next;
        let elapsed = start.elapsed();
        if elapsed - told > Duration::from_millis(100) {
            told = elapsed;
            let spikes = app.world().get_resource::<Recording>().and_then(|r| r.spikes.as_ref()).map_or(0, SpikeTable::len);
            fault = full_memory(spikes, available_bytes().unwrap_or(f64::INFINITY));
            if fault.is_some() {
                break;
            }
            (options.progress)(progress(plan, app, done, elapsed));
        }
        if options.cancel.load(Ordering::Relaxed) && done < steps {
            cancelled = true;
            break;
        }
    }
    let elapsed = start.elapsed();
    (options.progress)(progress(plan, app, done, elapsed));
    let Some(recording) = app.world_mut().remove_resource::<Recording>() else {
        return Err(ExperimentError::Build {
            file: plan.path.display().to_string(),
            message: "the recording was removed during the run".to_string(),
        });
    };
    let summary = summarise(plan, app, &recording, &Timing { build, run: elapsed, steps: done, cancelled }, fault.as_ref(), options.simd);
    let traces = recording.traces.into_iter().map(|t| (t.name, t.table)).collect();
    let cells = recording.paintings.into_iter().map(|painting| (painting.name, painting.cell)).collect();
    let weights = if options.keep { weights(plan, app, done)? } else { Vec::new() };
    Ok(Outcome { summary, meter: recording.meter, spikes: recording.spikes, traces, weights, cells, fault })
}

/// The weights that recorders ask for, as they are after `step`.
fn weights(plan: &Plan, app: &mut App, step: u64) -> Result<Vec<(String, WeightTable)>, ExperimentError> {
    let mut tables = Vec::new();
    for recorder in &plan.recorders {
        let RecorderPlan::Weights { name, of, place } = recorder else { continue };
        let refuse = |message: String| ExperimentError::Refused { at: place.clone(), message };
        let projections: Vec<&ProjectionPlan> = of.iter().filter_map(|index| plan.projections.get(*index)).collect();
        let named: Vec<(&str, &str)> =
            projections.iter().map(|projection| (projection.name.as_str(), unit(plan, app, projection))).collect();
        let mut table = WeightTable::new(&named, plan.time_step_ms).map_err(|error| refuse(error.to_string()))?;
        for (index, (projection, _)) in named.iter().enumerate() {
            for synapse in app.synapses_of(projection).map_err(|error| refuse(error.to_string()))? {
                table.push(step, index, synapse.source, synapse.target, synapse.weight);
            }
        }
        tables.push((name.clone(), table));
    }
    Ok(tables)
}

/// The unit of a projection's weights.
fn unit(plan: &Plan, app: &App, projection: &ProjectionPlan) -> &'static str {
    if projection.transmission == Transmission::Electrical {
        return "nS";
    }
    let target = projection.to.first().and_then(|index| plan.populations.get(*index));
    let registry = app.world().get_resource::<Registry<ModelEntry>>();
    let receptors =
        target.zip(registry).and_then(|(target, registry)| registry.get(&target.model)).map_or(&[][..], |entry| entry.receptors);
    let named = receptors.iter().find(|receptor| projection.receptor.as_deref() == Some(&receptor.name));
    if let Some(cells) = target.and_then(|target| target.cells.as_ref()) {
        let receptors = &cells.description.receptors;
        let named = receptors.iter().find(|receptor| projection.receptor.as_deref() == Some(&receptor.name));
        return named.or(receptors.first()).map_or("", |receptor| receptor.unit);
    }
    named.or(receptors.first()).map_or("", |receptor| receptor.unit)
}

/// A fault if the spikes kept take more memory than is left, in bytes: the run ends while they can still be written.
fn full_memory(spikes: u64, available: f64) -> Option<Fault> {
    let kept = spikes as f64 * BYTES_PER_SPIKE;
    (kept > available).then(|| {
        let gib = |bytes: f64| bytes / 1_073_741_824.0;
        let (kept, available) = (gib(kept), gib(available));
        Fault::Other(format!(
            "spikes take {kept:.1} GiB of memory, and {available:.1} GiB are free; record fewer populations or a shorter time"
        ))
    })
}

fn progress(plan: &Plan, app: &App, steps: u64, elapsed: Duration) -> Progress {
    Progress {
        simulated_ms: steps as f64 * plan.time_step_ms,
        duration_ms: plan.duration_ms,
        elapsed_s: elapsed.as_secs_f64(),
        spikes: app.world().resource::<neuropil_core::SpikeExchange>().total(),
    }
}

struct Timing {
    build: Duration,
    run: Duration,
    steps: u64,
    cancelled: bool,
}

fn summarise(plan: &Plan, app: &App, recording: &Recording, timing: &Timing, fault: Option<&Fault>, simd: Simd) -> RunSummary {
    let world = app.world();
    let synapses = world.resource::<Synapses>();
    // Rounded to a nanosecond, so that it reads as it was written.
    let seconds = |ms: f64| (ms * 1e6).round() / 1e9;
    let simulated_s = seconds(world.resource::<Clock>().time_of(timing.steps).0);
    let run_s = timing.run.as_secs_f64();
    let cut_short = match fault {
        Some(fault) => Some(fault.to_string()),
        None if timing.cancelled => Some(format!("interrupted after {simulated_s} s of {} s", seconds(plan.duration_ms))),
        None => None,
    };
    RunSummary {
        version: env!("CARGO_PKG_VERSION").to_string(),
        experiment: plan.path.display().to_string(),
        seed: plan.seed,
        threads: world.resource::<Layout>().workers() as u64,
        neurons: u64::from(world.resource::<Populations>().neurons()),
        synapses: synapses.count(),
        build_s: timing.build.as_secs_f64(),
        run_s,
        simulated_s,
        real_time_factor: if simulated_s > 0.0 { run_s / simulated_s } else { f64::NAN },
        spikes: recording.meter.spikes(),
        synaptic_events: synapses.events(),
        bytes_per_synapse: if synapses.count() > 0 { synapses.bytes() as f64 / synapses.count() as f64 } else { 0.0 },
        peak_rss_bytes: peak_rss_bytes(),
        spike_digest: recording.meter.digest_hex(),
        populations: recording.meter.statistics(timing.steps),
        provenance: provenance(plan, simd),
        title: plan.title.clone(),
        references: plan.references.clone(),
        warnings: plan.warnings.clone(),
        cut_short,
        energy: energy(app, recording, timing.steps, simulated_s),
    }
}

/// What each metered population paid.
fn energy(app: &App, recording: &Recording, steps: u64, simulated_s: f64) -> Vec<EnergyBill> {
    let statistics = recording.meter.statistics(steps);
    let bill = |energy: PopulationEnergy| {
        let own = statistics.iter().find(|own| own.name == energy.population);
        let mechanisms = energy.mechanisms.iter().map(|mechanism| MechanismBill {
            name: mechanism.name.clone(),
            charge_fc: mechanism.charge.net_fc,
            sodium_fc: mechanism.charge.sodium_fc,
            calcium_fc: mechanism.charge.calcium_fc,
            atp: mechanism.charge.atp(),
            arrivals: mechanism.arrivals,
        });
        let (size, spikes) = own.map_or((1, 0), |own| (own.size, own.spikes));
        EnergyBill::new(energy.population.clone(), size, simulated_s, spikes, mechanisms.collect())
    };
    app.energy().into_iter().map(bill).collect()
}

/// What made the result.
fn provenance(plan: &Plan, simd: Simd) -> BTreeMap<String, String> {
    let hash = hexadecimal(Sha256::digest(plan.text.as_bytes()));
    let mut provenance = BTreeMap::from([
        ("experiment_sha256".to_string(), hash),
        ("kernels".to_string(), simd.to_string()),
        ("dt_ms".to_string(), plan.time_step_ms.to_string()),
        ("duration_ms".to_string(), plan.duration_ms.to_string()),
        ("defaults_used".to_string(), plan.defaults_used.join("; ")),
    ]);
    provenance.extend(plan.files().map(FileRead::provenance));
    for recorder in &plan.recorders {
        if let RecorderPlan::Spikes { name, of, neurons: Some(_) } = recorder {
            let whole: usize = of.iter().filter_map(|index| plan.populations.get(*index)).map(|population| population.size).sum();
            let kept = plan.neurons_of(recorder).len();
            provenance.insert(format!("recorders.{name}"), format!("spikes of {kept} of {whole} neurons"));
        }
    }
    provenance.extend(plan.parameters.iter().map(|(name, value)| (format!("parameters.{name}"), value.to_string())));
    provenance
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: a run ends when its spikes take more memory than is left, and says both.
    #[test]
    fn spikes_end_a_run_before_they_fill_the_memory() {
        let gib = 1_073_741_824.0;
        let message = full_memory(1 << 30, 3.9 * gib).map(|fault| fault.to_string());
        assert!(message.as_deref().is_some_and(|m| m.starts_with("spikes take 4.0 GiB of memory, and 3.9 GiB are free")), "{message:?}");
        assert_eq!([full_memory(1 << 30, 4.1 * gib), full_memory(0, 0.0), full_memory(u64::MAX, f64::INFINITY)], [const { None }; 3]);
    }
}
