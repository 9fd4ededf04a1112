//! Cells with dendrites: shape, compartments, channels and receptors, where they spike.

use std::sync::Arc;

use neuropil_dendrites::{Precision, solver::Method};
use neuropil_units::{Dimension, Value};

use crate::{
    catalogue::{MechanismDescription, ModelDescription, VariableDescription},
    cells::{CellKind, CellShape, CellsPlan, MechanismPlan},
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

const FIELDS: [&str; 12] = [
    "morphology",
    "replace_axon",
    "axial_resistivity",
    "capacitance",
    "temperature",
    "compartments",
    "potential",
    "channels",
    "receptors",
    "spikes",
    "method",
    "precision",
];
const METHODS: [&str; 2] = ["BackwardEuler", "CrankNicolson"];
const PRECISIONS: [&str; 2] = ["double", "single"];
/// Streams of values drawn for compartments are numbered from here.
pub(super) const COMPARTMENT_STREAMS: u32 = 3 << 29;
/// 1 Ω cm in GΩ µm, the coherent unit of resistivity.
const OHM_CENTIMETRE: f64 = 1e-5;

/// What recorders and selectors call the kind of a neuron with dendrites.
pub(super) const CELLS: &str = "Cells";

impl<'t> Validator<'t> {
    /// The cells of a population.
    pub(super) fn cells(&mut self, node: Node<'t>, owner: &str, path: &str, index: usize) -> Option<CellsPlan> {
        let fields = self.reader.structure(node, format!("the cell of {owner}"), path, "", &FIELDS)?;
        let morphologies = fields
            .require(&mut self.reader, "morphology", "morphology: \"cell.swc\", or BallAndStick()")
            .and_then(|node| self.morphologies(node, &fields.path("morphology")));
        let resistivity = match fields.get("axial_resistivity") {
            Some(_) => {
                Some(self.cell_quantity_of(&fields, "axial_resistivity", "\"100 ohm cm\"", resistivity_dimension(), OHM_CENTIMETRE)?)
            }
            None => None,
        };
        let temperature = self.cell_quantity_of(&fields, "temperature", "\"37 degC\"", Dimension::TEMPERATURE, 1.0)?;
        let method = match fields.get("method") {
            Some(node) if self.word(node, &fields.path("method"), METHODS)? == "CrankNicolson" => Method::CrankNicolson,
            _ => Method::BackwardEuler,
        };
        let precision = match fields.get("precision") {
            Some(node) if self.word(node, &fields.path("precision"), PRECISIONS)? == "single" => Precision::Single,
            _ => Precision::Double,
        };
        let mut kinds = Vec::new();
        let mut compartments = 0.0;
        for morphology in morphologies? {
            // What is wrong with one shape is probably wrong with all: the first is enough.
            let shape = Arc::new(self.shape(&fields, &morphology, resistivity, &mut compartments)?);
            kinds.push(self.kind(&fields, node, shape, temperature, (index, kinds.len()))?);
        }
        let threshold_mv = match fields.get("spikes") {
            Some(node) => self.threshold(node, &fields.path("spikes"))?,
            None => 0.0,
        };
        let first = kinds.first()?;
        let receptors = first.mechanisms.iter().filter(|mechanism| mechanism.receives).filter_map(|mechanism| {
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
        Some(CellsPlan { kinds, description: Arc::new(description), temperature_kelvin: temperature, method, precision, threshold_mv })
    }

    /// What is painted on one shape; `number` is the population's, and the shape's within it.
    fn kind(
        &mut self,
        fields: &Fields<'t>,
        node: Node<'t>,
        shape: Arc<CellShape>,
        kelvin: f64,
        number: (usize, usize),
    ) -> Option<CellKind> {
        let per_area = |dimension: Dimension| dimension.divide(Dimension::AREA);
        let capacitance = match fields.get("capacitance") {
            Some(node) => {
                let dimension = per_area(Dimension::CAPACITANCE);
                self.by_compartment(node, &fields.path("capacitance"), &shape, None, dimension, stream_of(number, 0))?
            }
            None => Assigned::Shared(0.01),
        };
        let potential = match fields.get("potential") {
            Some(node) => self.by_compartment(node, &fields.path("potential"), &shape, None, Dimension::POTENTIAL, stream_of(number, 1))?,
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
        let mut mechanisms = Vec::new();
        let mut complete = true;
        for (field, receives) in [("channels", false), ("receptors", true)] {
            let Some(node) = fields.get(field) else { continue };
            for entry in self.reader.entries(node, &fields.path(field), if receives { "receptor" } else { "channel" }) {
                let stream = stream_of(number, mechanisms.len() + 2);
                match self.mechanism(&entry, receives, &shape, kelvin, stream) {
                    Some(mechanism) => mechanisms.push(mechanism),
                    None => complete = false,
                }
            }
        }
        let detector = match fields.get("spikes") {
            Some(node) => self.detector(node, &fields.path("spikes"), &shape)?,
            None => shape.nearest(&(0..shape.len() as u32).collect::<Vec<_>>())?,
        };
        complete.then(|| CellKind { shape, capacitance, potential, mechanisms, detector, electrodes: Vec::new() })
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

    /// One value for all of some compartments, or one for each.
    pub(super) fn by_compartment(
        &mut self,
        node: Node<'t>,
        path: &str,
        shape: &CellShape,
        compartments: Option<&[u32]>,
        dimension: Dimension,
        stream: (u32, u64),
    ) -> Option<Assigned> {
        let written = self.reader.expression(node, path, "a quantity, or an expression over compartments")?;
        match written.expression().over(&self.scope, shape, dimension) {
            Ok(program) => match program.as_constant() {
                Some(value) => Some(Assigned::Shared(value)),
                None => {
                    let all: Vec<u32> = (0..shape.len() as u32).collect();
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
        stream: (u32, u64),
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
            let stream = (stream.0, stream.1 + ((number as u64 + 1) << 48));
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

    /// Where spikes are seen: of the chosen compartments, the one that is nearest to the soma.
    fn detector(&mut self, node: Node<'t>, path: &str, shape: &CellShape) -> Option<u32> {
        let fields = self.spikes(node, path)?;
        let chosen = match fields.get("on") {
            Some(node) => self.compartments(node, &fields.path("on"), shape)?,
            None => (0..shape.len() as u32).collect(),
        };
        shape.nearest(&chosen)
    }

    /// At what potential spikes are seen, mV.
    fn threshold(&mut self, node: Node<'t>, path: &str) -> Option<f64> {
        let fields = self.spikes(node, path)?;
        match fields.get("threshold") {
            Some(node) => self.reader.quantity(node, &self.scope, Dimension::POTENTIAL, &fields.path("threshold")),
            None => Some(0.0),
        }
    }

    fn spikes(&mut self, node: Node<'t>, path: &str) -> Option<Fields<'t>> {
        self.reader.structure(node, "`spikes`".to_owned(), path, "", &["on", "threshold"])
    }

    /// One of some words, as it is written or as the value of a parameter that is named.
    fn word(&mut self, node: Node<'t>, path: &str, known: [&'static str; 2]) -> Option<&'static str> {
        let written = match self.reader.value(node, &self.scope, path)? {
            Value::Text(word) => word,
            _ => {
                self.reader.report(node.wrong_form(format!("one of {}", known.join(", "))));
                return None;
            }
        };
        let found = known.into_iter().find(|word| *word == written);
        // What is wrong with a parameter has been said where it is set.
        if found.is_none() && !self.reader.has_failed(&written) {
            self.reader.unknown(node.place(), NameKind::Choice, &written, known);
        }
        found
    }
}

/// The stream that a value of compartments is drawn from: of a population, a shape, and a number of the value.
fn stream_of((population, shape): (usize, usize), value: usize) -> (u32, u64) {
    (COMPARTMENT_STREAMS | population as u32, ((shape as u64) << 16) + value as u64)
}

fn resistivity_dimension() -> Dimension {
    Dimension::RESISTANCE.multiply(Dimension::LENGTH)
}
