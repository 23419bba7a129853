//! [`AnyRegistry`]: a registry of any kind, by its URL, spoken to through the SDK.
//!
//! Only what every registry can tell comes this way; what lubdub alone knows is asked of its REST face.

use std::path::Path;

use lubdub_client::{Config, Error, Registry, RegistryUrl};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::runtime::{Builder, Runtime};

use crate::client::token;
use crate::failure::Failure;

/// What `lubdub serve` is reached by unless told otherwise, in lubdub's own protocol.
pub(super) const USUAL_REGISTRY: &str = "lubdub://127.0.0.1:8761";

/// Who takes a token, by the schemes of the SDK; others have users with passwords, in the URL.
const WITH_TOKEN: [&str; 3] = ["lubdub", "eureka", "consul"];

/// A registry, and its name for people.
#[derive(Debug)]
pub(super) struct AnyRegistry {
    /// What asks it.
    pub(super) registry: Registry,
    /// Its URL without credentials and parameters.
    pub(super) name: String,
    /// Its servers, each `host:port`; which port does not matter where none was given.
    pub(super) servers: Vec<String>,
}

impl AnyRegistry {
    /// The registry at this URL, with the token that the file holds. Nothing is asked yet.
    ///
    /// # Errors
    ///
    /// The URL cannot be right, or the file cannot be read.
    pub(super) fn at(url: &str, token_file: Option<&Path>, config: Config) -> Result<Self, Failure> {
        let parsed = RegistryUrl::parse(url).map_err(failure)?;
        let registry = match token_file.filter(|_| takes_token(&parsed)) {
            None => Registry::with(url, config),
            Some(file) => Registry::with(&with_token(url, &token::read(file, "--token-file")?), config),
        };
        Ok(Self {
            registry: registry.map_err(failure)?,
            name: parsed.to_string(),
            servers: parsed.hosts(DISCARD),
        })
    }
}

/// The port where none was given: it is only there to make a whole address.
const DISCARD: u16 = 9;

/// Whether the token of a file is what this registry wants, and the URL itself has none.
fn takes_token(url: &RegistryUrl) -> bool {
    WITH_TOKEN.contains(&url.scheme()) && url.user().is_none()
}

fn with_token(url: &str, token: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    // As a password it is taken by all three, whoever the user is.
    format!("{scheme}://lubdub:{}@{rest}", utf8_percent_encode(token, NON_ALPHANUMERIC))
}

/// What the SDK says, as a failure of the command.
pub(super) fn failure(error: Error) -> Failure {
    match error {
        Error::Unreachable { ref registry, .. } => {
            let ours = registry.starts_with("lubdub://") || registry.starts_with("eureka://");
            let first = if ours { "start one with `lubdub serve`" } else { "see whether it runs" };
            let next = format!("{first}, or name another with --registry URL");
            Failure::new(error, next)
        }
        Error::BadUrl { .. } | Error::UnknownScheme { .. } => {
            Failure::told(format_args!("--registry: {error}"))
        }
        Error::Unauthorized { registry, reason } => Failure::new(
            format_args!("{registry} does not let us in: {reason}"),
            "give the file that holds its token with --token-file FILE, or credentials in its URL",
        ),
        error => Failure::told(error),
    }
}

/// Threads are the SDK's affair; a command waits on its own.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let cannot = |error| Failure::bare(format_args!("cannot wait for anything on this machine: {error}"));
    Builder::new_current_thread().enable_all().build().map_err(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> RegistryUrl {
        RegistryUrl::parse(url).unwrap()
    }

    #[test]
    fn the_token_of_a_file_is_for_whoever_takes_one_and_was_given_none() {
        for (url, takes) in [
            ("lubdub://a", true),
            ("eureka://a", true),
            ("consul://a", true),
            ("lubdub://secret@a", false),
            ("etcd://a", false),
            ("zookeeper://a", false),
        ] {
            assert_eq!(takes_token(&parsed(url)), takes, "{url}");
        }
    }

    #[test]
    fn a_token_is_encoded_so_that_it_arrives_as_it_is() {
        let url = parsed(&with_token("lubdub://a:1?timeout=3s", "p@ss/w%rd:"));
        assert_eq!(url.password(), Some("p@ss/w%rd:"));
        assert_eq!(url.hosts(2), ["a:1"]);
    }

    #[test]
    fn what_is_wrong_with_a_url_is_told_with_the_flag_and_what_is_expected() {
        let told = |url: &str| AnyRegistry::at(url, None, Config::default()).unwrap_err().to_string();
        assert!(told("127.0.0.1:8761").contains("--registry: the scheme of"), "{}", told("127.0.0.1:8761"));
        let unknown = told("http://127.0.0.1:8761");
        assert!(unknown.contains("\"http\"\n  known are: consul, etcd, eureka, lubdub"), "{unknown}");
        let parameter = told("lubdub://a?tiemout=3s");
        assert!(parameter.contains("\"tiemout\"\n  expected is one of"), "{parameter}");
    }
}
