//! Fields, maps and names: the steps every part of a document is read with. Errors are collected, not returned, so that one
//! look at a file shows all that is wrong with it; a method that gives `None` has reported why.

use std::collections::{HashMap, HashSet};

use neuropil_units::nearest_name;

use crate::{
    document::{
        node::{Arguments, Constructor, Node, Shape},
        settings::Flag,
    },
    error::{ExperimentError, NameKind, shown},
    source::{Place, printable},
};

/// Errors that are collected before reading stops.
const MOST_ERRORS: usize = 100;
/// Known names that an error carries.
const MOST_KNOWN: usize = 1000;
/// Characters of a name that messages and paths show.
const LONGEST_NAME: usize = 120;

/// Collects errors and lays the flags over what is read.
pub(crate) struct Reader<'t> {
    errors: Vec<ExperimentError>,
    flags: &'t [Flag],
    used: Vec<bool>,
    visited: Vec<String>,
    /// Parameters that have no value because of an error: what uses them is not wrong itself.
    failed: HashSet<String>,
}

/// The fields of a structure by name.
pub(crate) struct Fields<'t> {
    /// What is being read, for example "population `excitatory`".
    pub owner: String,
    /// The path of the structure in the document.
    pub path: String,
    /// Where it begins.
    pub head: Place,
    entries: Vec<Field<'t>>,
    /// A field that is missing may be one of them.
    has_unknown: bool,
}

/// One field of a structure.
pub(crate) struct Field<'t> {
    /// Its name.
    pub name: String,
    /// The place of the name, or of the value if it is given by position.
    pub name_place: Place,
    /// Its value.
    pub value: Node<'t>,
}

/// A key of a map with its value.
pub(crate) struct Entry<'t> {
    /// The key.
    pub name: String,
    /// The place of the key.
    pub place: Place,
    /// The value.
    pub value: Node<'t>,
    /// The path of the value.
    pub path: String,
}

impl<'t> Reader<'t> {
    pub fn new(flags: &'t [Flag]) -> Self {
        Self { errors: Vec::new(), flags, used: vec![false; flags.len()], visited: Vec::new(), failed: HashSet::new() }
    }

    /// Keeps an error; the same error at the same place counts once.
    pub fn report(&mut self, error: ExperimentError) {
        if self.errors.len() <= MOST_ERRORS && !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Keeps the error of a result and gives its value.
    pub fn accept<T>(&mut self, result: Result<T, ExperimentError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.report(error);
                None
            }
        }
    }

    /// Marks a parameter as having no value because of an error that is reported.
    pub fn mark_failed(&mut self, name: &str) {
        self.failed.insert(name.to_owned());
    }

    /// Whether a parameter has no value because of an error that is reported.
    pub fn has_failed(&self, name: &str) -> bool {
        self.failed.contains(name)
    }

    /// Whether there are so many errors that more would not help.
    pub fn is_full(&self) -> bool {
        self.errors.len() > MOST_ERRORS
    }

    /// The number of errors so far.
    pub fn count(&self) -> usize {
        self.errors.len()
    }

    /// All errors in the order of their places; flags that changed nothing are among them.
    pub fn finish(mut self, file: &str, parameters: &[String]) -> Vec<ExperimentError> {
        // What was not read because of an error cannot be told from what does not exist.
        if self.errors.is_empty() {
            for (flag, used) in self.flags.iter().zip(&self.used) {
                if !used {
                    let known = parameters.iter().chain(&self.visited).map(|name| printable(name, LONGEST_NAME)).collect();
                    self.errors.push(ExperimentError::UnknownName {
                        at: flag.name_place(),
                        kind: NameKind::Setting,
                        found: shown(&flag.path),
                        known,
                    });
                }
            }
        }
        let order = |error: &ExperimentError| {
            error.place().map_or((0, String::new(), 0), |place| {
                (usize::from(place.source().name() != file), place.source().name().to_owned(), place.span().start)
            })
        };
        self.errors.sort_by_cached_key(order);
        if self.errors.len() > MOST_ERRORS {
            self.errors.truncate(MOST_ERRORS);
            self.errors.push(ExperimentError::TooMany { file: file.to_owned(), limit: MOST_ERRORS });
        }
        self.errors
    }

    /// The value that a flag gives for a path, the last flag winning.
    pub fn flag(&mut self, path: &str) -> Option<&'t Flag> {
        let flags = self.flags;
        if flags.is_empty() {
            return None;
        }
        self.visited.push(path.to_owned());
        let mut found = None;
        for (flag, used) in flags.iter().zip(&mut self.used) {
            if flag.path == path {
                *used = true;
                found = Some(flag);
            }
        }
        found
    }

    /// The entries of a map, each key once, with flags laid over them.
    pub fn entries(&mut self, node: Node<'t>, path: &str, what: &'static str) -> Vec<Entry<'t>> {
        let mut entries = self.entries_as_written(node, path, what);
        for entry in &mut entries {
            entry.value = self.flag(&entry.path).map_or(entry.value, Flag::node);
        }
        entries
    }

    /// The entries of a map, each key once.
    pub fn entries_as_written(&mut self, node: Node<'t>, path: &str, what: &'static str) -> Vec<Entry<'t>> {
        let Some(pairs) = self.accept(node.map()) else { return Vec::new() };
        let mut first: HashMap<String, Place> = HashMap::new();
        let mut entries = Vec::new();
        for (key, value) in pairs {
            if self.is_full() {
                break;
            }
            if key.shape() != Shape::Text {
                self.report(key.wrong_form(format!("the name of a {what} in double quotes")));
                continue;
            }
            let Some(name) = self.accept(key.string()) else { continue };
            let name = name.into_owned();
            if let Some(place) = first.get(&name) {
                let first = place.location().line;
                self.report(ExperimentError::Duplicate { at: key.place(), what, name: shown(&name), first });
                continue;
            }
            first.insert(name.clone(), key.place());
            let path = format!("{path}.{}", printable(&name, LONGEST_NAME));
            entries.push(Entry { name, place: key.place(), value, path });
        }
        entries
    }

    /// Reads `Name(…)`.
    pub fn constructor(&mut self, node: Node<'t>, expected: &str) -> Option<(&'t str, Node<'t>, Constructor<'t>)> {
        if node.shape() != Shape::Structure {
            self.report(node.wrong_form(expected));
            return None;
        }
        let constructor = self.accept(node.constructor())?;
        match constructor.name {
            Some(name) => Some((name.text(), name, constructor)),
            None => {
                self.report(node.wrong_form(expected));
                None
            }
        }
    }

    /// Reads `(field: value, …)`, also with a name in front that must be `name`.
    pub fn structure(&mut self, node: Node<'t>, owner: String, path: &str, name: &str, known: &[&str]) -> Option<Fields<'t>> {
        if node.shape() != Shape::Structure {
            self.report(node.wrong_form(format!("`({}: …)`", known.first().unwrap_or(&""))));
            return None;
        }
        let constructor = self.accept(node.constructor())?;
        if constructor.name.is_some_and(|found| found.text() != name) {
            let first = known.first().unwrap_or(&"");
            let expected = if name.is_empty() { format!("`({first}: …)` without a name") } else { format!("`{name}({first}: …)`") };
            self.report(node.wrong_form(expected));
            return None;
        }
        match &constructor.arguments {
            Arguments::Positional(values) => {
                if let Some(value) = values.first() {
                    self.report(value.wrong_form(format!("a field of {owner}, as in `{}: …`", known.first().unwrap_or(&""))));
                    return None;
                }
            }
            Arguments::Named(_) => {}
        }
        Some(self.fields(node.head(), constructor, owner, path, known))
    }

    /// The fields of a constructor: by name, or by position in the order of `known`.
    pub fn fields(&mut self, head: Place, constructor: Constructor<'t>, owner: String, path: &str, known: &[&str]) -> Fields<'t> {
        let mut fields = Fields { owner, path: path.to_owned(), head, entries: Vec::new(), has_unknown: false };
        match constructor.arguments {
            Arguments::Positional(values) => {
                for (index, value) in values.into_iter().enumerate() {
                    match known.get(index) {
                        Some(name) => {
                            fields.entries.push(Field { name: (*name).to_owned(), name_place: value.head(), value });
                        }
                        None => {
                            let takes = match known.len() {
                                0 => "nothing".to_owned(),
                                1 => "one value".to_owned(),
                                count => format!("at most {count} values"),
                            };
                            let expected = format!("`)`, because {} takes {takes}", fields.owner);
                            self.report(value.wrong_form(expected));
                            break;
                        }
                    }
                }
            }
            Arguments::Named(named) => {
                for (key, value) in named {
                    if self.is_full() {
                        break;
                    }
                    let name = key.text();
                    if let Some(first) = fields.entries.iter().find(|field| field.name == name) {
                        let first = first.name_place.location().line;
                        self.report(ExperimentError::Duplicate { at: key.place(), what: "the field", name: shown(name), first });
                    } else if !known.contains(&name) {
                        self.unknown_field(key.place(), &fields.owner, name, known);
                        fields.has_unknown = true;
                    } else {
                        fields.entries.push(Field { name: name.to_owned(), name_place: key.place(), value });
                    }
                }
            }
        }
        self.lay_flags_over(&mut fields, known);
        fields.entries.retain_mut(|field| match field.value.unwrapped() {
            Some(value) => {
                field.value = value;
                true
            }
            None => false,
        });
        fields
    }

    fn lay_flags_over(&mut self, fields: &mut Fields<'t>, known: &[&str]) {
        let flags = self.flags;
        if flags.is_empty() {
            return;
        }
        for name in known {
            let path = fields.path(name);
            let Some(flag) = self.flag(&path) else { continue };
            let value = flag.node();
            match fields.entries.iter_mut().find(|field| field.name == *name) {
                Some(field) => field.value = value,
                None => fields.entries.push(Field { name: (*name).to_owned(), name_place: flag.name_place(), value }),
            }
        }
        for (index, flag) in flags.iter().enumerate() {
            let below = if fields.path.is_empty() { None } else { flag.path.strip_prefix(&fields.path) };
            let Some(name) = below.and_then(|rest| rest.strip_prefix('.')) else { continue };
            let first = name.split('.').next().unwrap_or(name);
            if !known.contains(&first) {
                if let Some(used) = self.used.get_mut(index) {
                    *used = true;
                }
                self.unknown_field(flag.name_place(), &fields.owner, first, known);
            }
        }
    }

    fn unknown_field(&mut self, at: Place, owner: &str, found: &str, known: &[&str]) {
        self.report(ExperimentError::UnknownField {
            at,
            owner: owner.to_owned(),
            found: shown(found),
            known: known.iter().map(|name| (*name).to_owned()).collect(),
        });
    }

    /// An unknown name with the names there are.
    pub fn unknown<'n>(&mut self, at: Place, kind: NameKind, found: &str, known: impl IntoIterator<Item = &'n str>) {
        let known: Vec<&str> = known.into_iter().collect();
        // A list for people: of very many names the nearest, or some.
        let known = match nearest_name(found, known.iter().copied()) {
            Some(nearest) if known.len() > MOST_KNOWN => vec![nearest],
            _ => known.into_iter().take(MOST_KNOWN).collect(),
        };
        let known = known.into_iter().map(|name| printable(name, LONGEST_NAME)).collect();
        self.report(ExperimentError::UnknownName { at, kind, found: shown(found), known });
    }

    /// One text, or a list of texts, each with its place: `from`, `to`, `of`.
    pub fn names(&mut self, node: Node<'t>, expected: &str) -> Option<Vec<(String, Place)>> {
        let nodes = if node.shape() == Shape::List { self.accept(node.list())? } else { vec![node] };
        if nodes.is_empty() {
            self.report(ExperimentError::WrongForm { at: node.place(), expected: expected.to_owned(), found: "an empty list".to_owned() });
            return None;
        }
        let mut names: Vec<(String, Place)> = Vec::new();
        for node in nodes {
            let name = match node.shape() {
                Shape::Text | Shape::Bare => self.accept(node.string())?.into_owned(),
                Shape::Structure if node.source().is_flag() => node.text().to_owned(),
                _ => {
                    self.report(node.wrong_form(expected));
                    return None;
                }
            };
            names.push((name, node.place()));
        }
        Some(names)
    }

    /// A text for people.
    pub fn text(&mut self, node: Node<'t>, what: &str) -> Option<String> {
        match node.shape() {
            Shape::Text | Shape::Bare => self.accept(node.string()).map(|text| text.into_owned()),
            Shape::Structure if node.source().is_flag() => Some(node.text().to_owned()),
            _ => {
                self.report(node.wrong_form(format!("{what} in double quotes")));
                None
            }
        }
    }
}

impl<'t> Fields<'t> {
    /// The value of a field that may be absent.
    pub fn get(&self, name: &str) -> Option<Node<'t>> {
        self.entries.iter().find(|field| field.name == name).map(|field| field.value)
    }

    /// The place of a field's name.
    pub fn name_place(&self, name: &str) -> Option<&Place> {
        self.entries.iter().find(|field| field.name == name).map(|field| &field.name_place)
    }

    /// The value of a field that must be there. Beside an unknown field, which is an error already, its absence is none.
    pub fn require(&self, reader: &mut Reader<'t>, name: &str, example: &str) -> Option<Node<'t>> {
        let found = self.get(name);
        if found.is_none() && !self.has_unknown {
            reader.report(ExperimentError::MissingField {
                at: self.head.clone(),
                owner: self.owner.clone(),
                field: format!("`{name}`; for example {example}"),
            });
        }
        found
    }

    /// All fields in the order of the text.
    pub fn all(&self) -> impl Iterator<Item = &Field<'t>> {
        self.entries.iter()
    }

    /// The path of a field.
    pub fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}
