//! For tests: a real server on a free port, and a connection on which a test writes what it
//! likes.
//!
//! | type | for tests that |
//! | --- | --- |
//! | [`TestServer`] | ask a server over real sockets, within this process |
//! | [`Exchange`] | send requests byte by byte, or half of them |
//! | [`Proxy`] | cut a connection, or let it fall silent |
//!
//! Everything panics where a test could not go on, with the reason.
//!
//! ```
//! use lubdub_testkit_server::{Exchange, TestServer};
//!
//! let server = TestServer::in_memory();
//! let answer = Exchange::with(server.address()).get("/healthz");
//! assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
//! ```

mod exchange;
mod proxy;
mod server;

pub use exchange::{Answer, Exchange};
pub use proxy::Proxy;
pub use server::TestServer;
