//! [`Node`]: an endpoint as a balancer knows it, with what it has in hand; [`Connection`]: one of those that are open to it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};

use lubdub_detect::Tick;
use parking_lot::Mutex;

use crate::endpoint::Endpoint;
use crate::hash;
use crate::home::{Home, Tier};
use crate::latency::PeakEwma;
use crate::slow_start::Ramp;
use crate::weight::Weight;

/// A hash of an endpoint's id: the same in every balancer and every program, also after it left and came back.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeId(u64);

impl NodeId {
    /// That of an endpoint.
    pub fn of(id: &str) -> Self {
        Self(hash::of_bytes(id.as_bytes()))
    }

    pub(crate) fn hash(self) -> u64 {
        self.0
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeId({:016x})", self.0)
    }
}

/// An endpoint with its load. It is the same one for as long as its id stays in the balancer's set, whatever else of it changes, and
/// goes on to count what was begun after it left.
// What a pick touches fits one line of a processor's cache, and no other node's counts are in it: those of one node, which change with
// every call, should not slow the calls to another.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Node {
    in_flight: AtomicU32,
    connections: AtomicU32,
    number: NodeId,
    ramp: Ramp,
    latency: PeakEwma,
    home: Arc<Home>,
    available: AtomicBool,
    /// Where it stands in the newest set, in each tier.
    places: [AtomicU32; Tier::COUNT],
    weight: AtomicU16,
    zone: Mutex<Option<Arc<str>>>,
    id: String,
}

impl Node {
    pub(crate) fn new(endpoint: Endpoint, home: &Arc<Home>) -> Self {
        let Endpoint { id, weight, zone } = endpoint;
        Self {
            number: NodeId::of(&id),
            in_flight: AtomicU32::new(0),
            connections: AtomicU32::new(0),
            available: AtomicBool::new(true),
            ramp: Ramp::settled(),
            latency: PeakEwma::default(),
            places: Default::default(),
            weight: AtomicU16::new(weight.get()),
            zone: Mutex::new(zone.map(Arc::from)),
            id,
            home: Arc::clone(home),
        }
    }

    /// What it is now said of. The id is the same.
    pub(crate) fn describe(&self, endpoint: &Endpoint) {
        self.weight.store(endpoint.weight.get(), Ordering::Relaxed);
        let mut zone = self.zone.lock();
        if zone.as_deref() != endpoint.zone.as_deref() {
            *zone = endpoint.zone.as_deref().map(Arc::from);
        }
    }

    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name in short, for [`Call::tried`](crate::Call::tried).
    pub fn number(&self) -> NodeId {
        self.number
    }

    /// How much of the calls it should have.
    pub fn weight(&self) -> Weight {
        Weight::of_known(self.weight.load(Ordering::Relaxed))
    }

    /// Where it is.
    pub fn zone(&self) -> Option<Arc<str>> {
        self.zone.lock().clone()
    }

    /// The calls that were begun and are not over.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::SeqCst)
    }

    /// The connections that are open, as far as anybody counts them by [`connect`](Self::connect).
    pub fn connections(&self) -> u32 {
        self.connections.load(Ordering::SeqCst)
    }

    /// Connections, or calls where no connections are counted at this balancer.
    pub fn held(&self) -> u32 {
        if self.home.counts_connections() { self.connections() } else { self.in_flight() }
    }

    /// Whether it may be picked.
    pub fn is_available(&self) -> bool {
        self.available.load(Ordering::Relaxed)
    }

    /// Counts a connection for as long as the guard lives.
    pub fn connect(self: &Arc<Self>) -> Connection {
        self.connections.fetch_add(1, Ordering::SeqCst);
        if !self.home.count_connections() {
            self.home.changed(self);
        }
        Connection { node: Arc::clone(self) }
    }

    pub(crate) fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::SeqCst);
        self.home.changed(self);
    }

    pub(crate) fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        self.home.changed(self);
    }

    /// Whether that was news.
    pub(crate) fn set_available(&self, available: bool, now: Tick) -> bool {
        if self.available.load(Ordering::Relaxed) == available {
            return false;
        }
        if available {
            self.ramp.begin(now);
        }
        self.available.store(available, Ordering::SeqCst);
        true
    }

    pub(crate) fn start_slowly(&self, now: Tick) {
        self.ramp.begin(now);
    }

    /// The part of its share that it gets while it starts slowly; none where it gets all.
    pub(crate) fn share(&self, now: Tick) -> Option<f64> {
        self.ramp.share(now, self.home.config())
    }

    pub(crate) fn answered(&self, micros: u64, now: Tick) {
        self.latency.record(micros, now, self.home.decay_micros());
    }

    pub(crate) fn failed(&self, micros: u64, now: Tick) {
        let penalty = u64::try_from(self.home.config().failure_latency.as_micros()).unwrap_or(u64::MAX);
        self.answered(micros.max(penalty), now);
    }

    /// What a call more would cost: the peak latency times the calls that then wait for an answer. Who has never answered costs
    /// nothing until it is asked, and then more than anybody until it answers: so it is tried once, not by all at once.
    pub(crate) fn cost(&self, now: Tick) -> f64 {
        const UNKNOWN: f64 = 1e18;
        let waiting = f64::from(self.in_flight.load(Ordering::Relaxed));
        let latency = self.latency.micros(now, self.home.decay_micros());
        if latency > 0.0 {
            latency * (waiting + 1.0)
        } else if waiting > 0.0 {
            UNKNOWN + waiting
        } else {
            0.0
        }
    }

    pub(crate) fn place(&self, tier: Tier) -> usize {
        tier.of(&self.places).load(Ordering::SeqCst) as usize
    }

    pub(crate) fn stand(&self, tier: Tier, place: usize) {
        tier.of(&self.places).store(u32::try_from(place).unwrap_or(u32::MAX), Ordering::SeqCst);
    }
}

/// A connection that is open to a node, until it is dropped.
#[derive(Debug)]
pub struct Connection {
    node: Arc<Node>,
}

impl Connection {
    /// Whom it is open to.
    pub fn node(&self) -> &Arc<Node> {
        &self.node
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.node.connections.fetch_sub(1, Ordering::SeqCst);
        self.node.home.changed(&self.node);
    }
}
