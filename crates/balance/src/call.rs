//! [`Call`]: what is known of a call before it is made; [`NoEndpoint`]: why there is nobody to make it to.

use std::net::IpAddr;

use crate::hash;
use crate::node::NodeId;

/// What is known of a call. The default is a call like any other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Call<'a> {
    /// A hash of what calls are kept together by, made by [`key_of`](Self::key_of): a user, a session, an argument.
    pub key: Option<u64>,
    /// Whom the call is made for.
    pub source: Option<IpAddr>,
    /// Who has been tried for this call before, and is not picked again.
    pub tried: &'a [NodeId],
}

impl Call<'_> {
    /// One that is kept together with all of the same key.
    pub fn keyed(key: &[u8]) -> Self {
        Self { key: Some(Self::key_of(key)), ..Self::default() }
    }

    /// The hash of a key, the same in every program.
    pub fn key_of(key: &[u8]) -> u64 {
        hash::of_bytes(key)
    }
}

/// Nobody can be picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoEndpoint {
    /// The set is empty.
    #[error("there is no endpoint; wait until one is registered")]
    Empty,
    /// Each endpoint that could be picked has been tried for this call.
    #[error("every available endpoint has been tried for this call; wait before it is tried again")]
    AllTried,
    /// There are endpoints and none is available, and the last resort is switched off.
    #[error("no endpoint is available; wait until one is reached again, or allow the last resort")]
    NoneAvailable,
}
