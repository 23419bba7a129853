//! [`Client`]: asks a registry through its REST face, as any other program could.

mod connection;
mod events;
mod path;
mod questions;
mod stream;
mod token;
pub(crate) mod wire;

pub(crate) use connection::{Client, Reply};
pub(crate) use events::{Events, News};
pub(crate) use questions::Fitting;
