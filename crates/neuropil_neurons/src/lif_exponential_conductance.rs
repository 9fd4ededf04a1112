//! Leaky integrate-and-fire neuron with exponential synaptic conductances.
//!
//! A leaky membrane with two synaptic conductances; at threshold it spikes, is reset and stays silent for a refractory
//! period. Each arriving spike adds the magnitude of its weight to a conductance that decays exponentially: positive
//! weights to the excitatory one, negative weights to the inhibitory one.
//!
//! # Equations
//! ```text
//! C dV/dt = -g_L (V - E_rest) - g_e (V - E_e) - g_i (V - E_i) + I_bias + I_injected      V = V_reset while refractory
//! dg_e/dt = -g_e/τ_e + Σ w δ(t - t_arrival)      w > 0
//! dg_i/dt = -g_i/τ_i + Σ |w| δ(t - t_arrival)    w < 0
//! spike, V ← V_reset    when V ≥ V_threshold
//! ```
//! Conductances decay exactly. The potential obeys a linear equation, solved with the exact mean of the conductances over the
//! step: second order in the step, stable at any conductance. Spikes lie on the grid. Conductances go on while the neuron is refractory.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `membrane_capacitance` | C | 250 pF | > 0 | |
//! | `leak_conductance` | g_L | 16.6667 nS | > 0 | |
//! | `resting_potential` | E_rest | -70 mV | | reversal potential of the leak |
//! | `threshold_potential` | V_threshold | -55 mV | | |
//! | `reset_potential` | V_reset | -60 mV | < V_threshold | |
//! | `refractory_period` | t_ref | 2 ms | ≥ 0 | rounded up to whole steps |
//! | `excitatory_time_constant` | τ_e | 0.2 ms | > 0 | |
//! | `inhibitory_time_constant` | τ_i | 2 ms | > 0 | |
//! | `excitatory_reversal_potential` | E_e | 0 mV | | |
//! | `inhibitory_reversal_potential` | E_i | -85 mV | | |
//! | `bias_current` | I_bias | 0 pA | | constant input |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`MembranePotential`] | mV | `resting_potential` |
//! | [`ExcitatoryConductance`] | nS | 0 |
//! | [`InhibitoryConductance`] | nS | 0 |
//! | [`RefractorySteps`] | steps left | 0 |
//!
//! # References
//! - Vogels TP, Abbott LF (2005). Signal propagation and logic gating in networks of integrate-and-fire neurons. J Neurosci 25:10786-10795. doi:10.1523/JNEUROSCI.3508-05.2005
//!
//! # See also
//! `LifAlphaConductance`, `LifExponentialCurrent` (currents), `AdEx` (upstroke and adaptation), `HodgkinHuxleyTraubMiles`.

use crate::prelude::*;

/// Adds [`LifExponentialConductance`] to the engine.
pub struct LifExponentialConductancePlugin;

impl Plugin for LifExponentialConductancePlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<LifExponentialConductance>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct LifExponentialConductance {
    pub membrane_capacitance: Picofarads,
    pub leak_conductance: Nanosiemens,
    pub resting_potential: Millivolts,
    pub threshold_potential: Millivolts,
    pub reset_potential: Millivolts,
    pub refractory_period: Milliseconds,
    pub excitatory_time_constant: Milliseconds,
    pub inhibitory_time_constant: Milliseconds,
    pub excitatory_reversal_potential: Millivolts,
    pub inhibitory_reversal_potential: Millivolts,
    pub bias_current: Picoamperes,
}

impl Default for LifExponentialConductance {
    fn default() -> Self {
        Self {
            membrane_capacitance: Picofarads(250.0),
            leak_conductance: Nanosiemens(16.6667),
            resting_potential: Millivolts(-70.0),
            threshold_potential: Millivolts(-55.0),
            reset_potential: Millivolts(-60.0),
            refractory_period: Milliseconds(2.0),
            excitatory_time_constant: Milliseconds(0.2),
            inhibitory_time_constant: Milliseconds(2.0),
            excitatory_reversal_potential: Millivolts(0.0),
            inhibitory_reversal_potential: Millivolts(-85.0),
            bias_current: Picoamperes(0.0),
        }
    }
}

/// The constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    leak_rate: f32,           // dt g_L/C
    leak_drive: f32,          // mV a step, from leak and bias
    per_current: f32,         // mV/pA
    rate_per_excitation: f32, // 1/nS: mean of the conductance over the step, times dt/C
    rate_per_inhibition: f32, // 1/nS
    excitatory_reversal: f32, // mV
    inhibitory_reversal: f32, // mV
    excitatory_decay: f32,    // exp(-dt/τ_e)
    inhibitory_decay: f32,    // exp(-dt/τ_i)
    threshold: f32,           // mV
    reset: f32,               // mV
    refractory_steps: u32,
}

impl NeuronModel for LifExponentialConductance {
    type State = (MembranePotential, ExcitatoryConductance, InhibitoryConductance, RefractorySteps);
    type Propagators = Propagators;
    const STEP_NS: f64 = 2.0;
    const SOURCE: &'static str = include_str!("lif_exponential_conductance.rs");
    const RECEPTORS: &'static [Receptor] = &SIGNED_CONDUCTANCES;

    fn capacitance(&self) -> Option<f64> {
        Some(self.membrane_capacitance.0)
    }

    fn initial_state(&self) -> Self::State {
        let rest = MembranePotential(self.resting_potential.0 as f32);
        (rest, ExcitatoryConductance(0.0), InhibitoryConductance(0.0), RefractorySteps(0))
    }

    fn propagators(&self, time_step: Milliseconds) -> Result<Propagators, ParameterError> {
        let membrane = ConductanceMembrane {
            capacitance: self.membrane_capacitance,
            leak: self.leak_conductance,
            resting_potential: self.resting_potential,
            excitatory_reversal: self.excitatory_reversal_potential,
            inhibitory_reversal: self.inhibitory_reversal_potential,
            bias_current: self.bias_current,
        };
        let input = membrane.input(time_step.0)?;
        let (threshold, reset) = threshold_and_reset(self.threshold_potential, self.reset_potential)?;
        let (tau_e, tau_i) = synaptic_time_constants(self.excitatory_time_constant, self.inhibitory_time_constant)?;
        let (excitatory_decay, excitatory_mean) = exponential_decay(time_step.0, tau_e);
        let (inhibitory_decay, inhibitory_mean) = exponential_decay(time_step.0, tau_i);
        Ok(Propagators {
            leak_rate: input.leak_rate,
            leak_drive: input.leak_drive,
            per_current: input.per_current,
            rate_per_excitation: input.per_current * excitatory_mean,
            rate_per_inhibition: input.per_current * inhibitory_mean,
            excitatory_reversal: input.excitatory_reversal,
            inhibitory_reversal: input.inhibitory_reversal,
            excitatory_decay,
            inhibitory_decay,
            threshold,
            reset,
            refractory_steps: refractory_steps(self.refractory_period, time_step)?,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, excitatory, inhibitory, refractory) = columns;
        let arriving = (input.arriving(0), input.arriving(1));
        advance(constants, potential, excitatory, inhibitory, refractory, arriving.0, arriving.1, input.current(), spiked);
    }
}

/// One step: mV, nS, nS, steps, nS, nS, pA, and 1 where a neuron spikes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn advance<C: Constants<Propagators>>(
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
        let excitation = p.rate_per_excitation * excitatory[i];
        let inhibition = p.rate_per_inhibition * inhibitory[i];
        let drive = p.leak_drive + excitation * p.excitatory_reversal + inhibition * p.inhibitory_reversal + p.per_current * injected[i];
        let free = relax(potential[i], p.leak_rate + excitation + inhibition, drive);
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

    /// Potential after 10 ms from rest with 20 nS of excitation and 30 nS of inhibition at time 0.
    fn after_ten_milliseconds(dt: f64) -> f64 {
        let neuron = LifExponentialConductance {
            excitatory_time_constant: Milliseconds(2.0),
            inhibitory_time_constant: Milliseconds(5.0),
            ..Default::default()
        };
        let p = neuron.propagators(Milliseconds(dt)).expect("valid parameters");
        let (mut potential, mut excitatory, mut inhibitory) = ([-70.0], [20.0], [30.0]);
        for _ in 0..(10.0 / dt).round() as usize {
            advance(Shared(p), &mut potential, &mut excitatory, &mut inhibitory, &mut [0], &[0.0], &[0.0], &[0.0], &mut [0]);
        }
        f64::from(potential[0])
    }

    /// Claim: second order in the step. Source: the scheme's own order; halving the step divides the error by four.
    /// Tolerance: 10 % of the ratio, since the errors (some 1e-3 mV) are hundreds of f32 roundings.
    #[test]
    fn halving_the_step_divides_the_error_by_four() {
        let differences = [2.0, 1.0, 0.5].map(|dt| after_ten_milliseconds(dt) - after_ten_milliseconds(dt / 2.0));
        for ratio in [differences[0] / differences[1], differences[1] / differences[2]] {
            assert!((ratio - 4.0).abs() < 0.4, "{differences:?}");
        }
    }

    /// Claim: with constant conductance the potential approaches (Σ g E + I)/Σ g. Source: closed form. Tolerance: f32 near 70 mV over C/g steps.
    #[test]
    fn the_potential_settles_where_currents_cancel() {
        let neuron = LifExponentialConductance {
            excitatory_time_constant: Milliseconds(1e9),
            inhibitory_time_constant: Milliseconds(1e9),
            ..Default::default()
        };
        let p = neuron.propagators(Milliseconds(0.1)).expect("valid parameters");
        let mut potential = [-70.0];
        for _ in 0..3000 {
            advance(Shared(p), &mut potential, &mut [2.0], &mut [5.0], &mut [0], &[0.0], &[0.0], &[30.0], &mut [0]);
        }
        let expected = (16.6667 * -70.0 + 5.0 * -85.0 + 30.0) / (16.6667 + 2.0 + 5.0);
        assert!((f64::from(potential[0]) - expected).abs() < 4e-4, "{potential:?}, expected {expected}");
    }
}
