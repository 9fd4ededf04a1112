//! Distributions of a measure over the neurons of populations.

use super::axis::{Axis, three_digits};
use super::canvas::{Anchor, Area, Canvas, MARGIN, TICK_SIZE, WIDTH, Weight, fitted, thousands};
use super::curves::{Curve, CurveStyle};
use super::frame::PlotAxis;
use super::{Figure, PlotOptions};
use crate::RecordError;
use std::collections::BTreeMap;

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

/// How a distribution is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DistributionForm {
    /// Fractions in equal bins, on linear axes.
    #[default]
    Histogram,
    /// The fraction of values that are at least as large (complementary cumulative), on double logarithmic axes: a power law is a
    /// straight line.
    CumulativeAbove,
    /// The density, fraction a unit, in bins of equal ratio, five a decade, on double logarithmic axes; empty bins have no point.
    LogarithmicBins,
}

/// From values to the points of a curve.
type PointsOf = fn(&[f64]) -> Vec<(f64, f64)>;

impl Figure {
    /// Distributions of a measure, one colour a population; `measure` labels the axis, with its unit, for example `rate (Hz)`.
    /// Logarithmic forms leave out values that are not positive, but count them. The window of the options has no meaning here. The
    /// first eight distributions with values are shown.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if there is no finite value, or no positive one where the form needs it.
    pub fn distributions(
        distributions: &[Distribution],
        measure: &str,
        form: DistributionForm,
        options: &PlotOptions,
    ) -> Result<Self, RecordError> {
        let (points, style): (PointsOf, _) = match form {
            DistributionForm::Histogram => return Self::histograms(distributions, measure, options),
            DistributionForm::CumulativeAbove => (cumulative_above, CurveStyle::Line),
            DistributionForm::LogarithmicBins => (logarithmic_bins, CurveStyle::LineAndPoints),
        };
        let up = match form {
            DistributionForm::CumulativeAbove => "fraction at least as large",
            _ => "fraction a unit",
        };
        let curves = distributions.iter().take(SHOWN).map(|one| {
            let values: Vec<f64> = one.values.iter().copied().filter(|value| value.is_finite()).collect();
            let mean = three_digits(values.iter().sum::<f64>() / values.len() as f64);
            let name = if values.is_empty() { one.name.clone() } else { format!("{}: mean {mean}", one.name) };
            Curve { style, ..Curve::line(name, points(&values)) }
        });
        let curves: Vec<Curve> = curves.collect();
        Self::curves(&curves, &PlotAxis::logarithmic(measure), &PlotAxis::logarithmic(up), options)
    }

    fn histograms(distributions: &[Distribution], measure: &str, options: &PlotOptions) -> Result<Self, RecordError> {
        let finite =
            |distribution: &Distribution| -> Vec<f64> { distribution.values.iter().copied().filter(|value| value.is_finite()).collect() };
        let all: Vec<(&str, Vec<f64>)> =
            distributions.iter().map(|one| (one.name.as_str(), finite(one))).filter(|one| !one.1.is_empty()).collect();
        let shown = &all[..all.len().min(SHOWN)];
        let values = || shown.iter().flat_map(|(_, values)| values.iter().copied());
        let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if shown.is_empty() {
            return Err(RecordError::NothingToPlot { problem: format!("no finite value of {measure}") });
        }
        let across = Axis::rounded(if low > 0.0 && low < 0.5 * high { 0.0 } else { low }, high, 8);
        let fractions: Vec<Vec<f64>> = shown.iter().map(|(_, values)| histogram(values, &across)).collect();
        let highest = fractions.iter().flatten().copied().fold(0.0, f64::max);
        let up = Axis::rounded(0.0, highest, 5);

        let count: usize = shown.iter().map(|(_, values)| values.len()).sum();
        let mut caption = format!("{} values", thousands(count as u64));
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
            "fraction of values",
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

/// Each value and the fraction of values that are at least as large, ascending.
fn cumulative_above(values: &[f64]) -> Vec<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let mut points: Vec<(f64, f64)> = Vec::new();
    for (place, &value) in sorted.iter().enumerate().filter(|(_, value)| **value > 0.0) {
        let point = (value, (count - place as f64) / count);
        if let Some(last) = points.last() {
            if last.0 == value {
                continue;
            }
            // A step: the fraction falls at the value, not between values.
            points.push((value, last.1));
        }
        points.push(point);
    }
    points
}

/// Geometric middles and densities of bins of equal ratio that hold values.
fn logarithmic_bins(values: &[f64]) -> Vec<(f64, f64)> {
    const BINS_A_DECADE: f64 = 5.0;
    let mut counts: BTreeMap<i64, u64> = BTreeMap::new();
    for value in values.iter().filter(|value| **value > 0.0) {
        *counts.entry((value.log10() * BINS_A_DECADE + 1e-9).floor() as i64).or_default() += 1;
    }
    let edge = |bin: i64| 10f64.powf(bin as f64 / BINS_A_DECADE);
    let density = |bin: i64, count: u64| count as f64 / values.len() as f64 / (edge(bin + 1) - edge(bin));
    counts.iter().map(|(&bin, &count)| ((edge(bin) * edge(bin + 1)).sqrt(), density(bin, count))).collect()
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
