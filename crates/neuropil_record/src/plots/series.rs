//! Time axes, and lines with more points than pixels.

use super::PlotOptions;
use super::axis::{Axis, round_step};
use super::canvas::Area;
use crate::RecordError;

/// From this duration on times are shown in seconds, ms.
const SECONDS_FROM_MS: f64 = 10_000.0;

/// About as many ticks of time.
const TICKS: usize = 6;

/// The times a plot shows.
#[derive(Clone, Debug)]
pub(crate) struct TimeAxis {
    pub(crate) from_ms: f64,
    pub(crate) to_ms: f64,
    pub(crate) axis: Axis,
    pub(crate) label: &'static str,
    ms_per_unit: f64,
}

impl TimeAxis {
    /// The window asked for, or else from 0 to the end of the recording.
    pub(crate) fn new(options: &PlotOptions, recording_end_ms: Option<f64>) -> Result<Self, RecordError> {
        let (from_ms, to_ms) = match (options.window_ms, recording_end_ms) {
            (Some(window), _) => window,
            (None, Some(end)) => (0.0, completed(end)),
            (None, None) => return Err(RecordError::NothingToPlot { problem: "the recording is empty".to_owned() }),
        };
        if !(from_ms >= 0.0 && to_ms > from_ms && to_ms.is_finite()) {
            let problem =
                format!("the window from {from_ms} ms to {to_ms} ms; expected it to begin at 0 or later and to end after it begins");
            return Err(RecordError::NothingToPlot { problem });
        }
        let (ms_per_unit, label) = if to_ms - from_ms < SECONDS_FROM_MS { (1.0, "time (ms)") } else { (1000.0, "time (s)") };
        Ok(Self { from_ms, to_ms, axis: Axis::new(from_ms / ms_per_unit, to_ms / ms_per_unit, TICKS), label, ms_per_unit })
    }

    pub(crate) fn x(&self, area: Area, time_ms: f64) -> f64 {
        area.x(&self.axis, time_ms / self.ms_per_unit)
    }

    /// Whether the plot shows this time.
    pub(crate) fn shows(&self, time_ms: f64) -> bool {
        time_ms >= self.from_ms && time_ms <= self.to_ms
    }
}

/// The next tick, if the recording ends just before it: the last sample of a second lies at 999.9 ms.
fn completed(end_ms: f64) -> f64 {
    let step = round_step(end_ms / TICKS as f64);
    let tick = (end_ms / step).ceil() * step;
    if tick - end_ms < 0.01 * end_ms { tick } else { end_ms }
}

/// Lines through points in the order of time, cut where a value is not finite, thinned as by [`thinned`].
pub(crate) fn lines(points: impl Iterator<Item = (f64, f64)>, time: &TimeAxis, area: Area, axis: &Axis) -> Vec<Vec<(f64, f64)>> {
    thinned(points.filter(|(time_ms, _)| time.shows(*time_ms)).map(|(time_ms, value)| (time.x(area, time_ms), area.y(axis, value))))
}

/// Lines through positions in pixels, cut where one is not finite. Where many successive points share a column of pixels only the
/// first, lowest, highest and last of them are kept, so that no peak is lost.
pub(crate) fn thinned(points: impl Iterator<Item = (f64, f64)>) -> Vec<Vec<(f64, f64)>> {
    let mut lines = vec![Vec::new()];
    let mut column: Vec<(f64, f64)> = Vec::new();
    for point in points {
        let finite = point.0.is_finite() && point.1.is_finite();
        let continues = column.last().is_some_and(|last| last.0.floor() == point.0.floor());
        if !finite || !continues {
            finish_column(&mut lines, &mut column);
        }
        if !finite {
            lines.push(Vec::new());
        } else if column.len() < 4 {
            column.push(point);
        } else {
            // First, lowest, highest, last so far: the last may be an extreme, too.
            let last = column[3];
            if last.1 < column[1].1 {
                column[1] = last;
            } else if last.1 > column[2].1 {
                column[2] = last;
            }
            column[3] = point;
        }
        if column.len() == 3 && column[1].1 > column[2].1 {
            column.swap(1, 2);
        }
    }
    finish_column(&mut lines, &mut column);
    lines.retain(|line| !line.is_empty());
    lines
}

fn finish_column(lines: &mut [Vec<(f64, f64)>], column: &mut Vec<(f64, f64)>) {
    if column.len() > 1 {
        column[1..].sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    if let Some(line) = lines.last_mut() {
        line.append(column);
    }
    column.clear();
}
