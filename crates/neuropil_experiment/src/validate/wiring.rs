//! Connectomes: populations from nodes, synapses from edges, by selectors.

use std::{path::PathBuf, sync::Arc};

use neuropil_connectome::{Connectome, EdgeKind};
use neuropil_core::random::{Purpose, stream};
use neuropil_units::{Dimension, RowProgram, RowScratch, Scope, Selection, Table, Unmatched};

use crate::{
    contents::FileRead,
    document::{
        leaf::{LARGEST, Written},
        node::{Node, Shape},
    },
    error::{ExperimentError, shown},
    plan::{ExplicitSynapse, PopulationPlan},
    source::Place,
    validate::{Validator, projections::Ends},
};

/// Streams of values drawn for edges are numbered from here.
const EDGE_STREAMS: u32 = 3 << 30;
/// Rows that are evaluated together.
const BLOCK: usize = 4096;
/// Not a node of these ends.
const OUTSIDE: u32 = u32::MAX;

/// The connectome of an experiment.
pub(super) struct Wiring {
    pub connectome: Arc<Connectome>,
    pub file: FileRead,
    /// For each node the population that it belongs to, or [`OUTSIDE`].
    owners: Vec<u32>,
    /// Edges that were given values so far, each with a stream of its own.
    projections: u32,
}

/// Weights and delays of edges, as they are written.
pub(super) struct EdgeValues<'t> {
    pub weight: Option<Node<'t>>,
    pub weight_path: String,
    pub weight_dimension: Dimension,
    pub delay: Option<Node<'t>>,
    pub delay_path: String,
}

impl<'t> Validator<'t> {
    /// Reads `connectome`: a path, relative to the experiment's folder, or to the present one where a flag gives it.
    pub(super) fn read_wiring(&mut self, node: Node<'t>) {
        let Some(name) = self.reader.text(node, "the path of a connectome") else { return };
        let path: PathBuf = if node.source().is_flag() { name.clone().into() } else { self.folder.join(&name) };
        if name.trim().is_empty() {
            self.reader.report(ExperimentError::NeedsConnectome { at: node.place() });
            return;
        }
        let read = match self.known.as_ref().filter(|(_, known)| known.path == path) {
            Some((connectome, file)) => Ok((Arc::clone(connectome), file.clone())),
            None => neuropil_connectome::read_connectome(&path).map_err(|error| error.to_string()).and_then(|connectome| {
                let file = FileRead::at(&name, &path).map_err(|error| format!("{}: {error}", path.display()))?;
                Ok((Arc::new(connectome), file))
            }),
        };
        match read {
            Ok((connectome, file)) => {
                let owners = vec![OUTSIDE; connectome.node_count()];
                self.wiring = Some(Wiring { connectome, file, owners, projections: 0 });
            }
            Err(_) if !path.exists() => {
                let from = if node.source().is_flag() { "the current folder" } else { "the experiment's folder" };
                let message = format!("{}: there is no such file; paths are relative to {from}", shown(&name));
                self.reader.report(ExperimentError::Refused { at: node.place(), message });
            }
            Err(message) => self.reader.report(ExperimentError::Refused { at: node.place(), message }),
        }
    }

    /// The connectome, or an error that there is none.
    fn wiring(&mut self, at: &Place, what: &str) -> Option<Arc<Connectome>> {
        match &self.wiring {
            Some(wiring) => Some(Arc::clone(&wiring.connectome)),
            None => {
                // A connectome that could not be read is reported once.
                if !self.wiring_failed {
                    let message = format!("{what} needs a connectome; name one: connectome: \"worm.connectome\"");
                    self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                }
                None
            }
        }
    }

    /// The rows of a table that a selector holds for; an error if there are none, which says what there is.
    pub(super) fn selected(&mut self, node: Node<'t>, path: &str, table: &dyn Table, what: &str, scope: &Scope) -> Option<Vec<u32>> {
        let written = self.reader.expression(node, path, "a selector such as \"class == 'inter'\"")?;
        match written.expression().select(scope, table) {
            Ok(selection) if selection.rows.is_empty() => {
                let (at, detail) = nothing(&written, &selection, what);
                self.reader.report(ExperimentError::NothingSelected { at, what: what.to_owned(), context: path.to_owned(), detail });
                None
            }
            Ok(selection) => {
                for unmatched in &selection.unmatched {
                    self.warnings.push(format!("{path}: no {what} has {}", described(unmatched)));
                }
                Some(selection.rows)
            }
            Err(error) => {
                self.reader.report(written.error(path, error));
                None
            }
        }
    }

    /// The nodes that make up a population.
    pub(super) fn population_nodes(&mut self, node: Node<'t>, path: &str, index: usize) -> Option<Arc<[u32]>> {
        let connectome = self.wiring(&node.place(), path)?;
        let scope = self.scope.clone();
        let rows = self.selected(node, path, &connectome.node_table(None), "node", &scope)?;
        let wiring = self.wiring.as_mut()?;
        for row in &rows {
            let Some(owner) = wiring.owners.get_mut(*row as usize) else { continue };
            if *owner != OUTSIDE {
                let name = connectome.nodes().names.get(*row as usize).map_or("", AsRef::as_ref);
                let first = self.ordered_names.get(*owner as usize).map_or("", String::as_str);
                let message =
                    format!("the node `{}` is in the population `{}` already; a node makes one neuron", shown(name), shown(first));
                self.reader.report(ExperimentError::Conflict { at: node.place(), message });
                return None;
            }
            *owner = index as u32;
        }
        Some(rows.into())
    }

    /// A number for each of some rows of a table: one for all, or each its own.
    pub(super) fn row_values(
        &mut self,
        written: &Written,
        path: &str,
        program: &RowProgram<'_>,
        rows: &[u32],
        (number, entity): (u32, u64),
    ) -> Option<Vec<f64>> {
        let mut random = stream(self.seed, Purpose::Value, number, entity);
        let mut scratch = RowScratch::default();
        let mut values = vec![0.0; rows.len()];
        for (rows, values) in rows.chunks(BLOCK).zip(values.chunks_mut(BLOCK)) {
            if let Err(error) = program.evaluate(rows, &mut random, values, &mut scratch) {
                self.reader.report(written.error(path, error));
                return None;
            }
        }
        if let Some(value) = values.iter().find(|value| value.abs() > LARGEST) {
            let (found, expected) = (format!("{value:e}"), format!("at most {LARGEST:e} can be computed with"));
            self.reader.report(ExperimentError::OutOfRange { at: written.whole(), what: path.to_owned(), found, expected });
            return None;
        }
        Some(values)
    }

    /// The synapses that the edges between two ends make.
    pub(super) fn edges(
        &mut self,
        selector: Option<(Node<'t>, String)>,
        at: &Place,
        ends: &Ends,
        values: &EdgeValues<'t>,
    ) -> Option<Vec<ExplicitSynapse>> {
        let connectome = self.wiring(at, "the rule Connectome")?;
        let (sources, targets) = (self.end_indices(&connectome, &ends.from, at)?, self.end_indices(&connectome, &ends.to, at)?);
        let asks = |node: &Option<Node<'t>>| node.is_some_and(|node| node.text().contains("distance"));
        let with_distance = asks(&values.weight) || asks(&values.delay) || asks(&selector.as_ref().map(|(node, _)| *node));
        let table = connectome.edge_table(with_distance);
        let rows = match &selector {
            Some((node, path)) => self.selected(*node, path, &table, "edge", &ends.scope)?,
            None => (0..connectome.edge_count() as u32).collect(),
        };
        let index = |indices: &[u32], row: u32| indices.get(row as usize).copied().filter(|index| *index != OUTSIDE);
        let edges = connectome.edges();
        let (mut kept, mut synapses) = (Vec::new(), Vec::new());
        for row in rows {
            let k = row as usize;
            let (Some(source), Some(target), Some(kind)) = (edges.sources.get(k), edges.targets.get(k), edges.kinds.get(k)) else {
                continue;
            };
            let forth = index(&sources, *source).zip(index(&targets, *target));
            // A gap junction is one edge for both directions, and may be written either way.
            let back = || (*kind == EdgeKind::Electrical).then(|| index(&sources, *target).zip(index(&targets, *source))).flatten();
            let Some((source, target)) = forth.or_else(back) else { continue };
            let is_autapse = edges.sources.get(k) == edges.targets.get(k);
            if ends.autapses || !is_autapse {
                kept.push(row);
                synapses.push(ExplicitSynapse { source, target, weight: None, delay_ms: None });
            }
        }
        if synapses.is_empty() {
            let detail = "; edges are there, but none from these sources to these targets".to_owned();
            let context = selector.map_or_else(|| "rule".to_owned(), |(_, path)| path);
            self.reader.report(ExperimentError::NothingSelected { at: at.clone(), what: "edge".to_owned(), context, detail });
            return None;
        }
        self.count_listed(at, "the edges", synapses.len())?;
        let number = self.wiring.as_mut().map_or(0, |wiring| {
            wiring.projections += 1;
            EDGE_STREAMS | wiring.projections
        });
        if let Some(node) = values.weight {
            let weights = self.edge_values(node, &values.weight_path, &table, values.weight_dimension, &kept, &ends.scope, (number, 0))?;
            for (synapse, weight) in synapses.iter_mut().zip(weights) {
                synapse.weight = Some(weight);
            }
        }
        if let Some(node) = values.delay {
            let path = &values.delay_path;
            let delays = self.edge_values(node, path, &table, Dimension::TIME, &kept, &ends.scope, (number, 1))?;
            let shortest = delays.iter().copied().fold(f64::INFINITY, f64::min);
            self.constant_delay(shortest, &node.place(), path)?;
            for (synapse, delay) in synapses.iter_mut().zip(delays) {
                synapse.delay_ms = Some(delay);
            }
        }
        Some(synapses)
    }

    #[expect(clippy::too_many_arguments, reason = "what an expression over edges is, and where its numbers come from")]
    fn edge_values(
        &mut self,
        node: Node<'t>,
        path: &str,
        table: &dyn Table,
        dimension: Dimension,
        rows: &[u32],
        scope: &Scope,
        stream: (u32, u64),
    ) -> Option<Vec<f64>> {
        let written = self.reader.expression(node, path, &format!("{} as a text or a number", dimension.describe()))?;
        match written.expression().over(scope, table, dimension) {
            Ok(program) => self.row_values(&written, path, &program, rows, stream),
            Err(error) => {
                self.reader.report(written.error(path, error));
                None
            }
        }
    }

    /// The name of a neuron that is a node.
    pub(super) fn node_name(&self, population: &PopulationPlan, index: usize) -> Option<String> {
        let row = *population.nodes.as_ref()?.get(index)?;
        self.wiring.as_ref()?.connectome.nodes().names.get(row as usize).map(|name| (**name).to_owned())
    }

    /// For each node its index among the neurons of some populations, one after the other.
    fn end_indices(&mut self, connectome: &Connectome, populations: &[usize], at: &Place) -> Option<Vec<u32>> {
        let mut indices = vec![OUTSIDE; connectome.node_count()];
        let mut next = 0;
        for population in populations {
            let plan = self.populations.get(*population).and_then(Option::as_ref)?;
            let Some(nodes) = plan.nodes.clone() else {
                let name = shown(&plan.name);
                let message = format!("the population `{name}` is not made of nodes of the connectome; write it with `nodes: \"…\"`");
                self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                return None;
            };
            for row in nodes.iter() {
                if let Some(index) = indices.get_mut(*row as usize) {
                    *index = next;
                }
                next += 1;
            }
        }
        Some(indices)
    }
}

/// Where and why a selector holds for nothing.
fn nothing(written: &Written, selection: &Selection, what: &str) -> (Place, String) {
    match selection.unmatched.as_slice() {
        [] => (written.whole(), String::new()),
        [first, ..] => (written.place(first.span), format!("; no {what} has {}", described(first))),
    }
}

fn described(unmatched: &Unmatched) -> String {
    format!("the {} '{}'{}", unmatched.column, shown(&unmatched.text), unmatched.suggestion)
}

/// Whether a text is a range of indices such as `0..50`, and no selector.
pub(super) fn is_range(node: Node<'_>) -> bool {
    matches!(node.shape(), Shape::Text | Shape::Bare)
        && node.string_or_word().is_ok_and(|text| text.contains("..") && !text.contains(['=', '<', '>', '\'']))
}
