//! Results as files: summary, spikes, traces and pictures in one folder.

use super::run::Outcome;
use neuropil_record::{Figure, PlotOptions, RecordError, SpikeTable, Theme, TraceTable};
use std::path::{Path, PathBuf};

/// Which files to write besides the summary.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResultFiles {
    /// CSV beside Parquet.
    pub csv: bool,
    /// Light or dark pictures.
    pub theme: Theme,
}

/// Writes everything into `folder`, which must exist; goes on after a file that fails, so that what can be kept is kept.
///
/// Gives the names of the files written, and the first error.
pub fn write_results(outcome: &Outcome, folder: &Path, files: ResultFiles) -> (Vec<String>, Option<RecordError>) {
    let mut writer = Writer { folder, written: Vec::new(), first: None };
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
    writer.draw(&outcome.summary.title, outcome.spikes.as_ref(), &outcome.traces, files.theme);
    (writer.written, writer.first)
}

/// Draws the pictures of results that were read from files.
pub fn draw_results(
    title: &str,
    spikes: Option<&SpikeTable>,
    traces: &[(String, TraceTable)],
    folder: &Path,
    theme: Theme,
) -> (Vec<String>, Option<RecordError>) {
    let mut writer = Writer { folder, written: Vec::new(), first: None };
    writer.draw(title, spikes, traces, theme);
    (writer.written, writer.first)
}

struct Writer<'a> {
    folder: &'a Path,
    written: Vec<String>,
    first: Option<RecordError>,
}

impl Writer<'_> {
    fn write(&mut self, name: &str, write: impl FnOnce(&Path) -> Result<(), RecordError>) {
        let path: PathBuf = self.folder.join(name);
        match write(&path) {
            Ok(()) => self.written.push(name.to_string()),
            Err(error) => {
                self.first.get_or_insert(error);
            }
        }
    }

    fn draw(&mut self, title: &str, spikes: Option<&SpikeTable>, traces: &[(String, TraceTable)], theme: Theme) {
        let options = PlotOptions { title: title.to_string(), theme, window_ms: None };
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
                self.first.get_or_insert(error);
            }
        }
    }
}

/// A recorder's name as part of a file's name.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect()
}
