//! Bars: values of categories, beside values to compare with.

use super::axis::{Axis, three_digits};
use super::canvas::{Anchor, Canvas, HEIGHT, MARGIN, TICK_SIZE, WIDTH, Weight, fitted};
use super::canvas::{Area, Direction, Shape, Text};
use super::font::text_width;
use super::frame::{AxisScale, Legend, PlotAxis, Symbol, diamond, left_of};
use super::{Figure, PlotOptions};
use crate::RecordError;

/// At most as many categories are drawn.
const CATEGORIES: usize = 60;

/// Longer names are shortened, pixels.
const NAME_ROOM: f64 = 300.0;

/// Lines of a name below its bars, at most, and their distance, pixels.
const LINES: usize = 3;
const LINE: f64 = 26.0;

/// A value for each category, for example the rates of populations in one simulation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BarSeries {
    /// Name in the legend; without one it is not listed there.
    pub name: String,
    /// One value for each category; one that is not finite is left out.
    pub values: Vec<f64>,
    /// Half the length of each value's error bar; none if empty.
    pub errors: Vec<f64>,
}

impl BarSeries {
    /// Values without error bars.
    pub fn new(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values, errors: Vec::new() }
    }

    /// The same values with error bars of ± `errors`.
    pub fn with_errors(self, errors: Vec<f64>) -> Self {
        Self { errors, ..self }
    }

    fn value(&self, place: usize) -> Option<f64> {
        self.values.get(place).copied().filter(|value| value.is_finite())
    }

    fn error(&self, place: usize) -> f64 {
        self.errors.get(place).copied().filter(|error| error.is_finite()).unwrap_or(0.0).abs()
    }

    /// Ends of bars and error bars.
    fn extent(&self) -> impl Iterator<Item = f64> {
        (0..self.values.len()).filter_map(|place| Some((self.value(place)?, self.error(place)))).flat_map(|(v, e)| [v, v - e, v + e])
    }
}

impl Figure {
    /// Bars of one or several series for each category, with error bars, and marks of `references` (published values) over them. The
    /// first sixty categories are shown. Bars begin at zero, on a logarithmic axis at its lower end. The window of the options has no
    /// meaning here.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if there is no category or no value that the axis can show.
    pub fn bars(
        categories: &[String],
        bars: &[BarSeries],
        references: &[BarSeries],
        axis: &PlotAxis,
        options: &PlotOptions,
    ) -> Result<Self, RecordError> {
        if categories.is_empty() {
            return Err(RecordError::NothingToPlot { problem: "no category".to_owned() });
        }
        let shown = &categories[..categories.len().min(CATEGORIES)];
        let up = scale(bars, references, axis)?;
        let caption = if shown.len() < categories.len() {
            format!("first {} of {} categories", shown.len(), categories.len())
        } else {
            String::new()
        };
        let mut canvas = Canvas::new(options.theme, &options.title, &caption);
        let theme = canvas.theme;
        let reference_colour = |place: usize| if place == 0 { theme.text() } else { theme.series(bars.len() + place - 1) };
        let entries = bars.iter().enumerate().map(|(place, one)| (Symbol::Square, theme.series(place), one.name.clone()));
        let marks = references.iter().enumerate().map(|(place, one)| (Symbol::Diamond, reference_colour(place), one.name.clone()));
        let legend = Legend::new(entries.chain(marks));
        let left = left_of(&up);
        let slot = (WIDTH - MARGIN - 10.0 - left) / shown.len() as f64;
        let lines: Vec<Option<Vec<String>>> = shown.iter().map(|name| broken(name, slot - 12.0)).collect();
        let upright = lines.iter().any(Option::is_none);
        let widest = shown.iter().map(|name| text_width(name, TICK_SIZE, Weight::Regular)).fold(0.0, f64::max);
        let most = lines.iter().flatten().map(Vec::len).max().unwrap_or(1);
        let below = if upright { 30.0 + widest.min(NAME_ROOM) } else { 60.0 + LINE * (most - 1) as f64 };
        let area = Area { left, right: WIDTH - MARGIN - 10.0, top: legend.bottom(left), bottom: HEIGHT - below };
        canvas.vertical_axis(area, &up);
        canvas.upward(MARGIN + 14.0, f64::midpoint(area.top, area.bottom), &axis.label, area.bottom - area.top, theme.text());
        legend.draw(&mut canvas, left);
        let base = if axis.scale == AxisScale::Linear { area.y(&up, 0.0).clamp(area.top, area.bottom) } else { area.bottom };
        let width = (0.8 * slot / bars.len().max(1) as f64).min(90.0);
        for (category, name) in shown.iter().enumerate() {
            let middle = left + (category as f64 + 0.5) * slot;
            match lines.get(category).and_then(Option::as_ref).filter(|_| !upright) {
                Some(lines) => draw_lines(&mut canvas, lines, middle, area.bottom),
                None => draw_upright(&mut canvas, name, middle, area.bottom),
            }
            let offset = |place: usize| middle + (place as f64 - 0.5 * (bars.len() as f64 - 1.0)) * width;
            for (place, one) in bars.iter().enumerate() {
                let Some(value) = one.value(category).filter(|&value| axis.shows(value)) else { continue };
                let y = area.y(&up, value).clamp(area.top, area.bottom);
                let x = offset(place) - 0.45 * width;
                canvas.rectangle(x, y.min(base), 0.9 * width, (y - base).abs().max(1.0), theme.series(place));
                let error = one.error(category);
                if error > 0.0 {
                    let at = |value| Some(area.y(&up, value)).filter(|y| y.is_finite()).unwrap_or(area.bottom).clamp(area.top, area.bottom);
                    draw_error(&mut canvas, offset(place), (at(value - error), at(value + error)), width);
                }
                let number = three_digits(value);
                let top = Some(area.y(&up, value + error)).filter(|y| y.is_finite()).unwrap_or(y).clamp(area.top, area.bottom);
                if value >= 0.0
                    && references.is_empty()
                    && text_width(&number, TICK_SIZE, Weight::Regular) < width.max(0.8 * slot / bars.len() as f64)
                {
                    canvas.text(offset(place), top - 8.0, number, TICK_SIZE, Anchor::Middle, theme.text());
                }
            }
            for (place, one) in references.iter().enumerate() {
                let Some(value) = one.value(category).filter(|&value| axis.shows(value)) else { continue };
                let at = |value| Some(area.y(&up, value)).filter(|y| y.is_finite()).unwrap_or(area.bottom).clamp(area.top, area.bottom);
                let x = middle + (place as f64 - 0.5 * (references.len() as f64 - 1.0)) * (0.5 * slot / references.len() as f64);
                let error = one.error(category);
                if error > 0.0 {
                    canvas.strokes(vec![vec![(x, at(value - error)), (x, at(value + error))]], 2.0, reference_colour(place), None);
                }
                let half = (0.2 * slot).clamp(3.0, 10.0);
                let outline = diamond((x, at(value)), half);
                canvas.polygon(outline.clone(), theme.background(), 1.0, Some(&one.name));
                canvas.strokes(vec![outline], 2.5, reference_colour(place), None);
            }
        }
        canvas.strokes(vec![vec![(area.left, base), (area.right, base)]], 1.5, theme.muted(), None);
        Ok(Self { canvas })
    }
}

/// From zero (or the smallest positive value) to a round number above all that is drawn.
fn scale(bars: &[BarSeries], references: &[BarSeries], axis: &PlotAxis) -> Result<Axis, RecordError> {
    let values = || bars.iter().chain(references).flat_map(BarSeries::extent);
    if axis.limits.is_some() || axis.scale == AxisScale::Logarithmic {
        return axis.over(values(), 0.08, 6);
    }
    let exact = axis.over(values().chain(values().take(1).map(|_| 0.0)), 0.0, 6)?;
    let (low, high) = (exact.low, if exact.high > 0.0 { 1.04 * exact.high } else { 0.0 });
    Ok(Axis::rounded(low, high, 6))
}

fn draw_error(canvas: &mut Canvas, x: f64, (low, high): (f64, f64), width: f64) {
    let cap = (0.15 * width).clamp(2.0, 8.0);
    let lines = vec![vec![(x, low), (x, high)], vec![(x - cap, low), (x + cap, low)], vec![(x - cap, high), (x + cap, high)]];
    canvas.strokes(lines, 2.0, canvas.theme.text(), None);
}

/// A name in as few lines as fit into `room` pixels, broken between words; `None` if they would be too many or a word is too long.
fn broken(name: &str, room: f64) -> Option<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        let longer = longer.filter(|line| text_width(line, TICK_SIZE, Weight::Regular) <= room);
        match (longer, lines.last_mut()) {
            (Some(longer), Some(last)) => *last = longer,
            _ => lines.push(word.to_owned()),
        }
    }
    let fits = |line: &String| text_width(line, TICK_SIZE, Weight::Regular) <= room;
    (lines.len() <= LINES && lines.iter().all(fits)).then_some(lines)
}

/// A name below its bars.
fn draw_lines(canvas: &mut Canvas, lines: &[String], x: f64, bottom: f64) {
    let colour = canvas.theme.text();
    for (place, line) in lines.iter().enumerate() {
        canvas.text(x, bottom + 34.0 + LINE * place as f64, line, TICK_SIZE, Anchor::Middle, colour);
    }
}

/// A name that reads upwards below its bars.
fn draw_upright(canvas: &mut Canvas, name: &str, x: f64, bottom: f64) {
    canvas.shapes.push(Shape::Text(Text {
        x: x + 0.36 * TICK_SIZE,
        y: bottom + 12.0,
        text: fitted(name, TICK_SIZE, Weight::Regular, NAME_ROOM),
        size: TICK_SIZE,
        anchor: Anchor::End,
        direction: Direction::Up,
        weight: Weight::Regular,
        colour: canvas.theme.text(),
    }));
}
