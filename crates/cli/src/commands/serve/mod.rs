//! `lubdub serve`: runs a registry until a signal asks it to stop.

mod banner;
mod logging;
mod server;

pub(super) use server::Serve;
