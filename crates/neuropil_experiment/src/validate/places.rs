//! Places in cells with dendrites: where currents go, where synapses are, what a recorder looks at.

use std::sync::Arc;

use neuropil_core::random::{Purpose, stream};
use neuropil_units::Dimension;
use rand::Rng;

use crate::{
    cells::CellKind,
    document::{node::Node, reader::Fields},
    error::{ExperimentError, shown},
    source::Place,
    validate::{Validator, sources::SourceArguments},
};

/// Synapses that one input may have on a cell.
const MOST_SYNAPSES: u64 = 10_000;
/// Streams that places of inputs are drawn from are numbered from here.
const INPUT_STREAMS: u32 = 1 << 31;

/// Relative chances of places, by kind of cell: the receptor's number of the place, and its share of synapses.
type Shares = Vec<Vec<(u32, f64)>>;

impl<'t> Validator<'t> {
    /// By kind of cell, the compartment that a selector chooses in the cells of one population, or of several that are like one another; an error if it chooses more
    /// than one.
    pub(super) fn compartment_of(&mut self, node: Node<'t>, path: &str, of: &[usize]) -> Option<Vec<u32>> {
        // One that failed was reported.
        if of.iter().any(|population| self.populations.get(*population).is_none_or(Option::is_none)) {
            return None;
        }
        let kinds = self.kinds_of_alike(node, path, of)?;
        let mut chosen = Vec::with_capacity(kinds.len());
        for kind in &kinds {
            match self.compartments(node, path, &kind.shape)?[..] {
                [compartment] => chosen.push(compartment),
                ref several => {
                    self.reader.report(ExperimentError::OutOfRange {
                        at: node.place(),
                        what: path.to_owned(),
                        found: format!("a selector of {} compartments", several.len()),
                        expected: "it chooses one; narrow it by `section`, `fraction` or `path_distance`".to_owned(),
                    });
                    return None;
                }
            }
        }
        Some(chosen)
    }

    /// The kinds of the cells of one population, or of several that are like one another.
    pub(super) fn kinds_of_alike(&mut self, node: Node<'t>, path: &str, of: &[usize]) -> Option<Vec<CellKind>> {
        match of {
            [first, others @ ..] if others.iter().all(|other| self.are_alike(*first, *other)) => self.kinds_of(node, path, &[*first]),
            _ => self.kinds_of(node, path, of),
        }
    }

    /// Whether two populations have the same cells, by `like`.
    fn are_alike(&self, one: usize, other: usize) -> bool {
        let kinds = |population: usize| Some(&self.populations.get(population)?.as_ref()?.cells.as_ref()?.kinds);
        let same = |(one, other): (&CellKind, &CellKind)| Arc::ptr_eq(&one.shape, &other.shape);
        kinds(one).zip(kinds(other)).is_some_and(|(one, other)| one.len() == other.len() && one.iter().zip(other).all(same))
    }

    /// The kinds of the cells of one population.
    fn kinds_of(&mut self, node: Node<'t>, path: &str, of: &[usize]) -> Option<Vec<CellKind>> {
        let cells = match of {
            [population] => self.populations.get(*population)?.as_ref()?.cells.as_ref(),
            _ => None,
        };
        if let Some(cells) = cells {
            return Some(cells.kinds.clone());
        }
        let message = format!(
            "`{path}` is a place in a cell; it needs one population of cells with dendrites, and a current or a recorder one or several that are like one another"
        );
        self.reader.report(ExperimentError::Conflict { at: node.place(), message });
        None
    }

    /// Where an input goes, one entry for each of its synapses on a cell: an electrode of a current, or a place of a receptor, one for all cells or one each;
    /// empty for where a cell spikes, and for the only place of a receptor.
    pub(super) fn input_places(
        &mut self,
        fields: &Fields<'t>,
        source: &SourceArguments<'t>,
        to: &[usize],
        receptor: Option<&(String, Place)>,
        number: usize,
    ) -> Option<Vec<Vec<u32>>> {
        if !source.gives_spikes() {
            return self.electrode(fields, to).map(|site| vec![site]);
        }
        let at = fields.get("at").or(fields.get("synapses")).or(fields.get("spread"));
        let Some(shares) = self.shares(fields, at, to, receptor)? else { return Some(vec![Vec::new()]) };
        let synapses = match fields.get("synapses") {
            Some(node) => Some(self.reader.integer(node, &self.scope, (0, MOST_SYNAPSES), &fields.path("synapses"))? as usize),
            None => None,
        };
        let [population] = to else { return None };
        let size = self.populations.get(*population)?.as_ref()?.size;
        // By kind, the place of each synapse.
        let mut by_kind = Vec::with_capacity(shares.len());
        for (kind, shares) in shares.iter().enumerate() {
            by_kind.push(match synapses {
                None => shares.iter().map(|(place, _)| *place).collect(),
                Some(synapses) => {
                    let mut random = stream(self.seed, Purpose::Site, INPUT_STREAMS | number as u32, kind as u64);
                    (0..synapses).map(|_| drawn(shares, &mut random)).collect::<Vec<u32>>()
                }
            });
        }
        let count = by_kind.first()?.len();
        if by_kind.iter().any(|places| places.len() != count) {
            let at = at.map_or_else(|| fields.head.clone(), |node| node.place());
            let message =
                "cells of different shapes have different numbers of compartments there; say how many `synapses` each has".to_owned();
            self.reader.report(ExperimentError::Conflict { at, message });
            return None;
        }
        if count as u64 > MOST_SYNAPSES {
            let at = at.map_or_else(|| fields.head.clone(), |node| node.place());
            let (found, expected) = (format!("{count} compartments"), format!("an input has at most {MOST_SYNAPSES} synapses on a cell"));
            self.reader.report(ExperimentError::OutOfRange { at, what: fields.path("at"), found, expected });
            return None;
        }
        let place = |synapse: usize, kind: usize| by_kind.get(kind).and_then(|places| places.get(synapse)).copied().unwrap_or(0);
        let kinds = by_kind.len();
        let of_synapse = |synapse: usize| match kinds {
            1 => vec![place(synapse, 0)],
            _ => (0..size).map(|cell| place(synapse, cell % kinds)).collect(),
        };
        Some((0..count).map(of_synapse).collect())
    }

    /// The electrode of a current: none where a cell spikes, others by `at`.
    fn electrode(&mut self, fields: &Fields<'t>, to: &[usize]) -> Option<Vec<u32>> {
        for name in ["synapses", "spread"] {
            if let Some(at) = fields.name_place(name) {
                let message = format!("{} is a current and has no `{name}`", fields.owner);
                self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                return None;
            }
        }
        let Some(node) = fields.get("at") else { return Some(Vec::new()) };
        let compartments = self.compartment_of(node, &fields.path("at"), to)?;
        // One number for all: a population that has fewer electrodes gets this one several times.
        let mut all: Vec<(&mut CellKind, u32)> = Vec::new();
        for (_, population) in self.populations.iter_mut().enumerate().filter(|(index, _)| to.contains(index)) {
            let cells = population.as_mut()?.cells.as_mut()?;
            all.extend(cells.kinds.iter_mut().zip(compartments.iter().copied()));
        }
        let number = all.iter().map(|(kind, _)| kind.electrodes.len()).max().unwrap_or(0) + 1;
        all.iter_mut().for_each(|(kind, compartment)| kind.electrodes.resize(number, *compartment));
        let number = number as u32;
        Some(vec![number])
    }

    /// How the synapses of a projection spread over the places of its receptor; `None` inside if that has one place.
    pub(super) fn projection_spread(
        &mut self,
        fields: &Fields<'t>,
        to: &[usize],
        receptor: Option<&(String, Place)>,
    ) -> Option<Option<Vec<Vec<f64>>>> {
        let at = fields.get("at").or(fields.get("spread"));
        let Some(shares) = self.shares(fields, at, to, receptor)? else { return Some(None) };
        let spread = |shares: Vec<(u32, f64)>| {
            let mut spread = vec![0.0; shares.iter().map(|(place, _)| *place as usize + 1).max().unwrap_or(0)];
            for (place, share) in shares {
                if let Some(of_place) = spread.get_mut(place as usize) {
                    *of_place = share;
                }
            }
            spread
        };
        Some(Some(shares.into_iter().map(spread).collect()))
    }

    /// By kind of cell, the places of a receptor that `at` chooses, with the shares that `spread` gives them; `None` inside where there is nothing to choose.
    ///
    /// `asks` is the field that asks for places, if one does; without it a receptor must have one place.
    fn shares(
        &mut self,
        fields: &Fields<'t>,
        asks: Option<Node<'t>>,
        to: &[usize],
        receptor: Option<&(String, Place)>,
    ) -> Option<Option<Shares>> {
        let has_cells = |index: &usize| self.populations.get(*index).and_then(Option::as_ref).is_some_and(|p| p.cells.is_some());
        if asks.is_none() && !to.iter().any(has_cells) {
            return Some(None);
        }
        let kinds = match (asks, to) {
            (Some(node), _) => self.kinds_of(node, &fields.path("at"), to)?,
            // Of each population; what arrives at several places of one must say where, also if others have one.
            (None, _) => {
                let populations = to.iter().filter_map(|population| self.populations.get(*population)?.as_ref()?.cells.as_ref());
                populations.flat_map(|cells| cells.kinds.iter().cloned()).collect()
            }
        };
        let mut all = Vec::with_capacity(kinds.len());
        for kind in &kinds {
            let mut receptors = kind.mechanisms.iter().filter(|mechanism| mechanism.receives);
            let found = receptors.find(|mechanism| receptor.is_none_or(|(name, _)| *name == mechanism.name));
            // A receptor that is not there is reported with the weight.
            let Some(found) = found else { return Some(None) };
            if asks.is_none() {
                if found.compartments.len() <= 1 {
                    all.push(Vec::new());
                    continue;
                }
                let message = format!(
                    "the receptor `{}` is in {} compartments: say with `at` which of them {} goes to",
                    shown(&found.name),
                    found.compartments.len(),
                    fields.owner
                );
                self.reader.report(ExperimentError::Conflict { at: fields.head.clone(), message });
                return None;
            }
            all.push(self.shares_of(fields, kind, &found.compartments, &found.name)?);
        }
        Some(asks.map(|_| all))
    }

    fn shares_of(&mut self, fields: &Fields<'t>, kind: &CellKind, of_receptor: &[u32], name: &str) -> Option<Vec<(u32, f64)>> {
        let chosen = match fields.get("at") {
            Some(node) => {
                let chosen = self.compartments(node, &fields.path("at"), &kind.shape)?;
                let own: Vec<u32> = chosen.into_iter().filter(|compartment| of_receptor.binary_search(compartment).is_ok()).collect();
                if own.is_empty() {
                    let message = format!("none of the compartments that `at` chooses has the receptor `{}`", shown(name));
                    self.reader.report(ExperimentError::Conflict { at: node.place(), message });
                    return None;
                }
                own
            }
            None => of_receptor.to_vec(),
        };
        let places = chosen.iter().filter_map(|compartment| of_receptor.binary_search(compartment).ok().map(|place| place as u32));
        let places: Vec<u32> = places.collect();
        let shares = match fields.get("spread") {
            Some(node) => self.spread_values(node, &fields.path("spread"), kind, &chosen)?,
            None => kind.shape.lengths(&chosen),
        };
        Some(places.into_iter().zip(shares).collect())
    }

    /// Shares of some compartments by an expression, of whatever dimension.
    fn spread_values(&mut self, node: Node<'t>, path: &str, kind: &CellKind, compartments: &[u32]) -> Option<Vec<f64>> {
        let written = self.reader.expression(node, path, "a share of each compartment, such as \"area\" or \"length\"")?;
        // A share is relative, so that a length or an area will do as it is.
        let programs =
            [Dimension::NONE, Dimension::LENGTH, Dimension::AREA].map(|d| written.expression().over(&self.scope, &*kind.shape, d));
        let (mut found, mut first) = (None, None);
        for program in programs {
            match program {
                Ok(program) => found = found.or(Some(program)),
                Err(error) => first = first.or(Some(error)),
            }
        }
        let Some(program) = found else {
            let error = first?;
            self.reader.report(written.error(path, error));
            return None;
        };
        let values = self.row_values(&written, path, &program, compartments, (super::cells::COMPARTMENT_STREAMS, 1))?;
        if values.iter().any(|share| share.is_nan() || *share < 0.0) || values.iter().all(|share| *share == 0.0) {
            let least = values.iter().copied().min_by(f64::total_cmp).unwrap_or(0.0);
            let expected = "shares are at least 0, and some are above".to_owned();
            self.reader.report(ExperimentError::OutOfRange {
                at: written.whole(),
                what: path.to_owned(),
                found: format!("{least}"),
                expected,
            });
            return None;
        }
        Some(values)
    }
}

/// A place drawn by shares.
fn drawn<R: Rng>(shares: &[(u32, f64)], random: &mut R) -> u32 {
    let total: f64 = shares.iter().map(|(_, share)| share).sum();
    let mut left = (random.next_u64() >> 11) as f64 / 9_007_199_254_740_992.0 * total;
    for (place, share) in shares {
        if left < *share {
            return *place;
        }
        left -= share;
    }
    shares.iter().rev().find(|(_, share)| *share > 0.0).map_or(0, |(place, _)| *place)
}
