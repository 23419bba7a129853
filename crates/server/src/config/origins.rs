//! [`Origins`]: where each setting was given, for faults that show only when all are known.

use std::collections::BTreeMap;

use super::fault::{ConfigFault, Place};

/// Where each setting was given last, and under which name.
#[derive(Debug, Default)]
pub(super) struct Origins(BTreeMap<String, (Place, String)>);

impl Origins {
    /// `setting` was given at this place, under this name there.
    pub(super) fn note(&mut self, setting: &str, place: Place, name: &str) {
        self.0.insert(setting.to_owned(), (place, name.to_owned()));
    }

    /// What is wrong with a setting, told with the place where it was given, if it was.
    pub(super) fn fault(&self, setting: &str, value: &str, expected: &str) -> ConfigFault {
        let (place, name) =
            self.0.get(setting).cloned().unwrap_or_else(|| (Place::Together, setting.to_owned()));
        ConfigFault::value(place, name, value, expected)
    }
}
