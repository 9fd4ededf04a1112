//! Cells that are made, not traced.

mod directions;
mod growth;
mod pyramidal;

pub use growth::Growth;
pub use pyramidal::{L5_PYRAMIDAL_SEED, l5_pyramidal, l5_pyramidal_comment};

use crate::error::MorphologyError;
use crate::morphology::{Kind, Morphology, Samples};

/// Branches of a tree at most.
const DEEPEST: u32 = 20;

fn positive(name: &str, value: f64) -> Result<(), MorphologyError> {
    match value > 0.0 && value.is_finite() {
        true => Ok(()),
        false => Err(MorphologyError::Request(format!("{name} is {value}; expected a positive number"))),
    }
}

/// A ball: one soma sample of a radius, µm, at the origin.
///
/// # Errors
/// If the radius is not positive, or beyond what a [`Morphology`] allows.
pub fn ball(radius_um: f64) -> Result<Morphology, MorphologyError> {
    positive("the radius", radius_um)?;
    let mut samples = Samples::default();
    samples.push(Kind::SOMA, [0.0; 3], radius_um, None);
    Morphology::new(samples)
}

/// A ball and a stick: a soma of a radius, µm, and a dendrite of a length and a diameter, µm, that begins on its surface and leads away from it along y.
///
/// # Errors
/// If a number is not positive, or beyond what a [`Morphology`] allows.
pub fn ball_and_stick(soma_radius_um: f64, length_um: f64, diameter_um: f64) -> Result<Morphology, MorphologyError> {
    for (name, value) in [("the radius", soma_radius_um), ("the length", length_um), ("the diameter", diameter_um)] {
        positive(name, value)?;
    }
    let mut samples = Samples::default();
    let soma = samples.push(Kind::SOMA, [0.0; 3], soma_radius_um, None);
    let start = samples.push(Kind::BASAL, [0.0, soma_radius_um, 0.0], diameter_um / 2.0, Some(soma));
    samples.push(Kind::BASAL, [0.0, soma_radius_um + length_um, 0.0], diameter_um / 2.0, Some(start));
    Morphology::new(samples)
}

/// Rall's tree: every branch forks in two, down to a depth, so that the diameters d of a fork obey d^(3/2) = 2 d'^(3/2) and all branches have the same electrotonic
/// length. Then the tree behaves as one cylinder of the first branch's diameter, as long as depth branches of its length (Rall W (1962). Theory of physiological properties of
/// dendrites. Ann N Y Acad Sci 96:1071-1092. doi:10.1111/j.1749-6632.1962.tb54120.x).
///
/// Branches of level k are length 2^(-k/3) long and diameter 2^(-2k/3) thick, in µm, for k from 0 to below `levels` (1 to 20). With ten levels, 32 µm and 16 µm it is the
/// tree of Rallpack 2 (Bhalla US, Bilitch DH, Bower JM (1992). Rallpacks: a set of benchmarks for neuronal simulators. Trends Neurosci 15:453-458.
/// doi:10.1016/0166-2236(92)90009-W). All is basal dendrite, cylinders in the plane of x and y; there is no soma.
///
/// # Errors
/// If a number is not positive, there are no levels or more than 20, or a branch becomes thinner than a [`Morphology`] allows.
pub fn rall_tree(levels: u32, length_um: f64, diameter_um: f64) -> Result<Morphology, MorphologyError> {
    positive("the length", length_um)?;
    positive("the diameter", diameter_um)?;
    if !(1..=DEEPEST).contains(&levels) {
        return Err(MorphologyError::Request(format!("{levels} levels; expected 1 to {DEEPEST}")));
    }
    let mut samples = Samples::default();
    // Ends of the branches of a level, and their directions.
    let mut ends: Vec<(Option<u32>, [f64; 3], f64)> = vec![(None, [0.0; 3], std::f64::consts::FRAC_PI_2)];
    for level in 0..levels {
        let (length, radius) = (length_um * 0.5f64.powf(f64::from(level) / 3.0), diameter_um / 2.0 * 0.25f64.powf(f64::from(level) / 3.0));
        let spread = if level == 0 { 0.0 } else { 0.9 * 0.75f64.powi(level as i32 - 1) };
        let mut next = Vec::with_capacity(2 * ends.len());
        for (fork, [x, y, z], direction) in ends {
            let sides: &[f64] = if level == 0 { &[0.0] } else { &[-1.0, 1.0] };
            for side in sides {
                let direction = direction + side * spread;
                // The fork once more, with the branch's own diameter: branches are cylinders.
                let start = samples.push(Kind::BASAL, [x, y, z], radius, fork);
                let end = [x + length * direction.cos(), y + length * direction.sin(), z];
                next.push((Some(samples.push(Kind::BASAL, end, radius, Some(start))), end, direction));
            }
        }
        ends = next;
    }
    Morphology::new(samples)
}
