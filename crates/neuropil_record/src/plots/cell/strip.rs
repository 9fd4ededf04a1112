//! Moments side by side, and where they lie in the course of the potential.

use super::map::{Map, View};
use super::moments::{chosen, way};
use super::{PaintedCell, colour, label};
use crate::RecordError;
use crate::plots::axis::Axis;
use crate::plots::canvas::{Anchor, Area, Canvas, HEIGHT, Image, LABEL_SIZE, MARGIN, Shape, TICK_SIZE, WIDTH};
use crate::plots::colour_bar::colour_bar;
use crate::plots::series::{self, TimeAxis};
use crate::plots::tree::scale_bar;
use crate::plots::{Figure, PlotOptions};

/// Moments shown.
const PANELS: usize = 8;
/// The part of the moments that is spaced along the way that potentials go, not along the time.
const SHARE: f64 = 0.9;
/// Room above a panel for its time, pixels.
const TIME_ROOM: f64 = 36.0;
/// Room for the colour bar with its numbers and label, pixels.
const BAR_ROOM: f64 = 190.0;
/// Images are painted with so many pixels for one of the picture.
const FINE: f64 = 2.0;

impl Figure {
    /// A cell at eight moments side by side, each compartment in the colour of its potential, and below them the course of one compartment's potential with
    /// the moments marked. The moments are closest where potentials change most: nine in ten are spaced evenly along the way that the potentials go (the sum of
    /// the mean sizes of their changes), the others along the time. Lines are as thick as compartments are, or thicker where all would be thin. The window of the options has no
    /// meaning here.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if nothing has a place or a potential, or the numbers do not fit together.
    pub fn painted_cell(cell: &PaintedCell, options: &PlotOptions) -> Result<Self, RecordError> {
        let axis = cell.check()?;
        let view = View::of(&cell.pieces, cell.y_down)?;
        let moments = chosen(&cell.times_ms, &way(cell), PANELS, SHARE);
        let mut caption = cell.caption.clone();
        if moments.len() < cell.times_ms.len() {
            caption += if caption.is_empty() { "moments" } else { "; moments" };
            caption += " are closest where potentials change most";
        }
        let mut canvas = Canvas::new(options.theme, &options.title, &caption);
        let room = Area { left: MARGIN, right: WIDTH - MARGIN - BAR_ROOM, top: 122.0, bottom: 730.0 };
        let (columns, rows, scale) = grid(&view, room, moments.len());
        let (width, height) = ((room.right - room.left) / columns as f64, (room.bottom - room.top) / rows as f64);
        // A pen's room on all sides.
        let pixels = [view.size[0], view.size[1]].map(|size| ((size * scale + 8.0) * FINE).ceil() as usize);
        let map = Map::new(&cell.pieces, &view, (pixels[0], pixels[1]), scale * FINE, FINE);
        let times: Vec<f64> = moments.iter().filter_map(|moment| cell.times_ms.get(*moment).copied()).collect();
        for (panel, (moment, time)) in moments.iter().zip(&times).enumerate() {
            let centre = room.left + (panel % columns) as f64 * width + width / 2.0;
            let top = room.top + (panel / columns) as f64 * height;
            canvas.text(centre, top + TICK_SIZE, label(*time, &times), TICK_SIZE, Anchor::Middle, options.theme.text());
            let colours: Vec<_> = cell.at(*moment).iter().map(|potential| colour(options.theme, &axis, *potential)).collect();
            let (across, down) = (map.columns as f64 / FINE, map.rows as f64 / FINE);
            canvas.shapes.push(Shape::Image(Image {
                x: centre - across / 2.0,
                y: top + TIME_ROOM + (height - TIME_ROOM - down) / 2.0,
                width: across,
                height: down,
                columns: map.columns as u32,
                rows: map.rows as u32,
                pixels: map.painted(&colours),
                series: Some(label(*time, &times)),
            }));
        }
        let left = room.right + 50.0;
        let bar = Area { left, right: left + 30.0, top: room.top + TIME_ROOM, bottom: room.bottom - 40.0 };
        colour_bar(&mut canvas, bar, &axis, TICK_SIZE, |fraction| options.theme.potential(fraction));
        let x = (bar.right + 13.0 + axis.label_width() + 34.0).min(WIDTH - 14.0);
        canvas.upward(x, f64::midpoint(bar.top, bar.bottom), "potential (mV)", bar.bottom - bar.top, options.theme.text());
        scale_bar(&mut canvas, (WIDTH - MARGIN, HEIGHT - 80.0), scale, 110.0, LABEL_SIZE, "µm");
        course(&mut canvas, cell, &axis, &times, options)?;
        Ok(Self { canvas })
    }
}

/// Columns, rows and pixels a µm with which panels are largest.
fn grid(view: &View, room: Area, panels: usize) -> (usize, usize, f64) {
    let mut best = (panels.max(1), 1, 0.0);
    for rows in 1..=panels {
        let columns = panels.div_ceil(rows);
        let (width, height) = ((room.right - room.left) / columns as f64 - 14.0, (room.bottom - room.top) / rows as f64 - TIME_ROOM - 10.0);
        let scale = view.scale(width - 8.0, height - 8.0);
        if width > 8.0 && height > 8.0 && scale > best.2 {
            best = (columns, panels.div_ceil(columns), scale);
        }
    }
    best
}

/// The course of the probe, with the moments as dots.
fn course(canvas: &mut Canvas, cell: &PaintedCell, potential: &Axis, times: &[f64], options: &PlotOptions) -> Result<(), RecordError> {
    let (Some(first), Some(last)) = (cell.times_ms.first(), cell.times_ms.last()) else { return Ok(()) };
    if last <= first {
        return Ok(());
    }
    let time = TimeAxis::new(&PlotOptions { window_ms: Some((*first, *last)), ..PlotOptions::default() }, None)?;
    let area = Area { left: MARGIN + 78.0, right: WIDTH - MARGIN - BAR_ROOM - 20.0, top: 780.0, bottom: 912.0 };
    let axis = Axis::new(potential.low, potential.high, 3);
    canvas.vertical_axis(area, &axis);
    canvas.horizontal_axis(area, &time.axis, time.label);
    canvas.strokes(series::lines(cell.course(), &time, area, &axis), 2.0, options.theme.text(), Some(&cell.probe_name));
    let name = format!("potential of {}, mV", cell.probe_name);
    canvas.text(area.left - 13.0, area.top - 16.0, name, TICK_SIZE, Anchor::Start, options.theme.muted());
    let dots = cell.course().filter(|(at, value)| times.contains(at) && value.is_finite());
    let dots: Vec<Vec<(f64, f64)>> = dots.map(|(at, value)| vec![(time.x(area, at), area.y(&axis, value))]).collect();
    canvas.strokes(dots, 12.0, options.theme.series(1), Some("moments shown above"));
    Ok(())
}
