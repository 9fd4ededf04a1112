//! Every kind of refusal has a place and says the way out. The snapshots hold the whole rendered message.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod common;

use std::{fmt::Write as _, path::Path};

use neuropil_experiment::{ExperimentError, Plan, Settings, read, read_text};

/// A small experiment in which every section appears; the cases below break one piece of it each.
const VALID: &str = r#"// A valid experiment.
Experiment(
    title: "test",
    duration: "100 ms",
    time_step: "0.1 ms",
    seed: 1,
    parameters: {"order": 25, "J": "0.1 mV", "mode": OneOf(default: "a", options: {"a": {"g": 5}, "b": {"g": 3}}), "c": [[0.1, 0.2]]},
    populations: {
        "excitatory": (size: "4 * order", model: LifDelta(membrane_time_constant: "20 ms"), initial: {"membrane_potential": "uniform(0 mV, 20 mV)"}, positions: Grid(shape: [10, 10], spacing: "50 um")),
        "inhibitory": (size: "order", like: "excitatory", with: {"bias_current": "1 pA"}, positions: RandomIn(extent: ["1 mm", "1 mm", "0 um"])),
        "cuba": (size: 10, model: LifExponentialCurrent()),
    },
    projections: {
        "excitation": (from: "excitatory", to: ["excitatory", "inhibitory"], rule: FixedInDegree(10), weight: "J", delay: "1.5 ms"),
        "inhibition": (from: "inhibitory", to: "cuba", rule: PairwiseBernoulli(0.1), weight: "-1 pA", delay: "1 ms", receptor: "inhibitory"),
    },
    inputs: {
        "background": (to: "excitatory", source: Poisson(rate: [("0 ms", "10 Hz"), ("50 ms", "20 Hz")]), weight: "J", neurons: "0..50"),
        "step": (to: "cuba", source: StepCurrent(amplitude: "10 pA", start: "1 ms", stop: "2 ms")),
    },
    recorders: {"raster": Spikes(of: "excitatory"), "trace": Trace(of: "cuba", variable: "membrane_potential", interval: "1 ms", neurons: [0, 1])},
)
"#;

fn attempt(text: &str, set: &[&str]) -> Result<Plan, Vec<ExperimentError>> {
    let mut settings = Settings::default();
    for assignment in set {
        settings.push(assignment).map_err(|error| vec![error])?;
    }
    read_text("test.ron", text, &settings, &common::catalogue())
}

/// All errors, one line and rendered.
fn shown(errors: &[ExperimentError]) -> String {
    let mut shown = String::new();
    for error in errors {
        assert!(error.location().is_some(), "no place in `{error}`");
        assert!(error.to_string().starts_with(&error.location().unwrap().to_string()), "{error}");
        assert!(!error.to_string().contains('\n'), "{error}");
        let _ = writeln!(shown, "{error}\n{}\n", error.render());
    }
    shown
}

/// The errors of several experiments or flags, each under its name, as one snapshot.
fn refused(snapshot: &str, cases: impl IntoIterator<Item = (&'static str, String, Vec<&'static str>)>) {
    let mut all = String::new();
    for (name, text, set) in cases {
        match attempt(&text, &set) {
            Ok(_) => panic!("{name}: accepted"),
            Err(errors) => {
                let _ = write!(all, "## {}\n\n{}", name.replace('_', " "), shown(&errors));
            }
        }
    }
    insta::assert_snapshot!(snapshot, all);
}

/// Refuses `VALID` with one piece replaced, for each case.
fn mistakes(snapshot: &str, cases: &[(&'static str, &str, &str)]) {
    refused(snapshot, cases.iter().map(|(name, old, new)| (*name, with(old, new), vec![])));
}

/// `VALID` with one piece replaced, which must be there exactly once.
fn with(old: &str, new: &str) -> String {
    assert_eq!(VALID.matches(old).count(), 1, "`{old}` must occur once");
    VALID.replacen(old, new, 1)
}

#[test]
fn the_valid_experiment_is_accepted() {
    let plan = attempt(VALID, &[]).map_err(|errors| shown(&errors)).unwrap();
    assert_eq!((plan.neurons(), plan.projections.len(), plan.steps()), (135, 2, 1000));
}

#[test]
fn broken_syntax_is_refused_where_it_breaks() {
    mistakes(
        "syntax",
        &[
            ("comma_missing", "seed: 1,", "seed: 1"),
            ("colon_missing", "seed: 1,", "seed 1,"),
            ("bracket_wrong", "spacing: \"50 um\")),", "spacing: \"50 um\"]),"),
            ("quote_missing", "title: \"test\",", "title: \"test,"),
            ("quotes_left_out", "duration: \"100 ms\"", "duration: 100 ms"),
            ("two_experiments", "[0, 1])},\n)", "[0, 1])},\n) Experiment()"),
            ("other_name", "Experiment(", "Network("),
            ("control_character", "seed: 1", "seed: \u{1}1"),
        ],
    );
}

#[test]
fn names_of_nothing_are_refused_with_the_nearest_name() {
    mistakes(
        "names",
        &[
            ("unknown_field", "duration:", "durration:"),
            ("unknown_field_of_population", "size: 10, model", "siez: 10, model"),
            ("unknown_field_of_model", "membrane_time_constant", "membrane_time_constnt"),
            ("unknown_field_of_rule", "FixedInDegree(10)", "FixedInDegree(degree: 10)"),
            ("unknown_model", "LifExponentialCurrent()", "LifExponentialCurent()"),
            ("unknown_model_without_likeness", "LifExponentialCurrent()", "Perceptron()"),
            ("unknown_population", "(from: \"excitatory\"", "(from: \"excitatroy\""),
            ("unknown_population_in_like", "like: \"excitatory\"", "like: \"exc\""),
            ("unknown_rule", "FixedInDegree", "FixedIndegree"),
            ("unknown_source", "Poisson", "Poison"),
            ("unknown_recorder", "Spikes(of", "Spike(of"),
            ("unknown_positions", "Grid(", "Lattice("),
            ("unknown_receptor", "receptor: \"inhibitory\"", "receptor: \"gaba\""),
            ("unknown_variable", "variable: \"membrane_potential\"", "variable: \"membran_potential\""),
            ("unknown_state", "initial: {\"membrane_potential\"", "initial: {\"potential\""),
            ("unknown_parameter_in_with", "with: {\"bias_current\"", "with: {\"bias_curent\""),
            ("unknown_option", "default: \"a\"", "default: \"c\""),
            ("unknown_name_in_expression", "\"4 * order\"", "\"4 * ordr\""),
            ("duplicate_field", "seed: 1,", "seed: 1, seed: 2,"),
            ("duplicate_population", "\"cuba\": (size", "\"excitatory\": (size"),
            ("duplicate_population_in_list", "to: [\"excitatory\", \"inhibitory\"]", "to: [\"excitatory\", \"excitatory\"]"),
            ("duplicate_parameter", "\"c\": [[", "\"order\": [["),
            ("duplicate_parameter_of_an_option", "\"c\": [[", "\"g\": [["),
            ("parameter_named_by_a_constant", "\"c\": [[", "\"pi\": [["),
            ("parameter_named_by_an_operator", "\"c\": [[", "\"and\": [["),
            ("parameter_named_by_a_sentence", "\"c\": [[", "\"two words\": [["),
            ("parameter_named_as_a_field", "\"c\": [[", "\"seed\": [["),
            ("parameter_used_before", "{\"order\": 25,", "{\"order\": \"2 * J\","),
        ],
    );
}

#[test]
fn values_of_the_wrong_form_are_refused_with_the_right_one() {
    mistakes(
        "forms",
        &[
            ("population_as_text", "(size: 10, model: LifExponentialCurrent())", "\"ten\""),
            (
                "populations_as_list",
                "recorders: {\"raster\": Spikes(of: \"excitatory\"), \"trace\": Trace(of: \"cuba\", variable: \"membrane_potential\", interval: \"1 ms\", neurons: [0, 1])}",
                "recorders: []",
            ),
            ("model_as_text", "model: LifExponentialCurrent()", "model: \"LifExponentialCurrent\""),
            ("model_by_position", "LifExponentialCurrent()", "LifExponentialCurrent(\"20 ms\")"),
            ("rule_as_number", "rule: FixedInDegree(10)", "rule: 10"),
            ("rule_with_too_much", "FixedInDegree(10)", "FixedInDegree(10, 20)"),
            ("field_missing", "rule: FixedInDegree(10), ", ""),
            ("weight_missing", "weight: \"J\", delay: \"1.5 ms\"", "delay: \"1.5 ms\""),
            ("model_missing", "size: 10, model: LifExponentialCurrent()", "size: 10"),
            (
                "model_and_like",
                "size: 10, model: LifExponentialCurrent()",
                "size: 10, like: \"excitatory\", model: LifExponentialCurrent()",
            ),
            ("with_without_like", "model: LifExponentialCurrent()", "model: LifExponentialCurrent(), with: {}"),
            ("like_in_a_circle", "like: \"excitatory\"", "like: \"inhibitory\""),
            ("empty_list_of_targets", "to: [\"excitatory\", \"inhibitory\"]", "to: []"),
            ("title_as_number", "title: \"test\"", "title: 5"),
        ],
    );
}

#[test]
fn wrong_quantities_are_refused_within_their_text() {
    mistakes(
        "quantities",
        &[
            ("unit_missing", "\"20 ms\"", "20"),
            ("dimension_wrong", "\"20 ms\"", "\"20 mV\""),
            ("dimension_of_weight_wrong", "weight: \"-1 pA\"", "weight: \"-1 mV\""),
            ("expression_broken", "\"4 * order\"", "\"4 * * order\""),
            ("infinite", "\"20 ms\"", "inf"),
            ("not_a_number", "\"4 * order\"", "NaN"),
            ("too_large", "\"20 ms\"", "\"1e35 ms\""),
            ("random_size", "\"4 * order\"", "\"normal(4, 1)\""),
            ("text_as_size", "size: 10", "size: \"mode\""),
        ],
    );
}

#[test]
fn numbers_out_of_range_are_refused_with_the_range() {
    mistakes(
        "ranges",
        &[
            ("size_zero", "size: 10", "size: 0"),
            ("size_negative", "size: 10", "size: -5"),
            ("size_fraction", "size: 10", "size: 10.5"),
            ("size_huge", "size: 10", "size: 1e12"),
            ("sizes_huge_together", "size: 10, model: LifExponentialCurrent()", "size: 4294967290, model: LifExponentialCurrent()"),
            ("duration_zero", "duration: \"100 ms\"", "duration: \"0 ms\""),
            ("duration_negative", "duration: \"100 ms\"", "duration: \"-1 s\""),
            ("duration_huge", "duration: \"100 ms\"", "duration: \"1e20 s\""),
            ("duration_below_a_step", "duration: \"100 ms\"", "duration: \"0.01 ms\""),
            ("time_step_zero", "time_step: \"0.1 ms\"", "time_step: \"0 ms\""),
            ("seed_negative", "seed: 1", "seed: -1"),
            ("delay_too_short", "delay: \"1.5 ms\"", "delay: \"0.04 ms\""),
            ("delay_random_too_short", "delay: \"1.5 ms\"", "delay: \"normal(1.5 ms, 0.75 ms)\""),
            ("delay_of_distance_too_short", "delay: \"1.5 ms\"", "delay: \"distance / (300 um/ms)\""),
            ("delay_too_long", "delay: \"1.5 ms\"", "delay: \"1 s * 100\""),
            ("distance_without_positions", "weight: \"-1 pA\"", "weight: \"-1 pA * exp(-distance / (100 um))\""),
            ("probability_above_one", "PairwiseBernoulli(0.1)", "PairwiseBernoulli(1.5)"),
            ("probability_negative", "PairwiseBernoulli(0.1)", "PairwiseBernoulli(-0.5)"),
            ("probability_of_distance_above_one", "FixedInDegree(10)", "DistanceDependent(probability: \"2 + exp(-distance / (100 um))\")"),
            ("in_degree_negative", "FixedInDegree(10)", "FixedInDegree(-10)"),
            ("in_degree_without_multapses", "FixedInDegree(10)", "FixedInDegree(100), autapses: false, multapses: false"),
            ("one_to_one_unequal", "FixedInDegree(10)", "OneToOne"),
            ("explicit_out_of_range", "FixedInDegree(10)", "Explicit(pairs: [(0, 3), (100, 1)])"),
            ("explicit_of_three_ends", "FixedInDegree(10)", "Explicit(pairs: [(0, 3, \"1 mV\", \"1 ms\", 5)])"),
            ("explicit_file_missing", "FixedInDegree(10)", "ExplicitFile(\"no such table.csv\")"),
            ("grid_of_other_size", "shape: [10, 10]", "shape: [10, 11]"),
            ("extent_negative", "[\"1 mm\", \"1 mm\", \"0 um\"]", "[\"-1 mm\", \"1 mm\", \"0 um\"]"),
            ("list_of_other_length", "with: {\"bias_current\": \"1 pA\"}", "with: {\"bias_current\": [\"1 pA\", \"2 pA\"]}"),
            ("neurons_beyond_the_population", "neurons: \"0..50\"", "neurons: \"0..500\""),
            ("neurons_backwards", "neurons: \"0..50\"", "neurons: \"50..0\""),
            ("neurons_twice", "neurons: [0, 1]", "neurons: [1, 1]"),
            ("neuron_beyond_the_population", "neurons: [0, 1]", "neurons: [0, 10]"),
            ("rate_negative", "\"10 Hz\"", "\"-10 Hz\""),
            ("rate_huge", "\"10 Hz\"", "\"1e15 Hz\""),
            ("schedule_backwards", "(\"50 ms\", \"20 Hz\")", "(\"0 ms\", \"20 Hz\")"),
            ("stop_before_start", "stop: \"2 ms\"", "stop: \"1 ms\""),
            ("start_negative", "start: \"1 ms\"", "start: \"-1 ms\""),
            ("current_with_weight", "stop: \"2 ms\")", "stop: \"2 ms\"), weight: \"1 pA\""),
            ("interval_below_a_step", "interval: \"1 ms\"", "interval: \"0.01 ms\""),
            ("projection_onto_both", "to: [\"excitatory\", \"inhibitory\"]", "to: [\"excitatory\", \"cuba\"]"),
            ("list_too_deep", "[[0.1, 0.2]]", "[[[[[0.1, 0.2]]]]]"),
            ("list_too_long", "\"c\": [[0.1, 0.2]]", "\"c\": \"linspace(0, 1, 1e9)\""),
        ],
    );
}

#[test]
fn flags_are_refused_at_the_flag() {
    let cases: [(&'static str, &[&'static str]); 11] = [
        ("flag_unknown", &["ordr=30"]),
        ("flag_without_value", &["order"]),
        ("flag_of_other_dimension", &["J=5 pA"]),
        ("flag_of_other_kind", &["order=large"]),
        ("flag_unknown_option", &["mode=c"]),
        ("flag_out_of_range", &["populations.cuba.size=-1"]),
        ("flag_unknown_path", &["populations.cubba.size=3"]),
        ("flag_unknown_field", &["populations.cuba.siez=3"]),
        ("flag_broken_expression", &["order=3 +"]),
        ("flag_broken_duration", &["duration=2 s + 1 mV"]),
        ("flag_brackets", &["order=((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1"]),
    ];
    refused("flags", cases.map(|(name, set)| (name, VALID.to_owned(), set.to_vec())));
}

#[test]
fn flags_change_parameters_and_paths() {
    let size = |set: &[&str]| attempt(VALID, set).map_err(|errors| shown(&errors)).unwrap().populations[0].size;
    let text = with(", positions: Grid(shape: [10, 10], spacing: \"50 um\")", "");
    let plan = |set: &[&str]| attempt(&text, set).map_err(|errors| shown(&errors)).unwrap();
    assert_eq!(size(&[]), 100);
    assert_eq!(plan(&["order=30"]).populations[0].size, 120);
    assert_eq!(plan(&["order=2 * 15"]).populations[0].size, 120);
    assert_eq!(plan(&["populations.excitatory.size=7 * order"]).populations[0].size, 175);
    assert_eq!(plan(&["J=0.2 mV"]).projections[0].weight.as_constant(), Some(0.2));
    assert_eq!(plan(&["projections.inhibition.weight=-0.6 pA"]).projections[1].weight.as_constant(), Some(-0.6));
    assert_eq!(plan(&["duration=2 s"]).duration_ms, 2000.0);
    assert_eq!(plan(&["populations.cuba.model.bias_current=3 pA"]).populations[2].parameters.len(), 1);
    assert!(matches!(
        plan(&["projections.excitation.rule=FixedInDegree(3)"]).projections[0].rule,
        neuropil_experiment::RulePlan::FixedInDegree(3)
    ));
    assert_eq!(
        read_text("a.ron", "(populations: {\"a\": (size: 1, model: LifDelta())})", &Settings::default(), &common::catalogue())
            .unwrap()
            .synapses_expected()
            .to_bits(),
        0
    );
    let g = |set: &[&str]| format!("{:?}", plan(set).parameters.iter().find(|(name, _)| name == "g").map(|(_, value)| value.clone()));
    assert!(g(&[]).contains("5.0") && g(&["mode=b"]).contains("3.0") && g(&["mode=b", "g=7"]).contains("7.0"));
    let settings = Settings { duration: Some("1 s".into()), seed: Some(u64::MAX), ..Settings::default() };
    let plan = read_text("test.ron", VALID, &settings, &common::catalogue()).unwrap();
    assert_eq!((plan.duration_ms, plan.seed), (1000.0, u64::MAX));
}

#[test]
fn independent_errors_are_all_shown_at_once() {
    let text = with("duration: \"100 ms\"", "duration: \"100 mV\"");
    let text = text.replacen("size: 10,", "size: 0,", 1).replacen("FixedInDegree(10)", "FixedIndegree(10)", 1);
    refused("three_errors", [("three errors", text, vec![])]);
}

#[test]
fn files_that_are_no_experiments_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = String::new();
    let mut refuse = |name: &str, bytes: Option<&[u8]>| {
        let path = folder.path().join(name);
        if let Some(bytes) = bytes {
            std::fs::write(&path, bytes).unwrap();
        }
        let errors = read(&path, &Settings::default(), &common::catalogue()).unwrap_err();
        all.push_str(&shown(&errors).replace(&folder.path().display().to_string(), "folder"));
    };
    refuse("missing.ron", None);
    refuse("", None);
    refuse("empty.ron", Some(b""));
    refuse("blank.ron", Some(b"\n  \n"));
    refuse("comment.ron", Some(b"// nothing\n"));
    refuse("binary.ron", Some(b"\x7fELF\x02\x01\x00\x00"));
    refuse("utf8.ron", Some(b"Experiment(\n  title: \"caf\xe9\"\n)"));
    refuse("truncated.ron", Some(&VALID.as_bytes()[..700]));
    insta::assert_snapshot!("files", all);
}

#[test]
fn a_device_and_a_huge_file_are_refused() {
    let refuse = |path: &Path| read(path, &Settings::default(), &common::catalogue()).unwrap_err()[0].to_string();
    if Path::new("/dev/zero").exists() {
        assert_eq!(refuse(Path::new("/dev/zero")), "/dev/zero: this is a device or a pipe, not a file");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len((64 << 20) + 1).unwrap();
    assert!(refuse(file.path()).contains("67108865 bytes are more than the 67108864 a file may have"));
}

#[test]
fn more_synapses_than_memory_are_refused_with_what_they_need() {
    let text = with("FixedInDegree(10)", "FixedTotalNumber(1e14)");
    let error = attempt(&text, &[]).unwrap_err().remove(0);
    assert!(matches!(error, ExperimentError::TooMuchMemory { needed_gib, .. } if (needed_gib / 372_529.0 - 1.0).abs() < 1e-3), "{error}");
    assert!(error.to_string().starts_with("test.ron:14:84: 135 neurons and 1.000e14 synapses need at least 3725"), "{error}");
}

#[test]
fn more_values_than_memory_are_refused_with_what_they_need() {
    let plan = attempt(&with("duration: \"100 ms\"", "duration: \"1e10 s\""), &[]).unwrap();
    let error = plan.check_recording().unwrap_err();
    assert!(
        error.to_string().contains("`trace` and the other recorders keep 2.000e13 values, which need at least 149011.6 GiB"),
        "{error}"
    );
    assert_eq!(error.location().unwrap().line, 21, "the recorder's line");
    assert!(attempt(VALID, &[]).unwrap().check_recording().is_ok());
}

#[test]
fn brackets_without_end_are_refused_and_overflow_nothing() {
    let deep = 100_000;
    for open in ["(", "[", "{", "a:(", "Some(", "A(", "{\"a\":", "[[(", "\"a\": [", "/*", "r#"] {
        for text in [
            open.repeat(deep),
            format!("Experiment({}", open.repeat(deep)),
            format!("Experiment(title: {}", open.repeat(deep)),
            format!("Experiment(unknown: {}", open.repeat(deep)),
            format!("Experiment(populations: {{\"a\": (size: {}", open.repeat(deep)),
        ] {
            let errors = attempt(&text, &[]).unwrap_err();
            assert!(errors[0].location().is_some());
            let _ = errors[0].render();
        }
    }
    for (open, close) in [("(", ")"), ("[", "]"), ("A(", ")")] {
        let text = format!("Experiment(unknown: {}1{})", open.repeat(deep), close.repeat(deep));
        let error = attempt(&text, &[]).unwrap_err().remove(0);
        assert!(matches!(error, ExperimentError::TooDeep { .. }), "{error}");
        let expression = format!("Experiment(duration: \"{}1{}\")", "(".repeat(deep), ")".repeat(deep));
        assert!(attempt(&expression, &[]).is_err());
    }
}

#[test]
fn tables_are_read_and_refused_line_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = with("FixedInDegree(10)", "ExplicitFile(\"edges.csv\")").replacen(
        "Poisson(rate: [(\"0 ms\", \"10 Hz\"), (\"50 ms\", \"20 Hz\")])",
        "SpikeFile(\"spikes.csv\")",
        1,
    );
    std::fs::write(folder.path().join("test.ron"), text).unwrap();
    let attempt = |edges: &str, spikes: &str| {
        std::fs::write(folder.path().join("edges.csv"), edges).unwrap();
        std::fs::write(folder.path().join("spikes.csv"), spikes).unwrap();
        read(&folder.path().join("test.ron"), &Settings::default(), &common::catalogue())
    };
    let (edges, spikes) = ("source,target,weight,delay\n0,124,0.5,1.5\n99,3,1 mV,2 ms\n", "time_ms,neuron\n5,1\n2.5,0\n");
    let plan = attempt(edges, spikes).map_err(|errors| shown(&errors)).unwrap();
    assert_eq!(plan.projections[0].synapses_expected(&plan.populations), 2.0);
    let neuropil_experiment::SourcePlan::SpikeFile(found) = &plan.inputs[0].source else { panic!("spikes") };
    assert_eq!(found, &[(2.5, 0), (5.0, 1)]);
    let mut all = String::new();
    for (edges, spikes) in [
        ("source,target\n0,125\n", spikes),
        ("source,target\n0\n", spikes),
        ("source,traget\n0,1\n", spikes),
        ("source,weight\n0,1\n", spikes),
        ("source,target,weight\n0,1,2 ms\n", spikes),
        ("source,target,delay\n0,1,0.01\n", spikes),
        ("source,target,weight\n0,1,NaN\n", spikes),
        (edges, "time_ms,neuron\n-1,0\n"),
        (edges, "time_ms,neuron\n1,-1\n"),
        (edges, ""),
    ] {
        let errors = attempt(edges, spikes).unwrap_err();
        all.push_str(&shown(&errors).replace(&folder.path().display().to_string(), "folder"));
    }
    insta::assert_snapshot!("tables", all);
}
