//! Samples with the lines they come from, on the way to a morphology: what both readers repair.

use crate::contour;
use crate::error::{MorphologyError, Problem};
use crate::files::{Imported, ReadOptions};
use crate::morphology::{Kind, LARGEST_UM, Morphology, SMALLEST_RADIUS_UM, Samples, children, distance};
use crate::remark::{Remark, What};

/// A soma with a larger radius is remarked upon, µm: the largest known neurons are about a millimetre thick.
const HUGE_SOMA_UM: f64 = 600.0;
/// A cell further from its origin than this, µm, and a hundred times its own size, is remarked upon.
const FAR_UM: f64 = 1e5;

/// What a reader has to know while it works on one file.
pub(crate) struct Context<'c> {
    pub(crate) file: &'c str,
    pub(crate) options: &'c ReadOptions,
    pub(crate) remarks: Vec<Remark>,
}

impl<'c> Context<'c> {
    pub(crate) fn new(file: &'c str, options: &'c ReadOptions) -> Self {
        Self { file, options, remarks: Vec::new() }
    }

    pub(crate) fn error(&self, line: usize, column: usize, problem: Problem) -> MorphologyError {
        MorphologyError::place(self.file, line, column, problem)
    }

    /// Notes something; refuses it if it is a repair and none are allowed.
    pub(crate) fn remark(&mut self, line: usize, column: usize, what: What) -> Result<(), MorphologyError> {
        if self.options.strict && what.is_repair() {
            return Err(self.error(line, column, Problem::Strict(what)));
        }
        self.remarks.push(Remark { line, what });
        Ok(())
    }
}

/// Samples in order, each after its parent, and the line of each.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) samples: Samples,
    pub(crate) lines: Vec<u32>,
}

impl Draft {
    pub(crate) fn push(&mut self, kind: Kind, position: [f64; 3], radius: f64, parent: Option<u32>, line: u32) -> u32 {
        self.lines.push(line);
        self.samples.push(kind, position, radius, parent)
    }

    fn line(&self, sample: usize) -> usize {
        self.lines[sample] as usize
    }

    /// Repairs what can be repaired in the same way whatever the format, and checks the rest.
    pub(crate) fn finish(mut self, context: &mut Context) -> Result<Imported, MorphologyError> {
        self.outline_soma(context)?;
        self.zero_radii(context)?;
        self.same_places(context)?;
        self.notice(context)?;
        let lines = self.lines;
        let morphology = Morphology::new(self.samples).map_err(|error| match error {
            MorphologyError::Sample { sample, problem } => context.error(lines.get(sample).map_or(0, |line| *line as usize), 1, problem),
            other => other,
        })?;
        let mut remarks = std::mem::take(&mut context.remarks);
        remarks.sort_by_key(|remark| remark.line);
        Ok(Imported { morphology, remarks })
    }

    /// A soma that is a closed row of samples without radii is an outline: it becomes discs, and what leaves it hangs at its middle.
    fn outline_soma(&mut self, context: &mut Context) -> Result<(), MorphologyError> {
        let soma: Vec<usize> = (0..self.lines.len()).filter(|&at| self.samples.kinds[at].is_soma()).collect();
        let parent = |at: usize| self.samples.parents[at].map(|parent| parent as usize);
        let row = soma.len() >= 3
            && soma[0] == 0
            && soma.windows(2).all(|pair| parent(pair[1]) == Some(pair[0]))
            && soma.iter().all(|&at| self.samples.radii_um[at] < SMALLEST_RADIUS_UM);
        if !row {
            return Ok(());
        }
        let outline: Vec<[f64; 3]> = soma.iter().map(|&at| self.samples.positions_um[at]).collect();
        let longest = outline.windows(2).map(|pair| distance(pair[0], pair[1])).fold(0.0, f64::max);
        let closed = distance(outline[0], outline[outline.len() - 1]) <= 3.0 * longest;
        let Some(mut discs) = contour::discs(&outline).filter(|_| closed) else { return Ok(()) };
        let middle = contour::with_middle(&mut discs);
        let line = self.lines[0];
        context.remark(line as usize, 1, What::OutlineSoma { area_um2: contour::area(&discs) })?;
        let old = std::mem::take(self);
        let mut places: Vec<u32> = Vec::with_capacity(old.lines.len());
        for (at, (centre, radius)) in discs.into_iter().enumerate() {
            self.push(Kind::SOMA, centre, radius, at.checked_sub(1).map(|before| before as u32), line);
        }
        for at in 0..old.lines.len() {
            places.push(if old.samples.kinds[at].is_soma() {
                middle as u32
            } else {
                let parent = old.samples.parents[at].map(|parent| places[parent as usize]);
                self.push(old.samples.kinds[at], old.samples.positions_um[at], old.samples.radii_um[at], parent, old.lines[at])
            });
        }
        Ok(())
    }

    /// Radii of zero are raised; a soma of one sample needs one.
    fn zero_radii(&mut self, context: &mut Context) -> Result<(), MorphologyError> {
        let raised_um = context.options.least_radius_um.clamp(SMALLEST_RADIUS_UM, LARGEST_UM);
        let somata = self.samples.kinds.iter().filter(|kind| kind.is_soma()).take(2).count();
        for at in 0..self.lines.len() {
            let found_um = self.samples.radii_um[at];
            if found_um >= SMALLEST_RADIUS_UM {
                continue;
            }
            if somata == 1 && self.samples.kinds[at].is_soma() {
                let problem = Problem::Number { what: "the radius of the soma", found: found_um.to_string(), expected: "more than 0" };
                return Err(context.error(self.line(at), 1, problem));
            }
            context.remark(self.line(at), 1, What::ZeroRadius { found_um, raised_um })?;
            self.samples.radii_um[at] = raised_um;
        }
        Ok(())
    }

    /// A sample at the place of its parent, of its kind, becomes one with it; unless its radius is another and one sample follows it: then the cell is stepped.
    fn same_places(&mut self, context: &mut Context) -> Result<(), MorphologyError> {
        let samples = &self.samples;
        let meets = |at: usize| {
            samples.parents[at].is_some_and(|parent| {
                let parent = parent as usize;
                samples.positions_um[parent] == samples.positions_um[at] && samples.kinds[parent] == samples.kinds[at]
            })
        };
        if !(1..self.lines.len()).any(meets) {
            return Ok(());
        }
        let (_, begins) = children(&samples.parents);
        let goes: Vec<bool> = (0..self.lines.len())
            .map(|at| {
                let alike = samples.parents[at].is_some_and(|parent| samples.radii_um[parent as usize] == samples.radii_um[at]);
                meets(at) && (alike || begins[at + 1] - begins[at] != 1)
            })
            .collect();
        let old = std::mem::take(self);
        let mut places: Vec<u32> = Vec::with_capacity(old.lines.len());
        for (at, goes) in goes.into_iter().enumerate() {
            let parent = old.samples.parents[at].map(|parent| places[parent as usize]);
            match parent.filter(|_| goes) {
                Some(parent) => {
                    context.remark(old.line(at), 1, What::SamePlace { parent: self.line(parent as usize) })?;
                    places.push(parent);
                }
                None => {
                    let (kind, position) = (old.samples.kinds[at], old.samples.positions_um[at]);
                    places.push(self.push(kind, position, old.samples.radii_um[at], parent, old.lines[at]));
                }
            }
        }
        Ok(())
    }

    /// What is taken as it is, but may not be meant so.
    fn notice(&self, context: &mut Context) -> Result<(), MorphologyError> {
        let samples = &self.samples;
        let soma = || (0..self.lines.len()).filter(|&at| samples.kinds[at].is_soma());
        match soma().take(3).count() {
            0 if !self.lines.is_empty() => context.remark(self.line(0), 1, What::NoSoma)?,
            2 => context.remark(soma().next().map_or(0, |at| self.line(at)), 1, What::TwoSampleSoma)?,
            _ => {}
        }
        let mut custom: Vec<Kind> = Vec::new();
        let mut first = None;
        for (at, &kind) in samples.kinds.iter().enumerate().filter(|(_, kind)| !(0..=4).contains(&kind.0) || kind.0 == 0) {
            if kind.0 < 0 {
                context.remark(self.line(at), 1, What::NegativeKind(kind))?;
            } else if custom.len() < 8 && !custom.contains(&kind) {
                custom.push(kind);
                first = first.or(Some(at));
            }
        }
        if let Some(first) = first {
            custom.sort_unstable();
            context.remark(self.line(first), 1, What::CustomKinds(custom))?;
        }
        if let Some((at, radius_um)) = soma().map(|at| (at, samples.radii_um[at])).max_by(|a, b| a.1.total_cmp(&b.1))
            && radius_um > HUGE_SOMA_UM
        {
            context.remark(self.line(at), 1, What::HugeSoma { radius_um })?;
        }
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for position in &samples.positions_um {
            for side in 0..3 {
                (low[side], high[side]) = (low[side].min(position[side]), high[side].max(position[side]));
            }
        }
        let middle = [0, 1, 2].map(|side| f64::midpoint(low[side], high[side]));
        let distance_um = distance(middle, [0.0; 3]);
        if distance_um > FAR_UM && distance_um > 100.0 * distance(low, high) {
            context.remark(self.line(0), 1, What::FarFromOrigin { distance_um })?;
        }
        Ok(())
    }
}
