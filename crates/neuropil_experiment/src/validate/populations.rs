//! Populations: sizes, models, `like`, parameters and initial values.

use std::sync::Arc;

use neuropil_units::{Dimension, Value};

use crate::{
    catalogue::ModelDescription,
    document::{
        leaf::Written,
        node::{Arguments, Node, Shape},
        reader::{Entry, Fields},
    },
    error::{ExperimentError, NameKind, shown},
    plan::{Assigned, BYTES_PER_NEURON, ParameterPlan, PopulationPlan, PositionsPlan},
    source::Place,
    validate::Validator,
};

/// Neurons that 32-bit indices can number.
const MOST_NEURONS: u64 = u32::MAX as u64;
/// Whole numbers that f64 counts exactly.
const MOST_COUNTED: u64 = 1 << 53;
/// Streams of values drawn for nodes are numbered from here.
const NODE_STREAMS: u32 = 5 << 29;
const FIELDS: [&str; 8] = ["size", "nodes", "model", "cell", "like", "with", "initial", "positions"];

/// A named value that is not evaluated yet.
#[derive(Clone)]
struct Given<'t> {
    name: String,
    name_place: Place,
    value: Node<'t>,
    path: String,
}

/// A population's model and values, its own and those of the one it is like.
#[derive(Clone)]
struct Template<'t> {
    model: &'t ModelDescription,
    parameters: Vec<Given<'t>>,
    initial: Vec<Given<'t>>,
    positions: Option<(Node<'t>, String)>,
}

impl<'t> Validator<'t> {
    /// Reads `populations`.
    pub(super) fn read_populations(&mut self, node: Node<'t>) {
        let entries = self.reader.entries(node, "populations", "population");
        if entries.is_empty() && self.reader.count() == 0 {
            self.reader.report(ExperimentError::MissingField {
                at: node.place(),
                owner: "the experiment".to_owned(),
                field: "a population; for example \"excitatory\": (size: 100, model: LifDelta())".to_owned(),
            });
        }
        let mut fields = Vec::new();
        for entry in &entries {
            if self.reader.is_full() {
                break;
            }
            self.names.insert(entry.name.clone(), self.ordered_names.len());
            self.ordered_names.push(entry.name.clone());
            let owner = format!("the population `{}`", shown(&entry.name));
            fields.push(self.reader.structure(entry.value, owner, &entry.path, "", &FIELDS));
        }
        let roots = self.roots_of_cells(&fields);
        let templates = self.templates(&entries, &fields, &roots);
        let mut total = 0_u64;
        for ((entry, fields), template) in entries.iter().zip(&fields).zip(templates) {
            if self.reader.is_full() {
                break;
            }
            let index = self.populations.len();
            let root = roots.get(index).copied().flatten();
            let plan = fields.as_ref().and_then(|fields| match (fields.get("cell"), root) {
                (Some(cell), _) => self.population_of_cells(entry, fields, cell, (index, &mut total)),
                (None, Some(root)) => self.population_like_cells(entry, fields, root, (index, &mut total)),
                (None, None) => self.population(entry, fields, template, (index, &mut total)),
            });
            self.populations.push(plan);
        }
    }

    /// The template of each population: chains of `like` are followed without recursion, each population once.
    fn templates(&mut self, entries: &[Entry<'t>], fields: &[Option<Fields<'t>>], roots: &[Option<usize>]) -> Vec<Option<Template<'t>>> {
        let mut templates: Vec<Option<Option<Template<'t>>>> = (0..fields.len()).map(|_| None).collect();
        for start in 0..fields.len() {
            let mut chain: Vec<usize> = Vec::new();
            let mut on_chain = std::collections::HashSet::new();
            let mut at = Some(start);
            while let Some(index) = at {
                if templates.get(index).is_none_or(Option::is_some) {
                    break;
                }
                if !on_chain.insert(index) {
                    self.report_circle(entries, fields, &chain, index);
                    break;
                }
                chain.push(index);
                at = fields.get(index).and_then(Option::as_ref).and_then(|fields| self.like_of(fields));
            }
            while let Some(index) = chain.pop() {
                let template = match (entries.get(index), fields.get(index).and_then(Option::as_ref)) {
                    _ if roots.get(index).copied().flatten().is_some() => None,
                    (Some(entry), Some(fields)) => {
                        let base = self.like_of(fields).and_then(|base| templates.get(base).cloned().flatten().flatten());
                        self.template(entry, fields, base)
                    }
                    _ => None,
                };
                if let Some(slot) = templates.get_mut(index) {
                    *slot = Some(template);
                }
            }
        }
        templates.into_iter().map(Option::flatten).collect()
    }

    pub(super) fn like_of(&self, fields: &Fields<'t>) -> Option<usize> {
        let name = fields.get("like")?.string_or_word().ok()?;
        self.names.get(&name).copied()
    }

    fn report_circle(&mut self, entries: &[Entry<'t>], fields: &[Option<Fields<'t>>], chain: &[usize], index: usize) {
        let Some(place) = fields.get(index).and_then(Option::as_ref).and_then(|fields| fields.get("like")).map(|node| node.place()) else {
            return;
        };
        let from = chain.iter().position(|member| *member == index).unwrap_or(0);
        let names: Vec<String> = chain
            .iter()
            .skip(from)
            .chain([&index])
            .take(6)
            .filter_map(|member| entries.get(*member))
            .map(|entry| format!("`{}`", shown(&entry.name)))
            .collect();
        let message = format!("populations are like one another in a circle: {}; one of them needs `model`", names.join(" is like "));
        self.reader.report(ExperimentError::Conflict { at: place, message });
    }

    fn template(&mut self, entry: &Entry<'t>, fields: &Fields<'t>, base: Option<Template<'t>>) -> Option<Template<'t>> {
        let mut template = match (fields.get("model"), fields.get("like")) {
            (Some(_), Some(like)) => {
                let at = fields.name_place("like").cloned().unwrap_or_else(|| like.place());
                let message = format!("{} has both `model` and `like`; `like` takes the model of another population", fields.owner);
                self.reader.report(ExperimentError::Conflict { at, message });
                return None;
            }
            (None, None) => {
                self.reader.report(ExperimentError::MissingField {
                    at: entry.place.clone(),
                    owner: fields.owner.clone(),
                    field: "`model`, `cell` or `like`; for example model: LifDelta()".to_owned(),
                });
                return None;
            }
            (Some(model), None) => self.model(model, fields)?,
            (None, Some(like)) => {
                let names = self.reader.names(like, "the name of another population")?;
                self.population_indices(&names)?;
                base?
            }
        };
        if let Some(with) = fields.get("with") {
            if fields.get("model").is_some() {
                let at = fields.name_place("with").cloned().unwrap_or_else(|| with.place());
                let message = "`with` changes parameters of a population that is `like` another; write them in `model`".to_owned();
                self.reader.report(ExperimentError::Conflict { at, message });
            }
            let model = template.model;
            let known: Vec<&str> = model.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            let given = self.given(with, &fields.path("with"), NameKind::Parameter, &known);
            merge(&mut template.parameters, given);
        }
        if let Some(initial) = fields.get("initial") {
            let model = template.model;
            let known: Vec<&str> = model.state.iter().map(|variable| variable.name.as_str()).collect();
            let given = self.given(initial, &fields.path("initial"), NameKind::StateVariable, &known);
            merge(&mut template.initial, given);
        }
        if let Some(positions) = fields.get("positions") {
            template.positions = Some((positions, fields.path("positions")));
        }
        Some(template)
    }

    fn model(&mut self, node: Node<'t>, fields: &Fields<'t>) -> Option<Template<'t>> {
        let (name, name_node, constructor) = self.reader.constructor(node, "a model such as LifDelta(…)")?;
        let Some(model) = self.catalogue.model(name) else {
            let known = self.catalogue.model_names();
            self.reader.unknown(name_node.place(), NameKind::Model, name, known);
            return None;
        };
        if let Arguments::Positional(values) = &constructor.arguments
            && let Some(value) = values.first()
        {
            let first = model.parameters.first().map_or("parameter", |parameter| parameter.name.as_str());
            self.reader.report(value.wrong_form(format!("parameters by name, as in `{first}: …`")));
            return None;
        }
        let known: Vec<&str> = model.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let path = fields.path("model");
        let given = self.reader.fields(name_node.place(), constructor, format!("`{name}`"), &path, &known);
        let parameters = given
            .all()
            .map(|field| Given {
                name: field.name.clone(),
                name_place: field.name_place.clone(),
                value: field.value,
                path: given.path(&field.name),
            })
            .collect();
        Some(Template { model, parameters, initial: Vec::new(), positions: None })
    }

    /// The entries of `with` or `initial`, names checked.
    fn given(&mut self, node: Node<'t>, path: &str, kind: NameKind, known: &[&str]) -> Vec<Given<'t>> {
        let mut all = Vec::new();
        for entry in self.reader.entries(node, path, "entry") {
            if known.contains(&entry.name.as_str()) {
                all.push(Given { name: entry.name, name_place: entry.place, value: entry.value, path: entry.path });
            } else {
                self.reader.unknown(entry.place, kind, &entry.name, known.iter().copied());
            }
        }
        all
    }

    fn population(
        &mut self,
        entry: &Entry<'t>,
        fields: &Fields<'t>,
        template: Option<Template<'t>>,
        (index, total): (usize, &mut u64),
    ) -> Option<PopulationPlan> {
        let nodes = match (fields.get("nodes"), fields.name_place("size")) {
            (Some(_), Some(at)) => {
                let message = format!("{} has both `nodes` and `size`; its size is the number of nodes", fields.owner);
                self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                return None;
            }
            (Some(node), None) => Some(self.population_nodes(node, &fields.path("nodes"), index)?),
            (None, _) => None,
        };
        let size = match &nodes {
            Some(nodes) => Some(nodes.len()),
            None => self.size(fields, total),
        };
        let template = template?;
        let size = size?;
        let mut parameters = Vec::new();
        for given in &template.parameters {
            let description = template.model.parameter(&given.name)?;
            let value = if description.choices.is_empty() {
                self.assigned(given, description.dimension, size, nodes.as_ref(), (index, parameters.len()))
            } else {
                self.choice(given, &description.choices)
            };
            parameters.extend(value.map(|value| ParameterPlan { name: given.name.clone(), value, place: given.value.place() }));
        }
        let mut initial = Vec::new();
        for given in &template.initial {
            let Some(description) = template.model.variable(&given.name) else {
                let known = template.model.state.iter().map(|variable| variable.name.as_str());
                self.reader.unknown(given.name_place.clone(), NameKind::StateVariable, &given.name, known);
                continue;
            };
            let number = template.parameters.len() + initial.len();
            let value = self.assigned(given, description.dimension, size, nodes.as_ref(), (index, number));
            initial.extend(value.map(|value| ParameterPlan { name: given.name.clone(), value, place: given.value.place() }));
        }
        let positions = match &template.positions {
            Some((node, path)) => Some(self.positions(*node, path, size)?),
            None => nodes.as_ref().and_then(|nodes| self.node_positions(nodes)),
        };
        let complete = parameters.len() == template.parameters.len() && initial.len() == template.initial.len();
        complete.then(|| PopulationPlan {
            name: entry.name.clone(),
            place: entry.place.clone(),
            size,
            model: template.model.name.clone(),
            parameters,
            initial,
            positions,
            nodes,
            cells: None,
        })
    }

    pub(super) fn size(&mut self, fields: &Fields<'t>, total: &mut u64) -> Option<usize> {
        let node = fields.require(&mut self.reader, "size", "size: 100")?;
        let size = self.reader.integer(node, &self.scope, (1, MOST_COUNTED), &fields.path("size"))?;
        *total += size;
        if *total > MOST_NEURONS {
            let gib = *total as f64 * BYTES_PER_NEURON / 1_073_741_824.0;
            self.reader.report(ExperimentError::OutOfRange {
                at: node.place(),
                what: "the number of neurons up to this population".to_owned(),
                found: format!("{total}, which would need at least {gib:.0} GiB"),
                expected: format!("an experiment has at most {MOST_NEURONS}"),
            });
            *total = 0;
            return None;
        }
        usize::try_from(size).ok()
    }

    /// A value for each neuron: shared, drawn or listed.
    ///
    /// The neurons of a connectome know its columns; `stream` is the number of the population and of the value in it.
    fn assigned(
        &mut self,
        given: &Given<'t>,
        dimension: Dimension,
        size: usize,
        nodes: Option<&Arc<[u32]>>,
        stream: (usize, usize),
    ) -> Option<Assigned> {
        let path = &given.path;
        let values = if given.value.shape() == Shape::List && !given.value.source().is_flag() {
            let elements = self.reader.accept(given.value.list())?;
            self.check_length(&given.value.place(), path, elements.len(), size)?;
            self.count_listed(&given.value.place(), path, size)?;
            let mut values = Vec::with_capacity(size);
            for (index, element) in elements.into_iter().enumerate() {
                values.push(self.reader.quantity(element, &self.scope, dimension, &format!("{path}[{index}]"))?);
            }
            values
        } else {
            let written = self.reader.expression(given.value, path, "a quantity, a distribution or a list")?;
            match written.expression().evaluate(&self.scope) {
                Ok(Value::List(elements)) => {
                    self.check_length(&written.whole(), path, elements.len(), size)?;
                    self.count_listed(&written.whole(), path, size)?;
                    let mut values = Vec::with_capacity(size);
                    for (index, element) in elements.into_iter().enumerate() {
                        match element {
                            Value::Number { value, dimension: found } if found == dimension => values.push(value),
                            _ => {
                                self.reader.report(ExperimentError::WrongForm {
                                    at: written.whole(),
                                    expected: format!("{} for each neuron", dimension.describe()),
                                    found: format!("something else as element {index}"),
                                });
                                return None;
                            }
                        }
                    }
                    values
                }
                _ if nodes.is_some() => return self.assigned_by_node(&written, path, dimension, nodes?, stream),
                _ => {
                    let (program, _) = self.reader.program(given.value, &self.scope, &[], dimension, path)?;
                    return Some(match program.as_constant() {
                        Some(value) => Assigned::Shared(value),
                        None => Assigned::PerNeuron(program),
                    });
                }
            }
        };
        Some(Assigned::Listed(values))
    }

    /// A value for each neuron by what the connectome says of its node.
    fn assigned_by_node(
        &mut self,
        written: &Written,
        path: &str,
        dimension: Dimension,
        nodes: &Arc<[u32]>,
        (population, number): (usize, usize),
    ) -> Option<Assigned> {
        let connectome = Arc::clone(&self.wiring.as_ref()?.connectome);
        let table = connectome.node_table(Some(nodes));
        match written.expression().over(&self.scope, &table, dimension) {
            Ok(program) if program.uses_columns() => {
                let rows: Vec<u32> = (0..nodes.len() as u32).collect();
                let stream = (NODE_STREAMS | population as u32, number as u64);
                self.row_values(written, path, &program, &rows, stream).map(Assigned::Listed)
            }
            Ok(program) => Some(match program.as_constant() {
                Some(value) => Assigned::Shared(value),
                None => Assigned::PerNeuron(program.into_program()),
            }),
            Err(error) => {
                self.reader.report(written.error(path, error));
                None
            }
        }
    }

    /// The positions of nodes, if all of them have one.
    fn node_positions(&self, nodes: &[u32]) -> Option<PositionsPlan> {
        let positions = self.wiring.as_ref()?.connectome.positions()?;
        let points: Vec<[f64; 3]> = nodes.iter().filter_map(|row| positions.get(*row as usize).copied()).collect();
        let all_known = points.len() == nodes.len() && points.iter().flatten().all(|x| x.is_finite());
        all_known.then_some(PositionsPlan::Listed(points))
    }

    fn choice(&mut self, given: &Given<'t>, choices: &[String]) -> Option<Assigned> {
        let name = match given.value.shape() {
            Shape::Text | Shape::Structure | Shape::Bare => self.reader.accept(given.value.string_or_word())?,
            _ => {
                self.reader.report(given.value.wrong_form(format!("one of {}", choices.join(", "))));
                return None;
            }
        };
        // A text parameter may make the choice: scheme: "scheme".
        let name = match self.scope.get(&name) {
            Some(Value::Text(text)) => text.clone(),
            _ => name,
        };
        if choices.contains(&name) {
            return Some(Assigned::Choice(name));
        }
        self.reader.unknown(given.value.place(), NameKind::Choice, &name, choices.iter().map(String::as_str));
        None
    }

    /// Refuses a list that has not one element for each neuron.
    pub(super) fn check_length(&mut self, at: &Place, path: &str, found: usize, size: usize) -> Option<()> {
        if found == size {
            return Some(());
        }
        self.reader.report(ExperimentError::WrongLength {
            at: at.clone(),
            what: path.to_owned(),
            found: format!("{found} element{}", if found == 1 { "" } else { "s" }),
            expected: format!("one for each of the {size} neurons"),
        });
        None
    }
}

/// Lays `over` over `under`: the same name is replaced, a new one is added.
fn merge<'t>(under: &mut Vec<Given<'t>>, over: Vec<Given<'t>>) {
    for given in over {
        match under.iter_mut().find(|below| below.name == given.name) {
            Some(below) => *below = given,
            None => under.push(given),
        }
    }
}
