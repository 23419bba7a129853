//! The words that the page in a browser has too: both are held to one file, so that they stay the
//! same. The page's are tested in a browser, by `conformance/web`.

use jiff::Timestamp;
use serde::Deserialize;

use super::cause::because;
use super::news::word;
use super::story::{Story, story};
use crate::client::wire::{Cause, Entry, Instance};
use crate::output::Paint;

/// As the registry's interface writes them, with what is told of them.
#[derive(Deserialize)]
struct Words {
    changes: Vec<Change>,
    lives: Vec<Life>,
}

#[derive(Deserialize)]
struct Change {
    at: Timestamp,
    seat: Option<String>,
    cause: Cause,
    what: String,
    because: String,
}

#[derive(Deserialize)]
struct Life {
    now: Timestamp,
    instance: Option<Instance>,
    history: Vec<Entry>,
    told: Vec<String>,
}

fn words() -> Words {
    serde_json::from_str(include_str!("../../../faces/web/words.json")).unwrap()
}

#[test]
fn changes_are_told_as_the_page_tells_them() {
    for Change { at, seat, cause, what, because: told } in words().changes {
        assert_eq!(word(&cause.name).0, what);
        assert_eq!(because(&cause, at, seat.as_deref()), told);
    }
}

#[test]
fn lives_are_told_as_the_page_tells_them() {
    for Life { now, instance, history, told } in words().lives {
        let life =
            Story { service: "orders", id: "orders-2", instance: instance.as_ref(), history: &history };
        let lines = story(&life, now, Paint::PLAIN);
        let own: Vec<&str> = lines.iter().map(|line| line.trim_start()).take(told.len()).collect();
        let [first, leases @ ..] = own.as_slice() else { panic!("nothing is told") };
        assert_eq!(first.strip_prefix("orders/orders-2 "), told.first().map(String::as_str));
        assert_eq!(leases, told.get(1..).unwrap());
    }
}
