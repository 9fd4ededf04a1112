//! Expressions over the rows of a table: selectors, and values for each row.

use std::sync::Arc;

use rand::Rng;

use crate::{
    diagnostic::Span,
    dimension::Dimension,
    expression::{
        Expression, Program, Scope, Scratch, Value,
        check::{Checker, Lowered, Part, number},
        error::{ExpressionError, ExpressionErrorKind},
        program::{Operation, Row},
        texts::{Known, KnownKind, MISSING_TEXT, Unmatched, kind_of},
    },
};

/// Rows that are evaluated together.
const BLOCK: usize = 1024;

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub struct TableColumn<'t> {
    /// Its values.
    pub values: ColumnValues<'t>,
    /// For each row of the table the position of its value, where that is not the row itself.
    pub rows: Option<&'t [u32]>,
}

/// The values of a column.
#[derive(Clone, Copy, Debug)]
pub enum ColumnValues<'t> {
    /// Numbers in the coherent system; NaN where one is missing.
    Numbers(&'t [f64], Dimension),
    /// The code of each row's text, [`MISSING_TEXT`] where it has none; and the texts, each different.
    Texts(&'t [u32], &'t [Arc<str>]),
    /// A text of its own for each row.
    Names(&'t [Arc<str>]),
}

impl TableColumn<'_> {
    fn at(&self, row: u32) -> f64 {
        let position = self.rows.map_or(row as usize, |rows| rows.get(row as usize).map_or(usize::MAX, |row| *row as usize));
        match self.values {
            ColumnValues::Numbers(values, _) => values.get(position).copied().unwrap_or(f64::NAN),
            ColumnValues::Texts(codes, _) => f64::from(codes.get(position).copied().unwrap_or(MISSING_TEXT)),
            ColumnValues::Names(_) => position as f64,
        }
    }
}

/// Rows with named columns.
pub trait Table {
    /// Number of rows.
    fn rows(&self) -> u32;
    /// Names of the columns; each is known to [`column`](Self::column).
    fn column_names(&self) -> Vec<&str>;
    /// The column of a name.
    fn column(&self, name: &str) -> Option<TableColumn<'_>>;
}

/// The rows that a selector holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Ascending.
    pub rows: Vec<u32>,
    /// Texts in the selector that no row has.
    pub unmatched: Vec<Unmatched>,
    /// The whole selector.
    pub span: Span,
}

/// An expression that is ready to give a number for each row of a table.
#[derive(Clone, Debug)]
pub struct RowProgram<'t> {
    program: Program,
    columns: Vec<TableColumn<'t>>,
}

impl Expression {
    /// The rows of a table for which the expression is true. A column goes before a name in scope.
    ///
    /// ```
    /// # use neuropil_units::{ColumnValues, Dimension, Expression, Scope, Table, TableColumn};
    /// # use std::sync::Arc;
    /// struct Cells { classes: Vec<u32>, known: Vec<Arc<str>>, counts: Vec<f64> }
    /// impl Table for Cells {
    ///     fn rows(&self) -> u32 { self.classes.len() as u32 }
    ///     fn column_names(&self) -> Vec<&str> { vec!["class", "count"] }
    ///     fn column(&self, name: &str) -> Option<TableColumn<'_>> {
    ///         let values = match name {
    ///             "class" => ColumnValues::Texts(&self.classes, &self.known),
    ///             "count" => ColumnValues::Numbers(&self.counts, Dimension::NONE),
    ///             _ => return None,
    ///         };
    ///         Some(TableColumn { values, rows: None })
    ///     }
    /// }
    /// let cells = Cells { classes: vec![0, 1, 0], known: vec!["inter".into(), "motor".into()], counts: vec![3.0, 9.0, 8.0] };
    /// let chosen = Expression::parse("class == 'inter' and count > 5")?.select(&Scope::new(), &cells)?;
    /// assert_eq!(chosen.rows, [2]);
    /// # Ok::<(), neuropil_units::ExpressionError>(())
    /// ```
    ///
    /// # Errors
    /// As [`compile`](Expression::compile), and if it is no condition or is random.
    pub fn select(&self, scope: &Scope, table: &dyn Table) -> Result<Selection, ExpressionError> {
        let (known, columns) = columns_of(table);
        let (lowered, unmatched) = Checker::new(&self.nodes, scope, &known, false).check_noting()?;
        let span = self.span();
        let fragment = match lowered {
            Lowered::Constant { value, .. } if matches!(*value, Value::Boolean(_)) => {
                let rows = if *value == Value::Boolean(true) { (0..table.rows()).collect() } else { Vec::new() };
                return Ok(Selection { rows, unmatched, span });
            }
            Lowered::Code(fragment) if fragment.boolean => fragment,
            other => return Err(ExpressionErrorKind::NoCondition { found: kind_of(&other) }.at(span)),
        };
        let program = RowProgram { program: Program::new(fragment, columns.len(), span), columns };
        let mut rows = Vec::new();
        let (mut block, mut truth) = (Vec::with_capacity(BLOCK), Vec::with_capacity(BLOCK));
        let mut scratch = RowScratch::default();
        let mut start = 0;
        while start < table.rows() {
            let end = table.rows().min(start + BLOCK as u32);
            block.clear();
            block.extend(start..end);
            truth.clear();
            truth.resize(block.len(), 0.0);
            program.evaluate(&block, &mut NothingRandom, &mut truth, &mut scratch)?;
            rows.extend(block.iter().zip(&truth).filter(|(_, truth)| **truth != 0.0).map(|(row, _)| *row));
            start = end;
        }
        Ok(Selection { rows, unmatched, span })
    }

    /// Makes a program of it that gives a number of one dimension for each row of a table; it may be random.
    ///
    /// # Errors
    /// As [`compile`](Expression::compile).
    pub fn over<'t>(&self, scope: &Scope, table: &'t dyn Table, expected: Dimension) -> Result<RowProgram<'t>, ExpressionError> {
        let (known, columns) = columns_of(table);
        let lowered = Checker::new(&self.nodes, scope, &known, true).check()?;
        if let Lowered::Constant { value, bare_zero } = lowered {
            let value = super::fit(&value, bare_zero, expected).map_err(|kind| kind.at(self.span()))?;
            return Ok(RowProgram { program: Program::constant(value), columns: Vec::new() });
        }
        let (part, measure) = number(lowered).map_err(|kind| kind.at(self.span()))?;
        if measure.dimension != expected {
            return Err(ExpressionErrorKind::WrongDimension { found: measure.dimension, expected }.at(self.span()));
        }
        let fragment = match part {
            Part::Code(fragment) => fragment,
            Part::Operand(operand) => Row::new().finish(Operation::Load(operand), expected, self.span()),
        };
        Ok(RowProgram { program: Program::new(fragment, columns.len(), self.span()), columns })
    }
}

/// Memory that [`RowProgram::evaluate`] works in.
#[derive(Debug, Default)]
pub struct RowScratch {
    columns: Vec<Vec<f64>>,
    scratch: Scratch,
}

impl RowProgram<'_> {
    /// Its value, if it gives only one.
    pub fn as_constant(&self) -> Option<f64> {
        self.program.as_constant()
    }

    /// Whether it draws random numbers.
    pub fn is_random(&self) -> bool {
        self.program.is_random()
    }

    /// Whether its value depends on the row by a column.
    pub fn uses_columns(&self) -> bool {
        (0..self.columns.len()).any(|index| self.program.uses_variable(index))
    }

    /// The program and its variables, one for each column of the table: the values in some rows, or nothing where it does not use the column.
    pub fn into_parts(self, rows: &[u32]) -> (Program, Vec<Vec<f64>>) {
        let values = |(index, column): (usize, &TableColumn<'_>)| match self.program.uses_variable(index) {
            true => rows.iter().map(|row| column.at(*row)).collect(),
            false => Vec::new(),
        };
        let columns = self.columns.iter().enumerate().map(values).collect();
        (self.program, columns)
    }

    /// The program itself, where it uses no column.
    pub fn into_program(self) -> Program {
        self.program
    }

    /// Fills `out` with the values of some rows, as many as `out` has places; some thousand rows at a time are fastest.
    ///
    /// # Errors
    /// As [`Program::evaluate_block`].
    pub fn evaluate<R: Rng>(&self, rows: &[u32], random: &mut R, out: &mut [f64], scratch: &mut RowScratch) -> Result<(), ExpressionError> {
        let RowScratch { columns: buffers, scratch } = scratch;
        buffers.resize_with(self.columns.len().max(buffers.len()), Vec::new);
        for (index, (column, buffer)) in self.columns.iter().zip(buffers.iter_mut()).enumerate() {
            buffer.clear();
            if self.program.uses_variable(index) {
                buffer.extend(rows.iter().map(|row| column.at(*row)));
            }
        }
        let views: Vec<&[f64]> = buffers.iter().take(self.columns.len()).map(Vec::as_slice).collect();
        self.program.evaluate_block(&views, random, out, scratch)
    }
}

fn columns_of(table: &dyn Table) -> (Vec<Known<'_>>, Vec<TableColumn<'_>>) {
    let named = table.column_names().into_iter().filter_map(|name| Some((name, table.column(name)?)));
    named
        .map(|(name, column)| {
            let kind = match column.values {
                ColumnValues::Numbers(_, dimension) => KnownKind::Number(dimension),
                ColumnValues::Texts(_, texts) | ColumnValues::Names(texts) => KnownKind::Text(texts),
            };
            (Known { name, kind }, column)
        })
        .unzip()
}

/// Stands in where nothing random is allowed.
struct NothingRandom;

impl rand::rand_core::TryRng for NothingRandom {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(0);
        Ok(())
    }
}
