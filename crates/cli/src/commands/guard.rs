//! `lubdub guard`: shows what the guard against mass eviction sees and holds, or releases it.

use std::io::{self, Write};

use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::acting::Acting;
use super::target::Target;
use crate::client::wire::{self, Episode, GuardRules, GuardedScope, Released, Scope};
use crate::client::{Acted, Client};
use crate::failure::Failure;
use crate::output::{Ink, Paint, Table};
use crate::words::{ago, asked_by, count, rough, scope, since, time_seen_from, until};

#[derive(Debug, Args)]
#[command(after_help = "\
When many hosts fall silent at once, it is more likely that the registry does not hear them than that \
they are dead: the guard then holds their leases, and they stay listed. It lets them go when the others \
prove that the registry hears well, when they were held for as long as its rules allow, or when you \
release them.

Examples:
  lubdub guard
  lubdub guard --json | jq '.scopes[] | select(.state == \"holding\")'
  lubdub guard release registry
  lubdub guard release zone eu-1a --as alice")]
pub(super) struct Guard {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    target: Target,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum Action {
    /// Let those go that are held: you know that they are dead
    Release(Release),
}

#[derive(Debug, Args)]
#[command(disable_help_subcommand = true)]
#[command(after_help = "\
Examples:
  lubdub guard release registry
  lubdub guard release zone eu-1a
  lubdub guard release service orders")]
struct Release {
    #[command(subcommand)]
    scope: Which,

    #[command(flatten)]
    acting: Acting,
}

#[derive(Debug, Subcommand)]
enum Which {
    /// What is held because too much of the whole registry is silent
    Registry,
    /// What is held because too much of a zone is silent
    Zone {
        /// The zone, exactly
        name: String,
    },
    /// What is held because too much of a service is silent
    Service {
        /// The service, in any case
        name: String,
    },
}

impl Guard {
    pub(super) fn run(&self, paint: Paint) -> Result<(), Failure> {
        let client = self.target.client()?;
        match &self.action {
            None => self.show(&client, paint),
            Some(Action::Release(release)) => release.run(&client, self.target.json),
        }
    }

    fn show(&self, client: &Client, paint: Paint) -> Result<(), Failure> {
        let Some(guard) = client.guard()? else {
            return Err(Failure::bare(format_args!("the registry at {} has no guard", client.server())));
        };
        let mut out = io::stdout().lock();
        if self.target.json {
            return Ok(writeln!(out, "{}", guard.json)?);
        }
        Ok(writeln!(out, "{}", in_words(&guard.document, Timestamp::now(), paint).join("\n"))?)
    }
}

impl Release {
    fn run(&self, client: &Client, json: bool) -> Result<(), Failure> {
        let operator = self.acting.operator(client)?;
        let which = match &self.scope {
            Which::Registry => Scope { kind: "registry".to_owned(), name: None },
            Which::Zone { name } => Scope { kind: "zone".to_owned(), name: Some(name.clone()) },
            Which::Service { name } => Scope { kind: "service".to_owned(), name: Some(name.clone()) },
        };
        match client.release(&which, &operator)? {
            Acted::Done(reply) if json => Ok(writeln!(io::stdout(), "{}", reply.json)?),
            Acted::Done(reply) => Ok(writeln!(io::stdout(), "{}", released(&which, reply.document))?),
            Acted::Nothing(said) => {
                Err(Failure::new(said, "see what is held with `lubdub guard`; nothing was changed"))
            }
            Acted::Absent => Err(Failure::bare(format_args!("{} is not known here", scope(&which)))),
        }
    }
}

fn released(which: &Scope, released: Released) -> String {
    format!(
        "The guard of {} lets go {} of {}; `lubdub watch` shows them leave, unless they are heard first.",
        scope(which),
        count(released.released_leases, "lease"),
        count(released.released_hosts, "host")
    )
}

fn in_words(guard: &wire::Guard, now: Timestamp, paint: Paint) -> Vec<String> {
    let mut lines = vec![rules(&guard.rules)];
    if let (Some(promised), Some(heard)) = (guard.promised_per_minute, guard.heard_last_minute) {
        lines.push(format!(
            "All leases together promise {promised} renewals a minute; {heard} came in the last."
        ));
    }
    if !guard.scopes.is_empty() {
        lines.extend([String::new(), table(&guard.scopes, now, paint).to_string(), String::new()]);
        lines.extend(guard.scopes.iter().map(|scope| format!("{}.", scope.sentence)));
    }
    if !guard.past.is_empty() {
        lines.extend([String::new(), "Over lately (times are UTC):".to_owned()]);
        lines.extend(guard.past.iter().map(|past| {
            format!(
                "  {} was held for {}, until {} ({}): {} of {} hosts were silent, more than {}; \
                 {} heard again, {} left",
                scope(&past.scope),
                rough(since(past.since, past.until)),
                time_seen_from(now, past.until),
                ago(now, past.until),
                past.entered.silent,
                past.entered.hosts,
                past.entered.tolerated,
                past.returned,
                past.left,
            )
        }));
    }
    lines
}

fn rules(rules: &GuardRules) -> String {
    if !rules.enabled {
        return "The guard is switched off (guard.enabled): whoever is silent leaves.".to_owned();
    }
    let longest = match rules.max_hold.as_u64() {
        Some(1) => "for at most one lease time".to_owned(),
        Some(times) => format!("for at most {times} lease times"),
        None => "for as long as it takes".to_owned(),
    };
    format!(
        "The guard holds when more than {} hosts and more than {} % of a scope fall silent within one lease \
         time, where it has at least {} hosts; {longest}.",
        rules.tolerated_hosts, rules.tolerated_percent, rules.min_hosts,
    )
}

fn table(scopes: &[GuardedScope], now: Timestamp, paint: Paint) -> Table {
    let mut table =
        Table::new(paint, &["SCOPE", "STATE", "HOSTS", "SILENT", "TOLERATED", "HELD", "SINCE", "WAITS FOR"]);
    for it in scopes {
        let (state, ink) = match it.state.as_str() {
            "off" => ("off", Ink::Wary),
            "too_few_hosts" => ("too few hosts", Ink::Faint),
            "open" => ("open", Ink::Good),
            "holding" => ("holding", Ink::Bad),
            other => (other, Ink::Wary),
        };
        let episode = it.episode.as_ref();
        let held = episode.map(|episode| {
            format!("{} of {}", count(episode.held_leases, "lease"), count(episode.held_hosts, "host"))
        });
        let since = episode.and_then(|episode| episode.since).map(|since| ago(now, since));
        let waits = episode.map(|episode| waits_for(episode, now));
        table.row([
            (scope(&it.scope), Some(Ink::Strong)),
            (state.to_owned(), Some(ink)),
            (it.hosts.to_string(), None),
            (it.silent.to_string(), None),
            (it.tolerated.to_string(), None),
            (held.unwrap_or_default(), Some(Ink::Wary)),
            (since.unwrap_or_default(), None),
            (waits.unwrap_or_default(), None),
        ]);
    }
    for column in [2, 3, 4] {
        table.align_right(column);
    }
    table
}

/// What a held scope waits for, and when that comes.
fn waits_for(episode: &Episode, now: Timestamp) -> String {
    let when = episode.next_at.map(|at| until(now, at));
    let when =
        |before: &str| when.as_ref().map_or_else(|| before.to_owned(), |when| format!("{before} {when}"));
    match episode.phase.as_str() {
        "listening" => when("the others: judged"),
        "draining" => when("its turn: the next leaves"),
        "released" => {
            let by = episode.by.as_ref().map(asked_by).filter(|by| !by.is_empty());
            format!("nothing: released {}", by.unwrap_or_else(|| "by an operator".to_owned()))
        }
        other => when(&other.replace('_', " ")),
    }
}

#[cfg(test)]
mod tests;
