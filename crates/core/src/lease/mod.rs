//! Leases: the promise that an instance lives until a deadline, kept by beats.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `cell` | one atomic word that renewals and the driver race for |
//! | `rhythm` | the last four beat intervals, for display |
//! | `promise` | a [`Lease`]: the cell and what never changes beside it |
//! | `name` | what a lease is found by |
//! | `departed` | leases that were lost lately, and who still beats for them |
//! | `table` | from a name to its lease, without an exclusive lock |
//!
//! Lazy: a beat stores one tick and never touches the wheel; a slot that comes up is
//! judged against the newest beat, then expired or put again.

pub mod cell;
mod departed;
mod name;
mod promise;
mod rhythm;
mod table;

pub use name::LeaseRef;
pub use promise::{Lease, LeaseId};
pub(crate) use promise::{LeaseParts, Standing};
pub use table::{LeaseTable, Renewal};
