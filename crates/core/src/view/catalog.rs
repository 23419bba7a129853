//! [`Catalog`]: the whole registry at one revision.

use std::cmp::Ordering;
use std::sync::Arc;

use equivalent::{Comparable, Equivalent};
use imbl::{OrdMap, OrdSet};

use super::chunk::{ChunkId, Listed};
use super::service::ServiceView;
use crate::delta::Delta;
use crate::model::compare_folded;
use crate::model::{InstanceKey, ServiceName, StatusCounts};
use crate::revision::Revision;

/// The whole registry at one revision: services, counts and delta agree with each other.
/// Cloning it costs a few references.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    revision: Revision,
    services: OrdMap<ServiceName, Arc<ServiceView>>,
    by_id: OrdSet<ById>,
    counts: StatusCounts,
    delta: Delta,
    chunk_ids: ChunkId,
}

impl Catalog {
    /// Empty, at the revision where a server starts.
    pub fn starting_at(revision: Revision) -> Self {
        Self { revision, ..Self::default() }
    }

    /// The revision of the last change that it contains.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The services, ordered by name without regard to case.
    pub fn services(&self) -> impl Iterator<Item = &Arc<ServiceView>> {
        self.services.values()
    }

    /// The number of services.
    pub fn service_count(&self) -> usize {
        self.services.len()
    }

    /// A service by name, in any case.
    pub fn service(&self, name: &str) -> Option<&Arc<ServiceView>> {
        self.services.get(&NameRef(name))
    }

    /// An instance by service, id and node (mostly the empty node).
    pub fn get(&self, service: &str, id: &str, node: &str) -> Option<&Listed> {
        self.service(service)?.get(id, node)
    }

    /// The instances with this id, of any service and node, ordered by service.
    pub fn with_id(&self, id: &str) -> impl Iterator<Item = &Listed> {
        self.by_id
            .range(IdRef(id)..)
            .take_while(move |entry| entry.0.id() == id)
            .filter_map(|entry| self.listed(&entry.0))
    }

    /// How many instances have each status.
    pub fn counts(&self) -> &StatusCounts {
        &self.counts
    }

    /// What changed lately.
    pub fn delta(&self) -> &Delta {
        &self.delta
    }

    /// An instance by key.
    pub fn listed(&self, key: &InstanceKey) -> Option<&Listed> {
        self.get(key.service().as_str(), key.id(), key.node())
    }

    pub(crate) fn advance_to(&mut self, revision: Revision) {
        self.revision = self.revision.max(revision);
    }

    pub(crate) fn delta_mut(&mut self) -> &mut Delta {
        &mut self.delta
    }

    /// The name that was given to a chunk last.
    pub(super) fn last_chunk_id(&self) -> ChunkId {
        self.chunk_ids
    }

    /// Lists services that were gathered, and all their instances' keys, in an empty catalog.
    pub(super) fn fill(
        &mut self,
        services: OrdMap<ServiceName, Arc<ServiceView>>,
        keys: Vec<InstanceKey>,
        counts: StatusCounts,
        chunk_ids: ChunkId,
    ) {
        (self.services, self.counts, self.chunk_ids) = (services, counts, chunk_ids);
        // In order each finds its place near that of the one before, which is still in the
        // processor's cache. Most keys differ at the front of their ids, which is compared without
        // going to the key.
        let mut in_order: Vec<_> = keys.into_iter().map(|key| (front(key.id()), ById(key))).collect();
        in_order.sort_unstable_by(|left, right| left.0.cmp(&right.0).then_with(|| left.1.cmp(&right.1)));
        for (_, key) in in_order {
            self.by_id.insert(key);
        }
    }

    pub(crate) fn put(&mut self, listed: Listed) -> Option<Listed> {
        let key = listed.instance.key.clone();
        let status = listed.instance.effective_status();
        let view = self
            .services
            .entry(key.service().clone())
            .or_insert_with(|| Arc::new(ServiceView::new(key.service().clone())));
        let old = Arc::make_mut(view).put(listed, &mut self.chunk_ids);
        self.counts.add(status);
        match &old {
            Some(old) => self.counts.remove(old.instance.effective_status()),
            None => {
                self.by_id.insert(ById(key));
            }
        }
        old
    }

    pub(crate) fn take(&mut self, key: &InstanceKey, at: Revision) -> Option<Listed> {
        let view = self.services.get_mut(key.service())?;
        let old = Arc::make_mut(view).take(key, at, &mut self.chunk_ids)?;
        if view.is_empty() {
            self.services.remove(key.service());
        }
        self.by_id.remove(&ById(key.clone()));
        self.counts.remove(old.instance.effective_status());
        Some(old)
    }
}

/// The first bytes of an id, which order as the ids do where they differ.
fn front(id: &str) -> u128 {
    let mut front = [0; size_of::<u128>()];
    for (to, from) in front.iter_mut().zip(id.bytes()) {
        *to = from;
    }
    u128::from_be_bytes(front)
}

/// A service name to look up by, without an allocation.
struct NameRef<'a>(&'a str);

impl Equivalent<ServiceName> for NameRef<'_> {
    fn equivalent(&self, key: &ServiceName) -> bool {
        self.0.eq_ignore_ascii_case(key.as_str())
    }
}

impl Comparable<ServiceName> for NameRef<'_> {
    fn compare(&self, key: &ServiceName) -> Ordering {
        compare_folded(self.0, key.as_str())
    }
}

/// A key ordered by its id first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ById(InstanceKey);

impl PartialOrd for ById {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ById {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (&self.0, &other.0);
        left.id().cmp(right.id()).then_with(|| left.cmp(right))
    }
}

/// The place before every key with this id.
struct IdRef<'a>(&'a str);

impl Equivalent<ById> for IdRef<'_> {
    fn equivalent(&self, _: &ById) -> bool {
        false
    }
}

impl Comparable<ById> for IdRef<'_> {
    fn compare(&self, key: &ById) -> Ordering {
        self.0.cmp(key.0.id()).then(Ordering::Less)
    }
}
