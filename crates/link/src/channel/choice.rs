//! What a single call says of itself, beside its message: put into the extensions of its request.

use std::net::IpAddr;

/// Calls of one key are kept together by the strategies that hash. In a request's extensions:
///
/// ```
/// # use lubdub_link::channel::Key;
/// let mut request = tonic::Request::new(());
/// request.extensions_mut().insert(Key::of("customer-7"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub(super) u64);

impl Key {
    /// Of any bytes: equal ones are kept together, by every consumer.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(lubdub_balance::Call::key_of(bytes.as_ref()))
    }
}

/// On whose behalf a call is made, for the strategies that hash it; for a program that passes calls on. Without it, it is the
/// channel's own [`source`](crate::channel::ChannelSetup::source).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source(pub IpAddr);

/// This call may be made twice, though the channel was not told so of its method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IsIdempotent;
