//! Tests of the language, from the outside: texts in, values and errors out.

mod blocks;
mod distributions;
mod errors;
mod hostile;
mod language;
mod tables;

use super::*;

/// The value in a scope with some parameters.
pub(super) fn scope() -> Scope {
    let mut scope = Scope::new();
    scope.insert("g", Value::number(5.0));
    scope.insert("s", Value::number(4.0));
    scope.insert("rest", Value::Number { value: -70.0, dimension: Dimension::POTENTIAL });
    scope.insert("regime", Value::Text("AI".to_owned()));
    scope.insert("rates", Value::List([1.0, 2.0, 3.0].map(Value::number).to_vec()));
    scope
}

pub(super) fn evaluate(text: &str) -> Result<Value, ExpressionError> {
    Expression::parse(text)?.evaluate(&scope())
}

pub(super) fn number_of(text: &str, dimension: Dimension) -> f64 {
    Expression::parse(text).unwrap().quantity(&scope(), dimension).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The values of a program without variables.
pub(super) fn draw(text: &str, count: usize, seed: u64) -> Result<Vec<f64>, ExpressionError> {
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    let program = Expression::parse(text)?.compile(&scope(), &[], Dimension::NONE)?;
    let (mut random, mut scratch, mut values) = (Xoshiro256PlusPlus::seed_from_u64(seed), Scratch::new(), vec![0.0; count]);
    for block in values.chunks_mut(1000) {
        program.evaluate_block(&[], &mut random, block, &mut scratch)?;
    }
    Ok(values)
}
