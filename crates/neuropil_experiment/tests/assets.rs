//! The experiments that come with the engine are read as their papers state them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod common;

use std::path::PathBuf;

use neuropil_experiment::{Assigned, Plan, RulePlan, Settings, SourcePlan, read};

fn load(name: &str, set: &[(&str, &str)]) -> Plan {
    let path = [env!("CARGO_MANIFEST_DIR"), "../../assets/experiments", &format!("{name}.ron")].iter().collect::<PathBuf>();
    let settings = Settings { set: set.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(), ..Settings::default() };
    match read(&path, &settings, &common::catalogue()) {
        Ok(plan) => plan,
        Err(errors) => panic!("{}", errors.iter().map(|error| error.render()).collect::<Vec<_>>().join("\n")),
    }
}

fn sizes(plan: &Plan) -> Vec<usize> {
    plan.populations.iter().map(|population| population.size).collect()
}

fn shared(plan: &Plan, population: &str, parameter: &str) -> f64 {
    let population = plan.population(population).expect("the population exists");
    match population.parameters.iter().find(|given| given.name == parameter).map(|given| &given.value) {
        Some(Assigned::Shared(value)) => *value,
        other => panic!("{parameter}: {other:?}"),
    }
}

/// Claim: model A of the paper with C_E = 1000, C_I = 250, ν_thr = θ/(J C_E τ) = 10 Hz, and g, η of the four panels of figure 8.
/// Source: Brunel 2000. Tolerance: rounding.
#[test]
fn brunel_has_the_numbers_of_the_paper_in_all_four_regimes() {
    for (regime, g, eta) in [("SR", 3.0, 2.0), ("SI_fast", 6.0, 4.0), ("AI", 5.0, 2.0), ("SI_slow", 4.5, 0.9)] {
        let plan = load("brunel", &[("regime", regime)]);
        assert_eq!(sizes(&plan), [10_000, 2_500]);
        assert!(matches!(plan.projections[0].rule, RulePlan::FixedInDegree(1000)));
        assert!(matches!(plan.projections[1].rule, RulePlan::FixedInDegree(250)));
        assert!((plan.projections[1].weight.as_constant().unwrap() + g * 0.1).abs() < 1e-12, "{regime}");
        let SourcePlan::Poisson { schedule } = &plan.inputs[0].source else { panic!("a Poisson source") };
        assert!((schedule[0].rate_per_ms - eta * 10.0).abs() < 1e-9, "{regime}: {} kHz", schedule[0].rate_per_ms);
        assert_eq!(shared(&plan, "inhibitory", "reset_potential"), 10.0);
        assert!(plan.projections.iter().all(|projection| !projection.autapses && projection.multapses));
        assert_eq!(plan.synapses_expected(), 12_500.0 * 1_250.0);
    }
    assert_eq!(sizes(&load("brunel", &[("order", "250")])), [1000, 250]);
    assert!((load("brunel", &[("g", "4.2"), ("regime", "SR")]).projections[1].weight.as_constant().unwrap() + 0.42).abs() < 1e-12);
}

/// Claim: 64 excitatory and 16 inhibitory inputs whatever the size, four to one. Source: Brette et al. 2007.
#[test]
fn the_vogels_abbott_networks_keep_their_in_degrees_at_any_size() {
    for (name, excitation, inhibition) in [("coba", 6.0, -67.0), ("cuba", 16.2, -90.0), ("cobahh", 6.0, -67.0)] {
        for size in [100_usize, 4000, 200_000, 123_457] {
            let plan = load(name, &[("size", &size.to_string())]);
            assert_eq!(plan.neurons(), size, "{name}");
            assert_eq!(plan.populations[0].size, (0.8 * size as f64).round() as usize, "{name}");
            assert_eq!(plan.synapses_expected(), 80.0 * size as f64, "{name}");
            assert_eq!(plan.projections[0].weight.as_constant(), Some(excitation));
            assert_eq!(plan.projections[1].weight.as_constant(), Some(inhibition));
        }
    }
    let kick = &load("coba", &[]).inputs[0];
    assert_eq!(kick.neurons, Some((0..50).collect()));
    let SourcePlan::Poisson { schedule } = &kick.source else { panic!("a Poisson source") };
    assert_eq!((schedule[0].start_ms, schedule[0].rate_per_ms, schedule[1].start_ms, schedule[1].rate_per_ms), (1.0, 0.3, 51.0, 0.0));
}

/// Claim: (c, d) = (-65 + 15 r², 8 - 6 r²) and (a, b) = (0.02 + 0.08 r, 0.25 - 0.05 r) with one r a neuron. Source: Izhikevich 2003.
#[test]
fn izhikevich_types_follow_one_number_a_neuron() {
    let plan = load("izhikevich2003", &[]);
    assert_eq!((sizes(&plan), plan.time_step_ms, plan.synapses_expected()), (vec![800, 200], 1.0, 1e6));
    let listed = |population: usize, name: &str| match plan.populations[population]
        .parameters
        .iter()
        .find(|given| given.name == name)
        .map(|given| &given.value)
    {
        Some(Assigned::Listed(values)) => values.clone(),
        other => panic!("{name}: {other:?}"),
    };
    for (c, d) in listed(0, "reset_potential").iter().zip(listed(0, "reset_recovery")) {
        assert!(((c + 65.0) / 15.0 - (8.0 - d) / 6.0).abs() < 1e-12);
        assert!((-65.0..=-50.0).contains(c) && (2.0..=8.0).contains(&d));
    }
    for (a, b) in listed(1, "recovery_rate").iter().zip(listed(1, "recovery_sensitivity")) {
        assert!(((a - 0.02) / 0.08 - (0.25 - b) / 0.05).abs() < 1e-12);
    }
    for population in &plan.populations {
        let scheme = population.parameters.iter().find(|given| given.name == "scheme").map(|given| &given.value);
        assert!(matches!(scheme, Some(Assigned::Choice(scheme)) if scheme == "Published"));
    }
}

/// Claim: 77169 neurons and 2.9888e8 synapses at full scale; pairs with probability 0 are left out; 45499806 from L23E to L23E.
/// Source: Potjans and Diesmann 2014, with Q = ln(1 - C)/ln(1 - 1/(N N')).
#[test]
fn the_microcircuit_has_the_published_size() {
    let plan = load("microcircuit", &[]);
    assert_eq!(sizes(&plan), [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948]);
    assert!((plan.synapses_expected() / 2.9888e8 - 1.0).abs() < 1e-4, "{}", plan.synapses_expected());
    assert_eq!(plan.projections.len(), 55);
    let pair =
        |name: &str| plan.projections.iter().find(|projection| projection.name == format!("cortical: {name}")).expect("the pair exists");
    assert!(matches!(pair("L23E to L23E").rule, RulePlan::FixedTotalNumber(45_499_806)));
    assert!(matches!(pair("L4I to L4E").rule, RulePlan::FixedTotalNumber(17_413_576)));
    assert!(matches!(pair("L6I to L6E").rule, RulePlan::FixedTotalNumber(10_827_677)));
    let weight = plan.inputs[0].weight.as_ref().and_then(|weight| weight.as_constant()).expect("one weight for all");
    assert!((weight - 87.808_493_529_208_43).abs() < 1e-9, "{weight}");
    assert_eq!(plan.inputs.len(), 8);
    for population in &plan.populations {
        assert_eq!(shared(&plan, &population.name, "bias_current"), 0.0);
    }
}

/// Claim: the currents that compensate for a tenth and for half of the in-degrees. Source: the formula of van Albada et al. 2015,
/// evaluated independently. Tolerance: their two decimals.
#[test]
fn down_scaling_compensates_the_lost_mean_input() {
    let published = [
        ("0.1", [29.04, 112.37, 112.97, 114.99, 125.42, 151.68, 43.85, 153.71]),
        ("0.5", [12.44, 48.13, 48.39, 49.26, 53.72, 64.97, 18.78, 65.84]),
    ];
    for (scale, currents) in published {
        let plan = load("microcircuit", &[("in_degree_scale", scale), ("scale", "0.1")]);
        for (population, current) in plan.populations.iter().zip(currents) {
            let found = shared(&plan, &population.name, "bias_current");
            assert!((found - current).abs() < 0.006, "{} at {scale}: {found} pA, expected {current}", population.name);
        }
    }
}

#[test]
fn the_tutorial_is_two_neurons_and_one_synapse() {
    let plan = load("two_neurons", &[]);
    assert_eq!((plan.neurons(), plan.synapses_expected(), plan.recorders.len()), (2, 1.0, 2));
}
