//! The TOML file: finds each setting with its line, and everything that is none.

use std::collections::BTreeMap;
use std::path::Path;

use lubdub_core::model::ServiceName;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::ServerConfig;
use super::fault::{ConfigFault, Place};
use super::keys::{self, KEYS, SERVICES};
use super::origins::Origins;
use super::services::ServiceSetting;
use super::value::Given;

/// Merges the settings of a file; answers those for single services.
pub(super) fn merge(
    config: &mut ServerConfig,
    path: &Path,
    origins: &mut Origins,
    faults: &mut Vec<ConfigFault>,
) -> Vec<ServiceSetting> {
    match std::fs::read_to_string(path) {
        Ok(text) => File { path, text: &text, told: Vec::new() }.merge(config, origins, faults),
        Err(error) => {
            faults.push(ConfigFault::Unreadable { path: path.to_owned(), reason: error.to_string() });
            Vec::new()
        }
    }
}

/// A file, and what is wrong with it, by line.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
    told: Vec<(usize, ConfigFault)>,
}

impl File<'_> {
    fn merge(
        mut self,
        config: &mut ServerConfig,
        origins: &mut Origins,
        faults: &mut Vec<ConfigFault>,
    ) -> Vec<ServiceSetting> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let line = self.line(error.span().map_or(0, |span| span.start));
            let fault = ConfigFault::Syntax { place: self.place(line), reason: error.message().to_owned() };
            self.told.push((line, fault));
        }
        let broken: Vec<usize> = self.told.iter().map(|(line, _)| *line).collect();

        let mut found = Vec::new();
        flatten(table.get_ref(), "", &mut found);
        // What the parser made of a line that is no TOML says nothing.
        found.retain(|entry| !broken.contains(&self.line(entry.key_at)));
        let (of_services, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|entry| entry.of_service.is_some());
        for entry in found.iter().filter(|entry| keys::find(&entry.name).is_none()) {
            let line = self.line(entry.key_at);
            let (place, key) = (self.place(line), entry.name.clone());
            let fault = if key == SERVICES {
                ConfigFault::value(place, key, &entry.given.shown(), A_TABLE_EACH)
            } else {
                let nearest = keys::nearest(&key);
                ConfigFault::Unknown { place, key, nearest }
            };
            self.told.push((line, fault));
        }
        for key in KEYS {
            let Some(entry) = found.iter().find(|entry| entry.name == key.name) else { continue };
            let line = self.line(entry.value_at);
            if (key.set)(config, &entry.given) {
                origins.note(key.name, self.place(line), key.name);
            } else {
                let fault =
                    ConfigFault::value(self.place(line), key.name, &entry.given.shown(), key.expected);
                self.told.push((line, fault));
            }
        }
        let services = self.services(of_services);
        self.told.sort_by_key(|(line, _)| *line);
        faults.extend(self.told.into_iter().map(|(_, fault)| fault));
        services
    }

    /// The settings for single services.
    fn services(&mut self, mut found: Vec<Found>) -> Vec<ServiceSetting> {
        // The parser orders tables by name.
        found.sort_by_key(|entry| entry.key_at);
        let mut settings = Vec::new();
        let mut spellings: BTreeMap<ServiceName, String> = BTreeMap::new();
        for Found { name, given, key_at, value_at, of_service } in found {
            let Some((service, field)) = of_service else { continue };
            let known = spellings.entry(ServiceName::new(&service)).or_insert_with(|| service.clone());
            let line = self.line(if field.is_some() { key_at } else { value_at });
            let place = self.place(line);
            let read = match field {
                _ if service.is_empty() => {
                    Err(ConfigFault::value(place, SERVICES, "", "the name of a service"))
                }
                _ if *known != service => {
                    let expected =
                        format!("each service once; it is {known:?} above, and case does not matter");
                    Err(ConfigFault::value(place, SERVICES, &service, &expected))
                }
                Some(field) => ServiceSetting::read(&service, &field, given, place),
                None => Err(ConfigFault::value(place, name, &given.shown(), A_TABLE)),
            };
            match read {
                Ok(setting) => settings.push(setting),
                Err(fault) => self.told.push((line, fault)),
            }
        }
        settings
    }

    fn place(&self, line: usize) -> Place {
        Place::File { path: self.path.to_owned(), line }
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|byte| *byte == b'\n').count()
    }
}

const A_TABLE: &str = "a table of settings of damping, such as { enabled = true }";
const A_TABLE_EACH: &str = "a table for each service, such as orders = { enabled = true }";

/// Something that a file holds.
struct Found {
    name: String,
    given: Given,
    key_at: usize,
    value_at: usize,
    /// Below `damping.services`: the service, and the setting of it; none where what stands there
    /// is no table of settings.
    of_service: Option<(String, Option<String>)>,
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
            DeValue::Table(inner) if keys::is_section(&name) => {
                flatten(inner, &name, found);
            }
            DeValue::Table(services) if name == SERVICES => {
                for (service, rules) in services {
                    of_service(service, rules, found);
                }
            }
            _ => found.push(Found::new(name, key, value, None)),
        }
    }
}

fn of_service(service: &Spanned<DeString<'_>>, rules: &Spanned<DeValue<'_>>, found: &mut Vec<Found>) {
    let (service_name, name) = (service.get_ref().to_string(), format!("{SERVICES}.{}", service.get_ref()));
    match rules.get_ref() {
        DeValue::Table(rules) => found.extend(rules.iter().map(|(field, value)| {
            let of_service = (service_name.clone(), Some(field.get_ref().to_string()));
            Found::new(format!("{name}.{}", field.get_ref()), field, value, Some(of_service))
        })),
        _ => found.push(Found::new(name, service, rules, Some((service_name, None)))),
    }
}

impl Found {
    fn new(
        name: String,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        of_service: Option<(String, Option<String>)>,
    ) -> Self {
        let (key_at, value_at) = (key.span().start, value.span().start);
        Self { name, given: given(value), key_at, value_at, of_service }
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
        DeValue::Float(number) => Given::Decimal(number.to_string()),
        DeValue::Datetime(time) => Given::Other(time.to_string()),
        DeValue::Table(_) => Given::Other("a table".to_owned()),
    }
}
