//! The kernel of a declared channel: a list of instructions, each one loop over some hundred neighbouring compartments.
//!
//! An instruction reads columns and writes a register, which is a column of scratch that stays in the first cache; so choosing the instruction costs
//! little, and every loop vectorises. Neighbouring operations are one instruction where that saves a pass: a product and a sum, a scaled argument and its
//! exponential, and all that a gate does with its limit and rate.

use super::graph::{Graph, Operation, Value};
use crate::exponential::{exp, linoid_parts};
use crate::real::Real;
use neuropil_core::simd::Vectorised;
use neuropil_units::expression::{Binary, Unary};

/// Rows that are advanced together. With 64 Hodgkin and Huxley's channels took a fifth longer, with 128 a twelfth.
pub(crate) const ROWS: usize = 192;

/// Where a column is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Column {
    Register(usize),
    /// A number in every row; the first is the length of the step.
    Constant(usize),
    Potential,
    Calcium,
    State(usize),
}

/// What an instruction computes from columns.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Computes {
    /// `factor · x + offset`.
    Affine(Column, f64, f64),
    /// `exp(factor · x + offset)`.
    ExpAffine(Column, f64, f64),
    /// `factor · a · b + offset`.
    ScaledProduct(Column, Column, f64, f64),
    /// `factor · x + offset + y`.
    ScaledSum(Column, f64, f64, Column),
    /// `a · b + c`.
    MultiplyAdd(Column, Column, Column),
    Add(Column, Column),
    Multiply(Column, Column),
    Divide(Column, Column),
    LinoidTop(Column),
    LinoidBottom(Column, Column),
    Unary(Unary, Column),
    Binary(Binary, Column, Column),
    Select(Column, Column, Column),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Instruction {
    /// To a register.
    Compute(usize, Computes),
    /// A gate goes towards its limit for a step; limit and rate are fractions.
    Follow { state: usize, limit: (Column, Column), rate: (Column, Column) },
    /// A state becomes a number.
    Set { state: usize, value: Column },
}

/// What a kernel does to the state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Advance {
    /// A gate goes towards `limit` at `rate`, both numerator and denominator.
    Follow { state: usize, limit: (Value, Value), rate: (Value, Value) },
    /// A state becomes a number.
    Set { state: usize, value: Value },
}

impl Advance {
    fn operands(&self) -> Vec<Value> {
        match *self {
            Self::Follow { limit, rate, .. } => vec![limit.0, limit.1, rate.0, rate.1],
            Self::Set { value, .. } => vec![value],
        }
    }
}

/// A list of instructions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kernel {
    code: Vec<Instruction>,
    registers: usize,
    /// By column of constants; that of the step is set anew in each run.
    constants: Vec<f64>,
    /// The register of the part that is open.
    open: usize,
}

/// Columns that a kernel works in.
#[derive(Debug, Default)]
pub(crate) struct KernelScratch<R> {
    registers: Vec<Vec<R>>,
    constants: Vec<Vec<R>>,
}

impl Kernel {
    /// How many instructions take an exponential, apart from those of gates, and how many divide.
    #[cfg(test)]
    pub(super) fn costly(&self) -> (usize, usize) {
        let count = |is: fn(&Instruction) -> bool| self.code.iter().filter(|instruction| is(instruction)).count();
        let exponentials = count(|instruction| matches!(instruction, Instruction::Compute(_, Computes::ExpAffine(..))));
        (exponentials, count(|instruction| matches!(instruction, Instruction::Compute(_, Computes::Divide(..)))))
    }

    /// The instructions that advance states and give the part of the channels that is open.
    pub(super) fn new(graph: &Graph, advances: &[Advance], open: Value) -> Self {
        Builder::new(graph, advances, open).finish(advances, open)
    }

    /// Prepares scratch for steps of one length (times the factor of temperature), ms.
    pub(crate) fn prepare<R: Real>(&self, scratch: &mut KernelScratch<R>, step: f64) {
        let KernelScratch { registers, constants } = scratch;
        if registers.len() < self.registers {
            registers.resize_with(self.registers, || vec![R::default(); ROWS]);
        }
        if constants.len() < self.constants.len() {
            constants.resize_with(self.constants.len(), || vec![R::default(); ROWS]);
        }
        for (column, value) in constants.iter_mut().zip(std::iter::once(step).chain(self.constants.iter().skip(1).copied())) {
            column.fill(R::from(value));
        }
    }
}

/// Turns a graph into instructions.
struct Builder<'a> {
    graph: &'a Graph,
    /// By number: whether some instruction reads it from a column, and how many operations use it.
    needed: Vec<bool>,
    uses: Vec<usize>,
    constants: Vec<f64>,
    code: Vec<Instruction>,
}

impl<'a> Builder<'a> {
    fn new(graph: &'a Graph, advances: &[Advance], open: Value) -> Self {
        let count = advances.iter().flat_map(Advance::operands).chain([open]).max().unwrap_or(0) + 1;
        let (mut reached, mut uses) = (vec![false; count], vec![0; count]);
        for value in advances.iter().flat_map(Advance::operands).chain([open]) {
            reached[value] = true;
            uses[value] += 1;
        }
        // A number is after those that it needs, so that all its users were seen before.
        for value in (0..count).rev() {
            if reached[value] {
                for operand in graph.operation(value).operands() {
                    reached[operand] = true;
                    uses[operand] += 1;
                }
            }
        }
        Self { graph, needed: vec![false; count], uses, constants: vec![f64::NAN], code: Vec::new() }
    }

    /// The column of a number; registers are named by their number at first.
    fn column(&mut self, value: Value) -> Column {
        match self.graph.operation(value) {
            Operation::Potential => Column::Potential,
            Operation::Calcium => Column::Calcium,
            Operation::State(state) => Column::State(state),
            Operation::Step => Column::Constant(0),
            Operation::Constant(constant) => {
                let known = self.constants.iter().skip(1).position(|known| known.to_bits() == constant.to_bits());
                Column::Constant(known.map_or_else(
                    || {
                        self.constants.push(constant);
                        self.constants.len() - 1
                    },
                    |position| position + 1,
                ))
            }
            _ => {
                self.needed[value] = true;
                Column::Register(value)
            }
        }
    }

    /// What a number is computed by, with what is used nowhere else taken in.
    fn computes(&mut self, value: Value) -> Computes {
        let graph = self.graph;
        let once = |builder: &Self, value: Value| builder.uses[value] == 1;
        match graph.operation(value) {
            Operation::Affine { x, factor, offset } => match graph.operation(x) {
                Operation::Multiply(a, b) if once(self, x) => Computes::ScaledProduct(self.column(a), self.column(b), factor, offset),
                _ => Computes::Affine(self.column(x), factor, offset),
            },
            Operation::Exp(x) => match graph.operation(x) {
                Operation::Affine { x, factor, offset } => Computes::ExpAffine(self.column(x), factor, offset),
                _ => Computes::ExpAffine(self.column(x), 1.0, 0.0),
            },
            Operation::Add(a, b) => {
                for (a, b) in [(a, b), (b, a)] {
                    match graph.operation(a) {
                        Operation::Multiply(x, y) if once(self, a) => {
                            return Computes::MultiplyAdd(self.column(x), self.column(y), self.column(b));
                        }
                        Operation::Affine { x, factor, offset } if once(self, a) => {
                            return Computes::ScaledSum(self.column(x), factor, offset, self.column(b));
                        }
                        _ => {}
                    }
                }
                Computes::Add(self.column(a), self.column(b))
            }
            Operation::Multiply(a, b) => Computes::Multiply(self.column(a), self.column(b)),
            Operation::Divide(a, b) => Computes::Divide(self.column(a), self.column(b)),
            Operation::LinoidTop(x) => Computes::LinoidTop(self.column(x)),
            Operation::LinoidBottom(x, e) => Computes::LinoidBottom(self.column(x), self.column(e)),
            Operation::Unary(function, x) => Computes::Unary(function, self.column(x)),
            Operation::Binary(operation, a, b) => Computes::Binary(operation, self.column(a), self.column(b)),
            Operation::Select(condition, a, b) => Computes::Select(self.column(condition), self.column(a), self.column(b)),
            Operation::Constant(_) | Operation::Potential | Operation::Calcium | Operation::Step | Operation::State(_) => {
                Computes::Affine(self.column(value), 1.0, 0.0)
            }
        }
    }

    fn finish(mut self, advances: &[Advance], open: Value) -> Kernel {
        let open_column = self.column(open);
        // States are set together, once none of their old values is needed.
        let last_set = advances.iter().filter(|advance| matches!(advance, Advance::Set { .. })).flat_map(Advance::operands).max();
        let mut ends: Vec<(Value, Instruction)> = Vec::new();
        for advance in advances {
            let last = advance.operands().into_iter().max().unwrap_or(0);
            ends.push(match *advance {
                Advance::Follow { state, limit, rate } => {
                    let limit = (self.column(limit.0), self.column(limit.1));
                    (last, Instruction::Follow { state, limit, rate: (self.column(rate.0), self.column(rate.1)) })
                }
                Advance::Set { state, value } => (last_set.unwrap_or(last), Instruction::Set { state, value: self.column(value) }),
            });
        }
        let mut code = Vec::new();
        for value in (0..self.needed.len()).rev() {
            code.extend(ends.iter().rev().filter(|(last, _)| *last == value).map(|(_, instruction)| *instruction));
            if self.needed[value] {
                let computes = self.computes(value);
                code.push(Instruction::Compute(value, computes));
            }
        }
        code.reverse();
        self.code = code;
        self.in_registers(open_column)
    }

    /// Gives numbers registers, each free again after the last instruction that reads it.
    fn in_registers(self, open: Column) -> Kernel {
        let mut last = vec![usize::MAX; self.needed.len()];
        for (position, instruction) in self.code.iter().enumerate() {
            instruction.for_each_column(&mut |column| {
                if let Column::Register(value) = column {
                    last[value] = position;
                }
            });
        }
        if let Column::Register(value) = open {
            last[value] = usize::MAX;
        }
        let (mut register_of, mut free, mut registers) = (vec![0; self.needed.len()], Vec::new(), 0);
        let mut code = Vec::with_capacity(self.code.len());
        for (position, instruction) in self.code.iter().enumerate() {
            // The register of the result is taken before those of operands are free: no loop writes what it reads.
            if let Instruction::Compute(value, _) = instruction {
                register_of[*value] = free.pop().unwrap_or_else(|| {
                    registers += 1;
                    registers - 1
                });
            }
            let mut ended: Vec<usize> = Vec::new();
            let moved = instruction.with_columns(&mut |column| match column {
                Column::Register(value) => {
                    if last[value] == position && !ended.contains(&register_of[value]) {
                        ended.push(register_of[value]);
                    }
                    Column::Register(register_of[value])
                }
                other => other,
            });
            free.extend(ended);
            code.push(match moved {
                Instruction::Compute(value, computes) => Instruction::Compute(register_of[value], computes),
                other => other,
            });
        }
        let open = match open {
            Column::Register(value) => register_of[value],
            other => {
                code.push(Instruction::Compute(registers, Computes::Affine(other, 1.0, 0.0)));
                registers += 1;
                registers - 1
            }
        };
        Kernel { code, registers, constants: self.constants, open }
    }
}

impl Instruction {
    fn for_each_column(&self, visit: &mut dyn FnMut(Column)) {
        self.with_columns(&mut |column| {
            visit(column);
            column
        });
    }

    fn with_columns(&self, to: &mut dyn FnMut(Column) -> Column) -> Self {
        match *self {
            Self::Compute(out, computes) => Self::Compute(
                out,
                match computes {
                    Computes::Affine(x, factor, offset) => Computes::Affine(to(x), factor, offset),
                    Computes::ExpAffine(x, factor, offset) => Computes::ExpAffine(to(x), factor, offset),
                    Computes::ScaledProduct(a, b, factor, offset) => Computes::ScaledProduct(to(a), to(b), factor, offset),
                    Computes::ScaledSum(x, factor, offset, y) => Computes::ScaledSum(to(x), factor, offset, to(y)),
                    Computes::MultiplyAdd(a, b, c) => Computes::MultiplyAdd(to(a), to(b), to(c)),
                    Computes::Add(a, b) => Computes::Add(to(a), to(b)),
                    Computes::Multiply(a, b) => Computes::Multiply(to(a), to(b)),
                    Computes::Divide(a, b) => Computes::Divide(to(a), to(b)),
                    Computes::LinoidTop(x) => Computes::LinoidTop(to(x)),
                    Computes::LinoidBottom(x, e) => Computes::LinoidBottom(to(x), to(e)),
                    Computes::Unary(function, x) => Computes::Unary(function, to(x)),
                    Computes::Binary(operation, a, b) => Computes::Binary(operation, to(a), to(b)),
                    Computes::Select(a, b, c) => Computes::Select(to(a), to(b), to(c)),
                },
            ),
            Self::Follow { state, limit, rate } => {
                Self::Follow { state, limit: (to(limit.0), to(limit.1)), rate: (to(rate.0), to(rate.1)) }
            }
            Self::Set { state, value } => Self::Set { state, value: to(value) },
        }
    }
}

/// A kernel on neighbouring compartments, at most [`ROWS`].
pub(crate) struct Run<'a, 's, R> {
    pub(crate) kernel: &'a Kernel,
    pub(crate) scratch: &'s mut KernelScratch<R>,
    /// mV.
    pub(crate) potential: &'a [R],
    /// mM; empty if the channel does not use it.
    pub(crate) calcium: &'a [R],
    /// State after state, each `stride` long; the rows begin at `offset` of each.
    pub(crate) states: &'a mut [R],
    pub(crate) stride: usize,
    pub(crate) offset: usize,
}

impl<'s, R: Real> Vectorised for Run<'_, 's, R> {
    /// The part of the channels that is open, by row.
    type Output = &'s [R];

    #[inline(always)]
    fn run(self) -> &'s [R] {
        let Self { kernel, scratch, potential, calcium, states, stride, offset } = self;
        let rows = potential.len();
        let KernelScratch { registers, constants } = scratch;
        for instruction in &kernel.code {
            match *instruction {
                Instruction::Compute(out, computes) => {
                    let mut result = std::mem::take(&mut registers[out]);
                    let columns = Columns { registers, constants, potential, calcium, states, stride, offset, rows };
                    compute(computes, &mut result[..rows], &columns);
                    registers[out] = result;
                }
                Instruction::Follow { state, limit, rate } => {
                    let start = state * stride + offset;
                    let step = constants[0][0];
                    let columns = Columns { registers, constants, potential, calcium, states: &[], stride, offset, rows };
                    let (x, n) = (columns.at(limit.0), columns.at(limit.1));
                    let (a, b) = (columns.at(rate.0), columns.at(rate.1));
                    follow(&mut states[start..start + rows], [x, n, a, b], step);
                }
                Instruction::Set { state, value } => {
                    let start = state * stride + offset;
                    if let Column::State(other) = value {
                        let from = other * stride + offset;
                        states.copy_within(from..from + rows, start);
                        continue;
                    }
                    let columns = Columns { registers, constants, potential, calcium, states: &[], stride, offset, rows };
                    states[start..start + rows].copy_from_slice(columns.at(value));
                }
            }
        }
        &registers[kernel.open][..rows]
    }
}

/// What instructions read.
struct Columns<'a, R> {
    registers: &'a [Vec<R>],
    constants: &'a [Vec<R>],
    potential: &'a [R],
    calcium: &'a [R],
    states: &'a [R],
    stride: usize,
    offset: usize,
    rows: usize,
}

impl<R: Real> Columns<'_, R> {
    #[inline(always)]
    fn at(&self, column: Column) -> &[R] {
        match column {
            Column::Register(register) => &self.registers[register][..self.rows],
            Column::Constant(constant) => &self.constants[constant][..self.rows],
            Column::Potential => &self.potential[..self.rows],
            Column::Calcium => &self.calcium[..self.rows],
            Column::State(state) => &self.states[state * self.stride + self.offset..][..self.rows],
        }
    }
}

/// One limit and rate a row, as fractions; one division serves both.
#[inline(always)]
fn follow<R: Real>(state: &mut [R], [x, n, a, b]: [&[R]; 4], step: R) {
    let rows = state.len();
    let (x, n, a, b) = (&x[..rows], &n[..rows], &a[..rows], &b[..rows]);
    for i in 0..rows {
        let inverse = R::from(1.0) / (n[i] * b[i]);
        let limit = x[i] * b[i] * inverse;
        let rate = a[i] * n[i] * inverse;
        state[i] = (state[i] - limit).mul_add(exp(-step * rate), limit);
    }
}

#[inline(always)]
fn compute<R: Real>(computes: Computes, result: &mut [R], columns: &Columns<'_, R>) {
    let rows = result.len();
    // A loop whose operation is known to the compiler: a closure would be compiled without the instruction set that is meant.
    macro_rules! each {
        ($($name:ident = $column:expr),*; $value:expr) => {{
            $(let $name = &columns.at($column)[..rows];)*
            for i in 0..rows {
                $(let $name = $name[i];)*
                result[i] = $value;
            }
        }};
    }
    match computes {
        Computes::Affine(x, factor, offset) => each!(x = x; x.mul_add(factor, offset)),
        Computes::ExpAffine(x, factor, offset) => each!(x = x; exp(x.mul_add(factor, offset))),
        Computes::ScaledProduct(a, b, factor, offset) => each!(a = a, b = b; (a * b).mul_add(factor, offset)),
        Computes::ScaledSum(x, factor, offset, y) => each!(x = x, y = y; x.mul_add(factor, offset) + y),
        Computes::MultiplyAdd(a, b, c) => each!(a = a, b = b, c = c; a.mul_add(b, c)),
        Computes::Add(a, b) => each!(a = a, b = b; a + b),
        Computes::Multiply(a, b) => each!(a = a, b = b; a * b),
        Computes::Divide(a, b) => each!(a = a, b = b; a / b),
        Computes::LinoidTop(x) => each!(x = x; linoid_parts(x, R::default()).0),
        Computes::LinoidBottom(x, e) => each!(x = x, e = e; linoid_parts(x, e).1),
        Computes::Unary(function, x) => {
            macro_rules! functions {
                ($($known:ident)*) => {
                    match function {
                        $(Unary::$known => each!(x = x; R::from(Unary::$known.apply(x.to_f64()))),)*
                    }
                };
            }
            functions!(Negate Exp Log Log1p Expm1 Linoid Sqrt Abs Floor Ceil Round Sin Cos Tan Tanh Sign)
        }
        Computes::Binary(operation, a, b) => {
            macro_rules! operations {
                ($($known:ident)*) => {
                    match operation {
                        $(Binary::$known => each!(a = a, b = b; R::from(Binary::$known.apply(a.to_f64(), b.to_f64()))),)*
                    }
                };
            }
            operations!(Or And Equal Unequal Less LessOrEqual Greater GreaterOrEqual In Add Subtract Multiply Divide Power Min Max)
        }
        Computes::Select(condition, a, b) => each!(condition = condition, a = a, b = b; if condition != 0.0 { a } else { b }),
    }
}
