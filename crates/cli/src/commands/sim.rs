//! `lubdub sim`: lets the registry's core live through simulated faults, from a seed.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use lubdub_sim::{Report, Scenario, Wish};
use serde::Serialize;

use super::detectors::Detectors;
use super::page::write_between;
use crate::failure::Failure;
use crate::output::{Ink, Paint, Table, note};

#[derive(Debug, Args)]
#[command(after_help = "\
The real core lives in a simulated world of machines, clients, network, clocks and disk; what the \
documentation promises is checked throughout. A failure tells its seed; the same seed and scenario \
tell the same story again, on every machine.

Examples:
  lubdub sim list
  lubdub sim run kill-30-percent
  lubdub sim run anything --seed 7 --seeds 100
  lubdub sim run quiet --providers 200 --days 2
  lubdub sim table
  lubdub sim detectors loss-10")]
pub(super) struct Sim {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum Action {
    /// List the scenarios
    List,
    /// Live one, and tell what it showed
    Run(Run),
    /// Live all that have fixed faults, and write their figures as a table
    Table(WriteTable),
    /// Try all failure detectors on the same generated networks
    Detectors(Detectors),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub sim run zone-cut
  lubdub sim run loss-5 --providers 5000 --seed 3
  lubdub sim run anything --seeds 1000 --json | jq 'select(.violation)'")]
struct Run {
    /// Which, as `lubdub sim list` shows them
    #[arg(value_name = "SCENARIO", value_parser = named)]
    scenario: &'static Scenario,

    /// The seed of every accident
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Live it with so many seeds, each one more than the one before; ends at the first failure
    #[arg(long, default_value_t = 1)]
    seeds: u64,

    /// About so many providers instead of the scenario's own number
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    providers: Option<u32>,

    /// Faults go on for so many simulated minutes, where the scenario lets that be chosen
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    duration: Option<u32>,

    /// The same in simulated days
    #[arg(long, conflicts_with = "duration", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    days: Option<u32>,

    /// One JSON document for each run
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub sim table
  lubdub sim table --write docs/simulation.md")]
struct WriteTable {
    /// Write it into this page, between its two marks
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

fn named(name: &str) -> Result<&'static Scenario, String> {
    lubdub_sim::scenario(name).ok_or_else(|| "no such scenario; `lubdub sim list` shows them".to_owned())
}

impl Sim {
    pub(super) fn run(&self, paint: Paint) -> Result<(), Failure> {
        match &self.action {
            Action::List => list(paint),
            Action::Run(run) => run.run(),
            Action::Table(table) => table.run(),
            Action::Detectors(detectors) => detectors.run(paint),
        }
    }
}

fn list(paint: Paint) -> Result<(), Failure> {
    let mut table = Table::new(paint, &["SCENARIO", "PROVIDERS", "WHAT HAPPENS"]);
    for scenario in Scenario::all() {
        table.row([
            (scenario.name.to_owned(), Some(Ink::Strong)),
            (scenario.providers.to_string(), None),
            (scenario.about.to_owned(), None),
        ]);
    }
    table.align_right(1);
    Ok(writeln!(io::stdout().lock(), "{table}")?)
}

impl Run {
    fn run(&self) -> Result<(), Failure> {
        let minutes = self.duration.or_else(|| self.days.map(|days| days * 24 * 60));
        let mut out = io::stdout().lock();
        for seed in (self.seed..=u64::MAX).take(usize::try_from(self.seeds).unwrap_or(usize::MAX)) {
            if self.seeds > 1 {
                note(format_args!("{} with seed {seed} …", self.scenario.name));
            }
            let report = self.scenario.run(&Wish {
                seed: Some(seed),
                providers: self.providers.map(|providers| providers as usize),
                lasts: minutes.map(|minutes| u64::from(minutes) * lubdub_sim::MINUTE),
                ..Wish::default()
            });
            if self.json {
                writeln!(out, "{}", json(&report)?)?;
            } else if self.seeds == 1 || report.violation.is_some() {
                writeln!(out, "{report}")?;
            }
            if report.violation.is_some() {
                let again = minutes.map_or_else(String::new, |minutes| format!(" --duration {minutes}"));
                return Err(Failure::new(
                    format_args!("an invariant does not hold in {} with seed {seed}", self.scenario.name),
                    format_args!(
                        "live it again with `lubdub sim run {} --seed {seed} --providers {}{again}`",
                        self.scenario.name, report.providers
                    ),
                ));
            }
        }
        if self.seeds > 1 && !self.json {
            writeln!(
                out,
                "{}: {} seeds from {} on, everything held.",
                self.scenario.name, self.seeds, self.seed
            )?;
        }
        Ok(())
    }
}

impl WriteTable {
    fn run(&self) -> Result<(), Failure> {
        let mut broken = None;
        let table = lubdub_sim::table(|report| {
            note(format_args!(
                "{}: {}",
                report.scenario,
                if report.violation.is_some() { "broken" } else { "holds" }
            ));
            if report.violation.is_some() {
                broken = Some(report.to_string());
            }
        });
        if let Some(report) = broken {
            return Err(Failure::bare(format_args!("an invariant does not hold:\n{report}")));
        }
        let Some(path) = &self.write else {
            return Ok(write!(io::stdout().lock(), "{table}")?);
        };
        write_between(path, lubdub_sim::MARK, &table)
    }
}

/// A report as programs read it. All spans in milliseconds.
#[derive(Serialize)]
struct Shown<'a> {
    scenario: &'a str,
    seed: u64,
    providers: usize,
    hosts: usize,
    simulated_ms: u64,
    gone_after_ms: Option<[u64; 3]>,
    dead: usize,
    living_evicted: usize,
    held: usize,
    returned: usize,
    released: usize,
    refused: usize,
    flaps: usize,
    kept_out: usize,
    deaf_ms: u64,
    most_in_a_tick: usize,
    happened: std::collections::BTreeMap<&'a str, u64>,
    violation: Option<String>,
}

fn json(report: &Report) -> Result<String, Failure> {
    let figures = &report.figures;
    let millis = |micros: u64| u64::try_from(Duration::from_micros(micros).as_millis()).unwrap_or(u64::MAX);
    let of = |percent| figures.detected_within(percent).map(millis);
    let shown = Shown {
        scenario: report.scenario,
        seed: report.seed,
        providers: report.providers,
        hosts: report.hosts,
        simulated_ms: millis(report.lasted),
        gone_after_ms: of(50)
            .zip(of(99))
            .zip(of(100))
            .map(|((median, most), longest)| [median, most, longest]),
        dead: figures.detection.len(),
        living_evicted: figures.living_evicted,
        held: figures.held,
        returned: figures.returned,
        released: figures.released,
        refused: figures.refused,
        flaps: figures.flaps,
        kept_out: figures.kept_out,
        deaf_ms: figures.deaf_millis,
        most_in_a_tick: figures.most_concluded,
        happened: report.tally.iter().collect(),
        violation: report.violation.as_ref().map(ToString::to_string),
    };
    serde_json::to_string(&shown).map_err(|error| Failure::bare(format_args!("cannot write JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_one_line_of_json_with_its_figures() {
        let wish = Wish { providers: Some(20), ..Wish::default() };
        let report = lubdub_sim::scenario("kill-14-percent").unwrap().run(&wish);
        let shown: serde_json::Value = serde_json::from_str(&json(&report).unwrap()).unwrap();
        assert_eq!((&shown["dead"], &shown["held"], &shown["violation"]), (&2.into(), &0.into(), &().into()));
        assert_eq!(shown["happened"]["crash"], 2);
    }
}
