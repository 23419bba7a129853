//! The model to the wire and back; pure, no clock, no registry.
//!
//! | module | its one idea |
//! | --- | --- |
//! | `told` | what is told of instances, services, changes |
//! | `said` | what a session says, and what a watch asks for, parsed |

mod said;
mod told;

pub(crate) use said::{Declared, declared, metadata, registration, status, wanted};
pub(crate) use told::{change, instance, key_of, lost, service};
