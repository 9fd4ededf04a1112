//! Cell bodies drawn as outlines, as tracers and Neurolucida files have them.
//!
//! One outline becomes a row of 21 discs along its longer axis, which is found as an eigenvector of the outline's scatter, with the widths of the outline
//! across that axis as diameters; several, one above the other, become one disc each, whose diameter is the mean of that of a circle of the outline's
//! perimeter and twice the mean distance from the centre. NEURON's Import3d does the same.

use crate::morphology::{between, distance};

/// Points that an outline is resampled to, at equal distances along it.
const RESAMPLED: usize = 101;
/// Discs that one outline becomes.
const DISCS: usize = 21;

/// A disc: its centre and its radius, µm.
pub(crate) type Disc = ([f64; 3], f64);

/// An outline as discs; `None` if its points lie on a line or in one place.
pub(crate) fn discs(outline: &[[f64; 3]]) -> Option<Vec<Disc>> {
    let points = resampled(outline)?;
    let centre = mean(&points);
    let offsets: Vec<[f64; 3]> = points.iter().map(|point| [0, 1, 2].map(|side| point[side] - centre[side])).collect();
    let (major, minor) = axes(&offsets)?;
    let dot = |a: &[f64; 3], b: &[f64; 3]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut placed: Vec<(f64, f64)> = offsets.iter().map(|offset| (dot(offset, &major), dot(offset, &minor))).collect();
    // The outline begins at one end of the axis; the other parts its two sides.
    let highest = (0..placed.len()).max_by(|a, b| placed[*a].0.total_cmp(&placed[*b].0).then(b.cmp(a)))?;
    placed.rotate_left(highest);
    let lowest = (0..placed.len()).min_by(|a, b| placed[*a].0.total_cmp(&placed[*b].0).then(a.cmp(b)))?;
    let one = rising(placed[..lowest].iter().rev().copied());
    let other = rising(placed[lowest..].iter().copied());
    let mut along: Vec<f64> = one.iter().chain(&other).map(|point| point.0).collect();
    along.sort_by(f64::total_cmp);
    if one.is_empty() || other.is_empty() || along.len() < 4 {
        return None;
    }
    let (from, to) = (along[1], along[along.len() - 2]);
    if to <= from {
        return None;
    }
    let mut discs: Vec<Disc> = (0..DISCS)
        .map(|disc| {
            let at = from + (to - from) * disc as f64 / (DISCS - 1) as f64;
            let width = (interpolated(&one, at) - interpolated(&other, at)).abs();
            ([0, 1, 2].map(|side| centre[side] + at * major[side]), width / 2.0)
        })
        .collect();
    // Ends as thick as the mean of the last two, so that none is a point.
    discs[0].1 = f64::midpoint(discs[0].1, discs[1].1);
    discs[DISCS - 1].1 = f64::midpoint(discs[DISCS - 1].1, discs[DISCS - 2].1);
    discs.iter().all(|disc| disc.1 > 0.0).then_some(discs)
}

/// An outline of a stack as one disc; `None` if it has no extent.
pub(crate) fn disc(outline: &[[f64; 3]]) -> Option<Disc> {
    let points = resampled(outline)?;
    let centre = mean(&points);
    let around: f64 = outline.iter().zip(outline.iter().cycle().skip(1)).map(|(a, b)| distance(*a, *b)).sum();
    let reach = points.iter().map(|point| distance(*point, centre)).sum::<f64>() / points.len() as f64;
    let radius = f64::midpoint(reach, around / std::f64::consts::TAU);
    (radius > 0.0).then_some((centre, radius))
}

/// The middle of a row of discs by arc length; a disc is put in where there is none.
pub(crate) fn with_middle(discs: &mut Vec<Disc>) -> usize {
    let lengths: Vec<f64> = discs.windows(2).map(|pair| distance(pair[0].0, pair[1].0)).collect();
    let half = lengths.iter().sum::<f64>() / 2.0;
    let mut before = 0.0;
    for (at, length) in lengths.iter().enumerate() {
        if before + length >= half * (1.0 - 1e-9) {
            let fraction = if *length > 0.0 { ((half - before) / length).min(1.0) } else { 0.0 };
            if fraction > 1.0 - 1e-6 {
                return at + 1;
            }
            let ((from, thick), (to, thin)) = (discs[at], discs[at + 1]);
            discs.insert(at + 1, (between(from, to, fraction), thick + fraction * (thin - thick)));
            return at + 1;
        }
        before += length;
    }
    0
}

/// Lateral area of a row of discs, µm².
pub(crate) fn area(discs: &[Disc]) -> f64 {
    let frusta = discs
        .windows(2)
        .map(|pair| crate::sections::Frustum { length_um: distance(pair[0].0, pair[1].0), radii_um: [pair[0].1, pair[1].1] });
    frusta.map(|frustum| frustum.area_um2()).sum()
}

fn mean(points: &[[f64; 3]]) -> [f64; 3] {
    [0, 1, 2].map(|side| points.iter().map(|point| point[side]).sum::<f64>() / points.len() as f64)
}

/// Points at equal distances along an outline, from its first point to its last.
fn resampled(outline: &[[f64; 3]]) -> Option<Vec<[f64; 3]>> {
    let mut ways = Vec::with_capacity(outline.len());
    let mut way = 0.0;
    for (at, point) in outline.iter().enumerate() {
        way += if at > 0 { distance(outline[at - 1], *point) } else { 0.0 };
        ways.push(way);
    }
    if way <= 0.0 {
        return None;
    }
    let mut from = 0;
    let points = (0..RESAMPLED).map(|number| {
        let wanted = way * number as f64 / (RESAMPLED - 1) as f64;
        while from + 2 < ways.len() && ways[from + 1] < wanted {
            from += 1;
        }
        let length = ways[from + 1] - ways[from];
        let fraction = if length > 0.0 { ((wanted - ways[from]) / length).clamp(0.0, 1.0) } else { 0.0 };
        between(outline[from], outline[from + 1], fraction)
    });
    Some(points.collect())
}

/// One side of an outline, without what turns back.
fn rising(side: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for point in side {
        if kept.last().is_none_or(|last| point.0 > last.0) {
            kept.push(point);
        }
    }
    kept
}

/// The value of a side at a place along the axis; its first or last where there is none.
fn interpolated(side: &[(f64, f64)], at: f64) -> f64 {
    let after = side.partition_point(|point| point.0 < at);
    match (after.checked_sub(1).and_then(|before| side.get(before)), side.get(after)) {
        (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (at - a.0) / (b.0 - a.0),
        (Some(only), None) | (None, Some(only)) => only.1,
        (None, None) => 0.0,
    }
}

/// The axis of largest scatter, with its largest component positive, and that of the second largest, in the plane of x and y.
fn axes(offsets: &[[f64; 3]]) -> Option<([f64; 3], [f64; 3])> {
    let mut scatter = [[0.0; 3]; 3];
    for offset in offsets {
        for (row, a) in scatter.iter_mut().zip(offset) {
            for (entry, b) in row.iter_mut().zip(offset) {
                *entry += a * b;
            }
        }
    }
    let mut vectors = eigenvectors(scatter);
    vectors.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [(largest, mut major), (second, mut minor), _] = vectors;
    if second <= 1e-12 * largest {
        return None;
    }
    let longest = major.into_iter().max_by(|a: &f64, b| a.abs().total_cmp(&b.abs()))?;
    if longest < 0.0 {
        major = major.map(|value| -value);
    }
    minor[2] = 0.0;
    let length = minor[0].hypot(minor[1]);
    (length > 1e-6).then(|| (major, minor.map(|value| value / length)))
}

/// Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations.
fn eigenvectors(mut matrix: [[f64; 3]; 3]) -> [(f64, [f64; 3]); 3] {
    let mut vectors = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..60 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            let off = matrix[p][q];
            if off == 0.0 {
                continue;
            }
            let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * off);
            let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
            let cosine = 1.0 / tangent.hypot(1.0);
            let sine = tangent * cosine;
            for row in &mut matrix {
                (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
            }
            let (one, other) = (matrix[p], matrix[q]);
            matrix[p] = [0, 1, 2].map(|column| cosine * one[column] - sine * other[column]);
            matrix[q] = [0, 1, 2].map(|column| sine * one[column] + cosine * other[column]);
            for vector in &mut vectors {
                (vector[p], vector[q]) = (cosine * vector[p] - sine * vector[q], sine * vector[p] + cosine * vector[q]);
            }
        }
    }
    [0, 1, 2].map(|which| (matrix[which][which], [0, 1, 2].map(|row| vectors[row][which])))
}
