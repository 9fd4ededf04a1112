//! Hodgkin-Huxley neuron with the channels of Traub and Miles and exponential synaptic conductances: the neuron of COBAHH.
//!
//! Fast sodium and delayed-rectifier potassium channels of a hippocampal pyramidal cell, a leak, and two synaptic conductances. Each
//! arriving spike adds the magnitude of its weight to a conductance that decays exponentially: positive weights to the excitatory one, negative weights to the inhibitory one.
//!
//! # Equations
//! ```text
//! C dV/dt = -g_Na m³ h (V - E_Na) - g_K n⁴ (V - E_K) - g_L (V - E_rest) - g_e (V - E_e) - g_i (V - E_i) + I_bias + I_injected
//! dx/dt   = α_x (1 - x) - β_x x      for x = m, h, n; with v = V - V_T:
//! α_m = 0.32 (13 - v)/(exp((13 - v)/4) - 1)       β_m = 0.28 (v - 40)/(exp((v - 40)/5) - 1)
//! α_h = 0.128 exp((17 - v)/18)                    β_h = 4/(1 + exp((40 - v)/5))
//! α_n = 0.032 (15 - v)/(exp((15 - v)/5) - 1)      β_n = 0.5 exp((10 - v)/40)
//! dg_e/dt = -g_e/τ_e + Σ w δ(t - t_arrival)       w > 0
//! dg_i/dt = -g_i/τ_i + Σ |w| δ(t - t_arrival)     w < 0
//! spike    when V ≥ V_T + 30 mV and V is past its local maximum, and none was within t_ref
//! ```
//! The step is of fourth order in potential and gates and stable however stiff (see the module `gating`); conductances decay exactly
//! and enter with their mean over the step, which is second order. Steps longer than 0.1 ms are divided. A spike is stamped with the first step at whose
//! end the potential has fallen. The refractory period only mutes detection.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `membrane_capacitance` | C | 200 pF | > 0 | |
//! | `leak_conductance` | g_L | 10 nS | > 0 | |
//! | `sodium_conductance` | g_Na | 20000 nS | ≥ 0 | maximal |
//! | `potassium_conductance` | g_K | 6000 nS | ≥ 0 | maximal |
//! | `resting_potential` | E_rest | -60 mV | | reversal potential of the leak |
//! | `sodium_reversal_potential` | E_Na | 50 mV | | |
//! | `potassium_reversal_potential` | E_K | -90 mV | | |
//! | `threshold_shift` | V_T | -63 mV | | shifts all rates, and so the threshold |
//! | `refractory_period` | t_ref | 2 ms | ≥ 0 | rounded up to whole steps; no spike is detected within it |
//! | `excitatory_time_constant` | τ_e | 5 ms | > 0 | |
//! | `inhibitory_time_constant` | τ_i | 10 ms | > 0 | |
//! | `excitatory_reversal_potential` | E_e | 0 mV | | |
//! | `inhibitory_reversal_potential` | E_i | -80 mV | | |
//! | `bias_current` | I_bias | 0 pA | | constant input |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`MembranePotential`] | mV | `resting_potential` |
//! | [`SodiumActivation`] | | steady state at `resting_potential` |
//! | [`SodiumInactivation`] | | steady state at `resting_potential` |
//! | [`PotassiumActivation`] | | steady state at `resting_potential` |
//! | [`ExcitatoryConductance`] | nS | 0 |
//! | [`InhibitoryConductance`] | nS | 0 |
//! | [`RefractorySteps`] | steps left | 0 |
//!
//! # References
//! - Brette R et al. (2007). Simulation of networks of spiking neurons: a review of tools and strategies. J Comput Neurosci 23:349-398. doi:10.1007/s10827-007-0038-6
//! - Traub RD, Miles R (1991). Neuronal networks of the hippocampus. Cambridge University Press. doi:10.1017/CBO9780511895401
//!
//! # See also
//! `HodgkinHuxleyAlphaCurrent` (squid axon), `AdEx` (an exponential upstroke at a tenth of the cost).

use crate::gating::{self, Channels, Kinetics, Quotient, Rates, Stages, divide_four, linoid_of, linoid_of_inverse, powers};
use crate::prelude::*;

/// Adds [`HodgkinHuxleyTraubMiles`] to the engine.
pub struct HodgkinHuxleyTraubMilesPlugin;

impl Plugin for HodgkinHuxleyTraubMilesPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<HodgkinHuxleyTraubMiles>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct HodgkinHuxleyTraubMiles {
    pub membrane_capacitance: Picofarads,
    pub leak_conductance: Nanosiemens,
    pub sodium_conductance: Nanosiemens,
    pub potassium_conductance: Nanosiemens,
    pub resting_potential: Millivolts,
    pub sodium_reversal_potential: Millivolts,
    pub potassium_reversal_potential: Millivolts,
    pub threshold_shift: Millivolts,
    pub refractory_period: Milliseconds,
    pub excitatory_time_constant: Milliseconds,
    pub inhibitory_time_constant: Milliseconds,
    pub excitatory_reversal_potential: Millivolts,
    pub inhibitory_reversal_potential: Millivolts,
    pub bias_current: Picoamperes,
}

impl Default for HodgkinHuxleyTraubMiles {
    fn default() -> Self {
        Self {
            membrane_capacitance: Picofarads(200.0),
            leak_conductance: Nanosiemens(10.0),
            sodium_conductance: Nanosiemens(20_000.0),
            potassium_conductance: Nanosiemens(6_000.0),
            resting_potential: Millivolts(-60.0),
            sodium_reversal_potential: Millivolts(50.0),
            potassium_reversal_potential: Millivolts(-90.0),
            threshold_shift: Millivolts(-63.0),
            refractory_period: Milliseconds(2.0),
            excitatory_time_constant: Milliseconds(5.0),
            inhibitory_time_constant: Milliseconds(10.0),
            excitatory_reversal_potential: Millivolts(0.0),
            inhibitory_reversal_potential: Millivolts(-80.0),
            bias_current: Picoamperes(0.0),
        }
    }
}

/// The constants of one sub-step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    channels: Channels,
    leak: f32,                // g_L/C, 1/ms
    drive: f32,               // mV/ms, from leak and bias
    per_current: f32,         // 1/C, mV/(ms pA)
    rate_per_excitation: f32, // 1/(ms nS): mean of the conductance over the sub-step, over C
    rate_per_inhibition: f32, // 1/(ms nS)
    excitatory_reversal: f32, // mV
    inhibitory_reversal: f32, // mV
    excitatory_decay: f32,
    inhibitory_decay: f32,
    shift: f32, // V_T, mV
    refractory_steps: u32,
}

impl Kinetics for Propagators {
    #[inline(always)]
    fn channels(&self) -> Channels {
        self.channels
    }

    #[inline(always)]
    fn exponentials(&self, potential: f32) -> [f32; 2] {
        exponentials(bounded(potential - self.shift))
    }

    #[inline(always)]
    fn rates(&self, potential: f32, exponentials: [f32; 2]) -> Rates {
        rates(bounded(potential - self.shift), exponentials)
    }
}

/// v = V - V_T in mV, within bounds where no product of exponentials leaves f32; beyond, rates stand still. NaN stays NaN.
#[inline(always)]
fn bounded(v: f32) -> f32 {
    v.clamp(-75.0, 250.0)
}

/// exp(-v/40), of which all others but one are powers, and exp(-v/18).
#[inline(always)]
fn exponentials(v: f32) -> [f32; 2] {
    [exp_fast(v * (-1.0 / 40.0)), exp_fast(v * (-1.0 / 18.0))]
}

/// The rates of Traub and Miles at v = V - V_T, in mV.
#[inline(always)]
fn rates(v: f32, [fortieth, eighteenth]: [f32; 2]) -> Rates {
    let (twentieth, _, fifth) = powers(fortieth);
    let fourth = fifth * twentieth;
    let falling = 2_980.958 * fifth;
    let [open_m, close_m, close_h, open_n] = divide_four([
        linoid_of((13.0 - v) * 0.25, 25.790_34 * fourth),
        linoid_of_inverse((v - 40.0) * 0.2, falling),
        Quotient { numerator: 4.0, denominator: 1.0 + falling },
        linoid_of((15.0 - v) * 0.2, 20.085_537 * fifth),
    ]);
    Rates {
        activation: (1.28 * open_m, 1.4 * close_m),
        inactivation: (0.128 * 2.571_384_3 * eighteenth, close_h),
        potassium: (0.16 * open_n, 0.642_012_7 * fortieth),
    }
}

impl NeuronModel for HodgkinHuxleyTraubMiles {
    type State = (
        MembranePotential,
        SodiumActivation,
        SodiumInactivation,
        PotassiumActivation,
        ExcitatoryConductance,
        InhibitoryConductance,
        RefractorySteps,
    );
    type Propagators = Propagators;
    const STEP_NS: f64 = 20.0;
    const RESETS: bool = false;
    const SOURCE: &'static str = include_str!("hodgkin_huxley_traub_miles.rs");
    const RECEPTORS: &'static [Receptor] = &SIGNED_CONDUCTANCES;

    fn capacitance(&self) -> Option<f64> {
        Some(self.membrane_capacitance.0)
    }

    fn initial_state(&self) -> Self::State {
        let rest = self.resting_potential.0 as f32;
        let shifted = bounded(rest - self.threshold_shift.0 as f32);
        let (activation, inactivation, potassium) = gating::steady_state(rates(shifted, exponentials(shifted)));
        (
            MembranePotential(rest),
            SodiumActivation(activation),
            SodiumInactivation(inactivation),
            PotassiumActivation(potassium),
            ExcitatoryConductance(0.0),
            InhibitoryConductance(0.0),
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
        // Rates, not their product with the step: the step is divided further.
        let input = membrane.input(1.0)?;
        let (tau_e, tau_i) = synaptic_time_constants(self.excitatory_time_constant, self.inhibitory_time_constant)?;
        let substeps = substeps(time_step.0, 0.1);
        let step = time_step.0 / f64::from(substeps);
        let (excitatory_decay, excitatory_mean) = exponential_decay(step, tau_e);
        let (inhibitory_decay, inhibitory_mean) = exponential_decay(step, tau_i);
        let channel = |name, conductance| Ok((not_negative(name, conductance)? / self.membrane_capacitance.0) as f32);
        Ok(Propagators {
            channels: Channels {
                step: step as f32,
                sodium: channel("sodium_conductance", self.sodium_conductance)?,
                potassium: channel("potassium_conductance", self.potassium_conductance)?,
                sodium_reversal: finite("sodium_reversal_potential", self.sodium_reversal_potential)? as f32,
                potassium_reversal: finite("potassium_reversal_potential", self.potassium_reversal_potential)? as f32,
                substeps,
            },
            leak: input.leak_rate,
            drive: input.leak_drive,
            per_current: input.per_current,
            rate_per_excitation: input.per_current * excitatory_mean,
            rate_per_inhibition: input.per_current * inhibitory_mean,
            excitatory_reversal: input.excitatory_reversal,
            inhibitory_reversal: input.inhibitory_reversal,
            excitatory_decay,
            inhibitory_decay,
            shift: finite("threshold_shift", self.threshold_shift)? as f32,
            refractory_steps: refractory_steps(self.refractory_period, time_step)?,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, activation, inactivation, potassium, excitatory, inhibitory, refractory) = columns;
        let (exciting, inhibiting, injected) = (input.arriving(0), input.arriving(1), input.current());
        advance(
            constants,
            potential,
            activation,
            inactivation,
            potassium,
            excitatory,
            inhibitory,
            refractory,
            exciting,
            inhibiting,
            injected,
            spiked,
        );
    }
}

/// One step: mV, m, h, n, nS, nS, steps, nS, nS, pA, and 1 where a neuron spikes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn advance<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f32],
    activation: &mut [f32],
    inactivation: &mut [f32],
    potassium: &mut [f32],
    excitatory: &mut [f32],
    inhibitory: &mut [f32],
    refractory: &mut [u16],
    exciting: &[f32],
    inhibiting: &[f32],
    injected: &[f32],
    spiked: &mut [u8],
) {
    let neurons = potential.len();
    let (activation, inactivation, potassium) = (&mut activation[..neurons], &mut inactivation[..neurons], &mut potassium[..neurons]);
    let (excitatory, inhibitory) = (&mut excitatory[..neurons], &mut inhibitory[..neurons]);
    let (exciting, inhibiting, injected) = (&exciting[..neurons], &inhibiting[..neurons], &injected[..neurons]);
    let (refractory, spiked) = (&mut refractory[..neurons], &mut spiked[..neurons]);
    spiked.fill(0);
    let mut stages = Stages::default();
    let most = (0..neurons).fold(0, |most, i| constants.at(i).channels.substeps.max(most));
    for substep in 0..most {
        let (passive, drive) = (&mut stages.passive[..neurons], &mut stages.drive[..neurons]);
        take_input(constants, substep, excitatory, inhibitory, injected, passive, drive);
        gating::advance(constants, substep, &mut stages, potential, activation, inactivation, potassium);
        detect(constants, &stages.before[..neurons], potential, refractory, spiked);
    }
    for i in 0..neurons {
        refractory[i] = if spiked[i] != 0 { constants.at(i).refractory_steps as u16 } else { refractory[i].saturating_sub(1) };
    }
    for i in 0..neurons {
        excitatory[i] += exciting[i];
        inhibitory[i] += inhibiting[i];
    }
}

/// What conductances and currents do during a sub-step, and the decay of the conductances over it.
#[inline(always)]
fn take_input<C: Constants<Propagators>>(
    constants: C,
    substep: u32,
    excitatory: &mut [f32],
    inhibitory: &mut [f32],
    injected: &[f32],
    passive: &mut [f32],
    drive: &mut [f32],
) {
    let neurons = excitatory.len();
    let (inhibitory, injected) = (&mut inhibitory[..neurons], &injected[..neurons]);
    let (passive, drive) = (&mut passive[..neurons], &mut drive[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let (excitation, inhibition) = (p.rate_per_excitation * excitatory[i], p.rate_per_inhibition * inhibitory[i]);
        passive[i] = p.leak + excitation + inhibition;
        drive[i] = p.drive + excitation * p.excitatory_reversal + inhibition * p.inhibitory_reversal + p.per_current * injected[i];
        let runs = substep < p.channels.substeps;
        excitatory[i] *= choose(runs, p.excitatory_decay, 1.0);
        inhibitory[i] *= choose(runs, p.inhibitory_decay, 1.0);
    }
}

/// Marks neurons whose potential is high and has begun to fall.
#[inline(always)]
fn detect<C: Constants<Propagators>>(constants: C, before: &[f32], after: &[f32], refractory: &[u16], spiked: &mut [u8]) {
    let neurons = before.len();
    let (after, refractory, spiked) = (&after[..neurons], &refractory[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let falls = (after[i] >= constants.at(i).shift + 30.0) & (after[i] < before[i]) & (refractory[i] == 0);
        spiked[i] |= u8::from(falls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_core::columns::Shared;

    /// Claim: the rates are the published ones at all potentials, their removable singularities included.
    /// Source: the page's formulas in f64. Tolerance: 1e-5; powers up to the tenth of an exponential right to 3e-7 lose a digit.
    #[test]
    fn rates_are_those_of_the_page() {
        let linoid = |x: f64| if x.abs() < 1e-9 { 1.0 } else { x / x.exp_m1() };
        for k in -750..1500 {
            let v = f64::from(k) * 0.1;
            let r = rates(v as f32, exponentials(v as f32));
            let pairs = [
                (r.activation.0, 0.32 * 4.0 * linoid((13.0 - v) / 4.0)),
                (r.activation.1, 0.28 * 5.0 * linoid((v - 40.0) / 5.0)),
                (r.inactivation.0, 0.128 * ((17.0 - v) / 18.0).exp()),
                (r.inactivation.1, 4.0 / (1.0 + ((40.0 - v) / 5.0).exp())),
                (r.potassium.0, 0.032 * 5.0 * linoid((15.0 - v) / 5.0)),
                (r.potassium.1, 0.5 * ((10.0 - v) / 40.0).exp()),
            ];
            for (number, (found, expected)) in pairs.into_iter().enumerate() {
                assert!((f64::from(found) / expected - 1.0).abs() < 1e-5, "v {v} mV, rate {number}: {found}, expected {expected}");
            }
        }
    }

    /// Potential after 2.4 ms from rest with 500 pA, in the upstroke.
    fn in_the_upstroke(dt: f64) -> f64 {
        let neuron = HodgkinHuxleyTraubMiles::default();
        let p = neuron.propagators(Milliseconds(dt)).expect("valid parameters");
        let (v, m, h, n, ..) = neuron.initial_state();
        let (mut v, mut m, mut h, mut n) = ([v.0], [m.0], [h.0], [n.0]);
        for _ in 0..(2.4 / dt).round() as usize {
            let (ge, gi, r) = (&mut [0.0], &mut [0.0], &mut [0]);
            advance(Shared(p), &mut v, &mut m, &mut h, &mut n, ge, gi, r, &[0.0], &[0.0], &[500.0], &mut [0]);
        }
        f64::from(v[0])
    }

    /// Claim: fourth order in the step. Source: halving the step divides the error by sixteen, asymptotically.
    /// Tolerance: a ratio above 11 between steps of 0.1 and 0.05 ms; second order would give 4, third 8.
    #[test]
    fn halving_the_step_divides_the_error_by_sixteen() {
        let best = in_the_upstroke(0.0125);
        let errors = [0.1, 0.05].map(|dt| (in_the_upstroke(dt) - best).abs());
        assert!(errors[0] / errors[1] > 11.0, "{errors:?} mV, at {best} mV");
    }
}
