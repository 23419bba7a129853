//! [`Backend`]: what a registry must be able to do, the seam between the SDK and all of them.
//!
//! A back end translates and carries; it decides nothing. When to beat, what to do when the registry
//! forgot an instance, whom a consumer may call while it is gone: that is in [`machine`](crate::machine),
//! and the same for all.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::availability::Availability;
use crate::endpoint::Listed;
use crate::error::Error;
use crate::instance::Instance;
use crate::terms::Terms;
use crate::url::RegistryUrl;

/// What a registry says to a beat, or to a changed availability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Renewal {
    /// The lease goes on.
    Renewed,
    /// It does not know the instance: its lease or session ended, or it restarted empty. The instance
    /// is registered again at once.
    Unknown,
}

/// One registry. All calls come from a thread of the SDK that does nothing else, and are broken off
/// (dropped) after [`Terms::patience`] or when something more urgent is to be told: after that, the
/// same or another call for the instance follows. A call that was broken off may have had its effect.
#[async_trait]
pub trait Backend: Send + Sync {
    /// The rhythm that was agreed upon.
    fn terms(&self) -> Terms;

    /// Registers an instance in one step as available or not, in the place of one with the same id.
    async fn register(&self, instance: &Instance, availability: Availability) -> Result<(), Error>;

    /// Takes an instance out. One that is not there is no error.
    async fn deregister(&self, instance: &Instance) -> Result<(), Error>;

    /// Tells whether an instance is offered; it stays registered. No consumer may see it absent
    /// between the two.
    async fn set_available(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error>;

    /// Keeps the lease of an instance.
    async fn renew(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error>;

    /// All instances of a service, those that are not available too. Of a service that nobody knows
    /// there are none.
    async fn lookup(&self, service: &str) -> Result<Vec<Listed>, Error>;

    /// Tells `news` all instances of a service at first, after each change, and in any case each
    /// [`Terms::poll`]; who is not told anything for three times as long takes the registry for lost.
    /// Ends only with the error because of which it cannot go on, and is then called again.
    async fn subscribe(&self, service: &str, news: &News) -> Error {
        let poll = self.terms().poll;
        loop {
            match self.lookup(service).await {
                Ok(listing) => news.tell(listing),
                Err(error) => return error,
            }
            tokio::time::sleep(poll).await;
        }
    }
}

/// Where a subscription tells what it hears.
#[derive(Debug)]
pub struct News {
    sender: mpsc::UnboundedSender<Vec<Listed>>,
}

impl News {
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<Vec<Listed>>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self { sender }, receiver)
    }

    /// These are all instances of the service now.
    pub fn tell(&self, listing: Vec<Listed>) {
        // Whoever is gone needs no news.
        drop(self.sender.send(listing));
    }
}

/// What makes a back end of a URL: once to see whether the URL is right, once for providing, once for
/// consuming. It does not wait for the registry; that is what the calls are for.
pub type Connect = Arc<dyn Fn(&RegistryUrl) -> Result<Arc<dyn Backend>, Error> + Send + Sync>;
