//! [`SessionWords`] and [`WatchWords`]: what was measured on long connections, for eyes.

use std::fmt;

use lubdub_load::{RoundMs, ServerProcess, SessionOutcome, WatchOutcome};

use super::words::{latencies, mebibytes, millis};

/// Says what was measured of sessions.
pub(super) struct SessionWords<'a>(pub(super) &'a SessionOutcome);

/// Says what was measured of watches.
pub(super) struct WatchWords<'a>(pub(super) &'a WatchOutcome);

impl fmt::Display for SessionWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SessionOutcome { asked, latency_us, generator, .. } = self.0;
        let pace = match asked.interval_s {
            Some(interval) => format!("a beat each {interval} s"),
            None => format!("{} under way on each", beats(asked.in_flight)),
        };
        let early = if self.0.stopped_early { ", stopped early" } else { "" };
        writeln!(f, "sessions at {}: {pace}, for {:.1} s{early}", asked.server, self.0.elapsed_s)?;
        writeln!(
            f,
            "  load        {} sessions of {} instances, {} connections",
            asked.sessions, asked.instances, asked.connections
        )?;
        writeln!(
            f,
            "  beats       {:.0}/s, which renew {:.0} instances/s",
            self.0.beats_per_s, self.0.renewals_per_s
        )?;
        writeln!(f, "  latency     {}", latencies(latency_us))?;
        server(f, self.0.server, "beats", self.0.bytes_per_session, "session")?;
        write!(
            f,
            "  generator   {:.2} µs of processor time a beat, {:.0} % of a core",
            generator.cpu_us_per_request,
            generator.busy * 100.0
        )
    }
}

impl fmt::Display for WatchWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let WatchOutcome { asked, median, worst, generator, .. } = self.0;
        let early = if self.0.stopped_early { ", stopped early" } else { "" };
        writeln!(f, "watches at {}: {} changes{early}", asked.server, self.0.changes)?;
        writeln!(f, "  load        {} watches, {} connections", asked.watches, asked.connections)?;
        writeln!(f, "  median      {}", round(median))?;
        writeln!(f, "  worst       {}", round(worst))?;
        server(f, self.0.server, "watches that are told", self.0.bytes_per_watch, "watch")?;
        write!(
            f,
            "  generator   {:.2} µs of processor time a watch that is told, {:.0} % of a core",
            generator.cpu_us_per_request,
            generator.busy * 100.0
        )
    }
}

fn beats(count: usize) -> String {
    if count == 1 { "one beat".to_owned() } else { format!("{count} beats") }
}

fn round(round: &RoundMs) -> String {
    let RoundMs { answered, first, p50, p99, all } = *round;
    let [answered, first, p50, p99, all] = [answered, first, p50, p99, all].map(|ms| millis(ms * 1e3));
    format!("answered after {answered}; told: the first {first}, half {p50}, 99 in 100 {p99}, all {all}")
}

fn server(
    f: &mut fmt::Formatter<'_>,
    server: Option<ServerProcess>,
    successes: &str,
    bytes: Option<f64>,
    one: &str,
) -> fmt::Result {
    let (Some(server), Some(bytes)) = (server, bytes) else { return Ok(()) };
    writeln!(
        f,
        "  server      {:.3} s of processor time for 100000 {successes}; {} of memory before, {} with all open: {:.1} KiB a {one}",
        server.cpu_s_per_100k,
        mebibytes(server.rss_bytes.empty),
        mebibytes(server.rss_bytes.prepared),
        bytes / 1024.0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use lubdub_load::{Effort, LatencyUs, Rss, SessionsAsked, WatchesAsked};

    const GENERATOR: Effort = Effort { cpu_us_per_request: 3.456, busy: 0.02 };

    fn process() -> ServerProcess {
        ServerProcess {
            cpu_s: 0.1,
            cpu_s_per_100k: 1.25,
            rss_bytes: Rss { empty: 1 << 20, prepared: 2 << 20, measured: 3 << 20 },
        }
    }

    #[test]
    fn sessions_are_said_with_what_their_beats_renew_and_what_one_takes() {
        let outcome = SessionOutcome {
            asked: SessionsAsked {
                server: "lubdub://h:1".to_owned(),
                sessions: 64,
                connections: 32,
                instances: 10,
                in_flight: 1,
                interval_s: None,
                duration_s: 2.0,
            },
            elapsed_s: 2.0,
            beats: 100,
            errors: 0,
            first_error: None,
            beats_per_s: 50.0,
            renewals_per_s: 500.0,
            latency_us: LatencyUs { p50: 210, p90: 400, p99: 1_500, p999: 12_345, max: 20_000, mean: 250.5 },
            stopped_early: false,
            generator: GENERATOR,
            server: Some(process()),
            bytes_per_session: Some(16_384.0),
        };
        assert_eq!(
            SessionWords(&outcome).to_string(),
            "\
sessions at lubdub://h:1: one beat under way on each, for 2.0 s
  load        64 sessions of 10 instances, 32 connections
  beats       50/s, which renew 500 instances/s
  latency     p50 0.21 ms, p90 0.40 ms, p99 1.50 ms, p99.9 12 ms, max 20 ms, mean 0.25 ms
  server      1.250 s of processor time for 100000 beats; 1.0 MiB of memory before, 2.0 MiB with all open: 16.0 KiB a session
  generator   3.46 µs of processor time a beat, 2 % of a core"
        );
    }

    #[test]
    fn watches_are_said_with_when_they_were_told() {
        let round = RoundMs { answered: 0.5, first: 1.0, p50: 20.0, p99: 40.0, all: 41.5 };
        let outcome = WatchOutcome {
            asked: WatchesAsked {
                server: "etcd://h:1".to_owned(),
                watches: 100,
                connections: 1,
                changes: 2,
                pause_s: 0.2,
            },
            changes: 2,
            errors: 0,
            first_error: None,
            rounds: vec![round, round],
            median: round,
            worst: round,
            stopped_early: true,
            generator: GENERATOR,
            server: None,
            bytes_per_watch: None,
        };
        assert_eq!(
            WatchWords(&outcome).to_string(),
            "\
watches at etcd://h:1: 2 changes, stopped early
  load        100 watches, 1 connections
  median      answered after 0.50 ms; told: the first 1.00 ms, half 20 ms, 99 in 100 40 ms, all 42 ms
  worst       answered after 0.50 ms; told: the first 1.00 ms, half 20 ms, 99 in 100 40 ms, all 42 ms
  generator   3.46 µs of processor time a watch that is told, 2 % of a core"
        );
    }
}
