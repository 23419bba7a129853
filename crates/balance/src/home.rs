//! [`Home`]: what all nodes of one balancer have in common, and the way from a node to the strategies that follow its load.
//!
//! A call may end long after the set it was picked from was replaced. So a node tells no strategy that it knew at
//! the beginning, but whichever is in use now; and it tells only *that* something changed. The strategy reads the node's own count under
//! its lock. Whatever order such news arrives in, the last of it leaves the strategy with the truth.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use arc_swap::ArcSwapOption;

use crate::config::Config;
use crate::node::Node;
use crate::strategy::{Nodes, Strategy};

/// Which of the two lists of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    /// All nodes.
    All,
    /// Those in the caller's zone.
    Near,
}

impl Tier {
    pub(crate) const COUNT: usize = 2;

    pub(crate) fn of(self, places: &[AtomicU32; Self::COUNT]) -> &AtomicU32 {
        let [all, near] = places;
        match self {
            Self::All => all,
            Self::Near => near,
        }
    }
}

/// A strategy that wants to be told of loads, with the nodes that it was made for.
#[derive(Debug)]
pub(crate) struct Follower {
    pub(crate) tier: Tier,
    pub(crate) nodes: Nodes,
    pub(crate) strategy: Arc<dyn Strategy>,
}

impl Follower {
    fn tell(&self, node: &Node) {
        let place = node.place(self.tier);
        // It may have left, or stand elsewhere in a set that is being put in place and will look at everybody then.
        if self.nodes.get(place).is_some_and(|known| std::ptr::eq(Arc::as_ptr(known), node)) {
            self.strategy.changed(place);
        }
    }
}

/// What all nodes of a balancer have in common.
#[derive(Debug)]
pub(crate) struct Home {
    config: Config,
    counts_connections: AtomicBool,
    followers: ArcSwapOption<Vec<Follower>>,
}

impl Home {
    pub(crate) fn new(config: Config) -> Self {
        Self { config, counts_connections: AtomicBool::new(false), followers: ArcSwapOption::empty() }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn decay_micros(&self) -> f64 {
        self.config.latency_decay.as_micros() as f64
    }

    pub(crate) fn counts_connections(&self) -> bool {
        self.counts_connections.load(Ordering::Relaxed)
    }

    /// From the first connection on, connections count in the place of calls. Whether this was the first.
    pub(crate) fn count_connections(&self) -> bool {
        if self.counts_connections() || self.counts_connections.swap(true, Ordering::SeqCst) {
            return false;
        }
        self.everything_changed();
        true
    }

    /// Tells the strategies in use that a node's load or availability is another.
    pub(crate) fn changed(&self, node: &Node) {
        if let Some(followers) = self.followers.load().as_deref() {
            for follower in followers {
                follower.tell(node);
            }
        }
    }

    /// Puts the strategies in place that follow loads from here on. They look at all nodes once more, as a load that
    /// changed between their making and here told its news to those before.
    pub(crate) fn follow(&self, followers: Vec<Follower>) {
        let followers = Some(followers).filter(|followers| !followers.is_empty());
        self.followers.store(followers.map(Arc::new));
        self.everything_changed();
    }

    fn everything_changed(&self) {
        for follower in self.followers.load().as_deref().into_iter().flatten() {
            (0..follower.nodes.len()).for_each(|place| follower.strategy.changed(place));
        }
    }
}
