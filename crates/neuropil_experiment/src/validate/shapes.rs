//! Shapes of cells: from files, made, grown, several that cells take in turns, and how they are cut.

use neuropil_morphology::sections::d_lambda_compartments;
use neuropil_morphology::{Kind, Morphology, ReadOptions, Rules, Sections, read_morphology, synthetic};
use neuropil_units::{Dimension, Table, Value};

use crate::{
    cells::{CellShape, Part, SectionTable},
    contents::FileRead,
    document::{
        node::{Node, Shape},
        reader::Fields,
    },
    error::{ExperimentError, NameKind, shown},
    plan::Assigned,
    validate::{Validator, cells::COMPARTMENT_STREAMS},
};

const SHAPES: [&str; 7] = ["Cylinder", "Ball", "BallAndStick", "RallTree", "Grown", "Reduced", "Chosen"];
/// Compartments of all shapes of a population together.
const MOST_COMPARTMENTS: f64 = 1e7;
/// Shapes that a population may have.
const MOST_SHAPES: u64 = 100_000;
/// Samples of all grown shapes together.
const MOST_SAMPLES: f64 = 2e7;
/// Lists and choices inside one another.
const DEEPEST: usize = 4;

impl<'t> Validator<'t> {
    /// The shapes that the cells of a population take in turns, at least one.
    pub(super) fn morphologies(&mut self, node: Node<'t>, path: &str) -> Option<Vec<Form>> {
        let mut all = Vec::new();
        self.add_morphologies(node, path, DEEPEST, &mut all)?;
        if all.is_empty() {
            self.reader.report(node.wrong_form("at least one shape"));
            return None;
        }
        Some(all)
    }

    fn add_morphologies(&mut self, node: Node<'t>, path: &str, levels: usize, all: &mut Vec<Form>) -> Option<()> {
        let Some(below) = levels.checked_sub(1) else {
            self.reader.report(node.wrong_form(format!("at most {DEEPEST} lists and choices inside one another")));
            return None;
        };
        if node.shape() == Shape::List {
            let mut complete = Some(());
            for (number, node) in self.reader.accept(node.list())?.into_iter().enumerate() {
                complete = complete.and(self.add_morphologies(node, &format!("{path}[{number}]"), below, all));
            }
            return complete;
        }
        if node.string().is_ok() {
            all.push(Form::Traced(self.morphology_file(node)?));
            return Some(());
        }
        let (name, name_node, constructor) = self.reader.constructor(node, "the name of a file, or a shape such as BallAndStick()")?;
        let known: &[&str] = match name {
            "Cylinder" => &["length", "diameter"],
            "Ball" => &["radius"],
            "BallAndStick" => &["soma_radius", "length", "diameter"],
            "RallTree" => &["levels", "length", "diameter"],
            "Grown" => &GROWN,
            "Reduced" => &["compartments"],
            "Chosen" => &["by", "options"],
            _ => {
                self.reader.unknown(name_node.place(), NameKind::Choice, name, SHAPES);
                return None;
            }
        };
        let fields = self.reader.fields(name_node.place(), constructor, format!("`{name}`"), path, known);
        match name {
            "Grown" => self.grown(&fields, name_node, all),
            "Reduced" => {
                let node = fields.require(
                    &mut self.reader,
                    "compartments",
                    "compartments: {\"soma\": (length: \"25 um\", diameter: \"25 um\")}",
                )?;
                all.push(Form::Listed(self.parts(node, &fields.path("compartments"))?));
                Some(())
            }
            "Chosen" => self.chosen_morphologies(&fields, below, all),
            _ => {
                all.push(Form::Traced(self.simple_shape(name, &fields, name_node, known)?));
                Some(())
            }
        }
    }

    /// A ball, a stick, or Rall's tree.
    fn simple_shape(&mut self, name: &str, fields: &Fields<'t>, name_node: Node<'t>, known: &[&str]) -> Option<Morphology> {
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
        self.made(made, name_node)
    }

    fn made(&mut self, made: Result<Morphology, neuropil_morphology::MorphologyError>, node: Node<'t>) -> Option<Morphology> {
        match made {
            Ok(morphology) => Some(morphology),
            Err(error) => {
                self.reader.report(ExperimentError::Refused { at: node.place(), message: error.to_string() });
                None
            }
        }
    }

    /// Trees grown at random to given numbers, one for each seed.
    fn grown(&mut self, fields: &Fields<'t>, node: Node<'t>, all: &mut Vec<Form>) -> Option<()> {
        let mut growth = synthetic::Growth::default();
        let mut count = |name: &str, bounds: (u64, u64), default: u64| match fields.get(name) {
            Some(node) => self.reader.integer(node, &self.scope, bounds, &fields.path(name)),
            None => Some(default),
        };
        let number = count("number", (1, MOST_SHAPES), 1)?;
        let seed = count("seed", (0, u64::MAX), 1)?;
        growth.stems = count("stems", (1, 10_000), u64::from(growth.stems))? as u32;
        growth.sections = count("sections", (1, 20_000), u64::from(growth.sections))? as u32;
        let lengths = [
            ("soma_radius", &mut growth.soma_radius_um),
            ("length", &mut growth.length_um),
            ("stem_diameter", &mut growth.stem_diameter_um),
            ("least_diameter", &mut growth.least_diameter_um),
        ];
        for (name, value) in lengths {
            if let Some(node) = fields.get(name) {
                *value = self.reader.quantity(node, &self.scope, Dimension::LENGTH, &fields.path(name))?;
            }
        }
        let numbers = [
            ("taper", &mut growth.taper),
            ("fork_exponent", &mut growth.fork_exponent),
            ("order_selection", &mut growth.order_selection),
            ("wander", &mut growth.wander),
        ];
        for (name, value) in numbers {
            if let Some(node) = fields.get(name) {
                *value = self.reader.quantity(node, &self.scope, Dimension::NONE, &fields.path(name))?;
            }
        }
        if let Some(node) = fields.get("kind") {
            let kinds = [Kind::BASAL, Kind::APICAL, Kind::AXON];
            let name = self.reader.text(node, "a kind such as \"basal\"")?;
            let Some(kind) = kinds.into_iter().find(|kind| kind.name() == name) else {
                let names = kinds.map(Kind::name);
                self.reader.unknown(node.place(), NameKind::Choice, &name, names.iter().map(String::as_str));
                return None;
            };
            growth.kind = kind;
        }
        let samples = number as f64 * (growth.length_um / growth.step_um + 3.0 * f64::from(growth.sections));
        if samples > MOST_SAMPLES {
            let at = fields.get("number").unwrap_or(node).place();
            let (found, expected) = (format!("{samples:.0} samples in all shapes"), format!("at most {MOST_SAMPLES}"));
            self.reader.report(ExperimentError::OutOfRange { at, what: fields.path("number"), found, expected });
            return None;
        }
        for k in 0..number {
            let grown = growth.grow(seed.wrapping_add(k));
            all.push(Form::Traced(self.made(grown, node)?));
        }
        Some(())
    }

    /// The shapes of the option that a text names; the other options are read too, so that an error in them shows before someone chooses them.
    fn chosen_morphologies(&mut self, fields: &Fields<'t>, levels: usize, all: &mut Vec<Form>) -> Option<()> {
        let by = fields.require(&mut self.reader, "by", "by: \"morphology\", the name of a parameter");
        let options = fields.require(&mut self.reader, "options", "options: {\"same\": \"cell.swc\", \"different\": Grown(number: 64)}");
        let (by, options) = (by?, options?);
        let chosen = match self.reader.value(by, &self.scope, &fields.path("by"))? {
            Value::Text(text) => text,
            _ => {
                self.reader.report(by.wrong_form("a text: the name of an option"));
                return None;
            }
        };
        let path = fields.path("options");
        let options = self.reader.entries_as_written(options, &path, "option");
        if !options.iter().any(|option| option.name == chosen) {
            self.reader.unknown(by.place(), NameKind::Option, &chosen, options.iter().map(|option| option.name.as_str()));
            return None;
        }
        let mut complete = Some(());
        for option in &options {
            let mut read = Vec::new();
            complete = complete.and(self.add_morphologies(option.value, &option.path, levels, &mut read));
            if option.name == chosen {
                all.append(&mut read);
            }
        }
        complete
    }

    /// A shape from a file, which is named, or is the value of a parameter that is named.
    fn morphology_file(&mut self, node: Node<'t>) -> Option<Morphology> {
        let written = self.reader.text(node, "the name of a morphology, such as \"cell.swc\"")?;
        let (name, typed) = match self.scope.get(&written) {
            // What is typed is relative to where it is typed.
            Some(Value::Text(text)) => (text.clone(), self.reader.flag(&written).is_some()),
            _ => (written.clone(), node.source().is_flag()),
        };
        if name == written && self.reader.has_failed(&written) {
            return None;
        }
        let path = if typed { name.clone().into() } else { self.folder.join(&name) };
        match read_morphology(&path, &ReadOptions::default()) {
            Ok(read) => {
                if let Ok(bytes) = std::fs::read(&path) {
                    let file = FileRead::of_bytes(&name, &path, &bytes);
                    if !self.tables.contains(&file) {
                        self.tables.push(file);
                    }
                }
                for remark in read.remarks.iter().filter(|remark| remark.what.is_repair()).map(|remark| format!("{name}:{remark}")) {
                    if !self.warnings.contains(&remark) {
                        self.warnings.push(remark);
                    }
                }
                Some(read.morphology)
            }
            Err(_) if !path.exists() => {
                let relative = if typed { "the present folder" } else { "the experiment's folder" };
                let message = format!("{}: there is no such file; paths are relative to {relative}", shown(&name));
                self.reader.report(ExperimentError::Refused { at: node.place(), message });
                None
            }
            Err(error) => {
                self.reader.report(ExperimentError::Refused { at: node.place(), message: error.to_string() });
                None
            }
        }
    }

    /// Cylinders in the place of the axon, in series.
    fn with_axon(&mut self, sections: Sections, node: Node<'t>, path: &str) -> Option<Sections> {
        let fields = self.reader.structure(node, "`replace_axon`".to_owned(), path, "", &["sections", "length", "diameter"])?;
        let number = match fields.get("sections") {
            Some(node) => self.reader.integer(node, &self.scope, (1, 10_000), &fields.path("sections"))?,
            None => 1,
        };
        let mut size = |name: &str, example: &str| {
            let node = fields.require(&mut self.reader, name, &format!("{name}: \"{example}\""))?;
            self.reader.quantity(node, &self.scope, Dimension::LENGTH, &fields.path(name))
        };
        let (length, diameter) = (size("length", "30 um"), size("diameter", "1 um"));
        match sections.with_axon(usize::try_from(number).ok()?, length?, diameter?) {
            Ok(sections) => Some(sections),
            Err(error) => {
                self.reader.report(ExperimentError::Refused { at: node.place(), message: error.to_string() });
                None
            }
        }
    }

    /// Compartments that are listed with what they hang on.
    fn parts(&mut self, node: Node<'t>, path: &str) -> Option<Vec<Part>> {
        let mut parts: Vec<Part> = Vec::new();
        for entry in self.reader.entries(node, path, "compartment") {
            let owner = format!("the compartment `{}`", shown(&entry.name));
            let fields = self.reader.structure(entry.value, owner, &entry.path, "", &["on", "length", "diameter", "area", "coupling"])?;
            let mut positive = |name: &str, dimension: Dimension| -> Option<Option<f64>> {
                let Some(node) = fields.get(name) else { return Some(None) };
                let value = self.reader.quantity(node, &self.scope, dimension, &fields.path(name))?;
                if value > 0.0 {
                    return Some(Some(value));
                }
                let (found, expected) = (format!("{value}"), "it is more than 0".to_owned());
                self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: fields.path(name), found, expected });
                None
            };
            let (length_um, diameter_um) = (positive("length", Dimension::LENGTH)?, positive("diameter", Dimension::LENGTH)?);
            let (area_um2, coupling_ns) = (positive("area", Dimension::AREA)?, positive("coupling", Dimension::CONDUCTANCE)?);
            fields.require(&mut self.reader, "length", "length: \"100 um\"")?;
            fields.require(&mut self.reader, "diameter", "diameter: \"1 um\"")?;
            let parent = match fields.get("on") {
                Some(node) => {
                    let name = self.reader.text(node, "the name of a compartment before this one")?;
                    let Some(parent) = parts.iter().position(|part| part.name == name) else {
                        let known: Vec<String> = parts.iter().map(|part| part.name.clone()).collect();
                        self.reader.unknown(node.place(), NameKind::Choice, &name, known.iter().map(String::as_str));
                        return None;
                    };
                    Some(parent as u32)
                }
                None => None,
            };
            let place = if parts.is_empty() { fields.get("on").or(fields.get("coupling")) } else { None };
            if parent.is_none() != parts.is_empty() || place.is_some() {
                let at = place.map_or_else(|| fields.head.clone(), |node| node.place());
                let message = "the first compartment is on none, and each other one is `on` one before it".to_owned();
                self.reader.report(ExperimentError::Conflict { at, message });
                return None;
            }
            let (length_um, diameter_um) = (length_um?, diameter_um?);
            parts.push(Part { name: entry.name.clone(), parent, length_um, diameter_um, area_um2, coupling_ns });
        }
        if parts.is_empty() {
            self.reader.report(node.wrong_form("at least one compartment"));
            return None;
        }
        Some(parts)
    }

    /// Makes compartments of a form; a traced one is cut, into a number for each section.
    pub(super) fn shape(&mut self, fields: &Fields<'t>, form: &Form, resistivity_ohm_cm: Option<f64>, all: &mut f64) -> Option<CellShape> {
        let (morphology, resistivity_ohm_cm) = match (form, resistivity_ohm_cm) {
            (Form::Listed(parts), resistivity) if resistivity.is_some() || parts.iter().skip(1).all(|part| part.coupling_ns.is_some()) => {
                let other = ["compartments", "replace_axon"].into_iter().find_map(|name| Some((name, fields.name_place(name)?)));
                if let Some((name, at)) = other {
                    let message = format!("`Reduced` lists its compartments; leave out `{name}` of the cell");
                    self.reader.report(ExperimentError::Conflict { at: at.clone(), message });
                    return None;
                }
                *all += parts.len() as f64;
                return Some(CellShape::listed(parts, resistivity.unwrap_or(1.0)));
            }
            (Form::Traced(morphology), Some(resistivity)) => (morphology, resistivity),
            _ => {
                fields.require(&mut self.reader, "axial_resistivity", "axial_resistivity: \"100 ohm cm\"");
                return None;
            }
        };
        let node = fields.require(&mut self.reader, "compartments", "compartments: \"1 + floor(length / (20 um))\", for each section")?;
        let path = fields.path("compartments");
        let sections = match Sections::of(morphology, Rules::Neuron) {
            Ok(sections) => sections,
            Err(error) => {
                self.reader.report(ExperimentError::Refused { at: node.place(), message: error.to_string() });
                return None;
            }
        };
        let sections = match fields.get("replace_axon") {
            Some(node) => self.with_axon(sections, node, &fields.path("replace_axon"))?,
            None => sections,
        };
        let counts = match node.shape() {
            Shape::Structure => self.by_length_constant(node, &path, fields, &sections, resistivity_ohm_cm)?,
            _ => self.by_expression(node, &path, &sections)?,
        };
        let total: f64 = counts.iter().map(|count| count.max(1.0).floor()).sum();
        *all += total;
        if counts.iter().any(|count| count.is_nan()) || *all > MOST_COMPARTMENTS {
            let found = if *all > total { format!("{all} compartments in all shapes") } else { format!("{total} compartments") };
            let expected = format!("a cell, and all shapes of a population together, have at most {MOST_COMPARTMENTS}");
            self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: path, found, expected });
            return None;
        }
        let counts: Vec<usize> = counts.iter().map(|count| count.max(1.0) as usize).collect();
        Some(CellShape::new(sections, &counts, resistivity_ohm_cm))
    }

    /// Numbers of compartments by an expression over sections.
    fn by_expression(&mut self, node: Node<'t>, path: &str, sections: &Sections) -> Option<Vec<f64>> {
        let table = SectionTable::new(sections);
        let written = self.reader.expression(node, path, "a number of compartments for each section, or DLambda()")?;
        let program = match written.expression().over(&self.scope, &table, Dimension::NONE) {
            Ok(program) => program,
            Err(error) => {
                self.reader.report(written.error(path, error));
                return None;
            }
        };
        let rows: Vec<u32> = (0..table.rows()).collect();
        self.row_values(&written, path, &program, &rows, (COMPARTMENT_STREAMS, 0))
    }

    /// Numbers of compartments by the rule of Hines and Carnevale: odd, and none longer than a part of the space constant at a frequency.
    fn by_length_constant(
        &mut self,
        node: Node<'t>,
        path: &str,
        fields: &Fields<'t>,
        sections: &Sections,
        resistivity_ohm_cm: f64,
    ) -> Option<Vec<f64>> {
        let expected = "a number of compartments for each section, or DLambda(fraction: 0.1, frequency: \"100 Hz\")";
        let (name, name_node, constructor) = self.reader.constructor(node, expected)?;
        if name != "DLambda" {
            self.reader.unknown(name_node.place(), NameKind::Choice, name, ["DLambda"]);
            return None;
        }
        let rule = self.reader.fields(name_node.place(), constructor, "`DLambda`".to_owned(), path, &["fraction", "frequency"]);
        let mut positive = |name: &str, dimension: Dimension, default: f64| -> Option<f64> {
            let Some(node) = rule.get(name) else { return Some(default) };
            let value = self.reader.quantity(node, &self.scope, dimension, &rule.path(name))?;
            if value > 0.0 {
                return Some(value);
            }
            let (found, expected) = (format!("{value}"), "it is more than 0".to_owned());
            self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: rule.path(name), found, expected });
            None
        };
        let (fraction, per_ms) = (positive("fraction", Dimension::NONE, 0.1)?, positive("frequency", Dimension::FREQUENCY, 0.1)?);
        // What the capacitance is where a section has one compartment.
        let whole = CellShape::new(sections.clone(), &[], resistivity_ohm_cm);
        let capacitance = match fields.get("capacitance") {
            Some(node) => {
                let dimension = Dimension::CAPACITANCE.divide(Dimension::AREA);
                self.by_compartment(node, &fields.path("capacitance"), &whole, None, dimension, (COMPARTMENT_STREAMS, 2))?
            }
            None => Assigned::Shared(0.01),
        };
        let of_section = |number: usize| match &capacitance {
            Assigned::Listed(values) => values.get(number).copied().unwrap_or(0.01),
            Assigned::Shared(value) => *value,
            Assigned::PerNeuron(_) | Assigned::Choice(_) => 0.01,
        };
        let count = |number: usize| {
            // 1 pF/µm² is 100 µF/cm²; 1/ms is 1 kHz.
            d_lambda_compartments(&sections.points(number), resistivity_ohm_cm, of_section(number) * 100.0, per_ms * 1000.0, fraction)
                as f64
        };
        Some((0..sections.list().len()).map(count).collect())
    }
}

/// What a shape is made from.
pub(super) enum Form {
    /// Samples, to be cut.
    Traced(Morphology),
    /// Compartments.
    Listed(Vec<Part>),
}

/// Fields of a grown shape.
const GROWN: [&str; 13] = [
    "number",
    "seed",
    "stems",
    "sections",
    "length",
    "soma_radius",
    "stem_diameter",
    "least_diameter",
    "taper",
    "fork_exponent",
    "order_selection",
    "wander",
    "kind",
];
