//! Functions that the caller supplies, such as measures of a run in a claim.

use crate::expression::value::Value;

/// How a function of the caller's is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostFunction {
    /// The name in expressions; it goes before a function of the language of the same name.
    pub name: &'static str,
    /// How it is used, for messages: `rate(population, from, to)`.
    pub signature: &'static str,
    /// Fewest and most arguments.
    pub arguments: (usize, usize),
}

/// Who computes the caller's functions.
pub trait Host {
    /// The functions, in the order in which the expression was parsed with them.
    fn functions(&self) -> &[HostFunction];

    /// The value of the function of this position in the list.
    ///
    /// # Errors
    /// Why it has no value, as a sentence that follows the function's name.
    fn call(&self, function: usize, arguments: &[Value]) -> Result<Value, String>;
}
