//! Nothing that can be typed panics, overflows, hangs or takes all memory.

use proptest::prelude::*;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

use super::{evaluate, scope};
use crate::{Dimension, Expression, ExpressionErrorKind, Scope, Scratch, Value, Variable};

/// Parses, evaluates, compiles and runs; every error must have a span that a caller can cut out of the text.
fn try_everything(text: &str) {
    let check = |span: crate::Span| assert!(text.get(span.start..span.end).is_some(), "{span:?} of {text:?}");
    let expression = match Expression::parse(text) {
        Ok(expression) => expression,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return check(error.span);
        }
    };
    expression.names().for_each(|(_, span)| check(span));
    if let Err(error) = expression.evaluate(&scope()) {
        check(error.span);
    }
    let variables = [Variable { name: "x", dimension: Dimension::NONE }, Variable { name: "distance", dimension: Dimension::LENGTH }];
    match expression.compile(&scope(), &variables, Dimension::NONE) {
        Err(error) => check(error.span),
        Ok(program) => {
            let bounds = program.bounds(&[(-1.0, 1.0), (0.0, 100.0)]);
            let mut values = [0.0; 4];
            let columns: [&[f64]; 2] = [&[-1.0, 0.0, 0.5, 1.0], &[0.0, 1.0, 99.0, 100.0]];
            let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
            match program.evaluate_block(&columns, &mut random, &mut values, &mut Scratch::new()) {
                Ok(()) => {
                    for value in values {
                        // Rounding may carry a value just past a bound.
                        let slack = 1e-9 * (1.0 + value.abs());
                        assert!(value >= bounds.0 - slack && value <= bounds.1 + slack, "{value} outside {bounds:?}: {text}");
                    }
                }
                Err(error) => check(error.span),
            }
        }
    }
}

const WORDS: [&str; 60] = [
    "1",
    "0",
    "2.5",
    "1e-3",
    "1e308",
    "10_000",
    "3 mV",
    "5 ms",
    "1/ms",
    "20 um",
    "37 degC",
    "x",
    "distance",
    "g",
    "s",
    "rest",
    "rates",
    "regime",
    "'AI'",
    "pi",
    "true",
    "false",
    "+",
    "-",
    "*",
    "/",
    "^",
    "²",
    "(",
    ")",
    "[",
    "]",
    ",",
    "==",
    "<",
    ">=",
    "and",
    "or",
    "not ",
    "exp(",
    "log(",
    "sqrt(",
    "min(",
    "max(",
    "sum(",
    "linspace(",
    "range(",
    "if(",
    "clip(",
    "redraw(",
    "normal(",
    "lognormal(",
    "uniform(",
    "exponential(",
    "gamma(",
    "mV",
    "um",
    "µ",
    " ",
    "(x > 0)",
];

/// Texts that mostly parse: numbers without unit of two variables and random values.
fn formula() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("x".to_owned()),
        Just("(distance / (10 um))".to_owned()),
        (-50i32..50).prop_map(|k| format!("({})", f64::from(k) / 4.0)),
        Just("normal(1, 0.5)".to_owned()),
        Just("redraw(normal(0, 1), -0.5, 2)".to_owned()),
        Just("uniform(-1, 3)".to_owned()),
        Just("exponential(2)".to_owned()),
        Just("gamma(2, 0.5)".to_owned()),
        Just("lognormal(0, 0.3)".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec!["+", "-", "*", "/"]), inner.clone()).prop_map(|(a, o, b)| format!("({a} {o} {b})")),
            (inner.clone(), prop::sample::select(vec!["2", "3", "0.5", "-1", "-2"])).prop_map(|(a, b)| format!("({a})^({b})")),
            (prop::sample::select(vec!["exp", "log", "abs", "sqrt", "tanh", "sin", "floor", "sign", "-", "expm1"]), inner.clone())
                .prop_map(|(f, a)| format!("{f}({a})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("if({a} < {b}, {c}, {a})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("if({a} < 1 and not {b} > 0 or x > 0, {b}, {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("min({a}, max({b}, 1))")),
            inner.clone().prop_map(|a| format!("clip({a}, -1, 2)")),
            inner.clone().prop_map(|a| format!("normal({a}, abs({a}))")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_gives_a_value_or_an_error_with_a_place(text in "\\PC{0,60}") {
        try_everything(&text);
    }

    #[test]
    fn any_words_give_a_value_or_an_error_with_a_place(words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..20)) {
        try_everything(&words.concat());
        try_everything(&words.join(" "));
    }

    /// Claim: no value of a program lies outside its bounds. Tolerance: rounding.
    #[test]
    fn values_lie_within_the_bounds_of_their_program(text in formula()) {
        try_everything(&text);
    }

    /// Claim: a variable gives the same bits as a parameter of the same value: programs compute what constants do. Tolerance: none.
    #[test]
    fn programs_compute_what_constants_do(text in formula(), x in -2.0..2.0_f64) {
        let fixed = text.replace("normal(", "max(").replace("uniform(", "min(").replace("exponential(", "exp(").replace("gamma(", "min(")
            .replace("redraw(", "clip(").replace("logmax(", "max(").replace("(distance / (10 um))", "(x * 3)");
        let expression = Expression::parse(&fixed).unwrap();
        let mut scope = Scope::new();
        scope.insert("x", Value::number(x));
        let variables = [Variable { name: "x", dimension: Dimension::NONE }];
        let constant = expression.quantity(&scope, Dimension::NONE);
        let mut values = [0.0; 3];
        let block = expression.compile(&Scope::new(), &variables, Dimension::NONE).and_then(|program| {
            let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
            program.evaluate_block(&[&[x; 3]], &mut random, &mut values, &mut Scratch::new())
        });
        match (constant, block) {
            (Ok(constant), Ok(())) => prop_assert_eq!(values, [constant; 3], "{}", fixed),
            // What is undefined on the way may be unused in the end: there a block is more lenient, or stricter for both sides of an `if`.
            (Err(_), _) | (Ok(_), Err(_)) => {}
        }
    }
}

/// Claim: what is undefined compares as false, so a comparison with it decides nothing beforehand. Source: definition. Tolerance: none.
#[test]
fn bounds_know_what_may_be_undefined() {
    for text in [
        "if(-7 < sqrt(x), 1, -3)",
        "if(-9 < log(x), 1, -3)",
        "if(-7 < x / x, 1, -3)",
        "if(-7 < abs(x)^(x - 3), 1, -3)",
        "if(sqrt(x) + 1 < -2, -3, 1)",
    ] {
        try_everything(text);
    }
    let program = Expression::parse("if(-7 < sqrt(x), 1, -3)").unwrap();
    let program = program.compile(&scope(), &[Variable { name: "x", dimension: Dimension::NONE }], Dimension::NONE).unwrap();
    assert_eq!(program.bounds(&[(-1.0, 1.0)]), (-3.0, 1.0));
    assert_eq!(program.bounds(&[(0.0, 1.0)]), (1.0, 1.0));
}

#[test]
fn nesting_is_limited_everywhere() {
    let deep = |open: &str, close: &str, count: usize| format!("{}1{}", open.repeat(count), close.repeat(count));
    for (open, close) in
        [("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("exp(", ")"), ("2^", ""), ("1+(", ")"), ("rates[", "]"), ("1/(", ")")]
    {
        let error = Expression::parse(&deep(open, close, 6000)).unwrap_err();
        assert!(matches!(error.kind, ExpressionErrorKind::TooDeep { .. }), "{open}: {error}");
    }
    assert_eq!(evaluate(&deep("(", ")", 60)), Ok(Value::number(1.0)));
    let error = Expression::parse(&"1".repeat(70_000)).unwrap_err();
    assert!(matches!(error.kind, ExpressionErrorKind::TextTooLong { .. }), "{error}");
}

#[test]
fn long_chains_are_no_nesting() {
    let terms = 30_000;
    assert_eq!(evaluate(&format!("0{}", "+1".repeat(terms))), Ok(Value::number(terms as f64)));
    let long = format!("x{}", "+x".repeat(terms));
    let program =
        Expression::parse(&long).unwrap().compile(&Scope::new(), &[Variable { name: "x", dimension: Dimension::NONE }], Dimension::NONE);
    let mut values = [0.0; 2];
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    program.unwrap().evaluate_block(&[&[1.0, 2.0]], &mut random, &mut values, &mut Scratch::new()).unwrap();
    assert_eq!(values, [terms as f64 + 1.0, 2.0 * terms as f64 + 2.0]);
    // All of these are refused, or computed, at once.
    for text in ["1/ms".to_owned() + &"/ms".repeat(20_000), format!("1{}", " ms".repeat(20_000)), "[1]".to_owned() + &"[0]".repeat(20_000)]
    {
        let _ = evaluate(&text);
    }
}

#[test]
fn work_and_memory_are_limited() {
    let sums = format!("sum(range(1000000){})", "+range(1000000)".repeat(4000));
    assert!(matches!(evaluate(&sums).unwrap_err().kind, ExpressionErrorKind::TooMuchWork { .. }));
    let nested = format!("[{}]", "range(1000000),".repeat(1000));
    assert!(matches!(
        evaluate(&nested).unwrap_err().kind,
        ExpressionErrorKind::TooMuchWork { .. } | ExpressionErrorKind::ListTooLong { .. }
    ));
    for text in ["linspace(0, 1, 1e18)", "range(1e300)", "range(1e6 + 1)"] {
        assert!(matches!(evaluate(text).unwrap_err().kind, ExpressionErrorKind::ListTooLong { .. }), "{text}");
    }
    // Doubling from parameter to parameter.
    let mut scope = Scope::new();
    scope.insert("a", Value::List(vec![Value::number(1.0); 1000]));
    let mut refused = false;
    for _ in 0..40 {
        match Expression::parse("[a, a, a, a, a, a, a, a, a, a]").unwrap().evaluate(&scope) {
            Ok(value) => scope.insert("a", value),
            Err(_) => {
                refused = true;
                break;
            }
        }
    }
    assert!(refused);
}

#[test]
fn many_mistakes_cost_no_more_than_one() {
    let mut scope = Scope::new();
    for k in 0..2000 {
        scope.insert(format!("parameter_{k}"), Value::number(1.0));
    }
    let text = format!("1{}", "+parameter".repeat(6000));
    assert!(Expression::parse(&text).unwrap().evaluate(&scope).is_err());
}

#[test]
fn a_program_without_its_variables_is_refused() {
    let variables = [Variable { name: "x", dimension: Dimension::NONE }];
    let program = Expression::parse("x + 1").unwrap().compile(&Scope::new(), &variables, Dimension::NONE).unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for columns in [&[][..], &[&[1.0][..]]] {
        let error = program.evaluate_block(columns, &mut random, &mut [0.0; 2], &mut Scratch::new()).unwrap_err();
        assert_eq!(error.kind, ExpressionErrorKind::WrongVariables { needed: 1, length: 2 });
    }
}
