//! Receptors against closed forms, a magnesium block table and postsynaptic potentials that were integrated elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use neuropil_core::columns::Shared;
use neuropil_dendrites::Precision;
use neuropil_dendrites::mechanism::{Mechanism, Membrane, Place};
use neuropil_dendrites::mechanisms::*;
use neuropil_units::{Kelvin, Millimolar, Milliseconds, Millivolts, SquareMicrometers};

/// 200 pF at 1 µF/cm².
const AREA: f64 = 20_000.0;

fn place(time_step: f64) -> Place {
    Place {
        time_step: Milliseconds(time_step),
        precision: Precision::Double,
        temperature: Kelvin(307.15),
        area: SquareMicrometers(AREA),
        potential: Millivolts(-70.0),
        calcium: Millimolar(5e-5),
    }
}

/// Conductance in nS and current in pA that a receptor adds in a step.
fn step(potential: f64, arriving: f32, advance: impl FnOnce(Membrane<'_, f64>)) -> [f64; 2] {
    let (mut conductance, mut current) = ([0.0], [0.0]);
    advance(Membrane {
        potential: &[potential],
        arriving: &[arriving],
        conductance: &mut conductance,
        current: &mut current,
        calcium: &mut [],
        calcium_reversal: &mut [],
        calcium_current: &mut [],
    });
    [conductance[0] * AREA / 100.0, current[0] * AREA / 100.0]
}

/// A receptor with two state variables, from rest.
fn receptor<M: Mechanism<State = (A, B)>, A, B>(receptor: &M, time_step: f64) -> impl FnMut(f64, f32) -> [f64; 2] + use<M, A, B>
where
    (A, B): for<'a> neuropil_core::columns::StateColumns<Reals<'a, f64> = (&'a mut [f64], &'a mut [f64])>,
{
    let constants = receptor.constants(&place(time_step)).unwrap();
    let mut state = ([0.0_f64], [0.0_f64]);
    move |potential, arriving| {
        step(potential, arriving, |membrane| M::advance(Shared(constants), (&mut state.0[..], &mut state.1[..]), membrane))
    }
}

/// Conductance by step after one arrival in the first, at a potential, nS.
fn course(mut receptor: impl FnMut(f64, f32) -> [f64; 2], weight: f32, steps: usize) -> Vec<f64> {
    receptor(-70.0, weight);
    (0..steps).map(|_| receptor(-70.0, 0.0)[0]).collect()
}

/// Claim: one spike brings a double exponential to a peak of its weight, at the time of the peak. Source: the closed form.
/// Tolerance: 1e-12 at each step; the peak may lie half a step of 1 µs aside, where the conductance is lower by less than 1e-5 of it.
#[test]
fn double_exponential_peaks_at_its_weight() {
    for (rise, decay) in [(0.3, 1.8), (0.5, 5.0), (2.0, 23.0), (8.0, 35.0), (1.0, 1.0)] {
        let synapse = DoubleExponentialSynapse {
            rise_time: Milliseconds(rise),
            decay_time: Milliseconds(decay),
            reversal_potential: Millivolts(0.0),
        };
        let found = course(receptor(&synapse, 1e-3), 0.7, 60_000);
        let highest = found.iter().copied().fold(0.0, f64::max);
        let weight = f64::from(0.7_f32);
        assert!((highest / weight - 1.0).abs() < 1e-5, "{rise}, {decay} ms: {highest}");
        if rise < decay {
            let peak_time = rise * decay / (decay - rise) * (decay / rise).ln();
            let form = |t: f64| (-t / decay).exp() - (-t / rise).exp();
            for (k, g) in found.iter().enumerate() {
                let expected = weight * form(1e-3 * k as f64) / form(peak_time);
                assert!((g - expected).abs() < 1e-12, "{rise}, {decay} ms, step {k}: {g}, {expected}");
            }
        }
    }
}

/// Claim: an alpha synapse follows `w (t/τ) exp(1 - t/τ)`. Source: the closed form. Tolerance: 1e-12 nS, roundings of some thousand steps.
#[test]
fn alpha_synapse_follows_its_closed_form() {
    for (k, g) in course(receptor(&AlphaSynapse::default(), 0.025), 0.5, 2000).iter().enumerate() {
        let t = 0.025 * k as f64;
        assert!((g - 0.5 * t / 2.0 * (1.0 - t / 2.0).exp()).abs() < 1e-12, "step {k}: {g}");
    }
}

/// Claim: what an NMDA receptor hands to the implicit step is the tangent of its current, blocked as by Jahr and Stevens. Source: their formula
/// tabulated with numpy 2.3.5, [Mg] = 1 mM; the slope by central difference of the formula. Tolerance: half of the last digit of the table; 1e-7 of
/// the conductance for the difference.
#[test]
fn magnesium_blocks_as_tabulated() {
    let table = [
        (-90.0, 0.01329),
        (-80.0, 0.02442),
        (-70.0, 0.04447),
        (-60.0, 0.07963),
        (-50.0, 0.13854),
        (-40.0, 0.23016),
        (-30.0, 0.35722),
        (-20.0, 0.50814),
        (-10.0, 0.65759),
        (10.0, 0.86905),
        (20.0, 0.92502),
        (30.0, 0.95822),
        (40.0, 0.97708),
    ];
    let constants = NmdaReceptor::default().constants(&place(0.025)).unwrap();
    for (potential, expected) in table {
        // 1 nS, all of it in the decaying part.
        let [g, i] = step(potential, 0.0, |membrane| NmdaReceptor::advance(Shared(constants), (&mut [0.0], &mut [1.0]), membrane));
        let block = (g * potential - i) / potential;
        assert!((block - expected).abs() < 5.1e-6, "{potential} mV: {block}");
        let current = |v: f64| v / (1.0 + (-0.062 * v).exp() / 3.57);
        let slope = (current(potential + 1e-4) - current(potential - 1e-4)) / 2e-4;
        assert!((g - slope).abs() < 1e-7, "{potential} mV: slope {g}, expected {slope}");
    }
}

/// Claim: NMDA receptors make the postsynaptic potentials of a passive cell. Source: numpy 2.3.5, RK4 with 0.001 ms, checked with Brian2 2.9.0 to
/// 0.003 mV; 200 pF, 10 nS, -70 mV, rise 2 ms, decay 100 ms, spikes at 20 ms, or five from there at 50 Hz. Tolerance: 1e-4 of the peak, as backward
/// Euler with 0.01 ms is of first order: 6e-5 were found; peak times to the 0.5 ms of the table and a step.
#[test]
fn nmda_potentials() {
    // Magnesium in mM, weight in nS, spikes; peak in mV above rest, and its time in ms.
    let runs = [
        (0.0, 1.0, 1, 4.77236, 61.0),
        (0.0, 10.0, 5, 54.20814, 111.5),
        (1.0, 1.0, 1, 0.22717, 62.5),
        (1.0, 10.0, 1, 2.46908, 64.0),
        (1.0, 10.0, 5, 17.60786, 133.5),
        (2.0, 10.0, 5, 6.2787, 126.0),
    ];
    const DT: f64 = 0.01;
    for (magnesium, weight, spikes, peak, at) in runs {
        let nmda = NmdaReceptor {
            rise_time: Milliseconds(2.0),
            decay_time: Milliseconds(100.0),
            magnesium: Millimolar(magnesium),
            ..Default::default()
        };
        let mut receptor = receptor(&nmda, DT);
        let (mut v, mut highest, mut when) = (-70.0, -70.0, 0.0);
        for k in 0..20_000 {
            let arrives = k >= 2000 && (k - 2000) % 2000 == 0 && (k - 2000) / 2000 < spikes;
            let [g, i] = receptor(v, if arrives { weight } else { 0.0 });
            v = (200.0 / DT * v + 10.0 * -70.0 + i) / (200.0 / DT + 10.0 + g);
            if v > highest {
                (highest, when) = (v, DT * f64::from(k + 1));
            }
        }
        assert!(((highest + 70.0) / peak - 1.0).abs() < 1e-4, "{magnesium} mM, {weight} nS, {spikes}: {} for {peak}", highest + 70.0);
        assert!((when - at).abs() < 0.5 + 2.0 * DT, "{magnesium} mM, {weight} nS, {spikes}: at {when} ms, not {at}");
    }
}

/// Claim: the combined receptor is an AMPA and an NMDA receptor with one arrival. Source: the two receptors. Tolerance: 1e-12 nS and pA, the order of
/// sums.
#[test]
fn combined_receptor_is_the_sum_of_its_parts() {
    let combined = AmpaNmdaReceptor::default();
    let constants = combined.constants(&place(0.025)).unwrap();
    let mut state = ([0.0], [0.0], [0.0], [0.0]);
    let mut ampa = receptor(&DoubleExponentialSynapse::default(), 0.025);
    let mut nmda = receptor(&NmdaReceptor::default(), 0.025);
    let ratio = combined.nmda_ratio.0;
    for k in 0..4000 {
        let v = -80.0 + 0.03 * f64::from(k);
        let arriving = if k % 100 == 0 { 0.5 } else { 0.0 };
        let slices = (&mut state.0[..], &mut state.1[..], &mut state.2[..], &mut state.3[..]);
        let found = step(v, arriving, |membrane| AmpaNmdaReceptor::advance(Shared(constants), slices, membrane));
        let (a, n) = (ampa(v, arriving), nmda(v, arriving));
        for j in 0..2 {
            let expected = a[j] + n[j] * ratio;
            assert!((found[j] - expected).abs() < 1e-11, "step {k}: {}, {expected}", found[j]);
        }
    }
}

/// Conductance of GABA-B receptors over time, after so many pulses 5 ms apart, by small explicit steps of the kinetic scheme with pulses of finite
/// length, nS.
fn gaba_b(pulses: i64, steps: i64, step: i64) -> Vec<f64> {
    // One fine step is 1 µs.
    let (mut r, mut s, mut found) = (0.0, 0.0, Vec::new());
    for k in 0..steps * step {
        if k % step == 0 {
            let fourth = f64::powi(s, 4);
            found.push(fourth / (fourth + 100.0));
        }
        let transmitter = if k / 5000 < pulses && k % 5000 < 300 { 0.5 } else { 0.0 };
        let dr = 0.52 * transmitter * (1.0 - r) - 0.0013 * r;
        let ds = 0.098 * r - 0.033 * s;
        (r, s) = (r + 1e-3 * dr, s + 1e-3 * ds);
    }
    found
}

/// Claim: GABA-B receptors follow their kinetic scheme, and a burst opens far more than its number of single spikes. Source: the scheme of Destexhe
/// et al. (1994) by steps of 1 µs, with square pulses. Tolerance: 1 % of the peak, as pulses of 0.3 ms act at once, 0.15 ms early on average, while
/// the fourth power of a rise of 30 ms goes on.
#[test]
fn gaba_b_follows_its_scheme() {
    let peak = |course: &[f64]| course.iter().copied().fold(0.0, f64::max);
    let mut peaks = Vec::new();
    for pulses in [1, 10] {
        let mut receptor = receptor(&GabaBReceptor::default(), 0.025);
        let found: Vec<f64> = (0..16_000).map(|k| receptor(-70.0, if k % 200 == 0 && k / 200 < pulses { 0.5 } else { 0.0 })[0]).collect();
        let expected = gaba_b(i64::from(pulses), 16_000, 25);
        let highest = peak(&expected);
        let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(worst < 0.01 * highest, "{pulses} pulses: {worst:e} of {highest:e}");
        peaks.push(peak(&found));
    }
    assert!(peaks[1] > 100.0 * peaks[0], "{peaks:?}");
}
