//! What every error of a text needs: the place, and the name that was probably meant.

/// A range of bytes in the text that was read: `start` is the first, `end` the one after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl Span {
    /// The smallest span that holds both.
    pub(crate) fn join(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Names longer than this (in letters) are not compared: the cost grows with the product of the lengths.
const LONGEST_COMPARED: usize = 64;
/// Names that are compared at most: to look through all names of a brain would take a second for each that is wrong.
const MOST_COMPARED: usize = 10_000;
/// Names listed where none is near.
const MOST_LISTED: usize = 12;

/// The known name nearest to `found`: at most a third of the letters differ (at least one may), swapped neighbours count as one.
///
/// Of equally near names one that differs only in capitals is taken, else the first in alphabetical order.
///
/// ```
/// # use neuropil_units::nearest_name;
/// assert_eq!(nearest_name("membrane_capacitence", ["membrane_capacitance", "bias_current"]), Some("membrane_capacitance"));
/// assert_eq!(nearest_name("threshold", ["bias_current"]), None);
/// ```
pub fn nearest_name<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = found.chars().take(LONGEST_COMPARED + 1).count();
    if letters > LONGEST_COMPARED {
        return None;
    }
    let allowed = (letters / 3).max(1);
    known
        .into_iter()
        .take(MOST_COMPARED)
        .filter(|name| name.chars().take(LONGEST_COMPARED + 1).count().abs_diff(letters) <= allowed)
        .map(|name| (strsim::damerau_levenshtein(found, name), found.to_lowercase() != name.to_lowercase(), name))
        .filter(|&(distance, ..)| distance <= allowed)
        .min()
        .map(|(.., name)| name)
}

/// The end of a message about an unknown name: ``; did you mean `x`?``, or the known names (at most 12, sorted), or nothing if there are none.
///
/// ```
/// # use neuropil_units::suggestion;
/// assert_eq!(suggestion("wieght", ["weight", "delay"]), "; did you mean `weight`?");
/// assert_eq!(suggestion("colour", ["weight", "delay"]), "; known: delay, weight");
/// ```
pub fn suggestion<'a>(found: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    if let Some(name) = nearest_name(found, known.iter().copied()) {
        return format!("; did you mean `{name}`?");
    }
    known.sort_unstable();
    known.dedup();
    if known.is_empty() {
        return String::new();
    }
    let more = if known.len() > MOST_LISTED { ", …" } else { "" };
    known.truncate(MOST_LISTED);
    format!("; known: {}{more}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_the_letters_may_differ_but_no_more() {
        assert_eq!(nearest_name("abcdef", ["abcdXY"]), Some("abcdXY"));
        assert_eq!(nearest_name("abcdef", ["abcXYZ"]), None);
        assert_eq!(nearest_name("mv", ["mV", "nV"]), Some("mV"));
        assert_eq!(nearest_name("mv", ["mA", "mV"]), Some("mV"));
        assert_eq!(nearest_name("teh", ["the"]), Some("the"));
    }

    #[test]
    fn of_equally_near_names_the_first_is_taken() {
        assert_eq!(nearest_name("tau_x", ["tau_n", "tau_m"]), Some("tau_m"));
    }

    #[test]
    fn long_lists_are_cut_and_no_names_say_nothing() {
        let names: Vec<String> = (10..30).map(|k| format!("population_{k}")).collect();
        let text = suggestion("weight", names.iter().map(String::as_str));
        assert!(text.starts_with("; known: population_10, ") && text.ends_with("population_21, …"), "{text}");
        assert_eq!(suggestion("weight", []), "");
    }

    #[test]
    fn a_huge_name_costs_nothing() {
        let huge = "x".repeat(1 << 20);
        assert_eq!(nearest_name(&huge, [huge.as_str()]), None);
        assert_eq!(nearest_name("x", [huge.as_str()]), None);
    }
}
