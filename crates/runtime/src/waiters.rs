//! Who waits for a change: everybody, or one service's watchers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashMap;
use lubdub_core::feed::Filter;
use lubdub_core::model::ServiceName;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// Wakes those who wait for a change. A service's name need not be registered to be waited
/// for.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    all: Notify,
    /// How many places are taken.
    taken: AtomicUsize,
    services: Mutex<HashMap<ServiceName, Arc<Notify>>>,
}

/// A place among those who wait for a service; given back when dropped.
pub(crate) struct Place<'a> {
    waiters: &'a Waiters,
    name: Option<ServiceName>,
    bell: Option<Arc<Notify>>,
}

impl Waiters {
    /// A place for whoever waits for what `filter` passes.
    pub(crate) fn place(&self, filter: &Filter) -> Place<'_> {
        let name = filter.service.as_deref().map(ServiceName::new);
        let bell =
            name.as_ref().map(|name| Arc::clone(self.services.lock().entry(name.clone()).or_default()));
        self.taken.fetch_add(1, Ordering::Relaxed);
        Place { waiters: self, name, bell }
    }

    /// Wakes all who wait for everything, and the watchers of these services.
    pub(crate) fn wake<'a>(&self, services: impl Iterator<Item = &'a ServiceName>) {
        let waiting = self.services.lock();
        if !waiting.is_empty() {
            for bell in services.filter_map(|name| waiting.get(name)) {
                bell.notify_waiters();
            }
        }
        drop(waiting);
        self.all.notify_waiters();
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// How many services are waited for.
    #[cfg(test)]
    fn names(&self) -> usize {
        self.services.lock().len()
    }
}

impl Place<'_> {
    /// What rings at the next change.
    pub(crate) fn bell(&self) -> &Notify {
        self.bell.as_deref().unwrap_or(&self.waiters.all)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.waiters.taken.fetch_sub(1, Ordering::Relaxed);
        let Some(name) = &self.name else { return };
        drop(self.bell.take());
        let mut waiting = self.waiters.services.lock();
        if waiting.get(name).is_some_and(|bell| Arc::strong_count(bell) == 1) {
            waiting.remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_only_while_somebody_waits_for_it() {
        let waiters = Waiters::default();
        let first = waiters.place(&Filter::service("orders"));
        let second = waiters.place(&Filter::service("ORDERS"));
        assert_eq!((waiters.names(), waiters.waiting()), (1, 2));
        drop(first);
        assert_eq!((waiters.names(), waiters.waiting()), (1, 1));
        drop(second);
        assert_eq!((waiters.names(), waiters.waiting()), (0, 0));
    }
}
