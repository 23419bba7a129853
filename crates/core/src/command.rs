//! [`Command`]: everything that may change the registry, but a renewal.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Address, CheckId, InstanceKey, Precedence, Profile, SessionId, Status};

/// Who asks: kept with what follows from it, for [`crate::history`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// The face that the request came through, such as `eureka`.
    pub face: &'static str,
    /// Where the request came from.
    pub address: Option<IpAddr>,
    /// For what only operators may do: the name that the operator gave.
    pub operator: Option<Arc<str>>,
}

/// A request to change the registry. Decided by [`crate::Registry::decide`].
#[derive(Debug, Clone)]
pub enum Command {
    /// An instance is there, or is there anew. A second registration of the same instance
    /// replaces the first without a gap.
    Register(Box<Registration>),
    /// An instance leaves on its own word.
    Deregister {
        /// The instance.
        key: InstanceKey,
    },
    /// An operator (or a client in that role) says which status counts.
    SetOverride {
        /// The instance.
        key: InstanceKey,
        /// What is to count.
        status: Status,
        /// Raises the stored precedence if it is higher.
        precedence: Option<Precedence>,
    },
    /// The operator's word is taken back.
    ClearOverride {
        /// The instance.
        key: InstanceKey,
        /// What counts then.
        then: AfterOverride,
        /// Raises the stored precedence if it is higher.
        precedence: Option<Precedence>,
    },
    /// Names and values are added or replaced; none is removed. What they tell of a fact of the
    /// profile ([`Profile::named_facts`](crate::model::Profile::named_facts)) changes that, too.
    AddMetadata {
        /// The instance.
        key: InstanceKey,
        /// The names and values.
        entries: Vec<(String, String)>,
    },
    /// An operator has an instance offered again that damping keeps out, and its penalty
    /// forgotten.
    ClearDamping {
        /// The instance.
        key: InstanceKey,
    },
    /// An instance reports a status, without registering again.
    ReportStatus {
        /// The instance.
        key: InstanceKey,
        /// What it reports.
        status: Status,
    },
    /// The same, said on a session: what is registered is kept by the session, and everything
    /// else only goes for instances that it keeps.
    OnSession {
        /// The session.
        session: SessionId,
        /// What is said.
        command: Box<Self>,
    },
    /// A session says goodbye: all of its instances leave.
    EndSession {
        /// The session.
        session: SessionId,
    },
}

/// What counts when an override is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterOverride {
    /// This status, until the instance reports again.
    Status(Status),
    /// Nothing: the status is `UNKNOWN`, and renewals are answered as unknown until the
    /// instance registers again (Eureka's rule; its clients do so at once).
    AskAgain,
}

/// What an instance says of itself when it registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// What it is known by.
    pub key: InstanceKey,
    /// Where it is called.
    pub address: Address,
    /// What it says of itself beyond that.
    pub profile: Profile,
    /// The status that it reports.
    pub reported: Status,
    /// An override that it carries along, taken only where none is stored (so that overrides
    /// reach a registry that starts empty).
    pub carried_override: Option<Status>,
    /// How its report and what is stored make the status in force.
    pub status_rule: StatusRule,
    /// Whose word wins between two registrations.
    pub precedence: Option<Precedence>,
    /// Its checks; at least one.
    pub checks: Vec<CheckTerms>,
}

/// A check as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckTerms {
    /// Its name within the instance.
    pub id: CheckId,
    /// Lost when no renewal came for this long.
    pub ttl: Duration,
    /// The promised time between two renewals.
    pub interval: Duration,
}

/// How a registration's report and what is stored make the status in force. In both, a
/// report of `DOWN`, `STARTING` or `UNKNOWN` counts, and else a stored override.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusRule {
    /// Else the report counts.
    Report,
    /// Else, where an instance is stored as `UP` or `OUT_OF_SERVICE`, that stays (Eureka's
    /// `LeaseExistsRule`: between these two a client cannot move itself).
    KeepStored,
}

impl CheckTerms {
    /// What is unwise about these terms, in a sentence for an operator: fewer than two beats
    /// to a time-to-live, so that one lost beat ends the lease. Accepted all the same: clients
    /// that nobody here can change come with such pairs.
    pub fn concern(&self) -> Option<String> {
        let (ttl, interval) = (self.ttl, self.interval);
        if ttl <= interval {
            Some(format!(
                "a lease of {ttl:?} ends before the next beat, promised every {interval:?}; at least {:?} would survive one lost beat",
                interval * 2
            ))
        } else if ttl < interval * 2 {
            Some(format!(
                "a lease of {ttl:?} with beats every {interval:?} ends when one beat is lost; at least {:?} would survive it",
                interval * 2
            ))
        } else {
            None
        }
    }
}

impl Registration {
    /// A registration with one check, that reports `UP` and says nothing more.
    pub fn new(key: InstanceKey, address: Address, check: CheckTerms) -> Self {
        Self {
            key,
            address,
            profile: Profile::default(),
            reported: Status::Up,
            carried_override: None,
            status_rule: StatusRule::Report,
            precedence: None,
            checks: vec![check],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_that_one_lost_beat_ends_are_a_concern() {
        let concern = |ttl, interval| {
            let terms = CheckTerms {
                id: CheckId::HEARTBEAT,
                ttl: Duration::from_secs(ttl),
                interval: Duration::from_secs(interval),
            };
            terms.concern()
        };
        assert_eq!(concern(90, 30), None);
        assert_eq!(concern(60, 30), None);
        assert!(concern(40, 30).is_some_and(|said| said.contains("when one beat is lost")));
        assert!(concern(30, 30).is_some_and(|said| said.contains("ends before the next beat")));
    }
}
