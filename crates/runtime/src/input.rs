//! [`Input`]: what comes in to the driver.

use std::sync::mpsc::SyncSender;

use lubdub_core::guard::{Released, Scope};
use lubdub_core::hearing::Ear;
use lubdub_core::lease::LeaseId;
use lubdub_core::probe::Refused;
use lubdub_core::{Command, Reject, Revision, Sender, Tick};
use tokio::sync::oneshot;

use crate::journal::JournalError;
use crate::prober::CarriedBeat;
use crate::sessions::SessionInput;

/// What comes in to the driver.
#[derive(Debug)]
pub(crate) enum Input {
    /// A command, and where to answer.
    Command { command: Command, sender: Sender, reply: Reply },
    /// The journal's answer for the batch that it was given last.
    Committed(Result<(), JournalError>),
    /// An operator lets go what the guard holds in a scope.
    ReleaseGuard { scope: Scope, sender: Sender, reply: ReleaseReply },
    /// A lease that was silent is heard again.
    Returned(LeaseId),
    /// An own beat arrived.
    OwnBeat { ear: Ear, sent: Tick, arrived: Tick },
    /// A listener starts to be a witness of hearing; answered with its ear.
    AddEar(SyncSender<Ear>),
    /// The process did not run.
    Paused { from: Tick, to: Tick },
    /// A client's connection closed that had carried these beats.
    ConnectionClosed(Vec<CarriedBeat>),
    /// An address was tried, and refused.
    Refused(Refused),
    /// What a session's connection does.
    Session(SessionInput),
    /// Write what there is to write, and end.
    Stop,
}

/// Where a command is answered.
pub(crate) type Reply = oneshot::Sender<Result<Revision, Reject>>;

/// Where an operator's release is answered.
pub(crate) type ReleaseReply = oneshot::Sender<Result<Released, Reject>>;
