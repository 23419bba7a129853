//! [`Instance`]: one running copy of a service, as the registry knows it.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use super::{Check, CheckState, InstanceKey, Profile, Status};
use crate::tick::WallTime;

/// A host name or an IP address, as it was given.
///
/// An address, which most are, is as short as to need no allocation of its own; copying a
/// longer one costs a reference.
pub type HostName = smol_str::SmolStr;

/// Where an instance is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// A host name or an IP address.
    pub host: HostName,
    /// The port for plain connections, unless it has none.
    pub port: Option<u16>,
    /// The port for encrypted connections, if it has one.
    pub secure_port: Option<u16>,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.to_string() };
        match self.port.or(self.secure_port) {
            Some(port) => f.pad(&format!("{host}:{port}")),
            None => f.pad(&host),
        }
    }
}

/// Which of two registrations of the same instance wins: one that is strictly lower than
/// what is stored changes nothing. Made by the registrant (Eureka's `lastDirtyTimestamp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Precedence(pub u64);

/// Counts the incarnations of an instance: each registration that takes effect is a new
/// one. A sender that knows its generation cannot keep another incarnation's lease.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Generation(pub u32);

impl Generation {
    /// The one after this; wraps after four thousand million registrations.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// One running copy of a service. Immutable: a change makes a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// What it is known by.
    pub key: InstanceKey,
    /// Which incarnation this is.
    pub generation: Generation,
    /// Where it is called.
    pub address: Address,
    /// What it says of itself beyond that.
    pub profile: Arc<Profile>,
    /// The status that it reported last.
    pub reported: Status,
    /// The status by its report and an operator's word. What consumers are shown follows
    /// from it: [`Instance::effective_status`].
    pub status: Status,
    /// What an operator said, if anything: outranks the report.
    pub status_override: Option<Status>,
    /// Whether its renewals are answered as unknown until it registers again.
    pub ask_again: bool,
    /// Whose word wins between two registrations, where the protocol has such a thing.
    pub precedence: Option<Precedence>,
    /// Whether a lease of it is due and the guard holds it. Not kept across a restart.
    pub held: bool,
    /// Whether damping keeps it out. Not kept across a restart.
    pub damped: bool,
    /// Its checks, in the order given; at least one.
    pub checks: SmallVec<[Check; 1]>,
    /// When this incarnation registered.
    pub registered_at: WallTime,
    /// When it was first `UP` without having left since.
    pub up_at: Option<WallTime>,
    /// When anything of it changed last.
    pub updated_at: WallTime,
}

impl Instance {
    /// What consumers are shown: of an instance that is `UP`, `DOWN` while a check is critical,
    /// and `OUT_OF_SERVICE` while damping keeps it out.
    pub fn effective_status(&self) -> Status {
        match self.status {
            Status::Up if self.health() == CheckState::Critical => Status::Down,
            Status::Up if self.damped => Status::OutOfService,
            status => status,
        }
    }

    /// The worst state of its checks.
    pub fn health(&self) -> CheckState {
        self.checks.iter().map(|check| check.state).max().unwrap_or_default()
    }
}
