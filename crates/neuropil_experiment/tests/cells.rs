//! Cells with dendrites in experiments: what is read, and what is refused, by its place and the way out.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use neuropil_experiment::{
    ExperimentError, MechanismDescription, ModelDescription, Models, ParameterDescription, Plan, RecorderPlan, Settings, read_text,
};
use neuropil_units::Dimension;

const VALID: &str = r#"Experiment(
    duration: "10 ms",
    time_step: "0.025 ms",
    parameters: {"density": "0.1 mS/cm^2"},
    populations: {
        "cells": (
            size: 3,
            cell: (
                morphology: BallAndStick(soma_radius: "10 um", length: "400 um", diameter: "2 um"),
                axial_resistivity: "100 ohm cm",
                capacitance: "if(type == 'soma', 1 uF/cm^2, 2 uF/cm^2)",
                temperature: "37 degC",
                compartments: "if(type == 'soma', 1, floor(length / (20 um)))",
                potential: "-70 mV",
                channels: {"leak": (is: Passive(conductance: "density")), "squid": (on: "path_distance < 100 um", is: HodgkinHuxley(sodium_conductance: "density * exp(-path_distance / (50 um))"))},
                receptors: {"excitation": (on: "type != 'soma' and branch_order == 1", is: ExponentialSynapse(time_constant: "2 ms"))},
                spikes: (on: "type == 'soma'", threshold: "-20 mV"),
            ),
        ),
    },
    projections: {"loop": (from: "cells", to: "cells", rule: OneToOne, weight: "1 nS", delay: "1 ms", autapses: true)},
    inputs: {"clamp": (to: "cells", at: "type != 'soma' and fraction > 0.95", source: StepCurrent(amplitude: "10 pA", start: "0 ms"))},
    recorders: {"tip": Trace(of: "cells", variable: "membrane_potential", at: "type != 'soma' and fraction > 0.95")},
)
"#;

fn catalogue() -> Models {
    let density = Dimension::CONDUCTANCE.divide(Dimension::AREA);
    let parameter =
        |name: &str, dimension| ParameterDescription { name: name.into(), unit: "", dimension, default: 0.0, choices: Vec::new() };
    let mechanism =
        |name: &str, parameters: Vec<ParameterDescription>, receives| MechanismDescription { name: name.into(), parameters, receives };
    Models {
        models: vec![ModelDescription {
            name: "LifDelta".into(),
            parameters: Vec::new(),
            state: Vec::new(),
            receptors: Vec::new(),
            current: Dimension::CURRENT,
        }],
        mechanisms: vec![
            mechanism("Passive", vec![parameter("conductance", density), parameter("reversal_potential", Dimension::POTENTIAL)], None),
            mechanism("HodgkinHuxley", vec![parameter("sodium_conductance", density)], None),
            mechanism("ExponentialSynapse", vec![parameter("time_constant", Dimension::TIME)], Some(("nS", Dimension::CONDUCTANCE))),
        ],
    }
}

fn attempt(text: &str) -> Result<Plan, Vec<ExperimentError>> {
    read_text("cells.ron", text, &Settings::default(), &catalogue())
}

/// Claim: regions, numbers of compartments and parameters are expressions over compartments and sections. Source: the shape of a ball and a stick: 400 µm in
/// pieces of 20 µm. Tolerance: none, but rounding for the exponential.
#[test]
fn cells_are_read() {
    let plan = attempt(VALID).map_err(|errors| errors[0].render()).unwrap();
    let cells = plan.populations[0].cells.as_ref().unwrap();
    assert_eq!(cells.shape.len(), 21);
    assert_eq!((cells.capacitance[0], cells.capacitance[1]), (0.01, 0.02));
    assert_eq!((cells.detector, cells.threshold_mv, cells.temperature_kelvin), (0, -20.0, 310.15));
    let [leak, squid, excitation] = &cells.mechanisms[..] else { panic!("three mechanisms") };
    assert_eq!((leak.compartments.len(), excitation.compartments.len()), (21, 20));
    // The stick begins at the soma's middle: pieces at 10, 30, 50, 70, 90 µm from its own beginning, and the soma.
    let near = squid.compartments.len();
    assert!((5..=6).contains(&near), "{near}");
    assert_eq!(cells.electrodes, [20]);
    assert_eq!(plan.inputs[0].site, 1);
    assert!(matches!(&plan.recorders[0], RecorderPlan::Trace { compartment: Some(20), .. }));
}

/// Claim: what is wrong is refused once, with its line and a word that says what. Source: definition. Tolerance: none.
#[test]
fn what_is_wrong_is_refused_with_its_place() {
    let cases = [
        ("type == 'soma'\", threshold", "type == 'some'\", threshold", "'some'"),
        ("\"path_distance < 100 um\"", "\"path_distance < -1 um\"", "selects no compartment"),
        ("\"path_distance < 100 um\"", "\"path_distance < 100\"", "length"),
        ("conductance: \"density\"", "conductance: \"1 mV\"", "potential"),
        ("HodgkinHuxley(", "HodgkinHuxly(", "HodgkinHuxley"),
        ("is: ExponentialSynapse(time_constant: \"2 ms\")", "is: Passive()", "ExponentialSynapse"),
        ("floor(length / (20 um))", "floor(length / (1e-9 um))", "at most"),
        ("length: \"400 um\"", "length: \"-400 um\"", "positive"),
        ("capacitance: \"if", "capacitance: \"-1 * if", "above 0"),
        ("axial_resistivity: \"100 ohm cm\"", "axial_resistivity: \"0 ohm cm\"", "more than 0"),
        ("at: \"type != 'soma' and fraction > 0.95\", source", "at: \"type != 'soma'\", source", "chooses one"),
        ("membrane_potential", "membrane_potentials", "membrane_potential"),
        ("morphology: BallAndStick", "morphology: BallAndStik", "BallAndStick"),
        ("weight: \"1 nS\"", "weight: \"1 pA\"", "conductance"),
        ("size: 3", "size: 400000000", "GiB"),
        ("cell: (", "model: LifDelta(), cell: (", "both `cell` and `model`"),
        (
            "morphology: BallAndStick(soma_radius: \"10 um\", length: \"400 um\", diameter: \"2 um\")",
            "morphology: \"none.swc\"",
            "no such file",
        ),
    ];
    for (from, to, word) in cases {
        assert!(VALID.contains(from), "{from}");
        let errors = attempt(&VALID.replacen(from, to, 1)).expect_err(to);
        let first = errors[0].to_string();
        assert!(errors[0].location().is_some_and(|at| at.line > 1), "{to}: {first}");
        assert!(errors.iter().any(|error| error.render().contains(word)), "{to}: {}", errors[0].render());
        assert!(errors.len() <= 2, "{to}: {} errors: {}", errors.len(), errors[1].render());
    }
}
