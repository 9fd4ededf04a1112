//! Izhikevich's simple model: two equations, and the spikes of cortical neurons from regular to bursting.
//!
//! A quadratic membrane equation with a recovery variable. At the peak the potential is reset and the recovery variable grows by a
//! constant. Potential and recovery are in the paper's numbers, read as mV and mV/ms; injected currents too are in mV/ms.
//!
//! # Equations
//! ```text
//! dv/dt = 0.04 v² + 5 v + 140 - u + I_bias + I_injected      (v in mV, t in ms)
//! du/dt = a (b v - u)
//! spike, v ← c, u ← u + d    when v ≥ v_peak
//! ```
//! The scheme is part of the model, for the upstroke is steep: `Consistent` is forward Euler of both equations, and an arriving
//! spike moves v by its weight; `Published` is the paper's, which takes two half steps of v and then one of u with the new v, and an
//! arriving spike is a current of its weight for one ms, during the step at whose end it arrives. With steps of 1 ms, which the paper uses, both mean the same weight.
//! The paper's script resets at the start of the next step what this model resets at the end of the step: the numbers are the same.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `recovery_rate` | a | 0.02 1/ms | > 0 | |
//! | `recovery_sensitivity` | b | 0.2 1/ms | | of recovery to the potential |
//! | `reset_potential` | c | -65 mV | < v_peak | |
//! | `reset_recovery` | d | 8 mV/ms | | added to u at a spike |
//! | `peak_potential` | v_peak | 30 mV | | |
//! | `bias_current` | I_bias | 0 mV/ms | | constant input |
//! | `scheme` | | Consistent | Consistent, Published | see above |
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`MembranePotential`] | mV | -65 |
//! | [`Recovery`] | mV/ms | -65 b |
//!
//! # References
//! - Izhikevich EM (2003). Simple model of spiking neurons. IEEE Trans Neural Netw 14:1569-1572. doi:10.1109/TNN.2003.820440
//!
//! # See also
//! `AdEx` (exponential upstroke, parameters in physical units).

use crate::prelude::*;

/// Adds [`Izhikevich`] to the engine.
pub struct IzhikevichPlugin;

impl Plugin for IzhikevichPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<Izhikevich>();
    }
}

/// How the equations are stepped.
#[derive(Reflect, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IzhikevichScheme {
    /// Forward Euler; an arriving spike moves the potential by its weight.
    #[default]
    Consistent,
    /// Two half steps of the potential, then one of the recovery; an arriving spike is a current for 1 ms.
    Published,
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct Izhikevich {
    pub recovery_rate: PerMillisecond,
    pub recovery_sensitivity: PerMillisecond,
    pub reset_potential: Millivolts,
    pub reset_recovery: MillivoltsPerMillisecond,
    pub peak_potential: Millivolts,
    pub bias_current: MillivoltsPerMillisecond,
    pub scheme: IzhikevichScheme,
}

impl Default for Izhikevich {
    fn default() -> Self {
        Self {
            recovery_rate: PerMillisecond(0.02),
            recovery_sensitivity: PerMillisecond(0.2),
            reset_potential: Millivolts(-65.0),
            reset_recovery: MillivoltsPerMillisecond(8.0),
            peak_potential: Millivolts(30.0),
            bias_current: MillivoltsPerMillisecond(0.0),
            scheme: IzhikevichScheme::Consistent,
        }
    }
}

/// The constants of one step. The two schemes are one loop with different constants.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    first_step: f32,     // ms: length of the first step of v (the whole step, or half of it)
    second_step: f32,    // ms: and of the second (0, or half of it)
    jump: f32,           // mV/mV: what a weight adds to v at once
    push: f32,           // 1/ms: what a weight adds to the current
    bias: f32,           // mV/ms, with what makes the equation a square: 140 - 156.25
    recovery_rate: f32,  // dt a
    sensitivity: f32,    // b, 1/ms
    new_share: f32,      // 1 if u sees the new v, 0 if the old
    peak: f32,           // mV
    reset: f32,          // mV
    reset_recovery: f32, // mV/ms
}

impl NeuronModel for Izhikevich {
    type State = (MembranePotential, Recovery);
    type Propagators = Propagators;
    const SOURCE: &'static str = include_str!("izhikevich.rs");
    const RECEPTORS: &'static [Receptor] = &[Receptor::new("synapse", "mV", Dimension::POTENTIAL, Accepts::Any)];
    const CURRENT_UNIT: &'static str = "mV/ms";
    const CURRENT: Dimension = Dimension::POTENTIAL.divide(Dimension::TIME);

    fn initial_state(&self) -> Self::State {
        (MembranePotential(-65.0), Recovery((-65.0 * self.recovery_sensitivity.0) as f32))
    }

    fn propagators(&self, time_step: Milliseconds) -> Result<Propagators, ParameterError> {
        let dt = time_step.0;
        let published = self.scheme == IzhikevichScheme::Published;
        let (peak, reset) = (self.peak_potential, self.reset_potential);
        finite("peak_potential", peak)?;
        require(reset.0.is_finite() && reset < peak, "reset_potential", reset, &format!("less than the peak_potential, {peak}"))?;
        let choose = |of_published: f64, of_consistent: f64| (if published { of_published } else { of_consistent }) as f32;
        Ok(Propagators {
            first_step: choose(0.5 * dt, dt),
            second_step: choose(0.5 * dt, 0.0),
            jump: choose(0.0, 1.0),
            push: choose(1.0, 0.0),
            bias: (140.0 - 156.25 + finite("bias_current", self.bias_current)?) as f32,
            recovery_rate: (dt * positive("recovery_rate", self.recovery_rate)?) as f32,
            sensitivity: finite("recovery_sensitivity", self.recovery_sensitivity)? as f32,
            new_share: choose(1.0, 0.0),
            peak: peak.0 as f32,
            reset: reset.0 as f32,
            reset_recovery: finite("reset_recovery", self.reset_recovery)? as f32,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, recovery) = columns;
        advance(constants, potential, recovery, input.arriving(0), input.current(), spiked);
    }
}

/// 0.04 v² + 5 v + 156.25: a square, so that nothing cancels near rest.
#[inline(always)]
fn quadratic(v: f32) -> f32 {
    0.04 * (v + 62.5) * (v + 62.5)
}

/// One step: mV, mV/ms, mV, mV/ms, and 1 where a neuron spikes.
#[inline(always)]
fn advance<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f32],
    recovery: &mut [f32],
    arriving: &[f32],
    injected: &[f32],
    spiked: &mut [u8],
) {
    let neurons = potential.len();
    let recovery = &mut recovery[..neurons];
    let (arriving, injected, spiked) = (&arriving[..neurons], &injected[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let (old, u) = (potential[i], recovery[i]);
        let current = p.bias + injected[i] + p.push * arriving[i] - u;
        let half = old + p.first_step * (quadratic(old) + current);
        let new = half + p.second_step * (quadratic(half) + current) + p.jump * arriving[i];
        let seen = if p.new_share > 0.0 { new } else { old };
        let recovered = u + p.recovery_rate * (p.sensitivity * seen - u);
        let fires = new >= p.peak;
        potential[i] = if fires { p.reset } else { new };
        recovery[i] = if fires { recovered + p.reset_recovery } else { recovered };
        spiked[i] = u8::from(fires);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuropil_core::columns::Shared;

    /// Claim: one step of either scheme, by hand. Source: the two recipes, in f64. Tolerance: rounding of f32.
    #[test]
    fn one_step_of_each_scheme_is_as_written() {
        let f = |v: f64, u: f64, i: f64| 0.04 * v * v + 5.0 * v + 140.0 - u + i;
        let (v, u, i, w, h) = (-60.0, -12.0, 7.0, 0.5, 0.5);
        let consistent = (v + h * f(v, u, i) + w, u + h * 0.02 * (0.2 * v - u));
        let half = v + h / 2.0 * f(v, u, i + w);
        let published = half + h / 2.0 * f(half, u, i + w);
        let published = (published, u + h * 0.02 * (0.2 * published - u));
        for (scheme, expected) in [(IzhikevichScheme::Consistent, consistent), (IzhikevichScheme::Published, published)] {
            let p = Izhikevich { scheme, ..Default::default() }.propagators(Milliseconds(h)).expect("valid parameters");
            let (mut potential, mut recovery) = ([v as f32], [u as f32]);
            advance(Shared(p), &mut potential, &mut recovery, &[w as f32], &[i as f32], &mut [0]);
            assert!((f64::from(potential[0]) - expected.0).abs() < 2e-5, "{scheme:?}: {potential:?}, expected {expected:?}");
            assert!((f64::from(recovery[0]) - expected.1).abs() < 2e-6, "{scheme:?}: {recovery:?}, expected {expected:?}");
        }
    }
}
