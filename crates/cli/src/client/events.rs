//! The registry's events, as they come.

use std::fmt;
use std::io::BufReader;

use ureq::BodyReader;

use super::path::with_query;
use super::stream::{Frame, Frames};
use super::wire::{Event, Place, Reset};
use super::{Client, Reply};
use crate::failure::Failure;

/// What a stream tells.
#[derive(Debug)]
pub(crate) enum News {
    /// A change.
    Change(Box<Event>),
    /// Some of what happened is not remembered: this is how things are now.
    Reset(Reset),
}

/// One piece of a stream.
#[derive(Debug)]
pub(crate) struct Watched {
    /// As the registry wrote it.
    pub(crate) json: String,
    /// What it means.
    pub(crate) news: News,
    /// Where to go on after it; none in the midst of changes that belong together.
    pub(crate) resume: Option<u64>,
}

/// What happens, as it does, until the stream ends.
pub(crate) struct Events(Frames<BufReader<BodyReader<'static>>>);

impl Client {
    /// Where the registry is now: nothing that happens later is missing after it.
    pub(crate) fn place(&self) -> Result<u64, Failure> {
        let now: Reply<Place> = self.read("/api/v1/events?limit=1")?;
        Ok(now.document.revision)
    }

    /// What happens to a service, or to all, after a place.
    pub(crate) fn events(&self, service: Option<&str>, after: u64) -> Result<Events, Failure> {
        let after = after.to_string();
        self.stream(&with_query("/api/v1/events", &[("service", service), ("since", Some(&after))]))
            .map(Events)
    }
}

impl Iterator for Events {
    type Item = Result<Watched, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        let frame = match self.0.next()? {
            Ok(frame) => frame,
            Err(error) => return Some(Err(Broken(error.to_string()))),
        };
        watched(frame).transpose().or_else(|| self.next())
    }
}

/// A stream ended with an error; whoever watches may open it again.
#[derive(Debug)]
pub(crate) struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a frame means; none when it is of a kind that this program does not know.
fn watched(frame: Frame) -> Result<Option<Watched>, Broken> {
    let unreadable = |error| Broken(format!("an event that this program cannot read: {error}"));
    let news = match frame.event.as_str() {
        "change" => News::Change(serde_json::from_str(&frame.data).map_err(unreadable)?),
        "reset" => News::Reset(serde_json::from_str(&frame.data).map_err(unreadable)?),
        _ => return Ok(None),
    };
    Ok(Some(Watched { json: frame.data, news, resume: frame.id.parse().ok() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(event: &str, id: &str, data: &str) -> Frame {
        Frame { id: id.to_owned(), event: event.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn changes_and_resets_are_told_apart_and_other_kinds_passed_over() {
        let change = r#"{"revision":7,"at":"2026-11-21T11:02:16.207Z","service":"orders","id":"a",
            "change":"removed","cause":{"name":"deregistered","face":"eureka"},"status":null,"address":null}"#;
        let told = watched(frame("change", "7", change)).unwrap().unwrap();
        assert!(matches!(told.news, News::Change(event) if event.id == "a" && event.status.is_none()));
        assert_eq!(told.resume, Some(7));
        let told =
            watched(frame("reset", "9", r#"{"revision":9,"services":2,"instances":5}"#)).unwrap().unwrap();
        assert!(matches!(told.news, News::Reset(Reset { services: 2, instances: 5 })));
        assert!(watched(frame("later", "", "{}")).unwrap().is_none());
        assert!(watched(frame("change", "", "{}")).is_err());
    }

    #[test]
    fn in_the_midst_of_a_transaction_there_is_no_place_to_resume() {
        let told = watched(frame("reset", "", r#"{"services":0,"instances":0}"#)).unwrap().unwrap();
        assert_eq!(told.resume, None);
    }
}
