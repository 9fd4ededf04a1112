//! `neuropil inspect`: what a connectome is like as a graph, and what cells amount to.

mod morphology;
mod page;
mod pictures;

use crate::arguments::Inspect;
use crate::output::{Failure, print};
use indicatif::{ProgressBar, ProgressDrawTarget};
use neuropil_connectome::measures::{MOST_TRIANGLE_WORK, Measures, Options, Phase};
use neuropil_connectome::{ImportOptions, import};
use serde::Serialize;
use std::io::IsTerminal;

/// All there is to print.
#[derive(Serialize)]
struct Inspection {
    /// The connectome's title; its file where it has none.
    title: String,
    /// The files it was read from.
    files: Vec<String>,
    /// What its reader noticed.
    notices: Vec<String>,
    #[serde(flatten)]
    measures: Measures,
    /// Pictures and `measures.json`, if there is a folder for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    written: Vec<String>,
}

/// Runs the command.
pub fn inspect(arguments: &Inspect) -> Result<(), Failure> {
    if morphology::claims(&arguments.files) {
        return morphology::inspect(arguments);
    }
    let about_cells = [
        ("--strict", arguments.strict),
        ("--scale", arguments.scale.is_some()),
        ("--axial-resistivity", arguments.axial_resistivity.is_some()),
        ("--membrane-resistance", arguments.membrane_resistance.is_some()),
    ];
    if let Some((flag, _)) = about_cells.into_iter().find(|(_, given)| *given) {
        return Err(Failure::message(format!("{flag} is for morphologies, .swc or .asc; these files are taken for a connectome")));
    }
    let imported = import(&arguments.files, &ImportOptions::default()).map_err(Failure::message)?;
    let connectome = imported.connectome;
    let files: Vec<String> = arguments.files.iter().map(|file| file.display().to_string()).collect();
    let title = match connectome.about().title.trim() {
        "" => files.join(" "),
        title => title.to_string(),
    };
    if let Some(folder) = &arguments.out {
        std::fs::create_dir_all(folder).map_err(|error| Failure::message(format!("{}: {error}", folder.display())))?;
    }
    let bar = Spinner::new();
    let triangle_work = if arguments.triangles { u64::MAX } else { MOST_TRIANGLE_WORK };
    let options = Options { shuffles: arguments.shuffles, seed: arguments.seed, triangle_work };
    let measures = Measures::of(&connectome, &options, &mut |phase| bar.show(phase));
    drop(bar);
    let notices = imported.notices.into_iter().chain(connectome.notices()).map(|notice| notice.to_string()).collect();
    let mut inspection = Inspection { title, files, notices, measures, written: Vec::new() };
    if let Some(folder) = &arguments.out {
        let json = as_json(&inspection)?;
        let path = folder.join("measures.json");
        std::fs::write(&path, json + "\n").map_err(|error| Failure::message(format!("{}: {error}", path.display())))?;
        inspection.written = vec!["measures.json".to_string()];
        inspection.written.extend(pictures::draw(&connectome, &inspection, folder, arguments.theme.into())?);
    }
    print(&match arguments.json {
        true => as_json(&inspection)?,
        false => page::page(&inspection, arguments.out.as_deref()),
    })
}

fn as_json(inspection: &Inspection) -> Result<String, Failure> {
    serde_json::to_string(inspection).map_err(Failure::message)
}

/// Says what is being done, on a terminal.
struct Spinner(Option<ProgressBar>);

impl Spinner {
    fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self(terminal.then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))))
    }

    fn show(&self, phase: Phase) {
        let Some(bar) = &self.0 else { return };
        bar.set_message(match phase {
            Phase::Counting => "degrees, components, cores".to_string(),
            Phase::Triangles => "triangles".to_string(),
            Phase::Shuffling { done, of } => format!("shuffled graph {done} of {of}"),
        });
        bar.tick();
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
