//! Calls over real connections, between providers and consumers of a real registry.

mod beats;
mod examples;
mod following;
mod partition;
mod programs;
mod strangers;
mod stuck;
