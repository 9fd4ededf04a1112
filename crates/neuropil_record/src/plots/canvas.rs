//! What a picture is made of.

use super::axis::Axis;
use super::font::text_width;
use super::palette::{Colour, Theme};
use super::png;

pub(crate) const WIDTH: f64 = 1600.0;
pub(crate) const HEIGHT: f64 = 1000.0;
pub(crate) const MARGIN: f64 = 40.0;

pub(crate) const TITLE_SIZE: f64 = 34.0;
/// Long titles are set smaller, down to this size, before they are cut.
const LEAST_TITLE_SIZE: f64 = 24.0;
pub(crate) const LABEL_SIZE: f64 = 24.0;
pub(crate) const TICK_SIZE: f64 = 21.0;

/// Where a text's position lies in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Right,
    /// Read from bottom to top.
    Up,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// A text whose baseline begins, ends or has its middle at a position in pixels.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) text: String,
    pub(crate) size: f64,
    pub(crate) anchor: Anchor,
    pub(crate) direction: Direction,
    pub(crate) weight: Weight,
    pub(crate) colour: Colour,
}

/// Positions are in pixels from the upper left corner.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Rectangle {
        x: f64,
        y: f64,
        width: f64,
        height: f64,
        colour: Colour,
    },
    /// Polylines with one pen; one of a single point is a dot as wide as the pen. `series` names what they show.
    Strokes {
        lines: Vec<Vec<(f64, f64)>>,
        pen: f64,
        colour: Colour,
        series: Option<String>,
    },
    /// A filled polygon, `opacity` from 0 to 1.
    Polygon {
        points: Vec<(f64, f64)>,
        colour: Colour,
        opacity: f64,
        series: Option<String>,
    },
    /// A picture of `columns` by `rows` pixels, red, green, blue and opacity of each, row by row from the upper left.
    Image(Image),
    Text(Text),
}

/// Pixels that fill a rectangle.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) columns: u32,
    pub(crate) rows: u32,
    pub(crate) pixels: Vec<u8>,
    pub(crate) series: Option<String>,
}

/// Strokes with more points than this become pixels: an SVG stays small and a viewer quick.
const MOST_POINTS: usize = 30_000;

/// A picture.
#[derive(Clone, Debug)]
pub(crate) struct Canvas {
    pub(crate) theme: Theme,
    pub(crate) title: String,
    pub(crate) shapes: Vec<Shape>,
}

/// A rectangle in which data are drawn, pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Area {
    pub(crate) fn x(&self, axis: &Axis, value: f64) -> f64 {
        self.left + axis.fraction(value) * (self.right - self.left)
    }

    pub(crate) fn y(&self, axis: &Axis, value: f64) -> f64 {
        self.bottom - axis.fraction(value) * (self.bottom - self.top)
    }

    /// Whether a position in pixels lies inside, by rounding.
    pub(crate) fn contains(&self, (x, y): (f64, f64)) -> bool {
        x >= self.left - 0.01 && x <= self.right + 0.01 && y >= self.top - 0.01 && y <= self.bottom + 0.01
    }
}

impl Canvas {
    /// A picture with a title and a caption below it.
    pub(crate) fn new(theme: Theme, title: &str, caption: &str) -> Self {
        let mut canvas = Self { theme, title: title.to_owned(), shapes: Vec::new() };
        let (background, text) = (theme.background(), theme.text());
        canvas.rectangle(0.0, 0.0, WIDTH, HEIGHT, background);
        let room = WIDTH - 2.0 * MARGIN;
        let size = (TITLE_SIZE * room / text_width(title, TITLE_SIZE, Weight::Bold).max(1.0)).floor().clamp(LEAST_TITLE_SIZE, TITLE_SIZE);
        let title = fitted(title, size, Weight::Bold, room);
        canvas.shapes.push(Shape::Text(Text { weight: Weight::Bold, ..line(MARGIN, 62.0, title, size, Anchor::Start, text) }));
        canvas.note(caption);
        canvas
    }

    /// A caption below the title.
    pub(crate) fn note(&mut self, text: &str) {
        if !text.is_empty() {
            let text = fitted(text, TICK_SIZE, Weight::Regular, WIDTH - 2.0 * MARGIN);
            self.text(MARGIN, 98.0, text, TICK_SIZE, Anchor::Start, self.theme.muted());
        }
    }

    pub(crate) fn rectangle(&mut self, x: f64, y: f64, width: f64, height: f64, colour: Colour) {
        self.shapes.push(Shape::Rectangle { x, y, width, height, colour });
    }

    pub(crate) fn text(&mut self, x: f64, y: f64, text: impl Into<String>, size: f64, anchor: Anchor, colour: Colour) {
        self.shapes.push(Shape::Text(line(x, y, text.into(), size, anchor, colour)));
    }

    /// A text that reads upwards, centred on a position.
    pub(crate) fn upward(&mut self, x: f64, y: f64, text: &str, room: f64, colour: Colour) {
        let text = fitted(text, LABEL_SIZE, Weight::Regular, room);
        self.shapes.push(Shape::Text(Text { direction: Direction::Up, ..line(x, y, text, LABEL_SIZE, Anchor::Middle, colour) }));
    }

    pub(crate) fn strokes(&mut self, lines: Vec<Vec<(f64, f64)>>, pen: f64, colour: Colour, series: Option<&str>) {
        let series = series.map(str::to_owned);
        if lines.iter().map(Vec::len).sum::<usize>() > MOST_POINTS
            && let Some(image) = png::painted(&lines, pen, colour, series.clone())
        {
            self.shapes.push(Shape::Image(image));
        } else if !lines.is_empty() {
            self.shapes.push(Shape::Strokes { lines, pen, colour, series });
        }
    }

    pub(crate) fn polygon(&mut self, points: Vec<(f64, f64)>, colour: Colour, opacity: f64, series: Option<&str>) {
        if points.len() >= 3 {
            self.shapes.push(Shape::Polygon { points, colour, opacity, series: series.map(str::to_owned) });
        }
    }

    /// A horizontal axis below an area: line, ticks, numbers and a label such as `time (ms)`.
    pub(crate) fn horizontal_axis(&mut self, area: Area, axis: &Axis, label: &str) {
        let muted = self.theme.muted();
        let mut lines = vec![vec![(area.left, area.bottom), (area.right, area.bottom)]];
        for &tick in &axis.ticks {
            let x = area.x(axis, tick);
            lines.push(vec![(x, area.bottom), (x, area.bottom + 7.0)]);
            self.text(x, area.bottom + 32.0, axis.label(tick), TICK_SIZE, Anchor::Middle, self.theme.text());
        }
        lines.extend(axis.minor.iter().map(|&tick| area.x(axis, tick)).map(|x| vec![(x, area.bottom), (x, area.bottom + 4.0)]));
        self.strokes(lines, 1.5, muted, None);
        let label = fitted(label, LABEL_SIZE, Weight::Regular, WIDTH - 2.0 * MARGIN);
        self.text(f64::midpoint(area.left, area.right), area.bottom + 68.0, label, LABEL_SIZE, Anchor::Middle, self.theme.text());
    }

    /// Ticks, numbers and faint grid lines of a vertical axis to the left of an area.
    pub(crate) fn vertical_axis(&mut self, area: Area, axis: &Axis) {
        let (faint, muted) = (self.theme.faint(), self.theme.muted());
        let at: Vec<f64> = axis.ticks.iter().map(|&tick| area.y(axis, tick)).collect();
        self.strokes(at.iter().map(|&y| vec![(area.left, y), (area.right, y)]).collect(), 1.0, faint, None);
        let mut lines: Vec<Vec<(f64, f64)>> = at.iter().map(|&y| vec![(area.left - 7.0, y), (area.left, y)]).collect();
        lines.push(vec![(area.left, area.top), (area.left, area.bottom)]);
        lines.extend(axis.minor.iter().map(|&tick| area.y(axis, tick)).map(|y| vec![(area.left - 4.0, y), (area.left, y)]));
        self.strokes(lines, 1.5, muted, None);
        for (&tick, y) in axis.ticks.iter().zip(at) {
            self.text(area.left - 13.0, y + 0.36 * TICK_SIZE, axis.label(tick), TICK_SIZE, Anchor::End, self.theme.text());
        }
    }
}

fn line(x: f64, y: f64, text: String, size: f64, anchor: Anchor, colour: Colour) -> Text {
    Text { x, y, text, size, anchor, direction: Direction::Right, weight: Weight::Regular, colour }
}

/// A text, shortened with an ellipsis if it is wider than `room` pixels.
pub(crate) fn fitted(text: &str, size: f64, weight: Weight, room: f64) -> String {
    if text_width(text, size, weight) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if text_width(&kept, size, weight) + text_width("…", size, weight) > room {
            kept.pop();
            break;
        }
    }
    kept.truncate(kept.trim_end().len());
    kept + "…"
}

/// A whole number with its thousands separated: `12,500`.
pub(crate) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
