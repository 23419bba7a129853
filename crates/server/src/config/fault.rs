//! [`ConfigFault`]: what is wrong with a setting, in words that say what to do.

use std::fmt;
use std::path::PathBuf;

/// Where a setting was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// As a variable of the environment.
    Environment,
    /// As a flag.
    Flag,
    /// Nowhere in particular: it follows from several settings.
    Together,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}: ", path.display()),
            Self::Environment => f.write_str("environment: "),
            Self::Flag | Self::Together => Ok(()),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFault {
    /// A setting has a value that is not allowed.
    #[error("{place}{field} is {value:?}, expected {expected}")]
    Value {
        /// Where it was given.
        place: Place,
        /// The setting, by the name under which it was given.
        field: String,
        /// The value, shortened if it is long.
        value: String,
        /// What was expected.
        expected: String,
    },
    /// There is no such setting.
    #[error("{place}there is no setting {key:?}{}", suggestion(.nearest.as_ref()))]
    Unknown {
        /// Where it was given.
        place: Place,
        /// The name under which it was given.
        key: String,
        /// The setting that was meant, perhaps.
        nearest: Option<String>,
    },
    /// A file is not TOML.
    #[error("{place}this is not TOML: {reason}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the parser says.
        reason: String,
    },
    /// A file cannot be read.
    #[error("the configuration file {} cannot be read: {reason}; name another with --config FILE", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
}

fn suggestion(nearest: Option<&String>) -> String {
    nearest.map_or_else(String::new, |nearest| format!("; did you mean {nearest:?}?"))
}

/// A longer value is shortened.
const LONGEST_VALUE: usize = 100;

impl ConfigFault {
    pub(super) fn value(place: Place, field: impl Into<String>, value: &str, expected: &str) -> Self {
        let mut shown: String = value.chars().take(LONGEST_VALUE).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Self::Value { place, field: field.into(), value: shown, expected: expected.to_owned() }
    }
}

/// The configuration is not usable: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub faults: Vec<ConfigFault>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.faults.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
