//! The facts of a [`Profile`] that have a name in metadata, too: what a protocol without fields for
//! them has its registrants tell, and its consumers look for. The names are those of Spring Cloud
//! and of the SDK.

use std::borrow::Cow;

use super::Profile;

const VERSION: &str = "version";
const GROUP: &str = "group";
const ZONE: &str = "zone";
const WEIGHT: &str = "weight";
/// Its value is a list, with commas between.
const TAGS: &str = "tags";

impl Profile {
    /// The facts that are told, each under its name in metadata.
    pub fn named_facts(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let tags = (!self.tags.is_empty()).then(|| Cow::Owned(self.tags.join(",")));
        let facts = [
            (VERSION, self.version.as_deref().map(Cow::Borrowed)),
            (GROUP, self.group.as_deref().map(Cow::Borrowed)),
            (ZONE, self.zone.as_deref().map(Cow::Borrowed)),
            (WEIGHT, self.weight.map(|weight| Cow::Owned(weight.to_string()))),
            (TAGS, tags),
        ];
        facts.into_iter().filter_map(|(name, fact)| Some((name, fact?)))
    }

    /// Whether the fact of this name is told; none where no fact has it.
    pub(crate) fn told(&self, name: &str) -> Option<bool> {
        Some(match name {
            VERSION => self.version.is_some(),
            GROUP => self.group.is_some(),
            ZONE => self.zone.is_some(),
            WEIGHT => self.weight.is_some(),
            TAGS => !self.tags.is_empty(),
            _ => return None,
        })
    }

    /// Takes the fact of this name, if there is one, from its words in metadata. What cannot be
    /// one, an empty word or a weight that is no number, tells nothing.
    pub(crate) fn tell(&mut self, name: &str, words: &str) {
        let word = || (!words.is_empty()).then(|| words.into());
        match name {
            VERSION => self.version = word(),
            GROUP => self.group = word(),
            ZONE => self.zone = word(),
            WEIGHT => self.weight = words.parse().ok(),
            TAGS => self.tags = words.split(',').filter(|tag| !tag.is_empty()).map(Into::into).collect(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Profile {
        Profile {
            version: Some("2".into()),
            group: Some("Blue".into()),
            zone: Some("eu-1".into()),
            weight: Some(7),
            tags: Box::from(["a".into(), "b".into()]),
            ..Profile::default()
        }
    }

    #[test]
    fn facts_come_back_from_the_words_that_they_have_in_metadata() {
        let mut again = Profile::default();
        for (name, words) in profile().named_facts() {
            assert_eq!(again.told(name), Some(false), "{name}");
            again.tell(name, &words);
            assert_eq!(again.told(name), Some(true), "{name}");
        }
        assert_eq!(again, profile());
        assert_eq!(Profile::default().named_facts().count(), 0);
    }

    #[test]
    fn what_cannot_be_a_fact_tells_nothing() {
        let mut told = profile();
        for (name, words) in [
            ("version", ""),
            ("group", ""),
            ("zone", ""),
            ("weight", "heavy"),
            ("tags", ",,"),
            ("commit", "x"),
        ] {
            told.tell(name, words);
        }
        assert_eq!(told, Profile::default());
        assert_eq!(told.told("commit"), None);
    }
}
