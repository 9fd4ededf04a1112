//! `neuropil run`: an experiment from its file to results.

use crate::arguments::Run;
use crate::output::{Failure, complain, print};
use crate::progress::Bar;
use crate::table;
use neuropil_core::Simd;
use neuropil_experiment::{ResultFiles, RunOptions, Written, write_results};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Runs the command.
pub fn run(arguments: &Run) -> Result<(), Failure> {
    let mut app = super::app();
    let plan = super::plan(&app, &arguments.file, &arguments.changes)?;
    let simd = match &arguments.kernels {
        Some(name) => name.parse::<Simd>().map_err(|error| Failure::message(format!("--kernels: {error}")))?,
        None => Simd::detect(),
    };
    if let Some(folder) = &arguments.out {
        prepare(folder)?;
    }
    let threads = arguments.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let cancel = Arc::new(AtomicBool::new(false));
    let signal = cancel.clone();
    let handler = ctrlc::set_handler(move || {
        // The first Ctrl-C ends the run after its present slice, a second one ends the program.
        if signal.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    });
    let bar = Bar::new(plan.duration_ms, arguments.quiet || arguments.json);
    let options = RunOptions { threads, simd, keep: !arguments.no_record, cancel: &cancel, progress: &mut |progress| bar.show(progress) };
    let outcome = neuropil_experiment::run(&plan, &mut app, options);
    bar.clear();
    let mut outcome = outcome.map_err(|error| Failure::Refused(vec![error.render()]))?;
    if let Err(error) = handler {
        outcome.summary.warnings.push(format!("Ctrl-C could not be caught: {error}"));
    }

    let files = ResultFiles { csv: arguments.csv, theme: arguments.theme.into() };
    let Written { names: written, failed } =
        arguments.out.as_ref().map(|folder| write_results(&outcome, folder, files)).unwrap_or_default();
    let summary = &outcome.summary;
    if arguments.json {
        let text = serde_json::to_string(summary).map_err(|error| Failure::message(format!("the summary: {error}")))?;
        print(&text)?;
    } else {
        let mut text = format!("{}\n\n{}\n\n{}\n", table::heading(summary), table::populations(summary), table::costs(summary));
        if !plan.defaults_used.is_empty() {
            text += &format!("defaults used: {}\n", plan.defaults_used.join(", "));
        }
        match (&arguments.out, written.is_empty()) {
            (Some(folder), false) => text += &format!("written to {}: {}\n", folder.display(), written.join("  ")),
            (Some(_), true) => {}
            (None, _) => text += "nothing was written; --out DIR keeps spikes, traces and pictures\n",
        }
        print(&text)?;
    }
    complain(&summary.warnings.iter().map(|w| format!("warning: {w}")).collect::<Vec<_>>());
    let mut messages = Vec::new();
    if let Some(fault) = &outcome.fault {
        let kept = match &arguments.out {
            Some(folder) if failed.is_none() => format!("; {} s of results kept in {}", summary.simulated_s, folder.display()),
            _ => String::new(),
        };
        messages.push(format!("error: {fault}{kept}"));
    }
    messages.extend(failed.map(|error| format!("error: {error}")));
    if !messages.is_empty() {
        return Err(Failure::Refused(messages));
    }
    match &summary.cut_short {
        Some(reason) => {
            complain(std::slice::from_ref(reason));
            Err(Failure::Interrupted)
        }
        None => Ok(()),
    }
}

/// Makes the folder for results, and sees that files can be made in it, before the work begins.
fn prepare(folder: &Path) -> Result<(), Failure> {
    let refuse = |error: std::io::Error| Failure::message(format!("--out {}: cannot write there: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(refuse)?;
    let probe = folder.join(format!(".neuropil-{}", std::process::id()));
    std::fs::write(&probe, b"neuropil").map_err(refuse)?;
    std::fs::remove_file(&probe).map_err(refuse)
}
