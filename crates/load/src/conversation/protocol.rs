//! [`Protocol`], [`Session`] and [`Watch`]: what is measured of every registry.

use super::Broken;

/// One registry in its own protocol. Sessions and watches have numbers; those of one number modulo the
/// connections that there are share a connection, where the protocol lets them.
pub(crate) trait Protocol: Sized {
    /// A provider's long connection.
    type Session: Session + 'static;
    /// A consumer's.
    type Watch: Watch + 'static;

    /// Connects, so often, to a registry; names hold `run`, so that no other run has the same.
    async fn connect(address: &str, connections: usize, run: &str) -> Result<Self, Broken>;

    /// Opens a session that keeps so many instances.
    async fn session(&self, number: usize, instances: usize) -> Result<Self::Session, Broken>;

    /// Watches what the session of number 0 keeps. Returns when everything that is there was told.
    async fn watch(&self, number: usize) -> Result<Self::Watch, Broken>;
}

/// A session: beats are answered in their order.
pub(crate) trait Session {
    /// Sends a beat, which keeps all of its instances.
    async fn beat(&mut self) -> Result<(), Broken>;

    /// Waits for the next answer to one.
    async fn answered(&mut self) -> Result<(), Broken>;

    /// Changes what its first instance says of itself: to this number. Returns when that is answered.
    async fn change(&mut self, number: u64) -> Result<(), Broken>;

    /// Leaves, with all of its instances.
    async fn leave(self) -> Result<(), Broken>;
}

/// A watch.
pub(crate) trait Watch {
    /// Waits until it is told of a change, and says of which number.
    async fn told(&mut self) -> Result<u64, Broken>;
}
