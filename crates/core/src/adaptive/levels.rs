//! [`Levels`]: one detector of each level, from which all others are made.

use std::collections::BTreeMap;

use lubdub_detect::{Phi, PhiConfig};

use crate::model::PhiLevel;

/// What a level stands for in deviations is found by trying, in microseconds; a million leases are restored with mostly one level.
#[derive(Debug, Default)]
pub(crate) struct Levels(BTreeMap<PhiLevel, Phi>);

impl Levels {
    /// A new detector; none where the settings are none that can be judged by.
    pub(super) fn detector(&mut self, level: PhiLevel, config: PhiConfig) -> Option<Phi> {
        if let Some(known) = self.0.get(&level) {
            return known.alike(config).ok();
        }
        let new = Phi::new(config).ok()?;
        // It is asked for no more than its level, so it need not have room for intervals.
        self.0.insert(level, new.alike(PhiConfig { window: 1, ..config }).ok()?);
        Some(new)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
