//! The two formats of the engine's own: text for people, compressed columns for size and speed.

pub mod binary;
mod numbers;
pub mod text;

use neuropil_units::{Dimension, Expression, Scope, Value};

/// The dimension of a unit that is one in the coherent system, such as `µm` or `mV/ms`.
pub(crate) fn dimension(unit: &str) -> Option<Dimension> {
    let text = if unit.starts_with('1') { unit.to_owned() } else { format!("1 {unit}") };
    match Expression::parse(&text).and_then(|expression| expression.evaluate(&Scope::new())) {
        Ok(Value::Number { value: 1.0, dimension }) => Some(dimension),
        _ => None,
    }
}

/// Memory that can still be had, bytes; `None` where the system does not tell.
pub(crate) fn memory_available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}
