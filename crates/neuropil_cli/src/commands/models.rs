//! `neuropil models`: what can be named in an experiment, from the models' own pages.

use crate::arguments::Models;
use crate::output::{Failure, print};
use neuropil_core::Registry;
use neuropil_dendrites::MechanismEntry;
use neuropil_neurons::ModelEntry;

/// Runs the command.
pub fn models(arguments: &Models) -> Result<(), Failure> {
    let app = super::app();
    let registry = app.world().resource::<Registry<ModelEntry>>();
    let mechanisms = app.world().resource::<Registry<MechanismEntry>>();
    let text = match &arguments.name {
        Some(name) => {
            let page = match mechanisms.get(name) {
                Some(mechanism) => mechanism.page(),
                None => registry.require("model", name).map_err(Failure::message)?.page(),
            };
            format!("{name}\n\n{}", plain(&page))
        }
        None => {
            let width = registry.names().chain(mechanisms.names()).map(str::len).max().unwrap_or(0);
            let line = |name: &str, page: String| format!("{name:width$}   {}\n", page.lines().next().unwrap_or_default());
            let models: String = registry.iter().map(|(name, entry)| line(name, entry.page())).collect();
            let channels: String = mechanisms.iter().map(|(name, entry)| line(name, entry.page())).collect();
            format!(
                "{models}\nchannels and receptors of cells with dendrites\n{channels}\n`neuropil models NAME` prints equations, parameters, state and references.\n"
            )
        }
    };
    print(&text)
}

/// A page as plain text: headings in capitals, tables aligned, links and fences taken away, state variables by the names that files use.
fn plain(page: &str) -> String {
    let mut text = String::new();
    let mut table: Vec<Vec<String>> = Vec::new();
    let mut in_state = false;
    for line in page.lines().chain([""]) {
        if let Some(cells) = line.strip_prefix('|').and_then(|l| l.strip_suffix('|')) {
            let mut row: Vec<String> = cells.split('|').map(|c| c.trim().replace(['`', '[', ']'], "")).collect();
            if in_state && let Some(name) = row.first_mut() {
                *name = if name == "component" { "variable".to_string() } else { snake_case(name) };
            }
            if !row.iter().all(|c| c.chars().all(|c| c == '-')) || row.iter().all(String::is_empty) {
                table.push(row);
            }
            continue;
        }
        text += &aligned(&std::mem::take(&mut table));
        if let Some(heading) = line.strip_prefix("# ") {
            text += &format!("{}\n", heading.to_uppercase());
            in_state = heading == "State";
        } else if !line.starts_with("```") {
            text += &format!("{line}\n");
        }
    }
    text
}

/// `MembranePotential` as `membrane_potential`.
fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
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
