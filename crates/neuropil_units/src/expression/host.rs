//! Functions that a caller adds to the language, such as measures of what a network did.

use crate::expression::value::Value;

/// How a function of the caller's is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostFunction {
    /// Its name; one of the language's own functions may have it too, which then is meant where the first argument is no text.
    pub name: &'static str,
    /// How it is used, for messages: `rate(population)`.
    pub signature: &'static str,
    /// Fewest and most arguments.
    pub arguments: (usize, usize),
}

/// Answers the functions that [`Expression::parse_with`](crate::Expression::parse_with) was told of.
///
/// ```
/// use neuropil_units::{Dimension, Expression, Host, HostFunction, Scope, Value};
///
/// struct Lengths;
/// impl Host for Lengths {
///     fn functions(&self) -> &[HostFunction] {
///         &[HostFunction { name: "letters", signature: "letters(text)", arguments: (1, 1) }]
///     }
///     fn call(&self, _: &str, arguments: &[Value]) -> Result<Value, String> {
///         match arguments {
///             [Value::Text(text)] => Ok(Value::Number { value: text.chars().count() as f64, dimension: Dimension::NONE }),
///             _ => Err("`letters` needs a text".to_owned()),
///         }
///     }
/// }
///
/// let expression = Expression::parse_with("2 * letters('abc')", Lengths.functions())?;
/// let value = expression.evaluate_with(&Scope::new(), &Lengths)?;
/// assert_eq!(value, Value::Number { value: 6.0, dimension: Dimension::NONE });
/// # Ok::<(), neuropil_units::ExpressionError>(())
/// ```
pub trait Host {
    /// The functions.
    fn functions(&self) -> &[HostFunction];

    /// The value of a call. A number that is not finite stands for what is undefined: arithmetic with it is an error of the expression.
    ///
    /// # Errors
    /// What is wrong with the arguments, in one sentence, and what would do.
    fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Expression, Scope};

    /// Answers `mean` and `rate` with the number of letters of their first argument.
    struct Letters;

    impl Host for Letters {
        fn functions(&self) -> &[HostFunction] {
            const FUNCTIONS: [HostFunction; 2] = [
                HostFunction { name: "mean", signature: "mean(recorder)", arguments: (1, 2) },
                HostFunction { name: "rate", signature: "rate(population)", arguments: (1, 1) },
            ];
            &FUNCTIONS
        }

        fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, String> {
            match (name, arguments.first()) {
                (_, Some(Value::Text(text))) if text != "silent" => Ok(Value::number(text.len() as f64)),
                ("rate", Some(Value::Text(_))) => Ok(Value::number(f64::NAN)),
                _ => Err("a text is needed".to_owned()),
            }
        }
    }

    fn evaluate(text: &str) -> Result<f64, String> {
        let mut scope = Scope::new();
        scope.insert("E", Value::Text("E".to_owned()));
        let expression = Expression::parse_with(text, Letters.functions()).map_err(|error| error.to_string())?;
        match expression.evaluate_with(&scope, &Letters).map_err(|error| error.to_string())? {
            Value::Number { value, .. } => Ok(value),
            other => Err(other.to_string()),
        }
    }

    /// Claim: a name that both have is the language's own for numbers and the caller's for texts; an element of a text is a longer text.
    #[test]
    fn functions_of_the_caller_stand_beside_the_own() {
        for (text, expected) in [("mean([1, 3])", 2.0), ("mean('abc')", 3.0), ("rate(E) + rate(E[3])", 5.0), ("rate(E['AVAL'])", 9.0)] {
            assert_eq!(evaluate(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_called_is_refused() {
        let cases = [
            ("rat(E)", "unknown function `rat`; did you mean `rate`?"),
            ("rate()", "`rate(population)` is given 0 arguments"),
            ("rate(3)", "a text is needed"),
            ("if(true, 1, rate(3))", "a text is needed"),
            ("1 / rate('silent')", "the result of `/` is undefined"),
            ("rate(normal(0, 1))", "`normal` is random; here one fixed value is needed"),
        ];
        for (text, message) in cases {
            assert_eq!(evaluate(text), Err(message.to_owned()), "{text}");
        }
        assert!(Expression::parse("rate(E)").is_err(), "only with `parse_with`");
    }
}
