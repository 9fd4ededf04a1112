//! Cells as two layers: branches that bend the sum of their synapses, a soma that adds the branches up. Rates only, no time.
//!
//! The coarsest picture of a dendrite that still computes. A cell is an entity, each of its branches is one, and whatever a branch needs to change its
//! synapses lies on the branch, but for the error that the soma sends back.
//!
//! # Equations
//! ```text
//! branch   z_b = Σ w_bk x_k - θ_b        s_b = s(z_b)
//! soma     a = Σ v_b s_b + c             e = σ(a) - target
//! change   Δw_bk = -η e v_b s'(z_b) x_k  Δθ_b = η e v_b s'(z_b)        Δv_b = -η e s_b        Δc = -η e
//! ```
//! s is a sigmoid, a line or a rectified line; σ is the sigmoid. For one cell these changes are the gradient of its cross entropy, though each is a product
//! of three numbers at hand: the error at the soma, the gain of the branch, the rate of the synapse. Many patterns are shown side by side, and changes are
//! their mean. Changes may be adaptive: each synapse then keeps the mean and the mean square of its own changes (Kingma and Ba 2015), as local as before.
//!
//! Nothing here passes spikes or takes time; a cell so trained can be built of compartments and receptors.
//!
//! ```
//! use bevy_app::App;
//! use neuropil_dendrites::two_layer::*;
//!
//! // Either input alone, not both: one line cannot say that, two branches can.
//! let branch = |threshold, coupling| BranchPlan { afferents: vec![0, 1], weights: vec![20.0, 20.0], threshold, coupling, ..Default::default() };
//! let mut app = App::new();
//! app.add_plugins(TwoLayerPlugin);
//! let patterns = app.world_mut().spawn(Patterns::of(2, [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]].iter().map(|p| &p[..]))?).id();
//! let plan = TwoLayerPlan { branches: vec![branch(10.0, 10.0), branch(30.0, -10.0)], offset: -5.0 };
//! let cell = app.world_mut().add_two_layer_cell(plan, patterns)?;
//! app.world_mut().run_schedule(Recall);
//! let says: Vec<bool> = app.world().get::<SomaticDrive>(cell).into_iter().flat_map(|drive| &drive.0).map(|a| *a > 0.0).collect();
//! assert_eq!(says, [false, true, true, false]);
//! # Ok::<(), TwoLayerError>(())
//! ```
//!
//! # References
//! - Poirazi P, Brannon T, Mel BW (2003). Pyramidal neuron as two-layer neural network. Neuron 37:989-999. doi:10.1016/S0896-6273(03)00149-1
//! - Kingma DP, Ba J (2015). Adam: a method for stochastic optimization. doi:10.48550/arXiv.1412.6980

mod cell;
mod learning;
mod recall;

pub use cell::{
    AddTwoLayerCells, Afferents, BranchActivity, BranchOf, BranchPlan, BranchShape, BranchThreshold, Branches, Patterns, Plasticity, Sees,
    SignOfSynapses, SomaticCoupling, SomaticDrive, SomaticOffset, SynapticWeights, TwoLayerError, TwoLayerPlan,
};
pub use learning::{LocalLearning, SomaticError, StepKind, Taught};

use bevy_app::{App, Plugin};
use bevy_ecs::prelude::*;
use bevy_ecs::schedule::{LogLevel, ScheduleBuildSettings, ScheduleLabel, SingleThreadedExecutor};
use neuropil_core::RunSettings;

/// One pass shows every cell its patterns.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recall;

/// One pass shows every cell its patterns, and has those that learn change.
#[derive(ScheduleLabel, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lesson;

/// What happens in a pass, in running order: the first two in [`Recall`], all four in [`Lesson`].
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TwoLayerSystems {
    /// Branches sum their synapses and bend the sum.
    Branches,
    /// Somata add their branches up.
    Somata,
    /// Somata are told by how much they were wrong. Systems of one's own that set [`SomaticError`] belong here.
    Errors,
    /// Branches and somata change.
    Changes,
}

/// Has two-layer cells work and learn.
pub struct TwoLayerPlugin;

impl Plugin for TwoLayerPlugin {
    fn build(&self, app: &mut App) {
        use TwoLayerSystems::*;
        for mut schedule in [Schedule::new(Recall), Schedule::new(Lesson)] {
            schedule
                .set_executor(SingleThreadedExecutor::new())
                .set_build_settings(ScheduleBuildSettings { ambiguity_detection: LogLevel::Error, ..Default::default() });
            app.add_schedule(schedule);
        }
        app.init_resource::<RunSettings>()
            .configure_sets(Recall, (Branches, Somata).chain())
            .configure_sets(Lesson, (Branches, Somata, Errors, Changes).chain())
            .add_systems(Recall, (recall::sum_synapses.in_set(Branches), recall::sum_branches.in_set(Somata)))
            .add_systems(Lesson, (recall::sum_synapses.in_set(Branches), recall::sum_branches.in_set(Somata)))
            .add_systems(Lesson, learning::compare_with_targets.in_set(Errors))
            .add_systems(Lesson, (learning::change_branches, learning::change_somata).chain().in_set(Changes));
    }
}
