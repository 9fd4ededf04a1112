//! What well-formed texts mean.

use super::{evaluate, number_of, scope};
use crate::{Dimension, Expression, Scope, Span, Value};

fn plain(text: &str) -> f64 {
    number_of(text, Dimension::NONE)
}

/// Claim: quantities are read exactly. Source: the decimal number, shifted by the prefix. Tolerance: none.
#[test]
fn quantities_are_exactly_the_decimal_number() {
    let cases = [
        ("-65 mV", Dimension::POTENTIAL, -65.0),
        ("-0.065 V", Dimension::POTENTIAL, -65.0),
        ("0.1 ms", Dimension::TIME, 0.1),
        ("100us", Dimension::TIME, 0.1),
        ("100 µs", Dimension::TIME, 0.1),
        ("1e-4 s", Dimension::TIME, 0.1),
        ("1 min", Dimension::TIME, 60_000.0),
        ("0.275 mV", Dimension::POTENTIAL, 0.275),
        ("1/ms", Dimension::FREQUENCY, 1.0),
        ("20 kHz", Dimension::FREQUENCY, 20.0),
        ("3 Hz", Dimension::FREQUENCY, 0.003),
        ("20/s", Dimension::FREQUENCY, 0.02),
        ("20 s^-1", Dimension::FREQUENCY, 0.02),
        ("4 nS", Dimension::CONDUCTANCE, 4.0),
        ("5 mV/ms", Dimension::POTENTIAL.divide(Dimension::TIME), 5.0),
        ("2 uF/cm^2", Dimension::CAPACITANCE.divide(Dimension::AREA), 0.02),
        ("2 µF/cm²", Dimension::CAPACITANCE.divide(Dimension::AREA), 0.02),
        ("2 uF cm^-2", Dimension::CAPACITANCE.divide(Dimension::AREA), 0.02),
        ("0.04/(ms mV)", Dimension::FREQUENCY.divide(Dimension::POTENTIAL), 0.04),
        ("0.04/(ms*mV)", Dimension::FREQUENCY.divide(Dimension::POTENTIAL), 0.04),
        ("1 GΩ", Dimension::RESISTANCE, 1.0),
        ("1 Gohm", Dimension::RESISTANCE, 1.0),
        ("3 nM", Dimension::CONCENTRATION, 3e-9),
        ("3 nmol/L", Dimension::CONCENTRATION, 3e-9),
        ("10_000", Dimension::NONE, 10_000.0),
        ("1.5e3", Dimension::NONE, 1500.0),
        ("37 degC", Dimension::TEMPERATURE, 310.15),
        ("-5 °C", Dimension::TEMPERATURE, 268.15),
        ("5 mV^2", Dimension::POTENTIAL.multiply(Dimension::POTENTIAL), 5.0),
        ("(5 mV)^2", Dimension::POTENTIAL.multiply(Dimension::POTENTIAL), 25.0),
        ("1 m/s", Dimension::SPEED, 1000.0),
        ("150 ohm cm", Dimension::RESISTANCE.multiply(Dimension::LENGTH), 0.0015),
    ];
    for (text, dimension, value) in cases {
        // Without parameters, one of which is called like the second.
        assert_eq!(Expression::parse(text).and_then(|read| read.quantity(&Scope::new(), dimension)), Ok(value), "{text}");
    }
}

#[test]
fn operators_bind_as_in_mathematics() {
    let cases = [
        ("1 + 2 * 3", 7.0),
        ("-2^2", -4.0),
        ("2^-1", 0.5),
        ("2^3^2", 512.0),
        ("8 / 4 / 2", 1.0),
        ("2 - 3 - 4", -5.0),
        ("-rates[1] * 2", -4.0),
        ("+3 - -3", 6.0),
        ("(1 + 2)²", 9.0),
        ("if(not 1 > 2 and 2 > 1, 1, 0)", 1.0),
        ("if(false and true or true, 1, 0)", 1.0),
        ("2 × 3 · 4", 24.0),
        ("5 − 3", 2.0),
    ];
    for (text, value) in cases {
        assert_eq!(plain(text), value, "{text}");
    }
}

#[test]
fn parameters_may_be_called_like_units() {
    // Behind a number alone a word is a unit, behind `*` a parameter.
    assert_eq!(plain("2 * s"), 8.0);
    assert_eq!(plain("g * s"), 20.0);
    assert_eq!(number_of("2 s", Dimension::TIME), 2000.0);
    // Behind a unit and `/` a parameter goes before the unit, which stands for itself where there is no parameter.
    assert_eq!(number_of("2 mV / s", Dimension::POTENTIAL), 0.5);
    assert_eq!(plain("2 / (s + 4)"), 0.25);
    let rate = Expression::parse("2 mV / s").unwrap();
    assert_eq!(rate.quantity(&Scope::new(), Dimension::POTENTIAL.divide(Dimension::TIME)), Ok(0.002));
    assert_eq!(rate.names().collect::<Vec<_>>(), [("s", Span { start: 7, end: 8 })]);
}

#[test]
fn functions_are_those_of_mathematics() {
    let cases = [
        ("exp(1) - e", 0.0),
        ("log(e)", 1.0),
        ("log1p(0) + expm1(0)", 0.0),
        ("sqrt(9) + abs(-2)", 5.0),
        ("floor(1.7) + ceil(1.2) + round(2.5)", 6.0),
        ("cos(pi)", -1.0),
        ("sin(0) + tan(0) + tanh(0)", 0.0),
        ("sign(-3) + sign(0) + sign(0.1)", 0.0),
        ("pow(2, 10)", 1024.0),
        ("min(3, 1, 2) + max(rates)", 4.0),
        ("sum(rates) + mean(rates) + length(rates)", 11.0),
        ("range(4)[3]", 3.0),
        ("linspace(0, 1, 5)[1]", 0.25),
        ("linspace(0.1, 0.7, 4)[3]", 0.7),
        ("length(linspace(0, 1, 1)) + length(range(0))", 1.0),
        ("clip(5, 0, 1) + clip(-5, 0, 1) + clip(0.5, 0, 1)", 1.5),
        ("[[1, 2], [3, 4]][1][0]", 3.0),
        ("sum(rates * [1, 10, 100])", 321.0),
        ("sum(1 / rates[0] + rates)", 9.0),
        ("0.1 * 3 * 10 * 0 + range(0.1 * 3 * 10)[2]", 2.0),
        ("min(1, 2 + 3,)", 1.0),
    ];
    for (text, value) in cases {
        assert_eq!(plain(text), value, "{text}");
    }
}

#[test]
fn dimensions_follow_the_operations() {
    assert_eq!(number_of("250 pF * 4 mV / (2 ms)", Dimension::CURRENT), 500.0);
    assert_eq!(number_of("10 nS * (0 mV - rest)", Dimension::CURRENT), 700.0);
    assert_eq!(number_of("sqrt(4 mV^2)", Dimension::POTENTIAL), 2.0);
    assert_eq!(number_of("max(1 mV, 0.002 V)", Dimension::POTENTIAL), 2.0);
    assert_eq!(plain("10 ms / (5 ms)"), 2.0);
    assert_eq!(plain("exp(-10 ms / (10 ms))"), (-1.0_f64).exp());
    assert_eq!(plain("sign(-3 mV)"), -1.0);
    assert_eq!(number_of("-1 ms/mV * 2 mV", Dimension::TIME), -2.0);
}

#[test]
fn a_literal_zero_fits_any_dimension() {
    assert_eq!(number_of("0", Dimension::POTENTIAL), 0.0);
    assert_eq!(number_of("max(0, rest)", Dimension::POTENTIAL), 0.0);
    assert_eq!(number_of("if(rest < 0, -0, 1 mV)", Dimension::POTENTIAL), 0.0);
    assert_eq!(number_of("clip(rest, -80 mV, 0)", Dimension::POTENTIAL), -70.0);
    assert_eq!(
        evaluate("[0, 2 mV]"),
        Ok(Value::List([0.0, 2.0].map(|value| Value::Number { value, dimension: Dimension::POTENTIAL }).to_vec()))
    );
    // Not a literal: a parameter that happens to be 0 has a dimension of its own.
    assert!(evaluate("rest + (g - g)").is_err());
    assert!(evaluate("rest + exp(0)").is_err());
    assert!(evaluate("rest + 0 * 1").is_err());
}

#[test]
fn values_that_are_not_used_need_not_exist() {
    assert_eq!(plain("if(g == 0, 1/(g - 5), 3)"), 3.0);
    assert_eq!(plain("if(length(rates) > 5, rates[5], 0)"), 0.0);
    assert_eq!(plain("if(g == 5 or 1/(g - 5) > 1, 1, 0)"), 1.0);
    assert_eq!(plain("if(g == 0 and 1/(g - 5) > 1, 1, 0)"), 0.0);
    assert_eq!(plain("if(regime == 'AI', 1, log(-1))"), 1.0);
    // Mistakes of the text are mistakes everywhere.
    assert!(evaluate("if(true, 1, typo)").is_err());
    assert!(evaluate("if(true, 1, 1 mV + 1 ms)").is_err());
    assert!(evaluate("if(true, 1 mV, 1 ms)").is_err());
}

#[test]
fn kinds_other_than_numbers() {
    assert_eq!(evaluate("'AI'"), Ok(Value::Text("AI".to_owned())));
    assert_eq!(evaluate("regime != 'SR' and true"), Ok(Value::Boolean(true)));
    assert_eq!(evaluate("1 mV < 2 mV"), Ok(Value::Boolean(true)));
    assert_eq!(evaluate("rates >= 2"), Ok(Value::List([false, true, true].map(Value::Boolean).to_vec())));
    assert_eq!(evaluate("[]"), Ok(Value::List(Vec::new())));
    assert_eq!(evaluate("if(g > 1, 'many', 'few')"), Ok(Value::Text("many".to_owned())));
}

#[test]
fn a_number_is_an_expression_too() {
    let number = Expression::number(-3.0);
    assert_eq!(number.text(), "-3");
    assert_eq!(number.quantity(&scope(), Dimension::NONE), Ok(-3.0));
    assert!(Expression::number(f64::NAN).evaluate(&scope()).is_err());
    assert_eq!(Expression::number(0.0).quantity(&scope(), Dimension::POTENTIAL), Ok(0.0));
}

#[test]
fn names_are_given_with_their_places() {
    let expression = Expression::parse("µ + g * exp(rest / g) + [pi, 'text']").unwrap();
    let names: Vec<_> = expression.names().map(|(name, span)| (name, &expression.text()[span.start..span.end])).collect();
    assert_eq!(names, [("µ", "µ"), ("g", "g"), ("rest", "rest"), ("g", "g"), ("pi", "pi")]);
}
