//! What one cell is made of: its tree, what is constant in its membrane, and the mechanisms that are painted on it.

use crate::calcium;
use crate::layer::{Dynamic, Painted};
use crate::mechanism::{Calcium, MechanismEntry, PaintError, PaintRequest, Place};
use crate::real::Precision;
use crate::solver::{Membrane, Method};
use crate::tree::CableTree;
use neuropil_neurons::Assigned;
use neuropil_units::{Kelvin, MicrofaradsPerSquareCentimeter, Millimolar, Milliseconds, Millivolts, SquareMicrometers};

/// Why a cell cannot be made.
#[derive(thiserror::Error, Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CellError {
    /// A mechanism does not take its parameters.
    #[error("`{mechanism}`: {error}")]
    Mechanism {
        /// Its name.
        mechanism: String,
        /// Why.
        error: PaintError,
    },
    /// A number that describes the cell is not what it must be.
    #[error("{what} of {part} is {found}; expected {expected}")]
    Value {
        /// What it is of.
        part: String,
        /// The number.
        what: &'static str,
        /// Its value.
        found: String,
        /// What it should have been.
        expected: &'static str,
    },
    /// Two pools of calcium in one compartment.
    #[error("`{mechanism}`: a compartment has a pool of calcium already; it can have only one")]
    SecondPool {
        /// The second.
        mechanism: String,
    },
    /// The tree has no node.
    #[error("the cell has no compartment")]
    Empty,
}

/// One kind of cell: cells of one plan have the same tree and the same membrane.
pub struct CellPlan {
    /// The tree.
    pub tree: CableTree,
    /// What is constant in the membrane, by node.
    pub(crate) membrane: Vec<Membrane>,
    /// Potential at the start, by node, mV.
    pub(crate) initial: Vec<f64>,
    /// Calcium inside at the start, by node, mM.
    calcium: Vec<f64>,
    pub(crate) paintings: Vec<Painting>,
    /// Length of a step, ms.
    pub(crate) time_step: f64,
    pub(crate) method: Method,
    pub(crate) precision: Precision,
    pub(crate) temperature: Kelvin,
    /// The compartment whose potential makes spikes.
    pub(crate) detector: u32,
    /// Potential at which it does, mV.
    pub(crate) threshold: f64,
    /// Where currents can be injected beside the detector, from place 1 on.
    pub(crate) electrodes: Vec<u32>,
    /// Nanoseconds that one cell takes for one step, roughly.
    pub(crate) step_ns: f64,
}

/// A mechanism on some nodes.
pub(crate) struct Painting {
    pub(crate) entry: MechanismEntry,
    pub(crate) receptor: Option<String>,
    pub(crate) nodes: Vec<u32>,
    parameters: Vec<(String, Assigned)>,
    pub(crate) painted: Box<dyn Dynamic>,
}

impl Painting {
    /// The reversal potential that it was painted with, mV, if it has a parameter of this name: one for all nodes or one a node.
    pub(crate) fn reversal_potential(&self) -> Option<Assigned> {
        let name = "reversal_potential";
        let default =
            self.entry.parameters.iter().find(|parameter| parameter.name == name).map(|parameter| Assigned::Shared(parameter.default));
        self.parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone()).or(default)
    }
}

impl CellPlan {
    /// A cell without any conductance in its membrane, all of it at one potential, with 1 µF/cm².
    ///
    /// # Errors
    /// A tree without nodes; an area or conductance that is not finite, or not above 0.
    pub fn new(
        tree: CableTree,
        time_step: Milliseconds,
        method: Method,
        temperature: Kelvin,
        potential: Millivolts,
    ) -> Result<Self, CellError> {
        if tree.is_empty() {
            return Err(CellError::Empty);
        }
        for node in 0..tree.len() {
            let refuse = |what, found: f64| CellError::Value {
                part: format!("node {node} of the cell"),
                what,
                found: found.to_string(),
                expected: "a number above 0",
            };
            let (area, axial) = (tree.area[node], tree.axial[node]);
            if !(area.is_finite() && area >= 0.0) {
                return Err(refuse("the area", area));
            }
            if node > 0 && !(axial.is_finite() && axial > 0.0) {
                return Err(refuse("the axial conductance", axial));
            }
        }
        let nodes = tree.len();
        Ok(Self {
            tree,
            membrane: vec![Membrane { capacitance: 1.0, leak: 0.0, reversal: 0.0, passive: true, injected: false }; nodes],
            initial: vec![potential.0; nodes],
            calcium: vec![calcium::INSIDE.0; nodes],
            paintings: Vec::new(),
            time_step: time_step.0,
            method,
            precision: Precision::Double,
            temperature,
            detector: 0,
            threshold: 0.0,
            electrodes: Vec::new(),
            // The solver's share, measured for passive nodes; mechanisms add theirs.
            step_ns: 0.4 * nodes as f64,
        })
    }

    /// Sets the capacitance of some nodes.
    ///
    /// # Errors
    /// It is not above 0.
    pub fn set_capacitance(&mut self, nodes: &[u32], capacitance: MicrofaradsPerSquareCentimeter) -> Result<(), CellError> {
        if !(capacitance.0.is_finite() && capacitance.0 > 0.0) {
            return Err(CellError::Value {
                part: "the membrane".into(),
                what: "the capacitance",
                found: capacitance.to_string(),
                expected: "more than 0 µF/cm²",
            });
        }
        for node in nodes {
            self.membrane[*node as usize].capacitance = capacitance.0;
        }
        Ok(())
    }

    /// Sets where and at what potential the cell's spikes are seen: the potential of a compartment rises through the threshold.
    pub fn set_detector(&mut self, node: u32, threshold: Millivolts) {
        (self.detector, self.threshold) = (node, threshold.0);
        self.membrane[node as usize].injected = true;
    }

    /// Sets the precision of the cell's numbers, which is double at first. Call it before mechanisms are painted; all cells of a population have the same.
    pub fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
    }

    /// Sets the potential of some nodes at the start. Call it before mechanisms are painted, whose gates start from it.
    pub fn set_potential(&mut self, nodes: &[u32], potential: Millivolts) {
        nodes.iter().for_each(|node| self.initial[*node as usize] = potential.0);
    }

    /// Paints a mechanism on some nodes that have a membrane; parameters are those that differ from its defaults, one for all or one a node. A receptor
    /// has a name, by which projections find it.
    ///
    /// # Errors
    /// The mechanism does not take these parameters.
    pub fn paint(
        &mut self,
        entry: &MechanismEntry,
        receptor: Option<&str>,
        nodes: &[u32],
        parameters: &[(String, Assigned)],
    ) -> Result<(), CellError> {
        let pools = self.paintings.iter().filter(|painting| painting.entry.calcium == Calcium::Pool);
        if entry.calcium == Calcium::Pool && pools.flat_map(|pool| &pool.nodes).any(|node| nodes.contains(node)) {
            return Err(CellError::SecondPool { mechanism: entry.name.to_string() });
        }
        match self.painted(entry, nodes, parameters)? {
            Painted::Constant(conductances) => {
                for (node, (conductance, reversal)) in nodes.iter().zip(conductances) {
                    // Two leaks in one place are one, whose reversal potential is their mean by conductance.
                    let membrane = &mut self.membrane[*node as usize];
                    let sum = membrane.leak + conductance;
                    if sum > 0.0 {
                        membrane.reversal = (membrane.leak * membrane.reversal + conductance * reversal) / sum;
                    }
                    membrane.leak = sum;
                }
            }
            Painted::Dynamic(painted) => {
                nodes.iter().for_each(|node| self.membrane[*node as usize].passive = false);
                // A node that is not passive must be divided by.
                self.step_ns += (entry.step_ns + 0.8) * nodes.len() as f64;
                self.paintings.push(Painting {
                    entry: entry.clone(),
                    receptor: receptor.map(str::to_string),
                    nodes: nodes.to_vec(),
                    parameters: parameters.to_vec(),
                    painted,
                });
                if entry.calcium == Calcium::Pool {
                    self.start_from_pool()?;
                }
            }
        }
        Ok(())
    }

    /// Makes a compartment a place that currents can be injected into, and gives the number of the place, by which stimuli name it: 0 is the detector.
    pub fn add_electrode(&mut self, node: u32) -> u32 {
        self.electrodes.push(node);
        self.membrane[node as usize].injected = true;
        self.electrodes.len() as u32
    }

    fn painted(&self, entry: &MechanismEntry, nodes: &[u32], parameters: &[(String, Assigned)]) -> Result<Painted, CellError> {
        let places: Vec<Place> = nodes
            .iter()
            .map(|node| Place {
                time_step: Milliseconds(self.time_step),
                precision: self.precision,
                temperature: self.temperature,
                area: SquareMicrometers(self.tree.area[*node as usize]),
                potential: Millivolts(self.initial[*node as usize]),
                calcium: Millimolar(self.calcium[*node as usize]),
            })
            .collect();
        let painted = entry.paint(&PaintRequest { parameters, places: &places });
        painted.map_err(|error| CellError::Mechanism { mechanism: entry.name.to_string(), error })
    }

    /// Lets what uses calcium start from that of the last painting, a pool.
    fn start_from_pool(&mut self) -> Result<(), CellError> {
        let Some(pool) = self.paintings.last() else { return Ok(()) };
        for (node, calcium) in pool.nodes.iter().zip(pool.painted.calcium()) {
            self.calcium[*node as usize] = *calcium;
        }
        for k in 0..self.paintings.len() {
            let Painting { entry, nodes, parameters, .. } = &self.paintings[k];
            if entry.calcium == Calcium::Used
                && let Painted::Dynamic(painted) = self.painted(entry, nodes, parameters)?
            {
                self.paintings[k].painted = painted;
            }
        }
        Ok(())
    }

    /// The mechanisms that were painted, constant conductances left out, in the order in which [`FindInstances`](crate::FindInstances) counts them.
    pub fn mechanisms(&self) -> impl Iterator<Item = &MechanismEntry> {
        self.paintings.iter().map(|painting| &painting.entry)
    }

    /// Whether any mechanism uses calcium.
    pub(crate) fn uses_calcium(&self) -> bool {
        self.paintings.iter().any(|painting| painting.entry.calcium != Calcium::Unused)
    }

    /// Capacitance of the compartment where spikes are seen, pF.
    pub(crate) fn detector_capacitance(&self) -> f64 {
        let node = self.detector as usize;
        // 1 µF/cm² is 0.01 pF/µm².
        0.01 * self.membrane[node].capacitance * self.tree.area[node]
    }

    /// All nodes that have a membrane.
    pub fn compartments(&self) -> Vec<u32> {
        (0..self.tree.len() as u32).filter(|node| self.tree.area[*node as usize] > 0.0).collect()
    }
}
