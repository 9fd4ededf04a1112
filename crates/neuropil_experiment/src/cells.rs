//! Cells with dendrites as an experiment describes them: a shape cut into compartments, and what is known of each for selectors.

use std::sync::Arc;

use neuropil_dendrites::{
    MechanismEntry,
    solver::Method,
    tree::{Attachment, CableTree, Cut, CutSection},
};
use neuropil_morphology::{Kind, Sections};
use neuropil_units::{ColumnValues, Dimension, Table, TableColumn};

use crate::{catalogue::ModelDescription, plan::ParameterPlan, source::Place};

/// The cells of a population, all of one kind.
#[derive(Clone, Debug)]
pub struct CellsPlan {
    /// Their shape, cut into compartments.
    pub shape: Arc<CellShape>,
    /// What projections, inputs and recorders see of a cell.
    pub description: Arc<ModelDescription>,
    /// Capacitance of the membrane by compartment, pF/µm².
    pub capacitance: Vec<f64>,
    /// Potential at the start by compartment, mV.
    pub potential: Vec<f64>,
    /// Channels and receptors, in the order of the file.
    pub mechanisms: Vec<MechanismPlan>,
    /// Temperature, K.
    pub temperature_kelvin: f64,
    /// How a step is taken.
    pub method: Method,
    /// The compartment whose potential makes spikes.
    pub detector: u32,
    /// The potential at which it does, mV.
    pub threshold_mv: f64,
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

impl CellShape {
    /// Cuts sections into so many compartments each, at least one; axial resistivity in Ω cm.
    pub fn new(sections: &Sections, compartments: &[usize], axial_resistivity_ohm_cm: f64) -> Self {
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

    /// Number of compartments.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no compartment.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
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
