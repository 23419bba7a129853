//! Services on a registry of any kind, followed as a consumer does: who is offered, and who no more.

use std::collections::BTreeSet;
use std::io::{self, Write};

use jiff::Timestamp;
use lubdub_client::{Change, Consumer, Endpoint, Instance};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::commands::any_registry::{AnyRegistry, failure, runtime};
use crate::failure::Failure;
use crate::output::{Ink, Paint, note};
use crate::words::{News, visible};

/// So many changes wait for whoever reads slowly; after that the SDK keeps the newest state only.
const WAITING: usize = 64;

/// What happened to one instance, in the eyes of a consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum What {
    /// It was offered when we began.
    There,
    /// It is offered.
    Joined,
    /// It is offered no more.
    Left,
    /// It says something else of itself.
    Changed,
    /// The registry does not list it, and may have lost it.
    Doubted,
}

/// One change in JSON.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    at: Timestamp,
    change: What,
    instance: &'a Instance,
}

enum Heard {
    Change(What, Box<Endpoint>),
    /// The registry is gone, or back; for people.
    Registry(String),
}

/// Shows what happens to these services until nobody reads it.
pub(super) fn follow(at: &AnyRegistry, services: &[String], json: bool, paint: Paint) -> Result<(), Failure> {
    let runtime = runtime()?;
    let followed = runtime.block_on(async {
        let (sender, mut heard) = mpsc::channel(WAITING);
        for service in services {
            // The first time, a registry that does not answer is a mistake to be told.
            let consumer = at.registry.consume(service).await.map_err(failure)?;
            tokio::spawn(changes(consumer.clone(), sender.clone()));
            tokio::spawn(absences(consumer, format!("{service} at {}", at.name), sender.clone()));
        }
        note(format_args!("Watching {} at {} until Ctrl-C (times are UTC).", services.join(", "), at.name));
        while let Some(heard) = heard.recv().await {
            match heard {
                Heard::Change(what, endpoint) => write(what, &endpoint, json, paint)?,
                Heard::Registry(text) => note(text),
            }
        }
        Ok(())
    });
    runtime.shutdown_background();
    followed
}

async fn changes(consumer: Consumer, sender: mpsc::Sender<Heard>) {
    let mut there: BTreeSet<String> =
        consumer.endpoints().into_iter().map(|endpoint| endpoint.instance.id).collect();
    let mut changes = consumer.changes();
    while let Some(change) = changes.next().await {
        let was_there = there.remove(&change.endpoint().instance.id);
        let heard = Heard::Change(what(&change, was_there), Box::new(change.endpoint().clone()));
        if sender.send(heard).await.is_err() {
            return;
        }
    }
}

async fn absences(consumer: Consumer, what: String, sender: mpsc::Sender<Heard>) {
    loop {
        consumer.until_stale(true).await;
        let why = consumer.last_error().map(|error| format!(" ({error})")).unwrap_or_default();
        let gone = format!("{what} cannot be asked{why}; consumers go on with whom they know.");
        if sender.send(Heard::Registry(gone)).await.is_err() {
            return;
        }
        consumer.until_stale(false).await;
        if sender.send(Heard::Registry(format!("{what} is answered again."))).await.is_err() {
            return;
        }
    }
}

fn what(change: &Change, was_there: bool) -> What {
    match change {
        Change::Left(_) => What::Left,
        Change::Joined(endpoint) | Change::Updated(endpoint) if endpoint.doubted => What::Doubted,
        Change::Joined(_) if was_there => What::There,
        Change::Joined(_) => What::Joined,
        // Whatever else there may be one day changes something.
        _ => What::Changed,
    }
}

fn write(what: What, endpoint: &Endpoint, json: bool, paint: Paint) -> Result<(), Failure> {
    let at = Timestamp::now();
    let mut out = io::stdout().lock();
    if json {
        let shown = Shown { at, change: what, instance: &endpoint.instance };
        writeln!(out, "{}", serde_json::to_string(&shown).map_err(Failure::bare)?)?;
    } else {
        writeln!(out, "{}", news(at, what, &endpoint.instance).line(paint))?;
    }
    Ok(out.flush()?)
}

fn news(at: Timestamp, what: What, instance: &Instance) -> News {
    let (word, ink) = match what {
        What::There => ("is there", Ink::Faint),
        What::Joined => ("joined", Ink::Good),
        What::Left => ("left", Ink::Bad),
        What::Changed => ("changed", Ink::Faint),
        What::Doubted => ("doubted", Ink::Wary),
    };
    let mut why = vec![instance.address()];
    let mut say =
        |name: &str, value: Option<String>| why.extend(value.map(|value| format!("{name} {value}")));
    say("version", instance.version.clone());
    say("group", instance.group.clone());
    say("zone", instance.zone.clone());
    let tags: Vec<_> = instance.tags.iter().map(String::as_str).collect();
    say("tags", (!tags.is_empty()).then(|| tags.join(" ")));
    News {
        at,
        what: word.to_owned(),
        ink,
        who: visible(&format!("{}/{}", instance.service, instance.id)),
        why: visible(&why.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_one_line_with_what_consumers_choose_by() {
        let at = "2026-11-21T11:02:16.207Z".parse().unwrap();
        let instance = Instance::new("orders", "10.0.0.7", 80)
            .with_id("web-1")
            .with_version("2")
            .with_zone("eu-1")
            .with_tag("canary");
        assert_eq!(
            news(at, What::Joined, &instance).line(Paint::PLAIN),
            "11:02:16.207  joined             orders/web-1  10.0.0.7:80, version 2, zone eu-1, tags canary"
        );
        let shown = Shown { at, change: What::Left, instance: &instance };
        let text = serde_json::to_string(&shown).unwrap();
        assert!(
            text.starts_with(r#"{"at":"2026-11-21T11:02:16.207Z","change":"left","instance":{"#),
            "{text}"
        );
    }
}
