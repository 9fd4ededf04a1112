//! What a reader repaired or noticed, line by line.

use crate::morphology::Kind;
use std::fmt;

/// Something about a file that is read, but that its user should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// The line, from 1; comments and blank lines count.
    pub line: usize,
    /// What it is.
    pub what: What,
}

/// What a reader repaired, or took as it is although it may not be meant so.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum What {
    /// No sample is a soma.
    NoSoma,
    /// A soma of two samples.
    TwoSampleSoma,
    /// An outline, with radii of zero, instead of a soma.
    OutlineSoma {
        /// Membrane area of the soma made of it, µm².
        area_um2: f64,
    },
    /// A line that is there twice.
    Twin {
        /// Line of the first.
        first: usize,
    },
    /// Parent 0 where there is no sample 0.
    ParentZero,
    /// A tree whose root was not the soma.
    Rerooted {
        /// Line of the former root.
        root: usize,
    },
    /// A tree without a parent that begins at the soma.
    LooseTree {
        /// Distance of its first sample to the nearest centre of a soma sample, µm.
        distance_um: f64,
    },
    /// A sample at the place of its parent.
    SamePlace {
        /// Line of the parent.
        parent: usize,
    },
    /// A radius of zero, or one below the size of an atom.
    ZeroRadius {
        /// As it was found, µm.
        found_um: f64,
        /// What it is now, µm.
        raised_um: f64,
    },
    /// A type below zero.
    NegativeKind(Kind),
    /// Types beyond soma, axon, basal and apical dendrite.
    CustomKinds(Vec<Kind>),
    /// Lines that end in a carriage return alone.
    CarriageReturns,
    /// More columns than seven.
    FurtherColumns {
        /// How many there are.
        found: usize,
    },
    /// A comment that asks for a change of scale or origin.
    NotApplied {
        /// The comment's first word.
        word: &'static str,
    },
    /// A cell far from the origin of its coordinates.
    FarFromOrigin {
        /// The distance, µm.
        distance_um: f64,
    },
    /// A cell body too large for micrometres.
    HugeSoma {
        /// Largest radius of the soma, µm.
        radius_um: f64,
    },
    /// Markers, which are not part of the cell.
    Markers {
        /// How many there are in the file.
        count: usize,
    },
    /// Spines.
    Spines {
        /// How many there are in the file.
        count: usize,
    },
    /// An outline that is no cell body.
    Outline {
        /// What it is called.
        name: String,
    },
    /// Texts, pictures and other things that are not part of the cell.
    Ignored {
        /// What it begins with.
        name: String,
    },
}

impl What {
    /// Whether the cell was changed; `strict` refuses that.
    pub fn is_repair(&self) -> bool {
        matches!(
            self,
            Self::OutlineSoma { .. }
                | Self::Twin { .. }
                | Self::ParentZero
                | Self::Rerooted { .. }
                | Self::LooseTree { .. }
                | Self::SamePlace { .. }
                | Self::ZeroRadius { .. }
        )
    }
}

impl fmt::Display for What {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSoma => write!(formatter, "no soma; the root stands for the cell body"),
            Self::TwoSampleSoma => write!(formatter, "the soma has two samples; taken as a cylinder from one to the other"),
            Self::OutlineSoma { area_um2 } => {
                write!(formatter, "the soma is an outline without radii; made discs along its longer axis, {area_um2:.1} µm² of membrane,")
            }
            Self::Twin { first } => write!(formatter, "the same sample as on line {first}; dropped"),
            Self::ParentZero => write!(formatter, "the parent is 0, but there is no sample 0; taken as a root"),
            Self::Rerooted { root } => {
                write!(formatter, "the soma is not the root, which is on line {root}; the tree was turned round to begin at the soma")
            }
            Self::LooseTree { distance_um } => {
                write!(formatter, "a tree without a parent that begins {distance_um:.1} µm from the soma's centre; joined to the soma")
            }
            Self::SamePlace { parent } => write!(formatter, "at the same place as its parent on line {parent}; made one with it"),
            Self::ZeroRadius { found_um, raised_um } => write!(formatter, "the radius is {found_um}; raised to {raised_um} µm"),
            Self::NegativeKind(kind) => write!(formatter, "the type is {kind}; kept as a kind of its own"),
            Self::CustomKinds(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(Kind::to_string).collect();
                write!(formatter, "types beside soma 1, axon 2, basal 3 and apical 4: {}; each kept as a kind of its own", kinds.join(", "))
            }
            Self::CarriageReturns => write!(formatter, "lines end in a carriage return alone; taken as ends of lines"),
            Self::FurtherColumns { found } => write!(formatter, "{found} columns; those after the seventh were not read, here and below"),
            Self::NotApplied { word } => write!(formatter, "{word} was not applied; positions and radii are as written"),
            Self::FarFromOrigin { distance_um } => {
                write!(formatter, "the cell lies {distance_um:.0} µm from the origin of its coordinates")
            }
            Self::HugeSoma { radius_um } => {
                write!(formatter, "the soma has a radius of {radius_um} µm; if lengths are in nm, scale by 0.001")
            }
            Self::Markers { count } => write!(formatter, "{count} marker{}, left out", if *count == 1 { "" } else { "s" }),
            Self::Spines { count } => write!(formatter, "{count} spine{}, left out", if *count == 1 { "" } else { "s" }),
            Self::Outline { name } => write!(formatter, "the outline `{name}` is no cell body; left out"),
            Self::Ignored { name } => write!(formatter, "`{name}` is no part of the cell; left out"),
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.line, self.what)
    }
}
