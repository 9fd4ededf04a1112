//! What programs do with blocks.

use std::convert::Infallible;

use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{Rng, SeedableRng, TryRng},
};

use super::{draw, scope};
use crate::{Dimension, Expression, Program, Scratch, Variable, expression::program::Operation};

const VARIABLES: [Variable; 2] =
    [Variable { name: "distance", dimension: Dimension::LENGTH }, Variable { name: "x", dimension: Dimension::NONE }];

fn compile(text: &str, dimension: Dimension) -> Program {
    Expression::parse(text).unwrap().compile(&scope(), &VARIABLES, dimension).unwrap()
}

/// Counts the numbers that are drawn.
struct Counting {
    inner: Xoshiro256PlusPlus,
    drawn: usize,
}

impl TryRng for Counting {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.drawn += 1;
        Ok(self.inner.next_u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.drawn += 1;
        Ok(self.inner.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.drawn += 1;
        self.inner.fill_bytes(bytes);
        Ok(())
    }
}

/// Claim: redraw draws again only for what is outside, and only what is inside it. Source: the same numbers, taken by hand. Tolerance: none.
#[test]
fn redraw_repeats_only_its_own_draws_and_only_outside() {
    let program = compile("uniform(0, 1) * 0 + redraw(uniform(0, 1) + x, 0, 0.5)", Dimension::NONE);
    let x: Vec<f64> = (0..100).map(|k| f64::from(k) / 400.0).collect();
    let mut random = Counting { inner: Xoshiro256PlusPlus::seed_from_u64(3), drawn: 0 };
    let mut values = vec![0.0; x.len()];
    program.evaluate_block(&[&[], &x], &mut random, &mut values, &mut Scratch::new()).unwrap();

    let mut by_hand = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut uniform = || (by_hand.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut drawn = x.len();
    (0..x.len()).for_each(|_| {
        uniform();
    });
    let mut expected = vec![f64::INFINITY; x.len()];
    while expected.iter().any(|value| *value > 0.5) {
        for (value, x) in expected.iter_mut().zip(&x).filter(|(value, _)| **value > 0.5) {
            *value = uniform() + x;
            drawn += 1;
        }
    }
    assert_eq!(values, expected);
    assert_eq!(random.drawn, drawn);
}

#[test]
fn what_is_constant_is_computed_once() {
    let length = |text, dimension| compile(text, dimension).code.len();
    assert_eq!(compile("2 * g * 1 mV", Dimension::POTENTIAL).as_constant(), Some(10.0));
    assert_eq!(length("normal(g * 0.1 mV, 0.01 mV + 0.02 mV)", Dimension::POTENTIAL), 1);
    assert_eq!(length("redraw(normal(g * 0.1 mV, 0.1 mV), 0, 2 * g * 1 mV)", Dimension::POTENTIAL), 1);
    assert_eq!(length("if(g > 1, normal(0, 1), exp(normal(0, 1)))", Dimension::NONE), 1);
    assert!(matches!(compile("redraw(normal(0, 1), 0, 1)", Dimension::NONE).code[0].operation, Operation::SampleWithin { .. }));
    assert!(!compile("2 * g", Dimension::NONE).is_random());
    assert!(compile("normal(0, 1)", Dimension::NONE).is_random());
    assert!(!compile("if(x > 0, 1, 2)", Dimension::NONE).is_random());
}

#[test]
fn programs_know_their_variables() {
    let program = compile("exp(-distance / (100 um))", Dimension::NONE);
    assert!(program.uses_variable(0) && !program.uses_variable(1) && !program.uses_variable(9));
    let program = compile("redraw(normal(x, 1), 0, 1)", Dimension::NONE);
    assert!(program.uses_variable(1) && !program.uses_variable(0));
    assert!(!Program::constant(3.0).uses_variable(0));
}

/// Claim: a program gives the formula's values. Source: the formula, written in Rust. Tolerance: none.
#[test]
fn programs_compute_their_formula() {
    let distances: Vec<f64> = (0..500).map(f64::from).collect();
    let x: Vec<f64> = (0..500).map(|k| f64::from(k) * 0.01 - 2.0).collect();
    type Formula = fn(f64, f64) -> f64;
    let cases: [(&str, Formula); 8] = [
        ("0.3 * exp(-distance / (100 um))", |d, _| 0.3 * (-d / 100.0).exp()),
        ("if(distance < 200 um and not x > 1, x, -x)", |d, x| if d < 200.0 && x <= 1.0 { x } else { -x }),
        ("(x + 1) * (x - 1) / (1 + x^2)", |_, x| (x + 1.0) * (x - 1.0) / (1.0 + x * x)),
        ("1 - (2 - (3 - (4 - x)))", |_, x| 1.0 - (2.0 - (3.0 - (4.0 - x)))),
        ("clip(x, -sqrt(abs(x)), 0.5) + max(x, 0, 1 - x)", |_, x| x.max(-x.abs().sqrt()).min(0.5) + x.max(0.0).max(1.0 - x)),
        ("x * (x * (x * (x + 1) + 1) + 1)", |_, x| x * (x * (x * (x + 1.0) + 1.0) + 1.0)),
        ("2^x / (distance + 1 um) * 1 um", |d, x| 2.0_f64.powf(x) / (d + 1.0) * 1.0),
        ("(1 - x) - (x - 3 * (x - 4) * (5 - x))", |_, x| (1.0 - x) - (x - 3.0 * (x - 4.0) * (5.0 - x))),
    ];
    let mut scratch = Scratch::new();
    for (text, formula) in cases {
        let mut values = vec![0.0; 500];
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        compile(text, Dimension::NONE).evaluate_block(&[&distances, &x], &mut random, &mut values, &mut scratch).unwrap();
        let expected: Vec<f64> = distances.iter().zip(&x).map(|(&d, &x)| formula(d, x)).collect();
        assert_eq!(values, expected, "{text}");
    }
}

#[test]
fn equal_streams_give_equal_blocks() {
    let text = "normal(0, 1) + redraw(lognormal(0, 1), 0.5, 2) * gamma(2, 1)";
    assert_eq!(draw(text, 3000, 9), draw(text, 3000, 9));
    assert_ne!(draw(text, 3000, 9), draw(text, 3000, 10));
}

/// Claim: bounds are those of interval arithmetic. Source: computed by hand. Tolerance: rounding, 1e-12 relative.
#[test]
fn bounds_are_those_of_interval_arithmetic() {
    let cases = [
        ("3", (3.0, 3.0)),
        ("x", (-1.0, 2.0)),
        ("2 * x - 1", (-3.0, 3.0)),
        ("x^2", (0.0, 4.0)),
        ("abs(x) + 1", (1.0, 3.0)),
        ("1 / (x + 3)", (0.2, 0.5)),
        ("normal(1, 2)", (-17.0, 19.0)),
        ("redraw(normal(1, 2), 0, 100)", (0.0, 19.0)),
        ("clip(normal(1, 2), -1, 100)", (-1.0, 19.0)),
        ("uniform(-2, 3)", (-2.0, 3.0)),
        ("exponential(2)", (0.0, 90.0)),
        ("lognormal(0, 1, -1)", (-(9.0_f64.exp()), -((-9.0_f64).exp()))),
        ("gamma(10, 2)", (0.0, 2.0 * (10.0 + 30.0 + 45.0))),
        ("if(x > 3, 5, x)", (-1.0, 2.0)),
        ("if(x > 0, 5, x)", (-1.0, 5.0)),
        ("redraw(normal(x, 1), 0, 2)", (0.0, 2.0)),
        ("1 / x", (f64::NEG_INFINITY, f64::INFINITY)),
        ("exp(-distance / (100 um))", ((-1.0_f64).exp(), 1.0)),
    ];
    for (text, expected) in cases {
        let found = compile(text, Dimension::NONE).bounds(&[(0.0, 100.0), (-1.0, 2.0)]);
        let close = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-12 * b.abs();
        assert!(close(found.0, expected.0) && close(found.1, expected.1), "{text}: {found:?}, expected {expected:?}");
    }
    assert_eq!(compile("x", Dimension::NONE).bounds(&[]), (f64::NEG_INFINITY, f64::INFINITY));
}
