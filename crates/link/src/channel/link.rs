//! [`Link`]: one endpoint as a channel knows it.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use lubdub_balance::{Balancer, Connection, Node};
use lubdub_detect::Tick;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::time::{Sleep, sleep_until};
use tracing::{info, warn};

use super::fault::ChannelFault;
use super::probe::Probe;
use super::probing;
use super::status::LinkStatus;
use super::watcher::Watcher;
use super::wire::{Target, Transport, Wire};
use crate::availability::{Availability, AvailabilitySettings, Failure, Turn};
use crate::clock::Clock;

/// What the links of a channel have in common.
pub(super) struct Common {
    pub(super) service: String,
    pub(super) clock: Clock,
    pub(super) settings: AvailabilitySettings,
    pub(super) probe: Arc<dyn Probe>,
    pub(super) balancer: Balancer<Arc<Link>>,
    /// Where probes run: a call may end on a thread that has no runtime.
    pub(super) tasks: Handle,
    /// How many were sent so far.
    pub(super) probes: AtomicU64,
    /// Whom the registry lists, for [`LinkStatus`].
    pub(super) links: Mutex<Vec<Arc<Link>>>,
}

impl Common {
    /// For whoever waits, also where the caller's own runtime has no timers.
    pub(super) fn sleep_until(&self, tick: Tick) -> Pin<Box<Sleep>> {
        let _timers = self.tasks.enter();
        Box::pin(sleep_until(self.clock.instant(tick)))
    }
}

/// One endpoint: the way to it, and whether calls go there.
pub(super) struct Link {
    pub(super) id: String,
    pub(super) target: Target,
    common: Weak<Common>,
    clock: Clock,
    wire: OnceLock<Arc<dyn Wire>>,
    node: OnceLock<Arc<Node>>,
    /// Available, and no failure since the last answer: one more changes nothing, and takes no lock.
    is_clean: AtomicBool,
    judged: Mutex<Judged>,
}

#[derive(Debug)]
struct Judged {
    availability: Availability,
    last_failure: Option<String>,
    is_probed: bool,
    /// The registry listed it when it was asked last.
    is_listed: bool,
}

impl Link {
    pub(super) fn open(
        common: &Arc<Common>,
        id: String,
        target: Target,
        transport: &dyn Transport,
    ) -> Result<Arc<Self>, ChannelFault> {
        let availability = Availability::new(common.settings)?;
        let judged = Judged { availability, last_failure: None, is_probed: false, is_listed: true };
        let link = Arc::new(Self {
            id,
            target,
            common: Arc::downgrade(common),
            clock: common.clock,
            wire: OnceLock::new(),
            node: OnceLock::new(),
            is_clean: AtomicBool::new(true),
            judged: Mutex::new(judged),
        });
        let wire = transport.open(&link.target, Watcher::of(&link))?;
        drop(link.wire.set(wire));
        Ok(link)
    }

    pub(super) fn wire(&self) -> &Arc<dyn Wire> {
        self.wire.get().expect("a link is given away only after its wire was set")
    }

    /// What its connections are counted with.
    pub(super) fn is_node(&self, node: &Arc<Node>) {
        drop(self.node.set(node.clone()));
    }

    pub(super) fn count_connection(&self) -> Option<Connection> {
        if let Some(node) = self.node.get() {
            return Some(node.connect());
        }
        // It is called before it was told who it is.
        let nodes = self.common.upgrade()?.balancer.nodes();
        nodes.iter().find(|node| node.id() == self.id).map(Node::connect)
    }

    pub(super) fn now(&self) -> Tick {
        self.clock.now()
    }

    /// A call was answered.
    pub(super) fn answered(self: &Arc<Self>) {
        if self.is_clean.load(Ordering::Relaxed) {
            return;
        }
        let mut judged = self.judged.lock();
        let turn = judged.availability.answered();
        judged.last_failure = None;
        self.turn(&mut judged, turn);
    }

    /// A call failed.
    pub(super) fn failed(self: &Arc<Self>, failure: Failure, reason: impl fmt::Display) {
        let mut judged = self.judged.lock();
        // What made it unavailable is told for as long as it is.
        if judged.availability.is_available() {
            judged.last_failure = Some(reason.to_string());
        }
        let turn = judged.availability.failed(failure, self.clock.now());
        self.turn(&mut judged, turn);
    }

    pub(super) fn fell_silent(self: &Arc<Self>) {
        self.failed(Failure::Silent, "no beat was answered");
    }

    /// The registry lists it no more. What still runs on it goes on; nothing that it comes to is told.
    pub(super) fn left(&self) {
        self.judged.lock().is_listed = false;
    }

    /// When the next probe is due. `None`: none is wanted any more, and nobody is waiting for one.
    pub(super) fn next_probe(&self) -> Option<Tick> {
        let mut judged = self.judged.lock();
        let due = judged.availability.probe_due().filter(|_| judged.is_listed);
        judged.is_probed = due.is_some();
        due
    }

    pub(super) fn probe(&self) -> bool {
        self.judged.lock().availability.probe(self.clock.now())
    }

    pub(super) fn probed(self: &Arc<Self>, was_answered: bool) {
        let mut judged = self.judged.lock();
        let turn = judged.availability.probed(was_answered, self.clock.now());
        self.turn(&mut judged, turn);
    }

    /// Under the lock, so that whoever picks is told of turns in their order.
    fn turn(self: &Arc<Self>, judged: &mut Judged, turn: Option<Turn>) {
        let is_clean = judged.availability.is_available() && judged.availability.failures() == 0;
        self.is_clean.store(is_clean, Ordering::Relaxed);
        let (Some(turn), Some(common)) = (turn, self.common.upgrade()) else { return };
        if !judged.is_listed {
            return;
        }
        let address = &self.target.address;
        common.balancer.set_available(&self.id, turn == Turn::Available, self.clock.now());
        match turn {
            Turn::Available => info!(service = common.service, address, "an endpoint is back"),
            Turn::Unavailable => {
                let reason = judged.last_failure.as_deref().unwrap_or_default();
                warn!(service = common.service, address, reason, "an endpoint is unavailable; it is probed");
                if !std::mem::replace(&mut judged.is_probed, true) {
                    common.tasks.spawn(probing::probe(Arc::downgrade(self), self.common.clone()));
                }
            }
        }
    }

    pub(super) fn status(&self) -> LinkStatus {
        let judged = self.judged.lock();
        let node = self.node.get();
        LinkStatus {
            id: self.id.clone(),
            address: self.target.address.clone(),
            is_available: judged.availability.is_available(),
            unavailable_for: judged
                .availability
                .unavailable_since()
                .map(|since| self.clock.now().since(since)),
            failures: judged.availability.failures(),
            last_failure: judged.last_failure.clone(),
            calls: node.map_or(0, |node| node.in_flight()),
            connections: node.map_or(0, |node| node.connections()),
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("id", &self.id).field("target", &self.target).finish_non_exhaustive()
    }
}
