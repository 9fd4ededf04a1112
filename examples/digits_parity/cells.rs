//! The cells that are compared: what each is made of before it learns.

use crate::digits::{PIXELS, around_zero, choose};
use neuropil::core::random::{Purpose, stream};
use neuropil::dendrites::two_layer::{BranchPlan, BranchShape, Plasticity, SignOfSynapses, TwoLayerPlan};
use rand::RngExt;

/// Where the synapses of a branch come from.
#[derive(Clone, Copy, PartialEq)]
pub enum Inputs {
    /// All 64 pixels.
    All,
    /// So many different pixels anywhere.
    Random(usize),
    /// The 16 pixels of a square of 4 by 4.
    Patch,
}

/// How branches couple to the soma.
#[derive(Clone, Copy, PartialEq)]
pub enum Coupling {
    /// Each learns its own.
    Learned,
    /// One branch that is the soma.
    Whole,
    /// All the same, for ever.
    Positive(f32),
    /// Half of them that, the other half its negative, for ever.
    Mixed(f32),
}

/// A kind of cell.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Branches.
    pub branches: usize,
    /// What they listen to.
    pub inputs: Inputs,
    /// How they bend their sum.
    pub shape: BranchShape,
    /// How they couple to the soma.
    pub coupling: Coupling,
    /// Signs of their synapses.
    pub sign: SignOfSynapses,
}

impl Kind {
    /// The cell that the others are measured against: branches that bend, synapses of either sign, couplings that learn.
    pub const fn dendritic(branches: usize, inputs: Inputs) -> Self {
        Self { branches, inputs, shape: BranchShape::Sigmoid, coupling: Coupling::Learned, sign: SignOfSynapses::Either }
    }

    /// The same tree with branches that only add.
    pub const fn additive(branches: usize, inputs: Inputs) -> Self {
        Self { shape: BranchShape::Linear, ..Self::dendritic(branches, inputs) }
    }

    /// No tree at all.
    pub const fn linear() -> Self {
        Self { coupling: Coupling::Whole, ..Self::additive(1, Inputs::All) }
    }

    /// A multilayer perceptron with one output is a cell, too: every hidden unit a rectifying branch on all pixels.
    pub const fn perceptron(hidden: usize) -> Self {
        Self { shape: BranchShape::Rectified, ..Self::dendritic(hidden, Inputs::All) }
    }

    /// A cell of this kind; `member` tells those of one seed apart. Members with the same number and tree have the same masks.
    pub fn plan(&self, seed: u64, member: u64) -> TwoLayerPlan {
        let mut masks = stream(seed, Purpose::Connection, 0, member);
        let mut values = stream(seed, Purpose::Value, 2, member);
        let branches: Vec<BranchPlan> = (0..self.branches)
            .map(|branch| {
                let afferents = match self.inputs {
                    Inputs::All => (0..PIXELS as u32).collect(),
                    Inputs::Random(count) => choose(&mut masks, PIXELS as u32, count),
                    Inputs::Patch => patch(masks.random_range(0..5), masks.random_range(0..5)),
                };
                // So wide that sums of inputs and of changes have about the same spread on both sides (Glorot and Bengio 2010).
                let reach = (6.0 / (afferents.len() as f32 + 1.0)).sqrt();
                let weights = afferents.iter().map(|_| around_zero(&mut values, reach));
                let weights = weights.map(|weight| if self.sign == SignOfSynapses::Positive { weight.abs() } else { weight }).collect();
                let coupling = match self.coupling {
                    Coupling::Learned => around_zero(&mut values, (6.0 / (self.branches as f32 + 1.0)).sqrt()),
                    Coupling::Whole => 1.0,
                    Coupling::Mixed(coupling) if branch % 2 == 1 => -coupling,
                    Coupling::Mixed(coupling) | Coupling::Positive(coupling) => coupling,
                };
                let learned = self.coupling == Coupling::Learned;
                let plasticity = Plasticity { sign: self.sign, threshold: self.coupling != Coupling::Whole, coupling: learned };
                BranchPlan { afferents, weights, threshold: 0.0, coupling, shape: self.shape, plasticity }
            })
            .collect();
        // The soma is indifferent while every branch is half active.
        let fixed = matches!(self.coupling, Coupling::Positive(_) | Coupling::Mixed(_));
        let offset = if fixed { -0.5 * branches.iter().map(|branch| branch.coupling).sum::<f32>() } else { 0.0 };
        TwoLayerPlan { branches, offset }
    }
}

/// Pixels of a square of 4 by 4 with its top left at a row and column.
fn patch(row: u32, column: u32) -> Vec<u32> {
    (0..16).map(|k| 8 * (row + k / 4) + column + k % 4).collect()
}
