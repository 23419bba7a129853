//! [`Secrets`]: the tokens by which sessions are resumed.

use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashMap;
use lubdub_core::model::SessionId;
use parking_lot::RwLock;
use subtle::ConstantTimeEq;

/// 128 random bits.
pub(crate) type Secret = [u8; 16];

/// A token: the session's number, which is no secret, and its secret.
const NUMBER_BYTES: usize = 4;

/// The secrets of all sessions that may be resumed. The driver writes, connections read.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    by_session: RwLock<HashMap<SessionId, Secret>>,
    connected: AtomicUsize,
}

impl Secrets {
    pub(crate) fn add(&self, session: SessionId, secret: Secret) {
        self.by_session.write().insert(session, secret);
    }

    pub(crate) fn forget(&self, session: SessionId) {
        self.by_session.write().remove(&session);
    }

    /// The session that a token is of, if it is one that may be resumed. Takes as long for a token
    /// that is nearly right as for any other.
    pub(crate) fn session_of(&self, token: &[u8]) -> Option<(SessionId, Secret)> {
        let (number, given) = token.split_first_chunk::<NUMBER_BYTES>()?;
        let session = SessionId(u32::from_be_bytes(*number));
        let secret = *self.by_session.read().get(&session)?;
        bool::from(given.ct_eq(&secret)).then_some((session, secret))
    }

    pub(crate) fn token(session: SessionId, secret: &Secret) -> Vec<u8> {
        [&session.0.to_be_bytes()[..], secret].concat()
    }

    /// How many sessions there are.
    pub(crate) fn len(&self) -> usize {
        self.by_session.read().len()
    }

    /// How many have a connection.
    pub(crate) fn connected(&self) -> usize {
        self.connected.load(Ordering::Relaxed)
    }

    pub(super) fn connects(&self) {
        self.connected.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn disconnects(&self) {
        self.connected.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_to_its_session_and_every_other_to_none() {
        let secrets = Secrets::default();
        let (session, secret) = (SessionId(7), [9; 16]);
        secrets.add(session, secret);
        let token = Secrets::token(session, &secret);
        assert_eq!(secrets.session_of(&token), Some((session, secret)));
        for at in 0..token.len() {
            let mut wrong = token.clone();
            wrong[at] ^= 1;
            assert_eq!(secrets.session_of(&wrong), None, "at {at}");
        }
        assert_eq!(secrets.session_of(&token[..19]), None);
        assert_eq!(secrets.session_of(&[]), None);
        assert_eq!(secrets.session_of(&[&token[..], &[0]].concat()), None);
        secrets.forget(session);
        assert_eq!((secrets.session_of(&token), secrets.len()), (None, 0));
    }
}
