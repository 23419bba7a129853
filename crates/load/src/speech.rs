//! [`Speech`]: how requests are written; the one thing that differs from protocol to protocol.

use crate::Reading;

/// What one request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The instance of this number registers.
    Register(u64),
    /// It renews.
    Renew(u64),
    /// It leaves.
    Deregister(u64),
    /// This is read; the number picks one of many.
    Read(Reading, u64),
}

/// Writes requests of one protocol.
pub trait Speech {
    /// Appends one whole HTTP/1.1 request for a connection that stays open.
    fn write(&self, action: Action, request: &mut Vec<u8>);
}

impl<T: Speech + ?Sized> Speech for &T {
    fn write(&self, action: Action, request: &mut Vec<u8>) {
        (**self).write(action, request);
    }
}
