//! Traces of neurons, stacked over one time axis.

use super::axis::{Axis, round_step, three_digits};
use super::canvas::{Anchor, Area, Canvas, MARGIN, TICK_SIZE, WIDTH, Weight, fitted, thousands};
use super::font::text_width;
use super::series::{TimeAxis, lines};
use super::{Figure, PlotOptions};
use crate::{Population, RecordError, TraceTable, TraceVariable};
use std::collections::BTreeMap;

/// At most as many traces are drawn.
const ROWS: usize = 24;

/// With more neurons a variable, traces are stacked closely beside one scale bar instead of having an axis each.
const WITH_AXES: usize = 4;

const TOP: f64 = 130.0;
const BOTTOM: f64 = 905.0;
const LEFT: f64 = 170.0;
/// Room for the names of neurons beside their traces, pixels.
const NAMES: f64 = 170.0;
const RIGHT: f64 = WIDTH - MARGIN - 150.0;

impl Figure {
    /// The recorded variables of neurons, one below the other over the same time; the traces of one variable share their scale. Up to
    /// four neurons have an axis each; more are stacked beside a scale bar in the variable's unit. Neurons are called by the name in
    /// the options or the table, or else by population and number. Of many neurons or variables the first are shown; the caption says
    /// how many.
    ///
    /// # Errors
    /// [`RecordError::NothingToPlot`] if there are no samples, variables or neurons, or the window is empty.
    pub fn traces(table: &TraceTable, options: &PlotOptions) -> Result<Self, RecordError> {
        let (variables, neurons) = (table.variables().len(), table.neurons().len());
        let end = table.series(0, 0).map(|(time_ms, _)| time_ms).last().filter(|&end| end > 0.0);
        let time = TimeAxis::new(options, end)?;
        if variables == 0 || neurons == 0 || table.is_empty() {
            return Err(RecordError::NothingToPlot { problem: "the recording has no samples".to_owned() });
        }
        let shown_variables = variables.min(ROWS);
        let shown_neurons = neurons.min((ROWS / shown_variables).max(1));
        let stacked = shown_neurons > WITH_AXES;
        let names: Vec<String> = table.neurons()[..shown_neurons].iter().map(|&neuron| name_of(neuron, table.names(), options)).collect();
        let mut canvas = Canvas::new(options.theme, &options.title, &caption(table, shown_variables, shown_neurons));

        let groups = shown_variables as f64;
        let gap = if shown_variables > 1 { (90.0 / groups).max(14.0) } else { 0.0 };
        let group_height = (BOTTOM - TOP - gap * (groups - 1.0)) / groups;
        let widest = names.iter().map(|name| text_width(name, TICK_SIZE, Weight::Regular)).fold(60.0, f64::max).min(NAMES);
        let left = if stacked { MARGIN + 54.0 + widest } else { LEFT };
        let all = Area { left, right: RIGHT, top: TOP, bottom: BOTTOM };
        for variable in 0..shown_variables {
            let top = TOP + variable as f64 * (group_height + gap);
            let group = Area { top, bottom: top + group_height, ..all };
            let draw = if stacked { draw_stacked } else { draw_variable };
            draw(&mut canvas, table, variable, &names, &time, group);
        }
        canvas.horizontal_axis(all, &time.axis, time.label);
        Ok(Self { canvas })
    }
}

fn caption(table: &TraceTable, variables: usize, neurons: usize) -> String {
    let count = |shown: usize, all: usize, one: &str, many: &str| match (shown == all, all) {
        (true, 1) => format!("1 {one}"),
        (true, _) => format!("{all} {many}"),
        (false, _) => format!("first {shown} of {} {many}", thousands(all as u64)),
    };
    format!(
        "{}, {}",
        count(neurons, table.neurons().len(), "neuron", "neurons"),
        count(variables, table.variables().len(), "variable", "variables")
    )
}

/// The lowest and highest value shown of a variable of the first neurons, a little apart.
fn extremes(table: &TraceTable, variable: usize, neurons: usize, time: &TimeAxis) -> (f64, f64) {
    let shown =
        (0..neurons).flat_map(|neuron| table.series(variable, neuron)).filter(|(time_ms, value)| time.shows(*time_ms) && value.is_finite());
    let (low, high) = shown.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, value)| (low.min(value), high.max(value)));
    let margin = 0.04 * (high - low);
    (low - margin, high + margin)
}

/// A variable's name and unit at the left margin.
fn draw_heading(canvas: &mut Canvas, about: &TraceVariable, group: Area) {
    let unit = if about.unit.is_empty() { String::new() } else { format!(" ({})", about.unit) };
    let label = about.name.replace('_', " ") + &unit;
    canvas.upward(MARGIN + 24.0, f64::midpoint(group.top, group.bottom), &label, group.bottom - group.top, canvas.theme.text());
}

/// The traces of one variable: a row for each neuron, all with the same scale and an axis each.
fn draw_variable(canvas: &mut Canvas, table: &TraceTable, variable: usize, names: &[String], time: &TimeAxis, group: Area) {
    let about = &table.variables()[variable];
    let row_gap = if names.len() > 1 { 24.0 } else { 0.0 };
    let row_height = (group.bottom - group.top - row_gap * (names.len() as f64 - 1.0)) / names.len() as f64;
    let (low, high) = extremes(table, variable, names.len(), time);
    let axis = thinned(Axis::new(low, high, if row_height > 150.0 { 5 } else { 2 }), row_height);
    for (neuron, name) in names.iter().enumerate() {
        let top = group.top + neuron as f64 * (row_height + row_gap);
        let area = Area { top, bottom: top + row_height, ..group };
        canvas.vertical_axis(area, &axis);
        let colour = canvas.theme.series(neuron);
        let strokes = lines(table.series(variable, neuron), time, area, &axis);
        canvas.strokes(strokes, 2.2, colour, Some(&format!("{} of {name}", about.name)));
        let label = fitted(name, TICK_SIZE, Weight::Regular, WIDTH - RIGHT - 24.0);
        canvas.text(area.right + 12.0, f64::midpoint(area.top, area.bottom) + 0.36 * TICK_SIZE, label, TICK_SIZE, Anchor::Start, colour);
    }
    draw_heading(canvas, about, group);
}

/// The traces of one variable stacked closely, each with its neuron's name, and a bar that shows how much a height is.
fn draw_stacked(canvas: &mut Canvas, table: &TraceTable, variable: usize, names: &[String], time: &TimeAxis, group: Area) {
    let about = &table.variables()[variable];
    let row_height = (group.bottom - group.top) / names.len() as f64;
    let (low, high) = extremes(table, variable, names.len(), time);
    let axis = Axis::new(low, high, 5);
    let size = (0.9 * row_height).clamp(9.0, TICK_SIZE);
    for (neuron, name) in names.iter().enumerate() {
        let top = group.top + neuron as f64 * row_height;
        // A little gap: neighbours touch only at extremes.
        let area = Area { top: top + 0.06 * row_height, bottom: top + 0.94 * row_height, ..group };
        let colour = canvas.theme.series(neuron);
        let strokes = lines(table.series(variable, neuron), time, area, &axis);
        canvas.strokes(strokes, 1.8, colour, Some(&format!("{} of {name}", about.name)));
        let label = fitted(name, size, Weight::Regular, NAMES);
        canvas.text(group.left - 12.0, f64::midpoint(area.top, area.bottom) + 0.36 * size, label, size, Anchor::End, colour);
    }
    // The longest round number that fits into a row, but a bar of less than 40 pixels over several rows.
    let per_value = 0.88 * row_height / (axis.high - axis.low);
    let room = row_height.max(40.0).min(group.bottom - group.top);
    let length = round_step(room / per_value / 2.5);
    let (x, middle) = (group.right + 22.0, f64::midpoint(group.top, group.bottom));
    let half = 0.5 * length * per_value;
    let ends = vec![(x, (middle - half).max(group.top)), (x, (middle + half).min(group.bottom))];
    canvas.strokes(vec![ends], 4.0, canvas.theme.text(), Some("scale bar"));
    let label = format!("{} {}", three_digits_plain(length), about.unit);
    let label = fitted(label.trim_end(), TICK_SIZE, Weight::Regular, WIDTH - x - 20.0);
    canvas.text(x + 12.0, middle + 0.36 * TICK_SIZE, label, TICK_SIZE, Anchor::Start, canvas.theme.text());
    draw_heading(canvas, about, group);
}

/// A round number without superfluous digits.
fn three_digits_plain(value: f64) -> String {
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    if (1e-4..1e7).contains(&rounded) { rounded.to_string() } else { three_digits(rounded) }
}

/// The name of a neuron, or its population with its number there if the population has others.
pub(crate) fn name_of(neuron: u32, names: &BTreeMap<u32, String>, options: &PlotOptions) -> String {
    if let Some(name) = options.names.get(&neuron).or_else(|| names.get(&neuron)) {
        return name.clone();
    }
    match options.populations.iter().find(|p| neuron >= p.first && u64::from(neuron) < p.end()) {
        Some(Population { name, size: 1, .. }) => name.clone(),
        Some(Population { name, first, .. }) => format!("{name}[{}]", neuron - first),
        None => format!("neuron {neuron}"),
    }
}

/// Leaves only the first and last tick where the numbers would overlap.
fn thinned(mut axis: Axis, height: f64) -> Axis {
    if axis.ticks.len() as f64 * (TICK_SIZE + 4.0) > height + TICK_SIZE
        && let (Some(&first), Some(&last)) = (axis.ticks.first(), axis.ticks.last())
    {
        axis.ticks = if height < 1.6 * TICK_SIZE || first == last { vec![first] } else { vec![first, last] };
    }
    axis
}
