//! [`Acting`]: who acts, and with which token; shared by every command that changes something.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use lubdub_server::ServerConfig;

use crate::client::{Client, Operator, TokenSource};
use crate::failure::Failure;

/// What the file is called in a data directory.
const TOKEN_FILE: &str = "operator-token";

/// The registry takes no longer names.
const LONGEST_NAME: usize = 64;

#[derive(Debug, Args)]
pub(super) struct Acting {
    /// A file that holds the registry's operator token [default: `operator-token` in ./lubdub-data (or
    /// `LUBDUB_DATA`), where the registry is on this machine]
    #[arg(long, global = true, value_name = "FILE", env = "LUBDUB_OPERATOR_TOKEN_FILE")]
    operator_token_file: Option<PathBuf>,

    /// The name that is recorded with what you do [default: your user name]
    #[arg(long = "as", global = true, value_name = "NAME", value_parser = name)]
    recorded_as: Option<String>,
}

impl Acting {
    /// The operator for this registry.
    pub(super) fn operator(&self, client: &Client) -> Result<Operator, Failure> {
        let named = self.operator_token_file.clone().filter(|file| !file.as_os_str().is_empty());
        let source = source(named, client.is_local(), env::var_os("LUBDUB_DATA"));
        let user = || ["USER", "LOGNAME"].iter().find_map(|variable| name(&env::var(variable).ok()?).ok());
        Operator::new(source, self.recorded_as.clone().or_else(user))
    }
}

/// Where to look for the token: in the file that was named, else where `lubdub serve` on this
/// machine keeps it unless told otherwise.
fn source(named: Option<PathBuf>, local: bool, data: Option<OsString>) -> TokenSource {
    match named {
        Some(file) => TokenSource::Named(file),
        None if local => {
            let data = data.filter(|data| !data.is_empty()).map(PathBuf::from);
            TokenSource::Usual(data.unwrap_or_else(|| ServerConfig::default().data).join(TOKEN_FILE))
        }
        None => TokenSource::Nowhere,
    }
}

/// A name as the registry records it.
fn name(text: &str) -> Result<String, String> {
    let fits = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(text.to_owned())
    } else {
        Err("expected 1 to 64 visible ASCII characters without blanks".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_looked_for_where_it_was_named_else_where_the_registry_keeps_it() {
        let named = Some(PathBuf::from("/etc/token"));
        assert_eq!(source(named, true, None), TokenSource::Named("/etc/token".into()));
        assert_eq!(source(None, true, None), TokenSource::Usual("./lubdub-data/operator-token".into()));
        assert_eq!(
            source(None, true, Some("/var/lib/lubdub".into())),
            TokenSource::Usual("/var/lib/lubdub/operator-token".into())
        );
        assert_eq!(source(None, true, Some("".into())), source(None, true, None));
    }

    #[test]
    fn another_machine_is_never_sent_what_a_registry_here_keeps() {
        assert_eq!(source(None, false, Some("/var/lib/lubdub".into())), TokenSource::Nowhere);
    }

    #[test]
    fn a_name_is_what_the_registry_records() {
        assert!(name("alice@ops").is_ok());
        for wrong in ["", "two words", "naïve", "tab\t", &"x".repeat(65)] {
            assert!(name(wrong).is_err(), "{wrong:?}");
        }
    }
}
