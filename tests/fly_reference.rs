//! The whole brain of the fly, cell by cell, against a plain NumPy run of the published rules.
//!
//! FlyWire's tables may not be shipped, so this test runs only where they are:
//!
//! ```sh
//! NEUROPIL_FLY=fly.connectome NEUROPIL_FLY_REFERENCE=sugar_reference.csv cargo test --release --test fly_reference -- --ignored
//! ```

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use neuropil::experiment::{RunOptions, Settings, read, registered_models, run};
use neuropil::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Claim: every cell spikes as often as in the reference, in one second in which the sugar cells are kicked every 10 ms.
/// Source: the rules of Shiu PK et al. (2024), doi:10.1038/s41586-024-07763-9, in NumPy: a table with columns `root_id` and `spikes` of the cells
/// that spike. Tolerance: none; both compute in double precision, and nothing is left to chance.
#[test]
#[ignore = "needs FlyWire's tables, which may not be shipped"]
fn every_cell_spikes_as_in_the_reference() {
    let variable = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} names no file"));
    let table = std::fs::read_to_string(variable("NEUROPIL_FLY_REFERENCE")).unwrap();
    let mut lines = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let [name, spikes] = ["root_id", "spikes"].map(|column| header.iter().position(|c| *c == column).unwrap());
    let expected: BTreeMap<String, usize> = lines.map(|line| (line[name].to_string(), line[spikes].parse().unwrap())).collect();

    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let mut settings = Settings::default();
    settings.push(&format!("connectome={}", variable("NEUROPIL_FLY"))).unwrap();
    settings.push("drive=regular").unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/experiments/fly.ron");
    let plan = read(&path, &settings, &registered_models(&app)).map_err(|errors| errors[0].render()).unwrap();
    let cancel = AtomicBool::new(false);
    let options = RunOptions { threads: 2, simd: Simd::detect(), keep: true, cancel: &cancel, progress: &mut |_| () };
    let outcome = run(&plan, &mut app, options).map_err(|error| error.render()).unwrap();
    let table = outcome.spikes.unwrap();
    let mut found = BTreeMap::new();
    for (_, neurons) in table.iter() {
        for neuron in neurons {
            *found.entry(table.names()[neuron].clone()).or_insert(0) += 1;
        }
    }
    assert!(!expected.is_empty());
    assert_eq!(found, expected);
}
