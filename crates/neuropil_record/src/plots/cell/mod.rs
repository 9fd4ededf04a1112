//! A cell painted with its potentials over time: a strip of moments, and a film.
//!
//! - `map`: which compartment each pixel shows, found once for all moments
//! - `moments`: which moments are shown
//! - `strip`: some moments side by side
//! - `film`: many as an animated GIF

mod film;
mod map;
mod moments;
mod strip;
#[cfg(test)]
mod tests;

use super::axis::Axis;
use super::palette::{Colour, Theme};
use super::{Branch, PlotOptions};
use crate::RecordError;
use crate::files::atomic::write_atomically;
use std::io::Write;
use std::path::Path;

/// How fast a film runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pace {
    /// All moments, each for as long.
    #[default]
    Even,
    /// Slower where potentials change: three in four frames are spaced evenly along the way that potentials go, the others along the time.
    ByChange,
}

/// A cell, and its potentials at some moments.
///
/// ```
/// use neuropil_record::{Branch, Figure, PaintedCell, PlotOptions};
/// let piece = |y: f64| Branch { positions: vec![[0.0, y, 0.0], [0.0, y + 50.0, 0.0]], radii: vec![1.0; 2], ..Branch::default() };
/// let cell = PaintedCell {
///     pieces: vec![piece(0.0), piece(50.0)],
///     times_ms: vec![0.0, 1.0, 2.0],
///     potentials: vec![-65.0, -65.0, 20.0, -50.0, -60.0, -55.0],
///     ..PaintedCell::default()
/// };
/// assert!(Figure::painted_cell(&cell, &PlotOptions::default())?.svg().contains("potential (mV)"));
/// assert!(cell.gif(&PlotOptions::default())?.starts_with(b"GIF89a"));
/// # Ok::<(), neuropil_record::RecordError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PaintedCell {
    /// The compartments in space, µm; their class means nothing here.
    pub pieces: Vec<Branch>,
    /// The moments, ascending, ms.
    pub times_ms: Vec<f64>,
    /// Potentials, mV: those of all compartments at the first moment, then at the next.
    pub potentials: Vec<f32>,
    /// The compartment whose course is drawn below.
    pub probe: usize,
    /// What that is called.
    pub probe_name: String,
    /// Whether y points down in the picture.
    pub y_down: bool,
    /// How fast the film runs.
    pub pace: Pace,
    /// A line below the title.
    pub caption: String,
}

impl PaintedCell {
    /// The potentials at a moment.
    fn at(&self, moment: usize) -> &[f32] {
        let pieces = self.pieces.len();
        self.potentials.get(moment * pieces..(moment + 1) * pieces).unwrap_or_default()
    }

    /// The course of the probe: times and potentials.
    fn course(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let value = |moment: usize| self.at(moment).get(self.probe).map_or(f64::NAN, |value| f64::from(*value));
        self.times_ms.iter().enumerate().map(move |(moment, time)| (*time, value(moment)))
    }

    /// Refuses what cannot be drawn; else from the lowest to the highest potential.
    fn check(&self) -> Result<Axis, RecordError> {
        let nothing = |problem: String| RecordError::NothingToPlot { problem };
        if self.pieces.is_empty() || self.times_ms.is_empty() {
            return Err(nothing("a cell without compartments, or no moment".to_owned()));
        }
        if self.potentials.len() != self.pieces.len() * self.times_ms.len() {
            let (found, expected) = (self.potentials.len(), self.pieces.len() * self.times_ms.len());
            return Err(nothing(format!("{found} potentials; expected {expected}: one for each compartment at each moment")));
        }
        let finite = self.potentials.iter().filter(|value| value.is_finite());
        let (low, high) = finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
        if low > high {
            return Err(nothing("no potential is finite".to_owned()));
        }
        Ok(Axis::new(f64::from(low), f64::from(high), 6))
    }

    /// The film as the bytes of a GIF file, at most 530 pixels high, 20 frames a second, over and over: all moments, or where its pace is that of the
    /// change at most 120 of them.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if nothing has a place or a potential, or the numbers do not fit together; [`RecordError::Drawing`] if
    /// it cannot be painted or encoded.
    pub fn gif(&self, options: &PlotOptions) -> Result<Vec<u8>, RecordError> {
        film::gif(self, options)
    }

    /// Writes the film as GIF.
    ///
    /// # Errors
    /// As [`gif`](Self::gif); [`RecordError::Io`] with the path.
    pub fn write_gif(&self, path: &Path, options: &PlotOptions) -> Result<(), RecordError> {
        let bytes = self.gif(options)?;
        write_atomically(path, |writer| writer.write_all(&bytes))
    }
}

/// The colour of a potential; of one that is not finite the theme's grey.
fn colour(theme: Theme, axis: &Axis, potential: f32) -> Colour {
    let fraction = axis.fraction(f64::from(potential));
    if fraction.is_finite() { theme.potential(fraction) } else { theme.muted() }
}

/// A time as a label, with as many decimals as tell neighbours apart.
fn label(time_ms: f64, times_ms: &[f64]) -> String {
    let closest = times_ms.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 0.0).fold(f64::INFINITY, f64::min);
    let decimals = if closest.is_finite() { (0.7 - closest.log10()).ceil().clamp(0.0, 3.0) as usize } else { 1 };
    format!("{time_ms:.decimals$} ms")
}
