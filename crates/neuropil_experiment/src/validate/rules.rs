//! Connection rules: their arguments, and whether the two ends can satisfy them.

use neuropil_units::Dimension;

use crate::{
    document::{
        node::{Arguments, Node, Shape},
        reader::Fields,
    },
    error::{ExperimentError, NameKind},
    plan::{ExplicitSynapse, RulePlan},
    source::Place,
    validate::{
        Validator,
        positions::{Sign, distance_variables},
        projections::Ends,
        times::tidy,
        wiring::EdgeValues,
    },
};

const RULES: [&str; 10] = [
    "AllToAll",
    "OneToOne",
    "FixedInDegree",
    "FixedOutDegree",
    "FixedTotalNumber",
    "PairwiseBernoulli",
    "DistanceDependent",
    "Explicit",
    "ExplicitFile",
    "Connectome",
];
/// The largest count that a rule may give: exact in f64.
const MOST_SYNAPSES: u64 = 1 << 53;

/// A rule whose arguments are not evaluated yet.
pub(super) struct RuleText<'t> {
    kind: Kind,
    node: Node<'t>,
    place: Place,
    fields: Fields<'t>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    AllToAll,
    OneToOne,
    FixedInDegree,
    FixedOutDegree,
    FixedTotalNumber,
    PairwiseBernoulli,
    DistanceDependent,
    Explicit,
    ExplicitFile,
    Connectome,
}

impl RuleText<'_> {
    /// Where the rule is written.
    pub fn place(&self) -> Place {
        self.place.clone()
    }

    /// Whether it lists single synapses.
    pub fn is_list(&self) -> bool {
        matches!(self.kind, Kind::Explicit | Kind::ExplicitFile | Kind::Connectome)
    }

    /// Whether its synapses are the edges of a connectome.
    pub fn is_connectome(&self) -> bool {
        self.kind == Kind::Connectome
    }

    /// Whether it draws synapses, so that the choice of autapses and multapses matters.
    pub fn is_random(&self) -> bool {
        matches!(self.kind, Kind::FixedInDegree | Kind::FixedOutDegree | Kind::FixedTotalNumber)
    }
}

impl<'t> Validator<'t> {
    /// Reads the name and the arguments of a rule.
    pub(super) fn rule_text(&mut self, node: Node<'t>, path: &str) -> Option<RuleText<'t>> {
        let (name, name_node, constructor) = self.reader.constructor(node, "a rule such as FixedInDegree(100)")?;
        let (kind, known): (Kind, &[&str]) = match name {
            "AllToAll" => (Kind::AllToAll, &[]),
            "OneToOne" => (Kind::OneToOne, &[]),
            "FixedInDegree" => (Kind::FixedInDegree, &["in_degree"]),
            "FixedOutDegree" => (Kind::FixedOutDegree, &["out_degree"]),
            "FixedTotalNumber" => (Kind::FixedTotalNumber, &["number"]),
            "PairwiseBernoulli" => (Kind::PairwiseBernoulli, &["probability"]),
            "DistanceDependent" => (Kind::DistanceDependent, &["probability", "periodic"]),
            "Explicit" => (Kind::Explicit, &["pairs"]),
            "ExplicitFile" => (Kind::ExplicitFile, &["file"]),
            "Connectome" => (Kind::Connectome, &["edges"]),
            _ => {
                self.reader.unknown(name_node.place(), NameKind::Rule, name, RULES);
                return None;
            }
        };
        let fields = self.reader.fields(name_node.place(), constructor, format!("`{name}`"), path, known);
        Some(RuleText { kind, node, place: name_node.place(), fields })
    }

    /// Evaluates a rule between two ends.
    ///
    /// The edges of a connectome make synapses with weights and delays of their own, from `values`.
    pub(super) fn rule(&mut self, text: &RuleText<'t>, ends: &Ends, values: &EdgeValues<'t>) -> Option<RulePlan> {
        let weight = values.weight_dimension;
        match text.kind {
            Kind::AllToAll => Some(RulePlan::AllToAll),
            Kind::OneToOne => {
                if ends.source_size == ends.target_size {
                    return Some(RulePlan::OneToOne);
                }
                let message = format!("OneToOne needs ends of equal size; these are {} and {} neurons", ends.source_size, ends.target_size);
                self.reader.report(ExperimentError::Conflict { at: text.place(), message });
                None
            }
            Kind::FixedInDegree => {
                let available = ends.source_size - u64::from(!ends.autapses && ends.overlap);
                self.count(text, "in_degree", ends, available, "sources").map(RulePlan::FixedInDegree)
            }
            Kind::FixedOutDegree => {
                let available = ends.target_size - u64::from(!ends.autapses && ends.overlap);
                self.count(text, "out_degree", ends, available, "targets").map(RulePlan::FixedOutDegree)
            }
            Kind::FixedTotalNumber => {
                let available = ends.source_size.saturating_mul(ends.target_size);
                self.count(text, "number", ends, available, "pairs").map(RulePlan::FixedTotalNumber)
            }
            Kind::PairwiseBernoulli => {
                let node = text.fields.require(&mut self.reader, "probability", "PairwiseBernoulli(0.1)")?;
                let path = text.fields.path("probability");
                let probability = self.reader.quantity(node, &ends.scope, Dimension::NONE, &path)?;
                self.check_probability((probability, probability), node, &path)?;
                Some(RulePlan::PairwiseBernoulli(probability))
            }
            Kind::DistanceDependent => self.distance_dependent(text, ends),
            Kind::Explicit => {
                let node = text.fields.require(&mut self.reader, "pairs", "Explicit(pairs: [(0, 3), (1, 2)])")?;
                self.explicit(node, &text.fields.path("pairs"), ends, weight).map(RulePlan::Explicit)
            }
            Kind::ExplicitFile => {
                let node = text.fields.require(&mut self.reader, "file", "ExplicitFile(\"edges.csv\")")?;
                self.synapse_table(node, ends, weight).map(RulePlan::Explicit)
            }
            Kind::Connectome => {
                let selector = text.fields.get("edges").map(|node| (node, text.fields.path("edges")));
                self.edges(selector, &text.place(), ends, values).map(RulePlan::Explicit)
            }
        }
    }

    /// A number of synapses; without multapses at most as many as there are partners.
    fn count(&mut self, text: &RuleText<'t>, field: &str, ends: &Ends, available: u64, partners: &str) -> Option<u64> {
        let name = text.node.text().split('(').next().unwrap_or_default().trim();
        let node = text.fields.require(&mut self.reader, field, &format!("{name}(100)"))?;
        let path = text.fields.path(field);
        let count = self.reader.integer(node, &ends.scope, (0, MOST_SYNAPSES), &path)?;
        let expected = if count == 0 {
            return Some(0);
        } else if available == 0 {
            format!("there are no {partners} without autapses")
        } else if !ends.multapses && count > available {
            format!("without multapses there are {available} {partners}")
        } else {
            return Some(count);
        };
        self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: path, found: format!("{count}"), expected });
        None
    }

    fn distance_dependent(&mut self, text: &RuleText<'t>, ends: &Ends) -> Option<RulePlan> {
        let node = text.fields.require(&mut self.reader, "probability", "probability: \"0.2 * exp(-distance / (100 um))\"")?;
        let path = text.fields.path("probability");
        let (program, ranges) = self.spatial(node, ends, Dimension::NONE, &path)?;
        let (program, ranges) = if (0..distance_variables().len()).any(|index| program.uses_variable(index)) {
            (program, ranges)
        } else {
            // Positions are needed for a periodic box too, so that a rule does not change its needs with its numbers.
            let ranges = self.displacement_ranges(&ends.from, &ends.to, &text.place(), &path)?;
            (program, ranges)
        };
        if program.is_random() {
            let message = format!("{path} is random; a probability is a number, and the synapses are drawn with it");
            self.reader.report(ExperimentError::Conflict { at: node.place(), message });
            return None;
        }
        self.check_probability(program.bounds(&ranges), node, &path)?;
        let periodic = match text.fields.get("periodic") {
            Some(node) => self.lengths(node, &text.fields.path("periodic"), Sign::NotNegative)?,
            None => [0.0; 3],
        };
        Some(RulePlan::DistanceDependent { probability: program, periodic })
    }

    /// Refuses what can never be a probability: a range that lies outside 0 to 1.
    fn check_probability(&mut self, (least, most): (f64, f64), node: Node<'t>, path: &str) -> Option<()> {
        let is_constant = least == most;
        let fits = if is_constant { (0.0..=1.0).contains(&least) } else { most >= 0.0 && least <= 1.0 };
        if fits {
            return Some(());
        }
        let found = if is_constant { tidy(least) } else { format!("{} to {}", tidy(least), tidy(most)) };
        let expected = "a probability lies between 0 and 1".to_owned();
        self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: path.to_owned(), found, expected });
        None
    }

    fn explicit(&mut self, node: Node<'t>, path: &str, ends: &Ends, weight: Dimension) -> Option<Vec<ExplicitSynapse>> {
        let pairs = self.reader.accept(node.list())?;
        self.count_listed(&node.place(), path, pairs.len())?;
        let mut synapses = Vec::with_capacity(pairs.len());
        for (index, pair) in pairs.into_iter().enumerate() {
            let path = format!("{path}[{index}]");
            let expected = "(source, target), (source, target, weight) or (source, target, weight, delay)";
            let values = match pair.shape() {
                Shape::Structure => self.reader.accept(pair.constructor())?,
                _ => {
                    self.reader.report(pair.wrong_form(expected));
                    return None;
                }
            };
            let (None, Arguments::Positional(values)) = (values.name, values.arguments) else {
                self.reader.report(pair.wrong_form(expected));
                return None;
            };
            let (source, target, own_weight, own_delay) = match values.as_slice() {
                [source, target] => (*source, *target, None, None),
                [source, target, weight] => (*source, *target, Some(*weight), None),
                [source, target, weight, delay] => (*source, *target, Some(*weight), Some(*delay)),
                _ => {
                    self.reader.report(pair.wrong_form(expected));
                    return None;
                }
            };
            let source = self.neuron_index(source, ends.source_size, &format!("{path}.source"))?;
            let target = self.neuron_index(target, ends.target_size, &format!("{path}.target"))?;
            let own_weight = match own_weight {
                Some(node) => Some(self.reader.quantity(node, &ends.scope, weight, &format!("{path}.weight"))?),
                None => None,
            };
            let delay_ms = match own_delay {
                Some(node) => {
                    let path = format!("{path}.delay");
                    let delay = self.reader.quantity(node, &ends.scope, Dimension::TIME, &path)?;
                    Some(self.constant_delay(delay, &node.place(), &path)?)
                }
                None => None,
            };
            synapses.push(ExplicitSynapse { source, target, weight: own_weight, delay_ms });
        }
        Some(synapses)
    }

    /// The index of a neuron within `size` neurons.
    pub(super) fn neuron_index(&mut self, node: Node<'t>, size: u64, path: &str) -> Option<u32> {
        let most = size.saturating_sub(1).min(u64::from(u32::MAX));
        let index = self.reader.integer(node, &self.scope, (0, most), path)?;
        u32::try_from(index).ok()
    }
}
