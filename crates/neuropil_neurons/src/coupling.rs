//! Electrical synapses as neurons feel them: potentials are read, the current is injected, and the corrected potentials are written.

use crate::population::MembraneCapacitance;
use crate::state::{MembranePotential, PreciseMembranePotential, RefractorySteps};
use bevy_app::{App, Plugin};
use bevy_ecs::change_detection::ContiguousMut;
use bevy_ecs::prelude::*;
use neuropil_core::{Build, Clock, Coupling, Fault, FaultReport, NeuronId, NeuropilSystems, Population, Populations, SpikeExchange, Step};

/// Current that electrical synapses let into each neuron of a population in this step, pA; on populations that have such synapses.
#[derive(Component, Clone, Debug, Default)]
pub struct CouplingCurrent(pub Vec<f32>);

/// Marks populations whose potentials are not corrected after a step: the current alone couples them, explicitly, with the potentials of the step before.
#[derive(Component, Clone, Copy, Debug, Default)]
pub struct ExplicitCoupling;

/// Couples the potentials of neurons that electrical synapses join; see [`neuropil_core::coupling`] for the method.
#[derive(Default)]
pub struct CouplingPlugin;

impl Plugin for CouplingPlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Build, prepare.in_set(NeuropilSystems::Prepare).ambiguous_with_all())
            .add_systems(Step, inject_currents.in_set(NeuropilSystems::Deliver))
            .add_systems(Step, correct_potentials.in_set(NeuropilSystems::Couple));
    }
}

/// Gives the populations of coupled neurons room for the current.
fn prepare(mut commands: Commands, coupling: Res<Coupling>, populations: Query<(Entity, &Population)>) {
    for (entity, population) in &populations {
        let ids = population.ids();
        if coupling.members().iter().any(|id| ids.contains(id)) {
            commands.entity(entity).insert(CouplingCurrent(vec![0.0; population.size as usize]));
        }
    }
}

/// Where coupled neurons lie: table of f32 or of f64 potentials, and row; `None` for one that was despawned.
type Place = Option<(bool, u32, u32)>;

type Potentials<'w, 's, T> = Query<'w, 's, (&'static NeuronId, &'static mut T, Option<&'static RefractorySteps>)>;

/// One table: ids, potentials, refractory steps.
struct Table<'a, T> {
    ids: &'a [NeuronId],
    potentials: &'a mut [T],
    refractory: Option<&'a [RefractorySteps]>,
}

/// All tables, and the places of the members in them.
struct View<'a> {
    single: Vec<Table<'a, MembranePotential>>,
    double: Vec<Table<'a, PreciseMembranePotential>>,
}

impl View<'_> {
    fn id(&self, (double, table, row): (bool, u32, u32)) -> Option<u32> {
        let (table, row) = (table as usize, row as usize);
        let ids = if double { self.double.get(table).map(|t| t.ids) } else { self.single.get(table).map(|t| t.ids) };
        ids?.get(row).map(|id| id.0)
    }

    /// Finds the members' places anew where one has moved.
    fn follow(&self, members: &[u32], places: &mut Vec<Place>) {
        let holds = |(id, place): (&u32, &Place)| place.is_some_and(|place| self.id(place) == Some(*id));
        if places.len() == members.len() && members.iter().zip(places.iter()).all(holds) {
            return;
        }
        places.clear();
        places.resize(members.len(), None);
        let single = self.single.iter().map(|t| t.ids).enumerate().map(|(k, ids)| (false, k, ids));
        let double = self.double.iter().map(|t| t.ids).enumerate().map(|(k, ids)| (true, k, ids));
        for (is_double, table, ids) in single.chain(double) {
            for (row, id) in ids.iter().enumerate() {
                if let Ok(member) = members.binary_search(&id.0) {
                    places[member] = Some((is_double, table as u32, row as u32));
                }
            }
        }
    }

    /// Potential in mV, and whether the neuron is refractory.
    fn read(&self, place: Place) -> Option<(f64, bool)> {
        let (double, table, row) = place?;
        let (table, row) = (table as usize, row as usize);
        let refractory = |steps: Option<&[RefractorySteps]>| steps.is_some_and(|steps| steps[row].0 > 0);
        Some(if double {
            (self.double[table].potentials[row].0, refractory(self.double[table].refractory))
        } else {
            (f64::from(self.single[table].potentials[row].0), refractory(self.single[table].refractory))
        })
    }

    fn write(&mut self, place: Place, potential: f64) {
        match place {
            Some((true, table, row)) => self.double[table as usize].potentials[row as usize].0 = potential,
            Some((false, table, row)) => self.single[table as usize].potentials[row as usize].0 = potential as f32,
            None => {}
        }
    }
}

impl<'a> View<'a> {
    fn new(single: &'a mut Potentials<MembranePotential>, double: &'a mut Potentials<PreciseMembranePotential>) -> Self {
        // Potentials always lie in tables: these components say so where they are defined.
        let single = single.contiguous_iter_mut().into_iter().flatten();
        let double = double.contiguous_iter_mut().into_iter().flatten();
        Self {
            single: single
                .map(|(ids, v, refractory)| Table { ids, potentials: ContiguousMut::bypass_change_detection_split(v).0, refractory })
                .collect(),
            double: double
                .map(|(ids, v, refractory)| Table { ids, potentials: ContiguousMut::bypass_change_detection_split(v).0, refractory })
                .collect(),
        }
    }
}

/// Reads the potentials before a step, and hands each population the currents that flow at them.
pub(crate) fn inject_currents(
    mut coupling: ResMut<Coupling>,
    order: Res<Populations>,
    mut single: Potentials<MembranePotential>,
    mut double: Potentials<PreciseMembranePotential>,
    mut populations: Query<(&Population, &MembraneCapacitance, &mut CouplingCurrent)>,
    mut places: Local<Vec<Place>>,
) {
    if coupling.members().is_empty() {
        return;
    }
    let coupling = coupling.bypass_change_detection();
    let view = View::new(&mut single, &mut double);
    view.follow(coupling.members(), &mut places);
    for (member, place) in places.iter().enumerate() {
        // A neuron that is gone stays at its last potential.
        if let Some((potential, _)) = view.read(*place) {
            coupling.before[member] = potential;
        }
    }
    coupling.find_currents();
    let mut member = 0;
    for entity in order.entities() {
        let Ok((population, capacitance, mut current)) = populations.get_mut(*entity) else { continue };
        let (ids, current) = (population.ids(), &mut current.bypass_change_detection().0);
        while let Some(id) = coupling.members().get(member).copied().filter(|id| ids.contains(id)) {
            let index = id - ids.start;
            current[index as usize] = coupling.current[member] as f32;
            if let Some(own) = capacitance.0.get(index as usize).or(capacitance.0.first()) {
                coupling.capacitance[member] = *own;
            }
            member += 1;
        }
    }
}

/// Makes the changes of coupled potentials implicit.
#[expect(clippy::too_many_arguments, reason = "a system's arguments are its declared access")]
fn correct_potentials(
    clock: Res<Clock>,
    faults: Res<FaultReport>,
    exchange: Res<SpikeExchange>,
    mut coupling: ResMut<Coupling>,
    mut single: Potentials<MembranePotential>,
    mut double: Potentials<PreciseMembranePotential>,
    (mut resetting, mut explicit): (Local<Vec<bool>>, Local<Vec<bool>>),
    mut places: Local<Vec<Place>>,
    populations: Query<(&Population, Has<ExplicitCoupling>)>,
) {
    if coupling.members().is_empty() {
        return;
    }
    let coupling = coupling.bypass_change_detection();
    if resetting.is_empty() {
        let resets = |id: &u32| populations.iter().any(|(p, _)| p.resets && p.ids().contains(id));
        *resetting = coupling.members().iter().map(resets).collect();
        let is_explicit = |id: &u32| populations.iter().any(|(p, explicit)| explicit && p.ids().contains(id));
        *explicit = coupling.members().iter().map(is_explicit).collect();
    }
    let mut view = View::new(&mut single, &mut double);
    view.follow(coupling.members(), &mut places);
    for (member, place) in places.iter().enumerate() {
        let before = coupling.before[member];
        let (potential, refractory) = view.read(*place).unwrap_or((before, true));
        coupling.potential[member] = potential;
        // A potential that stood still although a current flowed is clamped.
        coupling.held[member] = explicit[member] || potential == before && (refractory || coupling.current[member] != 0.0);
    }
    for id in exchange.collected() {
        if let Some(member) = coupling.member(id).filter(|member| resetting[*member]) {
            coupling.held[member] = true;
        }
    }
    match coupling.correct(clock.time_step().0) {
        Ok(false) => {}
        Ok(true) => {
            for (member, place) in places.iter().enumerate().filter(|(member, _)| !coupling.held[*member]) {
                view.write(*place, coupling.potential[member]);
            }
        }
        Err(error) => faults.report(Fault::Other(format!("electrical synapses at {}: {error}", clock.now()))),
    }
}
