//! Reading a journal while what was read is restored already, and while the file is checked.
//!
//! Three threads: one reads and decodes, one checks the structure of the file, and the caller's
//! takes what was read. Nothing counts until all of it is found whole: where anything is not, the
//! journal is read again, one step after the other, and what was told is taken back.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use lubdub_core::Revision;
use lubdub_core::model::Instance;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, OpenFlags};

use super::batch::Loaded;
use super::loading::{self, FORMAT, Row};

/// What of a journal is told while it is read.
#[derive(Debug)]
pub(crate) enum Part {
    /// Reading begins, after this revision; what was told before does not count any more.
    Begin {
        /// As [`Loaded::revision`].
        revision: Option<Revision>,
    },
    /// Instances, mostly in the order of their keys.
    Instances(Vec<Instance>),
}

/// How many instances are told at once: so many that handing them over costs little, and so few
/// that the allocator has the place of the ones before at hand.
const AT_ONCE: usize = 64;
/// How many times so many may have been read and not yet taken.
const AHEAD: usize = 64;

/// Tells the instances of a file and answers the rest of it; none where anything is not as it
/// should be, whatever that is.
pub(super) fn stream(
    mut connection: Connection,
    file: &Path,
    tell: &mut dyn FnMut(Part),
) -> (Connection, Option<Loaded>) {
    if !matches!(loading::format(&connection), Ok(FORMAT)) || !is_all_in_one(&connection) {
        return (connection, None);
    }
    let loaded = thread::scope(|scope| {
        let named = |name: &str| thread::Builder::new().name(name.into());
        let check = named("lubdub-check").spawn_scoped(scope, || is_whole(file)).ok()?;
        let (parts, told) = sync_channel(AHEAD);
        let connection = &mut connection;
        let read = named("lubdub-read").spawn_scoped(scope, move || read(connection, &parts)).ok()?;
        for part in told {
            tell(part);
        }
        let loaded = read.join().ok()??;
        check.join().ok()?.then_some(loaded)
    });
    (connection, loaded)
}

/// Writes what stands in the log to its place in the file, so that another connection finds all of it
/// there. The log is left as it is.
fn is_all_in_one(connection: &Connection) -> bool {
    let told = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    matches!(told, Ok((0, in_log, written)) if in_log == written)
}

/// Nobody writes while the file is read, and the first connection keeps everybody else out: so a
/// second one needs no lock, and would get none.
fn is_whole(file: &Path) -> bool {
    const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');
    let path = percent_encode(file.as_os_str().as_encoded_bytes(), PLAIN);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(format!("file:{path}?immutable=1"), flags);
    matches!(opened.and_then(|connection| loading::wrong(&connection)), Ok(None))
}

fn read(connection: &Connection, parts: &SyncSender<Part>) -> Option<Loaded> {
    let mut loaded = Loaded::default();
    loading::meta(connection, &mut loaded).ok()?;
    parts.send(Part::Begin { revision: loaded.revision }).ok()?;
    let mut some = Vec::with_capacity(AT_ONCE);
    let mut all = true;
    let done = loading::instances(connection, |row| match row {
        Row::Whole(instance) if all => {
            some.push(instance);
            if some.len() == AT_ONCE {
                let full = std::mem::replace(&mut some, Vec::with_capacity(AT_ONCE));
                all = parts.send(Part::Instances(full)).is_ok();
            }
        }
        _ => all = false,
    });
    parts.send(Part::Instances(some)).ok()?;
    let unreadable = loading::history(connection, &mut loaded).ok()?;
    (done.is_ok() && all && unreadable == 0).then_some(loaded)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use lubdub_core::WallTime;
    use lubdub_testkit::{Scene, provider};

    use super::*;
    use crate::journal::{Batch, EmbeddedJournal, Journal as _, Write};

    const REVISION: Revision = Revision(1 << 40);

    /// A journal with so many instances, in a directory whose name means much to others.
    fn written(instances: usize) -> (tempfile::TempDir, std::path::PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("a?mode=memory#b%41 \u{e4}");
        let mut scene = Scene::new();
        for id in 0..instances {
            scene.register(provider("orders", &format!("web-{id:04}")));
        }
        let listed = scene.registry.catalog().service("orders").unwrap().iter();
        let writes = listed.map(|row| Write::Instance(Arc::clone(&row.instance))).collect();
        let (mut journal, _) = EmbeddedJournal::open(&inner, false, 100, WallTime(1)).unwrap();
        // Beyond where a run begins.
        journal.append(&Batch { revision: REVISION, at: WallTime(1), writes }).unwrap();
        drop(journal);
        (directory, inner.join("registry.sqlite"))
    }

    #[test]
    fn a_file_is_checked_and_told_whatever_its_name_is() {
        let (_directory, file) = written(1_000);
        let mut told = 0;
        let connection = Connection::open(&file).unwrap();
        let (_, loaded) = stream(connection, &file, &mut |part| match part {
            Part::Begin { revision } => assert_eq!(revision, Some(REVISION)),
            Part::Instances(instances) => told += instances.len(),
        });
        assert_eq!((told, loaded.unwrap().alive), (1_000, Some(WallTime(1))));
    }

    #[test]
    fn a_page_that_says_it_holds_less_is_noticed() {
        let (_directory, file) = written(1_000);
        let mut bytes = fs::read(&file).unwrap();
        // A leaf of an index begins with a 10; at 3 is the number of what it holds.
        let leaf = bytes.chunks_mut(4_096).skip(1).find(|page| page[0] == 10 && page[4] > 2).unwrap();
        leaf[4] -= 1;
        fs::write(&file, bytes).unwrap();
        let (_, loaded) = stream(Connection::open(&file).unwrap(), &file, &mut |_| ());
        assert!(loaded.is_none());
    }

    /// The system's locks end when any descriptor of the file is closed: that of the second
    /// connection must not take the lock with it.
    #[test]
    #[cfg(target_os = "linux")]
    fn who_reads_keeps_everybody_else_out() {
        use std::os::unix::fs::MetadataExt as _;

        let (_directory, file) = written(10);
        let directory = file.parent().unwrap();
        let (_journal, loaded) = EmbeddedJournal::open(directory, false, 100, WallTime(1)).unwrap();
        assert_eq!(loaded.instances.len(), 10);
        let held = format!(":{} ", fs::metadata(&file).unwrap().ino());
        let own = format!(" {} ", std::process::id());
        let locks = fs::read_to_string("/proc/locks").unwrap();
        assert!(locks.lines().any(|lock| lock.contains(&held) && lock.contains(&own)), "{locks}");
    }
}
