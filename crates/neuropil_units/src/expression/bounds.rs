//! The smallest and largest value that a program can give, by interval arithmetic.
//!
//! Each operation is taken by itself, so an expression that uses a variable twice may get wider bounds than it needs, never narrower ones.

use crate::expression::{
    arithmetic::{larger, smaller},
    functions::Unary,
    program::{Instruction, Operand, Operation, Program},
    sampler::Sampler,
    syntax::Binary,
};

type Interval = (f64, f64);

const EVERYTHING: Interval = (f64::NEG_INFINITY, f64::INFINITY);
const TRUTH: Interval = (0.0, 1.0);

impl Program {
    /// Smallest and largest value that it can give when each variable is within its range, in coherent units.
    ///
    /// Distributions without bounds are taken as far as less than 10⁻¹⁸ of them lies beyond: a normal one to 9 standard deviations, an
    /// exponential one to 45 means. `clip` and `redraw` narrow them. The bounds are exact up to rounding, or too wide; an infinite one means
    /// that none is known. Ranges that are missing count as unbounded.
    pub fn bounds(&self, variables: &[(f64, f64)]) -> (f64, f64) {
        if let Some(value) = self.constant {
            return (value, value);
        }
        let mut registers = vec![(EVERYTHING, false); self.registers.max(1)];
        for instruction in &self.code {
            let result = instruction_bounds(instruction, &registers, variables);
            if let Some(place) = registers.get_mut(instruction.base) {
                *place = result;
            }
        }
        registers.first().map_or(EVERYTHING, |(interval, _)| *interval)
    }
}

/// The interval of a result, and whether it is defined wherever its variables are: what is not compares as false.
fn instruction_bounds(instruction: &Instruction, registers: &[(Interval, bool)], variables: &[Interval]) -> (Interval, bool) {
    let find = |operand: Operand| match operand {
        Operand::Register(index) => registers.get(instruction.base + index).map_or(EVERYTHING, |(interval, _)| *interval),
        Operand::Constant(value) => (value, value),
        Operand::Variable(index) => variables.get(index).copied().unwrap_or(EVERYTHING),
    };
    let defined = |operand: Operand| match operand {
        Operand::Register(index) => registers.get(instruction.base + index).is_some_and(|(_, defined)| *defined),
        Operand::Constant(value) => !value.is_nan(),
        Operand::Variable(_) => true,
    };
    let base = find(Operand::Register(0));
    let base_defined = defined(Operand::Register(0));
    let is_defined = match &instruction.operation {
        Operation::Load(operand) => defined(*operand),
        Operation::Unary(function) => base_defined && is_defined_on(*function, base),
        Operation::Binary { operation, other, .. } => {
            let both = base_defined && defined(*other);
            match operation {
                Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual if !both => return (TRUTH, true),
                Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Power => {
                    let all = [base, find(*other)];
                    // Beyond finite numbers, as in ∞ - ∞, and where a division or a power may fail, which have no bounds.
                    let finite = |(low, high): Interval| low.is_finite() && high.is_finite();
                    both && all.into_iter().all(finite)
                        && (finite(binary(*operation, base, all[1])) && finite(binary(*operation, all[1], base)))
                }
                _ => both,
            }
        }
        Operation::Select(then, otherwise) => base_defined && defined(*then) && defined(*otherwise),
        Operation::Clip(low, high) => base_defined && defined(*low) && defined(*high),
        Operation::Among(_) | Operation::Sample(_) | Operation::SampleWithin { .. } => true,
        Operation::SampleEach { parameters, .. } => parameters.iter().all(|parameter| defined(*parameter)),
        Operation::Redraw { low, high, .. } => base_defined && defined(*low) && defined(*high),
    };
    let interval = match &instruction.operation {
        Operation::Load(operand) => find(*operand),
        Operation::Unary(function) => unary(*function, base),
        Operation::Binary { operation, other, swapped: false } => binary(*operation, base, find(*other)),
        Operation::Binary { operation, other, swapped: true } => binary(*operation, find(*other), base),
        Operation::Select(then, otherwise) => match base {
            (0.0, 0.0) => find(*otherwise),
            (low, _) if low > 0.0 => find(*then),
            _ => {
                let (a, b) = (find(*then), find(*otherwise));
                (smaller(a.0, b.0), larger(a.1, b.1))
            }
        },
        Operation::Clip(low, high) => {
            let (low, high) = (find(*low), find(*high));
            (smaller(larger(base.0, low.0), high.0), smaller(larger(base.1, low.1), high.1))
        }
        Operation::Among(_) => TRUTH,
        Operation::Sample(sampler) => sampler_bounds(sampler),
        Operation::SampleWithin { sampler, low, high } => narrowed(sampler_bounds(sampler), (*low, *high)),
        Operation::SampleEach { distribution, parameters } => Sampler::bounds(*distribution, parameters.map(find)),
        Operation::Redraw { low, high, .. } => narrowed(base, (find(*low).0, find(*high).1)),
    };
    // An undefined end, as of ∞ - ∞, means that nothing is known.
    let low = if interval.0.is_nan() { f64::NEG_INFINITY } else { interval.0 };
    let high = if interval.1.is_nan() { f64::INFINITY } else { interval.1 };
    ((low, high), is_defined)
}

/// Whether a function is defined on a whole interval.
fn is_defined_on(function: Unary, (low, high): Interval) -> bool {
    match function {
        Unary::Sqrt | Unary::Log => low >= 0.0,
        Unary::Log1p => low >= -1.0,
        Unary::Sin | Unary::Cos | Unary::Tan => low.is_finite() && high.is_finite(),
        _ => true,
    }
}

fn sampler_bounds(sampler: &Sampler) -> Interval {
    let (distribution, parameters) = sampler.parameters();
    Sampler::bounds(distribution, parameters.map(|parameter| (parameter, parameter)))
}

/// What of an interval is within bounds; the bounds themselves if nothing is.
fn narrowed(interval: Interval, bounds: Interval) -> Interval {
    let both = (larger(interval.0, bounds.0), smaller(interval.1, bounds.1));
    if both.0 <= both.1 { both } else { bounds }
}

fn unary(function: Unary, (low, high): Interval) -> Interval {
    let rising = |function: Unary| (function.apply(low), function.apply(high));
    match function {
        Unary::Negate => (-high, -low),
        Unary::Exp | Unary::Expm1 | Unary::Linoid | Unary::Floor | Unary::Ceil | Unary::Round | Unary::Tanh => rising(function),
        Unary::Sign => (f64::from(i8::from(low > 0.0) - i8::from(low < 0.0)), f64::from(i8::from(high > 0.0) - i8::from(high < 0.0))),
        // Where it is defined.
        Unary::Sqrt => (low.max(0.0).sqrt(), high.max(0.0).sqrt()),
        Unary::Log => (low.max(0.0).ln(), high.max(0.0).ln()),
        Unary::Log1p => (low.max(-1.0).ln_1p(), high.max(-1.0).ln_1p()),
        Unary::Abs if low <= 0.0 && high >= 0.0 => (0.0, larger(-low, high)),
        Unary::Abs => (smaller(low.abs(), high.abs()), larger(low.abs(), high.abs())),
        Unary::Sin | Unary::Cos if low == high && low.is_finite() => rising(function),
        Unary::Sin | Unary::Cos => (-1.0, 1.0),
        Unary::Tan => EVERYTHING,
    }
}

fn binary(operation: Binary, a: Interval, b: Interval) -> Interval {
    match operation {
        Binary::Add => (a.0 + b.0, a.1 + b.1),
        Binary::Subtract => (a.0 - b.1, a.1 - b.0),
        Binary::Multiply => corners(a, b, |x, y| if x == 0.0 || y == 0.0 { 0.0 } else { x * y }),
        Binary::Divide if b.0 > 0.0 || b.1 < 0.0 => corners(a, b, |x, y| if x == 0.0 || y.is_infinite() { 0.0 } else { x / y }),
        Binary::Divide => EVERYTHING,
        Binary::Power => power(a, b),
        Binary::Min => (smaller(a.0, b.0), smaller(a.1, b.1)),
        Binary::Max => (larger(a.0, b.0), larger(a.1, b.1)),
        Binary::Less if a.1 < b.0 => (1.0, 1.0),
        Binary::Less if a.0 >= b.1 => (0.0, 0.0),
        Binary::LessOrEqual if a.1 <= b.0 => (1.0, 1.0),
        Binary::LessOrEqual if a.0 > b.1 => (0.0, 0.0),
        Binary::Greater | Binary::GreaterOrEqual => {
            binary(if operation == Binary::Greater { Binary::Less } else { Binary::LessOrEqual }, b, a)
        }
        Binary::Less | Binary::LessOrEqual | Binary::Equal | Binary::Unequal | Binary::In | Binary::And | Binary::Or => TRUTH,
    }
}

fn corners(a: Interval, b: Interval, compute: impl Fn(f64, f64) -> f64) -> Interval {
    let all = [compute(a.0, b.0), compute(a.0, b.1), compute(a.1, b.0), compute(a.1, b.1)];
    all.into_iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (smaller(low, value), larger(high, value)))
}

fn power(a: Interval, b: Interval) -> Interval {
    if a.0 > 0.0 || (a.0 >= 0.0 && b.0 >= 0.0) {
        // Monotone in each of the two, so the extremes are at corners.
        return corners(a, b, f64::powf);
    }
    if b.0 == b.1 && b.0.fract() == 0.0 && b.0 > 0.0 {
        let ends = (a.0.powf(b.0), a.1.powf(b.0));
        return if b.0 % 2.0 != 0.0 {
            ends
        } else if a.1 >= 0.0 {
            (0.0, larger(ends.0, ends.1))
        } else {
            (ends.1, ends.0)
        };
    }
    EVERYTHING
}
