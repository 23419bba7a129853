//! [`Balancer`]: a set of endpoints that may change at any time, and a strategy to pick one of them for a call.

use std::sync::Arc;

use arc_swap::ArcSwap;
use fastrand::Rng;
use lubdub_detect::{Fault, Tick};
use parking_lot::Mutex;

use crate::call::{Call, NoEndpoint};
use crate::config::Config;
use crate::endpoint::Endpoint;
use crate::home::Home;
use crate::node::Node;
use crate::pick::{Member, Pick};
use crate::set::Set;
use crate::strategies::Named;

/// Picks endpoints for calls, from any number of threads.
///
/// Tell it the set with [`replace`](Self::replace) whenever that changes and who is reachable with
/// [`set_available`](Self::set_available); ask with [`pick`](Self::pick). A pick takes no lock of the balancer's, does not wait for a set that is
/// being replaced, and allocates nothing. What holds whatever the strategy:
///
/// - Who is not available, or was tried for this call, is not picked while there is anybody else.
/// - Who joins a set that others are in, or is available again, starts slowly: see [`Config::slow_start`].
/// - Where nobody is available, [`Config::last_resort`] decides.
///
/// `T` is whatever the caller wants back for an endpoint: an address, a connection pool.
#[derive(Debug)]
pub struct Balancer<T> {
    home: Arc<Home>,
    set: ArcSwap<Set<T>>,
    /// What sets are made with. Held while the set, its strategy or an availability is changed, never while a call is picked for.
    strategy: Mutex<Named>,
}

impl<T> Balancer<T> {
    /// One with no endpoints yet.
    ///
    /// # Errors
    ///
    /// A field of the configuration is out of its range.
    pub fn new(strategy: Named, config: Config) -> Result<Self, Fault> {
        config.check()?;
        Ok(Self {
            home: Arc::new(Home::new(config)),
            set: ArcSwap::from_pointee(Set::empty()),
            strategy: Mutex::new(strategy),
        })
    }

    /// The name of its strategy.
    pub fn strategy(&self) -> String {
        self.strategy.lock().name().to_owned()
    }

    /// Picks by another strategy from here on. Endpoints keep all that is known of them.
    pub fn change_strategy(&self, strategy: Named) {
        let mut changing = self.strategy.lock();
        *changing = strategy;
        let members = self.set.load_full().members().to_vec();
        self.become_these(members, &changing);
    }

    /// Changes the set to these endpoints. Who stays keeps its load, its availability and its slow start, and takes the new item,
    /// weight and zone. Who joins is available, and starts slowly where others were there before it.
    ///
    /// # Errors
    ///
    /// Two have the same id. Nothing was changed.
    pub fn replace(
        &self,
        endpoints: impl IntoIterator<Item = (Endpoint, T)>,
        now: Tick,
    ) -> Result<(), Fault> {
        let mut endpoints: Vec<_> = endpoints.into_iter().collect();
        endpoints.sort_by(|left, right| left.0.id.cmp(&right.0.id));
        for pair in endpoints.windows(2) {
            if let [(one, _), (other, _)] = pair
                && one.id == other.id
            {
                let expected = "an id that no other endpoint of the set has";
                return Err(Fault::new("id", format!("{:?}", one.id), expected));
            }
        }
        let strategy = self.strategy.lock();
        let before = self.set.load_full();
        let others_were_there = !before.members().is_empty();
        let members = endpoints.into_iter().map(|(endpoint, item)| {
            let node = if let Some(member) = before.member(&endpoint.id) {
                member.node.describe(&endpoint);
                Arc::clone(&member.node)
            } else {
                let node = Node::new(endpoint, &self.home);
                if others_were_there {
                    node.start_slowly(now);
                }
                Arc::new(node)
            };
            Arc::new(Member { node, item })
        });
        self.become_these(members.collect(), &strategy);
        Ok(())
    }

    /// Only while the strategy is locked.
    fn become_these(&self, members: Vec<Arc<Member<T>>>, strategy: &Named) {
        let set = Arc::new(Set::of(members, strategy, self.home.config()));
        self.set.store(Arc::clone(&set));
        self.home.follow(set.followers());
    }

    /// Tells that an endpoint may be picked, or not. Who may again starts slowly. Answers whether that endpoint is in the set.
    pub fn set_available(&self, id: &str, available: bool, now: Tick) -> bool {
        let _changing = self.strategy.lock();
        let set = self.set.load();
        let Some(member) = set.member(id) else { return false };
        if member.node.set_available(available, now) {
            set.note_availability(member);
            self.home.changed(&member.node);
        }
        true
    }

    /// Whom the call goes to.
    ///
    /// # Errors
    ///
    /// There is nobody, which the error tells apart: no endpoint at all, none that was not tried, none available.
    pub fn pick(&self, call: &Call<'_>, now: Tick, rng: &mut Rng) -> Result<Pick<T>, NoEndpoint> {
        let set = self.set.load();
        let member = set.choose(call, now, self.home.config().last_resort, rng)?;
        Ok(Pick::of(member, now))
    }

    /// The endpoints, ordered by id.
    pub fn nodes(&self) -> Vec<Arc<Node>> {
        self.set.load().members().iter().map(|member| Arc::clone(&member.node)).collect()
    }

    /// How many endpoints there are, available or not.
    pub fn len(&self) -> usize {
        self.set.load().members().len()
    }

    /// Whether there is no endpoint.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Drop for Balancer<T> {
    /// Nodes lead to the strategies and those to the nodes; picks that outlive the balancer need only the nodes.
    fn drop(&mut self) {
        self.home.follow(Vec::new());
    }
}
