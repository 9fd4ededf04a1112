//! The trained cell built of compartments: a soma and a compartment a branch, AMPA, NMDA and GABA-A receptors, spikes in, potentials out.
//!
//! What is scaled how. A branch that couples to the soma by v < 0 is first turned over: as `v s(z) = v + |v| s(-z)`, it may as well have all its weights and
//! its threshold negated and couple by |v|; so every branch can excite the soma, as branches do. Its axial conductance to the soma is in proportion to |v|.
//! Positive weights are AMPA and NMDA receptors, negative ones GABA-A receptors on the same branch, in proportion to the weight and to the conductance
//! that the branch has without synapses, so that equal sums depolarise equally; interneurons are left out, axons of pixels open both kinds themselves. Every branch has a steady background of excitation that holds it where
//! NMDA receptors bend most, and one that stands for its threshold. Three numbers are common to all branches (gain, background, strength of inhibition);
//! they are found with mean conductances in place of spikes, on images that were learned from. So is the potential that decides.
//!
//! Receptors are those of Gidon et al. (2020), doi:10.1126/science.aax6239. The sizes of membranes are round numbers, chosen so that all branches together
//! depolarise the soma by some 15 mV and a branch hardly feels the others: a soma of 25 MΩ that stands for the rest of the cell, branches of some 1 nS.

use crate::digits::{Digit, PIXELS};
use neuropil::core::Registry;
use neuropil::core::random::{Purpose, bits};
use neuropil::dendrites::mechanisms::{AmpaNmdaReceptor, DoubleExponentialSynapse};
use neuropil::dendrites::solver::Method;
use neuropil::dendrites::tree::{Attachment, CableTree, Cut, CutSection};
use neuropil::dendrites::two_layer::TwoLayerPlan;
use neuropil::dendrites::{AddCells, CellPlan, CellsRequest, CompartmentPotential, Compartments, MechanismEntry};
use neuropil::prelude::*;
use neuropil::synapses::ExplicitSynapse;

/// Whatever stops a run.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Rest, mV.
const REST: f64 = -70.0;
/// Reversal potential of inhibition, mV.
const INHIBITION: f64 = -75.0;
/// Conductance of the soma and of all that hangs on it but the branches, nS, and its capacitance, pF.
const SOMA: (f64, f64) = (40.0, 200.0);
/// Leak of a branch, nS, and its capacitance, pF.
const BRANCH: (f64, f64) = (0.2, 4.0);
/// Axial conductance of all branches together, nS.
const AXIAL: f64 = 16.0;
/// Spikes of an axon in a second, of a pixel that is fully on.
pub const RATE: f64 = 100.0;
/// Spikes of the background of each branch in a second.
const BACKGROUND: f64 = 1000.0;
/// How long an image is shown, ms.
pub const SHOWN: f64 = 100.0;
/// From when on the soma is listened to, ms.
const LISTENED: f64 = 50.0;
const STEP: f64 = 0.1;

/// A branch that excites.
struct Branch {
    /// Share of the axial conductance.
    coupling: f64,
    /// Pixels and weights.
    synapses: Vec<(u32, f64)>,
    threshold: f64,
}

/// What all branches have in common.
#[derive(Clone, Copy, Debug)]
pub struct Scaling {
    /// NMDA conductance, without block, of a weighted sum of 1, in units of the conductance of the branch at rest.
    pub gain: f64,
    /// The same of the background.
    pub background: f64,
    /// GABA-A conductance over NMDA conductance at the same sum.
    pub inhibition: f64,
}

/// A cell to be built.
pub struct Circuit {
    branches: Vec<Branch>,
}

/// What a conductance that one spike a millisecond opens comes to, on average while the soma is listened to, over its peak for one spike: of a double
/// exponential with time constants in ms, spikes from the beginning on.
fn opened_by(rise: f64, decay: f64) -> f64 {
    let peak = rise * decay / (decay - rise) * (decay / rise).ln();
    let scale = 1.0 / ((-peak / decay).exp() - (-peak / rise).exp());
    // Of exp(-t/τ), summed from 0 to t, the mean over t.
    let sum = |tau: f64| tau * (1.0 - tau * ((-LISTENED / tau).exp() - (-SHOWN / tau).exp()) / (SHOWN - LISTENED));
    scale * (sum(decay) - sum(rise))
}

/// The same of each receptor, for a weight of 1: AMPA, NMDA without block, GABA-A.
fn opened() -> [f64; 3] {
    let r = AmpaNmdaReceptor::default();
    let inhibition = inhibition();
    [
        opened_by(r.ampa_rise_time.0, r.ampa_decay_time.0),
        r.nmda_ratio.0 * opened_by(r.nmda_rise_time.0, r.nmda_decay_time.0),
        opened_by(inhibition.rise_time.0, inhibition.decay_time.0),
    ]
}

/// GABA-A receptors of dendrites.
fn inhibition() -> DoubleExponentialSynapse {
    DoubleExponentialSynapse { rise_time: Milliseconds(2.0), decay_time: Milliseconds(23.0), reversal_potential: Millivolts(INHIBITION) }
}

impl Circuit {
    /// The circuit of a trained cell with sigmoid branches.
    pub fn of(cell: &TwoLayerPlan) -> Self {
        let sum: f64 = cell.branches.iter().map(|branch| f64::from(branch.coupling.abs())).sum();
        let branches = cell.branches.iter().map(|branch| {
            let sign = if branch.coupling < 0.0 { -1.0 } else { 1.0 };
            let weights = branch.weights.iter().map(|weight| sign * f64::from(*weight));
            Branch {
                coupling: f64::from(branch.coupling.abs()) / sum,
                synapses: branch.afferents.iter().copied().zip(weights).collect(),
                threshold: sign * f64::from(branch.threshold),
            }
        });
        Self { branches: branches.collect() }
    }

    /// Conductance of a branch without synapses, nS.
    fn at_rest(branch: &Branch) -> f64 {
        AXIAL * branch.coupling + BRANCH.0
    }

    /// Potential of the soma with mean conductances in place of spikes, mV.
    fn steady_potential(&self, scaling: &Scaling, pixels: &[f32]) -> f64 {
        let [ampa, nmda, _] = opened();
        let ampa_share = ampa / nmda;
        let receptor = AmpaNmdaReceptor::default();
        let (magnesium, slope) = (receptor.magnesium.0 / receptor.half_block.0, receptor.slope.0);
        let mut soma = REST;
        // The soma moves by a fraction of what branches do, so that two rounds settle.
        for _ in 0..2 {
            let current: f64 = self
                .branches
                .iter()
                .map(|branch| {
                    let (mut excitation, mut inhibition) = ((-branch.threshold).max(0.0), branch.threshold.max(0.0));
                    for (pixel, weight) in &branch.synapses {
                        let sum = weight * f64::from(pixels[*pixel as usize]);
                        excitation += sum.max(0.0);
                        inhibition += (-sum).max(0.0);
                    }
                    let excitation = scaling.background + scaling.gain * excitation;
                    let inhibition = scaling.gain * scaling.inhibition * inhibition;
                    let axial = AXIAL * branch.coupling;
                    let to_soma = axial / Self::at_rest(branch);
                    let block = |v: f64| 1.0 / (1.0 + magnesium * (-slope * v).exp());
                    let outward = |v: f64| {
                        to_soma * (v - soma)
                            + (1.0 - to_soma) * (v - REST)
                            + inhibition * (v - INHIBITION)
                            + excitation * (block(v) + ampa_share) * v
                    };
                    let (mut low, mut high) = (INHIBITION, 0.0);
                    for _ in 0..30 {
                        let middle = f64::midpoint(low, high);
                        if outward(middle) > 0.0 { high = middle } else { low = middle }
                    }
                    axial * low
                })
                .sum();
            soma = (SOMA.0 * REST + current) / (SOMA.0 + AXIAL);
        }
        soma
    }

    /// The same for images, by number.
    pub fn steady_potentials(&self, scaling: &Scaling, digits: &[Digit], numbers: &[usize]) -> Vec<f64> {
        numbers.iter().map(|number| self.steady_potential(scaling, &digits[*number].pixels)).collect()
    }

    /// The scaling with which mean conductances tell odd from even best.
    pub fn scaled(&self, digits: &[Digit], numbers: &[usize]) -> Scaling {
        let mut best = (0.0, Scaling { gain: 1.0, background: 3.0, inhibition: 0.3 });
        for gain in [1.0, 2.0, 4.0] {
            for background in [1.0, 1.5, 2.0, 2.5, 3.0, 3.5] {
                for inhibition in [0.2, 0.25, 0.3, 0.35, 0.4] {
                    let scaling = Scaling { gain, background, inhibition };
                    let (right, _) = best_threshold(&self.steady_potentials(&scaling, digits, numbers), digits, numbers);
                    if right > best.0 {
                        best = (right, scaling);
                    }
                }
            }
        }
        best.1
    }

    fn plan(&self, app: &App) -> Result<CellPlan, Fault> {
        // µm² of a capacitance in pF, at 1 µF/cm².
        let area = |capacitance: f64| 100.0 * capacitance;
        let mut sections =
            vec![CutSection { parent: None, cuts: vec![Cut { area: area(SOMA.1), resistance_before: 1.0, resistance_after: 1.0 }] }];
        sections.extend(self.branches.iter().map(|branch| {
            let resistance = 1000.0 / (AXIAL * branch.coupling);
            CutSection {
                parent: Some((0, Attachment::Compartment(0))),
                cuts: vec![Cut { area: area(BRANCH.1), resistance_before: resistance, resistance_after: 1.0 }],
            }
        }));
        let mut plan =
            CellPlan::new(CableTree::new(&sections), Milliseconds(STEP), Method::BackwardEuler, Kelvin(307.15), Millivolts(REST))?;
        let registry = app.world().resource::<Registry<MechanismEntry>>();
        let entry = |name: &str| registry.get(name).ok_or(format!("no mechanism {name}"));
        let set = |name: &str, value: f64| (name.to_string(), Assigned::Shared(value));
        for section in 0..sections.len() {
            let node = plan.tree.node(section, 0).ok_or("a section without compartment")?;
            let (conductance, capacitance) = if section == 0 { SOMA } else { BRANCH };
            let leak = [set("conductance", conductance / area(capacitance)), set("reversal_potential", REST)];
            plan.paint(entry("Passive")?, None, &[node], &leak)?;
            if section > 0 {
                plan.paint(entry("AmpaNmdaReceptor")?, Some(&format!("excitation {section}")), &[node], &[])?;
                let gaba = inhibition();
                let gaba = [
                    set("rise_time", gaba.rise_time.0),
                    set("decay_time", gaba.decay_time.0),
                    set("reversal_potential", gaba.reversal_potential.0),
                ];
                plan.paint(entry("DoubleExponentialSynapse")?, Some(&format!("inhibition {section}")), &[node], &gaba)?;
            }
        }
        Ok(plan)
    }

    /// Joins axons to the receptors of a branch, in every cell, and gives it its background. `axon_of` has the axon of each pixel, image by image.
    fn wire(&self, app: &mut App, branch: (usize, &Branch), scaling: &Scaling, axons: f64, axon_of: &[Option<u32>]) -> Result<(), Fault> {
        let (number, branch) = branch;
        let [_, nmda, gaba] = opened();
        for inhibits in [false, true] {
            let receptor = format!("{} {}", if inhibits { "inhibition" } else { "excitation" }, number + 1);
            // nS of a spike a millisecond that stands for a sum of 1.
            let unit = Self::at_rest(branch) * if inhibits { scaling.inhibition / gaba } else { 1.0 / nmda };
            let mine = |value: f64| if inhibits { (-value).max(0.0) } else { value.max(0.0) };
            let mut synapses = Vec::new();
            for (pixel, weight) in branch.synapses.iter().filter(|(_, weight)| mine(*weight) > 0.0) {
                let weight = Some(scaling.gain * mine(*weight) * unit / (RATE * axons / 1000.0));
                for (target, of_image) in (0..).zip(axon_of.chunks(PIXELS)) {
                    if let Some(source) = of_image[*pixel as usize] {
                        synapses.push(ExplicitSynapse { source, target, weight, delay: None });
                    }
                }
            }
            if !synapses.is_empty() {
                let rule = ConnectionRule::Explicit(synapses);
                let mut projection = Projection::new(&receptor, &["axons"], &["cells"], rule, "0 nS", Dimension::CONDUCTANCE, "0.1 ms")?;
                projection.receptor = Some(receptor.clone());
                app.connect(projection)?;
            }
            let steady = scaling.gain * mine(-branch.threshold) + if inhibits { 0.0 } else { scaling.background };
            if steady > 0.0 {
                app.stimulate(Stimulus {
                    name: format!("background of {receptor}"),
                    to: vec!["cells".into()],
                    neurons: None,
                    sites: Vec::new(),
                    source: StimulusSource::Poisson { rate: vec![(Milliseconds(0.0), Hertz(BACKGROUND))] },
                    weight: Some(Program::constant(steady * unit / (BACKGROUND / 1000.0))),
                    receptor: Some(receptor),
                    delay: Milliseconds(STEP),
                })?;
            }
        }
        Ok(())
    }

    /// Mean potential of the soma while each image is listened to, mV; every pixel has `axons` axons.
    pub fn listen(&self, scaling: &Scaling, digits: &[Digit], numbers: &[usize], axons: f64, seed: u64) -> Result<Vec<f64>, Fault> {
        let mut app = App::new();
        app.add_plugins(NeuropilPlugins);
        app.insert_resource(RunSettings { threads: 1, seed: u64::from(bits(seed, Purpose::Value, 6, 0, 0)[0]), ..Default::default() });
        app.insert_resource(Clock::new(Milliseconds(STEP)).ok_or("the step is not positive")?);
        let plan = self.plan(&app)?;
        app.add_cells(CellsRequest { name: "cells".into(), plans: vec![plan], plan_of: vec![0; numbers.len()] })?;
        // An axon for every pixel that is on at all, image by image.
        let mut axon_of = vec![None; numbers.len() * PIXELS];
        let mut rates = Vec::new();
        let pixels = numbers.iter().flat_map(|number| &digits[*number].pixels);
        for (axon, pixel) in axon_of.iter_mut().zip(pixels).filter(|(_, pixel)| **pixel > 0.0) {
            *axon = Some(rates.len() as u32);
            rates.push(f64::from(*pixel) * RATE * axons / 1000.0);
        }
        let request = PopulationRequest {
            name: "axons".into(),
            size: rates.len() as u32,
            parameters: vec![("rate".into(), Assigned::Listed(rates))],
            ..Default::default()
        };
        app.add_population_of("PoissonSource", request)?;
        for (number, branch) in self.branches.iter().enumerate() {
            self.wire(&mut app, (number, branch), scaling, axons, &axon_of)?;
        }
        app.advance(Milliseconds(LISTENED))?;
        let mut means = vec![0.0; numbers.len()];
        let world = app.world_mut();
        let mut somata: Vec<(u32, Entity)> =
            world.query::<(&NeuronId, &Compartments)>().iter(world).map(|(id, compartments)| (id.0, compartments.0[0])).collect();
        somata.sort_unstable_by_key(|(id, _)| *id);
        let samples = (SHOWN - LISTENED) as usize;
        for _ in 0..samples {
            app.advance(Milliseconds(1.0))?;
            for (mean, (_, soma)) in means.iter_mut().zip(&somata) {
                *mean += app.world().get::<CompartmentPotential>(*soma).map_or(f64::NAN, |potential| potential.0) / samples as f64;
            }
        }
        Ok(means)
    }
}

/// The threshold that parts odd from even best, above which is odd, and the share that it parts rightly.
pub fn best_threshold(values: &[f64], digits: &[Digit], numbers: &[usize]) -> (f64, f64) {
    let mut ranked: Vec<(f64, bool)> = values.iter().zip(numbers).map(|(value, number)| (*value, digits[*number].label % 2 == 1)).collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut right = ranked.iter().filter(|(_, odd)| *odd).count();
    let mut best = (right, f64::NEG_INFINITY);
    for (place, (value, odd)) in ranked.iter().enumerate() {
        if *odd {
            right -= 1
        } else {
            right += 1
        }
        let above = ranked.get(place + 1).map_or(f64::INFINITY, |next| next.0);
        if right > best.0 {
            best = (right, f64::midpoint(*value, above));
        }
    }
    (best.0 as f64 / values.len() as f64, best.1)
}

/// Share of images that a threshold parts rightly.
pub fn right_of(values: &[f64], threshold: f64, digits: &[Digit], numbers: &[usize]) -> f64 {
    let right = values.iter().zip(numbers).filter(|(value, number)| (**value > threshold) == (digits[**number].label % 2 == 1));
    right.count() as f64 / values.len() as f64
}
