//! The energy bill: whether charge is metered, and by which reversal potentials mixed currents are taken apart.

use neuropil_units::Dimension;

use crate::{document::node::Node, error::ExperimentError, plan::EnergyPlan, validate::Validator};

impl<'t> Validator<'t> {
    /// Reads `energy`.
    pub(super) fn read_energy(&mut self, node: Node<'t>) -> Option<EnergyPlan> {
        let known = ["sodium_reversal_potential", "potassium_reversal_potential"];
        let fields = self.reader.structure(node, "`energy`".to_owned(), "energy", "", &known)?;
        let mut potentials = [50.0, -90.0];
        for (name, potential) in known.into_iter().zip(&mut potentials) {
            if let Some(node) = fields.get(name) {
                *potential = self.reader.quantity(node, &self.scope, Dimension::POTENTIAL, &fields.path(name))?;
            }
        }
        let [sodium_mv, potassium_mv] = potentials;
        if sodium_mv <= potassium_mv {
            let message = format!("the reversal potential of sodium, {sodium_mv} mV, is not above that of potassium, {potassium_mv} mV");
            self.reader.report(ExperimentError::Conflict { at: node.place(), message });
            return None;
        }
        // A population that is refused may have been of cells.
        if self.populations.iter().all(|population| population.as_ref().is_some_and(|own| own.cells.is_none())) {
            let message = "no population has a `cell`; charge is metered in channels of cells with dendrites".to_owned();
            self.reader.report(ExperimentError::Conflict { at: node.place(), message });
            return None;
        }
        Some(EnergyPlan { sodium_mv, potassium_mv })
    }
}
