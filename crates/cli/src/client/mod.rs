//! [`Client`]: asks a registry through its REST face, as any other program could.

mod actions;
mod connection;
mod events;
mod operator;
mod path;
mod questions;
mod stream;
pub(crate) mod token;
pub(crate) mod wire;

pub(crate) use actions::Subject;
pub(crate) use connection::{Acted, Client, Reply};
pub(crate) use events::{Events, News};
pub(crate) use operator::{Operator, TokenSource};
pub(crate) use questions::Fitting;
