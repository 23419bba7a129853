//! What the registry knows of an instance: its identity, address, status, checks
//! and what its own protocol wants remembered.

mod check;
mod identity;
mod instance;
mod metadata;
mod origin;
mod profile;
mod status;

pub use check::{Check, CheckId, CheckState, LeaseTerms};
pub(crate) use identity::compare_folded;
pub use identity::{InstanceId, InstanceKey, NodeName, ServiceName};
pub use instance::{Address, Generation, Instance, Precedence};
pub use metadata::Metadata;
pub use origin::Origin;
pub use profile::Profile;
pub use status::{Status, StatusCounts};
