//! A server over real sockets.

mod access;
mod bodies;
mod connections;
mod lives;
mod start_and_stop;
