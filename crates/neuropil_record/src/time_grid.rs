//! Steps and the times they stand for.
//!
//! Recordings count in whole steps; a time in milliseconds appears only in files and plots. Multiplying 3 by 0.1 gives
//! 0.30000000000000004 in floating point; where the time step divides a millisecond evenly the grid divides instead, so
//! that files say 0.3.

use crate::RecordError;

/// The grid of a simulation's steps: step `n` stands for the time `n · time_step_ms`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeGrid {
    time_step_ms: f64,
    steps_per_ms: Option<f64>,
}

impl TimeGrid {
    /// A grid with the given time step, ms.
    ///
    /// # Errors
    /// [`RecordError::TimeStep`] unless the time step is positive and finite.
    pub fn new(time_step_ms: f64) -> Result<Self, RecordError> {
        if !(time_step_ms > 0.0 && time_step_ms.is_finite()) {
            return Err(RecordError::TimeStep { found: time_step_ms });
        }
        let steps = (1.0 / time_step_ms).round();
        let divides = (1.0..1e9).contains(&steps) && (steps * time_step_ms - 1.0).abs() < 1e-12;
        Ok(Self { time_step_ms, steps_per_ms: divides.then_some(steps) })
    }

    /// The time step, ms.
    pub fn time_step_ms(&self) -> f64 {
        self.time_step_ms
    }

    /// The time of a step, ms.
    pub fn time_ms(&self, step: u64) -> f64 {
        match self.steps_per_ms {
            Some(steps) => step as f64 / steps,
            None => step as f64 * self.time_step_ms,
        }
    }

    /// The step nearest to a time in ms, or `None` if the time is negative, not finite or beyond 2⁵³ steps.
    pub fn step(&self, time_ms: f64) -> Option<u64> {
        let step = (time_ms / self.time_step_ms).round();
        // A negative time of less than half a step rounds to minus zero, which is step 0.
        (0.0..9_007_199_254_740_992.0).contains(&step).then_some(step as u64)
    }

    /// How many steps a bin of about `width_ms` has, at least one.
    pub fn bin_steps(&self, width_ms: f64) -> u64 {
        ((width_ms / self.time_step_ms).round() as u64).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_nearest_numbers_to_their_decimals() {
        let grid = TimeGrid::new(0.1).unwrap();
        assert_eq!(grid.time_ms(3), 0.3);
        assert_eq!(grid.time_ms(10_001), 1000.1);
    }

    #[test]
    fn every_time_leads_back_to_its_step() {
        for time_step in [0.1, 0.05, 0.025, 0.3, 1.0, 0.7, 1e-3, 2.0, 1.0 / 3.0] {
            let grid = TimeGrid::new(time_step).unwrap();
            for step in (0..2_000_000).step_by(977) {
                assert_eq!(grid.step(grid.time_ms(step)), Some(step), "time step {time_step}");
            }
        }
    }

    #[test]
    fn time_steps_and_times_that_mean_nothing_are_refused() {
        for found in [0.0, -0.1, f64::NAN, f64::INFINITY] {
            assert!(TimeGrid::new(found).is_err());
        }
        let grid = TimeGrid::new(0.1).unwrap();
        assert_eq!([-1.0, f64::NAN, f64::INFINITY, 1e300].map(|time| grid.step(time)), [None; 4]);
    }
}
