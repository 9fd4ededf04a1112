//! Recorders: what is kept of a run.

use crate::{
    document::{node::Node, reader::Fields},
    error::{ExperimentError, NameKind, shown},
    plan::RecorderPlan,
    validate::{
        Validator,
        times::{steps, tidy},
    },
};

const KINDS: [&str; 4] = ["Spikes", "Trace", "Weights", "Cell"];
/// Moments of a drawn cell: where none are said, and at most.
const FRAMES: (u64, u64) = (120, 600);

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

    /// A cell that is drawn.
    fn drawn_cell(&mut self, name: &str, kind: Node<'t>, fields: &Fields<'t>) -> Option<RecorderPlan> {
        let node = fields.require(&mut self.reader, "of", "of: \"pyramids\"")?;
        let names = self.reader.names(node, "the name of a population")?;
        let of = match self.population_indices(&names)?[..] {
            [of] => of,
            ref several => {
                let (found, expected) = (format!("{} populations", several.len()), "one cell of one population is drawn".to_owned());
                self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: fields.path("of"), found, expected });
                return None;
            }
        };
        let population = self.populations.get(of)?.as_ref()?;
        let size = population.size as u64;
        if population.cells.is_none() {
            let message =
                format!("`{}` is of point neurons; only cells with dendrites, described by `cell`, are drawn", shown(&population.name));
            self.reader.report(ExperimentError::Conflict { at: node.place(), message });
            return None;
        }
        let neuron = match fields.get("neuron") {
            Some(node) => self.neuron_index(node, size, &fields.path("neuron"))?,
            None => 0,
        };
        let end_ms = self.duration_ms;
        let mut moment = |name: &str, default: f64| match fields.get(name) {
            Some(node) => self.moment(node, &fields.path(name)),
            None => Some(default),
        };
        let (start_ms, stop_ms) = (moment("start", 0.0), moment("stop", end_ms));
        let (start_ms, stop_ms) = (start_ms?, stop_ms?);
        let place = |name: &str| fields.get(name).map_or_else(|| kind.place(), |node| node.place());
        let window = steps(stop_ms, self.time_step_ms) - steps(start_ms, self.time_step_ms);
        // One that lasts until the end is empty if it begins after that: then it is said, but the run may have been shortened on purpose.
        if window < 1.0 && (fields.get("stop").is_some() || start_ms < self.duration_ms) {
            let (found, expected) =
                (format!("{} ms", tidy(stop_ms)), format!("it is at least a time step after `start`, {} ms", tidy(start_ms)));
            self.reader.report(ExperimentError::OutOfRange { at: place("stop"), what: fields.path("stop"), found, expected });
            return None;
        }
        let frames = match fields.get("frames") {
            Some(node) => {
                let frames = self.reader.integer(node, &self.scope, (2, FRAMES.1), &fields.path("frames"))?;
                if fields.get("stop").is_some() && frames as f64 > window + 1.0 {
                    let expected = format!("from start to stop are {} time steps, and each is drawn once at most", tidy(window));
                    let found = format!("{frames}");
                    self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: fields.path("frames"), found, expected });
                    return None;
                }
                frames
            }
            None => FRAMES.0,
        };
        if start_ms >= self.duration_ms {
            let (start, end) = (tidy(start_ms), tidy(self.duration_ms));
            self.warnings
                .push(format!("recorder `{}`: no cell is drawn, since it starts at {start} ms and the run ends at {end} ms", shown(name)));
        }
        Some(RecorderPlan::Cell { name: name.to_owned(), of, neuron, start_ms, stop_ms, frames: frames as usize, place: kind.place() })
    }

    fn recorder(&mut self, name: &str, node: Node<'t>, path: &str) -> Option<RecorderPlan> {
        let (kind, kind_node, constructor) = self.reader.constructor(node, "a recorder such as Spikes(of: \"excitatory\")")?;
        let known: &[&str] = match kind {
            "Spikes" => &["of", "neurons"],
            "Weights" => &["of"],
            "Cell" => &["of", "neuron", "start", "stop", "frames"],
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
        if kind == "Cell" {
            return self.drawn_cell(name, kind_node, &fields);
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
        let mechanism = self.recorded(variable_node, &variable, &of)?;
        let neurons = self.chosen_of(&fields, &of)?;
        let compartments = match fields.get("at") {
            Some(node) => Some(self.compartment_of(node, &fields.path("at"), &of)?),
            None => None,
        };
        let compartments = match mechanism {
            Some(number) => Some(self.compartment_with(number, fields.get("at").unwrap_or(variable_node), compartments, &of)?),
            None => compartments,
        };
        let (name, interval_ms) = (name.to_owned(), interval_ms?);
        Some(RecorderPlan::Trace { name, of, variable, mechanism, interval_ms, neurons, compartments, place: kind_node.place() })
    }

    /// Looks a variable up in all of some populations; inside, the place of the channel or receptor that has it, if it is not the neuron's own.
    fn recorded(&mut self, node: Node<'t>, variable: &str, of: &[usize]) -> Option<Option<usize>> {
        let mut mechanism = None;
        for index in of {
            let model = self.description_of(*index)?;
            if model.variable(variable).is_some() {
                continue;
            }
            let cells = self.populations.get(*index).and_then(Option::as_ref).and_then(|population| population.cells.as_ref());
            let of_mechanisms = cells.map_or_else(Vec::new, |cells| cells.variables(self.catalogue));
            match of_mechanisms.iter().find(|(_, name, _)| name == variable) {
                Some((number, ..)) => mechanism = Some(*number),
                None => {
                    let own = model.state.iter().map(|own| own.name.as_str());
                    let known: Vec<&str> = own.chain(of_mechanisms.iter().map(|(_, name, _)| name.as_str())).collect();
                    self.reader.unknown(node.place(), NameKind::StateVariable, variable, known);
                    return None;
                }
            }
        }
        Some(mechanism)
    }

    /// By kind of cell, the compartment where a mechanism is recorded: the chosen one, if it is there, or the only one that it is in.
    fn compartment_with(&mut self, mechanism: usize, node: Node<'t>, chosen: Option<Vec<u32>>, of: &[usize]) -> Option<Vec<u32>> {
        let mut places = Vec::new();
        for (number, kind) in self.kinds_of_alike(node, "variable", of)?.iter().enumerate() {
            let own = kind.mechanisms.get(mechanism)?;
            let message = match (chosen.as_ref().map(|chosen| chosen.get(number).copied()), &own.compartments[..]) {
                (Some(Some(compartment)), covered) if covered.binary_search(&compartment).is_ok() => {
                    places.push(compartment);
                    continue;
                }
                (None, [only]) => {
                    places.push(*only);
                    continue;
                }
                (Some(_), _) => format!("the compartment that `at` chooses has no `{}`", shown(&own.name)),
                (None, covered) => {
                    format!("`{}` is in {} compartments: say with `at` which of them is recorded", shown(&own.name), covered.len())
                }
            };
            self.reader.report(ExperimentError::Conflict { at: node.place(), message });
            return None;
        }
        Some(places)
    }
}
