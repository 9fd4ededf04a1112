//! What is compared with what.

use crate::cells::{Coupling, Inputs, Kind};
use crate::study::Course;
use neuropil::dendrites::two_layer::SignOfSynapses;

/// One row of the table of odd against even.
pub struct Row {
    /// What it is, in the table.
    pub name: &'static str,
    /// The cell.
    pub kind: Kind,
    /// How it is taught.
    pub course: Course,
    /// Whether answers are dealt out at random among the images to learn from.
    pub shuffled: bool,
    /// Test accuracy in an independent NumPy program, mean and standard deviation over ten seeds, %.
    pub elsewhere: Option<(f64, f64)>,
}

/// Branches and inputs of a branch of the cell that all is about.
pub const BRANCHES: usize = 16;
/// Synapses of each branch.
pub const SYNAPSES: usize = 16;

const RANDOM: Inputs = Inputs::Random(SYNAPSES);
/// The cell that all is about.
pub const DENDRITIC: Kind = Kind::dendritic(BRANCHES, RANDOM);
/// The same tree, with branches that only add.
pub const ADDITIVE: Kind = Kind::additive(BRANCHES, RANDOM);

/// Place of the row of the linear cell.
pub const LINEAR_ROW: usize = 0;
/// Place of the row of the tree that only adds.
pub const ADDITIVE_ROW: usize = 1;
/// Place of the row of the cell that all is about.
pub const DENDRITIC_ROW: usize = 2;
/// Place of the row of the same cell, taught nonsense.
pub const SHUFFLED_ROW: usize = 3;

/// Odd against even, one cell a row, images shown `epochs` times.
pub fn rows(epochs: usize) -> Vec<Row> {
    let course = Course::adaptive(epochs);
    let row = |name, kind, elsewhere| Row { name, kind, course, shuffled: false, elsewhere };
    let constrained = |branches, coupling, sign| Kind { coupling, sign, ..Kind::dendritic(branches, RANDOM) };
    let (either, positive) = (SignOfSynapses::Either, SignOfSynapses::Positive);
    let (same, mixed) = (Coupling::Positive, Coupling::Mixed);
    vec![
        row("linear cell", Kind::linear(), Some((91.72, 1.02))),
        row("16 × 16, linear branches", ADDITIVE, Some((91.61, 1.23))),
        row("dendritic cell 16 × 16", DENDRITIC, Some((97.57, 0.97))),
        Row { shuffled: true, ..row("the same, answers shuffled", DENDRITIC, None) },
        Row { course: Course::plain(epochs), ..row("the same, plain steps", DENDRITIC, None) },
        row("dendritic 16 × 16, patches", Kind::dendritic(BRANCHES, Inputs::Patch), Some((97.96, 0.76))),
        row("dendritic 8 × 16", Kind::dendritic(8, RANDOM), Some((96.44, 0.77))),
        row("dendritic 32 × 16", Kind::dendritic(32, RANDOM), Some((97.83, 0.83))),
        row("perceptron 64-2-1", Kind::perceptron(2), Some((92.44, 1.84))),
        row("perceptron 64-4-1", Kind::perceptron(4), Some((96.35, 1.97))),
        row("perceptron 64-9-1", Kind::perceptron(9), Some((96.96, 2.02))),
        row("fixed 1", constrained(BRANCHES, same(1.0), either), Some((95.02, 0.84))),
        row("fixed 4", constrained(BRANCHES, same(4.0), either), None),
        row("fixed ±1", constrained(BRANCHES, mixed(1.0), either), Some((94.98, 0.79))),
        row("fixed ±4", constrained(BRANCHES, mixed(4.0), either), None),
        row("fixed ±1, w ≥ 0", constrained(BRANCHES, mixed(1.0), positive), Some((92.39, 1.51))),
        row("fixed ±4, w ≥ 0", constrained(BRANCHES, mixed(4.0), positive), None),
        row("fixed ±1, w ≥ 0, 32 × 16", constrained(32, mixed(1.0), positive), Some((93.37, 1.38))),
        row("fixed ±4, w ≥ 0, 32 × 16", constrained(32, mixed(4.0), positive), None),
        row("fixed 1, w ≥ 0, 32 × 16", constrained(32, same(1.0), positive), Some((85.74, 1.32))),
    ]
}

/// What answers which of ten digits it is.
pub enum Classifier {
    /// A cell a digit.
    Cells(Kind),
    /// A multilayer perceptron with so many hidden units.
    Perceptron(usize),
}

/// One row of the table of ten digits.
pub struct ClassRow {
    /// What it is, in the table.
    pub name: &'static str,
    /// What answers.
    pub classifier: Classifier,
    /// As for [`Row`].
    pub course: Course,
    /// As for [`Row`].
    pub elsewhere: (f64, f64),
}

/// Which digit: ten cells, of which the surest is taken at its word.
pub fn class_rows(epochs: usize) -> Vec<ClassRow> {
    let row =
        |name, kind, elsewhere| ClassRow { name, classifier: Classifier::Cells(kind), course: Course::adaptive(epochs / 2), elsewhere };
    vec![
        ClassRow { course: Course::adaptive(epochs), ..row("10 linear cells", Kind::linear(), (97.13, 0.44)) },
        row("10 dendritic cells 8 × 16", Kind::dendritic(8, RANDOM), (96.94, 0.66)),
        row("10 dendritic 8 × 16, patches", Kind::dendritic(8, Inputs::Patch), (96.80, 0.82)),
        row("10 of 8 × 16, linear branches", Kind::additive(8, RANDOM), (96.13, 0.72)),
        ClassRow { classifier: Classifier::Perceptron(19), ..row("perceptron 64-19-10", Kind::linear(), (96.96, 0.76)) },
    ]
}
