//! Claims beside what was measured, for people.

use crate::table::{grouped, significant};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use neuropil_experiment::Evidence;

/// A number with its standard error and unit.
fn measured(evidence: &Evidence) -> String {
    let Some(value) = evidence.measured else { return "undefined".to_string() };
    let error = evidence.standard_error.map_or(String::new(), |error| format!(" ± {}", significant(error)));
    format!("{}{error}{}", figures(value), unit(evidence))
}

fn published(evidence: &Evidence) -> String {
    evidence.published.map_or("–".to_string(), |value| format!("{value}{}", unit(evidence)))
}

fn unit(evidence: &Evidence) -> String {
    if evidence.unit.is_empty() { String::new() } else { format!(" {}", evidence.unit) }
}

/// Four significant digits, whole numbers as they are.
fn figures(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e9 {
        return format!("{value}");
    }
    if !(1e-3..1e9).contains(&value.abs()) {
        return format!("{value:.3e}");
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 6) as usize;
    format!("{value:.digits$}")
}

fn verdict(evidence: &Evidence) -> &'static str {
    if evidence.held { "held" } else { "NOT HELD" }
}

fn plain() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table
}

/// The claims of one run.
pub fn in_run(evidence: &[Evidence], changed: bool) -> String {
    let mut table = plain();
    table.set_header(["claim", "measured", "published", "tolerance", ""]);
    for e in evidence {
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        table.add_row([Cell::new(&e.claim), right(measured(e)), right(published(e)), Cell::new(&e.tolerance), Cell::new(verdict(e))]);
    }
    let note = if changed { "the claims are those of the experiment as the file has it; this run was changed\n" } else { "" };
    format!("{table}\n{note}")
}

/// The table of evidence of several experiments.
pub fn table(evidence: &[Evidence]) -> String {
    let mut table = plain();
    table.set_header(["experiment", "claim", "measured", "published", "tolerance", "", "source"]);
    for e in evidence {
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        table.add_row([
            Cell::new(stem(e)),
            Cell::new(&e.claim),
            right(measured(e)),
            right(published(e)),
            Cell::new(&e.tolerance),
            Cell::new(verdict(e)),
            Cell::new(&e.source),
        ]);
    }
    let held = evidence.iter().filter(|e| e.held).count() as u64;
    format!("{table}\n\n{} of {} claims held\n", grouped(held), grouped(evidence.len() as u64))
}

/// The same as Markdown.
pub fn markdown(evidence: &[Evidence]) -> String {
    let mut text =
        "| experiment | claim | measured | published | tolerance | held | source |\n| --- | --- | --- | --- | --- | --- | --- |\n"
            .to_string();
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', " ");
    for e in evidence {
        let held = if e.held { "yes" } else { "**no**" };
        let note = if e.note.is_empty() { String::new() } else { format!("; {}", cell(&e.note)) };
        text += &format!(
            "| `{}` | {} | {} | {} | {} | {held} | {}{note} |\n",
            stem(e),
            cell(&e.claim),
            measured(e),
            published(e),
            cell(&e.tolerance),
            cell(&e.source)
        );
    }
    text
}

fn stem(evidence: &Evidence) -> String {
    let path = std::path::Path::new(&evidence.experiment);
    path.file_stem().map_or(evidence.experiment.clone(), |stem| stem.to_string_lossy().into_owned())
}
