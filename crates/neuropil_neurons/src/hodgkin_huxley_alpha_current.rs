//! Hodgkin and Huxley's neuron with alpha-shaped synaptic currents.
//!
//! The sodium and potassium channels of the squid's giant axon, a leak, and two synaptic currents. Each arriving spike makes a current
//! that rises and falls: an alpha function that peaks at the weight, one time constant after the arrival.
//!
//! # Equations
//! ```text
//! C dV/dt = -g_Na m³ h (V - E_Na) - g_K n⁴ (V - E_K) - g_L (V - E_rest) + I_e + I_i + I_bias + I_injected
//! dx/dt   = α_x (1 - x) - β_x x      for x = m, h, n
//! α_m = 0.1 (V + 40)/(1 - exp(-(V + 40)/10))      β_m = 4 exp(-(V + 65)/18)
//! α_h = 0.07 exp(-(V + 65)/20)                    β_h = 1/(1 + exp(-(V + 35)/10))
//! α_n = 0.01 (V + 55)/(1 - exp(-(V + 55)/10))     β_n = 0.125 exp(-(V + 65)/80)
//! dI_e/dt = D_e - I_e/τ_e      dD_e/dt = -D_e/τ_e + Σ w (e/τ_e) δ(t - t_arrival)    w > 0
//! dI_i/dt = D_i - I_i/τ_i      dD_i/dt = -D_i/τ_i + Σ w (e/τ_i) δ(t - t_arrival)    w < 0
//! spike    when V ≥ 0 mV and V is past its local maximum, and none was within t_ref
//! ```
//! The step is of fourth order in potential and gates and stable however stiff (see the module `gating`); synaptic currents are exact
//! and enter with their mean over the step, which is second order. Steps longer than 0.1 ms are divided. A spike is stamped with the first step at whose
//! end the potential has fallen. The refractory period only mutes detection.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `membrane_capacitance` | C | 100 pF | > 0 | |
//! | `leak_conductance` | g_L | 30 nS | > 0 | |
//! | `sodium_conductance` | g_Na | 12000 nS | ≥ 0 | maximal |
//! | `potassium_conductance` | g_K | 3600 nS | ≥ 0 | maximal |
//! | `resting_potential` | E_rest | -54.402 mV | | reversal potential of the leak |
//! | `sodium_reversal_potential` | E_Na | 50 mV | | |
//! | `potassium_reversal_potential` | E_K | -77 mV | | |
//! | `refractory_period` | t_ref | 2 ms | ≥ 0 | rounded up to whole steps; no spike is detected within it |
//! | `excitatory_time_constant` | τ_e | 0.2 ms | > 0 | |
//! | `inhibitory_time_constant` | τ_i | 2 ms | > 0 | |
//! | `bias_current` | I_bias | 0 pA | | constant input |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`MembranePotential`] | mV | -65, the resting state of the default parameters |
//! | [`SodiumActivation`] | | steady state at -65 mV |
//! | [`SodiumInactivation`] | | steady state at -65 mV |
//! | [`PotassiumActivation`] | | steady state at -65 mV |
//! | [`ExcitatoryCurrent`] | pA | 0 |
//! | [`ExcitatoryCurrentDrive`] | pA/ms | 0 |
//! | [`InhibitoryCurrent`] | pA | 0 |
//! | [`InhibitoryCurrentDrive`] | pA/ms | 0 |
//! | [`RefractorySteps`] | steps left | 0 |
//!
//! # References
//! - Hodgkin AL, Huxley AF (1952). A quantitative description of membrane current and its application to conduction and excitation in nerve. J Physiol 117:500-544. doi:10.1113/jphysiol.1952.sp004764
//!
//! # See also
//! `HodgkinHuxleyTraubMiles` (a pyramidal cell, with conductances), `LifAlphaCurrent`.

use crate::gating::{self, Channels, Kinetics, Quotient, Rates, Stages, divide_three, linoid_of, powers};
use crate::prelude::*;

/// Adds [`HodgkinHuxleyAlphaCurrent`] to the engine.
pub struct HodgkinHuxleyAlphaCurrentPlugin;

impl Plugin for HodgkinHuxleyAlphaCurrentPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<HodgkinHuxleyAlphaCurrent>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct HodgkinHuxleyAlphaCurrent {
    pub membrane_capacitance: Picofarads,
    pub leak_conductance: Nanosiemens,
    pub sodium_conductance: Nanosiemens,
    pub potassium_conductance: Nanosiemens,
    pub resting_potential: Millivolts,
    pub sodium_reversal_potential: Millivolts,
    pub potassium_reversal_potential: Millivolts,
    pub refractory_period: Milliseconds,
    pub excitatory_time_constant: Milliseconds,
    pub inhibitory_time_constant: Milliseconds,
    pub bias_current: Picoamperes,
}

impl Default for HodgkinHuxleyAlphaCurrent {
    fn default() -> Self {
        Self {
            membrane_capacitance: Picofarads(100.0),
            leak_conductance: Nanosiemens(30.0),
            sodium_conductance: Nanosiemens(12_000.0),
            potassium_conductance: Nanosiemens(3_600.0),
            resting_potential: Millivolts(-54.402),
            sodium_reversal_potential: Millivolts(50.0),
            potassium_reversal_potential: Millivolts(-77.0),
            refractory_period: Milliseconds(2.0),
            excitatory_time_constant: Milliseconds(0.2),
            inhibitory_time_constant: Milliseconds(2.0),
            bias_current: Picoamperes(0.0),
        }
    }
}

/// The constants of one sub-step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    channels: Channels,
    leak: f32,        // g_L/C, 1/ms
    drive: f32,       // mV/ms, from leak and bias
    per_current: f32, // 1/C, mV/(ms pA)
    excitatory: Synapse,
    inhibitory: Synapse,
    refractory_steps: u32,
}

impl Kinetics for Propagators {
    #[inline(always)]
    fn channels(&self) -> Channels {
        self.channels
    }

    #[inline(always)]
    fn exponentials(&self, potential: f32) -> [f32; 2] {
        exponentials(bounded(potential))
    }

    #[inline(always)]
    fn rates(&self, potential: f32, exponentials: [f32; 2]) -> Rates {
        rates(bounded(potential), exponentials)
    }
}

/// The constants of one kind of synapse.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Synapse {
    decay: f32,         // exp(-dt/τ)
    carry: f32,         // ms: dt exp(-dt/τ)
    mean_of_value: f32, // share of the mean over the sub-step that comes from the value
    mean_of_drive: f32, // ms: and from the drive
    per_weight: f32,    // 1/ms: e/τ
}

impl Synapse {
    fn new(dt: f64, tau: f64) -> Self {
        let alpha = AlphaDecay::new(dt, tau);
        Self {
            decay: alpha.decay,
            carry: alpha.carry,
            mean_of_value: alpha.mean_of_value,
            mean_of_drive: alpha.mean_of_drive,
            per_weight: alpha.per_weight,
        }
    }

    /// Value and drive after a sub-step.
    #[inline(always)]
    fn advance(&self, value: f32, drive: f32) -> (f32, f32) {
        (self.decay * value + self.carry * drive, self.decay * drive)
    }

    /// Mean of the current over the sub-step.
    #[inline(always)]
    fn mean(&self, value: f32, drive: f32) -> f32 {
        self.mean_of_value * value + self.mean_of_drive * drive
    }
}

/// A potential in mV within bounds where no product of exponentials leaves f32; beyond, rates stand still. NaN stays NaN.
#[inline(always)]
fn bounded(potential: f32) -> f32 {
    potential.clamp(-250.0, 150.0)
}

/// exp(-v/80), of which all others but one are powers, and exp(-(v + 65)/18).
#[inline(always)]
fn exponentials(v: f32) -> [f32; 2] {
    [exp_fast(v * (-1.0 / 80.0)), exp_fast((v + 65.0) * (-1.0 / 18.0))]
}

/// The rates of Hodgkin and Huxley at a potential in mV.
#[inline(always)]
fn rates(v: f32, [eightieth, eighteenth]: [f32; 2]) -> Rates {
    let (_, twentieth, tenth) = powers(eightieth);
    let [open_m, close_h, open_n] = divide_three([
        linoid_of((v + 40.0) * -0.1, 0.018_315_64 * tenth),
        Quotient { numerator: 1.0, denominator: 1.0 + 0.030_197_384 * tenth },
        linoid_of((v + 55.0) * -0.1, 0.004_086_771_4 * tenth),
    ]);
    Rates {
        activation: (open_m, 4.0 * eighteenth),
        inactivation: (0.07 * 0.038_774_207 * twentieth, close_h),
        potassium: (0.1 * open_n, 0.125 * 0.443_747_3 * eightieth),
    }
}

impl NeuronModel for HodgkinHuxleyAlphaCurrent {
    type State = (
        MembranePotential,
        SodiumActivation,
        SodiumInactivation,
        PotassiumActivation,
        ExcitatoryCurrent,
        ExcitatoryCurrentDrive,
        InhibitoryCurrent,
        InhibitoryCurrentDrive,
        RefractorySteps,
    );
    type Propagators = Propagators;
    const STEP_NS: f64 = 20.0;
    const RESETS: bool = false;
    const SOURCE: &'static str = include_str!("hodgkin_huxley_alpha_current.rs");
    const RECEPTORS: &'static [Receptor] = &SIGNED_CURRENTS;

    fn capacitance(&self) -> Option<f64> {
        Some(self.membrane_capacitance.0)
    }

    fn initial_state(&self) -> Self::State {
        let (activation, inactivation, potassium) = gating::steady_state(rates(-65.0, exponentials(-65.0)));
        (
            MembranePotential(-65.0),
            SodiumActivation(activation),
            SodiumInactivation(inactivation),
            PotassiumActivation(potassium),
            ExcitatoryCurrent(0.0),
            ExcitatoryCurrentDrive(0.0),
            InhibitoryCurrent(0.0),
            InhibitoryCurrentDrive(0.0),
            RefractorySteps(0),
        )
    }

    fn propagators(&self, time_step: Milliseconds) -> Result<Propagators, ParameterError> {
        let capacitance = positive("membrane_capacitance", self.membrane_capacitance)?;
        let leak = positive("leak_conductance", self.leak_conductance)?;
        let rest = finite("resting_potential", self.resting_potential)?;
        let bias = finite("bias_current", self.bias_current)?;
        let (tau_e, tau_i) = synaptic_time_constants(self.excitatory_time_constant, self.inhibitory_time_constant)?;
        let substeps = substeps(time_step.0, 0.1);
        let step = time_step.0 / f64::from(substeps);
        Ok(Propagators {
            channels: Channels {
                step: step as f32,
                sodium: (not_negative("sodium_conductance", self.sodium_conductance)? / capacitance) as f32,
                potassium: (not_negative("potassium_conductance", self.potassium_conductance)? / capacitance) as f32,
                sodium_reversal: finite("sodium_reversal_potential", self.sodium_reversal_potential)? as f32,
                potassium_reversal: finite("potassium_reversal_potential", self.potassium_reversal_potential)? as f32,
                substeps,
            },
            leak: (leak / capacitance) as f32,
            drive: ((leak * rest + bias) / capacitance) as f32,
            per_current: (1.0 / capacitance) as f32,
            excitatory: Synapse::new(step, tau_e),
            inhibitory: Synapse::new(step, tau_i),
            refractory_steps: refractory_steps(self.refractory_period, time_step)?,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, activation, inactivation, potassium, excitatory, excitatory_drive, inhibitory, inhibitory_drive, refractory) =
            columns;
        let (exciting, inhibiting, injected) = (input.arriving(0), input.arriving(1), input.current());
        advance(
            constants,
            potential,
            activation,
            inactivation,
            potassium,
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

/// One step: mV, m, h, n, pA, pA/ms, pA, pA/ms, steps, pA, pA, pA, and 1 where a neuron spikes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn advance<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f32],
    activation: &mut [f32],
    inactivation: &mut [f32],
    potassium: &mut [f32],
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
    let (activation, inactivation, potassium) = (&mut activation[..neurons], &mut inactivation[..neurons], &mut potassium[..neurons]);
    let (excitatory, excitatory_drive) = (&mut excitatory[..neurons], &mut excitatory_drive[..neurons]);
    let (inhibitory, inhibitory_drive) = (&mut inhibitory[..neurons], &mut inhibitory_drive[..neurons]);
    let (exciting, inhibiting, injected) = (&exciting[..neurons], &inhibiting[..neurons], &injected[..neurons]);
    let (refractory, spiked) = (&mut refractory[..neurons], &mut spiked[..neurons]);
    spiked.fill(0);
    let mut stages = Stages::default();
    let most = (0..neurons).fold(0, |most, i| constants.at(i).channels.substeps.max(most));
    for substep in 0..most {
        let (passive, drive) = (&mut stages.passive[..neurons], &mut stages.drive[..neurons]);
        take_input(constants, substep, excitatory, excitatory_drive, inhibitory, inhibitory_drive, injected, passive, drive);
        gating::advance(constants, substep, &mut stages, potential, activation, inactivation, potassium);
        detect(&stages.before[..neurons], potential, refractory, spiked);
    }
    for i in 0..neurons {
        let p = constants.at(i);
        refractory[i] = if spiked[i] != 0 { p.refractory_steps as u16 } else { refractory[i].saturating_sub(1) };
    }
    for i in 0..neurons {
        let p = constants.at(i);
        excitatory_drive[i] += p.excitatory.per_weight * exciting[i];
        inhibitory_drive[i] += p.inhibitory.per_weight * inhibiting[i];
    }
}

/// What currents do during a sub-step, and how the synaptic ones go on.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn take_input<C: Constants<Propagators>>(
    constants: C,
    substep: u32,
    excitatory: &mut [f32],
    excitatory_drive: &mut [f32],
    inhibitory: &mut [f32],
    inhibitory_drive: &mut [f32],
    injected: &[f32],
    passive: &mut [f32],
    drive: &mut [f32],
) {
    let neurons = excitatory.len();
    let (excitatory_drive, inhibitory) = (&mut excitatory_drive[..neurons], &mut inhibitory[..neurons]);
    let (inhibitory_drive, injected) = (&mut inhibitory_drive[..neurons], &injected[..neurons]);
    let (passive, drive) = (&mut passive[..neurons], &mut drive[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let synaptic = p.excitatory.mean(excitatory[i], excitatory_drive[i]) + p.inhibitory.mean(inhibitory[i], inhibitory_drive[i]);
        passive[i] = p.leak;
        drive[i] = p.drive + p.per_current * (synaptic + injected[i]);
        let runs = substep < p.channels.substeps;
        let exciting = p.excitatory.advance(excitatory[i], excitatory_drive[i]);
        let inhibiting = p.inhibitory.advance(inhibitory[i], inhibitory_drive[i]);
        excitatory[i] = choose(runs, exciting.0, excitatory[i]);
        excitatory_drive[i] = choose(runs, exciting.1, excitatory_drive[i]);
        inhibitory[i] = choose(runs, inhibiting.0, inhibitory[i]);
        inhibitory_drive[i] = choose(runs, inhibiting.1, inhibitory_drive[i]);
    }
}

/// Marks neurons whose potential is above 0 mV and has begun to fall.
#[inline(always)]
fn detect(before: &[f32], after: &[f32], refractory: &[u16], spiked: &mut [u8]) {
    let neurons = before.len();
    let (after, refractory, spiked) = (&after[..neurons], &refractory[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let falls = (after[i] >= 0.0) & (after[i] < before[i]) & (refractory[i] == 0);
        spiked[i] |= u8::from(falls);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_core::columns::Shared;

    /// Claim: the rates are the published ones at all potentials, their removable singularities included.
    /// Source: the page's formulas in f64. Tolerance: 1e-5; powers up to the eighth of an exponential right to 3e-7 lose a digit.
    #[test]
    fn rates_are_those_of_the_page() {
        let linoid = |x: f64| if x.abs() < 1e-9 { 1.0 } else { x / x.exp_m1() };
        for k in -1200..800 {
            let v = f64::from(k) * 0.1;
            let r = rates(v as f32, exponentials(v as f32));
            let pairs = [
                (r.activation.0, linoid(-(v + 40.0) / 10.0)),
                (r.activation.1, 4.0 * (-(v + 65.0) / 18.0).exp()),
                (r.inactivation.0, 0.07 * (-(v + 65.0) / 20.0).exp()),
                (r.inactivation.1, 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp())),
                (r.potassium.0, 0.1 * linoid(-(v + 55.0) / 10.0)),
                (r.potassium.1, 0.125 * (-(v + 65.0) / 80.0).exp()),
            ];
            for (number, (found, expected)) in pairs.into_iter().enumerate() {
                assert!((f64::from(found) / expected - 1.0).abs() < 1e-5, "v {v} mV, rate {number}: {found}, expected {expected}");
            }
        }
    }

    /// Claim: -65 mV with gates at steady state is the resting state of the default parameters.
    /// Source: the sum of the currents there is -0.04 pA by the page's equations. Tolerance: it moves less than 0.01 mV in 50 ms.
    #[test]
    fn it_starts_at_rest() {
        let neuron = HodgkinHuxleyAlphaCurrent::default();
        let p = neuron.propagators(Milliseconds(0.1)).expect("valid parameters");
        let (v, m, h, n, ..) = neuron.initial_state();
        let (mut v, mut m, mut h, mut n) = ([v.0], [m.0], [h.0], [n.0]);
        for _ in 0..500 {
            let (e, de, i, di) = (&mut [0.0], &mut [0.0], &mut [0.0], &mut [0.0]);
            advance(Shared(p), &mut v, &mut m, &mut h, &mut n, e, de, i, di, &mut [0], &[0.0], &[0.0], &[0.0], &mut [0]);
            assert!((v[0] + 65.0).abs() < 0.01, "{v:?}");
        }
    }
}
