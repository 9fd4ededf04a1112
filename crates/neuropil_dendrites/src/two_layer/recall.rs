//! What branches and somata make of the patterns before them.

use super::cell::{
    Afferents, BranchActivity, BranchOf, BranchShape, BranchThreshold, Branches, Patterns, Sees, SomaticCoupling, SomaticDrive,
    SomaticOffset, SynapticWeights,
};
use bevy_ecs::prelude::*;
use neuropil_core::RunSettings;
use neuropil_core::math::exp_fast;
use neuropil_core::simd::{Vectorised, vectorise};

/// `1/(1 + exp(-x))`.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp_fast(-x))
}

/// Branches sum their synapses over all patterns, and bend the sums.
pub(super) fn sum_synapses(
    settings: Res<RunSettings>,
    mut branches: Query<(&BranchOf, &BranchShape, &Afferents, &SynapticWeights, &BranchThreshold, &mut BranchActivity)>,
    cells: Query<&Sees>,
    patterns: Query<&Patterns>,
) {
    for (cell, shape, afferents, weights, threshold, mut activity) in &mut branches {
        let Some(patterns) = cells.get(cell.0).ok().and_then(|sees| patterns.get(sees.0).ok()) else { continue };
        let activity = &mut activity.bypass_change_detection().0;
        activity.clear();
        activity.resize(patterns.stride(), -threshold.0);
        vectorise(settings.simd, Branch { patterns, afferents, weights, shape: *shape, activity });
    }
}

struct Branch<'a> {
    patterns: &'a Patterns,
    afferents: &'a Afferents,
    weights: &'a SynapticWeights,
    shape: BranchShape,
    activity: &'a mut [f32],
}

impl Vectorised for Branch<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { patterns, afferents, weights, shape, activity } = self;
        let patterns_here = activity.len();
        for k in 0..weights.0.len() {
            let (row, weight) = (&patterns.row(afferents.0[k])[..patterns_here], weights.0[k]);
            for i in 0..patterns_here {
                activity[i] += weight * row[i];
            }
        }
        match shape {
            BranchShape::Linear => {}
            BranchShape::Sigmoid => {
                for sum in activity {
                    *sum = sigmoid(*sum);
                }
            }
            BranchShape::Rectified => {
                for sum in activity {
                    *sum = sum.max(0.0);
                }
            }
        }
    }
}

/// Somata add their branches up, for as many patterns as there are.
pub(super) fn sum_branches(
    mut somata: Query<(&Sees, Option<&Branches>, &SomaticOffset, &mut SomaticDrive)>,
    branches: Query<(&SomaticCoupling, &BranchActivity)>,
    patterns: Query<&Patterns>,
) {
    for (sees, of_cell, offset, mut drive) in &mut somata {
        let Ok(patterns) = patterns.get(sees.0) else { continue };
        let drive = &mut drive.bypass_change_detection().0;
        drive.clear();
        drive.resize(patterns.count(), offset.0);
        for (coupling, activity) in of_cell.into_iter().flat_map(|of_cell| branches.iter_many(of_cell.iter())) {
            for (sum, activity) in drive.iter_mut().zip(&activity.0) {
                *sum += coupling.0 * activity;
            }
        }
    }
}
