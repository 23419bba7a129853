//! A cause as bytes. The order of variants and fields is the format.

use std::net::{IpAddr, SocketAddr};

use lubdub_core::adaptive::Learnt;
use lubdub_core::damping::{Flap, FlapOutcome, Undamped};
use lubdub_core::guard::{Arithmetic, Scope};
use lubdub_core::model::{CheckId, PhiLevel, ServiceName};
use lubdub_core::{Cause, ConnectionLoss, GuardWord, Refusal, ReleaseReason, Sender, Silence, Suspicion};
use serde::{Deserialize, Serialize};

use super::RecordError;

#[derive(Serialize, Deserialize)]
pub(super) struct SenderRecord {
    face: String,
    address: Option<IpAddr>,
    operator: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ArithmeticRecord {
    hosts: usize,
    silent: usize,
    tolerated: usize,
}

#[derive(Serialize, Deserialize)]
pub(super) enum ScopeRecord {
    Registry,
    Zone(String),
    Service(String),
}

#[derive(Serialize, Deserialize)]
pub(super) enum ReleaseRecord {
    OthersHeard(u8),
    HeldLongEnough,
    ByHand(SenderRecord),
}

#[derive(Serialize, Deserialize)]
pub(super) enum GuardRecord {
    Off,
    Unheard,
    TooFewHosts(usize),
    Open(ArithmeticRecord),
    Released { scope: ScopeRecord, held: u64, reason: ReleaseRecord },
}

#[derive(Serialize, Deserialize)]
pub(super) struct SilenceRecord {
    check: String,
    ttl: u64,
    interval: u64,
    silent: u64,
    excused: u64,
    intervals: Vec<u64>,
    unconfirmed: bool,
    guard: GuardRecord,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LearntRecord {
    level: u16,
    allowed: u64,
    mean: u64,
    deviation: u64,
    intervals: u32,
    enough: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RefusalRecord {
    address: SocketAddr,
    closed: bool,
    silent: u64,
    intervals: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ConnectionRecord {
    grace: u64,
    closed: u64,
    silent: u64,
    guard: GuardRecord,
}

#[derive(Serialize, Deserialize)]
pub(super) enum FlapOutcomeRecord {
    Offered,
    KeptOut(u64),
    OfferedForLack,
}

#[derive(Serialize, Deserialize)]
pub(super) struct FlapRecord {
    penalty: u32,
    losses: u32,
    outcome: FlapOutcomeRecord,
}

#[derive(Serialize, Deserialize)]
pub(super) enum UndampedRecord {
    Decayed(u32),
    ForLack,
    ByHand(SenderRecord),
}

#[derive(Serialize, Deserialize)]
pub(super) enum CauseRecord {
    Joined(SenderRecord),
    Reregistered(SenderRecord),
    Deregistered(SenderRecord),
    OverrideSet(SenderRecord),
    OverrideCleared(SenderRecord),
    MetadataAdded(SenderRecord),
    Expired(SilenceRecord),
    Held {
        scope: ScopeRecord,
        arithmetic: ArithmeticRecord,
        silence: SilenceRecord,
    },
    Returned(u64),
    Refused(RefusalRecord),
    CameBack {
        sender: SenderRecord,
        flap: FlapRecord,
    },
    Undamped(UndampedRecord),
    StatusReported(SenderRecord),
    ConnectionLost(ConnectionRecord),
    Suspected(ArithmeticRecord),
    ExpiredAdaptive(SilenceRecord, LearntRecord),
    HeldAdaptive {
        scope: ScopeRecord,
        arithmetic: ArithmeticRecord,
        silence: SilenceRecord,
        learnt: LearntRecord,
    },
}

pub(super) fn cause_record(cause: &Cause) -> CauseRecord {
    match cause {
        Cause::Joined(sender) => CauseRecord::Joined(sender_record(sender)),
        Cause::Reregistered(sender) => CauseRecord::Reregistered(sender_record(sender)),
        Cause::Deregistered(sender) => CauseRecord::Deregistered(sender_record(sender)),
        Cause::OverrideSet(sender) => CauseRecord::OverrideSet(sender_record(sender)),
        Cause::OverrideCleared(sender) => CauseRecord::OverrideCleared(sender_record(sender)),
        Cause::MetadataAdded(sender) => CauseRecord::MetadataAdded(sender_record(sender)),
        Cause::Expired(silence) => match silence.learnt {
            None => CauseRecord::Expired(silence_record(silence)),
            Some(learnt) => CauseRecord::ExpiredAdaptive(silence_record(silence), learnt_record(learnt)),
        },
        Cause::Held { scope, arithmetic, silence } => {
            let (scope, arithmetic) = (scope_record(scope), arithmetic_record(*arithmetic));
            let (silence, learnt) = (silence_record(silence), silence.learnt.map(learnt_record));
            match learnt {
                None => CauseRecord::Held { scope, arithmetic, silence },
                Some(learnt) => CauseRecord::HeldAdaptive { scope, arithmetic, silence, learnt },
            }
        }
        Cause::Returned { held } => CauseRecord::Returned(*held),
        Cause::Refused(refusal) => CauseRecord::Refused(RefusalRecord {
            address: refusal.address,
            closed: refusal.suspicion == Suspicion::ConnectionClosed,
            silent: refusal.silent,
            intervals: refusal.intervals.clone(),
        }),
        Cause::CameBack { sender, flap } => CauseRecord::CameBack {
            sender: sender_record(sender),
            flap: FlapRecord {
                penalty: flap.penalty,
                losses: flap.losses,
                outcome: match flap.outcome {
                    FlapOutcome::Offered => FlapOutcomeRecord::Offered,
                    FlapOutcome::KeptOut { millis } => FlapOutcomeRecord::KeptOut(millis),
                    FlapOutcome::OfferedForLack => FlapOutcomeRecord::OfferedForLack,
                },
            },
        },
        Cause::Undamped(why) => CauseRecord::Undamped(match why {
            Undamped::Decayed { penalty } => UndampedRecord::Decayed(*penalty),
            Undamped::ForLack => UndampedRecord::ForLack,
            Undamped::ByHand(sender) => UndampedRecord::ByHand(sender_record(sender)),
        }),
        Cause::StatusReported(sender) => CauseRecord::StatusReported(sender_record(sender)),
        Cause::ConnectionLost(loss) => CauseRecord::ConnectionLost(ConnectionRecord {
            grace: loss.grace,
            closed: loss.closed,
            silent: loss.silent,
            guard: guard_record(&loss.guard),
        }),
        Cause::Suspected(arithmetic) => CauseRecord::Suspected(arithmetic_record(*arithmetic)),
    }
}

pub(super) fn cause_from(record: CauseRecord) -> Result<Cause, RecordError> {
    Ok(match record {
        CauseRecord::Joined(sender) => Cause::Joined(sender_from(sender)),
        CauseRecord::Reregistered(sender) => Cause::Reregistered(sender_from(sender)),
        CauseRecord::Deregistered(sender) => Cause::Deregistered(sender_from(sender)),
        CauseRecord::OverrideSet(sender) => Cause::OverrideSet(sender_from(sender)),
        CauseRecord::OverrideCleared(sender) => Cause::OverrideCleared(sender_from(sender)),
        CauseRecord::MetadataAdded(sender) => Cause::MetadataAdded(sender_from(sender)),
        CauseRecord::Expired(silence) => Cause::Expired(silence_from(silence, None)?.into()),
        CauseRecord::ExpiredAdaptive(silence, learnt) => {
            Cause::Expired(silence_from(silence, Some(&learnt))?.into())
        }
        CauseRecord::Held { scope, arithmetic, silence } => held(scope, &arithmetic, silence, None)?,
        CauseRecord::HeldAdaptive { scope, arithmetic, silence, learnt } => {
            held(scope, &arithmetic, silence, Some(&learnt))?
        }
        CauseRecord::Returned(held) => Cause::Returned { held },
        CauseRecord::Refused(refusal) => Cause::Refused(Refusal {
            address: refusal.address,
            suspicion: if refusal.closed { Suspicion::ConnectionClosed } else { Suspicion::BeatLate },
            silent: refusal.silent,
            intervals: refusal.intervals,
        }),
        CauseRecord::CameBack { sender, flap } => Cause::CameBack {
            sender: sender_from(sender),
            flap: Flap {
                penalty: flap.penalty,
                losses: flap.losses,
                outcome: match flap.outcome {
                    FlapOutcomeRecord::Offered => FlapOutcome::Offered,
                    FlapOutcomeRecord::KeptOut(millis) => FlapOutcome::KeptOut { millis },
                    FlapOutcomeRecord::OfferedForLack => FlapOutcome::OfferedForLack,
                },
            },
        },
        CauseRecord::Undamped(why) => Cause::Undamped(match why {
            UndampedRecord::Decayed(penalty) => Undamped::Decayed { penalty },
            UndampedRecord::ForLack => Undamped::ForLack,
            UndampedRecord::ByHand(sender) => Undamped::ByHand(sender_from(sender)),
        }),
        CauseRecord::StatusReported(sender) => Cause::StatusReported(sender_from(sender)),
        CauseRecord::ConnectionLost(loss) => Cause::ConnectionLost(ConnectionLoss {
            grace: loss.grace,
            closed: loss.closed,
            silent: loss.silent,
            guard: guard_from(loss.guard),
        }),
        CauseRecord::Suspected(arithmetic) => Cause::Suspected(arithmetic_from(&arithmetic)),
    })
}

fn sender_record(sender: &Sender) -> SenderRecord {
    SenderRecord {
        face: sender.face.to_owned(),
        address: sender.address,
        operator: sender.operator.as_deref().map(str::to_owned),
    }
}

fn sender_from(record: SenderRecord) -> Sender {
    Sender {
        face: face_from(&record.face),
        address: record.address,
        operator: record.operator.map(Into::into),
    }
}

/// Faces name themselves by constants; one that this version does not have is an earlier one.
pub(super) fn face_from(name: &str) -> &'static str {
    ["eureka", "rest", "consul", "grpc", "web"].into_iter().find(|face| *face == name).unwrap_or("other")
}

fn silence_record(silence: &Silence) -> SilenceRecord {
    SilenceRecord {
        check: silence.check.as_str().to_owned(),
        ttl: silence.ttl,
        interval: silence.interval,
        silent: silence.silent,
        excused: silence.excused,
        intervals: silence.intervals.clone(),
        unconfirmed: silence.unconfirmed,
        guard: guard_record(&silence.guard),
    }
}

fn guard_record(word: &GuardWord) -> GuardRecord {
    match word {
        GuardWord::Off => GuardRecord::Off,
        GuardWord::Unheard => GuardRecord::Unheard,
        GuardWord::TooFewHosts { hosts } => GuardRecord::TooFewHosts(*hosts),
        GuardWord::Open(arithmetic) => GuardRecord::Open(arithmetic_record(*arithmetic)),
        GuardWord::Released { scope, held, reason } => GuardRecord::Released {
            scope: scope_record(scope),
            held: *held,
            reason: match reason {
                ReleaseReason::OthersHeard { kept_percent } => ReleaseRecord::OthersHeard(*kept_percent),
                ReleaseReason::HeldLongEnough => ReleaseRecord::HeldLongEnough,
                ReleaseReason::ByHand(sender) => ReleaseRecord::ByHand(sender_record(sender)),
            },
        },
    }
}

fn held(
    scope: ScopeRecord,
    arithmetic: &ArithmeticRecord,
    silence: SilenceRecord,
    learnt: Option<&LearntRecord>,
) -> Result<Cause, RecordError> {
    Ok(Cause::Held {
        scope: scope_from(scope),
        arithmetic: arithmetic_from(arithmetic),
        silence: silence_from(silence, learnt)?.into(),
    })
}

fn learnt_record(learnt: Learnt) -> LearntRecord {
    let Learnt { level, allowed, mean, deviation, intervals, enough } = learnt;
    LearntRecord { level: level.hundredths(), allowed, mean, deviation, intervals, enough }
}

fn learnt_from(record: &LearntRecord) -> Result<Learnt, RecordError> {
    let LearntRecord { level, allowed, mean, deviation, intervals, enough } = *record;
    let level =
        PhiLevel::of_hundredths(level).ok_or_else(|| RecordError::Damaged(format!("{level} is no level")))?;
    Ok(Learnt { level, allowed, mean, deviation, intervals, enough })
}

fn silence_from(record: SilenceRecord, learnt: Option<&LearntRecord>) -> Result<Silence, RecordError> {
    Ok(Silence {
        check: CheckId::new(&record.check),
        ttl: record.ttl,
        interval: record.interval,
        silent: record.silent,
        excused: record.excused,
        intervals: record.intervals,
        unconfirmed: record.unconfirmed,
        learnt: learnt.map(learnt_from).transpose()?,
        guard: guard_from(record.guard),
    })
}

fn guard_from(record: GuardRecord) -> GuardWord {
    match record {
        GuardRecord::Off => GuardWord::Off,
        GuardRecord::Unheard => GuardWord::Unheard,
        GuardRecord::TooFewHosts(hosts) => GuardWord::TooFewHosts { hosts },
        GuardRecord::Open(arithmetic) => GuardWord::Open(arithmetic_from(&arithmetic)),
        GuardRecord::Released { scope, held, reason } => GuardWord::Released {
            scope: scope_from(scope),
            held,
            reason: match reason {
                ReleaseRecord::OthersHeard(kept_percent) => ReleaseReason::OthersHeard { kept_percent },
                ReleaseRecord::HeldLongEnough => ReleaseReason::HeldLongEnough,
                ReleaseRecord::ByHand(sender) => ReleaseReason::ByHand(sender_from(sender)),
            },
        },
    }
}

fn scope_record(scope: &Scope) -> ScopeRecord {
    match scope {
        Scope::Registry => ScopeRecord::Registry,
        Scope::Zone(name) => ScopeRecord::Zone(name.to_string()),
        Scope::Service(name) => ScopeRecord::Service(name.as_str().to_owned()),
    }
}

fn scope_from(record: ScopeRecord) -> Scope {
    match record {
        ScopeRecord::Registry => Scope::Registry,
        ScopeRecord::Zone(name) => Scope::Zone(name.into()),
        ScopeRecord::Service(name) => Scope::Service(ServiceName::new(&name)),
    }
}

fn arithmetic_record(arithmetic: Arithmetic) -> ArithmeticRecord {
    ArithmeticRecord { hosts: arithmetic.hosts, silent: arithmetic.silent, tolerated: arithmetic.tolerated }
}

fn arithmetic_from(record: &ArithmeticRecord) -> Arithmetic {
    Arithmetic { hosts: record.hosts, silent: record.silent, tolerated: record.tolerated }
}
