//! What the registry knows of an instance: its identity, address, status, checks
//! and what its own protocol wants remembered.

mod check;
mod instance;
mod key;
mod metadata;
mod named_facts;
mod origin;
mod phi_level;
mod profile;
mod service_name;
mod session;
mod status;

pub use check::{Check, CheckId, CheckState, LeaseTerms};
pub use instance::{Address, Generation, HostName, Instance, Precedence};
pub use key::InstanceKey;
pub(crate) use key::PackedKey;
pub use metadata::Metadata;
pub use origin::Origin;
pub use phi_level::PhiLevel;
pub use profile::Profile;
pub use service_name::ServiceName;
pub(crate) use service_name::compare_folded;
pub use session::SessionId;
pub use status::{Status, StatusCounts};
