//! [`Given`]: a setting as it was given, and what it can be read as.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use jiff::SignedDuration;
use lubdub_core::guard::MaxHold;
use lubdub_core::model::{PhiLevel, ServiceName};

/// A setting as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// A flag or a variable: text that may stand for anything.
    Word(String),
    /// A text in a file.
    Text(String),
    /// A number in a file.
    Whole(i64),
    /// A number with a point in a file, as it was written.
    Decimal(String),
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
            Self::Word(text) | Self::Text(text) | Self::Decimal(text) | Self::Other(text) => text.clone(),
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

    /// A whole number of 32 bits.
    pub(super) fn small(&self) -> Option<u32> {
        self.whole(0..=u32::MAX as usize).and_then(|number| u32::try_from(number).ok())
    }

    /// A number, with or without a point.
    pub(super) fn decimal(&self) -> Option<f64> {
        match self {
            Self::Word(text) | Self::Decimal(text) => text.parse().ok(),
            Self::Whole(number) => i32::try_from(*number).ok().map(f64::from),
            _ => None,
        }
    }

    /// A level of suspicion.
    pub(super) fn level(&self) -> Option<PhiLevel> {
        self.decimal().and_then(PhiLevel::of)
    }

    /// Services by name, perhaps none; in one text, apart by commas.
    pub(super) fn services(&self) -> Option<BTreeSet<ServiceName>> {
        Some(self.texts()?.into_iter().filter(|name| !name.is_empty()).map(ServiceName::new).collect())
    }

    /// A number of lease times, or for ever.
    pub(super) fn longest_hold(&self) -> Option<MaxHold> {
        match self {
            Self::Word(text) | Self::Text(text) if text == FOREVER => Some(MaxHold::Forever),
            _ => self.small().map(MaxHold::LeaseTimes),
        }
    }

    /// Networks, perhaps none; in one text, apart by commas. An address alone is a network of
    /// its own.
    pub(super) fn networks(&self) -> Option<Vec<IpNet>> {
        self.texts()?.into_iter().filter(|text| !text.is_empty()).map(network).collect()
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
        let addresses: Option<Vec<_>> = self.texts()?.into_iter().map(address).collect();
        addresses.filter(|addresses| !addresses.is_empty())
    }

    /// Several texts; in one, apart by commas.
    fn texts(&self) -> Option<Vec<&str>> {
        match self {
            Self::Word(text) | Self::Text(text) => Some(text.split(',').map(str::trim).collect()),
            Self::Texts(texts) => Some(texts.iter().map(|text| text.trim()).collect()),
            _ => None,
        }
    }
}

/// How a hold without an end is called.
pub(super) const FOREVER: &str = "forever";

fn network(text: &str) -> Option<IpNet> {
    let alone = || text.parse::<IpAddr>().ok().map(IpNet::from);
    // Bits of a host within a network say nothing more.
    text.parse().ok().or_else(alone).map(|network| network.trunc())
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
    fn networks_are_an_address_and_a_length_and_there_may_be_none() {
        let networks = |text: &str| {
            word(text).networks().map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(networks("10.0.0.0/8, fd00::/8"), Some(vec!["10.0.0.0/8".into(), "fd00::/8".into()]));
        assert_eq!(networks("10.1.2.3/8,10.1.2.3"), Some(vec!["10.0.0.0/8".into(), "10.1.2.3/32".into()]));
        assert_eq!(Given::Texts(Vec::new()).networks(), Some(Vec::new()));
        for wrong in ["10.0.0.0/33", "localhost", "10.0.0.0/8;fd00::/8", "10.0.0/8"] {
            assert_eq!(networks(wrong), None, "{wrong}");
        }
        assert_eq!(Given::Whole(10).networks(), None);
    }

    #[test]
    fn a_hold_is_a_number_of_lease_times_or_for_ever() {
        assert_eq!(word("5").longest_hold(), Some(MaxHold::LeaseTimes(5)));
        assert_eq!(Given::Whole(5).longest_hold(), Some(MaxHold::LeaseTimes(5)));
        assert_eq!(Given::Text("forever".to_owned()).longest_hold(), Some(MaxHold::Forever));
        for wrong in [Given::Text("5".to_owned()), word("never"), word("-1"), Given::Whole(1 << 40)] {
            assert_eq!(wrong.longest_hold(), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_level_is_a_number_with_or_without_a_point() {
        for given in [word("8"), Given::Whole(8), Given::Decimal("8.0".to_owned())] {
            assert_eq!(given.level(), Some(PhiLevel::USUAL));
        }
        for wrong in
            [word("17"), Given::Text("8".to_owned()), Given::Decimal("nan".to_owned()), Given::Whole(0)]
        {
            assert_eq!(wrong.level(), None, "{wrong:?}");
        }
        assert_eq!(word("orders, Orders,pay").services().map(|names| names.len()), Some(2));
    }

    #[test]
    fn a_text_in_a_file_is_no_number_but_a_variable_may_be() {
        assert_eq!(Given::Text("5".to_owned()).whole(0..=9), None);
        assert_eq!(word("5").whole(0..=9), Some(5));
        assert_eq!(Given::Whole(-5).whole(0..=9), None);
        assert_eq!(Given::Whole(10).whole(0..=9), None);
    }
}
