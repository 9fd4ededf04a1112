//! The summary of a run: `summary.json`.

use crate::files::atomic::write_atomically;
use crate::{PopulationStatistics, RecordError};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

/// A summary larger than this was not written by this program, bytes.
const LARGEST_FILE: u64 = 64 << 20;

/// What a run did, how fast, and what made it: the content of `summary.json`, in the order of its fields.
///
/// A number that is not finite is written as `null` and read as not-a-number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Version of the program that ran.
    pub version: String,
    /// The experiment's file or name.
    pub experiment: String,
    /// Seed of all random numbers.
    pub seed: u64,
    /// Threads that ran.
    pub threads: u64,
    /// Number of neurons.
    pub neurons: u64,
    /// Number of synapses.
    pub synapses: u64,
    /// Time to build the network, s.
    #[serde(deserialize_with = "number_or_null")]
    pub build_s: f64,
    /// Time to run it, s.
    #[serde(deserialize_with = "number_or_null")]
    pub run_s: f64,
    /// Biological time simulated, s.
    #[serde(deserialize_with = "number_or_null")]
    pub simulated_s: f64,
    /// Run time over biological time.
    #[serde(deserialize_with = "number_or_null")]
    pub real_time_factor: f64,
    /// Number of spikes.
    pub spikes: u64,
    /// Number of spikes delivered through synapses.
    pub synaptic_events: u64,
    /// Memory for a synapse, bytes.
    #[serde(deserialize_with = "number_or_null")]
    pub bytes_per_synapse: f64,
    /// Largest memory held, bytes; 0 where the system does not tell.
    pub peak_rss_bytes: u64,
    /// Order-independent fingerprint of all spikes, 32 hexadecimal digits.
    pub spike_digest: String,
    /// Statistics of each population, in the experiment's order.
    pub populations: Vec<PopulationStatistics>,
    /// What made the result: hash of the experiment, kernels, time step (`dt_ms`), parameters.
    pub provenance: BTreeMap<String, String>,
    /// The experiment's title.
    #[serde(default)]
    pub title: String,
    /// What to cite.
    #[serde(default)]
    pub references: Vec<String>,
    /// What may differ from what was meant.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Why the run ended before its time, if it did.
    #[serde(default)]
    pub cut_short: Option<String>,
    /// What cells with dendrites paid, where charge was metered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub energy: Vec<EnergyBill>,
}

/// What the cells of a population paid for their currents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnergyBill {
    /// Name of the population.
    pub population: String,
    /// Molecules of ATP in all.
    pub atp: f64,
    /// Of one cell in a second.
    pub atp_per_cell_and_second: f64,
    /// Of a spike: all of it, rest included, over the number of spikes; `None` without spikes.
    pub atp_per_spike: Option<f64>,
    /// Of an arrival at a receptor: what flowed through receptors over the number of arrivals; `None` without arrivals.
    pub atp_per_synaptic_event: Option<f64>,
    /// Power of one cell, W, at 8.3e-20 J an ATP.
    pub watts_per_cell: f64,
    /// By channel and receptor.
    pub mechanisms: Vec<MechanismBill>,
}

/// What one channel or receptor of a population let through, outward positive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MechanismBill {
    /// Its name; `leak` for what never changes.
    pub name: String,
    /// All charge, fC.
    pub charge_fc: f64,
    /// What sodium carried, fC.
    pub sodium_fc: f64,
    /// What calcium carried, fC.
    pub calcium_fc: f64,
    /// ATP that takes it back.
    pub atp: f64,
    /// Arrivals; those of one step at one place count as one.
    pub arrivals: u64,
}

impl EnergyBill {
    /// Adds up what the mechanisms of a population paid in a time.
    pub fn new(population: String, cells: u64, seconds: f64, spikes: u64, mechanisms: Vec<MechanismBill>) -> Self {
        // Some 50 kJ/mol in a cell.
        const JOULES_PER_ATP: f64 = 8.3e-20;
        let atp: f64 = mechanisms.iter().map(|mechanism| mechanism.atp).sum();
        let receptors = mechanisms.iter().filter(|mechanism| mechanism.arrivals > 0);
        let (at_receptors, arrivals) = receptors.fold((0.0, 0), |(atp, arrivals), own| (atp + own.atp, arrivals + own.arrivals));
        let per_cell_and_second = if seconds > 0.0 { atp / (cells as f64 * seconds) } else { 0.0 };
        Self {
            population,
            atp,
            atp_per_cell_and_second: per_cell_and_second,
            atp_per_spike: (spikes > 0).then(|| atp / spikes as f64),
            atp_per_synaptic_event: (arrivals > 0).then(|| at_receptors / arrivals as f64),
            watts_per_cell: per_cell_and_second * JOULES_PER_ATP,
            mechanisms,
        }
    }
}

impl RunSummary {
    /// Writes the summary as indented JSON.
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path.
    pub fn write(&self, path: &Path) -> Result<(), RecordError> {
        write_atomically(path, |writer| {
            serde_json::to_writer_pretty(&mut *writer, self)?;
            writer.write_all(b"\n")
        })
    }

    /// Reads a summary.
    ///
    /// # Errors
    /// [`RecordError::Io`], or [`RecordError::Malformed`] with the line.
    pub fn read(path: &Path) -> Result<Self, RecordError> {
        let file = File::open(path).map_err(|error| RecordError::io(path, "opening", error))?;
        let mut text = Vec::new();
        file.take(LARGEST_FILE + 1).read_to_end(&mut text).map_err(|error| RecordError::io(path, "reading", error))?;
        if text.len() as u64 > LARGEST_FILE {
            return Err(RecordError::malformed(path, None, "larger than 64 MiB; expected the summary of a run"));
        }
        serde_json::from_slice(&text).map_err(|error| {
            let text = error.to_string();
            let problem = text.split(" at line ").next().unwrap_or_default();
            RecordError::malformed(path, Some(error.line() as u64), format!("not the summary of a run: {problem}"))
        })
    }
}

/// Reads a number, or `null` as not-a-number.
pub(crate) fn number_or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> RunSummary {
        RunSummary {
            version: "0.1.0".into(),
            experiment: "brunel.ron".into(),
            seed: u64::MAX,
            threads: 2,
            neurons: 12_500,
            synapses: 15_625_000,
            build_s: 0.5,
            run_s: 1.25,
            simulated_s: 1.0,
            real_time_factor: 1.25,
            spikes: 0,
            synaptic_events: 0,
            bytes_per_synapse: f64::INFINITY,
            peak_rss_bytes: 1,
            spike_digest: "0".repeat(32),
            populations: vec![PopulationStatistics {
                name: "excitatory".into(),
                size: 10_000,
                spikes: 0,
                rate_hz: f64::NAN,
                cv_isi: Some(f64::NAN),
                synchrony: None,
            }],
            provenance: BTreeMap::from([("dt_ms".into(), "0.1".into())]),
            title: "Brunel 2000".into(),
            references: vec!["doi:10.1023/A:1008925309027".into()],
            warnings: vec![],
            cut_short: None,
            energy: Vec::new(),
        }
    }

    #[test]
    fn fields_come_in_their_documented_order_and_numbers_are_finite_or_null() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.json");
        summary().write(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let keys = [
            "version",
            "experiment",
            "seed",
            "threads",
            "neurons",
            "synapses",
            "build_s",
            "run_s",
            "simulated_s",
            "real_time_factor",
            "\"spikes\"",
            "synaptic_events",
            "bytes_per_synapse",
            "peak_rss_bytes",
            "spike_digest",
            "populations",
            "\"name\"",
            "\"size\"",
            "rate_hz",
            "cv_isi",
            "synchrony",
            "provenance",
            "title",
            "references",
            "warnings",
            "cut_short",
        ];
        let places: Vec<usize> = keys.iter().map(|key| text.find(key).unwrap_or_else(|| panic!("{key}"))).collect();
        assert!(places.is_sorted(), "{text}");
        assert!(!text.contains("NaN") && !text.contains("inf"));
        assert!(text.contains("\"rate_hz\": null") && text.contains("\"bytes_per_synapse\": null") && text.contains("\"cut_short\": null"));

        let back = RunSummary::read(&path).unwrap();
        assert!(back.bytes_per_synapse.is_nan() && back.populations[0].rate_hz.is_nan());
        assert_eq!(back.populations[0].cv_isi, None);
        assert_eq!((back.seed, back.provenance, back.run_s), (u64::MAX, summary().provenance, 1.25));
    }

    #[test]
    fn files_that_are_no_summary_are_refused_with_their_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.json");
        let error = |text: &[u8]| {
            std::fs::write(&path, text).unwrap();
            RunSummary::read(&path).unwrap_err().to_string().replace(&path.display().to_string(), "summary.json")
        };
        assert_eq!(error(b"{\n\"version\": 3}"), "summary.json:2: not the summary of a run: invalid type: integer `3`, expected a string");
        assert!(error(b"").contains("EOF"));
        assert!(error(&b"[".repeat(100_000)).contains("not the summary of a run"));
        assert!(error(b"\xff\x00").contains("not the summary of a run"));
        assert!(
            RunSummary::read(&folder.path().join("none.json")).unwrap_err().to_string().contains("no such file or directory while opening")
        );
    }
}
