//! What drives neurons from outside: Poisson input, lists of spikes, currents. One file a stimulus.

pub mod current;
pub mod poisson;
pub mod stimulus;
