//! Arms, swept parameters and seeds: what varies from point to point.

use neuropil_units::{Expression, Scope, Value};

use crate::{
    design::{Arm, ArmSetting, Axis, AxisValue, Design},
    document::{
        node::{Node, Shape},
        reader::{Entry, Fields},
    },
    error::{ExperimentError, shown},
    source::Place,
    validate::Validator,
};

/// Points that a sweep may have.
const MOST_POINTS: usize = 1_000_000;
/// Arms that an experiment may have.
const MOST_ARMS: usize = 1000;
/// Sections that cannot differ from point to point.
const NOT_VARIED: [&str; 8] = ["arms", "sweep", "seeds", "seed", "measures", "claims", "quick", "references"];

impl<'t> Validator<'t> {
    /// Reads `arms`, `sweep` and `seeds`; `seed` is that of the experiment.
    pub(super) fn read_design(&mut self, fields: &Fields<'t>, seed: u64) -> Design {
        let arms = fields.get("arms").map(|node| self.arms(node)).unwrap_or_default();
        let axes = fields.get("sweep").map(|node| self.sweep(node)).unwrap_or_default();
        let seeds = fields.get("seeds").and_then(|node| self.seeds(node, seed)).unwrap_or_default();
        let design = Design { arms, axes, seeds };
        for axis in &design.axes {
            let setting = design.arms.iter().find_map(|arm| Some((arm, arm.settings.iter().find(|setting| setting.path == axis.name)?)));
            if let Some((arm, setting)) = setting {
                let message =
                    format!("arm `{}` sets `{}`, which is swept; take it out of one of the two", shown(&arm.name), shown(&axis.name));
                self.reader.report(ExperimentError::Conflict { at: setting.name_place.clone(), message });
            }
        }
        if design.points() > MOST_POINTS {
            let at = ["sweep", "arms", "seeds"].iter().find_map(|name| fields.name_place(name)).unwrap_or(&fields.head).clone();
            let lengths = design.axes.iter().map(|axis| axis.values.len() as f64);
            let points = lengths.product::<f64>() * design.arms.len().max(1) as f64 * design.seeds.len().max(1) as f64;
            self.reader.report(ExperimentError::OutOfRange {
                at,
                what: "the number of points, arms times swept values times seeds,".to_owned(),
                found: if points < 1e15 { format!("{points:.0}") } else { format!("{points:.3e}") },
                expected: format!("at most {MOST_POINTS} can be run"),
            });
        }
        design
    }

    fn refuse_empty(&mut self, node: Node<'t>, expected: &str) {
        let found = if node.shape() == Shape::Map { "an empty map" } else { "an empty list" };
        self.reader.report(ExperimentError::WrongForm { at: node.place(), expected: expected.to_owned(), found: found.to_owned() });
    }

    /// Whether a setting can vary from point to point.
    fn can_vary(&mut self, name: &str, place: &Place, what: &str) -> bool {
        let section = name.split('.').next().unwrap_or(name);
        if !NOT_VARIED.contains(&section) {
            return true;
        }
        let way_out = if section == "seed" { "; `seeds: 3` repeats every point with other random numbers" } else { "" };
        let message = format!("`{section}` cannot be changed by {what}{way_out}");
        self.reader.report(ExperimentError::Conflict { at: place.clone(), message });
        false
    }

    fn arms(&mut self, node: Node<'t>) -> Vec<Arm> {
        let entries = self.reader.entries(node, "arms", "arm");
        if entries.is_empty() && node.shape() == Shape::Map && self.reader.count() == 0 {
            self.refuse_empty(node, "arms such as {\"control\": {}, \"strong\": {\"g\": 6}}");
        }
        if let Some(extra) = entries.get(MOST_ARMS) {
            self.reader.report(ExperimentError::OutOfRange {
                at: extra.place.clone(),
                what: "the number of arms".to_owned(),
                found: entries.len().to_string(),
                expected: format!("at most {MOST_ARMS} are possible; a sweep has more points"),
            });
        }
        entries.into_iter().filter_map(|entry| self.arm(&entry)).collect()
    }

    fn arm(&mut self, entry: &Entry<'t>) -> Option<Arm> {
        if entry.value.shape() != Shape::Map {
            self.reader.report(entry.value.wrong_form("settings such as {\"g\": 6, \"populations.inhibitory.size\": 100}"));
            return None;
        }
        let mut settings = Vec::new();
        for setting in self.reader.entries_as_written(entry.value, &entry.path, "setting") {
            if self.can_vary(&setting.name, &setting.place, "an arm") {
                settings.push(ArmSetting { path: setting.name, name_place: setting.place, value_place: setting.value.place() });
            }
        }
        Some(Arm { name: entry.name.clone(), place: entry.place.clone(), settings })
    }

    fn sweep(&mut self, node: Node<'t>) -> Vec<Axis> {
        let entries = self.reader.entries(node, "sweep", "swept parameter");
        if entries.is_empty() && node.shape() == Shape::Map && self.reader.count() == 0 {
            self.refuse_empty(node, "swept parameters such as {\"g\": [4, 5, 6]}");
        }
        let mut axes = Vec::new();
        for entry in entries {
            if self.can_vary(&entry.name, &entry.place, "a sweep") {
                axes.extend(self.axis(&entry));
            }
        }
        axes
    }

    fn axis(&mut self, entry: &Entry<'t>) -> Option<Axis> {
        if let Some(flag) = self.reader.flag(&entry.name) {
            let message = format!("`{}` is swept; `--set sweep.{}=…` chooses its values", shown(&entry.name), shown(&entry.name));
            self.reader.report(ExperimentError::BadSetting { at: flag.name_place(), message });
            return None;
        }
        let expected = "a list of values such as [4, 5, 6], or an expression such as \"linspace(-100 ms, 100 ms, 41)\"";
        let node = entry.value;
        let mut values = Vec::new();
        if node.shape() == Shape::List && !node.source().is_flag() {
            for (index, element) in self.reader.accept(node.list())?.into_iter().enumerate() {
                let value = self.reader.value(element, &self.scope, &format!("{}[{index}]", entry.path))?;
                if matches!(value, Value::List(_)) {
                    self.reader.report(element.wrong_form("one value; a sweep is over single values"));
                    return None;
                }
                let written = stands_for_itself(element, &value).then(|| element.place());
                values.push(AxisValue { value, written });
            }
        } else {
            match self.reader.value(node, &self.scope, &entry.path)? {
                Value::List(elements) if !elements.iter().any(|element| matches!(element, Value::List(_))) => {
                    values.extend(elements.into_iter().map(|value| AxisValue { value, written: None }));
                }
                _ => {
                    self.reader.report(node.wrong_form(expected));
                    return None;
                }
            }
        }
        if values.is_empty() {
            self.refuse_empty(node, expected);
            return None;
        }
        let mixed = values.iter().position(|value| !same_kind(&values[0].value, &value.value));
        if let Some(index) = mixed {
            let found = format!("{} beside {}", values[index].value, values[0].value);
            let at = values[index].written.clone().unwrap_or_else(|| node.place());
            self.reader.report(ExperimentError::WrongForm { at, expected: "values of one kind and dimension".to_owned(), found });
            return None;
        }
        self.count_listed(&node.place(), &entry.path, values.len())?;
        Some(Axis { name: entry.name.clone(), place: entry.place.clone(), values })
    }

    fn seeds(&mut self, node: Node<'t>, seed: u64) -> Option<Vec<u64>> {
        if node.shape() != Shape::List {
            let count = self.reader.integer(node, &self.scope, (1, MOST_POINTS as u64), "seeds")?;
            return Some((0..count).map(|k| seed.wrapping_add(k)).collect());
        }
        let mut seeds: Vec<u64> = Vec::new();
        for (index, element) in self.reader.accept(node.list())?.into_iter().enumerate() {
            let value = self.reader.integer(element, &self.scope, (0, u64::MAX), &format!("seeds[{index}]"))?;
            if seeds.contains(&value) {
                let message = format!("seed {value} is listed twice, and would give the same run twice");
                self.reader.report(ExperimentError::Conflict { at: element.place(), message });
                return None;
            }
            if seeds.len() > 10_000 {
                self.reader.report(node.wrong_form("at most 10000 seeds in a list; a number such as `seeds: 20000` has more"));
                return None;
            }
            seeds.push(value);
        }
        if seeds.is_empty() {
            self.refuse_empty(node, "a number of seeds such as 3, or a list such as [1, 2, 3]");
            return None;
        }
        // A seed of the command line is meant to be run.
        match self.reader.flag("seed") {
            Some(_) => Some(vec![seed]),
            None => Some(seeds),
        }
    }
}

/// Whether a written value needs no parameter, so that a point may read it where it stands.
fn stands_for_itself(node: Node<'_>, value: &Value) -> bool {
    match (node.shape(), value) {
        (Shape::Number | Shape::Boolean, _) => true,
        (Shape::Text, Value::Text(_)) => true,
        (Shape::Text, value) => {
            let text = node.string_or_word().unwrap_or_default();
            Expression::parse(&text).and_then(|expression| expression.evaluate(&Scope::new())).is_ok_and(|found| found == *value)
        }
        _ => false,
    }
}

fn same_kind(first: &Value, other: &Value) -> bool {
    match (first, other) {
        (Value::Number { dimension, value }, Value::Number { dimension: found, value: number }) => {
            dimension == found || *value == 0.0 || *number == 0.0
        }
        _ => std::mem::discriminant(first) == std::mem::discriminant(other),
    }
}
