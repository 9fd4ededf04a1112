//! From what is written to what it means: names resolved, expressions evaluated, numbers checked.
//!
//! - [`parameters`]: named values and choices
//! - [`times`]: duration, step, delays
//! - [`populations`], [`positions`]; [`cells`] with dendrites, and channels that are [`declared`]
//! - [`projections`], [`rules`]
//! - [`inputs`], [`sources`]
//! - [`recorders`]
//! - [`wiring`]: a connectome, its nodes and edges; [`selectors`]: which neurons; [`stimulate`]: drives of the command line
//! - [`tables`]: CSV files beside the experiment
//! - [`memory`]: what would not fit
//! - [`study`]: arms, swept parameters, seeds
//! - [`claims`]: measures, and what is claimed of them

mod cell_populations;
mod cells;
mod claims;
mod declared;
mod inputs;
mod memory;
mod parameters;
mod places;
mod populations;
mod positions;
mod projections;
mod recorders;
mod rules;
mod selectors;
mod shapes;
mod sources;
mod stimulate;
mod study;
mod tables;
mod times;
mod wiring;

pub(crate) use positions::extent;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use neuropil_connectome::Connectome;
use neuropil_units::{Scope, Value};

use crate::{
    catalogue::{Catalogue, ModelDescription},
    contents::FileRead,
    design::Design,
    document::{
        node::{Node, Shape},
        reader::{Fields, Reader},
        settings::{Flag, Flags},
    },
    error::{ExperimentError, NameKind},
    plan::{Plan, PopulationPlan},
    source::{Place, SourceText},
};

/// The fields of a document.
pub(crate) const DOCUMENT_FIELDS: [&str; 19] = [
    "title",
    "description",
    "references",
    "duration",
    "time_step",
    "seed",
    "parameters",
    "connectome",
    "populations",
    "projections",
    "inputs",
    "lesions",
    "recorders",
    "arms",
    "sweep",
    "seeds",
    "measures",
    "claims",
    "quick",
];

/// List elements, synapses and neurons that a document may spell out, so that a short expression cannot fill the memory.
const MOST_LISTED: u64 = 100_000_000;

/// Reads one document.
pub(crate) struct Validator<'t> {
    reader: Reader<'t>,
    catalogue: &'t dyn Catalogue,
    scope: Scope,
    folder: PathBuf,
    time_step_ms: f64,
    duration_ms: f64,
    parameters: Vec<(String, Value)>,
    names: HashMap<String, usize>,
    ordered_names: Vec<String>,
    populations: Vec<Option<PopulationPlan>>,
    projection_names: Vec<String>,
    wiring: Option<wiring::Wiring>,
    wiring_failed: bool,
    /// A connectome that was read already, and from where.
    known: Option<(Arc<Connectome>, FileRead)>,
    /// Tables that were read so far.
    tables: Vec<FileRead>,
    seed: u64,
    flags: &'t Flags,
    warnings: Vec<String>,
    defaults_used: Vec<String>,
    listed: u64,
    /// One point of a study is read, whose arms and claims are known already.
    is_point: bool,
}

impl<'t> Validator<'t> {
    pub fn new(flags: &'t Flags, catalogue: &'t dyn Catalogue, folder: &Path) -> Self {
        Self {
            reader: Reader::new(&flags.values),
            catalogue,
            scope: Scope::new(),
            folder: folder.to_owned(),
            time_step_ms: 0.1,
            duration_ms: 1000.0,
            parameters: Vec::new(),
            names: HashMap::new(),
            ordered_names: Vec::new(),
            populations: Vec::new(),
            projection_names: Vec::new(),
            wiring: None,
            wiring_failed: false,
            known: None,
            tables: Vec::new(),
            seed: 1,
            flags,
            warnings: Vec::new(),
            defaults_used: Vec::new(),
            listed: 0,
            is_point: false,
        }
    }

    /// A validator for one point of a study: what varies and what is claimed is not read again.
    pub fn for_point(self, whole: &Plan) -> Self {
        let known = whole.connectome.clone().zip(whole.connectome_file.clone());
        Self { is_point: true, known, ..self }
    }

    /// The plan of a document, or everything that is wrong with it.
    pub fn plan(mut self, document: Node<'t>, path: &Path) -> Result<Plan, Vec<ExperimentError>> {
        let file = document.source();
        let plan = self.document(document, file, path);
        let names: Vec<String> = self.parameters.iter().map(|(name, _)| name.clone()).collect();
        let errors = self.reader.finish(file.name(), &names);
        match plan {
            Some(plan) if errors.is_empty() => Ok(plan),
            _ => Err(errors),
        }
    }

    fn document(&mut self, document: Node<'t>, file: &Arc<SourceText>, path: &Path) -> Option<Plan> {
        let owner = "the experiment".to_owned();
        let fields = self.reader.structure(document, owner, "", "Experiment", &DOCUMENT_FIELDS)?;
        let title = fields.get("title").and_then(|node| self.reader.text(node, "a title"));
        let description = fields.get("description").and_then(|node| self.reader.text(node, "a description"));
        let references = fields.get("references").map(|node| self.references(node)).unwrap_or_default();
        if let Some(node) = fields.get("parameters") {
            self.read_parameters(node);
        }
        let seed = self.seed(&fields);
        self.seed = seed;
        self.read_times(&fields);
        if let Some(node) = fields.get("connectome") {
            self.read_wiring(node);
            self.wiring_failed = self.wiring.is_none();
        }
        if let Some(node) = fields.require(&mut self.reader, "populations", "populations: {\"excitatory\": (size: 100, model: LifDelta())}")
        {
            self.read_populations(node);
        }
        self.check_neuron_memory();
        let projections = fields.get("projections").map(|node| self.read_projections(node)).unwrap_or_default();
        self.projection_names = projections.iter().map(|projection| projection.name.clone()).collect();
        let mut inputs = fields.get("inputs").map(|node| self.read_inputs(node)).unwrap_or_default();
        inputs.extend(self.stimuli(&self.flags.stimuli));
        let lesions = fields.get("lesions").map(|node| (node, "lesions".to_owned()));
        let flags: &'t [Flag] = &self.flags.lesions;
        let flags = flags.iter().map(|flag| (flag.node(), "--lesion".to_owned()));
        let lesions: Vec<_> = lesions.into_iter().chain(flags).collect();
        let lesions = self.read_lesions(&lesions);
        let recorders = fields.get("recorders").map(|node| self.read_recorders(node)).unwrap_or_default();
        let design = if self.is_point { Design::default() } else { self.read_design(&fields, seed) };
        let quick = match fields.get("quick") {
            Some(node) => self.reader.boolean(node, &self.scope, "quick").unwrap_or(true),
            None => true,
        };
        if self.reader.count() > 0 {
            return None;
        }
        let populations: Vec<PopulationPlan> = std::mem::take(&mut self.populations).into_iter().flatten().collect();
        let file_title = path.file_stem().map_or_else(|| file.name().to_owned(), |stem| stem.to_string_lossy().into_owned());
        let mut plan = Plan {
            title: title.unwrap_or(file_title),
            description: description.unwrap_or_default(),
            references,
            path: path.to_owned(),
            text: Arc::clone(file.text()),
            duration_ms: self.duration_ms,
            time_step_ms: self.time_step_ms,
            seed,
            parameters: self.parameters.clone(),
            connectome_file: self.wiring.as_ref().map(|wiring| wiring.file.clone()),
            tables: std::mem::take(&mut self.tables),
            connectome: self.wiring.as_ref().map(|wiring| Arc::clone(&wiring.connectome)),
            populations,
            projections,
            inputs,
            recorders,
            lesions,
            warnings: std::mem::take(&mut self.warnings),
            defaults_used: std::mem::take(&mut self.defaults_used),
            design,
            measures: Vec::new(),
            claims: Vec::new(),
            quick,
        };
        self.check_synapse_memory(&plan);
        if !self.is_point {
            if let Some(node) = fields.get("measures") {
                plan.measures = self.read_measures(node, &plan);
            }
            if let Some(node) = fields.get("claims") {
                plan.claims = self.read_claims(node, &plan);
            }
        }
        Some(plan)
    }

    fn references(&mut self, node: Node<'t>) -> Vec<String> {
        let nodes = match node.shape() {
            Shape::List => self.reader.accept(node.list()).unwrap_or_default(),
            _ => vec![node],
        };
        nodes.into_iter().filter_map(|node| self.reader.text(node, "a reference")).collect()
    }

    fn seed(&mut self, fields: &Fields<'t>) -> u64 {
        match fields.get("seed") {
            Some(node) => self.reader.integer(node, &self.scope, (0, u64::MAX), "seed").unwrap_or_default(),
            None => {
                self.defaults_used.push("seed 1".to_owned());
                1
            }
        }
    }

    /// The indices of named populations, each at most once; `None` if a name is unknown.
    fn population_indices(&mut self, names: &[(String, Place)]) -> Option<Vec<usize>> {
        let mut indices: Vec<usize> = Vec::new();
        let mut seen: HashMap<usize, usize> = HashMap::new();
        let mut all_known = true;
        for (name, place) in names {
            if self.reader.is_full() {
                return None;
            }
            match self.names.get(name) {
                Some(index) => {
                    if let Some(first) = seen.get(index) {
                        let first = names.get(*first).map_or(0, |(_, place)| place.location().line);
                        let name = crate::error::shown(name);
                        self.reader.report(ExperimentError::Duplicate { at: place.clone(), what: "population", name, first });
                        all_known = false;
                    }
                    seen.insert(*index, indices.len());
                    indices.push(*index);
                }
                None => {
                    let known: Vec<&str> = self.ordered_names.iter().map(String::as_str).collect();
                    self.reader.unknown(place.clone(), NameKind::Population, name, known);
                    all_known = false;
                }
            }
        }
        all_known.then_some(indices)
    }

    /// The populations of these indices; `None` if one of them is wrong itself, which is reported.
    fn valid_populations(&self, indices: &[usize]) -> Option<Vec<&PopulationPlan>> {
        indices.iter().map(|index| self.populations.get(*index).and_then(Option::as_ref)).collect()
    }

    fn description_of(&self, index: usize) -> Option<Arc<ModelDescription>> {
        let population = self.populations.get(index)?.as_ref()?;
        match &population.cells {
            Some(cells) => Some(Arc::clone(&cells.description)),
            None => self.catalogue.model(&population.model).cloned().map(Arc::new),
        }
    }

    /// Whether a population's neurons only emit spikes.
    fn is_source(&self, index: usize) -> bool {
        let cells = self.populations.get(index).and_then(Option::as_ref).is_some_and(|population| population.cells.is_some());
        !cells && self.description_of(index).is_none_or(|model| model.receptors.is_empty())
    }

    /// Counts spelled-out values; an error when there are too many.
    fn count_listed(&mut self, at: &Place, what: &str, count: usize) -> Option<()> {
        self.listed = self.listed.saturating_add(count as u64);
        if self.listed <= MOST_LISTED {
            return Some(());
        }
        self.reader.report(ExperimentError::OutOfRange {
            at: at.clone(),
            what: what.to_owned(),
            found: format!("a list of {count}"),
            expected: format!("all lists of an experiment together may have {MOST_LISTED} elements"),
        });
        None
    }
}
