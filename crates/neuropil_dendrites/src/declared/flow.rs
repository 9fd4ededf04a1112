//! What flows through a declared channel: by Ohm's law, or by Goldman, Hodgkin and Katz.

use super::channel::Conducts;
use crate::calcium::goldman_hodgkin_katz;
use crate::real::Real;
use crate::work::GroupWork;
use std::ops::Range;

/// How strong a channel is in one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Strength {
    /// Conductance, mS/cm², or permeability, cm/s.
    pub(super) most: f64,
    /// Reversal potential, mV, or concentration outside, mM.
    pub(super) against: f64,
}

/// Adds what flows through channels, of which a part is open, to some neighbouring rows.
#[inline(always)]
pub(super) fn flow<R: Real>(
    conducts: Conducts,
    thermal: f64,
    open: &[R],
    strength: Strength,
    work: &mut GroupWork<'_, R>,
    rows: Range<usize>,
) {
    let Strength { most, against } = strength;
    let potential = &work.potential[rows.clone()][..open.len()];
    let (conductance, current) = (&mut work.conductance[rows.clone()][..open.len()], &mut work.current[rows.clone()][..open.len()]);
    if let Conducts::Ohmic(_) = conducts {
        for i in 0..open.len() {
            let g = open[i] * most;
            conductance[i] += g;
            current[i] += g * against;
        }
        return;
    }
    let (calcium, reversal) = (&work.calcium[rows.clone()][..open.len()], &work.calcium_reversal[rows.clone()][..open.len()]);
    let carried = &mut work.calcium_current[rows][..open.len()];
    if let Conducts::Permeable { .. } = conducts {
        for i in 0..open.len() {
            let permeability = open[i] * most;
            let (whole, rise) = goldman_hodgkin_katz(potential[i], calcium[i], against, thermal);
            // The tangent at the potential of the beginning of the step.
            let g = permeability * rise;
            conductance[i] += g;
            current[i] += g.mul_add(potential[i], -(permeability * whole));
            carried[i] += permeability * whole;
        }
        return;
    }
    let of_compartment = f64::from(u8::from(conducts == Conducts::Calcium));
    for i in 0..open.len() {
        let g = open[i] * most;
        // A channel without a potential of its own has 0 there.
        let own = reversal[i].mul_add(of_compartment, against);
        conductance[i] += g;
        current[i] += g * own;
        carried[i] += g * (potential[i] - own);
    }
}
