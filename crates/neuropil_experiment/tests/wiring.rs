//! Networks from connectomes: what selectors choose, what edges become, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod common;

use std::fmt::Write as _;

use neuropil_experiment::{Assigned, ExperimentError, Plan, PositionsPlan, RulePlan, Settings, SourcePlan, read};

/// Six cells: a sensory one (S) drives two inter ones (A excites, B inhibits), which drive two motor ones; a gap junction joins the motor ones,
/// one muscle is left over.
const CONNECTOME: &str = r#"Connectome(
    about: (title: "Six cells"),
    nodes: [
        (name: "S", class: "sensory", transmitter: "ACh", position: (0, 0, 0), tags: {"length": 4}),
        (name: "A", class: "inter", transmitter: "ACh", position: (10, 0, 0), tags: {"length": 2}),
        (name: "B", class: "inter", transmitter: "GABA", position: (20, 0, 0), tags: {"length": 1}),
        (name: "M1", class: "motor", position: (30, 0, 0), tags: {"length": 3}),
        (name: "M2", class: "motor", position: (30, 40, 0), tags: {"length": 5}),
        (name: "muscle", class: "muscle"),
    ],
    edges: [
        (source: "S", target: "A", kind: chemical, count: 4, sign: 1),
        (source: "S", target: "B", kind: chemical, count: 2, sign: 1),
        (source: "A", target: "M1", kind: chemical, count: 5, sign: 1),
        (source: "B", target: "M2", kind: chemical, count: 3, sign: -1),
        (source: "M1", target: "M1", kind: chemical, count: 1, sign: 1),
        (source: "M1", target: "M2", kind: electrical, count: 7),
        (source: "M2", target: "muscle", kind: chemical, count: 9, sign: 1),
    ],
)"#;

const VALID: &str = r#"Experiment(
    duration: "10 ms",
    seed: 1,
    connectome: "six.ron",
    parameters: {"driven": ["S", "A"]},
    populations: {
        "front": (nodes: "class in ['sensory', 'inter']", model: LifDelta(membrane_time_constant: "length * 1 ms"), initial: {"membrane_potential": "uniform(0 mV, 1 mV)"}),
        "motor": (nodes: "class == 'motor'", like: "front", with: {"membrane_time_constant": "10 ms"}),
        "others": (size: 3, model: LifDelta()),
    },
    projections: {
        "forward": (from: "front", to: ["motor", "front"], rule: Connectome("kind == 'chemical'"), weight: "0.5 mV * count * sign", delay: "1 ms + distance / (0.01 m/s)"),
        "own": (from: "motor", to: "motor", rule: Connectome("kind == 'chemical'"), weight: "1 mV", delay: "1 ms"),
        "gaps": (from: "motor", to: "motor", rule: Connectome("kind == 'electrical' and source != target"), weight: "0.1 mV * count", delay: "1 ms"),
    },
    inputs: {
        "drive": (to: ["front", "motor"], neurons: "name in driven or y > 25 um", source: Poisson(rate: "10 Hz"), weight: "1 mV"),
        "listed": (to: "front", neurons: "name in driven", source: SpikeList(times: "[1 ms, 3 ms] + 1 ms * position(driven, name)"), weight: "1 mV"),
    },
    lesions: "transmitter == 'GABA' or (population == 'others' and index == 2)",
    recorders: {"trace": Trace(of: ["front", "motor"], variable: "membrane_potential", neurons: "length > 2")},
)
"#;

fn attempt(text: &str, connectome: &str, settings: Settings) -> Result<Plan, Vec<ExperimentError>> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("six.ron"), connectome).unwrap();
    std::fs::write(folder.path().join("test.ron"), text).unwrap();
    read(&folder.path().join("test.ron"), &settings, &common::catalogue())
}

fn plan() -> Plan {
    attempt(VALID, CONNECTOME, Settings::default()).map_err(|errors| errors[0].render()).unwrap()
}

fn synapses(plan: &Plan, name: &str) -> Vec<(u32, u32, f64, f64)> {
    let projection = plan.projections.iter().find(|projection| projection.name == name).unwrap();
    let RulePlan::Explicit(list) = &projection.rule else { panic!("a list of synapses") };
    let own = |value: Option<f64>, all: Option<f64>| (value.or(all).unwrap() * 1e9).round() / 1e9;
    let all = |program: &neuropil_units::Program| program.as_constant();
    list.iter().map(|s| (s.source, s.target, own(s.weight, all(&projection.weight)), own(s.delay_ms, all(&projection.delay)))).collect()
}

#[test]
fn populations_are_made_of_nodes() {
    let plan = plan();
    let sizes: Vec<usize> = plan.populations.iter().map(|population| population.size).collect();
    assert_eq!(sizes, [3, 2, 3]);
    let names: Vec<_> = (0..3).map(|index| plan.neuron_name(0, index).unwrap()).collect();
    assert_eq!((names.as_slice(), plan.neuron_name(1, 1), plan.neuron_name(2, 0)), (&["S", "A", "B"][..], Some("M2"), None));
    assert!(matches!(&plan.populations[0].parameters[0].value, Assigned::Listed(values) if *values == [4.0, 2.0, 1.0]));
    assert!(matches!(plan.populations[1].parameters[0].value, Assigned::Shared(10.0)));
    assert_eq!(plan.populations[1].positions, Some(PositionsPlan::Listed(vec![[30.0, 0.0, 0.0], [30.0, 40.0, 0.0]])));
}

/// Claim: sources and targets count through the populations of each end, in the order of the nodes; weights and delays follow each edge.
#[test]
fn edges_become_synapses() {
    let plan = plan();
    // Targets: M1, M2, then S, A, B. Delays: 1 ms + distance at 10 µm/ms.
    let forward = [(0, 3, 2.0, 2.0), (0, 4, 1.0, 3.0), (1, 0, 2.5, 3.0), (2, 1, -1.5, 1.0 + f64::hypot(10.0, 40.0) / 10.0)];
    for (found, (source, target, weight, delay)) in synapses(&plan, "forward").into_iter().zip(forward) {
        assert_eq!((found.0, found.1, found.2), (source, target, weight));
        assert!((found.3 - delay).abs() < 1e-8, "{} ms against {delay} ms", found.3);
    }
    assert_eq!(synapses(&plan, "forward").len(), 4);
    assert_eq!(synapses(&plan, "own"), [(0, 0, 1.0, 1.0)]);
    assert_eq!(synapses(&plan, "gaps"), [(0, 1, 0.7, 1.0)]);
}

#[test]
fn selectors_choose_neurons_of_several_populations() {
    let plan = plan();
    let drives: Vec<_> = plan.inputs.iter().map(|input| (input.name.as_str(), input.to.clone(), input.neurons.clone())).collect();
    let expected = [("drive: front", vec![0], Some(vec![0, 1])), ("drive: motor", vec![1], Some(vec![1]))];
    assert_eq!(drives[..2], expected);
    let SourcePlan::SpikeFile(spikes) = &plan.inputs[2].source else { panic!("spikes by neuron") };
    assert_eq!(*spikes, [(1.0, 0), (2.0, 1), (3.0, 0), (4.0, 1)]);
    let lesions: Vec<_> = plan.lesions.iter().map(|lesion| (lesion.population, lesion.neurons.clone())).collect();
    assert_eq!(lesions, [(0, vec![2]), (2, vec![2])]);
    assert!(
        matches!(&plan.recorders[0], neuropil_experiment::RecorderPlan::Trace { neurons: Some(lists), .. } if *lists == [vec![0], vec![0, 1]])
    );
}

#[test]
fn the_command_line_lesions_and_drives() {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let settings = Settings {
        lesions: texts(&["starts_with(name, 'M')"]),
        stimuli: texts(&["class == 'motor' at 20 pA", "name == 'S' at 50 Hz with 2 mV into synapse"]),
        ..Settings::default()
    };
    let plan = attempt(VALID, CONNECTOME, settings).map_err(|errors| errors[0].render()).unwrap();
    assert!(plan.lesions.iter().any(|lesion| (lesion.population, lesion.neurons.as_slice()) == (1, &[0, 1])));
    let added = &plan.inputs[plan.inputs.len() - 2..];
    assert_eq!((added[0].to.as_slice(), added[0].neurons.as_deref()), (&[1][..], Some(&[0, 1][..])));
    assert!(matches!(&added[0].source, SourcePlan::StepCurrent { amplitude, .. } if amplitude.as_constant() == Some(20.0)));
    assert!(matches!(&added[1].source, SourcePlan::Poisson { schedule } if schedule[0].rate_per_ms == 0.05));
    assert_eq!(added[1].weight.as_ref().unwrap().as_constant(), Some(2.0));
}

/// Claim: a text that no neuron has, beside others that some have, is probably misspelt and is told.
#[test]
fn what_matches_nothing_is_told() {
    let plan = attempt(&VALID.replace("'sensory', 'inter'", "'sensory', 'inter', 'intre'"), CONNECTOME, Settings::default()).unwrap();
    assert_eq!(plan.warnings, ["populations.front.nodes: no node has the class 'intre'; did you mean `inter`?"]);
}

/// The messages as they are shown, one experiment after the other, each with one piece replaced.
#[test]
fn refusals_have_a_place_and_a_way_out() {
    let cases = [
        ("class == 'motor'", "class == 'nonesuch'"),
        ("class == 'motor'", "length > 99"),
        ("class == 'motor'", "clas == 'motor'"),
        ("class == 'motor'", "class == motor"),
        ("class == 'motor'", "class = = 'motor'"),
        ("class == 'motor'", "class in ['motor', 'sensory']"),
        ("nodes: \"class == 'motor'\", like", "nodes: \"class == 'motor'\", size: 3, like"),
        ("kind == 'electrical'", "kind == 'electric'"),
        ("0.5 mV * count * sign", "0.5 mV * number * sign"),
        ("0.5 mV * count * sign", "0.5 ms * count"),
        ("weight: \"0.1 mV * count\", delay: \"1 ms\"", "weight: \"0.1 mV * sign\", delay: \"1 ms\""),
        ("1 ms + distance / (0.01 m/s)", "distance / (100 m/s)"),
        ("from: \"motor\", to: \"motor\", rule: Connectome(\"kind == 'chemical'\")", "from: \"others\", to: \"motor\", rule: Connectome()"),
        ("from: \"motor\", to: \"motor\", rule: Connectome(\"kind == 'chemical'\")", "from: \"motor\", to: \"front\", rule: Connectome()"),
        ("transmitter == 'GABA' or (population == 'others' and index == 2)", "transmitter == 'dopamine'"),
        ("connectome: \"six.ron\",", ""),
        ("six.ron", "seven.ron"),
        ("six.ron", ""),
        ("length > 2", "0..4"),
        ("position(driven, name)", "position(['S'], name)"),
    ];
    let mut all = String::new();
    for (from, to) in cases {
        assert!(VALID.contains(from), "{from}");
        let errors =
            attempt(&VALID.replacen(from, to, 1), CONNECTOME, Settings::default()).err().unwrap_or_else(|| panic!("accepted: {to}"));
        let _ = writeln!(all, "## {to}\n");
        for error in errors {
            // Folders of the test's own have no fixed name.
            let text = error.render();
            let folders: Vec<&str> =
                text.split_whitespace().filter(|word| word.contains("test.ron") || word.contains("seven.ron")).collect();
            let shorter = folders.iter().fold(text.clone(), |text, path| text.replace(path, path.rsplit('/').next().unwrap_or(path)));
            let _ = writeln!(all, "{shorter}\n");
        }
    }
    for (name, settings) in [
        ("--lesion", Settings { lesions: vec!["class == 'nonesuch'".into()], ..Settings::default() }),
        ("--lesion, no selector", Settings { lesions: vec!["class = = 'motor'".into()], ..Settings::default() }),
        ("--stimulate, no amount", Settings { stimuli: vec!["class == 'motor'".into()], ..Settings::default() }),
        ("--stimulate, no weight", Settings { stimuli: vec!["class == 'motor' at 5 Hz".into()], ..Settings::default() }),
        ("--stimulate, neither", Settings { stimuli: vec!["class == 'motor' at 5 ms".into()], ..Settings::default() }),
    ] {
        let errors = attempt(VALID, CONNECTOME, settings).err().unwrap_or_else(|| panic!("accepted: {name}"));
        let _ = writeln!(all, "## {name}\n");
        for error in errors {
            let _ = writeln!(all, "{}\n", error.render());
        }
    }
    insta::assert_snapshot!(all);
}
