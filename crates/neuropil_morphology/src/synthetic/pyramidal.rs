//! A thick-tufted pyramidal cell of layer 5, grown to published measures.
//!
//! The measures are those of the reconstruction that Hay et al. (2011) model, "cell 1", as NEURON 9.0.2 counts them; the shape is ours, made of random numbers.
//! What the paper's model needs of the shape is kept: how much membrane there is in each part, a trunk that is thick up to its last fork, and few thick dendrites
//! in the zone of calcium channels. The diameters of trunk, limbs and stems, and the seed of the cell that ships, were chosen so that a spike which runs back
//! ends without a calcium spike, as in the paper's cell; of forty seeds about one in ten does.
//!
//! # References
//! - Hay E, Hill S, Schürmann F, Markram H, Segev I (2011). Models of neocortical layer 5b pyramidal cells capturing a wide range of dendritic and perisomatic
//!   active properties. PLoS Comput Biol 7:e1002107. doi:10.1371/journal.pcbi.1002107

use super::directions::{across, normal, sum, turned};
use super::growth::{Growth, Start, lengths};
use crate::error::MorphologyError;
use crate::morphology::{Kind, Morphology, Samples, distance};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use std::f64::consts::{PI, TAU};

/// Soma: length, µm, and membrane, µm².
const SOMA: (f64, f64) = (23.169, 1131.39);
/// Basal dendrites: stems, sections, length, µm, and membrane, µm².
const BASAL: (u32, u32, f64, f64) = (8, 84, 5133.49, 8862.96);
/// Apical dendrites: sections, length, µm, and membrane, µm².
const APICAL: (u32, f64, f64) = (109, 7440.91, 21_009.33);
/// Longest way along apical dendrites from the middle of the soma, µm.
const REACH_UM: f64 = 1300.53;
/// Length of the trunk, to the fork where the tuft begins, µm.
const TRUNK_UM: f64 = 630.0;
/// Dendrites that leave the trunk, between these distances, µm.
const OBLIQUES: (u32, f64, f64) = (9, 45.0, 390.0);
/// Lengths and diameters of the two limbs that the trunk ends in, µm; each forks into two stems of the tuft.
const LIMBS: [(f64, f64); 2] = [(270.0, 1.5), (60.0, 1.8)];
/// Stems and sections of the tuft, limbs not counted.
const TUFT: (u32, u32) = (4, 44);
/// Axon: length and diameter of a cylinder, µm.
const AXON: (f64, f64) = (60.0, 1.0);
/// Distance of samples, µm.
const STEP_UM: f64 = 7.5;

/// The seed of the cell that comes with the engine, `assets/morphologies/l5_pyramidal.swc`.
pub const L5_PYRAMIDAL_SEED: u64 = 1;

/// What the file of a seed says of itself.
pub fn l5_pyramidal_comment(seed: u64) -> String {
    format!(
        "A pyramidal cell of layer 5 that was never alive: neuropil_morphology's l5_pyramidal, seed {seed}.\nSections, lengths, membrane and reach are those of Hay et al. (2011), doi:10.1371/journal.pcbi.1002107, cell 1."
    )
}

/// A pyramidal cell of layer 5 with the measures of that of Hay et al. (2011): sections, lengths and membrane of soma, basal and apical dendrites, and the longest way
/// along the apical ones. Made of random numbers, another for each seed.
///
/// - Soma: a spindle 23.169 µm long, of 1131.39 µm²; all that leaves it hangs at its middle.
/// - Basal dendrites: 8 stems, 84 sections, 5133.49 µm, 8862.96 µm².
/// - Apical dendrites: 109 sections, 7440.91 µm, 21,009.33 µm². A trunk of 630 µm, 8.7 µm thick where it begins and 2.6 µm where it ends, gives off nine oblique dendrites of 53
///   sections and forks into two limbs, which bear a tuft of 44 sections that ends 1300.53 µm from the soma.
/// - Axon: a cylinder of 60 µm by 1 µm, as the paper's model has.
///
/// ```
/// use neuropil_morphology::{Measures, Rules, Sections, synthetic};
///
/// let cell = synthetic::l5_pyramidal(1)?;
/// let sections = Sections::of(&cell, Rules::Neuron)?;
/// // The soma, the axon, and the dendrites.
/// assert_eq!(sections.list().len(), 1 + 1 + 84 + 109);
/// # Ok::<(), neuropil_morphology::MorphologyError>(())
/// ```
///
/// # Errors
/// If by chance the tuft of a seed takes more than what the oblique dendrites leave of the length.
pub fn l5_pyramidal(seed: u64) -> Result<Morphology, MorphologyError> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut samples = Samples::default();
    let soma = soma(&mut samples);
    let bottom = -SOMA.0 / 2.0;
    let mut last = samples.push(Kind::AXON, [0.0, bottom, 0.0], AXON.1 / 2.0, Some(soma));
    for half in 1..=2 {
        last = samples.push(Kind::AXON, [0.0, bottom - f64::from(half) * AXON.0 / 2.0, 0.0], AXON.1 / 2.0, Some(last));
    }
    basal(&mut samples, soma, &mut random, seed)?;
    apical(&mut samples, soma, &mut random, seed)?;
    Morphology::new(samples)
}

/// A spindle along y of the given length and membrane; gives the sample at its middle.
fn soma(samples: &mut Samples) -> u32 {
    let half = SOMA.0 / 2.0;
    let profile = [0.6, 1.0, 0.55];
    let area = |radius: f64| {
        let frustum = |from: f64, to: f64| PI * (from + to) * half.hypot(to - from);
        profile.windows(2).map(|pair| frustum(radius * pair[0], radius * pair[1])).sum()
    };
    let radius = solve(1.0, 100.0, SOMA.1, area);
    let mut middle = 0;
    for (number, (part, parent)) in profile.into_iter().zip([None, Some(0), Some(1)]).enumerate() {
        let sample = samples.push(Kind::SOMA, [0.0, (number as f64 - 1.0) * half, 0.0], radius * part, parent);
        if number == 1 {
            middle = sample;
        }
    }
    middle
}

/// Dendrites around the lower half of the soma.
fn basal(samples: &mut Samples, soma: u32, random: &mut Xoshiro256PlusPlus, seed: u64) -> Result<(), MorphologyError> {
    let (stems, sections, length_um, area) = BASAL;
    let growth = |scale: f64| Growth {
        kind: Kind::BASAL,
        stems,
        sections,
        length_um,
        stem_diameter_um: 1.6 * scale,
        least_diameter_um: 0.4 * scale,
        taper: 0.1,
        order_selection: 0.5,
        terminal_length_ratio: 3.9,
        step_um: STEP_UM,
        wander: 0.12,
        ..Growth::default()
    };
    growth(1.0).check()?;
    let branches = growth(1.0).branches(random);
    let unit = length_um / lengths(&branches).0;
    let before = samples.clone();
    let radius = samples.radii_um[soma as usize];
    let lay = |scale: f64, random: &mut Xoshiro256PlusPlus| {
        let mut samples = before.clone();
        let start = |number: u32, _: &mut Xoshiro256PlusPlus| {
            let (height, around) = (0.3 - 0.12 * f64::from(number), f64::from(number) * TAU * 0.381_966);
            let flat = (1.0 - height * height).sqrt();
            let direction = [flat * around.cos(), height, flat * around.sin()];
            Start { sample: soma, position_um: direction.map(|value| value * radius), direction }
        };
        growth(scale).lay(&mut samples, &branches, unit, start, random, seed);
        samples
    };
    let scale = solve(0.2, 5.0, area, |scale| membrane(&lay(scale, &mut random.clone()), Kind::BASAL));
    *samples = lay(scale, random);
    Ok(())
}

/// Trunk, oblique dendrites and tuft.
fn apical(samples: &mut Samples, soma: u32, random: &mut Xoshiro256PlusPlus, seed: u64) -> Result<(), MorphologyError> {
    let (sections, length_um, area) = APICAL;
    let (obliques, nearest, farthest) = OBLIQUES;
    let spacing = (farthest - nearest) / f64::from(obliques);
    let mut forks: Vec<f64> = (0..obliques).map(|number| nearest + spacing * (f64::from(number) + random.random::<f64>())).collect();
    forks.push(TRUNK_UM);
    let trunk = trunk(samples, soma, &forks, random);

    let limbs: Vec<(u32, [f64; 3])> = LIMBS
        .into_iter()
        .zip([1.0, -1.0])
        .map(|(size, side)| limb(samples, trunk[obliques as usize], turned([0.0, 1.0, 0.0], 0.35, [side, 0.0, 0.0]), size, random))
        .collect();

    let tuft = |scale: f64| Growth {
        kind: Kind::APICAL,
        stems: TUFT.0,
        sections: TUFT.1,
        stem_diameter_um: 0.9 * scale,
        least_diameter_um: 0.35 * scale,
        taper: 0.2,
        order_selection: 1.5,
        step_um: STEP_UM,
        wander: 0.1,
        drawn_to: [0.0, 0.05, 0.0],
        ..Growth::default()
    };
    let oblique = |scale: f64| Growth {
        stems: obliques,
        // The trunk has one section more than oblique dendrites.
        sections: sections - TUFT.1 - LIMBS.len() as u32 - obliques - 1,
        stem_diameter_um: 1.3 * scale,
        order_selection: 0.5,
        terminal_length_ratio: 2.0,
        drawn_to: [0.0; 3],
        wander: 0.12,
        ..tuft(scale)
    };
    tuft(1.0).check()?;
    oblique(1.0).check()?;
    let (of_tuft, of_obliques) = (tuft(1.0).branches(random), oblique(1.0).branches(random));
    let (total, longest) = lengths(&of_tuft);
    // The first of the ways that reaches as far as it shall.
    let left = |stem: usize| REACH_UM - TRUNK_UM - LIMBS[stem / 2].0;
    let tuft_unit = longest.iter().enumerate().map(|(stem, way)| left(stem) / way).fold(f64::INFINITY, f64::min);
    let before_forks = TRUNK_UM + LIMBS.iter().map(|(length, _)| length).sum::<f64>();
    let rest = length_um - before_forks - total * tuft_unit;
    if rest < 0.2 * length_um {
        return Err(MorphologyError::Request(format!(
            "seed {seed} makes a tuft of {:.0} µm, too long for the cell; try another",
            total * tuft_unit
        )));
    }
    let oblique_unit = rest / lengths(&of_obliques).0;
    let before = samples.clone();
    let lay = |scale: f64, random: &mut Xoshiro256PlusPlus| {
        let mut samples = before.clone();
        let leave = |sample: u32, direction: [f64; 3]| Start { sample, position_um: before.positions_um[sample as usize], direction };
        let sideways = |number: u32, random: &mut Xoshiro256PlusPlus| {
            let around = TAU * (0.381_966 * f64::from(number) + 0.1 * random.random::<f64>());
            leave(trunk[number as usize], turned([0.0, 1.0, 0.0], 1.0 + 0.3 * random.random::<f64>(), [around.cos(), 0.0, around.sin()]))
        };
        oblique(scale).lay(&mut samples, &of_obliques, oblique_unit, sideways, random, seed);
        let apart = |number: u32, _: &mut Xoshiro256PlusPlus| {
            let (end, along) = limbs[number as usize / 2];
            let side = if number.is_multiple_of(2) { 0.5 } else { -0.5 };
            leave(end, turned(along, side, across(along, f64::from(number / 2))))
        };
        tuft(scale).lay(&mut samples, &of_tuft, tuft_unit, apart, random, seed.wrapping_add(1));
        samples
    };
    let scale = solve(0.2, 5.0, area, |scale| membrane(&lay(scale, &mut random.clone()), Kind::APICAL));
    *samples = lay(scale, random);
    Ok(())
}

/// An unbranched dendrite of one diameter from a sample on; gives its last sample, and where it leads.
fn limb(
    samples: &mut Samples,
    fork: u32,
    mut direction: [f64; 3],
    (length_um, diameter_um): (f64, f64),
    random: &mut Xoshiro256PlusPlus,
) -> (u32, [f64; 3]) {
    let mut last = samples.push(Kind::APICAL, samples.positions_um[fork as usize], diameter_um / 2.0, Some(fork));
    let pieces = (length_um / STEP_UM).ceil();
    for _ in 0..pieces as u32 {
        direction = wandered(direction, 0.05, random);
        last = go_on(samples, last, direction, length_um / pieces, diameter_um / 2.0);
    }
    (last, direction)
}

/// A trunk that leads upwards, with a sample at each of some distances; gives those samples.
fn trunk(samples: &mut Samples, soma: u32, forks: &[f64], random: &mut Xoshiro256PlusPlus) -> Vec<u32> {
    // Thick at the soma, then even.
    let radius_at = |way: f64| 1.28 + 0.3 * (-way / 150.0).exp() + 2.75 * (-way / 20.0).exp();
    let (mut way, mut direction) = (0.0, [0.0, 1.0, 0.0]);
    let mut last = samples.push(Kind::APICAL, [0.0, SOMA.0 / 2.0, 0.0], radius_at(way), Some(soma));
    let mut made = Vec::with_capacity(forks.len());
    for fork in forks {
        let pieces = ((fork - way) / STEP_UM).ceil().max(1.0);
        let piece = (fork - way) / pieces;
        for _ in 0..pieces as u32 {
            way += piece;
            direction = wandered(direction, 0.1, random);
            last = go_on(samples, last, direction, piece, radius_at(way));
        }
        way = *fork;
        made.push(last);
    }
    made
}

/// A direction turned a little by chance and drawn upwards.
fn wandered(direction: [f64; 3], upwards: f64, random: &mut Xoshiro256PlusPlus) -> [f64; 3] {
    let turned = turned(direction, 0.04 * normal(random), across(direction, TAU * random.random::<f64>()));
    sum(turned, [0.0, upwards, 0.0])
}

/// One more apical sample.
fn go_on(samples: &mut Samples, last: u32, direction: [f64; 3], way_um: f64, radius_um: f64) -> u32 {
    let from = samples.positions_um[last as usize];
    samples.push(Kind::APICAL, [0, 1, 2].map(|side| from[side] + direction[side] * way_um), radius_um, Some(last))
}

/// Membrane between samples of a kind, µm².
fn membrane(samples: &Samples, kind: Kind) -> f64 {
    let mut area = 0.0;
    for (sample, parent) in samples.parents.iter().enumerate() {
        let Some(parent) = parent.map(|parent| parent as usize) else { continue };
        let (from, to) = (samples.positions_um[parent], samples.positions_um[sample]);
        if samples.kinds[sample] == kind && samples.kinds[parent] == kind && from != to {
            let (thick, thin) = (samples.radii_um[parent], samples.radii_um[sample]);
            area += PI * (thick + thin) * distance(from, to).hypot(thick - thin);
        }
    }
    area
}

/// Where between two places a growing function has a value, by halving.
fn solve(mut low: f64, mut high: f64, value: f64, function: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if function(middle) < value { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}
