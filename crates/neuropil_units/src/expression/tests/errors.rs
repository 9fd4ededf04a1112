//! What is said about texts that are wrong, and where.

use super::{draw, evaluate, scope};
use crate::{Dimension, Expression, ExpressionErrorKind, Variable};

/// The wrong part of the text is marked by `«»`.
#[test]
fn errors_point_at_the_wrong_part_and_say_the_way_out() {
    let cases = [
        ("rest + «restt»", "unknown name `restt`; did you mean `rest`?"),
        ("rest + «ms»", "unknown name `ms`; a unit stands behind a number, as in `1 ms`"),
        ("2 * «exp»", "unknown name `exp`; the function is used as `exp(x)`"),
        ("«colour»", "unknown name `colour`; known: e, g, pi, rates, regime, rest, s"),
        ("5 «mv» + 1", "unknown unit `mv`; did you mean `mV`?"),
        ("5 mV/ms «foo»", "unknown unit `foo`; known: A, Hz, K, Mohm, MΩ, S, V, cm, degC, h, kHz, mA, …"),
        ("2 * «sqr»(3)", "unknown function `sqr`; did you mean `sqrt`?"),
        ("«1 mV + 1 ms»", "`+` needs the same dimension on both sides; found a potential (mV) and a time (ms)"),
        ("«rest < 3»", "`<` needs the same dimension on both sides; found a potential (mV) and a number without unit"),
        ("exp(«rest»)", "found a potential (mV), expected a number without unit"),
        ("2^«rest»", "found a potential (mV), expected a number without unit"),
        ("1 + 2 / «(g - 5)»", "division by zero"),
        ("«1e300 * 1e300»", "the result of `*` is too large"),
        ("«1e999» + 1", "the number is too large, or undefined; numbers reach up to 1.8e308"),
        ("log(«0»)", "`log`: of 0; a value greater than 0 is needed"),
        ("sqrt(«-1 mV^2»)", "`sqrt`: of -1 mV²; a value of at least 0 is needed"),
        ("«(-8)^0.5»", "the result of `^` is undefined"),
        ("rates[«3»]", "index 3 of a list of 3; elements are counted from 0"),
        ("rates[«-1»]", "index -1 of a list of 3; elements are counted from 0"),
        ("rates[«0.5»]", "0.5 is no whole number of at least 0; round(…) makes a number whole"),
        ("«g»[0]", "found a number, expected a list before `[`"),
        ("«rates + [1, 2]»", "lists of 3 and 2 elements; both must have the same number"),
        ("1 + «normal(0, 1)»", "`normal` is random; here one fixed value is needed"),
        ("«normal(0)»", "`normal(mean, sd)` is given 1 arguments"),
        ("(1 + 2«»", "found the end, expected `)` or an operator"),
        ("1 + «*» 2", "found `*`, expected a value, such as `5 mV` or a name"),
        ("«»", "found the end, expected a value, such as `5 mV` or a name"),
        ("g «g»", "found `g`, expected an operator such as `+`, or the end"),
        ("1 < g «<» 3", "found `<`, expected `and`: comparisons do not chain, as in a < b and b < c"),
        ("[1, 2«»", "found the end, expected `,` or `]`"),
        ("g «=» 3", "unexpected character '='; equality is written `==`"),
        ("µ «&» 1", "unexpected character '&'; write `and`"),
        ("regime == «'AI»", "the text has no closing quote `'`"),
        ("«regime + 1»", "found a text, expected a number"),
        ("«g and true»", "found a number, expected a truth value"),
        ("if(«g», 1, 2)", "found a number, expected a truth value, such as `a > b`"),
        ("1 «degC»/ms", "degrees Celsius are an absolute temperature, as in `37 degC`, and no part of another unit; use K"),
        ("1 mV/«degC»", "degrees Celsius are an absolute temperature, as in `37 degC`, and no part of another unit; use K"),
        ("1 «mV^0.3»", "the result would have a dimension whose exponents are neither whole nor halves, or larger than 20"),
        ("«clip(1, 3, 2)»", "`clip`: the lower bound must not be above the upper one"),
        ("mean(«[]»)", "`mean`: the list is empty"),
        ("range(«2000000»)", "a list would have more than 1000000 elements"),
    ];
    for (marked, message) in cases {
        let (start, end) = (marked.find('«').unwrap(), marked.find('»').unwrap() - '«'.len_utf8());
        let text = marked.replace(['«', '»'], "");
        let error = evaluate(&text).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
        if !marked.contains("degC»/ms") {
            assert_eq!((error.span.start, error.span.end), (start, end), "{text}: {error}");
        }
    }
}

#[test]
fn a_missing_unit_is_said_with_an_example() {
    let error = Expression::parse(" 5 ").unwrap().quantity(&scope(), Dimension::POTENTIAL).unwrap_err();
    assert_eq!(error.kind, ExpressionErrorKind::MissingUnit { value: 5.0, expected: Dimension::POTENTIAL });
    assert_eq!(error.to_string(), "the number 5 has no unit; expected a potential, for example `5 mV`");
    assert_eq!((error.span.start, error.span.end), (1, 2));
    let error = Expression::parse("20").unwrap().quantity(&scope(), Dimension::FREQUENCY).unwrap_err();
    assert_eq!(error.to_string(), "the number 20 has no unit; expected a rate, for example `20/ms`");
    let error = Expression::parse("g * 1 ms").unwrap().quantity(&scope(), Dimension::POTENTIAL).unwrap_err();
    assert_eq!(error.to_string(), "found a time (ms), expected a potential (mV)");
}

#[test]
fn programs_are_checked_before_they_run() {
    let distance = [Variable { name: "distance", dimension: Dimension::LENGTH }];
    let cases = [
        ("exp(-distance)", "found a length (µm), expected a number without unit"),
        ("normal(0, 1) + 1 mV", "`+` needs the same dimension on both sides; found a number without unit and a potential (mV)"),
        ("normal(1 mV, 1)", "`normal` needs the same dimension on both sides; found a potential (mV) and a number without unit"),
        ("lognormal(0 mV, 1)", "found a potential (mV), expected a number without unit"),
        ("normal(0, -1)", "`normal`: the standard deviation must be at least 0"),
        ("uniform(1, 0)", "`uniform`: the lower bound must not be above the upper one"),
        ("gamma(0, 1)", "`gamma`: the shape must be greater than 0, the scale at least 0"),
        ("exponential(-1)", "`exponential`: the mean must be at least 0"),
        ("redraw(g, 0, 1)", "`redraw` of a value that is not random never changes it; use clip(…)"),
        ("redraw(redraw(normal(0, 1), 0, 2), 0, 1)", "`redraw` within `redraw`; use one with the narrower bounds"),
        ("redraw(normal(0, 1), 1, 0)", "`redraw`: the lower bound must not be above the upper one"),
        (
            "[normal(0, 1)][0]",
            "an element of a list must be constant; it may not depend on random numbers or on variables such as distance",
        ),
        ("rates[distance]", "an index must be constant; it may not depend on random numbers or on variables such as distance"),
        ("distance > 1 um", "found a truth value, expected one number"),
        ("distance", "found a length (µm), expected a number without unit"),
        ("rates", "found a list, expected one number"),
        ("rates + normal(0, 1)", "found a list, expected one number"),
        (
            "distance^normal(0, 1)",
            "the power of a quantity with unit must be constant; it may not depend on random numbers or on variables such as distance",
        ),
        ("normal(0, 1) / 0", "division by zero"),
        ("1 + (distance > 1 um)", "found a truth value, expected one number"),
        ("if(distance > 1 um, 1, 1 mV)", "`if` needs the same dimension on both sides; found a number without unit and a potential (mV)"),
    ];
    for (text, message) in cases {
        let error = Expression::parse(text).unwrap().compile(&scope(), &distance, Dimension::NONE).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
    }
}

#[test]
fn what_goes_wrong_in_a_block_is_said() {
    let error = draw("1 + redraw(normal(0, 1), 100, 101)", 10, 1).unwrap_err();
    assert_eq!(error.to_string(), "`redraw` found no value from 100 to 101 in 1000 tries; widen the bounds");
    assert_eq!((error.span.start, error.span.end), (4, 34));
    let error = draw("redraw(normal(0, 1) + 0, 100, 101)", 10, 1).unwrap_err();
    assert_eq!(error.to_string(), "`redraw` found no value from 100 to 101 in 1000 tries; widen the bounds");
    let error = draw("log(normal(0, 1))", 100, 1).unwrap_err();
    assert_eq!(error.to_string(), "the value is undefined for some elements");
    let error = draw("exp(1000 + normal(0, 1))", 100, 1).unwrap_err();
    assert_eq!(error.to_string(), "the value is too large for some elements");
    let error = draw("normal(0, normal(0, 1))", 100, 1).unwrap_err();
    assert_eq!(error.to_string(), "`normal`: the standard deviation must be at least 0");
    let error = draw("clip(1, normal(0, 1), 0)", 100, 1).unwrap_err();
    assert_eq!(error.to_string(), "`clip`: the lower bound must not be above the upper one");
}
