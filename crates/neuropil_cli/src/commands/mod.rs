//! One file a command.

pub mod convert;
pub mod inspect;
pub mod models;
pub mod plot;
pub mod run;
pub mod validate;

use crate::arguments::Changes;
use crate::output::Failure;
use neuropil::prelude::{App, NeuropilPlugins};
use neuropil_experiment::{Plan, Settings, read, registered_models};
use std::path::Path;

/// An app with everything the program can name.
fn app() -> App {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    app
}

/// Reads an experiment as the command line changes it.
fn plan(app: &App, file: &Path, changes: &Changes) -> Result<Plan, Failure> {
    let mut settings = Settings { duration: changes.duration.clone(), seed: changes.seed, ..Default::default() };
    for assignment in &changes.set {
        settings.push(assignment).map_err(|error| Failure::Refused(vec![error.render()]))?;
    }
    read(file, &settings, &registered_models(app)).map_err(|errors| Failure::Refused(errors.iter().map(|error| error.render()).collect()))
}
