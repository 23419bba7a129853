//! [`Known`]: what a watch told of one service. Pure.

use std::collections::BTreeMap;

use lubdub_proto::v1::watch_response::What;
use lubdub_proto::v1::{Change, Instance, InstanceKey};

use super::convert;
use crate::availability::Availability;
use crate::endpoint::Listed;

/// By id and node.
type Instances = BTreeMap<(String, String), Listed>;

/// The instances of one service, up to a revision.
#[derive(Debug)]
pub(super) struct Known {
    service: String,
    revision: u64,
    instances: Instances,
    /// Of a snapshot that is still being told.
    coming: Instances,
}

impl Known {
    /// Nothing yet.
    pub(super) fn nothing(service: &str) -> Self {
        let service = service.to_owned();
        Self { service, revision: 0, instances: Instances::new(), coming: Instances::new() }
    }

    /// Up to where everything is known; 0 before the first snapshot.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// All instances.
    pub(super) fn listing(&self) -> Vec<Listed> {
        self.instances.values().cloned().collect()
    }

    /// Takes what a watch tells; what is to be passed on, be it that all is as it was.
    ///
    /// Who left is told once more, as unavailable: so it is a word about that instance. Of a service of
    /// which none is listed any more, a consumer would have to think that the registry forgot them.
    pub(super) fn hear(&mut self, told: What) -> Option<Vec<Listed>> {
        match told {
            What::Snapshot(part) => {
                if part.first {
                    self.coming.clear();
                }
                self.coming.extend(part.instances.iter().filter_map(|one| entry(&self.service, one)));
                if part.last {
                    self.instances = std::mem::take(&mut self.coming);
                    self.revision = part.revision;
                }
                part.last.then(|| self.listing())
            }
            What::Changes(told) => {
                // What a look-up told before is not undone by what is older.
                let newer = told.changes.into_iter().filter(|change| change.revision > self.revision);
                let newer: Vec<_> = newer.collect();
                let left: Vec<_> = newer.into_iter().filter_map(|change| self.apply(change)).collect();
                self.revision = self.revision.max(told.revision);
                let mut all = self.listing();
                all.extend(left);
                Some(all)
            }
        }
    }

    /// Applies a change; who left by it.
    fn apply(&mut self, change: Change) -> Option<Listed> {
        let place = place(change.key?);
        if let Some(listed) = change.instance.as_ref().and_then(|one| convert::listed(&self.service, one)) {
            self.instances.insert(place, listed);
            return None;
        }
        let left = self.instances.remove(&place)?;
        Some(Listed { availability: Availability::Unavailable, ..left })
    }

    /// Takes what a look-up told, as of a revision where there is one.
    pub(super) fn replace(&mut self, revision: Option<u64>, instances: &[Instance]) {
        self.instances = instances.iter().filter_map(|one| entry(&self.service, one)).collect();
        self.revision = revision.unwrap_or(self.revision);
    }
}

fn place(key: InstanceKey) -> (String, String) {
    (key.id, key.node)
}

fn entry(service: &str, told: &Instance) -> Option<((String, String), Listed)> {
    Some((place(told.key.clone()?), convert::listed(service, told)?))
}

#[cfg(test)]
mod tests {
    use lubdub_proto::v1::{Address, Changes, SnapshotPart, Status};

    use super::*;

    fn instance(id: &str, port: u32) -> Instance {
        Instance {
            key: Some(InstanceKey { service: "orders".to_owned(), id: id.to_owned(), node: String::new() }),
            address: Some(Address { host: "a".to_owned(), port, secure_port: 0 }),
            status: Status::Up.into(),
            ..Instance::default()
        }
    }

    fn part(revision: u64, first: bool, last: bool, ids: &[&str]) -> What {
        let instances = ids.iter().map(|id| instance(id, 1)).collect();
        What::Snapshot(SnapshotPart { revision, first, last, instances })
    }

    fn changes(revision: u64, changes: Vec<Change>) -> What {
        What::Changes(Changes { revision, changes })
    }

    fn joined(revision: u64, id: &str, port: u32) -> Change {
        let instance = instance(id, port);
        Change { key: instance.key.clone(), instance: Some(instance), revision, ..Change::default() }
    }

    fn left(revision: u64, id: &str) -> Change {
        Change { instance: None, ..joined(revision, id, 1) }
    }

    fn told(known: &Known) -> Vec<(String, u16)> {
        known.listing().into_iter().map(|one| (one.instance.id, one.instance.port)).collect()
    }

    fn at(pairs: &[(&str, u16)]) -> Vec<(String, u16)> {
        pairs.iter().map(|(id, port)| ((*id).to_owned(), *port)).collect()
    }

    #[test]
    fn a_snapshot_counts_when_it_is_whole() {
        let mut known = Known::nothing("orders");
        assert!(known.hear(part(7, true, false, &["a"])).is_none());
        assert_eq!((known.revision(), told(&known)), (0, at(&[])));
        let whole = known.hear(part(7, false, true, &["b"]));
        assert_eq!(whole, Some(known.listing()));
        assert_eq!((known.revision(), told(&known)), (7, at(&[("a", 1), ("b", 1)])));
        // One that broke off in the middle is void with the next.
        assert!(known.hear(part(8, true, false, &["c"])).is_none());
        assert!(known.hear(part(9, true, true, &["d"])).is_some());
        assert_eq!((known.revision(), told(&known)), (9, at(&[("d", 1)])));
    }

    #[test]
    fn changes_are_applied_and_none_tell_that_the_registry_is_there() {
        let mut known = Known::nothing("orders");
        known.hear(part(7, true, true, &["a", "b"]));
        let all = known.hear(changes(9, vec![joined(8, "b", 2), left(9, "a"), joined(9, "c", 3)])).unwrap();
        // Who left is told so, once.
        let mut ids = all.iter().map(|one| (one.instance.id.as_str(), one.availability.is_available()));
        assert!(ids.by_ref().eq([("b", true), ("c", true), ("a", false)]));
        assert_eq!((known.revision(), told(&known)), (9, at(&[("b", 2), ("c", 3)])));
        let same = known.hear(changes(20, vec![]));
        assert_eq!(same, Some(known.listing()));
        assert_eq!((known.revision(), known.listing().len()), (20, 2));
    }

    #[test]
    fn what_a_look_up_told_is_not_undone_by_what_is_older() {
        let mut known = Known::nothing("orders");
        known.hear(part(7, true, true, &["a"]));
        known.replace(Some(10), &[instance("b", 1)]);
        known.hear(changes(9, vec![joined(9, "a", 1), left(8, "b")]));
        assert_eq!((known.revision(), told(&known)), (10, at(&[("b", 1)])));
        // Of a service that is gone there is no revision.
        known.replace(None, &[]);
        assert_eq!((known.revision(), told(&known)), (10, at(&[])));
    }
}
