//! Projections: from whom, to whom, with which weights and delays. Rules are in [`rules`](super::rules).

use neuropil_synapses::Transmission;
use neuropil_units::{Dimension, Program, Scope, Value};

use crate::{
    document::{
        leaf::Written,
        node::{Node, Shape},
        reader::{Entry, Fields},
    },
    error::{ExperimentError, NameKind, shown},
    plan::{ProjectionPlan, RulePlan},
    source::Place,
    validate::{Validator, positions::distance_variables, rules::RuleText, wiring::EdgeValues},
};

const FIELDS: [&str; 12] =
    ["from", "to", "rule", "weight", "delay", "receptor", "at", "spread", "autapses", "multapses", "each_pair", "transmission"];
const TRANSMISSIONS: [(&str, Transmission); 3] =
    [("Spikes", Transmission::Spikes), ("Graded", Transmission::Graded), ("Electrical", Transmission::Electrical)];
/// Projections that one document may expand to.
const MOST_PROJECTIONS: usize = 10_000;
/// An unlimited range: used to see whether a program is constant.
const NO_RANGES: [(f64, f64); 4] = [(0.0, 0.0); 4];

/// Sources and targets of one projection, with the scope that its expressions see.
pub(super) struct Ends {
    pub from: Vec<usize>,
    pub to: Vec<usize>,
    pub source_size: u64,
    pub target_size: u64,
    /// Whether a neuron can be both.
    pub overlap: bool,
    pub scope: Scope,
    pub autapses: bool,
    pub multapses: bool,
}

/// What all pairs of a projection have in common.
struct Common<'t> {
    rule: RuleText<'t>,
    weight: Option<Node<'t>>,
    delay: Option<Node<'t>>,
    receptor: Option<(String, Place)>,
    autapses: bool,
    multapses: bool,
    transmission: Transmission,
}

impl<'t> Validator<'t> {
    /// Reads `projections`.
    pub(super) fn read_projections(&mut self, node: Node<'t>) -> Vec<ProjectionPlan> {
        let mut plans = Vec::new();
        for entry in self.reader.entries(node, "projections", "projection") {
            if self.reader.is_full() || plans.len() > MOST_PROJECTIONS {
                break;
            }
            let owner = format!("the projection `{}`", shown(&entry.name));
            if let Some(fields) = self.reader.structure(entry.value, owner, &entry.path, "", &FIELDS) {
                self.projection(&entry, &fields, &mut plans);
            }
        }
        plans
    }

    fn projection(&mut self, entry: &Entry<'t>, fields: &Fields<'t>, plans: &mut Vec<ProjectionPlan>) {
        let from = fields.require(&mut self.reader, "from", "from: \"excitatory\"").and_then(|node| self.ends(node));
        let to = fields.require(&mut self.reader, "to", "to: \"excitatory\"").and_then(|node| self.ends(node));
        let rule = fields.require(&mut self.reader, "rule", "rule: FixedInDegree(100)");
        let rule = rule.and_then(|node| self.rule_text(node, &fields.path("rule")));
        let autapses = self.switch(fields, "autapses", true);
        let multapses = self.switch(fields, "multapses", true);
        let each_pair = self.switch(fields, "each_pair", false);
        let receptor = self.receptor_name(fields);
        let transmission = self.transmission(fields);
        let (Some(from), Some(to), Some(rule), Some(autapses), Some(multapses), Some(each_pair), Ok(receptor), Some(transmission)) =
            (from, to, rule, autapses, multapses, each_pair, receptor, transmission)
        else {
            return;
        };
        for (name, allowed) in [("autapses", "allowed"), ("multapses", "allowed")] {
            if fields.get(name).is_none() && rule.is_random() {
                self.defaults_used.push(format!("{name} {allowed} in {}", entry.name));
            }
        }
        let common = Common { rule, weight: fields.get("weight"), delay: fields.get("delay"), receptor, autapses, multapses, transmission };
        if !each_pair {
            let scope = self.scope.child();
            if let Some(plan) = self.one_projection(entry, fields, &common, entry.name.clone(), from, to, scope) {
                plans.push(plan);
            }
            return;
        }
        let pairs = from.len().saturating_mul(to.len());
        if common.rule.is_list() || plans.len().saturating_add(pairs) > MOST_PROJECTIONS {
            let at = fields.name_place("each_pair").cloned().unwrap_or_else(|| entry.place.clone());
            let message = if common.rule.is_list() {
                "a list of synapses holds for one pair of ends, not for each pair; leave out `each_pair`".to_owned()
            } else {
                format!("{pairs} pairs are too many; an experiment has at most {MOST_PROJECTIONS} projections")
            };
            self.reader.report(ExperimentError::Conflict { at, message });
            return;
        }
        for (to_index, target) in to.iter().enumerate() {
            for (from_index, source) in from.iter().enumerate() {
                let mut scope = self.scope.child();
                scope.insert("from_index", number(from_index as f64));
                scope.insert("to_index", number(to_index as f64));
                let name_of = |index: &usize| self.ordered_names.get(*index).cloned().unwrap_or_default();
                let name = format!("{}: {} to {}", entry.name, name_of(source), name_of(target));
                match self.one_projection(entry, fields, &common, name, vec![*source], vec![*target], scope) {
                    Some(plan) => {
                        if !plan.rule.is_empty() {
                            plans.push(plan);
                        }
                    }
                    // The other pairs would repeat the error.
                    None => return,
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call of two; a struct would only rename them")]
    fn one_projection(
        &mut self,
        entry: &Entry<'t>,
        fields: &Fields<'t>,
        common: &Common<'t>,
        name: String,
        from: Vec<usize>,
        to: Vec<usize>,
        mut scope: Scope,
    ) -> Option<ProjectionPlan> {
        let size = |indices: &[usize]| -> Option<u64> {
            Some(self.valid_populations(indices)?.iter().map(|population| population.size as u64).sum())
        };
        let (source_size, target_size) = (size(&from)?, size(&to)?);
        scope.insert("source_size", number(source_size as f64));
        scope.insert("target_size", number(target_size as f64));
        let overlap = from.iter().any(|index| to.contains(index));
        let (autapses, multapses) = (common.autapses, common.multapses);
        let ends = Ends { from, to, source_size, target_size, overlap, scope, autapses, multapses };

        let weight_dimension = match common.transmission {
            Transmission::Electrical => Dimension::CONDUCTANCE,
            _ => self.weight_dimension(&ends.to, common.receptor.as_ref(), &entry.place)?,
        };
        let values = EdgeValues {
            weight: common.weight,
            weight_path: fields.path("weight"),
            weight_dimension,
            delay: common.delay,
            delay_path: fields.path("delay"),
        };
        let rule = self.rule(&common.rule, &ends, &values)?;
        let spread = match common.transmission {
            Transmission::Electrical => None,
            _ => self.projection_spread(fields, &ends.to, common.receptor.as_ref())?,
        };
        let by_edge = common.rule.is_connectome();
        let lists = match &rule {
            RulePlan::Explicit(synapses) => {
                (synapses.iter().all(|synapse| synapse.weight.is_some()), synapses.iter().all(|synapse| synapse.delay_ms.is_some()))
            }
            _ => (false, false),
        };
        let (weight, weight_place) = match common.weight {
            Some(node) if by_edge => (Program::constant(0.0), node.place()),
            Some(node) => self.spatial(node, &ends, weight_dimension, &fields.path("weight")).map(|(weight, _)| (weight, node.place()))?,
            None if lists.0 => (Program::constant(0.0), common.rule.place()),
            None => {
                self.reader.report(ExperimentError::MissingField {
                    at: entry.place.clone(),
                    owner: fields.owner.clone(),
                    field: format!("`weight`, {}; for example weight: \"{}\"", weight_dimension.describe(), example(weight_dimension)),
                });
                return None;
            }
        };
        let (delay, delay_place) = match common.delay {
            Some(node) if by_edge => (Program::constant(self.time_step_ms), node.place()),
            Some(node) => {
                let path = fields.path("delay");
                let (delay, ranges) = self.spatial(node, &ends, Dimension::TIME, &path)?;
                self.check_delay(&delay, &ranges, &node.place(), &path)?;
                (delay, node.place())
            }
            None => {
                if !lists.1 && common.transmission != Transmission::Electrical {
                    let note = format!("delay {} ms in {}", self.time_step_ms, entry.name);
                    if self.defaults_used.last() != Some(&note) {
                        self.defaults_used.push(note);
                    }
                }
                (Program::constant(self.time_step_ms), entry.place.clone())
            }
        };
        Some(ProjectionPlan {
            name,
            place: entry.place.clone(),
            from: ends.from,
            to: ends.to,
            rule,
            weight,
            delay,
            receptor: common.receptor.as_ref().map(|(name, _)| name.clone()),
            autapses,
            multapses,
            transmission: common.transmission,
            spread,
            weight_place,
            delay_place,
            rule_place: common.rule.place(),
        })
    }

    /// A program of the distance variables, with the ranges they can have; both ends need positions if it uses one.
    pub(super) fn spatial(&mut self, node: Node<'t>, ends: &Ends, dimension: Dimension, path: &str) -> Option<(Program, [(f64, f64); 4])> {
        let variables = distance_variables();
        let (program, written) = self.reader.program(node, &ends.scope, &variables, dimension, path)?;
        if !(0..variables.len()).any(|index| program.uses_variable(index)) {
            return Some((program, NO_RANGES));
        }
        let at = self.variable_place(&written);
        let ranges = self.displacement_ranges(&ends.from, &ends.to, &at, path)?;
        Some((program, ranges))
    }

    fn variable_place(&self, written: &Written) -> Place {
        let names = distance_variables().map(|variable| variable.name);
        let first = written.expression().names().find(|(name, _)| names.contains(name)).map(|(_, span)| span);
        first.map_or_else(|| written.whole(), |span| written.place(span))
    }

    fn ends(&mut self, node: Node<'t>) -> Option<Vec<usize>> {
        let names = self.reader.names(node, "the name of a population, or a list of names")?;
        self.population_indices(&names)
    }

    /// What the synapses pass on.
    fn transmission(&mut self, fields: &Fields<'t>) -> Option<Transmission> {
        let Some(node) = fields.get("transmission") else { return Some(Transmission::Spikes) };
        let name = match node.shape() {
            Shape::Text | Shape::Bare | Shape::Structure => self.reader.accept(node.string_or_word())?,
            _ => {
                self.reader.report(node.wrong_form("Spikes, Graded or Electrical"));
                return None;
            }
        };
        let Some((_, transmission)) = TRANSMISSIONS.iter().find(|(known, _)| *known == name.trim()) else {
            self.reader.unknown(node.place(), NameKind::Transmission, &name, TRANSMISSIONS.map(|(known, _)| known));
            return None;
        };
        if let (Transmission::Electrical, Some(at)) = (transmission, fields.name_place("receptor").or_else(|| fields.name_place("delay"))) {
            let message = "an electrical synapse joins two membranes at once; it has neither delay nor receptor".to_owned();
            self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
            return None;
        }
        let places = fields.name_place("at").or_else(|| fields.name_place("spread"));
        if let (Transmission::Electrical, Some(at)) = (transmission, places) {
            let message = "an electrical synapse joins cells where they spike; say so with `spikes: (on: …)` of the cell".to_owned();
            self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
            return None;
        }
        Some(*transmission)
    }

    fn switch(&mut self, fields: &Fields<'t>, name: &str, default: bool) -> Option<bool> {
        match fields.get(name) {
            Some(node) => self.reader.boolean(node, &self.scope, &fields.path(name)),
            None => Some(default),
        }
    }

    /// The receptor that is named, if one is.
    pub(super) fn receptor_name(&mut self, fields: &Fields<'t>) -> Result<Option<(String, Place)>, ()> {
        match fields.get("receptor") {
            Some(node) => match self.reader.text(node, "the name of a receptor") {
                Some(name) => Ok(Some((name, node.place()))),
                None => Err(()),
            },
            None => Ok(None),
        }
    }

    /// The dimension of weights onto these populations: that of the named receptor, or of the first of each model.
    pub(super) fn weight_dimension(&mut self, to: &[usize], receptor: Option<&(String, Place)>, at: &Place) -> Option<Dimension> {
        let mut found: Option<(Dimension, usize)> = None;
        for index in to {
            let description = self.description_of(*index)?;
            let name_of = |index: usize| shown(self.ordered_names.get(index).map_or("", String::as_str));
            let target = match receptor {
                Some((name, place)) => match description.receptor(name) {
                    Some(target) => target,
                    None => {
                        let known = description.receptors.iter().map(|receptor| receptor.name.as_str());
                        self.reader.unknown(place.clone(), NameKind::Receptor, name, known);
                        return None;
                    }
                },
                None => match description.receptors.first() {
                    Some(target) => target,
                    None => {
                        let message =
                            format!("`{}` is a {}, which has no receptors; it cannot be a target", name_of(*index), description.name);
                        self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                        return None;
                    }
                },
            };
            match found {
                Some((dimension, first)) if dimension != target.dimension => {
                    let message = format!(
                        "one weight cannot fit both `{}` ({}) and `{}` ({}); write a projection for each",
                        name_of(first),
                        dimension.describe(),
                        name_of(*index),
                        target.dimension.describe(),
                    );
                    self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                    return None;
                }
                Some(_) => {}
                None => found = Some((target.dimension, *index)),
            }
        }
        found.map(|(dimension, _)| dimension)
    }
}

/// A number without unit.
pub(super) fn number(value: f64) -> Value {
    Value::Number { value, dimension: Dimension::NONE }
}

/// A quantity of a dimension, for messages.
pub(super) fn example(dimension: Dimension) -> String {
    format!("1 {dimension}").trim_end_matches(" 1").to_owned()
}
