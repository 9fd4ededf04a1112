//! Two-layer cells against derivatives by differences, and what they refuse.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test stops at the first surprise")]

use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::{RunSettings, Simd};
use neuropil_dendrites::two_layer::*;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const CHANNELS: usize = 5;
const PATTERNS: usize = 21;

fn around_zero(random: &mut Xoshiro256PlusPlus) -> f32 {
    2.0 * random.random::<f32>() - 1.0
}

/// A cell with a branch of each shape.
fn plan(random: &mut Xoshiro256PlusPlus) -> TwoLayerPlan {
    let shapes = [BranchShape::Sigmoid, BranchShape::Linear, BranchShape::Rectified, BranchShape::Sigmoid];
    let mut branch = |shape| BranchPlan {
        afferents: vec![4, 0, 2],
        weights: (0..3).map(|_| around_zero(random)).collect(),
        threshold: around_zero(random),
        coupling: 2.0 * around_zero(random),
        shape,
        plasticity: Plasticity::default(),
    };
    TwoLayerPlan { branches: shapes.map(&mut branch).to_vec(), offset: 0.3 }
}

/// Patterns and answers.
fn task(random: &mut Xoshiro256PlusPlus) -> (Vec<Vec<f32>>, Vec<f32>) {
    let patterns = (0..PATTERNS).map(|_| (0..CHANNELS).map(|_| random.random::<f32>()).collect()).collect();
    (patterns, (0..PATTERNS).map(|k| (k % 2) as f32).collect())
}

fn app(patterns: &[Vec<f32>]) -> (App, Entity) {
    let mut app = App::new();
    app.add_plugins(TwoLayerPlugin);
    let patterns = Patterns::of(CHANNELS, patterns.iter().map(|pattern| &pattern[..])).unwrap();
    let patterns = app.world_mut().spawn(patterns).id();
    (app, patterns)
}

/// Every number that a cell may learn, in order of branches: weights, threshold, coupling; then the offset.
fn values(plan: &TwoLayerPlan) -> Vec<f64> {
    let of_branch = |b: &BranchPlan| b.weights.iter().copied().chain([b.threshold, b.coupling]).collect::<Vec<f32>>();
    plan.branches.iter().flat_map(of_branch).chain([plan.offset]).map(f64::from).collect()
}

/// Mean cross entropy of a cell with these values, in f64, from the equations on the module's page.
fn cross_entropy(shapes: &TwoLayerPlan, values: &[f64], patterns: &[Vec<f32>], answers: &[f32]) -> f64 {
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z).exp());
    let of_pattern = |(pattern, answer): (&Vec<f32>, &f32)| {
        let (mut drive, mut next) = (values[values.len() - 1], values.iter());
        for branch in &shapes.branches {
            let sum: f64 = branch.afferents.iter().map(|channel| next.next().unwrap() * f64::from(pattern[*channel as usize])).sum();
            let z = sum - next.next().unwrap();
            let bent = match branch.shape {
                BranchShape::Sigmoid => sigmoid(z),
                BranchShape::Linear => z,
                BranchShape::Rectified => z.max(0.0),
            };
            drive += next.next().unwrap() * bent;
        }
        if *answer > 0.5 { -sigmoid(drive).ln() } else { -sigmoid(-drive).ln() }
    };
    patterns.iter().zip(answers).map(of_pattern).sum::<f64>() / patterns.len() as f64
}

/// A cell's values after some lessons.
fn taught(plan: &TwoLayerPlan, patterns: &[Vec<f32>], answers: &[f32], learning: LocalLearning, lessons: usize, simd: Simd) -> Vec<f64> {
    let (mut app, patterns) = app(patterns);
    app.insert_resource(RunSettings { simd, ..Default::default() });
    let cell = app.world_mut().add_two_layer_cell(plan.clone(), patterns).unwrap();
    app.world_mut().entity_mut(cell).insert((learning, Taught(answers.to_vec())));
    for _ in 0..lessons {
        app.world_mut().run_schedule(Lesson);
    }
    let world = app.world();
    let mut after = plan.clone();
    for (branch, entity) in after.branches.iter_mut().zip(world.get::<Branches>(cell).unwrap().iter()) {
        branch.weights = world.get::<SynapticWeights>(entity).unwrap().values().to_vec();
        branch.threshold = world.get::<BranchThreshold>(entity).unwrap().0;
        branch.coupling = world.get::<SomaticCoupling>(entity).unwrap().0;
    }
    after.offset = world.get::<SomaticOffset>(cell).unwrap().0;
    values(&after)
}

/// Claim: what the local rule changes in one lesson is the gradient of the mean cross entropy, though each change uses three numbers at hand. Source:
/// central differences of the cross entropy in f64. Tolerance: 2e-5, as changes are read off f32 values around 1 with a step of 0.1: 1.2e-6 of each, and
/// 4e-7 of the sigmoid.
#[test]
fn the_local_rule_is_the_gradient() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
    let plan = plan(&mut random);
    let (patterns, answers) = task(&mut random);
    let before = values(&plan);
    let after = taught(&plan, &patterns, &answers, LocalLearning::new(0.1, 0.0, StepKind::Plain), 1, Simd::detect());
    let mut largest = 0.0_f64;
    for k in 0..before.len() {
        let shifted = |by: f64| {
            let mut values = before.clone();
            values[k] += by;
            cross_entropy(&plan, &values, &patterns, &answers)
        };
        let gradient = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
        let found = (before[k] - after[k]) / 0.1;
        assert!((found - gradient).abs() < 2e-5, "value {k}: {found}, expected {gradient}");
        largest = largest.max(gradient.abs());
    }
    assert!(largest > 0.05, "the task should pull: {largest}");
}

/// Claim: the first adaptive step of every value is the step size, against the sign of its gradient. Source: Kingma and Ba (2015), whose means without
/// bias are the gradient itself and its square in the first step. Tolerance: 1e-5 of a step, f32 values around 1 with a step of 0.1.
#[test]
fn first_adaptive_steps_have_the_step_size() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(4);
    let plan = plan(&mut random);
    let (patterns, answers) = task(&mut random);
    let plain = taught(&plan, &patterns, &answers, LocalLearning::new(0.1, 0.0, StepKind::Plain), 1, Simd::detect());
    let adaptive = taught(&plan, &patterns, &answers, LocalLearning::new(0.1, 0.0, StepKind::Adaptive), 1, Simd::detect());
    for ((before, plain), adaptive) in values(&plan).iter().zip(plain).zip(adaptive) {
        let expected = 0.1 * (plain - before).signum();
        assert!((adaptive - before - expected).abs() < 1e-5, "{} for {expected}", adaptive - before);
    }
}

/// Claim: instruction sets do not change what is learned. Tolerance: none.
#[test]
fn instruction_sets_do_not_change_what_is_learned() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let plan = plan(&mut random);
    let (patterns, answers) = task(&mut random);
    let run = |simd| taught(&plan, &patterns, &answers, LocalLearning::new(0.05, 1e-3, StepKind::Adaptive), 200, simd);
    let expected = run(Simd::Portable);
    for simd in [Simd::Avx2, Simd::Avx512].into_iter().filter(|simd| simd.is_available()) {
        assert_eq!(run(simd), expected, "{simd}");
    }
}

/// Claim: synapses that may only excite stay at 0 or above, and what is fixed stays. Tolerance: none.
#[test]
fn constraints_hold() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(6);
    let mut plan = plan(&mut random);
    for branch in &mut plan.branches {
        branch.weights.iter_mut().for_each(|weight| *weight = weight.abs());
        branch.plasticity = Plasticity { sign: SignOfSynapses::Positive, threshold: false, coupling: false };
    }
    let (patterns, answers) = task(&mut random);
    let before = values(&plan);
    let after = taught(&plan, &patterns, &answers, LocalLearning::new(0.05, 0.0, StepKind::Adaptive), 300, Simd::detect());
    let (mut stopped, branch_values) = (0, 5);
    for (k, (before, after)) in before.iter().zip(&after).enumerate().take(4 * branch_values) {
        if k % branch_values < 3 {
            assert!(*after >= 0.0, "weight {k}: {after}");
            stopped += usize::from(*after == 0.0);
        } else {
            assert_eq!(before, after, "value {k} is fixed");
        }
    }
    assert!(stopped > 0, "some weight should have been stopped at 0");
}

/// Claim: what cannot be is refused with its place.
#[test]
fn wrong_cells_are_refused() {
    let (mut app, patterns) = app(&[vec![0.0; CHANNELS]]);
    let good = BranchPlan { afferents: vec![1, 2], weights: vec![0.5, -0.5], ..Default::default() };
    let mut refused = |branch: BranchPlan| {
        let plan = TwoLayerPlan { branches: vec![good.clone(), branch], offset: 0.0 };
        app.world_mut().add_two_layer_cell(plan, patterns).unwrap_err().to_string()
    };
    assert_eq!(
        refused(BranchPlan { afferents: vec![1, 5], ..good.clone() }),
        "branch 1: it listens to channel 5, but patterns have 5, counted from 0"
    );
    assert_eq!(refused(BranchPlan { weights: vec![1.0], ..good.clone() }), "branch 1: 1 weights for 2 afferents");
    assert_eq!(refused(BranchPlan { threshold: f32::NAN, ..good.clone() }), "branch 1: the threshold is NaN; expected a finite number");
    let excites = Plasticity { sign: SignOfSynapses::Positive, ..Default::default() };
    assert!(refused(BranchPlan { plasticity: excites, ..good.clone() }).contains("-0.5; expected at least 0"));
    assert_eq!(Patterns::of(2, [&[0.0_f32][..]].into_iter()).unwrap_err().to_string(), "pattern 0: expected 2 finite rates");
}
