//! Bars that say which colour stands for which value.

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas, Image, Shape};
use super::palette::Colour;

/// An upright bar from the axis's lowest to its highest value, with numbers of a size in pixels to its right.
pub(crate) fn colour_bar(canvas: &mut Canvas, bar: Area, axis: &Axis, size: f64, colour_at: impl Fn(f64) -> Colour) {
    const STEPS: u32 = 256;
    let pixels = (0..STEPS).rev().flat_map(|step| {
        let Colour(red, green, blue) = colour_at(f64::from(step) / f64::from(STEPS - 1));
        [red, green, blue, 255]
    });
    let (width, height) = (bar.right - bar.left, bar.bottom - bar.top);
    let pixels = pixels.collect();
    canvas.shapes.push(Shape::Image(Image { x: bar.left, y: bar.top, width, height, columns: 1, rows: STEPS, pixels, series: None }));
    let (text, muted) = (canvas.theme.text(), canvas.theme.muted());
    for (y, label) in axis.ticks.iter().map(|&tick| (bar.y(axis, tick), axis.label(tick))) {
        canvas.strokes(vec![vec![(bar.right, y), (bar.right + size / 3.0, y)]], 1.5, muted, None);
        canvas.text(bar.right + 0.62 * size, y + 0.36 * size, label, size, Anchor::Start, text);
    }
}
