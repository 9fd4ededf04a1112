//! Finding the entity of a channel, receptor or electrode in one compartment of one cell, by which its state is read and written.

use crate::advance::Cells;
use crate::layer::Stored;
use crate::population::Compartments;
use crate::real::Single;
use crate::solver::lanes::LANES;
use bevy_app::App;
use bevy_ecs::prelude::*;
use neuropil_core::columns::StateDescription;
use neuropil_neurons::Members;

/// What can be read of a mechanism in one compartment.
#[derive(Clone, Debug)]
pub struct InstanceVariable {
    /// Its name: of a state variable, or of a gate or state of a declared channel.
    pub name: String,
    /// How it is read, and its unit.
    pub description: StateDescription,
    /// Which of the entities of a declared channel has it; 0 for others.
    pub state: usize,
}

/// Finding instances of mechanisms; implemented for [`World`] and [`App`].
pub trait FindInstances {
    /// The entity of a mechanism in a compartment of a cell, the cell counted within its population. The mechanism is the number of what was painted on the cell's
    /// plan, constant conductances left out, and the state is that of [`InstanceVariable`]. `None` where it is not painted.
    fn instance(&self, population: Entity, mechanism: (usize, usize), cell: u32, node: u32) -> Option<Entity>;
}

impl FindInstances for World {
    fn instance(&self, population: Entity, (painting, state): (usize, usize), cell: u32, node: u32) -> Option<Entity> {
        let entity = *self.get::<Members>(population)?.0.get(cell as usize)?;
        if node as usize >= self.get::<Compartments>(entity)?.0.len() {
            return None;
        }
        let place = (cell, node);
        find::<f64>(self, population, (painting, state), place).or_else(|| find::<Single>(self, population, (painting, state), place))
    }
}

/// The entity in a population whose numbers have one precision.
fn find<R: Stored>(world: &World, population: Entity, (painting, state): (usize, usize), (cell, node): (u32, u32)) -> Option<Entity> {
    let own = world.get_resource::<Cells<R>>()?.populations.iter().find(|own| own.entity == population)?;
    let layer = own.order.iter().position(|of_layer| *of_layer == painting)?;
    let (number, within) = (cell as usize / LANES, cell as usize % LANES);
    let group = own.groups.get(number).filter(|group| group.cells.contains(&cell))?;
    own.layers.get(layer)?.entity(number, within, node, group.row(within, node) as u32, state)
}

impl FindInstances for App {
    fn instance(&self, population: Entity, mechanism: (usize, usize), cell: u32, node: u32) -> Option<Entity> {
        self.world().instance(population, mechanism, cell, node)
    }
}
