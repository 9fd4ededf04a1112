//! Neurolucida's text format, ASC: outlines and trees of points in brackets.
//!
//! ```text
//! ("CellBody" (Color Red) (CellBody) (5 0 0 0) (0 5 0 0) (-5 0 0 0) (0 -5 0 0))
//! ( (Dendrite)
//!   (0 5 0 2) (0 25 0 2)           x y z diameter, µm
//!   ( (0 25 0 1) (-15 40 0 1)      a fork: its branches between brackets and bars
//!   | (0 25 0 1) (15 40 0 1) Normal ))
//! ```
//!
//! Trees are `Axon`, `Dendrite` (basal) or `Apical`, as they say themselves. Outlines of the cell body become discs (one outline: 21 discs along its longer axis; several, one
//! above the other: a disc each), and every tree that has no parent hangs at the middle of them by a wire, as in NEURON. A branch begins with its own diameter where it
//! forks. Markers, spines, other outlines, texts and pictures are left out with a [`Remark`](crate::Remark).
//!
//! What is written here was gathered from files and from NEURON's reader; the format has no public description.

mod lexer;
mod parser;

use crate::contour;
use crate::draft::{Context, Draft};
use crate::error::{MorphologyError, Problem};
use crate::files::{Imported, ReadOptions};
use crate::morphology::{Kind, distance};
use crate::remark::What;
use crate::swc::decoded;

/// Outlines drawn so much outside of the box of a soma, µm, still begin on it.
const MARGIN_UM: f64 = 0.5;

/// Reads a cell from the bytes of a Neurolucida file; `file` is what messages call it.
///
/// ```
/// use neuropil_morphology::{ReadOptions, asc};
///
/// let text = b"(\"Soma\" (CellBody) (5 0 0 0) (0 4 0 0) (-5 0 0 0) (0 -4 0 0))\n((Dendrite) (0 4 0 2) (0 30 0 1) Normal)";
/// let cell = asc::parse("cell.asc", text, &ReadOptions::default())?.morphology;
/// assert_eq!(cell.len(), 21 + 2);
/// # Ok::<(), neuropil_morphology::MorphologyError>(())
/// ```
///
/// # Errors
/// If it is no cell: the place, and why.
pub fn parse(file: &str, bytes: &[u8], options: &ReadOptions) -> Result<Imported, MorphologyError> {
    options.check()?;
    let mut context = Context::new(file, options);
    let text = decoded(file, bytes)?;
    if text.is_empty() {
        return Err(MorphologyError::file(file, "the file is empty"));
    }
    let drawing = parser::drawing(text, &mut context)?;
    if drawing.points.is_empty() && drawing.outlines.is_empty() {
        return Err(MorphologyError::file(file, "there is neither a tree nor a cell body"));
    }
    assembled(drawing, &mut context)?.finish(&mut context)
}

/// Outlines of the soma and trees, each point with its line.
#[derive(Default)]
pub(super) struct Drawing {
    outlines: Vec<Outline>,
    points: Vec<Point>,
}

/// An outline of the cell body.
struct Outline {
    points: Vec<[f64; 3]>,
    line: usize,
}

/// A point of a tree.
struct Point {
    kind: Kind,
    position: [f64; 3],
    radius: f64,
    /// The point before it; a tree's first has none.
    parent: Option<u32>,
    /// It begins a branch at a fork.
    begins_branch: bool,
    line: u32,
}

/// Soma first, then the trees, which hang at its middle.
fn assembled(drawing: Drawing, context: &mut Context) -> Result<Draft, MorphologyError> {
    let mut draft = Draft::default();
    let soma = soma(&drawing.outlines, &mut draft, context)?;
    let mut places: Vec<u32> = Vec::with_capacity(drawing.points.len());
    let mut first_tree = None;
    for point in drawing.points {
        let line = point.line as usize;
        let Some(before) = point.parent else {
            match &soma {
                Some(soma) if !soma.reaches(point.position) => {
                    context.remark(line, 1, What::LooseTree { distance_um: distance(soma.centre, point.position) })?;
                }
                Some(_) => {}
                None => {
                    if let Some(first) = first_tree {
                        return Err(context.error(line, 1, Problem::SecondTree { first }));
                    }
                    first_tree = Some(line);
                }
            }
            places.push(draft.push(point.kind, point.position, point.radius, soma.as_ref().map(|soma| soma.middle), point.line));
            continue;
        };
        let mut parent = places[before as usize];
        let fork = draft.samples.positions_um[parent as usize];
        if point.begins_branch && draft.samples.radii_um[parent as usize] != point.radius && fork != point.position {
            // The branch has its own diameter where it begins.
            parent = draft.push(point.kind, fork, point.radius, Some(parent), point.line);
        }
        let repeats_fork = point.begins_branch && fork == point.position && draft.samples.radii_um[parent as usize] == point.radius;
        places.push(if repeats_fork { parent } else { draft.push(point.kind, point.position, point.radius, Some(parent), point.line) });
    }
    Ok(draft)
}

/// Where trees hang.
struct Soma {
    middle: u32,
    centre: [f64; 3],
    /// Lowest and highest x and y.
    bounds: [[f64; 2]; 2],
}

impl Soma {
    fn reaches(&self, position: [f64; 3]) -> bool {
        self.bounds.iter().zip(position).all(|([low, high], value)| value >= low - MARGIN_UM && value <= high + MARGIN_UM)
    }
}

fn bounds(points: &[[f64; 3]]) -> [[f64; 2]; 2] {
    [0, 1].map(|side| {
        let values = points.iter().map(|point| point[side]);
        [values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max)]
    })
}

/// Makes the soma of its outlines.
fn soma(outlines: &[Outline], draft: &mut Draft, context: &Context) -> Result<Option<Soma>, MorphologyError> {
    let Some(first) = outlines.first() else { return Ok(None) };
    let mut whole = bounds(&first.points);
    let mut last = whole;
    for outline in outlines.iter().skip(1) {
        let next = bounds(&outline.points);
        if (0..2).any(|side| next[side][0] > last[side][1] || last[side][0] > next[side][1]) {
            return Err(context.error(outline.line, 1, Problem::SecondSoma { first: first.line }));
        }
        for (all, [low, high]) in whole.iter_mut().zip(next) {
            *all = [all[0].min(low), all[1].max(high)];
        }
        last = next;
    }
    let degenerate = |line: usize| {
        let problem = "this outline of the cell body encloses nothing: its points lie on a line, or upright in z";
        context.error(line, 1, Problem::Other(problem.into()))
    };
    let mut discs = match outlines {
        [only] => contour::discs(&only.points).ok_or_else(|| degenerate(only.line))?,
        several => {
            let discs: Result<Vec<_>, _> =
                several.iter().map(|outline| contour::disc(&outline.points).ok_or_else(|| degenerate(outline.line))).collect();
            discs?
        }
    };
    let middle = contour::with_middle(&mut discs);
    let line = u32::try_from(first.line).unwrap_or(u32::MAX);
    let centre = discs.get(middle).map_or([0.0; 3], |disc| disc.0);
    for (at, (position, radius)) in discs.into_iter().enumerate() {
        draft.push(Kind::SOMA, position, radius, at.checked_sub(1).map(|before| before as u32), line);
    }
    Ok(Some(Soma { middle: middle as u32, centre, bounds: whole }))
}
