//! Names to things: models, and later channels, rules and importers. Built-ins have no private door.

use bevy_ecs::prelude::*;
use std::collections::BTreeMap;

/// Entries by name, in alphabetical order.
#[derive(Resource, Debug)]
pub struct Registry<T: Send + Sync + 'static> {
    entries: BTreeMap<String, T>,
}

impl<T: Send + Sync + 'static> Default for Registry<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new() }
    }
}

impl<T: Send + Sync + 'static> Registry<T> {
    /// Adds an entry; one of the same name is replaced.
    pub fn add(&mut self, name: impl Into<String>, entry: T) {
        self.entries.insert(name.into(), entry);
    }

    /// The entry of that name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.entries.get(name)
    }

    /// All names, alphabetically.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// All entries, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.entries.iter().map(|(name, entry)| (name.as_str(), entry))
    }

    /// The entry of that name, or a message with the nearest valid name.
    ///
    /// # Errors
    /// The message.
    pub fn require(&self, kind: &str, name: &str) -> Result<&T, String> {
        self.get(name).ok_or_else(|| format!("unknown {kind} `{name}`{}", neuropil_units::suggestion(name, self.names())))
    }
}
