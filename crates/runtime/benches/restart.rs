//! How long a registry takes from its start until it is ready, after it was killed with many
//! instances in its journal; beside what the same file costs SQLite alone.
//!
//! Run it with `cargo xtask bench`, or with another number of instances:
//! `cargo bench -p lubdub-runtime --bench restart -- 200000`. The file is still in the system's cache
//! when it is read. Each start is a process of its own, which kills itself when it is ready, so that no
//! start finds a journal that was closed or memory that was used before. Quote the ratio; on a machine that
//! others use, too, the processor time of all threads together.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::env::{args, current_exe};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio, exit};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lubdub_core::history::HistoryEntry;
use lubdub_core::model::{
    Address, Check, Generation, Instance, InstanceKey, Metadata, Origin, Precedence, Profile, Status,
};
use lubdub_core::{Cause, Revision, Sender, WallTime};
use lubdub_runtime::journal::{Batch, EmbeddedJournal, Journal as _, Write};
use lubdub_runtime::{JournalConfig, Runtime, RuntimeConfig};
use rusqlite::Connection;
use rustix::process::{Signal, getpid, kill_process};
use rustix::time::{ClockId, clock_gettime};

// As the program that is shipped.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const NOW: WallTime = WallTime(1_790_000_000_000);
const ROUNDS: usize = 5;
/// How many history entries a journal keeps.
const HISTORY: usize = 16_384;
/// As much as Eureka's face keeps of an instance.
const ORIGIN: usize = 160;
/// How many instances are written with one commit.
const BATCH: usize = 10_000;

/// Ten instances a service, each on its own host, with ten metadata entries.
fn instance(number: usize, alike: bool) -> Instance {
    let service = format!("SERVICE-{}", number / 10);
    let host = format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255);
    let chosen = if alike { number / 10 } else { number.wrapping_mul(0x9e37_79b9) };
    let metadata: [_; 10] =
        std::array::from_fn(|entry| (format!("key-{entry}"), format!("value-{}", chosen >> (2 * entry) & 3)));
    let profile = Profile {
        zone: Some(format!("zone-{}", number / 10 % 3).into()),
        metadata: Metadata::new(metadata),
        origin: Some(Origin { face: "eureka".into(), version: 1, bytes: vec![b'x'; ORIGIN].into() }),
        ..Profile::default()
    };
    Instance {
        key: InstanceKey::new(&service, &format!("{host}:{service}:8080")),
        generation: Generation(1),
        address: Address { host: host.into(), port: Some(8080), secure_port: None },
        profile: Arc::new(profile),
        reported: Status::Up,
        status: Status::Up,
        status_override: None,
        ask_again: false,
        precedence: Some(Precedence(NOW.0)),
        held: false,
        damped: false,
        checks: [Check::heartbeat(Duration::from_secs(90), Duration::from_secs(30))].into(),
        registered_at: NOW,
        up_at: Some(NOW),
        updated_at: NOW,
    }
}

fn joined(instance: &Instance) -> HistoryEntry {
    HistoryEntry {
        revision: Revision(1),
        at: NOW,
        key: instance.key.clone(),
        cause: Cause::Joined(Sender { face: "eureka", ..Sender::default() }),
        status: Some(Status::Up),
        address: Some(instance.address.clone()),
    }
}

/// Fills a journal, and is killed.
fn write(directory: &Path, instances: usize, alike: bool) -> ! {
    let (mut journal, _) = EmbeddedJournal::open(directory, false, HISTORY, NOW).expect("a new directory");
    for first in (0..instances).step_by(BATCH) {
        let mut writes = Vec::new();
        for number in first..instances.min(first + BATCH) {
            let instance = instance(number, alike);
            if number + HISTORY >= instances {
                writes.push(Write::History(Box::new(joined(&instance))));
            }
            writes.push(Write::Instance(Arc::new(instance)));
        }
        journal.append(&Batch { revision: Revision(1), at: NOW, writes }).expect("the disk takes it");
    }
    die()
}

/// Starts a registry and tells the seconds until it is ready, and what is there; then is killed.
fn start(directory: &Path) -> ! {
    let journal = JournalConfig::directory(directory);
    let began = Instant::now();
    let runtime = Runtime::start(RuntimeConfig { journal, ..RuntimeConfig::default() }).expect("it starts");
    let seconds = began.elapsed().as_secs_f64();
    let processor = clock_gettime(ClockId::ProcessCPUTime);
    let processor = processor.tv_sec as f64 + processor.tv_nsec as f64 / 1e9;
    let listed = runtime.handle().catalog().counts().total();
    println!("{seconds} {processor} {listed}");
    die()
}

fn die() -> ! {
    // What is not told now, nobody hears.
    drop(std::io::stdout().flush());
    let _ = kill_process(getpid(), Signal::KILL);
    exit(1)
}

/// What this program says when it is run with these arguments.
fn child(arguments: &[&str]) -> String {
    let own = current_exe().expect("the system knows what runs");
    let mut command = Command::new(own);
    let told = command.args(arguments).stderr(Stdio::inherit()).output().expect("it runs again");
    String::from_utf8(told.stdout).expect("numbers are text")
}

/// Every row, read in order and looked at no further; and the store's own check.
fn plainly(directory: &Path) -> (f64, f64) {
    let connection = Connection::open(directory.join("registry.sqlite")).expect("nobody has it open");
    let began = Instant::now();
    let mut statement = connection.prepare("SELECT key, record FROM instances").expect("there is a table");
    let mut rows = statement.query(()).expect("it is read");
    let mut bytes = 0;
    while let Some(row) = rows.next().expect("it is whole") {
        bytes += row.get_ref(1).expect("there are two").as_blob().expect("of bytes").len();
    }
    assert!(bytes > 0, "there is something to read");
    let read = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let whole: String =
        connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0)).expect("it is checked");
    assert_eq!(whole, "ok");
    (read, began.elapsed().as_secs_f64())
}

fn median(mut figures: Vec<f64>) -> (f64, f64, f64) {
    figures.sort_by(f64::total_cmp);
    let at = |place: usize| figures.get(place).copied().unwrap_or_default();
    (at(figures.len() / 2), at(0), at(figures.len().saturating_sub(1)))
}

fn measure(instances: usize, alike: bool) {
    let directory = tempfile::tempdir().expect("there is room for it");
    let path = directory.path().to_str().expect("a temporary directory has a plain name");
    let alike_word = if alike { "alike" } else { "different" };
    child(&["write", path, &instances.to_string(), alike_word]);
    let (mut ready, mut processor) = (Vec::new(), Vec::new());
    let (mut reading, mut checking) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let told = child(&["start", path]);
        let mut words = told.split_whitespace();
        let mut next = || words.next().and_then(|word| word.parse::<f64>().ok()).unwrap_or_default();
        ready.push(next());
        processor.push(next());
        assert!((next() - instances as f64).abs() < 0.5, "all of them are there: {told}");
        let (read, check) = plainly(directory.path());
        reading.push(read);
        checking.push(check);
    }
    let ((ready, least, most), (processor, ..)) = (median(ready), median(processor));
    let ((read, ..), (check, ..)) = (median(reading), median(checking));
    println!(
        "{alike_word:<10} {ready:>6.2} s ({least:.2} to {most:.2}) {processor:>10.2} s {:>12.0} {read:>12.2} s {check:>8.2} s {:>7.1}",
        instances as f64 / ready,
        ready / read
    );
}

fn main() {
    let arguments: Vec<String> = args().collect();
    let argument = |place: usize| arguments.get(place).map_or("", String::as_str);
    match argument(1) {
        "write" => write(
            Path::new(argument(2)),
            argument(3).parse().expect("a number of instances"),
            argument(4) == "alike",
        ),
        "start" => start(Path::new(argument(2))),
        _ => {}
    }
    let asked = arguments.iter().find_map(|argument| argument.parse().ok());
    let instances = asked.unwrap_or(1_000_000);
    println!("{instances} instances, killed; medians of {ROUNDS} starts:");
    println!("metadata   until ready               processor  instances/s   SQLite reads     checks   ratio");
    for alike in [true, false] {
        measure(instances, alike);
    }
}
