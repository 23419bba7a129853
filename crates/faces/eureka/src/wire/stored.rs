//! [`Facts`]: what only Eureka knows of an instance, as the registry stores it: its `origin`.
//!
//! Format 1 is [postcard](https://postcard.jamesmunns.com/wire-format) of the fields in their
//! order, without `appGroupName`. In format 2 marks stand for the instance's host in `hostName` and
//! the addresses, see [`super::abbreviated`]. Formats 3 and 4 are 1 and 2 with `appGroupName` behind
//! them. A field is added only with a new version number, and every version stays readable: it is
//! on disk.

use std::borrow::Cow;
use std::sync::Arc;

use lubdub_core::model::{Instance, Origin};
use serde::{Deserialize, Serialize};

use super::abbreviated::Abbreviation;

/// The name of this face, in origins and as a sender.
pub(crate) const FACE: &str = "eureka";
/// Versions of the format: addresses are whole or abbreviated, and the group is the registry's
/// alone or also told as it is shown.
const PLAIN: u8 = 1;
const ABBREVIATED: u8 = 2;
const PLAIN_WITH_GROUP: u8 = 3;
const ABBREVIATED_WITH_GROUP: u8 = 4;

/// What only Eureka knows of an instance. Everything else is in the registry's own words:
/// `ipAddr` is the address's host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Facts<'a> {
    /// Whether the registrant gave an `instanceId`; else its id is derived, and not shown.
    pub(crate) id_given: bool,
    pub(crate) host_name: &'a str,
    pub(crate) port: u16,
    pub(crate) port_enabled: bool,
    pub(crate) secure_port: u16,
    pub(crate) secure_port_enabled: bool,
    pub(crate) country_id: i32,
    #[serde(borrow)]
    pub(crate) data_center: StoredDataCenter<'a>,
    pub(crate) sid: Option<&'a str>,
    pub(crate) home_page_url: Option<&'a str>,
    pub(crate) status_page_url: Option<&'a str>,
    pub(crate) health_check_url: Option<&'a str>,
    pub(crate) secure_health_check_url: Option<&'a str>,
    pub(crate) vip_address: Option<&'a str>,
    pub(crate) secure_vip_address: Option<&'a str>,
    pub(crate) asg_name: Option<&'a str>,
    /// The instance's group may come from its metadata, in another case.
    #[serde(skip)]
    pub(crate) app_group_name: Option<&'a str>,
}

/// Where an instance runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StoredDataCenter<'a> {
    MyOwn,
    Netflix,
    Amazon(#[serde(borrow)] Vec<(&'a str, &'a str)>),
}

impl Facts<'_> {
    /// As the origin of an instance that is called at `host`.
    pub(crate) fn to_origin(&self, host: &str) -> Origin {
        let addresses =
            [self.home_page_url, self.status_page_url, self.health_check_url, self.secure_health_check_url];
        let Some(abbreviation) = Abbreviation::of(host, self.host_name, &addresses) else {
            return self.origin(PLAIN_WITH_GROUP);
        };
        let name = abbreviation.short_name();
        let [home, status, health, secure_health] =
            addresses.map(|text| text.map(|text| abbreviation.short(text)));
        let short = Facts {
            host_name: &name,
            home_page_url: home.as_deref(),
            status_page_url: status.as_deref(),
            health_check_url: health.as_deref(),
            secure_health_check_url: secure_health.as_deref(),
            data_center: self.data_center.clone(),
            ..*self
        };
        short.origin(ABBREVIATED_WITH_GROUP)
    }

    fn origin(&self, version: u8) -> Origin {
        // Texts and numbers alone: this cannot fail.
        let bytes = postcard::to_stdvec(&(self, self.app_group_name)).unwrap_or_default();
        Origin { face: FACE.into(), version, bytes: Arc::from(bytes) }
    }
}

/// [`Facts`] as they are stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredFacts<'a> {
    /// Every text whole but the addresses.
    pub(crate) facts: Facts<'a>,
    /// What makes those whole.
    pub(crate) addresses: Addresses<'a>,
    /// Whether this face wrote them; else another did not know of them, and these are made up.
    pub(crate) is_own: bool,
}

/// How the addresses of an instance are stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addresses<'a>(Option<Abbreviation<'a>>);

impl<'a> Addresses<'a> {
    /// An address as it was given.
    pub(crate) fn whole(self, stored: Option<&'a str>) -> Option<Cow<'a, str>> {
        stored.map(|text| self.0.map_or(Cow::Borrowed(text), |abbreviation| abbreviation.whole(text)))
    }
}

impl<'a> StoredFacts<'a> {
    /// What is stored with an instance; none where another face wrote it.
    pub(crate) fn read(instance: &'a Instance) -> Option<Self> {
        let profile = &instance.profile;
        Self::of(profile.origin.as_ref(), &instance.address.host, profile.group.as_deref())
    }

    /// What is stored as this origin with an instance that is called at `host`, in this group.
    pub(crate) fn of(origin: Option<&'a Origin>, host: &'a str, group: Option<&'a str>) -> Option<Self> {
        let origin = origin.filter(|origin| &*origin.face == FACE)?;
        let abbreviated = match origin.version {
            PLAIN | PLAIN_WITH_GROUP => false,
            ABBREVIATED | ABBREVIATED_WITH_GROUP => true,
            _ => return None,
        };
        let mut facts: Facts<'a>;
        match origin.version {
            PLAIN | ABBREVIATED => {
                facts = postcard::from_bytes(&origin.bytes).ok()?;
                facts.app_group_name = group;
            }
            _ => {
                let told: Option<&'a str>;
                (facts, told) = postcard::from_bytes(&origin.bytes).ok()?;
                facts.app_group_name = told;
            }
        }
        let abbreviation = abbreviated.then(|| Abbreviation::stored(host, facts.host_name));
        if let Some(whole) = abbreviation {
            facts.host_name = whole.name();
        }
        Some(Self { facts, addresses: Addresses(abbreviation), is_own: true })
    }
}

impl<'a> From<Facts<'a>> for StoredFacts<'a> {
    fn from(facts: Facts<'a>) -> Self {
        Self { facts, addresses: Addresses(None), is_own: false }
    }
}

#[cfg(test)]
mod tests;
