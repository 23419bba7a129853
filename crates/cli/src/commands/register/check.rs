//! [`Check`]: what is tried to see whether the process serves, read from an argument.

use std::fmt;
use std::str::FromStr;

use reqwest::Url;

/// What is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    /// A GET of this is answered with a status from 200 to 299.
    Http(Url),
    /// A connection to this host and port is accepted.
    Tcp(String, u16),
    /// This line, given to a shell, ends with 0.
    Command(String),
}

const EXPECTED: &str = "expected http://HOST:PORT/PATH, tcp://HOST:PORT, or a command for the shell";

impl FromStr for Check {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        // A command may have a URL among its arguments.
        let scheme = scheme.filter(|scheme| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        match scheme.map(str::to_ascii_lowercase).as_deref() {
            Some("http") => {
                let url = Url::parse(text).map_err(|error| format!("{error}; {EXPECTED}"))?;
                Ok(Self::Http(url))
            }
            Some("tcp") => {
                let rest = text.get("tcp://".len()..).unwrap_or_default();
                let (host, port) = rest.rsplit_once(':').unwrap_or((rest, ""));
                let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
                match port.parse() {
                    Ok(port) if port > 0 && !bare.is_empty() && !bare.contains('/') => {
                        Ok(Self::Tcp(bare.to_owned(), port))
                    }
                    _ => Err(EXPECTED.to_owned()),
                }
            }
            Some(other) => Err(format!("no check speaks {other}; {EXPECTED}")),
            None if text.is_empty() => Err(EXPECTED.to_owned()),
            None => Ok(Self::Command(text.to_owned())),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(url) => write!(f, "{url}"),
            Self::Tcp(host, port) if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Self::Tcp(host, port) => write!(f, "tcp://{host}:{port}"),
            Self::Command(line) => write!(f, "`{line}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_a_url_of_http_or_tcp_or_a_command() {
        for (text, shown) in [
            ("http://127.0.0.1:8080/health", "http://127.0.0.1:8080/health"),
            ("HTTP://localhost", "http://localhost/"),
            ("tcp://localhost:8080", "tcp://localhost:8080"),
            ("tcp://[::1]:8080", "tcp://[::1]:8080"),
            ("test -e ready", "`test -e ready`"),
            ("curl -fs https://127.0.0.1/", "`curl -fs https://127.0.0.1/`"),
        ] {
            let check: Check = text.parse().unwrap();
            assert_eq!(check.to_string(), shown);
        }
        assert_eq!("tcp://[::1]:80".parse(), Ok(Check::Tcp("::1".to_owned(), 80)));
        assert!(matches!("curl -f http://a".parse(), Ok(Check::Command(_))));
    }

    #[test]
    fn what_is_none_is_told_with_what_was_expected() {
        let told = |text: &str| text.parse::<Check>().unwrap_err();
        for wrong in ["", " ", "tcp://", "tcp://a", "tcp://a:0", "tcp://a:70000", "tcp://:80", "tcp://a/b:80"]
        {
            assert_eq!(told(wrong), EXPECTED, "{wrong}");
        }
        assert!(told("http://").contains("tcp://HOST:PORT"), "{}", told("http://"));
        assert!(told("https://a/").starts_with("no check speaks https; expected http://"));
    }
}
