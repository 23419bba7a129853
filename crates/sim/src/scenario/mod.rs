//! [`Scenario`]: the runs that have a name, each for one claim.
//!
//! | module | what happens in it |
//! | --- | --- |
//! | `links` | to messages, clocks and single providers |
//! | `masses` | to many machines at once: the guard's table |
//! | `registry` | to the registry's own process and disk |
//! | `sessions` | to processes that keep what they provide by sessions |
//! | `anything` | everything that a seed can think of |

mod anything;
mod links;
mod masses;
mod registry;
mod sessions;
mod towns;

use crate::plan::Plan;
use crate::report::Report;
use crate::sabotage::Sabotage;
use crate::world::{Inspect, World};

/// What a scenario is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Messages, clocks and single providers.
    Links,
    /// Many machines at once.
    Masses,
    /// The registry's own process and disk.
    Registry,
    /// Processes with sessions.
    Sessions,
    /// Everything.
    Anything,
}

/// A run that has a name.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// What happens, in a sentence.
    pub about: &'static str,
    /// How many providers it has unless one wishes otherwise.
    pub providers: usize,
    plan: fn(&Terms) -> Plan,
}

/// What one may wish of a run.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Another seed than 1.
    pub seed: Option<u64>,
    /// About so many providers.
    pub providers: Option<usize>,
    /// That faults go on for so long, in simulated microseconds, where that can be chosen.
    pub lasts: Option<u64>,
    /// A registry that is broken in this way.
    pub sabotage: Option<Sabotage>,
    /// Another look at the registry, once in a simulated minute.
    pub inspect: Option<Inspect>,
}

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) seed: u64,
    pub(crate) providers: usize,
    pub(crate) lasts: Option<u64>,
}

/// Every scenario.
pub const SCENARIOS: &[&[Scenario]] =
    &[links::ALL, masses::ALL, registry::ALL, sessions::ALL, anything::ALL, sessions::ANYTHING];

/// The scenario of this name.
pub fn scenario(name: &str) -> Option<&'static Scenario> {
    Scenario::all().find(|scenario| scenario.name == name)
}

impl Scenario {
    const fn new(
        group: Group,
        name: &'static str,
        about: &'static str,
        providers: usize,
        plan: fn(&Terms) -> Plan,
    ) -> Self {
        Self { name, group, about, providers, plan }
    }

    /// Every scenario, in the order in which they are told.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        SCENARIOS.iter().flat_map(|group| group.iter())
    }

    /// Lives it.
    pub fn run(&self, wish: &Wish) -> Report {
        let seed = wish.seed.unwrap_or(1);
        let providers = wish.providers.unwrap_or(self.providers).max(1);
        let plan = (self.plan)(&Terms { seed, providers, lasts: wish.lasts });
        let (figures, tally, ended) = World::new(&plan, seed, wish.sabotage, wish.inspect).run();
        Report {
            scenario: self.name,
            seed,
            providers: plan.providers(),
            hosts: plan.hosts.len(),
            lasted: plan.lasts + plan.calm,
            figures,
            tally,
            violation: ended.err(),
        }
    }
}
