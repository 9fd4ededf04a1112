//! The models that the tests' experiments name, described as the engine's registry describes them.

use neuropil_experiment::{ModelDescription, ParameterDescription, VariableDescription};
use neuropil_units::Dimension;

const NS: &str = "nS";

fn parameter(name: &str, unit: &'static str, dimension: Dimension) -> ParameterDescription {
    ParameterDescription { name: name.into(), unit, dimension, default: 0.0, choices: vec![] }
}

fn variable(name: &str, unit: &'static str, dimension: Dimension) -> VariableDescription {
    VariableDescription { name: name.into(), unit, dimension }
}

fn model(
    name: &str,
    parameters: &[(&str, &'static str)],
    state: &[(&str, &'static str)],
    receptors: &[(&str, &'static str)],
) -> ModelDescription {
    ModelDescription {
        name: name.into(),
        parameters: parameters.iter().map(|(name, unit)| parameter(name, unit, dimension(unit))).collect(),
        state: state.iter().map(|(name, unit)| variable(name, unit, dimension(unit))).collect(),
        receptors: receptors.iter().map(|(name, unit)| variable(name, unit, dimension(unit))).collect(),
        current: Dimension::CURRENT,
    }
}

fn dimension(unit: &str) -> Dimension {
    let rate = Dimension::FREQUENCY;
    match unit {
        "ms" => Dimension::TIME,
        "mV" => Dimension::POTENTIAL,
        "pA" => Dimension::CURRENT,
        "nS" => Dimension::CONDUCTANCE,
        "pF" => Dimension::CAPACITANCE,
        "Hz" | "1/ms" => rate,
        "mV/ms" => Dimension::POTENTIAL.multiply(rate),
        _ => Dimension::NONE,
    }
}

const LIF: [(&str, &str); 7] = [
    ("membrane_time_constant", "ms"),
    ("membrane_capacitance", "pF"),
    ("resting_potential", "mV"),
    ("threshold_potential", "mV"),
    ("reset_potential", "mV"),
    ("refractory_period", "ms"),
    ("bias_current", "pA"),
];
const SYNAPTIC_TIMES: [(&str, &str); 2] = [("excitatory_time_constant", "ms"), ("inhibitory_time_constant", "ms")];
const REVERSALS: [(&str, &str); 2] = [("excitatory_reversal_potential", "mV"), ("inhibitory_reversal_potential", "mV")];
const CONDUCTANCE_STATE: [(&str, &str); 3] = [("membrane_potential", "mV"), ("excitatory_conductance", NS), ("inhibitory_conductance", NS)];

/// All models of the experiments in `assets/experiments`.
pub fn catalogue() -> Vec<ModelDescription> {
    let conductance: Vec<_> = [("membrane_capacitance", "pF"), ("leak_conductance", NS), ("resting_potential", "mV")]
        .into_iter()
        .chain([("threshold_potential", "mV"), ("reset_potential", "mV"), ("refractory_period", "ms"), ("bias_current", "pA")])
        .chain(SYNAPTIC_TIMES)
        .chain(REVERSALS)
        .collect();
    let traub: Vec<_> =
        [("membrane_capacitance", "pF"), ("leak_conductance", NS), ("sodium_conductance", NS), ("potassium_conductance", NS)]
            .into_iter()
            .chain([("resting_potential", "mV"), ("sodium_reversal_potential", "mV"), ("potassium_reversal_potential", "mV")])
            .chain([("threshold_shift", "mV"), ("refractory_period", "ms"), ("bias_current", "pA")])
            .chain(SYNAPTIC_TIMES)
            .chain(REVERSALS)
            .collect();
    let exponential: Vec<_> = LIF.into_iter().chain(SYNAPTIC_TIMES).collect();
    let currents = [("membrane_potential", "mV"), ("excitatory_current", "pA"), ("inhibitory_current", "pA")];
    let two_conductances = [("excitatory", NS), ("inhibitory", NS)];
    let mut izhikevich = model(
        "Izhikevich",
        &[
            ("recovery_rate", "1/ms"),
            ("recovery_sensitivity", "1/ms"),
            ("reset_potential", "mV"),
            ("reset_recovery", "mV/ms"),
            ("peak_potential", "mV"),
            ("bias_current", "mV/ms"),
        ],
        &[("membrane_potential", "mV"), ("recovery", "mV/ms")],
        &[("synapse", "mV")],
    );
    izhikevich.current = dimension("mV/ms");
    izhikevich
        .parameters
        .push(ParameterDescription { choices: vec!["Consistent".into(), "Published".into()], ..parameter("scheme", "", Dimension::NONE) });
    vec![
        model("LifDelta", &LIF, &[("membrane_potential", "mV")], &[("synapse", "mV")]),
        model("LifExponentialCurrent", &exponential, &currents, &[("excitatory", "pA"), ("inhibitory", "pA")]),
        model("LifExponentialConductance", &conductance, &CONDUCTANCE_STATE, &two_conductances),
        model("HodgkinHuxleyTraubMiles", &traub, &CONDUCTANCE_STATE, &two_conductances),
        izhikevich,
        model("SpikeSource", &[], &[], &[]),
    ]
}
