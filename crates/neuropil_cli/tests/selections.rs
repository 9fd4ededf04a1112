//! Recorders of the spikes of some neurons: what is kept, measured, drawn and refused.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use neuropil_record::SpikeTable;
use serde_json::Value;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Six cells, each with a current of its own; one of the motor cells is silent.
const BRAIN: &str = r#"Connectome(
    about: (title: "Six cells"),
    nodes: [
        (name: "S", class: "sensory", tags: {"drive": 400}), (name: "M1", class: "motor", tags: {"drive": 450}),
        (name: "A", class: "inter", tags: {"drive": 500}), (name: "M2", class: "motor", tags: {"drive": 550}),
        (name: "B", class: "inter", tags: {"drive": 600}), (name: "M3", class: "motor", tags: {"drive": 0}),
    ],
    edges: [(source: "S", target: "A", kind: chemical, count: 4, sign: 1)],
)"#;

const EXPERIMENT: &str = r#"Experiment(
    duration: "100 ms", time_step: "0.1 ms", connectome: "brain.ron",
    populations: {"brain": (nodes: "drive >= 0", model: LifExponentialCurrent(bias_current: "drive * 1 pA"))},
    recorders: {"motors": Spikes(of: "brain", neurons: "class == 'motor'")},
    claims: [CLAIMS],
)"#;

/// What is measured, and in the recording of all neurons the same by hand.
const MEASURED: [(&str, &str); 6] = [
    ("spike_count(brain)", "spike_count('brain[M1]') + spike_count('brain[M2]') + spike_count('brain[M3]')"),
    ("rate(motors)", "(rate('brain[M1]') + rate('brain[M2]') + rate('brain[M3]')) / 3"),
    ("rate(brain, 20 ms)", "(rate('brain[M1]', 20 ms) + rate('brain[M2]', 20 ms) + rate('brain[M3]', 20 ms)) / 3"),
    ("active_fraction(motors)", "2 / 3 + 0 * spike_count(brain)"),
    ("first_spike(brain)", "min(first_spike('brain[M1]'), first_spike('brain[M2]'))"),
    ("spike_count('motors[M2]')", "spike_count('brain[M2]')"),
];

fn run(folder: &TempDir, experiment: &str, arguments: &[&str]) -> Output {
    std::fs::write(folder.path().join("brain.ron"), BRAIN).unwrap();
    let file = folder.path().join("selection.ron");
    std::fs::write(&file, experiment).unwrap();
    Command::new(env!("CARGO_BIN_EXE_neuropil")).arg("run").arg(&file).args(arguments).output().unwrap()
}

fn claiming(measures: impl Iterator<Item = &'static str>) -> String {
    let claims: Vec<String> =
        measures.map(|measure| format!("(claim: \"some\", measure: \"{measure}\", at_least: \"AT_LEAST\", source: \"none\")")).collect();
    EXPERIMENT.replace("CLAIMS", &claims.join(", "))
}

/// Numbers of the unit that each of [`MEASURED`] has.
fn with_units(text: &str) -> String {
    ["0", "0 Hz", "0 Hz", "0", "0 ms", "0"].iter().fold(text.to_owned(), |text, unit| text.replacen("AT_LEAST", unit, 1))
}

fn object(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn measured(object: &Value) -> Vec<f64> {
    object["claims"].as_array().unwrap().iter().map(|claim| claim["measured"].as_f64().unwrap()).collect()
}

/// Claim: a recorder of a selection keeps, writes and draws the spikes of its neurons alone; measures of the population, of the recorder and
/// of one of its neurons count by them; the spikes that happen are the same. Source: the recording of all neurons of the same run,
/// neuron by neuron. Tolerance: rounding of a mean of three.
#[test]
fn measures_count_by_the_selected_neurons() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out");
    let selection = with_units(&claiming(MEASURED.iter().map(|(selected, _)| *selected)));
    let selected = object(&run(&folder, &selection, &["--json", "--csv", "--out", out.to_str().unwrap()]));
    let whole = with_units(&claiming(MEASURED.iter().map(|(_, whole)| *whole))).replace(", neurons: \"class == 'motor'\"", "");
    let whole = object(&run(&folder, &whole, &["--json"]));
    for ((measure, _), (found, expected)) in MEASURED.iter().zip(measured(&selected).into_iter().zip(measured(&whole))) {
        assert!((found - expected).abs() < 1e-9 * expected && expected > 0.0, "{measure}: {found} for {expected}");
    }
    assert_eq!(selected["spike_digest"], whole["spike_digest"]);
    assert_eq!(selected["populations"], whole["populations"], "the meters of the summary are of all neurons");
    assert_eq!(selected["provenance"]["recorders.motors"], "spikes of 3 of 6 neurons");
    let table = SpikeTable::read_parquet(&out.join("spikes.parquet")).unwrap();
    assert_eq!((table.neurons(0), table.len() as f64), (vec![1, 3, 5], measured(&selected)[0]));
    let csv = std::fs::read_to_string(out.join("spikes.csv")).unwrap();
    assert!(csv.lines().skip(1).all(|line| line.ends_with("brain,M1") || line.ends_with("brain,M2")), "{csv}");
    let raster = std::fs::read_to_string(out.join("raster.svg")).unwrap();
    assert!(raster.contains("3 neurons; a selection of 6"));
    let plot = Command::new(env!("CARGO_BIN_EXE_neuropil")).arg("plot").arg(&out).output().unwrap();
    assert_eq!((plot.status.code(), std::fs::read_to_string(out.join("raster.svg")).unwrap()), (Some(0), raster));
}

/// Claim: what was not recorded cannot be measured, and a selector that holds for nothing is an error that shows what there is.
#[test]
fn what_is_not_recorded_is_refused() {
    let folder = TempDir::new().unwrap();
    let one = |measure: &'static str| with_units(&claiming(std::iter::once(measure)));
    let cases = [
        (one("spike_count('brain[S]')"), "recorders keep those of 3 of the 6 neurons of `brain`"),
        (one("spike_count('brain[1]')").replace("class == 'motor'", "name == 'M3'"), "recorders keep those of 1 of the 6"),
        (one("spike_count('motors[S]')"), "no neuron of `motors` is called `S`"),
        (one("spike_count(motor)"), "did you mean `motors`?"),
        (one("spike_count(brain)").replace("== 'motor'", "== 'moter'"), "did you mean `motor`?"),
        (one("spike_count(brain)").replace("\"class == 'motor'\"", "[0, 6]"), "6"),
    ];
    for (experiment, expected) in cases {
        let output = run(&folder, &experiment, &[]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(2), true), "{error}");
        assert!(error.contains(expected) && error.contains("selection.ron:"), "no `{expected}` in {error}");
    }
}
