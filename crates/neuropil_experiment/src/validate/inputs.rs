//! Inputs: whom they drive, with which weight. What they give is in [`sources`](super::sources).

use neuropil_units::{Dimension, Expression, Program, Scope};

use crate::{
    document::{
        node::{Node, Shape},
        reader::{Entry, Fields},
    },
    error::{ExperimentError, shown},
    plan::{InputPlan, SourcePlan},
    source::Place,
    validate::{
        Validator,
        projections::{example, number},
        sources::SourceArguments,
    },
};

const FIELDS: [&str; 10] = ["to", "source", "weight", "receptor", "delay", "neurons", "at", "synapses", "spread", "each_target"];

impl<'t> Validator<'t> {
    /// Reads `inputs`.
    pub(super) fn read_inputs(&mut self, node: Node<'t>) -> Vec<InputPlan> {
        let mut plans = Vec::new();
        for entry in self.reader.entries(node, "inputs", "input") {
            if self.reader.is_full() {
                break;
            }
            let owner = format!("the input `{}`", shown(&entry.name));
            if let Some(fields) = self.reader.structure(entry.value, owner, &entry.path, "", &FIELDS) {
                self.input(&entry, &fields, &mut plans);
            }
        }
        plans
    }

    fn input(&mut self, entry: &Entry<'t>, fields: &Fields<'t>, plans: &mut Vec<InputPlan>) {
        let to = fields.require(&mut self.reader, "to", "to: \"excitatory\"").and_then(|node| {
            let names = self.reader.names(node, "the name of a population, or a list of names")?;
            self.population_indices(&names)
        });
        let source = fields.require(&mut self.reader, "source", "source: Poisson(rate: \"8 Hz\")");
        let source = source.and_then(|node| self.source_text(node, &fields.path("source")));
        let each_target = match fields.get("each_target") {
            Some(node) => self.reader.boolean(node, &self.scope, &fields.path("each_target")),
            None => Some(false),
        };
        let receptor = self.receptor_name(fields);
        let (Some(to), Some(source), Some(each_target), Ok(receptor)) = (to, source, each_target, receptor) else { return };
        let targets: Vec<Vec<usize>> = if each_target { to.into_iter().map(|index| vec![index]).collect() } else { vec![to] };
        for (to_index, to) in targets.into_iter().enumerate() {
            let mut scope = self.scope.child();
            let mut name = entry.name.clone();
            if each_target {
                scope.insert("to_index", number(to_index as f64));
                let target = to.first().and_then(|index| self.ordered_names.get(*index)).map_or("", String::as_str);
                name = format!("{name}: {target}");
            }
            let Some(places) = self.input_places(fields, &source, &to, receptor.as_ref(), plans.len()) else { return };
            let several = places.len() > 1;
            for (synapse, sites) in places.into_iter().enumerate() {
                let mut scope = scope.child();
                let mut name = name.clone();
                if fields.get("at").is_some() || fields.get("synapses").is_some() {
                    scope.insert("synapse_index", number(synapse as f64));
                    if several {
                        name = format!("{name}: synapse {synapse}");
                    }
                }
                let outer = std::mem::replace(&mut self.scope, scope.clone());
                let done = self.input_to(entry, fields, (name, to.clone(), sites), (&source, receptor.as_ref()), scope, plans);
                self.scope = outer;
                // The other synapses would repeat the error.
                if done.is_none() {
                    return;
                }
            }
        }
    }

    /// One source onto some populations, for cells at one place of each.
    fn input_to(
        &mut self,
        entry: &Entry<'t>,
        fields: &Fields<'t>,
        (name, to, sites): (String, Vec<usize>, Vec<u32>),
        (source, receptor): (&SourceArguments<'t>, Option<&(String, Place)>),
        mut scope: Scope,
        plans: &mut Vec<InputPlan>,
    ) -> Option<()> {
        let size = self.smallest_and_total(&to)?;
        scope.insert("target_size", number(size.1 as f64));
        let neurons = match fields.get("neurons") {
            Some(node) => self.chosen(node, &fields.path("neurons"), &to)?,
            None => None,
        };
        let current = self.current_dimension(&to, &entry.place)?;
        let by_neuron = self.by_neuron(source, &scope, current, &to, neurons.as_deref())?;
        let plan = match by_neuron.first() {
            Some(first) => Some(first.clone()),
            None => self.source(source, &scope, current, size.0),
        };
        let plan = plan?;
        let (weight, delay_ms) = self.weight_and_delay(entry, fields, &plan, &to, receptor, &scope)?;
        let receptor = receptor.map(|(name, _)| name.clone());
        let plan = |name, to, neurons| InputPlan {
            name,
            place: entry.place.clone(),
            to,
            neurons,
            sites: sites.clone(),
            source: plan.clone(),
            weight: weight.clone(),
            delay_ms,
            receptor: receptor.clone(),
        };
        if !by_neuron.is_empty() {
            let lists = neurons.unwrap_or_else(|| vec![Vec::new(); to.len()]);
            for ((index, neurons), source) in to.into_iter().zip(lists).zip(by_neuron) {
                let target = self.ordered_names.get(index).map_or("", String::as_str);
                plans
                    .push(InputPlan { source, ..plan(format!("{name}: {target}"), vec![index], (!neurons.is_empty()).then_some(neurons)) });
            }
            return Some(());
        }
        match neurons {
            None => plans.push(plan(name, to, None)),
            // One list for all, or for one.
            Some(lists) if lists.array_windows().all(|[left, right]| left == right) => plans.push(plan(name, to, lists.into_iter().next())),
            Some(lists) => {
                for (index, neurons) in to.into_iter().zip(lists).filter(|(_, neurons)| !neurons.is_empty()) {
                    let target = self.ordered_names.get(index).map_or("", String::as_str);
                    plans.push(plan(format!("{name}: {target}"), vec![index], Some(neurons)));
                }
            }
        }
        Some(())
    }

    /// For each target population the spikes of its neurons, where they depend on the neuron, or its current that does; empty where they do not.
    fn by_neuron(
        &mut self,
        source: &SourceArguments<'t>,
        scope: &Scope,
        current: Dimension,
        to: &[usize],
        neurons: Option<&[Vec<u32>]>,
    ) -> Option<Vec<SourcePlan>> {
        let mut plans = Vec::new();
        for (position, population) in to.iter().enumerate() {
            let own = neurons.map(|lists| lists.get(position).map_or(&[][..], Vec::as_slice));
            plans.extend(self.spikes_by_neuron(source, scope, current, *population, own)?);
        }
        Some(plans)
    }

    /// The weight and delay of spikes; a current must have neither.
    fn weight_and_delay(
        &mut self,
        entry: &Entry<'t>,
        fields: &Fields<'t>,
        source: &SourcePlan,
        to: &[usize],
        receptor: Option<&(String, Place)>,
        scope: &Scope,
    ) -> Option<(Option<Program>, f64)> {
        let takes_spikes = !to.iter().any(|index| self.is_source(*index));
        let is_relay = !takes_spikes && matches!(source, SourcePlan::SpikeList(_) | SourcePlan::SpikeFile(_));
        if !source.gives_spikes() || is_relay {
            for name in ["weight", "delay", "receptor"] {
                if let Some(at) = fields.name_place(name) {
                    let message = if is_relay {
                        format!("{} gives its spikes as they are; leave out `{name}`", fields.owner)
                    } else {
                        format!("{} is a current and has no `{name}`; its strength stands in `source`", fields.owner)
                    };
                    self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                    return None;
                }
            }
            if !takes_spikes && !is_relay {
                let message = format!("{} drives a population whose model takes no current", fields.owner);
                self.reader.report(ExperimentError::Conflict { at: entry.place.clone(), message });
                return None;
            }
            return Some((None, self.time_step_ms));
        }
        let dimension = self.weight_dimension(to, receptor, &entry.place)?;
        let Some(node) = fields.get("weight") else {
            self.reader.report(ExperimentError::MissingField {
                at: entry.place.clone(),
                owner: fields.owner.clone(),
                field: format!("`weight`, {}; for example weight: \"{}\"", dimension.describe(), example(dimension)),
            });
            return None;
        };
        let (weight, _) = self.reader.program(node, scope, &[], dimension, &fields.path("weight"))?;
        let delay_ms = match fields.get("delay") {
            Some(node) => {
                let path = fields.path("delay");
                let delay = self.reader.quantity(node, scope, Dimension::TIME, &path)?;
                self.constant_delay(delay, &node.place(), &path)?
            }
            None => self.time_step_ms,
        };
        Some((Some(weight), delay_ms))
    }

    /// The size of the smallest of the populations, and of all together.
    pub(super) fn smallest_and_total(&self, indices: &[usize]) -> Option<(usize, usize)> {
        let populations = self.valid_populations(indices)?;
        let smallest = populations.iter().map(|population| population.size).min()?;
        Some((smallest, populations.iter().map(|population| population.size).sum()))
    }

    /// What input currents of these populations are measured in.
    fn current_dimension(&mut self, to: &[usize], at: &Place) -> Option<Dimension> {
        let mut found: Option<Dimension> = None;
        for index in to {
            let description = self.description_of(*index)?;
            match found {
                Some(dimension) if dimension != description.current => {
                    let message =
                        "one input cannot drive models with currents in pA and models with currents in mV/ms; write an input for each";
                    self.reader.report(ExperimentError::Conflict { at: at.clone(), message: message.to_owned() });
                    return None;
                }
                _ => found = Some(description.current),
            }
        }
        found
    }

    /// Indices of neurons: `"0..50"` or `[0, 5, 7]`; `None` inside for all of them.
    pub(super) fn neurons(&mut self, node: Node<'t>, path: &str, size: usize) -> Option<Option<Vec<u32>>> {
        let neurons = match node.shape() {
            Shape::List => {
                let elements = self.reader.accept(node.list())?;
                self.count_listed(&node.place(), path, elements.len())?;
                let mut neurons = Vec::with_capacity(elements.len());
                for (index, element) in elements.into_iter().enumerate() {
                    neurons.push(self.neuron_index(element, size as u64, &format!("{path}[{index}]"))?);
                }
                neurons.sort_unstable();
                if let Some([twice, _]) = neurons.array_windows().find(|[left, right]| left == right) {
                    self.reader.report(ExperimentError::Duplicate {
                        at: node.place(),
                        what: "the neuron",
                        name: format!("{twice}"),
                        first: node.place().location().line,
                    });
                    return None;
                }
                neurons
            }
            Shape::Text | Shape::Bare => {
                let (first, end) = self.range(node, path)?;
                if end > size as f64 {
                    self.reader.report(ExperimentError::OutOfRange {
                        at: node.place(),
                        what: path.to_owned(),
                        found: format!("{first}..{end}"),
                        expected: format!("the smallest of these populations has {size} neurons, numbered from 0"),
                    });
                    return None;
                }
                if first == 0.0 && end == size as f64 {
                    return Some(None);
                }
                self.count_listed(&node.place(), path, (end - first) as usize)?;
                (first as u32..end as u32).collect()
            }
            _ => {
                self.reader.report(node.wrong_form("a range of neurons such as \"0..50\", or a list of indices"));
                return None;
            }
        };
        Some(Some(neurons))
    }

    /// The ends of `first..end`: whole numbers, `first` below `end`.
    fn range(&mut self, node: Node<'t>, path: &str) -> Option<(f64, f64)> {
        let text = self.reader.accept(node.string())?;
        let Some((first, end)) = text.split_once("..") else {
            self.reader.report(node.wrong_form("a range of neurons such as \"0..50\", without its last"));
            return None;
        };
        let mut ends = [0.0; 2];
        for (value, part) in ends.iter_mut().zip([first, end]) {
            let evaluated = Expression::parse(part.trim()).and_then(|expression| expression.quantity(&self.scope, Dimension::NONE));
            match evaluated {
                Ok(number) if number >= 0.0 && number.fract() == 0.0 && number <= f64::from(u32::MAX) => *value = number,
                Ok(number) => {
                    self.reader.report(ExperimentError::OutOfRange {
                        at: node.place(),
                        what: path.to_owned(),
                        found: format!("{number}"),
                        expected: "neurons are numbered from 0 with whole numbers".to_owned(),
                    });
                    return None;
                }
                Err(error) => {
                    self.reader.report(ExperimentError::Expression { at: node.place(), context: path.to_owned(), kind: error.kind });
                    return None;
                }
            }
        }
        let [first, end] = ends;
        if first < end {
            return Some((first, end));
        }
        self.reader.report(ExperimentError::OutOfRange {
            at: node.place(),
            what: path.to_owned(),
            found: format!("{first}..{end}"),
            expected: "the end must be above the start".to_owned(),
        });
        None
    }
}
