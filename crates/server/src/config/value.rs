//! [`Given`]: a setting as it was given, and what it can be read as.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;

/// A setting as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// A flag or a variable: text that may stand for anything.
    Word(String),
    /// A text in a file.
    Text(String),
    /// A number in a file.
    Whole(i64),
    /// A truth in a file.
    Truth(bool),
    /// Texts in a file, or a flag that was given several times.
    Texts(Vec<String>),
    /// Anything else, as it was written.
    Other(String),
}

impl Given {
    /// As it was given.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(text) | Self::Text(text) | Self::Other(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Truth(truth) => truth.to_string(),
            Self::Texts(texts) => texts.join(", "),
        }
    }

    /// A whole number within bounds.
    pub(super) fn whole(&self, bounds: RangeInclusive<usize>) -> Option<usize> {
        let number = match self {
            Self::Word(text) => text.parse().ok(),
            Self::Whole(number) => usize::try_from(*number).ok(),
            _ => None,
        };
        number.filter(|number| bounds.contains(number))
    }

    /// A truth.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Truth(truth) => Some(*truth),
            Self::Word(text) => match text.as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// A span of time such as `500ms`, `10s` or `2h`, within bounds.
    pub(super) fn span(&self, bounds: RangeInclusive<Duration>) -> Option<Duration> {
        let (Self::Word(text) | Self::Text(text)) = self else { return None };
        let span: SignedDuration = text.parse().ok()?;
        Duration::try_from(span).ok().filter(|span| bounds.contains(span))
    }

    /// A text that is not empty.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Word(text) | Self::Text(text) if !text.is_empty() => Some(text.clone()),
            _ => None,
        }
    }

    /// The name of a file or directory.
    pub(super) fn path(&self) -> Option<PathBuf> {
        self.text().map(PathBuf::from)
    }

    /// One or several addresses to listen on; in one text, apart by commas.
    pub(super) fn addresses(&self) -> Option<Vec<SocketAddr>> {
        let texts: Vec<&str> = match self {
            Self::Word(text) | Self::Text(text) => text.split(',').collect(),
            Self::Texts(texts) => texts.iter().map(String::as_str).collect(),
            _ => return None,
        };
        let addresses: Option<Vec<_>> = texts.into_iter().map(|text| address(text.trim())).collect();
        addresses.filter(|addresses| !addresses.is_empty())
    }
}

fn address(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?))),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Given {
        Given::Word(text.to_owned())
    }

    #[test]
    fn spans_are_numbers_with_units() {
        let any = Duration::ZERO..=Duration::MAX;
        for (text, millis) in [("500ms", 500), ("10s", 10_000), ("2h", 7_200_000), ("1m 30s", 90_000)] {
            assert_eq!(word(text).span(any.clone()), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "10", "s", "-1s", "ten seconds", "1e99s", "99999999999999999999h"] {
            assert_eq!(word(text).span(any.clone()), None, "{text}");
        }
        assert_eq!(word("1s").span(Duration::from_secs(2)..=Duration::MAX), None);
    }

    #[test]
    fn addresses_are_an_ip_and_a_port() {
        let listens = |text: &str| word(text).addresses().map(|all| all.len());
        assert_eq!(listens("127.0.0.1:8761"), Some(1));
        assert_eq!(listens("localhost:0, [::1]:8761"), Some(2));
        for wrong in
            ["", "8761", ":8761", "127.0.0.1", "127.0.0.1:99999", "::1:8761", "example.org:80", "a,b"]
        {
            assert_eq!(listens(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_text_in_a_file_is_no_number_but_a_variable_may_be() {
        assert_eq!(Given::Text("5".to_owned()).whole(0..=9), None);
        assert_eq!(word("5").whole(0..=9), Some(5));
        assert_eq!(Given::Whole(-5).whole(0..=9), None);
        assert_eq!(Given::Whole(10).whole(0..=9), None);
    }
}
