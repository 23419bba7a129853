//! What each message does.

use lubdub_core::model::InstanceKey;
use lubdub_core::{Command, Fault};
use lubdub_runtime::Session;

use super::pending::Pending;
use crate::convert::{self, Declared};
use crate::error::{Ended, invalid};
use crate::wire;

/// What a message is, beside `Declare`, which makes a session.
pub(super) enum Message {
    /// It declares.
    Declare(wire::Declare),
    /// It says that its sender is there.
    Beat(wire::Beat),
    /// It needs a session.
    Asks(wire::Said),
    /// It says nothing that this version knows.
    Unknown,
}

impl Message {
    pub(super) fn of(said: Option<wire::Said>) -> Self {
        match said {
            None => Self::Unknown,
            Some(wire::Said::Declare(declare)) => Self::Declare(declare),
            Some(wire::Said::Beat(beat)) => Self::Beat(beat),
            Some(other) => Self::Asks(other),
        }
    }
}

/// Why a stream ends whose first word is none of these.
pub(super) const DECLARE_FIRST: Ended = Ended::WrongOrder(
    "expected Declare before anything but Beat: nobody knows yet whose instances these are",
);
/// Why a stream ends that declares twice.
pub(super) const DECLARED_ALREADY: Ended =
    Ended::WrongOrder("this stream has a session already: expected one Declare");

/// The answer to a message that says nothing.
pub(super) fn nothing_said() -> Pending {
    let expected = "one of declare, register, deregister, set_status, add_metadata, beat, goodbye";
    refused(&Fault::new("what", "", expected))
}

/// The answer to a message that cannot be carried out as it is.
pub(super) fn refused(fault: &Fault) -> Pending {
    Pending::Ready(wire::Outcome::Refusal(invalid(fault)))
}

/// Asks the registry for what a message says; whether the session ends with it.
pub(super) fn ask(session: &Session, declared: &Declared, said: wire::Said) -> (Pending, bool) {
    if matches!(said, wire::Said::Goodbye(_)) {
        return (Pending::Asked(session.goodbye(), None), true);
    }
    let pending = match command(declared, said) {
        Ok(command) => {
            let registered = match &command {
                Command::Register(asked) => Some(asked.key.clone()),
                _ => None,
            };
            Pending::Asked(session.ask(command), registered)
        }
        Err(fault) => refused(&fault),
    };
    (pending, false)
}

/// The command that a message stands for.
pub(crate) fn command(declared: &Declared, said: wire::Said) -> Result<Command, Fault> {
    Ok(match said {
        wire::Said::Register(said) => Command::Register(Box::new(convert::registration(said, declared)?)),
        wire::Said::Deregister(said) => {
            Command::Deregister { key: InstanceKey::new(&said.service, &said.id) }
        }
        wire::Said::SetStatus(said) => {
            let key = InstanceKey::new(&said.service, &said.id);
            let missing = || Fault::new("status", said.status, "a status");
            Command::ReportStatus { key, status: convert::status(said.status)?.ok_or_else(missing)? }
        }
        wire::Said::AddMetadata(said) => Command::AddMetadata {
            key: InstanceKey::new(&said.service, &said.id),
            entries: convert::metadata(said.metadata),
        },
        // Told apart before.
        wire::Said::Declare(_) | wire::Said::Beat(_) | wire::Said::Goodbye(_) => {
            return Err(Fault::new("what", "", "a message of its own"));
        }
    })
}
