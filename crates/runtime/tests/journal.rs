//! What survives a restart, and what happens when the disk misbehaves.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test ends where something is not as it must be"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use lubdub_core::history::HistoryEntry;
use lubdub_core::model::{InstanceKey, Status};
use lubdub_core::{Command, Revision, WallTime};
use lubdub_runtime::journal::{Batch, EmbeddedJournal, Journal, JournalError, Loaded, OpenError, Write};
use lubdub_runtime::{Handle, JournalConfig, JournalState, Runtime, RuntimeConfig, StartError};
use lubdub_testkit::{Scene, provider};

const NOW: WallTime = WallTime(1_790_000_000_000);

fn open(directory: &Path) -> (EmbeddedJournal, Loaded) {
    EmbeddedJournal::open(directory, false, 100, NOW).unwrap()
}

/// Instances as a registry makes them.
fn instances(count: usize) -> Vec<Write> {
    let mut scene = Scene::new();
    for id in 0..count {
        scene.register(provider("orders", &format!("web-{id}")).metadata(&[("zone", "a")]));
    }
    let catalog = scene.registry.catalog();
    catalog
        .service("orders")
        .unwrap()
        .iter()
        .map(|listed| Write::Instance(Arc::clone(&listed.instance)))
        .collect()
}

fn batch(revision: u64, writes: Vec<Write>) -> Batch {
    Batch { revision: Revision(revision), at: NOW, writes }
}

fn file(directory: &Path) -> std::path::PathBuf {
    directory.join("registry.sqlite")
}

/// The files that were put aside, by what their names say.
fn aside(directory: &Path, what: &str) -> usize {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().contains(what) && !name.to_string_lossy().ends_with("-wal"))
        .count()
}

#[test]
fn what_was_written_is_read_back_by_the_next_run() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, loaded) = open(directory.path());
    assert_eq!((loaded.instances.len(), loaded.alive), (0, None));
    let writes = instances(3);
    journal.append(&batch(7, writes.clone())).unwrap();
    let Write::Instance(first) = &writes[0] else { unreachable!("they are instances") };
    journal.append(&batch(NOW.0 * 1_000 + 9, vec![Write::Gone(first.key.clone())])).unwrap();
    drop(journal);
    let (_journal, loaded) = open(directory.path());
    assert_eq!(loaded.instances.len(), 2);
    assert!(writes.contains(&Write::Instance(Arc::clone(&loaded.instances[0]))));
    assert_eq!(
        (loaded.revision, loaded.alive, loaded.damaged),
        (Some(Revision(NOW.0 * 1_000 + 9)), Some(NOW), None)
    );
}

#[test]
fn a_run_that_writes_nothing_does_not_let_the_next_one_begin_before_it() {
    let directory = tempfile::tempdir().unwrap();
    let began = |hours_back: u64| {
        let wall = WallTime(NOW.0 - hours_back * 3_600_000);
        let (_, loaded) = EmbeddedJournal::open(directory.path(), false, 100, wall).unwrap();
        Revision::start(loaded.revision.unwrap_or_default(), wall)
    };
    let begun = [began(0), began(1), began(2)];
    assert!(begun.is_sorted_by(|before, after| before < after), "the clock was set back: {begun:?}");
}

#[test]
fn a_directory_in_use_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let (_journal, _) = open(directory.path());
    for forget in [false, true] {
        let second = EmbeddedJournal::open(directory.path(), forget, 100, NOW);
        assert!(matches!(second, Err(OpenError::InUse(_))), "{second:?}");
    }
    assert_eq!(aside(directory.path(), "forgotten"), 0);
}

#[test]
fn a_directory_that_cannot_be_made_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let blocked = directory.path().join("a file");
    fs::write(&blocked, "in the way").unwrap();
    let refused = EmbeddedJournal::open(&blocked.join("data"), false, 100, NOW);
    assert!(matches!(refused, Err(OpenError::NotWritable { .. })), "{refused:?}");
}

#[test]
fn forgetting_starts_empty_and_keeps_the_old_journal_aside() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(directory.path());
    journal.append(&batch(7, instances(3))).unwrap();
    drop(journal);
    let (_journal, loaded) = EmbeddedJournal::open(directory.path(), true, 100, NOW).unwrap();
    assert_eq!((loaded.instances.len(), aside(directory.path(), "forgotten")), (0, 1));
}

#[test]
fn a_journal_of_a_newer_format_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    drop(open(directory.path()));
    let connection = rusqlite::Connection::open(file(directory.path())).unwrap();
    connection.execute_batch("PRAGMA user_version = 7").unwrap();
    drop(connection);
    let refused = EmbeddedJournal::open(directory.path(), false, 100, NOW);
    assert!(matches!(refused, Err(OpenError::NewerFormat { found: 7, .. })), "{refused:?}");
    assert_eq!(aside(directory.path(), "damaged"), 0);
}

#[test]
fn a_flipped_bit_costs_one_record_and_the_rest_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(directory.path());
    journal.append(&batch(7, instances(50))).unwrap();
    drop(journal);
    let path = file(directory.path());
    let mut bytes = fs::read(&path).unwrap();
    // In the middle of the name of one instance's host.
    let place = bytes.windows(8).rposition(|window| window == b"10.0.0.1").unwrap();
    bytes[place + 3] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (journal, loaded) = open(directory.path());
    assert_eq!(loaded.instances.len(), 49);
    assert!(loaded.damaged.is_some_and(|said| said.contains("49 instances could be read")));
    assert_eq!(aside(directory.path(), "damaged"), 1);
    drop(journal);
    let (_journal, loaded) = open(directory.path());
    assert_eq!((loaded.instances.len(), loaded.damaged), (49, None), "what was read was written anew");
}

/// Where something stands in a file.
type Place = fn(&[u8]) -> Option<usize>;

/// A damaged number of a record's format was taken for a later version's, and of the file's own
/// for a file that cannot be opened: the registry did not start. Without a number it started empty.
#[test]
fn a_damaged_number_of_a_format_keeps_no_registry_from_starting() {
    let of_a_record =
        |bytes: &[u8]| bytes.windows(3).rposition(|window| window == b"LDB").map(|place| place + 3);
    let (written, schema, own) = (|_: &[u8]| Some(18), |_: &[u8]| Some(47), |_: &[u8]| Some(63));
    let places: [(Place, u8, usize); 4] =
        [(of_a_record, 0x40, 49), (written, 0x40, 50), (schema, 0x80, 50), (own, 1, 50)];
    for (place, bit, at_least) in places {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, _) = open(directory.path());
        journal.append(&batch(7, instances(50))).unwrap();
        drop(journal);
        let path = file(directory.path());
        let mut bytes = fs::read(&path).unwrap();
        let place = place(&bytes).unwrap();
        bytes[place] ^= bit;
        fs::write(&path, bytes).unwrap();
        let (_journal, loaded) = open(directory.path());
        assert!(loaded.damaged.is_some(), "{place}");
        assert!(loaded.instances.len() >= at_least, "{place}: {}", loaded.instances.len());
    }
}

#[test]
fn a_journal_without_structure_is_read_as_far_as_its_records_stand() {
    for damage in [overwrite_head, cut_the_end, empty] {
        let directory = tempfile::tempdir().unwrap();
        let (mut journal, _) = open(directory.path());
        for part in instances(500).chunks(50) {
            journal.append(&batch(7, part.to_vec())).unwrap();
        }
        drop(journal);
        let at_least = damage(&file(directory.path()));
        let (_journal, loaded) = open(directory.path());
        assert!(loaded.damaged.is_some());
        assert!((at_least..=500).contains(&loaded.instances.len()), "{}", loaded.instances.len());
        assert_eq!(aside(directory.path(), "damaged"), 1);
    }
}

/// Each answers how many of 500 instances must still be found.
fn overwrite_head(path: &Path) -> usize {
    let mut bytes = fs::read(path).unwrap();
    bytes[..100].fill(0xa5);
    fs::write(path, bytes).unwrap();
    500
}

fn cut_the_end(path: &Path) -> usize {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    150
}

fn empty(path: &Path) -> usize {
    fs::write(path, "").unwrap();
    0
}

#[test]
fn of_the_history_only_the_newest_entries_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1"));
    let entry = scene.registry.snapshot().history.of(&InstanceKey::new("orders", "web-1")).remove(0);
    let (mut journal, _) = open(directory.path());
    for revision in 1..=250 {
        let entry = HistoryEntry { revision: Revision(revision), ..entry.clone() };
        journal.append(&batch(revision, vec![Write::History(Box::new(entry))])).unwrap();
    }
    drop(journal);
    let (_journal, loaded) = open(directory.path());
    let kept: Vec<_> = loaded.history.iter().map(|entry| entry.revision.0).collect();
    assert_eq!(kept, (151..=250).collect::<Vec<_>>());
}

/// A disk of the test's own: it answers each batch as it is told to.
struct ToldDisk {
    answers: Receiver<Result<(), JournalError>>,
    batches: Sender<Batch>,
}

impl Journal for ToldDisk {
    fn append(&mut self, batch: &Batch) -> Result<(), JournalError> {
        // The test may have ended and not care any more.
        let _ = self.batches.send(batch.clone());
        self.answers.recv().unwrap_or(Ok(()))
    }
}

fn on_told_disk(patience: Duration) -> (Runtime, Sender<Result<(), JournalError>>, Receiver<Batch>) {
    let (answer, answers) = channel();
    let (batches, written) = channel();
    let disk = Box::new(ToldDisk { answers, batches });
    let runtime = Runtime::start_with(RuntimeConfig::default(), disk, Loaded::default(), patience).unwrap();
    (runtime, answer, written)
}

async fn register(handle: &Handle, id: &str) -> Revision {
    handle.submit(provider("orders", id).command(), operator()).await.unwrap()
}

fn operator() -> lubdub_core::Sender {
    lubdub_core::Sender { face: "rest", ..lubdub_core::Sender::default() }
}

/// Waits until something holds; the test runner bounds how long.
async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn a_registration_is_answered_and_visible_once_durable_and_not_before() {
    let (runtime, answer, written) = on_told_disk(Duration::from_secs(3_600));
    let handle = runtime.handle();
    let mut pending = tokio::spawn({
        let handle = handle.clone();
        async move { register(&handle, "web-1").await }
    });
    let written = tokio::task::spawn_blocking(move || written.recv().unwrap()).await.unwrap();
    assert!(matches!(written.writes[0], Write::Instance(_)));
    assert!(handle.view("orders").is_none(), "not visible before it is durable");
    assert!(tokio::time::timeout(Duration::from_millis(20), &mut pending).await.is_err());
    answer.send(Ok(())).unwrap();
    let revision = pending.await.unwrap();
    assert!(revision >= written.revision);
    assert_eq!(handle.catalog().revision(), revision);
    assert!(handle.view("orders").is_some());
    drop(answer);
}

#[tokio::test]
async fn a_disk_that_hangs_is_given_up_loudly_and_gets_everything_when_it_answers() {
    let (runtime, answer, written) = on_told_disk(Duration::from_millis(30));
    let handle = runtime.handle();
    register(&handle, "web-1").await;
    let JournalState::Unavailable { unwritten, .. } = handle.condition().journal else {
        panic!("{:?}", handle.condition())
    };
    assert_eq!(unwritten, 1);
    register(&handle, "web-2").await;
    handle
        .submit(Command::Deregister { key: InstanceKey::new("orders", "web-1") }, operator())
        .await
        .unwrap();
    drop(answer);
    until(|| handle.condition().journal == JournalState::Durable).await;
    let batches: Vec<_> = written.try_iter().collect();
    // The first batch told what happened, too; one that mends tells only what is.
    let is_history = |write: &Write| matches!(write, Write::History(_));
    let mends = |batch: &&Batch| batch.writes.len() == 2 && !batch.writes.iter().any(is_history);
    let mended = batches.iter().find(mends).expect("one batch mends");
    assert!(mended.writes.iter().any(|write| matches!(write, Write::Gone(key) if key.id() == "web-1")));
    assert!(
        mended
            .writes
            .iter()
            .any(|write| matches!(write, Write::Instance(instance) if instance.key.id() == "web-2"))
    );
    runtime.stop();
}

#[tokio::test]
async fn a_full_disk_loses_nothing_that_is_in_memory_and_recovers_by_itself() {
    let (runtime, answer, _written) = on_told_disk(Duration::from_secs(60));
    let handle = runtime.handle();
    answer.send(Err(JournalError("database or disk is full".into()))).unwrap();
    register(&handle, "web-1").await;
    let JournalState::Unavailable { reason, .. } = handle.condition().journal else {
        panic!("{:?}", handle.condition())
    };
    assert_eq!(reason, "database or disk is full");
    assert!(handle.view("orders").is_some());
    answer.send(Ok(())).unwrap();
    until(|| handle.condition().journal == JournalState::Durable).await;
    drop(answer);
    runtime.stop();
}

#[tokio::test]
async fn a_restart_brings_everything_back_with_later_revisions() {
    let directory = tempfile::tempdir().unwrap();
    let config =
        || RuntimeConfig { journal: JournalConfig::directory(directory.path()), ..RuntimeConfig::default() };
    let runtime = Runtime::start(config()).unwrap();
    let handle = runtime.handle();
    assert_eq!(handle.condition().restored, None);
    register(&handle, "web-1").await;
    let key = InstanceKey::new("orders", "web-1");
    let command = Command::SetOverride { key: key.clone(), status: Status::OutOfService, precedence: None };
    let last = handle.submit(command, operator()).await.unwrap();
    let before = handle.history(&key);
    runtime.stop();

    let runtime = Runtime::start(config()).unwrap();
    let handle = runtime.handle();
    let restored = handle.condition().restored.expect("there was an earlier run");
    assert_eq!((restored.instances, restored.services), (1, 1));
    assert!(handle.catalog().revision() > last, "no index goes back");
    let view = handle.view("orders").unwrap();
    let listed = view.get("web-1", "").unwrap();
    assert_eq!(listed.instance.status, Status::OutOfService);
    assert!(listed.leases[0].read().unconfirmed());
    let causes = |history: &[HistoryEntry]| {
        history.iter().map(|entry| (entry.revision, entry.cause.clone(), entry.status)).collect::<Vec<_>>()
    };
    assert_eq!(causes(&handle.history(&key)), causes(&before), "why survives");
    runtime.stop();
}

#[test]
fn a_runtime_on_a_directory_in_use_does_not_start() {
    let directory = tempfile::tempdir().unwrap();
    let config =
        || RuntimeConfig { journal: JournalConfig::directory(directory.path()), ..RuntimeConfig::default() };
    let first = Runtime::start(config()).unwrap();
    assert!(matches!(Runtime::start(config()), Err(StartError::Journal(OpenError::InUse(_)))));
    first.stop();
    Runtime::start(config()).unwrap().stop();
}

/// What was read before the damage was found had been told to the registry already.
#[test]
fn a_registry_that_finds_damage_while_it_restores_has_each_instance_once() {
    let directory = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(directory.path());
    journal.append(&batch(7, instances(500))).unwrap();
    drop(journal);
    let mut bytes = fs::read(file(directory.path())).unwrap();
    let late = b"web-9";
    let at = bytes.windows(late.len()).rposition(|window| window == late).unwrap();
    bytes[at] ^= 1;
    fs::write(file(directory.path()), bytes).unwrap();
    let journal = JournalConfig::directory(directory.path());
    let runtime = Runtime::start(RuntimeConfig { journal, ..RuntimeConfig::default() }).unwrap();
    let restored = runtime.handle().condition().restored.unwrap();
    assert!(restored.damaged.is_some());
    assert!((498..500).contains(&restored.instances), "{} were read", restored.instances);
    assert_eq!(runtime.handle().catalog().counts().total(), restored.instances);
}
