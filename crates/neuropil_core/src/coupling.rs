//! Electrical synapses: the potentials of the neurons that they join, and how a step couples them.
//!
//! Before neurons are integrated, each gets the current `Σ_j g_ij (V_j - V_i)` that flows at the present potentials; fixed points are
//! therefore those of the equations. Afterwards the change of each potential is made implicit: with `V* - V` the change that the models
//! made, `(C/dt + L) δ = C/dt (V* - V)` is solved, and `V + δ` is the new potential (linearly implicit Euler). Where nothing but electrical
//! synapses acts this is the backward Euler method, stable for steps of any length. The method is of first order in the time step.

use crate::factor::Factor;
use crate::laplacian::{Laplacian, NotSolved, Workspace};
use bevy_ecs::prelude::*;

/// Residual at which a step's correction is solved, relative to the change that the models made.
pub const TOLERANCE: f64 = 1e-9;

/// Neurons that electrical synapses join, by ascending id, and their state during a step; empty in networks without such synapses.
#[derive(Resource, Clone, Debug, Default)]
pub struct Coupling {
    members: Vec<u32>,
    laplacian: Laplacian,
    /// Capacitance of each member, pF.
    pub capacitance: Vec<f64>,
    /// Potential of each member before it was integrated, mV.
    pub before: Vec<f64>,
    /// Potential of each member as it is now, mV.
    pub potential: Vec<f64>,
    /// Current that flows into each member in this step, pA.
    pub current: Vec<f64>,
    /// Whether a member keeps the potential that its model gave it: it was reset, or is clamped.
    pub held: Vec<bool>,
    change: Vec<f64>,
    right: Vec<f64>,
    diagonal: Vec<f64>,
    work: Workspace,
    /// Of the last step's system, where no member was held; `None` if that is too large.
    factor: Option<Factor>,
    synapses: u64,
}

impl Coupling {
    /// Joins neurons by electrical synapses (id, id, nS), each of which couples both ways; what is listed twice adds up.
    pub fn new(edges: &[(u32, u32, f64)]) -> Self {
        let mut members: Vec<u32> = edges.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
        members.sort_unstable();
        members.dedup();
        let place = |id: u32| members.partition_point(|m| *m < id) as u32;
        let local: Vec<(u32, u32, f64)> = edges.iter().map(|(a, b, g)| (place(*a), place(*b), *g)).collect();
        let nodes = members.len();
        let zeros = || vec![0.0; nodes];
        Self {
            laplacian: Laplacian::new(nodes, &local),
            members,
            capacitance: vec![1.0; nodes],
            before: zeros(),
            potential: zeros(),
            current: zeros(),
            held: vec![false; nodes],
            change: zeros(),
            right: zeros(),
            diagonal: zeros(),
            work: Workspace::default(),
            factor: Some(Factor::default()),
            synapses: edges.len() as u64,
        }
    }

    /// Ids of the neurons that are joined, ascending.
    pub fn members(&self) -> &[u32] {
        &self.members
    }

    /// Place of a neuron among the members.
    pub fn member(&self, id: u32) -> Option<usize> {
        self.members.binary_search(&id).ok()
    }

    /// The conductances.
    pub fn laplacian(&self) -> &Laplacian {
        &self.laplacian
    }

    /// Number of electrical synapses that were listed.
    pub fn count(&self) -> u64 {
        self.synapses
    }

    /// Finds the currents of this step from the potentials before it.
    pub fn find_currents(&mut self) {
        self.laplacian.currents(&self.before, &mut self.current);
    }

    /// Corrects the potentials of members that are not held, after a step of `dt` ms; `false` if nothing changed.
    ///
    /// # Errors
    /// The system was not solved.
    pub fn correct(&mut self, dt: f64) -> Result<bool, NotSolved> {
        let Self { laplacian, capacitance, before, potential, held, change, right, diagonal, work, factor, .. } = self;
        let (mut moved, mut finite) = (false, true);
        for i in 0..before.len() {
            let made = potential[i] - before[i];
            (moved, finite) = (moved | (made != 0.0), finite & made.is_finite());
            diagonal[i] = capacitance[i] / dt;
            right[i] = diagonal[i] * made;
            // The search starts from the change of the step before, which is near where potentials go on as they went.
            if held[i] {
                change[i] = made;
            }
        }
        // What is not finite is the kernel's to report.
        if !moved || !finite {
            change.fill(0.0);
            return Ok(false);
        }
        if factor.as_ref().is_some_and(|factor| !factor.is_of(diagonal)) {
            *factor = Factor::new(laplacian, diagonal);
        }
        match factor {
            Some(factor) if held.iter().all(|held| !held) => factor.solve(right, change),
            _ => drop(laplacian.solve(diagonal, right, held, change, TOLERANCE, work)?),
        }
        for i in 0..before.len() {
            if !held[i] {
                potential[i] = before[i] + change[i];
            }
        }
        Ok(true)
    }
}
