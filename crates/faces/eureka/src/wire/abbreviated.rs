//! [`Abbreviation`]: texts of an instance without its own host in them.
//!
//! The addresses that a registrant gives (`homePageUrl` and so on) repeat its host. With a mark
//! in its place they are the same for all instances of a service, which share them in memory.

use std::borrow::Cow;

/// Stands for the address's host, Eureka's `ipAddr`.
const HOST: char = '\u{1}';
/// Stands for `hostName`.
const NAME: char = '\u{2}';

/// What the marks stand for in one instance's texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Abbreviation<'a> {
    host: &'a str,
    name: &'a str,
}

impl<'a> Abbreviation<'a> {
    /// None where a text has a mark already, so that it would be taken for the host, or where
    /// there is nothing to abbreviate.
    pub(super) fn of(host: &'a str, name: &'a str, texts: &[Option<&str>]) -> Option<Self> {
        let taken = |text: &str| text.contains([HOST, NAME]);
        let is_free = !taken(name) && !texts.iter().flatten().any(|text| taken(text));
        (is_free && !host.is_empty() && !name.is_empty()).then_some(Self { host, name })
    }

    /// As it was given: `name` is stored, thus perhaps short itself.
    pub(super) fn stored(host: &'a str, name: &'a str) -> Self {
        Self { host, name: if is_host(name) { host } else { name } }
    }

    /// The stored form of `hostName`.
    pub(super) fn short_name(self) -> String {
        if self.name == self.host { HOST.to_string() } else { self.name.to_owned() }
    }

    pub(super) fn short(self, text: &str) -> String {
        // The name may contain the host, so it goes first.
        let text = text.replace(self.name, NAME.encode_utf8(&mut [0; 4]));
        text.replace(self.host, HOST.encode_utf8(&mut [0; 4]))
    }

    pub(super) fn name(self) -> &'a str {
        self.name
    }

    pub(super) fn whole(self, text: &str) -> Cow<'_, str> {
        if !text.contains([HOST, NAME]) {
            return Cow::Borrowed(text);
        }
        Cow::Owned(text.replace(NAME, self.name).replace(HOST, self.host))
    }
}

fn is_host(name: &str) -> bool {
    name.strip_prefix(HOST) == Some("")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn instances_of_one_service_become_alike() {
        let short = |host| {
            let abbreviation = Abbreviation::of(host, host, &[]).unwrap();
            (abbreviation.short_name(), abbreviation.short(&format!("http://{host}:8080/health")))
        };
        assert_eq!(short("10.0.0.1"), short("10.0.0.22"));
    }

    #[test]
    fn a_text_with_a_mark_in_it_is_left_alone() {
        assert!(Abbreviation::of("h", "n", &[Some("a\u{1}b")]).is_none());
        assert!(Abbreviation::of("h", "n\u{2}", &[]).is_none());
        assert!(Abbreviation::of("", "n", &[]).is_none());
        assert!(Abbreviation::of("h", "", &[]).is_none());
    }

    proptest! {
        #[test]
        fn what_is_shortened_comes_back_whole(
            host in "[ab.\u{1}]{0,3}", name in "[ab.\u{2}]{0,3}", text in "[ab.:\u{1}\u{2}]{0,12}",
        ) {
            if let Some(abbreviation) = Abbreviation::of(&host, &name, &[Some(&text)]) {
                let stored = abbreviation.short_name();
                let short = abbreviation.short(&text);
                let read = Abbreviation::stored(&host, &stored);
                prop_assert_eq!(read.name(), &name);
                prop_assert_eq!(read.whole(&short), text);
            }
        }
    }
}
