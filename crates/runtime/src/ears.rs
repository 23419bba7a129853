//! [`Ears`]: the listeners through which the registry beats to itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use lubdub_core::hearing::Ear;
use parking_lot::RwLock;
use rand::distr::{Alphanumeric, SampleString};

/// The listeners through which the registry beats to itself.
#[derive(Debug, Default)]
pub(crate) struct Ears(RwLock<Vec<OwnListener>>);

#[derive(Debug, Clone)]
pub(crate) struct OwnListener {
    ear: Ear,
    /// Where it is reached from here.
    pub(crate) address: SocketAddr,
    /// What proves that a beat through it is ours.
    pub(crate) token: String,
}

impl Ears {
    pub(crate) fn by_token(&self, token: &str) -> Option<Ear> {
        self.0.read().iter().find(|listener| listener.token == token).map(|listener| listener.ear)
    }

    pub(crate) fn add(&self, ear: Ear, address: SocketAddr) {
        let token = Alphanumeric.sample_string(&mut rand::rng(), 32);
        self.0.write().push(OwnListener { ear, address: reachable(address), token });
    }

    pub(crate) fn all(&self) -> Vec<OwnListener> {
        self.0.read().clone()
    }

    /// A listener that closes is no witness any more.
    pub(crate) fn clear(&self) {
        self.0.write().clear();
    }
}

/// A listener on every address is reached over loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}
