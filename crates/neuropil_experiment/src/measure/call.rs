//! A measure with its arguments: which spikes or samples it takes, and over which time.

use neuropil_units::{Dimension, Value, suggestion};

use crate::{
    catalogue::Catalogue,
    cells::MechanismPlan,
    measure::functions::{Entry, Extra, Subject, entry},
    plan::{Plan, RecorderPlan},
};

/// A call whose arguments are resolved in a plan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub of: Source,
    /// After its start and up to its stop, ms; all of the run if `None`.
    pub window_ms: Option<(f64, f64)>,
    /// The width of bins, ms, the number of modes, or the level of the variable, where the measure has one.
    pub extra: f64,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// Neurons whose spikes are recorded, each a population by its place in the plan and an index in it.
    Spikes { neurons: Vec<(usize, u32)> },
    /// A population whose charge is metered, by its place in the plan, and the name of one of its channels.
    Energy { population: usize, mechanism: Option<String> },
    /// A recorder by its place in the plan, and one of its neurons in their order.
    Trace { recorder: usize, neuron: Option<usize> },
}

impl Call {
    /// Resolves the arguments of a measure, those that select arms or points left out; with a catalogue a level is held against its variable.
    pub fn resolve(entry: &Entry, plan: &Plan, catalogue: Option<&dyn Catalogue>, arguments: &[Value]) -> Result<Self, String> {
        let signature = entry.signature();
        let Some((Value::Text(subject), rest)) = arguments.split_first() else {
            let what = if entry.subject == Subject::Trace { "a recorder" } else { "a population" };
            return Err(format!("`{signature}` needs the name of {what} first"));
        };
        let of = match entry.subject {
            Subject::Spikes => spikes(plan, subject)?,
            Subject::Energy => energy(plan, subject)?,
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
            (Extra::Level, Some((Value::Number { value, dimension }, rest)))
                if catalogue.is_none_or(|catalogue| *dimension == of.variable(plan, catalogue)) =>
            {
                (*value, rest)
            }
            (Extra::Level, _) => return Err(format!("`{signature}` needs a value of the recorder's variable, such as `-55 mV`")),
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
        entry.dimension(self.of.variable(plan, catalogue))
    }
}

impl Source {
    /// The dimension of the variable that is looked at, as far as the catalogue tells.
    fn variable(&self, plan: &Plan, catalogue: &dyn Catalogue) -> Dimension {
        let variable = match self {
            Self::Spikes { .. } | Self::Energy { .. } => None,
            Self::Trace { recorder, .. } => plan.recorders.get(*recorder).and_then(|recorder| match recorder {
                RecorderPlan::Trace { of, variable, mechanism, .. } => {
                    let model = of.first().and_then(|index| plan.populations.get(*index))?;
                    if mechanism.is_some() {
                        let known = model.cells.as_ref()?.variables(catalogue);
                        return known.into_iter().find(|(_, name, _)| name == variable).map(|(.., own)| own.dimension);
                    }
                    Some(model.description(catalogue)?.variable(variable)?.dimension)
                }
                RecorderPlan::Spikes { .. } | RecorderPlan::Weights { .. } | RecorderPlan::Cell { .. } => None,
            }),
        };
        variable.unwrap_or(Dimension::NONE)
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
fn place_of(plan: &Plan, text: &str, of: &str, neurons: &[(usize, u32)]) -> Result<usize, String> {
    let name = |(population, index): &(usize, u32)| plan.neuron_name(*population, *index as usize);
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

/// The neurons of a population whose spikes are recorded, those of a recorder of spikes, or one of them.
fn spikes(plan: &Plan, text: &str) -> Result<Source, String> {
    let place = |name: &str| plan.populations.iter().position(|population| population.name == name);
    let recorder =
        |name: &str| plan.recorders.iter().find(|recorder| matches!(recorder, RecorderPlan::Spikes { name: own, .. } if own == name));
    let (name, neuron) = split(text, |name| place(name).is_some() || recorder(name).is_some());
    let Some(population) = place(name) else {
        let Some(recorder) = recorder(name) else {
            let known = plan.populations.iter().map(|population| population.name.as_str());
            return Err(format!("unknown population `{}`{}", crate::error::shown(name), suggestion(name, known)));
        };
        let mut neurons = plan.neurons_of(recorder);
        if let Some(neuron) = neuron {
            let chosen = neurons.get(place_of(plan, neuron, name, &neurons)?).copied();
            neurons = chosen.into_iter().collect();
        }
        return Ok(Source::Spikes { neurons });
    };
    let size = plan.populations.get(population).map_or(0, |population| population.size as u32);
    let kept = plan.spikes_kept(population);
    let chosen = match neuron {
        Some(neuron) => {
            let all: Vec<(usize, u32)> = (0..size).map(|index| (population, index)).collect();
            Some(place_of(plan, neuron, name, &all)? as u32)
        }
        None => None,
    };
    if kept.is_empty() {
        return Err(format!("the spikes of `{name}` are not recorded; add `\"{name} spikes\": Spikes(of: \"{name}\")` to the recorders"));
    }
    if let Some(neuron) = chosen {
        if kept.binary_search(&neuron).is_err() {
            return Err(format!(
                "the spikes of `{}` are not recorded; recorders keep those of {} of the {size} neurons of `{name}`",
                crate::error::shown(text),
                kept.len()
            ));
        }
        return Ok(Source::Spikes { neurons: vec![(population, neuron)] });
    }
    Ok(Source::Spikes { neurons: kept.into_iter().map(|index| (population, index)).collect() })
}

/// A population whose charge is metered, or one of its channels: `cells`, `cells[leak]`.
fn energy(plan: &Plan, text: &str) -> Result<Source, String> {
    let place = |name: &str| plan.populations.iter().position(|population| population.name == name);
    let (name, mechanism) = split(text, |name| place(name).is_some());
    let Some(population) = place(name) else {
        let known = plan.populations.iter().map(|population| population.name.as_str());
        return Err(format!("unknown population `{}`{}", crate::error::shown(name), suggestion(name, known)));
    };
    let Some(cells) = plan.populations.get(population).and_then(|population| population.cells.as_ref()) else {
        return Err(format!("`{name}` has no cells with dendrites, whose charge alone is metered"));
    };
    if plan.energy.is_none() {
        return Err("charge is not metered; add `energy: ()` to the experiment".to_owned());
    }
    let mut known: Vec<&str> = cells.kinds.iter().flat_map(|kind| &kind.mechanisms).map(MechanismPlan::reported).collect();
    known.push(neuropil_dendrites::energy::LEAK);
    match mechanism {
        Some(mechanism) if !known.contains(&mechanism) => {
            Err(format!("no channel of `{name}` is called `{}`{}", crate::error::shown(mechanism), suggestion(mechanism, known)))
        }
        mechanism => Ok(Source::Energy { population, mechanism: mechanism.map(str::to_owned) }),
    }
}

fn trace(plan: &Plan, text: &str, signature: &str) -> Result<Source, String> {
    let place = |name: &str| plan.recorders.iter().position(|recorder| recorder.name() == name);
    let (name, neuron) = split(text, |name| place(name).is_some());
    let Some(recorder) = place(name) else {
        let known: Vec<&str> =
            plan.recorders.iter().filter(|recorder| matches!(recorder, RecorderPlan::Trace { .. })).map(RecorderPlan::name).collect();
        let found = crate::error::shown(name);
        return Err(match known.as_slice() {
            [] => format!("unknown recorder `{found}`; no variable is recorded, as with `\"potentials\": Trace(of: …, variable: …)`"),
            known => format!("unknown recorder `{found}`{}", suggestion(name, known.iter().copied())),
        });
    };
    let Some(found @ RecorderPlan::Trace { .. }) = plan.recorders.get(recorder) else {
        return Err(format!("`{name}` records no variable, and `{signature}` is of one, as `Trace` records it"));
    };
    let Some(text) = neuron else { return Ok(Source::Trace { recorder, neuron: None }) };
    let neuron = Some(place_of(plan, text, name, &plan.neurons_of(found))?);
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
