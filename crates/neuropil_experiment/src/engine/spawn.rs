//! A plan becomes entities: populations, projections, stimuli, recorders.

use super::record::{Recording, Trace};
use crate::error::ExperimentError;
use crate::plan::{Assigned, InputPlan, Plan, PopulationPlan, PositionsPlan, ProjectionPlan, RecorderPlan, RulePlan, SourcePlan};
use crate::source::Place;
use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_connectome::Connectome;
use neuropil_core::random::{Purpose, stream};
use neuropil_core::{Clock, Lesioned, NeuronName, Population, Registry, RunSettings};
use neuropil_dendrites::FindInstances;
use neuropil_dendrites::energy::EnergyMeter;
use neuropil_neurons::{Members, ModelEntry, Neurons, PopulationRequest, Stimulate, Stimulus, StimulusSource};
use neuropil_record::{SpikeMeter, SpikeTable, TraceTable, TraceVariable};
use neuropil_synapses::{Allowed, Connect, ConnectionRule, Projection, Sites};
use neuropil_units::{Hertz, Milliseconds, Millivolts, Program, Scratch};
use rand::Rng;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Streams of parameters and positions are numbered from here, those of projections from 0.
const POPULATION_STREAMS: u32 = 1 << 31;

/// The connectome that neurons were made from.
#[derive(Resource, Clone)]
pub struct Wiring(pub Arc<Connectome>);

/// The row of the connectome's node that a neuron was made from.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[component(storage = "SparseSet")]
pub struct NodeOf(pub u32);

/// Spawns everything that the plan describes into an app that has the engine's plugins.
///
/// With `keep`, the recorders that the plan names keep what they see; without, only meters run.
///
/// # Errors
/// What the engine refuses, with its place in the file.
pub fn spawn(plan: &Plan, app: &mut App, keep: bool) -> Result<(), ExperimentError> {
    let clock = Clock::new(Milliseconds(plan.time_step_ms));
    app.insert_resource(clock.unwrap_or_default());
    app.world_mut().resource_mut::<RunSettings>().seed = plan.seed;
    if let Some(energy) = plan.energy {
        let (sodium_reversal, potassium_reversal) = (Millivolts(energy.sodium_mv), Millivolts(energy.potassium_mv));
        app.insert_resource(EnergyMeter { sodium_reversal, potassium_reversal });
    }
    let mut entities = Vec::with_capacity(plan.populations.len());
    for (index, population) in plan.populations.iter().enumerate() {
        entities.push(match &population.cells {
            Some(cells) => super::cells::spawn(app, plan, index as u32, cells)?,
            None => {
                let request = request(plan.seed, index as u32, population)?;
                app.add_population_of(&population.model, request).map_err(|error| refused(&population.place, error))?
            }
        });
    }
    let names = |indices: &[usize]| indices.iter().map(|k| plan.populations[*k].name.clone()).collect::<Vec<String>>();
    for projection in &plan.projections {
        let (from, to) = (names(&projection.from), names(&projection.to));
        let target = projection.to.first().and_then(|index| plan.populations.get(*index));
        app.connect(connection(projection, from, to, target)).map_err(|error| refused(&projection.rule_place, error))?;
    }
    for input in &plan.inputs {
        app.stimulate(stimulus(input, names(&input.to))).map_err(|error| refused(&input.place, error))?;
    }
    name_neurons(plan, app, &entities);
    lesion(plan, app, &entities);
    let recording = recording(plan, app, &entities, keep)?;
    app.insert_resource(recording);
    Ok(())
}

/// Gives neurons from a connectome their names and nodes, and keeps the connectome beside them.
fn name_neurons(plan: &Plan, app: &mut App, entities: &[Entity]) {
    let Some(connectome) = &plan.connectome else { return };
    for (population, entity) in plan.populations.iter().zip(entities) {
        let (Some(nodes), Some(members)) = (&population.nodes, app.world().get::<Members>(*entity)) else { continue };
        let names = &connectome.nodes().names;
        let named = members.0.iter().zip(nodes.iter());
        let named = named.filter_map(|(entity, row)| Some((*entity, (NeuronName(Arc::clone(names.get(*row as usize)?)), NodeOf(*row)))));
        let named: Vec<_> = named.collect();
        app.world_mut().insert_batch(named);
    }
    app.insert_resource(Wiring(Arc::clone(connectome)));
}

/// Marks the neurons whose output is cut.
fn lesion(plan: &Plan, app: &mut App, entities: &[Entity]) {
    for lesion in &plan.lesions {
        let members = entities.get(lesion.population).and_then(|entity| app.world().get::<Members>(*entity));
        let Some(members) = members else { continue };
        let marked: Vec<_> = lesion.neurons.iter().filter_map(|neuron| Some((*members.0.get(*neuron as usize)?, Lesioned))).collect();
        app.world_mut().insert_batch(marked);
    }
}

pub(super) fn refused(place: &Place, error: impl ToString) -> ExperimentError {
    ExperimentError::Refused { at: place.clone(), message: error.to_string() }
}

/// A population, with random values drawn.
fn request(seed: u64, index: u32, plan: &PopulationPlan) -> Result<PopulationRequest, ExperimentError> {
    let mut entity = 0;
    let mut assign = |parameters: &[crate::plan::ParameterPlan]| {
        let mut assigned = Vec::with_capacity(parameters.len());
        for parameter in parameters {
            entity += 1;
            let value = match &parameter.value {
                Assigned::Shared(value) => neuropil_neurons::Assigned::Shared(*value),
                Assigned::Listed(values) => neuropil_neurons::Assigned::Listed(values.clone()),
                Assigned::Choice(name) => neuropil_neurons::Assigned::Choice(name.clone()),
                Assigned::PerNeuron(program) => {
                    let mut random = stream(seed, Purpose::Value, POPULATION_STREAMS | index, entity);
                    let values = draw(program, plan.size, &mut random).map_err(|error| refused(&parameter.place, error))?;
                    neuropil_neurons::Assigned::Listed(values)
                }
            };
            assigned.push((parameter.name.clone(), value));
        }
        Ok(assigned)
    };
    let (parameters, initial) = (assign(&plan.parameters)?, assign(&plan.initial)?);
    let positions = plan.positions.as_ref().map(|positions| places(positions, plan.size, seed, index)).unwrap_or_default();
    Ok(PopulationRequest { name: plan.name.clone(), size: plan.size as u32, parameters, initial, positions })
}

fn draw<R: Rng>(program: &Program, count: usize, random: &mut R) -> Result<Vec<f64>, neuropil_units::ExpressionError> {
    let mut values = vec![0.0; count];
    let mut scratch = Scratch::default();
    for chunk in values.chunks_mut(4096) {
        program.evaluate_block(&[], random, chunk, &mut scratch)?;
    }
    Ok(values)
}

pub(super) fn places(plan: &PositionsPlan, size: usize, seed: u64, index: u32) -> Vec<[f32; 3]> {
    match plan {
        PositionsPlan::Grid { shape: [nx, ny, _], spacing } => (0..size as u32)
            .map(|i| [i % nx, i / nx % ny, i / (nx * ny)])
            .map(|cell| std::array::from_fn(|axis| (f64::from(cell[axis]) * spacing[axis]) as f32))
            .collect(),
        PositionsPlan::RandomIn { extent } => {
            let mut random = stream(seed, Purpose::Place, POPULATION_STREAMS | index, 0);
            let mut unit = || (random.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0;
            (0..size).map(|_| std::array::from_fn(|axis| (unit() * extent[axis]) as f32)).collect()
        }
        PositionsPlan::Listed(points) => points.iter().map(|p| p.map(|x| x as f32)).collect(),
    }
}

fn connection(plan: &ProjectionPlan, from: Vec<String>, to: Vec<String>, target: Option<&PopulationPlan>) -> Projection {
    let rule = match &plan.rule {
        RulePlan::AllToAll => ConnectionRule::AllToAll,
        RulePlan::OneToOne => ConnectionRule::OneToOne,
        RulePlan::FixedInDegree(degree) => ConnectionRule::FixedInDegree(*degree),
        RulePlan::FixedOutDegree(degree) => ConnectionRule::FixedOutDegree(*degree),
        RulePlan::FixedTotalNumber(number) => ConnectionRule::FixedTotalNumber(*number),
        RulePlan::PairwiseBernoulli(p) => ConnectionRule::PairwiseBernoulli(*p),
        RulePlan::DistanceDependent { probability, periodic } => {
            ConnectionRule::DistanceDependent { probability: probability.clone(), periodic: *periodic }
        }
        RulePlan::Explicit(list) => ConnectionRule::Explicit(
            list.iter()
                .map(|s| neuropil_synapses::ExplicitSynapse { source: s.source, target: s.target, weight: s.weight, delay: s.delay_ms })
                .collect(),
        ),
    };
    let allowed = |yes| if yes { Allowed::Yes } else { Allowed::No };
    Projection {
        name: plan.name.clone(),
        from,
        to,
        rule,
        weight: plan.weight.clone(),
        delay: plan.delay.clone(),
        receptor: plan.receptor.clone(),
        autapses: allowed(plan.autapses),
        multapses: allowed(plan.multapses),
        transmission: plan.transmission,
        sites: plan.spread.clone().map(|spread| Sites { spread, kind_of: target.map(kinds).unwrap_or_default() }),
    }
}

/// The kind of each cell of a population; empty if all are of one.
fn kinds(population: &PopulationPlan) -> Vec<u32> {
    let several = population.cells.as_ref().filter(|cells| cells.kinds.len() > 1);
    several.map(|cells| (0..population.size).map(|cell| cells.kind_of(cell) as u32).collect()).unwrap_or_default()
}

fn stimulus(plan: &InputPlan, to: Vec<String>) -> Stimulus {
    let time = |ms: &f64| Milliseconds(*ms);
    let source = match &plan.source {
        SourcePlan::Poisson { schedule } => {
            StimulusSource::Poisson { rate: schedule.iter().map(|s| (time(&s.start_ms), Hertz(s.rate_per_ms * 1000.0))).collect() }
        }
        SourcePlan::SpikeList(times) => StimulusSource::SpikeList { times: times.iter().map(time).collect() },
        SourcePlan::SpikeFile(spikes) => {
            StimulusSource::SpikesByNeuron { spikes: spikes.iter().map(|(ms, neuron)| (time(ms), *neuron)).collect() }
        }
        SourcePlan::StepCurrent { amplitude, start_ms, stop_ms } => {
            StimulusSource::StepCurrent { amplitude: amplitude.clone(), start: time(start_ms), stop: stop_ms.as_ref().map(time) }
        }
        SourcePlan::RampCurrent { from, to, start_ms, stop_ms } => {
            StimulusSource::RampCurrent { from: from.clone(), to: to.clone(), start: time(start_ms), stop: time(stop_ms) }
        }
        SourcePlan::SineCurrent { offset, amplitude, frequency_per_ms, phase, start_ms, stop_ms } => StimulusSource::SineCurrent {
            offset: offset.clone(),
            amplitude: amplitude.clone(),
            frequency: Hertz(frequency_per_ms * 1000.0),
            phase: *phase,
            start: time(start_ms),
            stop: stop_ms.as_ref().map(time),
        },
        SourcePlan::FunctionCurrent { value, time: clock, columns, start_ms, stop_ms } => StimulusSource::FunctionCurrent {
            value: value.clone(),
            time: *clock,
            columns: columns.clone(),
            start: time(start_ms),
            stop: stop_ms.as_ref().map(time),
        },
        SourcePlan::OrnsteinUhlenbeckCurrent { mean, standard_deviation, time_constant_ms, start_ms, stop_ms } => {
            StimulusSource::OrnsteinUhlenbeckCurrent {
                mean: mean.clone(),
                standard_deviation: standard_deviation.clone(),
                time_constant: time(time_constant_ms),
                start: time(start_ms),
                stop: stop_ms.as_ref().map(time),
            }
        }
        SourcePlan::NoiseCurrent { mean, standard_deviation, interval_ms } => StimulusSource::NoiseCurrent {
            mean: mean.clone(),
            standard_deviation: standard_deviation.clone(),
            interval: time(interval_ms),
            start: Milliseconds(0.0),
            stop: None,
        },
    };
    Stimulus {
        name: plan.name.clone(),
        to,
        neurons: plan.neurons.clone(),
        sites: plan.sites.clone(),
        source,
        weight: plan.weight.clone(),
        receptor: plan.receptor.clone(),
        delay: Milliseconds(plan.delay_ms),
    }
}

/// Meters for all populations, and tables for the recorders.
fn recording(plan: &Plan, app: &mut App, entities: &[Entity], keep: bool) -> Result<Recording, ExperimentError> {
    let place = plan.populations.first().map(|p| p.place.clone());
    let outside = |error: neuropil_record::RecordError| match &place {
        Some(place) => refused(place, error),
        None => ExperimentError::Unreadable { file: plan.path.display().to_string(), reason: error.to_string() },
    };
    let ranges = populations(app, entities);
    let meter = SpikeMeter::new(&ranges, plan.time_step_ms).map_err(outside)?;
    let mut recording = Recording { meter, spikes: None, traces: Vec::new(), paintings: Vec::new() };
    if !keep {
        return Ok(recording);
    }
    for recorder in &plan.recorders {
        match recorder {
            // Weights are read when the run has ended; spikes of all recorders are in one table; cells are drawn where results are written.
            RecorderPlan::Weights { .. } | RecorderPlan::Spikes { .. } | RecorderPlan::Cell { .. } => {}
            RecorderPlan::Trace { name, of, variable, mechanism, interval_ms, neurons, compartments, .. } => {
                let place = (variable.as_str(), *mechanism, compartments.as_deref());
                recording.traces.extend(trace(app, entities, plan, name, of, place, *interval_ms, neurons.as_deref()).map_err(outside)?);
            }
        }
    }
    recording.paintings = super::pictures::paintings(plan, app, entities);
    let kept: Vec<(&neuropil_record::Population, Vec<u32>)> =
        ranges.iter().enumerate().map(|(k, range)| (range, plan.spikes_kept(k))).filter(|(_, neurons)| !neurons.is_empty()).collect();
    if !kept.is_empty() {
        let whole: Vec<neuropil_record::Population> = kept.iter().map(|(range, _)| (*range).clone()).collect();
        let mut table = SpikeTable::new(&whole, plan.time_step_ms).map_err(outside)?;
        for (place, (range, neurons)) in kept.iter().enumerate() {
            table = table.with_selection(place, neurons.iter().map(|neuron| range.first + neuron));
        }
        recording.spikes = Some(table.with_names(names(plan, &ranges)));
    }
    Ok(recording)
}

/// The names of neurons that have one, by identifier.
fn names(plan: &Plan, ranges: &[neuropil_record::Population]) -> BTreeMap<u32, String> {
    let mut names = BTreeMap::new();
    for (number, (population, range)) in plan.populations.iter().zip(ranges).enumerate().filter(|(_, (p, _))| p.nodes.is_some()) {
        let named =
            (0..population.size).filter_map(|index| Some((range.first + index as u32, plan.neuron_name(number, index)?.to_owned())));
        names.extend(named);
    }
    names
}

/// The populations as recorders know them.
pub(crate) fn populations(app: &App, entities: &[Entity]) -> Vec<neuropil_record::Population> {
    let of = |entity: &Entity| app.world().get::<Population>(*entity);
    entities.iter().filter_map(of).map(|p| neuropil_record::Population::new(&p.name, p.first, p.size)).collect()
}

#[expect(clippy::too_many_arguments, reason = "the fields of a recorder")]
fn trace(
    app: &App,
    entities: &[Entity],
    plan: &Plan,
    name: &str,
    of: &[usize],
    (variable, mechanism, compartments): (&str, Option<usize>, Option<&[u32]>),
    interval_ms: f64,
    neurons: Option<&[Vec<u32>]>,
) -> Result<Option<Trace>, neuropil_record::RecordError> {
    let (mut ids, mut members) = (Vec::new(), Vec::new());
    let mut found = None;
    for (position, index) in of.iter().enumerate() {
        let entity = entities[*index];
        let (Some(population), Some(own)) = (app.world().get::<Population>(entity), app.world().get::<Members>(entity)) else { continue };
        let registry = app.world().resource::<Registry<ModelEntry>>();
        found = found.or_else(|| registry.get(&population.model).and_then(|m| m.state.iter().find(|v| v.name == variable)).copied());
        let cells = plan.populations.get(*index).and_then(|population| population.cells.as_ref());
        found = found.or_else(|| cells.and(super::cells::variable(variable, compartments.is_some())));
        let kinds = cells.map_or(&[][..], |cells| &cells.kinds);
        let instances: Option<Vec<_>> = mechanism
            .and_then(|mechanism| kinds.iter().map(|kind| super::cells::instance_variable(app, kind, mechanism, variable)).collect());
        found = found.or_else(|| Some(instances.as_ref()?.first()?.1.description));
        let own_choice = neurons.map(|lists| lists.get(position).map_or(&[][..], Vec::as_slice));
        let chosen: Vec<u32> = own_choice
            .map_or_else(|| (0..population.size).collect(), |list| list.iter().copied().filter(|n| *n < population.size).collect());
        ids.extend(chosen.iter().map(|n| population.first + n));
        match compartments.zip(cells) {
            Some((compartments, cells)) => members.extend(chosen.iter().filter_map(|neuron| {
                let kind = cells.kind_of(*neuron as usize);
                let compartment = *compartments.get(kind)?;
                match &instances {
                    Some(instances) => {
                        let (painting, variable) = instances.get(kind)?;
                        let node = *cells.kinds.get(kind)?.shape.nodes.get(compartment as usize)?;
                        app.instance(entity, (*painting, variable.state), *neuron, node)
                    }
                    None => super::cells::compartment(app, cells.kinds.get(kind)?, own.0[*neuron as usize], compartment),
                }
            })),
            None => members.extend(chosen.iter().map(|n| own.0[*n as usize])),
        }
    }
    let Some(description) = found else { return Ok(None) };
    let table = TraceTable::new(vec![TraceVariable::new(variable, description.unit)], ids, plan.time_step_ms)?
        .with_names(names(plan, &populations(app, entities)));
    let interval = ((interval_ms / plan.time_step_ms).round() as u64).max(1);
    Ok(Some(Trace { name: name.to_string(), table, interval, entities: members, variable: description }))
}
