//! Every channel's gates against its formulas, evaluated with the standard library's exponential.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use neuropil_core::columns::Shared;
use neuropil_dendrites::Precision;
use neuropil_dendrites::mechanism::{Mechanism, Membrane, Place};
use neuropil_dendrites::mechanisms::gates::{Activation, Inactivation};
use neuropil_dendrites::mechanisms::*;
use neuropil_units::{Kelvin, Millimolar, Milliseconds, Millivolts, SquareMicrometers};

/// Potentials in mV, among them all at which some rate is 0/0 or has a kink.
const POTENTIALS: [f64; 24] = [
    -154.9, -130.0, -107.5, -90.0, -76.0, -70.0, -66.0, -64.4, -60.0, -59.9, -50.0, -48.0, -40.0, -38.0, -35.0, -32.0, -30.0, -27.0, -23.0,
    -17.0, 0.0, 20.0, 55.5, 90.0,
];
/// Concentrations in mM.
const CONCENTRATIONS: [f64; 7] = [0.0, 5e-5, 1e-4, 4.3e-4, 2e-3, 0.01, 0.3];
const TEMPERATURES: [f64; 2] = [6.3, 34.0];
const REVERSAL: f64 = 117.0;

/// The factor that is written into Hay's channels.
fn hay() -> f64 {
    2.3f64.powf(1.3)
}

fn phi(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { x / -(-x).exp_m1() }
}

/// `1/(1 + e^x)`.
fn boltzmann(x: f64) -> f64 {
    1.0 / (1.0 + x.exp())
}

/// Limit and time constant of rates of opening and closing.
fn rates(opening: f64, closing: f64) -> (f64, f64) {
    (opening / (opening + closing), 1.0 / (opening + closing))
}

fn place(time_step: f64, celsius: f64, potential: f64, calcium: f64) -> Place {
    Place {
        time_step: Milliseconds(time_step),
        precision: Precision::Double,
        temperature: Kelvin(273.15 + celsius),
        area: SquareMicrometers(100.0),
        potential: Millivolts(potential),
        calcium: Millimolar(calcium),
    }
}

/// Conductance, current and calcium current that a channel adds in a step, by what it does to its gates.
fn step(potential: f64, calcium: f64, advance: impl FnOnce(Membrane<'_, f64>)) -> [f64; 3] {
    let (mut conductance, mut current, mut carried) = ([0.0], [0.0], [0.0]);
    advance(Membrane {
        potential: &[potential],
        arriving: &[],
        conductance: &mut conductance,
        current: &mut current,
        calcium: &mut [calcium],
        calcium_reversal: &mut [REVERSAL],
        calcium_current: &mut carried,
    });
    [conductance[0], current[0], carried[0]]
}

/// What a channel is expected to be: gates by potential in mV, calcium in mM and temperature in °C; conductance in mS/cm² by gates.
struct Expected<const N: usize> {
    gates: fn(f64, f64, f64) -> [(f64, f64); N],
    conductance: fn([f64; N]) -> f64,
    /// `None` for that of the compartment's calcium.
    reversal: Option<f64>,
}

/// Gates of a channel at the start, and after a step from other values, with what it adds.
trait Gates<const N: usize>: Mechanism {
    fn start(&self, place: &Place) -> [f64; N];
    fn after(&self, place: &Place, from: [f64; N]) -> ([f64; N], [f64; 3]);
}

impl<M: Mechanism<State = (Activation,)>> Gates<1> for M {
    fn start(&self, place: &Place) -> [f64; 1] {
        [self.initial_state(place).0.0]
    }
    fn after(&self, place: &Place, mut gates: [f64; 1]) -> ([f64; 1], [f64; 3]) {
        let constants = Shared(self.constants(place).unwrap());
        let added = step(place.potential.0, place.calcium.0, |membrane| M::advance(constants, (&mut gates,), membrane));
        (gates, added)
    }
}

impl<M: Mechanism<State = (Activation, Inactivation)>> Gates<2> for M {
    fn start(&self, place: &Place) -> [f64; 2] {
        let (m, h) = self.initial_state(place);
        [m.0, h.0]
    }
    fn after(&self, place: &Place, [m, h]: [f64; 2]) -> ([f64; 2], [f64; 3]) {
        let constants = Shared(self.constants(place).unwrap());
        let (mut m, mut h) = ([m], [h]);
        let added = step(place.potential.0, place.calcium.0, |membrane| M::advance(constants, (&mut m, &mut h), membrane));
        ([m[0], h[0]], added)
    }
}

/// Gates start at their limits, and go half a time constant towards them in a step as long as that; conductance, current and calcium current follow.
/// Far out, gates stay between 0 and 1.
fn check<const N: usize, M: Gates<N>>(expected: Expected<N>) {
    let (channel, name) = (M::default(), M::short_type_path());
    let near = |found: f64, expected: f64, what: &str| {
        assert!((found - expected).abs() <= 1e-11 * expected.abs() + 1e-14, "{name}: {what} is {found:e}, expected {expected:e}");
    };
    for celsius in TEMPERATURES {
        let grid = POTENTIALS.iter().map(|v| (*v, 3e-4)).chain(CONCENTRATIONS.iter().map(|calcium| (-65.0, *calcium)));
        for (potential, calcium) in grid {
            let gates = (expected.gates)(potential, calcium, celsius);
            let start = channel.start(&place(0.025, celsius, potential, calcium));
            for (k, (limit, time_constant)) in gates.iter().enumerate() {
                near(start[k], *limit, &format!("limit of gate {k} at {potential} mV, {calcium} mM"));
                let (after, [g, i, carried]) = channel.after(&place(time_constant / 2.0, celsius, potential, calcium), [limit + 0.25; N]);
                let what = format!("gate {k} after half a time constant at {potential} mV, {calcium} mM, {celsius} °C");
                near(after[k], limit + 0.25 * (-0.5f64).exp(), &what);
                let reversal = expected.reversal.unwrap_or(REVERSAL);
                near(g, (expected.conductance)(after), "conductance");
                near(i, g * reversal, "current");
                assert!(carried == 0.0 || (carried - g * (potential - reversal)).abs() < 1e-12 * carried.abs());
                assert_eq!(
                    carried != 0.0,
                    matches!(name, "HighVoltageActivatedCalcium" | "LowVoltageActivatedCalcium" | "LTypeCalcium" | "RTypeCalcium")
                );
            }
        }
        for (potential, calcium) in [-1e5, -1e3, -300.0, 300.0, 1e3, 1e5].into_iter().flat_map(|v| [(v, 0.0), (v, 1e3)]) {
            let (after, added) = channel.after(&place(0.1, celsius, potential, calcium), [0.5; N]);
            assert!(after.iter().all(|y| (0.0..=1.0).contains(y)) && added.iter().all(|x| x.is_finite()), "{name}: {potential}: {after:?}");
        }
    }
}

/// Claim: gates of the channels of Hay et al. go where and as fast as their formulas say, conduct as they say, and do not look at the temperature.
/// Source: Hay E et al. (2011). PLoS Comput Biol 7:e1002107, evaluated with the standard library. Tolerance: 1e-11, roundings of logarithms and
/// powers.
#[test]
fn channels_of_hay() {
    assert!((hay() - 2.952883).abs() < 5e-7);
    check::<2, TransientSodium>(Expected {
        gates: |v, _, _| nat(v, 38.0, 66.0),
        conductance: |[m, h]| 2040.0 * m.powi(3) * h,
        reversal: Some(50.0),
    });
    check::<2, SomaticTransientSodium>(Expected {
        gates: |v, _, _| nat(v, 32.0, 60.0),
        conductance: |[m, h]| 100.0 * m.powi(3) * h,
        reversal: Some(50.0),
    });
    check::<2, PersistentSodium>(Expected {
        gates: |v, _, _| {
            let fast = 1.092 * phi((v + 38.0) / 6.0) + 0.744 * phi(-(v + 38.0) / 6.0);
            let slow = 1.33344e-5 * phi(-(v + 17.0) / 4.63) + 1.82522e-5 * phi((v + 64.4) / 2.63);
            [(boltzmann(-(v + 52.6) / 4.6), 6.0 / (fast * hay())), (boltzmann((v + 48.8) / 10.0), 1.0 / (slow * hay()))]
        },
        conductance: |[m, h]| 1.72 * m.powi(3) * h,
        reversal: Some(50.0),
    });
    check::<2, TransientPotassium>(Expected {
        gates: |v, _, _| {
            let m = (boltzmann(-(v + 10.0) / 19.0), (0.34 + 0.92 * (-((v + 81.0) / 59.0).powi(2)).exp()) / hay());
            [m, (boltzmann((v + 76.0) / 10.0), (8.0 + 49.0 * (-((v + 83.0) / 23.0).powi(2)).exp()) / hay())]
        },
        conductance: |[m, h]| 81.2 * m.powi(4) * h,
        reversal: Some(-85.0),
    });
    check::<2, PersistentPotassium>(Expected {
        gates: |v, _, _| {
            let fast = if v < -60.0 { 175.03 * (0.026 * (v + 10.0)).exp() } else { 13.0 * (-0.026 * (v + 10.0)).exp() };
            let slow = 360.0 + (1010.0 + 24.0 * (v + 65.0)) * (-((v + 85.0) / 48.0).powi(2)).exp();
            [(boltzmann(-(v + 11.0) / 12.0), (1.25 + fast) / hay()), (boltzmann((v + 64.0) / 11.0), slow / hay())]
        },
        conductance: |[m, h]| 2.23 * m * m * h,
        reversal: Some(-85.0),
    });
    check::<1, FastPotassium>(Expected {
        gates: |v, _, _| [(boltzmann(-(v - 18.7) / 9.7), 4.0 * boltzmann(-(v + 46.56) / 44.14))],
        conductance: |[m]| 693.0 * m,
        reversal: Some(-85.0),
    });
    check::<1, CalciumActivatedPotassium>(Expected {
        gates: |_, calcium, _| [(1.0 / (1.0 + (0.00043 / calcium.max(1e-7)).powf(4.8)), 1.0)],
        conductance: |[z]| 44.1 * z,
        reversal: Some(-85.0),
    });
    check::<1, MuscarinicPotassium>(Expected {
        gates: |v, _, _| {
            let (limit, time_constant) = rates(0.0033 * (0.1 * (v + 35.0)).exp(), 0.0033 * (-0.1 * (v + 35.0)).exp());
            [(limit, time_constant / hay())]
        },
        conductance: |[m]| 0.0675 * m,
        reversal: Some(-85.0),
    });
    check::<1, HyperpolarisationActivatedCation>(Expected {
        gates: |v, _, _| [rates(0.076517 * phi(-(v + 154.9) / 11.9), 0.193 * (v / 33.1).exp())],
        conductance: |[m]| 0.2 * m,
        reversal: Some(-45.0),
    });
    check::<2, HighVoltageActivatedCalcium>(Expected {
        gates: |v, _, _| {
            let m = rates(0.209 * phi((v + 27.0) / 3.8), 0.94 * (-(v + 75.0) / 17.0).exp());
            [m, rates(0.000457 * (-(v + 13.0) / 50.0).exp(), 0.0065 * boltzmann(-(v + 15.0) / 28.0))]
        },
        conductance: |[m, h]| 0.992 * m * m * h,
        reversal: None,
    });
    check::<2, LowVoltageActivatedCalcium>(Expected {
        gates: |v, _, _| {
            let m = (boltzmann(-(v + 40.0) / 6.0), (5.0 + 20.0 * boltzmann((v + 35.0) / 5.0)) / hay());
            [m, (boltzmann((v + 90.0) / 6.4), (20.0 + 50.0 * boltzmann((v + 50.0) / 7.0)) / hay())]
        },
        conductance: |[m, h]| 3.43 * m * m * h,
        reversal: None,
    });
}

fn nat(v: f64, m: f64, h: f64) -> [(f64, f64); 2] {
    let (limit, time_constant) = rates(1.092 * phi((v + m) / 6.0), 0.744 * phi(-(v + m) / 6.0));
    let (other, slower) = rates(0.09 * phi(-(v + h) / 6.0), 0.09 * phi((v + h) / 6.0));
    [(limit, time_constant / hay()), (other, slower / hay())]
}

fn factor(q10: f64, celsius: f64, measured: f64) -> f64 {
    q10.powf((celsius - measured) / 10.0)
}

/// Claim: the same of the channels after Traub and Miles, whose rates follow the temperature with a Q10 of 3 from 36 °C. Source: Traub RD, Miles R
/// (1991). Neuronal Networks of the Hippocampus; V_T = -63 mV. Tolerance: a few roundings.
#[test]
fn channels_of_traub_and_miles() {
    check::<2, TraubMilesSodium>(Expected {
        gates: |v, _, celsius| {
            let (u, q) = (v + 63.0, factor(3.0, celsius, 36.0));
            let (m, tau_m) = rates(1.28 * phi((u - 13.0) / 4.0), 1.4 * phi((40.0 - u) / 5.0));
            let (h, tau_h) = rates(0.128 * ((17.0 - u) / 18.0).exp(), 4.0 * boltzmann((40.0 - u) / 5.0));
            [(m, tau_m / q), (h, tau_h / q)]
        },
        conductance: |[m, h]| 3.0 * m.powi(3) * h,
        reversal: Some(50.0),
    });
    check::<1, TraubMilesPotassium>(Expected {
        gates: |v, _, celsius| {
            let (u, q) = (v + 63.0, factor(3.0, celsius, 36.0));
            let (n, tau) = rates(0.16 * phi((u - 15.0) / 5.0), 0.5 * ((10.0 - u) / 40.0).exp());
            [(n, tau / q)]
        },
        conductance: |[n]| 5.0 * n.powi(4),
        reversal: Some(-90.0),
    });
}

/// Claim: the same of the variant of Traub and Miles's channels in the soma of human cells, whose rates do not follow the temperature. Source: Gidon A et al.
/// (2020). Science 367:83-87, and the model that they published with it. Tolerance: a few roundings.
#[test]
fn channels_of_human_somata() {
    check::<2, HumanSomaticSodium>(Expected {
        gates: |v, _, _| {
            let (u, q) = (v + 50.0, 3.0f64.powf(0.3));
            let (m, tau_m) = rates(1.28 * phi((u - 13.1) / 4.0), 1.4 * phi((40.1 - u) / 5.0));
            let (h, tau_h) = rates(0.128 * ((17.0 - u) / 18.0).exp(), 4.0 * boltzmann((40.0 - u) / 5.0));
            [(m, tau_m / q), (h, tau_h / q)]
        },
        conductance: |[m, h]| 100.0 * m.powi(2) * h,
        reversal: Some(90.0),
    });
    check::<1, HumanSomaticPotassium>(Expected {
        gates: |v, _, _| {
            let (u, q) = (v + 50.0, 3.0f64.powf(0.3));
            let (n, tau) = rates(0.08 * phi((u - 35.1) / 5.0), 0.25 * ((20.0 - u) / 40.0).exp());
            [(n, tau / q)]
        },
        conductance: |[n]| 45.0 * n,
        reversal: Some(-80.0),
    });
}

fn a_type(v: f64, celsius: f64, [half, charge, asymmetry, opening, least]: [f64; 5]) -> [(f64, f64); 2] {
    // CODATA 2018.
    let field = 96_485.332_12 / (8.314_462_618 * (273.15 + celsius)) * 1e-3;
    let charge = charge - boltzmann((v + 40.0) / 5.0);
    let a = (charge * (v - half) * field).exp();
    let b = (asymmetry * charge * (v - half) * field).exp();
    let tau = b / (factor(5.0, celsius, 24.0) * opening * (1.0 + a));
    [(1.0 / (1.0 + a), tau.max(least)), (boltzmann(3.0 * (v + 56.0) * field), (0.26 * (v + 50.0)).max(2.0))]
}

/// Claim: the same of the channels of CA1 and of those that calcium opens. Source: Migliore M et al. (1999). J Comput Neurosci 7:5-15; Poirazi P et
/// al. (2003). Neuron 37:989-999; Destexhe A et al. (1994). J Neurophysiol 72:803-818. Tolerance: a few roundings.
#[test]
fn channels_of_the_hippocampus_and_those_that_calcium_opens() {
    check::<2, ProximalATypePotassium>(Expected {
        gates: |v, _, celsius| a_type(v, celsius, [11.0, -1.5, 0.55, 0.05, 0.1]),
        conductance: |[n, l]| 8.0 * n * l,
        reversal: Some(-80.0),
    });
    check::<2, DistalATypePotassium>(Expected {
        gates: |v, _, celsius| a_type(v, celsius, [-1.0, -1.8, 0.39, 0.1, 0.2]),
        conductance: |[n, l]| 8.0 * n * l,
        reversal: Some(-80.0),
    });
    check::<1, CalciumActivatedCation>(Expected {
        gates: |_, calcium, celsius| {
            let x = (calcium / 0.01).powi(2);
            [(x / (1.0 + x), (1.0 / (0.002 * (1.0 + x) * factor(3.0, celsius, 22.0))).max(0.1))]
        },
        conductance: |[m]| 0.25 * m * m,
        reversal: Some(-20.0),
    });
    check::<1, SlowAfterhyperpolarisation>(Expected {
        gates: |_, calcium, celsius| {
            let x = (calcium / 0.025).powi(2);
            [(x / (1.0 + x), (1.0 / (0.03 * (1.0 + x) * factor(3.0, celsius, 22.0))).max(0.5))]
        },
        conductance: |[m]| 0.1 * m.powi(3),
        reversal: Some(-80.0),
    });
    check::<1, HippocampalHyperpolarisationActivatedCation>(Expected {
        gates: |v, _, _| {
            let slow = 10.0 + 2.0 / ((-(v + 145.0) / 17.5).exp() + ((v + 16.8) / 16.5).exp());
            [(boltzmann((v + 90.0) / 8.5), if v > -30.0 { 1.0 } else { slow })]
        },
        conductance: |[n]| 0.1 * n,
        reversal: Some(-10.0),
    });
    check::<2, LTypeCalcium>(Expected {
        gates: |v, _, _| [(boltzmann(-(v + 37.0)), 3.6), (boltzmann((v + 41.0) / 0.5), 29.0)],
        conductance: |[m, h]| 0.1 * m.powi(3) * h,
        reversal: Some(140.0),
    });
    check::<2, RTypeCalcium>(Expected {
        gates: |v, _, _| [(boltzmann(-(v + 48.5) / 3.0), 50.0), (boltzmann(v + 53.0), 5.0)],
        conductance: |[m, h]| 0.1 * m.powi(3) * h,
        reversal: Some(140.0),
    });
}
