//! Cells with dendrites in experiments: what is read, and what is refused, by its place and the way out.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use neuropil_dendrites::{Precision, solver::Method};
use neuropil_experiment::{
    ExperimentError, MechanismDescription, ModelDescription, Models, ParameterDescription, Plan, RecorderPlan, Settings,
    VariableDescription, read_text,
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
    projections: {"loop": (from: "cells", to: "cells", rule: OneToOne, weight: "1 nS", delay: "1 ms", at: "path_distance > 200 um", spread: "area")},
    inputs: {"clamp": (to: "cells", at: "type != 'soma' and fraction > 0.95", source: StepCurrent(amplitude: "10 pA", start: "0 ms"))},
    recorders: {"tip": Trace(of: "cells", variable: "membrane_potential", at: "type != 'soma' and fraction > 0.95")},
)
"#;

fn catalogue() -> Models {
    let density = Dimension::CONDUCTANCE.divide(Dimension::AREA);
    let parameter =
        |name: &str, dimension| ParameterDescription { name: name.into(), unit: "", dimension, default: 0.0, choices: Vec::new() };
    let mechanism = |name: &str, parameters: Vec<ParameterDescription>, receives| {
        let gate = VariableDescription { name: "activation".into(), unit: "", dimension: Dimension::NONE };
        let state = if name == "HodgkinHuxley" { vec![gate] } else { Vec::new() };
        MechanismDescription { name: name.into(), parameters, state, receives }
    };
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
    let [kind] = &cells.kinds[..] else { panic!("one shape") };
    assert_eq!(kind.shape.len(), 21);
    assert_eq!((kind.capacitance[0], kind.capacitance[1]), (0.01, 0.02));
    assert_eq!((kind.detector, cells.threshold_mv, cells.temperature_kelvin), (0, -20.0, 310.15));
    let [leak, squid, excitation] = &kind.mechanisms[..] else { panic!("three mechanisms") };
    assert_eq!((leak.compartments.len(), excitation.compartments.len()), (21, 20));
    // The stick begins at the soma's middle: pieces at 10, 30, 50, 70, 90 µm from its own beginning, and the soma.
    let near = squid.compartments.len();
    assert!((5..=6).contains(&near), "{near}");
    assert_eq!(kind.electrodes, [20]);
    assert_eq!(plan.inputs[0].sites, [1]);
    assert!(matches!(&plan.recorders[0], RecorderPlan::Trace { compartments: Some(at), .. } if at == &[20]));
}

/// Claim: precision and method are words, or texts that a parameter holds. Source: definition. Tolerance: none.
#[test]
fn precision_and_method_are_words_or_parameters() {
    let read = |fields: &str| {
        let text = VALID.replacen("axial_resistivity:", &format!("{fields}, axial_resistivity:"), 1);
        let text = text.replacen("parameters: {", "parameters: {\"bits\": \"'single'\", ", 1);
        let plan = attempt(&text).map_err(|errors| errors[0].render()).unwrap();
        let cells = plan.populations[0].cells.clone().unwrap();
        (cells.precision, cells.method)
    };
    assert_eq!(read("precision: double"), (Precision::Double, Method::BackwardEuler));
    assert_eq!(read("precision: single, method: CrankNicolson"), (Precision::Single, Method::CrankNicolson));
    assert_eq!(read("precision: \"bits\""), (Precision::Single, Method::BackwardEuler));
}

/// Claim: a recorder finds the state of a channel by the channel's name in the file, at the chosen compartment or at the only one that has it. Source:
/// definition. Tolerance: none.
#[test]
fn states_of_channels_are_recorded() {
    let tip = "variable: \"membrane_potential\", at: \"type != 'soma' and fraction > 0.95\"";
    let soma = "variable: \"squid.activation\", at: \"type == 'soma'\"";
    let region = "\"path_distance < 100 um\"";
    let only = VALID.replace(tip, "variable: \"squid.activation\"").replace(region, "\"type == 'soma'\"");
    for text in [VALID.replace(tip, soma), only] {
        let plan = attempt(&text).map_err(|errors| errors[0].render()).unwrap();
        let RecorderPlan::Trace { mechanism, compartments, .. } = &plan.recorders[0] else { panic!("a trace") };
        assert_eq!((*mechanism, compartments.as_deref()), (Some(1), Some(&[0][..])));
    }
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
        ("variable: \"membrane_potential\"", "variable: \"squid.activations\"", "squid.activation"),
        ("variable: \"membrane_potential\"", "variable: \"squid.activation\"", "has no `squid`"),
        ("variable: \"membrane_potential\", at: \"type != 'soma' and fraction > 0.95\"", "variable: \"squid.activation\"", "say with `at`"),
        ("weight: \"1 nS\", delay: \"1 ms\"", "weight: \"1 nS\", transmission: Electrical", "where they spike"),
        ("axial_resistivity:", "replace_axon: (length: \"-30 um\", diameter: \"1 um\"), axial_resistivity:", "positive"),
        ("axial_resistivity:", "replace_axon: (length: \"30 um\", diameter: \"1 mV\"), axial_resistivity:", "potential"),
        ("axial_resistivity:", "replace_axon: (length: \"30 um\"), axial_resistivity:", "diameter"),
        ("axial_resistivity:", "replace_axon: (sections: 0, length: \"30 um\", diameter: \"1 um\"), axial_resistivity:", "sections"),
        ("axial_resistivity:", "replace_axon: (length: \"30 um\", diameter: \"1 um\", width: 1), axial_resistivity:", "width"),
        (
            "BallAndStick(soma_radius: \"10 um\", length: \"400 um\", diameter: \"2 um\"),",
            "Cylinder(length: \"400 um\", diameter: \"2 um\"), replace_axon: (length: \"30 um\", diameter: \"1 um\"),",
            "no soma",
        ),
        ("axial_resistivity:", "precision: half, axial_resistivity:", "double, single"),
        ("axial_resistivity:", "precision: Single, axial_resistivity:", "did you mean `single`"),
        ("axial_resistivity:", "precision: \"32 mV\", axial_resistivity:", "one of double, single"),
        ("axial_resistivity:", "method: CrankNicholson, axial_resistivity:", "did you mean `CrankNicolson`"),
        ("size: 3", "size: 400000000", "GiB"),
        ("{\"tip\"", "{\"cell\": Cell(), \"tip\"", "of: \"pyramids\""),
        ("{\"tip\"", "{\"cell\": Cell(of: \"cell\"), \"tip\"", "did you mean `cells`"),
        ("{\"tip\"", "{\"cell\": Cell(of: \"cells\", neurons: [1]), \"tip\"", "did you mean `neuron`"),
        ("{\"tip\"", "{\"cell\": Cell(of: \"cells\", neuron: 3), \"tip\"", "0 to 2 is possible"),
        ("{\"tip\"", "{\"cell\": Cell(of: \"cells\", frames: 1), \"tip\"", "2 to 600 is possible"),
        ("{\"tip\"", "{\"cell\": Cell(of: \"cells\", frames: 2.5), \"tip\"", "whole number"),
        ("{\"tip\"", "{\"cell\": Cell(of: \"cells\", start: \"2 mV\"), \"tip\"", "potential"),
        ("{\"tip\"", "{\"cell\": Cell(of: \"cells\", start: \"-1 ms\"), \"tip\"", "begins at 0 ms"),
        ("{\"tip\"", "{\"cell\": Cell(of: \"cells\", start: \"5 ms\", stop: \"5 ms\"), \"tip\"", "after `start`, 5 ms"),
        (
            "{\"tip\"",
            "{\"cell\": Cell(of: \"cells\", start: \"5 ms\", stop: \"6 ms\", frames: 42), \"tip\"",
            "from start to stop are 40 time steps",
        ),
        ("at: \"path_distance > 200 um\"", "at: \"path_distance > 200 m\"", "selects no compartment"),
        ("at: \"path_distance > 200 um\"", "at: \"type == 'soma'\"", "has the receptor `excitation`"),
        (", at: \"path_distance > 200 um\", spread: \"area\"", "", "in 20 compartments"),
        ("spread: \"area\"", "spread: \"area - 1 m^2\"", "at least 0"),
        ("spread: \"area\"", "spread: \"type\"", "type"),
        ("spread: \"area\"", "spread: \"aera\"", "area"),
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

/// Claim: cells take shapes in turns; grown ones differ and are the same for the same seed; a text chooses. Source: definition. Tolerance: none.
#[test]
fn shapes_are_taken_in_turns() {
    let one = "BallAndStick(soma_radius: \"10 um\", length: \"400 um\", diameter: \"2 um\")";
    let with = |shapes: &str| {
        let text = VALID.replacen(one, shapes, 1).replacen("floor(length / (20 um))", "1", 1).replacen("size: 3", "size: 5", 1);
        let text = text.replacen("fraction > 0.95", "section == 1", 2).replacen("path_distance > 200 um", "section == 1", 1);
        let text = text.replacen("on: \"path_distance < 100 um\"", "on: \"type == 'soma'\"", 1);
        attempt(&text.replacen("parameters: {", "parameters: {\"which\": \"'b'\", ", 1))
    };
    let read = |shapes: &str| with(shapes).map_err(|errors| errors[0].render()).unwrap().populations[0].cells.clone().unwrap();
    let cells = read(&format!("[{one}, Grown(number: 2, stems: 3, sections: 9)]"));
    assert_eq!(cells.kinds.iter().map(|kind| kind.shape.len()).collect::<Vec<_>>(), [2, 10, 10]);
    assert_eq!((0..5).map(|cell| cells.kind_of(cell)).collect::<Vec<_>>(), [0, 1, 2, 0, 1]);
    assert_ne!(cells.kinds[1].shape.tree, cells.kinds[2].shape.tree);
    let again = read("Chosen(by: \"which\", options: {\"a\": Ball(radius: \"5 um\"), \"b\": Grown(number: 2, stems: 3, sections: 9)})");
    assert_eq!(again.kinds[0].shape.tree, cells.kinds[1].shape.tree);
    let cases = [
        ("[]", "at least one shape"),
        ("Grown(stems: 3, sections: 10)", "each fork"),
        ("Grown(length: \"1 mV\")", "length"),
        ("Grown(number: 0)", "number"),
        ("Grown(sections: 20000, stems: 2, length: \"1 m\", number: 100000)", "at most"),
        ("Grown(colour: 3)", "colour"),
        ("Chosen(by: \"which\", options: {\"a\": Ball(radius: \"5 um\")})", "option"),
        ("Chosen(by: \"density\", options: {\"a\": Ball(radius: \"5 um\")})", "text"),
        ("\"which\"", "no such file"),
    ];
    for (shapes, word) in cases {
        let errors = with(shapes).expect_err(shapes);
        assert!(errors.iter().any(|error| error.render().contains(word)), "{shapes}: {}", errors[0].render());
    }
}

/// Claim: an input makes a stimulus for each synapse on a cell, at places drawn by shares; what it says may depend on the synapse. Source: definition.
/// Tolerance: none.
#[test]
fn inputs_have_synapses_at_places() {
    let with = |input: &str| {
        let clamp =
            r#""clamp": (to: "cells", at: "type != 'soma' and fraction > 0.95", source: StepCurrent(amplitude: "10 pA", start: "0 ms"))"#;
        assert!(VALID.contains(clamp));
        attempt(&VALID.replacen(
            clamp,
            &format!("\"volley\": (to: \"cells\", source: SpikeList(times: [\"1 ms\"]), weight: \"1 nS\", {input})"),
            1,
        ))
    };
    let read = |input: &str| with(input).map_err(|errors| errors[0].render()).unwrap().inputs;
    let each = read(r#"at: "fraction > 0.5 and type != 'soma'", delay: "1 ms + synapse_index * 2 ms""#);
    assert_eq!(each.iter().map(|input| input.sites.clone()).collect::<Vec<_>>(), (10..20).map(|k| vec![k]).collect::<Vec<_>>());
    assert_eq!((each[0].delay_ms, each[3].delay_ms), (1.0, 7.0));
    let drawn = read(r#"synapses: 200, spread: "if(fraction > 0.5, 1, 0)", neurons: "index >= synapse_index / 100""#);
    assert_eq!(drawn.len(), 200);
    assert!(drawn.iter().all(|input| (10..20).contains(&input.sites[0])), "no synapse where the share is 0");
    assert_eq!((drawn[0].neurons.clone(), drawn[199].neurons.clone()), (Some(vec![0, 1, 2]), Some(vec![2])));
    assert!((10..20).all(|place| drawn.iter().any(|input| input.sites[0] == place)), "all others are met");
    let cases = [
        ("delay: \"1 ms\"", "in 20 compartments"),
        ("synapses: -1", "synapses"),
        ("synapses: 100000", "synapses"),
        ("at: \"type == 'soma'\"", "has the receptor"),
        ("synapses: 2, neurons: \"index >= synapse_index + 2\"", "selects no neuron"),
    ];
    for (input, word) in cases {
        let errors = with(input).expect_err(input);
        assert!(errors.iter().any(|error| error.render().contains(word)), "{input}: {}", errors[0].render());
        assert!(errors.len() == 1, "{input}: {}", errors[1].render());
    }
}

/// Claim: a new axon is there to be cut, painted and recorded. Source: two cylinders of 30 µm in pieces of 20 µm, one piece each. Tolerance: none.
#[test]
fn an_axon_is_put_in_place() {
    let text =
        VALID.replacen("axial_resistivity:", "replace_axon: (sections: 2, length: \"30 um\", diameter: \"1 um\"), axial_resistivity:", 1);
    let text = text.replacen("at: \"type != 'soma' and fraction > 0.95\")", "at: \"type == 'axon' and path_distance > 30 um\")", 1);
    let text = text.replacen("type != 'soma' and fraction > 0.95", "type == 'basal' and fraction > 0.95", 1);
    let plan = attempt(&text).map_err(|errors| errors[0].render()).unwrap();
    let shape = &plan.populations[0].cells.as_ref().unwrap().kinds[0].shape;
    assert_eq!(shape.len(), 23);
    let areas: f64 = [21, 22].iter().map(|node| shape.tree.area[shape.nodes[*node] as usize]).sum();
    assert!((areas - std::f64::consts::PI * 60.0).abs() < 1e-9, "{areas}");
    assert!(matches!(&plan.recorders[0], RecorderPlan::Trace { compartments: Some(places), .. } if places[..] == [22]));
}

/// Claim: a population of cells like another has the same cells and a size of its own, a current and a recorder reach both at one place, and what does not go with
/// `like` is refused. Source: definition. Tolerance: none.
#[test]
fn cells_are_like_one_another() {
    let more = |fields: &str| VALID.replacen("    projections:", &format!("    projections:{fields}"), 1);
    let with = |like: &str| more("").replacen("    },\n    projections", &format!("        {like}\n    }},\n    projections"), 1);
    let text = with("\"more\": (size: 5, like: \"cells\"), \"yet\": (size: 2, like: \"more\"),")
        .replacen("to: \"cells\", at:", "to: [\"cells\", \"yet\"], at:", 1)
        .replacen("of: \"cells\"", "of: [\"cells\", \"more\", \"yet\"]", 1);
    let plan = attempt(&text).map_err(|errors| errors[0].render()).unwrap();
    let sizes: Vec<usize> = plan.populations.iter().map(|population| population.size).collect();
    assert_eq!(sizes, [3, 5, 2]);
    let cells = |index: usize| &plan.populations[index].cells.as_ref().unwrap().kinds[0];
    assert!(std::sync::Arc::ptr_eq(&cells(0).shape, &cells(2).shape));
    assert_eq!((&cells(0).electrodes[..], &cells(1).electrodes[..], &cells(2).electrodes[..]), (&[20][..], &[][..], &[20][..]));
    assert_eq!((plan.inputs[0].to.len(), &plan.inputs[0].sites[..]), (2, &[1][..]));
    // What is wrong with the cell is said once, not again of all that are like it.
    let errors = attempt(&text.replacen("\"density\"))", "\"1 mV\"))", 1)).expect_err("a density of the wrong dimension");
    assert_eq!(errors.len(), 1, "{}", errors.last().unwrap().render());
    for (like, word) in [
        ("\"more\": (size: 5, like: \"cells\", with: {\"v\": 1}),", "takes no `with`"),
        ("\"more\": (size: 5, like: \"cells\", initial: {\"membrane_potential\": \"-60 mV\"}),", "takes no `initial`"),
        ("\"more\": (size: 5, like: \"more\"),", "circle"),
        ("\"more\": (like: \"cells\"),", "size"),
        ("\"more\": (size: 5, like: \"cell\"),", "cells"),
    ] {
        let errors = attempt(&with(like)).expect_err(like);
        assert!(errors[0].location().is_some_and(|at| at.line > 1) && errors[0].render().contains(word), "{like}: {}", errors[0].render());
    }
    let before = VALID.replacen("        \"cells\": (", "        \"early\": (size: 1, like: \"cells\"),\n        \"cells\": (", 1);
    assert!(attempt(&before).expect_err("early")[0].render().contains("must stand before"));
    let other = with(
        "\"other\": (size: 1, cell: (morphology: Ball(radius: \"9 um\"), axial_resistivity: \"1 ohm m\", temperature: \"300 K\", compartments: \"1\")),",
    );
    let both = other.replacen("to: \"cells\", at:", "to: [\"cells\", \"other\"], at:", 1);
    assert!(attempt(&both).expect_err("different cells")[0].render().contains("like one another"));
}

/// Claim: an input onto several populations must say where its spikes go in cells whose receptor has several places. Source: definition. Tolerance: none.
#[test]
fn no_place_is_taken_for_granted() {
    let more = VALID.replacen(
        "populations: {\n",
        "populations: {\n        \"points\": (size: 2, cell: (morphology: Ball(radius: \"9 um\"), axial_resistivity: \"1 ohm m\", temperature: \"300 K\", \
         compartments: \"1\", receptors: {\"excitation\": (is: ExponentialSynapse())})),\n",
        1,
    );
    let volley = "\"volley\": (to: [\"points\", \"cells\"], source: SpikeList(times: [\"1 ms\"]), weight: \"1 nS\"), \"clamp\"";
    let errors = attempt(&more.replacen("\"clamp\"", volley, 1)).expect_err("two populations");
    assert!(errors[0].render().contains("in 20 compartments"), "{}", errors[0].render());
    let one = volley.replace("[\"points\", \"cells\"]", "\"points\"");
    assert!(attempt(&more.replacen("\"clamp\"", &one, 1)).is_ok(), "one place needs no choice");
}

/// Claim: the d-lambda rule cuts the stick, of 2 µm and 400 µm with 2 µF/cm² and 100 Ω cm, into 15 and leaves the soma whole. Source: λ at 100 Hz of 1 µm,
/// 100 Ω cm and 1 µF/cm² is 282.09 µm, as the diameter's root and one over the capacitance's; 400 over a tenth of it, 0.9 added, is 15.08. Tolerance: none.
#[test]
fn compartments_by_the_length_constant() {
    let with = |rule: &str| {
        let text = VALID.replacen("\"if(type == 'soma', 1, floor(length / (20 um)))\"", rule, 1);
        attempt(&text.replacen("fraction > 0.95", "fraction > 0.92", 2))
    };
    let count =
        |rule: &str| with(rule).map_err(|errors| errors[0].render()).unwrap().populations[0].cells.as_ref().unwrap().kinds[0].shape.len();
    assert_eq!(count("DLambda()"), 16);
    assert_eq!(count("DLambda(fraction: 0.2, frequency: \"100 Hz\")"), 8);
    for (rule, word) in [
        ("DLamda()", "DLambda"),
        ("DLambda(fraction: 0)", "more than 0"),
        ("DLambda(frequency: \"1 ms\")", "frequency"),
        ("DLambda(fractoin: 1)", "fraction"),
    ] {
        let errors = with(rule).expect_err(rule);
        assert!(errors.iter().any(|error| error.render().contains(word)), "{rule}: {}", errors[0].render());
    }
}

/// Claim: what meters are told is checked, and the bill is of populations that are metered. Source: definition. Tolerance: none.
#[test]
fn energy_is_metered_where_cells_are() {
    let with = |energy: &str| attempt(&VALID.replacen("    populations: {", &format!("    energy: {energy},\n    populations: {{"), 1));
    let plan = with("(sodium_reversal_potential: \"55 mV\")").map_err(|errors| errors[0].render()).unwrap().energy.unwrap();
    assert_eq!((plan.sodium_mv, plan.potassium_mv), (55.0, -90.0));
    for (energy, word) in [
        ("(sodium_reversal_potential: \"-95 mV\")", "not above"),
        ("(sodium_reversal_potential: \"1 nS\")", "potential"),
        ("(sodum: 1)", "sodium_reversal_potential"),
    ] {
        let errors = with(energy).expect_err(energy);
        assert!(errors.iter().any(|error| error.render().contains(word)), "{energy}: {}", errors[0].render());
    }
    let bill = |energy: &str, measure: &str| {
        let claims = format!("claims: [(claim: \"c\", measure: \"{measure}\", at_least: 0, source: \"s\")],\n    inputs: {{");
        let text = VALID.replacen("inputs: {", &claims, 1);
        attempt(&text.replacen("    populations: {", &format!("    {energy}\n    populations: {{"), 1))
    };
    assert!(bill("energy: (),", "atp(cells)").is_ok() && bill("energy: (),", "atp('cells[leak]')").is_ok());
    for (energy, measure, word) in
        [("", "atp(cells)", "energy: ()"), ("energy: (),", "atp('cells[squit]')", "squit"), ("energy: (),", "atp('cels')", "cells")]
    {
        let errors = bill(energy, measure).expect_err(measure);
        assert!(errors.iter().any(|error| error.render().contains(word)), "{measure}: {}", errors[0].render());
    }
}

/// Claim: a cell to draw is read with its window and frames, and without them is the first over the whole run; one of point neurons is refused, and a window
/// that begins after the end of the run is said. Source: definition. Tolerance: none.
#[test]
fn cells_to_draw_are_read() {
    let with = |recorder: &str| attempt(&VALID.replacen("{\"tip\"", &format!("{{\"cell\": {recorder}, \"tip\""), 1));
    let drawn = |recorder: &str| match with(recorder).unwrap().recorders[0] {
        RecorderPlan::Cell { of, neuron, start_ms, stop_ms, frames, .. } => (of, neuron, start_ms, stop_ms, frames),
        ref other => panic!("{other:?}"),
    };
    assert_eq!(drawn("Cell(of: \"cells\")"), (0, 0, 0.0, 10.0, 120));
    // It may last longer than the run, as one that is shortened by `--duration`.
    assert_eq!(drawn("Cell(of: \"cells\", neuron: 2, start: \"5 ms\", stop: \"20 ms\", frames: 50)"), (0, 2, 5.0, 20.0, 50));
    let late = with("Cell(of: \"cells\", start: \"10 ms\", stop: \"20 ms\")").unwrap();
    assert!(late.warnings.iter().any(|warning| warning.contains("no cell is drawn")), "{:?}", late.warnings);
    let points = VALID.replacen("populations: {", "populations: {\"points\": (size: 1, model: LifDelta()),", 1);
    let errors = attempt(&points.replacen("{\"tip\"", "{\"cell\": Cell(of: \"points\"), \"tip\"", 1)).unwrap_err();
    assert!(errors[0].render().contains("only cells with dendrites"), "{}", errors[0].render());
}
