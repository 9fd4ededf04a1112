//! Curves: one quantity against another.

use super::axis::{Axis, three_digits};
use super::canvas::{Area, Canvas};
use super::frame::{Legend, PlotAxis, Symbol, clipped, dashed, diamond, dots, framed};
use super::palette::Colour;
use super::series::thinned;
use super::{Figure, PlotOptions};
use crate::RecordError;
use crate::statistics::PowerSpectrum;

/// How the points of a curve are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CurveStyle {
    /// A line through them.
    #[default]
    Line,
    /// A dot each.
    Points,
    /// A dot each and a line through them.
    LineAndPoints,
    /// An open diamond each: values of others, to compare with.
    Reference,
    /// A dashed line: a theory or fit.
    Dashed,
}

/// A series of points with a name.
///
/// ```
/// use neuropil_record::{Curve, Figure, PlotAxis, PlotOptions};
/// let measured = Curve::line("measured", vec![(0.1, 2.0), (0.2, 9.5), (0.3, 21.0)]).with_errors(vec![0.5, 0.8, 1.1]);
/// let published = Curve::reference("published", vec![(0.2, 10.0)]);
/// let figure = Figure::curves(
///     &[measured, published],
///     &PlotAxis::linear("current (nA)"),
///     &PlotAxis::linear("rate (Hz)"),
///     &PlotOptions::default(),
/// )?;
/// assert!(figure.svg().contains("rate (Hz)"));
/// # Ok::<(), neuropil_record::RecordError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Name in the legend; without one it is not listed there.
    pub name: String,
    /// x and y; a value that is not finite interrupts a line.
    pub points: Vec<(f64, f64)>,
    /// Half the length of each point's error bar, in y's unit; none if empty.
    pub errors: Vec<f64>,
    /// Lower and upper limit of a band at each point, in y's unit; none if empty.
    pub band: Vec<(f64, f64)>,
    /// How the points are shown.
    pub style: CurveStyle,
}

impl Curve {
    /// A line through `points` in their order.
    pub fn line(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { name: name.into(), points, ..Self::default() }
    }

    /// Dots.
    pub fn points(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { style: CurveStyle::Points, ..Self::line(name, points) }
    }

    /// Open diamonds: values of others, to compare with.
    pub fn reference(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        Self { style: CurveStyle::Reference, ..Self::line(name, points) }
    }

    /// The same curve with an error bar of ± `errors` at its points.
    pub fn with_errors(self, errors: Vec<f64>) -> Self {
        Self { errors, ..self }
    }

    /// The same curve with a band from the lower to the upper limit at each point.
    pub fn with_band(self, band: Vec<(f64, f64)>) -> Self {
        Self { band, ..self }
    }

    /// The same curve in another style.
    pub fn styled(self, style: CurveStyle) -> Self {
        Self { style, ..self }
    }

    /// Every y that is drawn, at x that the horizontal axis can show.
    fn heights<'a>(&'a self, across: &'a PlotAxis) -> impl Iterator<Item = f64> + 'a {
        let errors = self.points.iter().zip(&self.errors).filter(|(_, error)| error.is_finite());
        let bars = errors.flat_map(|(&(x, y), error)| [(x, y - error), (x, y + error)]);
        let band = self.points.iter().zip(&self.band).flat_map(|(&(x, _), &(low, high))| [(x, low), (x, high)]);
        self.points.iter().copied().chain(bars).chain(band).filter(|(x, _)| across.shows(*x)).map(|(_, y)| y)
    }

    fn symbol(&self) -> Symbol {
        match self.style {
            CurveStyle::Line => Symbol::Line,
            CurveStyle::Points => Symbol::Dot,
            CurveStyle::LineAndPoints => Symbol::LineAndDot,
            CurveStyle::Reference => Symbol::Diamond,
            CurveStyle::Dashed => Symbol::Dashed,
        }
    }
}

impl Figure {
    /// Curves over common axes, with error bars, bands and values to compare with; colours come again after eight. A logarithmic
    /// axis leaves out what is not positive. Many points are thinned to what the picture can show. The window of the options has no
    /// meaning here.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if an axis has neither limits nor a value that it can show.
    pub fn curves(curves: &[Curve], across: &PlotAxis, up: &PlotAxis, options: &PlotOptions) -> Result<Self, RecordError> {
        let marked = curves.iter().any(|curve| !matches!(curve.style, CurveStyle::Line | CurveStyle::Dashed));
        let points = curves.iter().flat_map(|curve| &curve.points);
        let x = across.over(points.filter(|point| up.shows(point.1)).map(|point| point.0), if marked { 0.03 } else { 0.0 }, 7)?;
        let y = up.over(curves.iter().flat_map(|curve| curve.heights(across)), 0.05, 6)?;

        let mut canvas = Canvas::new(options.theme, &options.title, "");
        let colours = colours(curves, &canvas);
        let entries = curves.iter().zip(&colours).map(|(curve, colour)| (curve.symbol(), *colour, curve.name.clone()));
        let legend = Legend::new(entries);
        let area = framed(&mut canvas, (&x, &across.label), (&y, &up.label), &legend);
        for (curve, colour) in curves.iter().zip(&colours) {
            draw_band(&mut canvas, curve, (&x, &y), area, *colour);
        }
        for (curve, colour) in curves.iter().zip(&colours) {
            draw_curve(&mut canvas, curve, (&x, &y), area, *colour);
        }
        Ok(Self { canvas })
    }

    /// Power spectra over double logarithmic axes, with the frequency of the largest density above `lowest_hz` marked and named;
    /// `density` labels the axis, for example `power (1/s)`.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if no density is positive at a positive frequency.
    pub fn spectrum(
        spectra: &[(String, PowerSpectrum)],
        density: &str,
        lowest_hz: f64,
        options: &PlotOptions,
    ) -> Result<Self, RecordError> {
        let curves: Vec<Curve> = spectra
            .iter()
            .map(|(name, spectrum)| {
                let points = spectrum.frequency_hz.iter().copied().zip(spectrum.density.iter().copied()).collect();
                let name = match spectrum.peak_hz(lowest_hz) {
                    Some(peak) => format!("{name}, largest at {} Hz", three_digits(peak)).trim_start_matches(", ").to_owned(),
                    None => name.clone(),
                };
                Curve::line(name, points)
            })
            .collect();
        let (across, up) = (PlotAxis::logarithmic("frequency (Hz)"), PlotAxis::logarithmic(density));
        let mut figure = Self::curves(&curves, &across, &up, options)?;
        if lowest_hz > 0.0 {
            figure.canvas.note(&format!("largest values sought above {} Hz", three_digits(lowest_hz)));
        }
        Ok(figure)
    }
}

/// A colour for each curve; a reference has the text's colour, so that it is told apart from what is measured.
fn colours(curves: &[Curve], canvas: &Canvas) -> Vec<Colour> {
    let mut place = 0;
    let mut references = 0;
    curves
        .iter()
        .map(|curve| match curve.style {
            CurveStyle::Reference | CurveStyle::Dashed if references == 0 => {
                references += 1;
                canvas.theme.text()
            }
            _ => {
                place += 1;
                canvas.theme.series(place - 1)
            }
        })
        .collect()
}

fn draw_band(canvas: &mut Canvas, curve: &Curve, (x, y): (&Axis, &Axis), area: Area, colour: Colour) {
    let edge = |upper: bool| -> Vec<Vec<(f64, f64)>> {
        let limits = curve.points.iter().zip(&curve.band);
        thinned(limits.map(|(point, band)| {
            // Where one limit has no place the band is interrupted; beyond the frame it runs along the edge.
            let both = area.y(y, band.0) + area.y(y, band.1);
            let at = area.y(y, if upper { band.1 } else { band.0 });
            (area.x(x, point.0), if both.is_finite() { at.clamp(area.top, area.bottom) } else { f64::NAN })
        }))
    };
    for (low, high) in edge(false).into_iter().zip(edge(true)) {
        let outline = high.into_iter().chain(low.into_iter().rev()).map(|(x, y)| (x.clamp(area.left, area.right), y));
        canvas.polygon(outline.collect(), colour, 0.25, None);
    }
}

fn draw_curve(canvas: &mut Canvas, curve: &Curve, (x, y): (&Axis, &Axis), area: Area, colour: Colour) {
    let place = |point: &(f64, f64)| (area.x(x, point.0), area.y(y, point.1));
    let bars = curve.points.iter().zip(&curve.errors).filter(|(_, error)| error.is_finite() && **error != 0.0);
    let bars = bars.flat_map(|(point, error)| {
        let (across, middle) = place(point);
        let at = |value: f64| Some(area.y(y, value)).filter(|at| at.is_finite()).unwrap_or(area.bottom);
        let (low, high) = (at(point.1 - error.abs()), at(point.1 + error.abs()));
        let caps = [low, high].map(|end| vec![(across - 6.0, end), (across + 6.0, end)]);
        let lines = if across.is_finite() && middle.is_finite() { vec![vec![(across, low), (across, high)]] } else { Vec::new() };
        lines.into_iter().chain(caps.into_iter().filter(move |_| middle.is_finite() && across.is_finite()))
    });
    canvas.strokes(clipped(bars.collect(), area), 2.0, colour, None);
    let series = Some(curve.name.as_str());
    let line = |canvas: &mut Canvas, series| {
        let lines = clipped(thinned(curve.points.iter().map(place)), area);
        if curve.style == CurveStyle::Dashed {
            canvas.strokes(lines.iter().flat_map(|line| dashed(line)).collect(), 2.5, colour, series);
        } else {
            canvas.strokes(lines, 2.8, colour, series);
        }
    };
    let many = curve.points.len() > 2_000;
    let pen = if many { 3.5 } else { 9.0 };
    match curve.style {
        CurveStyle::Line | CurveStyle::Dashed => line(canvas, series),
        CurveStyle::Points => canvas.strokes(dots(curve.points.iter().map(place), pen, area), pen, colour, series),
        CurveStyle::LineAndPoints => {
            line(canvas, None);
            canvas.strokes(dots(curve.points.iter().map(place), pen, area), pen, colour, series);
        }
        CurveStyle::Reference => {
            let marks = dots(curve.points.iter().map(place), pen, area);
            let marks = marks.into_iter().flatten().map(|at| diamond(at, if many { 3.0 } else { 9.0 }));
            canvas.strokes(marks.collect(), if many { 1.0 } else { 2.5 }, colour, series);
        }
    }
}
