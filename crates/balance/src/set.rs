//! [`Set`]: the endpoints of one moment, and the order in which they are asked about.

use std::sync::Arc;

use fastrand::Rng;
use lubdub_detect::Tick;

use crate::call::{Call, NoEndpoint};
use crate::candidates::Candidates;
use crate::config::{Config, LastResort};
use crate::home::{Follower, Tier};
use crate::pick::Member;
use crate::strategies::Named;
use crate::strategy::Nodes;
use crate::usable::Usable;

/// Endpoints, ordered by id.
#[derive(Debug)]
pub(crate) struct Set<T> {
    /// All, under a strategy for all.
    all: Option<Candidates<T>>,
    /// Those in the caller's zone, under one of their own, if they are preferred.
    near: Option<Candidates<T>>,
}

impl<T> Set<T> {
    pub(crate) fn empty() -> Self {
        Self { all: None, near: None }
    }

    /// Of members that are ordered by id.
    pub(crate) fn of(members: Vec<Arc<Member<T>>>, strategy: &Named, config: &Config) -> Self {
        let zone = config.zone.as_deref().filter(|_| strategy.prefers_near());
        let near = zone.map(|zone| {
            let is_near = |member: &&Arc<Member<T>>| member.node.zone().as_deref() == Some(zone);
            members.iter().filter(is_near).cloned().collect::<Vec<_>>()
        });
        let candidates = |members: Vec<Arc<Member<T>>>, tier| {
            if members.is_empty() {
                return None;
            }
            let nodes: Nodes = members.iter().map(|member| Arc::clone(&member.node)).collect();
            nodes.iter().enumerate().for_each(|(place, node)| node.stand(tier, place));
            let strategy = strategy.make(&nodes);
            let usable = Usable::of(nodes.iter().map(|node| node.is_available()));
            Some(Candidates { members: members.into(), nodes, strategy, usable })
        };
        Self { near: near.and_then(|near| candidates(near, Tier::Near)), all: candidates(members, Tier::All) }
    }

    pub(crate) fn members(&self) -> &[Arc<Member<T>>] {
        self.all.as_ref().map_or(&[], |all| &all.members)
    }

    pub(crate) fn member(&self, id: &str) -> Option<&Arc<Member<T>>> {
        let members = self.members();
        members.get(members.binary_search_by(|member| member.node.id().cmp(id)).ok()?)
    }

    /// Those strategies that want to be told of loads.
    pub(crate) fn followers(&self) -> Vec<Follower> {
        self.tiers()
            .filter(|(_, candidates)| candidates.strategy.follows_loads())
            .map(|(tier, Candidates { nodes, strategy, .. })| Follower {
                tier,
                nodes: Arc::clone(nodes),
                strategy: Arc::clone(strategy),
            })
            .collect()
    }

    /// Notes the availability of a member of this set, which its node already knows.
    pub(crate) fn note_availability(&self, member: &Member<T>) {
        for (tier, candidates) in self.tiers() {
            let place = member.node.place(tier);
            if candidates.nodes.get(place).is_some_and(|known| Arc::ptr_eq(known, &member.node)) {
                candidates.usable.set(place, member.node.is_available());
            }
        }
    }

    pub(crate) fn choose(
        &self,
        call: &Call<'_>,
        now: Tick,
        last_resort: LastResort,
        rng: &mut Rng,
    ) -> Result<&Arc<Member<T>>, NoEndpoint> {
        let all = self.all.as_ref().ok_or(NoEndpoint::Empty)?;
        let near = self.near.as_ref().and_then(|near| near.choose(call, now, rng));
        if let Some(member) = near.or_else(|| all.choose(call, now, rng)) {
            return Ok(member);
        }
        match last_resort {
            _ if all.usable.count() > 0 => Err(NoEndpoint::AllTried),
            LastResort::All => all.choose_of_all(call, now, rng).ok_or(NoEndpoint::AllTried),
            LastResort::Nobody => Err(NoEndpoint::NoneAvailable),
        }
    }

    fn tiers(&self) -> impl Iterator<Item = (Tier, &Candidates<T>)> {
        let all = self.all.as_ref().map(|all| (Tier::All, all));
        all.into_iter().chain(self.near.as_ref().map(|near| (Tier::Near, near)))
    }
}
