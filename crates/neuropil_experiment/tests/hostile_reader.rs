//! Whatever is read, the reader gives a plan or errors with places, and never panics.
//!
//! Valid files are broken by bytes and by tokens, and random bytes and random sequences of RON tokens are read. A case that
//! fails is shrunk and printed by proptest. `PROPTEST_CASES` sets the number of cases.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod common;

use std::sync::LazyLock;

use neuropil_experiment::{ModelDescription, Settings, read_text};
use proptest::{collection::vec, prelude::*, sample::select};

static CATALOGUE: LazyLock<Vec<ModelDescription>> = LazyLock::new(common::catalogue);

/// One small experiment in which every section and every constructor appears.
const RICH: &str = r#"Experiment(
    title: "rich", description: "d", references: ["r"], duration: "10 ms", time_step: "0.1 ms", seed: 7,
    parameters: {"n": 4, "J": "0.1 mV", "m": OneOf(default: "a", options: {"a": {"g": 5}, "b": {"g": "2 * n"}}), "c": [[0.1, 0.2], [0.3, 0.4]], "on": true, "t": "'x'"},
    populations: {
        "a": (size: "n", model: LifDelta(membrane_time_constant: "20 ms", bias_current: ["1 pA", "2 pA", "3 pA", "4 pA"]), initial: {"membrane_potential": "uniform(0 mV, 20 mV)"}, positions: Grid(shape: [2, 2], spacing: "50 um")),
        "b": (size: 2, like: "a", with: {"bias_current": "normal(0 pA, 1 pA)"}, positions: Listed([["0 um", "1 um", "2 um"], ["3 um", "4 um", "5 um"]])),
        "i": (size: 3, model: Izhikevich(scheme: Published), positions: RandomIn(extent: ["1 mm", "1 mm", "0 um"])),
        "s": (size: 1, model: SpikeSource()),
    },
    projections: {
        "p": (from: ["a", "b"], to: ["a", "b"], each_pair: true, rule: FixedTotalNumber("round(10 * c[to_index][from_index])"), weight: "J * exp(-distance / (100 um))", delay: "max(distance / (300 um/ms), 0.1 ms)"),
        "q": (from: "a", to: "i", rule: DistanceDependent(probability: "0.2 * exp(-distance / (100 um))", periodic: ["1 mm", "1 mm", "0 um"]), weight: "uniform(0 mV, 1 mV)", autapses: false),
        "e": (from: "a", to: "b", rule: Explicit(pairs: [(0, 1), (1, 0, "5 mV", "1 ms")]), weight: "J", receptor: "synapse"),
        "o": (from: "s", to: "b", rule: FixedOutDegree(1), weight: Some("J"), multapses: true),
    },
    inputs: {
        "k": (to: "a", source: Poisson(rate: [("0 ms", "10 Hz"), ("5 ms", "20 Hz")]), weight: "J", neurons: "0..2", delay: "1 ms"),
        "l": (to: "s", source: SpikeList(["1 ms", "2 ms"])),
        "c": (to: ["a", "b"], each_target: true, source: SineCurrent(offset: "1 pA", amplitude: "to_index * 1 pA", frequency: "10 Hz", phase: "pi")),
        "u": (to: "a", source: OrnsteinUhlenbeckCurrent(standard_deviation: "1 pA", time_constant: "5 ms", stop: "9 ms")),
        "r": (to: "a", source: RampCurrent(from: "1 pA", to: "2 pA")), "w": (to: "a", source: StepCurrent(amplitude: "1 pA"), neurons: [0, 3]),
        "x": (to: "i", source: NoiseCurrent(standard_deviation: "1 mV/ms", interval: "1 ms")),
    },
    recorders: {"z": Spikes(of: ["a", "s"]), "y": Trace(of: "a", variable: "membrane_potential", interval: "1 ms", neurons: [1])},
    arms: {"c": {}, "d": {"J": "0.2 mV", "populations.b.size": 2}}, sweep: {"m": ["a", "b"], "duration": "linspace(10 ms, 20 ms, 3)"}, seeds: 2, quick: false,
    measures: {"rate": "rate(a)", "rest": "mean(y[0], 1 ms) / (1 mV)"},
    claims: [
        (claim: "rates", measure: "max(rate(a, 1 ms, 5 ms, 'c'))", published: "5 Hz", tolerance: "10 %", source: "s", note: "n"),
        (claim: "one", measure: "synchrony(a[1], 2 ms, 'd', 'duration == 20 ms and m == b') * slope([1, 2], [3, 4])", between: [1, 2], source: "s"),
    ],
)
"#;

/// The experiments that are broken.
static VALID: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/experiments");
    let mut texts = vec![RICH.to_owned(), RICH.to_owned()];
    let mut paths: Vec<_> = std::fs::read_dir(folder).expect("the experiments").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let files = paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "ron"));
    texts.extend(files.map(|path| std::fs::read_to_string(path).expect("a text")));
    texts
});

/// Pieces that RON texts and expressions are made of, and what breaks readers.
const TOKENS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "'",
    "\\",
    "//",
    "/*",
    "*/",
    "#",
    "#![enable(implicit_some)]",
    "r#\"",
    "\"#",
    "b\"",
    "Experiment(",
    "Some(",
    "None",
    "true",
    "false",
    "inf",
    "NaN",
    "0",
    "-1",
    "1e999",
    "0x",
    "1_000",
    "18446744073709551616",
    "..",
    "0.5",
    "populations:",
    "projections:",
    "inputs:",
    "recorders:",
    "parameters:",
    "\"a\":",
    "\"a\"",
    "size:",
    "model:",
    "like:",
    "with:",
    "from:",
    "to:",
    "rule:",
    "weight:",
    "delay:",
    "source:",
    "LifDelta(",
    "FixedInDegree(",
    "AllToAll",
    "Poisson(rate:",
    "Spikes(of:",
    "OneOf(",
    "Explicit(pairs:",
    "Grid(shape:",
    "\"1 ms\"",
    "\"1 mV\"",
    "\"-1 mV\"",
    "\"normal(0 mV, 1 mV)\"",
    "\"n\"",
    "\"0..3\"",
    "\"4 * \"",
    "\"linspace(0, 1, 1e9)\"",
    "\"1e300 ms\"",
    "\u{0}",
    "\u{feff}",
    "µ",
    "\u{202e}",
    "é",
    "\n",
    "\r",
    "\t",
    "distance",
    "e",
    "1e30",
    "4294967296",
];

/// Splits a text where tokens meet.
fn tokens(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut start = 0;
    let mut inside_word = false;
    for (offset, character) in text.char_indices() {
        let is_word = character.is_alphanumeric() || character == '_' || character == '.';
        if !(is_word && inside_word) && offset > start {
            all.push(&text[start..offset]);
            start = offset;
        }
        inside_word = is_word;
    }
    all.push(&text[start..]);
    all
}

/// What is done to a text at one place; the numbers choose the place and what is put there.
#[derive(Clone, Debug)]
enum Change {
    Delete,
    Double,
    Swap,
    Replace(&'static str),
    Insert(&'static str),
    Cut,
    Byte(u8),
}

fn change() -> impl Strategy<Value = (Change, prop::sample::Index)> {
    let change = prop_oneof![
        Just(Change::Delete),
        Just(Change::Double),
        Just(Change::Swap),
        select(TOKENS).prop_map(Change::Replace),
        select(TOKENS).prop_map(Change::Insert),
        Just(Change::Cut),
        any::<u8>().prop_map(Change::Byte),
    ];
    (change, any::<prop::sample::Index>())
}

fn broken(text: &str, changes: &[(Change, prop::sample::Index)]) -> String {
    let mut pieces: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
    for (change, at) in changes {
        if pieces.is_empty() {
            break;
        }
        let at = at.index(pieces.len());
        match change {
            Change::Delete => drop(pieces.remove(at)),
            Change::Double => pieces.insert(at, pieces[at].clone()),
            Change::Swap => {
                let other = (at * 7 + 3) % pieces.len();
                pieces.swap(at, other);
            }
            Change::Replace(token) => pieces[at] = (*token).to_owned(),
            Change::Insert(token) => pieces.insert(at, (*token).to_owned()),
            Change::Cut => pieces.truncate(at),
            Change::Byte(byte) => {
                let mut bytes = pieces[at].clone().into_bytes();
                let place = usize::from(*byte) % bytes.len();
                bytes[place] = *byte;
                pieces[at] = String::from_utf8_lossy(&bytes).into_owned();
            }
        }
    }
    pieces.concat()
}

/// Reads a text; errors must have places and be renderable.
fn survive(text: &str, settings: &Settings) -> Result<(), TestCaseError> {
    match read_text("hostile.ron", text, settings, &*CATALOGUE) {
        Ok(plan) => {
            prop_assert!(plan.neurons() >= 1 && plan.duration_ms > 0.0 && plan.time_step_ms > 0.0);
            prop_assert!(plan.synapses_expected().is_finite());
        }
        Err(errors) => {
            prop_assert!(!errors.is_empty());
            for error in errors {
                let location = error.location();
                prop_assert!(location.is_some(), "no place in `{}`", error);
                prop_assert!(error.to_string().starts_with(&location.map_or(String::new(), |location| location.to_string())));
                prop_assert!(!error.to_string().contains('\n'), "more than a line: `{}`", error);
                prop_assert!(error.render().starts_with("error"));
            }
        }
    }
    Ok(())
}

fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(500);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn the_rich_experiment_is_valid() {
    let plan = read_text("rich.ron", RICH, &Settings::default(), &*CATALOGUE);
    let plan = plan
        .map_err(|errors| errors.iter().map(|error| error.render()).collect::<Vec<_>>().join("\n"))
        .unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!((plan.populations.len(), plan.projections.len(), plan.inputs.len()), (4, 7, 8));
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn broken_experiments_are_plans_or_located_errors(which in any::<prop::sample::Index>(), changes in vec(change(), 1..6)) {
        survive(&broken(&VALID[which.index(VALID.len())], &changes), &Settings::default())?;
    }

    #[test]
    fn broken_values_are_plans_or_located_errors(which in any::<prop::sample::Index>(), token in select(TOKENS), more in vec(select(TOKENS), 0..3)) {
        // The text between two quotes is replaced, so that most cases pass the parser and reach the validation.
        let mut parts: Vec<&str> = RICH.split('"').collect();
        let quoted = parts.len() / 2;
        let new = std::iter::once(token).chain(more).collect::<Vec<_>>().join(" ").replace('"', "");
        parts[2 * which.index(quoted) + 1] = &new;
        survive(&parts.join("\""), &Settings::default())?;
    }

    #[test]
    fn random_tokens_and_bytes_are_plans_or_located_errors(soup in vec(select(TOKENS), 0..60), bytes in vec(any::<u8>(), 0..200), inside in any::<bool>()) {
        let soup = if inside { format!("Experiment(populations: {{\"a\": (size: 1, model: LifDelta({}", soup.join(" ")) } else { soup.concat() };
        survive(&soup, &Settings::default())?;
        survive(&String::from_utf8_lossy(&bytes), &Settings::default())?;
    }

    #[test]
    fn hostile_flags_are_plans_or_located_errors(
        name in select(&["n", "J", "m", "g", "populations.a.size", "projections.p.weight", "projections.q.rule", "duration", "seed", "inputs.k", "x.y"][..]),
        value in vec(select(TOKENS), 0..4),
        text in "\\PC{0,20}",
    ) {
        let settings = Settings { set: vec![(name.into(), value.join(" ")), (text.clone(), text)], ..Settings::default() };
        survive(RICH, &settings)?;
    }
}
