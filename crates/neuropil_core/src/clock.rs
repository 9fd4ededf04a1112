//! Time: an integer count of steps, from which seconds are derived and never accumulated.

use bevy_ecs::prelude::*;
use neuropil_units::Milliseconds;

/// The simulation clock: the step that is being computed, and its length.
///
/// Step `n` is the interval from `(n - 1) dt` to `n dt`; state "at step n" is state at its end. Before the first step the count is 0.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    step: u64,
    time_step: Milliseconds,
    slice_steps: u64,
}

impl Default for Clock {
    fn default() -> Self {
        Self { step: 0, time_step: Milliseconds(0.1), slice_steps: 10 }
    }
}

impl Clock {
    /// A clock at step 0 whose steps last `time_step`; a slice is the whole number of steps nearest to 1 ms, at least one.
    ///
    /// `None` unless the time step is a finite, positive number of milliseconds.
    pub fn new(time_step: Milliseconds) -> Option<Self> {
        let valid = time_step.0.is_finite() && time_step.0 > 0.0;
        valid.then(|| Self { step: 0, time_step, slice_steps: (1.0 / time_step.0).round().clamp(1.0, 1e9) as u64 })
    }

    /// The step that is being computed, or, between steps, the last one that was.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// Length of a step.
    pub fn time_step(&self) -> Milliseconds {
        self.time_step
    }

    /// Steps in a slice, the interval between two passes of the [`Slice`](crate::Slice) schedule.
    pub fn slice_steps(&self) -> u64 {
        self.slice_steps
    }

    /// Biological time at the end of the present step.
    pub fn now(&self) -> Milliseconds {
        self.time_of(self.step)
    }

    /// Biological time at the end of a step: the decimal number that a person would write, where the time step is a whole part of 1 ms.
    pub fn time_of(&self, step: u64) -> Milliseconds {
        let steps = (1.0 / self.time_step.0).round();
        let divides = (1.0..1e9).contains(&steps) && (steps * self.time_step.0 - 1.0).abs() < 1e-12;
        Milliseconds(if divides { step as f64 / steps } else { step as f64 * self.time_step.0 })
    }

    /// Whole steps nearest to a duration, half up; `None` if it is negative, not finite or beyond 2^53 steps.
    pub fn steps(&self, duration: Milliseconds) -> Option<u64> {
        steps_in(duration, self.time_step)
    }

    pub(crate) fn tick(&mut self) {
        self.step += 1;
    }
}

/// Whole steps nearest to a duration, half up, on a grid of 10^-9 steps so that 1.5 ms is 15 steps of 0.1 ms; `None` if negative, not finite or beyond 2^53.
pub fn steps_in(duration: Milliseconds, time_step: Milliseconds) -> Option<u64> {
    let steps = (duration.0 / time_step.0 + 1e-9 + 0.5).floor();
    (duration.0 >= 0.0 && steps.is_finite() && steps <= 9_007_199_254_740_992.0).then_some(steps as u64)
}

/// Steps that cover a refractory period or another interval: rounded to 1 µs first, then up to whole steps, as NEST does.
pub fn steps_covering(interval: Milliseconds, time_step: Milliseconds) -> Option<u64> {
    let microseconds = (interval.0 * 1000.0).round();
    let steps = (microseconds / (time_step.0 * 1000.0) - 1e-9).ceil().max(0.0);
    (interval.0 >= 0.0 && steps.is_finite() && steps <= 9_007_199_254_740_992.0).then_some(steps as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: times are the nearest numbers to the decimal ones, not sums or products of rounded steps.
    #[test]
    fn times_read_as_written() {
        let clock = Clock::new(Milliseconds(0.1)).expect("positive");
        assert_eq!([51, 3, 9_999_999].map(|step| clock.time_of(step).0), [5.1, 0.3, 999_999.9]);
        assert_eq!(Clock::new(Milliseconds(0.3)).expect("positive").time_of(10).0, 3.0);
    }

    /// Claim: delays round to the nearest step, half up; refractory periods round up from a grid of 1 µs.
    /// Source: NEST 3.10, measured (0.14 → 1, 0.15 → 2; t_ref 2.0 → 20, 2.04 and 2.05 → 21 steps). Tolerance: none.
    #[test]
    fn delays_round_half_up_and_refractory_periods_round_up() {
        let dt = Milliseconds(0.1);
        let delays = [0.14, 0.15, 0.05, 0.04, 1.5, 0.75].map(|d| steps_in(Milliseconds(d), dt));
        assert_eq!(delays, [Some(1), Some(2), Some(1), Some(0), Some(15), Some(8)]);
        let refractory = [2.0, 2.04, 2.05, 0.0, 2.000_000_1].map(|t| steps_covering(Milliseconds(t), dt));
        assert_eq!(refractory, [Some(20), Some(21), Some(21), Some(0), Some(20)]);
        assert_eq!([steps_in(Milliseconds(-1.0), dt), steps_in(Milliseconds(f64::NAN), dt), steps_in(Milliseconds(1e300), dt)], [None; 3]);
    }
}
