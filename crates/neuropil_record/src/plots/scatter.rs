//! Points in space, seen from two sides.

use super::axis::Axis;
use super::canvas::{Area, Canvas, HEIGHT, MARGIN, WIDTH, thousands};
use super::frame::{Legend, Symbol, dots, left_of};
use super::{Figure, PlotOptions};
use crate::RecordError;

/// As many classes have a colour of their own; the points of further ones share the last.
const CLASSES: usize = 8;

/// Diameters of points, pixels, for few and for many.
const LARGEST: f64 = 16.0;
const SMALLEST: f64 = 2.0;

/// The name of each direction in space.
const DIRECTIONS: [&str; 3] = ["x", "y", "z"];

/// Points in space by class, for example the cell bodies of neurons by transmitter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scatter {
    /// Positions x, y and z; those that are not finite are left out.
    pub positions: Vec<[f64; 3]>,
    /// The class of each point, by its place in `class_names`; all are of the first class if empty.
    pub classes: Vec<usize>,
    /// Names of the classes.
    pub class_names: Vec<String>,
    /// A relative size of each point, at least 0; all are equal if empty. Areas are in proportion to it.
    pub sizes: Vec<f64>,
    /// Unit of the positions, for example `µm`.
    pub unit: String,
}

impl Figure {
    /// Points in space, one colour a class, in two projections side by side or, of long bodies, one below the other: x and y, then x
    /// and z, both to the same scale, y and z downwards as in image volumes. The window of the options has no meaning here.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if no position is finite.
    pub fn scatter(scatter: &Scatter, options: &PlotOptions) -> Result<Self, RecordError> {
        let shown: Vec<usize> =
            (0..scatter.positions.len()).filter(|&at| scatter.positions[at].iter().all(|value| value.is_finite())).collect();
        if shown.is_empty() {
            return Err(RecordError::NothingToPlot { problem: "no point has a position".to_owned() });
        }
        let class = |at: usize| scatter.classes.get(at).copied().unwrap_or(0).min(CLASSES - 1);
        let classes = shown.iter().map(|&at| class(at)).max().map_or(1, |most| most + 1);
        let named = scatter.class_names.len();
        let mut caption = format!("{} points", thousands(shown.len() as u64));
        if shown.len() < scatter.positions.len() {
            caption += &format!("; {} without a position", thousands((scatter.positions.len() - shown.len()) as u64));
        }
        let mut canvas = Canvas::new(options.theme, &options.title, &caption);
        let name = |class: usize| match scatter.class_names.get(class) {
            Some(_) if class == CLASSES - 1 && named > CLASSES => format!("{} other classes", named - CLASSES + 1),
            Some(name) => name.clone(),
            None => String::new(),
        };
        let theme = canvas.theme;
        let mut present = [false; CLASSES];
        shown.iter().for_each(|&at| present[class(at)] = true);
        let drawn = (0..classes).filter(|class| present[*class]);
        let legend = Legend::new(drawn.map(|class| (Symbol::Dot, theme.series(class), name(class))));
        let ranges: Vec<(f64, f64)> = (0..3)
            .map(|side| {
                let values = shown.iter().map(|&at| scatter.positions[at][side]);
                values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
            })
            .collect();
        // Long bodies lie one view below the other, others beside each other.
        let spread = |side: usize| ranges[side].1 / 2.0 - ranges[side].0 / 2.0;
        let long = spread(0) > 1.7 * spread(1).max(spread(2));
        let down = |scale: f64, side: usize, area: Area| centred(ranges[side], scale * (area.bottom - area.top));
        let scale_of = |panels: &[(usize, Area); 2]| {
            panels.iter().map(|(side, area)| room(ranges[0], ranges[*side], *area)).fold(f64::NEG_INFINITY, f64::max)
        };
        // How wide the numbers of the vertical axes are depends on the scale, and that on the room which they leave.
        let mut indent = MARGIN + 91.0;
        let mut panels = panels(long, indent, legend.bottom(indent) + 6.0);
        for _ in 0..2 {
            let scale = scale_of(&panels);
            indent = panels.iter().map(|(side, area)| left_of(&down(scale, *side, *area))).fold(indent, f64::max);
            panels = self::panels(long, indent, legend.bottom(indent) + 6.0);
        }
        legend.draw(&mut canvas, indent);
        let scale = scale_of(&panels);
        let largest = scatter.sizes.iter().copied().filter(|size| size.is_finite()).fold(0.0, f64::max);
        let typical = (400.0 / (shown.len() as f64).sqrt()).clamp(SMALLEST, 9.0);
        for (side, area) in panels {
            let across = centred(ranges[0], scale * (area.right - area.left));
            let down = down(scale, side, area);
            draw_panel(&mut canvas, (&across, &down), side, &scatter.unit, area);
            let place = |at: usize| {
                let position = scatter.positions[at];
                (area.x(&across, position[0]), area.top + down.fraction(position[side]) * (area.bottom - area.top))
            };
            for class_drawn in 0..classes {
                let of_class = || shown.iter().copied().filter(|&at| class(at) == class_drawn);
                let series = name(class_drawn);
                let colour = canvas.theme.series(class_drawn);
                if largest <= 0.0 {
                    canvas.strokes(dots(of_class().map(place), typical, area), typical, colour, Some(&series));
                    continue;
                }
                // Few sizes are as good as all: eight steps of the diameter.
                for step in 1..=8u32 {
                    let pen = SMALLEST + (LARGEST - SMALLEST) * f64::from(step) / 8.0;
                    let of_step = of_class().filter(|&at| {
                        let size = scatter.sizes.get(at).copied().filter(|size| size.is_finite()).unwrap_or(0.0);
                        ((size.max(0.0) / largest).sqrt() * 8.0).round().max(1.0) as u32 == step
                    });
                    canvas.strokes(dots(of_step.map(place), pen, area), pen, colour, Some(&series));
                }
            }
        }
        Ok(Self { canvas })
    }
}

/// Where the two views are, each with its side: one below the other or beside each other, with `indent` pixels on the left for numbers and
/// label of their vertical axes.
fn panels(long: bool, indent: f64, top: f64) -> [(usize, Area); 2] {
    let (half, bottom) = (WIDTH / 2.0, HEIGHT - 95.0);
    let middle = f64::midpoint(top, bottom);
    let panel = |left: f64, right: f64, top: f64, bottom: f64| Area { left: left + indent, right: right - MARGIN, top, bottom };
    if long {
        [(1, panel(0.0, WIDTH, top, middle - 50.0)), (2, panel(0.0, WIDTH, middle + 50.0, bottom))]
    } else {
        [(1, panel(0.0, half, top, bottom)), (2, panel(half - MARGIN / 2.0, WIDTH, top, bottom))]
    }
}

/// The least length of a pixel at which both ranges fit into an area.
fn room(across: (f64, f64), down: (f64, f64), area: Area) -> f64 {
    let spread = |(low, high): (f64, f64)| (high / 2.0 - low / 2.0) * 2.0;
    let scale = (1.06 * spread(across) / (area.right - area.left)).max(1.06 * spread(down) / (area.bottom - area.top));
    if scale > 0.0 && scale.is_finite() { scale } else { 1e-3 }
}

/// A scale of a length around the middle of a range.
fn centred((low, high): (f64, f64), length: f64) -> Axis {
    let middle = f64::midpoint(low, high);
    Axis::new(middle - length / 2.0, middle + length / 2.0, 5)
}

fn draw_panel(canvas: &mut Canvas, (across, down): (&Axis, &Axis), side: usize, unit: &str, area: Area) {
    let left_label = area.left - 13.0 - down.label_width().max(40.0) - 24.0;
    let unit = if unit.is_empty() { String::new() } else { format!(" ({unit})") };
    let faint = canvas.theme.faint();
    let x = across.ticks.iter().map(|&tick| area.x(across, tick)).map(|x| vec![(x, area.top), (x, area.bottom)]);
    canvas.strokes(x.collect(), 1.0, faint, None);
    // Downwards: a vertical axis whose ends are exchanged.
    let mut reversed = down.clone();
    (reversed.low, reversed.high) = (down.high, down.low);
    canvas.vertical_axis(area, &reversed);
    canvas.horizontal_axis(area, across, &format!("x{unit}"));
    let label = format!("{}{unit}", DIRECTIONS[side]);
    canvas.upward(left_label, f64::midpoint(area.top, area.bottom), &label, area.bottom - area.top, canvas.theme.text());
}
