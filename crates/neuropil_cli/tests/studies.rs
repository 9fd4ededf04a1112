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

/// Claim: a point that nothing was recorded of is run again where claims are to be held against it.
#[test]
fn claims_are_of_points_that_were_recorded() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, &with("    measures: {\"first\": \"first_spike(cells)\", \"noisy rate\": \"rate(noisy)\"},\n", ""));
    let out = folder.path().join("out");
    let run = |more: &[&str]| {
        let all: Vec<&str> = ["run", &file, "--out", out.to_str().unwrap()].iter().chain(more).copied().collect();
        text(&succeeds(&all).stdout).to_string()
    };
    let bare = run(&["--no-record"]);
    assert!(bare.contains("12 run in") && !bare.contains("held"), "{bare}");
    let whole = run(&[]);
    assert!(whole.contains("12 run in") && whole.matches(" held").count() == 3, "{whole}");
    assert!(run(&["--no-record"]).contains("12 finished before"));
}

/// An experiment that names a connectome, in an arm another one, and a table.
const NAMES_FILES: &str = r#"Experiment(
    duration: "20 ms", connectome: "a.ron",
    populations: {"cells": (nodes: "class == 'cell'", model: LifDelta(membrane_time_constant: "10 ms"))},
    inputs: {"listed": (to: "cells", source: SpikeFile("spikes.csv"), weight: "100 mV")},
    projections: {"all": (from: "cells", to: "cells", rule: Connectome("kind == 'chemical'"), weight: "10 mV * count", delay: "1 ms")},
    recorders: {"raster": Spikes(of: "cells")},
    arms: {"a": {}, "b": {"connectome": "b.ron"}}, seeds: 2,
    measures: {"spikes": "spike_count(cells)"},
)"#;

/// Two cells joined by an edge of so many synapses.
fn two_cells(count: u32) -> String {
    format!(
        r#"Connectome(about: (title: "two"), nodes: [(name: "P", class: "cell"), (name: "Q", class: "cell")],
        edges: [(source: "P", target: "Q", kind: chemical, count: {count}, sign: 1)])"#
    )
}

/// The experiment above with its files.
fn names_files(folder: &TempDir) -> String {
    for (name, content) in [("a.ron", two_cells(1)), ("b.ron", two_cells(2)), ("spikes.csv", "time_ms,neuron\n5,0\n".to_string())] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    experiment(folder, NAMES_FILES)
}

/// Claim: a study that goes on runs again what was made from other contents of a connectome or a table, of equal size, also where only
/// an arm names it; and each summary has the hashes. Source: cells of one edge spike for one arriving spike only where the weight
/// (10 mV for each of `count`) reaches the threshold, 20 mV above rest by default. Tolerance: none.
#[test]
fn changed_contents_are_run_again() {
    let folder = TempDir::new().unwrap();
    let file = names_files(&folder);
    let out = folder.path().join("out");
    let run = || {
        let output = succeeds(&["run", &file, "--csv", "--out", out.to_str().unwrap()]);
        let rows = text(&read(out.join("table.csv"))).lines().skip(1).map(|row| row.rsplit(',').next().unwrap().to_string()).collect();
        (text(&output.stdout).lines().next().unwrap().to_string(), rows)
    };
    let change = |name: &str, content: &str| {
        let before = read(folder.path().join(name)).len();
        std::fs::write(folder.path().join(name), content).unwrap();
        assert_eq!(before, content.len(), "equal size, or the test would show less");
    };
    let (first, rows): (String, Vec<String>) = run();
    assert!(first.contains("4 run in"), "{first}");
    assert_eq!(rows, ["1", "1", "2", "2"], "arms a and b");
    assert!(run().0.contains("0 run in"));
    change("b.ron", &two_cells(1));
    let (again, rows) = run();
    assert!(again.contains("2 run in") && again.contains("2 finished before"), "only the arm that names it: {again}");
    assert_eq!(rows, ["1"; 4]);
    change("a.ron", &two_cells(3));
    let (again, rows) = run();
    assert!(again.contains("4 run in"), "{again}");
    assert_eq!(rows, ["2", "2", "1", "1"]);
    change("spikes.csv", "time_ms,neuron\n5,1\n");
    assert!(run().0.contains("4 run in"));
    let points = std::fs::read_dir(out.join("points")).unwrap().map(|entry| entry.unwrap().path().join("summary.json"));
    for summary in points {
        let summary: Value = serde_json::from_slice(&read(summary)).unwrap();
        assert!(summary["provenance"]["file_sha256.spikes.csv"].as_str().is_some_and(|hash| hash.len() == 64), "{summary}");
    }
}

/// Claim: parts that were made from other contents of a file are not joined, also where only an arm names the file.
#[test]
fn parts_of_other_contents_are_refused() {
    let folder = TempDir::new().unwrap();
    let file = names_files(&folder);
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let part = |name: &str, shard: &str| succeeds(&["run", &file, "--out", &out(name), "--shard", shard]);
    part("1", "1/2");
    for (name, content) in [("b.ron", two_cells(3)), ("a.ron", two_cells(3)), ("spikes.csv", "time_ms,neuron\n6,0\n".to_string())] {
        let before = read(folder.path().join(name));
        std::fs::write(folder.path().join(name), content).unwrap();
        part("2", "2/2");
        refused(&["merge", &out("m"), &out("1"), &out("2")], &[&out("2"), "other contents", name]);
        std::fs::write(folder.path().join(name), before).unwrap();
    }
    part("2", "2/2");
    succeeds(&["merge", &out("m"), &out("1"), &out("2")]);
}

/// The lines of a report from its table on, up to where it was written.
fn report(output: &Output) -> String {
    let (_, behind) = text(&output.stdout).split_once("\n\n").unwrap();
    behind.split_once("written to").unwrap().0.to_string()
}

/// Claim: parts joined are the whole, byte for byte, with the same claims beside the same numbers; what does not fit together is refused.
#[test]
fn parts_make_the_whole() {
    let folder = TempDir::new().unwrap();
    let file = experiment(&folder, STUDY);
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let whole = succeeds(&["run", &file, "--csv", "--out", &out("whole")]);
    assert_eq!(text(&whole.stdout).matches(" held").count(), 3, "{}", text(&whole.stdout));
    for part in ["1", "2", "3"] {
        succeeds(&["run", &file, "--out", &out(part), "--shard", &format!("{part}/3")]);
    }
    let merged = succeeds(&["merge", &out("merged"), &out("1"), &out("2"), &out("3"), "--csv"]);
    assert_eq!((report(&merged), text(&merged.stderr)), (report(&whole), ""));
    for name in ["table.csv", "table.parquet", "study.json", "study.svg", "study.png"] {
        assert_eq!(read(Path::new(&out("merged")).join(name)), read(Path::new(&out("whole")).join(name)), "{name}");
    }
    refused(
        &["merge", &out("m"), &out("1"), &out("3")],
        &["4 of 12 points are missing", "--shard 2/3: points 1, 4, 7, 10; point 1 is arm control, current [pA] = 400, seed 2"],
    );
    let points = Path::new(&out("3")).join("points");
    let mut gone = std::fs::read_dir(&points).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let gone = gone.find(|name| name.starts_with("000005")).unwrap();
    std::fs::rename(points.join(&gone), folder.path().join(&gone)).unwrap();
    refused(
        &["merge", &out("m"), &out("1"), &out("3")],
        &["5 of 12", "--shard 2/3: points 1, 4, 7, 10;", "--shard 3/3: point 5; point 5 is"],
    );
    std::fs::rename(folder.path().join(&gone), points.join(&gone)).unwrap();
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
