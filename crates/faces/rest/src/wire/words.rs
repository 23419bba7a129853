//! Members that are one of a few words. What is written comes from the model; these types
//! stand in the description of the interface alone.

use std::borrow::Cow;

use lubdub_core::model::Status;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident, $written:literal: $words:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).enum_values(Some($words)).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($written)
            }
        }
    )*};
}

words! {
    /// A status, in force or reported.
    StatusWord, "Status": Status::ALL.map(Status::name);
    /// What a check says.
    CheckWord, "CheckState": ["passing", "warning", "critical"];
    /// How a lease is.
    LeaseWord, "LeaseState": ["live", "held", "refused", "gone"];
    /// What a change did.
    ChangeWord, "ChangeKind": ["registered", "updated", "removed"];
    /// Why something happened.
    CauseWord, "CauseName": [
        "registered", "registered-again", "deregistered", "override-set", "override-cleared",
        "metadata-added", "expired", "held", "returned", "refused", "came-back", "undamped",
        "status-reported", "connection-lost", "suspected",
    ];
    /// What the guard said when a lease was lost.
    GuardWord, "GuardWord": ["off", "unheard", "too_few_hosts", "open", "released"];
    /// Why the guard let a held lease go.
    ReasonWord, "ReleaseReason": ["others_heard", "held_long_enough", "by_hand"];
    /// Why an address was tried.
    SuspicionWord, "Suspicion": ["connection_closed", "beat_late"];
    /// What follows from a flap.
    FlapWord, "FlapOutcome": ["offered", "kept_out", "offered_for_lack"];
    /// Why damping does not keep an instance out any more.
    UndampedWord, "UndampedWhy": ["decayed", "for_lack", "by_hand"];
    /// What the guard counts hosts in.
    ScopeWord, "ScopeKind": ["registry", "zone", "service"];
    /// What the guard does in a scope.
    GuardState, "GuardState": ["off", "too_few_hosts", "open", "holding"];
    /// What a held scope is waiting for.
    PhaseWord, "GuardPhase": ["listening", "draining", "released"];
    /// How the registry is.
    ReadinessWord, "ReadinessStatus": ["ready", "degraded", "stopping"];
    /// Whether what is registered survives a restart.
    JournalWord, "JournalState": ["memory", "durable", "unavailable"];
}
