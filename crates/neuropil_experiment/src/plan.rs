//! A validated experiment: every expression evaluated, every name resolved, every number checked.
//!
//! Plain data in coherent units (ms, mV, pA, nS, pF, µm, 1/ms), ready to be spawned into a world. What stays an
//! expression is a [`Program`]: it is random, or it depends on the distance between two neurons.

use std::{path::PathBuf, sync::Arc};

use neuropil_connectome::Connectome;
use neuropil_synapses::Transmission;
use neuropil_units::{Program, Value};

use crate::catalogue::{Catalogue, ModelDescription};
use crate::cells::{CellKind, CellsPlan, MechanismPlan};
use crate::contents::FileRead;
use crate::design::{ClaimPlan, Design, MeasurePlan};
use crate::source::Place;

/// Bytes that one synapse is assumed to take at least: a target and a weight.
pub const BYTES_PER_SYNAPSE: f64 = 4.0;
/// Bytes that one neuron takes at least: an entity (51) and some four columns of four bytes, each with its change ticks (12).
pub const BYTES_PER_NEURON: f64 = 100.0;

/// An experiment that can run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// One line; the file's name if the file has no title.
    pub title: String,
    /// What the experiment shows, possibly empty.
    pub description: String,
    /// Where it comes from: papers with their DOI.
    pub references: Vec<String>,
    /// The file it was read from, or the name given for a text.
    pub path: PathBuf,
    /// The text of the file as it was read.
    pub text: Arc<str>,
    /// Biological time, a whole number of steps, in ms.
    pub duration_ms: f64,
    /// The step, in ms.
    pub time_step_ms: f64,
    /// The seed of every random stream.
    pub seed: u64,
    /// The named parameters in the order of the file, those of the chosen options after their choice.
    pub parameters: Vec<(String, Value)>,
    /// The connectome that populations and projections are made from, if there is one.
    pub connectome: Option<Arc<Connectome>>,
    /// Where the connectome was read, and what was there.
    pub connectome_file: Option<FileRead>,
    /// The tables that were read, each once.
    pub tables: Vec<FileRead>,
    /// The populations in the order of the file; other entries name them by their index here.
    pub populations: Vec<PopulationPlan>,
    /// The projections, pairs expanded.
    pub projections: Vec<ProjectionPlan>,
    /// The inputs.
    pub inputs: Vec<InputPlan>,
    /// The recorders.
    pub recorders: Vec<RecorderPlan>,
    /// How charge is metered, if it is.
    pub energy: Option<EnergyPlan>,
    /// Neurons that are silenced.
    pub lesions: Vec<LesionPlan>,
    /// What is probably not meant, one sentence each.
    pub warnings: Vec<String>,
    /// What the file left to its default and changes results, one short phrase each, for example `time_step 0.1 ms`.
    pub defaults_used: Vec<String>,
    /// What varies from point to point.
    pub design: Design,
    /// What is measured of every point.
    pub measures: Vec<MeasurePlan>,
    /// What the experiment says it reproduces.
    pub claims: Vec<ClaimPlan>,
    /// Whether its claims are checked also where time is short; `true` unless the file says `quick: false`.
    pub quick: bool,
}

/// How the charge of cells with dendrites is metered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EnergyPlan {
    /// Reversal potential of sodium, by which mixed currents are taken apart, mV.
    pub sodium_mv: f64,
    /// That of potassium, mV.
    pub potassium_mv: f64,
}

/// A number of equal neurons.
#[derive(Clone, Debug)]
pub struct PopulationPlan {
    /// Its name in the file.
    pub name: String,
    /// Its entry in the file.
    pub place: Place,
    /// Neurons, at least 1.
    pub size: usize,
    /// The model's name, known to the catalogue.
    pub model: String,
    /// The parameters that are given; the others keep the model's default.
    pub parameters: Vec<ParameterPlan>,
    /// The state variables that are given an initial value.
    pub initial: Vec<ParameterPlan>,
    /// Where the neurons are, if the file or the connectome says so.
    pub positions: Option<PositionsPlan>,
    /// For each neuron its row among the connectome's nodes, if it is made from them.
    pub nodes: Option<Arc<[u32]>>,
    /// Shape and membrane, if the neurons are cells with dendrites.
    pub cells: Option<CellsPlan>,
}

impl PopulationPlan {
    /// Entities that its neurons are: themselves, their compartments, and the mechanisms in these.
    pub fn parts(&self) -> f64 {
        let Some(cells) = &self.cells else { return self.size as f64 };
        let of_kind = |kind: &CellKind| {
            1.0 + kind.shape.tree.len() as f64 + kind.mechanisms.iter().map(MechanismPlan::entities).sum::<usize>() as f64
        };
        let a_turn: f64 = cells.kinds.iter().map(of_kind).sum();
        self.size as f64 * a_turn / cells.kinds.len().max(1) as f64
    }

    /// What a catalogue, or the population itself, says of its neurons.
    pub fn description<'c>(&'c self, catalogue: &'c dyn Catalogue) -> Option<&'c ModelDescription> {
        match &self.cells {
            Some(cells) => Some(&cells.description),
            None => catalogue.model(&self.model),
        }
    }
}

/// Neurons of one population whose synapses, chemical and electrical, have no effect on others. They go on themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LesionPlan {
    /// Index of the population.
    pub population: usize,
    /// Their indices within it, ascending.
    pub neurons: Vec<u32>,
}

/// A parameter or state variable and what it is set to.
#[derive(Clone, Debug)]
pub struct ParameterPlan {
    /// The name in the model's description.
    pub name: String,
    /// The value.
    pub value: Assigned,
    /// Where the value is written.
    pub place: Place,
}

/// A value for the neurons of a population, in coherent units.
#[derive(Clone, Debug)]
pub enum Assigned {
    /// One value for all.
    Shared(f64),
    /// Drawn for each neuron; takes no variables.
    PerNeuron(Program),
    /// One value a neuron, as many as there are neurons.
    Listed(Vec<f64>),
    /// One of the choices of the parameter.
    Choice(String),
}

/// Positions of the neurons of a population, in µm. All populations share one frame of reference.
#[derive(Clone, Debug, PartialEq)]
pub enum PositionsPlan {
    /// Neuron `i` is at `spacing * (i % nx, i / nx % ny, i / (nx * ny))`.
    Grid {
        /// Points along each axis; their product is the size.
        shape: [u32; 3],
        /// Distance of neighbours along each axis, µm.
        spacing: [f64; 3],
    },
    /// Uniform in the box from the origin to `extent`.
    RandomIn {
        /// Length of the box along each axis, µm, at least 0.
        extent: [f64; 3],
    },
    /// One point a neuron.
    Listed(Vec<[f64; 3]>),
}

/// Synapses from one set of neurons to another, by one rule.
#[derive(Clone, Debug)]
pub struct ProjectionPlan {
    /// Its name in the file; for an expanded pair `name: from to to`.
    pub name: String,
    /// Its entry in the file.
    pub place: Place,
    /// Indices of the source populations: sources are their neurons, one population after the other.
    pub from: Vec<usize>,
    /// Indices of the target populations, likewise.
    pub to: Vec<usize>,
    /// Who is connected.
    pub rule: RulePlan,
    /// Weight in the receptor's unit; variables: `distance`, `dx`, `dy`, `dz` (target minus source, µm).
    pub weight: Program,
    /// Delay in ms, at least half a step; the same variables.
    pub delay: Program,
    /// The receptor, if the file names one; else the weight's sign chooses.
    pub receptor: Option<String>,
    /// Whether a neuron may connect to itself.
    pub autapses: bool,
    /// Whether a pair may be connected more than once.
    pub multapses: bool,
    /// What its synapses pass on.
    pub transmission: Transmission,
    /// How its synapses spread over the places of a receptor of cells with dendrites, by kind of cell; `None` if it has one place.
    pub spread: Option<Vec<Vec<f64>>>,
    /// Where the weight is written.
    pub weight_place: Place,
    /// Where the delay is written.
    pub delay_place: Place,
    /// Where the rule is written.
    pub rule_place: Place,
}

/// A connection rule with its numbers.
#[derive(Clone, Debug)]
pub enum RulePlan {
    /// Every source to every target.
    AllToAll,
    /// Source `i` to target `i`.
    OneToOne,
    /// So many sources for each target.
    FixedInDegree(u64),
    /// So many targets for each source.
    FixedOutDegree(u64),
    /// So many synapses in all.
    FixedTotalNumber(u64),
    /// Each pair with this probability, 0 to 1.
    PairwiseBernoulli(f64),
    /// Each pair with a probability that depends on where the two are.
    DistanceDependent {
        /// Variables as in a weight; a value above 1 acts as 1, one below 0 as 0.
        probability: Program,
        /// Period along each axis, µm; 0 where the axis is not periodic.
        periodic: [f64; 3],
    },
    /// These synapses.
    Explicit(Vec<ExplicitSynapse>),
}

/// One synapse of a list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExplicitSynapse {
    /// Index among the sources.
    pub source: u32,
    /// Index among the targets.
    pub target: u32,
    /// Its own weight in the receptor's unit, if listed.
    pub weight: Option<f64>,
    /// Its own delay in ms, if listed.
    pub delay_ms: Option<f64>,
}

/// Something that drives neurons from outside.
#[derive(Clone, Debug)]
pub struct InputPlan {
    /// Its name in the file; for an expanded target `name: population`.
    pub name: String,
    /// Its entry in the file.
    pub place: Place,
    /// Indices of the populations it drives.
    pub to: Vec<usize>,
    /// Which neurons of each population, by index within it, ascending; all if `None`.
    pub neurons: Option<Vec<u32>>,
    /// Which place of a cell it goes to: for a current the electrode, for spikes the place of the receptor; one for all, or one for each cell. Empty for
    /// the place where a cell spikes, or the only place of a receptor.
    pub sites: Vec<u32>,
    /// What it gives.
    pub source: SourcePlan,
    /// Weight of its spikes in the receptor's unit, drawn per target neuron if random; `None` for a current.
    pub weight: Option<Program>,
    /// Delay of its spikes in ms.
    pub delay_ms: f64,
    /// The receptor, if the file names one.
    pub receptor: Option<String>,
}

/// What an input gives. Currents are in the unit of the model's input current, drawn per target neuron where random.
#[derive(Clone, Debug)]
pub enum SourcePlan {
    /// Independent Poisson spikes for each target neuron, at a rate that is constant between the steps of a schedule.
    Poisson {
        /// In ascending order; the rate is 0 before the first.
        schedule: Vec<RateStep>,
    },
    /// The same spikes to each target neuron: times in ms, ascending.
    SpikeList(Vec<f64>),
    /// Spikes of single neurons: time in ms and index within the population, ascending in time.
    SpikeFile(Vec<(f64, u32)>),
    /// A constant from start to stop.
    StepCurrent {
        /// The current.
        amplitude: Program,
        /// First moment, ms.
        start_ms: f64,
        /// Last moment, ms; the end of the run if `None`.
        stop_ms: Option<f64>,
    },
    /// A straight line from one value at the start to another at the stop; zero outside.
    RampCurrent {
        /// The current at the start.
        from: Program,
        /// The current at the stop.
        to: Program,
        /// First moment, ms.
        start_ms: f64,
        /// Last moment, ms.
        stop_ms: f64,
    },
    /// `offset + amplitude * sin(2 π frequency (t - start) + phase)` from start to stop.
    SineCurrent {
        /// The mean.
        offset: Program,
        /// The amplitude.
        amplitude: Program,
        /// In 1/ms.
        frequency_per_ms: f64,
        /// In radians.
        phase: f64,
        /// First moment, ms.
        start_ms: f64,
        /// Last moment, ms; the end of the run if `None`.
        stop_ms: Option<f64>,
    },
    /// A function of time and of what is known of each driven neuron.
    FunctionCurrent {
        /// Its value, over the columns.
        value: Program,
        /// Which column is the time, ms.
        time: Option<usize>,
        /// The other columns, a value for each driven neuron; empty where they are not used.
        columns: Vec<Vec<f64>>,
        /// First moment, ms.
        start_ms: f64,
        /// Last moment, ms; the end of the run if `None`.
        stop_ms: Option<f64>,
    },
    /// An Ornstein-Uhlenbeck process, started from its stationary distribution, independent for each neuron.
    OrnsteinUhlenbeckCurrent {
        /// The mean.
        mean: Program,
        /// The stationary standard deviation, at least 0.
        standard_deviation: Program,
        /// The correlation time, ms.
        time_constant_ms: f64,
        /// First moment, ms.
        start_ms: f64,
        /// Last moment, ms; the end of the run if `None`.
        stop_ms: Option<f64>,
    },
    /// A Gaussian value for each neuron, drawn anew every interval and constant within it.
    NoiseCurrent {
        /// The mean.
        mean: Program,
        /// The standard deviation, at least 0.
        standard_deviation: Program,
        /// In ms, at least one step.
        interval_ms: f64,
    },
}

impl SourcePlan {
    /// Whether it gives spikes, which need a weight, and not a current.
    pub fn gives_spikes(&self) -> bool {
        matches!(self, Self::Poisson { .. } | Self::SpikeList(_) | Self::SpikeFile(_))
    }
}

/// A rate from one moment on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateStep {
    /// From here on, ms.
    pub start_ms: f64,
    /// In 1/ms, at least 0.
    pub rate_per_ms: f64,
}

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum RecorderPlan {
    /// Every spike of some populations, or of some neurons of them.
    Spikes {
        /// Its name in the file.
        name: String,
        /// Indices of the populations.
        of: Vec<usize>,
        /// Which neurons, a list for each population, ascending; all if `None`.
        neurons: Option<Vec<Vec<u32>>>,
    },
    /// The weights of all synapses of some projections.
    Weights {
        /// Its name in the file.
        name: String,
        /// Indices of the projections.
        of: Vec<usize>,
        /// Where it stands.
        place: Place,
    },
    /// A state variable over time.
    Trace {
        /// Its name in the file.
        name: String,
        /// Indices of the populations.
        of: Vec<usize>,
        /// The state variable, known to the model of each population; of a mechanism its name in the file, a dot, and the variable.
        variable: String,
        /// Of a mechanism's variable: the mechanism's place among those of the cell.
        mechanism: Option<usize>,
        /// Time between two values, ms, a whole number of steps.
        interval_ms: f64,
        /// Which neurons, a list for each population, ascending; all if `None`.
        neurons: Option<Vec<Vec<u32>>>,
        /// By kind of cell, which compartment; where the cell spikes if `None`.
        compartments: Option<Vec<u32>>,
        /// Where it stands.
        place: Place,
    },
}

impl Plan {
    /// The population of this name.
    pub fn population(&self, name: &str) -> Option<&PopulationPlan> {
        self.populations.iter().find(|population| population.name == name)
    }

    /// The files that the experiment names and that were read for it.
    pub fn files(&self) -> impl Iterator<Item = &FileRead> {
        self.connectome_file.iter().chain(&self.tables)
    }

    /// The name that the connectome gives a neuron, if it comes from one.
    pub fn neuron_name(&self, population: usize, index: usize) -> Option<&str> {
        let row = *self.populations.get(population)?.nodes.as_ref()?.get(index)?;
        self.connectome.as_ref()?.nodes().names.get(row as usize).map(AsRef::as_ref)
    }

    /// The neurons of a population whose spikes some recorder keeps, ascending indices; empty if there is none.
    pub fn spikes_kept(&self, population: usize) -> Vec<u32> {
        let size = self.populations.get(population).map_or(0, |population| population.size as u32);
        let mut kept = Vec::new();
        for recorder in &self.recorders {
            let RecorderPlan::Spikes { of, neurons, .. } = recorder else { continue };
            let Some(position) = of.iter().position(|index| *index == population) else { continue };
            match neurons.as_ref().and_then(|lists| lists.get(position)) {
                Some(list) => kept.extend_from_slice(list),
                None => return (0..size).collect(),
            }
        }
        kept.sort_unstable();
        kept.dedup();
        kept
    }

    /// Neurons in all.
    pub fn neurons(&self) -> usize {
        self.populations.iter().map(|population| population.size).sum()
    }

    /// The duration in steps.
    pub fn steps(&self) -> u64 {
        (self.duration_ms / self.time_step_ms).round() as u64
    }

    /// The neurons of a recorder of spikes or of a variable, each a population and an index in it, in their order.
    pub(crate) fn neurons_of(&self, recorder: &RecorderPlan) -> Vec<(usize, u32)> {
        let (RecorderPlan::Spikes { of, neurons, .. } | RecorderPlan::Trace { of, neurons, .. }) = recorder else { return Vec::new() };
        let mut kept = Vec::new();
        for (position, population) in of.iter().enumerate() {
            match neurons.as_ref().and_then(|lists| lists.get(position)) {
                Some(list) => kept.extend(list.iter().map(|index| (*population, *index))),
                None => {
                    let size = self.populations.get(*population).map_or(0, |population| population.size as u32);
                    kept.extend((0..size).map(|index| (*population, index)));
                }
            }
        }
        kept
    }

    /// Synapses to expect in all: exact for rules with a fixed number, else the mean.
    pub fn synapses_expected(&self) -> f64 {
        self.projections.iter().map(|projection| projection.synapses_expected(&self.populations)).fold(0.0, |sum, count| sum + count)
    }

    /// Memory that neurons, what they are made of, and synapses take at least, in bytes.
    pub fn memory_expected_bytes(&self) -> f64 {
        let parts: f64 = self.populations.iter().map(PopulationPlan::parts).sum();
        self.synapses_expected() * BYTES_PER_SYNAPSE + parts * BYTES_PER_NEURON
    }
}
