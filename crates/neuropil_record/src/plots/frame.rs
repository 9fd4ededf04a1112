//! What figures with two numeric axes share: axes as a user describes them, the frame, the legend, marks and clipped lines.

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas, HEIGHT, MARGIN, TICK_SIZE, WIDTH, Weight, fitted};
use super::font::text_width;
use super::palette::Colour;
use crate::RecordError;

/// Whether equal distances on an axis are equal differences or equal ratios.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AxisScale {
    /// Equal differences.
    #[default]
    Linear,
    /// Equal ratios; values that are not positive have no place and are left out.
    Logarithmic,
}

/// An axis of a figure: what it measures and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlotAxis {
    /// What it measures, with the unit, for example `rate (Hz)`.
    pub label: String,
    /// Linear or logarithmic.
    pub scale: AxisScale,
    /// First and last value; those of the data if `None` or not a range.
    pub limits: Option<(f64, f64)>,
}

impl PlotAxis {
    /// A linear axis over the data.
    pub fn linear(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: AxisScale::Linear, limits: None }
    }

    /// A logarithmic axis over the data.
    pub fn logarithmic(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: AxisScale::Logarithmic, limits: None }
    }

    /// The same axis from `low` to `high`.
    pub fn within(self, low: f64, high: f64) -> Self {
        Self { limits: Some((low, high)), ..self }
    }

    /// Whether the scale has a place for a value.
    pub(crate) fn shows(&self, value: f64) -> bool {
        value.is_finite() && (self.scale == AxisScale::Linear || value > 0.0)
    }

    /// The scale for the values, or an error if it can show none of them and has no limits. `margin` is the share of the range that
    /// is left free at both ends; limits are kept as they are.
    pub(crate) fn over(&self, values: impl Iterator<Item = f64>, margin: f64, ticks: usize) -> Result<Axis, RecordError> {
        let given = self.limits.filter(|&(low, high)| self.shows(low) && self.shows(high) && low < high);
        let (low, high) = match given {
            Some(limits) => limits,
            None => values.filter(|&value| self.shows(value)).fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v))),
        };
        if low > high {
            let positive = if self.scale == AxisScale::Logarithmic { "positive " } else { "" };
            return Err(RecordError::NothingToPlot { problem: format!("no finite {positive}value of {}", self.named()) });
        }
        let margin = if given.is_some() { 0.0 } else { margin };
        // A single value lies in the middle.
        let around = if low == high && self.scale == AxisScale::Linear { if low == 0.0 { 1.0 } else { 0.5 * low.abs() } } else { 0.0 };
        let (low, high) = (low - around, high + around);
        Ok(match self.scale {
            AxisScale::Linear => {
                let room = margin * (high - low);
                Axis::new(low - room, high + room, ticks)
            }
            AxisScale::Logarithmic => {
                // Apart, as the ratio of huge to tiny values is no number.
                let room = high.powf(margin) / low.powf(margin);
                Axis::logarithmic(low / room, high * room, ticks)
            }
        })
    }

    fn named(&self) -> &str {
        if self.label.is_empty() { "an axis without label" } else { &self.label }
    }
}

/// How a series is shown in the legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    Line,
    Dashed,
    Dot,
    Diamond,
    LineAndDot,
    Square,
}

/// A legend above a figure's area: rows of entries, each as wide as its text.
pub(crate) struct Legend {
    entries: Vec<(Symbol, Colour, String)>,
}

impl Legend {
    const TOP: f64 = 142.0;
    const ROW: f64 = 34.0;
    const SYMBOL: f64 = 40.0;
    /// More rows would leave too little room for the data.
    const ROWS: usize = 5;

    /// A legend of the entries that have a text.
    pub(crate) fn new(entries: impl Iterator<Item = (Symbol, Colour, String)>) -> Self {
        Self { entries: entries.filter(|entry| !entry.2.is_empty()).collect() }
    }

    /// Places of entries from the left margin, pixels: x, row, and the text that fits.
    fn places(&self, left: f64) -> Vec<(f64, usize, String)> {
        let room = WIDTH - MARGIN - left;
        let (mut x, mut row) = (left, 0);
        self.entries
            .iter()
            .map(|(_, _, text)| {
                let text = fitted(text, TICK_SIZE, Weight::Regular, room / 2.0 - Self::SYMBOL);
                let width = Self::SYMBOL + text_width(&text, TICK_SIZE, Weight::Regular) + 30.0;
                if x + width > WIDTH - MARGIN + 30.0 && x > left {
                    (x, row) = (left, row + 1);
                }
                let place = (x, row, text);
                x += width;
                place
            })
            .collect()
    }

    /// Where the area below the legend begins, pixels.
    pub(crate) fn bottom(&self, left: f64) -> f64 {
        let rows = self.places(left).last().map_or(0, |last| last.1 + 1).min(Self::ROWS);
        Self::TOP - 12.0 + Self::ROW * rows as f64
    }

    pub(crate) fn draw(&self, canvas: &mut Canvas, left: f64) {
        let places = self.places(left);
        let shown = places.iter().filter(|place| place.1 < Self::ROWS).count();
        if shown < places.len() {
            let more = format!("… and {} more", places.len() - shown);
            canvas.text(WIDTH - MARGIN, Self::TOP - Self::ROW, more, TICK_SIZE, Anchor::End, canvas.theme.muted());
        }
        for ((symbol, colour, _), (x, row, text)) in self.entries.iter().zip(places).take(shown) {
            let y = Self::TOP + Self::ROW * row as f64;
            let middle = (x + 14.0, y - 7.0);
            let line = vec![(x, middle.1), (x + 28.0, middle.1)];
            match symbol {
                Symbol::Line => canvas.strokes(vec![line], 3.0, *colour, None),
                Symbol::Dashed => canvas.strokes(dashed(&line), 2.5, *colour, None),
                Symbol::Dot => canvas.strokes(vec![vec![middle]], 10.0, *colour, None),
                Symbol::Diamond => canvas.strokes(vec![diamond(middle, 8.0)], 2.5, *colour, None),
                Symbol::LineAndDot => canvas.strokes(vec![line], 3.0, *colour, None),
                Symbol::Square => canvas.rectangle(x + 4.0, middle.1 - 10.0, 20.0, 20.0, *colour),
            }
            if *symbol == Symbol::LineAndDot {
                canvas.strokes(vec![vec![middle]], 10.0, *colour, None);
            }
            canvas.text(x + Self::SYMBOL, y, text, TICK_SIZE, Anchor::Start, canvas.theme.text());
        }
    }
}

/// The area of a figure with a horizontal axis labelled below and a vertical one labelled at the left margin, with grid and legend.
pub(crate) fn framed(canvas: &mut Canvas, across: (&Axis, &str), up: (&Axis, &str), legend: &Legend) -> Area {
    let left = left_of(up.0);
    let area = Area { left, right: WIDTH - MARGIN - 10.0, top: legend.bottom(left), bottom: HEIGHT - 95.0 };
    let faint = canvas.theme.faint();
    canvas.strokes(
        across.0.ticks.iter().map(|&tick| area.x(across.0, tick)).map(|x| vec![(x, area.top), (x, area.bottom)]).collect(),
        1.0,
        faint,
        None,
    );
    canvas.vertical_axis(area, up.0);
    canvas.horizontal_axis(area, across.0, across.1);
    canvas.upward(MARGIN + 14.0, f64::midpoint(area.top, area.bottom), up.1, area.bottom - area.top, canvas.theme.text());
    legend.draw(canvas, left);
    area
}

/// Left edge of an area whose vertical axis has its numbers and label beside it, pixels.
pub(crate) fn left_of(up: &Axis) -> f64 {
    MARGIN + 14.0 + 24.0 + up.label_width().max(40.0) + 13.0
}

/// Lines cut at the edges of an area.
pub(crate) fn clipped(lines: Vec<Vec<(f64, f64)>>, area: Area) -> Vec<Vec<(f64, f64)>> {
    let mut kept: Vec<Vec<(f64, f64)>> = Vec::new();
    for line in lines {
        if line.iter().all(|&point| area.contains(point)) {
            kept.push(line);
            continue;
        }
        let mut current: Vec<(f64, f64)> = Vec::new();
        for pair in line.windows(2) {
            let Some((from, to)) = clipped_segment(pair[0], pair[1], area) else {
                kept.extend((!current.is_empty()).then(|| std::mem::take(&mut current)));
                continue;
            };
            if current.last() != Some(&from) {
                kept.extend((!current.is_empty()).then(|| std::mem::take(&mut current)));
                current.push(from);
            }
            current.push(to);
        }
        kept.extend((!current.is_empty()).then_some(current));
    }
    kept
}

/// The part of a segment inside an area (Liang & Barsky 1984, doi:10.1145/357332.357333).
fn clipped_segment(from: (f64, f64), to: (f64, f64), area: Area) -> Option<((f64, f64), (f64, f64))> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut first, mut last) = (0.0f64, 1.0f64);
    let edges = [(-dx, from.0 - area.left), (dx, area.right - from.0), (-dy, from.1 - area.top), (dy, area.bottom - from.1)];
    for (towards, distance) in edges {
        if towards == 0.0 {
            if distance < 0.0 {
                return None;
            }
        } else if towards < 0.0 {
            first = first.max(distance / towards);
        } else {
            last = last.min(distance / towards);
        }
    }
    let at = |share: f64| {
        let point = if share == 0.0 {
            from
        } else if share == 1.0 {
            to
        } else {
            (from.0 + share * dx, from.1 + share * dy)
        };
        (point.0.clamp(area.left, area.right), point.1.clamp(area.top, area.bottom))
    };
    (first <= last).then(|| (at(first), at(last)))
}

/// Dots of the positions inside an area; of those closer together than half the pen only one.
pub(crate) fn dots(points: impl Iterator<Item = (f64, f64)>, pen: f64, area: Area) -> Vec<Vec<(f64, f64)>> {
    let cell = (pen / 2.0).max(0.5);
    let columns = ((area.right - area.left) / cell) as usize + 2;
    let rows = ((area.bottom - area.top) / cell) as usize + 2;
    let mut taken = vec![false; columns * rows];
    points
        .filter(|&point| area.contains(point))
        .filter(|point| {
            let place = ((point.1 - area.top) / cell) as usize * columns + ((point.0 - area.left) / cell) as usize;
            taken.get_mut(place).is_some_and(|taken| !std::mem::replace(taken, true))
        })
        .map(|point| vec![point])
        .collect()
}

/// The outline of a diamond around a position.
pub(crate) fn diamond((x, y): (f64, f64), half: f64) -> Vec<(f64, f64)> {
    vec![(x, y - half), (x + half, y), (x, y + half), (x - half, y), (x, y - half)]
}

/// A line as dashes.
pub(crate) fn dashed(line: &[(f64, f64)]) -> Vec<Vec<(f64, f64)>> {
    const PERIOD: f64 = 14.0;
    const DASH: f64 = 8.0;
    let mut dashes: Vec<Vec<(f64, f64)>> = Vec::new();
    let (mut travelled, mut drawing) = (0.0, false);
    for pair in line.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let mut at = 0.0;
        while at < length {
            let phase = travelled % PERIOD;
            let dash = phase < DASH;
            let end = (at + if dash { DASH } else { PERIOD } - phase).min(length).max(at + 1e-3);
            let place = |at: f64| {
                let share = (at / length).min(1.0);
                (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
            };
            if dash {
                match dashes.last_mut().filter(|_| drawing) {
                    Some(last) => last.push(place(end)),
                    None => dashes.push(vec![place(at), place(end)]),
                }
            }
            drawing = dash;
            travelled += end - at;
            at = end;
        }
    }
    dashes
}
