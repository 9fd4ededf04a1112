//! Rate unit: a threshold-linear unit whose rate relaxes to what its input asks for.
//!
//! The rate of a unit is what it transmits through graded synapses in every step. NEST's `threshold_lin_rate_ipn` without its noise, with
//! linear summation: inputs are summed first, then bent. Noise is given as a noise current.
//!
//! # Equations
//! ```text
//! τ dx/dt = -λ x + μ + I_injected + Φ(Σ w x_j)        Φ(h) = min(max(g (h - θ), 0), x_max)
//! ```
//! The solution is exact for input that is constant during a step. A value that is sent at the end of step n arrives, with a delay of one
//! step, in step n + 1.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `time_constant` | τ | 10 ms | > 0 | |
//! | `passive_decay` | λ | 1 | ≥ 0 | |
//! | `mean_input` | μ | 0 | | |
//! | `gain` | g | 1 | | |
//! | `threshold` | θ | 0 | | of the summed input |
//! | `saturation` | x_max | 1e30 | ≥ 0 | of the bent input |
//!
//! Injected currents are dimensionless, as rates are.
//!
//! # State
//! | component | unit | starts at |
//! | --- | --- | --- |
//! | [`Rate`] | | 0 |
//!
//! # References
//! - Hahne J, Dahmen D, Schuecker J, Frommer A, Bolten M, Helias M, Diesmann M (2017). Integration of continuous-time dynamics in a spiking neural network simulator. Front Neuroinform 11:34. doi:10.3389/fninf.2017.00034
//!
//! # See also
//! `GradedNeuron` (a potential with conductances).

use crate::prelude::*;

/// Adds [`RateUnit`] to the engine.
pub struct RateUnitPlugin;

impl Plugin for RateUnitPlugin {
    fn build(&self, app: &mut App) {
        app.add_neuron_model::<RateUnit>();
    }
}

/// Parameters, shared by a population; the [module](self) has symbols, units, defaults and equations.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
#[reflect(Component)]
#[expect(missing_docs, reason = "the module's parameter table documents the fields, and a test compares them")]
pub struct RateUnit {
    pub time_constant: Milliseconds,
    pub passive_decay: Number,
    pub mean_input: Number,
    pub gain: Number,
    pub threshold: Number,
    pub saturation: Number,
}

impl Default for RateUnit {
    fn default() -> Self {
        Self {
            time_constant: Milliseconds(10.0),
            passive_decay: Number(1.0),
            mean_input: Number(0.0),
            gain: Number(1.0),
            threshold: Number(0.0),
            saturation: Number(1e30),
        }
    }
}

/// The constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Propagators {
    decay: f32, // exp(-λ dt/τ)
    reach: f32, // (1 - decay)/λ: what constant input adds in a step
    mean: f32,
    gain: f32,
    threshold: f32,
    saturation: f32,
}

impl NeuronModel for RateUnit {
    type State = (Rate,);
    type Propagators = Propagators;
    const SOURCE: &'static str = include_str!("rate_unit.rs");
    const RECEPTORS: &'static [Receptor] = &[Receptor::new("input", "", Dimension::NONE, Accepts::Any)];
    const CURRENT_UNIT: &'static str = "";
    const CURRENT: Dimension = Dimension::NONE;
    const TRANSMITS: Option<usize> = Some(0);
    const RESETS: bool = false;

    fn initial_state(&self) -> Self::State {
        (Rate(0.0),)
    }

    fn propagators(&self, time_step: Milliseconds) -> Result<Propagators, ParameterError> {
        let share = time_step.0 / positive("time_constant", self.time_constant)?;
        let decay = not_negative("passive_decay", self.passive_decay)?;
        Ok(Propagators {
            decay: (-decay * share).exp() as f32,
            reach: (share * exprel(-decay * share)) as f32,
            mean: finite("mean_input", self.mean_input)? as f32,
            gain: finite("gain", self.gain)? as f32,
            threshold: finite("threshold", self.threshold)? as f32,
            saturation: not_negative("saturation", self.saturation)? as f32,
        })
    }

    #[inline(always)]
    fn integrate<C: Constants<Propagators>>(constants: C, columns: Columns<'_, Self>, input: &Input<'_>, spiked: &mut [u8]) {
        advance(constants, columns.0, input.arriving(0), input.current());
        spiked.fill(0);
    }
}

/// One step of rates, summed input and injected current.
#[inline(always)]
fn advance<C: Constants<Propagators>>(constants: C, rate: &mut [f32], arriving: &[f32], injected: &[f32]) {
    let units = rate.len();
    let (arriving, injected) = (&arriving[..units], &injected[..units]);
    for i in 0..units {
        let p = constants.at(i);
        let bent = (p.gain * (arriving[i] - p.threshold)).max(0.0).min(p.saturation);
        rate[i] = p.decay * rate[i] + p.reach * (p.mean + injected[i] + bent);
    }
}
