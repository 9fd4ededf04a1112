//! What can be named has a page, what is simulated has a source, and the README's commands exist.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use neuropil::core::Registry;
use neuropil::experiment::{Settings, read_text, registered_models};
use neuropil::prelude::*;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn experiments() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("assets/experiments")).unwrap();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "ron")).collect();
    files.sort();
    files
}

/// The default that a row of a page states for a parameter, such as `-65 mV`.
fn stated_default(page: &str, parameter: &str) -> Option<String> {
    let row = page.lines().find(|line| line.starts_with(&format!("| `{parameter}` |")))?;
    row.split('|').nth(3).map(|cell| cell.trim().replace('`', ""))
}

/// Claim: every registered model has a page with equations, state and references, and its table of parameters says what reflection says.
#[test]
fn every_model_has_a_page_that_agrees_with_its_type() {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let registry = app.world().resource::<Registry<ModelEntry>>();
    let mut wrong = Vec::new();
    for (name, entry) in registry.iter() {
        let page = entry.page();
        for needed in ["# Equations", "# State", "# References", "doi:"] {
            if !page.contains(needed) {
                wrong.push(format!("{name}: no `{needed}`"));
            }
        }
        for parameter in &entry.parameters {
            let Some(stated) = stated_default(&page, &parameter.name) else {
                wrong.push(format!("{name}.{}: not on the page", parameter.name));
                continue;
            };
            let agrees = match parameter.choices.first() {
                Some(choice) => stated == *choice,
                None => {
                    let (number, unit) = stated.split_once(' ').unwrap_or((&stated, ""));
                    number.parse::<f64>() == Ok(parameter.default) && unit == parameter.unit
                }
            };
            if !agrees {
                wrong.push(format!("{name}.{}: the page says {stated}, the type {} {}", parameter.name, parameter.default, parameter.unit));
            }
        }
        for variable in &entry.state {
            if !page.contains(variable.unit) {
                wrong.push(format!("{name}: state `{}` without its unit", variable.name));
            }
        }
    }
    assert!(registry.names().count() >= 9, "{:?}", registry.names().collect::<Vec<_>>());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Claim: every experiment that comes with the engine names its source.
#[test]
fn every_experiment_cites_its_source() {
    let files = experiments();
    assert!(files.len() >= 7);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains("doi:10."), "{} cites no doi", file.display());
        assert!(text.contains("references: ["), "{} hands on no reference to its results", file.display());
    }
}

/// Claim: the experiment that the README shows is valid.
#[test]
fn the_readmes_experiment_is_valid() {
    let text = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let (_, after) = text.split_once("```ron\n").expect("an experiment");
    let (experiment, _) = after.split_once("```").expect("its end");
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let plan =
        read_text("README.md", experiment, &Settings::default(), &registered_models(&app)).map_err(|errors| errors[0].render()).unwrap();
    assert_eq!((plan.neurons(), plan.synapses_expected()), (1000, 100_000.0));
}

/// Claim: the README shows how to run and how to test, and every experiment and example it names exists.
#[test]
fn the_readme_names_what_exists() {
    let text = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    for command in ["cargo run --release -- run assets/experiments/microcircuit.ron", "cargo test"] {
        assert!(text.contains(command), "no `{command}`");
    }
    for word in text.split(|c: char| c.is_whitespace() || "`()[],\"'".contains(c)) {
        if word.starts_with("assets/experiments/") && word.ends_with(".ron") {
            assert!(root().join(word).exists(), "{word} does not exist");
        }
    }
    for (_, rest) in text.match_indices("--example ").map(|(k, found)| (k, &text[k + found.len()..])) {
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        assert!(root().join(format!("examples/{name}.rs")).exists(), "example {name} does not exist");
    }
}
