//! [`Layout`]: under which path an instance stands, and what stands there. Pure.
//!
//! | layout | an available instance | one that is not |
//! | --- | --- | --- |
//! | lubdub's | `/prefix/SERVICE/ID`, its availability in the data | the same node |
//! | Motan's | `/motan/GROUP/SERVICE/server/HOST:PORT` | `/motan/GROUP/SERVICE/unavailableServer/HOST:PORT` |

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::motan;
use crate::availability::Availability;
use crate::endpoint::Listed;
use crate::error::Error;
use crate::instance::Instance;
use crate::url::RegistryUrl;

const PREFIX: &str = "lubdub";

/// How instances stand in the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Layout {
    /// Nodes with JSON.
    Own {
        /// Begins with a slash.
        prefix: String,
    },
    /// As Motan's programs have it, so that they and ours find each other.
    Motan {
        /// Whom consumers look for, and where providers stand that say no group.
        group: String,
    },
}

impl Layout {
    pub(super) fn of(url: &RegistryUrl) -> Result<Self, Error> {
        let layout = url.word("layout", &["lubdub", "motan"])?;
        let group = url.parameter("group");
        Ok(match layout {
            Some("motan") => Self::Motan { group: group.unwrap_or(motan::DEFAULT_GROUP).to_owned() },
            _ => {
                Self::Own { prefix: format!("/{}", if url.path().is_empty() { PREFIX } else { url.path() }) }
            }
        })
    }

    /// Below this is everything of a service.
    pub(super) fn service(&self, service: &str) -> String {
        match self {
            Self::Own { prefix } => format!("{prefix}/{}", utf8_percent_encode(service, NON_ALPHANUMERIC)),
            Self::Motan { group } => motan::service_path(group, service),
        }
    }

    /// The folders with a service's instances, each with what standing there means.
    pub(super) fn folders(&self, service: &str) -> Vec<(String, Option<Availability>)> {
        let service = self.service(service);
        match self {
            Self::Own { .. } => vec![(service, None)],
            Self::Motan { .. } => [Availability::Available, Availability::Unavailable]
                .into_iter()
                .map(|standing| (format!("{service}/{}", motan::folder(standing)), Some(standing)))
                .collect(),
        }
    }

    /// Where an instance stands, and where else it may.
    pub(super) fn nodes(&self, instance: &Instance, availability: Availability) -> (String, Option<String>) {
        match self {
            Self::Own { .. } => {
                let id = utf8_percent_encode(&instance.id, NON_ALPHANUMERIC);
                (format!("{}/{id}", self.service(&instance.service)), None)
            }
            Self::Motan { group } => {
                let service =
                    motan::service_path(instance.group.as_deref().unwrap_or(group), &instance.service);
                let node = |availability| {
                    format!("{service}/{}/{}", motan::folder(availability), instance.address())
                };
                let other = Availability::when(!availability.is_available());
                (node(availability), Some(node(other)))
            }
        }
    }

    /// What stands there.
    pub(super) fn data(&self, instance: &Instance, availability: Availability) -> Vec<u8> {
        match self {
            Self::Own { .. } => {
                let listed = Listed { instance: instance.clone(), availability };
                serde_json::to_vec(&listed).unwrap_or_default()
            }
            Self::Motan { group } => motan::data(instance, group),
        }
    }

    /// Reads what stands there; `None` where it is no instance.
    pub(super) fn read(
        &self,
        service: &str,
        standing: Option<Availability>,
        node: &str,
        data: &[u8],
    ) -> Option<Listed> {
        match self {
            Self::Own { .. } => serde_json::from_slice(data).ok(),
            Self::Motan { .. } => {
                let instance = motan::instance(service, node, data)?;
                Some(Listed { instance, availability: standing? })
            }
        }
    }
}
