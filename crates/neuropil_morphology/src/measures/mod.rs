//! What a cell amounts to.

mod sholl;

pub use sholl::{Sholl, sholl};

use crate::morphology::{Kind, Morphology};
use crate::sections::{Sections, electrotonic_length};
use serde::Serialize;
use std::collections::BTreeMap;

/// Branch orders that are listed one by one; what is beyond is in the last.
pub const MOST_ORDERS: usize = 64;

/// What an electrotonic length depends on besides the shape.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CableProperties {
    /// Resistivity of the inside, Ω·cm.
    pub axial_resistivity_ohm_cm: f64,
    /// Resistance of the membrane, Ω·cm².
    pub membrane_resistance_ohm_cm2: f64,
}

impl Default for CableProperties {
    /// 150 Ω·cm and 20,000 Ω·cm²: round numbers within what is measured in cortical and hippocampal pyramidal cells (Major G, Larkman AU, Jonas P, Sakmann B, Jack JJB
    /// (1994). Detailed passive cable models of whole-cell recorded CA3 pyramidal neurons in rat hippocampal slices. J Neurosci 14:4613-4638.
    /// doi:10.1523/JNEUROSCI.14-08-04613.1994; Stuart G, Spruston N (1998). Determinants of voltage attenuation in neocortical pyramidal neuron dendrites. J Neurosci
    /// 18:3501-3510. doi:10.1523/JNEUROSCI.18-10-03501.1998).
    fn default() -> Self {
        Self { axial_resistivity_ohm_cm: 150.0, membrane_resistance_ohm_cm2: 20_000.0 }
    }
}

/// Sections of one kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OfKind {
    /// The type as SWC counts it.
    pub kind: i32,
    /// Its name.
    pub name: String,
    /// Samples in the file or made of it.
    pub samples: usize,
    /// Sections.
    pub sections: usize,
    /// Sections that leave the soma.
    pub stems: usize,
    /// Sections that end a branch.
    pub tips: usize,
    /// Total length, µm.
    pub length_um: f64,
    /// Lateral area, µm².
    pub area_um2: f64,
    /// Volume, µm³.
    pub volume_um3: f64,
    /// Length-weighted mean diameter, µm.
    pub mean_diameter_um: f64,
    /// Highest branch order.
    pub highest_order: u32,
    /// Longest way from the soma to an end, µm.
    pub longest_path_um: f64,
    /// Electrotonic length of the longest way in that measure.
    pub longest_electrotonic: f64,
}

/// Sections of one branch order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct OfOrder {
    /// The order: forks from the soma on, the soma itself being the first.
    pub order: u32,
    /// Sections of it.
    pub sections: usize,
    /// Their length, µm.
    pub length_um: f64,
}

/// What a cell amounts to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measures {
    /// Samples.
    pub samples: usize,
    /// Whether it has a soma.
    pub has_soma: bool,
    /// How the soma is given.
    pub soma_form: &'static str,
    /// Lateral area of the soma, µm²; none without one.
    pub soma_area_um2: Option<f64>,
    /// Sections and sizes by kind.
    pub kinds: Vec<OfKind>,
    /// The same over all kinds but the soma.
    pub neurites: OfKind,
    /// Branch orders of all but the soma.
    pub orders: Vec<OfOrder>,
    /// Extent along x, y and z, µm.
    pub extent_um: [f64; 3],
    /// What the electrotonic lengths are for.
    pub cable: CableProperties,
    /// Mean electrotonic length of the ways from the soma to all ends.
    pub mean_electrotonic: Option<f64>,
    /// Sholl's profile.
    pub sholl: Sholl,
}

impl Measures {
    /// Measures a cell. Sholl's spheres have the given distance; a round one is chosen if it is `None`.
    pub fn of(morphology: &Morphology, sections: &Sections, cable: CableProperties, sholl_step_um: Option<f64>) -> Self {
        let mut kinds: BTreeMap<Kind, OfKind> = BTreeMap::new();
        let fresh = |kind: Kind| OfKind { kind: kind.0, name: kind.name(), ..OfKind::default() };
        for &kind in morphology.kinds() {
            kinds.entry(kind).or_insert_with(|| fresh(kind)).samples += 1;
        }
        let tips = sections.tips();
        let mut neurites = OfKind { kind: 0, name: "neurites".into(), ..OfKind::default() };
        let mut orders = Vec::<OfOrder>::new();
        let mut electrotonic = vec![(0.0, 0.0); sections.list().len()];
        let mut ends = (0.0, 0usize);
        let mut soma_area_um2 = None;
        for (at, section) in sections.list().iter().enumerate() {
            let points = sections.points(at);
            let (length, area, volume) = (points.length_um(), points.area_um2(), points.volume_um3());
            let way = electrotonic_length(&points, cable.membrane_resistance_ohm_cm2, cable.axial_resistivity_ohm_cm);
            electrotonic[at] = match section.parent {
                // The way begins in the middle of the soma.
                None if section.kind.is_soma() => (way / 2.0, way / 2.0),
                None => (0.0, way),
                Some(parent) => {
                    let on = &electrotonic[parent.section as usize];
                    let start = match parent.at {
                        0.0 => on.0,
                        1.0 => on.1,
                        _ if sections.list()[parent.section as usize].parent.is_none() => 0.0,
                        _ => f64::midpoint(on.0, on.1),
                    };
                    (start, start + way)
                }
            };
            if section.kind.is_soma() {
                *soma_area_um2.get_or_insert(0.0) += area;
            }
            let leaves_soma = section.parent.is_some_and(|parent| sections.list()[parent.section as usize].kind.is_soma());
            let add = |of: &mut OfKind| {
                of.sections += 1;
                of.stems += usize::from(leaves_soma && !section.kind.is_soma());
                of.tips += usize::from(tips[at]);
                of.length_um += length;
                of.area_um2 += area;
                of.volume_um3 += volume;
                of.mean_diameter_um +=
                    points.frusta().map(|frustum| frustum.length_um * (frustum.radii_um[0] + frustum.radii_um[1])).sum::<f64>();
                of.highest_order = of.highest_order.max(section.order);
                of.longest_path_um = of.longest_path_um.max(section.end_distance_um);
                of.longest_electrotonic = of.longest_electrotonic.max(electrotonic[at].1);
            };
            add(kinds.entry(section.kind).or_insert_with(|| fresh(section.kind)));
            if section.kind.is_soma() {
                continue;
            }
            add(&mut neurites);
            let order = (section.order as usize).min(MOST_ORDERS);
            while orders.len() < order {
                orders.push(OfOrder { order: orders.len() as u32 + 1, ..OfOrder::default() });
            }
            if let Some(of) = order.checked_sub(1).and_then(|place| orders.get_mut(place)) {
                of.sections += 1;
                of.length_um += length;
            }
            if tips[at] {
                ends = (ends.0 + electrotonic[at].1, ends.1 + 1);
            }
        }
        neurites.samples = morphology.kinds().iter().filter(|kind| !kind.is_soma()).count();
        for of in kinds.values_mut().chain([&mut neurites]) {
            of.mean_diameter_um = if of.length_um > 0.0 { of.mean_diameter_um / of.length_um } else { 0.0 };
        }
        let somata = morphology.kinds().iter().filter(|kind| kind.is_soma()).count();
        let soma_form = match (somata, morphology.ball_soma()) {
            (0, _) => "none",
            (_, Some(1)) => "one sample, a ball",
            (_, Some(_)) => "three samples, a ball",
            (2, _) => "two samples, a frustum",
            _ => "a row of frusta",
        };
        Self {
            samples: morphology.len(),
            has_soma: somata > 0,
            soma_form,
            soma_area_um2,
            kinds: kinds.into_values().filter(|of| of.sections > 0 || of.samples > 0).collect(),
            neurites,
            orders,
            extent_um: morphology.bounds_um().map(|[low, high]| high - low),
            cable,
            mean_electrotonic: (ends.1 > 0).then(|| ends.0 / ends.1 as f64),
            sholl: sholl(morphology, sections, sholl_step_um),
        }
    }
}
