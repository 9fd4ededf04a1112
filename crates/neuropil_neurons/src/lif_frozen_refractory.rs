//! Leaky integrate-and-fire neuron that is frozen while refractory, in double precision.
//!
//! A passive membrane follows a synaptic drive that decays exponentially; each arriving spike adds its weight to the drive. While
//! refractory, potential and drive stand still and what arrives is lost; a spike sets both back. The model of the fly's brain by Shiu et
//! al. (2024), with the rules and the order of events of Brian's "unless refractory".
//!
//! # Equations
//! ```text
//! dV/dt = (E_rest - V + g + g_injected)/τ_m    dg/dt = -g/τ_syn       both 0 while refractory
//! at "synapse": g ← g + w        at "kick": V ← V + w              lost while refractory and in the step of a spike
//! spike, V ← V_reset, g ← 0    when V > V_threshold
//! ```
//! A step does, in this order: the exact solution of both equations (not if refractory), the threshold, what arrives, the reset. What
//! arrives in a step can therefore make a spike in the next step at the earliest. The refractory period is counted from the step of the
//! spike, rounded down to whole steps: with N steps the shortest interval between spikes is N steps, and potential and drive stand still
//! for N - 1 steps between. A drive below 1e-20 mV counts as 0.
//!
//! Neurons that neither move nor receive anything are passed over: a silent brain costs next to nothing.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `membrane_time_constant` | τ_m | 20 ms | > 0 | decay of the potential towards rest |
//! | `synaptic_time_constant` | τ_syn | 5 ms | > 0 | decay of the drive; may equal τ_m |
//! | `resting_potential` | E_rest | -52 mV | | |
//! | `threshold_potential` | V_threshold | -45 mV | | a spike needs more than this |
//! | `reset_potential` | V_reset | -52 mV | < V_threshold | |
//! | `refractory_period` | t_ref | 2.2 ms | ≥ 0 | rounded down to whole steps; 0 for neurons that are made to spike by kicks |
//!
//! Injected currents are given as the change of the resting potential that they would make, in mV.
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`PreciseMembranePotential`] | mV | `resting_potential` |
//! | [`PreciseSynapticDrive`] | mV | 0 |
//! | [`RefractorySteps`] | steps left | 0 |
//!
//! # References
//! - Shiu PK, Sterne GR, Spiller N, et al. (2024). A Drosophila computational brain model reveals sensorimotor processing. Nature 634:210-219. doi:10.1038/s41586-024-07763-9
//! - Stimberg M, Brette R, Goodman DFM (2019). Brian 2, an intuitive and efficient neural simulator. eLife 8:e47314. doi:10.7554/eLife.47314
//!
//! # See also
//! `LifExponentialCurrent` (currents that go on while refractory), `LifDelta` (jumps of the potential).

use crate::prelude::*;

/// Adds [`LifFrozenRefractory`] to the engine.
pub struct LifFrozenRefractoryPlugin;

impl Plugin for LifFrozenRefractoryPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<LifFrozenRefractory>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct LifFrozenRefractory {
    pub membrane_time_constant: Milliseconds,
    pub synaptic_time_constant: Milliseconds,
    pub resting_potential: Millivolts,
    pub threshold_potential: Millivolts,
    pub reset_potential: Millivolts,
    pub refractory_period: Milliseconds,
}

impl Default for LifFrozenRefractory {
    fn default() -> Self {
        Self {
            membrane_time_constant: Milliseconds(20.0),
            synaptic_time_constant: Milliseconds(5.0),
            resting_potential: Millivolts(-52.0),
            threshold_potential: Millivolts(-45.0),
            reset_potential: Millivolts(-52.0),
            refractory_period: Milliseconds(2.2),
        }
    }
}

/// A drive of a smaller magnitude is set to 0, mV: it could no longer move a potential, and would otherwise decay for seconds.
const NEGLIGIBLE: f64 = 1e-20;

/// The constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    membrane_decay: f64, // exp(-dt/τ_m)
    drive_decay: f64,    // exp(-dt/τ_syn)
    potential_per_drive: f64,
    potential_per_injected: f64,
    rest: f64,      // mV
    threshold: f64, // mV
    reset: f64,     // mV
    frozen_steps: u32,
    padding: u32,
}

impl NeuronModel for LifFrozenRefractory {
    type State = (PreciseMembranePotential, PreciseSynapticDrive, RefractorySteps);
    type Propagators = Propagators;
    const SOURCE: &'static str = include_str!("lif_frozen_refractory.rs");
    const RECEPTORS: &'static [Receptor] = &[
        Receptor::new("synapse", "mV", Dimension::POTENTIAL, Accepts::Any),
        Receptor::new("kick", "mV", Dimension::POTENTIAL, Accepts::Any),
    ];
    const CURRENT_UNIT: &'static str = "mV";
    const CURRENT: Dimension = Dimension::POTENTIAL;
    const STEP_NS: f64 = 0.3;
    const RESTS: bool = true;

    fn initial_state(&self) -> Self::State {
        (PreciseMembranePotential(self.resting_potential.0), PreciseSynapticDrive(0.0), RefractorySteps(0))
    }

    fn propagators(&self, time_step: Milliseconds) -> Result<Propagators, ParameterError> {
        let membrane = positive("membrane_time_constant", self.membrane_time_constant)?;
        let synapse = positive("synaptic_time_constant", self.synaptic_time_constant)?;
        let (rest, threshold) = (finite("resting_potential", self.resting_potential)?, self.threshold_potential);
        threshold_and_reset(threshold, self.reset_potential)?;
        // A period that is a whole number of steps but for rounding is that number.
        let period = not_negative("refractory_period", self.refractory_period)?;
        let steps = (period / time_step.0 + 1e-3).floor();
        require(steps <= 65_535.0, "refractory_period", self.refractory_period, &format!("at most 65535 steps of {time_step}"))?;
        let (a, b) = (time_step.0 / membrane, time_step.0 / synapse);
        Ok(Propagators {
            membrane_decay: (-a).exp(),
            drive_decay: (-b).exp(),
            potential_per_drive: a * (-a).exp() * exprel(a - b),
            potential_per_injected: -(-a).exp_m1(),
            rest,
            threshold: threshold.0,
            reset: self.reset_potential.0,
            frozen_steps: (steps as u32).saturating_sub(1),
            padding: 0,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        let (potential, drive, refractory) = columns;
        advance(constants, potential, drive, refractory, input.arriving(0), input.arriving(1), input.current(), spiked);
    }

    #[inline(always)]
    fn is_at_rest<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, current: &[f32]) -> bool {
        let (potential, drive, refractory) = columns;
        let mut moves = false;
        for i in 0..potential.len() {
            let p = constants.at(i);
            moves |= (drive[i] != 0.0) | (refractory[i] != 0) | (free(&p, potential[i], 0.0, current[i]) != potential[i]);
            moves |= potential[i] > p.threshold;
        }
        !moves
    }
}

/// The potential after a step that is not refractory, mV.
#[inline(always)]
fn free(p: &Propagators, potential: f64, drive: f64, injected: f32) -> f64 {
    let above = (potential - p.rest) * p.membrane_decay + drive * p.potential_per_drive + f64::from(injected) * p.potential_per_injected;
    p.rest + above
}

/// One step: mV, mV, steps, mV, mV, mV, and 1 where a neuron spikes.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a variable, as the kernel's loop wants them")]
fn advance<C: Constants<Propagators>>(
    constants: C,
    potential: &mut [f64],
    drive: &mut [f64],
    refractory: &mut [u16],
    arriving: &[f32],
    kicks: &[f32],
    injected: &[f32],
    spiked: &mut [u8],
) {
    let neurons = potential.len();
    let (drive, refractory) = (&mut drive[..neurons], &mut refractory[..neurons]);
    let (arriving, kicks, injected, spiked) = (&arriving[..neurons], &kicks[..neurons], &injected[..neurons], &mut spiked[..neurons]);
    for i in 0..neurons {
        let p = constants.at(i);
        let frozen = refractory[i] > 0;
        let moved = free(&p, potential[i], drive[i], injected[i]);
        let reached = if frozen { potential[i] } else { moved };
        let decayed = if frozen { drive[i] } else { drive[i] * p.drive_decay };
        let fires = (reached > p.threshold) & !frozen;
        let kicked = if frozen { reached } else { reached + f64::from(kicks[i]) };
        let driven = if frozen { decayed } else { decayed + f64::from(arriving[i]) };
        let kept = if driven.abs() < NEGLIGIBLE { 0.0 } else { driven };
        potential[i] = if fires { p.reset } else { kicked };
        drive[i] = if fires { 0.0 } else { kept };
        refractory[i] = if fires { p.frozen_steps as u16 } else { refractory[i].saturating_sub(1) };
        spiked[i] = u8::from(fires);
    }
}
