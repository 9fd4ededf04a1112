//! Branching bodies in space, such as neurons, seen from two sides.

use super::canvas::{Anchor, Area, Canvas, HEIGHT, LABEL_SIZE, MARGIN, Shape, TICK_SIZE, WIDTH, Weight, fitted};
use super::font::text_width;
use super::frame::{Legend, Symbol};
use super::palette::Colour;
use super::{Figure, PlotOptions};
use crate::RecordError;
use std::collections::BTreeMap;
use std::f64::consts::TAU;

/// Thinnest line, pixels.
pub(crate) const THINNEST: f64 = 1.1;
/// Lines are drawn thicker than branches are, by the least of these factors that makes the mean line as thick as [`READABLE`], or by the last.
const ENLARGED: [f64; 5] = [1.0, 1.5, 2.0, 3.0, 4.0];
/// Mean thickness of lines that lets differences be seen, pixels.
const READABLE: f64 = 1.6;
/// Lines that are not so thick themselves become no thicker than this, pixels.
pub(crate) const THICKEST_ENLARGED: f64 = 7.0;
/// A body thinner along y than this part of its other extents is shown along z instead.
pub(crate) const FLAT: f64 = 0.5;
/// Ratio of neighbouring pens: lines change their thickness in steps.
const PEN_RATIO: f64 = 1.15;
/// Points of a line closer together than this, pixels, are left out.
const CLOSE: f64 = 0.4;
/// Room between the two views, pixels, and left of each.
const BETWEEN: f64 = 60.0;

/// A branch: points with radii.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Branch {
    /// What it is, by its place in [`Tree::classes`].
    pub class: usize,
    /// Where its points are.
    pub positions: Vec<[f64; 3]>,
    /// Radius at each, in the unit of the positions.
    pub radii: Vec<f64>,
    /// Whether it is drawn as a solid body to scale, such as a cell body.
    pub solid: bool,
}

/// What branches are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BranchClass {
    /// The text of the legend.
    pub name: String,
    /// The colour, by its place among those of series.
    pub colour: usize,
}

/// A branching body.
///
/// ```
/// use neuropil_record::{Branch, BranchClass, Figure, PlotOptions, Tree};
/// let tree = Tree {
///     branches: vec![Branch { positions: vec![[0.0; 3], [0.0, 80.0, 10.0]], radii: vec![2.0, 0.5], ..Branch::default() }],
///     classes: vec![BranchClass { name: "basal".into(), colour: 0 }],
///     unit: "µm".into(),
///     ..Tree::default()
/// };
/// let picture = Figure::tree(&tree, &PlotOptions::default())?.svg();
/// assert!(picture.contains("basal") && picture.contains(" µm"), "{picture}");
/// # Ok::<(), neuropil_record::RecordError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// The branches; those that are not finite are left out.
    pub branches: Vec<Branch>,
    /// What they are, in the order in which they are drawn, the first undermost.
    pub classes: Vec<BranchClass>,
    /// Unit of positions and radii.
    pub unit: String,
    /// A line below the title.
    pub caption: String,
    /// Whether y (or z, if that is shown upright) points down in the picture, as in images.
    pub y_down: bool,
}

/// One of the two views.
struct View {
    /// The coordinate that is shown across.
    across: usize,
    /// Pixels to the right of the middle of the coordinate's range.
    middle: f64,
    area: Area,
}

/// From space to pixels.
struct Place {
    centre: [f64; 3],
    /// The coordinate that is shown upright: y, or z of a body that is flat along y.
    upright: usize,
    /// Factor by which lines are thicker than branches.
    enlarged: f64,
    /// Pixels a unit.
    scale: f64,
    down: f64,
}

impl Place {
    fn of(&self, view: &View, position: [f64; 3]) -> (f64, f64) {
        let x = view.middle + (position[view.across] - self.centre[view.across]) * self.scale;
        let y =
            f64::midpoint(view.area.top, view.area.bottom) + self.down * (position[self.upright] - self.centre[self.upright]) * self.scale;
        (x, y)
    }
}

impl Figure {
    /// A branching body in two views side by side, to one scale: x and y, and z and y; one that is flat along y in x and z, and y and z. Lines are as thick as branches are, or where
    /// all would be thin, thicker by a factor that the picture names; but at least a pixel. The window of the options has no meaning here.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if no branch has a finite position.
    pub fn tree(tree: &Tree, options: &PlotOptions) -> Result<Self, RecordError> {
        let finite = |branch: &&Branch| {
            !branch.positions.is_empty()
                && branch.positions.len() == branch.radii.len()
                && branch.positions.iter().flatten().chain(&branch.radii).all(|value| value.abs() < 1e100)
        };
        let shown: Vec<&Branch> = tree.branches.iter().filter(finite).collect();
        let mut bounds = [(f64::INFINITY, f64::NEG_INFINITY); 3];
        for branch in &shown {
            for (position, radius) in branch.positions.iter().zip(&branch.radii) {
                for ((low, high), value) in bounds.iter_mut().zip(position) {
                    (*low, *high) = (low.min(value - radius.abs()), high.max(value + radius.abs()));
                }
            }
        }
        if shown.is_empty() {
            return Err(RecordError::NothingToPlot { problem: "no branch has a position".to_owned() });
        }
        let mut canvas = Canvas::new(options.theme, &options.title, &tree.caption);
        let colour = |class: usize| options.theme.series(tree.classes.get(class).map_or(0, |class| class.colour));
        let used = |class: &usize| shown.iter().any(|branch| branch.class == *class);
        let symbol = |class: usize| match shown.iter().any(|branch| branch.class == class && branch.solid) {
            true => Symbol::Dot,
            false => Symbol::Line,
        };
        let entries =
            (0..tree.classes.len()).rev().filter(used).map(|class| (symbol(class), colour(class), tree.classes[class].name.clone()));
        let legend = Legend::new(entries);
        legend.draw(&mut canvas, MARGIN);
        let area = Area { left: MARGIN, right: WIDTH - MARGIN, top: legend.bottom(MARGIN) + 4.0, bottom: HEIGHT - 80.0 };
        let (mut place, views) = laid_out(bounds, area, tree.y_down);
        place.enlarged = enlarged(&shown, place.scale);
        for view in &views {
            for class in 0..tree.classes.len().max(1) {
                let of_class = || shown.iter().copied().filter(|branch| branch.class.min(tree.classes.len().saturating_sub(1)) == class);
                let name = tree.classes.get(class).map(|class| class.name.as_str());
                lines(&mut canvas, &place, view, of_class().filter(|branch| !branch.solid), colour(class), name);
                for branch in of_class().filter(|branch| branch.solid) {
                    solid(&mut canvas, &place, view, branch, colour(class), name);
                }
            }
            directions(&mut canvas, &place, view);
        }
        let left = scale_bar(&mut canvas, (WIDTH - MARGIN, HEIGHT - 30.0), place.scale, 160.0, LABEL_SIZE, &tree.unit);
        if place.enlarged > 1.0 {
            let note = format!("thickness up to × {}", place.enlarged);
            canvas.text(left - 30.0, HEIGHT - 26.0, note, TICK_SIZE, Anchor::End, options.theme.muted());
        }
        Ok(Self { canvas })
    }
}

/// Two views beside each other, as large as fits, and in the middle of the area.
fn laid_out(bounds: [(f64, f64); 3], area: Area, y_down: bool) -> (Place, [View; 2]) {
    let spread = |side: usize| (bounds[side].1 - bounds[side].0).max(1e-12);
    let (width, height) = (area.right - area.left - BETWEEN, area.bottom - area.top);
    let upright = if spread(1) < FLAT * spread(0).min(spread(2)) { 2 } else { 1 };
    let sides = [0, 3 - upright];
    let scale = (width / sides.map(spread).iter().sum::<f64>()).min(height / spread(upright));
    let centre = [0, 1, 2].map(|side: usize| f64::midpoint(bounds[side].0, bounds[side].1));
    // A body thin in z leaves room for its view all the same.
    let widths = sides.map(|side| spread(side) * scale);
    let between = BETWEEN + ((width - widths[0] - widths[1]) / 3.0).clamp(0.0, 200.0);
    let left = area.left + (area.right - area.left - widths[0] - widths[1] - between) / 2.0;
    let view = |across: usize, left: f64, width: f64| View {
        across,
        middle: left + width / 2.0,
        area: Area { left, right: left + width, ..area },
    };
    let views = [view(sides[0], left, widths[0]), view(sides[1], left + widths[0] + between, widths[1])];
    (Place { centre, upright, enlarged: 1.0, scale, down: if y_down { 1.0 } else { -1.0 } }, views)
}

/// How much thicker than branches lines are drawn.
pub(crate) fn enlarged(branches: &[&Branch], scale: f64) -> f64 {
    let (mut length, mut area) = (0.0, 0.0);
    for branch in branches.iter().filter(|branch| !branch.solid) {
        for (positions, radii) in branch.positions.windows(2).zip(branch.radii.windows(2)) {
            let piece = (0..3).map(|side| (positions[1][side] - positions[0][side]).powi(2)).sum::<f64>().sqrt();
            length += piece;
            area += piece * (radii[0].abs() + radii[1].abs());
        }
    }
    let mean = area / length * scale;
    ENLARGED.into_iter().find(|factor| factor * mean >= READABLE || !mean.is_finite()).unwrap_or(ENLARGED[ENLARGED.len() - 1])
}

/// Branches as lines, joined where the same pen draws them.
fn lines<'b>(
    canvas: &mut Canvas,
    place: &Place,
    view: &View,
    branches: impl Iterator<Item = &'b Branch>,
    colour: Colour,
    name: Option<&str>,
) {
    let mut by_pen: BTreeMap<i32, Vec<Vec<(f64, f64)>>> = BTreeMap::new();
    for branch in branches {
        let mut current: Option<(i32, Vec<(f64, f64)>)> = None;
        let last = branch.positions.len() - 1;
        for (at, (&position, &radius)) in branch.positions.iter().zip(&branch.radii).enumerate() {
            let point = place.of(view, position);
            let previous = branch.radii[at.saturating_sub(1)];
            let thickness = (radius.abs() + previous.abs()) * place.scale;
            let thickness = (thickness * place.enlarged).min(thickness.max(THICKEST_ENLARGED));
            let pen = (thickness / THINNEST).max(1.0).ln() / PEN_RATIO.ln();
            let pen = pen.round() as i32;
            match &mut current {
                None => current = Some((pen, vec![point])),
                Some((_, line)) if at < last && line.last().is_some_and(|from| (from.0 - point.0).hypot(from.1 - point.1) < CLOSE) => {}
                Some((of, line)) if *of == pen || line.len() == 1 => {
                    *of = pen;
                    line.push(point);
                }
                Some((of, line)) => {
                    let from = line.last().copied().unwrap_or(point);
                    by_pen.entry(*of).or_default().push(std::mem::take(line));
                    current = Some((pen, vec![from, point]));
                }
            }
        }
        if let Some((pen, line)) = current {
            by_pen.entry(pen).or_default().push(line);
        }
    }
    for (pen, lines) in by_pen {
        canvas.strokes(lines, THINNEST * PEN_RATIO.powi(pen), colour, name);
    }
}

/// A branch as a solid body: the outlines of its frusta, and a disc where it bends, is seen from its end or is a single point.
fn solid(canvas: &mut Canvas, place: &Place, view: &View, branch: &Branch, colour: Colour, name: Option<&str>) {
    let at = |point: usize| (place.of(view, branch.positions[point]), (branch.radii[point].abs() * place.scale).max(1.5));
    let circle = |(x, y): (f64, f64), radius: f64| -> Vec<(f64, f64)> {
        (0..72).map(|k| f64::from(k) * TAU / 72.0).map(|angle| (x + radius * angle.cos(), y + radius * angle.sin())).collect()
    };
    for point in 0..branch.positions.len() {
        let (here, radius) = at(point);
        let Some(next) = (point + 1 < branch.positions.len()).then(|| at(point + 1)) else {
            if branch.positions.len() == 1 {
                canvas.polygon(circle(here, radius), colour, 1.0, name);
            }
            continue;
        };
        let (there, next_radius) = next;
        let (dx, dy) = (there.0 - here.0, there.1 - here.1);
        let length = dx.hypot(dy);
        let from = branch.positions[point];
        let whole = (0..3).map(|side| (branch.positions[point + 1][side] - from[side]).powi(2)).sum::<f64>().sqrt() * place.scale;
        if length < 0.5 * whole || length < 1e-6 {
            canvas.polygon(circle(here, radius.max(next_radius)), colour, 1.0, name);
        }
        if length > 1e-6 {
            let (ux, uy) = (-dy / length, dx / length);
            let corner = |(x, y): (f64, f64), radius: f64| (x + ux * radius, y + uy * radius);
            let outline = vec![corner(here, radius), corner(there, next_radius), corner(there, -next_radius), corner(here, -radius)];
            canvas.polygon(outline, colour, 1.0, name);
            if let Some((beyond, _)) = (point + 2 < branch.positions.len()).then(|| at(point + 2)) {
                let (bx, by) = (beyond.0 - there.0, beyond.1 - there.1);
                let bent = (dx * by - dy * bx).abs() > 0.1 * length * bx.hypot(by);
                match bent {
                    true => canvas.polygon(circle(there, next_radius), colour, 1.0, name),
                    // Polygons that only touch leave a seam.
                    false => canvas.strokes(vec![vec![corner(there, next_radius), corner(there, -next_radius)]], 1.0, colour, None),
                }
            }
        }
    }
}

/// Two arrows at the lower left of a view that name its directions.
fn directions(canvas: &mut Canvas, place: &Place, view: &View) {
    const LENGTH: f64 = 34.0;
    let (muted, text) = (canvas.theme.muted(), canvas.theme.text());
    let (x, bottom) = ((view.area.left.min(view.middle - 40.0)).max(MARGIN + 18.0), HEIGHT - 30.0);
    let [across, up] = [view.across, place.upright].map(|side| ["x", "y", "z"][side]);
    let y_down = place.down > 0.0;
    let (corner, tip) = if y_down { (bottom - LENGTH, bottom) } else { (bottom, bottom - LENGTH) };
    let head = if y_down { -6.0 } else { 6.0 };
    canvas.strokes(
        vec![
            vec![(x + LENGTH, corner), (x, corner), (x, tip)],
            vec![(x - 4.0, tip + head), (x, tip), (x + 4.0, tip + head)],
            vec![(x + LENGTH - 6.0, corner - 4.0), (x + LENGTH, corner), (x + LENGTH - 6.0, corner + 4.0)],
        ],
        1.5,
        muted,
        None,
    );
    canvas.text(x + LENGTH + 8.0, corner + 0.36 * TICK_SIZE, across, TICK_SIZE, Anchor::Start, text);
    canvas.text(x - 18.0, tip + if y_down { 4.0 } else { 8.0 }, up, TICK_SIZE, Anchor::Start, text);
}

/// A bar of a round length, of about so many pixels, that ends at a place; gives where it and its label, of a size in pixels, begin.
pub(crate) fn scale_bar(canvas: &mut Canvas, (right, y): (f64, f64), scale: f64, pixels: f64, size: f64, unit: &str) -> f64 {
    let wanted = pixels / scale;
    let decade = 10f64.powf(wanted.log10().floor());
    let length = [5.0, 2.0, 1.0].into_iter().map(|factor| factor * decade).find(|length| *length <= wanted * 1.0001).unwrap_or(decade);
    let label = if unit.is_empty() { plain(length) } else { format!("{} {unit}", plain(length)) };
    let label = fitted(&label, size, Weight::Regular, WIDTH / 3.0);
    let width = length * scale;
    let text = canvas.theme.text();
    canvas.shapes.push(Shape::Rectangle { x: right - width, y: y - size / 6.0, width, height: size / 6.0, colour: text });
    let label_width = text_width(&label, size, Weight::Regular);
    let middle = (right - width / 2.0).min(right - label_width / 2.0);
    canvas.text(middle, y - 0.58 * size, label, size, Anchor::Middle, text);
    right - width.max(label_width)
}

/// A round number without needless digits.
fn plain(value: f64) -> String {
    if (1e-3..1e6).contains(&value) { ((value * 1e6).round() / 1e6).to_string() } else { format!("{value:e}") }
}
