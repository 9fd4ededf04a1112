//! Graded neuron: no spikes; its synapses onto others follow its potential continuously.
//!
//! A passive membrane with synaptic conductances, and a synaptic activity that a sigmoid of the potential drives: the neuron of the worm's
//! nervous system by Kunert et al. (2014). Its synapses are graded: they open the conductance `w s` in their targets, with s the activity
//! of the source. Gap junctions are electrical synapses.
//!
//! # Equations
//! ```text
//! C dV/dt = -G (V - E_leak) - g_e (V - E_e) - g_i (V - E_i) + I_bias + I_injected + gap junctions
//! ds/dt = a_r φ(V) (1 - s) - a_d s        φ(V) = 1/(1 + exp(-β (V - V_half)))
//! g_e = Σ w s_j over excitatory synapses, g_i likewise over inhibitory ones
//! ```
//! V_half is `half_activation_potential` where `threshold` is `Fixed`. Where it is `Equilibrium`, it is the potential at which the whole
//! network would rest with the present currents if all synapses were half open (φ = ½, s = a_r/(a_r + 2 a_d)): the solution of a linear
//! system, found before the first step and whenever an injected current changes; where sources transmit something else, and where gap
//! junctions lead to neurons of other models, their present values stand.
//!
//! A step holds input and φ constant. V relaxes with the total conductance and s with its total rate, each by the (2, 2) Padé approximant
//! of its exponential: fixed points are exact, and steps of any length stable. The method is of first order in the time step; state is in
//! double precision, for the slowest time constants are thousands of steps.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `membrane_capacitance` | C | 1.5 pF | > 0 | |
//! | `leak_conductance` | G | 0.01 nS | > 0 | |
//! | `leak_reversal_potential` | E_leak | -35 mV | | |
//! | `excitatory_reversal_potential` | E_e | 0 mV | | |
//! | `inhibitory_reversal_potential` | E_i | -48 mV | | |
//! | `rise_time_constant` | 1/a_r | 1500 ms | > 0 | of the activity, synapses wide open |
//! | `decay_time_constant` | 1/a_d | 300 ms | > 0 | of the activity |
//! | `activation_range` | 1/β | 8 mV | > 0 | in which synapses open e-fold |
//! | `half_activation_potential` | V_half | -35 mV | | not used where the threshold is at equilibrium |
//! | `threshold` | | Fixed | Fixed, Equilibrium | |
//! | `bias_current` | I_bias | 0 pA | | constant input |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`PreciseMembranePotential`] | mV | `leak_reversal_potential` |
//! | [`SynapticActivity`] | | 0 |
//! | [`HalfActivationPotential`] | mV | `half_activation_potential` |
//!
//! # References
//! - Kunert J, Shlizerman E, Kutz JN (2014). Low-dimensional functionality of complex network dynamics: neurosensory integration in the Caenorhabditis elegans connectome. Phys Rev E 89:052805. doi:10.1103/PhysRevE.89.052805
//! - Kim J, Leahy W, Shlizerman E (2019). Neural interactome: interactive simulation of a neuronal system. Front Comput Neurosci 13:8. doi:10.3389/fncom.2019.00008 (the defaults)
//!
//! # See also
//! `RateUnit` (a rate instead of a potential), `LifExponentialConductance` (spikes).

use crate::prelude::*;

/// Adds [`GradedNeuron`] to the engine.
pub struct GradedNeuronPlugin;

impl Plugin for GradedNeuronPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<GradedNeuron>();
        crate::equilibrium::add_systems(app);
    }
}

/// Where a graded neuron's synapses are half open.
#[derive(Reflect, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradedThreshold {
    /// At `half_activation_potential`.
    #[default]
    Fixed,
    /// At the potential where the network rests with the present currents.
    Equilibrium,
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct GradedNeuron {
    pub membrane_capacitance: Picofarads,
    pub leak_conductance: Nanosiemens,
    pub leak_reversal_potential: Millivolts,
    pub excitatory_reversal_potential: Millivolts,
    pub inhibitory_reversal_potential: Millivolts,
    pub rise_time_constant: Milliseconds,
    pub decay_time_constant: Milliseconds,
    pub activation_range: Millivolts,
    pub half_activation_potential: Millivolts,
    pub threshold: GradedThreshold,
    pub bias_current: Picoamperes,
}

impl Default for GradedNeuron {
    fn default() -> Self {
        Self {
            membrane_capacitance: Picofarads(1.5),
            leak_conductance: Nanosiemens(0.01),
            leak_reversal_potential: Millivolts(-35.0),
            excitatory_reversal_potential: Millivolts(0.0),
            inhibitory_reversal_potential: Millivolts(-48.0),
            rise_time_constant: Milliseconds(1500.0),
            decay_time_constant: Milliseconds(300.0),
            activation_range: Millivolts(8.0),
            half_activation_potential: Millivolts(-35.0),
            threshold: GradedThreshold::Fixed,
            bias_current: Picoamperes(0.0),
        }
    }
}

impl GradedNeuron {
    /// Activity of a neuron whose synapses have been half open for long.
    pub fn half_activity(&self) -> f64 {
        let (rise, decay) = (1.0 / self.rise_time_constant.0, 1.0 / self.decay_time_constant.0);
        rise / (rise + 2.0 * decay)
    }
}

/// The constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    per_current: f64,         // dt/C, mV/pA
    leak_rate: f64,           // dt G/C
    leak_drive: f64,          // mV a step, from leak and bias
    excitatory_reversal: f64, // mV
    inhibitory_reversal: f64, // mV
    rise: f64,                // dt a_r
    decay: f64,               // dt a_d
    steepness: f64,           // β, 1/mV
}

impl NeuronModel for GradedNeuron {
    type State = (PreciseMembranePotential, SynapticActivity, HalfActivationPotential);
    type Propagators = Propagators;
    const SOURCE: &'static str = include_str!("graded_neuron.rs");
    const RECEPTORS: &'static [Receptor] = &SIGNED_CONDUCTANCES;
    const TRANSMITS: Option<usize> = Some(1);
    const RESETS: bool = false;
    const STEP_NS: f64 = 10.0;

    fn capacitance(&self) -> Option<f64> {
        Some(self.membrane_capacitance.0)
    }

    fn initial_state(&self) -> Self::State {
        let half = HalfActivationPotential(self.half_activation_potential.0);
        (PreciseMembranePotential(self.leak_reversal_potential.0), SynapticActivity(0.0), half)
    }

    fn propagators(&self, time_step: Milliseconds) -> Result<Propagators, ParameterError> {
        let per_current = time_step.0 / positive("membrane_capacitance", self.membrane_capacitance)?;
        let leak = positive("leak_conductance", self.leak_conductance)?;
        let reversal = finite("leak_reversal_potential", self.leak_reversal_potential)?;
        let bias = finite("bias_current", self.bias_current)?;
        finite("half_activation_potential", self.half_activation_potential)?;
        let rise = positive("rise_time_constant", self.rise_time_constant)?;
        let decay = positive("decay_time_constant", self.decay_time_constant)?;
        Ok(Propagators {
            per_current,
            leak_rate: per_current * leak,
            leak_drive: per_current * (leak * reversal + bias),
            excitatory_reversal: finite("excitatory_reversal_potential", self.excitatory_reversal_potential)?,
            inhibitory_reversal: finite("inhibitory_reversal_potential", self.inhibitory_reversal_potential)?,
            rise: time_step.0 / rise,
            decay: time_step.0 / decay,
            steepness: 1.0 / positive("activation_range", self.activation_range)?,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, activity, half) = columns;
        advance(constants, potential, activity, half, input.arriving(0), input.arriving(1), input.current());
        spiked.fill(0);
    }
}

/// One step: mV, 1, mV, nS, nS, pA.
#[inline(always)]
fn advance<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f64],
    activity: &mut [f64],
    half: &[f64],
    excitatory: &[f32],
    inhibitory: &[f32],
    injected: &[f32],
) {
    let neurons = potential.len();
    let (activity, half) = (&mut activity[..neurons], &half[..neurons]);
    let (excitatory, inhibitory, injected) = (&excitatory[..neurons], &inhibitory[..neurons], &injected[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let (e, n) = (p.per_current * f64::from(excitatory[i]), p.per_current * f64::from(inhibitory[i]));
        let rate = p.leak_rate + e + n;
        let drive = p.leak_drive + e * p.excitatory_reversal + n * p.inhibitory_reversal + p.per_current * f64::from(injected[i]);
        let opening = p.rise / (1.0 + (-p.steepness * (potential[i] - half[i])).exp());
        potential[i] = relax_precisely(potential[i], rate, drive);
        activity[i] = relax_precisely(activity[i], opening + p.decay, opening);
    }
}

/// [`relax`] in double precision.
#[inline(always)]
fn relax_precisely(value: f64, rate: f64, drive: f64) -> f64 {
    value + (drive - rate * value) / (1.0 + rate * (0.5 + rate * (1.0 / 12.0)))
}
