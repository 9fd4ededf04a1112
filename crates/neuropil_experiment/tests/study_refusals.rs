//! What is wrong in arms, sweeps, measures and claims has a place and a way out. The snapshot holds the whole rendered messages.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod common;

use std::fmt::Write as _;

use neuropil_experiment::{ExperimentError, Settings, Study, read_text};

/// A small study; the cases below break one piece of it each.
const VALID: &str = r#"Experiment(
    duration: "100 ms",
    parameters: {"J": "0.1 mV", "drive": "10 pA", "mode": OneOf(default: "a", options: {"a": {"n": 5}, "b": {"n": 3}})},
    populations: {
        "E": (size: 10, model: LifDelta(bias_current: "drive")),
        "L2/3 I": (size: "n", like: "E"),
    },
    recorders: {"raster": Spikes(of: "E"), "v": Trace(of: "E", variable: "membrane_potential", interval: "1 ms", neurons: [0, 1])},
    arms: {"control": {}, "weak": {"J": "0.05 mV"}},
    sweep: {"drive": ["10 pA", "20 pA"]},
    seeds: 3,
    measures: {"rate": "rate(E)"},
    claims: [
        (claim: "the rate", measure: "rate(E, 'control', 'drive == 10 pA')", published: "5 Hz", tolerance: "10 %", source: "a paper"),
        (claim: "depolarisation", measure: "max(peak(v[1], 10 ms, 20 ms, 'weak')) - trough(v, 'weak', 'drive > 15 pA')", at_least: "1 mV", source: "a paper"),
    ],
)
"#;

fn attempt(text: &str, set: &[&str]) -> Result<Study, Vec<ExperimentError>> {
    let mut settings = Settings::default();
    for assignment in set {
        settings.push(assignment).map_err(|error| vec![error])?;
    }
    let catalogue = common::catalogue();
    let study = Study::new(read_text("test.ron", text, &settings, &catalogue)?, settings);
    study.check(&catalogue)?;
    Ok(study)
}

/// `VALID` with one piece replaced, which must be there exactly once.
fn with(old: &str, new: &str) -> String {
    assert_eq!(VALID.matches(old).count(), 1, "`{old}` must occur once");
    VALID.replacen(old, new, 1)
}

fn shown(errors: &[ExperimentError]) -> String {
    let mut shown = String::new();
    for error in errors {
        assert!(error.location().is_some(), "no place in `{error}`");
        let _ = writeln!(shown, "{error}\n{}\n", error.render());
    }
    shown
}

#[test]
fn a_valid_study_has_its_points() {
    let study = attempt(VALID, &[]).map_err(|errors| shown(&errors)).unwrap();
    assert_eq!((study.points(), study.plan().measures.len(), study.plan().claims.len()), (12, 1, 2));
    assert_eq!(study.point(11).describe(), "arm weak, drive = 20 pA, seed 3");
    assert_eq!(study.point(0).describe(), "arm control, drive = 10 pA, seed 1");
    let catalogue = common::catalogue();
    let plan = study.plan_of(10, &catalogue).map_err(|errors| shown(&errors)).unwrap();
    let of = |name: &str| plan.parameters.iter().find(|(other, _)| other == name).unwrap().1.to_string();
    assert_eq!((of("J"), of("drive"), plan.seed), ("0.05 mV".to_owned(), "20 pA".to_owned(), 2));
    for (set, points) in
        [("seeds=1", 4), ("sweep.drive=[10 pA, 12 pA, 20 pA]", 18), ("seeds=[7, 9]", 8), ("sweep.drive=linspace(10 pA, 20 pA, 3)", 18)]
    {
        assert_eq!(
            attempt(VALID, &[set]).map_err(|errors| shown(&errors)).unwrap_or_else(|e| panic!("{set}: {e}")).points(),
            points,
            "{set}"
        );
    }
}

#[test]
fn mistakes_are_shown_at_their_place() {
    let cases = [
        ("arms: {\"control\": {}", "arms: {\"control\": {}, \"control\": {}"),
        ("{\"J\": \"0.05 mV\"}", "{\"JJ\": \"0.05 mV\"}"),
        ("{\"J\": \"0.05 mV\"}", "{\"J\": \"0.05 pA\"}"),
        ("{\"J\": \"0.05 mV\"}", "{\"populations.E.siez\": 5}"),
        ("{\"J\": \"0.05 mV\"}", "{\"seed\": 5}"),
        ("{\"J\": \"0.05 mV\"}", "{\"drive\": \"1 pA\"}"),
        ("{\"J\": \"0.05 mV\"}", "5"),
        ("{\"control\": {}, \"weak\": {\"J\": \"0.05 mV\"}}", "{}"),
        ("[\"10 pA\", \"20 pA\"]", "[]"),
        ("[\"10 pA\", \"20 pA\"]", "[[\"10 pA\"], [\"20 pA\"]]"),
        ("[\"10 pA\", \"20 pA\"]", "[\"10 pA\", \"20 mV\"]"),
        ("[\"10 pA\", \"20 pA\"]", "[\"10 mV\", \"20 mV\"]"),
        ("[\"10 pA\", \"20 pA\"]", "\"10 pA\""),
        ("[\"10 pA\", \"20 pA\"]", "\"linspace(1 pA, 2 pA, 1000000)\""),
        ("\"drive\": [\"10 pA\", \"20 pA\"]", "\"drice\": [1, 2]"),
        ("seeds: 3", "seeds: 0"),
        ("seeds: 3", "seeds: [1, 2, 1]"),
        ("seeds: 3", "seeds: []"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"rate(F)\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"rat(E)\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"rate(E, 'control')\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"rate('L2/3 I')\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"rate(E[10])\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"rate(E, 10 mV)\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"rate(E, 20 ms, 10 ms)\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"rate(E) + 1 mV\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"synchrony(E)\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"synchrony(E, 0.01 ms)\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"peak(raster)\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"peak(w)\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"peak(v[2])\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"rate\": \"rate\"}"),
        ("{\"rate\": \"rate(E)\"}", "{\"seed\": \"rate(E)\"}"),
        ("rate(E, 'control', 'drive == 10 pA')", "rate(E)"),
        ("rate(E, 'control', 'drive == 10 pA')", "rate(E, 'control')"),
        ("rate(E, 'control', 'drive == 10 pA')", "rate(E, 'controll', 'drive == 10 pA')"),
        ("rate(E, 'control', 'drive == 10 pA')", "rate(E, 'control', 'drive == 11 pA')"),
        ("rate(E, 'control', 'drive == 10 pA')", "rate(E, 'control', 'drive == 11 mV')"),
        ("rate(E, 'control', 'drive == 10 pA')", "1 Hz"),
        ("rate(E, 'control', 'drive == 10 pA')", "rate(E, first_spike(E, 'control', 'drive == 10 pA'), 'control', 'drive == 10 pA')"),
        ("published: \"5 Hz\"", "published: 5"),
        ("published: \"5 Hz\"", "published: \"5 mV\""),
        ("published: \"5 Hz\"", "published: NaN"),
        ("published: \"5 Hz\", ", ""),
        ("tolerance: \"10 %\", ", ""),
        ("tolerance: \"10 %\"", "tolerance: \"1 mV\""),
        ("tolerance: \"10 %\"", "tolerance: \"-1 Hz\""),
        ("tolerance: \"10 %\"", "tolerance: \"ten %\""),
        ("tolerance: \"10 %\"", "tolerance: \"10 %\", at_least: \"1 Hz\""),
        ("tolerance: \"10 %\", source: \"a paper\"", "tolerance: \"10 %\""),
        ("tolerance: \"10 %\", source: \"a paper\"", "tolerance: \"10 %\", source: \" \""),
        ("tolerance: \"10 %\", source", "tolerence: \"10 %\", source"),
        ("at_least: \"1 mV\"", "at_least: \"1 Hz\""),
        ("at_least: \"1 mV\"", "between: [\"2 mV\", \"1 mV\"]"),
        ("at_least: \"1 mV\"", "between: [\"2 mV\"]"),
    ];
    let mut all = String::new();
    for (old, new) in cases {
        match attempt(&with(old, new), &[]) {
            Ok(_) => panic!("{new}: accepted"),
            Err(errors) => {
                let _ = write!(all, "## {new}\n\n{}", shown(&errors));
            }
        }
    }
    for set in ["drive=5 pA", "sweep.g=[1, 2]", "seeds=none", "arms.weak=5"] {
        match attempt(VALID, &[set]) {
            Ok(_) => panic!("{set}: accepted"),
            Err(errors) => {
                let _ = write!(all, "## --set {set}\n\n{}", shown(&errors));
            }
        }
    }
    insta::assert_snapshot!("study_refusals", all);
}

/// Claim: a sweep of 10⁹ points is refused without being laid out.
#[test]
fn a_sweep_of_a_thousand_million_points_is_refused() {
    let text = with(
        "{\"drive\": [\"10 pA\", \"20 pA\"]}",
        "{\"drive\": \"linspace(0 pA, 1 pA, 100000)\", \"J\": \"linspace(0 mV, 1 mV, 10000)\"}",
    );
    let text = text.replace("\"weak\": {\"J\": \"0.05 mV\"}", "\"weak\": {}");
    let errors = attempt(&text, &[]).err().unwrap();
    assert_eq!(errors.len(), 1, "{}", shown(&errors));
    assert!(errors[0].to_string().contains("is 6000000000; at most 1000000 can be run"), "{}", errors[0]);
}
