//! What happened to an instance, and why.

use jiff::Timestamp;
use serde::Deserialize;

use super::protection::{Arithmetic, Scope};

/// What happened to an instance, oldest first, each entry read as a `T`.
#[derive(Debug, Deserialize)]
pub(crate) struct History<T> {
    pub(crate) history: Vec<T>,
}

/// What a stream of events tells when it cannot tell everything: how things are now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Reset {
    pub(crate) services: usize,
    pub(crate) instances: usize,
}

/// One thing that happened to an instance.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) cause: Cause,
    pub(crate) status: Option<String>,
    pub(crate) address: Option<String>,
}

/// One change, as it is streamed.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Event {
    pub(crate) at: Timestamp,
    pub(crate) service: String,
    pub(crate) id: String,
    pub(crate) cause: Cause,
    pub(crate) status: Option<String>,
    pub(crate) address: Option<String>,
}

/// Why something happened. Which members are there depends on the name.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Cause {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) sender: Sender,
    pub(crate) silence: Option<Silence>,
    /// Where the guard holds it,
    pub(crate) scope: Option<Scope>,
    /// for these figures.
    pub(crate) arithmetic: Option<Arithmetic>,
    /// For how long the guard held it.
    pub(crate) held_ms: Option<u64>,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) flap: Option<Flap>,
    pub(crate) undamped: Option<Undamped>,
    pub(crate) connection: Option<ConnectionLoss>,
}

/// Who asked for it, where somebody did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Sender {
    pub(crate) face: Option<String>,
    pub(crate) address: Option<String>,
    /// The name that an operator gave.
    pub(crate) operator: Option<String>,
}

/// The silence for which a lease was lost, or would have been.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Silence {
    pub(crate) check: String,
    pub(crate) ttl_ms: u64,
    pub(crate) interval_ms: u64,
    pub(crate) silent_ms: u64,
    pub(crate) excused_ms: u64,
    pub(crate) intervals_ms: Vec<u64>,
    pub(crate) unconfirmed: bool,
    /// Of an adaptive lease.
    pub(crate) learnt: Option<Learnt>,
    pub(crate) guard: Option<GuardWord>,
}

/// What was learnt of the beats of an adaptive lease.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(crate) struct Learnt {
    pub(crate) phi: f64,
    pub(crate) allowed_ms: u64,
    pub(crate) mean_ms: u64,
    pub(crate) deviation_ms: u64,
    /// Whether so much was learnt that it counts.
    pub(crate) enough: bool,
}

/// What the guard said when a lease was lost. Which members are there depends on the word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct GuardWord {
    /// `off`, `unheard`, `too_few_hosts`, `open`, `released`.
    pub(crate) word: String,
    pub(crate) hosts: usize,
    pub(crate) silent: usize,
    pub(crate) tolerated: usize,
    pub(crate) scope: Option<Scope>,
    pub(crate) held_ms: Option<u64>,
    /// `others_heard`, `held_long_enough`, `by_hand`.
    pub(crate) reason: Option<String>,
    pub(crate) kept_percent: Option<u8>,
    pub(crate) by: Option<Sender>,
}

/// A process whose address refused a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Refusal {
    pub(crate) address: String,
    /// `connection_closed`, `beat_late`.
    pub(crate) suspicion: String,
    pub(crate) silent_ms: u64,
    pub(crate) intervals_ms: Vec<u64>,
}

/// A session whose connection closed without a goodbye.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct ConnectionLoss {
    pub(crate) grace_ms: u64,
    pub(crate) closed_ms: u64,
    pub(crate) silent_ms: u64,
    pub(crate) guard: Option<GuardWord>,
}

/// An instance that was lost came back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Flap {
    pub(crate) penalty: u32,
    pub(crate) losses: u32,
    /// `offered`, `kept_out`, `offered_for_lack`.
    pub(crate) outcome: String,
    pub(crate) kept_out_ms: Option<u64>,
}

/// Why damping does not keep an instance out any more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Undamped {
    /// `decayed`, `for_lack`, `by_hand`.
    pub(crate) why: String,
    pub(crate) penalty: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_read_with_its_sender_and_the_members_of_its_name() {
        let json = r#"{"name":"expired","silence":{"ttl_ms":3000,"silent_ms":12000,"guard":{"word":"released",
            "scope":{"kind":"zone","name":"eu-1"},"held_ms":9000,"reason":"by_hand",
            "by":{"face":"rest","address":"10.0.0.1","operator":"alice"}}},"later":1}"#;
        let cause: Cause = serde_json::from_str(json).unwrap();
        let word = cause.silence.unwrap().guard.unwrap();
        assert_eq!(word.by.unwrap().operator.as_deref(), Some("alice"));
        assert_eq!(word.scope.unwrap().name.as_deref(), Some("eu-1"));
        let json = r#"{"name":"override-set","face":"rest","address":"::1","operator":"bob"}"#;
        let cause: Cause = serde_json::from_str(json).unwrap();
        assert_eq!(cause.sender.operator.as_deref(), Some("bob"));
        assert_eq!(cause.held_ms, None);
    }
}
