//! Flags and environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ServerConfig;
use super::fault::{ConfigFault, Place};
use super::keys::{self, KEYS, Key, PREFIX};
use super::origins::Origins;
use super::value::Given;

/// What was said on the command line; what was not said is left to the other sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--listen ADDR:PORT`, as often as it was given.
    pub listen: Vec<String>,
    /// `--data DIR`.
    pub data: Option<PathBuf>,
    /// `--ephemeral`.
    pub ephemeral: bool,
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--open`.
    pub open: bool,
    /// `--token-file FILE`.
    pub token_file: Option<PathBuf>,
    /// `--operator-token-file FILE`.
    pub operator_token_file: Option<PathBuf>,
    /// `--forget`.
    pub forget: bool,
}

/// Where the variables of the environment come from; tests bring their own.
pub trait Strings {
    /// The value of a variable; none where it is missing.
    fn get(&self, name: &str) -> Option<String>;

    /// The names of all variables.
    fn names(&self) -> Vec<String>;
}

/// The environment of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

impl Strings for ProcessEnvironment {
    fn get(&self, name: &str) -> Option<String> {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()).collect()
    }
}

impl Strings for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<String> {
        Self::get(self, name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.keys().cloned().collect()
    }
}

/// The variable that names the file.
const CONFIG_VARIABLE: &str = "LUBDUB_CONFIG";

/// The file that flags or environment name.
pub(super) fn config_file(flags: &Flags, environment: &dyn Strings) -> Option<PathBuf> {
    let variable = || environment.get(CONFIG_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from);
    flags.config.clone().or_else(variable)
}

/// Merges the settings of the environment. An empty variable is none.
pub(super) fn merge_environment(
    config: &mut ServerConfig,
    environment: &dyn Strings,
    origins: &mut Origins,
    faults: &mut Vec<ConfigFault>,
) {
    for key in KEYS {
        let name = key.variable();
        if let Some(text) = environment.get(&name).filter(|text| !text.is_empty()) {
            let given = Asked { key, name: &name, given: Given::Word(text), place: Place::Environment };
            given.apply(config, origins, faults);
        }
    }
    for name in environment.names() {
        if let Some(nearest) = misspelt(&name) {
            faults.push(ConfigFault::Unknown {
                place: Place::Environment,
                key: name,
                nearest: Some(nearest),
            });
        }
    }
}

/// The variable that was meant by one that is almost its name. Others that begin alike are
/// no faults: a cluster that runs a service called `lubdub` sets `LUBDUB_PORT`,
/// `LUBDUB_SERVICE_HOST` and the like for every process.
fn misspelt(name: &str) -> Option<String> {
    let rest = name.strip_prefix(PREFIX)?;
    let known = || KEYS.iter().map(Key::variable).chain([CONFIG_VARIABLE.to_owned()]);
    if known().any(|variable| variable == name) {
        return None;
    }
    known().find(|variable| {
        let distance = strsim::osa_distance(rest, variable.strip_prefix(PREFIX).unwrap_or_default());
        distance <= 2 && distance * 4 <= rest.len()
    })
}

/// Merges the flags.
pub(super) fn merge_flags(
    config: &mut ServerConfig,
    flags: &Flags,
    origins: &mut Origins,
    faults: &mut Vec<ConfigFault>,
) {
    let path = |path: &Path| Given::Word(path.to_string_lossy().into_owned());
    let given = [
        ("--listen", "listen", (!flags.listen.is_empty()).then(|| Given::Texts(flags.listen.clone()))),
        ("--data", "data", flags.data.as_deref().map(path)),
        ("--ephemeral", "ephemeral", flags.ephemeral.then_some(Given::Truth(true))),
        ("--open", "open", flags.open.then_some(Given::Truth(true))),
        ("--token-file", "token_file", flags.token_file.as_deref().map(path)),
        ("--operator-token-file", "operator_token_file", flags.operator_token_file.as_deref().map(path)),
    ];
    if flags.data.is_some() {
        // Whoever names a directory now wants it used, whatever a file or variable said.
        config.ephemeral = false;
    }
    for (flag, name, value) in given {
        if let (Some(given), Some(key)) = (value, keys::find(name)) {
            Asked { key, name: flag, given, place: Place::Flag }.apply(config, origins, faults);
        }
    }
    // Not by way of text, which would lose what is not Unicode.
    config.data = flags.data.clone().unwrap_or_else(|| std::mem::take(&mut config.data));
    config.token_file = flags.token_file.clone().or_else(|| config.token_file.take());
    config.operator_token_file =
        flags.operator_token_file.clone().or_else(|| config.operator_token_file.take());
    config.forget |= flags.forget;
}

/// A setting as one source has it.
struct Asked<'a> {
    key: &'a Key,
    /// What it is called there.
    name: &'a str,
    given: Given,
    place: Place,
}

impl Asked<'_> {
    fn apply(self, config: &mut ServerConfig, origins: &mut Origins, faults: &mut Vec<ConfigFault>) {
        let Self { key, name, given, place } = self;
        if (key.set)(config, &given) {
            origins.note(key.name, place, name);
        } else {
            faults.push(ConfigFault::value(place, name, &given.shown(), key.expected));
        }
    }
}
