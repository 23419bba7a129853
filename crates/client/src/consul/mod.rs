//! `consul://[token@]host:8500`: a Consul agent, with TTL checks.
//!
//! | operation | request (`/v1/agent/…`) |
//! | --- | --- |
//! | register | `PUT service/register`, its check passing or critical at once; then maintenance on or off |
//! | announce | `PUT service/maintenance/ID` |
//! | beat | `PUT check/pass/service:ID`; 404, or 500 about an unknown check, means unknown |
//! | leave | `PUT service/deregister/ID` |
//! | subscribe | `GET /v1/health/service/NAME` that waits for a change, at most `poll` |
//!
//! Unavailable is Consul's maintenance mode and not a failing check: so it is alive, seen to be so, and
//! not reaped. What Consul has no field for is `Meta`, whose names are escaped where Consul would
//! refuse them.

mod connection;
mod convert;

pub(crate) use connection::connect;
