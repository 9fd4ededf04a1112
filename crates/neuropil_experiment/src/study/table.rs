//! Results as a table: a row a point, or a group a combination with the mean over its seeds.

use std::collections::BTreeMap;

use neuropil_record::{ResultColumn, ResultTable};
use neuropil_units::Value;
use serde::{Deserialize, Serialize};

use crate::{
    design::Unit,
    document::settings::Settings,
    study::{PointFailure, PointResult, Shard, Study},
};

/// What a study varies and measures, apart from its results: enough to make its table without the experiment's file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudyTable {
    /// Hash of the experiment's text, the files that it names, its settings and the program's version.
    pub study: String,
    /// The files that the experiment names, with a hash of what was in them.
    pub files: BTreeMap<String, String>,
    /// The experiment's file.
    pub experiment: String,
    /// Its title.
    pub title: String,
    /// Names of the arms.
    pub arms: Vec<String>,
    /// The swept parameters.
    pub sweep: Vec<PointColumns>,
    /// The seeds of each combination.
    pub seeds: Vec<u64>,
    /// The measures; if there are none, rates of all populations stand in the table.
    pub measures: Vec<MeasureColumn>,
    /// Which part of the points the folder is for; `None` for all of them.
    #[serde(default)]
    pub shard: Option<Shard>,
    /// What its claims are read from again when parts are joined; `None` if it claims nothing.
    #[serde(default)]
    pub claimed: Option<Claimed>,
}

/// An experiment that has claims, as it was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claimed {
    /// The text of its file.
    pub text: String,
    /// What the command line changed.
    pub settings: Settings,
}

/// A swept parameter as a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointColumns {
    /// Name and unit.
    pub heading: String,
    /// The values, if they are numbers, in that unit.
    pub numbers: Option<Vec<f64>>,
    /// The values as texts.
    pub texts: Vec<String>,
}

/// A measure as a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasureColumn {
    /// Name and unit.
    pub heading: String,
    /// How many coherent units its unit is.
    pub factor: f64,
}

/// The points of one combination of arm and swept values.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The arm's name, if there are arms.
    pub arm: Option<String>,
    /// For each swept parameter the place of its value.
    pub places: Vec<usize>,
    /// For each measure its mean over the points that have it, and the standard error of that with two or more.
    pub measures: Vec<(Option<f64>, Option<f64>)>,
    /// Points that ended well.
    pub points: usize,
}

impl Study {
    /// What the study varies and measures.
    pub fn table(&self) -> StudyTable {
        let plan = self.plan();
        let column = |axis: &crate::design::Axis| {
            let dimension = axis.values.iter().find_map(|value| match value.value {
                Value::Number { value, dimension } if value != 0.0 => Some(dimension),
                _ => None,
            });
            let unit = Unit::of(dimension.unwrap_or(neuropil_units::Dimension::NONE));
            let number = |value: &Value| if let Value::Number { value, .. } = value { Some(unit.in_unit(*value)) } else { None };
            let numbers: Option<Vec<f64>> = axis.values.iter().map(|value| number(&value.value)).collect();
            let text = |value: &Value| match (value, number(value)) {
                (Value::Text(text), _) => text.clone(),
                (_, Some(number)) => number.to_string(),
                (other, None) => other.to_string(),
            };
            let texts = axis.values.iter().map(|value| text(&value.value)).collect();
            PointColumns { heading: unit.heading(&axis.name), numbers, texts }
        };
        StudyTable {
            study: self.identity.clone(),
            files: plan.files().map(|file| (file.name.clone(), file.sha256.clone())).collect(),
            experiment: plan.path.display().to_string(),
            title: plan.title.clone(),
            arms: plan.design.arms.iter().map(|arm| arm.name.clone()).collect(),
            sweep: plan.design.axes.iter().map(column).collect(),
            seeds: if plan.design.seeds.is_empty() { vec![plan.seed] } else { plan.design.seeds.clone() },
            measures: plan
                .measures
                .iter()
                .map(|measure| MeasureColumn { heading: measure.unit.heading(&measure.name), factor: measure.unit.factor })
                .collect(),
            shard: None,
            claimed: (!plan.claims.is_empty()).then(|| Claimed { text: plan.text.to_string(), settings: self.settings.clone() }),
        }
    }
}

impl StudyTable {
    /// Combinations of arm and swept values.
    pub fn combinations(&self) -> usize {
        self.grid().saturating_mul(self.arms.len().max(1))
    }

    /// Points in all.
    pub fn points(&self) -> usize {
        self.combinations().saturating_mul(self.seeds.len().max(1))
    }

    fn grid(&self) -> usize {
        self.sweep.iter().fold(1, |grid: usize, axis| grid.saturating_mul(axis.texts.len()))
    }

    /// The place on each axis of a combination.
    fn places(&self, combination: usize) -> Vec<usize> {
        let mut rest = combination % self.grid().max(1);
        let mut places = vec![0; self.sweep.len()];
        for (place, axis) in places.iter_mut().zip(&self.sweep).rev() {
            *place = rest % axis.texts.len().max(1);
            rest /= axis.texts.len().max(1);
        }
        places
    }

    fn arm(&self, combination: usize) -> Option<&String> {
        self.arms.get(combination / self.grid().max(1))
    }

    /// What tells a point from others, for messages.
    pub(crate) fn describe(&self, index: usize) -> String {
        let (seeds, mut parts) = (self.seeds.len().max(1), Vec::new());
        parts.extend(self.arm(index / seeds).map(|arm| format!("arm {arm}")));
        let values = self.sweep.iter().zip(self.places(index / seeds));
        parts.extend(values.filter_map(|(axis, place)| Some(format!("{} = {}", axis.heading, axis.texts.get(place)?))));
        parts.extend(self.seeds.get(index % seeds).map(|seed| format!("seed {seed}")));
        parts.join(", ")
    }

    /// The measures as columns: those of the experiment, or the rates of all populations.
    pub fn columns(&self, results: &[PointResult]) -> Vec<MeasureColumn> {
        if !self.measures.is_empty() {
            return self.measures.clone();
        }
        let populations = results.first().map(|result| result.summary.populations.as_slice()).unwrap_or_default();
        let rate = |name: &String| MeasureColumn { heading: format!("rate of {name} [Hz]"), factor: 0.001 };
        populations.iter().map(|population| rate(&population.name)).collect()
    }

    /// The measures of a point in the units of the columns.
    fn measures(&self, result: &PointResult) -> Vec<Option<f64>> {
        if self.measures.is_empty() {
            return result.summary.populations.iter().map(|p| Some(p.rate_hz).filter(|rate| rate.is_finite())).collect();
        }
        let in_unit = |column: &MeasureColumn, value: &Option<f64>| {
            value.map(|value| Unit { symbol: String::new(), factor: column.factor }.in_unit(value))
        };
        self.measures.iter().zip(&result.point.measures).map(|(column, value)| in_unit(column, value)).collect()
    }

    /// A row for each point, also for those that failed; a column for what varies, and one for each measure.
    pub fn rows(&self, results: &[PointResult], failures: &[PointFailure]) -> ResultTable {
        let mut points: Vec<(usize, Option<&PointResult>, &str)> =
            results.iter().map(|result| (result.point.index, Some(result), "")).collect();
        points.extend(failures.iter().map(|failure| (failure.index, None, failure.reason.as_str())));
        points.sort_by_key(|(index, ..)| *index);
        let seeds = self.seeds.len().max(1);
        let mut table = ResultTable::new();
        let texts = |of: &dyn Fn(usize) -> Option<String>| ResultColumn::Text(points.iter().map(|(index, ..)| of(*index)).collect());
        if !self.arms.is_empty() {
            add(&mut table, "arm", texts(&|index| self.arm(index / seeds).cloned()));
        }
        for (place, axis) in self.sweep.iter().enumerate() {
            let at = |index: usize| self.places(index / seeds).get(place).copied().unwrap_or(0);
            let values = match &axis.numbers {
                Some(values) => ResultColumn::Number(points.iter().map(|(index, ..)| values.get(at(*index)).copied()).collect()),
                None => texts(&|index| axis.texts.get(at(index)).cloned()),
            };
            add(&mut table, &axis.heading, values);
        }
        let seed = |index: usize| self.seeds.get(index % seeds).copied().unwrap_or_default();
        // A number where there is one that large, so that programs need not parse it.
        let whole: Option<Vec<i64>> = points.iter().map(|(index, ..)| i64::try_from(seed(*index)).ok()).collect();
        let values = match whole {
            Some(seeds) => ResultColumn::Integer(seeds.into_iter().map(Some).collect()),
            None => texts(&|index| Some(seed(index).to_string())),
        };
        add(&mut table, "seed", values);
        for (place, column) in self.columns(results).iter().enumerate() {
            let of = |result: &Option<&PointResult>| result.and_then(|result| self.measures(result).get(place).copied().flatten());
            add(&mut table, &column.heading, ResultColumn::Number(points.iter().map(|(_, result, _)| of(result)).collect()));
        }
        if !failures.is_empty() {
            let reason = |reason: &str| (!reason.is_empty()).then(|| reason.to_owned());
            add(&mut table, "failed", ResultColumn::Text(points.iter().map(|(.., text)| reason(text)).collect()));
        }
        table
    }

    /// The combinations in order, each with the mean over its seeds.
    pub fn groups(&self, results: &[PointResult]) -> Vec<Group> {
        let (seeds, columns) = (self.seeds.len().max(1), self.columns(results).len());
        let mut groups: Vec<Group> = Vec::new();
        for chunk in results.chunk_by(|a, b| a.point.index / seeds == b.point.index / seeds) {
            let combination = chunk.first().map_or(0, |result| result.point.index / seeds);
            let values: Vec<Vec<Option<f64>>> = chunk.iter().map(|result| self.measures(result)).collect();
            let measures = (0..columns).map(|column| {
                let defined: Vec<f64> = values.iter().filter_map(|values| values.get(column).copied().flatten()).collect();
                let count = defined.len() as f64;
                let mean = defined.iter().sum::<f64>() / count;
                let squares: f64 = defined.iter().map(|value| (value - mean).powi(2)).sum();
                let error = (defined.len() > 1).then(|| (squares / (count - 1.0) / count).sqrt());
                ((!defined.is_empty()).then_some(mean), error)
            });
            groups.push(Group {
                arm: self.arm(combination).cloned(),
                places: self.places(combination),
                measures: measures.collect(),
                points: chunk.len(),
            });
        }
        groups
    }
}

/// Adds a column; one whose heading is there already gets a number behind it.
fn add(table: &mut ResultTable, heading: &str, column: ResultColumn) {
    let numbered = (2_u32..1000).map(|number| format!("{heading} {number}"));
    let free = std::iter::once(heading.to_owned()).chain(numbered).find(|heading| table.column(heading).is_none());
    // All columns have a cell for each point.
    let _ = table.add(free.unwrap_or_else(|| heading.to_owned()), column);
}
