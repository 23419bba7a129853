//! [`Words`]: what was measured, for eyes.

use std::fmt;

use lubdub_load::{LatencyUs, Outcome, Reading};

/// Says an outcome.
pub(super) struct Words<'a>(pub(super) &'a Outcome);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { asked, latency_us, generator, .. } = self.0;
        let what = match asked.what {
            None => "",
            Some(Reading::Apps) => " apps",
            Some(Reading::Delta) => " delta",
            Some(Reading::App) => " app",
        };
        let (work, server) = (asked.work, &asked.server);
        let pace = match asked.rate_per_s {
            Some(rate) => format!("{rate:.0} requests/s (open loop)"),
            None => "as fast as it goes (closed loop)".to_owned(),
        };
        let early = if self.0.stopped_early { ", stopped early" } else { "" };
        writeln!(f, "{work}{what} at {server}: {pace}, for {:.1} s{early}", self.0.elapsed_s)?;
        writeln!(f, "  load        {} instances, {} connections", asked.instances, asked.connections)?;
        let failed = match self.0.errors {
            0 => "none failed".to_owned(),
            errors => format!("{errors} failed"),
        };
        writeln!(f, "  requests    {}, {failed}", self.0.requests)?;
        writeln!(f, "  throughput  {:.0}/s", self.0.throughput_per_s)?;
        let from = if asked.rate_per_s.is_some() { "from when each was due" } else { "from sending" };
        writeln!(f, "  latency     {}; {from}", latencies(latency_us))?;
        if self.0.body_bytes_per_request >= 0.5 {
            writeln!(f, "  bodies      {:.0} bytes each", self.0.body_bytes_per_request)?;
        }
        if let Some(server) = self.0.server {
            writeln!(
                f,
                "  server      {:.3} s of processor time for 100000 requests; {} of memory before, {} with the instances",
                server.cpu_s_per_100k,
                mebibytes(server.rss_bytes.empty),
                mebibytes(server.rss_bytes.measured),
            )?;
        }
        write!(
            f,
            "  generator   {:.2} µs of processor time a request, {:.0} % of a core; its own part of a latency is below {} for 99 in 100",
            generator.cpu_us_per_request,
            generator.busy * 100.0,
            millis(generator.own_delay_p99_us as f64),
        )
    }
}

/// All of them, and their mean.
pub(super) fn latencies(us: &LatencyUs) -> String {
    let [p50, p90, p99, p999, max] = [us.p50, us.p90, us.p99, us.p999, us.max].map(|us| millis(us as f64));
    format!("p50 {p50}, p90 {p90}, p99 {p99}, p99.9 {p999}, max {max}, mean {}", millis(us.mean))
}

/// Microseconds, as milliseconds.
pub(super) fn millis(micros: f64) -> String {
    let millis = micros / 1_000.0;
    if millis < 10.0 { format!("{millis:.2} ms") } else { format!("{millis:.0} ms") }
}

pub(super) fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lubdub_load::{Asked, Generator, Rss, ServerProcess};

    #[test]
    fn an_outcome_is_said_with_its_loop_and_with_what_the_generator_took() {
        let outcome = Outcome {
            asked: Asked {
                server: "http://h:1".to_owned(),
                work: "read",
                what: Some(Reading::Delta),
                interval_s: None,
                readers: None,
                instances: 10,
                connections: 2,
                r#loop: "open",
                rate_per_s: Some(500.0),
                duration_s: 2.0,
            },
            elapsed_s: 2.04,
            requests: 1_000,
            errors: 1,
            errors_by_kind: std::iter::once(("status_500".to_owned(), 1)).collect(),
            unsent: 0,
            throughput_per_s: 499.6,
            latency_us: LatencyUs { p50: 210, p90: 400, p99: 1_500, p999: 12_345, max: 20_000, mean: 250.5 },
            body_bytes_per_request: 321.0,
            reconnections: 0,
            late: false,
            stopped_early: true,
            gone_after_s: None,
            generator: Generator { cpu_us_per_request: 3.456, busy: 0.02, own_delay_p99_us: 90 },
            server: Some(ServerProcess {
                cpu_s: 0.1,
                cpu_s_per_100k: 10.0,
                rss_bytes: Rss { empty: 1 << 20, prepared: 2 << 20, measured: 3 << 20 },
            }),
        };
        assert_eq!(
            Words(&outcome).to_string(),
            "\
read delta at http://h:1: 500 requests/s (open loop), for 2.0 s, stopped early
  load        10 instances, 2 connections
  requests    1000, 1 failed
  throughput  500/s
  latency     p50 0.21 ms, p90 0.40 ms, p99 1.50 ms, p99.9 12 ms, max 20 ms, mean 0.25 ms; from when each was due
  bodies      321 bytes each
  server      10.000 s of processor time for 100000 requests; 1.0 MiB of memory before, 3.0 MiB with the instances
  generator   3.46 µs of processor time a request, 2 % of a core; its own part of a latency is below 0.09 ms for 99 in 100"
        );
    }
}
