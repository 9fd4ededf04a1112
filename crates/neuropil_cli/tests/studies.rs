//! Arms, sweeps, seeds and claims as users meet them: tables, parts, going on, evidence.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Twelve points; the sender is a LIF neuron whose rate under a current has a closed form.
const STUDY: &str = r#"Experiment(
    title: "a study", duration: "200 ms", time_step: "0.1 ms",
    parameters: {"current": "500 pA", "mode": OneOf(default: "plain", options: {"plain": {"size": 1}, "many": {"size": 3}})},
    populations: {
        "cells": (size: "size", model: LifExponentialCurrent(bias_current: "current")),
        "noisy": (size: 20, like: "cells", with: {"bias_current": "normal(400 pA, 50 pA)"}),
    },
    recorders: {"raster": Spikes(of: ["cells", "noisy"]), "v": Trace(of: "cells", variable: "membrane_potential", interval: "0.1 ms", neurons: [0])},
    arms: {"control": {}, "crowd": {"mode": "many"}},
    sweep: {"current": ["400 pA", "500 pA", "600 pA"]},
    seeds: 2,
    measures: {"first": "first_spike(cells)", "noisy rate": "rate(noisy)"},
    claims: [
        (claim: "the first spike at 500 pA", measure: "first_spike(cells, 'control', 'current == 500 pA')", published: "13.863 ms", tolerance: "0.1 ms", source: "τ log(RI / (RI - θ))"),
        (claim: "spikes come sooner with more current", measure: "slope(current, first_spike(cells, 'crowd'))", at_most: 0, source: "the same"),
        (claim: "a crowd spikes three times as often", measure: "spike_count(cells, 'crowd', 'current > 550 pA') / spike_count(cells, 'control', 'current > 550 pA')", published: 3, tolerance: "0 %", source: "they are alike"),
    ],
)"#;

fn neuropil(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neuropil")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn experiment(folder: &TempDir, content: &str) -> String {
    let path = folder.path().join("study.ron");
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_string()
}

fn with(old: &str, new: &str) -> String {
    assert_eq!(STUDY.matches(old).count(), 1, "`{old}` must occur once");
    STUDY.replacen(old, new, 1)
}

fn succeeds(arguments: &[&str]) -> Output {
    let output = neuropil(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output.stderr));
    output
}

/// Status 2, nothing on standard output, one error with all of `expected`.
fn refused(arguments: &[&str], expected: &[&str]) {
    let output = neuropil(arguments);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
    assert_eq!(error.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{arguments:?}: {error}");
    for part in expected {
        assert!(error.contains(part), "{arguments:?}: no `{part}` in {error}");
    }
}

fn read(path: impl AsRef<Path>) -> Vec<u8> {
    std::fs::read(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// Claim: the table has every point in order, with units, and the same bytes for any number of threads.
#[test]
fn a_study_gives_one_table_whatever_the_threads() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, STUDY);
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    for threads in ["1", "2", "5"] {
        let output = succeeds(&["run", &file, "--threads", threads, "--csv", "--out", &out(threads)]);
        assert!(text(&output.stdout).contains("12 points"), "{}", text(&output.stdout));
    }
    let table = read(Path::new(&out("1")).join("table.csv"));
    let lines: Vec<&str> = text(&table).lines().collect();
    assert_eq!((lines[0], lines.len()), ("arm,current [pA],seed,first [ms],noisy rate [Hz]", 13));
    assert!(lines[1].starts_with("control,400,1,") && lines[12].starts_with("crowd,600,2,"), "{lines:?}");
    for threads in ["2", "5"] {
        for name in ["table.csv", "table.parquet"] {
            assert_eq!(read(Path::new(&out(threads)).join(name)), read(Path::new(&out("1")).join(name)), "{name} with {threads} threads");
        }
    }
    assert_eq!(std::fs::read_dir(Path::new(&out("1")).join("points")).unwrap().count(), 12);
}

/// Claim: `--json` is the first point's summary with all its fields, then points, table and claims.
#[test]
fn json_has_the_first_point_and_all_points() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, STUDY);
    let output = succeeds(&["run", &file, "--json"]);
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&object["neurons"], &object["seed"]), (&21.into(), &1.into()));
    assert!(object["run_s"].is_f64() && object["peak_rss_bytes"].is_u64());
    let points = object["points"].as_array().unwrap();
    assert_eq!(points.len(), 12);
    assert_eq!((&points[11]["arm"], &points[11]["seed"], &points[11]["sweep"]["current"]), (&"crowd".into(), &2.into(), &"600 pA".into()));
    assert_eq!(object["table"]["first [ms]"].as_array().unwrap().len(), 12);
    assert!(object["claims"].as_array().unwrap().iter().all(|claim| claim["held"] == true), "{}", object["claims"]);
}

/// Claim: a study goes on where it was: what is finished is not run again, and what another experiment left is not taken.
#[test]
fn a_study_goes_on_where_it_was() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, STUDY);
    let out = folder.path().join("out");
    let run = |arguments: &[&str]| {
        let all: Vec<&str> =
            ["run", &file, "--csv", "--out", out.to_str().unwrap()].iter().copied().chain(arguments.iter().copied()).collect();
        text(&succeeds(&all).stdout).to_string()
    };
    run(&[]);
    let whole = read(out.join("table.csv"));
    // One point is half written, another one gone, as if the program had been killed.
    let mut points: Vec<_> = std::fs::read_dir(out.join("points")).unwrap().map(|entry| entry.unwrap().path()).collect();
    points.sort();
    std::fs::write(points[3].join("summary.json"), &read(points[3].join("summary.json"))[..100]).unwrap();
    std::fs::remove_dir_all(&points[7]).unwrap();
    let again = run(&[]);
    assert!(again.contains("2 run in") && again.contains("10 finished before"), "{again}");
    assert_eq!(read(out.join("table.csv")), whole);
    assert!(run(&["--set", "mode=many"]).contains("12 run in"), "other settings are another study");
}

/// Claim: parts joined are the whole, byte for byte; what does not fit together is refused.
#[test]
fn parts_make_the_whole() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, STUDY);
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    succeeds(&["run", &file, "--csv", "--out", &out("whole")]);
    for part in ["1", "2", "3"] {
        succeeds(&["run", &file, "--out", &out(part), "--shard", &format!("{part}/3")]);
    }
    succeeds(&["merge", &out("merged"), &out("1"), &out("2"), &out("3"), "--csv"]);
    for name in ["table.csv", "table.parquet", "study.json"] {
        assert_eq!(read(Path::new(&out("merged")).join(name)), read(Path::new(&out("whole")).join(name)), "{name}");
    }
    refused(&["merge", &out("m"), &out("1"), &out("3")], &["4 of 12 points are missing, point 1 the first"]);
    refused(&["merge", &out("m"), &out("1"), &out("2"), &out("3"), &out("whole")], &["point 0 (arm control", "is in"]);
    refused(&["merge", &out("1"), &out("1"), &out("2")], &["a folder of its own"]);
    refused(&["merge", &out("m"), &out("none")], &["study.json"]);
    succeeds(&["run", &file, "--out", &out("other"), "--shard", "3/3", "--set", "mode=many"]);
    refused(&["merge", &out("m"), &out("1"), &out("2"), &out("other")], &["a part of another study"]);
    assert!(!Path::new(&out("m")).exists(), "nothing is written");
    refused(&["run", &file, "--out", &out("x"), "--shard", "4/3"], &["no part such as 2/8"]);
}

/// Claim: a point that fails is told and marked, the others go on, and the status is 2.
#[test]
fn a_point_that_fails_leaves_the_others() {
    let folder = TempDir::new().unwrap();
    // A size in the middle that is none; the claims name currents, which are not swept here.
    let swept = with("\"current\": [\"400 pA\", \"500 pA\", \"600 pA\"]", "\"populations.noisy.size\": [20, 0, 10]");
    let file = experiment(&folder, &format!("{})", swept.split_once("    claims: [").unwrap().0));
    let out = folder.path().join("out");
    let output = neuropil(&["run", &file, "--csv", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert_eq!(error.lines().count(), 4, "one line a point: {error}");
    assert!(error.contains("error: arm control, populations.noisy.size = 0, seed 1: ") && error.contains("size"), "{error}");
    let table = read(out.join("table.csv"));
    let failed = text(&table).lines().filter(|line| line.contains("populations.noisy.size is 0")).count();
    assert_eq!((text(&table).lines().count(), failed), (13, 4), "{}", text(&table));
}

/// Claim: `verify` says 0 where all claims hold, 1 where one falls, also by `--set`, and 2 where something is wrong; all have measured
/// number, tolerance and source.
#[test]
fn claims_hold_and_fall() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, STUDY);
    let output = succeeds(&["verify", &file, "--json"]);
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    let claims = object["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 3);
    for claim in claims {
        assert!(
            claim["held"] == true && claim["measured"].is_f64() && claim["source"].is_string() && claim["tolerance"].is_string(),
            "{claim}"
        );
    }
    assert_eq!((&claims[0]["published"], &claims[0]["unit"], &claims[0]["standard_error"]), (&13.863.into(), &"ms".into(), &0.0.into()));
    let fallen = neuropil(&["verify", &file, "--json", "--set", "populations.cells.with.refractory_period=1 ms"]);
    assert_eq!(fallen.status.code(), Some(2), "`with` is no field of cells: {}", text(&fallen.stderr));
    let fallen = neuropil(&["verify", &file, "--json", "--set", "sweep.current=[300 pA, 500 pA, 600 pA]"]);
    assert_eq!(fallen.status.code(), Some(1), "{}", text(&fallen.stderr));
    let object: Value = serde_json::from_slice(&fallen.stdout).unwrap();
    assert!(object["claims"][1]["measured"].is_null() && object["claims"][1]["held"] == false, "silence has no first spike");
    let markdown = succeeds(&["verify", folder.path().to_str().unwrap(), "--markdown"]);
    assert!(text(&markdown.stdout).starts_with("| experiment | claim |"));
    assert!(text(&succeeds(&["verify", &file]).stdout).contains("3 of 3 claims held"));
    refused(&["verify", &experiment(&folder, "")], &["the file is empty"]);
}

/// Claim: a single run prints its claims, says whether they hold, and succeeds all the same; `--quick` leaves out what is slow.
#[test]
fn a_run_shows_its_claims() {
    let folder = TempDir::new().unwrap();
    let (head, claims) = STUDY.split_once("    arms: {").unwrap();
    let claims = claims.split_once("claims: [").unwrap().1.split_once("'control', 'current == 500 pA'").unwrap();
    let single = format!("{head}quick: false, claims: [{}'x'", claims.0)
        .replace(", 'x'", ")\", published: \"13.863 ms\", tolerance: \"1 us\", source: \"a formula\")])");
    let file = experiment(&folder, &single);
    let output = succeeds(&["run", &file]);
    assert!(text(&output.stdout).contains("NOT HELD"), "{}", text(&output.stdout));
    let object: Value = serde_json::from_slice(&succeeds(&["run", &file, "--json"]).stdout).unwrap();
    assert_eq!((object["claims"].as_array().unwrap().len(), object.get("points")), (1, None));
    let skipped = succeeds(&["verify", "--quick", &file]);
    assert!(text(&skipped.stdout).contains("not quick"), "{}", text(&skipped.stdout));
    refused(&["run", &file, "--keep-all", "--out", folder.path().to_str().unwrap()], &["the experiment has one point"]);
}

/// Claim: what is wrong in arms, sweeps and claims is refused at its place before anything runs.
#[test]
fn mistakes_are_refused_before_anything_runs() {
    let cases = [
        ("{\"mode\": \"many\"}", "{\"mod\": \"many\"}", "study.ron:9:", "did you mean `mode`?"),
        ("\"600 pA\"]", "\"600 mV\"]", "study.ron:10:", "values of one kind"),
        ("[\"400 pA\", \"500 pA\", \"600 pA\"]", "\"1e9 * range(1000000) * 1 pA\"", "study.ron:10:", "at most 1000000 can be run"),
        ("rate(noisy)\"}", "rate(nosy)\"}", "study.ron:12:", "did you mean `noisy`?"),
    ];
    for (old, new, place, way_out) in cases {
        let folder = TempDir::new().unwrap();
        // The claims name points that some of these have no more.
        let (without_claims, _) = with(old, new).split_once("    claims: [").map(|(head, tail)| (format!("{head})"), tail.len())).unwrap();
        let file = experiment(&folder, &without_claims);
        let out = folder.path().join("results");
        refused(&["run", &file, "--out", out.to_str().unwrap()], &[place, way_out]);
        assert!(!out.exists(), "{new}: nothing is written");
    }
}
