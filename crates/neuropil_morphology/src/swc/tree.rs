//! Samples of an SWC file joined to one tree that begins at the soma.

use super::lines::Row;
use crate::draft::{Context, Draft};
use crate::error::{MorphologyError, Problem};
use crate::morphology::{children, distance};
use crate::remark::What;

/// A tree without a parent is joined to the soma if it begins within so many radii of one of its samples.
const REACH: f64 = 1.5;
/// Pairs of trees and soma samples that are tried at most.
const MOST_PAIRS: usize = 100_000_000;
/// Lines of a ring that a message shows.
const RING_SHOWN: usize = 8;

/// The tree of a file's samples.
pub(super) fn grown(mut rows: Vec<Row>, context: &mut Context) -> Result<Draft, MorphologyError> {
    if !rows.is_sorted_by_key(|row| row.id) {
        rows.sort_by_key(|row| row.id);
    }
    drop_twins(&mut rows, context)?;
    let mut parents = parents(&rows, context)?;
    refuse_rings(&rows, &parents, context)?;
    one_root(&rows, &mut parents, context)?;
    let in_order = parents.iter().enumerate().all(|(at, parent)| match parent {
        Some(parent) => (*parent as usize) < at,
        None => at == 0,
    });
    let order = if in_order { (0..rows.len() as u32).collect() } else { depth_first(&parents) };
    let mut places = vec![0u32; rows.len()];
    let mut draft = Draft::default();
    for at in order {
        let row = &rows[at as usize];
        let parent = parents[at as usize].map(|parent| places[parent as usize]);
        places[at as usize] = draft.push(row.kind, row.position, row.radius, parent, row.line);
    }
    Ok(draft)
}

/// Drops samples that are there twice and refuses different ones of one id; rows are in order of ids, and of lines for one id.
fn drop_twins(rows: &mut Vec<Row>, context: &mut Context) -> Result<(), MorphologyError> {
    if rows.windows(2).all(|pair| pair[0].id != pair[1].id) {
        return Ok(());
    }
    let mut kept: Vec<Row> = Vec::with_capacity(rows.len());
    for row in rows.drain(..) {
        match kept.last().filter(|last| last.id == row.id) {
            Some(last) if last.is_twin(&row) => context.remark(row.line as usize, 1, What::Twin { first: last.line as usize })?,
            Some(last) => return Err(context.error(row.line as usize, 1, Problem::DuplicateId { id: row.id, first: last.line as usize })),
            None => kept.push(row),
        }
    }
    *rows = kept;
    Ok(())
}

/// The parent of each row, by its place.
fn parents(rows: &[Row], context: &mut Context) -> Result<Vec<Option<u32>>, MorphologyError> {
    let mut parents = Vec::with_capacity(rows.len());
    for row in rows {
        let (line, column) = (row.line as usize, row.parent_column as usize);
        parents.push(match rows.binary_search_by_key(&row.parent, |other| other.id) {
            Ok(_) if row.parent == row.id => return Err(context.error(line, column, Problem::OwnParent { id: row.id })),
            Ok(parent) => Some(parent as u32),
            Err(_) if row.parent == -1 => None,
            Err(_) if row.parent == 0 => {
                context.remark(line, column, What::ParentZero)?;
                None
            }
            Err(_) => return Err(context.error(line, column, Problem::NoSuchParent { parent: row.parent })),
        });
    }
    Ok(parents)
}

/// Refuses samples that no root leads to.
fn refuse_rings(rows: &[Row], parents: &[Option<u32>], context: &Context) -> Result<(), MorphologyError> {
    // 0: not yet known, 1: on the present way up, 2: leads to a root.
    let mut known = vec![0u8; parents.len()];
    let mut way = Vec::new();
    for start in 0..parents.len() {
        let mut at = start;
        while known[at] == 0 {
            known[at] = 1;
            way.push(at);
            match parents[at] {
                Some(parent) => at = parent as usize,
                None => break,
            }
        }
        // The way came back to itself.
        if known[at] == 1 && parents[at].is_some() {
            let ring = way.iter().position(|passed| *passed == at).and_then(|from| way.get(from..)).unwrap_or_default();
            let mut lines: Vec<usize> = ring.iter().map(|at| rows[*at].line as usize).collect();
            lines.sort_unstable();
            let first = ring.iter().min_by_key(|at| rows[**at].line).copied().unwrap_or(at);
            lines.truncate(RING_SHOWN);
            let rootless = parents.iter().all(Option::is_some);
            return Err(context.error(rows[first].line as usize, rows[first].parent_column as usize, Problem::Ring { lines, rootless }));
        }
        for passed in way.drain(..) {
            known[passed] = 2;
        }
    }
    Ok(())
}

/// Makes the soma the root of all, or the only root where there is no soma.
fn one_root(rows: &[Row], parents: &mut [Option<u32>], context: &mut Context) -> Result<(), MorphologyError> {
    let line = |at: usize| rows[at].line as usize;
    let soma: Vec<usize> = (0..rows.len()).filter(|&at| rows[at].kind.is_soma()).collect();
    let begins_soma = |at: usize| parents[at].is_none_or(|parent| !rows[parent as usize].kind.is_soma());
    let mut beginnings = soma.iter().copied().filter(|&at| begins_soma(at));
    let first = beginnings.next();
    if let (Some(first), Some(second)) = (first, beginnings.next()) {
        let first = line(first);
        let problem = if parents[second].is_none() { Problem::SecondSoma { first } } else { Problem::SplitSoma { first } };
        return Err(context.error(line(second), 1, problem));
    }
    let Some(root) = first else {
        let mut roots = (0..rows.len()).filter(|&at| parents[at].is_none());
        return match (roots.next(), roots.next()) {
            (Some(first), Some(second)) => Err(context.error(line(second), 1, Problem::SecondTree { first: line(first) })),
            _ => Ok(()),
        };
    };
    turn_round(rows, parents, root, context)?;
    let roots: Vec<usize> = (0..rows.len()).filter(|&at| parents[at].is_none() && at != root).collect();
    if roots.len().saturating_mul(soma.len()) > MOST_PAIRS {
        let problem = format!("{} trees and {} soma samples; too many to find out which begins where", roots.len() + 1, soma.len());
        return Err(context.error(line(root), 1, Problem::Other(problem)));
    }
    for loose in roots {
        let from = |at: usize| distance(rows[at].position, rows[loose].position);
        let nearest = soma.iter().copied().min_by(|a, b| from(*a).total_cmp(&from(*b))).unwrap_or(root);
        let distance_um = from(nearest);
        // Outlines have no radii; the soma then reaches as far as its samples lie from the root.
        let radius = match rows[nearest].radius > 0.0 {
            true => rows[nearest].radius,
            false => distance(rows[nearest].position, rows[root].position),
        };
        if distance_um > REACH * radius {
            return Err(context.error(line(loose), 1, Problem::LooseTree { distance_um }));
        }
        context.remark(line(loose), rows[loose].parent_column as usize, What::LooseTree { distance_um })?;
        // The samples that say how large a ball is have no children.
        let ball = soma.len() == 3 && soma.iter().all(|&at| at == root || parents[at] == Some(root as u32));
        parents[loose] = Some(if ball { root } else { nearest } as u32);
    }
    Ok(())
}

/// Makes a sample the root of its tree: the way to the former root is turned round.
fn turn_round(rows: &[Row], parents: &mut [Option<u32>], root: usize, context: &mut Context) -> Result<(), MorphologyError> {
    if parents[root].is_none() {
        return Ok(());
    }
    let (mut at, mut below) = (root, None);
    loop {
        let above = std::mem::replace(&mut parents[at], below);
        below = Some(at as u32);
        match above {
            Some(above) => at = above as usize,
            None => break,
        }
    }
    context.remark(rows[root].line as usize, rows[root].parent_column as usize, What::Rerooted { root: rows[at].line as usize })
}

/// Samples each behind its parent, branch by branch, children in order.
fn depth_first(parents: &[Option<u32>]) -> Vec<u32> {
    let (list, begins) = children(parents);
    let mut waiting: Vec<u32> = (0..parents.len() as u32).filter(|&at| parents[at as usize].is_none()).collect();
    let mut order = Vec::with_capacity(parents.len());
    while let Some(at) = waiting.pop() {
        order.push(at);
        let of = &list[begins[at as usize] as usize..begins[at as usize + 1] as usize];
        waiting.extend(of.iter().rev());
    }
    order
}
