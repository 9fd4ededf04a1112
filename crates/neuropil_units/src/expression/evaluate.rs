//! Runs programs, a block at a time.
//!
//! Each instruction is a loop over the block, so the cost of choosing it is spread over the block's elements, and arithmetic vectorises.

use rand::Rng;

use crate::expression::{
    arithmetic::{apply, larger, smaller},
    error::{ExpressionError, ExpressionErrorKind},
    functions::{Distribution, Unary},
    program::{Instruction, Operand, Operation, Program},
    sampler::Sampler,
    syntax::Binary,
};

/// How often `redraw` draws before it gives up.
const TRIES: usize = 1000;

/// Memory that [`Program::evaluate_block`] works in; kept between calls so that it is not allocated each time.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    registers: Vec<f64>,
    retry: Retry,
}

/// What redrawing works in.
#[derive(Clone, Debug, Default)]
struct Retry {
    outside: Vec<usize>,
    variables: Vec<f64>,
    registers: Vec<f64>,
}

impl Scratch {
    /// Without memory yet.
    pub fn new() -> Self {
        Self::default()
    }
}

/// The values of the variables, of one length each.
#[derive(Clone, Copy)]
enum Variables<'a> {
    Given(&'a [&'a [f64]]),
    /// One after the other.
    Gathered(&'a [f64]),
}

impl<'a> Variables<'a> {
    fn get(self, index: usize, length: usize) -> &'a [f64] {
        match self {
            Self::Given(variables) => variables.get(index).copied().unwrap_or(&[]),
            Self::Gathered(values) => values.get(index * length..(index + 1) * length).unwrap_or(&[]),
        }
    }
}

/// An operand of one instruction.
#[derive(Clone, Copy)]
enum View<'a> {
    /// The register of the result itself.
    Base,
    One(f64),
    Each(&'a [f64]),
}

impl View<'_> {
    #[inline(always)]
    fn at(&self, index: usize, base: f64) -> f64 {
        match self {
            Self::Base => base,
            Self::One(value) => *value,
            Self::Each(values) => values.get(index).copied().unwrap_or(f64::NAN),
        }
    }
}

impl Program {
    /// Fills `out` with one value for each element of a block; `variables[k]` has the variable k for each of them.
    ///
    /// Blocks of some hundred to some thousand elements are fastest. Random numbers are drawn in a fixed order, distribution by distribution
    /// within a block: equal blocks of equal streams give equal values, and where a choice depends on the element both sides are drawn.
    ///
    /// # Errors
    /// If `redraw` found nothing within its bounds in 1000 tries, if a distribution's parameter is outside its range, if a value is
    /// infinite or undefined, or if there are fewer or shorter variables than the program was compiled for. `out` is then meaningless.
    pub fn evaluate_block<R: Rng>(
        &self,
        variables: &[&[f64]],
        random: &mut R,
        out: &mut [f64],
        scratch: &mut Scratch,
    ) -> Result<(), ExpressionError> {
        if let Some(value) = self.constant {
            out.fill(value);
            return Ok(());
        }
        let length = out.len();
        let missing = |(index, used): (usize, &bool)| *used && variables.get(index).is_none_or(|variable| variable.len() != length);
        if self.used.iter().enumerate().any(missing) {
            return Err(ExpressionErrorKind::WrongVariables { needed: self.used.len(), length }.at(self.span));
        }
        let variables = Variables::Given(variables);
        if self.registers <= 1 {
            run(&self.code, variables, random, out, length, &mut scratch.retry)?;
        } else {
            let needed = self.registers * length;
            if scratch.registers.len() < needed {
                scratch.registers.resize(needed, 0.0);
            }
            let (registers, _) = scratch.registers.split_at_mut(needed);
            run(&self.code, variables, random, registers, length, &mut scratch.retry)?;
            if let Some(result) = registers.get(..length) {
                out.copy_from_slice(result);
            }
        }
        // Without an early end, so that it vectorises.
        if out.iter().fold(true, |finite, value| finite & value.is_finite()) {
            Ok(())
        } else {
            let undefined = out.iter().any(|value| value.is_nan());
            let result = if undefined { "undefined" } else { "too large" };
            Err(ExpressionErrorKind::ElementsNotFinite { result }.at(self.span))
        }
    }
}

fn run<R: Rng>(
    code: &[Instruction],
    variables: Variables<'_>,
    random: &mut R,
    registers: &mut [f64],
    length: usize,
    retry: &mut Retry,
) -> Result<(), ExpressionError> {
    for instruction in code {
        let Some(frame) = registers.get_mut(instruction.base * length..) else { continue };
        let Some((base, others)) = frame.split_at_mut_checked(length) else { continue };
        let others = &*others;
        let view = |operand: Operand| match operand {
            Operand::Register(0) => View::Base,
            Operand::Register(index) => View::Each(others.get((index - 1) * length..index * length).unwrap_or(&[])),
            Operand::Constant(value) => View::One(value),
            Operand::Variable(index) => View::Each(variables.get(index, length)),
        };
        match &instruction.operation {
            Operation::Load(operand) => match view(*operand) {
                View::Base => {}
                View::One(value) => base.fill(value),
                View::Each(values) => base.iter_mut().zip(values).for_each(|(place, value)| *place = *value),
            },
            Operation::Unary(function) => unary(*function, base),
            Operation::Binary { operation, other, swapped } => binary(*operation, base, view(*other), *swapped),
            Operation::Select(then, otherwise) => {
                let (then, otherwise) = (view(*then), view(*otherwise));
                for (index, place) in base.iter_mut().enumerate() {
                    *place = if *place != 0.0 { then.at(index, *place) } else { otherwise.at(index, *place) };
                }
            }
            Operation::Clip(low, high) => clip(base, view(*low), view(*high)).map_err(|kind| kind.at(instruction.span))?,
            Operation::Among(numbers) => {
                for place in base.iter_mut() {
                    let found = numbers.binary_search_by(|number| number.total_cmp(place)).is_ok();
                    *place = f64::from(u8::from(found));
                }
            }
            Operation::Sample(sampler) => sampler.fill(base, random),
            Operation::SampleWithin { sampler, low, high } => {
                if !sampler.fill_within(base, (*low, *high), TRIES, random) {
                    return Err(ExpressionErrorKind::RedrawGaveUp { tries: TRIES, low: *low, high: *high }.at(instruction.span));
                }
            }
            Operation::SampleEach { distribution, parameters } => {
                sample_each(*distribution, base, parameters.map(view), random).map_err(|kind| kind.at(instruction.span))?;
            }
            Operation::Redraw { body, registers: needed, low, high } => {
                let (low, high) = (view(*low), view(*high));
                redraw(body, *needed, variables, random, base, (low, high), retry, instruction)?;
            }
        }
    }
    Ok(())
}

fn unary(function: Unary, base: &mut [f64]) {
    // Each arm is a loop of its own, whose function is known to the compiler.
    macro_rules! loops {
        ($($name:ident)*) => {
            match function {
                $(Unary::$name => base.iter_mut().for_each(|place| *place = Unary::$name.apply(*place)),)*
            }
        };
    }
    loops!(Negate Exp Log Log1p Expm1 Linoid Sqrt Abs Floor Ceil Round Sin Cos Tan Tanh Sign);
}

fn binary(operation: Binary, base: &mut [f64], other: View<'_>, swapped: bool) {
    fn over(base: &mut [f64], other: View<'_>, compute: impl Fn(f64, f64) -> f64) {
        match other {
            View::Base => base.iter_mut().for_each(|place| *place = compute(*place, *place)),
            View::One(value) => base.iter_mut().for_each(|place| *place = compute(*place, value)),
            View::Each(values) => base.iter_mut().zip(values).for_each(|(place, value)| *place = compute(*place, *value)),
        }
    }
    macro_rules! loops {
        ($($name:ident)*) => {
            match operation {
                $(Binary::$name if swapped => over(base, other, |a, b| apply(Binary::$name, b, a)),
                Binary::$name => over(base, other, |a, b| apply(Binary::$name, a, b)),)*
            }
        };
    }
    if let (Binary::Power, View::One(2.0), false) = (operation, other, swapped) {
        return over(base, other, |a, _| a * a);
    }
    loops!(Or And Equal Unequal Less LessOrEqual Greater GreaterOrEqual In Add Subtract Multiply Divide Power Min Max);
}

fn clip(base: &mut [f64], low: View<'_>, high: View<'_>) -> Result<(), ExpressionErrorKind> {
    let mut ordered = true;
    for (index, place) in base.iter_mut().enumerate() {
        let (low, high) = (low.at(index, *place), high.at(index, *place));
        ordered &= low <= high;
        *place = smaller(larger(*place, low), high);
    }
    if ordered { Ok(()) } else { Err(crossed("clip")) }
}

/// The error of bounds that leave nothing between them.
pub(crate) fn crossed(function: &'static str) -> ExpressionErrorKind {
    ExpressionErrorKind::BadArgument { function, reason: "the lower bound must not be above the upper one".to_owned() }
}

fn sample_each<R: Rng>(
    distribution: Distribution,
    base: &mut [f64],
    parameters: [View<'_>; 3],
    random: &mut R,
) -> Result<(), ExpressionErrorKind> {
    for (index, place) in base.iter_mut().enumerate() {
        let parameters = parameters.map(|parameter| parameter.at(index, *place));
        let sampler = Sampler::new(distribution, parameters)
            .map_err(|reason| ExpressionErrorKind::BadArgument { function: distribution.name(), reason: reason.to_owned() })?;
        *place = sampler.draw(random);
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the parts of one instruction and of the block it runs on")]
fn redraw<R: Rng>(
    body: &[Instruction],
    needed: usize,
    variables: Variables<'_>,
    random: &mut R,
    base: &mut [f64],
    (low, high): (View<'_>, View<'_>),
    retry: &mut Retry,
    instruction: &Instruction,
) -> Result<(), ExpressionError> {
    let length = base.len();
    let is_outside = |index: usize, value: f64| !(value >= low.at(index, value) && value <= high.at(index, value));
    let Retry { outside, variables: gathered, registers } = retry;
    outside.clear();
    outside.extend(base.iter().enumerate().filter(|&(index, value)| is_outside(index, *value)).map(|(index, _)| index));
    let mut used = 0;
    for inner in body {
        inner.operation.for_each_operand(&mut |operand| {
            if let Operand::Variable(index) = *operand {
                used = used.max(index + 1);
            }
        });
    }
    // The first draw was one try.
    for _ in 1..TRIES {
        if outside.is_empty() {
            return Ok(());
        }
        gathered.clear();
        for index in 0..used {
            let values = variables.get(index, length);
            gathered.extend(outside.iter().map(|&element| values.get(element).copied().unwrap_or(f64::NAN)));
        }
        if registers.len() < needed * outside.len() {
            registers.resize(needed * outside.len(), 0.0);
        }
        // A body holds no redraw of its own, so nothing inside needs memory for one.
        run(body, Variables::Gathered(gathered), random, registers, outside.len(), &mut Retry::default())?;
        let mut drawn = registers.iter();
        outside.retain(|&element| {
            let value = drawn.next().copied().unwrap_or(f64::NAN);
            let still_outside = is_outside(element, value);
            if let Some(place) = base.get_mut(element) {
                *place = value;
            }
            still_outside
        });
    }
    match outside.first() {
        None => Ok(()),
        Some(&element) => {
            let (low, high) = (low.at(element, f64::NAN), high.at(element, f64::NAN));
            Err(ExpressionErrorKind::RedrawGaveUp { tries: TRIES, low, high }.at(instruction.span))
        }
    }
}
