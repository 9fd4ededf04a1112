//! Channels that an experiment declares: what is read, and what is refused, by its place and the way out.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use neuropil_experiment::{Assigned, ExperimentError, Models, Plan, Settings, read_text};

const VALID: &str = r#"Experiment(
    duration: "10 ms",
    time_step: "0.025 ms",
    parameters: {"half": "-30 mV"},
    populations: {
        "cells": (
            size: 3,
            cell: (
                morphology: BallAndStick(soma_radius: "10 um", length: "400 um", diameter: "2 um"),
                axial_resistivity: "100 ohm cm",
                temperature: "37 degC",
                compartments: "if(type == 'soma', 1, floor(length / (20 um)))",
                channels: {
                    "slow": (on: "type != 'soma'", is: Declared(
                        conductance: "(1 mS/cm^2) * exp(-path_distance / (100 um))",
                        reversal_potential: "-90 mV",
                        temperature_factor: "2.3^((temperature - 21 degC) / (10 K))",
                        gates: {
                            "n": (steady_state: "1 / (1 + exp(-(membrane_potential - half) / (5 mV)))", time_constant: "20 ms"),
                            "l": (power: 2, alpha: "0.1/ms", beta: "(0.2/ms) * exp(-membrane_potential / (20 mV))"),
                        },
                    )),
                    "gated by calcium": (is: Declared(
                        ion: "calcium",
                        permeability: "1e-5 cm/s",
                        scheme: (
                            states: ["C", "O"],
                            rates: {"C -> O": "(1/ms) * calcium / (1 uM)", "O -> C": "0.1/ms"},
                            open: {"O": 0.5},
                        ),
                    )),
                },
            ),
        ),
    },
)
"#;

fn attempt(text: &str) -> Result<Plan, Vec<ExperimentError>> {
    read_text("declared.ron", text, &Settings::default(), &Models::default())
}

/// Claim: a declared channel has its compartments, its strength by compartment, and an entity for each gate or state. Source: the shape of a ball and a stick, 400 µm
/// in pieces of 20 µm. Tolerance: none.
#[test]
fn declared_channels_are_read() {
    let plan = attempt(VALID).map_err(|errors| errors[0].render()).unwrap();
    let [slow, gated] = &plan.populations[0].cells.as_ref().unwrap().kinds[0].mechanisms[..] else { panic!("two channels") };
    assert_eq!((slow.compartments.len(), slow.entities()), (20, 40));
    assert_eq!((gated.compartments.len(), gated.entities()), (21, 42));
    let Assigned::Listed(conductance) = &slow.parameters[0].value else { panic!("one value a compartment") };
    assert!(conductance.len() == 20 && conductance.windows(2).all(|pair| pair[0] > pair[1]), "{conductance:?}");
    let names = |entry: &neuropil_dendrites::MechanismEntry| entry.parameters.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(slow.declared.as_ref().unwrap()), ["conductance", "reversal_potential"]);
    assert_eq!(names(gated.declared.as_ref().unwrap()), ["permeability", "outside_concentration"]);
}

/// Claim: whatever is wrong with a declared channel is said once, at its line, with what would do.
#[test]
fn what_is_wrong_is_shown_at_its_place() {
    let cases = [
        (
            "- half)",
            "- hlaf)",
            "19:86: populations.cells.cell.channels.slow.is.gates.n.steady_state: unknown name `hlaf`; did you mean `half`?",
        ),
        ("\"20 ms\"", "\"20 mV\"", "found a potential (mV), expected a time (ms)"),
        ("\"20 ms\"", "\"20 ms - membrane_potential * (1 ms/mV)\"", "the time constant of `n` is 0 ms at 20 mV; expected more than 0"),
        (
            "time_constant: \"20 ms\"",
            "beta: \"1/ms\"",
            "a gate has `alpha` and `beta`, or `steady_state` and `time_constant`, but not `beta`",
        ),
        (", time_constant: \"20 ms\"", "", "the gate `n` needs `time_constant`"),
        ("power: 2", "power: -2", "slow.is.gates.l.power is -2; 1 to 16 is possible"),
        ("power: 2", "powr: 2", "the gate `l` has no field `powr`; did you mean `power`?"),
        ("2.3^((temperature", "2.3^((membrane_potential", "slow.is.temperature_factor: `-` needs the same dimension on both sides"),
        ("reversal_potential: \"-90 mV\",", "", "`Declared` needs `reversal_potential`"),
        ("reversal_potential: \"-90 mV\",", "ion: \"potassium\",", "unknown ion `potassium`; known: calcium"),
        ("ion: \"calcium\",", "", "`Declared` needs `ion`"),
        ("permeability: \"1e-5 cm/s\"", "permeability: \"1e-5 cm\"", "found a length (µm), expected a speed (µm/ms)"),
        (
            "permeability: \"1e-5 cm/s\"",
            "conductance: \"1 mS/cm^2\", outside_concentration: \"2 mM\"",
            "only a channel with a `permeability` has an `outside_concentration`",
        ),
        ("gates: {", "gaets: {", "`Declared` has no field `gaets`; did you mean `gates`?"),
        ("[\"C\", \"O\"]", "[\"C\", \"O\", \"C\"]", "the state `C` is given twice"),
        ("[\"C\", \"O\"]", "[\"C\", \"O\", \"I\"]", "no rate leads to the state `I` or from it"),
        ("\"O -> C\"", "\"O -> D\"", "unknown state `D`; did you mean `C`?"),
        ("\"O -> C\"", "\"O to C\"", "a rate is named by the states that it leads from and to, such as \"C -> O\", not `O to C`"),
        ("\"O -> C\"", "\"C->O\"", "the rate `C -> O` is given twice; the first is at line 28"),
        (
            "\"O -> C\": \"0.1/ms\"",
            "\"O -> C\": \"-0.1/ms\"",
            "the rate `O -> C` is -0.1/ms at -150 mV and 0.00001 mM of calcium; expected at least 0",
        ),
        ("{\"O\": 0.5}", "{\"O\": 1.5}", "a state conducts from 0 to 1 of the whole, not 1.5"),
        ("{\"O\": 0.5}", "{}", "no state conducts"),
        (
            "is: Declared(\n                        ion",
            "is: Declard(\n                        ion",
            "unknown model `Declard`; did you mean `Declared`?",
        ),
    ];
    let mut wrong = Vec::new();
    for (from, to, message) in cases {
        assert!(VALID.contains(from), "{from}");
        let errors = attempt(&VALID.replacen(from, to, 1)).expect_err(to);
        let found: Vec<String> = errors.iter().map(ToString::to_string).collect();
        if found.len() != 1 || !found[0].contains(message) || !found[0].starts_with("declared.ron:") {
            wrong.push(format!("{to}: expected {message}\nfound {}", found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
