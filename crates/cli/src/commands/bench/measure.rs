//! Measures, writes what came out, and says as what it counts.

use std::io::{self, Write};

use lubdub_load::{Bench, Eureka, Hooks, Outcome, Plan, Target};

use super::interrupt::Interrupt;
use super::progress::Live;
use super::words::Words;
use crate::failure::Failure;
use crate::output::note;
use crate::words::count;

/// Measures `server` by this plan.
pub(super) fn run(plan: Plan, server: &str, json: bool) -> Result<(), Failure> {
    let target = Target::resolve(server).map_err(Failure::told)?;
    let eureka = Eureka::new(&target, &plan);
    let bench = Bench::new(plan, target, eureka).map_err(Failure::told)?;
    let interrupt = Interrupt::new()?;
    let live = Live::new();
    let show = |progress| live.show(progress);
    let outcome = bench.run(&Hooks { stop: Some(interrupt.flag()), progress: Some(&show) });
    live.clear();
    let outcome = outcome.map_err(Failure::told)?;
    let mut out = io::stdout().lock();
    if json {
        let text = serde_json::to_string(&outcome).map_err(Failure::bare)?;
        writeln!(out, "{text}")?;
    } else {
        writeln!(out, "{}", Words(&outcome))?;
    }
    out.flush()?;
    verdict(&outcome)
}

/// What the figures are worth.
fn verdict(outcome: &Outcome) -> Result<(), Failure> {
    let server = &outcome.asked.server;
    if outcome.unsent > 0 && outcome.gone_after_s.is_none() {
        let unsent = outcome.unsent;
        note(format_args!(
            "warning: {unsent} requests were due and could not be sent, because all connections waited for answers: \
             {server} did not keep up; ask for less with --rate, or give more --connections"
        ));
    }
    if let Some(after) = outcome.gone_after_s {
        return Err(Failure::new(
            format_args!(
                "nobody answered at {server} any more after {after:.1} s; what was measured until then is above"
            ),
            "see whether the server still runs; its log should say why not",
        ));
    }
    if outcome.errors > 0 {
        let failed = count(usize::try_from(outcome.errors).unwrap_or(usize::MAX), "request");
        let kinds = outcome.errors_by_kind.iter();
        let kinds = kinds.map(|(kind, count)| format!("{}: {count}", kind.replace('_', " ")));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        return Err(Failure::new(
            format_args!("{failed} of {} failed ({kinds})", outcome.requests),
            "latency and throughput are of the others",
        ));
    }
    if outcome.late {
        note(format_args!(
            "void: the generator itself was late (one request in a hundred by more than {} µs, with {:.0} % of a core), \
             so these figures say nothing about {server}\n  \
             ask for less with --rate, or measure when this machine has less to do",
            outcome.generator.own_delay_p99_us,
            outcome.generator.busy * 100.0
        ));
        return Err(Failure::Void);
    }
    Ok(())
}
