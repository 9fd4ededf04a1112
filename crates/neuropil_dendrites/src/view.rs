//! How the mechanisms of a group see its rows: in place where they are neighbours, otherwise gathered, once for mechanisms that share them.

use crate::layer::Layer;
use crate::mechanism::Calcium;
use crate::real::Real;
use crate::work::GroupWork;
use neuropil_core::simd::Vectorised;
use std::sync::Arc;

/// Rows that are gathered at a time, for one mechanism alone.
pub(crate) const GATHERED: usize = 128;

/// How one mechanism sees the rows of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// As it finds them by itself.
    Own,
    /// In place: they are neighbours, from this row on.
    Run(usize),
    /// In a frame that it shares with the mechanisms before and after it.
    Shared {
        /// It is the first of them, for which rows are gathered.
        first: bool,
        /// It is the last, after which sums go back.
        last: bool,
    },
}

/// The views by group, then by mechanism in the order of a step. With `apart` no frame is shared: each mechanism's sums go back before the next one begins.
pub(crate) fn views<R: Real>(layers: &[Box<dyn Layer<R>>], groups: usize, apart: bool) -> Vec<Arc<[View]>> {
    let mut all: Vec<Arc<[View]>> = Vec::with_capacity(groups);
    for group in 0..groups {
        let own = of_group(layers, group, apart);
        // Groups that see alike share what they see: it stays in the cache.
        let known = all.last().filter(|last| last[..] == own[..]).cloned();
        all.push(known.unwrap_or_else(|| own.into()));
    }
    all
}

fn of_group<R: Real>(layers: &[Box<dyn Layer<R>>], group: usize, apart: bool) -> Vec<View> {
    let rows: Vec<Option<&[u32]>> = layers.iter().map(|layer| layer.listed(group).filter(|rows| !rows.is_empty())).collect();
    let alike = |one: usize, other: Option<usize>| {
        let other = other.and_then(|other| rows.get(other)).copied().flatten();
        rows[one].is_some() && rows[one] == other
    };
    (0..rows.len())
        .map(|place| {
            let Some([start, ..]) = rows[place] else { return View::Own };
            let neighbours = rows[place].is_some_and(|rows| rows.iter().zip(*start..).all(|(row, expected)| *row == expected));
            let (before, after) = (alike(place, place.checked_sub(1)), alike(place, Some(place + 1)));
            match (neighbours, before || after) {
                (true, _) => View::Run(*start as usize),
                (false, true) if !apart => View::Shared { first: !before, last: !after },
                _ => View::Own,
            }
        })
        .collect()
}

/// Rows of a group side by side.
#[derive(Default)]
pub(crate) struct Frame<R> {
    potential: Vec<R>,
    conductance: Vec<R>,
    current: Vec<R>,
    calcium: Vec<R>,
    calcium_reversal: Vec<R>,
    calcium_current: Vec<R>,
}

impl<R: Real> Frame<R> {
    /// What is gathered, with all else of the group's.
    pub(crate) fn work<'a>(&'a mut self, of_group: &'a mut GroupWork<'_, R>) -> GroupWork<'a, R> {
        GroupWork {
            in_place: true,
            potential: &self.potential,
            conductance: &mut self.conductance,
            current: &mut self.current,
            calcium: &mut self.calcium,
            calcium_reversal: &mut self.calcium_reversal,
            calcium_current: &mut self.calcium_current,
            arrivals: of_group.arrivals.again(),
            poisson: of_group.poisson,
            arriving: of_group.arriving,
            events: of_group.events,
            kernel: of_group.kernel,
        }
    }
}

/// Fills a frame with rows.
pub(crate) struct Gather<'a, 'w, R> {
    pub(crate) frame: &'a mut Frame<R>,
    pub(crate) rows: &'a [u32],
    pub(crate) work: &'a GroupWork<'w, R>,
}

impl<R: Real> Vectorised for Gather<'_, '_, R> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { frame, rows, work } = self;
        for (to, from) in [
            (&mut frame.potential, work.potential),
            (&mut frame.conductance, &*work.conductance),
            (&mut frame.current, &*work.current),
            (&mut frame.calcium, &*work.calcium),
            (&mut frame.calcium_reversal, &*work.calcium_reversal),
            (&mut frame.calcium_current, &*work.calcium_current),
        ] {
            to.clear();
            // Columns of calcium are empty where no mechanism uses it.
            if !from.is_empty() {
                to.extend(rows.iter().map(|row| from[*row as usize]));
            }
        }
    }
}

/// Puts the sums of a frame back.
pub(crate) struct Scatter<'a, 'w, R> {
    pub(crate) frame: &'a Frame<R>,
    pub(crate) rows: &'a [u32],
    pub(crate) work: &'a mut GroupWork<'w, R>,
}

impl<R: Real> Vectorised for Scatter<'_, '_, R> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { frame, rows, work } = self;
        for (to, from) in [
            (&mut *work.conductance, &frame.conductance),
            (&mut *work.current, &frame.current),
            (&mut *work.calcium, &frame.calcium),
            (&mut *work.calcium_reversal, &frame.calcium_reversal),
            (&mut *work.calcium_current, &frame.calcium_current),
        ] {
            for (row, value) in rows.iter().zip(from) {
                to[*row as usize] = *value;
            }
        }
    }
}

/// Columns of rows that are gathered: potential, conductance, current, calcium, its reversal potential and current. Sums begin as they are.
#[inline(always)]
pub(crate) fn gather<R: Real>(to: &mut [[R; GATHERED]; 6], rows: &[u32], work: &GroupWork<'_, R>, calcium: bool) {
    let [potential, conductance, current, inside, reversal, carried] = to;
    for (k, row) in rows.iter().enumerate() {
        let row = *row as usize;
        (potential[k], conductance[k], current[k]) = (work.potential[row], work.conductance[row], work.current[row]);
    }
    if calcium {
        for (k, row) in rows.iter().enumerate() {
            let row = *row as usize;
            (inside[k], reversal[k], carried[k]) = (work.calcium[row], work.calcium_reversal[row], work.calcium_current[row]);
        }
    }
}

/// Puts them back.
#[inline(always)]
pub(crate) fn scatter<R: Real>(from: &[[R; GATHERED]; 6], rows: &[u32], work: &mut GroupWork<'_, R>, calcium: Calcium) {
    let [_, conductance, current, inside, reversal, carried] = from;
    for (k, row) in rows.iter().enumerate() {
        (work.conductance[*row as usize], work.current[*row as usize]) = (conductance[k], current[k]);
    }
    if !matches!(calcium, Calcium::Unused) {
        for (k, row) in rows.iter().enumerate() {
            work.calcium_current[*row as usize] = carried[k];
        }
    }
    if matches!(calcium, Calcium::Pool) {
        for (k, row) in rows.iter().enumerate() {
            (work.calcium[*row as usize], work.calcium_reversal[*row as usize]) = (inside[k], reversal[k]);
        }
    }
}
