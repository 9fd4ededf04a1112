//! GraphML, as graph libraries write it: data of nodes and edges become columns, found by name as those of tables are.
//!
//! A node is called by its data `name`, or by its identifier where it has none. An undirected edge stands for both directions: it becomes one
//! edge if it is electrical, else two.

use crate::connectome::{About, EdgeKind};
use crate::error::{ConnectomeError, Location, path_shown, shown};
use crate::importers::columns::wanted;
use crate::importers::delimited::read_text;
use crate::importers::table::{Cells, Places, Table, TableColumn, Texts, no_number};
use crate::importers::tables::assemble;
use crate::importers::{ImportOptions, Importer, extension};
use neuropil_units::suggestion;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::collections::{BTreeMap, HashMap};

/// The importer.
pub(crate) const IMPORTER: Importer = Importer {
    name: "GraphML",
    extensions: &["graphml", "xml"],
    description: "FILE.graphml: data of nodes and edges become columns",
    claims: |inputs, _| matches!(inputs, [input] if extension(input).is_some_and(|found| found == "graphml" || found == "xml")),
    import: |inputs, options| {
        let Some(path) = inputs.first() else { return Err(ConnectomeError::Request("there is no input".into())) };
        let tables = Graph::read(&path_shown(path), &read_text(path)?, options)?;
        assemble(tables.into(), inputs, options, About::default())
    },
};

/// A node or an edge, as far as it is read.
struct Item {
    is_edge: bool,
    place: (usize, usize),
    /// Identifier of a node, or of the source of an edge.
    first: String,
    /// Identifier of the target.
    second: String,
    directed: bool,
    data: BTreeMap<String, String>,
}

/// What is known of the graph so far.
struct Graph<'t> {
    file: &'t str,
    text: &'t str,
    /// Where the last place was: byte, line, first byte of the line.
    last: (usize, usize, usize),
    /// Names of data by their key.
    keys: HashMap<String, String>,
    /// Values of data that are not given, by name: of nodes, of edges.
    defaults: [BTreeMap<String, String>; 2],
    directed: bool,
    graphs: usize,
    items: Vec<Item>,
}

/// The value of an attribute.
fn attribute(element: &BytesStart, wanted: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).filter_map(Result::ok).find(|attribute| attribute.key.into_inner() == wanted)?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.into_owned())
}

impl<'t> Graph<'t> {
    /// The tables of nodes and edges of a text.
    fn read(file: &'t str, text: &'t str, options: &ImportOptions) -> Result<[Table; 2], ConnectomeError> {
        let (directed, defaults) = (true, Default::default());
        let mut graph = Self { file, text, last: (0, 1, 0), keys: HashMap::new(), defaults, directed, graphs: 0, items: Vec::new() };
        graph.events()?;
        graph.tables(options)
    }

    fn at(&mut self, byte: usize) -> (usize, usize) {
        let (from, mut line, mut start) = self.last;
        for (offset, _) in self.text.get(from..byte).unwrap_or_default().match_indices('\n') {
            line += 1;
            start = from + offset + 1;
        }
        self.last = (byte.max(from), line, start);
        (line, self.text.get(start..byte).unwrap_or_default().chars().count() + 1)
    }

    fn error(&mut self, byte: usize, problem: impl Into<String>) -> ConnectomeError {
        let (line, column) = self.at(byte);
        ConnectomeError::place(Location { file: self.file.to_owned(), line, column }, problem)
    }

    fn events(&mut self) -> Result<(), ConnectomeError> {
        let mut reader = Reader::from_str(self.text);
        reader.config_mut().expand_empty_elements = true;
        // The key whose default is read, the data element that is read and its text, the element that is open at each depth.
        let (mut key, mut data, mut content, mut open) = (None, None, String::new(), Vec::new());
        let mut current: Option<Item> = None;
        loop {
            let byte = reader.buffer_position() as usize;
            let event =
                reader.read_event().map_err(|error| self.error(reader.error_position() as usize, format!("this is no XML: {error}")))?;
            match event {
                Event::Start(element) => {
                    let name = element.local_name().into_inner().to_owned();
                    if open.is_empty() && name != "graphml" {
                        return Err(self.error(byte, format!("found `<{}>`; GraphML begins with `<graphml>`", shown(&name))));
                    }
                    if open.len() > 64 {
                        return Err(self.error(byte, "more than 64 elements are open here"));
                    }
                    match name.as_str() {
                        "key" => key = self.key(&element, byte)?,
                        "graph" => self.graph(&element, byte)?,
                        "node" | "edge" => {
                            if current.is_some() {
                                return Err(self.error(byte, "a node or an edge within another; nested graphs are not read"));
                            }
                            current = Some(self.item(&element, byte, name == "edge")?);
                        }
                        "hyperedge" | "port" => {
                            return Err(self.error(byte, format!("`<{name}>` is not read; a connectome has edges between two nodes")));
                        }
                        "data" => {
                            let wanted = attribute(&element, "key").unwrap_or_default();
                            let known = self.keys.get(&wanted).cloned();
                            data = Some(known.ok_or_else(|| {
                                let hint = suggestion(&wanted, self.keys.keys().map(String::as_str));
                                self.error(byte, format!("there is no key `{}`{hint}", shown(&wanted)))
                            })?);
                            content.clear();
                        }
                        "default" => content.clear(),
                        _ => {}
                    }
                    open.push(name);
                }
                Event::End(_) => match open.pop().as_deref() {
                    Some("data") => {
                        if let (Some(item), Some(name)) = (&mut current, data.take()) {
                            item.data.insert(name, content.trim().to_owned());
                        }
                    }
                    Some("default") => {
                        if let Some((name, of)) = &key {
                            for part in of {
                                if let Some(defaults) = self.defaults.get_mut(*part) {
                                    defaults.insert(String::clone(name), content.trim().to_owned());
                                }
                            }
                        }
                    }
                    Some("key") => key = None,
                    Some("node" | "edge") => self.items.extend(current.take()),
                    _ => {}
                },
                Event::Text(text) => content.push_str(&text.xml10_content()),
                Event::CData(text) => content.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => match (reference.resolve_char_ref(), reference.xml10_content().as_ref()) {
                    (Ok(Some(letter)), _) => content.push(letter),
                    (_, "amp") => content.push('&'),
                    (_, "lt") => content.push('<'),
                    (_, "gt") => content.push('>'),
                    (_, "quot") => content.push('"'),
                    (_, "apos") => content.push('\''),
                    (_, other) => return Err(self.error(byte, format!("the entity `&{};` is not known", shown(other)))),
                },
                Event::Eof => {
                    return match open.pop() {
                        Some(name) => Err(self.error(byte, format!("`<{}>` is never closed; is the file cut off?", shown(&name)))),
                        None if self.graphs == 0 => Err(self.error(byte, "there is no `<graph>`")),
                        None => Ok(()),
                    };
                }
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    /// Notes a declaration of data; gives its name and whether it is of nodes (0) or edges (1).
    fn key(&mut self, element: &BytesStart, byte: usize) -> Result<Option<(String, Vec<usize>)>, ConnectomeError> {
        let Some(id) = attribute(element, "id") else { return Err(self.error(byte, "this `<key>` has no id")) };
        let name = attribute(element, "attr.name").unwrap_or_else(|| id.clone());
        let of = match attribute(element, "for").as_deref() {
            Some("node") => vec![0],
            Some("edge") => vec![1],
            Some("graph" | "graphml") => vec![],
            _ => vec![0, 1],
        };
        if self.keys.insert(id.clone(), name.clone()).is_some() {
            return Err(self.error(byte, format!("there already is a key `{}`", shown(&id))));
        }
        Ok(Some((name, of)))
    }

    fn graph(&mut self, element: &BytesStart, byte: usize) -> Result<(), ConnectomeError> {
        self.graphs += 1;
        if self.graphs > 1 {
            return Err(self.error(byte, "a second graph; a file holds one"));
        }
        self.directed = attribute(element, "edgedefault").as_deref() != Some("undirected");
        Ok(())
    }

    fn item(&mut self, element: &BytesStart, byte: usize, is_edge: bool) -> Result<Item, ConnectomeError> {
        let mut need = |name: &str| attribute(element, name).ok_or_else(|| self.error(byte, format!("the attribute `{name}` is missing")));
        let (first, second) = if is_edge { (need("source")?, need("target")?) } else { (need("id")?, String::new()) };
        let directed = match attribute(element, "directed").as_deref() {
            Some("true") => true,
            Some("false") => false,
            _ => self.directed,
        };
        let data = self.defaults.get(usize::from(is_edge)).cloned().unwrap_or_default();
        Ok(Item { is_edge, place: self.at(byte), first, second, directed, data })
    }

    fn tables(mut self, options: &ImportOptions) -> Result<[Table; 2], ConnectomeError> {
        let (edges, mut nodes): (Vec<Item>, Vec<Item>) = std::mem::take(&mut self.items).into_iter().partition(|item| item.is_edge);
        let named = nodes.iter().any(|node| node.data.contains_key("name"));
        let mut names: HashMap<String, String> = HashMap::with_capacity(nodes.len());
        for node in &mut nodes {
            let name = if named { node.data.remove("name").unwrap_or_default() } else { node.first.clone() };
            if names.insert(node.first.clone(), name.clone()).is_some() {
                let (line, column) = node.place;
                let problem = format!("there already is a node with the id `{}`", shown(&node.first));
                return Err(ConnectomeError::place(Location { file: self.file.to_owned(), line, column }, problem));
            }
            node.first = name;
        }
        let name_of = |id: &String| names.get(id).unwrap_or(id).clone();
        let mut rows: Vec<Item> = Vec::with_capacity(edges.len());
        for mut edge in edges {
            (edge.first, edge.second) = (name_of(&edge.first), name_of(&edge.second));
            let kind = edge.data.get("kind").or(edge.data.get("type"));
            let electrical =
                kind.map_or(options.kind == Some(EdgeKind::Electrical), |kind| kind.eq_ignore_ascii_case(EdgeKind::Electrical.name()));
            let both = !edge.directed && !electrical && edge.first != edge.second;
            let back = both.then(|| Item { first: edge.second.clone(), second: edge.first.clone(), data: edge.data.clone(), ..edge });
            rows.push(edge);
            rows.extend(back);
        }
        Ok([table(self.file, nodes, &["name"], options)?, table(self.file, rows, &["source", "target"], options)?])
    }
}

/// Items as a table: one column for each of their names or ends, one for each kind of data.
fn table(file: &str, items: Vec<Item>, own: &[&str], options: &ImportOptions) -> Result<Table, ConnectomeError> {
    let rows = items.len();
    let mut names: Vec<String> = own.iter().map(|name| (*name).to_owned()).collect();
    let data: std::collections::BTreeSet<&String> = items.iter().flat_map(|item| item.data.keys()).collect();
    if let Some((name, item)) = items.iter().find_map(|item| Some((own.iter().find(|name| item.data.contains_key(**name))?, item))) {
        let (line, column) = item.place;
        return Err(ConnectomeError::place(
            Location { file: file.to_owned(), line, column },
            format!("`{name}` cannot be the name of data; it is an attribute"),
        ));
    }
    names.extend(data.into_iter().cloned());
    let places = Places::Listed(items.iter().map(|item| item.place).collect());
    let mut table = Table { file: file.to_owned(), columns: Vec::new(), rows, places };
    for (column, name) in names.into_iter().enumerate() {
        let cell = |item: &'_ Item| -> String {
            match column {
                0 => item.first.clone(),
                1 if own.len() == 2 => item.second.clone(),
                _ => item.data.get(&name).cloned().unwrap_or_default(),
            }
        };
        let mut texts = Texts::default();
        items.iter().for_each(|item| texts.push(&cell(item)));
        let wanted = wanted(&name, own.len() == 2, &options.columns);
        let cells = Cells::typed(texts, wanted).map_err(|row| {
            let found = items.get(row).map(cell).unwrap_or_default();
            ConnectomeError::Place { at: table.place(Some(row), column), problem: no_number(&name, &found) }
        })?;
        table.columns.push(TableColumn { name, cells });
    }
    Ok(table)
}
