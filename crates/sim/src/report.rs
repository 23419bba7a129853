//! [`Report`]: what a run showed, for eyes and for machines.

use std::fmt;

use crate::figures::Figures;
use crate::tally::Tally;
use crate::violation::Violation;

/// What a run showed.
#[derive(Debug, Clone)]
pub struct Report {
    /// The scenario.
    pub scenario: &'static str,
    /// The seed.
    pub seed: u64,
    /// How many processes there were,
    pub providers: usize,
    /// on how many machines.
    pub hosts: usize,
    /// How long it lasted, in simulated microseconds.
    pub lasted: u64,
    /// The figures.
    pub figures: Figures,
    /// What happened how often.
    pub tally: Tally,
    /// The invariant that did not hold.
    pub violation: Option<Violation>,
}

/// Microseconds as seconds with one decimal.
pub(crate) fn seconds(micros: u64) -> String {
    format!("{:.1}", micros as f64 / 1e6)
}

impl Report {
    /// The time from a death to the departure: median, 99 of 100, longest, in seconds.
    pub fn detection(&self) -> Option<[String; 3]> {
        let of = |percent| self.figures.detected_within(percent).map(seconds);
        Some([of(50)?, of(99)?, of(100)?])
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, seed, providers, hosts, figures, .. } = self;
        writeln!(
            f,
            "{scenario}, seed {seed}: {providers} providers on {hosts} machines, {} s",
            seconds(self.lasted)
        )?;
        if let Some([median, most, longest]) = self.detection() {
            let count = figures.detection.len();
            writeln!(
                f,
                "  {count} dead were gone after {median} s (median), {most} s (99 %), {longest} s (longest)"
            )?;
        }
        let Figures { living_evicted, held, returned, released, refused, flaps, kept_out, .. } = figures;
        writeln!(f, "  {living_evicted} left whose beats were lost for longer than their lease")?;
        writeln!(f, "  {held} were held: {returned} of them heard again, {released} let go as dead")?;
        if *refused > 0 {
            writeln!(f, "  {refused} left because their address refused a connection")?;
        }
        let Figures { connections_lost, suspected, .. } = figures;
        if *connections_lost + *suspected > 0 {
            writeln!(
                f,
                "  {connections_lost} left with their connection, {suspected} were held as theirs closed with many"
            )?;
        }
        if *flaps > 0 {
            writeln!(f, "  {flaps} came back as the same process, {kept_out} of them kept out for a while")?;
        }
        writeln!(
            f,
            "  deaf for {} s; one tick concluded {} at most",
            seconds(figures.deaf_millis * 1_000),
            figures.most_concluded
        )?;
        let faults: Vec<String> = self.tally.iter().map(|(name, times)| format!("{name} {times}")).collect();
        write!(f, "  {}", faults.join(", "))?;
        if let Some(violation) = &self.violation {
            write!(
                f,
                "\nBROKEN: {violation}\n  again: lubdub sim run {scenario} --seed {seed} --providers {providers}"
            )?;
        }
        Ok(())
    }
}
