//! Leaky integrate-and-fire neuron with exponential synaptic currents.
//!
//! A passive membrane integrates current; at threshold it spikes, is reset and stays silent for a refractory
//! period. Each arriving spike adds its weight to a current that decays exponentially: positive weights to the
//! excitatory one, negative weights to the inhibitory one.
//!
//! # Equations
//! ```text
//! dV/dt   = -(V - E_rest)/τ_m + (I_e + I_i + I_bias + I_injected)/C_m      V = V_reset while refractory
//! dI_e/dt = -I_e/τ_e + Σ w δ(t - t_arrival)     w > 0
//! dI_i/dt = -I_i/τ_i + Σ w δ(t - t_arrival)     w < 0
//! spike, V ← V_reset    when V ≥ V_threshold
//! ```
//! Between grid points the solution is exact (Rotter and Diesmann 1999); spikes lie on the grid. Currents go on while
//! the neuron is refractory. Where τ_e = τ_i the two currents obey one equation, and both are kept in I_e.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `membrane_time_constant` | τ_m | 10 ms | > 0 | decay of the potential towards rest |
//! | `membrane_capacitance` | C_m | 250 pF | > 0 | |
//! | `resting_potential` | E_rest | -70 mV | | |
//! | `threshold_potential` | V_threshold | -55 mV | | |
//! | `reset_potential` | V_reset | -70 mV | < V_threshold | |
//! | `refractory_period` | t_ref | 2 ms | ≥ 0 | rounded up to whole steps |
//! | `excitatory_time_constant` | τ_e | 2 ms | > 0 | may equal τ_m |
//! | `inhibitory_time_constant` | τ_i | 2 ms | > 0 | may equal τ_m |
//! | `bias_current` | I_bias | 0 pA | | constant input |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`MembranePotential`] | mV | `resting_potential` |
//! | [`ExcitatoryCurrent`] | pA | 0 |
//! | [`InhibitoryCurrent`] | pA | 0 |
//! | [`RefractorySteps`] | steps left | 0 |
//!
//! # References
//! - Rotter S, Diesmann M (1999). Exact digital simulation of time-invariant linear systems. Biol Cybern 81:381-402. doi:10.1007/s004220050570
//!
//! # See also
//! `LifDelta` (jumps of the potential), `LifAlphaCurrent`, `LifExponentialConductance`, `AdEx` (adaptation).

use crate::prelude::*;

/// Adds [`LifExponentialCurrent`] to the engine.
pub struct LifExponentialCurrentPlugin;

impl Plugin for LifExponentialCurrentPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<LifExponentialCurrent>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct LifExponentialCurrent {
    pub membrane_time_constant: Milliseconds,
    pub membrane_capacitance: Picofarads,
    pub resting_potential: Millivolts,
    pub threshold_potential: Millivolts,
    pub reset_potential: Millivolts,
    pub refractory_period: Milliseconds,
    pub excitatory_time_constant: Milliseconds,
    pub inhibitory_time_constant: Milliseconds,
    pub bias_current: Picoamperes,
}

impl Default for LifExponentialCurrent {
    fn default() -> Self {
        Self {
            membrane_time_constant: Milliseconds(10.0),
            membrane_capacitance: Picofarads(250.0),
            resting_potential: Millivolts(-70.0),
            threshold_potential: Millivolts(-55.0),
            reset_potential: Millivolts(-70.0),
            refractory_period: Milliseconds(2.0),
            excitatory_time_constant: Milliseconds(2.0),
            inhibitory_time_constant: Milliseconds(2.0),
            bias_current: Picoamperes(0.0),
        }
    }
}

/// The constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    membrane_decay: f32,           // exp(-dt/τ_m)
    excitatory_decay: f32,         // exp(-dt/τ_e)
    inhibitory_decay: f32,         // exp(-dt/τ_i)
    potential_per_excitation: f32, // mV/pA
    potential_per_inhibition: f32, // mV/pA
    potential_per_current: f32,    // mV/pA
    drive: f32,                    // mV a step, from rest and bias
    threshold: f32,                // mV
    reset: f32,                    // mV
    refractory_steps: u32,
}

impl NeuronModel for LifExponentialCurrent {
    type State = (MembranePotential, ExcitatoryCurrent, InhibitoryCurrent, RefractorySteps);
    type Propagators = Propagators;
    const SOURCE: &'static str = include_str!("lif_exponential_current.rs");
    const RECEPTORS: &'static [Receptor] = &SIGNED_CURRENTS;

    fn channels(&self) -> Vec<usize> {
        if self.excitatory_time_constant == self.inhibitory_time_constant { vec![0, 0] } else { vec![0, 1] }
    }

    fn capacitance(&self) -> Option<f64> {
        Some(self.membrane_capacitance.0)
    }

    fn initial_state(&self) -> Self::State {
        (MembranePotential(self.resting_potential.0 as f32), ExcitatoryCurrent(0.0), InhibitoryCurrent(0.0), RefractorySteps(0))
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
        let (excitatory, inhibitory) = (self.excitatory_time_constant, self.inhibitory_time_constant);
        require(excitatory.0 > 0.0 && excitatory.0.is_finite(), "excitatory_time_constant", excitatory, "more than 0 ms")?;
        require(inhibitory.0 > 0.0 && inhibitory.0.is_finite(), "inhibitory_time_constant", inhibitory, "more than 0 ms")?;
        // exprel is smooth at 0, so τ_syn = τ_m needs no case of its own.
        let per_current = |tau: Milliseconds| {
            let (dt, tau_m) = (time_step.0, self.membrane_time_constant.0);
            (dt / self.membrane_capacitance.0 * (-dt / tau_m).exp() * exprel(dt / tau_m - dt / tau.0)) as f32
        };
        Ok(Propagators {
            membrane_decay: linear.decay,
            excitatory_decay: (-time_step.0 / excitatory.0).exp() as f32,
            inhibitory_decay: (-time_step.0 / inhibitory.0).exp() as f32,
            potential_per_excitation: per_current(excitatory),
            potential_per_inhibition: per_current(inhibitory),
            potential_per_current: linear.per_current,
            drive: linear.drive,
            threshold,
            reset,
            refractory_steps: refractory_steps(self.refractory_period, time_step)?,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, excitatory, inhibitory, refractory) = columns;
        if input.channels() == 1 {
            advance_one(constants, potential, excitatory, refractory, input.arriving(0), input.current(), spiked);
        } else {
            let arriving = (input.arriving(0), input.arriving(1));
            advance_two(constants, potential, excitatory, inhibitory, refractory, arriving.0, arriving.1, input.current(), spiked);
        }
    }
}

/// One step with a single current: mV, pA, steps, pA, pA, and 1 where a neuron spikes.
#[inline(always)]
fn advance_one<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f32],
    synaptic: &mut [f32],
    refractory: &mut [u16],
    arriving: &[f32],
    injected: &[f32],
    spiked: &mut [u8],
) {
    let neurons = potential.len();
    let (synaptic, refractory) = (&mut synaptic[..neurons], &mut refractory[..neurons]);
    let (arriving, injected, spiked) = (&arriving[..neurons], &injected[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let free =
            p.membrane_decay * potential[i] + p.potential_per_excitation * synaptic[i] + p.potential_per_current * injected[i] + p.drive;
        let reached = if refractory[i] > 0 { p.reset } else { free };
        let fires = reached >= p.threshold;
        potential[i] = if fires { p.reset } else { reached };
        refractory[i] = if fires { p.refractory_steps as u16 } else { refractory[i].saturating_sub(1) };
        synaptic[i] = p.excitatory_decay * synaptic[i] + arriving[i];
        spiked[i] = u8::from(fires);
    }
}

/// One step with an excitatory and an inhibitory current.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn advance_two<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f32],
    excitatory: &mut [f32],
    inhibitory: &mut [f32],
    refractory: &mut [u16],
    exciting: &[f32],
    inhibiting: &[f32],
    injected: &[f32],
    spiked: &mut [u8],
) {
    let neurons = potential.len();
    let (excitatory, inhibitory, refractory) = (&mut excitatory[..neurons], &mut inhibitory[..neurons], &mut refractory[..neurons]);
    let (exciting, inhibiting, injected, spiked) =
        (&exciting[..neurons], &inhibiting[..neurons], &injected[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let free = p.membrane_decay * potential[i]
            + p.potential_per_excitation * excitatory[i]
            + p.potential_per_inhibition * inhibitory[i]
            + p.potential_per_current * injected[i]
            + p.drive;
        let reached = if refractory[i] > 0 { p.reset } else { free };
        let fires = reached >= p.threshold;
        potential[i] = if fires { p.reset } else { reached };
        refractory[i] = if fires { p.refractory_steps as u16 } else { refractory[i].saturating_sub(1) };
        excitatory[i] = p.excitatory_decay * excitatory[i] + exciting[i];
        inhibitory[i] = p.inhibitory_decay * inhibitory[i] + inhibiting[i];
        spiked[i] = u8::from(fires);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_core::columns::Shared;

    /// Claim: the response to one spike is w/C (e^(-t/τ_syn) - e^(-t/τ_m)) / (1/τ_m - 1/τ_syn), or w/C t e^(-t/τ) where the two meet.
    /// Source: closed form. Tolerance: f32 near 70 mV rounds by 3.8e-6 mV, and the membrane remembers τ_m/dt roundings.
    #[test]
    fn postsynaptic_potential_is_the_difference_of_exponentials_even_at_equal_time_constants() {
        for [m, s] in [[10.0, 2.0], [20.0, 5.0], [10.0, 10.0], [10.0, 10.0 + 1e-9]] {
            let neuron = LifExponentialCurrent {
                membrane_time_constant: Milliseconds(m),
                excitatory_time_constant: Milliseconds(s),
                ..Default::default()
            };
            let propagators = neuron.propagators(Milliseconds(0.1)).expect("valid parameters");
            let (mut potential, mut current) = ([-70.0], [100.0]);
            for step in 1..=500 {
                advance_one(Shared(propagators), &mut potential, &mut current, &mut [0], &[0.0], &[0.0], &mut [0]);
                let t = f64::from(step) * 0.1;
                let difference = 1.0 / m - 1.0 / s;
                let shape = if difference.abs() < 1e-6 { t * (-t / m).exp() } else { ((-t / s).exp() - (-t / m).exp()) / difference };
                let error = f64::from(potential[0]) - (-70.0 + 100.0 / 250.0 * shape);
                assert!(error.abs() < m / 0.1 * 3.8e-6, "τ_m {m} ms, τ_syn {s} ms, t {t} ms: off by {error} mV");
            }
        }
    }

    /// Claim: two currents of equal time constant act as one. Source: linearity. Tolerance: as above.
    #[test]
    fn two_currents_of_equal_time_constant_act_as_one() {
        let propagators = LifExponentialCurrent::default().propagators(Milliseconds(0.1)).expect("valid parameters");
        let (mut one, mut two) = ([-70.0], [-70.0]);
        let (mut sum, mut excitatory, mut inhibitory) = ([0.0], [0.0], [0.0]);
        for step in 0..300 {
            let [e, i] = [if step % 7 == 0 { 90.0 } else { 0.0 }, if step % 11 == 0 { -50.0 } else { 0.0 }];
            advance_one(Shared(propagators), &mut one, &mut sum, &mut [0], &[e + i], &[10.0], &mut [0]);
            advance_two(Shared(propagators), &mut two, &mut excitatory, &mut inhibitory, &mut [0], &[e], &[i], &[10.0], &mut [0]);
            assert!((one[0] - two[0]).abs() < 100.0 * 3.8e-6, "step {step}: {} and {} mV", one[0], two[0]);
        }
    }
}
