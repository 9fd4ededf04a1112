//! A program as a list of steps, each on numbers of earlier ones: for who runs it in a way of their own, such as the kernels of declared channels.

use crate::expression::{
    functions::Unary,
    program::{Operand, Operation, Program},
    syntax::Binary,
};

/// What one step of a formula computes; a number that it uses is that of the step at this position in the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FormulaStep {
    /// A number.
    Constant(f64),
    /// The variable of this position in the list that the program was compiled for.
    Variable(usize),
    /// A function of one number.
    Unary(Unary, usize),
    /// An operation on two.
    Binary(Binary, usize, usize),
    /// The second where the first is not 0, else the third.
    Select(usize, usize, usize),
}

impl Program {
    /// Its steps, the last of which is its value; `None` if it is random.
    ///
    /// ```
    /// use neuropil_units::expression::{Binary, FormulaStep};
    /// use neuropil_units::{Dimension, Expression, Scope, Variable};
    ///
    /// let rate = Expression::parse("2 * v")?;
    /// let variable = Variable { name: "v", dimension: Dimension::NONE };
    /// let steps = rate.compile(&Scope::new(), &[variable], Dimension::NONE)?.formula();
    /// assert!(matches!(steps.as_deref(), Some([.., FormulaStep::Binary(Binary::Multiply, _, _)])));
    /// # Ok::<(), neuropil_units::ExpressionError>(())
    /// ```
    pub fn formula(&self) -> Option<Vec<FormulaStep>> {
        if let Some(value) = self.as_constant() {
            return Some(vec![FormulaStep::Constant(value)]);
        }
        let mut steps: Vec<FormulaStep> = Vec::new();
        // By register: the step that it holds the number of.
        let mut held: Vec<usize> = vec![0; self.registers.max(1)];
        for instruction in &self.code {
            let mut push = |step: FormulaStep| {
                steps.push(step);
                steps.len() - 1
            };
            let base = held.get(instruction.base).copied()?;
            let find = |operand: Operand, push: &mut dyn FnMut(FormulaStep) -> usize| match operand {
                Operand::Register(index) => held.get(instruction.base + index).copied(),
                Operand::Constant(value) => Some(push(FormulaStep::Constant(value))),
                Operand::Variable(index) => Some(push(FormulaStep::Variable(index))),
            };
            let result = match &instruction.operation {
                Operation::Load(operand) => find(*operand, &mut push)?,
                Operation::Unary(function) => push(FormulaStep::Unary(*function, base)),
                Operation::Binary { operation, other, swapped } => {
                    let other = find(*other, &mut push)?;
                    let (left, right) = if *swapped { (other, base) } else { (base, other) };
                    push(FormulaStep::Binary(*operation, left, right))
                }
                Operation::Select(then, otherwise) => {
                    let (then, otherwise) = (find(*then, &mut push)?, find(*otherwise, &mut push)?);
                    push(FormulaStep::Select(base, then, otherwise))
                }
                Operation::Clip(low, high) => {
                    let (low, high) = (find(*low, &mut push)?, find(*high, &mut push)?);
                    let above = push(FormulaStep::Binary(Binary::Max, base, low));
                    push(FormulaStep::Binary(Binary::Min, above, high))
                }
                Operation::Among(numbers) => {
                    let mut among = push(FormulaStep::Constant(0.0));
                    for number in numbers {
                        let number = push(FormulaStep::Constant(*number));
                        let equal = push(FormulaStep::Binary(Binary::Equal, base, number));
                        among = push(FormulaStep::Binary(Binary::Max, among, equal));
                    }
                    among
                }
                Operation::Sample(_) | Operation::SampleWithin { .. } | Operation::SampleEach { .. } | Operation::Redraw { .. } => {
                    return None;
                }
            };
            if let Some(place) = held.get_mut(instruction.base) {
                *place = result;
            }
        }
        // The value must be the last.
        let last = held.first().copied()?;
        if last + 1 != steps.len() {
            let copy = steps.get(last).copied()?;
            steps.push(copy);
        }
        Some(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dimension, Expression, Scope, Scratch, Variable};
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

    fn run(steps: &[FormulaStep], variables: &[f64]) -> f64 {
        let mut values: Vec<f64> = Vec::new();
        for step in steps {
            values.push(match *step {
                FormulaStep::Constant(value) => value,
                FormulaStep::Variable(index) => variables[index],
                FormulaStep::Unary(function, x) => function.apply(values[x]),
                FormulaStep::Binary(operation, a, b) => operation.apply(values[a], values[b]),
                FormulaStep::Select(condition, a, b) => values[if values[condition] != 0.0 { a } else { b }],
            });
        }
        values[values.len() - 1]
    }

    /// Claim: the steps give what the program gives. Source: the program, run on a block. Tolerance: none: the operations are the same.
    #[test]
    fn steps_give_what_the_program_gives() {
        let texts = [
            "x",
            "3",
            "x + y",
            "2 - x / (1 + y^2)",
            "exp(-x) * linoid(y - 1) + linoid(0 * x)",
            "if(x > y and y < 3, x * x, sqrt(y))",
            "clip(x * y, 0.5, 1.5)",
            "min(x, y, 1) + max(x, 2)",
            "if(x in [1, 2, 3], y, -y)",
            "(x + y) * (x + y) - abs(x - y)",
        ];
        let variables = [Variable { name: "x", dimension: Dimension::NONE }, Variable { name: "y", dimension: Dimension::NONE }];
        for text in texts {
            let program = Expression::parse(text).unwrap().compile(&Scope::new(), &variables, Dimension::NONE).unwrap();
            let steps = program.formula().unwrap();
            for (x, y) in [(0.3, 1.7), (2.0, 1.0), (1.0, 4.0), (-1.0, 0.2)] {
                let mut out = [0.0];
                let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
                program.evaluate_block(&[&[x], &[y]], &mut random, &mut out, &mut Scratch::new()).unwrap();
                assert_eq!(run(&steps, &[x, y]).to_bits(), out[0].to_bits(), "{text} at {x}, {y}");
            }
        }
        let random = Expression::parse("x + normal(0, 1)").unwrap().compile(&Scope::new(), &variables, Dimension::NONE).unwrap();
        assert_eq!(random.formula(), None);
    }

    /// Claim: `linoid` is `x/(1 - exp(-x))`, and smooth through 0. Source: its series, `1 + x/2 + x²/12 - x⁴/720`. Tolerance: the series' next
    /// term is below 1e-18 for |x| ≤ 0.005; two roundings.
    #[test]
    fn linoid_is_smooth_through_zero() {
        let linoid = |x: f64| Unary::Linoid.apply(x);
        for k in -200..=200 {
            let x = f64::from(k) * 2.5e-5;
            let series = 1.0 + x / 2.0 + x * x / 12.0 - x.powi(4) / 720.0;
            assert!((linoid(x) - series).abs() < 5e-16, "{x}");
        }
        assert_eq!((linoid(0.0), linoid(f64::NEG_INFINITY), linoid(1e3)), (1.0, 0.0, 1e3));
    }
}
