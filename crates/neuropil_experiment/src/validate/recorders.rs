//! Recorders: what is kept of a run.

use crate::{
    document::{node::Node, reader::Fields},
    error::NameKind,
    plan::RecorderPlan,
    validate::Validator,
};

const KINDS: [&str; 3] = ["Spikes", "Trace", "Weights"];

impl<'t> Validator<'t> {
    /// Reads `recorders`.
    pub(super) fn read_recorders(&mut self, node: Node<'t>) -> Vec<RecorderPlan> {
        let mut plans = Vec::new();
        for entry in self.reader.entries(node, "recorders", "recorder") {
            if self.reader.is_full() {
                break;
            }
            plans.extend(self.recorder(&entry.name, entry.value, &entry.path));
        }
        plans
    }

    /// The projections of some names; where one was made for each pair of populations, all of them.
    fn projections_called(&mut self, node: Node<'t>) -> Option<Vec<usize>> {
        let mut of = Vec::new();
        for (name, place) in self.reader.names(node, "the name of a projection, or a list of names")? {
            let is_one = |known: &String| *known == name || known.strip_prefix(&name).is_some_and(|rest| rest.starts_with(": "));
            let found: Vec<usize> = self.projection_names.iter().enumerate().filter(|(_, known)| is_one(known)).map(|(k, _)| k).collect();
            if found.is_empty() {
                let known: Vec<String> = self.projection_names.clone();
                self.reader.unknown(place, NameKind::Projection, &name, known.iter().map(String::as_str));
                return None;
            }
            of.extend(found);
        }
        of.sort_unstable();
        of.dedup();
        Some(of)
    }

    /// The neurons that a recorder's field `neurons` chooses, a list for each population; `None` inside for all.
    fn chosen_of(&mut self, fields: &Fields<'t>, of: &[usize]) -> Option<Option<Vec<Vec<u32>>>> {
        match fields.get("neurons") {
            Some(node) => self.chosen(node, &fields.path("neurons"), of),
            None => Some(None),
        }
    }

    fn recorder(&mut self, name: &str, node: Node<'t>, path: &str) -> Option<RecorderPlan> {
        let (kind, kind_node, constructor) = self.reader.constructor(node, "a recorder such as Spikes(of: \"excitatory\")")?;
        let known: &[&str] = match kind {
            "Spikes" => &["of", "neurons"],
            "Weights" => &["of"],
            "Trace" => &["of", "variable", "interval", "neurons", "at"],
            _ => {
                self.reader.unknown(kind_node.place(), NameKind::RecorderKind, kind, KINDS);
                return None;
            }
        };
        let fields = self.reader.fields(kind_node.place(), constructor, format!("`{kind}`"), path, known);
        if kind == "Weights" {
            let node = fields.require(&mut self.reader, "of", "of: \"excitation\"")?;
            let of = self.projections_called(node)?;
            return Some(RecorderPlan::Weights { name: name.to_owned(), of, place: kind_node.place() });
        }
        let of = fields.require(&mut self.reader, "of", "of: \"excitatory\"").and_then(|node| {
            let names = self.reader.names(node, "the name of a population, or a list of names")?;
            self.population_indices(&names)
        });
        if kind == "Spikes" {
            let of = of?;
            let neurons = self.chosen_of(&fields, &of)?;
            return Some(RecorderPlan::Spikes { name: name.to_owned(), of, neurons });
        }
        let interval_ms = match fields.get("interval") {
            Some(node) => self.interval(node, &fields.path("interval")),
            None => Some(self.time_step_ms),
        };
        let variable_node = fields.require(&mut self.reader, "variable", "variable: \"membrane_potential\"")?;
        let variable = self.reader.text(variable_node, "the name of a state variable")?;
        let of = of?;
        for index in &of {
            let model = self.description_of(*index)?;
            if model.variable(&variable).is_none() {
                let known = model.state.iter().map(|variable| variable.name.as_str());
                self.reader.unknown(variable_node.place(), NameKind::StateVariable, &variable, known);
                return None;
            }
        }
        let neurons = self.chosen_of(&fields, &of)?;
        let compartments = match fields.get("at") {
            Some(node) => Some(self.compartment_of(node, &fields.path("at"), &of)?),
            None => None,
        };
        let (name, interval_ms) = (name.to_owned(), interval_ms?);
        Some(RecorderPlan::Trace { name, of, variable, interval_ms, neurons, compartments, place: kind_node.place() })
    }
}
