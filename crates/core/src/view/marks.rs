//! [`Marks`]: how many instances of a service stand out.

use crate::model::{CheckState, Instance};

/// How many instances of a service stand out, by what. One may stand out by several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Marks {
    /// The guard holds them.
    pub held: usize,
    /// Damping keeps them out.
    pub damped: usize,
    /// The worst of their checks warns.
    pub warning: usize,
    /// The worst of their checks is critical.
    pub critical: usize,
}

impl Marks {
    pub(super) fn add(&mut self, instance: &Instance) {
        self.each(instance, |count| *count += 1);
    }

    pub(super) fn remove(&mut self, instance: &Instance) {
        self.each(instance, |count| *count = count.saturating_sub(1));
    }

    fn each(&mut self, instance: &Instance, change: impl Fn(&mut usize)) {
        if instance.held {
            change(&mut self.held);
        }
        if instance.damped {
            change(&mut self.damped);
        }
        match instance.health() {
            CheckState::Passing => {}
            CheckState::Warning => change(&mut self.warning),
            CheckState::Critical => change(&mut self.critical),
        }
    }

    /// Those of these instances, counted one by one: what keeping count must arrive at.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn counted<'a>(instances: impl Iterator<Item = &'a Instance>) -> Self {
        let mut marks = Self::default();
        instances.for_each(|instance| marks.add(instance));
        marks
    }
}
