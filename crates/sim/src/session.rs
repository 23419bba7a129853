//! [`Session`]: how a process keeps what it provides on one session: it declares, registers one after
//! the other, beats; takes its session up again by token when its connection is gone. A state
//! machine that knows no world.

use lubdub_core::model::PhiLevel;

use crate::chance::Chance;
use crate::client::Outcome;
use crate::time::{MILLI, SECOND};

/// What is said on a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Say {
    /// It is opened, or taken up by this token.
    Declare { token: Option<u64> },
    /// This provider is registered on it.
    Register { provider: usize },
    /// All of its providers live.
    Beat,
    /// It is over, in good order.
    Goodbye,
}

/// A session as its process sees it.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Silence of so many microseconds ends it.
    pub(crate) timeout: u64,
    /// So long it asks to be waited for when its connection closes alone.
    pub(crate) grace: u64,
    /// The level by which it asks to be judged, where it asks for one.
    pub(crate) phi: Option<PhiLevel>,
    /// Which process.
    pub(crate) process: u32,
    /// Over which connection, if there is one.
    pub(crate) connection: Option<u64>,
    /// Which message it waits for an answer to.
    pub(crate) attempt: u32,
    token: Option<u64>,
    declared: bool,
    registered: usize,
    failures: u32,
}

impl Session {
    pub(crate) fn new(timeout: u64, grace: u64, phi: Option<PhiLevel>) -> Self {
        Self {
            timeout,
            grace,
            phi,
            process: 0,
            connection: None,
            attempt: 0,
            token: None,
            declared: false,
            registered: 0,
            failures: 0,
        }
    }

    /// A new process: it knows no token.
    pub(crate) fn start(&mut self) {
        let process = self.process + 1;
        *self = Self { process, ..Self::new(self.timeout, self.grace, self.phi) };
    }

    /// The process is gone; over which connection it spoke.
    pub(crate) fn die(&mut self) -> Option<u64> {
        self.process += 1;
        self.connection.take()
    }

    /// What it says next, of these providers.
    pub(crate) fn next(&mut self, providers: &[usize]) -> Say {
        self.attempt += 1;
        if !self.declared {
            return Say::Declare { token: self.token };
        }
        match providers.get(self.registered) {
            Some(provider) => Say::Register { provider: *provider },
            None => Say::Beat,
        }
    }

    /// How long it waits for an answer.
    pub(crate) fn patience(&self) -> u64 {
        self.interval().min(5 * SECOND)
    }

    /// What it does after an outcome: how long it waits until it speaks again. Its connection is
    /// gone where it is to make another.
    pub(crate) fn after(&mut self, outcome: Outcome, providers: usize, chance: &mut Chance) -> u64 {
        match outcome {
            Outcome::Granted { token, kept } => {
                (self.token, self.declared, self.failures) = (Some(token), true, 0);
                self.registered = if kept == providers { providers } else { 0 };
            }
            Outcome::Done => self.registered += 1,
            // What it lost it registers again.
            Outcome::Kept(kept) if kept < providers => self.registered = 0,
            Outcome::Kept(_) => {}
            Outcome::Unknown | Outcome::Refused | Outcome::TimedOut => {
                (self.declared, self.connection) = (false, None);
                self.failures = self.failures.saturating_add(1);
                let longest = ((250 * MILLI) << self.failures.min(10)).min(self.interval());
                return longest / 2 + chance.below(longest / 2);
            }
        }
        let is_complete = self.registered >= providers;
        if is_complete { self.interval() - chance.below(self.interval() / 10) } else { 0 }
    }

    /// It sends something in a third of its timeout.
    fn interval(&self) -> u64 {
        self.timeout / 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Concern;

    #[test]
    fn a_session_is_declared_filled_kept_and_taken_up_by_its_token() {
        let mut chance = Chance::of(1, Concern::Providers);
        let mut session = Session::new(15 * SECOND, 0, None);
        assert_eq!(session.next(&[7, 8]), Say::Declare { token: None });
        assert_eq!(session.after(Outcome::Granted { token: 3, kept: 0 }, 2, &mut chance), 0);
        for provider in [7, 8] {
            assert_eq!(session.next(&[7, 8]), Say::Register { provider });
            session.after(Outcome::Done, 2, &mut chance);
        }
        assert_eq!(session.next(&[7, 8]), Say::Beat);
        assert!(session.after(Outcome::Kept(2), 2, &mut chance) > 4 * SECOND);
        session.after(Outcome::Refused, 2, &mut chance);
        assert_eq!(session.next(&[7, 8]), Say::Declare { token: Some(3) });
        session.after(Outcome::Granted { token: 3, kept: 2 }, 2, &mut chance);
        assert_eq!(session.next(&[7, 8]), Say::Beat);
        assert_eq!(session.after(Outcome::Kept(1), 2, &mut chance), 0);
        assert_eq!(session.next(&[7, 8]), Say::Register { provider: 7 });
    }
}
