//! Distributions of a measure over the neurons of populations.

use super::axis::{Axis, three_digits};
use super::canvas::{Anchor, Area, Canvas, MARGIN, TICK_SIZE, WIDTH, Weight, fitted, thousands};
use super::{Figure, PlotOptions};
use crate::RecordError;

/// At most as many distributions are drawn: as many as there are colours.
const SHOWN: usize = 8;

/// At most as many bins.
const BINS: usize = 40;

/// Legend entries a row.
const LEGEND_COLUMNS: usize = 4;

/// Values of one population, for example the rate of each neuron.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Name of the population.
    pub name: String,
    /// One value for each neuron; those that are not finite are left out.
    pub values: Vec<f64>,
}

impl Figure {
    /// Histograms of a measure, one outline a population, as fractions of its neurons; `measure` labels the axis, with its unit, for
    /// example `rate (Hz)`. The window of the options has no meaning here. The first eight distributions with values are shown.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if there is no finite value.
    pub fn distributions(distributions: &[Distribution], measure: &str, options: &PlotOptions) -> Result<Self, RecordError> {
        let finite =
            |distribution: &Distribution| -> Vec<f64> { distribution.values.iter().copied().filter(|value| value.is_finite()).collect() };
        let all: Vec<(&str, Vec<f64>)> =
            distributions.iter().map(|one| (one.name.as_str(), finite(one))).filter(|one| !one.1.is_empty()).collect();
        let shown = &all[..all.len().min(SHOWN)];
        let values = || shown.iter().flat_map(|(_, values)| values.iter().copied());
        let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if shown.is_empty() {
            return Err(RecordError::NothingToPlot { problem: format!("no neuron has a {measure}") });
        }
        let across = Axis::rounded(if low > 0.0 && low < 0.5 * high { 0.0 } else { low }, high, 8);
        let fractions: Vec<Vec<f64>> = shown.iter().map(|(_, values)| histogram(values, &across)).collect();
        let highest = fractions.iter().flatten().copied().fold(0.0, f64::max);
        let up = Axis::rounded(0.0, highest, 5);

        let neurons: usize = shown.iter().map(|(_, values)| values.len()).sum();
        let mut caption = format!("{} neurons", thousands(neurons as u64));
        if all.len() > shown.len() {
            caption += &format!("; first {} of {} populations", shown.len(), all.len());
        }
        let mut canvas = Canvas::new(options.theme, &options.title, &caption);
        let rows = shown.len().div_ceil(LEGEND_COLUMNS) as f64;
        let area = Area { left: 170.0, right: WIDTH - MARGIN, top: 130.0 + 36.0 * rows, bottom: 905.0 };
        canvas.vertical_axis(area, &up);
        canvas.horizontal_axis(area, &across, measure);
        canvas.upward(
            MARGIN + 24.0,
            f64::midpoint(area.top, area.bottom),
            "fraction of neurons",
            area.bottom - area.top,
            canvas.theme.text(),
        );
        for (place, ((name, values), fractions)) in shown.iter().zip(&fractions).enumerate() {
            let colour = canvas.theme.series(place);
            canvas.strokes(vec![outline(fractions, &up, area)], 3.0, colour, Some(&format!("{measure} of {name}")));
            let room = (area.right - area.left) / LEGEND_COLUMNS as f64;
            let (x, y) = (area.left + (place % LEGEND_COLUMNS) as f64 * room, 142.0 + 34.0 * (place / LEGEND_COLUMNS) as f64);
            canvas.strokes(vec![vec![(x, y - 7.0), (x + 26.0, y - 7.0)]], 3.0, colour, None);
            let mean = three_digits(values.iter().sum::<f64>() / values.len() as f64);
            let label = fitted(&format!("{name}: mean {mean}"), TICK_SIZE, Weight::Regular, room - 50.0);
            canvas.text(x + 36.0, y, label, TICK_SIZE, Anchor::Start, canvas.theme.text());
        }
        Ok(Self { canvas })
    }
}

/// The fraction of values in each of the bins of an axis.
fn histogram(values: &[f64], axis: &Axis) -> Vec<f64> {
    let mut fractions = vec![0.0; BINS];
    for &value in values {
        let bin = (axis.fraction(value) * BINS as f64) as usize;
        fractions[bin.min(BINS - 1)] += 1.0 / values.len() as f64;
    }
    fractions
}

/// The outline of a histogram as steps.
fn outline(fractions: &[f64], up: &Axis, area: Area) -> Vec<(f64, f64)> {
    let width = (area.right - area.left) / fractions.len() as f64;
    let mut points = vec![(area.left, area.y(up, 0.0))];
    for (bin, &fraction) in fractions.iter().enumerate() {
        let (x, y) = (area.left + bin as f64 * width, area.y(up, fraction));
        points.extend([(x, y), (x + width, y)]);
    }
    points.push((area.right, area.y(up, 0.0)));
    points
}
