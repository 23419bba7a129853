//! [`Provider`]: an instance that is being provided, as the program holds it.

use std::sync::{Arc, Weak};

use tokio::sync::watch;

use super::drive::{self, Told};
use super::farewell::{Farewell, Parting};
use super::status::{State, Status};
use super::traffic::{Call, Calls};
use crate::error::Error;
use crate::instance::Instance;
use crate::registry::Side;
use crate::switch::Switch;

/// An instance that is being provided: registered, kept alive by beats, and registered again whenever
/// its registry lost it. Dropping it takes it out at once; [`Self::stop`] lets consumers know first.
#[derive(Debug)]
#[must_use = "an instance that is dropped at once is taken out at once"]
pub struct Provider {
    instance: Arc<Instance>,
    providing: Arc<Providing>,
}

/// What the handle and the task share.
#[derive(Debug)]
pub(crate) struct Providing {
    pub(super) own_switch: watch::Sender<bool>,
    pub(super) leaving: watch::Sender<bool>,
    /// Whether it ends without a word.
    pub(super) abandoned: watch::Sender<bool>,
    pub(super) status: watch::Sender<Status>,
    pub(super) calls: Calls,
    pub(super) farewell: Farewell,
}

/// Begins to provide.
pub(crate) fn begin(
    side: &Arc<Side>,
    registry: String,
    instance: Instance,
    open: bool,
    switch: &Switch,
    farewell: Farewell,
    calls: Calls,
) -> Provider {
    let instance = Arc::new(instance);
    let providing = Arc::new(Providing {
        own_switch: watch::Sender::new(open),
        leaving: watch::Sender::new(false),
        abandoned: watch::Sender::new(false),
        status: watch::Sender::new(Status::new()),
        calls,
        farewell,
    });
    let told = Told {
        process_switch: switch.watch(),
        own_switch: providing.own_switch.subscribe(),
        leaving: providing.leaving.subscribe(),
        abandoned: providing.abandoned.subscribe(),
    };
    let status = providing.status.clone();
    side.worker.spawn(drive::drive(side.clone(), registry, instance.clone(), told, status));
    Provider { instance, providing }
}

impl Provider {
    /// Turns its own switch on: it is offered, if the process's switch is on too.
    pub fn open(&self) {
        self.providing.own_switch.send_replace(true);
    }

    /// Turns its own switch off: it is offered no more, and stays registered.
    pub fn close(&self) {
        self.providing.own_switch.send_replace(false);
    }

    /// Leaves so that no call fails: unavailable, time for consumers to hear of it, time for calls
    /// that are being served ([`Self::begin_call`]), out. [`Farewell`] has the times. Returns when it is
    /// out.
    pub async fn stop(self) -> Parting {
        self.providing.stop().await
    }

    /// Ends all beats without a word to the registry, as a crash would. For those who want to see what
    /// their consumers make of it.
    pub fn abandon(self) {
        self.providing.abandoned.send_replace(true);
    }

    /// Counts a call that is being served, until what is returned is dropped. Stopping waits for it.
    pub fn begin_call(&self) -> Call {
        self.providing.calls.begin()
    }

    /// What it says of itself.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// How it goes.
    pub fn status(&self) -> Status {
        self.providing.status.borrow().clone()
    }

    /// Waits until a status is as wanted, and returns it. Whoever waits for what never comes waits for
    /// ever.
    pub async fn until(&self, wanted: impl FnMut(&Status) -> bool + Send) -> Status {
        let mut status = self.providing.status.subscribe();
        // The sender is as old as `self`.
        let found = status.wait_for(wanted).await.map(|status| status.clone());
        found.unwrap_or_else(|_| self.status())
    }

    /// Waits until it is registered.
    pub async fn registered(&self) -> Status {
        self.until(|status| status.state == State::Registered).await
    }

    /// Waits for the end of the first attempt.
    pub(crate) async fn first(&self) -> Result<(), Error> {
        let status = self.until(|status| status.registrations > 0 || status.failures > 0).await;
        match status.last_error {
            Some(error) if status.registrations == 0 => Err(error),
            _ => Ok(()),
        }
    }

    /// Its own switch, to be followed.
    #[cfg(feature = "tonic")]
    pub(crate) fn own_switch(&self) -> watch::Receiver<bool> {
        self.providing.own_switch.subscribe()
    }

    pub(crate) fn downgrade(&self) -> Weak<Providing> {
        Arc::downgrade(&self.providing)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.providing.leaving.send_replace(true);
    }
}
