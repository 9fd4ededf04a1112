//! A compiled expression: a flat list of instructions, each on a whole block of numbers.
//!
//! Registers are blocks. An instruction leaves its result in the first register that it uses, its `base`; the result of a program is in register 0.

use crate::{
    diagnostic::Span,
    dimension::Dimension,
    expression::{
        functions::{Distribution, Unary},
        sampler::Sampler,
        syntax::Binary,
    },
};

/// Where an instruction finds a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A register, counted from the instruction's base.
    Register(usize),
    Constant(f64),
    Variable(usize),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Instruction {
    /// The register of the result.
    pub base: usize,
    pub operation: Operation,
    /// The part of the text that it computes.
    pub span: Span,
}

/// Operands that are registers follow the base without gap: the first of them is the base itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operation {
    Load(Operand),
    Unary(Unary),
    /// The base with the operand; the operand is the left side if swapped.
    Binary {
        operation: Binary,
        other: Operand,
        swapped: bool,
    },
    /// The first operand where the base is not 0, else the second.
    Select(Operand, Operand),
    Clip(Operand, Operand),
    /// Whether the base is one of these numbers, which ascend.
    Among(Vec<f64>),
    /// Numbers of a distribution with fixed parameters.
    Sample(Sampler),
    /// The same, from `low` to `high`.
    SampleWithin {
        sampler: Sampler,
        low: f64,
        high: f64,
    },
    /// Numbers of a distribution whose parameters differ from element to element.
    SampleEach {
        distribution: Distribution,
        parameters: [Operand; 3],
    },
    /// Runs the body again for the elements of the base that are not from `low` to `high`.
    Redraw {
        body: Vec<Instruction>,
        registers: usize,
        low: Operand,
        high: Operand,
    },
}

/// Instructions under construction, with what they compute.
#[derive(Clone, Debug)]
pub(crate) struct Fragment {
    pub code: Vec<Instruction>,
    pub registers: usize,
    pub dimension: Dimension,
    /// True or false, as 1 or 0.
    pub boolean: bool,
    pub random: bool,
}

/// An expression that is checked and ready to be evaluated, a block of elements at a time.
///
/// Made by [`Expression::compile`](crate::Expression::compile).
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    pub(crate) constant: Option<f64>,
    pub(crate) code: Vec<Instruction>,
    pub(crate) registers: usize,
    pub(crate) random: bool,
    /// For each variable that it was compiled for, whether it is read.
    pub(crate) used: Vec<bool>,
    /// The whole expression.
    pub(crate) span: Span,
}

impl Program {
    /// A program that always gives one value.
    pub fn constant(value: f64) -> Self {
        Self { constant: Some(value), code: Vec::new(), registers: 0, random: false, used: Vec::new(), span: Span::default() }
    }

    /// A program of instructions that take `variables` variables.
    pub(crate) fn new(fragment: Fragment, variables: usize, span: Span) -> Self {
        let mut used = vec![false; variables];
        for instruction in &fragment.code {
            instruction.operation.for_each_operand(&mut |operand| {
                if let Operand::Variable(index) = *operand
                    && let Some(used) = used.get_mut(index)
                {
                    *used = true;
                }
            });
        }
        Self { constant: None, code: fragment.code, registers: fragment.registers, random: fragment.random, used, span }
    }

    /// Its value, if it gives only one.
    pub fn as_constant(&self) -> Option<f64> {
        self.constant
    }

    /// Whether it draws random numbers.
    pub fn is_random(&self) -> bool {
        self.random
    }

    /// Whether its value depends on the variable of this position in the list that it was compiled for.
    pub fn uses_variable(&self, index: usize) -> bool {
        self.used.get(index).copied().unwrap_or(false)
    }
}

impl Operation {
    /// Visits every operand, those of an inner body too.
    pub(crate) fn for_each_operand(&self, visit: &mut impl FnMut(&Operand)) {
        match self {
            Self::Load(operand) | Self::Binary { other: operand, .. } => visit(operand),
            Self::Select(a, b) | Self::Clip(a, b) => {
                visit(a);
                visit(b);
            }
            Self::SampleEach { parameters, .. } => parameters.iter().for_each(visit),
            // The body stands before it in the program too, so its operands are visited there.
            Self::Redraw { low, high, .. } => {
                visit(low);
                visit(high);
            }
            Self::Unary(_) | Self::Among(_) | Self::Sample(_) | Self::SampleWithin { .. } => {}
        }
    }
}

/// Instructions for several values side by side, and where each is found.
pub(crate) struct Row {
    pub code: Vec<Instruction>,
    pub operands: Vec<Operand>,
    pub registers: usize,
    pub random: bool,
    /// Registers that hold a value.
    held: usize,
}

impl Row {
    pub fn new() -> Self {
        Self { code: Vec::new(), operands: Vec::new(), registers: 0, random: false, held: 0 }
    }

    pub fn push_operand(&mut self, operand: Operand) {
        self.operands.push(operand);
    }

    /// Adds instructions, which run after those that are there.
    pub fn push(&mut self, fragment: Fragment) {
        if self.code.is_empty() {
            self.code = fragment.code;
        } else {
            self.code.extend(fragment.code.into_iter().map(|mut instruction| {
                instruction.base += self.held;
                instruction
            }));
        }
        self.operands.push(Operand::Register(self.held));
        self.registers = self.registers.max(self.held + fragment.registers);
        self.held += 1;
        self.random |= fragment.random;
    }

    /// Ends with an operation whose result goes to register 0.
    pub fn finish(mut self, operation: Operation, dimension: Dimension, span: Span) -> Fragment {
        let draws = matches!(operation, Operation::Sample(_) | Operation::SampleWithin { .. } | Operation::SampleEach { .. });
        self.code.push(Instruction { base: 0, operation, span });
        Fragment { code: self.code, registers: self.registers.max(1), dimension, boolean: false, random: self.random || draws }
    }

    pub fn operand(&self, index: usize) -> Operand {
        self.operands.get(index).copied().unwrap_or(Operand::Constant(0.0))
    }
}
