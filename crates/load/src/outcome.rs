//! [`Outcome`]: what was measured, as it is written in JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::process::Used;
use crate::tally::Tally;
use crate::{Plan, Reading, Target, Work};

/// What was measured. The names of its members are those of `lubdub bench --json`, and stay.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// What was asked for.
    pub asked: Asked,
    /// How long it was measured, in seconds.
    pub elapsed_s: f64,
    /// Requests that were answered or failed.
    pub requests: u64,
    /// Those that failed, and connections that could not be made.
    pub errors: u64,
    /// The same by kind: `status_500`, `connect`, `closed`, `malformed`, `unanswered`.
    pub errors_by_kind: BTreeMap<String, u64>,
    /// Requests that were due and never sent: the server did not keep up, or was not there.
    pub unsent: u64,
    /// Successes per second.
    pub throughput_per_s: f64,
    /// Of successes, in microseconds; in an open loop from when they were due.
    pub latency_us: LatencyUs,
    /// Bytes of bodies that came, per success.
    pub body_bytes_per_request: f64,
    /// Connections that were made again: servers may close them.
    pub reconnections: u64,
    /// Whether the generator was late, so that nothing here is to be trusted.
    pub late: bool,
    /// Whether it was stopped before its time.
    pub stopped_early: bool,
    /// After so many seconds nobody answered any more, and the measurement was ended.
    pub gone_after_s: Option<f64>,
    /// What the generator itself took.
    pub generator: Generator,
    /// What the server's process took, where it was named.
    pub server: Option<ServerProcess>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    /// The server's URL.
    pub server: String,
    /// `register`, `renew`, `read`, `mixed`.
    pub work: &'static str,
    /// What was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub what: Option<Reading>,
    /// In a mix: between two renewals of one instance, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval_s: Option<f64>,
    /// In a mix: who polls the delta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readers: Option<u64>,
    /// How many were registered.
    pub instances: u64,
    /// How many were kept open.
    pub connections: usize,
    /// `open` (requests have times) or `closed` (as fast as it goes).
    pub r#loop: &'static str,
    /// Requests per second in an open loop.
    pub rate_per_s: Option<f64>,
    /// How long it should take, in seconds.
    pub duration_s: f64,
}

/// Latencies in microseconds. All are nought where nothing succeeded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct LatencyUs {
    /// Half of the requests took at most this.
    pub p50: u64,
    /// Nine in ten.
    pub p90: u64,
    /// 99 in 100.
    pub p99: u64,
    /// 999 in 1000.
    pub p999: u64,
    /// All.
    pub max: u64,
    /// The mean.
    pub mean: f64,
}

/// What the generator itself took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Generator {
    /// Processor time for one request, in microseconds.
    pub cpu_us_per_request: f64,
    /// Share of one core.
    pub busy: f64,
    /// One request in a hundred was delayed longer by the generator itself, in microseconds.
    pub own_delay_p99_us: u64,
}

/// What the generator itself took where nothing is late by its doing: each conversation waits for itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Effort {
    /// Processor time for one request, in microseconds.
    pub cpu_us_per_request: f64,
    /// Share of one core.
    pub busy: f64,
}

impl Effort {
    /// Of so much processor time for so many requests in this span.
    pub(crate) fn of(cpu: Duration, requests: u64, elapsed: Duration) -> Self {
        let per = |parts: f64| if parts > 0.0 { cpu.as_secs_f64() / parts } else { 0.0 };
        Self { cpu_us_per_request: per(requests as f64) * 1e6, busy: per(elapsed.as_secs_f64()) }
    }
}

/// What the server's process took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ServerProcess {
    /// User and system time while it was measured, in seconds.
    pub cpu_s: f64,
    /// The same for 100 000 successes.
    pub cpu_s_per_100k: f64,
    /// Memory in use.
    pub rss_bytes: Rss,
}

/// Memory in use, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rss {
    /// Before anything was sent.
    pub empty: u64,
    /// When the instances were registered and nothing had been measured.
    pub prepared: u64,
    /// When it had been measured, with the instances still there.
    pub measured: u64,
}

/// What was seen around the measurement.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) empty: Option<Used>,
    pub(crate) before: Option<Used>,
    pub(crate) after: Option<Used>,
    pub(crate) stopped: bool,
}

impl Outcome {
    pub(crate) fn new(plan: &Plan, target: &Target, tally: &Tally, seen: &Seen) -> Self {
        let elapsed_s = tally.elapsed.as_secs_f64();
        let (succeeded, errors) = (tally.succeeded(), tally.errors());
        let requests = succeeded + errors;
        let per = |whole: f64, parts: f64| if parts > 0.0 { whole / parts } else { 0.0 };
        let busy = per(tally.cpu.as_secs_f64(), elapsed_s);
        let server = ServerProcess::between(seen.empty, seen.before, seen.after, succeeded);
        Self {
            asked: Asked::new(plan, target),
            elapsed_s,
            requests,
            errors,
            errors_by_kind: tally.faults.iter().map(|(fault, count)| (fault.name(), *count)).collect(),
            unsent: tally.unsent,
            throughput_per_s: per(succeeded as f64, elapsed_s),
            latency_us: LatencyUs::of(&tally.latencies),
            body_bytes_per_request: per(tally.body_bytes as f64, succeeded as f64),
            reconnections: tally.reconnections,
            late: plan.pace().is_some() && tally.punctuality.was_late(busy),
            stopped_early: seen.stopped,
            gone_after_s: tally.gone_after.map(|after| after.as_secs_f64()),
            generator: Generator {
                cpu_us_per_request: per(tally.cpu.as_secs_f64() * 1e6, requests as f64),
                busy,
                own_delay_p99_us: u64::try_from(tally.punctuality.delay().as_micros()).unwrap_or(u64::MAX),
            },
            server,
        }
    }
}

impl ServerProcess {
    /// What it took between `before` and `after`, for so many successes.
    pub(crate) fn between(
        empty: Option<Used>,
        before: Option<Used>,
        after: Option<Used>,
        successes: u64,
    ) -> Option<Self> {
        let (empty, before, after) = (empty?, before?, after?);
        let cpu_s = after.cpu_s - before.cpu_s;
        Some(Self {
            cpu_s,
            cpu_s_per_100k: if successes > 0 { cpu_s * 1e5 / successes as f64 } else { 0.0 },
            rss_bytes: Rss { empty: empty.rss_bytes, prepared: before.rss_bytes, measured: after.rss_bytes },
        })
    }

    /// How much its memory has grown while things were opened, for each of so many.
    pub(crate) fn bytes_of_one(&self, opened: usize) -> f64 {
        (self.rss_bytes.prepared as f64 - self.rss_bytes.empty as f64) / opened as f64
    }
}

impl Asked {
    fn new(plan: &Plan, target: &Target) -> Self {
        let (what, mix) = match plan.work {
            Work::Read(what) => (Some(what), None),
            Work::Mixed { interval, readers } => (None, Some((interval, readers))),
            Work::Register | Work::Renew => (None, None),
        };
        Self {
            server: target.to_string(),
            work: plan.work.name(),
            what,
            interval_s: mix.map(|(interval, _)| interval.as_secs_f64()),
            readers: mix.map(|(_, readers)| readers),
            instances: plan.instances,
            connections: plan.connections,
            r#loop: if plan.pace().is_some() { "open" } else { "closed" },
            rate_per_s: plan.pace(),
            duration_s: plan.duration.as_secs_f64(),
        }
    }
}

impl LatencyUs {
    pub(crate) fn of(latencies: &Histogram<u64>) -> Self {
        let at = |quantile| latencies.value_at_quantile(quantile);
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: latencies.max(),
            mean: latencies.mean(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Fault;

    const NOTHING_SEEN: Seen = Seen { empty: None, before: None, after: None, stopped: false };

    fn outcome(plan: &Plan, tally: &Tally, seen: &Seen) -> Outcome {
        Outcome::new(plan, &Target::resolve("http://127.0.0.1:1").expect("it is a URL"), tally, seen)
    }

    fn tally() -> Tally {
        let mut tally = Tally::default();
        for millis in 1..=1_000 {
            tally.answered(200, Duration::ZERO, Duration::from_millis(millis));
        }
        tally.failed(Fault::Closed);
        tally.elapsed = Duration::from_secs(2);
        tally.cpu = Duration::from_millis(500);
        tally
    }

    #[test]
    fn figures_are_of_successes_and_requests_are_all() {
        let outcome = outcome(&Plan::of(Work::Renew), &tally(), &NOTHING_SEEN);
        assert_eq!((outcome.requests, outcome.errors), (1_001, 1));
        assert!((outcome.throughput_per_s - 500.0).abs() < 1e-9);
        assert!((outcome.generator.busy - 0.25).abs() < 1e-9);
        // Three digits are kept, rounded up.
        for (told, exact) in [
            (outcome.latency_us.p50, 500_000),
            (outcome.latency_us.p90, 900_000),
            (outcome.latency_us.p99, 990_000),
            (outcome.latency_us.p999, 999_000),
            (outcome.latency_us.max, 1_000_000),
        ] {
            assert!((exact..=exact + exact / 1_000 + 1).contains(&told), "{told} for {exact}");
        }
    }

    #[test]
    fn the_servers_processor_time_is_that_of_the_measurement_alone() {
        let used = |cpu_s, rss_bytes| Some(Used { cpu_s, rss_bytes });
        let seen = Seen { empty: used(1.0, 10), before: used(3.0, 20), after: used(3.5, 30), stopped: false };
        let server = outcome(&Plan::of(Work::Renew), &tally(), &seen).server.expect("it was named");
        assert!((server.cpu_s - 0.5).abs() < 1e-9 && (server.cpu_s_per_100k - 50.0).abs() < 1e-9);
        assert_eq!(server.rss_bytes, Rss { empty: 10, prepared: 20, measured: 30 });
    }

    #[test]
    fn late_is_said_of_an_open_loop_alone() {
        let mut tally = tally();
        tally.punctuality.delayed(Duration::from_secs(1));
        let plan = Plan::of(Work::Renew);
        assert!(!outcome(&plan, &tally, &NOTHING_SEEN).late);
        assert!(outcome(&Plan { rate: Some(500.0), ..plan }, &tally, &NOTHING_SEEN).late);
    }

    #[test]
    fn nothing_at_all_has_figures_too() {
        let outcome = outcome(&Plan::of(Work::Register), &Tally::default(), &NOTHING_SEEN);
        assert_eq!((outcome.requests, outcome.latency_us), (0, LatencyUs::default()));
        let json = serde_json::to_value(&outcome).expect("it is JSON");
        assert_eq!(json["throughput_per_s"], 0.0);
        assert_eq!(json["asked"]["loop"], "closed");
    }
}
