//! [`Change`] and [`Cause`]: what happened, and why.

use std::sync::Arc;

use std::net::SocketAddr;

use crate::adaptive::Learnt;
use crate::command::Sender;
use crate::damping::{Flap, Undamped};
use crate::guard::{Arithmetic, Scope};
use crate::model::{CheckId, Generation, Instance, InstanceKey};

/// What happened. In the one order of everything, an instance's changes are: `Registered`,
/// any number of `Registered` and `Updated`, `Removed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An instance is there, or a new incarnation replaced the one before. Not for a
    /// registration that lost against a stored one of higher precedence.
    Registered {
        /// As it is from now on.
        instance: Arc<Instance>,
        /// Why.
        cause: Cause,
    },
    /// Something of an instance changed; its leases go on.
    Updated {
        /// As it is from now on.
        instance: Arc<Instance>,
        /// Why.
        cause: Cause,
    },
    /// An instance left.
    Removed {
        /// Who left.
        key: InstanceKey,
        /// The incarnation that left: a later one is not touched.
        generation: Generation,
        /// Why.
        cause: Cause,
    },
}

impl Change {
    /// Whom it is about.
    pub fn key(&self) -> &InstanceKey {
        match self {
            Self::Registered { instance, .. } | Self::Updated { instance, .. } => &instance.key,
            Self::Removed { key, .. } => key,
        }
    }

    /// Why it happened.
    pub fn cause(&self) -> &Cause {
        match self {
            Self::Registered { cause, .. } | Self::Updated { cause, .. } | Self::Removed { cause, .. } => {
                cause
            }
        }
    }

    /// The instance as it is from now on; none when it left.
    pub fn instance(&self) -> Option<&Arc<Instance>> {
        match self {
            Self::Registered { instance, .. } | Self::Updated { instance, .. } => Some(instance),
            Self::Removed { .. } => None,
        }
    }
}

/// Why something happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// It registered, and was not there.
    Joined(Sender),
    /// It registered again while it was there.
    Reregistered(Sender),
    /// It left on its own word.
    Deregistered(Sender),
    /// An override was set.
    OverrideSet(Sender),
    /// An override was taken back.
    OverrideCleared(Sender),
    /// Metadata was added.
    MetadataAdded(Sender),
    /// Its lease was lost.
    Expired(Box<Silence>),
    /// Its lease is due, but the guard holds it.
    Held {
        /// In this scope,
        scope: Scope,
        /// for these figures,
        arithmetic: Arithmetic,
        /// after this silence.
        silence: Box<Silence>,
    },
    /// It was held, and was heard again.
    Returned {
        /// For so many milliseconds.
        held: u64,
    },
    /// Its address refused a connection, so its process is gone.
    Refused(Refusal),
    /// It registered after its lease was lost, and is the same process: a flap.
    CameBack {
        /// Who says so.
        sender: Sender,
        /// What that costs it.
        flap: Flap,
    },
    /// Damping does not keep it out any more.
    Undamped(Undamped),
    /// It reported a status.
    StatusReported(Sender),
    /// The connection of its session closed without a goodbye, and did not come back in time.
    ConnectionLost(ConnectionLoss),
    /// The connection of its session closed together with so many others that more likely
    /// something in between did: it is held for the session's timeout. Hosts are sessions here, the
    /// silent ones those that closed within a second.
    Suspected(Arithmetic),
}

impl Cause {
    /// Its name, as shown to people and machines.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Joined(_) => "registered",
            Self::Reregistered(_) => "registered-again",
            Self::Deregistered(_) => "deregistered",
            Self::OverrideSet(_) => "override-set",
            Self::OverrideCleared(_) => "override-cleared",
            Self::MetadataAdded(_) => "metadata-added",
            Self::Expired(_) => "expired",
            Self::Held { .. } => "held",
            Self::Returned { .. } => "returned",
            Self::Refused(_) => "refused",
            Self::CameBack { .. } => "came-back",
            Self::Undamped(_) => "undamped",
            Self::StatusReported(_) => "status-reported",
            Self::ConnectionLost(_) => "connection-lost",
            Self::Suspected(_) => "suspected",
        }
    }

    /// Who asked for it, where somebody did.
    pub const fn sender(&self) -> Option<&Sender> {
        match self {
            Self::Joined(sender)
            | Self::Reregistered(sender)
            | Self::Deregistered(sender)
            | Self::OverrideSet(sender)
            | Self::OverrideCleared(sender)
            | Self::MetadataAdded(sender)
            | Self::CameBack { sender, .. }
            | Self::StatusReported(sender)
            | Self::Undamped(Undamped::ByHand(sender)) => Some(sender),
            Self::Expired(_)
            | Self::Held { .. }
            | Self::Returned { .. }
            | Self::Refused(_)
            | Self::ConnectionLost(_)
            | Self::Suspected(_)
            | Self::Undamped(Undamped::Decayed { .. } | Undamped::ForLack) => None,
        }
    }
}

/// The silence for which a lease was lost: what was promised, what came, what was excused.
/// All spans in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The check whose lease it was.
    pub check: CheckId,
    /// The silence that loses the lease.
    pub ttl: u64,
    /// The promised time between two renewals.
    pub interval: u64,
    /// From the last beat to the judgement.
    pub silent: u64,
    /// How much of that silence was excused because the registry was deaf.
    pub excused: u64,
    /// The intervals between the last beats before the silence, the newest first; each is
    /// within 0.1 %.
    pub intervals: Vec<u64>,
    /// Whether nothing at all was heard since the registry started.
    pub unconfirmed: bool,
    /// What an adaptive lease was judged by; none for one with a fixed time-to-live.
    pub learnt: Option<Learnt>,
    /// What the guard said.
    pub guard: GuardWord,
}

/// What the guard said when a lease was lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum GuardWord {
    /// Nothing: it is switched off, or was not asked.
    #[default]
    Off,
    /// It does not hold what was not heard since the registry started.
    Unheard,
    /// It does not guard so few hosts.
    TooFewHosts {
        /// The registry's.
        hosts: usize,
    },
    /// It was open: so many hosts of the registry were silent.
    Open(Arithmetic),
    /// It held the lease first.
    Released {
        /// In this scope,
        scope: Scope,
        /// for so many milliseconds,
        held: u64,
        /// until then.
        reason: ReleaseReason,
    },
}

/// Why the guard let a held lease go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReleaseReason {
    /// The others were heard well: so many of a hundred promised beats came.
    OthersHeard {
        /// So many.
        kept_percent: u8,
    },
    /// It was held for as long as the rules allow.
    HeldLongEnough,
    /// An operator said so.
    ByHand(Sender),
}

/// A process whose address refused a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The address that was tried.
    pub address: SocketAddr,
    /// Why it was tried.
    pub suspicion: Suspicion,
    /// From the last beat to the refusal, in milliseconds.
    pub silent: u64,
    /// The intervals between the last beats before, the newest first; each is within 0.1 %.
    pub intervals: Vec<u64>,
}

/// A session whose connection closed without a goodbye. All spans in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionLoss {
    /// For how long the session had asked to be waited for.
    pub grace: u64,
    /// From the closing to the departure.
    pub closed: u64,
    /// From its last message to the departure.
    pub silent: u64,
    /// What the guard said.
    pub guard: GuardWord,
}

/// Why an address was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suspicion {
    /// The connection that carried its beats closed.
    ConnectionClosed,
    /// A beat was late by half an interval.
    BeatLate,
}
