//! gRPC over real sockets, spoken by a client that is generated from the same files. Its connections have a
//! worker of their own, so that a server which stops is heard while the test waits for it.

mod client;
mod faces;
mod facts;
mod lives;
mod refusals;
mod sessions;
mod silences;
mod watches;
