//! `neuropil plot`: draws the pictures of a folder of results again.

use crate::arguments::Plot;
use crate::output::{Failure, print};
use neuropil_experiment::draw_results;
use neuropil_record::{RunSummary, SpikeTable, TraceTable};

/// Runs the command.
pub fn plot(arguments: &Plot) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let summary = RunSummary::read(&folder.join("summary.json")).map_err(Failure::message)?;
    let spikes = match folder.join("spikes.parquet") {
        path if path.exists() => Some(SpikeTable::read_parquet(&path).map_err(Failure::message)?),
        _ => None,
    };
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::message(format!("{}: {error}", folder.display())))?;
    let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    let mut traces = Vec::new();
    for name in &names {
        if let Some(recorder) = name.strip_prefix("trace_").and_then(|n| n.strip_suffix(".parquet")) {
            traces.push((recorder.to_string(), TraceTable::read_parquet(&folder.join(name)).map_err(Failure::message)?));
        }
    }
    let written = draw_results(&summary, spikes.as_ref(), &traces, folder, arguments.theme.into());
    match written.failed {
        Some(error) => Err(Failure::message(error)),
        None if written.names.is_empty() => {
            Err(Failure::message(format!("{}: no spikes and no traces to draw; run with --out", folder.display())))
        }
        None => print(&format!("written to {}: {}\n", folder.display(), written.names.join("  "))),
    }
}
