//! `neuropil models`: what can be named in an experiment, from the models' own pages.

use crate::arguments::Models;
use crate::output::{Failure, print};
use neuropil_core::Registry;
use neuropil_neurons::ModelEntry;

/// Runs the command.
pub fn models(arguments: &Models) -> Result<(), Failure> {
    let app = super::app();
    let registry = app.world().resource::<Registry<ModelEntry>>();
    let text = match &arguments.name {
        Some(name) => {
            let entry = registry.require("model", name).map_err(Failure::message)?;
            format!("{name}\n\n{}", plain(&entry.page()))
        }
        None => {
            let width = registry.names().map(str::len).max().unwrap_or(0);
            let lines =
                registry.iter().map(|(name, entry)| format!("{name:width$}   {}\n", entry.page().lines().next().unwrap_or_default()));
            format!("{}\n`neuropil models NAME` prints equations, parameters, state and references.\n", lines.collect::<String>())
        }
    };
    print(&text)
}

/// A page as plain text: headings underlined, tables aligned, links and fences taken away.
fn plain(page: &str) -> String {
    let mut text = String::new();
    let mut table: Vec<Vec<String>> = Vec::new();
    for line in page.lines().chain([""]) {
        if let Some(cells) = line.strip_prefix("| ").and_then(|l| l.strip_suffix(" |").or_else(|| l.strip_suffix('|'))) {
            let row: Vec<String> = cells.split(" | ").map(|c| c.trim().replace(['`', '[', ']'], "")).collect();
            if !row.iter().all(|c| c.chars().all(|c| c == '-')) || row.iter().all(String::is_empty) {
                table.push(row);
            }
            continue;
        }
        text += &aligned(&std::mem::take(&mut table));
        if let Some(heading) = line.strip_prefix("# ") {
            text += &format!("{}\n", heading.to_uppercase());
        } else if !line.starts_with("```") {
            text += &format!("{line}\n");
        }
    }
    text
}

fn aligned(table: &[Vec<String>]) -> String {
    let columns = table.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| table.iter().filter_map(|row| row.get(column)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in table {
        let mut line = String::from("  ");
        for (cell, width) in row.iter().zip(&widths) {
            line += &format!("{cell}{}   ", " ".repeat(width - cell.chars().count()));
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
