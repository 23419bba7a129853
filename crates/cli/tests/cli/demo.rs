//! `lubdub demo`

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::support::{PATIENCE, Running, ask, program};

#[test]
fn it_shows_both_departures_and_the_return_and_ends_with_0_when_all_was_as_promised() {
    let began = Instant::now();
    let mut demo = Running::start(program(&["demo", "--exit"]));
    demo.out.wait_for("Eureka");
    let ended = demo.end();
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    for part in [
        "real Eureka clients: 30 s and 90 s",
        "orders-2 is killed (SIGKILL)",
        "orders-2 left: 127.0.0.1:",
        "refused a connection, so its process is gone",
        "payments-1 is stopped (SIGSTOP)",
        "payments-1 left: no renewal for 3",
        "payments-1 goes on (SIGCONT)",
        "unknown lease: it registers again",
        "·····✗",
        "none left",
    ] {
        assert!(ended.out.contains(part), "{part:?} is missing in {}", ended.out);
    }
    assert_eq!(ended.out.matches("  as promised\n").count(), 4, "{}", ended.out);
    assert!(!ended.out.contains('\u{1b}'), "colour without a terminal: {}", ended.out);
    assert!(began.elapsed() < PATIENCE);
}

#[test]
fn it_stays_up_to_be_looked_at_and_ends_when_asked() {
    let mut demo = Running::start(program(&["demo", "--providers", "3"]));
    let line = demo.out.wait_for("services --server ");
    let url = line.rsplit(' ').next().unwrap().to_owned();
    let services = ask(&["services", "--server", &url]);
    assert!(services.contains("PAYMENTS"), "{services}");
    let why = ask(&["why", "orders", "orders-2", "--server", &url]);
    assert!(why.contains("refused a connection"), "{why}");
    demo.signal(Signal::INT);
    let ended = demo.end();
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
}

#[test]
#[cfg(target_os = "linux")]
fn its_providers_do_not_outlive_it() {
    let mut demo = Running::start(program(&["demo", "--providers", "3"]));
    let processes: Vec<u32> = (0..3)
        .map(|_| demo.out.wait_for(", process ").rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    demo.signal(Signal::KILL);
    assert_eq!(demo.end().code, None);
    let deadline = Instant::now() + PATIENCE;
    for process in processes {
        while is_alive(process) {
            assert!(Instant::now() < deadline, "process {process} outlives the demo");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Whether a process runs: one that has ended and was not waited for does not.
#[cfg(target_os = "linux")]
fn is_alive(process: u32) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}
