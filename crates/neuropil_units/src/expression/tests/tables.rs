//! Selectors and values over the rows of a table.

use std::sync::Arc;

use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

use super::scope;
use crate::{ColumnValues, Dimension, Expression, ExpressionError, ExpressionErrorKind, MISSING_TEXT, RowScratch, Table, TableColumn};

/// Five cells, and what is known of them.
struct Cells {
    names: Vec<Arc<str>>,
    classes: Vec<Arc<str>>,
}

const CLASS: [u32; 5] = [0, 1, 2, 0, MISSING_TEXT];
const COUNT: [f64; 5] = [3.0, 9.0, 8.0, f64::NAN, 0.0];
/// The other end of each row, by its row.
const PARTNER: [u32; 5] = [3, 0, 2, 1, 4];

impl Cells {
    fn new() -> Self {
        let texts = |texts: &[&str]| texts.iter().map(|text| Arc::from(*text)).collect();
        Self { names: texts(&["DA1", "AVA", "DA2", "AVB", "PLM"]), classes: texts(&["inter", "motor", "sensory"]) }
    }
}

impl Table for Cells {
    fn rows(&self) -> u32 {
        5
    }

    fn column_names(&self) -> Vec<&str> {
        vec!["name", "class", "partner_class", "count", "x"]
    }

    fn column(&self, name: &str) -> Option<TableColumn<'_>> {
        let values = match name {
            "name" => ColumnValues::Names(&self.names),
            "class" | "partner_class" => ColumnValues::Texts(&CLASS, &self.classes),
            "count" => ColumnValues::Numbers(&COUNT, Dimension::NONE),
            "x" => ColumnValues::Numbers(&[0.0, 10.0, 20.0, 30.0, 40.0], Dimension::LENGTH),
            _ => return None,
        };
        Some(TableColumn { values, rows: (name == "partner_class").then_some(&PARTNER) })
    }
}

fn select(text: &str) -> Result<Vec<u32>, ExpressionError> {
    Ok(Expression::parse(text)?.select(&scope(), &Cells::new())?.rows)
}

#[test]
fn selectors_choose_rows() {
    let cases: [(&str, &[u32]); 19] = [
        ("class == 'inter'", &[0, 3]),
        ("'inter' == class", &[0, 3]),
        ("class != 'inter'", &[1, 2, 4]),
        ("class == ''", &[4]),
        ("class == 'inter' and count > 2", &[0]),
        ("not class == 'inter' or count == 3", &[0, 1, 2, 4]),
        ("class in ['motor', 'sensory']", &[1, 2]),
        ("not (class in ['motor', 'sensory'])", &[0, 3, 4]),
        ("name in ['AVB', 'AVA']", &[1, 3]),
        ("starts_with(name, 'DA')", &[0, 2]),
        ("ends_with(name, '2') or contains(name, 'L')", &[2, 4]),
        ("class == partner_class", &[0, 2, 4]),
        ("partner_class == 'motor'", &[3]),
        ("x >= 20 um and x < 0.04 mm", &[2, 3]),
        ("x in [10 um, 0 um, 99 um]", &[0, 1]),
        ("count in [0, 9]", &[1, 4]),
        ("regime == 'AI'", &[0, 1, 2, 3, 4]),
        ("count > g", &[1, 2]),
        ("2 in [1, 2] and starts_with(regime, 'S')", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(select(text).unwrap_or_else(|error| panic!("{text}: {error}")), expected, "{text}");
    }
}

/// Claim: a text that no row has is told with its place and those that there are, since it is most likely misspelt.
#[test]
fn texts_that_no_row_has_are_noted() {
    let selection = Expression::parse("class in ['motr', 'inter'] or name == 'AVX'").unwrap().select(&scope(), &Cells::new()).unwrap();
    let noted: Vec<_> = selection.unmatched.iter().map(|u| (u.column.as_str(), u.text.as_str(), u.suggestion.as_str())).collect();
    assert_eq!(noted, [("class", "motr", "; did you mean `motor`?"), ("name", "AVX", "; did you mean `AVA`?")]);
    assert_eq!(selection.rows, [0, 3]);
}

#[test]
fn what_is_no_selector_is_refused() {
    let cases = [
        ("class", "found a text; a selector is a condition, such as `class == 'inter' and count > 5`"),
        ("count", "found a number; a selector is a condition, such as `class == 'inter' and count > 5`"),
        ("class == 5", "`class` is a text; compare it with a text in quotes, as in `class == 'name'`"),
        ("class == inter", "unknown name `inter`; a text stands in quotes: `'inter'`"),
        ("class < 'motor'", "found a text, expected a number; texts are only compared, with `==`, `!=` and `in`"),
        ("class in 'motor'", "found a text, expected a list, such as `['AVA', 'AVB']`"),
        ("class == name", "`class` is a text; compare it with a text in quotes, as in `class == 'name'`"),
        ("class = = 'motor'", "unexpected character '='; equality is written `==`"),
        ("count > 1 um", "`>` needs the same dimension on both sides; found a number without unit and a length (µm)"),
        ("count > normal(0, 1)", "`normal` is random; here one fixed value is needed"),
        ("starts_with(count, 'D')", "found a number, expected a text"),
        ("clas == 'inter'", "unknown name `clas`; did you mean `class`?"),
    ];
    for (text, expected) in cases {
        let error = select(text).expect_err(text);
        assert_eq!(error.to_string(), expected, "{text}");
    }
}

#[test]
fn rows_get_values_and_missing_numbers_are_errors() {
    let cells = Cells::new();
    let weight = Expression::parse("0.5 mV * count * if(class == 'inter', -1, 1)").unwrap();
    let program = weight.over(&scope(), &cells, Dimension::POTENTIAL).unwrap();
    let (mut random, mut scratch, mut out) = (Xoshiro256PlusPlus::seed_from_u64(1), RowScratch::default(), [0.0; 3]);
    program.evaluate(&[4, 0, 1], &mut random, &mut out, &mut scratch).unwrap();
    assert_eq!(out, [0.0, -1.5, 4.5]);
    let error = program.evaluate(&[2, 3, 4], &mut random, &mut out, &mut scratch).unwrap_err();
    assert_eq!(error.kind, ExpressionErrorKind::ElementsNotFinite { result: "undefined" });
}
