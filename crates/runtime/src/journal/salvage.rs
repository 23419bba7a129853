//! What can still be read of a damaged journal, and putting it aside.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lubdub_core::WallTime;
use lubdub_core::model::Instance;

use super::record;

/// The file beside the table in which SQLite keeps the newest commits.
const LOG_SUFFIX: &str = "-wal";

/// Renames a file (and the store's log beside it) to one that says what became of it and
/// when; answers the new name.
pub(super) fn put_aside(file: &Path, what: &str, now: WallTime) -> io::Result<PathBuf> {
    let at = jiff::Timestamp::from_millisecond(i64::try_from(now.0).unwrap_or_default()).unwrap_or_default();
    let stamp = at.strftime("%Y%m%dT%H%M%SZ");
    let mut aside = PathBuf::from(format!("{}.{what}-{stamp}", file.display()));
    let mut more = 1;
    while aside.exists() {
        more += 1;
        aside = PathBuf::from(format!("{}.{what}-{stamp}-{more}", file.display()));
    }
    fs::rename(file, &aside)?;
    match fs::rename(beside(file), beside(&aside)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(aside),
    }
}

/// Adds to `known` the instances whose records stand anywhere in a file or the log beside it,
/// whatever its structure: of each the one that was changed last. Instances that had left may
/// be among them; they are not heard from again, and leave with their first deadline.
pub(super) fn scan_into(file: &Path, known: &mut Vec<Arc<Instance>>) -> io::Result<()> {
    let mut newest: BTreeMap<Vec<u8>, Arc<Instance>> = BTreeMap::new();
    for instance in known.drain(..) {
        newest.insert(record::table_key(&instance.key), instance);
    }
    let in_order: Vec<_> = newest.keys().cloned().collect();
    for path in [file.to_owned(), beside(file)] {
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for found in records(&bytes) {
            let key = record::table_key(&found.key);
            // What could be read in order is the newest there is.
            if in_order.binary_search(&key).is_ok() {
                continue;
            }
            let age = |instance: &Instance| (instance.updated_at, instance.registered_at);
            if newest.get(&key).is_none_or(|earlier| age(earlier) <= age(&found)) {
                newest.insert(key, Arc::new(found));
            }
        }
    }
    known.extend(newest.into_values());
    Ok(())
}

/// The instances whose records stand anywhere in these bytes.
pub(crate) fn records(bytes: &[u8]) -> impl Iterator<Item = Instance> {
    let windows = bytes.windows(record::MAGIC.len()).enumerate();
    windows
        .filter(|(_, window)| window == record::MAGIC)
        .filter_map(|(start, _)| record::decode_instance(bytes.get(start..)?).ok())
}

fn beside(file: &Path) -> PathBuf {
    PathBuf::from(format!("{}{LOG_SUFFIX}", file.display()))
}
