//! Adaptive exponential integrate-and-fire neuron with exponential synaptic conductances.
//!
//! The membrane has an exponential upstroke, and an adaptation current that follows the potential and grows with each spike. A handful of
//! parameters give tonic, adapting, bursting, accelerating and irregular patterns.
//!
//! # Equations
//! ```text
//! C dV/dt   = -g_L (V - E_rest) + g_L Δ_T exp((V - V_threshold)/Δ_T) - w - g_e (V - E_e) - g_i (V - E_i) + I_bias + I_injected
//! τ_w dw/dt = a (V - E_rest) - w
//! dg_e/dt   = -g_e/τ_e + Σ w_synapse δ(t - t_arrival)      w_synapse > 0
//! dg_i/dt   = -g_i/τ_i + Σ |w_synapse| δ(t - t_arrival)    w_synapse < 0
//! spike, V ← V_reset, w ← w + b    when V ≥ V_peak
//! ```
//! Splitting of second order: half a step of w, half of the linear currents, the exponential current exactly, half of the linear
//! currents, half of w. In z = exp(-(V - V_threshold)/Δ_T) the upstroke is a straight line, so the time of the peak within the step is
//! read off it: reset and adaptation take effect at that time, and the rest of the step starts from the reset potential; the spike is stamped with the
//! end of the step. While refractory, V stays at V_reset and w follows it. Steps longer than 1/64 of C/g_L are divided.
//!
//! Where Δ_T = 0 there is no exponential current, and the neuron spikes when V ≥ V_threshold.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `membrane_capacitance` | C | 281 pF | > 0 | |
//! | `leak_conductance` | g_L | 30 nS | > 0 | |
//! | `resting_potential` | E_rest | -70.6 mV | | reversal potential of the leak |
//! | `threshold_potential` | V_threshold | -50.4 mV | ≤ V_peak | where the upstroke takes over |
//! | `reset_potential` | V_reset | -60 mV | < V_peak | less than V_threshold if Δ_T = 0 |
//! | `refractory_period` | t_ref | 0 ms | ≥ 0 | rounded up to whole steps, counted from the end of the spike's step |
//! | `excitatory_time_constant` | τ_e | 0.2 ms | > 0 | |
//! | `inhibitory_time_constant` | τ_i | 2 ms | > 0 | |
//! | `excitatory_reversal_potential` | E_e | 0 mV | | |
//! | `inhibitory_reversal_potential` | E_i | -85 mV | | |
//! | `bias_current` | I_bias | 0 pA | | constant input |
//! | `slope_factor` | Δ_T | 2 mV | 0, or ≥ (V_peak - V_threshold)/60 | sharpness of the upstroke |
//! | `peak_potential` | V_peak | 0 mV | | where a spike is cut |
//! | `adaptation_conductance` | a | 4 nS | | |
//! | `adaptation_time_constant` | τ_w | 144 ms | > 0 | |
//! | `spike_adaptation` | b | 80.5 pA | | added to w at a spike |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`MembranePotential`] | mV | `resting_potential` |
//! | [`AdaptationCurrent`] | pA | 0 |
//! | [`ExcitatoryConductance`] | nS | 0 |
//! | [`InhibitoryConductance`] | nS | 0 |
//! | [`RefractorySteps`] | steps left | 0 |
//!
//! # References
//! - Brette R, Gerstner W (2005). Adaptive exponential integrate-and-fire model as an effective description of neuronal activity. J Neurophysiol 94:3637-3642. doi:10.1152/jn.00686.2005
//! - Naud R, Marcille N, Clopath C, Gerstner W (2008). Firing patterns in the adaptive exponential integrate-and-fire model. Biol Cybern 99:335-347. doi:10.1007/s00422-008-0264-7
//!
//! # See also
//! `LifExponentialConductance` (no upstroke, no adaptation), `Izhikevich` (quadratic upstroke).

use crate::logarithm::ln_fast;
use crate::prelude::*;

/// Adds [`AdEx`] to the engine.
pub struct AdExPlugin;

impl Plugin for AdExPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<AdEx>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct AdEx {
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
    pub slope_factor: Millivolts,
    pub peak_potential: Millivolts,
    pub adaptation_conductance: Nanosiemens,
    pub adaptation_time_constant: Milliseconds,
    pub spike_adaptation: Picoamperes,
}

impl Default for AdEx {
    fn default() -> Self {
        Self {
            membrane_capacitance: Picofarads(281.0),
            leak_conductance: Nanosiemens(30.0),
            resting_potential: Millivolts(-70.6),
            threshold_potential: Millivolts(-50.4),
            reset_potential: Millivolts(-60.0),
            refractory_period: Milliseconds(0.0),
            excitatory_time_constant: Milliseconds(0.2),
            inhibitory_time_constant: Milliseconds(2.0),
            excitatory_reversal_potential: Millivolts(0.0),
            inhibitory_reversal_potential: Millivolts(-85.0),
            bias_current: Picoamperes(0.0),
            slope_factor: Millivolts(2.0),
            peak_potential: Millivolts(0.0),
            adaptation_conductance: Nanosiemens(4.0),
            adaptation_time_constant: Milliseconds(144.0),
            spike_adaptation: Picoamperes(80.5),
        }
    }
}

/// The constants of one sub-step, of length δ.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    leak_rate: f32,           // δ g_L/C
    leak_drive: f32,          // mV, from leak and bias
    per_current: f32,         // mV/pA: δ/C
    rate_per_excitation: f32, // 1/nS: mean of the conductance over the sub-step, times δ/C
    rate_per_inhibition: f32, // 1/nS
    excitatory_reversal: f32, // mV
    inhibitory_reversal: f32, // mV
    excitatory_decay: f32,
    inhibitory_decay: f32,
    growth: f32,                 // δ g_L/C, or 0 if Δ_T = 0: what the upstroke takes from z
    slope: f32,                  // mV: Δ_T
    inverse_slope: f32,          // 1/mV, or 0
    soft_threshold: f32,         // mV
    peak: f32,                   // mV: V_peak, or V_threshold if Δ_T = 0
    peak_z: f32,                 // z at the peak, or 0
    reset: f32,                  // mV
    adaptation_share: f32,       // 1 - exp(-δ/2τ_w): of the way that w goes in half a sub-step; not its complement, whose digits f32 lacks
    adaptation_conductance: f32, // nS
    rest: f32,                   // mV
    spike_adaptation: f32,       // pA
    refractory_steps: u32,
    substeps: u32,
}

impl NeuronModel for AdEx {
    type State = (MembranePotential, AdaptationCurrent, ExcitatoryConductance, InhibitoryConductance, RefractorySteps);
    type Propagators = Propagators;
    const STEP_NS: f64 = 12.0;
    const SOURCE: &'static str = include_str!("adex.rs");
    const RECEPTORS: &'static [Receptor] = &SIGNED_CONDUCTANCES;

    fn capacitance(&self) -> Option<f64> {
        Some(self.membrane_capacitance.0)
    }

    fn initial_state(&self) -> Self::State {
        let rest = MembranePotential(self.resting_potential.0 as f32);
        (rest, AdaptationCurrent(0.0), ExcitatoryConductance(0.0), InhibitoryConductance(0.0), RefractorySteps(0))
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
        let (threshold, peak, slope) = self.upstroke()?;
        let cut = if slope > 0.0 { peak } else { threshold };
        let reset = finite("reset_potential", self.reset_potential)?;
        let below = if slope > 0.0 { "peak_potential" } else { "threshold_potential (slope_factor is 0)" };
        require(reset < cut, "reset_potential", self.reset_potential, &format!("less than the {below}, {}", Millivolts(cut)))?;
        let (tau_e, tau_i) = synaptic_time_constants(self.excitatory_time_constant, self.inhibitory_time_constant)?;
        let tau_w = positive("adaptation_time_constant", self.adaptation_time_constant)?;

        membrane.input(time_step.0)?;
        let substeps = substeps(time_step.0, self.membrane_capacitance.0 / self.leak_conductance.0 / 64.0);
        let step = time_step.0 / f64::from(substeps);
        let input = membrane.input(step)?;
        let (excitatory_decay, excitatory_mean) = exponential_decay(step, tau_e);
        let (inhibitory_decay, inhibitory_mean) = exponential_decay(step, tau_i);
        let half = -0.5 * step / tau_w;
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
            growth: if slope > 0.0 { input.leak_rate } else { 0.0 },
            slope: slope as f32,
            inverse_slope: if slope > 0.0 { (1.0 / slope) as f32 } else { 0.0 },
            soft_threshold: threshold as f32,
            peak: cut as f32,
            peak_z: if slope > 0.0 { (-(peak - threshold) / slope).exp() as f32 } else { 0.0 },
            reset: reset as f32,
            adaptation_share: -half.exp_m1() as f32,
            adaptation_conductance: finite("adaptation_conductance", self.adaptation_conductance)? as f32,
            rest: self.resting_potential.0 as f32,
            spike_adaptation: finite("spike_adaptation", self.spike_adaptation)? as f32,
            refractory_steps: refractory_steps(self.refractory_period, time_step)?,
            substeps,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, adaptation, excitatory, inhibitory, refractory) = columns;
        let (exciting, inhibiting, injected) = (input.arriving(0), input.arriving(1), input.current());
        advance(constants, potential, adaptation, excitatory, inhibitory, refractory, exciting, inhibiting, injected, spiked);
    }
}

impl AdEx {
    /// Threshold, peak and slope factor in mV.
    fn upstroke(&self) -> Result<(f64, f64, f64), ParameterError> {
        let threshold = finite("threshold_potential", self.threshold_potential)?;
        let peak = finite("peak_potential", self.peak_potential)?;
        let slope = not_negative("slope_factor", self.slope_factor)?;
        require(
            peak >= threshold,
            "peak_potential",
            self.peak_potential,
            &format!("at least the threshold_potential, {}", self.threshold_potential),
        )?;
        // Beyond, exp((V_peak - V_threshold)/Δ_T) leaves the range of f32.
        let least = (peak - threshold) / 60.0;
        let expected = format!("0 mV, or at least {}: a sixtieth of the way from threshold to peak", Millivolts(least));
        require(slope == 0.0 || slope >= least, "slope_factor", self.slope_factor, &expected)?;
        Ok((threshold, peak, slope))
    }
}

impl Propagators {
    /// The adaptation current after half a sub-step.
    #[inline(always)]
    fn adapt(&self, adaptation: f32, potential: f32) -> f32 {
        adaptation + self.adaptation_share * (self.adaptation_conductance * (potential - self.rest) - adaptation)
    }

    /// Linear currents for a share of the sub-step.
    #[inline(always)]
    fn linear(&self, potential: f32, rate: f32, drive: f32, share: f32) -> f32 {
        relax(potential, share * rate, share * drive)
    }

    /// A sub-step, or the share of one, without reset: the potential after it, whether it reaches the peak, and the share of the sub-step when it does so.
    #[inline(always)]
    fn flow(&self, start: f32, rate: f32, drive: f32, share: f32) -> (f32, bool, f32) {
        let before = self.linear(start, rate, drive, 0.5 * share);
        // Relative to z at `before`, z falls by `taken` and the peak is at `at_peak`.
        let rise = exp_fast((before - self.soft_threshold) * self.inverse_slope);
        let (taken, at_peak) = (share * self.growth * rise, self.peak_z * rise);
        let left = 1.0 - taken;
        let shot = left <= at_peak;
        let after = before - self.slope * ln_fast(choose(left > 1e-20, left, 1e-20));
        let end = self.linear(after, rate, drive, 0.5 * share);
        // The linear currents alone may carry the potential over the peak: there it runs nearly straight.
        let (whole, part) = (choose(shot, taken, end - start), choose(shot, 1.0 - at_peak, self.peak - start));
        (end, shot | (end >= self.peak), part / whole)
    }
}

/// One step: mV, pA, nS, nS, steps, nS, nS, pA, and 1 where a neuron spikes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn advance<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f32],
    adaptation: &mut [f32],
    excitatory: &mut [f32],
    inhibitory: &mut [f32],
    refractory: &mut [u16],
    exciting: &[f32],
    inhibiting: &[f32],
    injected: &[f32],
    spiked: &mut [u8],
) {
    let neurons = potential.len();
    let (adaptation, excitatory, inhibitory) = (&mut adaptation[..neurons], &mut excitatory[..neurons], &mut inhibitory[..neurons]);
    let (exciting, inhibiting, injected) = (&exciting[..neurons], &inhibiting[..neurons], &injected[..neurons]);
    let (refractory, spiked) = (&mut refractory[..neurons], &mut spiked[..neurons]);
    spiked.fill(0);
    let most = (0..neurons).fold(0, |most, i| constants.at(i).substeps.max(most));
    for substep in 0..most {
        for i in 0..neurons {
            let p = constants.at(i);
            let held = (refractory[i] > 0) | ((spiked[i] != 0) & (p.refractory_steps > 0));
            let start = choose(held, p.reset, potential[i]);
            let excitation = p.rate_per_excitation * excitatory[i];
            let inhibition = p.rate_per_inhibition * inhibitory[i];
            let w = p.adapt(adaptation[i], start);
            let rate = p.leak_rate + excitation + inhibition;
            let drive =
                p.leak_drive + excitation * p.excitatory_reversal + inhibition * p.inhibitory_reversal + p.per_current * (injected[i] - w);
            let (end, reaches, share) = p.flow(start, rate, drive, 1.0);
            let fires = reaches & !held;
            // From the reset potential for what is left of the sub-step, with the spike's adaptation; nothing is left to a refractory neuron.
            let left = choose(held | (p.refractory_steps > 0), 0.0, 1.0 - choose(share > 0.0, choose(share < 1.0, share, 1.0), 0.0));
            let (again, ..) = p.flow(p.reset, rate, drive - p.per_current * p.spike_adaptation, left);
            let restarted = choose(again > p.peak, p.peak, again);
            let reached = choose(fires | held, restarted, end);
            let grown = choose(fires, w + p.spike_adaptation, w);

            let runs = substep < p.substeps;
            potential[i] = choose(runs, reached, potential[i]);
            adaptation[i] = choose(runs, p.adapt(grown, reached), adaptation[i]);
            excitatory[i] *= choose(runs, p.excitatory_decay, 1.0);
            inhibitory[i] *= choose(runs, p.inhibitory_decay, 1.0);
            spiked[i] |= u8::from(fires & runs);
        }
    }
    for i in 0..neurons {
        let p = constants.at(i);
        refractory[i] = if spiked[i] != 0 { p.refractory_steps as u16 } else { refractory[i].saturating_sub(1) };
    }
    for i in 0..neurons {
        excitatory[i] += exciting[i];
        inhibitory[i] += inhibiting[i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_core::columns::Shared;

    /// Times of spikes, in ms, under a constant current from time 0.
    fn train(neuron: &AdEx, current: f32, dt: f64, duration: f64) -> Vec<f64> {
        let p = neuron.propagators(Milliseconds(dt)).expect("valid parameters");
        let (mut v, mut w, mut r) = ([neuron.resting_potential.0 as f32], [0.0], [0]);
        let mut times = Vec::new();
        for step in 1..=(duration / dt).round() as usize {
            let mut spiked = [0];
            advance(Shared(p), &mut v, &mut w, &mut [0.0], &mut [0.0], &mut r, &[0.0], &[0.0], &[current], &mut spiked);
            if spiked[0] != 0 {
                times.push(step as f64 * dt);
            }
        }
        times
    }

    /// Claim: trains at steps of 0.1 and 1 ms are those at 0.01 ms, but for the stamps at ends of steps.
    /// Source: convergence. Tolerance: one step; within it, a second-order method has an error far below.
    #[test]
    fn the_time_of_a_spike_within_the_step_is_kept() {
        for dt in [0.1, 1.0] {
            let (fine, coarse) = (train(&AdEx::default(), 800.0, 0.01, 400.0), train(&AdEx::default(), 800.0, dt, 400.0));
            assert_eq!(fine.len(), coarse.len(), "{dt} ms");
            for (f, c) in fine.iter().zip(&coarse) {
                assert!((c - f).abs() < dt + 1e-9, "{dt} ms: {c} and {f}");
            }
        }
    }

    /// Claim: with slope factor 0 and no adaptation this is a leaky integrate-and-fire neuron.
    /// Source: T = τ ln(RI/(RI - θ)) = 15.55 ms for τ 9.3667 ms, RI = 25 mV, θ = 20.2 mV. Tolerance: one step a spike, for reset lies within the step.
    #[test]
    fn without_slope_it_is_a_leaky_integrator() {
        let neuron = AdEx {
            slope_factor: Millivolts(0.0),
            adaptation_conductance: Nanosiemens(0.0),
            spike_adaptation: Picoamperes(0.0),
            reset_potential: Millivolts(-70.6),
            ..Default::default()
        };
        let period = 281.0 / 30.0 * (25.0_f64 / (25.0 - 20.2)).ln();
        let times = train(&neuron, 750.0, 0.1, 310.0);
        assert_eq!(times.len(), (310.0 / period) as usize);
        for (k, t) in times.iter().enumerate() {
            let expected = period * (k + 1) as f64;
            assert!((t - expected).abs() < 0.101, "spike {k}: {t} ms, expected {expected}");
        }
    }

    /// Claim: absurd currents neither overflow nor make numbers that are not finite, and spike in every step.
    #[test]
    fn strong_currents_stay_finite() {
        let p = AdEx::default().propagators(Milliseconds(0.1)).expect("valid parameters");
        for current in [1e6_f32, 1e9, -1e6] {
            let (mut v, mut w) = ([-70.0], [0.0]);
            let mut spikes = 0;
            for _ in 0..100 {
                let mut spiked = [0];
                advance(Shared(p), &mut v, &mut w, &mut [0.0], &mut [0.0], &mut [0], &[0.0], &[0.0], &[current], &mut spiked);
                spikes += spiked[0];
                assert!(v[0].is_finite() && w[0].is_finite());
            }
            assert_eq!(spikes, if current > 0.0 { 100 } else { 0 }, "{current} pA");
        }
    }
}
