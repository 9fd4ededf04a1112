//! Heat maps: values on a grid, as colours.

use super::axis::Axis;
use super::canvas::{
    Anchor, Area, Canvas, Direction, HEIGHT, Image, LABEL_SIZE, MARGIN, Shape, TICK_SIZE, Text, WIDTH, Weight, fitted, thousands,
};
use super::colour_bar::colour_bar;
use super::font::text_width;
use super::frame::PlotAxis;
use super::palette::{Colour, Theme};
use super::{Figure, PlotOptions};
use crate::RecordError;

/// Room for the labels of rows and of columns, pixels.
const LABEL_ROOM: f64 = 230.0;
/// Room for the labels of columns that do not stand upright, pixels.
const LEVEL_LABEL_ROOM: f64 = 30.0;
/// Room for the colour bar with its numbers and label.
const BAR_ROOM: f64 = 220.0;
const BAR_WIDTH: f64 = 34.0;
/// Smaller labels cannot be read.
const LEAST_LABEL: f64 = 13.0;

/// Which value has which colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourScale {
    /// From the smallest to the largest value, dark to bright.
    #[default]
    Linear,
    /// Logarithmic, from the smallest to the largest positive value; others stay empty.
    Logarithmic,
    /// From minus to plus the largest size, blue to orange, with zero neutral.
    Symmetric,
}

/// Values on a grid.
///
/// ```
/// use neuropil_record::{ColourScale, Figure, HeatMap, PlotOptions};
/// let map = HeatMap {
///     columns: 2,
///     values: vec![0.0, 12.0, -3.0, 0.0],
///     row_labels: vec!["AVA".into(), "AVB".into()],
///     column_labels: vec!["AVA".into(), "AVB".into()],
///     row_axis: "from".into(),
///     column_axis: "to".into(),
///     measure: "weight (mV)".into(),
///     scale: ColourScale::Symmetric,
///     ..HeatMap::default()
/// };
/// assert!(Figure::heat_map(&map, &PlotOptions::default())?.svg().contains("weight (mV)"));
/// # Ok::<(), neuropil_record::RecordError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatMap {
    /// Number of columns.
    pub columns: usize,
    /// The values, row by row from the top; those that are not finite stay empty.
    pub values: Vec<f64>,
    /// Names of the rows, shown where they fit; may be empty.
    pub row_labels: Vec<String>,
    /// Names of the columns, shown where they fit; may be empty.
    pub column_labels: Vec<String>,
    /// What the rows are, with the unit if they are a quantity.
    pub row_axis: String,
    /// What the columns are, with the unit if they are a quantity.
    pub column_axis: String,
    /// Quantities at the middle of the first and of the last row, for rows without names.
    pub row_range: Option<(f64, f64)>,
    /// Quantities at the middle of the first and of the last column, for columns without names.
    pub column_range: Option<(f64, f64)>,
    /// What the colours measure, with the unit.
    pub measure: String,
    /// Which value has which colour.
    pub scale: ColourScale,
}

impl HeatMap {
    fn rows(&self) -> usize {
        self.values.len() / self.columns.max(1)
    }
}

/// What the colours mean.
struct Colours {
    theme: Theme,
    scale: ColourScale,
    axis: Axis,
}

impl Colours {
    fn new(map: &HeatMap, theme: Theme) -> Result<Self, RecordError> {
        let values = map.values.iter().copied();
        let axis = match map.scale {
            ColourScale::Linear => PlotAxis::linear(&map.measure).over(values, 0.0, 6)?,
            ColourScale::Logarithmic => PlotAxis::logarithmic(&map.measure).over(values, 0.0, 6)?,
            ColourScale::Symmetric => {
                let most = values.filter(|value| value.is_finite()).map(f64::abs).fold(f64::NEG_INFINITY, f64::max);
                let most = if most > 0.0 { most } else { most + 1.0 };
                PlotAxis::linear(&map.measure).over([-most, most].into_iter(), 0.0, 6)?
            }
        };
        Ok(Self { theme, scale: map.scale, axis })
    }

    fn of(&self, value: f64) -> Option<Colour> {
        let fraction = Some(self.axis.fraction(value)).filter(|fraction| fraction.is_finite())?;
        Some(self.at(fraction))
    }

    fn at(&self, fraction: f64) -> Colour {
        match self.scale {
            ColourScale::Symmetric => self.theme.diverging(2.0 * fraction - 1.0),
            _ => Theme::sequential(fraction),
        }
    }
}

impl Figure {
    /// A matrix or a map of parameters as colours, with a colour bar. A grid finer than the picture is averaged: each pixel has the
    /// mean of its finite values, and the caption says of how many. Values that are not finite stay empty. The window of the options
    /// has no meaning here.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if the values do not fill whole rows or none can be shown.
    pub fn heat_map(map: &HeatMap, options: &PlotOptions) -> Result<Self, RecordError> {
        if map.columns == 0 || map.values.is_empty() || !map.values.len().is_multiple_of(map.columns) {
            let problem = format!("{} values in rows of {}; expected whole rows", map.values.len(), map.columns);
            return Err(RecordError::NothingToPlot { problem });
        }
        let colours = Colours::new(map, options.theme)?;
        let mut canvas = Canvas::new(options.theme, &options.title, "");
        let room = |labels: &[String]| {
            labels.iter().map(|label| text_width(label, TICK_SIZE, Weight::Regular)).fold(0.0, f64::max).min(LABEL_ROOM)
        };
        let rows_labelled = !map.row_labels.is_empty() || map.row_range.is_some();
        let left = MARGIN + 48.0 + if rows_labelled { room(&map.row_labels).max(70.0) } else { 10.0 };
        let above = |below: f64| shaped(map, Area { left, right: WIDTH - MARGIN - BAR_ROOM, top: 130.0, bottom: HEIGHT - 62.0 - below });
        let mut below = LEVEL_LABEL_ROOM;
        let mut area = above(below);
        if !level(map, area) {
            below = room(&map.column_labels).max(below);
            area = above(below);
        }
        let (columns, rows) = (map.columns.min((area.right - area.left) as usize), map.rows().min((area.bottom - area.top) as usize));
        let binned = binned(map, columns, rows);
        let pixels = binned.iter().flat_map(|&value| match colours.of(value) {
            Some(Colour(red, green, blue)) => [red, green, blue, 255],
            None => [0; 4],
        });
        let image = Image {
            x: area.left,
            y: area.top,
            width: area.right - area.left,
            height: area.bottom - area.top,
            columns: columns as u32,
            rows: rows as u32,
            pixels: pixels.collect(),
            series: Some(map.measure.clone()),
        };
        canvas.shapes.push(Shape::Image(image));
        canvas.note(&caption(map, columns, rows));
        let corners = [(area.left, area.top), (area.right, area.top), (area.right, area.bottom), (area.left, area.bottom)];
        canvas.strokes(vec![corners.into_iter().chain([corners[0]]).collect()], 1.5, canvas.theme.muted(), None);
        draw_row_labels(&mut canvas, map, area);
        draw_column_labels(&mut canvas, map, area);
        let text = canvas.theme.text();
        canvas.upward(MARGIN + 14.0, f64::midpoint(area.top, area.bottom), &map.row_axis, area.bottom - area.top, text);
        let label = fitted(&map.column_axis, LABEL_SIZE, Weight::Regular, WIDTH - area.left - MARGIN);
        canvas.text(f64::midpoint(area.left, area.right), area.bottom + below + 40.0, label, LABEL_SIZE, Anchor::Middle, text);
        draw_bar(&mut canvas, &colours, &map.measure, area);
        Ok(Self { canvas })
    }
}

fn caption(map: &HeatMap, columns: usize, rows: usize) -> String {
    let mut caption = format!("{} × {}", thousands(map.rows() as u64), thousands(map.columns as u64));
    if columns < map.columns || rows < map.rows() {
        let (down, across) = (map.rows().div_ceil(rows), map.columns.div_ceil(columns));
        caption += &format!("; each pixel is the mean of up to {down} × {across} values");
    }
    let empty = map.values.iter().filter(|value| !value.is_finite()).count();
    if empty > 0 {
        caption += &format!("; {} without a value", thousands(empty as u64));
    }
    caption
}

/// The area for the grid: square cells if the grid is a matrix from some things to the same things, all of the room otherwise.
fn shaped(map: &HeatMap, whole: Area) -> Area {
    if map.row_range.is_some() || map.column_range.is_some() || map.row_labels != map.column_labels {
        return whole;
    }
    let (rows, columns) = (map.rows() as f64, map.columns as f64);
    let (width, height) = (whole.right - whole.left, whole.bottom - whole.top);
    let cell = (width / columns).min(height / rows);
    // Very long or tall grids would become lines: then the cells are not square.
    let (wide, tall) = ((cell * columns).max(0.3 * width), (cell * rows).max(0.3 * height));
    Area { right: whole.left + wide, bottom: whole.top + tall, ..whole }
}

/// Means of the finite values in each cell of a coarser grid.
fn binned(map: &HeatMap, columns: usize, rows: usize) -> Vec<f64> {
    if columns == map.columns && rows == map.rows() {
        return map.values.clone();
    }
    let mut sums = vec![(0.0, 0u32); columns * rows];
    for (row, values) in map.values.chunks(map.columns).enumerate() {
        let place = row * rows / map.rows() * columns;
        for (column, value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            let (sum, count) = &mut sums[place + column * columns / map.columns];
            *sum += value;
            *count += 1;
        }
    }
    sums.into_iter().map(|(sum, count)| sum / f64::from(count)).collect()
}

/// The size at which labels are drawn and after how many cells the next is, for cells of a size in pixels.
fn labelling(cell: f64) -> (f64, usize) {
    let size = (0.8 * cell).clamp(LEAST_LABEL, TICK_SIZE);
    (size, (1.15 * size / cell).ceil().max(1.0) as usize)
}

/// An axis over the edges of cells whose first and last middles are given.
fn edges((first, last): (f64, f64), cells: usize) -> Axis {
    let half = if cells > 1 { 0.5 * (last - first) / (cells - 1) as f64 } else { 0.5 };
    let mut axis = Axis::new((first - half).min(last + half), (first - half).max(last + half), 7);
    if first > last {
        (axis.low, axis.high) = (axis.high, axis.low);
    }
    axis
}

fn draw_row_labels(canvas: &mut Canvas, map: &HeatMap, area: Area) {
    let text = canvas.theme.text();
    if map.row_labels.is_empty() {
        let Some(range) = map.row_range else { return };
        let axis = edges(range, map.rows());
        for &tick in &axis.ticks {
            let y = area.top + axis.fraction(tick) * (area.bottom - area.top);
            canvas.strokes(vec![vec![(area.left - 7.0, y), (area.left, y)]], 1.5, canvas.theme.muted(), None);
            canvas.text(area.left - 13.0, y + 0.36 * TICK_SIZE, axis.label(tick), TICK_SIZE, Anchor::End, text);
        }
        return;
    }
    let cell = (area.bottom - area.top) / map.rows() as f64;
    let (size, every) = labelling(cell);
    for (place, label) in map.row_labels.iter().enumerate().take(map.rows()).step_by(every) {
        let y = area.top + (place as f64 + 0.5) * cell + 0.36 * size;
        canvas.text(area.left - 10.0, y, fitted(label, size, Weight::Regular, LABEL_ROOM), size, Anchor::End, text);
    }
}

/// Whether the labels of columns fit beside each other.
fn level(map: &HeatMap, area: Area) -> bool {
    let cell = (area.right - area.left) / map.columns as f64;
    map.column_labels.iter().take(map.columns).all(|label| text_width(label, TICK_SIZE, Weight::Regular) < 0.9 * cell)
}

fn draw_column_labels(canvas: &mut Canvas, map: &HeatMap, area: Area) {
    let text = canvas.theme.text();
    if map.column_labels.is_empty() {
        let Some(range) = map.column_range else { return };
        let axis = edges(range, map.columns);
        for &tick in &axis.ticks {
            let x = area.x(&axis, tick);
            canvas.strokes(vec![vec![(x, area.bottom), (x, area.bottom + 7.0)]], 1.5, canvas.theme.muted(), None);
            canvas.text(x, area.bottom + 30.0, axis.label(tick), TICK_SIZE, Anchor::Middle, text);
        }
        return;
    }
    let cell = (area.right - area.left) / map.columns as f64;
    let shown = || map.column_labels.iter().enumerate().take(map.columns);
    if level(map, area) {
        for (place, label) in shown() {
            canvas.text(area.left + (place as f64 + 0.5) * cell, area.bottom + 28.0, label, TICK_SIZE, Anchor::Middle, text);
        }
        return;
    }
    let (size, every) = labelling(cell);
    for (place, label) in shown().step_by(every) {
        let label = fitted(label, size, Weight::Regular, LABEL_ROOM);
        let (x, y) = (area.left + (place as f64 + 0.5) * cell + 0.36 * size, area.bottom + 10.0);
        canvas.shapes.push(Shape::Text(Text {
            x,
            y,
            text: label,
            size,
            anchor: Anchor::End,
            direction: Direction::Up,
            weight: Weight::Regular,
            colour: text,
        }));
    }
}

fn draw_bar(canvas: &mut Canvas, colours: &Colours, measure: &str, area: Area) {
    let left = area.right + 40.0;
    let bar = Area { left, right: left + BAR_WIDTH, bottom: area.bottom.max(area.top + 300.0).min(HEIGHT - 100.0), ..area };
    colour_bar(canvas, bar, &colours.axis, TICK_SIZE, |fraction| colours.at(fraction));
    let text = canvas.theme.text();
    let x = bar.right + 13.0 + colours.axis.label_width() + 34.0;
    canvas.upward(x.min(WIDTH - 14.0), f64::midpoint(bar.top, bar.bottom), measure, bar.bottom - bar.top, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: a title of 88 letters and labels of rows and columns of 20 letters are shown whole; longer ones end in an ellipsis.
    /// Source: the longest of the connectomes that come with the program. Tolerance: none.
    #[test]
    fn titles_and_labels_are_shown_whole() {
        let title = "Right mushroom body of an adult fly, Drosophila melanogaster: connections between classes";
        let shown = |names: usize, title: &str| {
            let labels: Vec<String> = (0..names).map(|name| format!("pars_intercerebralis{name}")).collect();
            let values = (0..names * names).map(|value| value as f64).collect();
            let map = HeatMap { columns: names, values, row_labels: labels.clone(), column_labels: labels, ..Default::default() };
            Figure::heat_map(&map, &PlotOptions { title: title.to_owned(), ..Default::default() })
                .map(|figure| figure.svg())
                .unwrap_or_default()
        };
        for names in [1, 3, 28] {
            let svg = shown(names, title);
            assert!(svg.contains(title) && !svg.contains('…'), "{names}");
            assert_eq!(svg.matches(">pars_intercerebralis0<").count(), 2, "{names}");
        }
        assert!(shown(1, &title.repeat(2)).contains('…'));
    }
}
