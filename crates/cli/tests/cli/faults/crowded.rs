//! A crowd of connections: a thousand that want to be slow (heads and bodies that drip, and readers
//! that do not read), and many that are idle. Those who beat do not notice; the slow are shown out,
//! the idle may stay.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::providers::{agent, beat, instance};
use super::size;
use crate::support::{PATIENCE, Registry, program};

const LEASE_SECS: u64 = 4;
const BEATING: usize = 20;
/// Enough to be listed that an answer does not fit into what the system keeps for a connection
/// when it is asked for again and again.
const LISTED: usize = 300;
const READS: usize = 100;
/// Connections that may be open beside the slow ones: of those who beat, of this test, own beats.
const OTHERS: usize = 16;

const HEAD: &str = "GET /eureka/apps HTTP/1.1\r\nhost: localhost\r\naccept: application/json\r\n";
const BODY: &str = "POST /eureka/apps/ORDERS HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
                    content-length: 1000\r\n\r\n{\"instance\":";

/// A connection that sends this at once, and then drips.
struct Slow {
    stream: TcpStream,
    drips: bool,
}

impl Slow {
    fn begin(address: SocketAddr, number: usize) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        let reads = format!("{HEAD}\r\n").repeat(READS);
        let first = match number % 3 {
            0 => HEAD,
            1 => BODY,
            _ => &reads,
        };
        (&stream).write_all(first.as_bytes()).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream, drips: number % 3 != 2 }
    }

    /// Sends one byte more, without waiting.
    fn drip(&mut self) {
        if self.drips {
            // Whoever was shown out cannot send, which is as it should be.
            let _ = self.stream.write(b"x");
        }
    }

    /// Whether the other side closed it; reads what is there.
    fn is_shown_out(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut buffer) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
            }
        }
    }
}

#[test]
fn a_thousand_slow_connections_are_shown_out_and_keep_nobody_from_beating() {
    let slow = size("LUBDUB_TEST_SLOW", 1_000);
    let mut command = program(&["serve", "--listen", "127.0.0.1:0", "--ephemeral"]);
    // The last few may have been found reading again before they were shown out: that ends them as idle.
    for limit in ["HEADER", "BODY", "WRITE", "IDLE"] {
        command.env(format!("LUBDUB_LIMITS_{limit}_TIMEOUT"), "2s");
    }
    let registry = Registry::of(command);
    let client = agent(true);
    for number in 0..LISTED {
        let id = format!("listed-{number:04}");
        let path = format!("{}/eureka/apps/CATALOGUE", registry.url);
        assert_eq!(client.post(path).send_json(instance("CATALOGUE", &id, 3_600)).unwrap().status(), 204);
    }
    let ids: Vec<String> = (0..BEATING).map(|number| format!("beating-{number}")).collect();
    for id in &ids {
        registry.register_for("orders", id, "UP", LEASE_SECS);
    }
    let (over, faults) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let address = registry.url.trim_start_matches("http://").parse().unwrap();
    let (left, taken) = thread::scope(|scope| {
        let beating = scope.spawn(|| {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            beat(&agent(true), &registry.url, &ids, Duration::from_millis(300), &over, &faults)
        });
        let mut crowd: Vec<_> = (0..slow).map(|number| Slow::begin(address, number)).collect();
        let began = Instant::now();
        // Those who do not read are closed on by the server; what they hold stays in the system.
        while open_connections(&registry.url) > OTHERS && began.elapsed() < PATIENCE {
            crowd.iter_mut().for_each(Slow::drip);
            thread::sleep(Duration::from_millis(100));
        }
        while !crowd.is_empty() && began.elapsed() < 2 * PATIENCE {
            crowd.retain_mut(|one| !one.is_shown_out());
            thread::sleep(Duration::from_millis(10));
        }
        over.store(true, Ordering::Relaxed);
        (crowd.len(), beating.join().unwrap())
    });
    assert_eq!(faults.into_inner().unwrap(), Vec::<String>::new());
    assert!(taken > BEATING, "{taken} beats were taken");
    assert_eq!(left, 0, "of {slow} slow connections so many are still open");
    let url = format!("{}/api/v1/services", registry.url);
    let listed: serde_json::Value = ureq::get(url).call().unwrap().body_mut().read_json().unwrap();
    assert_eq!(listed["services"][1]["instances"], BEATING, "{listed}");
}

/// Asks whether the registry is well, on a connection that stays.
fn ask(stream: &TcpStream) {
    let mut stream = stream;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "the connection was closed");
        answer.extend(buffer.iter().take(read));
    }
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
}

#[test]
fn idle_connections_stay_and_keep_nobody_from_beating() {
    let idle = size("LUBDUB_TEST_IDLE", 500);
    let registry = Registry::of(program(&["serve", "--listen", "127.0.0.1:0", "--ephemeral"]));
    let ids: Vec<String> = (0..BEATING).map(|number| format!("beating-{number}")).collect();
    for id in &ids {
        registry.register_for("orders", id, "UP", LEASE_SECS);
    }
    let (over, faults) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    let address: SocketAddr = registry.url.trim_start_matches("http://").parse().unwrap();
    let before = in_use(&registry);
    let (each, taken) = thread::scope(|scope| {
        let beating = scope.spawn(|| {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            beat(&agent(true), &registry.url, &ids, Duration::from_millis(300), &over, &faults)
        });
        let crowd: Vec<_> = (0..idle)
            .map(|_| {
                let stream = TcpStream::connect(address).unwrap();
                ask(&stream);
                stream
            })
            .collect();
        let each = in_use(&registry).saturating_sub(before) / idle.max(1);
        assert!(open_connections(&registry.url) >= idle);
        crowd.iter().for_each(ask);
        over.store(true, Ordering::Relaxed);
        (each, beating.join().unwrap())
    });
    assert_eq!(faults.into_inner().unwrap(), Vec::<String>::new());
    assert!(taken >= BEATING, "{taken} beats were taken");
    let figures = format!("{idle} idle connections: {each} bytes each\n");
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/idle.txt"), figures).unwrap();
    // The documents say 22 KiB; an allocator takes memory in larger pieces.
    assert!(each < 2 * 16 * 1024, "{each} bytes for an idle connection");
}

/// The memory that the process has in use, in bytes.
fn in_use(registry: &Registry) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", registry.process.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

fn open_connections(url: &str) -> usize {
    let text = ureq::get(format!("{url}/metrics")).call().unwrap().into_body().read_to_string().unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix("lubdub_connections ")).unwrap();
    value.parse().unwrap()
}
