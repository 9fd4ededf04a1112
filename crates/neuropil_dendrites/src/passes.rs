//! Passes over the rows of a group, compiled for each instruction set: what a step begins with, its equations, and who spikes.

use crate::group::{Group, Shape};
use crate::real::{MOST_POTENTIAL, Precision, Real};
use crate::solver::lanes::{self, LANES};
use neuropil_core::simd::Vectorised;

/// Which of neighbouring cells spike, one bit a cell, and whether all potentials are finite; what cells show is set to them.
pub(crate) struct Detect<'a, R> {
    pub(crate) potential: &'a [R],
    pub(crate) before: &'a [R],
    pub(crate) somata: &'a mut [f64],
    pub(crate) threshold: R,
}

impl<R: Real> Vectorised for Detect<'_, R> {
    type Output = (u32, bool);

    #[inline(always)]
    fn run(self) -> (u32, bool) {
        let Self { potential, before, somata, threshold } = self;
        let (potential, before) = (&potential[..somata.len()], &before[..somata.len()]);
        somata.iter_mut().zip(potential).for_each(|(soma, now)| *soma = now.to_f64() + R::REFERENCE);
        let (mut crosses, mut finite) = (false, true);
        for (now, before) in potential.iter().zip(before) {
            crosses |= (*before < threshold) & (*now >= threshold);
            finite &= now.is_finite();
        }
        if !crosses {
            return (0, finite);
        }
        let bits = potential.iter().zip(before).enumerate();
        (
            bits.map(|(cell, (now, before))| u32::from(*before < threshold && *now >= threshold) << cell).fold(0, |all, bit| all | bit),
            finite,
        )
    }
}

/// What a step of a group begins with: cleared sums, and in single precision potentials as kernels see them.
pub(crate) struct Begin<'a, R> {
    pub(crate) group: &'a Group<R>,
    pub(crate) stored: &'a [R],
    pub(crate) absolute: &'a mut [R],
    pub(crate) conductance: &'a mut [R],
    pub(crate) current: &'a mut [R],
}

impl<R: Real> Vectorised for Begin<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { group, stored, absolute, conductance, current } = self;
        let all = 0..group.rows;
        let runs = match &group.shape {
            Shape::Lanes { cell, .. } => cell.summed(),
            Shape::Pool { .. } => std::slice::from_ref(&all),
        };
        for rows in runs {
            conductance[rows.clone()].fill(R::default());
            current[rows.clone()].fill(R::default());
            if R::PRECISION == Precision::Single {
                show(&stored[rows.clone()], &mut absolute[rows.clone()]);
            }
        }
    }
}

/// Potentials as kernels see them, from those that are stored relative to a reference.
#[inline(always)]
fn show<R: Real>(stored: &[R], absolute: &mut [R]) {
    for (absolute, stored) in absolute.iter_mut().zip(stored) {
        *absolute = (*stored + R::REFERENCE).clamp(-MOST_POTENTIAL, MOST_POTENTIAL);
    }
}

/// The equations of one group.
pub(crate) struct Solve<'a, R> {
    pub(crate) group: &'a Group<R>,
    pub(crate) potential: &'a mut [R],
    pub(crate) conductance: &'a mut [R],
    pub(crate) current: &'a mut [R],
    pub(crate) work: &'a mut [R],
}

impl<R: Real> Vectorised for Solve<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { group, potential, conductance, current, work } = self;
        match &group.shape {
            Shape::Lanes { cell, .. } => {
                let lanes = in_lanes::<R>;
                if R::PRECISION == Precision::Single {
                    for rows in cell.summed() {
                        relative(&conductance[rows.clone()], &mut current[rows.clone()]);
                    }
                }
                cell.step(group.method, lanes(potential), lanes(conductance), lanes(current), lanes(work));
            }
            Shape::Pool { pool, .. } => {
                if R::PRECISION == Precision::Single {
                    relative(conductance, current);
                }
                pool.step(group.method, potential, conductance, current, work);
            }
        }
    }
}

/// Turns g E, which mechanisms have added up, into g (E - reference).
#[inline(always)]
fn relative<R: Real>(conductance: &[R], current: &mut [R]) {
    for (current, conductance) in current.iter_mut().zip(conductance) {
        *current = conductance.mul_add(-R::REFERENCE, *current);
    }
}

/// A column as rows of lanes.
#[inline(always)]
fn in_lanes<R>(column: &mut [R]) -> &mut [lanes::Lanes<R>] {
    column.as_chunks_mut::<LANES>().0
}
