//! The same experiment gives the same spikes, bit for bit, whatever a run may choose: threads, instruction set, recorders, order of systems.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_ecs::schedule::{InternedSystemSet, ScheduleLabel};
use neuropil::experiment::{Outcome, RunOptions, Settings, read_text, registered_models, run};
use neuropil::prelude::*;
use std::sync::atomic::AtomicBool;

/// Five models, three kinds of input, distributed weights, delays and parameters; `scale` makes it small.
const MIXED: &str = r#"Experiment(
    title: "mixed",
    duration: "150 ms", time_step: "0.1 ms", seed: 11,
    parameters: {"scale": 1, "degree": 15},
    populations: {
        "current": (size: "200 * scale", model: LifExponentialCurrent(bias_current: "normal(350 pA, 20 pA)"), initial: {"membrane_potential": "uniform(-70 mV, -55 mV)"}),
        "conductance": (size: "200 * scale", model: LifExponentialConductance(membrane_capacitance: "200 pF", leak_conductance: "10 nS",
            resting_potential: "-60 mV", threshold_potential: "-50 mV", reset_potential: "-60 mV", refractory_period: "5 ms",
            excitatory_time_constant: "5 ms", inhibitory_time_constant: "10 ms", excitatory_reversal_potential: "0 mV",
            inhibitory_reversal_potential: "-80 mV"), initial: {"membrane_potential": "normal(-60 mV, 3 mV)"}),
        "adaptive": (size: "130 * scale", model: AdEx()),
        "simple": (size: "150 * scale", model: Izhikevich(reset_recovery: "uniform(2 mV/ms, 8 mV/ms)")),
        "channels": (size: "100 * scale", model: HodgkinHuxleyTraubMiles()),
    },
    projections: {
        "to current": (from: ["conductance", "adaptive", "simple"], to: "current", rule: FixedInDegree("degree"),
            weight: "normal(20 pA, 5 pA)", delay: "redraw(normal(2 ms, 1 ms), 0.1 ms, 9 ms)"),
        "to conductances": (from: ["current", "channels"], to: ["conductance", "adaptive", "channels"], rule: FixedInDegree("degree"),
            weight: "uniform(0.5 nS, 3 nS)", delay: "uniform(0.1 ms, 5 ms)"),
        "inhibition": (from: "adaptive", to: ["conductance", "channels"], rule: FixedInDegree("degree"),
            weight: "uniform(-10 nS, -1 nS)", delay: "uniform(0.5 ms, 3 ms)"),
        "to simple": (from: ["current", "channels"], to: "simple", rule: FixedInDegree("degree"), weight: "normal(0.5 mV, 0.1 mV)", delay: "1.5 ms"),
    },
    inputs: {
        "kicks": (to: ["conductance", "channels"], source: Poisson(rate: "600 Hz"), weight: "6 nS"),
        "noise": (to: "simple", source: NoiseCurrent(mean: "4 mV/ms", standard_deviation: "4 mV/ms", interval: "1 ms")),
        "drift": (to: ["adaptive", "current"], source: OrnsteinUhlenbeckCurrent(mean: "700 pA", standard_deviation: "150 pA", time_constant: "5 ms")),
    },
    recorders: {
        "raster": Spikes(of: ["current", "conductance", "adaptive", "simple", "channels"]),
        "potentials": Trace(of: ["current", "conductance", "adaptive", "simple", "channels"], variable: "membrane_potential", interval: "1 ms"),
        "adaptation": Trace(of: "adaptive", variable: "adaptation_current", interval: "1 ms", neurons: [0]),
    },
)"#;

#[derive(Clone)]
struct Choice {
    threads: usize,
    simd: Simd,
    keep: bool,
    seed: Option<u64>,
    tiny: bool,
    edges: Vec<Edge>,
    nudged: Option<u32>,
}

fn choice() -> Choice {
    Choice { threads: 1, simd: Simd::detect(), keep: true, seed: None, tiny: false, edges: Vec::new(), nudged: None }
}

/// Runs the experiment; `Err` if the schedules cannot be ordered.
fn attempt(choice: &Choice) -> Result<(App, Outcome), String> {
    let mut app = App::new();
    app.add_plugins(NeuropilPlugins);
    let mut settings = Settings { seed: choice.seed, ..Default::default() };
    if choice.tiny {
        settings.duration = Some("1 ms".into());
        for assignment in ["scale=0.1", "degree=1"] {
            settings.push(assignment).unwrap();
        }
    }
    let plan = read_text("mixed.ron", MIXED, &settings, &registered_models(&app))
        .map_err(|errors| errors.iter().map(|error| error.render()).collect::<String>())
        .unwrap();
    // The engine gives a network of this size one worker; as if it expected many synapses, it takes what is asked for.
    app.world_mut().resource_mut::<RunSettings>().expected_synapses = 1e8;
    for (number, edge) in choice.edges.iter().enumerate() {
        edge.add(&mut app, number);
    }
    if let Some(nudged) = choice.nudged {
        let nudge = move |clock: Res<Clock>, mut neurons: Query<(&NeuronId, &mut MembranePotential)>| {
            if clock.step() == 500 {
                neurons
                    .iter_mut()
                    .filter(|(id, _)| (nudged..nudged + 10).contains(&id.0))
                    .for_each(|(_, mut potential)| potential.0 += 1.0);
            }
        };
        app.add_systems(Step, nudge.in_set(NeuropilSystems::Emit));
    }
    let cancel = AtomicBool::new(false);
    let options = RunOptions { threads: choice.threads, simd: choice.simd, keep: choice.keep, cancel: &cancel, progress: &mut |_| () };
    let outcome = run(&plan, &mut app, options).map_err(|error| error.render())?;
    assert!(outcome.fault.is_none(), "{:?}", outcome.fault);
    Ok((app, outcome))
}

fn outcome(choice: &Choice) -> Outcome {
    let outcome = attempt(choice).unwrap().1;
    assert_eq!(outcome.summary.threads, choice.threads as u64, "the threads asked for must work, or nothing is compared");
    outcome
}

fn digest(choice: &Choice) -> String {
    outcome(choice).summary.spike_digest
}

/// Claim: every population spikes, so that the digests compared below say something about every model.
#[test]
fn every_population_spikes() {
    let summary = outcome(&choice()).summary;
    for population in &summary.populations {
        assert!(population.spikes > population.size, "{}: {} spikes", population.name, population.spikes);
        assert!(population.rate_hz < 300.0, "{}: {} Hz", population.name, population.rate_hz);
    }
    assert!(summary.populations.len() == 5 && summary.synaptic_events > 10_000);
}

/// Claim: these digests would show a difference: 1 mV more in ten neurons of any population, once, changes them.
#[test]
fn a_small_difference_shows() {
    let undisturbed = digest(&choice());
    let mut first = 0;
    for population in outcome(&choice()).summary.populations {
        assert_ne!(digest(&Choice { nudged: Some(first), ..choice() }), undisturbed, "{}", population.name);
        first += population.size as u32;
    }
}

/// Claim: 1, 2 and 7 threads give the same spikes and the same traces.
#[test]
fn threads_do_not_change_the_spikes() {
    let one = outcome(&choice());
    for threads in [2, 7] {
        let several = outcome(&Choice { threads, ..choice() });
        assert_eq!(several.summary.spike_digest, one.summary.spike_digest, "{threads} threads");
        assert!(several.spikes == one.spikes, "{threads} threads: the tables of spikes differ");
        assert!(several.traces == one.traces, "{threads} threads: the traces differ");
    }
}

/// Claim: recorders only look: with them and without them the spikes are the same.
#[test]
fn recorders_do_not_change_the_spikes() {
    let (kept, dropped) = (outcome(&choice()), outcome(&Choice { keep: false, threads: 2, ..choice() }));
    assert!(kept.spikes.is_some() && kept.traces.len() == 2, "something was recorded");
    assert!(dropped.spikes.is_none() && dropped.traces.is_empty(), "nothing was recorded");
    assert_eq!(kept.summary.spike_digest, dropped.summary.spike_digest);
}

/// Claim: every instruction set that this processor has gives the same spikes and traces.
#[test]
fn instruction_sets_do_not_change_the_spikes() {
    let portable = outcome(&Choice { simd: Simd::Portable, ..choice() });
    for simd in [Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available()) {
        let wide = outcome(&Choice { simd, ..choice() });
        assert_eq!(wide.summary.spike_digest, portable.summary.spike_digest, "{simd}");
        assert!(wide.traces == portable.traces, "{simd}: the traces differ");
    }
}

/// Claim: the seed decides: another one gives other spikes, the same one the same.
#[test]
fn the_seed_decides() {
    let first = digest(&choice());
    assert!(digest(&Choice { seed: Some(11), ..choice() }) == first && digest(&Choice { seed: Some(12), ..choice() }) != first);
}

/// One more constraint on a schedule: `before` runs before `after`.
#[derive(Clone, Copy, Debug)]
struct Edge {
    slice: bool,
    before: InternedSystemSet,
    after: InternedSystemSet,
}

/// An empty set orders what is before it against what is after it, and nothing else.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
struct Between(usize);

impl Edge {
    fn add(&self, app: &mut App, number: usize) {
        let between = Between(number).after(self.before).before(self.after);
        if self.slice {
            app.configure_sets(Slice, between)
        } else {
            app.configure_sets(Step, between)
        };
    }
}

/// The systems of a schedule in running order: set of the type, name.
fn order(app: &mut App, label: impl ScheduleLabel) -> Vec<(InternedSystemSet, String)> {
    app.world_mut().schedule_scope(label, |_, schedule| {
        schedule.systems().unwrap().map(|(_, system)| (system.default_system_sets()[0], system.name().to_string())).collect()
    })
}

fn names(order: &[(InternedSystemSet, String)]) -> Vec<&str> {
    order.iter().map(|system| system.1.as_str()).collect()
}

/// Claim: where the public sets leave the order of two systems open, their order does not matter, for three random orders of all systems.
#[test]
fn the_order_of_systems_does_not_change_the_spikes() {
    let (mut app, outcome) = attempt(&choice()).unwrap();
    let (step, slice) = (order(&mut app, Step), order(&mut app, Slice));
    // Pairs that some order turns round, found once; together they may still contradict each other.
    let mut open = Vec::new();
    for (is_slice, systems) in [(false, &step), (true, &slice)] {
        for (k, (first, _)) in systems.iter().enumerate() {
            for (second, _) in &systems[k + 1..] {
                let turned = Edge { slice: is_slice, before: *second, after: *first };
                if attempt(&Choice { tiny: true, edges: vec![turned], ..choice() }).is_ok() {
                    open.push(turned);
                }
            }
        }
    }
    // Five models: ten pairs in each of both schedules.
    assert!(open.len() >= 20, "{} pairs are open", open.len());
    for seed in 1..=3_u64 {
        let mut random = seed;
        let mut draw = move || {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            random >> 33
        };
        let mut pairs: Vec<(u64, Edge)> = Vec::new();
        for edge in &open {
            let back = Edge { before: edge.after, after: edge.before, ..*edge };
            let turned = if draw() % 2 == 0 { *edge } else { back };
            pairs.push((draw(), turned));
        }
        pairs.sort_by_key(|pair| pair.0);
        let mut shuffled = Choice { threads: 2, ..choice() };
        for (_, edge) in pairs {
            let mut trial = Choice { tiny: true, ..shuffled.clone() };
            trial.edges.push(edge);
            if attempt(&trial).is_ok() {
                shuffled.edges.push(edge);
            }
        }
        let (mut app, other) = attempt(&shuffled).unwrap();
        let orders = (order(&mut app, Step), order(&mut app, Slice));
        assert!(names(&orders.0) != names(&step) && names(&orders.1) != names(&slice), "shuffle {seed} changes both schedules");
        assert_eq!(other.summary.spike_digest, outcome.summary.spike_digest, "shuffle {seed}: {:?}", names(&orders.0));
        assert!(other.traces == outcome.traces, "shuffle {seed}: the traces differ");
    }
}
