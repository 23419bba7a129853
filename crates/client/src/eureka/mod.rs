//! `eureka://host:8761[/path]`: any Eureka server, lubdub among them.
//!
//! | operation | request |
//! | --- | --- |
//! | register, announce | `POST /apps/APP` with a newer `lastDirtyTimestamp`: one step, no gap |
//! | beat | `PUT /apps/APP/ID?status=…&lastDirtyTimestamp=…`; 404 means unknown, whatever its body |
//! | leave | `DELETE /apps/APP/ID` |
//! | look up | `GET /apps/APP`, asked each `poll` |
//!
//! Unavailable is `STARTING` before an instance was ever available, and `DOWN` afterwards; never
//! `OUT_OF_SERVICE`, which is an operator's word. What Eureka has no field for is metadata, under the
//! names that Spring Cloud uses where it has some: `version`, `zone`, `group`, `weight`, `tags`.

mod connection;
mod convert;

pub(crate) use connection::connect;
