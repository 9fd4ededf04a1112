//! Leaky integrate-and-fire neurons with currents, whose solution is exact.

use super::{current, data, largest_deviation, numbers, peak, run, spikes};
use neuropil_neurons::{LifAlphaCurrent, LifDelta, LifExponentialCurrent};
use neuropil_units::{Milliseconds, Millivolts, Picoamperes};

/// f32 near 70 mV rounds by 3.8e-6 mV, and the membrane remembers 100 roundings.
const ROUNDING: f64 = 3.8e-4;

/// Claim: current steps give the reference's spike trains, at the time that the closed form says. Source: data/lif_step.json (NEST iaf_psc_exp, steps
/// of 0.1 ms), and T = τ ln(RI/(RI - θ)). Tolerance: none; both solve exactly on one grid. The closed form precedes the first spike by less than a step.
#[test]
fn current_steps_give_the_spike_trains_of_nest_on_the_grid() {
    let reference = data(include_str!("data/lif_step.json"));
    let neuron = LifExponentialCurrent {
        resting_potential: Millivolts(-65.0),
        threshold_potential: Millivolts(-50.0),
        reset_potential: Millivolts(-65.0),
        excitatory_time_constant: Milliseconds(0.5),
        inhibitory_time_constant: Milliseconds(0.5),
        ..Default::default()
    };
    for (amplitude, expected) in reference["current_pA"].as_object().expect("currents") {
        let amplitude: f64 = amplitude.parse().expect("a current");
        let found = run(neuron.clone(), 0.1, 520.0, [current(amplitude, 10.0, 510.0)]).spikes;
        assert_eq!(found, numbers(&expected["spikes_dt01_ms"]), "{amplitude} pA");
        let late = found[0] - (10.0 + 10.0 * (amplitude / (amplitude - 375.0)).ln());
        assert!((0.0..0.1).contains(&late), "{amplitude} pA: {late} ms after the closed form");
    }
}

/// Claim: a constant current moves the potential and makes spikes as in NEST, whatever the synapses. Source: measured: V(0.1) to V(0.3) at 400 pA, and
/// spikes at 400 and 376 pA. Tolerance: potentials within rounding; spikes none.
#[test]
fn a_bias_current_gives_the_measured_potentials_and_spikes() {
    let potentials = [-69.840_797_339_986_7, -69.683_178_772_908_1, -69.527_128_536_776_13];
    let trains = [(400.0, vec![27.8, 57.6, 87.4, 117.2, 147.0, 176.8]), (376.0, vec![59.3, 120.6, 181.9, 243.2])];
    for (bias, train) in trains {
        let (bias_current, duration) = (Picoamperes(bias), train[train.len() - 1] + 0.1);
        let records = [
            run(LifDelta { bias_current, ..Default::default() }, 0.1, duration, []),
            run(LifExponentialCurrent { bias_current, ..Default::default() }, 0.1, duration, []),
            run(LifAlphaCurrent { bias_current, ..Default::default() }, 0.1, duration, []),
        ];
        for record in records {
            assert_eq!(record.spikes, train, "{bias} pA");
            for (found, expected) in record.potential[1..].iter().zip(potentials).filter(|_| bias == 400.0) {
                assert!((found - expected).abs() < 1.2e-5, "{found}, expected {expected}");
            }
        }
    }
}

/// Claim: the refractory period is rounded to 1 µs, then up to whole steps, and V stays at reset for that long. Source: measured intervals at
/// 1000 pA: 6.8 ms for 2.0 ms, 6.9 ms for 2.04 and 2.05 ms. Tolerance: none.
#[test]
fn refractory_periods_round_up_to_steps() {
    for (period, interval) in [(2.0, 6.8), (2.04, 6.9), (2.05, 6.9)] {
        let neuron =
            LifExponentialCurrent { refractory_period: Milliseconds(period), bias_current: Picoamperes(1000.0), ..Default::default() };
        let record = run(neuron, 0.1, 30.0, []);
        let intervals: Vec<f64> = record.spikes.windows(2).map(|w| ((w[1] - w[0]) * 1e6).round() / 1e6).collect();
        assert!(intervals.len() > 2 && intervals.iter().all(|i| *i == interval), "{period} ms: {intervals:?}");
        let first = (record.spikes[0] / 0.1).round() as usize;
        let held = record.potential[first..].iter().take_while(|v| **v == -70.0).count();
        assert_eq!(held, if period == 2.0 { 21 } else { 22 }, "steps at reset, that of the spike included");
    }
}

/// Claim: one spike at 1 ms with a delay of 1 ms arrives at 2 ms, and moves the potential as in NEST: in that step with delta synapses, in the next with
/// currents. Source: measured heights 0.1 ms after the arrival, and peaks with their times. Tolerance: rounding of f32.
#[test]
fn one_spike_gives_the_measured_response() {
    let exponential = run(LifExponentialCurrent::default(), 0.1, 40.0, [spikes("one", &[1.0], 100.0)]).potential;
    let alpha = run(LifAlphaCurrent::default(), 0.1, 40.0, [spikes("one", &[1.0], 100.0)]).potential;
    let delta = run(LifDelta::default(), 0.1, 40.0, [spikes("one", &[1.0], 1.0)]).potential;
    for (trace, arrival, first, (height, time)) in [
        (exponential, 21, 0.038_820_409_248_458_53, (0.534_984_762_799_027_2, 60)),
        (alpha, 21, 0.002_620_533_325_981_000_4, (1.300_012_014_388_201_5, 87)),
        (delta, 20, 1.0, (1.0, 20)),
    ] {
        assert!(trace[..arrival].iter().all(|v| *v == -70.0), "the potential moved before step {arrival}");
        assert!((trace[arrival] + 70.0 - first).abs() < 1e-5, "{} mV, expected {first}", trace[arrival] + 70.0);
        let found = peak(&trace);
        assert!((found.0 - height).abs() < ROUNDING && found.1.abs_diff(time) <= 1, "{found:?}, expected {height} mV in step {time}");
    }
}

/// Claim: peaks stay right where synaptic and membrane time constant meet. Source: measured peaks for 100 pA with τ_syn of 10, 10 + 1e-9 and
/// 10.0001 ms. Tolerance: rounding of f32.
#[test]
fn equal_time_constants_are_no_special_case() {
    for (tau, height) in [(10.0, 1.471_517_764_685_771_1), (10.0 + 1e-9, 1.471_517_764_759_355), (10.0001, 1.471_525_122_225_543_2)] {
        let neuron = LifExponentialCurrent { excitatory_time_constant: Milliseconds(tau), ..Default::default() };
        let (found, step) = peak(&run(neuron, 0.1, 30.0, [spikes("one", &[1.0], 100.0)]).potential);
        assert!((found - height).abs() < ROUNDING, "τ {tau} ms: {found} mV, expected {height}");
        assert!(step.abs_diff(120) <= 3, "τ {tau} ms: peak in step {step}, expected 10.0 ms after the arrival");
    }
}

/// Claim: the train at 1000 pA keeps its period. Source: closed form T = t_ref + τ ln(RI/(RI - θ)), rounded up to the grid. Tolerance: none.
#[test]
fn the_period_is_the_closed_form_rounded_up() {
    for bias in [380.0_f64, 450.0, 700.0, 2000.0] {
        let free = 10.0 * (bias / (bias - 375.0)).ln();
        let period = (free / 0.1).ceil() * 0.1 + 2.0;
        let found = run(LifDelta { bias_current: Picoamperes(bias), ..Default::default() }, 0.1, 400.0, []).spikes;
        let expected: Vec<f64> = (0..found.len()).map(|k| period * (k + 1) as f64 - 2.0).collect();
        assert!(found.len() > 5 && largest_deviation(&found, &expected) < 1e-6, "{bias} pA: {found:?}");
    }
}
