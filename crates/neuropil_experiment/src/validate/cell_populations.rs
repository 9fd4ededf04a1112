//! Populations of cells with dendrites: those that say what a cell is, and those that are like them.

use crate::{
    cells::CellsPlan,
    document::{
        node::Node,
        reader::{Entry, Fields},
    },
    error::{ExperimentError, shown},
    plan::PopulationPlan,
    validate::{Validator, cells::CELLS},
};

impl<'t> Validator<'t> {
    /// For each population the one whose `cell` it has: itself, or the one at the end of its chain of `like`. Each population is passed once.
    pub(super) fn roots_of_cells(&self, fields: &[Option<Fields<'t>>]) -> Vec<Option<usize>> {
        // Outer `None`: not found out yet.
        let mut roots: Vec<Option<Option<usize>>> = vec![None; fields.len()];
        for start in 0..fields.len() {
            let mut chain = Vec::new();
            let mut at = Some(start);
            let root = loop {
                let Some(index) = at else { break None };
                let Some(slot) = roots.get_mut(index) else { break None };
                if let Some(known) = slot {
                    break *known;
                }
                let Some(Some(own)) = fields.get(index) else { break None };
                if own.get("cell").is_some() {
                    break Some(index);
                }
                // Until the end of the chain is known it counts as none, which ends a circle.
                *slot = Some(None);
                chain.push(index);
                at = self.like_of(own);
            };
            for index in chain.into_iter().chain([start]) {
                if let Some(slot) = roots.get_mut(index) {
                    *slot = Some(root);
                }
            }
        }
        roots.into_iter().map(Option::flatten).collect()
    }

    /// A population of cells that it describes itself.
    pub(super) fn population_of_cells(
        &mut self,
        entry: &Entry<'t>,
        fields: &Fields<'t>,
        cell: Node<'t>,
        (index, total): (usize, &mut u64),
    ) -> Option<PopulationPlan> {
        if let Some((other, at)) =
            ["model", "like", "with", "initial", "nodes"].into_iter().find_map(|name| Some((name, fields.name_place(name)?)))
        {
            let message = format!("{} has both `cell` and `{other}`", fields.owner);
            self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
            return None;
        }
        let size = self.size(fields, total);
        let cells = self.cells(cell, &fields.owner, &fields.path("cell"), index)?;
        self.with_cells(entry, fields, size?, cells)
    }

    /// A population of the same cells as one before it.
    pub(super) fn population_like_cells(
        &mut self,
        entry: &Entry<'t>,
        fields: &Fields<'t>,
        root: usize,
        (index, total): (usize, &mut u64),
    ) -> Option<PopulationPlan> {
        let place = |name: &str| fields.name_place(name).cloned().unwrap_or_else(|| entry.place.clone());
        let name = self.ordered_names.get(root).map_or_else(String::new, |name| shown(name).to_string());
        if let Some(other) = ["model", "with", "initial", "nodes"].into_iter().find(|other| fields.get(other).is_some()) {
            let message = format!("{} is like `{name}`, a population of cells with dendrites, and takes no `{other}`", fields.owner);
            self.reader.report(ExperimentError::Conflict { at: place(other), message });
            return None;
        }
        if root > index {
            let message = format!("{} is like `{name}`, a population of cells with dendrites, which must stand before it", fields.owner);
            self.reader.report(ExperimentError::Conflict { at: place("like"), message });
            return None;
        }
        let size = self.size(fields, total);
        let cells = self.populations.get(root)?.as_ref()?.cells.clone()?;
        self.with_cells(entry, fields, size?, cells)
    }

    fn with_cells(&mut self, entry: &Entry<'t>, fields: &Fields<'t>, size: usize, cells: CellsPlan) -> Option<PopulationPlan> {
        let positions = match fields.get("positions") {
            Some(node) => Some(self.positions(node, &fields.path("positions"), size)?),
            None => None,
        };
        Some(PopulationPlan {
            name: entry.name.clone(),
            place: entry.place.clone(),
            size,
            model: CELLS.to_owned(),
            parameters: Vec::new(),
            initial: Vec::new(),
            positions,
            nodes: None,
            cells: Some(cells),
        })
    }
}
