//! [`ChangeCounts`]: how many changes there were of each cause.

use std::sync::atomic::{AtomicU64, Ordering};

use lubdub_core::{Cause, Sender};

macro_rules! changes {
    ($($(#[$doc:meta])* $pattern:pat => $field:ident, $name:literal;)*) => {
        /// How many changes there were of each cause since the start.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct ChangeCounts {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl ChangeCounts {
            /// All of them with the names of their causes. Departures by an operator's hand are
            /// `removed`.
            pub fn by_name(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$(($name, self.$field)),*].into_iter()
            }
        }

        /// Where they are counted; the driver alone adds.
        #[derive(Debug, Default)]
        pub(crate) struct ChangeTally {
            $($field: AtomicU64,)*
        }

        impl ChangeTally {
            pub(crate) fn note(&self, cause: &Cause) {
                let counter = match cause {
                    $($pattern => &self.$field,)*
                };
                counter.fetch_add(1, Ordering::Relaxed);
            }

            pub(crate) fn read(&self) -> ChangeCounts {
                ChangeCounts { $($field: self.$field.load(Ordering::Relaxed),)* }
            }
        }
    };
}

changes! {
    /// Registrations of instances that were not there.
    Cause::Joined(_) => joined, "registered";
    /// Registrations of instances that were there.
    Cause::Reregistered(_) => reregistered, "registered-again";
    /// Registrations of instances whose lease had been lost before.
    Cause::CameBack { .. } => came_back, "came-back";
    /// Departures by an operator's hand.
    Cause::Deregistered(Sender { operator: Some(_), .. }) => removed, "removed";
    /// Departures on an instance's own word.
    Cause::Deregistered(_) => deregistered, "deregistered";
    /// Departures because a lease was lost.
    Cause::Expired(_) => expired, "expired";
    /// Departures because an address refused a connection.
    Cause::Refused(_) => refused, "refused";
    /// Overrides that were set.
    Cause::OverrideSet(_) => override_set, "override-set";
    /// Overrides that were taken back.
    Cause::OverrideCleared(_) => override_cleared, "override-cleared";
    /// Additions to metadata.
    Cause::MetadataAdded(_) => metadata_added, "metadata-added";
    /// Leases that the guard began to hold.
    Cause::Held { .. } => held, "held";
    /// Held leases that were heard again.
    Cause::Returned { .. } => returned, "returned";
    /// Statuses that were reported without a registration.
    Cause::StatusReported(_) => status_reported, "status-reported";
    /// Departures because the connection of a session closed.
    Cause::ConnectionLost(_) => connection_lost, "connection-lost";
    /// Instances of sessions whose connections closed in a mass, held for that.
    Cause::Suspected(_) => suspected, "suspected";
    /// Instances that damping does not keep out any more.
    Cause::Undamped(_) => undamped, "undamped";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_counted_by_its_cause_and_an_operators_apart() {
        let tally = ChangeTally::default();
        let operator = Sender { operator: Some("ann".into()), ..Sender::default() };
        for cause in [
            Cause::Joined(Sender::default()),
            Cause::Deregistered(operator.clone()),
            Cause::Deregistered(Sender::default()),
            Cause::Returned { held: 7 },
            Cause::OverrideSet(operator),
        ] {
            tally.note(&cause);
        }
        let told: Vec<_> = tally.read().by_name().filter(|(_, count)| *count > 0).collect();
        let one = |name| (name, 1);
        assert_eq!(told, ["registered", "removed", "deregistered", "override-set", "returned"].map(one));
    }
}
