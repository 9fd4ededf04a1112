//! Neurons with dendrites: cells cut into compartments, the cable equation on their trees, ion channels in their membrane.
//!
//! # Modules
//! In reading order: [`tree`] a cell as a tree of nodes; [`solver`] one implicit step of the cable equation; [`mechanism`] what channels and receptors say
//! of themselves; [`mechanisms`] those that are built in, one file each; [`declared`] channels that
//! are declared by expressions; [`plan`] what one cell is made of; [`population`] adding cells; [`instances`] finding the entity of a channel in a place;
//! [`gap_junctions`] electrical synapses of cells;
//! [`calcium`] concentrations where no pool is; [`real`] the numbers of kernels; [`exponential`] their mathematics; [`two_layer`] cells of rates, whose
//! branches are entities that learn.

mod advance;
pub mod calcium;
mod constants;
pub mod declared;
pub mod energy;
pub mod exponential;
pub mod gap_junctions;
mod group;
pub mod instances;
mod layer;
pub mod mechanism;
pub mod mechanisms;
mod passes;
pub mod plan;
pub mod population;
pub mod real;
pub mod solver;
pub mod tree;
pub mod two_layer;
mod view;
mod work;

pub use instances::{FindInstances, InstanceVariable};
pub use layer::{Filler, InstanceId, InstanceOf};
pub use mechanism::{ConstantConductance, Mechanism, MechanismEntry};
pub use plan::{CellError, CellPlan};
pub use population::{AddCells, CellsError, CellsRequest, CompartmentId, CompartmentOf, CompartmentPotential, Compartments};
pub use real::{Precision, Real, Single};

use bevy_app::{App, Plugin};
use bevy_ecs::prelude::*;
use neuropil_core::{Build, NeuropilSystems, Registry, Step};

/// Advances cells, and makes the built-in mechanisms known.
pub struct DendritesPlugin;

impl Plugin for DendritesPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<advance::Cells<f64>>()
            .init_resource::<advance::Cells<Single>>()
            .add_mechanism::<mechanisms::AlphaSynapse>()
            .add_mechanism::<mechanisms::AmpaNmdaReceptor>()
            .add_mechanism::<mechanisms::CalciumActivatedCation>()
            .add_mechanism::<mechanisms::CalciumActivatedPotassium>()
            .add_mechanism::<mechanisms::CalciumPool>()
            .add_mechanism::<mechanisms::DendriticSpike>()
            .add_mechanism::<mechanisms::DistalATypePotassium>()
            .add_mechanism::<mechanisms::DoubleExponentialSynapse>()
            .add_mechanism::<mechanisms::ExponentialSynapse>()
            .add_mechanism::<mechanisms::FastPotassium>()
            .add_mechanism::<mechanisms::GabaBReceptor>()
            .add_mechanism::<mechanisms::GradedCalciumSpike>()
            .add_mechanism::<mechanisms::HighVoltageActivatedCalcium>()
            .add_mechanism::<mechanisms::HippocampalHyperpolarisationActivatedCation>()
            .add_mechanism::<mechanisms::HodgkinHuxley>()
            .add_mechanism::<mechanisms::HumanSomaticPotassium>()
            .add_mechanism::<mechanisms::HumanSomaticSodium>()
            .add_mechanism::<mechanisms::HyperpolarisationActivatedCation>()
            .add_mechanism::<mechanisms::InwardCalciumPool>()
            .add_mechanism::<mechanisms::LTypeCalcium>()
            .add_mechanism::<mechanisms::LowVoltageActivatedCalcium>()
            .add_mechanism::<mechanisms::MuscarinicPotassium>()
            .add_mechanism::<mechanisms::NmdaReceptor>()
            .add_mechanism::<mechanisms::PersistentPotassium>()
            .add_mechanism::<mechanisms::PersistentSodium>()
            .add_mechanism::<mechanisms::PlateauReceptor>()
            .add_mechanism::<mechanisms::ProximalATypePotassium>()
            .add_mechanism::<mechanisms::RTypeCalcium>()
            .add_mechanism::<mechanisms::SlowAfterhyperpolarisation>()
            .add_mechanism::<mechanisms::SomaticTransientSodium>()
            .add_mechanism::<mechanisms::SpikeAndReset>()
            .add_mechanism::<mechanisms::TransientPotassium>()
            .add_mechanism::<mechanisms::TransientSodium>()
            .add_mechanism::<mechanisms::TraubMilesPotassium>()
            .add_mechanism::<mechanisms::TraubMilesSodium>()
            .add_mechanism::<mechanisms::VoltageClamp>()
            .add_constant_conductance::<mechanisms::Passive>()
            .add_systems(Build, gap_junctions::check.in_set(NeuropilSystems::Prepare).ambiguous_with_all())
            .add_systems(
                Step,
                (advance::advance_cells::<f64>, advance::advance_cells::<Single>)
                    .in_set(NeuropilSystems::Integrate)
                    .ambiguous_with(NeuropilSystems::Integrate),
            );
    }
}

/// Making mechanisms known; implemented for [`App`].
pub trait AddMechanism {
    /// Makes a channel or receptor known by its type's name.
    fn add_mechanism<M: Mechanism>(&mut self) -> &mut Self;
    /// Makes a constant conductance known by its type's name.
    fn add_constant_conductance<M: ConstantConductance>(&mut self) -> &mut Self;
    /// Makes a declared channel known by its name, so that experiments can paint it as they paint built-in ones.
    ///
    /// # Errors
    /// See [`DeclaredChannel::entry`](declared::DeclaredChannel::entry).
    fn add_declared_channel(&mut self, channel: &declared::DeclaredChannel) -> Result<&mut Self, declared::DeclaredError>;
}

impl AddMechanism for App {
    fn add_mechanism<M: Mechanism>(&mut self) -> &mut Self {
        self.init_resource::<Registry<MechanismEntry>>();
        let entry = MechanismEntry::of::<M>();
        self.world_mut().resource_mut::<Registry<MechanismEntry>>().add(entry.name.clone(), entry);
        self.register_type::<M>()
    }

    fn add_constant_conductance<M: ConstantConductance>(&mut self) -> &mut Self {
        self.init_resource::<Registry<MechanismEntry>>();
        let entry = MechanismEntry::constant::<M>();
        self.world_mut().resource_mut::<Registry<MechanismEntry>>().add(entry.name.clone(), entry);
        self.register_type::<M>()
    }

    fn add_declared_channel(&mut self, channel: &declared::DeclaredChannel) -> Result<&mut Self, declared::DeclaredError> {
        self.init_resource::<Registry<MechanismEntry>>();
        let entry = channel.entry(&neuropil_units::Scope::new())?;
        self.world_mut().resource_mut::<Registry<MechanismEntry>>().add(entry.name.clone(), entry);
        Ok(self)
    }
}
