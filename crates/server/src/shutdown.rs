//! [`Connections`]: the open connections: how many there may be, and how they end.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;
use slab::Slab;
use tokio::sync::Notify;

use crate::peers::{Peer, Peers};

/// How a server is ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It is not.
    No,
    /// Requests in flight are finished, quiet connections closed.
    Gently,
    /// Everything ends now.
    Now,
}

/// The open connections.
#[derive(Debug)]
pub(crate) struct Connections {
    most: usize,
    most_of_one: usize,
    ending: AtomicU8,
    open: Mutex<Open>,
    closed: Notify,
    accepted: AtomicU64,
    refused: AtomicU64,
}

/// What is open now.
#[derive(Debug, Default)]
struct Open {
    /// What wakes each connection's task.
    places: Slab<Arc<AtomicWaker>>,
    peers: Peers,
}

/// Why there is no place: what is full, even of those that stay briefly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// `limits.max_connections`.
    Everything,
    /// `limits.max_connections_per_peer`.
    ThisPeer,
}

impl Full {
    /// The setting that says how many.
    pub(crate) fn setting(self) -> &'static str {
        match self {
            Self::Everything => "limits.max_connections",
            Self::ThisPeer => "limits.max_connections_per_peer",
        }
    }
}

/// How many connections there are and were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ConnectionFigures {
    /// Open now.
    pub(crate) open: usize,
    /// How many may stay.
    pub(crate) most: usize,
    /// How many got a place since the start,
    pub(crate) accepted: u64,
    /// and how many did not.
    pub(crate) refused: u64,
}

/// How long a connection may stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// As long as it likes.
    Kept,
    /// For one request: there are as many as may stay.
    Brief,
}

/// So many connections beyond the limit are served one request each, so that clients that
/// are kept out by idle ones get their word in, and the registry its own beats.
pub(crate) const BRIEF_PLACES: usize = 64;

/// A connection's place; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    key: usize,
    peer: Peer,
    waker: Arc<AtomicWaker>,
    pub(crate) stay: Stay,
}

impl Connections {
    /// Room for this many, and this many of one peer.
    pub(crate) fn new(most: usize, most_of_one: usize) -> Self {
        Self {
            most,
            most_of_one,
            ending: AtomicU8::new(Ending::No as u8),
            open: Mutex::default(),
            closed: Notify::new(),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    /// A place for one more of a peer.
    ///
    /// # Errors
    ///
    /// What is full.
    pub(crate) fn place(self: &Arc<Self>, address: IpAddr) -> Result<Place, Full> {
        let mut open = self.open.lock();
        let peer = Peer::from(address);
        // A proxy on this machine stands for all its clients, and the registry's own beats come from here.
        let most_of_one = if address.to_canonical().is_loopback() { usize::MAX } else { self.most_of_one };
        let (all, own) = (open.places.len(), open.peers.open(peer));
        let full = if own >= most_of_one.saturating_add(BRIEF_PLACES) {
            Some(Full::ThisPeer)
        } else if all >= self.most + BRIEF_PLACES {
            Some(Full::Everything)
        } else {
            None
        };
        if let Some(full) = full {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return Err(full);
        }
        let stay = if all < self.most && own < most_of_one { Stay::Kept } else { Stay::Brief };
        self.accepted.fetch_add(1, Ordering::Relaxed);
        let waker = Arc::new(AtomicWaker::new());
        let key = open.places.insert(Arc::clone(&waker));
        open.peers.came(peer);
        Ok(Place { connections: Arc::clone(self), key, peer, waker, stay })
    }

    /// How many there are and were.
    pub(crate) fn figures(&self) -> ConnectionFigures {
        ConnectionFigures {
            open: self.open.lock().places.len(),
            most: self.most,
            accepted: self.accepted.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }

    /// Ends all connections: gently, and after `patience` at once. Comes back when there is
    /// none.
    pub(crate) async fn end(&self, patience: Duration) {
        self.tell(Ending::Gently);
        if tokio::time::timeout(patience, self.all_closed()).await.is_err() {
            let left = self.open.lock().places.len();
            tracing::warn!(left, "connections were closed while a request was in flight");
            self.tell(Ending::Now);
            self.all_closed().await;
        }
    }

    /// Ends all connections, without waiting for it.
    pub(crate) fn end_at_once(&self) {
        self.tell(Ending::Now);
    }

    fn tell(&self, ending: Ending) {
        self.ending.store(ending as u8, Ordering::Release);
        let wakers: Vec<_> = self.open.lock().places.iter().map(|(_, waker)| Arc::clone(waker)).collect();
        for waker in wakers {
            waker.wake();
        }
    }

    async fn all_closed(&self) {
        loop {
            // Listens before it looks, so that the last one is not missed.
            let closed = self.closed.notified();
            if self.open.lock().places.is_empty() {
                return;
            }
            closed.await;
        }
    }

    fn ending(&self) -> Ending {
        match self.ending.load(Ordering::Acquire) {
            0 => Ending::No,
            1 => Ending::Gently,
            _ => Ending::Now,
        }
    }
}

impl Place {
    /// How the server is ending; this task is woken when that changes.
    pub(crate) fn ending(&self, waker: &std::task::Waker) -> Ending {
        // Listens before it looks, so that no word is missed.
        self.waker.register(waker);
        self.connections.ending()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock();
        open.places.try_remove(self.key);
        open.peers.left(self.peer);
        if open.places.is_empty() {
            drop(open);
            self.connections.closed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn one_peer_cannot_take_the_places_of_others() {
        let connections = Arc::new(Connections::new(1_000, 1));
        let (greedy, other) = ([10, 0, 0, 1].into(), [10, 0, 0, 2].into());
        let kept = connections.place(greedy).unwrap();
        assert_eq!(kept.stay, Stay::Kept);
        let brief: Vec<_> = (0..BRIEF_PLACES).map(|_| connections.place(greedy).unwrap()).collect();
        assert!(brief.iter().all(|place| place.stay == Stay::Brief));
        assert_eq!(connections.place(greedy).unwrap_err(), Full::ThisPeer);
        assert_eq!(connections.place(other).unwrap().stay, Stay::Kept);
        // This machine itself is not limited so.
        let mapped: IpAddr = "::ffff:127.0.0.1".parse().unwrap();
        let local: Vec<_> = (0..100).map(|_| connections.place(mapped).unwrap()).collect();
        assert!(local.iter().all(|place| place.stay == Stay::Kept));
        drop(kept);
        assert!(connections.place(greedy).is_ok());
    }

    #[test]
    fn beyond_the_limit_some_stay_briefly_and_the_rest_not_at_all() {
        let connections = Arc::new(Connections::new(1, 100));
        let kept = connections.place(LOCAL).unwrap();
        assert_eq!(kept.stay, Stay::Kept);
        let brief: Vec<_> = (0..BRIEF_PLACES).map(|_| connections.place(LOCAL).unwrap()).collect();
        assert!(brief.iter().all(|place| place.stay == Stay::Brief));
        assert_eq!(connections.place(LOCAL).unwrap_err(), Full::Everything);
        let places = 1 + BRIEF_PLACES;
        let figures = ConnectionFigures { open: places, most: 1, accepted: places as u64, refused: 1 };
        assert_eq!(connections.figures(), figures);
        drop(kept);
        assert_eq!(connections.figures().open, BRIEF_PLACES);
        assert!(connections.place(LOCAL).is_ok());
    }

    #[tokio::test]
    async fn the_end_waits_for_the_last_connection() {
        let connections = Arc::new(Connections::new(8, 8));
        let place = connections.place(LOCAL).unwrap();
        let ending = tokio::spawn({
            let connections = Arc::clone(&connections);
            async move { connections.end(Duration::from_secs(60)).await }
        });
        let told = std::future::poll_fn(|cx| match place.ending(cx.waker()) {
            Ending::No => std::task::Poll::Pending,
            told => std::task::Poll::Ready(told),
        });
        assert_eq!(told.await, Ending::Gently);
        assert!(!ending.is_finished());
        drop(place);
        ending.await.unwrap();
    }
}
