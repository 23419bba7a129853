//! `lubdub://[token@]host:8761`: lubdub's own protocol, over gRPC.
//!
//! All that one handle provides is kept by one session, one long connection; consumers are told each
//! change on a watch.
//!
//! | operation | call |
//! | --- | --- |
//! | register, announce, leave | `Register`, `SetStatus`, `Deregister` on the session; a `Goodbye` after the last one left |
//! | beat | one `Beat` for all instances; whatever else was answered lately is as good |
//! | look-up | `ListInstances`, all pages |
//! | subscription | `Watch`, and a look-up after a poll without any news |
//!
//! A session whose connection is lost is taken up again at once over another, by its token; what it
//! does not keep any more is registered again by the machine at the next beat. A session that falls
//! silent is taken up over a second connection before the first is given up: a connection that closes
//! without a goodbye takes its instances along.
//!
//! | file | |
//! | --- | --- |
//! | `connection` | the back end |
//! | `session`, `link` | the session, and one of its connections |
//! | `conversation`, `known`, `convert` | what was said and answered; what a watch told; the messages: pure |
//! | `servers` | where it is reached, and what its failures are to us |

mod connection;
mod conversation;
mod convert;
mod known;
mod link;
mod servers;
mod session;

pub(crate) use connection::connect;
