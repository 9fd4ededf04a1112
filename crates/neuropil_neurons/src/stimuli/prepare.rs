//! From a stimulus that was asked for to what the steps use: names are resolved, values drawn, times turned into steps.

use super::current::{Current, Currents, Function, InjectedCurrent, Shape};
use super::poisson::{MAXIMAL_MEAN, PoissonDrive, PoissonDrives, PoissonTable};
use super::poisson_schedule::{RateSchedule, RateSchedules};
use super::spike_list::{Event, SpikeLists, ToReceptors, ToSources};
use super::stimulus::{Stimuli, Stimulus, StimulusError, StimulusSource, Waiting};
use super::targets::{Column, Rows, draw, route};
use bevy_ecs::prelude::*;
use neuropil_core::arrivals::UNIT;
use neuropil_core::layout::GROUP;
use neuropil_core::{Arrivals, Clock, Fault, FaultReport, Population, Populations, RunSettings};
use neuropil_units::{Hertz, Milliseconds, Program, suggestion};

/// Prepares all stimuli that wait for the network.
pub(crate) fn prepare_stimuli(world: &mut World) {
    let mut waiting: Vec<(u32, Entity, Stimulus)> =
        world.query::<(Entity, &Waiting, &Stimulus)>().iter(world).map(|(e, w, s)| (w.0, e, s.clone())).collect();
    waiting.sort_by_key(|(number, ..)| *number);
    for (number, entity, stimulus) in waiting {
        world.entity_mut(entity).remove::<Waiting>();
        if let Err(error) = check(world, &stimulus).and_then(|()| prepare(world, &stimulus, number)) {
            world.resource::<FaultReport>().report(Fault::Build(error.to_string()));
            return;
        }
    }
}

/// Makes errors of one stimulus.
struct Refusal<'a>(&'a str);

impl Refusal<'_> {
    fn range(&self, what: impl Into<String>, found: impl ToString, expected: impl Into<String>) -> StimulusError {
        let (stimulus, found) = (self.0.to_string(), found.to_string());
        StimulusError::OutOfRange { stimulus, what: what.into(), found, expected: expected.into() }
    }

    fn mismatch(&self, problem: impl Into<String>) -> StimulusError {
        StimulusError::Mismatch { stimulus: self.0.to_string(), problem: problem.into() }
    }

    /// A time that must be a number of whole steps, at least 0, after rounding.
    fn steps(&self, clock: &Clock, what: &str, time: Milliseconds) -> Result<u64, StimulusError> {
        clock.steps(time).ok_or_else(|| self.range(what, time, "a time of at least 0 ms"))
    }

    /// The first step that begins at or after a moment.
    fn first_step(&self, clock: &Clock, what: &str, time: Milliseconds) -> Result<u64, StimulusError> {
        self.steps(clock, what, time)?;
        Ok((time.0 / clock.time_step().0 - 1e-9).ceil().max(0.0) as u64 + 1)
    }

    /// First and last step within a window.
    fn window(&self, clock: &Clock, start: Milliseconds, stop: Option<Milliseconds>) -> Result<(u64, u64), StimulusError> {
        let first = self.first_step(clock, "its start", start)?;
        let Some(stop) = stop else { return Ok((first, u64::MAX)) };
        self.steps(clock, "its stop", stop)?;
        if stop <= start {
            return Err(self.range("its stop", stop, format!("a time after its start, {start}")));
        }
        Ok((first, (stop.0 / clock.time_step().0 + 1e-9).floor() as u64))
    }

    fn ascending(&self, times: impl Iterator<Item = Milliseconds>) -> Result<(), StimulusError> {
        let mut last = Milliseconds(0.0);
        for (k, time) in times.enumerate() {
            if !(time.0 >= 0.0 && time.0.is_finite()) {
                return Err(self.range(format!("time {k} (counted from 0)"), time, "a time of at least 0 ms"));
            }
            if time < last {
                return Err(self.range(
                    format!("time {k} (counted from 0)"),
                    time,
                    format!("at least the time before it, {last}: times must ascend"),
                ));
            }
            last = time;
        }
        Ok(())
    }
}

/// The populations that a stimulus drives.
fn targets(world: &World, stimulus: &Stimulus) -> Result<Vec<(Entity, Population)>, StimulusError> {
    let entities = world.resource::<Populations>().entities();
    let known: Vec<(Entity, &Population)> = entities.iter().filter_map(|e| Some((*e, world.get::<Population>(*e)?))).collect();
    let find = |name: &String| {
        known.iter().find(|(_, p)| p.name == *name).map(|(e, p)| (*e, (*p).clone())).ok_or_else(|| StimulusError::Unknown {
            stimulus: stimulus.name.clone(),
            kind: "population",
            found: name.clone(),
            hint: suggestion(name, known.iter().map(|(_, p)| p.name.as_str())),
        })
    };
    stimulus.to.iter().map(find).collect()
}

/// A population of neurons that give spikes of their own.
fn is_source(population: &Population) -> bool {
    population.emits_only
}

/// Checks all that can be checked without drawing.
pub(crate) fn check(world: &World, stimulus: &Stimulus) -> Result<(), StimulusError> {
    let refuse = Refusal(&stimulus.name);
    let clock = world.resource::<Clock>();
    let targets = targets(world, stimulus)?;
    if targets.is_empty() {
        return Err(refuse.mismatch("it drives no population; expected at least one in `to`"));
    }
    for (k, (_, population)) in targets.iter().enumerate() {
        if targets[..k].iter().any(|(_, p)| p.index == population.index) {
            return Err(refuse.mismatch(format!("it names population `{}` twice", population.name)));
        }
        let mut seen = vec![false; population.size as usize];
        for neuron in stimulus.neurons.iter().flatten() {
            match seen.get_mut(*neuron as usize) {
                None => return Err(refuse.range("a neuron", neuron, within(population))),
                Some(true) => return Err(refuse.range("a neuron", neuron, "each neuron once")),
                Some(seen) => *seen = true,
            }
        }
        check_kind(&refuse, stimulus, population)?;
    }
    refuse.steps(clock, "its delay", stimulus.delay)?;
    check_source(&refuse, clock, &stimulus.source, &targets)
}

fn within(population: &Population) -> String {
    format!("0 to {}, a neuron of `{}`", population.size - 1, population.name)
}

/// Whether what the stimulus gives and says fits what the population takes.
fn check_kind(refuse: &Refusal<'_>, stimulus: &Stimulus, population: &Population) -> Result<(), StimulusError> {
    let name = &population.name;
    if !stimulus.source.gives_spikes() {
        if is_source(population) {
            return Err(refuse.mismatch(format!("it is a current, and the neurons of `{name}` ({}) take none", population.model)));
        }
        if stimulus.weight.is_some() || stimulus.receptor.is_some() {
            return Err(refuse.mismatch("it is a current, and has neither weight nor receptor"));
        }
        if stimulus.sites.len() > 1 {
            return Err(refuse.mismatch("it is a current, and goes to one place, the same electrode of each cell"));
        }
        return Ok(());
    }
    if is_source(population) {
        if population.model != "SpikeSource" || matches!(stimulus.source, StimulusSource::Poisson { .. }) {
            return Err(refuse.mismatch(format!(
                "the neurons of `{name}` ({}) take no spikes; those of a SpikeSource take lists of spikes",
                population.model
            )));
        }
        if stimulus.weight.is_some() || stimulus.receptor.is_some() {
            return Err(refuse.mismatch(format!("the neurons of `{name}` give its spikes as they are: leave out weight and receptor")));
        }
        return Ok(());
    }
    let Some(weight) = &stimulus.weight else { return Err(refuse.mismatch("its spikes need a weight")) };
    if let Some(receptor) = &stimulus.receptor
        && !population.receptors.iter().any(|r| r.name == *receptor)
    {
        let hint = suggestion(receptor, population.receptors.iter().map(|r| r.name.as_ref()));
        return Err(StimulusError::Unknown { stimulus: stimulus.name.clone(), kind: "receptor", found: receptor.clone(), hint });
    }
    if stimulus.sites.len() > 1 && stimulus.sites.len() != population.size as usize {
        let (found, size) = (stimulus.sites.len(), population.size);
        return Err(refuse.mismatch(format!("it gives places for {found} neurons; `{name}` has {size}")));
    }
    match weight.as_constant() {
        Some(weight) => channel_of(refuse, stimulus, population, weight as f32).map(drop),
        None => Ok(()),
    }
}

/// Channel and factor of a weight.
fn channel_of(refuse: &Refusal<'_>, stimulus: &Stimulus, population: &Population, weight: f32) -> Result<(u32, f32), StimulusError> {
    if !weight.is_finite() {
        return Err(refuse.range("a weight", weight, "a number within the range of f32"));
    }
    route(population, stimulus.receptor.as_deref(), weight).ok_or_else(|| {
        let receptor =
            stimulus.receptor.as_ref().map_or_else(|| format!("a receptor of `{}`", population.name), |r| format!("receptor `{r}`"));
        refuse.range("a weight", weight, format!("the sign that {receptor} takes"))
    })
}

/// Checks times, rates and intervals.
fn check_source(
    refuse: &Refusal<'_>,
    clock: &Clock,
    source: &StimulusSource,
    targets: &[(Entity, Population)],
) -> Result<(), StimulusError> {
    match source {
        StimulusSource::Poisson { rate } => {
            refuse.ascending(rate.iter().map(|(start, _)| *start))?;
            for (start, rate) in rate {
                refuse.steps(clock, "a start", *start)?;
                if PoissonTable::new(mean(*rate, clock)).is_none() {
                    let most = Hertz(MAXIMAL_MEAN * 1000.0 / clock.time_step().0);
                    return Err(refuse.range("a rate", rate, format!("0 Hz to {most}, {MAXIMAL_MEAN} events a step")));
                }
            }
        }
        StimulusSource::SpikeList { times } => {
            refuse.ascending(times.iter().copied())?;
            times.iter().try_for_each(|time| refuse.steps(clock, "a time", *time).map(drop))?;
        }
        StimulusSource::SpikesByNeuron { spikes } => {
            refuse.ascending(spikes.iter().map(|(time, _)| *time))?;
            for (time, neuron) in spikes {
                refuse.steps(clock, "a time", *time)?;
                if let Some((_, population)) = targets.iter().find(|(_, p)| *neuron >= p.size) {
                    return Err(refuse.range("a neuron", neuron, within(population)));
                }
            }
        }
        StimulusSource::StepCurrent { start, stop, .. } => drop(refuse.window(clock, *start, *stop)?),
        StimulusSource::FunctionCurrent { value, start, stop, .. } => {
            refuse.window(clock, *start, *stop)?;
            if value.is_random() {
                return Err(refuse.range("its value", "random", "a function of time; noise is a source of its own"));
            }
        }
        StimulusSource::RampCurrent { start, stop, .. } => drop(refuse.window(clock, *start, Some(*stop))?),
        StimulusSource::SineCurrent { frequency, phase, start, stop, .. } => {
            refuse.window(clock, *start, *stop)?;
            if !(frequency.0 >= 0.0 && frequency.0.is_finite()) {
                return Err(refuse.range("its frequency", frequency, "at least 0 Hz"));
            }
            if !phase.is_finite() {
                return Err(refuse.range("its phase", phase, "a finite number of radians"));
            }
        }
        StimulusSource::OrnsteinUhlenbeckCurrent { time_constant, start, stop, .. } => {
            refuse.window(clock, *start, *stop)?;
            if !(time_constant.0 > 0.0 && time_constant.0.is_finite()) {
                return Err(refuse.range("its time_constant", time_constant, "more than 0 ms"));
            }
        }
        StimulusSource::NoiseCurrent { interval, start, stop, .. } => {
            refuse.window(clock, *start, *stop)?;
            if refuse.steps(clock, "its interval", *interval)? == 0 {
                return Err(refuse.range("its interval", interval, format!("at least a step, {}", clock.time_step())));
            }
        }
    }
    Ok(())
}

/// Mean number of events a step.
fn mean(rate: Hertz, clock: &Clock) -> f64 {
    rate.0 * clock.time_step().0 / 1000.0
}

/// Draws the values of a stimulus that has been checked, and puts what the steps need where they find it.
pub(crate) fn prepare(world: &mut World, stimulus: &Stimulus, number: u32) -> Result<(), StimulusError> {
    let seed = world.resource::<RunSettings>().seed;
    for (entity, population) in targets(world, stimulus)? {
        let task = Task {
            stimulus,
            refuse: Refusal(&stimulus.name),
            clock: *world.resource::<Clock>(),
            seed,
            number,
            entity,
            population: &population,
        };
        match &stimulus.source {
            StimulusSource::Poisson { rate } => task.poisson(world, rate)?,
            StimulusSource::SpikeList { times } => task.spikes(world, times.iter().map(|time| (*time, None)))?,
            StimulusSource::SpikesByNeuron { spikes } => task.spikes(world, spikes.iter().map(|(time, neuron)| (*time, Some(*neuron))))?,
            _ => task.current(world)?,
        }
    }
    Ok(())
}

/// One stimulus and one of its populations.
struct Task<'a> {
    stimulus: &'a Stimulus,
    refuse: Refusal<'a>,
    clock: Clock,
    seed: u64,
    number: u32,
    entity: Entity,
    population: &'a Population,
}

impl Task<'_> {
    fn rows(&self) -> Rows {
        Rows::new(self.population, self.stimulus.neurons.as_deref())
    }

    fn draw<const N: usize>(&self, programs: [&Program; N], rows: &Rows) -> Result<[Column; N], StimulusError> {
        let drawn = draw(programs, self.seed, self.number, self.population, rows);
        let drawn = drawn.map_err(|error| StimulusError::Expression { stimulus: self.stimulus.name.clone(), error })?;
        drawn.ok_or_else(|| self.refuse.range("a value", "beyond 3.4e38", "a number within the range of f32"))
    }

    /// Steps of the delay, at least one.
    fn delay(&self) -> Result<u64, StimulusError> {
        match self.refuse.steps(&self.clock, "its delay", self.stimulus.delay)? {
            0 => Err(self.refuse.range("its delay", self.stimulus.delay, format!("at least a step, {}", self.clock.time_step()))),
            steps => Ok(steps),
        }
    }

    /// Index, channel and weight of each target.
    fn weights(&self) -> Result<Vec<(u32, u32, f32)>, StimulusError> {
        let rows = self.rows();
        let Some(program) = &self.stimulus.weight else { return Ok(Vec::new()) };
        let [weights] = self.draw([program], &rows)?;
        let sites = &self.stimulus.sites;
        let weigh = |(k, row): (usize, u32)| {
            let (channel, factor) = channel_of(&self.refuse, self.stimulus, self.population, weights.at(k))?;
            let site = if sites.len() > 1 { sites[row as usize] } else { sites.first().copied().unwrap_or(0) };
            let receptor = self.population.channel.iter().position(|first| *first == channel as usize);
            let places = receptor.and_then(|receptor| self.population.places.get(receptor)).copied().unwrap_or(1);
            if sites.is_empty() && places > 1 {
                return Err(self.refuse.mismatch(format!("the receptor has {places} places in a cell, and `sites` names none")));
            }
            if site >= places {
                return Err(self.refuse.range("a place", site, format!("less than {places}, the places of the receptor")));
            }
            Ok((row, channel + site, factor * weights.at(k)))
        };
        rows.iter().enumerate().map(weigh).collect()
    }

    fn poisson(&self, world: &mut World, rate: &[(Milliseconds, Hertz)]) -> Result<(), StimulusError> {
        let (size, delay, targets) = (self.population.size as usize, self.delay()?, self.weights()?);
        let mut changes = Vec::with_capacity(rate.len());
        for (start, rate) in rate {
            // A rate from the start of time on has been there before: nothing is delayed.
            let shift = if start.0 > 0.0 { delay } else { 0 };
            let first = self.refuse.first_step(&self.clock, "a start", *start)? + shift;
            changes.push((first, PoissonTable::new(mean(*rate, &self.clock)).filter(|_| rate.0 > 0.0)));
        }
        let Some(table) = PoissonTable::new(0.0) else { return Ok(()) };
        let number = world.resource_mut::<Stimuli>().take_drive();
        let mut entity = world.entity_mut(self.entity);
        let mut all = entity.take::<PoissonDrives>().unwrap_or_default();
        let mut drives = Vec::new();
        for channel in 0..self.population.channels as u32 {
            // One train a neuron: drives of one number draw the same events, each for the targets of its own channel.
            let own: Vec<&(u32, u32, f32)> = targets.iter().filter(|(_, c, _)| *c == channel).collect();
            let Some((.., weight)) = own.first() else { continue };
            let alike = own.len() == size && own.iter().all(|(.., w)| w == weight);
            let mut weights = if alike { Vec::new() } else { vec![0.0; size] };
            if !alike {
                own.iter().for_each(|(row, _, w)| weights[*row as usize] = *w);
            }
            drives.push(all.0.len());
            let (mut groups, mut units): (Vec<u32>, Vec<u8>) = (Vec::new(), Vec::new());
            for (row, ..) in &own {
                if groups.last() != Some(&(row / GROUP)) {
                    groups.push(row / GROUP);
                    units.push(0);
                }
                if let Some(last) = units.last_mut() {
                    *last |= 1 << (row % GROUP / UNIT as u32);
                }
            }
            all.0.push(PoissonDrive {
                number,
                channel: channel as usize,
                table: table.clone(),
                weight: *weight,
                weights,
                groups,
                units,
                active: false,
            });
        }
        entity.insert(all);
        world.resource_mut::<RateSchedules>().0.push(RateSchedule { population: self.entity, drives, changes, next: 0 });
        Ok(())
    }

    fn spikes(&self, world: &mut World, spikes: impl Iterator<Item = (Milliseconds, Option<u32>)>) -> Result<(), StimulusError> {
        let relay = is_source(self.population);
        let delay = if relay { 0 } else { self.delay()? };
        let rows = self.rows();
        let mut events: Vec<Event> = Vec::new();
        for (time, neuron) in spikes {
            let step = self.refuse.steps(&self.clock, "a time", time)? + delay;
            if step <= self.clock.step() {
                let now = self.clock.now();
                return Err(self.refuse.range(
                    "a time",
                    time,
                    format!("one that is still to come: it is {now}, and the first step ends at {}", self.clock.time_step()),
                ));
            }
            let target = match (neuron, &rows) {
                (Some(neuron), Rows::Listed(listed)) => match listed.binary_search(&neuron) {
                    Ok(place) => Some(place as u32),
                    // Spikes of neurons that the stimulus leaves out.
                    Err(_) => continue,
                },
                (target, _) => target,
            };
            events.push((step, target));
        }
        if relay {
            ask_through_current(world, self.entity, self.population);
            let list = ToSources { events, next: 0, targets: rows.iter().collect(), population: self.entity };
            world.resource_mut::<SpikeLists>().to_sources.push(list);
        } else {
            let list = ToReceptors { events, next: 0, targets: self.weights()?, population: self.population.index };
            world.resource_mut::<Arrivals>().add_wide();
            world.resource_mut::<SpikeLists>().to_receptors.push(list);
        }
        Ok(())
    }

    fn current(&self, world: &mut World) -> Result<(), StimulusError> {
        let rows = self.rows();
        let (clock, refuse, dt) = (&self.clock, &self.refuse, self.clock.time_step().0);
        let ((first, last), shape) = match &self.stimulus.source {
            StimulusSource::StepCurrent { amplitude, start, stop } => {
                let [amplitude] = self.draw([amplitude], &rows)?;
                (refuse.window(clock, *start, *stop)?, Shape::Constant(amplitude))
            }
            StimulusSource::RampCurrent { from, to, start, stop } => {
                let [from, to] = self.draw([from, to], &rows)?;
                (refuse.window(clock, *start, Some(*stop))?, Shape::Ramp { from, to, start: start.0, stop: stop.0 })
            }
            StimulusSource::SineCurrent { offset, amplitude, frequency, phase, start, stop } => {
                let [offset, amplitude] = self.draw([offset, amplitude], &rows)?;
                let phase = phase / std::f64::consts::TAU;
                let shape = Shape::Sine { offset, amplitude, frequency: frequency.0 / 1000.0, phase, start: start.0 };
                (refuse.window(clock, *start, *stop)?, shape)
            }
            StimulusSource::FunctionCurrent { value, time, columns, start, stop } => {
                let length = rows.len();
                if let Some(column) = columns.iter().find(|column| !column.is_empty() && column.len() != length) {
                    return Err(refuse.range("a column", column.len(), format!("{length} values, one for each driven neuron")));
                }
                let function = Function::new(value.clone(), *time, columns.clone(), length, dt);
                (refuse.window(clock, *start, *stop)?, Shape::Function(Box::new(function)))
            }
            StimulusSource::OrnsteinUhlenbeckCurrent { mean, standard_deviation, time_constant, start, stop } => {
                let [mean, deviation] = self.draw([mean, standard_deviation], &rows)?;
                self.check_deviation(&deviation)?;
                let x = -dt / time_constant.0;
                let (decay, kick) = (x.exp() as f32, (-(2.0 * x).exp_m1()).sqrt() as f32);
                let above = vec![0.0; rows.len()];
                (refuse.window(clock, *start, *stop)?, Shape::OrnsteinUhlenbeck { mean, deviation, decay, kick, above })
            }
            StimulusSource::NoiseCurrent { mean, standard_deviation, interval, start, stop } => {
                let [mean, deviation] = self.draw([mean, standard_deviation], &rows)?;
                self.check_deviation(&deviation)?;
                let interval = refuse.steps(clock, "its interval", *interval)?.max(1);
                let above = vec![0.0; rows.len()];
                (refuse.window(clock, *start, *stop)?, Shape::Noise { mean, deviation, interval, above })
            }
            StimulusSource::Poisson { .. } | StimulusSource::SpikeList { .. } | StimulusSource::SpikesByNeuron { .. } => return Ok(()),
        };
        let number = world.resource_mut::<Stimuli>().take_drive();
        ask_through_current(world, self.entity, self.population);
        let mut entity = world.entity_mut(self.entity);
        let mut currents = entity.take::<Currents>().unwrap_or_default();
        currents.add(Current { number, rows, site: self.stimulus.sites.first().copied().unwrap_or(0), first, last, shape, active: false });
        entity.insert(currents);
        Ok(())
    }

    fn check_deviation(&self, deviation: &Column) -> Result<(), StimulusError> {
        let least = deviation.least();
        if least < 0.0 { Err(self.refuse.range("its standard_deviation", least, "at least 0")) } else { Ok(()) }
    }
}

/// Gives a population a current, if it has none.
pub(crate) fn ask_through_current(world: &mut World, entity: Entity, population: &Population) {
    if !world.entity(entity).contains::<InjectedCurrent>() {
        world.entity_mut(entity).insert(InjectedCurrent(vec![0.0; population.size as usize]));
    }
}
