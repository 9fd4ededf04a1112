//! Thresholds at equilibrium: where a network of [graded neurons](crate::graded_neuron) rests with its present currents.

use crate::coupling::inject_currents;
use crate::graded_neuron::{GradedNeuron, GradedThreshold};
use crate::population::Members;
use crate::state::HalfActivationPotential;
use crate::stimuli::current::InjectedCurrent;
use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::laplacian::{Laplacian, Workspace};
use neuropil_core::{Clock, Coupling, Fault, FaultReport, Graded, Layout, NeuronId, NeuropilSystems, Population, Populations, Step};

/// Residual to which the system is solved, relative to its right-hand side.
const TOLERANCE: f64 = 1e-12;

pub(crate) fn add_systems(app: &mut App) {
    app.add_systems(Step, find_thresholds.in_set(NeuropilSystems::Deliver).after(inject_currents));
}

/// The linear system, but for injected currents; empty until it is needed.
#[derive(Default)]
pub(crate) struct System {
    /// Entities of the neurons whose thresholds are sought: they are the first nodes, in order of ids.
    neurons: Vec<Entity>,
    /// Neurons of other models that gap junctions lead to, by place among the coupled: the nodes that follow.
    outside: Vec<usize>,
    laplacian: Laplacian,
    /// Leak and synapses, nS.
    conductance: Vec<f64>,
    /// Currents at potential 0 of leak, bias and synapses, pA.
    drive: Vec<f64>,
    held: Vec<bool>,
    /// The solution, mV.
    potential: Vec<f64>,
    right: Vec<f64>,
    work: Workspace,
    /// Whether sources of other models contribute, whose values change.
    varies: bool,
}

type Thresholded<'w, 's> =
    Query<'w, 's, (Ref<'static, GradedNeuron>, &'static Population, &'static Members, Option<Ref<'static, InjectedCurrent>>)>;

/// Finds the thresholds anew where a current or a parameter has changed.
#[expect(clippy::too_many_arguments, reason = "a system's arguments are its declared access")]
fn find_thresholds(
    clock: Res<Clock>,
    faults: Res<FaultReport>,
    layout: Res<Layout>,
    order: Res<Populations>,
    graded: Res<Graded>,
    coupling: Res<Coupling>,
    populations: Thresholded,
    own: Query<&GradedNeuron, With<NeuronId>>,
    mut thresholds: Query<&mut HalfActivationPotential>,
    mut system: Local<System>,
) {
    let sought =
        || order.entities().iter().filter_map(|e| populations.get(*e).ok()).filter(|p| p.0.threshold == GradedThreshold::Equilibrium);
    let (mut any, mut changed, mut rebuild) = (false, false, system.neurons.is_empty());
    for (model, _, _, current) in sought() {
        any = true;
        rebuild |= model.is_changed();
        changed |= current.is_some_and(|c| c.is_changed());
    }
    if !any || !(rebuild || changed) {
        return;
    }
    let system = &mut *system;
    if rebuild || system.varies {
        let members: Vec<(&Population, &Members, &GradedNeuron)> = sought().map(|(m, p, e, _)| (p, e, m.into_inner())).collect();
        system.assemble(&members, &own, &graded, &coupling, &layout, clock.step());
    }
    system.right.clone_from(&system.drive);
    let mut node = 0;
    for (_, population, _, current) in sought() {
        for k in 0..population.size as usize {
            if let Some(current) = &current {
                system.right[node] += f64::from(current.0[k]);
            }
            node += 1;
        }
    }
    for (k, member) in system.outside.iter().enumerate() {
        system.potential[node + k] = coupling.before[*member];
    }
    let System { laplacian, conductance, right, held, potential, work, neurons, .. } = system;
    if let Err(error) = laplacian.solve(conductance, right, held, potential, TOLERANCE, work) {
        faults.report(Fault::Other(format!("thresholds at equilibrium at {}: {error}", clock.now())));
        return;
    }
    for (entity, potential) in neurons.iter().zip(&*potential) {
        if let Ok(mut threshold) = thresholds.get_mut(*entity) {
            threshold.bypass_change_detection().0 = *potential;
        }
    }
}

impl System {
    /// Sets up everything but injected currents.
    fn assemble(
        &mut self,
        populations: &[(&Population, &Members, &GradedNeuron)],
        own: &Query<&GradedNeuron, With<NeuronId>>,
        graded: &Graded,
        coupling: &Coupling,
        layout: &Layout,
        step: u64,
    ) {
        self.neurons = populations.iter().flat_map(|(_, members, _)| members.0.iter().copied()).collect();
        let parameters: Vec<&GradedNeuron> =
            populations.iter().flat_map(|(_, members, shared)| members.0.iter().map(|entity| own.get(*entity).unwrap_or(shared))).collect();
        let mut first = 0;
        let firsts: Vec<(&Population, usize)> = populations
            .iter()
            .map(|(population, ..)| {
                first += population.size as usize;
                (*population, first - population.size as usize)
            })
            .collect();
        let node_of = |id: u32| firsts.iter().find(|(p, _)| p.ids().contains(&id)).map(|(p, first)| first + (id - p.first) as usize);
        let leak = |p: &&GradedNeuron| p.leak_conductance.0;
        self.conductance = parameters.iter().map(leak).collect();
        self.drive = parameters.iter().map(|p| p.leak_conductance.0 * p.leak_reversal_potential.0 + p.bias_current.0).collect();
        self.varies = false;
        // Values that were sent in the last step.
        let sent = (!graded.is_empty()).then(|| graded.values(step - 1));
        for (number, block) in graded.blocks().iter().enumerate() {
            for (accumulator, synapses) in block.rows() {
                let Some((population, index, channel)) = layout.locate(number as u32, accumulator) else { continue };
                let Some((_, first)) = firsts.iter().find(|(p, _)| p.index == population) else { continue };
                let node = first + index as usize;
                let mut open = 0.0;
                for synapse in synapses {
                    let value = match (node_of(synapse.source), sent) {
                        (Some(source), _) => parameters[source].half_activity(),
                        (None, Some(sent)) => {
                            self.varies = true;
                            f64::from(sent[synapse.source as usize])
                        }
                        (None, None) => 0.0,
                    };
                    open += f64::from(synapse.weight) * value;
                }
                let p = parameters[node];
                let reversal = if channel == 0 { p.excitatory_reversal_potential } else { p.inhibitory_reversal_potential };
                self.conductance[node] += open;
                self.drive[node] += open * reversal.0;
            }
        }
        let inside = self.neurons.len();
        self.outside.clear();
        let mut nodes = Vec::with_capacity(coupling.members().len());
        for (member, id) in coupling.members().iter().enumerate() {
            nodes.push(node_of(*id).unwrap_or_else(|| {
                self.outside.push(member);
                inside + self.outside.len() - 1
            }) as u32);
        }
        let edges: Vec<(u32, u32, f64)> = coupling.laplacian().edges().map(|(a, b, g)| (nodes[a as usize], nodes[b as usize], g)).collect();
        let all = inside + self.outside.len();
        self.laplacian = Laplacian::new(all, &edges);
        self.held = (0..all).map(|node| node >= inside).collect();
        self.conductance.resize(all, 1.0);
        self.drive.resize(all, 0.0);
        self.potential.resize(all, 0.0);
        self.varies |= !self.outside.is_empty();
    }
}
