//! `lubdub watch`: shows each change as it happens, and goes on after a loss; of lubdub with its
//! causes, of any other registry as its consumers see it.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use clap::Args;
use lubdub_client::Config;

use super::any_registry::AnyRegistry;
use super::target::Target;
use crate::client::wire::Reset;
use crate::client::{Client, Events, News};
use crate::failure::Failure;
use crate::output::{Paint, note};
use crate::words::{count, news};

mod followed;

/// The first wait before a lost stream is opened again; it doubles up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lubdub watch
  lubdub watch orders payments
  lubdub watch --json | jq 'select(.cause.name == \"expired\")'
  lubdub watch orders --registry zookeeper://127.0.0.1:2181

With --registry it shows what consumers are told by any registry (who is there, joined, left, changed), \
and when the registry is gone and back. Some registries tell `orders` from `ORDERS`.")]
pub(super) struct Watch {
    /// Only changes of these services (in any case); they need not exist yet
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,

    /// Follow services on a registry of any kind in the place of --server; SERVICE is needed then
    #[arg(long, value_name = "URL", requires = "services")]
    registry: Option<String>,

    #[command(flatten)]
    target: Target,
}

impl Watch {
    pub(super) fn run(&self, paint: Paint) -> Result<(), Failure> {
        if let Some(url) = &self.registry {
            let at = AnyRegistry::at(url, self.target.token_file(), Config::default())?;
            return followed::follow(&at, &self.services, self.target.json, paint);
        }
        let client = self.target.client()?;
        // The first time, a registry that does not answer is a mistake to be told.
        let mut place = client.place()?;
        let mut events = client.events(self.asked_for(), place)?;
        let what =
            if self.services.is_empty() { "every service".to_owned() } else { self.services.join(", ") };
        note(format_args!("Watching {what} at {} until Ctrl-C (times are UTC).", client.server()));
        loop {
            let why = self.show(&mut events, &mut place, paint)?;
            note(format_args!(
                "The stream from {} ended{why}; waiting for it to come back.",
                client.server()
            ));
            events = self.open_again(&client, place);
            note("Watching again.");
        }
    }

    /// The service that the registry is asked for: it tells of one, or of all.
    fn asked_for(&self) -> Option<&str> {
        match &self.services[..] {
            [service] => Some(service),
            _ => None,
        }
    }

    /// Whether something is to be shown. Of several services we choose ourselves.
    fn wants(&self, news: &News) -> bool {
        let News::Change(event) = news else { return true };
        let is_it = |service: &String| service.to_lowercase() == event.service.to_lowercase();
        self.services.len() < 2 || self.services.iter().any(is_it)
    }

    /// Shows what comes until the stream ends, and says why it did.
    fn show(&self, events: &mut Events, place: &mut u64, paint: Paint) -> Result<String, Failure> {
        for watched in events {
            let watched = match watched {
                Ok(watched) => watched,
                Err(broken) => return Ok(format!(" ({broken})")),
            };
            *place = watched.resume.unwrap_or(*place);
            if !self.wants(&watched.news) {
                continue;
            }
            let mut out = io::stdout().lock();
            match &watched.news {
                _ if self.target.json => writeln!(out, "{}", watched.json)?,
                News::Change(event) => writeln!(out, "{}", news(event).line(paint))?,
                News::Reset(reset) => writeln!(out, "{}", in_words(reset))?,
            }
            out.flush()?;
        }
        Ok(String::new())
    }

    fn open_again(&self, client: &Client, place: u64) -> Events {
        let mut wait = SHORTEST;
        loop {
            thread::sleep(wait);
            match client.events(self.asked_for(), place) {
                Ok(events) => return events,
                Err(_) => wait = (wait * 2).min(LONGEST),
            }
        }
    }
}

fn in_words(reset: &Reset) -> String {
    format!(
        "(what happened in between is not remembered; there are {} of {} now)",
        count(reset.instances, "instance"),
        count(reset.services, "service")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_told_with_how_things_are_now() {
        assert_eq!(
            in_words(&Reset { services: 2, instances: 1 }),
            "(what happened in between is not remembered; there are 1 instance of 2 services now)"
        );
    }
}
