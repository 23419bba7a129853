//! How things are said: spans of time, points in time, changes and their causes.
//!
//! Everything here is pure: what is said depends on the arguments only, also on what time it
//! is. So each sentence is tested word by word.

mod cause;
mod clock;
mod news;
mod span;
mod story;

pub(crate) use clock::{ago, date_and_time, time_of_day};
pub(crate) use news::news;
pub(crate) use span::{count, rough, span};
pub(crate) use story::{Story, story};
