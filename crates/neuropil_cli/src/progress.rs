//! The progress bar: biological time, speed relative to real time, time left. On standard error, and only on a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use neuropil_experiment::Progress;
use std::io::IsTerminal;

/// A bar, or nothing.
pub struct Bar(Option<ProgressBar>);

impl Bar {
    /// A bar for a run of `duration_ms`, unless `quiet` or standard error is no terminal.
    pub fn new(duration_ms: f64, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(Some(1000), ProgressDrawTarget::stderr_with_hz(10));
        // A template that cannot be read leaves the plain bar.
        if let Ok(style) = ProgressStyle::with_template("simulating {bar:30.cyan/dim} {msg}") {
            bar.set_style(style.progress_chars("━━╌"));
        }
        bar.set_message(format!("building a network for {duration_ms} ms"));
        Self(Some(bar))
    }

    /// A bar for the points of a study.
    pub fn points(count: usize, title: &str, quiet: bool) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{pos} of {len} points {bar:30.cyan/dim} {eta} left   {msg}") {
            bar.set_style(style.progress_chars("━━╌"));
        }
        bar.set_message(title.to_string());
        bar.tick();
        Self(Some(bar))
    }

    /// Shows how many points are finished.
    pub fn count(&self, finished: usize) {
        if let Some(bar) = &self.0 {
            bar.set_position(finished as u64);
        }
    }

    /// Shows how far the run is.
    pub fn show(&self, progress: Progress) {
        let Some(bar) = &self.0 else { return };
        let share = progress.simulated_ms / progress.duration_ms;
        let speed = progress.simulated_ms / 1000.0 / progress.elapsed_s.max(1e-9);
        let left = progress.elapsed_s * (1.0 / share.max(1e-9) - 1.0);
        bar.set_position((share * 1000.0) as u64);
        bar.set_message(format!("{:.3} s biological   {speed:.2} × real time   {left:.0} s left", progress.simulated_ms / 1000.0));
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
