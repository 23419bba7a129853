//! A server over real sockets.

mod access;
mod bodies;
mod connections;
mod lives;
mod metrics;
mod operators;
mod probes;
mod start_and_stop;
