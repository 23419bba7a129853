//! [`Gathering`]: the lists of a catalog, made of instances that come in order.

use std::sync::Arc;

use imbl::OrdMap;

use super::catalog::Catalog;
use super::chunk::{CHUNK_SIZE, Chunk, ChunkId, Listed};
use super::marks::Marks;
use super::service::{STAYS_BEHIND, ServiceView, next};
use crate::model::{InstanceKey, ServiceName, StatusCounts};
use crate::revision::Revision;

/// The lists of a catalog, made of instances that come ordered by service, id and node. They
/// become the same as if each had been put into the catalog by itself.
#[derive(Debug)]
pub(crate) struct Gathering {
    services: OrdMap<ServiceName, Arc<ServiceView>>,
    /// The service that grows, and its chunk that does.
    open: Option<Open>,
    rows: Vec<Listed>,
    keys: Vec<InstanceKey>,
    counts: StatusCounts,
    ids: ChunkId,
}

#[derive(Debug)]
struct Open {
    name: ServiceName,
    modified: Revision,
    chunks: Vec<Arc<Chunk>>,
    counts: StatusCounts,
    marks: Marks,
}

impl Gathering {
    /// Of nothing, for this catalog.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        Self {
            services: OrdMap::new(),
            open: None,
            rows: Vec::new(),
            keys: Vec::new(),
            counts: StatusCounts::default(),
            ids: catalog.last_chunk_id(),
        }
    }

    /// Whether nothing was pushed.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a key comes after all that were pushed.
    pub(crate) fn is_next(&self, key: &InstanceKey) -> bool {
        self.keys.last().is_none_or(|last| {
            if last.service().is_same(key.service()) {
                last.compare_within_service(key.id(), key.node()).is_lt()
            } else {
                last < key
            }
        })
    }

    /// The form in which the service's name came first.
    pub(crate) fn spelling(&self, service: &ServiceName) -> ServiceName {
        let open = self.open.as_ref().map(|open| &open.name);
        open.filter(|open| open.is_same(service) || *open == service).unwrap_or(service).clone()
    }

    /// Adds what [is next](Self::is_next), its service in its [spelling](Self::spelling).
    pub(crate) fn push(&mut self, listed: Listed) {
        let key = &listed.instance.key;
        if self.open.as_ref().is_some_and(|open| !open.name.is_same(key.service())) {
            self.close();
        }
        self.keys.push(key.clone());
        let open = self.open.get_or_insert_with(|| Open {
            name: key.service().clone(),
            modified: Revision::ZERO,
            chunks: Vec::new(),
            counts: StatusCounts::default(),
            marks: Marks::default(),
        });
        open.modified = listed.modified;
        open.counts.add(listed.instance.effective_status());
        open.marks.add(&listed.instance);
        self.rows.push(listed);
        if self.rows.len() > CHUNK_SIZE {
            open.take(self.rows.drain(..STAYS_BEHIND), &mut self.ids);
        }
    }

    /// Lists all of it in its catalog, which is empty.
    pub(crate) fn put_into(mut self, catalog: &mut Catalog) {
        self.close();
        catalog.fill(self.services, self.keys, self.counts, self.ids);
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.take() else { return };
        open.take(self.rows.drain(..), &mut self.ids);
        let Open { name, modified, chunks, counts, marks } = open;
        let view = Arc::new(ServiceView::of(name.clone(), modified, chunks, counts, marks));
        self.counts.add_all(view.counts());
        self.services.insert(name, view);
    }
}

impl Open {
    fn take(&mut self, rows: impl Iterator<Item = Listed>, ids: &mut ChunkId) {
        self.chunks.push(Arc::new(Chunk::new(next(ids), rows.collect())));
    }
}
