//! Duration, step and delays: everything that becomes a whole number of steps.

use neuropil_units::{Dimension, Program};

use crate::{
    document::{node::Node, reader::Fields},
    error::ExperimentError,
    source::Place,
    validate::Validator,
};

/// Steps that integers hold exactly in f64.
const MOST_STEPS: f64 = 9_007_199_254_740_992.0;
/// The longest delay, in steps.
pub(crate) const MOST_DELAY_STEPS: f64 = 65_535.0;
/// Relative error that arithmetic on decimal times may have.
const ROUNDING: f64 = 1e-9;

impl<'t> Validator<'t> {
    /// Reads `time_step` and `duration`.
    pub(super) fn read_times(&mut self, fields: &Fields<'t>) {
        match fields.get("time_step") {
            Some(node) => {
                if let Some(time_step) = self.positive_time(node, "time_step") {
                    self.time_step_ms = time_step;
                }
            }
            None => self.defaults_used.push("time_step 0.1 ms".to_owned()),
        }
        match fields.get("duration") {
            Some(node) => {
                if let Some(duration) = self.positive_time(node, "duration") {
                    self.duration_ms = self.duration(duration, node);
                }
            }
            None => self.defaults_used.push("duration 1 s".to_owned()),
        }
    }

    fn duration(&mut self, duration: f64, node: Node<'t>) -> f64 {
        let steps = steps(duration, self.time_step_ms);
        let expected = if steps < 1.0 {
            format!("at least one time step of {} ms is needed", self.time_step_ms)
        } else if steps > MOST_STEPS {
            format!("at most 2^53 time steps of {} ms can be counted", self.time_step_ms)
        } else {
            return whole_steps(duration, self.time_step_ms);
        };
        let found = format!("{} ms", tidy(duration));
        self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: "duration".to_owned(), found, expected });
        duration
    }

    /// A time above 0.
    pub(super) fn positive_time(&mut self, node: Node<'t>, context: &str) -> Option<f64> {
        let time = self.reader.quantity(node, &self.scope, Dimension::TIME, context)?;
        if time > 0.0 && time.is_finite() {
            return Some(time);
        }
        let found = format!("{} ms", tidy(time));
        let expected = "more than 0 ms is needed".to_owned();
        self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: context.to_owned(), found, expected });
        None
    }

    /// A moment of the run, at least 0; it may lie after the end.
    pub(super) fn moment(&mut self, node: Node<'t>, context: &str) -> Option<f64> {
        let time = self.reader.quantity(node, &self.scope, Dimension::TIME, context)?;
        if time >= 0.0 {
            return Some(time);
        }
        let found = format!("{} ms", tidy(time));
        let expected = "a run begins at 0 ms".to_owned();
        self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: context.to_owned(), found, expected });
        None
    }

    /// An interval of at least half a step, rounded to whole steps.
    pub(super) fn interval(&mut self, node: Node<'t>, context: &str) -> Option<f64> {
        let interval = self.positive_time(node, context)?;
        let count = steps(interval, self.time_step_ms);
        let expected = if count < 1.0 {
            format!("at least one time step of {} ms is needed", self.time_step_ms)
        } else if count > MOST_STEPS {
            "fewer than 2^53 time steps can be counted".to_owned()
        } else {
            return Some(whole_steps(interval, self.time_step_ms));
        };
        let found = format!("{} ms", tidy(interval));
        self.reader.report(ExperimentError::OutOfRange { at: node.place(), what: context.to_owned(), found, expected });
        None
    }

    /// Refuses delays that are less than a step, or can be drawn as less than half a step, or are more than can be stored.
    ///
    /// What is drawn is rounded to steps, so half a step is where a distribution becomes one of whole steps from 1 on; a delay that is
    /// written down as less than a step is a mistake.
    pub(super) fn check_delay(&mut self, delay: &Program, ranges: &[(f64, f64)], at: &Place, context: &str) -> Option<()> {
        let (least, most) = delay.bounds(ranges);
        self.check_delay_range(least, most, delay, at, context)
    }

    fn check_delay_range(&mut self, least: f64, most: f64, delay: &Program, at: &Place, context: &str) -> Option<()> {
        let shortest = if delay.is_random() { 0.5 * self.time_step_ms } else { self.time_step_ms };
        if least.is_nan() || least < shortest * (1.0 - ROUNDING) {
            let limit = format!("{} ms", tidy(shortest));
            let (found, smallest, advice) = if delay.as_constant().is_some() {
                let advice = if least > 0.0 {
                    format!("; a shorter time step, `time_step: \"{} ms\"`, allows it", tidy(least))
                } else {
                    String::new()
                };
                (format!("is {} ms", tidy(least)), format!("{limit}, a time step"), advice)
            } else if delay.is_random() {
                let advice = format!("; draw again below it: redraw(…, {limit}, …)");
                (format!("can be {} ms", tidy(least)), format!("{limit}, half a time step"), advice)
            } else {
                (format!("can be {} ms", tidy(least)), format!("{limit}, a time step"), format!("; for example max(…, {limit})"))
            };
            self.reader.report(ExperimentError::DelayTooShort { at: at.clone(), what: context.to_owned(), found, smallest, advice });
            return None;
        }
        let longest = MOST_DELAY_STEPS * self.time_step_ms;
        // The tail of a distribution may reach further: what is drawn there is drawn once in 10^18.
        if most > longest && (!delay.is_random() || least > longest) {
            let found = format!("{} ms", tidy(most));
            let expected = format!("at most {} ms, {MOST_DELAY_STEPS} time steps, can be stored", tidy(longest));
            self.reader.report(ExperimentError::OutOfRange { at: at.clone(), what: context.to_owned(), found, expected });
            return None;
        }
        Some(())
    }

    /// A constant delay.
    pub(super) fn constant_delay(&mut self, delay_ms: f64, at: &Place, context: &str) -> Option<f64> {
        let program = Program::constant(delay_ms);
        self.check_delay_range(delay_ms, delay_ms, &program, at, context)?;
        Some(delay_ms)
    }
}

/// Whole steps of a time, half a step rounded up.
pub(crate) fn steps(time: f64, time_step: f64) -> f64 {
    (time / time_step + 0.5 + ROUNDING).floor()
}

/// A time as a whole number of steps; unchanged if it is one already.
fn whole_steps(time: f64, time_step: f64) -> f64 {
    let rounded = steps(time, time_step) * time_step;
    if (rounded - time).abs() <= ROUNDING * time { time } else { rounded }
}

/// A number for a message: seven digits, with an exponent where it is very large or small.
pub(crate) fn tidy(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let short: f64 = format!("{value:.6e}").parse().unwrap_or(value);
    if (1e-4..1e9).contains(&magnitude) { format!("{short}") } else { format!("{short:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: half a step rounds up, in decimal. Source: what NEST 3.10 does with delays at a step of 0.1 ms.
    #[test]
    fn half_a_step_rounds_up() {
        for (time, expected) in [(0.04, 0.0), (0.05, 1.0), (0.14, 1.0), (0.15, 2.0), (0.25, 3.0), (1.5, 15.0), (0.35, 4.0)] {
            assert_eq!(steps(time, 0.1), expected, "{time} ms");
        }
        assert_eq!(whole_steps(0.3, 0.1), 0.3);
        assert!((whole_steps(0.16, 0.1) - 0.2).abs() < 1e-15);
    }

    #[test]
    fn numbers_in_messages_are_short() {
        let shown = [0.1 + 0.2, 1e23, -5.25, 2.000_000_721_354_153, 0.0, 1e-9].map(tidy);
        assert_eq!(shown, ["0.3", "1e23", "-5.25", "2.000001", "0", "1e-9"]);
    }
}
