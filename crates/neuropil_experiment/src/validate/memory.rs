//! What would not fit into memory is refused before it is built.

use crate::{
    error::ExperimentError,
    plan::{BYTES_PER_NEURON, BYTES_PER_SYNAPSE, Plan, PopulationPlan, RecorderPlan},
    source::Place,
    validate::Validator,
};
use neuropil_core::memory::available_bytes;

/// A value of a trace.
const BYTES_PER_VALUE: f64 = 8.0;
/// What a synapse takes while its weight is written, in values: read, kept, and as columns.
const VALUES_A_WEIGHT: f64 = 18.0;
/// What a potential of a drawn cell takes, in values.
const VALUES_A_PAINTED: f64 = 0.5;
const GIB: f64 = 1_073_741_824.0;

impl Validator<'_> {
    /// Refuses more neurons than there is memory for.
    pub(super) fn check_neuron_memory(&mut self) {
        let neurons: usize = self.populations.iter().flatten().map(|population| population.size).sum();
        let parts: f64 = self.populations.iter().flatten().map(PopulationPlan::parts).sum();
        let largest = self.populations.iter().flatten().max_by(|a, b| a.parts().total_cmp(&b.parts()));
        let Some(place) = largest.map(|population| population.place.clone()) else { return };
        let (needed, available) = (parts * BYTES_PER_NEURON, available_bytes().unwrap_or(f64::INFINITY));
        if parts > neurons as f64 && needed > available {
            self.reader.report(ExperimentError::OutOfRange {
                at: place,
                what: "the number of compartments and mechanisms of all cells".to_owned(),
                found: format!("{parts:.3e}, which need at least {:.3} GiB", needed / GIB),
                expected: format!("there are {:.3} GiB of memory", available / GIB),
            });
            return;
        }
        self.check_memory(neurons, 0.0, place);
    }

    /// Refuses more synapses than there is memory for.
    pub(super) fn check_synapse_memory(&mut self, plan: &Plan) {
        let expected = plan.projections.iter().map(|projection| (projection.synapses_expected(&plan.populations), projection));
        let counted: Vec<_> = expected.collect();
        let synapses = counted.iter().map(|(count, _)| count).sum();
        let largest = counted.iter().max_by(|left, right| left.0.total_cmp(&right.0));
        if let Some((_, projection)) = largest {
            self.check_memory(plan.neurons(), synapses, projection.rule_place.clone());
        }
    }

    fn check_memory(&mut self, neurons: usize, synapses: f64, at: Place) {
        let Some(available) = available_bytes() else { return };
        let needed = synapses * BYTES_PER_SYNAPSE + neurons as f64 * BYTES_PER_NEURON;
        if needed > available {
            self.reader.report(ExperimentError::TooMuchMemory {
                at,
                neurons,
                synapses,
                needed_gib: needed / GIB,
                available_gib: available / GIB,
            });
        }
    }
}

impl Plan {
    /// Values that a recorder of a variable keeps; none for spikes, whose number nobody knows before.
    fn values_kept(&self, recorder: &RecorderPlan) -> f64 {
        let (of, interval_ms, neurons) = match recorder {
            RecorderPlan::Trace { of, interval_ms, neurons, .. } => (of, interval_ms, neurons),
            RecorderPlan::Spikes { .. } => return 0.0,
            RecorderPlan::Cell { of, neuron, frames, .. } => {
                let cells = self.populations.get(*of).and_then(|population| population.cells.as_ref());
                let kind = cells.and_then(|cells| cells.kinds.get(cells.kind_of(*neuron as usize)));
                return *frames as f64 * kind.map_or(0, |kind| kind.shape.len()) as f64 * VALUES_A_PAINTED;
            }
            RecorderPlan::Weights { of, .. } => {
                let projections = of.iter().filter_map(|index| self.projections.get(*index));
                let synapses: f64 = projections.map(|projection| projection.synapses_expected(&self.populations)).sum();
                return synapses * VALUES_A_WEIGHT;
            }
        };
        let values: usize = match neurons {
            Some(lists) => lists.iter().map(Vec::len).sum(),
            None => of.iter().filter_map(|index| self.populations.get(*index)).map(|population| population.size).sum(),
        };
        (self.duration_ms / interval_ms).floor() * values as f64
    }

    /// Memory that the recorders' variables take at least, in bytes.
    pub fn recording_expected_bytes(&self) -> f64 {
        self.recorders.iter().map(|recorder| self.values_kept(recorder) * BYTES_PER_VALUE).sum()
    }

    /// Refuses recorders that keep more than there is memory for.
    ///
    /// # Errors
    /// The recorder that keeps most, and what all of them need.
    pub fn check_recording(&self) -> Result<(), ExperimentError> {
        let (needed, available) = (self.recording_expected_bytes(), available_bytes().unwrap_or(f64::INFINITY));
        let largest = self.recorders.iter().max_by(|left, right| self.values_kept(left).total_cmp(&self.values_kept(right)));
        let Some(
            RecorderPlan::Trace { name, place, .. } | RecorderPlan::Weights { name, place, .. } | RecorderPlan::Cell { name, place, .. },
        ) = largest.filter(|_| needed > available)
        else {
            return Ok(());
        };
        let message = format!(
            "`{name}` and the other recorders keep {:.3e} values, which need at least {:.1} GiB, and {:.1} GiB are free; sample at longer \
             intervals, fewer neurons or a shorter time",
            needed / BYTES_PER_VALUE,
            needed / GIB,
            available / GIB
        );
        Err(ExperimentError::Refused { at: place.clone(), message })
    }
}
