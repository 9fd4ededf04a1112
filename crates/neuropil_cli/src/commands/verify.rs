//! `neuropil verify`: what experiments claim, beside what is measured.

use crate::arguments::Verify;
use crate::claims;
use crate::output::{Failure, complain, print};
use crate::progress::Bar;
use neuropil_core::Simd;
use neuropil_experiment::{Catalogue, Evidence, ExperimentError, Study, StudyOptions, registered_models, run_study};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Where experiments are looked for if none is named.
const DEFAULT: &str = "assets/experiments";

/// Runs the command.
pub fn verify(arguments: &Verify) -> Result<(), Failure> {
    let models = registered_models(&super::app());
    let (studies, incomplete) = studies(arguments, &models)?;
    let (cancel, uncaught) = super::cancel_on_interrupt();
    complain(&uncaught.iter().map(|warning| format!("warning: {warning}")).collect::<Vec<_>>());
    let (mut evidence, mut failures, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    for study in &studies {
        if arguments.quick && !study.plan().quick {
            skipped.push(study.plan().path.display().to_string());
            continue;
        }
        let found = of_study(study, &models, arguments, &cancel);
        if cancel.load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        let (claims, failed) = found;
        evidence.extend(claims);
        failures.extend(failed);
    }
    if arguments.json {
        skipped.extend(incomplete);
        let object = serde_json::json!({ "claims": evidence, "skipped": skipped, "failures": failures });
        print(&object.to_string())?;
    } else if arguments.markdown {
        print(&claims::markdown(&evidence))?;
    } else {
        let mut text = claims::table(&evidence);
        if !skipped.is_empty() {
            text += &format!("left out, because they are not quick: {}\n", skipped.join("  "));
        }
        if !incomplete.is_empty() {
            text += &format!("left out, because they need a connectome of yours (--set connectome=FILE): {}\n", incomplete.join("  "));
        }
        print(&text)?;
    }
    if !failures.is_empty() {
        return Err(Failure::Refused(failures.iter().map(|failure| format!("error: {failure}")).collect()));
    }
    if evidence.iter().all(|e| e.held) { Ok(()) } else { Err(Failure::ClaimFell) }
}

/// All experiments that have claims, read and checked before the first one runs; and those of folders that need a connectome first.
fn studies(arguments: &Verify, models: &(dyn Catalogue + Sync)) -> Result<(Vec<Study>, Vec<String>), Failure> {
    let default = [PathBuf::from(DEFAULT)];
    let paths: &[PathBuf] = if arguments.paths.is_empty() { &default } else { &arguments.paths };
    let (mut studies, mut incomplete) = (Vec::new(), Vec::new());
    for path in paths {
        let files = if path.is_dir() { experiments(path)? } else { vec![path.clone()] };
        for file in files {
            let needs = |error: &ExperimentError| matches!(error, ExperimentError::NeedsConnectome { .. });
            let study = match super::try_study(&file, &arguments.changes, models)? {
                Ok(study) => study,
                Err(errors) if file != *path && errors.iter().any(needs) => {
                    incomplete.push(file.display().to_string());
                    continue;
                }
                Err(errors) => return Err(super::refused(&errors)),
            };
            if !study.plan().claims.is_empty() {
                study.check(models).map_err(|errors| super::refused(&errors))?;
                studies.push(study);
            } else if file == *path {
                return Err(Failure::message(format!(
                    "{}: there are no claims to verify; `claims: [(claim: …, …)]` states some",
                    file.display()
                )));
            }
        }
    }
    if studies.is_empty() {
        let places: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(Failure::message(format!("{}: no experiment there has claims to verify", places.join(" "))));
    }
    Ok((studies, incomplete))
}

/// The experiments of a folder, by name.
fn experiments(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| Failure::message(format!("{}: {error}", folder.display())))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "ron"));
    files.sort();
    Ok(files)
}

/// Runs all points of an experiment; its claims, and what failed.
fn of_study(study: &Study, models: &(dyn Catalogue + Sync), arguments: &Verify, cancel: &AtomicBool) -> (Vec<Evidence>, Vec<String>) {
    let points: Vec<usize> = (0..study.points()).collect();
    let bar = Bar::points(points.len(), &study.plan().title, arguments.json);
    let options = StudyOptions {
        threads: super::threads(arguments.threads),
        simd: Simd::detect(),
        keep: true,
        cancel,
        points: &points,
        app: &super::app,
        progress: &|done| bar.count(done),
        finished: &|_, _| Ok(()),
    };
    let outcome = run_study(study, models, &options);
    bar.clear();
    let file = study.plan().path.display();
    let failed = outcome.failures.iter().map(|failure| format!("{file}: {}: {}", failure.description, failure.reason)).collect();
    (study.evidence(&outcome.results, models), failed)
}
