//! [`Ended`]: why a link is over.

use std::time::Duration;

use crate::heartbeat::Verdict;

/// Why a link is over. It is over for good; a new one needs a new connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ended {
    /// The other end closed the connection.
    #[error("the other end closed the connection")]
    ByPeer,
    /// This end closed it, or dropped the link.
    #[error("this end closed the connection")]
    ByUs,
    /// Nothing whole was heard for the time-out.
    #[error("the connection was given up: nothing was heard for {lasted:?}")]
    Silent {
        /// Since the last whole frame.
        lasted: Duration,
    },
    /// Pings were not answered.
    #[error("the connection was given up: {pings} pings in a row were not answered")]
    Unanswered {
        /// In a row.
        pings: u32,
        /// Since the last whole frame.
        lasted: Duration,
    },
    /// The other end beats more than is taken.
    #[error(
        "the connection was closed: {beats} beats came within {within:?}; the limit is `beats` of its configuration"
    )]
    Flood {
        /// Pings, and pongs that nobody asked for; answers that nobody fetches.
        beats: u32,
        /// The interval.
        within: Duration,
    },
    /// The transport or its codec failed.
    #[error("the connection failed: {reason}")]
    Transport {
        /// What it said.
        reason: String,
    },
}

impl From<Verdict> for Ended {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Silent { lasted } => Self::Silent { lasted },
            Verdict::Unanswered { pings, lasted } => Self::Unanswered { pings, lasted },
            Verdict::Flood { beats, within } => Self::Flood { beats, within },
        }
    }
}

/// What reading from a link, or writing to it, failed with.
#[derive(Debug, thiserror::Error)]
pub enum LinkError<E> {
    /// What the transport said: told once, to whoever reads or writes next.
    #[error("{0}")]
    Transport(E),
    /// The link is over.
    #[error("{0}")]
    Ended(Ended),
}

impl<E> LinkError<E> {
    /// Why the link is over; none where the transport said something that the link did not end for yet.
    pub const fn ended(&self) -> Option<&Ended> {
        match self {
            Self::Transport(_) => None,
            Self::Ended(ended) => Some(ended),
        }
    }
}
