//! `lubdub instances`: lists instances, of lubdub or of any other registry.

use std::io::{self, BufWriter, Write};

use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::Timestamp;
use lubdub_client::Config;
use serde_json::value::RawValue;

use super::any_registry::AnyRegistry;
use super::target::Target;
use crate::client::Fitting;
use crate::client::wire::{Instance, Page};
use crate::failure::Failure;
use crate::output::{Ink, Paint, Table};
use crate::words::ago;

mod listed;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub instances
  lubdub instances orders
  lubdub instances orders --status DOWN --zone eu-1a
  lubdub instances --held
  lubdub instances --health critical
  lubdub instances --json | jq '.instances[].id'
  lubdub instances orders --registry eureka://registry.example:8761
  lubdub instances orders --registry consul://127.0.0.1:8500 --json

With --registry the answer is what every registry can tell, and some tell `orders` from `ORDERS`. \
Known are lubdub://, eureka://, consul://, etcd:// and zookeeper://.")]
pub(super) struct Instances {
    /// Only those of this service (in any case)
    service: Option<String>,

    /// Only those with this status
    #[arg(long, ignore_case = true, value_parser = PossibleValuesParser::new(["UP", "STARTING", "DOWN", "OUT_OF_SERVICE", "UNKNOWN"]))]
    status: Option<String>,

    /// Only those in this zone
    #[arg(long)]
    zone: Option<String>,

    /// Only those whose checks say this
    #[arg(long, ignore_case = true, value_parser = PossibleValuesParser::new(["passing", "warning", "critical"]))]
    health: Option<String>,

    /// Only those whose lease is over and which the guard holds
    #[arg(long)]
    held: bool,

    /// Only those that damping keeps out
    #[arg(long)]
    damped: bool,

    /// Ask a registry of any kind in the place of --server; SERVICE is needed then, and what only
    /// lubdub can tell is not
    #[arg(
        long,
        value_name = "URL",
        requires = "service",
        conflicts_with_all = ["status", "health", "held", "damped"]
    )]
    registry: Option<String>,

    #[command(flatten)]
    target: Target,
}

impl Instances {
    pub(super) fn run(&self, paint: Paint) -> Result<(), Failure> {
        if let (Some(url), Some(service)) = (&self.registry, &self.service) {
            let at = AnyRegistry::at(url, self.target.token_file(), Config::default())?;
            return listed::list(&at, service, self.zone.as_deref(), self.target.json, paint);
        }
        let client = self.target.client()?;
        let status = self.status.as_deref().map(str::to_uppercase);
        let health = self.health.as_deref().map(str::to_lowercase);
        let fitting = Fitting {
            service: self.service.as_deref(),
            status: status.as_deref(),
            zone: self.zone.as_deref(),
            health: health.as_deref(),
            held: self.held,
            damped: self.damped,
        };
        if self.target.json {
            let page: Page<Box<RawValue>> = client.instances(&fitting)?;
            return write_json(&page);
        }
        let instances = client.instances::<Instance>(&fitting)?.instances;
        let mut out = io::stdout().lock();
        if instances.is_empty() {
            return Ok(writeln!(out, "No instances at {} that fit.", client.server())?);
        }
        Ok(writeln!(out, "{}", table(&instances, Timestamp::now(), paint))?)
    }
}

/// The registry's own words for each, whatever it says of them, in one document.
fn write_json(page: &Page<Box<RawValue>>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    write!(out, "{{\"revision\":{},\"instances\":[", page.revision)?;
    for (place, instance) in page.instances.iter().enumerate() {
        let comma = if place == 0 { "" } else { "," };
        write!(out, "{comma}{instance}")?;
    }
    writeln!(out, "]}}")?;
    Ok(out.flush()?)
}

fn table(instances: &[Instance], now: Timestamp, paint: Paint) -> Table {
    let mut table =
        Table::new(paint, &["SERVICE", "INSTANCE", "STATUS", "ADDRESS", "ZONE", "LAST BEAT", "NOTE"]);
    for instance in instances {
        let beats =
            instance.leases.iter().filter(|lease| !lease.unconfirmed).filter_map(|lease| lease.last_beat);
        let last_beat = match beats.max() {
            Some(beat) => (ago(now, beat), None),
            None => ("not yet heard".to_owned(), Some(Ink::Wary)),
        };
        table.row([
            (instance.service.clone(), None),
            (instance.id.clone(), Some(Ink::Strong)),
            (instance.status.clone(), Some(Ink::of_status(&instance.status))),
            (instance.address.clone(), None),
            (instance.zone.clone().unwrap_or_default(), None),
            last_beat,
            (note(instance), Some(Ink::Wary)),
        ]);
    }
    table
}

/// What else there is to know: that the guard holds it, that damping keeps it out, that a check is
/// not as it should be.
fn note(instance: &Instance) -> String {
    let health = match instance.health.as_str() {
        "" | "passing" => None,
        other => Some(other),
    };
    let said = [instance.held.then_some("held"), instance.damped.then_some("damped"), health];
    said.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::wire::Lease;

    #[test]
    fn instances_are_listed_with_their_last_beat() {
        let now: Timestamp = "2026-11-21T10:00:12Z".parse().unwrap();
        let lease = Lease { last_beat: Some("2026-11-21T10:00:00Z".parse().unwrap()), ..Lease::default() };
        let heard = Instance {
            service: "orders".to_owned(),
            id: "a".to_owned(),
            status: "UP".to_owned(),
            address: "10.0.0.7:80".to_owned(),
            leases: vec![lease.clone()],
            ..Instance::default()
        };
        let unheard = Instance {
            id: "b".to_owned(),
            held: true,
            damped: true,
            health: "critical".to_owned(),
            leases: vec![Lease { unconfirmed: true, ..lease }],
            ..heard.clone()
        };
        let text = table(&[heard, unheard], now, Paint::PLAIN).to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                " SERVICE  INSTANCE  STATUS  ADDRESS      ZONE  LAST BEAT      NOTE",
                " orders   a         UP      10.0.0.7:80        12 s ago",
                " orders   b         UP      10.0.0.7:80        not yet heard  held, damped, critical",
            ]
        );
    }
}
