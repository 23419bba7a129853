//! [`ServiceSetting`]: rules that a file has for single services, merged when the general ones
//! are known.

use lubdub_core::model::ServiceName;

use super::ServerConfig;
use super::fault::{ConfigFault, Place};
use super::keys::{self, Key, SERVICES};
use super::origins::Origins;
use super::value::Given;

/// A setting for one service, which is as expected.
#[derive(Debug)]
pub(super) struct ServiceSetting {
    pub(super) service: ServiceName,
    pub(super) key: &'static Key,
    pub(super) given: Given,
    /// In full, as it stands in the file.
    pub(super) name: String,
    pub(super) place: Place,
}

impl ServiceSetting {
    /// A setting of a service in a file.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn read(service: &str, field: &str, given: Given, place: Place) -> Result<Self, ConfigFault> {
        let name = format!("{SERVICES}.{service}.{field}");
        let Some(key) = keys::of_damping(field) else {
            let nearest =
                keys::nearest_of_damping(field).map(|field| format!("{SERVICES}.{service}.{field}"));
            return Err(ConfigFault::Unknown { place, key: name, nearest });
        };
        if (key.set)(&mut ServerConfig::default(), &given) {
            Ok(Self { service: ServiceName::new(service), key, given, name, place })
        } else {
            Err(ConfigFault::value(place, name, &given.shown(), key.expected))
        }
    }
}

impl ServerConfig {
    /// Gives services their own rules; what they do not say is as for all services.
    pub(super) fn merge_services(&mut self, settings: Vec<ServiceSetting>, origins: &mut Origins) {
        let general = self.core.damping.rules.clone();
        for ServiceSetting { service, key, given, name, place } in settings {
            let rules = self.core.damping.services.entry(service.clone()).or_insert_with(|| general.clone());
            let mut scratch = Self::default();
            scratch.core.damping.rules = rules.clone();
            if (key.set)(&mut scratch, &given) {
                *rules = scratch.core.damping.rules;
                let field = key.name.trim_start_matches("damping.");
                origins.note(&format!("{SERVICES}.{service}.{field}"), place, &name);
            }
        }
    }
}
