//! Many beats beside a storm of registrations, and then beside a mass of deaths and full reads: none
//! who beats is lost, the counts agree, and memory stays bounded. Figures are noted, speed is
//! asserted nowhere.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::providers::instance;
use super::{figure, size};
use crate::support::{Registry, program};

/// Requests that one connection sends ahead.
const AHEAD: usize = 64;
const CONNECTIONS: usize = 4;
/// The living beat over and over; a round of all of them takes far less.
const LIVING_LEASE_SECS: u64 = 120;
/// The doomed beat once, when all are registered.
const DOOMED_LEASE_SECS: u64 = 20;
/// What one instance may cost, everything counted: its record, lease, history, events, documents.
const BYTES_EACH: usize = 16 * 1024;
/// What the program may cost without any.
const BYTES_AT_LEAST: usize = 256 * 1024 * 1024;

/// One connection that sends requests ahead and reads the answers.
struct Ahead(TcpStream);

impl Ahead {
    fn with(address: &str) -> Self {
        Self(TcpStream::connect(address).unwrap())
    }

    /// Sends these requests; answers how many were answered with this status.
    fn count(&mut self, requests: &[String], status: &str) -> usize {
        self.0.write_all(requests.concat().as_bytes()).unwrap();
        let (mut text, mut buffer) = (Vec::new(), [0; 16 * 1024]);
        // None of these answers has a body.
        while count(&text, b"\r\n\r\n") < requests.len() {
            let read = self.0.read(&mut buffer).unwrap();
            assert!(read > 0, "the connection ended: {}", String::from_utf8_lossy(&text));
            text.extend(buffer.iter().take(read));
        }
        count(&text, format!("HTTP/1.1 {status}").as_bytes())
    }
}

fn count(text: &[u8], part: &[u8]) -> usize {
    text.windows(part.len()).filter(|window| *window == part).count()
}

fn registering(id: &str, lease_secs: u64) -> String {
    let body = instance("ORDERS", id, lease_secs).to_string();
    let length = body.len();
    format!(
        "POST /eureka/apps/ORDERS HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

fn beating(id: &str) -> String {
    format!("PUT /eureka/apps/ORDERS/{id} HTTP/1.1\r\nhost: localhost\r\n\r\n")
}

/// Sends a request for each id, through several connections; answers how many succeeded.
fn all(address: &str, ids: &[String], request: impl Fn(&str) -> String + Sync, status: &str) -> usize {
    let each = ids.len().div_ceil(CONNECTIONS).max(1);
    let send = |part: &[String]| {
        let mut ahead = Ahead::with(address);
        let parts = part.chunks(AHEAD).map(|ids| ids.iter().map(|id| request(id)).collect::<Vec<_>>());
        parts.map(|requests| ahead.count(&requests, status)).sum::<usize>()
    };
    thread::scope(|scope| {
        let sent: Vec<_> = ids.chunks(each).map(|part| scope.spawn(move || send(part))).collect();
        sent.into_iter().map(|sent| sent.join().unwrap()).sum()
    })
}

fn text(url: &str, path: &str) -> String {
    let request = ureq::get(format!("{url}{path}")).header("accept", "application/json");
    request.call().unwrap().into_body().with_config().limit(1 << 32).read_to_string().unwrap()
}

/// How many instances there are.
fn registered(url: &str) -> usize {
    figure(url, "instances").try_into().expect("so many fit into memory")
}

/// The most memory that the process had, in bytes.
fn peak(registry: &Registry) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", registry.process.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// Tells the threads that it is over, also where an assertion failed.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_mass_of_deaths_among_many_beats_and_full_reads_costs_no_living_one() {
    let instances = size("LUBDUB_TEST_INSTANCES", 4_000);
    let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--ephemeral"]);
    // Else it would hold what is to die here; and room for whatever size was asked for.
    command.env("LUBDUB_GUARD_ENABLED", "false").env("LUBDUB_PROBE_ENABLED", "false");
    command.env("LUBDUB_LIMITS_INSTANCES", (instances + 1).to_string());
    let registry = Registry::of(command);
    let (url, address) = (&registry.url, registry.url.trim_start_matches("http://"));
    let ids = |kind: &str| (0..instances / 2).map(|number| format!("{kind}-{number:07}")).collect::<Vec<_>>();
    let (living, doomed) = (ids("living"), ids("doomed"));
    let register = |ids: &[String], lease| {
        let began = Instant::now();
        assert_eq!(all(address, ids, |id| registering(id, lease), "204"), ids.len());
        began.elapsed()
    };
    let mut figures =
        format!("{} instances registered in {:?}\n", living.len(), register(&living, LIVING_LEASE_SECS));
    let over = AtomicBool::new(false);
    let (beats, reads) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let beating_on = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let taken = all(address, &living, beating, "200");
                assert_eq!(taken, living.len(), "a beat of a living one was not taken");
                beats.fetch_add(taken, Ordering::Relaxed);
            }
        });
        let ending = Ending(&over);
        // The storm. Those that were registered first and are doomed may be gone before the last is.
        let storm = register(&doomed, DOOMED_LEASE_SECS);
        let _ = writeln!(figures, "{} more beside renewals in {storm:?}", doomed.len());
        let still = all(address, &doomed, beating, "200");
        let _ = writeln!(figures, "{still} of these doomed ones beat once more");
        let reading = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let document = text(url, "/eureka/apps");
                assert!(count(document.as_bytes(), b"\"living-") >= living.len(), "a read has not all");
                reads.fetch_add(1, Ordering::Relaxed);
            }
        });
        while registered(url) > living.len() && !beating_on.is_finished() && !reading.is_finished() {
            thread::sleep(Duration::from_millis(50));
        }
        drop(ending);
    });
    assert_eq!(registered(url), living.len());
    let shown = text(url, "/eureka/apps");
    assert_eq!(count(shown.as_bytes(), b"\"doomed-"), 0);
    let metrics = text(url, "/metrics");
    let peak = peak(&registry);
    let _ = writeln!(figures, "{} beats and {} full reads meanwhile", beats.into_inner(), reads.into_inner());
    let _ = writeln!(figures, "{} MiB at most, {} bytes an instance", peak >> 20, peak / instances.max(1));
    let is_of_beats = |line: &&str| line.contains("method=\"PUT\"") && line.contains("status=\"2xx\"");
    metrics.lines().filter(is_of_beats).for_each(|line| figures.extend([line, "\n"]));
    // Where `cargo xtask sweep` reads them.
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/overrun.txt"), &figures).unwrap();
    println!("{figures}");
    assert!(peak < BYTES_AT_LEAST + instances * BYTES_EACH, "{} MiB", peak >> 20);
}
