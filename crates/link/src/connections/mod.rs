//! Tables of connections, from which those that are over are removed, whoever forgot to.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `config` | how often one looks, and what is silent |
//! | `scan` | the task that looks, and who has entered |
//! | `table` | who is in it, and who has to go |

mod config;
mod scan;
mod table;

pub use config::{ConnectionsConfig, ScanFault};
pub use scan::{Connections, Entered};
pub use table::{Connection, ConnectionTable, Removed};
