//! Writing SWC.

use crate::morphology::Morphology;
use std::fmt::Write;

/// A cell as the text of an SWC file: ids from 1 on, positions and radii in µm to a thousandth and a ten-thousandth. Each line of the comment comes first, behind `# `.
///
/// ```
/// use neuropil_morphology::{swc, synthetic};
///
/// let text = swc::text(&synthetic::ball_and_stick(5.0, 100.0, 1.5)?, "A ball and a stick");
/// assert_eq!(text, "# A ball and a stick\n1 1 0 0 0 5 -1\n2 3 0 5 0 0.75 1\n3 3 0 105 0 0.75 2\n");
/// # Ok::<(), neuropil_morphology::MorphologyError>(())
/// ```
pub fn text(morphology: &Morphology, comment: &str) -> String {
    let mut text = String::new();
    for line in comment.lines() {
        let _ = writeln!(text, "# {line}");
    }
    let samples = morphology.samples();
    for (number, parent) in samples.parents.iter().enumerate() {
        let [x, y, z] = samples.positions_um[number].map(|value| rounded(value, 1e3));
        let parent = parent.map_or(-1, |parent| i64::from(parent) + 1);
        let (kind, radius) = (samples.kinds[number].0, rounded(samples.radii_um[number], 1e4));
        let _ = writeln!(text, "{} {kind} {x} {y} {z} {radius} {parent}", number + 1);
    }
    text
}

/// To so many parts of one; never a zero with a sign.
fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts + 0.0
}
