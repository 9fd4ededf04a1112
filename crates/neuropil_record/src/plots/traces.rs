//! Traces of neurons, stacked over one time axis.

use super::axis::Axis;
use super::canvas::{Anchor, Area, Canvas, MARGIN, TICK_SIZE, WIDTH, Weight, fitted, thousands};
use super::series::{TimeAxis, lines};
use super::{Figure, PlotOptions};
use crate::{Population, RecordError, TraceTable};

/// At most as many traces are drawn.
const ROWS: usize = 12;

const TOP: f64 = 130.0;
const BOTTOM: f64 = 905.0;
const LEFT: f64 = 170.0;
const RIGHT: f64 = WIDTH - MARGIN - 130.0;

impl Figure {
    /// The recorded variables of neurons, one below the other over the same time, each with an axis in its unit; the traces of one
    /// variable share their scale. Of many neurons or variables the first are shown; the caption says how many.
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
        let mut canvas = Canvas::new(options.theme, &options.title, &caption(table, shown_variables, shown_neurons));

        let groups = shown_variables as f64;
        let gap = if shown_variables > 1 { (90.0 / groups).max(14.0) } else { 0.0 };
        let group_height = (BOTTOM - TOP - gap * (groups - 1.0)) / groups;
        let all = Area { left: LEFT, right: RIGHT, top: TOP, bottom: BOTTOM };
        for variable in 0..shown_variables {
            let top = TOP + variable as f64 * (group_height + gap);
            let group = Area { top, bottom: top + group_height, ..all };
            draw_variable(&mut canvas, table, variable, shown_neurons, &time, group, &options.populations);
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

/// The traces of one variable: a row for each neuron, all with the same scale.
fn draw_variable(
    canvas: &mut Canvas,
    table: &TraceTable,
    variable: usize,
    neurons: usize,
    time: &TimeAxis,
    group: Area,
    populations: &[Population],
) {
    let about = &table.variables()[variable];
    let row_gap = if neurons > 1 { 24.0 } else { 0.0 };
    let row_height = (group.bottom - group.top - row_gap * (neurons as f64 - 1.0)) / neurons as f64;
    let shown =
        (0..neurons).flat_map(|neuron| table.series(variable, neuron)).filter(|(time_ms, value)| time.shows(*time_ms) && value.is_finite());
    let (low, high) = shown.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (_, value)| (low.min(value), high.max(value)));
    let margin = 0.04 * (high - low);
    let axis = thinned(Axis::new(low - margin, high + margin, if row_height > 150.0 { 5 } else { 2 }), row_height);
    for neuron in 0..neurons {
        let top = group.top + neuron as f64 * (row_height + row_gap);
        let area = Area { top, bottom: top + row_height, ..group };
        canvas.vertical_axis(area, &axis);
        let name = name_of(table.neurons()[neuron], populations);
        let colour = canvas.theme.series(neuron);
        let strokes = lines(table.series(variable, neuron), time, area, &axis);
        canvas.strokes(strokes, 2.2, colour, Some(&format!("{} of {name}", about.name)));
        let label = fitted(&name, TICK_SIZE, Weight::Regular, WIDTH - RIGHT - 24.0);
        canvas.text(area.right + 12.0, f64::midpoint(area.top, area.bottom) + 0.36 * TICK_SIZE, label, TICK_SIZE, Anchor::Start, colour);
    }
    let unit = if about.unit.is_empty() { String::new() } else { format!(" ({})", about.unit) };
    let label = about.name.replace('_', " ") + &unit;
    canvas.upward(MARGIN + 24.0, f64::midpoint(group.top, group.bottom), &label, group.bottom - group.top, canvas.theme.text());
}

/// The name of a neuron: its population, with its number there if the population has others.
fn name_of(neuron: u32, populations: &[Population]) -> String {
    match populations.iter().find(|p| neuron >= p.first && u64::from(neuron) < p.end()) {
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
