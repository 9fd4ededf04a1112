//! Sholl's profile: how often neurites cross spheres around the soma.

use crate::morphology::{Morphology, distance};
use crate::sections::Sections;
use serde::Serialize;

/// Spheres at most.
const MOST_SPHERES: usize = 10_000;
/// Spheres that a step is chosen for.
const CHOSEN_SPHERES: f64 = 25.0;

/// Crossings of neurites with spheres around the soma's first sample (without soma, the root), as Sholl DA (1953) counted them: Dendritic organization in the neurons of the
/// visual and motor cortices of the cat. J Anat 87:387-406.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sholl {
    /// Distance of the spheres, µm.
    pub step_um: f64,
    /// Crossings with the sphere of one step, of two, and so on.
    pub crossings: Vec<u64>,
}

/// Counts crossings. Takes time in proportion to points and spheres.
pub fn sholl(morphology: &Morphology, sections: &Sections, step_um: Option<f64>) -> Sholl {
    let centre = match morphology.has_soma() {
        true => middle_of_soma(sections),
        false => morphology.positions_um()[0],
    };
    let neurites = || sections.list().iter().enumerate().filter(|(_, section)| !section.kind.is_soma());
    let places = neurites().flat_map(|(at, _)| sections.points(at).positions_um);
    let reach = places.map(|place| distance(*place, centre)).fold(0.0, f64::max);
    let least = reach / MOST_SPHERES as f64;
    let step_um =
        step_um.filter(|step| *step > 0.0 && step.is_finite()).map_or_else(|| round(reach / CHOSEN_SPHERES), |step| step.max(least));
    let spheres = ((reach / step_um).floor() as usize).min(MOST_SPHERES);
    // Crossings of spheres a to b are one more at a and one less behind b.
    let mut changes = vec![0i64; spheres + 2];
    let mut pass = |from: f64, to: f64| {
        let (low, high) = (from.min(to), from.max(to));
        // Spheres in (low, high]: each is counted once where pieces meet.
        let (first, last) = ((low / step_um).floor() as usize + 1, ((high / step_um).floor() as usize).min(spheres));
        if first <= last {
            changes[first] += 1;
            changes[last + 1] -= 1;
        }
    };
    for (at, _) in neurites() {
        for pair in sections.points(at).positions_um.windows(2) {
            let (from, to) = (distance(pair[0], centre), distance(pair[1], centre));
            // The piece may come nearer than both its ends.
            let along: [f64; 3] = [0, 1, 2].map(|side| pair[1][side] - pair[0][side]);
            let length = along.iter().map(|value| value * value).sum::<f64>();
            let dot: f64 = (0..3).map(|side| (centre[side] - pair[0][side]) * along[side]).sum();
            match length > 0.0 && dot > 0.0 && dot < length {
                true => {
                    let fraction = dot / length;
                    let nearest = distance([0, 1, 2].map(|side| pair[0][side] + fraction * along[side]), centre).min(from).min(to);
                    pass(from, nearest);
                    pass(nearest, to);
                }
                false => pass(from, to),
            }
        }
    }
    let mut count = 0i64;
    let crossings = changes.iter().take(spheres + 1).skip(1).map(|change| {
        count += change;
        u64::try_from(count).unwrap_or(0)
    });
    Sholl { step_um, crossings: crossings.collect() }
}

/// The middle of the first section.
fn middle_of_soma(sections: &Sections) -> [f64; 3] {
    sections.compartments(0, 1)[0].position_um
}

/// The next larger of 1, 2, 5, 10, 20 and so on.
fn round(step: f64) -> f64 {
    if step <= 0.0 {
        return 1.0;
    }
    let decade = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|factor| factor * decade).find(|round| *round >= step * (1.0 - 1e-9)).unwrap_or(10.0 * decade)
}
