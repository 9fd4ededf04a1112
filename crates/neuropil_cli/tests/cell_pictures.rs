//! Cells that are drawn beside the results of a run.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use neuropil::prelude::{App, NeuropilPlugins};
use neuropil_core::Simd;
use neuropil_experiment::{DrawnCells, Outcome, RunOptions, Settings, read_text, registered_models, run};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::AtomicBool;

const CELLS: &str = r#"Experiment(
    title: "Two cells",
    duration: "30 ms",
    time_step: "0.025 ms",
    populations: {
        "cells": (
            size: 2,
            cell: (
                morphology: BallAndStick(soma_radius: "10 um", length: "400 um", diameter: "2 um"),
                axial_resistivity: "100 ohm cm",
                capacitance: "1 uF/cm^2",
                temperature: "6.3 degC",
                compartments: "if(type == 'soma', 1, 20)",
                potential: "-65 mV",
                channels: {"squid": (is: HodgkinHuxley())},
                spikes: (on: "type == 'soma'", threshold: "-10 mV"),
            ),
        ),
        "reduced": (
            size: 1,
            cell: (
                morphology: Reduced({
                    "soma": (length: "20 um", diameter: "20 um"),
                    "left": (on: "soma", length: "200 um", diameter: "2 um"),
                    "right": (on: "soma", length: "300 um", diameter: "2 um"),
                }),
                axial_resistivity: "100 ohm cm",
                capacitance: "1 uF/cm^2",
                temperature: "6.3 degC",
                potential: "-65 mV",
                channels: {"leak": (is: Passive(conductance: "0.3 mS/cm^2", reversal_potential: "-65 mV"))},
                spikes: (on: "type == 'soma'", threshold: "-10 mV"),
            ),
        ),
    },
    inputs: {"pulse": (to: "cells", neurons: [1], at: "type == 'soma'", source: StepCurrent(amplitude: "2 nA", start: "5 ms", stop: "8 ms"))},
    recorders: {"raster": Spikes(of: "cells"), "tip": Trace(of: "cells", variable: "membrane_potential", at: "type != 'soma' and fraction > 0.97")},
)
"#;

fn with_recorder(recorder: &str) -> String {
    CELLS.replacen("recorders: {", &format!("recorders: {{\"window\": {recorder}, "), 1)
}

fn neuropil(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neuropil")).args(arguments).output().unwrap()
}

/// Runs the experiment with results in a folder, and gives the names of its pictures of cells.
fn pictures(text: &str, folder: &Path) -> Vec<String> {
    let file = folder.join("cells.ron");
    std::fs::write(&file, text).unwrap();
    let out = folder.join("out");
    let output = neuropil(&["run", file.to_str().unwrap(), "--quiet", "--out", out.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("cell_")).collect();
    names.sort();
    names
}

fn frames(path: &Path) -> usize {
    let mut decoder = gif::DecodeOptions::new().read_info(std::fs::File::open(path).unwrap()).unwrap();
    let mut frames = 0;
    while decoder.read_next_frame().unwrap().is_some() {
        frames += 1;
    }
    frames
}

/// Claim: `--out` draws the first cell of each population of cells with dendrites, and where a recorder names one that one alone, with as many frames as it asks for; the
/// film is smaller than 3 MB. Source: the files, and a decoder of GIF that is not ours. Tolerance: none.
#[test]
fn cells_are_drawn_where_results_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let names = pictures(CELLS, folder.path());
    assert_eq!(names, ["cell_cells.gif", "cell_cells.png", "cell_cells.svg", "cell_reduced.gif", "cell_reduced.png", "cell_reduced.svg"]);
    for name in ["cell_cells.gif", "cell_reduced.gif"] {
        let path = folder.path().join("out").join(name);
        assert_eq!(frames(&path), 120);
        assert!(std::fs::metadata(&path).unwrap().len() < 3_000_000);
    }
    assert!(std::fs::read(folder.path().join("out/cell_cells.png")).unwrap().starts_with(b"\x89PNG"));

    let folder = tempfile::tempdir().unwrap();
    let text = with_recorder("Cell(of: \"cells\", neuron: 1, start: \"4 ms\", stop: \"14 ms\", frames: 41)");
    assert_eq!(pictures(&text, folder.path()), ["cell_window.gif", "cell_window.png", "cell_window.svg"]);
    assert_eq!(frames(&folder.path().join("out/cell_window.gif")), 41);
}

fn outcome(text: &str, drawn: Option<DrawnCells>, threads: usize) -> Outcome {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let plan = read_text("cells.ron", text, &Settings::default(), &registered_models(&app)).map_err(|errors| errors[0].render()).unwrap();
    if let Some(drawn) = drawn {
        app.insert_resource(drawn);
    }
    let cancel = AtomicBool::new(false);
    run(&plan, &mut app, RunOptions { threads, simd: Simd::detect(), keep: true, cancel: &cancel, progress: &mut |_| () }).unwrap()
}

/// Claim: drawing changes no bit of the spikes and of the potentials recorded, for one thread and for two, and without the resource nothing is kept.
/// Source: the same run without it. Tolerance: none.
#[test]
fn drawing_changes_no_bit() {
    let text = with_recorder("Cell(of: \"cells\", neuron: 1, start: \"4 ms\", stop: \"14 ms\", frames: 41)");
    let plain = outcome(&text, None, 1);
    assert!(plain.cells.is_empty() && plain.summary.spikes > 0);
    for (text, drawn) in [(text.as_str(), DrawnCells::Named), (CELLS, DrawnCells::Any)] {
        for threads in [1, 2] {
            let other = outcome(text, Some(drawn), threads);
            assert!(!other.cells.is_empty());
            assert_eq!(other.summary.spike_digest, plain.summary.spike_digest);
            assert!(other.spikes == plain.spikes && other.traces == plain.traces);
        }
    }
    assert!(outcome(CELLS, Some(DrawnCells::Named), 1).cells.is_empty());
}

/// Claim: the potentials that are drawn are those that a recorder of a variable keeps at the same moments: at the end of the stick, 5 to 14 ms. Source: that recorder.
/// Tolerance: rounding to single precision.
#[test]
fn what_is_drawn_is_what_was_computed() {
    let text = with_recorder("Cell(of: \"cells\", neuron: 1, start: \"4 ms\", stop: \"14 ms\", frames: 41)");
    let outcome = outcome(&text, Some(DrawnCells::Named), 1);
    let (name, cell) = &outcome.cells[0];
    assert_eq!((name.as_str(), cell.pieces.len(), cell.times_ms.len()), ("window", 21, 41));
    let (_, trace) = &outcome.traces[0];
    let recorded: Vec<(f64, f64)> = trace.series(0, 1).collect();
    for (moment, time) in cell.times_ms.iter().enumerate() {
        assert_eq!(*time, 4.0 + 0.25 * moment as f64);
        let (_, value) = recorded.iter().find(|(at, _)| (at - time).abs() < 1e-9).unwrap();
        let drawn = cell.potentials[moment * 21 + 20];
        assert_eq!(drawn, *value as f32, "{time} ms");
    }
}
