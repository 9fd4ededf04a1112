//! What a two-layer cell is made of, and adding one.

use super::learning::{BranchTraces, OffsetTrace, SomaticError};
use bevy_ecs::prelude::*;

/// Patterns lie side by side in rows of whole multiples of this many, so that loops over them vectorise.
pub(super) const LANES: usize = 16;

/// Presynaptic rates, for many patterns side by side; dimensionless, as weights are.
#[derive(Component, Clone, Debug, Default, PartialEq)]
pub struct Patterns {
    channels: usize,
    count: usize,
    /// By channel, then by pattern; a row is filled up with zeros.
    rates: Vec<f32>,
}

impl Patterns {
    /// Patterns of `channels` rates each.
    ///
    /// # Errors
    /// [`TwoLayerError::Pattern`]: one of another length, or with a rate that is not finite.
    pub fn of<'a>(channels: usize, patterns: impl ExactSizeIterator<Item = &'a [f32]>) -> Result<Self, TwoLayerError> {
        let count = patterns.len();
        let stride = count.next_multiple_of(LANES);
        let mut rates = vec![0.0; channels * stride];
        for (number, pattern) in patterns.enumerate() {
            if pattern.len() != channels || pattern.iter().any(|rate| !rate.is_finite()) {
                return Err(TwoLayerError::Pattern { number, expected: channels });
            }
            rates.iter_mut().skip(number).step_by(stride).zip(pattern).for_each(|(place, rate)| *place = *rate);
        }
        Ok(Self { channels, count, rates })
    }

    /// Number of patterns.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Rates of a channel, filled up with zeros.
    #[inline(always)]
    pub(super) fn row(&self, channel: u32) -> &[f32] {
        let stride = self.stride();
        &self.rates[channel as usize * stride..][..stride]
    }

    /// Length of a row.
    #[inline(always)]
    pub(super) fn stride(&self) -> usize {
        self.count.next_multiple_of(LANES)
    }
}

/// The entity whose [`Patterns`] a cell sees. All that it is shown must have the number of channels that it was added with, or more.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sees(pub Entity);

/// The cell that a branch belongs to.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
#[relationship(relationship_target = Branches)]
pub struct BranchOf(pub Entity);

/// The branches of a cell.
#[derive(Component, Clone, Debug)]
#[relationship_target(relationship = BranchOf)]
pub struct Branches(Vec<Entity>);

/// How a branch bends the sum of its synapses.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BranchShape {
    /// `1/(1 + exp(-z))`.
    #[default]
    Sigmoid,
    /// z: a branch without a nonlinearity.
    Linear,
    /// z above 0, else 0: a hidden unit of a common multilayer perceptron.
    Rectified,
}

/// Which signs the weights of a branch may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignOfSynapses {
    /// Both.
    #[default]
    Either,
    /// At least 0: excitation alone. A change that would go below stops there.
    Positive,
}

/// What of a branch changes when its cell learns.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plasticity {
    /// Signs that weights may take. Weights always change.
    pub sign: SignOfSynapses,
    /// Whether the threshold changes.
    pub threshold: bool,
    /// Whether the coupling to the soma changes.
    pub coupling: bool,
}

impl Default for Plasticity {
    fn default() -> Self {
        Self { sign: SignOfSynapses::Either, threshold: true, coupling: true }
    }
}

/// Channels of the patterns that synapses of a branch listen to.
#[derive(Component, Clone, Debug, Default, PartialEq, Eq)]
pub struct Afferents(pub(super) Vec<u32>);

impl Afferents {
    /// The channels, synapse by synapse.
    pub fn channels(&self) -> &[u32] {
        &self.0
    }
}

/// Weights w of a branch's synapses, dimensionless.
#[derive(Component, Clone, Debug, Default, PartialEq)]
pub struct SynapticWeights(pub(super) Vec<f32>);

impl SynapticWeights {
    /// The weights, synapse by synapse.
    pub fn values(&self) -> &[f32] {
        &self.0
    }
}

/// Threshold θ of a branch, dimensionless.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct BranchThreshold(pub f32);

/// Weight v of a branch at the soma, dimensionless.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct SomaticCoupling(pub f32);

/// Output s of a branch by pattern.
#[derive(Component, Clone, Debug, Default, PartialEq)]
pub struct BranchActivity(pub Vec<f32>);

/// Offset c of a soma.
#[derive(Component, Clone, Copy, Debug, Default, PartialEq)]
pub struct SomaticOffset(pub f32);

/// What drives a soma, a, by pattern; above 0 it says yes.
#[derive(Component, Clone, Debug, Default, PartialEq)]
pub struct SomaticDrive(pub Vec<f32>);

/// One branch to be made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BranchPlan {
    /// Channels that its synapses listen to.
    pub afferents: Vec<u32>,
    /// Their weights at the start.
    pub weights: Vec<f32>,
    /// Its threshold at the start.
    pub threshold: f32,
    /// Its coupling to the soma at the start.
    pub coupling: f32,
    /// How it bends its sum.
    pub shape: BranchShape,
    /// What of it changes in learning.
    pub plasticity: Plasticity,
}

/// One cell to be made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TwoLayerPlan {
    /// Its branches.
    pub branches: Vec<BranchPlan>,
    /// Offset of the soma at the start.
    pub offset: f32,
}

impl TwoLayerPlan {
    /// Numbers that learning may change: weights, thresholds and couplings unless they are fixed, the offset.
    pub fn parameters(&self) -> usize {
        let of_branch =
            |branch: &BranchPlan| branch.weights.len() + usize::from(branch.plasticity.threshold) + usize::from(branch.plasticity.coupling);
        1 + self.branches.iter().map(of_branch).sum::<usize>()
    }

    /// Synapses of all branches.
    pub fn synapses(&self) -> usize {
        self.branches.iter().map(|branch| branch.afferents.len()).sum()
    }
}

/// Why a two-layer cell or its patterns cannot be made.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TwoLayerError {
    /// A pattern that does not fit.
    #[error("pattern {number}: expected {expected} finite rates")]
    Pattern {
        /// Its number.
        number: usize,
        /// Channels.
        expected: usize,
    },
    /// The entity has no patterns.
    #[error("the cell is to see an entity that has no patterns")]
    NoPatterns,
    /// Weights do not belong to afferents.
    #[error("branch {branch}: {weights} weights for {afferents} afferents")]
    Weights {
        /// The branch.
        branch: usize,
        /// Weights given.
        weights: usize,
        /// Afferents given.
        afferents: usize,
    },
    /// A channel that the patterns do not have.
    #[error("branch {branch}: it listens to channel {channel}, but patterns have {channels}, counted from 0")]
    Channel {
        /// The branch.
        branch: usize,
        /// The channel.
        channel: u32,
        /// Channels of the patterns.
        channels: usize,
    },
    /// A number that is not finite, or a negative weight where none may be.
    #[error("branch {branch}: {what} is {found}; expected {expected}")]
    Value {
        /// The branch.
        branch: usize,
        /// What is wrong.
        what: &'static str,
        /// The number.
        found: f32,
        /// What it should have been.
        expected: &'static str,
    },
}

/// Adding two-layer cells; implemented for [`World`].
pub trait AddTwoLayerCells {
    /// Adds a cell that sees the patterns of an entity: an entity for it, one for each branch. It learns once it has
    /// [`LocalLearning`](super::LocalLearning) and [`Taught`](super::Taught).
    ///
    /// # Errors
    /// See [`TwoLayerError`].
    fn add_two_layer_cell(&mut self, plan: TwoLayerPlan, patterns: Entity) -> Result<Entity, TwoLayerError>;
}

impl AddTwoLayerCells for World {
    fn add_two_layer_cell(&mut self, plan: TwoLayerPlan, patterns: Entity) -> Result<Entity, TwoLayerError> {
        let channels = self.get::<Patterns>(patterns).ok_or(TwoLayerError::NoPatterns)?.channels;
        for (branch, one) in plan.branches.iter().enumerate() {
            check(branch, one, channels)?;
        }
        let cell = self
            .spawn((Sees(patterns), SomaticOffset(plan.offset), SomaticDrive::default(), SomaticError::default(), OffsetTrace::default()))
            .id();
        for branch in plan.branches {
            self.spawn((
                BranchOf(cell),
                branch.shape,
                branch.plasticity,
                BranchTraces::of(branch.weights.len()),
                Afferents(branch.afferents),
                SynapticWeights(branch.weights),
                BranchThreshold(branch.threshold),
                SomaticCoupling(branch.coupling),
                BranchActivity::default(),
            ));
        }
        Ok(cell)
    }
}

fn check(branch: usize, plan: &BranchPlan, channels: usize) -> Result<(), TwoLayerError> {
    let (weights, afferents) = (plan.weights.len(), plan.afferents.len());
    if weights != afferents {
        return Err(TwoLayerError::Weights { branch, weights, afferents });
    }
    if let Some(channel) = plan.afferents.iter().copied().find(|channel| *channel as usize >= channels) {
        return Err(TwoLayerError::Channel { branch, channel, channels });
    }
    let refuse = |what, found, expected| Err(TwoLayerError::Value { branch, what, found, expected });
    for weight in &plan.weights {
        if !weight.is_finite() {
            return refuse("a weight", *weight, "a finite number");
        }
        if plan.plasticity.sign == SignOfSynapses::Positive && *weight < 0.0 {
            return refuse("a weight", *weight, "at least 0, as its synapses may only excite");
        }
    }
    for (what, value) in [("the threshold", plan.threshold), ("the coupling", plan.coupling)] {
        if !value.is_finite() {
            return refuse(what, value, "a finite number");
        }
    }
    Ok(())
}
