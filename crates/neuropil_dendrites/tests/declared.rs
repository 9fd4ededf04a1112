//! Declared channels: Hodgkin and Huxley's against those built in, schemes of states against closed forms, what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use neuropil_core::{Clock, CorePlugin, Registry, RunSettings, Simd, Simulate};
use neuropil_dendrites::declared::{Conducts, DeclaredChannel, Gate, Kinetics, Occupancy, Scheme, StateOf};
use neuropil_dendrites::solver::Method;
use neuropil_dendrites::tree::{Attachment, CableTree, Cut, CutSection};
use neuropil_dendrites::{
    AddCells, AddMechanism, CellPlan, CellsRequest, CompartmentId, CompartmentPotential, DendritesPlugin, InstanceId, MechanismEntry,
    Precision,
};
use neuropil_neurons::stimuli::current::InjectedCurrent;
use neuropil_neurons::{Assigned, NeuronModelsPlugins};
use neuropil_synapses::SynapsesPlugin;
use neuropil_units::{Expression, Kelvin, Milliseconds, MillisiemensPerSquareCentimeter, Millivolts, Scope};

const CELSIUS_ZERO: f64 = 273.15;

fn app(dt: f64, simd: Simd) -> App {
    let mut app = App::new();
    app.add_plugins((CorePlugin, NeuronModelsPlugins, SynapsesPlugin, DendritesPlugin));
    app.insert_resource(RunSettings { threads: 1, simd, ..Default::default() });
    app.insert_resource(Clock::new(Milliseconds(dt)).unwrap());
    app
}

fn parse(text: &str) -> Expression {
    Expression::parse(text).unwrap()
}

fn rates(name: &str, power: u32, opening: &str, closing: &str) -> Gate {
    Gate { name: name.into(), power, kinetics: Kinetics::Rates { opening: parse(opening), closing: parse(closing) } }
}

fn limit(name: &str, power: u32, steady_state: &str, time_constant: &str) -> Gate {
    Gate { name: name.into(), power, kinetics: Kinetics::Limit { steady_state: parse(steady_state), time_constant: parse(time_constant) } }
}

fn channel(name: &str, conductance: f64, conducts: Conducts, gates: Vec<Gate>) -> DeclaredChannel {
    let conductance = MillisiemensPerSquareCentimeter(conductance);
    DeclaredChannel { name: name.into(), conductance, conducts, gates, ..Default::default() }
}

const M: [&str; 2] = ["(1/ms) * linoid((membrane_potential + 40 mV) / (10 mV))", "(4/ms) * exp(-(membrane_potential + 65 mV) / (18 mV))"];
const H: [&str; 2] =
    ["(0.07/ms) * exp(-(membrane_potential + 65 mV) / (20 mV))", "(1/ms) / (1 + exp(-(membrane_potential + 35 mV) / (10 mV)))"];
const N: [&str; 2] =
    ["(0.1/ms) * linoid((membrane_potential + 55 mV) / (10 mV))", "(0.125/ms) * exp(-(membrane_potential + 65 mV) / (80 mV))"];

/// Sodium and potassium channels of the squid; the rates of h are written as a limit and a time constant, which are the same.
fn squid() -> [DeclaredChannel; 2] {
    let factor = Some(parse("3^((temperature - 6.3 degC) / (10 K))"));
    let h = [format!("({0}) / ({0} + {1})", H[0], H[1]), format!("1 / ({} + {})", H[0], H[1])];
    let sodium = channel("sodium", 120.0, Conducts::Ohmic(Millivolts(50.0)), vec![rates("m", 3, M[0], M[1]), limit("h", 1, &h[0], &h[1])]);
    let potassium = channel("potassium", 36.0, Conducts::Ohmic(Millivolts(-77.0)), vec![rates("n", 4, N[0], N[1])]);
    [sodium, potassium].map(|channel| DeclaredChannel { temperature_factor: factor.clone(), ..channel })
}

fn built_in(app: &App, name: &str) -> MechanismEntry {
    app.world().resource::<Registry<MechanismEntry>>().get(name).unwrap().clone()
}

fn set(name: &str, value: f64) -> (String, Assigned) {
    (name.to_string(), Assigned::Shared(value))
}

fn entry(channel: &DeclaredChannel) -> MechanismEntry {
    channel.entry(&Scope::new()).unwrap()
}

fn piece(area: f64) -> Cut {
    Cut { area, resistance_before: 20.0, resistance_after: 20.0 }
}

/// A branched tree; its number of compartments depends on `length`.
fn tree(length: usize) -> CableTree {
    CableTree::new(&[
        CutSection { parent: None, cuts: vec![piece(700.0)] },
        CutSection { parent: Some((0, Attachment::End)), cuts: vec![piece(120.0); length] },
        CutSection { parent: Some((1, Attachment::End)), cuts: vec![piece(60.0); 6] },
        CutSection { parent: Some((1, Attachment::End)), cuts: vec![piece(80.0); 3] },
    ])
}

fn potentials(app: &mut App) -> Vec<f64> {
    let world = app.world_mut();
    let mut rows: Vec<(u32, f64)> = world
        .query::<(&CompartmentId, bevy_ecs::world::EntityRef)>()
        .iter(world)
        .map(|(id, row)| (id.0, CompartmentPotential::of(row).unwrap()))
        .collect();
    rows.sort_by_key(|(id, _)| *id);
    rows.into_iter().map(|(_, v)| v).collect()
}

/// Occupancies by state, in the order of the entities.
fn occupancies(app: &mut App, state: u16) -> Vec<f64> {
    let world = app.world_mut();
    let mut found: Vec<(u32, f64)> = world
        .query::<(&InstanceId, &StateOf, &Occupancy)>()
        .iter(world)
        .filter(|(_, of, _)| of.0 == state)
        .map(|(id, _, occupancy)| (id.0, occupancy.0))
        .collect();
    found.sort_by_key(|(id, _)| *id);
    found.into_iter().map(|(_, occupancy)| occupancy).collect()
}

/// Cells with the squid's channels, built in or declared; cells of the second plan are larger and have half the sodium.
fn squid_cells(declared: bool, plan_of: Vec<u32>, simd: Simd, precision: Precision) -> App {
    let mut app = app(0.025, simd);
    let plans = [9, 5].map(|length| {
        let kelvin = Kelvin(CELSIUS_ZERO + 10.0);
        let mut plan = CellPlan::new(tree(length), Milliseconds(0.025), Method::BackwardEuler, kelvin, Millivolts(-65.0)).unwrap();
        plan.set_precision(precision);
        let all = plan.compartments();
        let sodium = if length == 9 { 120.0e-2 } else { 90.0e-2 };
        if declared {
            let [sodium_channel, potassium_channel] = squid();
            plan.paint(&entry(&sodium_channel), None, &all, &[set("conductance", sodium)]).unwrap();
            plan.paint(&entry(&potassium_channel), None, &all, &[]).unwrap();
            let leak = [set("conductance", 0.3e-2), set("reversal_potential", -54.3)];
            plan.paint(&built_in(&app, "Passive"), None, &all, &leak).unwrap();
        } else {
            plan.paint(&built_in(&app, "HodgkinHuxley"), None, &all, &[set("sodium_conductance", sodium)]).unwrap();
        }
        plan
    });
    let cells = plan_of.len();
    let population = app.add_cells(CellsRequest { name: "cells".into(), plans: plans.into(), plan_of }).unwrap();
    app.world_mut().entity_mut(population).insert(InjectedCurrent((0..cells).map(|k| 400.0 + 10.0 * k as f32).collect()));
    app
}

/// Claim: Hodgkin and Huxley's channels declared by expressions are those built in, to rounding, in cells side by side, in a pool of different cells, and at
/// another temperature than that of the rates. Source: the built-in kernel, written by hand. Tolerance: 1e-9 of 100 mV over 30 ms with two to three
/// spikes: each kernel is right to 1e-14 a step, and an upstroke multiplies what is there by some thousand; in single precision, right to 1e-7, 0.05 mV.
#[test]
fn hodgkin_and_huxley_declared_and_built_in_agree() {
    for (precision, tolerance) in [(Precision::Double, 1e-7), (Precision::Single, 0.05)] {
        for plan_of in [vec![0; 33], vec![0, 1, 0, 1, 1], vec![0; 3]] {
            let mut declared = squid_cells(true, plan_of.clone(), Simd::detect(), precision);
            let mut own = squid_cells(false, plan_of, Simd::detect(), precision);
            let (mut worst, mut highest) = (0.0_f64, f64::MIN);
            for _ in 0..1200 {
                for app in [&mut declared, &mut own] {
                    app.advance(Milliseconds(0.025)).unwrap();
                }
                let (found, expected) = (potentials(&mut declared), potentials(&mut own));
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(&expected) {
                    worst = worst.max((found - expected).abs());
                    highest = highest.max(*expected);
                }
            }
            assert!(highest > 20.0, "{precision:?}: {highest}");
            assert!(worst < tolerance, "{precision:?}: {worst:e} mV");
        }
    }
}

/// Claim: all instruction sets give the same bits. Tolerance: none.
#[test]
fn every_instruction_set_gives_the_same_bits() {
    for precision in [Precision::Double, Precision::Single] {
        let run = |simd| {
            let mut app = squid_cells(true, vec![0; 35], simd, precision);
            for _ in 0..300 {
                app.advance(Milliseconds(0.025)).unwrap();
            }
            potentials(&mut app).into_iter().map(f64::to_bits).collect::<Vec<u64>>()
        };
        let portable = run(Simd::Portable);
        assert!(portable == run(Simd::Avx2) && portable == run(Simd::Avx512), "{precision:?}");
    }
}

/// Hodgkin and Huxley's sodium channel as eight states: how many of three m are open, and whether h is.
fn eight_states() -> DeclaredChannel {
    let scaled = |times: usize, rate: &str| parse(&format!("{times} * ({rate})"));
    let number = |m: usize, h: usize| 4 * h + m;
    let mut rates = Vec::new();
    for h in 0..2 {
        for m in 0..3 {
            rates.push((number(m, h), number(m + 1, h), scaled(3 - m, M[0])));
            rates.push((number(m + 1, h), number(m, h), scaled(m + 1, M[1])));
        }
    }
    for m in 0..4 {
        rates.push((number(m, 0), number(m, 1), scaled(1, H[0])));
        rates.push((number(m, 1), number(m, 0), scaled(1, H[1])));
    }
    let states = (0..8).map(|state| format!("{}{}", ["I", "C"][state / 4], state % 4)).collect();
    let scheme = Some(Scheme { states, rates, open: vec![(number(3, 1), 1.0)] });
    DeclaredChannel { name: "eight states".into(), scheme, ..Default::default() }
}

/// One compartment that stays at -65 mV, with a channel that does not conduct.
fn clamped(channel: &DeclaredChannel, dt: f64) -> App {
    let mut app = app(dt, Simd::detect());
    let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![piece(100.0)] }]);
    let mut plan = CellPlan::new(tree, Milliseconds(dt), Method::BackwardEuler, Kelvin(CELSIUS_ZERO + 6.3), Millivolts(-65.0)).unwrap();
    plan.paint(&entry(channel), None, &[0], &[set("conductance", 0.0)]).unwrap();
    app.add_cells(CellsRequest { name: "cell".into(), plans: vec![plan], plan_of: vec![0] }).unwrap();
    app
}

fn phi(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { x / -(-x).exp_m1() }
}

/// Claim: a scheme starts where it is after a long time, approaches that with an error of first order in the step, and neither loses channels nor lets a share
/// fall below 0. Source: eight states that are three gates m and one h have m³h open channels, m(t) and h(t) exponentials at a fixed potential (Hodgkin
/// and Huxley 1952). Tolerance: the start to 1e-12, roundings of an elimination; the error at half the step is half, to 5 %, its second order being below
/// that for steps of 0.005 and 0.0025 ms; sums to 1e-12 after 500 steps.
#[test]
fn schemes_follow_their_equations() {
    let (v, channel) = (-65.0f64, eight_states());
    let [alpha_m, beta_m] = [phi((v + 40.0) / 10.0), 4.0 * (-(v + 65.0) / 18.0).exp()];
    let [alpha_h, beta_h] = [0.07 * (-(v + 65.0) / 20.0).exp(), 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp())];
    let (m, h) = (alpha_m / (alpha_m + beta_m), alpha_h / (alpha_h + beta_h));
    let mut at_rest = clamped(&channel, 0.025);
    let share = |m: f64, h: f64, state: u16| {
        let (open, choose) = (i32::from(state % 4), [1.0, 3.0, 3.0, 1.0][usize::from(state % 4)]);
        choose * m.powi(open) * (1.0 - m).powi(3 - open) * if state >= 4 { h } else { 1.0 - h }
    };
    for state in 0..8 {
        let found = occupancies(&mut at_rest, state)[0];
        assert!((found - share(m, h, state)).abs() < 1e-12, "state {state} rests at {found}, expected {}", share(m, h, state));
    }
    let error = |dt: f64| {
        let mut app = clamped(&channel, dt);
        let world = app.world_mut();
        let mut query = world.query::<(&StateOf, &mut Occupancy)>();
        query.iter_mut(world).for_each(|(state, mut occupancy)| occupancy.0 = share(0.9, 0.2, state.0));
        for _ in 0..(1.0 / dt).round() as usize {
            app.advance(Milliseconds(dt)).unwrap();
        }
        let (m, h) = (m + (0.9 - m) * (-(alpha_m + beta_m)).exp(), h + (0.2 - h) * (-(alpha_h + beta_h)).exp());
        occupancies(&mut app, 7)[0] - m.powi(3) * h
    };
    let (coarse, fine) = (error(0.005), error(0.0025));
    assert!(coarse.abs() > 1e-7 && (coarse / fine - 2.0).abs() < 0.1, "{coarse:e}, {fine:e}");

    let mut app = clamped(&channel, 0.5);
    let world = app.world_mut();
    world.query::<(&StateOf, &mut Occupancy)>().iter_mut(world).for_each(|(of, mut share)| share.0 = f64::from(u8::from(of.0 == 7)));
    for _ in 0..500 {
        app.advance(Milliseconds(0.5)).unwrap();
        let shares: Vec<f64> = (0..8).map(|state| occupancies(&mut app, state)[0]).collect();
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12 && shares.iter().all(|share| *share >= 0.0), "{shares:?}");
    }
}

/// Claim: gates that see calcium and channels that carry it are those built in. Source: the built-in channels of Hay et al. (2011) with a pool. Tolerance:
/// 1e-9 of 100 mV and of concentrations, roundings over 100 ms of a system that settles.
#[test]
fn channels_of_calcium_declared_and_built_in_agree() {
    let opened = limit("z", 1, "1 / (1 + (0.00043 mM / calcium)^4.8)", "1 ms");
    let potassium = channel("potassium", 10.0, Conducts::Ohmic(Millivolts(-85.0)), vec![opened]);
    let activation = rates(
        "m",
        2,
        "(0.209/ms) * linoid((membrane_potential + 27 mV) / (3.8 mV))",
        "(0.94/ms) * exp(-(membrane_potential + 75 mV) / (17 mV))",
    );
    let inactivation = rates(
        "h",
        1,
        "(0.000457/ms) * exp(-(membrane_potential + 13 mV) / (50 mV))",
        "(0.0065/ms) / (1 + exp(-(membrane_potential + 15 mV) / (28 mV)))",
    );
    let calcium = channel("calcium", 0.992, Conducts::Calcium, vec![activation, inactivation]);
    let run = |declared: bool, cells: usize| {
        let mut app = app(0.05, Simd::detect());
        let kelvin = Kelvin(CELSIUS_ZERO + 34.0);
        let mut plan = CellPlan::new(tree(4), Milliseconds(0.05), Method::BackwardEuler, kelvin, Millivolts(-70.0)).unwrap();
        let all = plan.compartments();
        let leak = [set("conductance", 0.1e-2), set("reversal_potential", -70.0)];
        plan.paint(&built_in(&app, "Passive"), None, &all, &leak).unwrap();
        let entries = if declared {
            [entry(&potassium), entry(&calcium)]
        } else {
            ["CalciumActivatedPotassium", "HighVoltageActivatedCalcium"].map(|name| built_in(&app, name))
        };
        plan.paint(&entries[0], None, &all, &[set("conductance", 1.0e-2)]).unwrap();
        plan.paint(&entries[1], None, &all, &[]).unwrap();
        let pool = [set("free_fraction", 0.05), set("initial_concentration", 2e-7)];
        plan.paint(&built_in(&app, "CalciumPool"), None, &all, &pool).unwrap();
        let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; cells] }).unwrap();
        app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![400.0; cells]));
        for _ in 0..2000 {
            app.advance(Milliseconds(0.05)).unwrap();
        }
        potentials(&mut app)
    };
    for cells in [1, 32] {
        let (found, expected) = (run(true, cells), run(false, cells));
        assert!(expected.iter().any(|v| *v > -60.0), "{expected:?}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-7, "{cells} cells: {found}, expected {expected}");
        }
    }
}

/// Claim: steep and odd formulas, for which a fast form could overflow or cancel, are followed as they are written. Source: the same formulas by the
/// standard library, in one long step to the limit and one of a time constant. Tolerance: 1e-9, to which forms are compared.
#[test]
fn steep_gates_are_followed_as_written() {
    type Expected = fn(f64) -> (f64, f64);
    let gates: [(&str, &str, Expected); 4] = [
        ("1 / (1 + exp((membrane_potential + 41 mV) / (0.5 mV)))", "29 ms", |v| (1.0 / (1.0 + ((v + 41.0) / 0.5).exp()), 29.0)),
        ("0.5 * (1 + tanh((membrane_potential + 20 mV) / (0.1 mV)))", "max(2 ms, (0.26 ms/mV) * (membrane_potential + 50 mV))", |v| {
            (0.5 * (1.0 + ((v + 20.0) / 0.1).tanh()), f64::max(2.0, 0.26 * (v + 50.0)))
        }),
        (
            "if(membrane_potential > -30 mV, 1, (membrane_potential / (-200 mV))^2)",
            "1 ms + (2 ms) / (exp(-(membrane_potential + 145 mV) / (17.5 mV)) + exp((membrane_potential + 16.8 mV) / (16.5 mV)))",
            |v| {
                let tau = 1.0 + 2.0 / ((-(v + 145.0) / 17.5).exp() + ((v + 16.8) / 16.5).exp());
                (if v > -30.0 { 1.0 } else { (v / 200.0).powi(2) }, tau)
            },
        ),
        ("2^(-abs(membrane_potential) / (1 mV))", "sqrt(1 + (membrane_potential / (10 mV))^2) * (1 ms)", |v| {
            ((-v.abs()).exp2(), (1.0 + (v / 10.0).powi(2)).sqrt())
        }),
    ];
    for (number, (steady_state, time_constant, expected)) in gates.into_iter().enumerate() {
        let channel = channel("steep", 0.0, Conducts::default(), vec![limit("y", 2, steady_state, time_constant)]);
        for v in [-140.0, -90.0, -65.0, -41.0, -30.0, -20.0, 0.0, 20.0, 60.0, 140.0] {
            let mut app = app(0.5, Simd::detect());
            let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![piece(100.0)] }]);
            let kelvin = Kelvin(CELSIUS_ZERO + 37.0);
            let mut plan = CellPlan::new(tree, Milliseconds(0.5), Method::BackwardEuler, kelvin, Millivolts(v)).unwrap();
            plan.paint(&entry(&channel), None, &[0], &[]).unwrap();
            app.add_cells(CellsRequest { name: "cell".into(), plans: vec![plan], plan_of: vec![0] }).unwrap();
            let (rest, tau) = expected(v);
            let found = occupancies(&mut app, 0)[0];
            assert!((found - rest).abs() < 1e-9, "gate {number} at {v} mV rests at {found}, expected {rest}");
            let world = app.world_mut();
            world.query::<&mut Occupancy>().iter_mut(world).for_each(|mut occupancy| occupancy.0 = 0.3);
            app.advance(Milliseconds(0.5)).unwrap();
            let (found, after) = (occupancies(&mut app, 0)[0], rest + (0.3 - rest) * (-0.5 / tau).exp());
            assert!((found - after).abs() < 1e-9, "gate {number} at {v} mV is {found} after a step, expected {after}");
        }
    }
}

/// Claim: a channel that an app was told of stands in the registry beside those built in, with its parameters and a page.
#[test]
fn channels_can_be_registered() {
    let mut app = app(0.025, Simd::detect());
    let [sodium, _] = squid();
    app.add_declared_channel(&sodium).unwrap();
    let entry = built_in(&app, "sodium");
    let parameters: Vec<(&str, f64)> = entry.parameters.iter().map(|p| (p.name.as_str(), p.default)).collect();
    assert_eq!(parameters, [("conductance", 1.2), ("reversal_potential", 50.0)]);
    assert_eq!((entry.page().as_str(), entry.entities()), ("Declared channel with `m`, `h`.\n", 2));
    assert!(app.add_declared_channel(&DeclaredChannel::default()).is_err());
}

/// Claim: what cannot be a channel is refused with what is wrong, and what would do.
#[test]
fn what_makes_no_sense_is_refused() {
    let one = |gate: Gate| channel("c", 1.0, Conducts::default(), vec![gate]);
    let scheme = |states: &[&str], rates: &[(usize, usize, &str)], open: &[(usize, f64)]| DeclaredChannel {
        scheme: Some(Scheme {
            states: states.iter().map(|state| state.to_string()).collect(),
            rates: rates.iter().map(|(from, to, rate)| (*from, *to, parse(rate))).collect(),
            open: open.to_vec(),
        }),
        ..Default::default()
    };
    let cases = [
        (channel("c", 1.0, Conducts::default(), Vec::new()), "a channel has gates or a scheme of states"),
        (one(limit("y", 1, "1 / (1 + exp(-voltage / (5 mV)))", "1 ms")), "unknown name `voltage`"),
        (one(limit("y", 1, "membrane_potential / (1 mV)", "1 mV")), "found a potential (mV), expected a time (ms)"),
        (one(limit("y", 1, "0.5", "normal(1 ms, 0.1 ms)")), "a channel is not random"),
        (one(limit("y", 0, "0.5", "1 ms")), "a gate counts from once to 16 times, not 0"),
        (
            one(limit("y", 1, "membrane_potential / (100 mV)", "1 ms")),
            "the steady state of `y` is -1.5 at -150 mV; expected a number from 0 to 1",
        ),
        (
            one(limit("y", 1, "0.5", "50 ms - membrane_potential * (1 ms/mV)")),
            "the time constant of `y` is 0 ms at 50 mV; expected more than 0",
        ),
        (
            one(rates("y", 1, "(1/ms) * membrane_potential / (1 mV) / (1 - exp(-membrane_potential / (1 mV)))", "1/ms")),
            "the opening rate of `y` is undefined at 0 mV; expected at least 0; x / (1 - exp(-x)) is `linoid(x)`",
        ),
        (one(rates("y", 1, "max(0/ms, (1/ms) * membrane_potential / (1 mV))", "0/ms")), "both rates of `y` are 0 at -150 mV"),
        (scheme(&["C"], &[], &[(0, 1.0)]), "at least two states"),
        (scheme(&["C", "O", "I"], &[(0, 1, "1/ms")], &[(1, 1.0)]), "no rate leads to the state `I` or from it"),
        (scheme(&["C", "O"], &[(0, 2, "1/ms")], &[(1, 1.0)]), "a rate leads from one state of the scheme to another"),
        (scheme(&["C", "O"], &[(0, 1, "1/ms")], &[]), "no state conducts"),
        (scheme(&["C", "O"], &[(0, 1, "1/ms")], &[(1, 2.0)]), "a state conducts from 0 to 1 of the whole, not 2"),
        (scheme(&["C", "O"], &[(0, 1, "(1/ms) * membrane_potential / (1 mV)")], &[(1, 1.0)]), "the rate `C -> O` is -150/ms at -150 mV"),
        (
            DeclaredChannel { temperature_factor: Some(parse("membrane_potential / (1 mV)")), ..one(limit("y", 1, "0.5", "1 ms")) },
            "a factor of temperature is an expression of `temperature` alone",
        ),
    ];
    for (channel, message) in cases {
        let error = channel.check_at(&Scope::new(), Kelvin(300.0)).unwrap_err().to_string();
        assert!(error.contains(message), "{error}\nexpected {message}");
    }
}

/// Claim: a channel with a permeability lets the current of Goldman, Hodgkin and Katz flow, into a pool that it fills, in a step that is implicit by the
/// current's tangent. Source: a plain loop over the same equations. Tolerance: 1e-9 of 100 mV and of the concentration, roundings over 2000 steps of a
/// system that settles.
#[test]
fn permeable_channels_follow_a_plain_loop() {
    const DT: f64 = 0.05;
    let gate = limit("m", 2, "1 / (1 + exp(-(membrane_potential + 30 mV) / (6 mV)))", "2 ms");
    let conducts = Conducts::Permeable { permeability: "1e-4 cm/s".parse().unwrap(), outside: "2 mM".parse().unwrap() };
    let calcium_channel = channel("calcium", 0.0, conducts, vec![gate]);
    for cells in [1, 32] {
        let mut app = app(DT, Simd::detect());
        let kelvin = Kelvin(CELSIUS_ZERO + 34.0);
        let tree = CableTree::new(&[CutSection { parent: None, cuts: vec![piece(1000.0)] }]);
        let mut plan = CellPlan::new(tree, Milliseconds(DT), Method::BackwardEuler, kelvin, Millivolts(-65.0)).unwrap();
        let leak = [set("conductance", 0.2e-2), set("reversal_potential", -65.0)];
        plan.paint(&built_in(&app, "Passive"), None, &[0], &leak).unwrap();
        plan.paint(&entry(&calcium_channel), None, &[0], &[set("permeability", 2e-3)]).unwrap();
        plan.paint(&built_in(&app, "CalciumPool"), None, &[0], &[set("free_fraction", 0.05), set("initial_concentration", 1e-7)]).unwrap();
        let population = app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; cells] }).unwrap();
        app.world_mut().entity_mut(population).insert(InjectedCurrent(vec![60.0; cells]));

        let (faraday, thermal) = (96_485.332_12, 1e3 * 8.314_462_618 * kelvin.0 / 96_485.332_12);
        let psi = |w: f64| if w == 0.0 { 1.0 } else { w / w.exp_m1() };
        let whole = |v: f64, inside: f64| {
            let w = 2.0 * v / thermal;
            2.0 * faraday * 2e-4 * (inside * psi(-w) - 2.0 * psi(w))
        };
        let rest = |v: f64| 1.0 / (1.0 + (-(v + 30.0) / 6.0).exp());
        let (mut v, mut calcium, mut carried, mut m) = (-65.0, 1e-4, 0.0, rest(-65.0));
        let mut highest = f64::MIN;
        for step in 0..2000 {
            app.advance(Milliseconds(DT)).unwrap();
            let limit = 1e-4 - 460.0 * 1e4 * 0.05 * (carried * 1e-3) / (2.0 * faraday * 0.1);
            calcium = (limit + (calcium - limit) * f64::exp(-DT / 460.0)).max(0.0);
            m = rest(v) + (m - rest(v)) * f64::exp(-DT / 2.0);
            carried = m * m * whole(v, calcium);
            // The derivative by a difference of fourth order.
            let d = 0.02;
            let at = |k: f64| whole(v + k * d, calcium);
            let rise = m * m * (8.0 * (at(1.0) - at(-1.0)) - (at(2.0) - at(-2.0))) / (12.0 * d);
            // 60 pA into 1000 µm² are 6 µA/cm².
            v = (v / DT + 0.2 * -65.0 + 6.0 + rise * v - carried) / (1.0 / DT + 0.2 + rise);
            highest = f64::max(highest, v);
            if step % 100 == 99 {
                let found = potentials(&mut app);
                assert!(found.iter().all(|found| (found - v).abs() < 1e-7), "{cells} cells, step {step}: {found:?}, expected {v}");
            }
        }
        assert!(highest > -30.0 && calcium > 1e-3, "{highest} mV, {calcium} mM");
    }
}
