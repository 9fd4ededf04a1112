//! `neuropil inspect` of cells, as its users meet it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CELL: &str = "assets/morphologies/l4_mouse_nr5a1_471087815.swc";
const BROKEN: &str = "crates/neuropil_morphology/tests/broken";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn neuropil(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_neuropil")).arg("inspect").args(arguments).current_dir(root()).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Claim: the page of a cell says what it is made of, what is assumed, and where files were written, which are there.
#[test]
fn a_cell_s_page_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/cells");
    let output = neuropil(&[CELL, CELL, "--out", out.to_str().unwrap(), "--theme", "dark"]);
    let page = text(&output.stdout);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    for part in [
        "1,531 samples   38 sections   soma 521 µm² (one sample, a ball)",
        "basal",
        "apical",
        "axial resistivity of 150 Ω·cm",
        "crossings (Sholl)",
        "branch order",
    ] {
        assert!(page.contains(part), "no `{part}` in {page}");
    }
    for name in ["l4_mouse_nr5a1_471087815", "l4_mouse_nr5a1_471087815-2"] {
        for ending in ["json", "png", "svg"] {
            assert!(std::fs::metadata(out.join(format!("{name}.{ending}"))).unwrap().len() > 1000, "{name}.{ending}");
        }
    }
    let json: Value = serde_json::from_str(&std::fs::read_to_string(out.join("l4_mouse_nr5a1_471087815.json")).unwrap()).unwrap();
    assert_eq!(json["neurites"]["sections"], 37);
}

/// Claim: repairs are warnings on standard error with file and line, few of a sort; `--strict` refuses them.
#[test]
fn repairs_are_warnings() {
    let file = format!("{BROKEN}/24_zero_radius.swc");
    let output = neuropil(&[&file]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stderr),
        format!("warning: {file}:3: the radius is 0; raised to 0.05 µm\nwarning: {file}:4: the radius is 0; raised to 0.05 µm\n")
    );
    let output = neuropil(&[&file, "--strict"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with(&format!("error: {file}:3:1: the radius is 0; raised to 0.05 µm if not read strictly")));

    let folder = tempfile::tempdir().unwrap();
    let many = folder.path().join("many.swc");
    let lines: String = (2..20).map(|id| format!("{id} 3 0 {id} 0 0 {}\n", id - 1)).collect();
    std::fs::write(&many, format!("1 1 0 0 0 5 -1\n{lines}")).unwrap();
    let output = neuropil(&[many.to_str().unwrap()]);
    let warnings = text(&output.stderr);
    assert_eq!(warnings.lines().count(), 6, "{warnings}");
    assert!(warnings.ends_with("many.swc: 13 more of the same sorts\n"), "{warnings}");
}

/// Claim: of several files the good ones are shown and the bad ones named; the status is 2, also for what belongs to connectomes.
#[test]
fn what_is_refused_is_named_and_the_rest_shown() {
    let (good, bad) = (format!("{BROKEN}/00_good.swc"), format!("{BROKEN}/25_negative_radius.swc"));
    let output = neuropil(&[&bad, &good, "--json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), format!("error: {bad}:3:11: the radius is -1; expected 0 or more\n"));
    let json: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    assert_eq!(json["cells"][0]["file"], good);
    assert_eq!(json["cells"][0]["samples"], 7);

    let connectome = "assets/connectomes/celegans_varshney2011.connectome";
    for (arguments, message) in [
        (vec![CELL, "--shuffles", "3"], "error: --shuffles is for connectomes"),
        (vec![connectome, "--strict"], "error: --strict is for morphologies"),
        (vec![CELL, "--axial-resistivity", "3 mV"], "error: --axial-resistivity \"3 mV\":"),
        (vec![CELL, "--membrane-resistance", "-3 Ohm*cm^2"], "error: --membrane-resistance \"-3 Ohm*cm^2\": expected more than 0"),
        (vec![CELL, "--scale", "0"], "error: the scale is 0; expected a positive number"),
        (vec!["nowhere.swc"], "error: nowhere.swc: cannot be read: no such file or directory"),
    ] {
        let output = neuropil(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).starts_with(message), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
}

/// Claim: electrotonic lengths follow the quantities given: 40 µm of 0.8 µm at 100 Ω·cm and 40 kΩ·cm² are 40/(100 √(0.8·40000/400)) space constants.
/// Tolerance: rounding.
#[test]
fn electrotonic_lengths_follow_the_quantities_given() {
    let file = format!("{BROKEN}/00_good.swc");
    let output = neuropil(&[&file, "--json", "--axial-resistivity", "1 Ohm*m", "--membrane-resistance", "4 Ohm*m^2"]);
    let json: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    let axon = &json["cells"][0]["kinds"][1];
    assert_eq!(axon["name"], "axon");
    assert!((axon["longest_electrotonic"].as_f64().unwrap() - 40.0 / (100.0 * (0.8f64 * 40_000.0 / 400.0).sqrt())).abs() < 1e-12);
}

/// Claim: a cell is recognised by its content if its name says nothing; names of tables and connectomes are left to those.
#[test]
fn content_tells_what_a_file_is() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("cell.morphology", "# a cell\n1 1 0 0 0 5 -1\n"), ("cell", "; a cell\n((Axon) (0 0 0 1) (0 9 0 1))\n")] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let output = neuropil(&[path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains("1 section"));
    }
}
