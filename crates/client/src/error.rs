//! [`Error`]: what can go wrong, by whom it is to be mended.

use std::time::Duration;

use crate::machine::Miss;

/// What went wrong. Registries are named by their address, without credentials.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // The caller's.
    /// No back end has this scheme. Nothing was done.
    #[error("no registry is known by the scheme {scheme:?}; known are: {}", known.join(", "))]
    UnknownScheme {
        /// What stands before `://`.
        scheme: String,
        /// The schemes that are compiled in or were added.
        known: Vec<String>,
    },
    /// The URL cannot be right. Nothing was done.
    #[error("{part} of the registry's URL is {value:?}; expected is {expected}")]
    BadUrl {
        /// Which part of it.
        part: String,
        /// What stands there; never a password.
        value: String,
        /// What may.
        expected: String,
    },
    /// The instance cannot be right. Nothing was done.
    #[error("{field} of the instance is {value:?}; expected is {expected}")]
    BadInstance {
        /// The field.
        field: &'static str,
        /// Its value.
        value: String,
        /// What is expected.
        expected: &'static str,
    },
    /// A gRPC service of this name is mounted already; that one goes on serving.
    #[error("{service:?} is mounted already; expected is each service once on a server")]
    MountedTwice {
        /// Its name.
        service: String,
    },
    /// The registry wants other credentials. Trying again helps only when they change.
    #[error("{registry} does not let us in: {reason}; are the credentials of its URL right?")]
    Unauthorized {
        /// Where it is.
        registry: String,
        /// Its words.
        reason: String,
    },

    // The network's, or the registry's.
    /// It cannot be reached: nobody listens there, or the connection broke. Nothing is known of what it
    /// did; the SDK tries again by itself.
    #[error("{registry} is not to be reached: {reason}")]
    Unreachable {
        /// Where it should be.
        registry: String,
        /// What the system says.
        reason: String,
    },
    /// It did not answer in time. Nothing is known of what it did; the SDK tries again by itself.
    #[error("{registry} did not answer within {after:?}")]
    TimedOut {
        /// Where it is.
        registry: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// It answered that it would not, or that it cannot at present.
    #[error("{registry} refused ({status}): {reason}")]
    Refused {
        /// Where it is.
        registry: String,
        /// Its status, of HTTP or of its own protocol.
        status: String,
        /// Its words.
        reason: String,
    },
    /// It answered something that such a registry does not answer: is the scheme right?
    #[error("what answers at {registry} is no such registry: {reason}")]
    NotSuchARegistry {
        /// Where it is.
        registry: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// The session with it ended, and with it all that was registered through it. The SDK opens another
    /// and registers again by itself.
    #[error("the session with {registry} ended: {reason}")]
    SessionLost {
        /// Where it is.
        registry: String,
        /// Why.
        reason: String,
    },

    // Ours.
    /// The machine gave no thread, or no signal handler.
    #[error("the machine refused {what}: {reason}")]
    Machine {
        /// What was asked for.
        what: &'static str,
        /// What it said.
        reason: String,
    },
    /// The system does not let the server listen. Nothing was registered.
    #[error("cannot listen on {address}: {reason}; expected is an address of this machine with a free port")]
    NotListening {
        /// Where it was to listen.
        address: String,
        /// What the system says.
        reason: String,
    },
    /// This registry's handle was shut down. Make another.
    #[error("this handle was shut down")]
    ShutDown,
}

impl Error {
    /// What it means for when to try again.
    pub const fn miss(&self) -> Miss {
        match self {
            Self::TimedOut { .. } => Miss::TimedOut,
            _ => Miss::Refused,
        }
    }

    /// Whether trying the same again cannot help.
    pub const fn is_callers(&self) -> bool {
        matches!(
            self,
            Self::UnknownScheme { .. }
                | Self::BadUrl { .. }
                | Self::BadInstance { .. }
                | Self::MountedTwice { .. }
                | Self::Unauthorized { .. }
                | Self::NotSuchARegistry { .. }
        )
    }
}
