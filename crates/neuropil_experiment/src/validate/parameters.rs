//! Named parameters, choices that set several of them, and what the command line makes of both.

use std::collections::HashSet;

use neuropil_units::{Dimension, Expression, Scope, Value};

use crate::{
    document::{
        node::{Node, Shape},
        reader::Entry,
    },
    error::{ExperimentError, NameKind, shown},
    source::Place,
    validate::{DOCUMENT_FIELDS, Validator},
};

/// Names that mean something of their own in expressions of projections and inputs.
const RESERVED: [&str; 9] = ["distance", "dx", "dy", "dz", "source_size", "target_size", "from_index", "to_index", "synapse_index"];

impl<'t> Validator<'t> {
    /// Reads `parameters` in the order of the file: later ones may use earlier ones.
    pub(super) fn read_parameters(&mut self, node: Node<'t>) {
        let mut taken = HashSet::new();
        for entry in self.reader.entries_as_written(node, "parameters", "parameter") {
            if self.reader.is_full() {
                return;
            }
            let is_choice = entry.value.shape() == Shape::Structure && entry.value.text().starts_with("OneOf");
            if is_choice {
                self.read_choice(&entry, &mut taken);
            } else {
                self.read_parameter(&entry, &mut taken);
            }
        }
    }

    fn read_parameter(&mut self, entry: &Entry<'t>, taken: &mut HashSet<String>) {
        if !self.is_new_name(&entry.name, &entry.place, taken) {
            self.reader.mark_failed(&entry.name);
            return;
        }
        let given = self.reader.value(entry.value, &self.scope, &entry.path);
        match given.and_then(|given| self.with_flag(entry, given)) {
            Some(value) => self.define(&entry.name, value, &entry.place),
            None => self.reader.mark_failed(&entry.name),
        }
    }

    /// The value of a parameter, or that of a flag if it is of the same kind.
    fn with_flag(&mut self, entry: &Entry<'t>, given: Value) -> Option<Value> {
        let Some(flag) = self.flag_of(entry) else { return Some(given) };
        // A text may be a path, which is no expression.
        let value = match &given {
            Value::Text(_) => {
                let text = self.reader.accept(flag.string_or_word())?;
                Value::Text(text.trim_matches('\'').to_owned())
            }
            _ => self.reader.value(flag, &self.scope, &entry.name)?,
        };
        match same_kind(&given, value) {
            Ok(value) => Some(value),
            Err(value) => {
                self.reader.report(ExperimentError::WrongForm {
                    at: flag.place(),
                    expected: format!("{} for `{}`, like {}", described(&given), shown(&entry.name), shown(entry.value.text())),
                    found: described(&value),
                });
                None
            }
        }
    }

    fn flag_of(&mut self, entry: &Entry<'t>) -> Option<Node<'t>> {
        let by_path = self.reader.flag(&entry.path).map(|flag| flag.node());
        let by_name = self.reader.flag(&entry.name).map(|flag| flag.node());
        by_name.or(by_path)
    }

    /// Reads `OneOf(default: "a", options: {"a": {"x": 1}, "b": {"x": 2}})`.
    fn read_choice(&mut self, entry: &Entry<'t>, taken: &mut HashSet<String>) {
        let expected = "OneOf(default: …, options: {…})";
        let is_new = self.is_new_name(&entry.name, &entry.place, taken);
        let constructor = match self.reader.constructor(entry.value, expected) {
            Some(("OneOf", _, constructor)) => constructor,
            other => {
                if other.is_some() {
                    self.reader.report(entry.value.wrong_form(expected));
                }
                self.reader.mark_failed(&entry.name);
                return;
            }
        };
        let owner = format!("the choice `{}`", shown(&entry.name));
        let fields = self.reader.fields(entry.value.head(), constructor, owner, &entry.path, &["default", "options"]);
        let default = fields.require(&mut self.reader, "default", "default: \"AI\"");
        let options = fields.require(&mut self.reader, "options", "options: {\"AI\": {\"g\": 5}}");
        let (Some(default), Some(options), true) = (default, options, is_new) else {
            self.reader.mark_failed(&entry.name);
            return;
        };
        let options = self.reader.entries_as_written(options, &format!("{}.options", entry.path), "option");
        let flag = self.flag_of(entry);
        let default_name = self.reader.text(default, "the name of an option");
        let chosen = match flag {
            Some(flag) => self.reader.accept(flag.string_or_word()).map(|name| (name.trim_matches('\'').to_owned(), flag)),
            None => default_name.clone().map(|name| (name, default)),
        };
        for (name, node) in default_name.map(|name| (name, default)).into_iter().chain(chosen.clone()) {
            if !options.iter().any(|option| option.name == name) {
                let known: Vec<&str> = options.iter().map(|option| option.name.as_str()).collect();
                self.reader.unknown(node.place(), NameKind::Option, &name, known);
            }
        }
        let chosen = chosen.map(|(name, _)| name);
        let mut chosen_exists = false;
        // The options that are not chosen are read too, so that an error in them shows before someone chooses them.
        for option in &options {
            let entries = self.reader.entries_as_written(option.value, "parameters", "parameter");
            if chosen.as_ref() == Some(&option.name) {
                chosen_exists = true;
                self.define(&entry.name, Value::Text(option.name.clone()), &entry.place);
                for entry in &entries {
                    self.read_parameter(entry, taken);
                }
            } else {
                let mut scope: Scope = self.scope.child();
                for entry in &entries {
                    if let Some(value) = self.reader.value(entry.value, &scope, &entry.path) {
                        scope.insert(entry.name.clone(), value);
                    }
                }
            }
        }
        if !chosen_exists {
            self.reader.mark_failed(&entry.name);
            for option in &options {
                for entry in self.reader.entries_as_written(option.value, "parameters", "parameter") {
                    self.reader.mark_failed(&entry.name);
                }
            }
        }
    }

    fn define(&mut self, name: &str, value: Value, place: &Place) {
        if self.count_listed(place, name, 10 * elements(&value)).is_none() {
            self.reader.mark_failed(name);
            return;
        }
        self.scope.insert(name, value.clone());
        self.parameters.push((name.to_owned(), value));
    }

    fn is_new_name(&mut self, name: &str, place: &Place, taken: &mut HashSet<String>) -> bool {
        let reason = if !taken.insert(name.to_owned()) {
            "another parameter has it"
        } else if DOCUMENT_FIELDS.contains(&name) {
            "a field of the experiment has it"
        } else if RESERVED.contains(&name) {
            "it has a meaning of its own in projections and inputs"
        } else if !is_name(name) {
            "a name is a letter, then letters, digits and underscores, and no constant or other word of the language"
        } else {
            return true;
        };
        self.reader.report(ExperimentError::BadName { at: place.clone(), kind: NameKind::Parameter, found: shown(name), reason });
        false
    }
}

/// Whether the expression language reads `name` as a name.
fn is_name(name: &str) -> bool {
    let is_plain = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    let Ok(expression) = Expression::parse(name) else { return false };
    let is_constant = expression.evaluate(&Scope::new()).is_ok();
    is_plain && !is_constant && expression.names().map(|(found, _)| found).eq([name])
}

/// The value if it is of the kind of `given`; a number 0 takes the unit that is needed.
fn same_kind(given: &Value, value: Value) -> Result<Value, Value> {
    match (given, value) {
        (Value::Number { dimension, .. }, Value::Number { value, dimension: found }) => {
            if *dimension == found || (value == 0.0 && found == Dimension::NONE) {
                Ok(Value::Number { value, dimension: *dimension })
            } else {
                Err(Value::Number { value, dimension: found })
            }
        }
        (Value::Boolean(_), value @ Value::Boolean(_)) | (Value::Text(_), value @ Value::Text(_)) => Ok(value),
        (Value::List(given), Value::List(values)) => match given.first() {
            Some(first) if !values.iter().all(|value| same_kind(first, value.clone()).is_ok()) => Err(Value::List(values)),
            _ => Ok(Value::List(values)),
        },
        (_, value) => Err(value),
    }
}

/// What a value is, for messages.
fn described(value: &Value) -> String {
    match value {
        Value::Number { dimension, .. } => dimension.describe().to_string(),
        Value::Boolean(_) => "a truth value".to_owned(),
        Value::Text(_) => "a text".to_owned(),
        Value::List(values) => match values.first() {
            Some(Value::Number { dimension, .. }) => format!("a list, each element {}", dimension.describe()),
            _ => "a list".to_owned(),
        },
    }
}

fn elements(value: &Value) -> usize {
    match value {
        Value::List(values) => values.iter().map(elements).sum(),
        _ => 1,
    }
}
