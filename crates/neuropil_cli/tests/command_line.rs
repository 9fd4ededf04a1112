//! The program as its users meet it: what it prints where, what it writes, and how it refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A valid experiment; the cases below break one piece of it each. Neuron 7 is the driven one.
const VALID: &str = r#"Experiment(
    duration: "20 ms", time_step: "0.1 ms",
    populations: {
        "cells": (size: 10, model: Izhikevich()),
        "others": (size: 10, model: LifExponentialCurrent(bias_current: "2000 pA")),
    },
    projections: {"all": (from: "others", to: "others", rule: FixedInDegree(5), multapses: false, weight: "1 pA", delay: "1 ms")},
    inputs: {"drive": (to: "cells", neurons: [7], source: StepCurrent(amplitude: "20 mV/ms", start: "5 ms", stop: "8 ms"))},
    recorders: {"raster": Spikes(of: ["cells", "others"]), "potentials": Trace(of: "cells", variable: "membrane_potential", interval: "1 ms")},
)"#;

const KEYS: [&str; 17] = [
    "version",
    "experiment",
    "seed",
    "threads",
    "neurons",
    "synapses",
    "build_s",
    "run_s",
    "simulated_s",
    "real_time_factor",
    "spikes",
    "synaptic_events",
    "bytes_per_synapse",
    "peak_rss_bytes",
    "spike_digest",
    "populations",
    "provenance",
];

fn neuropil(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neuropil")).args(arguments).current_dir(root()).output().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn experiment(folder: &TempDir, content: impl AsRef<[u8]>) -> String {
    let path = folder.path().join("test.ron");
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_string()
}

/// `VALID` with one piece replaced, which must be there exactly once.
fn with(old: &str, new: &str) -> String {
    assert_eq!(VALID.matches(old).count(), 1, "`{old}` must occur once");
    VALID.replacen(old, new, 1)
}

/// Exactly one JSON object on standard output, on one line.
fn only_object(output: &Output) -> Value {
    let out = text(&output.stdout);
    assert_eq!(out.trim_end().lines().count(), 1, "{out}");
    let value: Value = serde_json::from_str(out).expect("one JSON object");
    for key in KEYS {
        assert!(value.get(key).is_some(), "no `{key}` in {out}");
    }
    value
}

/// Status 2, nothing on standard output, one error on standard error with all of `expected`.
fn refused(arguments: &[&str], expected: &[&str]) {
    let output = neuropil(arguments);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
    assert_eq!(error.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{arguments:?}: {error}");
    assert!(!error.contains("panicked"), "{error}");
    for part in expected {
        assert!(error.contains(part), "{arguments:?}: no `{part}` in {error}");
    }
}

/// Claim: without arguments the program shows help with three commands to try, and succeeds.
#[test]
fn no_arguments_show_three_commands_to_try() {
    let output = neuropil(&[]);
    assert_eq!(output.status.code(), Some(0));
    let (before, after) = text(&output.stdout).split_once("Three commands to try:").expect("the heading");
    assert!(!before.contains('\x1b'), "escapes for a terminal, though there is none");
    assert_eq!(after.lines().filter(|line| line.trim_start().starts_with("neuropil ")).count(), 3, "{after}");
}

/// Claim: a run in which nobody spikes is a result, with a picture that shows it.
#[test]
fn a_silent_run_is_a_result() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, with("2000 pA", "0 pA").replace("20 mV/ms", "0 mV/ms"));
    let out = folder.path().join("results").to_str().unwrap().to_string();
    for arguments in [vec!["run", &file, "--json", "--out", &out], vec!["plot", &out]] {
        let output = neuropil(&arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    }
    let raster = std::fs::read_to_string(Path::new(&out).join("raster.svg")).unwrap();
    assert!(raster.contains("time (ms)") && raster.contains(">20<"), "the whole run is on the axis");
}

/// Claim: a run that goes wrong and cannot keep its results says both, what happened to the network first.
#[cfg(unix)]
#[test]
fn a_fault_is_told_before_files_that_fail() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, with("20 mV/ms", "1e30 mV/ms"));
    let out = folder.path().join("results");
    // A folder where the raster should be.
    std::fs::create_dir_all(out.join("raster.png")).unwrap();
    let output = neuropil(&["run", &file, "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    let errors: Vec<&str> = error.lines().filter(|line| line.starts_with("error: ")).collect();
    assert!(errors.len() == 2 && errors[0].contains("cells[7]") && errors[1].contains("raster.png"), "{error}");
    assert!(errors[0].contains("at step 51 (5.1 ms)"), "{error}");
}

/// Claim: a model's page gives every parameter its row, empty cells included.
#[test]
fn pages_keep_empty_cells() {
    let output = neuropil(&["models", "LifDelta"]);
    let page = text(&output.stdout);
    let row = page.lines().find(|line| line.trim_start().starts_with("bias_current")).unwrap();
    assert!(row.ends_with("constant input"), "{row}");
    assert!(page.contains("membrane_potential") && !page.contains("MembranePotential"), "{page}");
}

/// Claim: `--json` prints one object with the agreed keys, and nothing else, with and without `--out`.
#[test]
fn json_is_one_object_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, VALID);
    let out = folder.path().join("results").to_str().unwrap().to_string();
    let (plain, kept) = (neuropil(&["run", &file, "--json"]), neuropil(&["run", &file, "--json", "--out", &out, "--threads", "1"]));
    for output in [&plain, &kept] {
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
        let summary = only_object(output);
        assert_eq!((&summary["neurons"], &summary["synapses"], &summary["seed"]), (&20.into(), &50.into(), &1.into()));
        assert!(summary["spikes"].as_u64().unwrap() > 0);
        assert_eq!(summary["spike_digest"].as_str().unwrap().len(), 32);
        assert_eq!(summary["populations"].as_array().unwrap().len(), 2);
        assert!(summary["provenance"]["experiment_sha256"].is_string());
    }
    assert_eq!(only_object(&plain)["spike_digest"], only_object(&kept)["spike_digest"]);
}

/// Claim: `--out` makes the folder and writes summary, spikes, traces and pictures; the summary there is the one printed.
#[test]
fn out_writes_results() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, VALID);
    let out = folder.path().join("a/b");
    let output = neuropil(&["run", &file, "--json", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for (name, magic) in
        [("spikes.parquet", &b"PAR1"[..]), ("trace_potentials.parquet", b"PAR1"), ("raster.png", b"\x89PNG"), ("raster.svg", b"<")]
    {
        let bytes = std::fs::read(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(bytes.starts_with(magic) && bytes.len() > 200, "{name}: {} bytes", bytes.len());
    }
    let written: Value = serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap()).unwrap();
    assert_eq!(written["spike_digest"], only_object(&output)["spike_digest"]);
    let leftovers = std::fs::read_dir(&out).unwrap().filter(|e| e.as_ref().unwrap().file_name().to_str().unwrap().starts_with('.')).count();
    assert_eq!(leftovers, 0, "no temporary files stay behind");
}

/// Claim: what is wrong in a file is refused with one error that shows file, line and column, before anything runs.
#[test]
fn mistakes_in_the_file_are_refused_at_their_place() {
    let cases = [
        ("duration:", "durration:", "test.ron:2:5", "did you mean `duration`?"),
        ("Izhikevich()", "Izikevich()", "test.ron:4:36", "did you mean `Izhikevich`?"),
        ("\"1 pA\"", "\"1 mV\"", "test.ron:7:", "expected a current (pA)"),
        ("delay: \"1 ms\"", "delay: \"0.01 ms\"", "test.ron:7:", "the smallest delay is"),
        ("FixedInDegree(5)", "FixedInDegree(11)", "test.ron:7:", "without multapses there are 10 sources"),
        ("(5), multapses: false", "(100000000000), multapses: true", "test.ron:7:", "GiB"),
        ("FixedInDegree(5), multapses: false", "FixedTotalNumber(1e12), multapses: true", "test.ron:7:", "GiB"),
        ("weight: \"1 pA\"", "weight: NaN", "test.ron:7:", "a finite number is needed"),
        ("Experiment(", "Experiment((", "test.ron:", ""),
    ];
    for (old, new, place, way_out) in cases {
        let folder = TempDir::new().unwrap();
        let file = experiment(&folder, with(old, new));
        let out = folder.path().join("results");
        refused(&["run", &file, "--json", "--out", out.to_str().unwrap()], &[place, way_out]);
        assert!(!out.exists(), "{new}: nothing is written");
        refused(&["validate", &file], &[place, way_out]);
    }
}

/// Claim: a file that is no experiment at all is refused with its name.
#[test]
fn files_that_are_no_experiments_are_refused() {
    let folder = TempDir::new().unwrap();
    refused(&["run", folder.path().join("none.ron").to_str().unwrap()], &["none.ron: there is no such file"]);
    refused(&["run", folder.path().to_str().unwrap()], &["this is a folder"]);
    refused(&["run", &experiment(&folder, "")], &["test.ron: the file is empty"]);
    refused(&["run", &experiment(&folder, " \n\t ")], &["test.ron: the file is empty"]);
    refused(&["run", &experiment(&folder, b"\x7fELF\x02\x01\xd0\x00\xff\xfe")], &["test.ron:1:", "not UTF-8"]);
}

/// Claim: flags that cannot be obeyed are refused before the run.
#[test]
fn flags_that_cannot_be_obeyed_are_refused() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, VALID);
    refused(&["run", &file, "--threads", "0"], &["--threads", "1..="]);
    // A folder cannot be made below a file, whoever runs the test.
    refused(&["run", &file, "--out", &format!("{file}/results")], &["--out", "cannot write there"]);
    refused(&["run", &file, "--kernels", "avx3"], &["--kernels", "avx3"]);
    refused(&["run", &file, "--set", "populations.cells.siez=3"], &["siez", "size"]);
    refused(&["run", &file, "--duration", "5 mV"], &["5 mV"]);
    refused(&["models", "LifExponentialCurent"], &["did you mean `LifExponentialCurrent`?"]);
}

/// Claim: a state that ceases to be finite ends the run with status 2 and names variable, neuron and step; what came before is kept and
/// says so.
#[test]
fn a_state_that_is_not_finite_is_named() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, with("\"20 mV/ms\"", "\"-1e30 mV/ms\""));
    let out = folder.path().join("results");
    for threads in ["1", "2"] {
        let output = neuropil(&["run", &file, "--json", "--threads", threads, "--out", out.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        let error = text(&output.stderr);
        assert!(error.starts_with("error: NaN in membrane_potential of cells[7] (neuron 7) at step 51 (5.1"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(only_object(&output)["cut_short"].as_str().unwrap().contains("cells[7]"));
        let written: Value = serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap()).unwrap();
        assert!(written["cut_short"].is_string());
    }
}

/// Claim: a model's page has its equations, units and the reference.
#[test]
fn models_prints_the_page_of_one() {
    let output = neuropil(&["models", "LifExponentialCurrent"]);
    assert_eq!(output.status.code(), Some(0));
    for part in ["EQUATIONS", "dV/dt", "membrane_capacitance", "250 pF", "-55 mV", "doi:10.1007/s004220050570"] {
        assert!(text(&output.stdout).contains(part), "no `{part}`");
    }
    let list = neuropil(&["models"]);
    for name in ["AdEx", "Izhikevich", "HodgkinHuxleyTraubMiles", "LifDelta"] {
        assert!(text(&list.stdout).lines().any(|line| line.starts_with(name)), "no {name}");
    }
}

/// Claim: every experiment that comes with the engine is valid, and `validate` says how much memory a run needs; the fly's, once it is given a
/// connectome.
#[test]
fn shipped_experiments_validate() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("assets/experiments")).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "ron"));
    assert!(files.len() >= 7);
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    std::fs::write(path("nodes.csv"), "name\n720575940624963786\n720575940660219265\n").unwrap();
    std::fs::write(path("edges.csv"), "source,target,count,sign\n720575940624963786,720575940660219265,40,1\n").unwrap();
    assert_eq!(neuropil(&["convert", &path("nodes.csv"), &path("edges.csv"), &path("two.connectome")]).status.code(), Some(0));
    let connectome = format!("connectome={}", path("two.connectome"));
    for file in files {
        let is_fly = file.ends_with("fly.ron");
        if is_fly {
            let output = neuropil(&["validate", file.to_str().unwrap()]);
            assert_eq!(output.status.code(), Some(2));
            assert!(text(&output.stderr).contains("--set connectome=FILE"), "{}", text(&output.stderr));
        }
        let own: &[&str] = if is_fly { &["--set", &connectome] } else { &[] };
        let output = neuropil(&[&["validate", file.to_str().unwrap()], own].concat());
        let out = text(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{}: {}", file.display(), text(&output.stderr));
        assert!(out.contains(": valid") && out.contains("a run needs about ") && out.contains(" MB"), "{out}");
    }
}

#[test]
fn convert_makes_a_connectome_of_tables_or_says_where_they_are_wrong() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    std::fs::write(path("nodes.csv"), "name,class\nA,inter\nB,motor\n").unwrap();
    std::fs::write(path("edges.csv"), "source,target,kind,count\nA,B,chemical,3\nB,B,electrical,1\n").unwrap();
    let [nodes, edges, ron, packed] = ["nodes.csv", "edges.csv", "a.ron", "a.connectome"].map(path);
    let output = neuropil(&["convert", &nodes, &edges, &ron, "--title", "Two", "--json"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&value["nodes"], &value["edges"], &value["kinds"]["electrical"]), (&2.into(), &2.into(), &1.into()));
    assert_eq!(value["notices"][0], "1 self-loop is kept");
    let output = neuropil(&["convert", &ron, &packed]);
    assert!(text(&output.stdout).starts_with("2 nodes, 2 edges (1 chemical, 1 electrical)\nnote: 1 self-loop is kept\n"), "{output:?}");
    std::fs::write(path("edges.csv"), "source,target,kind,count\nA,C,chemical,3\n").unwrap();
    let output = neuropil(&["convert", &nodes, &edges, &packed]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("edges.csv:2:3: there is no node `C`"), "{}", text(&output.stderr));
    for refused in [&["convert", &nodes] as &[&str], &["convert", &nodes, &edges, "a.csv"], &["convert", &ron, &packed, "--columns", "x"]] {
        assert_eq!(neuropil(refused).status.code(), Some(2), "{refused:?}");
    }
}
