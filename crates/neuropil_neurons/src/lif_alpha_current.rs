//! Leaky integrate-and-fire neuron with alpha-shaped synaptic currents.
//!
//! A passive membrane integrates current; at threshold it spikes, is reset and stays silent for a refractory
//! period. Each arriving spike makes a current that rises and falls: an alpha function that peaks at the weight, one time
//! constant after the arrival. Positive weights drive the excitatory current, negative weights the inhibitory one.
//!
//! # Equations
//! ```text
//! dV/dt   = -(V - E_rest)/τ_m + (I_e + I_i + I_bias + I_injected)/C_m      V = V_reset while refractory
//! dI_e/dt = D_e - I_e/τ_e      dD_e/dt = -D_e/τ_e + Σ w (e/τ_e) δ(t - t_arrival)    w > 0
//! dI_i/dt = D_i - I_i/τ_i      dD_i/dt = -D_i/τ_i + Σ w (e/τ_i) δ(t - t_arrival)    w < 0
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
//! | [`ExcitatoryCurrentDrive`] | pA/ms | 0 |
//! | [`InhibitoryCurrent`] | pA | 0 |
//! | [`InhibitoryCurrentDrive`] | pA/ms | 0 |
//! | [`RefractorySteps`] | steps left | 0 |
//!
//! # References
//! - Rotter S, Diesmann M (1999). Exact digital simulation of time-invariant linear systems. Biol Cybern 81:381-402. doi:10.1007/s004220050570
//!
//! # See also
//! `LifDelta` (jumps of the potential), `LifExponentialCurrent`, `LifAlphaConductance`.

use crate::prelude::*;

/// Adds [`LifAlphaCurrent`] to the engine.
pub struct LifAlphaCurrentPlugin;

impl Plugin for LifAlphaCurrentPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<LifAlphaCurrent>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct LifAlphaCurrent {
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

impl Default for LifAlphaCurrent {
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
    membrane_decay: f32,        // exp(-dt/τ_m)
    potential_per_current: f32, // mV/pA
    drive: f32,                 // mV a step, from rest and bias
    excitatory: Synapse,
    inhibitory: Synapse,
    threshold: f32, // mV
    reset: f32,     // mV
    refractory_steps: u32,
}

/// The constants of one kind of synapse.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Synapse {
    decay: f32,               // exp(-dt/τ)
    carry: f32,               // ms: dt exp(-dt/τ)
    per_weight: f32,          // 1/ms: e/τ
    potential_per_value: f32, // mV/pA
    potential_per_drive: f32, // mV ms/pA
}

impl Synapse {
    fn new(dt: f64, tau: f64, membrane: f64, capacitance: f64) -> Self {
        let alpha = AlphaDecay::new(dt, tau);
        // Both responses are smooth where τ = τ_m, which needs no case of its own.
        Self {
            decay: alpha.decay,
            carry: alpha.carry,
            per_weight: alpha.per_weight,
            potential_per_value: (dt / capacitance * (-dt / membrane).exp() * exprel(dt / membrane - dt / tau)) as f32,
            potential_per_drive: (dt * dt / capacitance * alpha_response(dt / tau, dt / membrane)) as f32,
        }
    }

    /// Value and drive after a step.
    #[inline(always)]
    fn advance(&self, value: f32, drive: f32, arriving: f32) -> (f32, f32) {
        (self.decay * value + self.carry * drive, self.decay * drive + self.per_weight * arriving)
    }

    /// What value and drive add to the potential in a step.
    #[inline(always)]
    fn potential(&self, value: f32, drive: f32) -> f32 {
        self.potential_per_value * value + self.potential_per_drive * drive
    }
}

impl NeuronModel for LifAlphaCurrent {
    type State = (MembranePotential, ExcitatoryCurrent, ExcitatoryCurrentDrive, InhibitoryCurrent, InhibitoryCurrentDrive, RefractorySteps);
    type Propagators = Propagators;
    const SOURCE: &'static str = include_str!("lif_alpha_current.rs");
    const RECEPTORS: &'static [Receptor] = &SIGNED_CURRENTS;

    fn channels(&self) -> Vec<usize> {
        if self.excitatory_time_constant == self.inhibitory_time_constant { vec![0, 0] } else { vec![0, 1] }
    }

    fn capacitance(&self) -> Option<f64> {
        Some(self.membrane_capacitance.0)
    }

    fn initial_state(&self) -> Self::State {
        (
            MembranePotential(self.resting_potential.0 as f32),
            ExcitatoryCurrent(0.0),
            ExcitatoryCurrentDrive(0.0),
            InhibitoryCurrent(0.0),
            InhibitoryCurrentDrive(0.0),
            RefractorySteps(0),
        )
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
        let (tau_e, tau_i) = synaptic_time_constants(self.excitatory_time_constant, self.inhibitory_time_constant)?;
        let synapse = |tau| Synapse::new(time_step.0, tau, self.membrane_time_constant.0, self.membrane_capacitance.0);
        Ok(Propagators {
            membrane_decay: linear.decay,
            potential_per_current: linear.per_current,
            drive: linear.drive,
            excitatory: synapse(tau_e),
            inhibitory: synapse(tau_i),
            threshold,
            reset,
            refractory_steps: refractory_steps(self.refractory_period, time_step)?,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, excitatory, excitatory_drive, inhibitory, inhibitory_drive, refractory) = columns;
        if input.channels() == 1 {
            advance_one(constants, potential, excitatory, excitatory_drive, refractory, input.arriving(0), input.current(), spiked);
        } else {
            let (exciting, inhibiting, injected) = (input.arriving(0), input.arriving(1), input.current());
            advance_two(
                constants,
                potential,
                excitatory,
                excitatory_drive,
                inhibitory,
                inhibitory_drive,
                refractory,
                exciting,
                inhibiting,
                injected,
                spiked,
            );
        }
    }
}

/// One step with a single current: mV, pA, pA/ms, steps, pA, pA, and 1 where a neuron spikes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn advance_one<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f32],
    value: &mut [f32],
    drive: &mut [f32],
    refractory: &mut [u16],
    arriving: &[f32],
    injected: &[f32],
    spiked: &mut [u8],
) {
    let neurons = potential.len();
    let (value, drive, refractory) = (&mut value[..neurons], &mut drive[..neurons], &mut refractory[..neurons]);
    let (arriving, injected, spiked) = (&arriving[..neurons], &injected[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let free =
            p.membrane_decay * potential[i] + p.excitatory.potential(value[i], drive[i]) + p.potential_per_current * injected[i] + p.drive;
        let reached = if refractory[i] > 0 { p.reset } else { free };
        let fires = reached >= p.threshold;
        potential[i] = if fires { p.reset } else { reached };
        refractory[i] = if fires { p.refractory_steps as u16 } else { refractory[i].saturating_sub(1) };
        (value[i], drive[i]) = p.excitatory.advance(value[i], drive[i], arriving[i]);
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
    excitatory_drive: &mut [f32],
    inhibitory: &mut [f32],
    inhibitory_drive: &mut [f32],
    refractory: &mut [u16],
    exciting: &[f32],
    inhibiting: &[f32],
    injected: &[f32],
    spiked: &mut [u8],
) {
    let neurons = potential.len();
    let (excitatory, excitatory_drive) = (&mut excitatory[..neurons], &mut excitatory_drive[..neurons]);
    let (inhibitory, inhibitory_drive) = (&mut inhibitory[..neurons], &mut inhibitory_drive[..neurons]);
    let (exciting, inhibiting, injected) = (&exciting[..neurons], &inhibiting[..neurons], &injected[..neurons]);
    let (refractory, spiked) = (&mut refractory[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let free = p.membrane_decay * potential[i]
            + p.excitatory.potential(excitatory[i], excitatory_drive[i])
            + p.inhibitory.potential(inhibitory[i], inhibitory_drive[i])
            + p.potential_per_current * injected[i]
            + p.drive;
        let reached = if refractory[i] > 0 { p.reset } else { free };
        let fires = reached >= p.threshold;
        potential[i] = if fires { p.reset } else { reached };
        refractory[i] = if fires { p.refractory_steps as u16 } else { refractory[i].saturating_sub(1) };
        (excitatory[i], excitatory_drive[i]) = p.excitatory.advance(excitatory[i], excitatory_drive[i], exciting[i]);
        (inhibitory[i], inhibitory_drive[i]) = p.inhibitory.advance(inhibitory[i], inhibitory_drive[i], inhibiting[i]);
        spiked[i] = u8::from(fires);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_core::columns::Shared;

    /// Potential above rest, t after a spike of 1 pA: ∫₀ᵗ (e s/τ) exp(-s/τ) exp(-(t-s)/τ_m) ds/C by Simpson's rule.
    fn response(t: f64, tau: f64, membrane: f64, capacitance: f64) -> f64 {
        let f = |s: f64| std::f64::consts::E * s / tau * (-s / tau - (t - s) / membrane).exp() / capacitance;
        let n = 400;
        let step = t / f64::from(n);
        (0..n).map(|k| f64::from(k) * step).map(|s| (f(s) + 4.0 * f(s + 0.5 * step) + f(s + step)) * step / 6.0).sum()
    }

    /// Claim: the response to one spike is the convolution of alpha function and membrane, also where the time constants meet.
    /// Source: the integral, by Simpson's rule. Tolerance: f32 near 70 mV rounds by 3.8e-6 mV, and the membrane remembers τ_m/dt roundings.
    #[test]
    fn postsynaptic_potential_is_the_convolution_even_at_equal_time_constants() {
        for [m, s] in [[10.0, 2.0], [20.0, 5.0], [10.0, 10.0], [10.0, 10.0 + 1e-9], [2.0, 10.0]] {
            let neuron = LifAlphaCurrent {
                membrane_time_constant: Milliseconds(m),
                excitatory_time_constant: Milliseconds(s),
                ..Default::default()
            };
            let p = neuron.propagators(Milliseconds(0.1)).expect("valid parameters");
            let (mut v, mut i, mut d) = ([-70.0], [0.0], [100.0 * std::f32::consts::E / s as f32]);
            for step in 1..=500 {
                advance_one(Shared(p), &mut v, &mut i, &mut d, &mut [0], &[0.0], &[0.0], &mut [0]);
                let expected = -70.0 + 100.0 * response(f64::from(step) * 0.1, s, m, 250.0);
                let error = f64::from(v[0]) - expected;
                assert!(error.abs() < m / 0.1 * 3.8e-6 + 2e-6, "τ_m {m} ms, τ_syn {s} ms, step {step}: off by {error} mV");
            }
        }
    }

    /// Claim: two currents of equal time constant act as one. Source: linearity. Tolerance: as above.
    #[test]
    fn two_currents_of_equal_time_constant_act_as_one() {
        let p = LifAlphaCurrent::default().propagators(Milliseconds(0.1)).expect("valid parameters");
        let (mut one, mut value, mut drive) = ([-70.0], [0.0], [0.0]);
        let (mut two, mut e, mut de, mut i, mut di) = ([-70.0], [0.0], [0.0], [0.0], [0.0]);
        for step in 0..300 {
            let [x, y] = [if step % 7 == 0 { 30.0 } else { 0.0 }, if step % 11 == 0 { -20.0 } else { 0.0 }];
            advance_one(Shared(p), &mut one, &mut value, &mut drive, &mut [0], &[x + y], &[10.0], &mut [0]);
            advance_two(Shared(p), &mut two, &mut e, &mut de, &mut i, &mut di, &mut [0], &[x], &[y], &[10.0], &mut [0]);
            assert!((one[0] - two[0]).abs() < 100.0 * 3.8e-6, "step {step}: {} and {} mV", one[0], two[0]);
        }
    }
}
