//! `neuropil run`: an experiment from its file to results.

use crate::arguments::Run;
use crate::claims;
use crate::output::{self, Failure, complain, print};
use crate::progress::Bar;
use crate::table;
use neuropil_core::Simd;
use neuropil_experiment::{DrawnCells, ResultFiles, RunOptions, Written, registered_models, write_results};

/// What stands behind the summary of an experiment that has claims.
#[derive(serde::Serialize)]
struct Claims<'a> {
    claims: &'a [neuropil_experiment::Evidence],
}

/// Runs the command.
pub fn run(arguments: &Run) -> Result<(), Failure> {
    let mut app = super::app();
    let models = registered_models(&app);
    let study = super::study(&arguments.file, &arguments.changes, &models)?;
    let simd = match &arguments.kernels {
        Some(name) => name.parse::<Simd>().map_err(|error| Failure::message(format!("--kernels: {error}")))?,
        None => Simd::detect(),
    };
    if !study.plan().design.is_single() {
        return super::study::run(arguments, &study, &models, simd);
    }
    if arguments.shard.is_some() || arguments.keep_all {
        let flag = if arguments.shard.is_some() { "--shard" } else { "--keep-all" };
        return Err(Failure::message(format!("{flag}: the experiment has one point; `arms`, `sweep` or `seeds` make more")));
    }
    let plan = study.plan();
    if let Some(folder) = &arguments.out {
        super::prepare(folder)?;
        app.insert_resource(DrawnCells::Any);
    }
    let threads = super::threads(arguments.threads);
    let (cancel, uncaught) = super::cancel_on_interrupt();
    let bar = Bar::new(plan.duration_ms, arguments.quiet || arguments.json);
    let options = RunOptions { threads, simd, keep: !arguments.no_record, cancel: &cancel, progress: &mut |progress| bar.show(progress) };
    let outcome = neuropil_experiment::run(plan, &mut app, options);
    bar.clear();
    let mut outcome = outcome.map_err(|error| Failure::Refused(vec![error.render()]))?;
    outcome.summary.warnings.extend(uncaught);
    let measured = !arguments.no_record && outcome.summary.cut_short.is_none();
    let result = measured.then(|| study.result(&outcome, &models));
    let evidence = result.map(|result| study.evidence(&[result], &models)).unwrap_or_default();

    let files = ResultFiles { csv: arguments.csv, theme: arguments.theme.into() };
    let Written { names: written, failed } =
        arguments.out.as_ref().map(|folder| write_results(&outcome, folder, files)).unwrap_or_default();
    let summary = &outcome.summary;
    if arguments.json {
        print(&output::object(Some(summary), (!evidence.is_empty()).then_some(Claims { claims: &evidence }))?)?;
    } else {
        let mut text = format!("{}\n\n{}\n\n{}\n", table::heading(summary), table::populations(summary), table::costs(summary));
        let energy = table::energy(summary);
        if !energy.is_empty() {
            text += &format!("\n{energy}\n");
        }
        if !plan.defaults_used.is_empty() {
            text += &format!("defaults used: {}\n", plan.defaults_used.join(", "));
        }
        if !evidence.is_empty() {
            text += &format!("\n{}", claims::in_run(&evidence, arguments.changes.any()));
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
