//! Cells with dendrites as an experiment describes them: a shape cut into compartments, and what is known of each for selectors.

use std::sync::Arc;

use neuropil_dendrites::{
    MechanismEntry, Precision,
    solver::Method,
    tree::{Attachment, CableTree, Cut, CutSection},
};
use neuropil_morphology::{Kind, Sections};
use neuropil_units::{ColumnValues, Dimension, Table, TableColumn};

use crate::{
    catalogue::{Catalogue, ModelDescription, VariableDescription},
    drawing::Origin,
    plan::ParameterPlan,
    source::Place,
};

/// The cells of a population: one kind, or several that differ in shape and have the same mechanisms.
#[derive(Clone, Debug)]
pub struct CellsPlan {
    /// Kinds of cells, at least one; cells take turns, see [`kind_of`](Self::kind_of).
    pub kinds: Vec<CellKind>,
    /// What projections, inputs and recorders see of a cell.
    pub description: Arc<ModelDescription>,
    /// Temperature, K.
    pub temperature_kelvin: f64,
    /// How a step is taken.
    pub method: Method,
    /// Precision of potentials and state.
    pub precision: Precision,
    /// The potential at which a cell spikes, mV.
    pub threshold_mv: f64,
}

impl CellsPlan {
    /// What can be recorded of its channels and receptors, each as the mechanism's place in the cell, `name.variable`, and the variable.
    pub(crate) fn variables(&self, catalogue: &dyn Catalogue) -> Vec<(usize, String, VariableDescription)> {
        let mechanisms = self.kinds.first().map_or(&[][..], |kind| &kind.mechanisms);
        let named = mechanisms.iter().enumerate().flat_map(|(number, mechanism)| {
            let own = mechanism.variables(catalogue).into_iter();
            own.map(move |variable| (number, format!("{}.{}", mechanism.name, variable.name), variable))
        });
        named.collect()
    }

    /// The number of a cell's kind.
    pub fn kind_of(&self, cell: usize) -> usize {
        cell % self.kinds.len().max(1)
    }
}

/// Cells of one shape.
#[derive(Clone, Debug)]
pub struct CellKind {
    /// Their shape, cut into compartments.
    pub shape: Arc<CellShape>,
    /// Capacitance of the membrane by compartment, pF/µm².
    pub capacitance: Vec<f64>,
    /// Potential at the start by compartment, mV.
    pub potential: Vec<f64>,
    /// Channels and receptors, in the order of the file.
    pub mechanisms: Vec<MechanismPlan>,
    /// The compartment whose potential makes spikes.
    pub detector: u32,
    /// Where currents are injected beside the detector, from place 1 on.
    pub electrodes: Vec<u32>,
}

/// A channel or receptor on some compartments.
#[derive(Clone, Debug)]
pub struct MechanismPlan {
    /// Its entry's name; that of a receptor is what projections call it.
    pub name: String,
    /// The mechanism's name, known to the catalogue; `Declared` for one that the experiment declares.
    pub mechanism: String,
    /// Whether spikes arrive at it.
    pub receives: bool,
    /// Its compartments, ascending.
    pub compartments: Vec<u32>,
    /// The parameters that are given; one for all compartments, or one each.
    pub parameters: Vec<ParameterPlan>,
    /// The channel itself, if the experiment declares it.
    pub declared: Option<Arc<MechanismEntry>>,
    /// Where it is written.
    pub place: Place,
}

impl MechanismPlan {
    /// What reports of charge call it: a receptor by its name, a channel by that of its mechanism.
    pub(crate) fn reported(&self) -> &str {
        if self.receives { &self.name } else { &self.mechanism }
    }

    /// What can be recorded of it in a compartment.
    pub(crate) fn variables(&self, catalogue: &dyn Catalogue) -> Vec<VariableDescription> {
        match &self.declared {
            Some(entry) => entry
                .variables()
                .into_iter()
                .map(|own| VariableDescription { name: own.name, unit: own.description.unit, dimension: own.description.dimension })
                .collect(),
            None => catalogue.mechanism(&self.mechanism).map_or_else(Vec::new, |known| known.state.clone()),
        }
    }

    /// Entities that it has in one cell.
    pub fn entities(&self) -> usize {
        self.compartments.len() * self.declared.as_ref().map_or(1, |entry| entry.entities())
    }
}

/// A shape cut into compartments: the tree for the solver, and a table of compartments for selectors.
#[derive(Clone, Debug)]
pub struct CellShape {
    /// The tree.
    pub tree: CableTree,
    /// By compartment: its node in the tree.
    pub nodes: Vec<u32>,
    kinds: Vec<u32>,
    kind_names: Vec<Arc<str>>,
    section: Vec<f64>,
    fraction: Vec<f64>,
    branch_order: Vec<f64>,
    path_distance: Vec<f64>,
    diameter: Vec<f64>,
    length: Vec<f64>,
    area: Vec<f64>,
    positions: [Vec<f64>; 3],
    /// What it was made from, for pictures.
    pub(crate) origin: Origin,
}

/// Sections as a table, over which the number of compartments is an expression.
pub(crate) struct SectionTable {
    kinds: Vec<u32>,
    kind_names: Vec<Arc<str>>,
    section: Vec<f64>,
    branch_order: Vec<f64>,
    length: Vec<f64>,
    diameter: Vec<f64>,
}

/// Codes and distinct names, in the order in which they appear.
fn coded(kinds: impl Iterator<Item = Kind>) -> (Vec<u32>, Vec<Arc<str>>) {
    let (mut codes, mut names): (Vec<u32>, Vec<Arc<str>>) = (Vec::new(), Vec::new());
    for kind in kinds {
        let name = kind.name();
        let code = names.iter().position(|known| **known == *name).unwrap_or_else(|| {
            names.push(name.into());
            names.len() - 1
        });
        codes.push(code as u32);
    }
    (codes, names)
}

impl SectionTable {
    pub(crate) fn new(sections: &Sections) -> Self {
        let list = sections.list();
        let (kinds, kind_names) = coded(list.iter().map(|section| section.kind));
        let points = |number: usize| sections.points(number);
        Self {
            kinds,
            kind_names,
            section: (0..list.len()).map(|k| k as f64).collect(),
            branch_order: list.iter().map(|section| f64::from(section.order)).collect(),
            length: (0..list.len()).map(|k| points(k).length_um()).collect(),
            // That of a cylinder of the same length and area.
            diameter: (0..list.len()).map(|k| points(k).area_um2() / (std::f64::consts::PI * points(k).length_um())).collect(),
        }
    }
}

impl Table for SectionTable {
    fn rows(&self) -> u32 {
        self.section.len() as u32
    }

    fn column_names(&self) -> Vec<&str> {
        vec!["type", "section", "branch_order", "length", "diameter"]
    }

    fn column(&self, name: &str) -> Option<TableColumn<'_>> {
        let values = match name {
            "type" => ColumnValues::Texts(&self.kinds, &self.kind_names),
            "section" => ColumnValues::Numbers(&self.section, Dimension::NONE),
            "branch_order" => ColumnValues::Numbers(&self.branch_order, Dimension::NONE),
            "length" => ColumnValues::Numbers(&self.length, Dimension::LENGTH),
            "diameter" => ColumnValues::Numbers(&self.diameter, Dimension::LENGTH),
            _ => return None,
        };
        Some(TableColumn { values, rows: None })
    }
}

/// One compartment of a shape that is listed.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its name, which selectors see as its type.
    pub name: String,
    /// The part that it hangs on, one before it; none for the first.
    pub parent: Option<u32>,
    /// Length, µm.
    pub length_um: f64,
    /// Diameter, µm.
    pub diameter_um: f64,
    /// Area of its membrane, µm², if not that of the cylinder.
    pub area_um2: Option<f64>,
    /// Conductance to the part that it hangs on, nS, if not that of two half cylinders.
    pub coupling_ns: Option<f64>,
}

impl Part {
    /// Axial resistance of one half, MΩ, for a resistivity in Ω cm.
    fn half_resistance_mohm(&self, resistivity: f64) -> f64 {
        4e-2 * resistivity * (self.length_um / 2.0) / (std::f64::consts::PI * self.diameter_um * self.diameter_um)
    }
}

impl CellShape {
    /// Compartments that are listed, at least one; axial resistivity in Ω cm.
    pub fn listed(parts: &[Part], axial_resistivity_ohm_cm: f64) -> Self {
        let mut names: Vec<Arc<str>> = Vec::new();
        let mut code = |name: &str| {
            names.iter().position(|known| **known == *name).unwrap_or_else(|| {
                names.push(name.into());
                names.len() - 1
            }) as u32
        };
        let kinds = parts.iter().map(|part| code(&part.name)).collect();
        let half = |part: &Part| part.half_resistance_mohm(axial_resistivity_ohm_cm);
        let (mut cut, mut order, mut distance): (Vec<CutSection>, Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            let parent = part.parent.and_then(|parent| Some((parent as usize, parts.get(parent as usize)?)));
            // From middle to middle.
            let resistance = match (parent, part.coupling_ns) {
                (_, Some(coupling)) => 1e3 / coupling,
                (Some((_, parent)), None) => half(parent) + half(part),
                (None, None) => half(part),
            };
            let area = part.area_um2.unwrap_or(std::f64::consts::PI * part.diameter_um * part.length_um);
            let piece = Cut { area, resistance_before: resistance, resistance_after: half(part) };
            cut.push(CutSection { parent: parent.map(|(number, _)| (number, Attachment::Compartment(0))), cuts: vec![piece] });
            order.push(parent.and_then(|(number, _)| order.get(number)).map_or(0.0, |order| order + 1.0));
            let way = parent.and_then(|(number, parent)| Some(distance.get(number)? + (parent.length_um + part.length_um) / 2.0));
            distance.push(way.unwrap_or(0.0));
        }
        let tree = CableTree::new(&cut);
        let nodes = (0..parts.len()).filter_map(|number| tree.node(number, 0)).collect();
        Self {
            tree,
            nodes,
            kinds,
            kind_names: names,
            section: (0..parts.len()).map(|number| number as f64).collect(),
            fraction: vec![0.5; parts.len()],
            branch_order: order,
            positions: [vec![0.0; parts.len()], distance.clone(), vec![0.0; parts.len()]],
            path_distance: distance,
            diameter: parts.iter().map(|part| part.diameter_um).collect(),
            length: parts.iter().map(|part| part.length_um).collect(),
            area: cut.iter().map(|section| section.cuts.first().map_or(0.0, |cut| cut.area)).collect(),
            origin: Origin::Listed(parts.to_vec()),
        }
    }

    /// Cuts sections into so many compartments each, at least one; axial resistivity in Ω cm.
    pub fn new(sections: Sections, compartments: &[usize], axial_resistivity_ohm_cm: f64) -> Self {
        let sections = Arc::new(sections);
        let list = sections.list();
        let (section_kinds, kind_names) = coded(list.iter().map(|section| section.kind));
        let mut cut_sections = Vec::with_capacity(list.len());
        let mut shape = Self {
            tree: CableTree::default(),
            nodes: Vec::new(),
            kinds: Vec::new(),
            kind_names,
            section: Vec::new(),
            fraction: Vec::new(),
            branch_order: Vec::new(),
            path_distance: Vec::new(),
            diameter: Vec::new(),
            length: Vec::new(),
            area: Vec::new(),
            positions: Default::default(),
            origin: Origin::Traced { sections: Arc::clone(&sections), counts: compartments.to_vec() },
        };
        for (number, section) in list.iter().enumerate() {
            let count = compartments.get(number).copied().unwrap_or(1).max(1);
            let cut = sections.compartments(number, count);
            let length = sections.points(number).length_um() / count as f64;
            let parent = section.parent.map(|at| {
                let parent = at.section as usize;
                let of_parent = compartments.get(parent).copied().unwrap_or(1).max(1);
                let place = match at.at {
                    at if at <= 0.0 => Attachment::Start,
                    at if at >= 1.0 => Attachment::End,
                    at => Attachment::Compartment(((at * of_parent as f64) as usize).min(of_parent - 1)),
                };
                (parent, place)
            });
            for (k, compartment) in cut.iter().enumerate() {
                shape.kinds.push(section_kinds[number]);
                shape.section.push(number as f64);
                shape.fraction.push((k as f64 + 0.5) / count as f64);
                shape.branch_order.push(f64::from(section.order));
                shape.path_distance.push(compartment.distance_um);
                shape.diameter.push(compartment.mean_diameter_um);
                shape.length.push(length);
                shape.area.push(compartment.area_um2);
                for (axis, value) in shape.positions.iter_mut().zip(compartment.position_um) {
                    axis.push(value);
                }
            }
            let cuts = cut.iter().map(|compartment| {
                let [before, after] = compartment.axial_resistances_mohm(axial_resistivity_ohm_cm);
                Cut { area: compartment.area_um2, resistance_before: before, resistance_after: after }
            });
            cut_sections.push(CutSection { parent, cuts: cuts.collect() });
        }
        shape.tree = CableTree::new(&cut_sections);
        for (number, section) in cut_sections.iter().enumerate() {
            shape.nodes.extend((0..section.cuts.len()).filter_map(|k| shape.tree.node(number, k)));
        }
        shape
    }

    /// What pictures call a compartment: the soma, or by its type or its name.
    pub(crate) fn called(&self, compartment: u32) -> String {
        let name = self.kinds.get(compartment as usize).and_then(|kind| self.kind_names.get(*kind as usize));
        name.map_or_else(String::new, |name| if &**name == "soma" { "the soma".to_owned() } else { format!("`{name}`") })
    }

    /// Number of compartments.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no compartment.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Lengths of some compartments, µm.
    pub(crate) fn lengths(&self, compartments: &[u32]) -> Vec<f64> {
        compartments.iter().map(|k| self.length.get(*k as usize).copied().unwrap_or(0.0)).collect()
    }

    /// Of some compartments the one that is nearest to the soma.
    pub(crate) fn nearest(&self, compartments: &[u32]) -> Option<u32> {
        let distance = |k: &u32| self.path_distance.get(*k as usize).copied().unwrap_or(f64::INFINITY);
        compartments.iter().copied().min_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)))
    }
}

impl Table for CellShape {
    fn rows(&self) -> u32 {
        self.len() as u32
    }

    fn column_names(&self) -> Vec<&str> {
        vec!["type", "section", "fraction", "branch_order", "path_distance", "diameter", "length", "area", "x", "y", "z"]
    }

    fn column(&self, name: &str) -> Option<TableColumn<'_>> {
        let number = |values, dimension| ColumnValues::Numbers(values, dimension);
        let values = match name {
            "type" => ColumnValues::Texts(&self.kinds, &self.kind_names),
            "section" => number(&self.section, Dimension::NONE),
            "fraction" => number(&self.fraction, Dimension::NONE),
            "branch_order" => number(&self.branch_order, Dimension::NONE),
            "path_distance" => number(&self.path_distance, Dimension::LENGTH),
            "diameter" => number(&self.diameter, Dimension::LENGTH),
            "length" => number(&self.length, Dimension::LENGTH),
            "area" => number(&self.area, Dimension::AREA),
            "x" => number(&self.positions[0], Dimension::LENGTH),
            "y" => number(&self.positions[1], Dimension::LENGTH),
            "z" => number(&self.positions[2], Dimension::LENGTH),
            _ => return None,
        };
        Some(TableColumn { values, rows: None })
    }
}
