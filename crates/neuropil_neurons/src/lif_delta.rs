//! Leaky integrate-and-fire neuron whose potential jumps at each arriving spike.
//!
//! A passive membrane integrates current; each arriving spike moves the potential by its weight at once. At threshold
//! the neuron spikes, is reset and stays silent for a refractory period.
//!
//! # Equations
//! ```text
//! dV/dt = -(V - E_rest)/τ_m + (I_bias + I_injected)/C_m + Σ w δ(t - t_arrival)      V = V_reset while refractory
//! spike, V ← V_reset    when V ≥ V_threshold
//! ```
//! Between grid points the solution is exact; spikes lie on the grid. A spike that arrives at the end of a step acts undamped,
//! and can make the neuron spike in that step. Spikes that arrive while the neuron is refractory are lost.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `membrane_time_constant` | τ_m | 10 ms | > 0 | decay of the potential towards rest |
//! | `membrane_capacitance` | C_m | 250 pF | > 0 | acts on currents only |
//! | `resting_potential` | E_rest | -70 mV | | |
//! | `threshold_potential` | V_threshold | -55 mV | | |
//! | `reset_potential` | V_reset | -70 mV | < V_threshold | |
//! | `refractory_period` | t_ref | 2 ms | ≥ 0 | rounded up to whole steps |
//! | `bias_current` | I_bias | 0 pA | | constant input |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`MembranePotential`] | mV | `resting_potential` |
//! | [`RefractorySteps`] | steps left | 0 |
//!
//! # References
//! - Brunel N (2000). Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons. J Comput Neurosci 8:183-208. doi:10.1023/A:1008925309027
//! - Rotter S, Diesmann M (1999). Exact digital simulation of time-invariant linear systems. Biol Cybern 81:381-402. doi:10.1007/s004220050570
//!
//! # See also
//! `LifExponentialCurrent`, `LifAlphaCurrent` (synaptic currents that last).

use crate::prelude::*;

/// Adds [`LifDelta`] to the engine.
pub struct LifDeltaPlugin;

impl Plugin for LifDeltaPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<LifDelta>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct LifDelta {
    pub membrane_time_constant: Milliseconds,
    pub membrane_capacitance: Picofarads,
    pub resting_potential: Millivolts,
    pub threshold_potential: Millivolts,
    pub reset_potential: Millivolts,
    pub refractory_period: Milliseconds,
    pub bias_current: Picoamperes,
}

impl Default for LifDelta {
    fn default() -> Self {
        Self {
            membrane_time_constant: Milliseconds(10.0),
            membrane_capacitance: Picofarads(250.0),
            resting_potential: Millivolts(-70.0),
            threshold_potential: Millivolts(-55.0),
            reset_potential: Millivolts(-70.0),
            refractory_period: Milliseconds(2.0),
            bias_current: Picoamperes(0.0),
        }
    }
}

/// The constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    membrane_decay: f32,        // exp(-dt/τ_m)
    potential_per_current: f32, // mV/pA
    drive: f32,                 // mV a step, from rest and bias
    threshold: f32,             // mV
    reset: f32,                 // mV
    refractory_steps: u32,
}

impl NeuronModel for LifDelta {
    type State = (MembranePotential, RefractorySteps);
    type Propagators = Propagators;
    const SOURCE: &'static str = include_str!("lif_delta.rs");
    const RECEPTORS: &'static [Receptor] = &[Receptor::new("synapse", "mV", Dimension::POTENTIAL, Accepts::Any)];

    fn capacitance(&self) -> Option<f64> {
        Some(self.membrane_capacitance.0)
    }

    fn initial_state(&self) -> Self::State {
        (MembranePotential(self.resting_potential.0 as f32), RefractorySteps(0))
    }

    fn propagators(&self, time_step: Milliseconds) -> Result<Propagators, ParameterError> {
        let membrane = Membrane {
            time_constant: self.membrane_time_constant,
            capacitance: self.membrane_capacitance,
            resting_potential: self.resting_potential,
            bias_current: self.bias_current,
        };
        let linear = membrane.propagators(time_step)?;
        let (threshold, reset) = threshold_and_reset(self.threshold_potential, self.reset_potential)?;
        Ok(Propagators {
            membrane_decay: linear.decay,
            potential_per_current: linear.per_current,
            drive: linear.drive,
            threshold,
            reset,
            refractory_steps: refractory_steps(self.refractory_period, time_step)?,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, refractory) = columns;
        advance(constants, potential, refractory, input.arriving(0), input.current(), spiked);
    }
}

/// One step: mV, steps, mV, pA, and 1 where a neuron spikes.
#[inline(always)]
fn advance<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f32],
    refractory: &mut [u16],
    arriving: &[f32],
    injected: &[f32],
    spiked: &mut [u8],
) {
    let neurons = potential.len();
    let refractory = &mut refractory[..neurons];
    let (arriving, injected, spiked) = (&arriving[..neurons], &injected[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let free = p.membrane_decay * potential[i] + p.potential_per_current * injected[i] + p.drive + arriving[i];
        let reached = if refractory[i] > 0 { p.reset } else { free };
        let fires = reached >= p.threshold;
        potential[i] = if fires { p.reset } else { reached };
        refractory[i] = if fires { p.refractory_steps as u16 } else { refractory[i].saturating_sub(1) };
        spiked[i] = u8::from(fires);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_core::columns::Shared;

    /// Claim: a jump decays with τ_m, and one that reaches the threshold makes a spike in its own step.
    /// Source: closed form. Tolerance: f32 near 70 mV rounds by 3.8e-6 mV, and the membrane remembers 100 roundings.
    #[test]
    fn jumps_decay_and_can_spike_at_once() {
        let p = LifDelta::default().propagators(Milliseconds(0.1)).expect("valid parameters");
        let (mut potential, mut refractory, mut spiked) = ([-70.0], [0], [0]);
        advance(Shared(p), &mut potential, &mut refractory, &[10.0], &[0.0], &mut spiked);
        assert_eq!((potential[0], spiked[0]), (-60.0, 0));
        for step in 1..=300 {
            advance(Shared(p), &mut potential, &mut refractory, &[0.0], &[0.0], &mut spiked);
            let expected = -70.0 + 10.0 * (-f64::from(step) * 0.01).exp();
            assert!((f64::from(potential[0]) - expected).abs() < 3.8e-4, "step {step}: {} mV, expected {expected}", potential[0]);
        }
        advance(Shared(p), &mut potential, &mut refractory, &[20.0], &[0.0], &mut spiked);
        assert_eq!((potential[0], refractory[0], spiked[0]), (-70.0, 20, 1));
        advance(Shared(p), &mut potential, &mut refractory, &[20.0], &[0.0], &mut spiked);
        assert_eq!((potential[0], refractory[0], spiked[0]), (-70.0, 19, 0), "input during refractoriness is lost");
    }
}
