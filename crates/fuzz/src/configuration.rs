//! A configuration file, and an environment.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{Seek, Write};

use lubdub_server::{Flags, ServerConfig};
use tempfile::NamedTempFile;

/// What stands between the variables and the file.
pub(crate) const RULE: &str = "\n---\n";

thread_local! {
    static FILE: RefCell<Option<NamedTempFile>> = const { RefCell::new(None) };
}

/// Reads lines like `LUBDUB_LISTEN=localhost:0`, then a rule, then a file; only a file where there
/// is no rule. What is wrong must be told, and what is taken must hold.
pub(crate) fn read(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (variables, file) = text.split_once(RULE).unwrap_or(("", text));
    let environment: BTreeMap<String, String> = variables
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter(|(name, _)| *name != "LUBDUB_CONFIG")
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    match ServerConfig::load(&flags(file), &environment) {
        Ok(config) => {
            assert!(config.validate().is_ok(), "what was taken is taken again");
            assert!(!config.listen.is_empty(), "it listens somewhere");
        }
        Err(error) => {
            assert!(!error.faults.is_empty(), "what is wrong is told");
            assert!(error.faults.iter().all(|fault| !fault.to_string().is_empty()), "in words");
        }
    }
}

/// Flags that name a file with this text.
fn flags(text: &str) -> Flags {
    FILE.with_borrow_mut(|file| {
        let file = file.get_or_insert_with(|| NamedTempFile::new().expect("there is a temporary folder"));
        file.as_file().set_len(0).expect("a file can be emptied");
        file.rewind().expect("a file can be rewound");
        file.write_all(text.as_bytes()).expect("a file takes a few bytes");
        Flags { config: Some(file.path().to_owned()), ..Flags::default() }
    })
}
