//! Populations as ranges of neuron identifiers.

use crate::RecordError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A population: a name and a contiguous range of neuron identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Population {
    /// Name, as in the experiment.
    pub name: String,
    /// Identifier of its first neuron.
    pub first: u32,
    /// Number of neurons.
    pub size: u32,
}

impl Population {
    /// A population of `size` neurons that begins at identifier `first`.
    pub fn new(name: impl Into<String>, first: u32, size: u32) -> Self {
        Self { name: name.into(), first, size }
    }

    /// The identifier after its last neuron.
    pub(crate) fn end(&self) -> u64 {
        u64::from(self.first) + u64::from(self.size)
    }
}

/// Populations that do not overlap, with a fast way from a neuron to its population.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PopulationIndex {
    populations: Vec<Population>,
    /// Positions in `populations`, in the order of identifiers.
    by_identifier: Vec<usize>,
}

/// A run of ascending neuron identifiers that lie in one population.
pub(crate) struct Run<'spikes> {
    pub(crate) population: usize,
    pub(crate) neurons: &'spikes [u32],
}

impl PopulationIndex {
    pub(crate) fn new(populations: &[Population]) -> Result<Self, RecordError> {
        let mut names = BTreeSet::new();
        for Population { name, first, size } in populations {
            if !names.insert(name) {
                return Err(RecordError::DuplicateName { kind: "populations", name: name.clone() });
            }
            if u64::from(*first) + u64::from(*size) > u64::from(u32::MAX) + 1 {
                return Err(RecordError::TooManyNeurons { name: name.clone(), first: *first, size: *size });
            }
        }
        let mut by_identifier: Vec<usize> = (0..populations.len()).filter(|&at| populations[at].size > 0).collect();
        by_identifier.sort_by_key(|&at| populations[at].first);
        for pair in by_identifier.windows(2) {
            let (before, after) = (&populations[pair[0]], &populations[pair[1]]);
            if before.end() > u64::from(after.first) {
                return Err(RecordError::OverlappingPopulations {
                    first: before.name.clone(),
                    second: after.name.clone(),
                    neuron: after.first,
                });
            }
        }
        Ok(Self { populations: populations.to_vec(), by_identifier })
    }

    pub(crate) fn populations(&self) -> &[Population] {
        &self.populations
    }

    /// Cuts ascending identifiers into runs by population; identifiers of no population are left out.
    pub(crate) fn runs<'a>(&'a self, spikes: &'a [u32]) -> impl Iterator<Item = Run<'a>> + 'a {
        let mut rest = spikes;
        std::iter::from_fn(move || {
            while let Some(&neuron) = rest.first() {
                let place = self.by_identifier.partition_point(|&at| self.populations[at].end() <= u64::from(neuron));
                let &at = self.by_identifier.get(place)?;
                let population = &self.populations[at];
                if neuron < population.first {
                    let skipped = rest.partition_point(|&neuron| neuron < population.first);
                    rest = &rest[skipped.max(1)..];
                    continue;
                }
                let length = rest.partition_point(|&neuron| u64::from(neuron) < population.end());
                let (neurons, after) = rest.split_at(length.max(1));
                rest = after;
                return Some(Run { population: at, neurons });
            }
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(index: &PopulationIndex, spikes: &[u32]) -> Vec<(usize, Vec<u32>)> {
        index.runs(spikes).map(|run| (run.population, run.neurons.to_vec())).collect()
    }

    #[test]
    fn spikes_are_cut_by_population_whatever_the_order_of_populations() {
        let populations = [Population::new("b", 10, 5), Population::new("none", 10, 0), Population::new("a", 0, 4)];
        let index = PopulationIndex::new(&populations).unwrap();
        assert_eq!(runs(&index, &[0, 3, 4, 9, 10, 14, 15, 90]), [(2, vec![0, 3]), (0, vec![10, 14])]);
        assert_eq!(runs(&index, &[]), []);
    }

    #[test]
    fn populations_that_cannot_be_are_refused() {
        let error = |populations: &[Population]| PopulationIndex::new(populations).unwrap_err().to_string();
        assert_eq!(
            error(&[Population::new("b", 5, 5), Population::new("a", 0, 6)]),
            "populations `a` and `b` overlap at neuron 5; each neuron belongs to at most one population"
        );
        assert_eq!(error(&[Population::new("a", 5, 5), Population::new("a", 0, 2)]), "two populations are called `a`; names must differ");
        assert!(error(&[Population::new("a", u32::MAX, 2)]).contains("identifiers end at 4294967295"));
        assert!(PopulationIndex::new(&[Population::new("a", u32::MAX, 1)]).is_ok());
    }
}
