//! Why something happened. Members are there for the causes that they belong to.

use serde::Serialize;
use utoipa::ToSchema;

use super::words::{CauseWord, FlapWord, GuardWord, ReasonWord, ScopeWord, SuspicionWord, UndampedWord};

/// Why something happened.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Cause {
    #[schema(value_type = CauseWord)]
    pub(crate) name: &'static str,
    /// The face that it was asked for through, where somebody asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) face: Option<&'static str>,
    /// Where it was asked from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) address: Option<String>,
    /// The name that an operator gave, for what only operators may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) operator: Option<String>,
    /// Of `expired` and `held`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) silence: Option<Silence>,
    /// Of `held`: where the guard holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) scope: Option<Scope>,
    /// Of `held`: for these figures. Of `suspected`: hosts are sessions, the silent ones those whose
    /// connections closed within a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) arithmetic: Option<Arithmetic>,
    /// Of `returned`: for so long it was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) held_ms: Option<u64>,
    /// Of `refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) refusal: Option<Refusal>,
    /// Of `came-back`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) flap: Option<Flap>,
    /// Of `undamped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) undamped: Option<Undamped>,
    /// Of `connection-lost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) connection: Option<ConnectionLoss>,
}

/// Who asked for something.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Sender {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) face: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) address: Option<String>,
    /// The name that an operator gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) operator: Option<String>,
}

/// The silence for which a lease was lost or is held.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Silence {
    /// The check whose lease it was; empty for the heartbeat.
    pub(crate) check: String,
    pub(crate) ttl_ms: u64,
    pub(crate) interval_ms: u64,
    /// From the last beat to the judgement.
    pub(crate) silent_ms: u64,
    /// So much of it did not count, because the registry could not hear.
    pub(crate) excused_ms: u64,
    /// Between the last beats before, the newest first.
    pub(crate) intervals_ms: Vec<u64>,
    /// Whether nothing was heard since the registry started.
    pub(crate) unconfirmed: bool,
    /// By what an adaptive lease was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) learnt: Option<Learnt>,
    pub(crate) guard: GuardSaid,
}

/// What was learnt of the beats of an adaptive lease.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Learnt {
    /// From which level of suspicion on a silence loses it.
    pub(crate) phi: f64,
    /// The silence that this allows.
    pub(crate) allowed_ms: u64,
    /// The mean of the intervals between its beats.
    pub(crate) mean_ms: u64,
    /// Their deviation: at least the least that is counted.
    pub(crate) deviation_ms: u64,
    /// How many intervals were learnt.
    pub(crate) intervals: u32,
    /// Whether that is enough; else its time-to-live is what counts.
    pub(crate) enough: bool,
}

/// What the guard said when a lease was lost.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct GuardSaid {
    #[schema(value_type = GuardWord)]
    pub(crate) word: &'static str,
    /// Of `too_few_hosts` and `open`: the registry's hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) hosts: Option<usize>,
    /// Of `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) silent: Option<usize>,
    /// Of `open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) tolerated: Option<usize>,
    /// Of `released`: where the guard held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) scope: Option<Scope>,
    /// Of `released`: for so long.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) held_ms: Option<u64>,
    /// Of `released`: why it was let go.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ReasonWord>, nullable = false)]
    pub(crate) reason: Option<&'static str>,
    /// Of `others_heard`: how many of a hundred promised beats came.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) kept_percent: Option<u8>,
    /// Of `by_hand`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) by: Option<Sender>,
}

/// What the guard counts hosts in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Scope {
    #[schema(value_type = ScopeWord)]
    pub(crate) kind: &'static str,
    /// Of the zone or service; null for the registry.
    #[schema(required = true)]
    pub(crate) name: Option<String>,
}

/// Hosts of a scope at one moment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Arithmetic {
    pub(crate) hosts: usize,
    /// Of these, those that are silent or left for their silence within one lease time.
    pub(crate) silent: usize,
    /// More silent hosts than this are held.
    pub(crate) tolerated: usize,
}

/// A process whose address refused a connection.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Refusal {
    /// The address that was tried.
    pub(crate) address: String,
    /// Why it was tried.
    #[schema(value_type = SuspicionWord)]
    pub(crate) suspicion: &'static str,
    /// From the last beat to the refusal.
    pub(crate) silent_ms: u64,
    /// Between the last beats before, the newest first.
    pub(crate) intervals_ms: Vec<u64>,
}

/// A session whose connection closed without a goodbye.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ConnectionLoss {
    /// For so long the session had asked to be waited for.
    pub(crate) grace_ms: u64,
    /// From the closing to the departure.
    pub(crate) closed_ms: u64,
    /// From its last message to the departure.
    pub(crate) silent_ms: u64,
    pub(crate) guard: GuardSaid,
}

/// The same process came back after its lease was lost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Flap {
    /// This loss included.
    pub(crate) penalty: u32,
    /// Losses that counted lately.
    pub(crate) losses: u32,
    #[schema(value_type = FlapWord)]
    pub(crate) outcome: &'static str,
    /// Of `kept_out`: for about so long, if nothing more happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) kept_out_ms: Option<u64>,
}

/// Why damping does not keep an instance out any more.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Undamped {
    #[schema(value_type = UndampedWord)]
    pub(crate) why: &'static str,
    /// Of `decayed`: to this.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) penalty: Option<u32>,
}
