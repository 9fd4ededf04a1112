//! Pictures of results, drawn without any font or library of the system.
//!
//! A plot is a list of few kinds of shapes, which is written as SVG or painted as PNG, so both show the same. Text in a PNG is
//! outlined from DejaVu Sans, which is compiled in; an SVG names it and its lookalikes.

mod axis;
mod bars;
mod canvas;
mod cell;
mod colour_bar;
mod curves;
mod distributions;
mod font;
mod frame;
mod heat_map;
mod palette;
mod png;
mod raster;
mod scatter;
mod series;
mod svg;
mod traces;
mod tree;

use crate::files::atomic::write_atomically;
use crate::{Population, RecordError};
use canvas::Canvas;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

pub use bars::BarSeries;
pub use cell::{Pace, PaintedCell};
pub use curves::{Curve, CurveStyle};
pub use distributions::{Distribution, DistributionForm};
pub use frame::{AxisScale, PlotAxis};
pub use heat_map::{ColourScale, HeatMap};
pub use palette::Theme;
pub use scatter::Scatter;
pub use tree::{Branch, BranchClass, Tree};

/// What all plots have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlotOptions {
    /// The title; long ones are shortened to fit.
    pub title: String,
    /// Dark text on white, or light text on dark.
    pub theme: Theme,
    /// First and last time shown, ms; all of the recording if `None`.
    pub window_ms: Option<(f64, f64)>,
    /// Populations after which traces call their neurons; by their identifiers where there is none.
    pub populations: Vec<Population>,
    /// Names of neurons by identifier, for traces and rasters; neurons without one are called by population and number.
    pub names: BTreeMap<u32, String>,
}

/// A finished picture of 1600 by 1000 pixels.
///
/// ```
/// use neuropil_record::{Figure, PlotOptions, Population, SpikeTable};
/// let mut spikes = SpikeTable::new(&[Population::new("excitatory", 0, 100)], 0.1)?;
/// spikes.push(15, &[3, 17]);
/// spikes.push(450, &[3]);
/// let figure = Figure::raster(&spikes, &PlotOptions { title: "Three spikes".into(), ..Default::default() })?;
/// assert!(figure.svg().contains("Three spikes"));
/// # Ok::<(), neuropil_record::RecordError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Figure {
    canvas: Canvas,
}

impl Figure {
    /// The picture as SVG text.
    pub fn svg(&self) -> String {
        svg::render(&self.canvas)
    }

    /// The picture as the bytes of a PNG file.
    ///
    /// # Errors
    /// [`RecordError::Drawing`] if it cannot be painted or encoded.
    pub fn png(&self) -> Result<Vec<u8>, RecordError> {
        png::render(&self.canvas)
    }

    /// Writes the picture as SVG.
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path.
    pub fn write_svg(&self, path: &Path) -> Result<(), RecordError> {
        write_atomically(path, |writer| writer.write_all(self.svg().as_bytes()))
    }

    /// Writes the picture as PNG.
    ///
    /// # Errors
    /// [`RecordError::Io`] with the path, or [`RecordError::Drawing`].
    pub fn write_png(&self, path: &Path) -> Result<(), RecordError> {
        let bytes = self.png()?;
        write_atomically(path, |writer| writer.write_all(&bytes))
    }
}

#[cfg(test)]
mod tests;
