//! A measure with its arguments: which spikes or samples it takes, and over which time.

use neuropil_units::{Dimension, Value, suggestion};

use crate::{
    catalogue::Catalogue,
    measure::functions::{Entry, Extra, Subject, entry},
    plan::{Plan, RecorderPlan},
};

/// A call whose arguments are resolved in a plan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub of: Source,
    /// After its start and up to its stop, ms; all of the run if `None`.
    pub window_ms: Option<(f64, f64)>,
    /// The width of bins, ms, or the number of modes, where the measure has one.
    pub extra: f64,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// A population by its place in the plan, and one neuron of it.
    Spikes { population: usize, neuron: Option<u32> },
    /// A recorder by its place in the plan, and one of its neurons in their order.
    Trace { recorder: usize, neuron: Option<usize> },
}

impl Call {
    /// Resolves the arguments of a measure, those that select arms or points left out.
    pub fn resolve(entry: &Entry, plan: &Plan, arguments: &[Value]) -> Result<Self, String> {
        let signature = entry.signature();
        let Some((Value::Text(subject), rest)) = arguments.split_first() else {
            let what = if entry.subject == Subject::Trace { "a recorder" } else { "a population" };
            return Err(format!("`{signature}` needs the name of {what} first"));
        };
        let of = match entry.subject {
            Subject::Spikes => spikes(plan, subject)?,
            _ => trace(plan, subject, signature)?,
        };
        let (extra, rest) = match (entry.extra, rest.split_first()) {
            (Extra::None, _) => (0.0, rest),
            (Extra::Bin, Some((Value::Number { value, dimension: Dimension::TIME }, rest))) => {
                if *value < plan.time_step_ms {
                    return Err(format!("`{signature}`: a bin of {value} ms is shorter than the time step, {} ms", plan.time_step_ms));
                }
                (*value, rest)
            }
            (Extra::Bin, _) => return Err(format!("`{signature}` needs the width of bins, such as `2 ms`")),
            (Extra::Modes, Some((Value::Number { value, dimension: Dimension::NONE }, rest))) if *value >= 1.0 && value.fract() == 0.0 => {
                (value.min(1e6), rest)
            }
            (Extra::Modes, _) => return Err(format!("`{signature}` needs a number of modes, such as `2`")),
        };
        let mut window = Vec::with_capacity(rest.len());
        for value in rest {
            match value {
                Value::Number { value, dimension: Dimension::TIME } => window.push(*value),
                Value::Number { value: 0.0, dimension: Dimension::NONE } => window.push(0.0),
                other => return Err(format!("`{signature}`: found {other}, expected a time such as `100 ms`")),
            }
        }
        let window = window.as_slice();
        let window_ms = match *window {
            [] => None,
            [start] => Some((start, plan.duration_ms)),
            [start, stop] => Some((start, stop)),
            _ => return Err(format!("`{signature}` is given {} times", window.len())),
        };
        if let Some((start, stop)) = window_ms
            && (start < 0.0 || (window.len() == 2 && stop <= start))
        {
            return Err(format!("`{signature}`: a window from {start} ms to {stop} ms; it starts at 0 ms or later and stops after that"));
        }
        Ok(Self { of, window_ms, extra })
    }

    /// The dimension of what is measured, as far as the catalogue tells.
    pub fn dimension(&self, entry: &Entry, plan: &Plan, catalogue: &dyn Catalogue) -> Dimension {
        let variable = match &self.of {
            Source::Spikes { .. } => None,
            Source::Trace { recorder, .. } => plan.recorders.get(*recorder).and_then(|recorder| match recorder {
                RecorderPlan::Trace { of, variable, .. } => {
                    let model = of.first().and_then(|index| plan.populations.get(*index))?;
                    Some(catalogue.model(&model.model)?.variable(variable)?.dimension)
                }
                RecorderPlan::Spikes { .. } | RecorderPlan::Weights { .. } => None,
            }),
        };
        entry.dimension(variable.unwrap_or(Dimension::NONE))
    }
}

/// `name`, or `name[3]` and `name[AVAL]` where nothing is called that.
fn split(text: &str, is_known: impl Fn(&str) -> bool) -> (&str, Option<&str>) {
    if is_known(text) {
        return (text, None);
    }
    match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
        Some((name, neuron)) => (name, Some(neuron.trim())),
        None => (text, None),
    }
}

/// The place of a neuron in a list of neurons, each a population and an index in it: by the name that a connectome gives it, or by its place.
fn place_of(plan: &Plan, text: &str, of: &str, neurons: &[(usize, usize)]) -> Result<usize, String> {
    let name = |(population, index): &(usize, usize)| plan.neuron_name(*population, *index);
    if let Some(place) = neurons.iter().position(|neuron| name(neuron) == Some(text)) {
        return Ok(place);
    }
    match text.parse::<usize>() {
        Ok(place) if place < neurons.len() => Ok(place),
        Ok(place) => Err(format!("neuron {place} of `{of}`, which has {}, numbered from 0", neurons.len())),
        Err(_) => {
            let known: Vec<&str> = neurons.iter().filter_map(name).collect();
            if known.is_empty() {
                return Err(format!("`{of}[{text}]`: neurons are numbered from 0, as in `{of}[3]`"));
            }
            Err(format!("no neuron of `{of}` is called `{}`{}", crate::error::shown(text), suggestion(text, known)))
        }
    }
}

fn spikes(plan: &Plan, text: &str) -> Result<Source, String> {
    let place = |name: &str| plan.populations.iter().position(|population| population.name == name);
    let (name, neuron) = split(text, |name| place(name).is_some());
    let Some(population) = place(name) else {
        let known = plan.populations.iter().map(|population| population.name.as_str());
        return Err(format!("unknown population `{}`{}", crate::error::shown(name), suggestion(name, known)));
    };
    let size = plan.populations.get(population).map_or(0, |population| population.size);
    let neurons: Vec<(usize, usize)> = if neuron.is_some() { (0..size).map(|index| (population, index)).collect() } else { Vec::new() };
    let neuron = neuron.map(|neuron| place_of(plan, neuron, name, &neurons)).transpose()?.map(|place| place as u32);
    let is_recorded = plan.recorders.iter().any(|recorder| matches!(recorder, RecorderPlan::Spikes { of, .. } if of.contains(&population)));
    if !is_recorded {
        return Err(format!("the spikes of `{name}` are not recorded; add `\"{name} spikes\": Spikes(of: \"{name}\")` to the recorders"));
    }
    Ok(Source::Spikes { population, neuron })
}

fn trace(plan: &Plan, text: &str, signature: &str) -> Result<Source, String> {
    let name_of = |recorder: &RecorderPlan| match recorder {
        RecorderPlan::Spikes { name, .. } | RecorderPlan::Trace { name, .. } | RecorderPlan::Weights { name, .. } => name.clone(),
    };
    let place = |name: &str| plan.recorders.iter().position(|recorder| name_of(recorder) == name);
    let (name, neuron) = split(text, |name| place(name).is_some());
    let Some(recorder) = place(name) else {
        let known: Vec<String> =
            plan.recorders.iter().filter(|recorder| matches!(recorder, RecorderPlan::Trace { .. })).map(name_of).collect();
        let found = crate::error::shown(name);
        return Err(match known.as_slice() {
            [] => format!("unknown recorder `{found}`; no variable is recorded, as with `\"potentials\": Trace(of: …, variable: …)`"),
            known => format!("unknown recorder `{found}`{}", suggestion(name, known.iter().map(String::as_str))),
        });
    };
    let Some(RecorderPlan::Trace { of, neurons, .. }) = plan.recorders.get(recorder) else {
        return Err(format!("`{name}` records no variable, and `{signature}` is of one, as `Trace` records it"));
    };
    let Some(text) = neuron else { return Ok(Source::Trace { recorder, neuron: None }) };
    let mut kept: Vec<(usize, usize)> = Vec::new();
    for (position, population) in of.iter().enumerate() {
        match neurons.as_ref().and_then(|lists| lists.get(position)) {
            Some(list) => kept.extend(list.iter().map(|index| (*population, *index as usize))),
            None => kept
                .extend((0..plan.populations.get(*population).map_or(0, |population| population.size)).map(|index| (*population, index))),
        }
    }
    let neuron = Some(place_of(plan, text, name, &kept)?);
    Ok(Source::Trace { recorder, neuron })
}

/// A measure by its name.
pub(crate) fn known(name: &str) -> Result<&'static Entry, String> {
    entry(name).ok_or_else(|| format!("`{name}` is no measure"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_end_in_brackets() {
        assert_eq!(split("E[3]", |name| name == "E"), ("E", Some("3")));
        assert_eq!(split("E[AVAL]", |name| name == "E"), ("E", Some("AVAL")));
        assert_eq!(split("E[3]", |name| name == "E[3]"), ("E[3]", None));
        assert_eq!(split("E", |_| false), ("E", None));
    }
}
