//! The local rule: error at the soma, times gain of the branch, times rate of the synapse.

use super::cell::{
    Afferents, BranchActivity, BranchOf, BranchShape, BranchThreshold, LANES, Patterns, Plasticity, Sees, SignOfSynapses, SomaticCoupling,
    SomaticDrive, SomaticOffset, SynapticWeights,
};
use super::recall::sigmoid;
use bevy_ecs::prelude::*;
use neuropil_core::RunSettings;
use neuropil_core::math::FlushDenormals;
use neuropil_core::simd::{Vectorised, vectorise};

/// How large a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// The step size times the gradient.
    Plain,
    /// The step size times the running mean of the gradient (over about 10 lessons) over the root of its running mean square (about 1000), of each
    /// synapse by itself.
    Adaptive,
}

/// Has a cell learn in every [`Lesson`](super::Lesson).
#[derive(Component, Clone, Copy, Debug, PartialEq)]
pub struct LocalLearning {
    /// Step size η. A larger one learns sooner and ends less exactly.
    pub step: f32,
    /// What weights and couplings lose of themselves: this times their value is added to their gradient.
    pub decay: f32,
    /// How large changes are.
    pub kind: StepKind,
    /// Lessons so far.
    lessons: u32,
}

impl LocalLearning {
    /// Learning from the first lesson on.
    pub fn new(step: f32, decay: f32, kind: StepKind) -> Self {
        Self { step, decay, kind, lessons: 0 }
    }

    /// What makes a change of a gradient, in the lesson that comes next.
    #[inline(always)]
    fn stepper(&self) -> Stepper {
        let lessons = self.lessons.saturating_add(1).min(1 << 20) as i32;
        Stepper {
            step: self.step,
            adaptive: self.kind == StepKind::Adaptive,
            unbias_mean: 1.0 / (1.0 - MEAN.powi(lessons)),
            unbias_square: 1.0 / (1.0 - SQUARE.powi(lessons)),
        }
    }
}

/// What a cell should say to each of its patterns: 1 for yes, 0 for no. A cell with this and [`LocalLearning`] learns it.
#[derive(Component, Clone, Debug, Default, PartialEq)]
pub struct Taught(pub Vec<f32>);

/// How wrong a cell is, by pattern: what it says less what it should say, over the number of patterns.
#[derive(Component, Clone, Debug, Default, PartialEq)]
pub struct SomaticError(pub Vec<f32>);

const MEAN: f32 = 0.9;
const SQUARE: f32 = 0.999;

/// Running mean and mean square of one gradient.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trace {
    mean: f32,
    square: f32,
}

/// Traces of a branch: of its synapses, its threshold, its coupling.
#[derive(Component, Clone, Debug, Default)]
pub(super) struct BranchTraces {
    means: Vec<f32>,
    squares: Vec<f32>,
    threshold: Trace,
    coupling: Trace,
}

impl BranchTraces {
    pub(super) fn of(synapses: usize) -> Self {
        Self { means: vec![0.0; synapses], squares: vec![0.0; synapses], ..Self::default() }
    }
}

/// Trace of a soma's offset.
#[derive(Component, Clone, Copy, Debug, Default)]
pub(super) struct OffsetTrace(Trace);

#[derive(Clone, Copy)]
struct Stepper {
    step: f32,
    adaptive: bool,
    unbias_mean: f32,
    unbias_square: f32,
}

impl Stepper {
    /// What to take off a value with this gradient.
    #[inline(always)]
    fn change(&self, trace: &mut Trace, gradient: f32) -> f32 {
        if self.adaptive { self.adaptive_change(&mut trace.mean, &mut trace.square, gradient) } else { self.step * gradient }
    }

    #[inline(always)]
    fn adaptive_change(&self, mean: &mut f32, square: &mut f32, gradient: f32) -> f32 {
        *mean = MEAN * *mean + (1.0 - MEAN) * gradient;
        *square = SQUARE * *square + (1.0 - SQUARE) * gradient * gradient;
        self.step * *mean * self.unbias_mean / ((*square * self.unbias_square).sqrt() + 1e-8)
    }
}

/// Errors of cells that are taught alone.
pub(super) fn compare_with_targets(mut cells: Query<(&SomaticDrive, &Taught, &mut SomaticError)>) {
    for (drive, taught, mut error) in &mut cells {
        let per_pattern = 1.0 / drive.0.len().max(1) as f32;
        let error = &mut error.bypass_change_detection().0;
        error.clear();
        error.extend(drive.0.iter().zip(&taught.0).map(|(drive, target)| (sigmoid(*drive) - target) * per_pattern));
    }
}

/// Branches change their synapses, threshold and coupling. Of their cell they read the error and how it learns.
#[expect(clippy::type_complexity, reason = "a branch's own components are what the rule may use")]
pub(super) fn change_branches(
    settings: Res<RunSettings>,
    mut branches: Query<(
        &BranchOf,
        &BranchShape,
        &Plasticity,
        &Afferents,
        &BranchActivity,
        &mut SynapticWeights,
        &mut BranchThreshold,
        &mut SomaticCoupling,
        &mut BranchTraces,
    )>,
    cells: Query<(&Sees, &SomaticError, &LocalLearning)>,
    patterns: Query<&Patterns>,
) {
    let _flush = FlushDenormals::new();
    for (cell, shape, plasticity, afferents, activity, mut weights, mut threshold, mut coupling, mut traces) in &mut branches {
        let Ok((sees, error, learning)) = cells.get(cell.0) else { continue };
        let Ok(patterns) = patterns.get(sees.0) else { continue };
        let change = Change {
            patterns,
            shape: *shape,
            plasticity: *plasticity,
            stepper: learning.stepper(),
            decay: learning.decay,
            error: &error.0,
            afferents: &afferents.0,
            activity: &activity.0,
            weights: &mut weights.0,
            threshold: &mut threshold.0,
            coupling: &mut coupling.0,
            traces: &mut traces,
        };
        vectorise(settings.simd, change);
    }
}

struct Change<'a> {
    patterns: &'a Patterns,
    shape: BranchShape,
    plasticity: Plasticity,
    stepper: Stepper,
    decay: f32,
    error: &'a [f32],
    afferents: &'a [u32],
    activity: &'a [f32],
    weights: &'a mut [f32],
    threshold: &'a mut f32,
    coupling: &'a mut f32,
    traces: &'a mut BranchTraces,
}

impl Vectorised for Change<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { patterns, shape, plasticity, stepper, decay, error, activity, traces, .. } = self;
        // Error times gain; 0 beyond the last pattern.
        let patterns_here = error.len().min(activity.len());
        let mut local = vec![0.0; activity.len()];
        let coupling = *self.coupling;
        match shape {
            BranchShape::Sigmoid => {
                for i in 0..patterns_here {
                    local[i] = error[i] * coupling * (activity[i] * (1.0 - activity[i]));
                }
            }
            BranchShape::Linear => {
                for i in 0..patterns_here {
                    local[i] = error[i] * coupling;
                }
            }
            BranchShape::Rectified => {
                for i in 0..patterns_here {
                    local[i] = if activity[i] > 0.0 { error[i] * coupling } else { 0.0 };
                }
            }
        }
        let synapses = self.weights.len();
        let (weights, afferents) = (&mut self.weights[..synapses], &self.afferents[..synapses]);
        let mut gradients = vec![0.0; synapses];
        for k in 0..synapses {
            gradients[k] = product(&local, patterns.row(afferents[k])) + decay * weights[k];
        }
        let least = if plasticity.sign == SignOfSynapses::Positive { 0.0 } else { f32::NEG_INFINITY };
        if stepper.adaptive {
            let (means, squares) = (&mut traces.means[..synapses], &mut traces.squares[..synapses]);
            for k in 0..synapses {
                let change = stepper.adaptive_change(&mut means[k], &mut squares[k], gradients[k]);
                weights[k] = (weights[k] - change).max(least);
            }
        } else {
            for k in 0..synapses {
                weights[k] = (weights[k] - stepper.step * gradients[k]).max(least);
            }
        }
        if plasticity.threshold {
            let mut sum = 0.0;
            for local in &local {
                sum -= local;
            }
            *self.threshold -= stepper.change(&mut traces.threshold, sum);
        }
        if plasticity.coupling {
            let mut gradient = decay * coupling;
            for i in 0..patterns_here {
                gradient += error[i] * activity[i];
            }
            *self.coupling -= stepper.change(&mut traces.coupling, gradient);
        }
    }
}

/// Sum of products, in an order that vectorises; both are whole multiples of [`LANES`] long.
#[inline(always)]
fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    let (a, b) = (a.as_chunks::<LANES>().0, b.as_chunks::<LANES>().0);
    let chunks = a.len().min(b.len());
    let (a, b) = (&a[..chunks], &b[..chunks]);
    for chunk in 0..chunks {
        for lane in 0..LANES {
            sums[lane] += a[chunk][lane] * b[chunk][lane];
        }
    }
    // In pairs, so that halves add up side by side.
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
        width /= 2;
    }
    sums[0]
}

/// Somata change their offset; a lesson ends.
pub(super) fn change_somata(mut cells: Query<(&SomaticError, &mut SomaticOffset, &mut OffsetTrace, &mut LocalLearning)>) {
    for (error, mut offset, mut trace, mut learning) in &mut cells {
        offset.0 -= learning.stepper().change(&mut trace.0, error.0.iter().sum());
        learning.lessons = learning.lessons.saturating_add(1);
    }
}
