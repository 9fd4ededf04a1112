//! `neuropil run` of an experiment with arms, swept parameters or seeds: all its points, one table.

use crate::arguments::Run;
use crate::claims;
use crate::output::{self, Failure, complain, print};
use crate::progress::Bar;
use crate::table::{self, grouped, significant};
use neuropil_core::Simd;
use neuropil_experiment::study::{PointFailure, StudyFiles, StudyTable};
use neuropil_experiment::{Catalogue, DrawnCells, Evidence, PointResult, ResultFiles, Study, StudyOptions, run_study, write_results};
use neuropil_record::{ResultColumn, ResultTable, Theme};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Runs all points, or one part of them.
pub fn run(arguments: &Run, study: &Study, models: &(dyn Catalogue + Sync), simd: Simd) -> Result<(), Failure> {
    study.check(models).map_err(|errors| super::refused(&errors))?;
    let plan = study.plan();
    if arguments.no_record && (!plan.measures.is_empty() || arguments.keep_all) {
        return Err(Failure::message("--no-record: the measures of the experiment are taken of what is recorded"));
    }
    let points: Vec<usize> = (0..study.points()).filter(|point| arguments.shard.is_none_or(|shard| shard.has(*point))).collect();
    let table = StudyTable { shard: arguments.shard, ..study.table() };
    let keep = !arguments.no_record && (arguments.keep_all || !plan.measures.is_empty() || !plan.claims.is_empty());
    let files = match &arguments.out {
        Some(folder) => {
            super::prepare(folder)?;
            Some(StudyFiles::create(folder, &table).map_err(Failure::message)?)
        }
        None => None,
    };
    let mut results = files.as_ref().map(|files| files.finished(study, &points, keep)).unwrap_or_default();
    let before = results.len();
    let left: Vec<usize> =
        points.iter().copied().filter(|point| results.binary_search_by_key(point, |result| result.point.index).is_err()).collect();

    let (cancel, uncaught) = super::cancel_on_interrupt();
    complain(&uncaught.iter().map(|warning| format!("warning: {warning}")).collect::<Vec<_>>());
    let bar = Bar::points(left.len(), &plan.title, arguments.quiet || arguments.json);
    let kinds = ResultFiles { csv: arguments.csv, theme: arguments.theme.into() };
    let options = StudyOptions {
        threads: super::threads(arguments.threads),
        simd,
        keep,
        cancel: &cancel,
        points: &left,
        app: &|| {
            let mut app = super::app();
            if arguments.out.is_some() && arguments.keep_all {
                app.insert_resource(DrawnCells::Named);
            }
            app
        },
        progress: &|done| bar.count(done),
        finished: &|result, outcome| {
            let Some(files) = &files else { return Ok(()) };
            if arguments.keep_all {
                let folder = files.folder_of(result.point.index, &result.point.key);
                std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
                if let Some(error) = write_results(outcome, &folder, kinds).failed {
                    return Err(error.to_string());
                }
            }
            files.keep(result)
        },
    };
    let outcome = run_study(study, models, &options);
    bar.clear();
    results.extend(outcome.results);
    results.sort_by_key(|result| result.point.index);

    let complete = results.len() == study.points() && !arguments.no_record;
    let evidence = if complete { study.evidence(&results, models) } else { Vec::new() };
    let written = match &arguments.out {
        Some(folder) => write(folder, &table, &results, &outcome.failures, arguments.csv, kinds.theme)?,
        None => Vec::new(),
    };
    if arguments.json {
        print(&object(study, &table, &results, &outcome.failures, &evidence)?)?;
    } else {
        let ran = results.len() - before;
        let mut text = format!(
            "{}   {} point{}   {} run in {} s",
            plan.title,
            grouped(points.len() as u64),
            table::plural(points.len() as u64),
            grouped(ran as u64),
            significant(outcome.elapsed.as_secs_f64())
        );
        if before > 0 {
            text += &format!(", {} finished before", grouped(before as u64));
        }
        text += &format!("\n\n{}\n", table::groups(&table, &results));
        if !evidence.is_empty() {
            text += &format!("\n{}", claims::in_run(&evidence, arguments.changes.any()));
        }
        text += &match &arguments.out {
            Some(folder) => format!("written to {}: {}\n", folder.display(), written.join("  ")),
            None => "nothing was written; --out DIR keeps the table, the picture and each point's summary\n".to_string(),
        };
        print(&text)?;
    }
    if !outcome.failures.is_empty() {
        let line = |failure: &PointFailure| format!("error: {}: {}", failure.description, failure.reason);
        let mut messages: Vec<String> = outcome.failures.iter().take(20).map(line).collect();
        if outcome.failures.len() > 20 {
            messages.push(format!("error: and {} more points", outcome.failures.len() - 20));
        }
        return Err(Failure::Refused(messages));
    }
    if outcome.cancelled && results.len() < points.len() {
        let again = if arguments.out.is_some() { "; run it again with the same --out to go on" } else { "" };
        complain(&[format!("interrupted after {} of {} points{again}", results.len(), points.len())]);
        return Err(Failure::Interrupted);
    }
    Ok(())
}

/// Writes the table and its picture into the folder of a study.
pub fn write(
    folder: &Path,
    table: &StudyTable,
    results: &[PointResult],
    failures: &[PointFailure],
    csv: bool,
    theme: Theme,
) -> Result<Vec<String>, Failure> {
    let rows = table.rows(results, failures);
    let mut names = vec!["table.parquet".to_string()];
    rows.write_parquet(&folder.join("table.parquet")).map_err(Failure::message)?;
    if csv {
        rows.write_csv(&folder.join("table.csv")).map_err(Failure::message)?;
        names.push("table.csv".to_string());
    }
    if let Some(figure) = table.figure(results, theme) {
        let figure = figure.map_err(Failure::message)?;
        figure.write_png(&folder.join("study.png")).map_err(Failure::message)?;
        figure.write_svg(&folder.join("study.svg")).map_err(Failure::message)?;
        names.extend(["study.png", "study.svg"].map(str::to_string));
    }
    names.push("points".to_string());
    Ok(names)
}

/// What stands behind the first point's summary.
#[derive(serde::Serialize)]
struct Others<'a> {
    points: Value,
    table: Map<String, Value>,
    claims: &'a [Evidence],
}

/// The first point's summary with all points, the table and the claims beside it.
fn object(
    study: &Study,
    table: &StudyTable,
    results: &[PointResult],
    failures: &[PointFailure],
    evidence: &[Evidence],
) -> Result<String, Failure> {
    let columns = table.columns(results);
    let rows = table.rows(results, failures);
    let measures = |row: usize| {
        let of = |heading: &str| rows.column(heading).map_or(Value::Null, |column| cell(column, row));
        columns.iter().map(|column| (column.heading.clone(), of(&column.heading))).collect::<Map<String, Value>>()
    };
    let mut all: Vec<(usize, Option<&PointResult>, Option<&PointFailure>)> =
        results.iter().map(|result| (result.point.index, Some(result), None)).collect();
    all.extend(failures.iter().map(|failure| (failure.index, None, Some(failure))));
    all.sort_by_key(|(index, ..)| *index);
    let point = |(row, (index, result, failure)): (usize, &(usize, Option<&PointResult>, Option<&PointFailure>))| {
        let point = study.point(*index);
        let values: Map<String, Value> = point.values.iter().map(|(name, value)| (name.clone(), Value::from(value.to_string()))).collect();
        json!({
            "point": index,
            "arm": point.arm,
            "sweep": values,
            "seed": point.seed,
            "measures": measures(row),
            "spikes": result.map(|result| result.summary.spikes),
            "spike_digest": result.map(|result| &result.summary.spike_digest),
            "run_s": result.map(|result| result.summary.run_s),
            "failed": failure.map(|failure| &failure.reason),
        })
    };
    let points: Value = all.iter().enumerate().map(point).collect();
    output::object(results.first().map(|result| &result.summary), Some(Others { points, table: as_columns(&rows), claims: evidence }))
}

fn cell(column: &ResultColumn, row: usize) -> Value {
    fn at<T: Clone + Into<Value>>(cells: &[Option<T>], row: usize) -> Value {
        cells.get(row).cloned().flatten().map_or(Value::Null, Into::into)
    }
    match column {
        ResultColumn::Text(cells) => at(cells, row),
        ResultColumn::Number(cells) => at(cells, row),
        ResultColumn::Integer(cells) => at(cells, row),
        ResultColumn::Truth(cells) => at(cells, row),
    }
}

fn as_columns(table: &ResultTable) -> Map<String, Value> {
    table.columns().iter().map(|(heading, column)| (heading.clone(), (0..table.rows()).map(|row| cell(column, row)).collect())).collect()
}
