//! The energy bill of cells: the charge through each channel, compartment by compartment, and what pumps pay to take it back.
//!
//! # Equations
//! ```text
//! Q = ∫ i dt,  i = g V' - (g E)               V': the potential that the implicit step solved for, so that charges add up to what charges the membrane
//! ATP = N_Na/3 + N_Ca,  N_Na = -Q_Na/e,  N_Ca = -Q_Ca/2e
//! ```
//! Three sodium ions leave for each ATP; a calcium ion leaves against three sodium ions, one ATP. A current through a conductance that lets sodium and
//! potassium pass, with reversal potential E, is taken apart: `g_Na = g (E - E_K)/(E_Na - E_K)`, `I_Na = g_Na (V - E_Na)`. Chloride costs nothing here:
//! less than a hundredth of what sodium costs.
//!
//! Charges are net: what flows out again through the same channel is not paid for.
//!
//! # References
//! Attwell D, Laughlin SB (2001). J Cereb Blood Flow Metab 21:1133-1145. doi:10.1097/00004647-200110000-00001

use crate::advance::Cells;
use crate::group::Group;
use crate::layer::Stored;
use crate::plan::CellPlan;
use crate::real::{Real, Single};
use bevy_ecs::prelude::*;
use neuropil_core::{Population, Populations};
use neuropil_neurons::Assigned;
use neuropil_units::Millivolts;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Elementary charges in a femtocoulomb (1 pA ms).
const IONS_PER_FEMTOCOULOMB: f64 = 6_241.509_074;
/// 1 µA/cm² over 1 µm² in pA.
const PICOAMPERES: f64 = 0.01;
/// What a leak is called in reports.
pub const LEAK: &str = "leak";

/// What carries a mechanism's current, as pumps see it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Carrier {
    /// Nothing that costs: chloride, or no ion at all.
    Uncosted,
    /// Sodium.
    Sodium,
    /// Potassium, whose way back is paid with sodium's.
    Potassium,
    /// Calcium.
    Calcium,
    /// Sodium and potassium, in the proportion that the reversal potential gives.
    Cations {
        /// Part of the whole charge that calcium carries.
        calcium: f64,
    },
}

/// Insert it before cells are added, and their charges are metered. What is metered runs slower, with the same bits.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct EnergyMeter {
    /// Reversal potential of sodium, by which mixed currents are taken apart.
    pub sodium_reversal: Millivolts,
    /// That of potassium.
    pub potassium_reversal: Millivolts,
}

impl Default for EnergyMeter {
    fn default() -> Self {
        Self { sodium_reversal: Millivolts(50.0), potassium_reversal: Millivolts(-90.0) }
    }
}

/// Charge through a mechanism, outward positive.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Charge {
    /// All of it, fC.
    pub net_fc: f64,
    /// What sodium carried, fC.
    pub sodium_fc: f64,
    /// What calcium carried, fC.
    pub calcium_fc: f64,
}

impl Charge {
    /// Molecules of ATP that take it back; below 0 where more sodium or calcium left than entered.
    pub fn atp(&self) -> f64 {
        -(self.sodium_fc / 3.0 + self.calcium_fc / 2.0) * IONS_PER_FEMTOCOULOMB
    }

    fn add(&mut self, other: Self) {
        self.net_fc += other.net_fc;
        self.sodium_fc += other.sodium_fc;
        self.calcium_fc += other.calcium_fc;
    }
}

/// What one channel or receptor of a population has let through.
#[derive(Clone, Debug, PartialEq)]
pub struct MechanismEnergy {
    /// Its name: that of a receptor, or of the mechanism; [`LEAK`] for what never changes.
    pub name: String,
    /// Charge in all compartments of all cells.
    pub charge: Charge,
    /// Arrivals at a receptor: those of one step at one place count as one.
    pub arrivals: u64,
}

/// What a population has let through since the start.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationEnergy {
    /// Its name.
    pub population: String,
    /// Its channels and receptors, and the leak.
    pub mechanisms: Vec<MechanismEnergy>,
}

impl PopulationEnergy {
    /// Molecules of ATP of all mechanisms.
    pub fn atp(&self) -> f64 {
        self.mechanisms.iter().map(|mechanism| mechanism.charge.atp()).sum()
    }
}

/// Charge through a mechanism in one compartment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChargeAt {
    /// The cell, counted within the population.
    pub cell: u32,
    /// The node of its tree.
    pub node: u32,
    /// The charge.
    pub charge: Charge,
}

/// Reading meters; implemented for [`World`] and [`App`](bevy_app::App).
pub trait ReadEnergy {
    /// What each metered population has let through.
    fn energy(&self) -> Vec<PopulationEnergy>;
    /// The same of one mechanism by compartment; empty if there is no such population or mechanism, or no meter.
    fn charges(&self, population: &str, mechanism: &str) -> Vec<ChargeAt>;
}

impl ReadEnergy for bevy_app::App {
    fn energy(&self) -> Vec<PopulationEnergy> {
        self.world().energy()
    }

    fn charges(&self, population: &str, mechanism: &str) -> Vec<ChargeAt> {
        self.world().charges(population, mechanism)
    }
}

impl ReadEnergy for World {
    fn energy(&self) -> Vec<PopulationEnergy> {
        let of_population = |(entity, meter): (Entity, &Meter)| {
            let mechanisms = meter.names.iter().enumerate().map(|(layer, name)| {
                let (mut charge, mut arrivals) = (Charge::default(), 0);
                for group in &meter.groups {
                    let of_layer = &locked(group).layers[layer];
                    of_layer.charges.iter().for_each(|own| charge.add(*own));
                    arrivals += of_layer.arrivals;
                }
                MechanismEnergy { name: name.clone(), charge, arrivals }
            });
            let name = self.get::<Population>(entity)?.name.clone();
            Some(PopulationEnergy { population: name, mechanisms: mechanisms.collect() })
        };
        meters(self).filter_map(of_population).collect()
    }

    fn charges(&self, population: &str, mechanism: &str) -> Vec<ChargeAt> {
        let is_named = |entity: Entity| self.get::<Population>(entity).is_some_and(|own| own.name == population);
        let own = meters(self).find(|(entity, _)| is_named(*entity));
        let Some((meter, layer)) = own.and_then(|(_, meter)| Some((meter, meter.names.iter().position(|name| name == mechanism)?))) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        for group in &meter.groups {
            let of_layer = &locked(group).layers[layer];
            let places = of_layer.places.iter().zip(&of_layer.charges);
            all.extend(places.map(|((cell, node), charge)| ChargeAt { cell: *cell, node: *node, charge: *charge }));
        }
        all.sort_by_key(|at| (at.cell, at.node));
        all
    }
}

/// The meters of all populations that have one, in the order in which they were added.
fn meters(world: &World) -> impl Iterator<Item = (Entity, &Meter)> {
    let in_order = world.get_resource::<Populations>().map(Populations::entities).unwrap_or_default();
    in_order.iter().filter_map(|entity| Some((*entity, meter_of::<f64>(world, *entity).or_else(|| meter_of::<Single>(world, *entity))?)))
}

/// The meter of a population whose numbers have one precision.
fn meter_of<R: Stored>(world: &World, population: Entity) -> Option<&Meter> {
    world.get_resource::<Cells<R>>()?.populations.iter().find(|own| own.entity == population)?.meter.as_ref()
}

/// The meters of one population.
pub(crate) struct Meter {
    settings: EnergyMeter,
    /// By layer, the leak last.
    names: Vec<String>,
    carriers: Vec<Carrier>,
    /// By group. Each is locked by the worker that advances the group, and between steps by who reads.
    pub(crate) groups: Vec<Mutex<GroupMeter>>,
}

/// The meters of one group.
pub(crate) struct GroupMeter {
    layers: Vec<LayerMeter>,
}

/// A mechanism in one group: a value for each compartment that it is in.
#[derive(Default)]
struct LayerMeter {
    rows: Vec<u32>,
    /// Cell of the population, and node.
    places: Vec<(u32, u32)>,
    /// What 1 µA/cm² carries in a step, fC.
    per_density: Vec<f64>,
    /// Reversal potential of a mixed current, mV; NaN where conductance and current tell it.
    reversal: Vec<f64>,
    /// What the mechanism added in this step: g and g E; first what was there before.
    conductance: Vec<f64>,
    current: Vec<f64>,
    charges: Vec<Charge>,
    arrivals: u64,
}

/// The meters of a group, also after a thread that had them panicked.
pub(crate) fn locked(group: &Mutex<GroupMeter>) -> MutexGuard<'_, GroupMeter> {
    group.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Meter {
    /// Meters for the groups of a population, whose layers are the plans' paintings in this order.
    pub(crate) fn new<R: Real>(settings: EnergyMeter, plans: &[CellPlan], groups: &[Group<R>], order: &[usize]) -> Self {
        let (mut names, mut carriers) = (Vec::new(), Vec::new());
        for layer in order {
            let painting = &plans[0].paintings[*layer];
            names.push(painting.receptor.clone().unwrap_or_else(|| painting.entry.name.to_string()));
            carriers.push(painting.entry.carries);
        }
        names.push(LEAK.to_string());
        carriers.push(Carrier::Cations { calcium: 0.0 });
        let groups = groups.iter().map(|group| {
            let mut layers: Vec<LayerMeter> = order.iter().map(|layer| of_layer(plans, group, *layer)).collect();
            layers.push(of_leak(plans, group));
            Mutex::new(GroupMeter { layers })
        });
        Self { settings, names, carriers, groups: groups.collect() }
    }
}

fn of_layer<R: Real>(plans: &[CellPlan], group: &Group<R>, layer: usize) -> LayerMeter {
    let mut meter = LayerMeter::default();
    for (cell, index) in group.cells.clone().enumerate() {
        let plan = &plans[group.plan_of(cell)];
        let painting = &plan.paintings[layer];
        let reversal = painting.reversal_potential();
        for (k, node) in painting.nodes.iter().enumerate() {
            let reversal = match &reversal {
                Some(Assigned::Shared(value)) => *value,
                Some(Assigned::Listed(values)) => values.get(k).copied().unwrap_or(f64::NAN),
                _ => f64::NAN,
            };
            meter.push(plan, group, (cell, index, *node), reversal);
        }
    }
    meter
}

fn of_leak<R: Real>(plans: &[CellPlan], group: &Group<R>) -> LayerMeter {
    let mut meter = LayerMeter::default();
    for (cell, index) in group.cells.clone().enumerate() {
        let plan = &plans[group.plan_of(cell)];
        for (node, membrane) in (0..).zip(&plan.membrane) {
            if membrane.leak > 0.0 && plan.tree.area[node as usize] > 0.0 {
                meter.push(plan, group, (cell, index, node), f64::NAN);
                // These stay as they are.
                let last = meter.rows.len() - 1;
                (meter.conductance[last], meter.current[last]) = (membrane.leak, membrane.leak * membrane.reversal);
            }
        }
    }
    meter
}

impl LayerMeter {
    fn push<R: Real>(&mut self, plan: &CellPlan, group: &Group<R>, (cell, index, node): (usize, u32, u32), reversal: f64) {
        self.rows.push(group.row(cell, node) as u32);
        self.places.push((index, node));
        self.per_density.push(PICOAMPERES * plan.tree.area[node as usize] * plan.time_step);
        self.reversal.push(reversal);
        self.conductance.push(0.0);
        self.current.push(0.0);
        self.charges.push(Charge::default());
    }
}

impl GroupMeter {
    /// Keeps what is in the sums before a mechanism adds to them.
    pub(crate) fn before<R: Real>(&mut self, layer: usize, conductance: &[R], current: &[R]) {
        let own = &mut self.layers[layer];
        for (row, (g, i)) in own.rows.iter().zip(own.conductance.iter_mut().zip(&mut own.current)) {
            (*g, *i) = (conductance[*row as usize].to_f64(), current[*row as usize].to_f64());
        }
    }

    /// Takes what it has added.
    pub(crate) fn after<R: Real>(&mut self, layer: usize, conductance: &[R], current: &[R], arriving: &[f32]) {
        let own = &mut self.layers[layer];
        for (row, (g, i)) in own.rows.iter().zip(own.conductance.iter_mut().zip(&mut own.current)) {
            (*g, *i) = (conductance[*row as usize].to_f64() - *g, current[*row as usize].to_f64() - *i);
        }
        own.arrivals += arriving.iter().filter(|weight| **weight != 0.0).count() as u64;
    }

    /// Adds the charges of a step. `implicit` gives the potential that the step solved for, by row.
    pub(crate) fn charge(&mut self, meter: &Meter, implicit: impl Fn(usize) -> f64) {
        let (sodium, potassium) = (meter.settings.sodium_reversal.0, meter.settings.potassium_reversal.0);
        for (own, carrier) in self.layers.iter_mut().zip(&meter.carriers) {
            for k in 0..own.rows.len() {
                let potential = implicit(own.rows[k] as usize);
                let (g, i) = (own.conductance[k], own.current[k]);
                let net = g.mul_add(potential, -i);
                let mut carried = Charge { net_fc: net, ..Charge::default() };
                match carrier {
                    Carrier::Uncosted | Carrier::Potassium => {}
                    Carrier::Sodium => carried.sodium_fc = net,
                    Carrier::Calcium => carried.calcium_fc = net,
                    Carrier::Cations { calcium } => {
                        let reversal = own.reversal[k];
                        let driving = potential - reversal;
                        // A current that is handed over as its tangent has another conductance than that which flows; at its reversal potential nothing does.
                        let conducts_sodium = if reversal.is_nan() {
                            (i - g * potassium) / (sodium - potassium)
                        } else if driving.abs() < 1e-3 {
                            0.0
                        } else {
                            net / driving * (reversal - potassium) / (sodium - potassium)
                        };
                        carried.calcium_fc = net * calcium;
                        carried.sodium_fc = (1.0 - calcium) * conducts_sodium * (potential - sodium);
                    }
                }
                let scale = own.per_density[k];
                own.charges[k].add(Charge {
                    net_fc: carried.net_fc * scale,
                    sodium_fc: carried.sodium_fc * scale,
                    calcium_fc: carried.calcium_fc * scale,
                });
            }
        }
    }
}
