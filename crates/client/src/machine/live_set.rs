//! [`LiveSet`]: which endpoints a consumer may call.
//!
//! The registry's answers are taken at their word, with two exceptions, because a consumer without
//! endpoints is worse off than one that calls somebody who has just left:
//!
//! | what happens | what the set does |
//! | --- | --- |
//! | an instance is listed as unavailable | it leaves at once: that is a word about *it* |
//! | an instance is not listed any more | it leaves at once, except as follows |
//! | the registry is gone | everything stays; the set is *stale*, and says since when |
//! | it is back and lists fewer | the missing ones stay, *doubted*, for the time of settling: a registry that forgets at a restart is told again by its providers within that time |
//! | suddenly none of several or one is listed | the same: a registry that restarted between two questions answers so |
//! | the time of settling is over | who is still not listed leaves |
//! | the consumer itself restarts | what it last knew comes from a file, all of it doubted |

use std::collections::BTreeMap;
use std::time::Duration;

use crate::endpoint::{Endpoint, Listed};
use crate::machine::Tick;
use crate::selector::Selector;

/// How far a view can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Freshness {
    /// Nothing was heard yet, and nothing is known from before.
    Nothing,
    /// The registry answers.
    Fresh,
    /// The registry does not answer since then; what was known stays.
    Stale {
        /// When it was found out.
        since: Tick,
    },
}

/// The endpoints at one moment, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct View {
    /// Whom one may call.
    pub endpoints: Vec<Endpoint>,
    /// How far that can be trusted.
    pub freshness: Freshness,
}

/// Which endpoints of one service a consumer may call.
#[derive(Debug, Clone)]
pub struct LiveSet {
    selector: Selector,
    settling: Duration,
    known: BTreeMap<String, Endpoint>,
    freshness: Freshness,
    /// Until then nobody leaves only because of not being listed.
    settled_at: Option<Tick>,
}

impl LiveSet {
    /// An empty one that holds whom the registry may have lost for `settling`: as long as it takes
    /// providers to notice and register again.
    pub fn new(selector: Selector, settling: Duration) -> Self {
        Self { selector, settling, known: BTreeMap::new(), freshness: Freshness::Nothing, settled_at: None }
    }

    /// What was known in a life before, read from a file at `now`.
    pub fn restore(&mut self, now: Tick, endpoints: impl IntoIterator<Item = Endpoint>) {
        for mut endpoint in endpoints {
            if self.selector.matches(&endpoint.instance) {
                endpoint.doubted = true;
                self.known.insert(endpoint.instance.id.clone(), endpoint);
            }
        }
        self.freshness = Freshness::Stale { since: now };
    }

    /// The registry answered: these are all instances of the service. Whoever the selector does not want
    /// counts as unavailable.
    pub fn heard(&mut self, now: Tick, listing: Vec<Listed>) {
        let was_lost = matches!(self.freshness, Freshness::Stale { .. });
        let nothing_listed = listing.is_empty() && !self.known.is_empty();
        self.freshness = Freshness::Fresh;
        if was_lost || (nothing_listed && self.settled_at.is_none()) {
            self.settled_at = Some(now + self.settling);
        }
        let mut missing = std::mem::take(&mut self.known);
        for Listed { instance, availability } in listing {
            missing.remove(&instance.id);
            if availability.is_available() && self.selector.matches(&instance) {
                self.known.insert(instance.id.clone(), Endpoint::sure(instance));
            }
        }
        if self.settled_at.is_some() {
            for (id, endpoint) in missing {
                self.known.insert(id, Endpoint { doubted: true, ..endpoint });
            }
        }
        self.advance(now);
    }

    /// The registry could not be reached, or has said nothing for too long.
    pub fn lost(&mut self, now: Tick) {
        if !matches!(self.freshness, Freshness::Stale { .. }) {
            self.freshness = Freshness::Stale { since: now };
        }
    }

    /// Time went on.
    pub fn advance(&mut self, now: Tick) {
        // Whom nobody could ask about is not let go.
        if self.freshness == Freshness::Fresh && self.settled_at.is_some_and(|settled| settled <= now) {
            self.settled_at = None;
            self.known.retain(|_, endpoint| !endpoint.doubted);
        }
    }

    /// When [`Self::advance`] has something to do.
    pub fn next(&self) -> Option<Tick> {
        self.settled_at.filter(|_| self.freshness == Freshness::Fresh)
    }

    /// The endpoints as they are now.
    pub fn view(&self) -> View {
        View { endpoints: self.known.values().cloned().collect(), freshness: self.freshness }
    }
}

#[cfg(test)]
mod tests;
