//! What Hodgkin-Huxley models share: three gates, and a step of fourth order.
//!
//! With gates fixed the potential obeys a linear equation, with the potential fixed the gates do: half a step of the potential, a step of
//! the gates and half a step of the potential make a symmetric step of second order, S(δ), that is stable however stiff. One Richardson
//! extrapolation, (4 S(δ/2)² - S(δ))/3, makes it fourth order.
//!
//! Measured over 500 ms of repetitive firing of `HodgkinHuxleyAlphaCurrent` at 650 pA and steps of 0.1 ms, against spike times of NEST at
//! steps of 0.01 ms: S alone drifts by 3.1 ms, S with steps of 0.025 ms (four evaluations of the rates) by 0.2 ms, the extrapolation
//! (three) by less than a step.
//!
//! Each stage is a loop of its own over the chunk: one loop for the whole step is a chain of dependent operations some 800 cycles long,
//! which no processor overlaps with the next neurons'.

use crate::membrane::{choose, relax};
use bytemuck::{Pod, Zeroable};
use neuropil_core::columns::{CHUNK, Constants};

/// The channels of a neuron, as constants of one sub-step.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub struct Channels {
    /// Length of the sub-step, ms.
    pub step: f32,
    /// g_Na/C, 1/ms.
    pub sodium: f32,
    /// g_K/C, 1/ms.
    pub potassium: f32,
    /// E_Na, mV.
    pub sodium_reversal: f32,
    /// E_K, mV.
    pub potassium_reversal: f32,
    /// Sub-steps of a step.
    pub substeps: u32,
}

/// Opening and closing rates of the gates, in 1/ms.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// α and β of sodium activation, m.
    pub activation: (f32, f32),
    /// α and β of sodium inactivation, h.
    pub inactivation: (f32, f32),
    /// α and β of potassium activation, n.
    pub potassium: (f32, f32),
}

/// A model's constants, as gates need them. Mark all functions `#[inline(always)]`.
pub trait Kinetics: Pod {
    /// The channels.
    fn channels(&self) -> Channels;
    /// The two exponentials of the potential (mV) from which the rates follow.
    fn exponentials(&self, potential: f32) -> [f32; 2];
    /// Rates at a potential in mV.
    fn rates(&self, potential: f32, exponentials: [f32; 2]) -> Rates;
}

/// The gates' steady states (m, h, n) at given rates.
pub fn steady_state(rates: Rates) -> (f32, f32, f32) {
    let open = |(opening, closing): (f32, f32)| opening / (opening + closing);
    (open(rates.activation), open(rates.inactivation), open(rates.potassium))
}

/// Buffers of a sub-step.
pub struct Stages {
    /// Leak and synapses: Σ g/C, 1/ms. To be filled before [`advance`].
    pub passive: [f32; CHUNK],
    /// Leak, synapses and currents: (Σ g E + I)/C, mV/ms. To be filled before [`advance`].
    pub drive: [f32; CHUNK],
    /// The potential before the sub-step, mV; filled by [`advance`].
    pub before: [f32; CHUNK],
    coarse: [[f32; CHUNK]; 4],
    exponentials: [[f32; CHUNK]; 2],
}

impl Default for Stages {
    #[inline(always)]
    fn default() -> Self {
        Self {
            passive: [0.0; CHUNK],
            drive: [0.0; CHUNK],
            before: [0.0; CHUNK],
            coarse: [[0.0; CHUNK]; 4],
            exponentials: [[0.0; CHUNK]; 2],
        }
    }
}

/// Advances potential (mV) and gates of a chunk by a sub-step, of fourth order. Neurons whose step has fewer sub-steps stay as they are.
#[inline(always)]
pub fn advance<K: Kinetics, C: Constants<K>>(
    constants: C,
    substep: u32,
    stages: &mut Stages,
    potential: &mut [f32],
    activation: &mut [f32],
    inactivation: &mut [f32],
    potassium: &mut [f32],
) {
    let neurons = potential.len();
    let (passive, drive) = (&stages.passive[..neurons], &stages.drive[..neurons]);
    stages.before[..neurons].copy_from_slice(potential);
    let [first, second] = &mut stages.exponentials;
    let [v, m, h, n] = &mut stages.coarse;
    let (v, m, h, n) = (&mut v[..neurons], &mut m[..neurons], &mut h[..neurons], &mut n[..neurons]);
    v.copy_from_slice(potential);
    m.copy_from_slice(activation);
    h.copy_from_slice(inactivation);
    n.copy_from_slice(potassium);

    polarise(constants, substep, 0.5, v, m, h, n, passive, drive);
    gate(constants, substep, 1.0, v, m, h, n, first, second);
    polarise(constants, substep, 0.5, v, m, h, n, passive, drive);
    // Two half steps: the potential's last quarter of the first and first quarter of the second are one half.
    polarise(constants, substep, 0.25, potential, activation, inactivation, potassium, passive, drive);
    gate(constants, substep, 0.5, potential, activation, inactivation, potassium, first, second);
    polarise(constants, substep, 0.5, potential, activation, inactivation, potassium, passive, drive);
    gate(constants, substep, 0.5, potential, activation, inactivation, potassium, first, second);
    polarise(constants, substep, 0.25, potential, activation, inactivation, potassium, passive, drive);
    extrapolate(potential, v);
    extrapolate(activation, m);
    extrapolate(inactivation, h);
    extrapolate(potassium, n);
}

/// The time that a share of a sub-step lasts, ms: none in sub-steps that a neuron does not have.
#[inline(always)]
fn duration(channels: Channels, substep: u32, share: f32) -> f32 {
    choose(substep < channels.substeps, share * channels.step, 0.0)
}

/// The potential after a share of a sub-step with fixed gates.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn polarise<K: Kinetics, C: Constants<K>>(
    constants: C,
    substep: u32,
    share: f32,
    potential: &mut [f32],
    activation: &[f32],
    inactivation: &[f32],
    potassium: &[f32],
    passive: &[f32],
    drive: &[f32],
) {
    let neurons = potential.len();
    let (activation, inactivation, potassium) = (&activation[..neurons], &inactivation[..neurons], &potassium[..neurons]);
    let (passive, drive) = (&passive[..neurons], &drive[..neurons]);
    for i in 0..neurons {
        let c = constants.at(i).channels();
        let time = duration(c, substep, share);
        let squared = potassium[i] * potassium[i];
        let na = c.sodium * (activation[i] * activation[i]) * (activation[i] * inactivation[i]);
        let k = c.potassium * (squared * squared);
        let rate = na + k + passive[i];
        let pull = na * c.sodium_reversal + k * c.potassium_reversal + drive[i];
        potential[i] = relax(potential[i], time * rate, time * pull);
    }
}

/// The gates after a share of a sub-step at a fixed potential: three times [`relax`], with one division.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one slice a column")]
fn gate<K: Kinetics, C: Constants<K>>(
    constants: C,
    substep: u32,
    share: f32,
    potential: &[f32],
    activation: &mut [f32],
    inactivation: &mut [f32],
    potassium: &mut [f32],
    first: &mut [f32],
    second: &mut [f32],
) {
    let neurons = potential.len();
    let (activation, inactivation, potassium) = (&mut activation[..neurons], &mut inactivation[..neurons], &mut potassium[..neurons]);
    let (first, second) = (&mut first[..neurons], &mut second[..neurons]);
    for i in 0..neurons {
        [first[i], second[i]] = constants.at(i).exponentials(potential[i]);
    }
    for i in 0..neurons {
        let p = constants.at(i);
        let time = duration(p.channels(), substep, share);
        let rates = p.rates(potential[i], [first[i], second[i]]);
        let (m, over_m) = relaxation(activation[i], rates.activation, time);
        let (h, over_h) = relaxation(inactivation[i], rates.inactivation, time);
        let (n, over_n) = relaxation(potassium[i], rates.potassium, time);
        let over_mh = over_m * over_h;
        let inverse = 1.0 / (over_mh * over_n);
        activation[i] += m * (over_h * over_n * inverse);
        inactivation[i] += h * (over_m * over_n * inverse);
        potassium[i] += n * (over_mh * inverse);
    }
}

/// Numerator and denominator of a gate's change, as in [`relax`].
#[inline(always)]
fn relaxation(gate: f32, (opening, closing): (f32, f32), time: f32) -> (f32, f32) {
    let rate = time * (opening + closing);
    (time * opening - rate * gate, 1.0 + rate * (0.5 + rate * (1.0 / 12.0)))
}

#[inline(always)]
fn extrapolate(fine: &mut [f32], coarse: &[f32]) {
    for (fine, coarse) in fine.iter_mut().zip(coarse) {
        *fine += (*fine - coarse) * (1.0 / 3.0);
    }
}

/// A quotient to be: `x/(eˣ - 1)` or the like as numerator and denominator. Near 0, where both vanish, it is the series, over 1.
#[derive(Clone, Copy, Debug)]
pub struct Quotient {
    /// Above the line.
    pub numerator: f32,
    /// Below it; never 0.
    pub denominator: f32,
}

/// `x/(eˣ - 1)`, given eˣ: smooth at 0, where it is 1.
#[inline(always)]
pub fn linoid_of(x: f32, exponential: f32) -> Quotient {
    let near = x.abs() < 0.5;
    Quotient { numerator: choose(near, linoid_series(x), x), denominator: choose(near, 1.0, exponential - 1.0) }
}

/// `x/(eˣ - 1)`, given e⁻ˣ.
#[inline(always)]
pub fn linoid_of_inverse(x: f32, inverse: f32) -> Quotient {
    let near = x.abs() < 0.5;
    Quotient { numerator: choose(near, linoid_series(x), x * inverse), denominator: choose(near, 1.0, 1.0 - inverse) }
}

/// The series 1 - x/2 + x²/12 - x⁴/720 + x⁶/30240, exact to 4e-9 for x below 0.5, where eˣ - 1 cancels.
#[inline(always)]
fn linoid_series(x: f32) -> f32 {
    let z = x * x;
    1.0 - 0.5 * x + z * (1.0 / 12.0 - z * (1.0 / 720.0 - z * (1.0 / 30_240.0)))
}

/// Three quotients with one division. The product of the denominators must stay within f32.
#[inline(always)]
pub fn divide_three([a, b, c]: [Quotient; 3]) -> [f32; 3] {
    let ab = a.denominator * b.denominator;
    let inverse = 1.0 / (ab * c.denominator);
    let over_ab = inverse * c.denominator;
    [a.numerator * (b.denominator * over_ab), b.numerator * (a.denominator * over_ab), c.numerator * (ab * inverse)]
}

/// Four quotients with one division. The product of the denominators must stay within f32.
#[inline(always)]
pub fn divide_four([a, b, c, d]: [Quotient; 4]) -> [f32; 4] {
    let (ab, cd) = (a.denominator * b.denominator, c.denominator * d.denominator);
    let inverse = 1.0 / (ab * cd);
    let (over_ab, over_cd) = (inverse * cd, inverse * ab);
    [
        a.numerator * (b.denominator * over_ab),
        b.numerator * (a.denominator * over_ab),
        c.numerator * (d.denominator * over_cd),
        d.numerator * (c.denominator * over_cd),
    ]
}

/// x², x⁴ and x⁸.
#[inline(always)]
pub fn powers(x: f32) -> (f32, f32, f32) {
    let two = x * x;
    let four = two * two;
    (two, four, four * four)
}
