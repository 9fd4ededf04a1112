//! What would not fit into memory is refused before it is built.

use crate::{
    error::ExperimentError,
    plan::{BYTES_PER_NEURON, BYTES_PER_SYNAPSE, Plan},
    source::Place,
    validate::Validator,
};

const GIB: f64 = 1_073_741_824.0;

impl Validator<'_> {
    /// Refuses more neurons than there is memory for.
    pub(super) fn check_neuron_memory(&mut self) {
        let neurons: usize = self.populations.iter().flatten().map(|population| population.size).sum();
        let largest = self.populations.iter().flatten().max_by_key(|population| population.size);
        if let Some(place) = largest.map(|population| population.place.clone()) {
            self.check_memory(neurons, 0.0, place);
        }
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

/// Memory that is free for new work; `None` where the system does not say.
pub(super) fn available_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}
