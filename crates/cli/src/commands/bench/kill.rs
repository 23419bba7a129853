//! [`KillLoad`]: how soon a consumer hears that a provider is dead.

use std::fmt;
use std::time::Duration;

use clap::Args;
use lubdub_load::{KillBench, KillOutcome, KillPlan, Manner, ProviderCommand};

use super::long::{watched, write};
use crate::commands::any_registry::USUAL_REGISTRY;
use crate::commands::span::span;
use crate::failure::Failure;

#[derive(Debug, Args)]
#[command(after_help = "\
A provider is `lubdub register`, killed by SIGKILL; with --silent it is one that says nothing any more while
its connection stays open, and what is told is how late after its time-out. The consumer is the SDK's.

Examples:
  lubdub bench kill
  lubdub bench kill --silent --registry 'lubdub://127.0.0.1:8761?timeout=3s' --deaths 10
  lubdub bench kill --registry 'etcd://127.0.0.1:2379?timeout=5s' --deaths 5")]
pub(super) struct KillLoad {
    /// The registry, as the SDK names it: lubdub://, eureka://, consul://, etcd:// or zookeeper://
    #[arg(long, value_name = "URL", env = "LUBDUB_REGISTRY", hide_env_values = true, default_value = USUAL_REGISTRY)]
    registry: String,

    /// They fall silent instead of being killed
    #[arg(long)]
    silent: bool,

    /// How many die, one after the other
    #[arg(long, value_name = "NUMBER", default_value_t = 30)]
    deaths: u32,

    /// How many others of the service live on; registries hold back what dies in numbers
    #[arg(long, value_name = "NUMBER", default_value_t = 400)]
    fleet: u32,

    /// Between two deaths
    #[arg(long, value_name = "SPAN", default_value = "500ms", value_parser = span)]
    pause: Duration,

    /// One JSON object instead of words
    #[arg(long)]
    json: bool,
}

impl KillLoad {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let program = std::env::current_exe().map_err(Failure::bare)?;
        let provider = ProviderCommand { program, arguments: vec!["register".into()] };
        let manner = if self.silent { Manner::Silent } else { Manner::Killed };
        let plan = KillPlan { manner, deaths: self.deaths, fleet: self.fleet, pause: self.pause };
        let url = if self.registry.is_empty() { USUAL_REGISTRY } else { &self.registry };
        let bench = KillBench::new(plan, url, provider).map_err(Failure::told)?;
        let outcome = watched(|hooks| bench.run(hooks))?;
        write(&outcome, KillWords(&outcome), self.json)
    }
}

/// Says what was measured of deaths.
struct KillWords<'a>(&'a KillOutcome);

impl fmt::Display for KillWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KillOutcome { asked, told_ms: told, .. } = self.0;
        let early = if self.0.stopped_early { ", stopped early" } else { "" };
        let (how, from) = match asked.manner {
            Manner::Killed => ("killed", "from SIGKILL".to_owned()),
            Manner::Silent => ("silent", format!("beyond the time-out of {} s", self.0.timeout_s)),
        };
        writeln!(
            f,
            "{} providers beside {} others at {}, {how}{early}",
            told.count, asked.fleet, asked.registry
        )?;
        write!(
            f,
            "  heard of    p50 {:.2} ms, p90 {:.2} ms, p99 {:.2} ms, min {:.2} ms, max {:.2} ms; {from}",
            told.p50, told.p90, told.p99, told.min, told.max
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lubdub_load::{KillsAsked, SpansMs};

    #[test]
    fn a_death_is_said_with_what_its_span_counts_from() {
        let told_ms = SpansMs { count: 3, min: 1.0, p50: 2.0, p90: 3.0, p99: 4.0, max: 5.0 };
        let asked =
            KillsAsked { registry: "lubdub://h:1".to_owned(), manner: Manner::Silent, deaths: 3, fleet: 9 };
        let outcome = KillOutcome { asked, timeout_s: 3.0, told_ms, stopped_early: false };
        assert_eq!(
            KillWords(&outcome).to_string(),
            "\
3 providers beside 9 others at lubdub://h:1, silent
  heard of    p50 2.00 ms, p90 3.00 ms, p99 4.00 ms, min 1.00 ms, max 5.00 ms; beyond the time-out of 3 s"
        );
    }
}
