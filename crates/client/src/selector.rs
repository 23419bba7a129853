//! [`Selector`]: which instances of a service a consumer wants.

use std::collections::{BTreeMap, BTreeSet};

use crate::instance::Instance;

/// Which instances of a service a consumer wants: those to which everything that is said here applies.
///
/// ```
/// use lubdub_client::{Instance, Selector};
///
/// let wanted = Selector::any().version("2").tag("canary");
/// assert!(wanted.matches(&Instance::new("orders", "a", 1).with_version("2").with_tag("canary")));
/// assert!(!wanted.matches(&Instance::new("orders", "a", 1).with_version("1").with_tag("canary")));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    version: Option<String>,
    group: Option<String>,
    zone: Option<String>,
    tags: BTreeSet<String>,
    metadata: BTreeMap<String, String>,
}

impl Selector {
    /// All of them.
    pub fn any() -> Self {
        Self::default()
    }

    /// Of exactly this version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Of this group, compared without case: Eureka servers change it.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// In exactly this zone.
    #[must_use]
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// With this tag (too).
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.insert(tag.into());
        self
    }

    /// With this entry of metadata (too).
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Whether an instance is wanted.
    pub fn matches(&self, instance: &Instance) -> bool {
        let same = |wanted: &Option<String>, own: &Option<String>| wanted.is_none() || wanted == own;
        let group = match (&self.group, &instance.group) {
            (Some(wanted), Some(own)) => wanted.to_lowercase() == own.to_lowercase(),
            (wanted, _) => wanted.is_none(),
        };
        group
            && same(&self.version, &instance.version)
            && same(&self.zone, &instance.zone)
            && self.tags.is_subset(&instance.tags)
            && self.metadata.iter().all(|(key, value)| instance.metadata.get(key) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_said_must_apply() {
        let instance = Instance::new("orders", "a", 1)
            .with_version("2")
            .with_group("BLUE")
            .with_zone("eu-1")
            .with_tag("a")
            .with_tag("b")
            .with_metadata("commit", "1");
        for (wanted, matches) in [
            (Selector::any(), true),
            (Selector::any().version("2").group("blue").zone("eu-1").tag("a").metadata("commit", "1"), true),
            (Selector::any().version("1"), false),
            (Selector::any().group("green"), false),
            (Selector::any().zone("eu-2"), false),
            (Selector::any().tag("a").tag("c"), false),
            (Selector::any().metadata("commit", "2"), false),
        ] {
            assert_eq!(wanted.matches(&instance), matches, "{wanted:?}");
        }
        let plain = Instance::new("orders", "a", 1);
        assert!(!Selector::any().group("blue").matches(&plain));
        assert!(!Selector::any().version("2").matches(&plain));
    }
}
