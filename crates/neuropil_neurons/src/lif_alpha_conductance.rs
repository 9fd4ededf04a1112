//! Leaky integrate-and-fire neuron with alpha-shaped synaptic conductances.
//!
//! As `LifExponentialConductance`, but each arriving spike makes a conductance that rises and falls: an alpha function that
//! peaks at the magnitude of the weight, one time constant after the arrival.
//!
//! # Equations
//! ```text
//! C dV/dt = -g_L (V - E_rest) - g_e (V - E_e) - g_i (V - E_i) + I_bias + I_injected      V = V_reset while refractory
//! dg_e/dt = D_e - g_e/τ_e      dD_e/dt = -D_e/τ_e + Σ w (e/τ_e) δ(t - t_arrival)      w > 0
//! dg_i/dt = D_i - g_i/τ_i      dD_i/dt = -D_i/τ_i + Σ |w| (e/τ_i) δ(t - t_arrival)    w < 0
//! spike, V ← V_reset    when V ≥ V_threshold
//! ```
//! Conductances are exact. The potential obeys a linear equation, solved with the exact mean of the conductances over the
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
//! | `excitatory_time_constant` | τ_e | 0.2 ms | > 0 | time of the peak |
//! | `inhibitory_time_constant` | τ_i | 2 ms | > 0 | time of the peak |
//! | `excitatory_reversal_potential` | E_e | 0 mV | | |
//! | `inhibitory_reversal_potential` | E_i | -85 mV | | |
//! | `bias_current` | I_bias | 0 pA | | constant input |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`MembranePotential`] | mV | `resting_potential` |
//! | [`ExcitatoryConductance`] | nS | 0 |
//! | [`ExcitatoryConductanceDrive`] | nS/ms | 0 |
//! | [`InhibitoryConductance`] | nS | 0 |
//! | [`InhibitoryConductanceDrive`] | nS/ms | 0 |
//! | [`RefractorySteps`] | steps left | 0 |
//!
//! # References
//! - Rall W (1967). Distinguishing theoretical synaptic potentials computed for different soma-dendritic distributions of synaptic input. J Neurophysiol 30:1138-1168. doi:10.1152/jn.1967.30.5.1138
//!
//! # See also
//! `LifExponentialConductance`, `LifAlphaCurrent` (currents).

use crate::prelude::*;

/// Adds [`LifAlphaConductance`] to the engine.
pub struct LifAlphaConductancePlugin;

impl Plugin for LifAlphaConductancePlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<LifAlphaConductance>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct LifAlphaConductance {
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

impl Default for LifAlphaConductance {
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
    leak_rate: f32,             // dt g_L/C
    leak_drive: f32,            // mV a step, from leak and bias
    per_current: f32,           // mV/pA
    excitatory_reversal: f32,   // mV
    inhibitory_reversal: f32,   // mV
    excitatory_decay: f32,      // exp(-dt/τ_e)
    excitatory_carry: f32,      // ms: dt exp(-dt/τ_e)
    excitation_per_value: f32,  // 1/nS: share of the mean over the step that comes from g_e, times dt/C
    excitation_per_drive: f32,  // ms/nS: and from D_e
    excitatory_per_weight: f32, // 1/ms: e/τ_e
    inhibitory_decay: f32,
    inhibitory_carry: f32,
    inhibition_per_value: f32,
    inhibition_per_drive: f32,
    inhibitory_per_weight: f32,
    threshold: f32, // mV
    reset: f32,     // mV
    refractory_steps: u32,
}

impl NeuronModel for LifAlphaConductance {
    type State = (
        MembranePotential,
        ExcitatoryConductance,
        ExcitatoryConductanceDrive,
        InhibitoryConductance,
        InhibitoryConductanceDrive,
        RefractorySteps,
    );
    type Propagators = Propagators;
    const STEP_NS: f64 = 2.0;
    const SOURCE: &'static str = include_str!("lif_alpha_conductance.rs");
    const RECEPTORS: &'static [Receptor] = &SIGNED_CONDUCTANCES;

    fn capacitance(&self) -> Option<f64> {
        Some(self.membrane_capacitance.0)
    }

    fn initial_state(&self) -> Self::State {
        (
            MembranePotential(self.resting_potential.0 as f32),
            ExcitatoryConductance(0.0),
            ExcitatoryConductanceDrive(0.0),
            InhibitoryConductance(0.0),
            InhibitoryConductanceDrive(0.0),
            RefractorySteps(0),
        )
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
        let [excitatory, inhibitory] = [tau_e, tau_i].map(|tau| AlphaDecay::new(time_step.0, tau));
        Ok(Propagators {
            leak_rate: input.leak_rate,
            leak_drive: input.leak_drive,
            per_current: input.per_current,
            excitatory_reversal: input.excitatory_reversal,
            inhibitory_reversal: input.inhibitory_reversal,
            excitatory_decay: excitatory.decay,
            excitatory_carry: excitatory.carry,
            excitation_per_value: input.per_current * excitatory.mean_of_value,
            excitation_per_drive: input.per_current * excitatory.mean_of_drive,
            excitatory_per_weight: excitatory.per_weight,
            inhibitory_decay: inhibitory.decay,
            inhibitory_carry: inhibitory.carry,
            inhibition_per_value: input.per_current * inhibitory.mean_of_value,
            inhibition_per_drive: input.per_current * inhibitory.mean_of_drive,
            inhibitory_per_weight: inhibitory.per_weight,
            threshold,
            reset,
            refractory_steps: refractory_steps(self.refractory_period, time_step)?,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, excitatory, excitatory_drive, inhibitory, inhibitory_drive, refractory) = columns;
        let (exciting, inhibiting, injected) = (input.arriving(0), input.arriving(1), input.current());
        advance(
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

/// One step: mV, nS, nS/ms, nS, nS/ms, steps, nS, nS, pA, and 1 where a neuron spikes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn advance<C: Constants<Propagators>>(
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
        let excitation = p.excitation_per_value * excitatory[i] + p.excitation_per_drive * excitatory_drive[i];
        let inhibition = p.inhibition_per_value * inhibitory[i] + p.inhibition_per_drive * inhibitory_drive[i];
        let drive = p.leak_drive + excitation * p.excitatory_reversal + inhibition * p.inhibitory_reversal + p.per_current * injected[i];
        let free = relax(potential[i], p.leak_rate + excitation + inhibition, drive);
        let reached = if refractory[i] > 0 { p.reset } else { free };
        let fires = reached >= p.threshold;
        potential[i] = if fires { p.reset } else { reached };
        refractory[i] = if fires { p.refractory_steps as u16 } else { refractory[i].saturating_sub(1) };
        excitatory[i] = p.excitatory_decay * excitatory[i] + p.excitatory_carry * excitatory_drive[i];
        excitatory_drive[i] = p.excitatory_decay * excitatory_drive[i] + p.excitatory_per_weight * exciting[i];
        inhibitory[i] = p.inhibitory_decay * inhibitory[i] + p.inhibitory_carry * inhibitory_drive[i];
        inhibitory_drive[i] = p.inhibitory_decay * inhibitory_drive[i] + p.inhibitory_per_weight * inhibiting[i];
        spiked[i] = u8::from(fires);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_core::columns::Shared;

    /// Claim: a spike of weight w makes a conductance w (t/τ) exp(1 - t/τ), which peaks at w. Source: closed form. Tolerance: 100 roundings of f32.
    #[test]
    fn the_conductance_is_an_alpha_function_with_its_peak_at_the_weight() {
        let neuron = LifAlphaConductance { excitatory_time_constant: Milliseconds(2.0), ..Default::default() };
        let p = neuron.propagators(Milliseconds(0.1)).expect("valid parameters");
        let (mut v, mut g, mut d, mut peak) = ([-70.0], [0.0], [0.0], 0.0_f32);
        for step in 0..=100_u8 {
            let arriving = if step == 0 { 7.0 } else { 0.0 };
            advance(Shared(p), &mut v, &mut g, &mut d, &mut [0.0], &mut [0.0], &mut [0], &[arriving], &[0.0], &[0.0], &mut [0]);
            let t = f64::from(step) * 0.1;
            let expected = 7.0 * t / 2.0 * (1.0 - t / 2.0).exp();
            assert!((f64::from(g[0]) - expected).abs() < 7.0 * 6e-6, "{t} ms: {g:?}, expected {expected}");
            peak = peak.max(g[0]);
        }
        assert!((peak - 7.0).abs() < 1e-4, "{peak}");
    }

    fn after_ten_milliseconds(dt: f64) -> f64 {
        let neuron = LifAlphaConductance {
            excitatory_time_constant: Milliseconds(2.0),
            inhibitory_time_constant: Milliseconds(5.0),
            ..Default::default()
        };
        let p = neuron.propagators(Milliseconds(dt)).expect("valid parameters");
        let (mut v, mut g, mut d, mut gi, mut di) = ([-70.0], [0.0], [20.0], [0.0], [10.0]);
        for _ in 0..(10.0 / dt).round() as usize {
            advance(Shared(p), &mut v, &mut g, &mut d, &mut gi, &mut di, &mut [0], &[0.0], &[0.0], &[0.0], &mut [0]);
        }
        f64::from(v[0])
    }

    /// Claim: second order in the step. Source: halving the step divides the error by four.
    /// Tolerance: 15 %, since the errors are hundreds of f32 roundings and of third order next.
    #[test]
    fn halving_the_step_divides_the_error_by_four() {
        let differences = [2.0, 1.0, 0.5].map(|dt| after_ten_milliseconds(dt) - after_ten_milliseconds(dt / 2.0));
        for ratio in [differences[0] / differences[1], differences[1] / differences[2]] {
            assert!((ratio - 4.0).abs() < 0.6, "{differences:?}");
        }
    }
}
