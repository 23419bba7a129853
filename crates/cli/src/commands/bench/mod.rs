//! `lubdub bench`: measures a server from outside, with the load of `lubdub-load`.

mod arguments;
mod interrupt;
mod kill;
mod long;
mod long_words;
mod measure;
mod progress;
mod words;

pub(super) use arguments::Bench;
