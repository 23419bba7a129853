//! [`Strategies`]: names and what they mean.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::bounded_consistent_hash::BoundedConsistentHash;
use super::consistent_hash::ConsistentHash;
use super::hashed::Hash;
use super::least::Least;
use super::p2c_peak_ewma::P2cPeakEwma;
use super::random::Random;
use super::round_robin::RoundRobin;
use super::weighted_hash::WeightedHash;
use super::weighted_random::WeightedRandom;
use super::weighted_round_robin::WeightedRoundRobin;
use crate::strategy::{Nodes, Strategy};

type Constructor = Arc<dyn Fn(&Nodes) -> Arc<dyn Strategy> + Send + Sync>;

/// The name under which the caller's own zone comes first; a colon and any other name may follow.
const ZONE_AWARE: &str = "zone-aware";

/// What `zone-aware` alone balances by.
const WITHIN_ZONE: &str = "p2c-peak-ewma";

/// Strategies by name.
#[derive(Clone)]
pub struct Strategies {
    constructors: BTreeMap<String, Constructor>,
}

impl Strategies {
    /// Those of this crate.
    pub fn standard() -> Self {
        let mut strategies = Self { constructors: BTreeMap::new() };
        strategies.register("bounded-consistent-hash", BoundedConsistentHash::new);
        strategies.register("consistent-hash", ConsistentHash::new);
        strategies.register("hash", Hash::of_key);
        strategies.register("least-connections", Least::connections);
        strategies.register("least-in-flight", Least::in_flight);
        strategies.register("p2c-peak-ewma", P2cPeakEwma::new);
        strategies.register("random", Random::new);
        strategies.register("round-robin", RoundRobin::new);
        strategies.register("source-ip-hash", Hash::of_source);
        strategies.register("weighted-hash", WeightedHash::of_key);
        strategies.register("weighted-random", WeightedRandom::new);
        strategies.register("weighted-round-robin", WeightedRoundRobin::new);
        strategies.register("weighted-source-ip-hash", WeightedHash::of_source);
        strategies
    }

    /// Makes a strategy known by a name, in the place of what that name meant before. It is made anew for each set of endpoints.
    pub fn register<S: Strategy + 'static>(
        &mut self,
        name: impl Into<String>,
        constructor: impl Fn(&Nodes) -> S + Send + Sync + 'static,
    ) {
        self.constructors.insert(name.into(), Arc::new(move |nodes| Arc::new(constructor(nodes))));
    }

    /// What a name means: one of those that are known, `zone-aware`, or `zone-aware:` and one of those that are known.
    ///
    /// # Errors
    ///
    /// Nothing is known by it. The error tells what is, and the nearest name.
    pub fn named(&self, name: &str) -> Result<Named, UnknownStrategy> {
        let (prefers_near, inner) = match name.split_once(':') {
            Some((ZONE_AWARE, inner)) => (true, inner),
            None if name == ZONE_AWARE => (true, WITHIN_ZONE),
            _ => (false, name),
        };
        let constructor = self.constructors.get(inner).ok_or_else(|| self.unknown(name, inner))?;
        Ok(Named { name: name.to_owned(), prefers_near, constructor: Arc::clone(constructor) })
    }

    /// All names, in order; `zone-aware:` may stand before each but itself.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let mut names: Vec<_> = self.constructors.keys().map(String::as_str).chain([ZONE_AWARE]).collect();
        names.sort_unstable();
        names.into_iter()
    }

    fn unknown(&self, name: &str, wrong: &str) -> UnknownStrategy {
        let likeness = |known: &&str| strsim::jaro_winkler(known, wrong);
        let nearest = self.names().max_by(|left, right| likeness(left).total_cmp(&likeness(right)));
        UnknownStrategy {
            name: name.to_owned(),
            nearest: nearest.unwrap_or(ZONE_AWARE).to_owned(),
            known: self.names().map(str::to_owned).collect(),
        }
    }
}

impl Default for Strategies {
    fn default() -> Self {
        Self::standard()
    }
}

impl fmt::Debug for Strategies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

/// A strategy that was found by its name.
#[derive(Clone)]
pub struct Named {
    name: String,
    prefers_near: bool,
    constructor: Constructor,
}

impl Named {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether endpoints in the caller's zone come first.
    pub(crate) fn prefers_near(&self) -> bool {
        self.prefers_near
    }

    pub(crate) fn make(&self, nodes: &Nodes) -> Arc<dyn Strategy> {
        (self.constructor)(nodes)
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Named({:?})", self.name)
    }
}

/// No strategy has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no balancing strategy is called {name:?}; did you mean {nearest:?}? Known are {}, and zone-aware:NAME for each", .known.join(", "))]
pub struct UnknownStrategy {
    /// What was asked for.
    pub name: String,
    /// The known name that is most like it.
    pub nearest: String,
    /// All known names, in order.
    pub known: Vec<String>,
}
