//! What differed in format 1: senders had no operator, silences nothing of the guard, and
//! there were fewer causes.

use lubdub_core::model::CheckId;
use lubdub_core::{Cause, GuardWord, Sender, Silence};
use serde::Deserialize;

use super::cause::face_from;

#[derive(Deserialize)]
pub(super) struct SenderRecord {
    face: String,
    address: Option<std::net::IpAddr>,
}

#[derive(Deserialize)]
pub(super) struct SilenceRecord {
    check: String,
    ttl: u64,
    interval: u64,
    silent: u64,
    excused: u64,
    intervals: Vec<u64>,
    unconfirmed: bool,
}

#[derive(Deserialize)]
pub(super) enum CauseRecord {
    Joined(SenderRecord),
    Reregistered(SenderRecord),
    Deregistered(SenderRecord),
    OverrideSet(SenderRecord),
    OverrideCleared(SenderRecord),
    MetadataAdded(SenderRecord),
    Expired(SilenceRecord),
}

pub(super) fn cause_from(record: CauseRecord) -> Cause {
    let by = |sender: SenderRecord| Sender {
        face: face_from(&sender.face),
        address: sender.address,
        operator: None,
    };
    match record {
        CauseRecord::Joined(sender) => Cause::Joined(by(sender)),
        CauseRecord::Reregistered(sender) => Cause::Reregistered(by(sender)),
        CauseRecord::Deregistered(sender) => Cause::Deregistered(by(sender)),
        CauseRecord::OverrideSet(sender) => Cause::OverrideSet(by(sender)),
        CauseRecord::OverrideCleared(sender) => Cause::OverrideCleared(by(sender)),
        CauseRecord::MetadataAdded(sender) => Cause::MetadataAdded(by(sender)),
        CauseRecord::Expired(silence) => Cause::Expired(Box::new(Silence {
            check: CheckId::new(&silence.check),
            ttl: silence.ttl,
            interval: silence.interval,
            silent: silence.silent,
            excused: silence.excused,
            intervals: silence.intervals,
            unconfirmed: silence.unconfirmed,
            learnt: None,
            guard: GuardWord::Off,
        })),
    }
}
