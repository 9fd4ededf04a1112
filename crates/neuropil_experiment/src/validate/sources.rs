//! What inputs give: spikes and currents.

use neuropil_units::{Dimension, Program, Scope, Table, Value};

use crate::{
    document::{
        node::{Arguments, Node, Shape},
        reader::Fields,
    },
    error::{ExperimentError, NameKind},
    plan::{RateStep, SourcePlan},
    validate::{Validator, projections::number, selectors::NeuronTable, times::tidy},
};

const SOURCES: [&str; 9] = [
    "Poisson",
    "SpikeList",
    "SpikeFile",
    "StepCurrent",
    "RampCurrent",
    "SineCurrent",
    "FunctionCurrent",
    "OrnsteinUhlenbeckCurrent",
    "NoiseCurrent",
];
/// What the times of spikes are.
const TIMES: &str = "times such as \"10 ms * range(100)\", or a list of them";
/// Spikes that one Poisson source may give a neuron in one step.
const MOST_SPIKES_PER_STEP: f64 = 1e6;

/// A source whose arguments are not evaluated yet.
pub(super) struct SourceArguments<'t> {
    name: &'t str,
    fields: Fields<'t>,
}

impl SourceArguments<'_> {
    /// Whether it gives spikes, not a current.
    pub(super) fn gives_spikes(&self) -> bool {
        ["Poisson", "SpikeList", "SpikeFile"].contains(&self.name)
    }
}

impl<'t> Validator<'t> {
    /// Reads the name and the arguments of a source.
    pub(super) fn source_text(&mut self, node: Node<'t>, path: &str) -> Option<SourceArguments<'t>> {
        let (name, name_node, constructor) = self.reader.constructor(node, "a source such as Poisson(rate: \"8 Hz\")")?;
        let known: &[&str] = match name {
            "Poisson" => &["rate"],
            "SpikeList" => &["times"],
            "SpikeFile" => &["file"],
            "StepCurrent" => &["amplitude", "start", "stop"],
            "RampCurrent" => &["from", "to", "start", "stop"],
            "SineCurrent" => &["offset", "amplitude", "frequency", "phase", "start", "stop"],
            "FunctionCurrent" => &["value", "start", "stop"],
            "OrnsteinUhlenbeckCurrent" => &["mean", "standard_deviation", "time_constant", "start", "stop"],
            "NoiseCurrent" => &["mean", "standard_deviation", "interval"],
            _ => {
                self.reader.unknown(name_node.place(), NameKind::Source, name, SOURCES);
                return None;
            }
        };
        let fields = self.reader.fields(name_node.place(), constructor, format!("`{name}`"), path, known);
        Some(SourceArguments { name, fields })
    }

    /// The spikes of each neuron by its index in its population, where their times depend on its `index` or `name`.
    pub(super) fn spikes_by_neuron(
        &mut self,
        source: &SourceArguments<'t>,
        scope: &Scope,
        current: Dimension,
        population: usize,
        neurons: Option<&[u32]>,
    ) -> Option<Option<SourcePlan>> {
        if source.name == "FunctionCurrent" {
            return self.function_current(source, scope, current, population, neurons).map(Some);
        }
        let node = match (source.name, source.fields.get("times")) {
            ("SpikeList", Some(node)) if node.shape() == Shape::Text || node.source().is_flag() => node,
            _ => return Some(None),
        };
        let path = source.fields.path("times");
        let written = self.reader.expression(node, &path, TIMES)?;
        if !written.expression().names().any(|(name, _)| ["index", "name"].contains(&name)) {
            return Some(None);
        }
        let plan = self.populations.get(population)?.as_ref()?.clone();
        let all: Vec<u32>;
        let neurons = match neurons {
            Some(neurons) => neurons,
            None => {
                all = (0..plan.size as u32).collect();
                &all
            }
        };
        let mut spikes = Vec::new();
        for neuron in neurons {
            let mut scope = scope.child();
            scope.insert("index", number(f64::from(*neuron)));
            if let Some(name) = self.node_name(&plan, *neuron as usize) {
                scope.insert("name", Value::Text(name));
            }
            spikes.extend(self.times_of(node, &path, &scope)?.into_iter().map(|time| (time, *neuron)));
        }
        spikes.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        Some(Some(SourcePlan::SpikeFile(spikes)))
    }

    /// A current that is a function of the time `t` and of what is known of each neuron.
    fn function_current(
        &mut self,
        source: &SourceArguments<'t>,
        scope: &Scope,
        current: Dimension,
        population: usize,
        neurons: Option<&[u32]>,
    ) -> Option<SourcePlan> {
        let fields = &source.fields;
        let node = fields.require(
            &mut self.reader,
            "value",
            &format!("value: \"{} * sin(t / (10 ms))\"", super::projections::example(current)),
        )?;
        let path = fields.path("value");
        let (start_ms, stop_ms) = self.window(fields)?;
        let plan = self.populations.get(population)?.as_ref()?.clone();
        let connectome = self.wiring.as_ref().map(|wiring| std::sync::Arc::clone(&wiring.connectome));
        let table = NeuronTable::over_time(&plan, connectome.as_deref());
        let all: Vec<u32> = (0..plan.size as u32).collect();
        let rows = neurons.unwrap_or(&all);
        let written = self.reader.expression(node, &path, "a function of `t` and of what is known of a neuron")?;
        let program = match written.expression().over(scope, &table, current) {
            Ok(program) => program,
            Err(error) => {
                self.reader.report(written.error(&path, error));
                return None;
            }
        };
        if program.is_random() {
            let message =
                "a function of time is not random; noise is a source of its own, OrnsteinUhlenbeckCurrent or NoiseCurrent".to_owned();
            self.reader.report(ExperimentError::Conflict { at: written.whole(), message });
            return None;
        }
        let (value, columns) = program.into_parts(rows);
        let time = table.column_names().iter().position(|name| *name == "t");
        self.count_listed(&node.place(), &path, columns.iter().map(Vec::len).sum())?;
        Some(SourcePlan::FunctionCurrent { value, time, columns, start_ms, stop_ms })
    }

    /// Times from an expression that gives a list, ascending.
    fn times_of(&mut self, node: Node<'t>, path: &str, scope: &Scope) -> Option<Vec<f64>> {
        let written = self.reader.expression(node, path, TIMES)?;
        let value = match written.expression().evaluate(scope) {
            Ok(value) => value,
            Err(error) => {
                self.reader.report(written.error(path, error));
                return None;
            }
        };
        let values = match value {
            Value::List(values) => values,
            single => vec![single],
        };
        self.count_listed(&node.place(), path, values.len())?;
        let mut times = Vec::with_capacity(values.len());
        for value in values {
            match value {
                Value::Number { value, dimension: Dimension::TIME } if value >= 0.0 => times.push(value),
                other => {
                    let (at, found) = (written.whole(), format!("{other}"));
                    self.reader.report(ExperimentError::WrongForm { at, expected: format!("{TIMES}, at least 0 ms each"), found });
                    return None;
                }
            }
        }
        times.sort_by(f64::total_cmp);
        Some(times)
    }

    /// Evaluates a source for one set of targets, the smallest of which has `size` neurons.
    pub(super) fn source(&mut self, source: &SourceArguments<'t>, scope: &Scope, current: Dimension, size: usize) -> Option<SourcePlan> {
        let fields = &source.fields;
        match source.name {
            "Poisson" => self.poisson(fields, scope),
            "SpikeList" => {
                let node = fields.require(&mut self.reader, "times", "SpikeList([\"1 ms\", \"2 ms\"])")?;
                if node.shape() != Shape::List || node.source().is_flag() {
                    return self.times_of(node, &fields.path("times"), scope).map(SourcePlan::SpikeList);
                }
                let elements = self.reader.accept(node.list())?;
                self.count_listed(&node.place(), &fields.path("times"), elements.len())?;
                let mut times = Vec::with_capacity(elements.len());
                for (index, element) in elements.into_iter().enumerate() {
                    times.push(self.moment(element, &format!("{}[{index}]", fields.path("times")))?);
                }
                times.sort_by(f64::total_cmp);
                Some(SourcePlan::SpikeList(times))
            }
            "SpikeFile" => {
                let node = fields.require(&mut self.reader, "file", "SpikeFile(\"spikes.csv\")")?;
                self.spike_table(node, size).map(SourcePlan::SpikeFile)
            }
            "StepCurrent" => {
                let amplitude = self.current(fields, "amplitude", scope, current)?;
                let (start_ms, stop_ms) = self.window(fields)?;
                Some(SourcePlan::StepCurrent { amplitude, start_ms, stop_ms })
            }
            "RampCurrent" => {
                let from = self.current(fields, "from", scope, current)?;
                let to = self.current(fields, "to", scope, current)?;
                let (start_ms, stop_ms) = self.window(fields)?;
                let stop_ms = stop_ms.unwrap_or(self.duration_ms);
                if stop_ms <= start_ms {
                    let at = fields.get("start").map_or_else(|| fields.head.clone(), |node| node.place());
                    self.reader.report(ExperimentError::OutOfRange {
                        at,
                        what: fields.path("start"),
                        found: format!("{start_ms} ms"),
                        expected: format!("a ramp must start before it stops, at {stop_ms} ms"),
                    });
                    return None;
                }
                Some(SourcePlan::RampCurrent { from, to, start_ms, stop_ms })
            }
            "SineCurrent" => {
                let offset = self.current_or_zero(fields, "offset", scope, current)?;
                let amplitude = self.current(fields, "amplitude", scope, current)?;
                let node = fields.require(&mut self.reader, "frequency", "frequency: \"10 Hz\"")?;
                let path = fields.path("frequency");
                let frequency_per_ms = self.reader.quantity(node, scope, Dimension::FREQUENCY, &path)?;
                self.check_not_negative(frequency_per_ms, "1/ms", node, &path)?;
                let phase = match fields.get("phase") {
                    Some(node) => self.reader.quantity(node, scope, Dimension::NONE, &fields.path("phase"))?,
                    None => 0.0,
                };
                let (start_ms, stop_ms) = self.window(fields)?;
                Some(SourcePlan::SineCurrent { offset, amplitude, frequency_per_ms, phase, start_ms, stop_ms })
            }
            "OrnsteinUhlenbeckCurrent" => {
                let mean = self.current_or_zero(fields, "mean", scope, current)?;
                let standard_deviation = self.deviation(fields, scope, current)?;
                let node = fields.require(&mut self.reader, "time_constant", "time_constant: \"5 ms\"")?;
                let time_constant_ms = self.positive_time(node, &fields.path("time_constant"))?;
                let (start_ms, stop_ms) = self.window(fields)?;
                Some(SourcePlan::OrnsteinUhlenbeckCurrent { mean, standard_deviation, time_constant_ms, start_ms, stop_ms })
            }
            _ => {
                let mean = self.current_or_zero(fields, "mean", scope, current)?;
                let standard_deviation = self.deviation(fields, scope, current)?;
                let interval_ms = match fields.get("interval") {
                    Some(node) => self.interval(node, &fields.path("interval"))?,
                    None => self.time_step_ms,
                };
                Some(SourcePlan::NoiseCurrent { mean, standard_deviation, interval_ms })
            }
        }
    }

    fn poisson(&mut self, fields: &Fields<'t>, scope: &Scope) -> Option<SourcePlan> {
        let node = fields.require(&mut self.reader, "rate", "rate: \"8 Hz\"")?;
        let path = fields.path("rate");
        if node.shape() != Shape::List {
            let rate_per_ms = self.rate(node, scope, &path)?;
            return Some(SourcePlan::Poisson { schedule: vec![RateStep { start_ms: 0.0, rate_per_ms }] });
        }
        let expected = "(start, rate), as in [(\"0 ms\", \"10 Hz\"), (\"700 ms\", \"120 Hz\")]";
        let elements = self.reader.accept(node.list())?;
        self.count_listed(&node.place(), &path, elements.len())?;
        let mut schedule: Vec<RateStep> = Vec::with_capacity(elements.len());
        for (index, element) in elements.into_iter().enumerate() {
            let path = format!("{path}[{index}]");
            if element.shape() != Shape::Structure {
                self.reader.report(element.wrong_form(expected));
                return None;
            }
            let constructor = self.reader.accept(element.constructor())?;
            let (None, Arguments::Positional(values)) = (constructor.name, constructor.arguments) else {
                self.reader.report(element.wrong_form(expected));
                return None;
            };
            let [start, rate] = values.as_slice() else {
                self.reader.report(element.wrong_form(expected));
                return None;
            };
            let start_ms = self.moment(*start, &format!("{path}.start"))?;
            let rate_per_ms = self.rate(*rate, scope, &format!("{path}.rate"))?;
            if let Some(before) = schedule.last()
                && start_ms <= before.start_ms
            {
                self.reader.report(ExperimentError::OutOfRange {
                    at: start.place(),
                    what: format!("{path}.start"),
                    found: format!("{start_ms} ms"),
                    expected: format!("the steps of a schedule ascend, and the one before starts at {} ms", before.start_ms),
                });
                return None;
            }
            schedule.push(RateStep { start_ms, rate_per_ms });
        }
        if schedule.is_empty() {
            self.reader.report(node.wrong_form(expected));
            return None;
        }
        Some(SourcePlan::Poisson { schedule })
    }

    fn rate(&mut self, node: Node<'t>, scope: &Scope, path: &str) -> Option<f64> {
        let rate = self.reader.quantity(node, scope, Dimension::FREQUENCY, path)?;
        self.check_not_negative(rate * 1000.0, "Hz", node, path)?;
        if rate * self.time_step_ms <= MOST_SPIKES_PER_STEP {
            return Some(rate);
        }
        self.reader.report(ExperimentError::OutOfRange {
            at: node.place(),
            what: path.to_owned(),
            found: format!("{} Hz", tidy(rate * 1000.0)),
            expected: format!("at most {MOST_SPIKES_PER_STEP} spikes in a time step of {} ms are drawn", self.time_step_ms),
        });
        None
    }

    /// When a source is on: start, and stop if there is one.
    fn window(&mut self, fields: &Fields<'t>) -> Option<(f64, Option<f64>)> {
        let start = match fields.get("start") {
            Some(node) => self.moment(node, &fields.path("start"))?,
            None => 0.0,
        };
        let Some(node) = fields.get("stop") else { return Some((start, None)) };
        let stop = self.moment(node, &fields.path("stop"))?;
        if stop > start {
            return Some((start, Some(stop)));
        }
        self.reader.report(ExperimentError::OutOfRange {
            at: node.place(),
            what: fields.path("stop"),
            found: format!("{stop} ms"),
            expected: format!("a stop comes after the start, at {start} ms"),
        });
        None
    }

    fn current(&mut self, fields: &Fields<'t>, name: &str, scope: &Scope, dimension: Dimension) -> Option<Program> {
        let example = format!("{name}: \"{}\"", super::projections::example(dimension));
        let node = fields.require(&mut self.reader, name, &example)?;
        self.reader.program(node, scope, &[], dimension, &fields.path(name)).map(|(program, _)| program)
    }

    fn current_or_zero(&mut self, fields: &Fields<'t>, name: &str, scope: &Scope, dimension: Dimension) -> Option<Program> {
        match fields.get(name) {
            Some(_) => self.current(fields, name, scope, dimension),
            None => Some(Program::constant(0.0)),
        }
    }

    fn deviation(&mut self, fields: &Fields<'t>, scope: &Scope, dimension: Dimension) -> Option<Program> {
        let program = self.current(fields, "standard_deviation", scope, dimension)?;
        let (least, _) = program.bounds(&[]);
        match fields.get("standard_deviation") {
            Some(node) if !program.is_random() || least < 0.0 => {
                let path = fields.path("standard_deviation");
                self.check_not_negative(least, &dimension.to_string(), node, &path)?;
            }
            _ => {}
        }
        Some(program)
    }

    fn check_not_negative(&mut self, value: f64, unit: &str, node: Node<'t>, path: &str) -> Option<()> {
        if value >= 0.0 {
            return Some(());
        }
        self.reader.report(ExperimentError::OutOfRange {
            at: node.place(),
            what: path.to_owned(),
            found: format!("{} {unit}", tidy(value)),
            expected: "at least 0 is needed".to_owned(),
        });
        None
    }
}
