//! Results as files: summary, spikes, traces and pictures in one folder.

use super::run::Outcome;
use neuropil_record::{Figure, PlotOptions, Population, RecordError, RunSummary, SpikeTable, Theme, TraceTable};
use std::path::{Path, PathBuf};

/// Which files to write besides the summary.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResultFiles {
    /// CSV beside Parquet.
    pub csv: bool,
    /// Light or dark pictures.
    pub theme: Theme,
}

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Names of the files.
    pub names: Vec<String>,
    /// The first error, after which the other files were written all the same.
    pub failed: Option<RecordError>,
}

/// Writes everything into `folder`, which must exist; goes on after a file that fails, so that what can be kept is kept.
pub fn write_results(outcome: &Outcome, folder: &Path, files: ResultFiles) -> Written {
    let mut writer = Writer { folder, written: Written::default() };
    writer.write("summary.json", |path| outcome.summary.write(path));
    if let Some(spikes) = &outcome.spikes {
        writer.write("spikes.parquet", |path| spikes.write_parquet(path));
        if files.csv {
            writer.write("spikes.csv", |path| spikes.write_csv(path));
        }
    }
    for (name, table) in &outcome.traces {
        let name = file_name(name);
        writer.write(&format!("trace_{name}.parquet"), |path| table.write_parquet(path));
        if files.csv {
            writer.write(&format!("trace_{name}.csv"), |path| table.write_csv(path));
        }
    }
    for (name, table) in &outcome.weights {
        let name = file_name(name);
        writer.write(&format!("weights_{name}.parquet"), |path| table.write_parquet(path));
        if files.csv {
            writer.write(&format!("weights_{name}.csv"), |path| table.write_csv(path));
        }
    }
    writer.draw(&outcome.summary, outcome.spikes.as_ref(), &outcome.traces, files.theme);
    let options = PlotOptions { title: outcome.summary.title.clone(), theme: files.theme, ..Default::default() };
    // A window that the run did not reach has nothing to show.
    for (name, cell) in outcome.cells.iter().filter(|(_, cell)| !cell.times_ms.is_empty()) {
        let name = format!("cell_{}", file_name(name));
        writer.picture(&name, Figure::painted_cell(cell, &options));
        writer.write(&format!("{name}.gif"), |path| cell.write_gif(path, &options));
    }
    writer.written
}

/// Draws the pictures of results that were read from files. Cells are not among them: the potentials of all their compartments are not written.
pub fn draw_results(
    summary: &RunSummary,
    spikes: Option<&SpikeTable>,
    traces: &[(String, TraceTable)],
    folder: &Path,
    theme: Theme,
) -> Written {
    let mut writer = Writer { folder, written: Written::default() };
    writer.draw(summary, spikes, traces, theme);
    writer.written
}

struct Writer<'a> {
    folder: &'a Path,
    written: Written,
}

impl Writer<'_> {
    fn write(&mut self, name: &str, write: impl FnOnce(&Path) -> Result<(), RecordError>) {
        let path: PathBuf = self.folder.join(name);
        match write(&path) {
            Ok(()) => self.written.names.push(name.to_string()),
            Err(error) => {
                self.written.failed.get_or_insert(error);
            }
        }
    }

    fn draw(&mut self, summary: &RunSummary, spikes: Option<&SpikeTable>, traces: &[(String, TraceTable)], theme: Theme) {
        let simulated_ms = summary.simulated_s * 1000.0;
        if simulated_ms == 0.0 {
            // Interrupted before the first step: there is nothing to see.
            return;
        }
        let mut first = 0;
        let populations = summary.populations.iter().map(|p| {
            let size = u32::try_from(p.size).unwrap_or(u32::MAX);
            let population = Population::new(&p.name, first, size);
            first = first.saturating_add(size);
            population
        });
        let populations = populations.collect();
        // All of the run, also where nobody spiked.
        let options =
            PlotOptions { title: summary.title.clone(), theme, window_ms: Some((0.0, simulated_ms)), populations, ..Default::default() };
        if let Some(spikes) = spikes {
            self.picture("raster", Figure::raster(spikes, &options));
        }
        for (name, table) in traces {
            self.picture(&format!("trace_{}", file_name(name)), Figure::traces(table, &options));
        }
    }

    fn picture(&mut self, name: &str, figure: Result<Figure, RecordError>) {
        match figure {
            Ok(figure) => {
                self.write(&format!("{name}.png"), |path| figure.write_png(path));
                self.write(&format!("{name}.svg"), |path| figure.write_svg(path));
            }
            Err(error) => {
                self.written.failed.get_or_insert(error);
            }
        }
    }
}

/// A recorder's name as part of a file's name.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect()
}
