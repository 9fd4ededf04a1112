//! Channels that an experiment declares: gates and schemes of states as expressions.

use std::sync::Arc;

use neuropil_dendrites::{
    MechanismEntry,
    declared::{Conducts, DeclaredChannel, DeclaredErrorKind, Gate, Kinetics, Part, Scheme},
};
use neuropil_units::{Dimension, Kelvin, Millivolts};

use crate::{
    document::{leaf::Written, node::Node, reader::Fields},
    error::{ExperimentError, NameKind, shown},
    source::Place,
    validate::Validator,
};

/// The constructor's name.
pub(super) const DECLARED: &str = "Declared";
/// Fields of a declared channel; those that give its strength may differ from compartment to compartment.
pub(super) const FIELDS: [&str; 8] =
    ["conductance", "reversal_potential", "permeability", "outside_concentration", "ion", "temperature_factor", "gates", "scheme"];
const IONS: [&str; 1] = ["calcium"];

/// What is written of a part of a channel.
struct Parts {
    written: Vec<(Part, String, Written)>,
    places: Vec<(Part, Place)>,
}

impl<'t> Validator<'t> {
    /// A declared channel, and which of its fields are parameters of its painting.
    pub(super) fn declared(&mut self, given: &Fields<'t>, name: &str, kelvin: f64) -> Option<Arc<MechanismEntry>> {
        let mut parts = Parts { written: Vec::new(), places: Vec::new() };
        let errors = self.reader.count();
        let conducts = self.conducts(given);
        let temperature_factor = given.get("temperature_factor").and_then(|node| {
            let path = given.path("temperature_factor");
            self.part(node, path, Part::TemperatureFactor, "an expression of `temperature`", &mut parts)
        });
        let mut gates = Vec::new();
        if let Some(node) = given.get("gates") {
            for entry in self.reader.entries(node, &given.path("gates"), "gate") {
                gates.extend(self.gate(entry.value, &entry.name, &entry.path, gates.len(), &mut parts));
            }
        }
        let scheme = match given.get("scheme") {
            Some(node) => Some(self.scheme(node, &given.path("scheme"), &mut parts)?),
            None => None,
        };
        if given.get("gates").is_none() && scheme.is_none() {
            given.require(&mut self.reader, "gates", "gates: {\"m\": (alpha: \"…\", beta: \"…\")}, or a `scheme` of states");
        }
        if self.reader.count() > errors {
            return None;
        }
        let channel = DeclaredChannel { name: name.to_owned(), conducts: conducts?, temperature_factor, gates, scheme, ..Default::default() };
        let checked = channel.entry(&self.scope).and_then(|entry| channel.check_at(&self.scope, Kelvin(kelvin)).map(|()| entry));
        match checked {
            Ok(entry) => Some(Arc::new(entry)),
            Err(error) => {
                let written = parts.written.iter().find(|(part, ..)| *part == error.part);
                let place = parts.places.iter().find(|(part, _)| *part == error.part).map_or(&given.head, |(_, place)| place);
                self.reader.report(match (error.kind, written) {
                    (DeclaredErrorKind::Expression(error), Some((_, path, written))) => written.error(path, error),
                    (DeclaredErrorKind::Expression(error), None) => {
                        ExperimentError::Refused { at: place.clone(), message: error.to_string() }
                    }
                    (DeclaredErrorKind::Other(message), Some((.., written))) => ExperimentError::Refused { at: written.whole(), message },
                    (DeclaredErrorKind::Other(message), None) => ExperimentError::Refused { at: place.clone(), message },
                });
                None
            }
        }
    }

    /// Reversal potential, ion or permeability: which of them there are decides what the current depends on.
    fn conducts(&mut self, given: &Fields<'t>) -> Option<Conducts> {
        let carries_calcium = match given.get("ion") {
            Some(node) => {
                let ion = self.reader.accept(node.string_or_word())?;
                if ion != "calcium" {
                    self.reader.unknown(node.place(), NameKind::Ion, &ion, IONS);
                    return None;
                }
                true
            }
            None => false,
        };
        let has = |name: &str| given.get(name).is_some();
        if has("permeability") {
            for unfit in ["conductance", "reversal_potential"].into_iter().filter(|name| has(name)) {
                let at = given.name_place(unfit).unwrap_or(&given.head).clone();
                let message = format!("a channel with a `permeability` has no `{unfit}`; its current depends on concentrations of calcium");
                self.reader.report(ExperimentError::Refused { at, message });
            }
            if !carries_calcium {
                given.require(&mut self.reader, "ion", "ion: \"calcium\", the ion that a `permeability` is of");
            }
            return Some(Conducts::Permeable { permeability: Default::default(), outside: neuropil_dendrites::calcium::OUTSIDE });
        }
        if has("outside_concentration") {
            let at = given.name_place("outside_concentration").unwrap_or(&given.head).clone();
            let message = "only a channel with a `permeability` has an `outside_concentration`; else the pool of calcium has it".to_owned();
            self.reader.report(ExperimentError::Refused { at, message });
        }
        given.require(&mut self.reader, "conductance", "conductance: \"10 mS/cm^2\"");
        // The values are read as those of parameters are, and may differ from compartment to compartment.
        Some(match (carries_calcium, has("reversal_potential")) {
            (true, false) => Conducts::Calcium,
            (true, true) => Conducts::CalciumAt(Millivolts(0.0)),
            (false, _) => {
                given.require(&mut self.reader, "reversal_potential", "reversal_potential: \"-90 mV\", or ion: \"calcium\"");
                Conducts::Ohmic(Millivolts(0.0))
            }
        })
    }

    fn part(
        &mut self,
        node: Node<'t>,
        path: String,
        part: Part,
        expected: &str,
        parts: &mut Parts,
    ) -> Option<neuropil_units::Expression> {
        let written = self.reader.expression(node, &path, expected)?;
        let expression = written.expression().clone();
        parts.written.push((part, path, written));
        Some(expression)
    }

    fn gate(&mut self, node: Node<'t>, name: &str, path: &str, number: usize, parts: &mut Parts) -> Option<Gate> {
        let known = ["power", "alpha", "beta", "steady_state", "time_constant"];
        let owner = format!("the gate `{}`", shown(name));
        let fields = self.reader.structure(node, owner, path, "", &known)?;
        let power = match fields.get("power") {
            Some(node) => self.reader.integer(node, &self.scope, (1, 16), &fields.path("power"))? as u32,
            None => 1,
        };
        let by_limit = fields.get("steady_state").is_some() || fields.get("time_constant").is_some();
        let unfit = ["alpha", "beta"].into_iter().find(|name| by_limit && fields.get(name).is_some());
        if let Some(unfit) = unfit {
            let at = fields.name_place(unfit).unwrap_or(&fields.head).clone();
            let message = format!("a gate has `alpha` and `beta`, or `steady_state` and `time_constant`, but not `{unfit}` beside one of the latter");
            self.reader.report(ExperimentError::Refused { at, message });
            return None;
        }
        let of_potential = "an expression of `membrane_potential`, `calcium` or `temperature`";
        let mut read = |field: &'static str, example: &str, part: Part| {
            let node = fields.require(&mut self.reader, field, example)?;
            self.part(node, fields.path(field), part, of_potential, parts)
        };
        let kinetics = if by_limit {
            let steady_state =
                read("steady_state", "steady_state: \"1 / (1 + exp(-(membrane_potential + 40 mV) / (5 mV)))\"", Part::GateFirst(number));
            let time_constant = read("time_constant", "time_constant: \"2 ms\"", Part::GateSecond(number));
            Kinetics::Limit { steady_state: steady_state?, time_constant: time_constant? }
        } else {
            let opening = read("alpha", "alpha: \"(1/ms) * linoid((membrane_potential + 40 mV) / (10 mV))\"", Part::GateFirst(number));
            let closing = read("beta", "beta: \"(4/ms) * exp(-(membrane_potential + 65 mV) / (18 mV))\"", Part::GateSecond(number));
            Kinetics::Rates { opening: opening?, closing: closing? }
        };
        Some(Gate { name: name.to_owned(), power, kinetics })
    }

    fn scheme(&mut self, node: Node<'t>, path: &str, parts: &mut Parts) -> Option<Scheme> {
        let fields = self.reader.structure(node, "`scheme`".to_owned(), path, "", &["states", "rates", "open"])?;
        let states_node = fields.require(&mut self.reader, "states", "states: [\"C\", \"O\"]");
        let rates_node = fields.require(&mut self.reader, "rates", "rates: {\"C -> O\": \"…\", \"O -> C\": \"…\"}");
        let open_node = fields.require(&mut self.reader, "open", "open: {\"O\": 1}");
        let named = self.reader.names(states_node?, "the names of the states, such as [\"C\", \"O\"]")?;
        parts.places.push((Part::States, states_node?.place()));
        parts.places.push((Part::Open, open_node?.head()));
        let mut states: Vec<String> = Vec::new();
        for (name, place) in named {
            if states.contains(&name) {
                let first = place.location().line;
                self.reader.report(ExperimentError::Duplicate { at: place, what: "the state", name: shown(&name), first });
                return None;
            }
            states.push(name);
        }
        let mut rates = Vec::new();
        for entry in self.reader.entries(rates_node?, &fields.path("rates"), "rate") {
            let Some((from, to)) = entry.name.split_once("->") else {
                let message = format!("a rate is named by the states that it leads from and to, such as \"C -> O\", not {}", shown(&entry.name));
                self.reader.report(ExperimentError::Refused { at: entry.place.clone(), message });
                continue;
            };
            let mut find = |name: &str| {
                let found = states.iter().position(|state| state == name.trim());
                if found.is_none() {
                    self.reader.unknown(entry.place.clone(), NameKind::State, name.trim(), states.iter().map(String::as_str));
                }
                found
            };
            let (from, to) = (find(from), find(to));
            let rate = self.part(entry.value, entry.path, Part::Rate(rates.len()), "a rate, such as \"2/ms\"", parts);
            if let (Some(from), Some(to), Some(rate)) = (from, to, rate) {
                rates.push((from, to, rate));
            }
        }
        let mut open = Vec::new();
        for entry in self.reader.entries(open_node?, &fields.path("open"), "state") {
            match states.iter().position(|state| *state == entry.name) {
                Some(state) => {
                    let part = self.reader.quantity(entry.value, &self.scope, Dimension::NONE, &entry.path)?;
                    open.push((state, part));
                }
                None => self.reader.unknown(entry.place, NameKind::State, &entry.name, states.iter().map(String::as_str)),
            }
        }
        Some(Scheme { states, rates, open })
    }
}
