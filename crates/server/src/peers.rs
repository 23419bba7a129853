//! [`Peers`]: how many connections each peer has, so that none takes the places of all others.
//!
//! HTTP/1 carries one request at a time on a connection, so this bounds a peer's requests, too.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

/// Who counts as one: an IPv4 address, or the 64 bits of an IPv6 address that a network is
/// given, in which a host may choose its own addresses as it likes (RFC 4291, section 2.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Peer(IpAddr);

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()),
            address @ IpAddr::V4(_) => Self(address),
        }
    }
}

/// How many connections each peer has.
#[derive(Debug, Default)]
pub(crate) struct Peers(HashMap<Peer, usize>);

impl Peers {
    /// How many it has.
    pub(crate) fn open(&self, peer: Peer) -> usize {
        self.0.get(&peer).copied().unwrap_or_default()
    }

    /// It has one more.
    pub(crate) fn came(&mut self, peer: Peer) {
        *self.0.entry(peer).or_default() += 1;
    }

    /// It has one less. Who has none is forgotten.
    pub(crate) fn left(&mut self, peer: Peer) {
        if let Some(open) = self.0.get_mut(&peer) {
            *open -= 1;
            if *open == 0 {
                self.0.remove(&peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Peer {
        Peer::from(address.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn a_network_of_64_bits_counts_as_one_and_so_does_an_address_written_in_both_ways() {
        assert_eq!(peer("2001:db8::1"), peer("2001:db8::ffff:1"));
        assert_ne!(peer("2001:db8::1"), peer("2001:db8:0:1::1"));
        assert_eq!(peer("::ffff:10.0.0.1"), peer("10.0.0.1"));
        assert_ne!(peer("10.0.0.2"), peer("10.0.0.1"));
    }

    #[test]
    fn who_has_no_connection_any_more_is_forgotten() {
        let mut peers = Peers::default();
        let one = peer("10.0.0.1");
        peers.came(one);
        peers.came(one);
        peers.left(one);
        assert_eq!(peers.open(one), 1);
        peers.left(one);
        assert_eq!((peers.open(one), peers.0.len()), (0, 0));
    }
}
