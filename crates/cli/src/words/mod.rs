//! How things are said: spans of time, points in time, changes and their causes.
//!
//! Everything here is pure: what is said depends on the arguments only, also on what time it
//! is. So each sentence is tested word by word.

mod cause;
mod clock;
mod guard;
mod news;
#[cfg(test)]
mod shared;
mod silence;
mod span;
mod story;
mod visible;

pub(crate) use cause::asked_by;
pub(crate) use clock::{ago, date_and_time, since, time_of_day, time_seen_from, until};
pub(crate) use guard::scope;
pub(crate) use news::{News, news};
pub(crate) use span::{chosen, count, rough, span};
pub(crate) use story::{Story, story};
pub(crate) use visible::visible;
