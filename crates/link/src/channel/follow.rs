//! Following the registry: whom it lists is whom calls go to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};

use futures_util::FutureExt;
use lubdub_balance::{Endpoint, Weight};
use lubdub_client::{Consumer, Instance};
use tokio::task::AbortHandle;
use tracing::warn;

use super::fault::ChannelFault;
use super::keep_alive::KeepAlive;
use super::link::{Common, Link};
use super::wire::{Target, Transport};

/// Who says whom to call.
pub(super) enum Whom {
    Listed(Consumer),
    Fixed(Vec<String>),
}

/// Follows until this is dropped.
#[derive(Debug)]
pub(super) struct Following {
    task: Option<AbortHandle>,
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// The links of a channel, by the ids of their instances.
pub(super) struct Links {
    common: Weak<Common>,
    transport: Arc<dyn Transport>,
    keep_alive: KeepAlive,
    open: BTreeMap<String, Arc<Link>>,
    /// What is known of each of them.
    facts: Vec<Endpoint>,
}

/// Takes up whom there is to call now, and goes on.
pub(super) fn begin(mut links: Links, whom: Whom) -> Result<Following, ChannelFault> {
    match whom {
        Whom::Fixed(addresses) => {
            links.take_up_fixed(addresses)?;
            Ok(Following { task: None })
        }
        Whom::Listed(consumer) => {
            links.take_up(&consumer);
            let task = tokio::spawn(async move {
                let mut changes = consumer.changes();
                while changes.next().await.is_some() {
                    // Whatever else has changed is in the list, too.
                    while let Some(Some(_)) = changes.next().now_or_never() {}
                    links.take_up(&consumer);
                }
            });
            Ok(Following { task: Some(task.abort_handle()) })
        }
    }
}

impl Links {
    pub(super) fn new(common: &Arc<Common>, transport: Arc<dyn Transport>, keep_alive: KeepAlive) -> Self {
        let common = Arc::downgrade(common);
        Self { common, transport, keep_alive, open: BTreeMap::new(), facts: Vec::new() }
    }

    fn take_up(&mut self, consumer: &Consumer) {
        let endpoints = consumer.endpoints();
        let listed = endpoints.iter().map(|endpoint| (facts(&endpoint.instance), endpoint.address()));
        self.replace(listed, |address, fault| {
            warn!(address, %fault, "an instance cannot be called at its address");
            Ok(())
        })
        .unwrap_or_else(|fault| warn!(%fault, "whom the registry lists cannot be taken up"));
    }

    fn take_up_fixed(&mut self, addresses: Vec<String>) -> Result<(), ChannelFault> {
        let mut seen = BTreeSet::new();
        if let Some(address) = addresses.iter().find(|address| !seen.insert(address.as_str())) {
            return Err(ChannelFault::TwiceGiven { address: address.clone() });
        }
        let listed = addresses.into_iter().map(|address| (Endpoint::new(address.clone()), address));
        self.replace(listed, |_, fault| Err(fault))
    }

    /// Whoever stays keeps its link; whoever is new gets one, and whoever moved.
    fn replace(
        &mut self,
        listed: impl IntoIterator<Item = (Endpoint, String)>,
        refused: impl Fn(&str, ChannelFault) -> Result<(), ChannelFault>,
    ) -> Result<(), ChannelFault> {
        let Some(common) = self.common.upgrade() else { return Ok(()) };
        let (mut open, mut set, mut new) = (BTreeMap::new(), Vec::new(), Vec::new());
        for (facts, address) in listed {
            let target = Target::new(address, self.keep_alive);
            let known = self.open.get(&facts.id).filter(|link| link.target == target);
            let link = match known {
                Some(link) => link.clone(),
                None => match Link::open(&common, facts.id.clone(), target.clone(), &*self.transport) {
                    Ok(link) => {
                        new.push(link.clone());
                        link
                    }
                    Err(fault) => {
                        refused(&target.address, fault)?;
                        continue;
                    }
                },
            };
            open.insert(facts.id.clone(), link.clone());
            set.push((facts, link));
        }
        let facts: Vec<_> = set.iter().map(|(facts, _)| facts.clone()).collect();
        if new.is_empty() && facts == self.facts {
            // A set that is the same one would begin its turns anew.
            return Ok(());
        }
        let now = common.clock.now();
        common.balancer.replace(set, now)?;
        self.facts = facts;
        let before = std::mem::replace(&mut self.open, open);
        // Before anybody new is available by the same id: what the old one comes to must not be told of the new.
        for (id, link) in &before {
            if self.open.get(id).is_none_or(|now| !Arc::ptr_eq(now, link)) {
                link.left();
            }
        }
        let nodes = common.balancer.nodes();
        for link in &new {
            if let Ok(place) = nodes.binary_search_by(|node| node.id().cmp(&link.id))
                && let Some(node) = nodes.get(place)
            {
                link.is_node(node);
            }
            if before.contains_key(&link.id) {
                // It is somebody else than whom calls failed at, if they did.
                common.balancer.set_available(&link.id, true, now);
            }
        }
        *common.links.lock() = self.open.values().cloned().collect();
        Ok(())
    }
}

/// What balancing knows of an instance. A weight that it does not know is the nearest that it does.
fn facts(instance: &Instance) -> Endpoint {
    let nearest = i64::from(instance.weight).clamp(1, i64::from(Weight::MAX.get()));
    let weight = Weight::new(nearest).unwrap_or_default();
    Endpoint { id: instance.id.clone(), weight, zone: instance.zone.clone() }
}
