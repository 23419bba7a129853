//! `lubdub status`: how the registry is, on one screen.

use std::collections::BTreeMap;
use std::io::{self, Write};

use clap::Args;
use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde_json::json;

use super::target::Target;
use crate::client::wire::{Damping, Deaf, Guard, Readiness, Server};
use crate::client::{Client, Fitting, Reply};
use crate::failure::Failure;
use crate::output::Paint;

mod screen;

#[derive(Debug, Args)]
#[command(after_help = "\
The exit code is 0 when the registry is ready, and 1 when it is degraded, stops, or does not answer.
Degraded is still served: what is wrong stands under `warnings`.

Examples:
  lubdub status
  lubdub status --server http://registry.example:8761
  lubdub status --json | jq '.readiness.warnings'
  lubdub status > /dev/null || echo \"look at the registry\"")]
pub(super) struct Status {
    #[command(flatten)]
    target: Target,
}

/// Everything that the screen shows.
#[derive(Debug)]
struct Seen {
    server: Reply<Server>,
    readiness: Reply<Readiness>,
    /// How many instances have each status.
    statuses: BTreeMap<String, usize>,
    guard: Option<Reply<Guard>>,
    damping: Option<Reply<Damping>>,
    deaf: Option<Reply<Deaf>>,
    /// How many instances the guard holds.
    held: usize,
}

impl Status {
    pub(super) fn run(&self, paint: Paint) -> Result<(), Failure> {
        let client = self.target.client()?;
        let seen = Seen::of(&client)?;
        let mut out = io::stdout().lock();
        if self.target.json {
            writeln!(out, "{}", seen.json())?;
        } else {
            let screen = screen::screen(&seen, client.server(), Timestamp::now(), paint);
            writeln!(out, "{}", screen.join("\n"))?;
        }
        out.flush()?;
        if seen.readiness.document.status == "ready" { Ok(()) } else { Err(Failure::Said) }
    }
}

impl Seen {
    fn of(client: &Client) -> Result<Self, Failure> {
        let mut statuses = BTreeMap::new();
        for service in client.services()?.document.services {
            for (status, number) in service.statuses {
                *statuses.entry(status).or_default() += number;
            }
        }
        let guard = client.guard()?;
        let holds = guard
            .as_ref()
            .is_some_and(|guard| guard.document.scopes.iter().any(|scope| scope.episode.is_some()));
        // Scopes overlap, so what they hold cannot be added up.
        let held = if holds {
            client.instances::<IgnoredAny>(&Fitting { held: true, ..Fitting::default() })?.instances.len()
        } else {
            0
        };
        Ok(Self {
            server: client.figures()?,
            readiness: client.readiness()?,
            statuses,
            guard,
            damping: client.damping()?,
            deaf: client.deaf()?,
            held,
        })
    }

    /// The registry's own words for each, in one document.
    fn json(&self) -> String {
        fn raw<T>(reply: Option<&Reply<T>>) -> &str {
            reply.map_or("null", |reply| reply.json.trim())
        }
        format!(
            "{{\"readiness\":{},\"server\":{},\"statuses\":{},\"held\":{},\"guard\":{},\"damping\":{},\"deaf\":{}}}",
            raw(Some(&self.readiness)),
            raw(Some(&self.server)),
            json!(self.statuses),
            self.held,
            raw(self.guard.as_ref()),
            raw(self.damping.as_ref()),
            raw(self.deaf.as_ref()),
        )
    }
}
