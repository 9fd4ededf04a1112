//! Electrical synapses of cells with dendrites: between the compartments where they spike, and with point neurons.
//!
//! # Equations
//! ```text
//! i = g (V_peer - V)        into the compartment where spikes are seen, at the potentials that a step begins with
//! ```
//! The current is a part of the step's right-hand side, as that of an electrode is: coupling is explicit, of first order in the step, and what leaves one cell
//! enters the other to rounding (currents are handed over as f32). A point neuron that is joined to a cell follows it as
//! [`neuropil_core::coupling`] says, with the cell's potential after the step. Explicit coupling is only good as long as a step changes little: the sum of a
//! cell's conductances times the step may be at most a tenth of the compartment's capacitance, else the network is refused.
//!
//! # References
//! Bennett MVL, Zukin RS (2004). Neuron 41:495-511. doi:10.1016/S0896-6273(04)00043-1

use bevy_ecs::prelude::*;
use neuropil_core::{Clock, Coupling, Fault, FaultReport, Population};
use neuropil_neurons::MembraneCapacitance;
use neuropil_neurons::coupling::ExplicitCoupling;

/// The largest g dt/C of a cell, over all its electrical synapses.
pub const LARGEST_STEP: f64 = 0.1;

/// Refuses couplings that are too strong for the step.
pub(crate) fn check(
    clock: Res<Clock>,
    faults: Res<FaultReport>,
    coupling: Res<Coupling>,
    populations: Query<(&Population, &MembraneCapacitance), With<ExplicitCoupling>>,
) {
    let members = coupling.members().iter().zip(coupling.laplacian().degrees());
    for (id, conductance) in members.filter(|(_, conductance)| **conductance > 0.0) {
        let own = |(population, _): &(&Population, &MembraneCapacitance)| population.ids().contains(id);
        let Some((population, capacitance)) = populations.iter().find(own) else { continue };
        let index = id - population.first;
        let Some(capacitance) = capacitance.0.get(index as usize) else { continue };
        let largest = LARGEST_STEP * capacitance / conductance;
        if clock.time_step().0 > largest {
            faults.report(Fault::Build(format!(
                "electrical synapses of cell {index} of `{}` have {conductance} nS in all, too much for {capacitance:.4} pF of membrane where it spikes: \
                 take a time step of at most {largest:.2e} ms, less conductance, or a larger compartment",
                population.name
            )));
            return;
        }
    }
}
