//! Which compartment each pixel shows: the shape stands still, so this is found once, and a moment is a colour for each pixel.

use crate::RecordError;
use crate::plots::Branch;
use crate::plots::palette::Colour;
use crate::plots::tree::{FLAT, THICKEST_ENLARGED, THINNEST, enlarged};
use tiny_skia::{FillRule, LineCap, LineJoin, Mask, Path, PathBuilder, Stroke, Transform};

/// No compartment.
const NOBODY: u32 = u32::MAX;

/// A cell as it is seen: x across and y upright; z instead of one of these along which it is flat.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    across: usize,
    upright: usize,
    centre: [f64; 3],
    down: f64,
    /// Extent across and upright, µm.
    pub(super) size: [f64; 2],
}

impl View {
    pub(super) fn of(pieces: &[Branch], y_down: bool) -> Result<Self, RecordError> {
        let mut bounds = [(f64::INFINITY, f64::NEG_INFINITY); 3];
        for piece in pieces.iter().filter(|piece| is_drawn(piece)) {
            for (position, radius) in piece.positions.iter().zip(&piece.radii) {
                for ((low, high), value) in bounds.iter_mut().zip(position) {
                    (*low, *high) = (low.min(value - radius.abs()), high.max(value + radius.abs()));
                }
            }
        }
        let spread = bounds.map(|(low, high)| high - low);
        if !spread.iter().all(|spread| spread.is_finite()) {
            return Err(RecordError::NothingToPlot { problem: "no compartment has a position".to_owned() });
        }
        let upright = if spread[1] < FLAT * spread[0].min(spread[2]) { 2 } else { 1 };
        let centre = bounds.map(|(low, high)| f64::midpoint(low, high));
        let depth = 3 - upright;
        let across = if spread[0] < FLAT * spread[upright].min(spread[depth]) { depth } else { 0 };
        let size = [spread[across].max(1e-9), spread[upright].max(1e-9)];
        Ok(Self { across, upright, centre, down: if y_down { 1.0 } else { -1.0 }, size })
    }

    /// Pixels a µm with which the cell fills a box.
    pub(super) fn scale(&self, width: f64, height: f64) -> f64 {
        (width / self.size[0]).min(height / self.size[1])
    }
}

fn is_drawn(piece: &Branch) -> bool {
    !piece.positions.is_empty()
        && piece.positions.len() == piece.radii.len()
        && piece.positions.iter().flatten().chain(&piece.radii).all(|value| value.abs() < 1e100)
}

/// By pixel the compartment that is seen there and how much of the pixel it covers.
#[derive(Debug)]
pub(super) struct Map {
    pub(super) columns: usize,
    pub(super) rows: usize,
    owner: Vec<u32>,
    cover: Vec<u8>,
}

impl Map {
    /// A cell in the middle of so many pixels, with a margin of a pen; lines are never thinner than `finest` times the thinnest of a picture.
    pub(super) fn new(pieces: &[Branch], view: &View, (columns, rows): (usize, usize), scale: f64, finest: f64) -> Self {
        let mut map = Self { columns, rows, owner: vec![NOBODY; columns * rows], cover: vec![0; columns * rows] };
        let drawn: Vec<&Branch> = pieces.iter().filter(|piece| is_drawn(piece)).collect();
        let enlarged = enlarged(&drawn, scale / finest);
        let place = |position: &[f64; 3]| {
            let x = columns as f64 / 2.0 + (position[view.across] - view.centre[view.across]) * scale;
            let y = rows as f64 / 2.0 + view.down * (position[view.upright] - view.centre[view.upright]) * scale;
            (x as f32, y as f32)
        };
        // The soma over the others.
        for solid in [false, true] {
            for (number, piece) in pieces.iter().enumerate().filter(|(_, piece)| piece.solid == solid && is_drawn(piece)) {
                let points: Vec<(f32, f32)> = piece.positions.iter().map(place).collect();
                let radii = piece.radii.iter().map(|radius| radius.abs() * scale);
                let outline = if solid {
                    body(&points, &radii.map(|radius| radius.max(1.2 * finest) as f32).collect::<Vec<f32>>())
                } else {
                    let mean = radii.sum::<f64>() / piece.radii.len() as f64;
                    let thickness = (2.0 * mean * enlarged).min((2.0 * mean).max(THICKEST_ENLARGED * finest)).max(THINNEST * finest);
                    line(&points, thickness as f32)
                };
                if let Some(outline) = outline {
                    map.add(number as u32, &outline);
                }
            }
        }
        map
    }

    /// Gives a compartment the pixels that it covers more of than those before it.
    fn add(&mut self, number: u32, outline: &Path) {
        let bounds = outline.bounds();
        let edge = |value: f32, most: usize| (value.max(0.0) as usize).min(most);
        let (left, top) = (edge(bounds.left().floor(), self.columns), edge(bounds.top().floor(), self.rows));
        let (right, bottom) = (edge(bounds.right().ceil() + 1.0, self.columns), edge(bounds.bottom().ceil() + 1.0, self.rows));
        let (width, height) = (right.saturating_sub(left), bottom.saturating_sub(top));
        let Some(mut mask) = Mask::new(width as u32, height as u32) else { return };
        mask.fill_path(outline, FillRule::Winding, true, Transform::from_translate(-(left as f32), -(top as f32)));
        for (row, covered) in mask.data().chunks(width).enumerate() {
            let from = (top + row) * self.columns + left;
            let (owners, covers) = (&mut self.owner[from..from + width], &mut self.cover[from..from + width]);
            for ((owner, cover), covered) in owners.iter_mut().zip(covers).zip(covered) {
                if *covered > 0 && *covered >= *cover {
                    (*owner, *cover) = (number, *covered);
                }
            }
        }
    }

    /// Row by row the compartment of each pixel, where there is one, and how much of 255 it covers.
    pub(super) fn pixels(&self) -> impl Iterator<Item = Option<(usize, u8)>> + '_ {
        self.owner.iter().zip(&self.cover).map(|(owner, cover)| (*owner != NOBODY).then_some((*owner as usize, *cover)))
    }

    /// Red, green, blue and opacity of each pixel, for a colour of each compartment.
    pub(super) fn painted(&self, colours: &[Colour]) -> Vec<u8> {
        let pixel = |pixel: Option<(usize, u8)>| match pixel.and_then(|(owner, cover)| Some((*colours.get(owner)?, cover))) {
            Some((Colour(red, green, blue), cover)) => [red, green, blue, cover],
            None => [0; 4],
        };
        self.pixels().flat_map(pixel).collect()
    }
}

/// A line through points as its outline.
fn line(points: &[(f32, f32)], thickness: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    let mut last = *points.first()?;
    path.move_to(last.0, last.1);
    let mut drawn = false;
    for (number, point) in points.iter().enumerate().skip(1) {
        // Points closer together than a tenth of a pixel are one, but for the end.
        let far = (point.0 - last.0).hypot(point.1 - last.1);
        if far > 0.1 || (number + 1 == points.len() && far > 0.0) {
            path.line_to(point.0, point.1);
            (last, drawn) = (*point, true);
        }
    }
    if !drawn {
        // Seen from its end.
        return PathBuilder::from_circle(last.0, last.1, thickness / 2.0);
    }
    let style = Stroke { width: thickness, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
    path.finish()?.stroke(&style, 1.0)
}

/// A body to scale: a disc if it is as long as it is thick, as a ball is, or is a single point; else the outlines of its frusta.
fn body(points: &[(f32, f32)], radii: &[f32]) -> Option<Path> {
    let (first, last) = (points.first()?, points.last()?);
    let (middle_x, middle_y) = (f32::midpoint(first.0, last.0), f32::midpoint(first.1, last.1));
    let thickest = radii.iter().copied().fold(0.0, f32::max);
    let long = (first.0 - last.0).hypot(first.1 - last.1);
    if (long - 2.0 * thickest).abs() < 0.02 * thickest || long < 2.0 {
        return PathBuilder::from_circle(middle_x, middle_y, thickest);
    }
    let mut path = PathBuilder::new();
    for (ends, radii) in points.windows(2).zip(radii.windows(2)) {
        let (dx, dy) = (ends[1].0 - ends[0].0, ends[1].1 - ends[0].1);
        let length = dx.hypot(dy);
        if length < 1e-3 {
            continue;
        }
        let (ux, uy) = (-dy / length, dx / length);
        let corner = |at: usize, side: f32| (ends[at].0 + side * ux * radii[at], ends[at].1 + side * uy * radii[at]);
        let corners = [corner(0, 1.0), corner(1, 1.0), corner(1, -1.0), corner(0, -1.0)];
        path.move_to(corners[0].0, corners[0].1);
        corners[1..].iter().for_each(|corner| path.line_to(corner.0, corner.1));
        path.close();
    }
    path.finish()
}
