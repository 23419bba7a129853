//! [`Instance`]: what a provider says of itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The weight of who says nothing.
pub const DEFAULT_WEIGHT: u32 = 1;

/// What a provider says of itself: who it is, where it is called, and whatever helps to choose it. It
/// comes to consumers as it was given.
///
/// ```
/// use lubdub_client::Instance;
///
/// let instance = Instance::new("orders", "10.0.0.7", 8080)
///     .with_version("2.1")
///     .with_zone("eu-1")
///     .with_tag("canary")
///     .with_metadata("commit", "4be1c3");
/// assert_eq!(instance.id, "10.0.0.7:orders:8080");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Instance {
    /// The service, by whose name consumers ask. Eureka compares it without case, others with it.
    pub service: String,
    /// Its name within the service; `host:service:port` unless said otherwise. Who registers under the
    /// name of another replaces it.
    pub id: String,
    /// A host name or an address.
    pub host: String,
    /// A port, not 0.
    pub port: u16,
    /// The version of what it offers; consumers may insist on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What separates instances that must not be mixed. Eureka servers may change its case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Its share of calls in relation to the others'; [`DEFAULT_WEIGHT`] unless said otherwise.
    #[serde(default = "default_weight")]
    pub weight: u32,
    /// Words by which consumers choose. No comma and no control character in one.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tags: BTreeSet<String>,
    /// Anything else.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

const fn default_weight() -> u32 {
    DEFAULT_WEIGHT
}

impl Instance {
    /// An instance of `service` that is called at `host` and `port`. What cannot be right is told when
    /// it is provided.
    pub fn new(service: impl Into<String>, host: impl Into<String>, port: u16) -> Self {
        let (service, host) = (service.into(), host.into());
        Self {
            id: format!("{host}:{service}:{port}"),
            service,
            host,
            port,
            version: None,
            group: None,
            zone: None,
            weight: DEFAULT_WEIGHT,
            tags: BTreeSet::new(),
            metadata: BTreeMap::new(),
        }
    }

    /// With a name of its own.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// With a version.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// With a group.
    #[must_use]
    pub fn with_group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// With a zone.
    #[must_use]
    pub fn with_zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = Some(zone.into());
        self
    }

    /// With a weight.
    #[must_use]
    pub fn with_weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// With one more tag.
    #[must_use]
    pub fn with_tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.insert(tag.into());
        self
    }

    /// With one more entry of metadata.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// Where it is called: `host:port`, an IPv6 address in brackets.
    pub fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Refuses what no registry can take.
    ///
    /// # Errors
    ///
    /// [`Error::BadInstance`] with the field, its value and what was expected.
    pub fn validate(&self) -> Result<(), Error> {
        let name = "a name that is not empty, without control characters";
        let fault = |field, value: &dyn fmt::Display, expected| {
            Err(Error::BadInstance { field, value: value.to_string(), expected })
        };
        for (field, value) in [("service", &self.service), ("id", &self.id), ("host", &self.host)] {
            if value.trim().is_empty() || value.contains(char::is_control) {
                return fault(field, value, name);
            }
        }
        if self.port == 0 {
            return fault("port", &self.port, "the port on which it is called, from 1 to 65535");
        }
        if let Some(tag) = self
            .tags
            .iter()
            .find(|tag| tag.trim().is_empty() || tag.contains([',', '=']) || tag.contains(char::is_control))
        {
            return fault("tags", tag, "a word without comma, `=` and control characters");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_registry_can_take_is_told_with_field_and_value() {
        let fault = |instance: Instance| match instance.validate() {
            Err(Error::BadInstance { field, value, .. }) => (field, value),
            other => panic!("{other:?}"),
        };
        let good = || Instance::new("orders", "a", 1);
        assert!(good().validate().is_ok());
        assert_eq!(fault(Instance::new(" ", "a", 1)), ("service", " ".to_owned()));
        assert_eq!(fault(Instance::new("orders", "", 1)), ("host", String::new()));
        assert_eq!(fault(Instance::new("orders", "a", 0)), ("port", "0".to_owned()));
        assert_eq!(fault(good().with_id("a\nb")), ("id", "a\nb".to_owned()));
        assert_eq!(fault(good().with_tag("a,b")), ("tags", "a,b".to_owned()));
    }

    #[test]
    fn an_ipv6_address_is_called_in_brackets() {
        assert_eq!(Instance::new("orders", "::1", 80).address(), "[::1]:80");
    }
}
