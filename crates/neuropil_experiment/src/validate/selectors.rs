//! Which neurons: ranges, lists, and selectors over what is known of them.
//!
//! One syntax for stimuli, recorders and lesions. Columns: `population`, `index` (within the population), `name` and everything that a
//! connectome says of a node, and `x`, `y`, `z` where a population has positions.

use std::sync::Arc;

use neuropil_connectome::{Connectome, NodeTable};
use neuropil_units::{ColumnValues, Dimension, Table, TableColumn};

use crate::{
    document::node::{Node, Shape},
    plan::{LesionPlan, PopulationPlan, PositionsPlan},
    validate::{Validator, wiring::is_range},
};

/// The neurons of some populations, one after the other, as a table.
pub(super) struct NeuronTable<'p> {
    rows: u32,
    populations: Vec<u32>,
    population_names: Vec<Arc<str>>,
    index: Vec<f64>,
    positions: Option<[Vec<f64>; 3]>,
    /// For each neuron its node, past all nodes where it has none.
    nodes: Vec<u32>,
    node_table: Option<NodeTable<'p>>,
    /// The time, which a function of time is compiled over; its values are not looked at.
    time: Option<Vec<f64>>,
}

impl<'p> NeuronTable<'p> {
    fn new(populations: &[&PopulationPlan], connectome: Option<&'p Connectome>) -> Self {
        let mut table = Self {
            rows: 0,
            populations: Vec::new(),
            population_names: populations.iter().map(|population| Arc::from(population.name.as_str())).collect(),
            index: Vec::new(),
            positions: None,
            nodes: Vec::new(),
            node_table: connectome.map(|connectome| connectome.node_table(None)),
            time: None,
        };
        let placed =
            |population: &&PopulationPlan| matches!(population.positions, Some(PositionsPlan::Grid { .. } | PositionsPlan::Listed(_)));
        if populations.iter().any(placed) {
            table.positions = Some(Default::default());
        }
        for (number, population) in populations.iter().enumerate() {
            for k in 0..population.size {
                table.populations.push(number as u32);
                table.index.push(k as f64);
                let node = population.nodes.as_ref().and_then(|nodes| nodes.get(k));
                table.nodes.push(node.copied().unwrap_or(u32::MAX));
                if let Some(axes) = &mut table.positions {
                    let point = population.positions.as_ref().and_then(|positions| positions.known(k)).unwrap_or([f64::NAN; 3]);
                    axes.iter_mut().zip(point).for_each(|(axis, value)| axis.push(value));
                }
            }
        }
        table.rows = table.index.len() as u32;
        table
    }

    /// One population, with the time `t` as a further column.
    pub(super) fn over_time(population: &PopulationPlan, connectome: Option<&'p Connectome>) -> Self {
        let table = Self::new(&[population], connectome);
        Self { time: Some(vec![0.0; table.rows as usize]), ..table }
    }
}

impl PositionsPlan {
    /// Where neuron `k` is, µm, if that is known before the network is made.
    fn known(&self, k: usize) -> Option<[f64; 3]> {
        match self {
            Self::Grid { shape: [nx, ny, _], spacing } => {
                let (nx, ny) = (*nx as usize, *ny as usize);
                let cell = [k % nx, k / nx % ny, k / (nx * ny)];
                Some(std::array::from_fn(|axis| cell[axis] as f64 * spacing[axis]))
            }
            Self::Listed(points) => points.get(k).copied(),
            Self::RandomIn { .. } => None,
        }
    }
}

impl Table for NeuronTable<'_> {
    fn rows(&self) -> u32 {
        self.rows
    }

    fn column_names(&self) -> Vec<&str> {
        let mut names = vec!["population", "index"];
        if self.time.is_some() {
            names.push("t");
        }
        if self.positions.is_some() {
            names.extend(["x", "y", "z"]);
        }
        if let Some(nodes) = &self.node_table {
            names.extend(nodes.column_names().into_iter().filter(|name| !["x", "y", "z", "index", "population", "t"].contains(name)));
        }
        names
    }

    fn column(&self, name: &str) -> Option<TableColumn<'_>> {
        let own = |values| Some(TableColumn { values, rows: None });
        if let (Some(axes), Some(axis)) = (&self.positions, ["x", "y", "z"].iter().position(|axis| *axis == name)) {
            return own(ColumnValues::Numbers(axes.get(axis)?, Dimension::LENGTH));
        }
        if let ("t", Some(time)) = (name, &self.time) {
            return own(ColumnValues::Numbers(time, Dimension::TIME));
        }
        match name {
            "population" => own(ColumnValues::Texts(&self.populations, &self.population_names)),
            "index" => own(ColumnValues::Numbers(&self.index, Dimension::NONE)),
            _ => {
                let column = self.node_table.as_ref()?.column(name)?;
                Some(TableColumn { values: column.values, rows: Some(&self.nodes) })
            }
        }
    }
}

impl<'t> Validator<'t> {
    /// The chosen neurons of each of some populations, ascending; `None` inside for all of all of them.
    ///
    /// A range `"0..50"` or a list `[0, 5]` counts within each population; everything else is a selector over all of them.
    pub(super) fn chosen(&mut self, node: Node<'t>, path: &str, of: &[usize]) -> Option<Option<Vec<Vec<u32>>>> {
        if node.shape() == Shape::List || is_range(node) || !matches!(node.shape(), Shape::Text | Shape::Bare | Shape::Structure) {
            let (smallest, _) = self.smallest_and_total(of)?;
            let neurons = self.neurons(node, path, smallest)?;
            return Some(neurons.map(|neurons| vec![neurons; of.len()]));
        }
        self.select_neurons(node, path, of).map(Some)
    }

    /// The neurons that a selector holds for, of each of some populations; at least one in all.
    pub(super) fn select_neurons(&mut self, node: Node<'t>, path: &str, of: &[usize]) -> Option<Vec<Vec<u32>>> {
        let populations: Vec<PopulationPlan> = self.valid_populations(of)?.into_iter().cloned().collect();
        let connectome = self.wiring.as_ref().map(|wiring| Arc::clone(&wiring.connectome));
        let table = NeuronTable::new(&populations.iter().collect::<Vec<_>>(), connectome.as_deref());
        let scope = self.scope.clone();
        let rows = self.selected(node, path, &table, "neuron", &scope)?;
        let mut chosen = vec![Vec::new(); of.len()];
        for row in rows {
            let k = row as usize;
            if let (Some(population), Some(index)) = (table.populations.get(k), table.index.get(k))
                && let Some(own) = chosen.get_mut(*population as usize)
            {
                own.push(*index as u32);
            }
        }
        Some(chosen)
    }

    /// Reads `lesions`, one selector or a list, and those of the command line.
    pub(super) fn read_lesions(&mut self, nodes: &[(Node<'t>, String)]) -> Vec<LesionPlan> {
        let all: Vec<usize> = (0..self.populations.len()).collect();
        let mut lesions = Vec::new();
        for (node, path) in nodes {
            let selectors = match node.shape() {
                Shape::List => self.reader.accept(node.list()).unwrap_or_default(),
                // An arm without lesions.
                Shape::Text if node.string().is_ok_and(|text| text.trim().is_empty()) => Vec::new(),
                _ => vec![*node],
            };
            for selector in selectors {
                let Some(chosen) = self.select_neurons(selector, path, &all) else { continue };
                let parts = chosen.into_iter().enumerate().filter(|(_, neurons)| !neurons.is_empty());
                lesions.extend(parts.map(|(population, neurons)| LesionPlan { population, neurons }));
            }
        }
        lesions
    }
}
