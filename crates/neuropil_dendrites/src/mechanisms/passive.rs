//! A leak: a conductance that never changes.
//!
//! It becomes part of the cable equation's constants and costs nothing in a step.
//!
//! # Equations
//! `i = g (V - E)`
//!
//! # Parameters
//! | parameter | symbol | default | valid | meaning |
//! | --- | --- | --- | --- | --- |
//! | `conductance` | g | 0.1 mS/cm² | at least 0 | conductance of the membrane |
//! | `reversal_potential` | E | -65 mV | finite | potential at which no current flows |
//!
//! # References
//! Rall W (1962). Biophys J 2:145-167. doi:10.1016/S0006-3495(62)86953-7

use crate::mechanism::ConstantConductance;
use bevy_reflect::Reflect;
use neuropil_neurons::{ParameterError, require};
use neuropil_units::{MillisiemensPerSquareCentimeter, Millivolts};

/// Parameters.
#[derive(Reflect, Clone, Debug, PartialEq)]
pub struct Passive {
    /// Conductance of the membrane.
    pub conductance: MillisiemensPerSquareCentimeter,
    /// Potential at which no current flows.
    pub reversal_potential: Millivolts,
}

impl Default for Passive {
    fn default() -> Self {
        Self { conductance: MillisiemensPerSquareCentimeter(0.1), reversal_potential: Millivolts(-65.0) }
    }
}

impl ConstantConductance for Passive {
    const SOURCE: &'static str = include_str!("passive.rs");

    fn conductance(&self) -> Result<(f64, f64), ParameterError> {
        require(self.conductance.0 >= 0.0 && self.conductance.0.is_finite(), "conductance", self.conductance, "at least 0 mS/cm²")?;
        require(self.reversal_potential.0.is_finite(), "reversal_potential", self.reversal_potential, "a finite potential")?;
        Ok((self.conductance.0, self.reversal_potential.0))
    }
}
