//! [`Check`]: what is judged about an instance, and by which lease.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{PhiLevel, SessionId};
use crate::tick::Millis;

/// The name of a check within its instance. The one check that every protocol without
/// named checks has is [`CheckId::HEARTBEAT`].
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
// Few have a name, so those pay for a second step to it, and all others for one word.
pub struct CheckId(Option<Arc<Box<str>>>);

impl CheckId {
    /// The check of protocols that know only one: its heartbeat.
    pub const HEARTBEAT: Self = Self(None);

    /// A check by name; the empty name is [`CheckId::HEARTBEAT`].
    pub fn new(name: &str) -> Self {
        if name.is_empty() { Self(None) } else { Self(Some(Arc::new(name.into()))) }
    }

    /// The name; empty for the heartbeat.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().map(Box::as_ref).unwrap_or_default()
    }
}

impl fmt::Debug for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// What a check says; the worst of its checks is an instance's health.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckState {
    /// As it should be.
    #[default]
    Passing,
    /// Worth a look; still offered.
    Warning,
    /// Not to be called.
    Critical,
}

impl CheckState {
    /// The name, lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passing => "passing",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for CheckState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a check proves that its instance lives.
///
/// | lease | kept by | lost when |
/// | --- | --- | --- |
/// | `Ttl` | a renewal | no renewal for `ttl` |
/// | `Adaptive` | a renewal | no renewal for longer than its beats let expect; see [`crate::adaptive`] |
/// | `Session` | any message of its session | see [`crate::session`] |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseTerms {
    /// Kept by renewals.
    Ttl {
        /// Lost when no renewal came for this long. At least one millisecond.
        ttl: Millis,
        /// How often the registrant promised to renew. Never judged, but the least that is
        /// left to it after the registry was deaf.
        interval: Millis,
    },
    /// Kept by renewals, and judged by what is learnt of them.
    Adaptive {
        /// Lost when no renewal came for this long while little is learnt; what is allowed later is bounded by it.
        ttl: Millis,
        /// How often the registrant promised to renew.
        interval: Millis,
        /// From which level on a silence loses it.
        phi: PhiLevel,
    },
    /// Kept by the messages of one long connection.
    Session {
        /// Lost when none came for this long. At least one millisecond.
        timeout: Millis,
        /// Which session; [`SessionId::NONE`] for one of an earlier run of the registry.
        session: SessionId,
        /// From which level on a silence loses it, where that is judged by what is learnt; the timeout is then what its
        /// time-to-live is to an adaptive lease.
        phi: Option<PhiLevel>,
    },
}

/// What a session sends, it sends in a third of its timeout.
const BEATS_IN_A_TIMEOUT: u32 = 3;

impl LeaseTerms {
    /// Kept by renewals, promised one each `interval`, and lost after `ttl` without one. Both
    /// round up to whole milliseconds, and end at 49 days.
    pub fn renewed(ttl: Duration, interval: Duration) -> Self {
        Self::Ttl { ttl: Millis::of(ttl), interval: Millis::of(interval) }
    }

    /// The same, judged by what is learnt of the renewals.
    pub fn adaptive(ttl: Duration, interval: Duration, phi: PhiLevel) -> Self {
        Self::Adaptive { ttl: Millis::of(ttl), interval: Millis::of(interval), phi }
    }

    /// The same, judged by its time-to-live alone.
    #[must_use]
    pub fn fixed(self) -> Self {
        match self {
            Self::Ttl { ttl, interval } | Self::Adaptive { ttl, interval, .. } => Self::Ttl { ttl, interval },
            Self::Session { timeout, session, .. } => Self::Session { timeout, session, phi: None },
        }
    }

    /// The silence after which it is lost; of an adaptive one, while little is learnt.
    pub fn ttl(&self) -> Duration {
        match self {
            Self::Ttl { ttl, .. } | Self::Adaptive { ttl, .. } => ttl.duration(),
            Self::Session { timeout, .. } => timeout.duration(),
        }
    }

    /// The promised time between two renewals.
    pub fn interval(&self) -> Duration {
        match self {
            Self::Ttl { interval, .. } | Self::Adaptive { interval, .. } => interval.duration(),
            Self::Session { timeout, .. } => timeout.duration() / BEATS_IN_A_TIMEOUT,
        }
    }

    /// The session that keeps it, where one does.
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::Ttl { .. } | Self::Adaptive { .. } => None,
            Self::Session { session, .. } => Some(*session),
        }
    }

    /// The level by which it is judged, where it is adaptive.
    pub fn phi(&self) -> Option<PhiLevel> {
        match self {
            Self::Ttl { .. } => None,
            Self::Adaptive { phi, .. } => Some(*phi),
            Self::Session { phi, .. } => *phi,
        }
    }

    /// The silence after which it is overdue: an interval and a half. None where that is no
    /// less than what loses it; an adaptive one is not lost before two intervals.
    pub fn patience(&self) -> Option<Duration> {
        let patience = self.interval().saturating_mul(3) / 2;
        (self.phi().is_some() || patience < self.ttl()).then_some(patience)
    }
}

/// One check of an instance. When its lease is lost, the instance is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name within the instance.
    pub id: CheckId,
    /// How it proves that the instance lives.
    pub lease: LeaseTerms,
    /// What it says now.
    pub state: CheckState,
}

impl Check {
    /// The heartbeat of an instance, kept by renewals.
    pub fn heartbeat(ttl: Duration, interval: Duration) -> Self {
        Self { id: CheckId::HEARTBEAT, lease: LeaseTerms::renewed(ttl, interval), state: CheckState::Passing }
    }
}
