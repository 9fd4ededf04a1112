//! Morphologies as their users meet them: files that are odd or broken, real cells, sections and compartments, synthetic cells.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

mod asc;
mod broken;
mod hostile;
mod real_cells;
mod sections;
mod synthetic;

use neuropil_morphology::{Kind, Measures, Morphology, Rules, Sections};

/// A cell's sections by NEURON's rules, and its measures.
fn measured(morphology: &Morphology) -> (Sections, Measures) {
    let sections = Sections::of(morphology, Rules::Neuron).unwrap();
    let measures = Measures::of(morphology, &sections, Default::default(), None);
    (sections, measures)
}

/// Sections, length and area of a kind.
fn of_kind(measures: &Measures, kind: Kind) -> (usize, f64, f64) {
    measures.kinds.iter().find(|of| of.kind == kind.0).map_or((0, 0.0, 0.0), |of| (of.sections, of.length_um, of.area_um2))
}

/// Holds two numbers together.
#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found}, but expected {expected} ± {tolerance}");
}
