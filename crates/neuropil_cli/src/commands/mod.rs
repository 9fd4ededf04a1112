//! One file a command.

pub mod convert;
pub mod inspect;
pub mod merge;
pub mod models;
pub mod plot;
pub mod run;
pub mod study;
pub mod validate;
pub mod verify;

use crate::arguments::Changes;
use crate::output::Failure;
use neuropil::prelude::{App, NeuropilPlugins};
use neuropil_experiment::{Catalogue, ExperimentError, Settings, Study, read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An app with everything the program can name.
fn app() -> App {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    app
}

/// Reads an experiment with all its points, as the command line changes it.
fn study(file: &Path, changes: &Changes, models: &(dyn Catalogue + Sync)) -> Result<Study, Failure> {
    try_study(file, changes, models)?.map_err(|errors| refused(&errors))
}

/// The same, with what is wrong in the experiment as it is.
fn try_study(file: &Path, changes: &Changes, models: &(dyn Catalogue + Sync)) -> Result<Result<Study, Vec<ExperimentError>>, Failure> {
    let mut settings = Settings { duration: changes.duration.clone(), seed: changes.seed, ..Default::default() };
    (settings.lesions, settings.stimuli) = (changes.lesion.clone(), changes.stimulate.clone());
    for assignment in &changes.set {
        settings.push(assignment).map_err(|error| Failure::Refused(vec![error.render()]))?;
    }
    Ok(read(file, &settings, models).map(|plan| Study::new(plan, settings)))
}

fn refused(errors: &[ExperimentError]) -> Failure {
    Failure::Refused(errors.iter().map(ExperimentError::render).collect())
}

/// The threads to use.
fn threads(wanted: Option<u16>) -> usize {
    wanted.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// A flag that the first Ctrl-C sets, after which a second one ends the program; a warning if that cannot be had.
fn cancel_on_interrupt() -> (Arc<AtomicBool>, Option<String>) {
    let cancel = Arc::new(AtomicBool::new(false));
    let signal = cancel.clone();
    let handler = ctrlc::set_handler(move || {
        if signal.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    });
    (cancel, handler.err().map(|error| format!("Ctrl-C could not be caught: {error}")))
}

/// Makes the folder for results, and sees that files can be made in it, before the work begins.
fn prepare(folder: &Path) -> Result<(), Failure> {
    let refuse = |error: std::io::Error| Failure::message(format!("--out {}: cannot write there: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(refuse)?;
    let probe = folder.join(format!(".neuropil-{}", std::process::id()));
    std::fs::write(&probe, b"neuropil").map_err(refuse)?;
    std::fs::remove_file(&probe).map_err(refuse)
}
