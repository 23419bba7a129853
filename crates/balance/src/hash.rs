//! The hashes of keys, addresses and names: fixed ones, without a seed, so that all consumers agree.
//!
//! They spread what is not meant to do harm. Who can choose keys can choose those that meet at one endpoint; a limit for one
//! caller is not a balancer's task.

use std::net::IpAddr;

use xxhash_rust::xxh3::xxh3_64;

/// Of any bytes.
pub(crate) fn of_bytes(bytes: &[u8]) -> u64 {
    xxh3_64(bytes)
}

/// Of an address. An IPv4 address that is written as an IPv6 one is the same.
pub(crate) fn of_address(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => of_bytes(&address.octets()),
        IpAddr::V6(address) => of_bytes(&address.octets()),
    }
}

/// Of two hashes together.
pub(crate) fn of_both(one: u64, other: u64) -> u64 {
    spread(one ^ spread(other.wrapping_add(0x9E37_79B9_7F4A_7C15)))
}

/// All bits depend on all bits (the finaliser of `SplitMix64`, Steele et al. 2014).
fn spread(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// A hash as a place among so many, each as likely as any other. There is no remainder of something negative in it.
pub(crate) fn place(hash: u64, among: usize) -> usize {
    ((u128::from(hash) * among as u128) >> 64) as usize
}

/// A hash as a number from 0 to 1, without 1.
pub(crate) fn fraction(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_always_one_of_those_that_there_are() {
        for hash in [0, 1, 1 << 63, u64::MAX] {
            for among in [1, 2, 3, 10_000] {
                assert!(place(hash, among) < among);
            }
            assert!((0.0..1.0).contains(&fraction(hash)));
        }
        assert_eq!(place(u64::MAX, 10), 9);
        assert_eq!(place(0, 10), 0);
    }

    #[test]
    fn an_ipv4_address_is_the_same_in_the_clothes_of_ipv6() {
        let of = |text: &str| of_address(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8::2"));
    }
}
