//! [`Facts`]: what only Eureka knows of an instance, as the registry stores it: its `origin`.
//!
//! Format 1 is [postcard](https://postcard.jamesmunns.com/wire-format) of the fields in their
//! order. A field is added only with a new version number, and every version stays readable: it
//! is on disk.

use std::sync::Arc;

use lubdub_core::model::Origin;
use serde::{Deserialize, Serialize};

/// The name of this face, in origins and as a sender.
pub(crate) const FACE: &str = "eureka";
const VERSION: u8 = 1;

/// What only Eureka knows of an instance. Everything else is in the registry's own words:
/// `ipAddr` is the address's host, `appGroupName` the group.
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
}

/// Where an instance runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StoredDataCenter<'a> {
    MyOwn,
    Netflix,
    Amazon(#[serde(borrow)] Vec<(&'a str, &'a str)>),
}

impl<'a> Facts<'a> {
    /// As an origin.
    pub(crate) fn to_origin(&self) -> Origin {
        // Texts and numbers alone: this cannot fail.
        let bytes = postcard::to_stdvec(self).unwrap_or_default();
        Origin { face: FACE.into(), version: VERSION, bytes: Arc::from(bytes) }
    }

    /// From an origin; none where another face wrote it.
    pub(crate) fn read(origin: Option<&'a Origin>) -> Option<Self> {
        let origin = origin.filter(|origin| &*origin.face == FACE && origin.version == VERSION)?;
        postcard::from_bytes(&origin.bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_come_back_and_their_bytes_stay_as_they_are_on_disk() {
        let facts = Facts {
            id_given: true,
            host_name: "h",
            port: 80,
            port_enabled: true,
            secure_port: 443,
            secure_port_enabled: false,
            country_id: 1,
            data_center: StoredDataCenter::Amazon(vec![("a", "b")]),
            sid: None,
            home_page_url: Some("u"),
            status_page_url: None,
            health_check_url: None,
            secure_health_check_url: None,
            vip_address: Some("v"),
            secure_vip_address: None,
            asg_name: None,
        };
        let origin = facts.to_origin();
        assert_eq!(Facts::read(Some(&origin)), Some(facts));
        let on_disk: &[u8] = &[
            1, 1, b'h', 80, 1, 0xbb, 3, 0, 2, 2, 1, 1, b'a', 1, b'b', 0, 1, 1, b'u', 0, 0, 0, 1, 1, b'v', 0,
            0,
        ];
        assert_eq!(&*origin.bytes, on_disk);
    }

    #[test]
    fn what_another_face_or_version_wrote_is_not_read() {
        let other =
            |face: &str, version, bytes: &[u8]| Origin { face: face.into(), version, bytes: bytes.into() };
        for origin in [other("consul", 1, &[]), other(FACE, 2, &[]), other(FACE, 1, &[1, 2])] {
            assert_eq!(Facts::read(Some(&origin)), None);
        }
    }
}
