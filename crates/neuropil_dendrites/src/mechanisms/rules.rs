//! What events by rule share: times in whole steps.

use crate::mechanism::Place;
use crate::real::{MOST_STEPS, Precision};
use neuropil_neurons::{ParameterError, require};
use neuropil_units::Milliseconds;

/// Steps since an event that has not been.
pub const LONG_AGO: f64 = 1e15;

/// A time in whole steps, half up.
///
/// # Errors
/// It is below 0 or not finite, or more steps than are counted in single precision.
pub fn steps(place: &Place, name: &'static str, time: Milliseconds) -> Result<f64, ParameterError> {
    require(time.0 >= 0.0 && time.0 < 1e9, name, time, "at least 0 ms")?;
    let steps = (time.0 / place.time_step.0 + 0.5 + 1e-9).floor();
    let counted = place.precision == Precision::Double || steps < MOST_STEPS;
    require(counted, name, time, "fewer than 16777216 steps, which is all that single precision counts")?;
    Ok(steps)
}
