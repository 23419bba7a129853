//! The TOML file: finds each setting with its line, and everything that is none.

use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ServerConfig;
use super::fault::{ConfigFault, Place};
use super::keys::{self, KEYS};
use super::value::Given;

/// Merges the settings of a file.
pub(super) fn merge(config: &mut ServerConfig, path: &Path, faults: &mut Vec<ConfigFault>) {
    match std::fs::read_to_string(path) {
        Ok(text) => merge_text(config, path, &text, faults),
        Err(error) => {
            faults.push(ConfigFault::Unreadable { path: path.to_owned(), reason: error.to_string() });
        }
    }
}

fn merge_text(config: &mut ServerConfig, path: &Path, text: &str, faults: &mut Vec<ConfigFault>) {
    let place = |line: usize| Place::File { path: path.to_owned(), line };
    let line = |at: usize| line_of(text, at);
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut told: Vec<(usize, ConfigFault)> = Vec::new();
    for error in &errors {
        let line = line(error.span().map_or(0, |span| span.start));
        told.push((line, ConfigFault::Syntax { place: place(line), reason: error.message().to_owned() }));
    }
    let broken: Vec<usize> = told.iter().map(|(line, _)| *line).collect();

    let mut found = Vec::new();
    flatten(table.get_ref(), "", &mut found);
    // What the parser made of a line that is no TOML says nothing.
    found.retain(|entry| !broken.contains(&line(entry.key_at)));
    for entry in found.iter().filter(|entry| keys::find(&entry.name).is_none()) {
        let (key, nearest, line) = (entry.name.clone(), keys::nearest(&entry.name), line(entry.key_at));
        told.push((line, ConfigFault::Unknown { place: place(line), key, nearest }));
    }
    for key in KEYS {
        if let Some(entry) = found.iter().find(|entry| entry.name == key.name)
            && !(key.set)(config, &entry.given)
        {
            let line = line(entry.value_at);
            told.push((line, ConfigFault::value(place(line), key.name, &entry.given.shown(), key.expected)));
        }
    }
    told.sort_by_key(|(line, _)| *line);
    faults.extend(told.into_iter().map(|(_, fault)| fault));
}

/// Something that a file holds.
struct Found {
    name: String,
    given: Given,
    key_at: usize,
    value_at: usize,
}

/// Goes through the sections that are known; a section that is not is one entry.
fn flatten(table: &DeTable<'_>, section: &str, found: &mut Vec<Found>) {
    for (key, value) in table {
        let name = if section.is_empty() {
            key.get_ref().to_string()
        } else {
            format!("{section}.{}", key.get_ref())
        };
        match value.get_ref() {
            DeValue::Table(inner) if section.is_empty() && keys::is_section(&name) => {
                flatten(inner, &name, found);
            }
            _ => found.push(Found {
                name,
                given: given(value),
                key_at: key.span().start,
                value_at: value.span().start,
            }),
        }
    }
}

fn given(value: &Spanned<DeValue<'_>>) -> Given {
    match value.get_ref() {
        DeValue::String(text) => Given::Text(text.to_string()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Given::Whole(number),
            Err(_) => Given::Other(number.to_string()),
        },
        DeValue::Boolean(truth) => Given::Truth(*truth),
        DeValue::Array(items) => {
            let texts: Option<Vec<_>> =
                items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect();
            texts.map_or_else(|| Given::Other("an array of other things than texts".to_owned()), Given::Texts)
        }
        DeValue::Float(number) => Given::Other(number.to_string()),
        DeValue::Datetime(time) => Given::Other(time.to_string()),
        DeValue::Table(_) => Given::Other("a table".to_owned()),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}
