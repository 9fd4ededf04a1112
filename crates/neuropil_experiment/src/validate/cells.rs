//! Cells with dendrites: shape, compartments, channels and receptors, where they spike.

use std::sync::Arc;

use neuropil_dendrites::solver::Method;
use neuropil_morphology::{Morphology, ReadOptions, Rules, Sections, read_morphology, synthetic};
use neuropil_units::{Dimension, Table};

use crate::{
    catalogue::{MechanismDescription, ModelDescription, VariableDescription},
    cells::{CellShape, CellsPlan, MechanismPlan, SectionTable},
    contents::FileRead,
    document::{
        node::Node,
        reader::{Entry, Fields},
    },
    error::{ExperimentError, NameKind, shown},
    plan::{Assigned, ParameterPlan},
    validate::{
        Validator,
        declared::{self, DECLARED},
    },
};

const FIELDS: [&str; 10] = [
    "morphology",
    "axial_resistivity",
    "capacitance",
    "temperature",
    "compartments",
    "potential",
    "channels",
    "receptors",
    "spikes",
    "method",
];
const SHAPES: [&str; 4] = ["Cylinder", "Ball", "BallAndStick", "RallTree"];
const METHODS: [&str; 2] = ["BackwardEuler", "CrankNicolson"];
/// Compartments that a cell may have.
const MOST_COMPARTMENTS: f64 = 1e7;
/// Streams of values drawn for compartments are numbered from here.
const COMPARTMENT_STREAMS: u32 = 3 << 29;
/// 1 Ω cm in GΩ µm, the coherent unit of resistivity.
const OHM_CENTIMETRE: f64 = 1e-5;

/// What recorders and selectors call the kind of a neuron with dendrites.
pub(super) const CELLS: &str = "Cells";

impl<'t> Validator<'t> {
    /// The cells of a population.
    pub(super) fn cells(&mut self, node: Node<'t>, owner: &str, path: &str, index: usize) -> Option<CellsPlan> {
        let fields = self.reader.structure(node, format!("the cell of {owner}"), path, "", &FIELDS)?;
        let morphology = fields
            .require(&mut self.reader, "morphology", "morphology: \"cell.swc\", or BallAndStick()")
            .and_then(|node| self.morphology(node, &fields.path("morphology")));
        let resistivity = self.cell_quantity_of(&fields, "axial_resistivity", "\"100 ohm cm\"", resistivity_dimension(), OHM_CENTIMETRE);
        let temperature = self.cell_quantity_of(&fields, "temperature", "\"37 degC\"", Dimension::TEMPERATURE, 1.0)?;
        let shape = Arc::new(self.shape(&fields, morphology?, resistivity?)?);

        let per_area = |dimension: Dimension| dimension.divide(Dimension::AREA);
        let capacitance = match fields.get("capacitance") {
            Some(node) => {
                self.by_compartment(node, &fields.path("capacitance"), &shape, None, per_area(Dimension::CAPACITANCE), (index, 0))?
            }
            None => Assigned::Shared(0.01),
        };
        let potential = match fields.get("potential") {
            Some(node) => self.by_compartment(node, &fields.path("potential"), &shape, None, Dimension::POTENTIAL, (index, 1))?,
            None => Assigned::Shared(-65.0),
        };
        let spread = |assigned: Assigned| match assigned {
            Assigned::Listed(values) => values,
            Assigned::Shared(value) => vec![value; shape.len()],
            Assigned::PerNeuron(_) | Assigned::Choice(_) => Vec::new(),
        };
        let (capacitance, potential) = (spread(capacitance), spread(potential));
        if let Some(least) = capacitance.iter().copied().min_by(f64::total_cmp).filter(|c| *c <= 0.0) {
            let at = fields.get("capacitance").unwrap_or(node).place();
            let (found, expected) = (format!("{} µF/cm²", least * 100.0), "a membrane has a capacitance above 0".to_owned());
            self.reader.report(ExperimentError::OutOfRange { at, what: fields.path("capacitance"), found, expected });
            return None;
        }
        let method = match fields.get("method") {
            Some(node) => self.method(node)?,
            None => Method::default(),
        };
        let mut mechanisms = Vec::new();
        let mut complete = true;
        for (field, receives) in [("channels", false), ("receptors", true)] {
            let Some(node) = fields.get(field) else { continue };
            for entry in self.reader.entries(node, &fields.path(field), if receives { "receptor" } else { "channel" }) {
                let number = mechanisms.len();
                match self.mechanism(&entry, receives, &shape, temperature, (index, number + 2)) {
                    Some(mechanism) => mechanisms.push(mechanism),
                    None => complete = false,
                }
            }
        }
        let (detector, threshold_mv) = match fields.get("spikes") {
            Some(node) => self.detector(node, &fields.path("spikes"), &shape)?,
            None => (shape.nearest(&(0..shape.len() as u32).collect::<Vec<_>>())?, 0.0),
        };
        let receptors = mechanisms.iter().filter(|mechanism| mechanism.receives).filter_map(|mechanism| {
            let receives = self.catalogue.mechanism(&mechanism.mechanism)?.receives?;
            Some(VariableDescription { name: mechanism.name.clone(), unit: receives.0, dimension: receives.1 })
        });
        let description = ModelDescription {
            name: CELLS.to_owned(),
            parameters: Vec::new(),
            state: vec![VariableDescription { name: "membrane_potential".to_owned(), unit: "mV", dimension: Dimension::POTENTIAL }],
            receptors: receptors.collect(),
            current: Dimension::CURRENT,
        };
        complete.then(|| CellsPlan {
            shape,
            description: Arc::new(description),
            capacitance,
            potential,
            mechanisms,
            temperature_kelvin: temperature,
            method,
            detector,
            threshold_mv,
            electrodes: Vec::new(),
        })
    }

    /// The compartments that a selector holds for, each once.
    pub(super) fn compartments(&mut self, node: Node<'t>, path: &str, shape: &CellShape) -> Option<Vec<u32>> {
        let scope = self.scope.clone();
        self.selected(node, path, shape, "compartment", &scope)
    }

    fn cell_quantity_of(&mut self, fields: &Fields<'t>, name: &str, example: &str, dimension: Dimension, unit: f64) -> Option<f64> {
        let node = fields.require(&mut self.reader, name, &format!("{name}: {example}"))?;
        let value = self.reader.quantity(node, &self.scope, dimension, &fields.path(name))?;
        if value > 0.0 {
            return Some(value / unit);
        }
        let (found, expected) = (format!("{value}"), "it is more than 0".to_owned());
        self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: fields.path(name), found, expected });
        None
    }

    /// A shape from a file, or made.
    fn morphology(&mut self, node: Node<'t>, path: &str) -> Option<Morphology> {
        if node.string().is_ok() {
            return self.morphology_file(node);
        }
        let (name, name_node, constructor) = self.reader.constructor(node, "the name of a file, or a shape such as BallAndStick()")?;
        let known: &[&str] = match name {
            "Cylinder" => &["length", "diameter"],
            "Ball" => &["radius"],
            "BallAndStick" => &["soma_radius", "length", "diameter"],
            "RallTree" => &["levels", "length", "diameter"],
            _ => {
                self.reader.unknown(name_node.place(), NameKind::Choice, name, SHAPES);
                return None;
            }
        };
        let fields = self.reader.fields(name_node.place(), constructor, format!("`{name}`"), path, known);
        let mut lengths = Vec::new();
        for field in known.iter().filter(|field| **field != "levels") {
            let node = fields.require(&mut self.reader, field, &format!("{field}: \"10 um\""))?;
            lengths.push(self.reader.quantity(node, &self.scope, Dimension::LENGTH, &fields.path(field))?);
        }
        let made = match (name, &lengths[..]) {
            // Rall's tree of one level is its first branch alone.
            ("Cylinder", [length, diameter]) => synthetic::rall_tree(1, *length, *diameter),
            ("Ball", [radius]) => synthetic::ball(*radius),
            ("BallAndStick", [radius, length, diameter]) => synthetic::ball_and_stick(*radius, *length, *diameter),
            (_, [length, diameter]) => {
                let node = fields.require(&mut self.reader, "levels", "levels: 10")?;
                let levels = self.reader.integer(node, &self.scope, (1, 20), &fields.path("levels"))?;
                synthetic::rall_tree(levels as u32, *length, *diameter)
            }
            _ => return None,
        };
        match made {
            Ok(morphology) => Some(morphology),
            Err(error) => {
                self.reader.report(ExperimentError::Refused { at: name_node.place(), message: error.to_string() });
                None
            }
        }
    }

    fn morphology_file(&mut self, node: Node<'t>) -> Option<Morphology> {
        let name = self.reader.text(node, "the name of a morphology, such as \"cell.swc\"")?;
        let path = self.folder.join(&name);
        match read_morphology(&path, &ReadOptions::default()) {
            Ok(read) => {
                if let Ok(bytes) = std::fs::read(&path) {
                    let file = FileRead::of_bytes(&name, &path, &bytes);
                    if !self.tables.contains(&file) {
                        self.tables.push(file);
                    }
                }
                self.warnings.extend(read.remarks.iter().map(ToString::to_string));
                Some(read.morphology)
            }
            Err(_) if !path.exists() => {
                let message = format!("{}: there is no such file; paths are relative to the experiment's folder", shown(&name));
                self.reader.report(ExperimentError::Refused { at: node.place(), message });
                None
            }
            Err(error) => {
                self.reader.report(ExperimentError::Refused { at: node.place(), message: error.to_string() });
                None
            }
        }
    }

    /// Cuts a morphology into compartments: a number for each section.
    fn shape(&mut self, fields: &Fields<'t>, morphology: Morphology, resistivity_ohm_cm: f64) -> Option<CellShape> {
        let node = fields.require(&mut self.reader, "compartments", "compartments: \"1 + floor(length / (20 um))\", for each section")?;
        let path = fields.path("compartments");
        let sections = match Sections::of(&morphology, Rules::Neuron) {
            Ok(sections) => sections,
            Err(error) => {
                self.reader.report(ExperimentError::Refused { at: node.place(), message: error.to_string() });
                return None;
            }
        };
        let table = SectionTable::new(&sections);
        let written = self.reader.expression(node, &path, "a number of compartments for each section")?;
        let program = match written.expression().over(&self.scope, &table, Dimension::NONE) {
            Ok(program) => program,
            Err(error) => {
                self.reader.report(written.error(&path, error));
                return None;
            }
        };
        let rows: Vec<u32> = (0..table.rows()).collect();
        let counts = self.row_values(&written, &path, &program, &rows, (COMPARTMENT_STREAMS, 0))?;
        let total: f64 = counts.iter().map(|count| count.max(1.0).floor()).sum();
        if counts.iter().any(|count| count.is_nan()) || total > MOST_COMPARTMENTS {
            let (found, expected) = (format!("{total} compartments"), format!("a cell has at most {MOST_COMPARTMENTS}"));
            self.reader.report(ExperimentError::OutOfRange { at: written.whole(), what: path, found, expected });
            return None;
        }
        let counts: Vec<usize> = counts.iter().map(|count| count.max(1.0) as usize).collect();
        Some(CellShape::new(&sections, &counts, resistivity_ohm_cm))
    }

    /// One value for all of some compartments, or one for each.
    fn by_compartment(
        &mut self,
        node: Node<'t>,
        path: &str,
        shape: &CellShape,
        compartments: Option<&[u32]>,
        dimension: Dimension,
        (population, number): (usize, usize),
    ) -> Option<Assigned> {
        let written = self.reader.expression(node, path, "a quantity, or an expression over compartments")?;
        match written.expression().over(&self.scope, shape, dimension) {
            Ok(program) => match program.as_constant() {
                Some(value) => Some(Assigned::Shared(value)),
                None => {
                    let all: Vec<u32> = (0..shape.len() as u32).collect();
                    let stream = (COMPARTMENT_STREAMS | population as u32, number as u64);
                    self.row_values(&written, path, &program, compartments.unwrap_or(&all), stream).map(Assigned::Listed)
                }
            },
            Err(error) => {
                self.reader.report(written.error(path, error));
                None
            }
        }
    }

    fn mechanism(
        &mut self,
        entry: &Entry<'t>,
        receives: bool,
        shape: &CellShape,
        kelvin: f64,
        stream: (usize, usize),
    ) -> Option<MechanismPlan> {
        let owner = format!("the {} `{}`", if receives { "receptor" } else { "channel" }, shown(&entry.name));
        let fields = self.reader.structure(entry.value, owner, &entry.path, "", &["on", "is"])?;
        let is = fields.require(&mut self.reader, "is", if receives { "is: ExponentialSynapse()" } else { "is: HodgkinHuxley()" })?;
        let (name, name_node, constructor) = self.reader.constructor(is, "a mechanism such as HodgkinHuxley(…)")?;
        let fits = |mechanism: &&MechanismDescription| mechanism.receives.is_some() == receives;
        let is_declared = name == DECLARED && !receives;
        let mechanism = self.catalogue.mechanism(name).filter(fits).filter(|_| !is_declared);
        if mechanism.is_none() && !is_declared {
            let names = self.catalogue.mechanisms().iter().filter(fits).map(|m| m.name.as_str());
            let names: Vec<&str> = names.chain((!receives).then_some(DECLARED)).collect();
            self.reader.unknown(name_node.place(), NameKind::Model, name, names);
            return None;
        }
        let compartments = match fields.get("on") {
            Some(node) => self.compartments(node, &fields.path("on"), shape)?,
            None => (0..shape.len() as u32).collect(),
        };
        let known: Vec<&str> = match mechanism {
            Some(mechanism) => mechanism.parameters.iter().map(|parameter| parameter.name.as_str()).collect(),
            None => declared::FIELDS.to_vec(),
        };
        let given = self.reader.fields(name_node.place(), constructor, format!("`{name}`"), &fields.path("is"), &known);
        let declared = if is_declared { Some(self.declared(&given, &entry.name, kelvin)?) } else { None };
        let dimension = |name: &str| match (mechanism, &declared) {
            (Some(mechanism), _) => mechanism.parameters.iter().find(|parameter| parameter.name == name).map(|known| known.dimension),
            (None, Some(declared)) => declared.parameters.iter().find(|parameter| parameter.name == name).map(|known| known.dimension),
            (None, None) => None,
        };
        let mut parameters = Vec::new();
        for (number, field) in given.all().enumerate() {
            let Some(dimension) = dimension(&field.name) else { continue };
            let path = given.path(&field.name);
            let stream = (stream.0, (stream.1 << 16) + number);
            let value = self.by_compartment(field.value, &path, shape, Some(&compartments), dimension, stream)?;
            parameters.push(ParameterPlan { name: field.name.clone(), value, place: field.value.place() });
        }
        Some(MechanismPlan {
            name: entry.name.clone(),
            mechanism: name.to_owned(),
            receives,
            compartments,
            parameters,
            declared,
            place: name_node.place(),
        })
    }

    /// Where and at what potential spikes are seen: of the chosen compartments, the one that is nearest to the soma.
    fn detector(&mut self, node: Node<'t>, path: &str, shape: &CellShape) -> Option<(u32, f64)> {
        let fields = self.reader.structure(node, "`spikes`".to_owned(), path, "", &["on", "threshold"])?;
        let chosen = match fields.get("on") {
            Some(node) => self.compartments(node, &fields.path("on"), shape)?,
            None => (0..shape.len() as u32).collect(),
        };
        let threshold = match fields.get("threshold") {
            Some(node) => self.reader.quantity(node, &self.scope, Dimension::POTENTIAL, &fields.path("threshold"))?,
            None => 0.0,
        };
        Some((shape.nearest(&chosen)?, threshold))
    }

    fn method(&mut self, node: Node<'t>) -> Option<Method> {
        let name = self.reader.accept(node.string_or_word())?;
        match name.as_str() {
            "BackwardEuler" => Some(Method::BackwardEuler),
            "CrankNicolson" => Some(Method::CrankNicolson),
            _ => {
                self.reader.unknown(node.place(), NameKind::Choice, &name, METHODS);
                None
            }
        }
    }
}

fn resistivity_dimension() -> Dimension {
    Dimension::RESISTANCE.multiply(Dimension::LENGTH)
}
