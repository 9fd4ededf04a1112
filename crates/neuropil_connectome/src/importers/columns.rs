//! Which column of a table means what: by its name, or as its user says.

use crate::error::ConnectomeError;
use crate::importers::table::{Table, Wanted};
use crate::validate::{EDGE_NUMBERS, EDGE_TEXTS, NODE_TEXTS, POSITION};
use neuropil_units::{Dimension, suggestion};
use std::collections::BTreeMap;

/// Names of columns that mean one thing, the first that a table has counts; capitals do not.
type Names = (&'static str, &'static [&'static str]);

/// Columns of nodes by other names. Positions may end in their unit, as in `x_mm`.
pub const NODE_COLUMNS: [Names; 6] = [
    ("name", &["name", "id", "root_id", "index", "label", "neuron", "body_id", "bodyid"]),
    ("class", &["class"]),
    ("type", &["type", "cell_type", "celltype"]),
    ("transmitter", &["transmitter", "neurotransmitter"]),
    ("side", &["side", "hemisphere", "half"]),
    ("region", &["region"]),
];

/// Columns of edges by other names. Lengths and delays may end in their unit, as in `length_mm`.
pub const EDGE_COLUMNS: [Names; 7] = [
    ("source", &["source", "pre", "presynaptic", "from", "pre_id", "pre_root_id", "source_id"]),
    ("target", &["target", "post", "postsynaptic", "to", "post_id", "post_root_id", "target_id"]),
    ("kind", &["kind", "type"]),
    ("count", &["count", "n", "synapses", "syn_count", "n_syn"]),
    ("weight", &["weight"]),
    ("sign", &["sign"]),
    ("transmitter", &["transmitter", "neurotransmitter"]),
];

/// Units that a column's name may end in, and what one is in the coherent system.
const SUFFIXES: [(&str, f64, Dimension); 9] = [
    ("_nm", 1e-3, Dimension::LENGTH),
    ("_um", 1.0, Dimension::LENGTH),
    ("_µm", 1.0, Dimension::LENGTH),
    ("_μm", 1.0, Dimension::LENGTH),
    ("_mm", 1e3, Dimension::LENGTH),
    ("_cm", 1e4, Dimension::LENGTH),
    ("_us", 1e-3, Dimension::TIME),
    ("_ms", 1.0, Dimension::TIME),
    ("_s", 1e3, Dimension::TIME),
];

/// The columns of a table by what they mean.
pub(crate) struct Meanings {
    /// Name in the connectome, place in the table, factor.
    pub columns: BTreeMap<String, (usize, f64)>,
}

/// The factor of a unit at the end of a name, if it is of that dimension.
pub(crate) fn suffix(name: &str, dimension: Dimension) -> Option<(&str, f64)> {
    let (base, factor) =
        SUFFIXES.iter().filter(|(.., of)| *of == dimension).find_map(|(end, factor, _)| Some((name.strip_suffix(end)?, *factor)))?;
    Some((base, factor))
}

/// The dimension that a column with a fixed meaning has, if it holds numbers.
fn dimension(meaning: &str, edges: bool) -> Option<Dimension> {
    if edges {
        EDGE_NUMBERS.iter().find(|(name, _)| *name == meaning).map(|(_, dimension)| *dimension)
    } else {
        POSITION.contains(&meaning).then_some(Dimension::LENGTH)
    }
}

/// What a column means by default.
fn meaning(name: &str, edges: bool) -> Option<(&'static str, f64)> {
    let lower = name.to_lowercase();
    let names: &[Names] = if edges { &EDGE_COLUMNS } else { &NODE_COLUMNS };
    if let Some((meaning, _)) = names.iter().find(|(_, names)| names.contains(&lower.as_str())) {
        return Some((meaning, 1.0));
    }
    let with_unit: &[(&'static str, Dimension)] = if edges {
        &[("length", Dimension::LENGTH), ("delay", Dimension::TIME)]
    } else {
        &[("x", Dimension::LENGTH), ("y", Dimension::LENGTH), ("z", Dimension::LENGTH)]
    };
    with_unit.iter().find_map(|(meaning, dimension)| {
        let (base, factor) = suffix(&lower, *dimension).unwrap_or((&lower, 1.0));
        (base == *meaning).then_some((*meaning, factor))
    })
}

/// What a column must hold, before it is known whether the table is of nodes or of edges.
pub(crate) fn wanted(name: &str, edges: bool, chosen: &BTreeMap<String, String>) -> Wanted {
    let own = chosen.iter().find(|(_, column)| *column == name).map(|(meaning, _)| meaning.as_str());
    let Some(meaning) = own.or_else(|| meaning(name, edges).map(|(meaning, _)| meaning)) else { return Wanted::Either };
    // Signs may be words, and a `type` of edges need not be a kind.
    if meaning == "sign" && edges {
        return Wanted::Text;
    }
    if dimension(meaning, edges).is_some() {
        return Wanted::Number;
    }
    let texts: &[&str] = if edges { &["source", "target", "kind"] } else { &["name"] };
    if texts.contains(&meaning) || (if edges { &EDGE_TEXTS[..] } else { &NODE_TEXTS[..] }).contains(&meaning) {
        Wanted::Text
    } else {
        Wanted::Either
    }
}

/// Whether a table with these columns is one of edges.
pub(crate) fn is_edges<'a>(names: impl Iterator<Item = &'a str> + Clone, chosen: &BTreeMap<String, String>) -> bool {
    let has = |wanted: &str| match chosen.get(wanted) {
        Some(column) => names.clone().any(|name| name == column),
        None => names.clone().any(|name| meaning(name, true).is_some_and(|(meaning, _)| meaning == wanted)),
    };
    has("source") && has("target")
}

impl Meanings {
    /// Finds the meaning of every column of a table.
    ///
    /// # Errors
    /// If two columns would have one meaning and neither is the preferred name.
    pub fn of(table: &Table, edges: bool, chosen: &BTreeMap<String, String>) -> Result<Self, ConnectomeError> {
        let mut columns: BTreeMap<String, (usize, f64)> = BTreeMap::new();
        let position = |name: &str| table.columns.iter().position(|column| column.name == name);
        for (meaning, column) in chosen {
            if let Some(place) = position(column) {
                let factor = dimension(meaning, edges).and_then(|dimension| suffix(column, dimension)).map_or(1.0, |(_, factor)| factor);
                columns.insert(meaning.clone(), (place, factor));
            }
        }
        let taken: Vec<usize> = columns.values().map(|(place, _)| *place).collect();
        let names: &[Names] = if edges { &EDGE_COLUMNS } else { &NODE_COLUMNS };
        let rank = |place: &usize| {
            let name = table.columns.get(*place).map(|column| column.name.to_lowercase()).unwrap_or_default();
            names.iter().find_map(|(_, names)| names.iter().position(|known| *known == name)).unwrap_or(0)
        };
        let mut free: Vec<usize> = (0..table.columns.len()).filter(|place| !taken.contains(place)).collect();
        free.sort_by_key(rank);
        let mut others = Vec::new();
        for place in free {
            let Some(column) = table.columns.get(place) else { continue };
            match meaning(&column.name, edges) {
                Some((meaning, factor)) if !columns.contains_key(meaning) => {
                    columns.insert(meaning.to_owned(), (place, factor));
                }
                _ => others.push((column.name.clone(), place)),
            }
        }
        for (name, place) in others {
            if columns.contains_key(&name) {
                let problem =
                    format!("this column would be a second `{}`; rename it, or choose with --columns", crate::error::shown(&name));
                return Err(ConnectomeError::place(table.place(None, place), problem));
            }
            columns.insert(name, (place, 1.0));
        }
        Ok(Self { columns })
    }

    /// The place of a column that must be there.
    pub fn require(&self, table: &Table, meaning: &str, names: &[Names]) -> Result<usize, ConnectomeError> {
        self.columns.get(meaning).map(|(place, _)| *place).ok_or_else(|| {
            let known = names.iter().find(|(name, _)| *name == meaning).map_or(String::new(), |(_, names)| names.join(", "));
            let columns = table.column_names();
            let problem = format!(
                "no column is the {meaning}: none is called {known}; the columns are {columns}; say which with --columns {meaning}=COLUMN"
            );
            ConnectomeError::place(table.place(None, 0), problem)
        })
    }

    /// Which columns were taken for something of another name, for a notice.
    pub fn renamed(&self, table: &Table) -> Vec<String> {
        let names = self.columns.iter().filter_map(|(meaning, (place, _))| {
            let name = &table.columns.get(*place)?.name;
            (name != meaning).then(|| format!("`{}` is {meaning}", crate::error::shown(name)))
        });
        names.collect()
    }
}

/// An error if a column that was chosen is in none of the tables.
pub(crate) fn check_chosen(chosen: &BTreeMap<String, String>, tables: &[&Table]) -> Result<(), ConnectomeError> {
    for (meaning, column) in chosen {
        let names = || tables.iter().flat_map(|table| table.columns.iter().map(|column| column.name.as_str()));
        if !names().any(|name| name == column) {
            let hint = suggestion(column, names());
            return Err(ConnectomeError::Request(format!("--columns {meaning}={column}: there is no column `{column}`{hint}")));
        }
    }
    Ok(())
}
