//! Measures: what an experiment says about a run in numbers, as functions of the expression language.
//!
//! | measures | of |
//! | --- | --- |
//! | `rate` `rate_sd` `spike_count` `first_spike` `last_spike` `active_fraction` `cv_isi` `cv2` `lv` | a population, or a neuron of it: `rate(E)`, `rate(E[3])`, `rate('L2/3 E', 100 ms, 900 ms)` |
//! | `fano` `synchrony` `correlation` `spectral_peak` | the same, with the width of bins: `synchrony(E, 3 ms)` |
//! | `mean` `sd` `peak` `trough` `peak_time` `trough_time` `area` `half_width` `decay_time` `period` `chi` | what a recorder of a variable kept: `peak(potentials)`, `peak(potentials[0], 20 ms)` |
//! | `time_above` | the same, with a value of the variable: how long it was above that |
//! | `mode_variance` | the same, with a number of modes: the share of the variance that the largest have |
//! | `slope` `intercept` `spearman` | two lists: the line through them, the correlation of their ranks |
//!
//! A window begins after its first time and ends with its second; without them it is the whole run. Counts of spikes are those of steps
//! that end within it. Intervals are measured for each neuron that has enough of them, then averaged over neurons; what is measured of
//! variables is averaged over the recorder's neurons. `half_width` and `decay_time` are of the largest deviation from the window's first
//! value, the latter the time constant of the exponential that fits best from there on. A measure that is undefined, such as the irregularity of silence, makes the whole
//! expression undefined.
//!
//! - `functions`: names and signatures
//! - `call`: arguments resolved in a plan
//! - `compute`: numbers
//! - `host`: their place in expressions, before and after a run

pub(crate) mod call;
pub(crate) mod compute;
pub(crate) mod functions;
pub(crate) mod host;
