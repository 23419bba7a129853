//! What changed lately, in runs that are kept while they do not change.
//!
//! A delta may hold the whole registry (after a start, when all have registered lately), and is
//! another one after each change. So that a change does not cost rendering all of it again, it
//! is cut into runs that are named by their content: an entry that moves to the end changes the
//! run that it left and the last one.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use lubdub_core::delta::{Action, Delta, DeltaEntry};
use lubdub_core::model::ServiceName;
use lubdub_core::view::CHUNK_SIZE;
use lubdub_core::{Moment, WallTime};
use lubdub_runtime::render::{Coding, Fragment, FragmentKey, Renderer};

use super::form::{Edges, Form};
use super::fragment::run;

/// The most entries of a run.
const LONGEST: usize = 4 * CHUNK_SIZE;

/// The delta's applications, by name; the entries of each in the order of their changes.
pub(super) fn delta_runs(
    renderer: &Renderer,
    delta: &Delta,
    form: Form,
    coding: Coding,
    now: Moment,
) -> Vec<Fragment> {
    let mut fragments = Vec::new();
    for (service, entries) in by_service(delta) {
        let mut rest = entries.as_slice();
        let mut opens = true;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(length_of_first(rest));
            rest = after;
            let edges = Edges { first_of_all: fragments.is_empty(), opens, closes: rest.is_empty() };
            opens = false;
            let source = renderer.content(&Content { service, part });
            let key = FragmentKey { source, form: form.number(edges) };
            let rendered = renderer.fragments(key, coding, || {
                let instances = part.iter().map(|entry| (&entry.listed, left_at(entry)));
                vec![Fragment::plain(run(service.as_str(), instances, form, edges, now))]
            });
            fragments.extend(rendered.iter().cloned());
        }
    }
    fragments
}

fn by_service(delta: &Delta) -> Vec<(&ServiceName, Vec<&DeltaEntry>)> {
    let mut places: HashMap<&ServiceName, usize> = HashMap::new();
    let mut services: Vec<(&ServiceName, Vec<&DeltaEntry>)> = Vec::new();
    for entry in delta.iter() {
        let service = entry.listed.instance.key.service();
        let place = *places.entry(service).or_insert(services.len());
        match services.get_mut(place) {
            Some((_, entries)) => entries.push(entry),
            None => services.push((service, vec![&**entry])),
        }
    }
    services.sort_unstable_by_key(|(service, _)| *service);
    services
}

/// How many entries the first run has: up to one that ends a run. Entries do so by themselves,
/// about every sixty-fourth, so that one that comes or goes elsewhere moves no end.
fn length_of_first(entries: &[&DeltaEntry]) -> usize {
    let most = entries.len().min(LONGEST);
    let end = entries.iter().take(most).position(|entry| ends_run(entry.listed.instance.key.id()));
    end.map_or(most, |place| place + 1)
}

fn ends_run(id: &str) -> bool {
    crc32fast::hash(id.as_bytes()).is_multiple_of(CHUNK_SIZE as u32)
}

fn left_at(entry: &DeltaEntry) -> Option<WallTime> {
    (entry.listed.action == Action::Deleted).then_some(entry.at.wall)
}

/// What tells a run's content apart: an instance as of one revision is always the same.
struct Content<'a> {
    service: &'a ServiceName,
    part: &'a [&'a DeltaEntry],
}

impl Hash for Content<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.service.as_str().hash(state);
        for entry in self.part {
            let (listed, key) = (&entry.listed, &entry.listed.instance.key);
            (key.id(), key.node()).hash(state);
            (listed.modified, entry.at.tick, listed.action, listed.instance.generation).hash(state);
        }
        self.part.len().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_one_in_sixty_four_ends_a_run() {
        let ends = (0..64_000).filter(|number| ends_run(&format!("host-{number}.shop.local:orders:8080")));
        let count = ends.count();
        assert!((800..1_200).contains(&count), "{count}");
    }
}
