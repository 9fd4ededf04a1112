//! Sodium, potassium and leak of the squid's giant axon.
//!
//! The three conductances of Hodgkin and Huxley, with the resting potential at -65 mV.
//!
//! # Equations
//! ```text
//! i = g_Na m³h (V - E_Na) + g_K n⁴ (V - E_K) + g_L (V - E_L)
//! y' = q (α_y (1 - y) - β_y y)            y = m, h, n;  q = 3^((T - 6.3 °C)/10 K)
//! α_m = φ((V + 40)/10)                    β_m = 4 exp(-(V + 65)/18)
//! α_h = 0.07 exp(-(V + 65)/20)            β_h = 1/(exp(-(V + 35)/10) + 1)
//! α_n = 0.1 φ((V + 55)/10)                β_n = 0.125 exp(-(V + 65)/80)       in 1/ms, V in mV, φ(x) = x/(1 - exp(-x))
//! ```
//! Gates follow their equation exactly for a potential that stands still during a step (exponential Euler). Rates are evaluated, not tabulated: α
//! and β are written as fractions over a common denominator, so that two exponentials and one division serve all three gates.
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `sodium_conductance` | g_Na | 120 mS/cm² | at least 0 | largest conductance of the sodium channels |
//! | `potassium_conductance` | g_K | 36 mS/cm² | at least 0 | largest conductance of the potassium channels |
//! | `leak_conductance` | g_L | 0.3 mS/cm² | at least 0 | leak |
//! | `sodium_reversal` | E_Na | 50 mV | finite | reversal potential of sodium |
//! | `potassium_reversal` | E_K | -77 mV | finite | reversal potential of potassium |
//! | `leak_reversal` | E_L | -54.3 mV | finite | reversal potential of the leak |
//!
//! # State
//! m `sodium_activation`, h `sodium_inactivation`, n `potassium_activation`; at first as they are after a long time at the initial potential.
//!
//! # References
//! Hodgkin AL, Huxley AF (1952). J Physiol 117:500-544. doi:10.1113/jphysiol.1952.sp004764

use crate::energy::Carrier;
use crate::exponential::{exp, linoid_parts};
use crate::mechanism::{Mechanism, Membrane, Place};
use crate::real::Real;
use bevy_ecs::prelude::*;
use bevy_reflect::Reflect;
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{Constants, StateColumns};
use neuropil_core::state_variables;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{Dimension, MillisiemensPerSquareCentimeter, Millivolts};

state_variables! {
    /// Activation of the sodium channels, m, from 0 to 1.
    SquidSodiumActivation: f64, "sodium_activation", "", Dimension::NONE;
    /// Inactivation of the sodium channels, h, from 0 to 1.
    SquidSodiumInactivation: f64, "sodium_inactivation", "", Dimension::NONE;
    /// Activation of the potassium channels, n, from 0 to 1.
    SquidPotassiumActivation: f64, "potassium_activation", "", Dimension::NONE;
}

/// Parameters.
#[derive(Component, Reflect, Clone, Debug, PartialEq)]
pub struct HodgkinHuxley {
    /// Largest conductance of the sodium channels.
    pub sodium_conductance: MillisiemensPerSquareCentimeter,
    /// Largest conductance of the potassium channels.
    pub potassium_conductance: MillisiemensPerSquareCentimeter,
    /// Leak.
    pub leak_conductance: MillisiemensPerSquareCentimeter,
    /// Reversal potential of sodium.
    pub sodium_reversal: Millivolts,
    /// Reversal potential of potassium.
    pub potassium_reversal: Millivolts,
    /// Reversal potential of the leak.
    pub leak_reversal: Millivolts,
}

impl Default for HodgkinHuxley {
    fn default() -> Self {
        Self {
            sodium_conductance: MillisiemensPerSquareCentimeter(120.0),
            potassium_conductance: MillisiemensPerSquareCentimeter(36.0),
            leak_conductance: MillisiemensPerSquareCentimeter(0.3),
            sodium_reversal: Millivolts(50.0),
            potassium_reversal: Millivolts(-77.0),
            leak_reversal: Millivolts(-54.3),
        }
    }
}

/// Constants of one step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Step {
    /// Less the step times q, ms.
    step: f64,
    sodium: f64,
    potassium: f64,
    leak: f64,
    sodium_current: f64,
    potassium_current: f64,
    leak_current: f64,
}

/// α and α + β of one gate times a common denominator: `y∞ = x/n`, rate `n/d`.
struct Gate<R> {
    x: R,
    n: R,
    d: R,
}

/// The rates at a potential.
#[inline(always)]
fn gates<R: Real>(potential: R) -> [Gate<R>; 3] {
    let u = potential + 65.0;
    // Four powers of one exponential: e^(-u/80), -u/40, -u/20, -u/10.
    let e80 = exp(u * (-1.0 / 80.0));
    let e40 = e80 * e80;
    let e20 = e40 * e40;
    let e10 = e20 * e20;
    let e18 = exp(u * (-1.0 / 18.0));
    // e^2.5, e^3 and e bring the exponent to the middle of each rate.
    let (x, d) = linoid_parts((u - 25.0) * 0.1, e10 * 12.182_493_960_703_473);
    let m = Gate { x, n: (e18 * 4.0).mul_add(d, x), d };
    let d = e10.mul_add(20.085_536_923_187_668, 1.0);
    let x = e20 * 0.07 * d;
    let h = Gate { x, n: x + 1.0, d };
    let (x, d) = linoid_parts((u - 10.0) * 0.1, e10 * std::f64::consts::E);
    let x = x * 0.1;
    let n = Gate { x, n: (e80 * 0.125).mul_add(d, x), d };
    [m, h, n]
}

impl Mechanism for HodgkinHuxley {
    type State = (SquidSodiumActivation, SquidSodiumInactivation, SquidPotassiumActivation);
    type Constants = Step;
    const SOURCE: &'static str = include_str!("hodgkin_huxley.rs");
    const CARRIES: Carrier = Carrier::Cations { calcium: 0.0 };
    const STEP_NS: f64 = 4.5;

    fn constants(&self, place: &Place) -> Result<Step, ParameterError> {
        let conductances = [
            ("sodium_conductance", self.sodium_conductance),
            ("potassium_conductance", self.potassium_conductance),
            ("leak_conductance", self.leak_conductance),
        ];
        for (name, value) in conductances {
            require(value.0 >= 0.0 && value.0.is_finite(), name, value, "at least 0 mS/cm²")?;
        }
        let reversals = [
            ("sodium_reversal", self.sodium_reversal),
            ("potassium_reversal", self.potassium_reversal),
            ("leak_reversal", self.leak_reversal),
        ];
        for (name, value) in reversals {
            require(value.0.is_finite(), name, value, "a finite potential")?;
        }
        let q = 3f64.powf((place.temperature.0 - 273.15 - 6.3) / 10.0);
        Ok(Step {
            step: -place.time_step.0 * q,
            sodium: self.sodium_conductance.0,
            potassium: self.potassium_conductance.0,
            leak: self.leak_conductance.0,
            sodium_current: self.sodium_conductance.0 * self.sodium_reversal.0,
            potassium_current: self.potassium_conductance.0 * self.potassium_reversal.0,
            leak_current: self.leak_conductance.0 * self.leak_reversal.0,
        })
    }

    fn initial_state(&self, place: &Place) -> Self::State {
        let [m, h, n] = gates(place.potential.0).map(|gate| gate.x / gate.n);
        (SquidSodiumActivation(m), SquidSodiumInactivation(h), SquidPotassiumActivation(n))
    }

    #[inline(always)]
    fn advance<R: Real, C: Constants<Step>>(constants: C, state: <Self::State as StateColumns>::Reals<'_, R>, membrane: Membrane<'_, R>) {
        let (m, h, n) = state;
        advance(constants, m, h, n, membrane.potential, membrane.conductance, membrane.current);
    }
}

/// Rows whose rates are computed before their gates are advanced. Two short loops keep the processor busier than a long one, in which each number waits for
/// the one before: a ring of such cells took a twelfth less in double precision.
const BLOCK: usize = 64;

#[inline(always)]
fn advance<R: Real, C: Constants<Step>>(
    constants: C,
    m: &mut [R],
    h: &mut [R],
    n: &mut [R],
    potential: &[R],
    conductance: &mut [R],
    current: &mut [R],
) {
    // What gates go to, and less the rate times the step.
    let mut limits = [[R::default(); BLOCK]; 3];
    let mut exponents = [[R::default(); BLOCK]; 3];
    for start in (0..potential.len()).step_by(BLOCK) {
        let rows = (potential.len() - start).min(BLOCK);
        let potential = &potential[start..start + rows];
        let [l, j, k] = &mut limits;
        let (l, j, k) = (&mut l[..rows], &mut j[..rows], &mut k[..rows]);
        let [x, y, z] = &mut exponents;
        let (x, y, z) = (&mut x[..rows], &mut y[..rows], &mut z[..rows]);
        for i in 0..rows {
            let step = constants.at(start + i).step;
            let [a, b, c] = gates(potential[i]);
            // One division for all: y∞ = x d / (d n), rate = n² / (d n).
            let (a_dn, b_dn, c_dn) = (a.d * a.n, b.d * b.n, c.d * c.n);
            let inverse = R::from(1.0) / (a_dn * b_dn * c_dn);
            let (a_scale, b_scale, c_scale) = (inverse * (b_dn * c_dn), inverse * (a_dn * c_dn), inverse * (a_dn * b_dn));
            (l[i], x[i]) = (a.x * a.d * a_scale, a.n * step * a.n * a_scale);
            (j[i], y[i]) = (b.x * b.d * b_scale, b.n * step * b.n * b_scale);
            (k[i], z[i]) = (c.x * c.d * c_scale, c.n * step * c.n * c_scale);
        }
        let (m, h, n) = (&mut m[start..start + rows], &mut h[start..start + rows], &mut n[start..start + rows]);
        let (conductance, current) = (&mut conductance[start..start + rows], &mut current[start..start + rows]);
        for i in 0..rows {
            let p = constants.at(start + i);
            let activation = (m[i] - l[i]).mul_add(exp(x[i]), l[i]);
            let inactivation = (h[i] - j[i]).mul_add(exp(y[i]), j[i]);
            let potassium = (n[i] - k[i]).mul_add(exp(z[i]), k[i]);
            (m[i], h[i], n[i]) = (activation, inactivation, potassium);
            let open_sodium = activation * activation * activation * inactivation;
            let squared = potassium * potassium;
            let open_potassium = squared * squared;
            conductance[i] += open_sodium.mul_add(p.sodium, open_potassium.mul_add(p.potassium, p.leak));
            current[i] += open_sodium.mul_add(p.sodium_current, open_potassium.mul_add(p.potassium_current, p.leak_current));
        }
    }
}
