//! Why something happened.

use lubdub_core::adaptive::Learnt;
use lubdub_core::change::{ReleaseReason, Suspicion};
use lubdub_core::damping::{Flap, FlapOutcome, Undamped};
use lubdub_core::guard::{Arithmetic, Scope};
use lubdub_core::{Cause, ConnectionLoss, GuardWord, Refusal, Sender, Silence};

use crate::wire;

pub(crate) fn cause(cause: &Cause) -> wire::Cause {
    let wire::Sender { face, address, operator } = cause.sender().map(sender).unwrap_or_default();
    let told = wire::Cause { name: cause.name(), face, address, operator, ..wire::Cause::default() };
    match cause {
        Cause::Joined(_)
        | Cause::Reregistered(_)
        | Cause::Deregistered(_)
        | Cause::OverrideSet(_)
        | Cause::OverrideCleared(_)
        | Cause::MetadataAdded(_)
        | Cause::StatusReported(_) => told,
        Cause::Expired(kept) => wire::Cause { silence: Some(silence(kept)), ..told },
        Cause::Held { scope: within, arithmetic: figures, silence: kept } => wire::Cause {
            silence: Some(silence(kept)),
            scope: Some(scope(within)),
            arithmetic: Some(arithmetic(*figures)),
            ..told
        },
        Cause::Returned { held } => wire::Cause { held_ms: Some(*held), ..told },
        Cause::Refused(tried) => wire::Cause { refusal: Some(refusal(tried)), ..told },
        Cause::CameBack { flap: lost, .. } => wire::Cause { flap: Some(flap(lost)), ..told },
        Cause::Undamped(why) => wire::Cause { undamped: Some(undamped(why)), ..told },
        Cause::ConnectionLost(loss) => wire::Cause { connection: Some(connection(loss)), ..told },
        Cause::Suspected(figures) => wire::Cause { arithmetic: Some(arithmetic(*figures)), ..told },
    }
}

pub(super) fn sender(sender: &Sender) -> wire::Sender {
    wire::Sender {
        face: Some(sender.face).filter(|face| !face.is_empty()),
        address: sender.address.map(|address| address.to_string()),
        operator: sender.operator.as_deref().map(str::to_owned),
    }
}

pub(super) fn scope(scope: &Scope) -> wire::Scope {
    wire::Scope { kind: scope.kind(), name: scope.name().map(str::to_owned) }
}

pub(super) fn arithmetic(figures: Arithmetic) -> wire::Arithmetic {
    let Arithmetic { hosts, silent, tolerated } = figures;
    wire::Arithmetic { hosts, silent, tolerated }
}

fn silence(silence: &Silence) -> wire::Silence {
    wire::Silence {
        check: silence.check.as_str().to_owned(),
        ttl_ms: silence.ttl,
        interval_ms: silence.interval,
        silent_ms: silence.silent,
        excused_ms: silence.excused,
        intervals_ms: silence.intervals.clone(),
        unconfirmed: silence.unconfirmed,
        learnt: silence.learnt.map(learnt),
        guard: guard_said(&silence.guard),
    }
}

fn learnt(learnt: Learnt) -> wire::Learnt {
    let Learnt { level, allowed, mean, deviation, intervals, enough } = learnt;
    wire::Learnt {
        phi: level.value(),
        allowed_ms: allowed,
        mean_ms: mean,
        deviation_ms: deviation,
        intervals,
        enough,
    }
}

fn guard_said(word: &GuardWord) -> wire::GuardSaid {
    let said = |word| wire::GuardSaid { word, ..wire::GuardSaid::default() };
    match word {
        GuardWord::Off => said("off"),
        GuardWord::Unheard => said("unheard"),
        GuardWord::TooFewHosts { hosts } => wire::GuardSaid { hosts: Some(*hosts), ..said("too_few_hosts") },
        GuardWord::Open(figures) => wire::GuardSaid {
            hosts: Some(figures.hosts),
            silent: Some(figures.silent),
            tolerated: Some(figures.tolerated),
            ..said("open")
        },
        GuardWord::Released { scope: within, held, reason } => {
            let (reason, kept_percent, by) = match reason {
                ReleaseReason::OthersHeard { kept_percent } => ("others_heard", Some(*kept_percent), None),
                ReleaseReason::HeldLongEnough => ("held_long_enough", None, None),
                ReleaseReason::ByHand(by) => ("by_hand", None, Some(sender(by))),
            };
            wire::GuardSaid {
                scope: Some(scope(within)),
                held_ms: Some(*held),
                reason: Some(reason),
                kept_percent,
                by,
                ..said("released")
            }
        }
    }
}

fn refusal(refusal: &Refusal) -> wire::Refusal {
    wire::Refusal {
        address: refusal.address.to_string(),
        suspicion: match refusal.suspicion {
            Suspicion::ConnectionClosed => "connection_closed",
            Suspicion::BeatLate => "beat_late",
        },
        silent_ms: refusal.silent,
        intervals_ms: refusal.intervals.clone(),
    }
}

fn connection(loss: &ConnectionLoss) -> wire::ConnectionLoss {
    wire::ConnectionLoss {
        grace_ms: loss.grace,
        closed_ms: loss.closed,
        silent_ms: loss.silent,
        guard: guard_said(&loss.guard),
    }
}

fn flap(flap: &Flap) -> wire::Flap {
    let (outcome, kept_out_ms) = match flap.outcome {
        FlapOutcome::Offered => ("offered", None),
        FlapOutcome::KeptOut { millis } => ("kept_out", Some(millis)),
        FlapOutcome::OfferedForLack => ("offered_for_lack", None),
    };
    wire::Flap { penalty: flap.penalty, losses: flap.losses, outcome, kept_out_ms }
}

fn undamped(why: &Undamped) -> wire::Undamped {
    match why {
        Undamped::Decayed { penalty } => wire::Undamped { why: "decayed", penalty: Some(*penalty) },
        Undamped::ForLack => wire::Undamped { why: "for_lack", penalty: None },
        Undamped::ByHand(_) => wire::Undamped { why: "by_hand", penalty: None },
    }
}

#[cfg(test)]
mod tests;
