//! Which address is tried for whom. Whoever registers decides where the registry connects to,
//! so it must not become a way to places that the registrant could not reach itself.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

use crate::model::Address;

/// The one place where an instance can be tried: its address if that is a literal IP address,
/// with its plain port, or else its secure one. Names are not resolved: what they stand for
/// may differ from one moment to the next, and is decided by others.
pub fn target(address: &Address) -> Option<SocketAddr> {
    let ip: IpAddr = match address.host.strip_prefix('[') {
        Some(bracketed) => bracketed.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?.into(),
        None => address.host.parse().ok()?,
    };
    let port = address.port.or(address.secure_port).filter(|port| *port != 0)?;
    Some(SocketAddr::new(ip.to_canonical(), port))
}

/// Whether `ip` may be tried for a registrant whose connection came from `registrant`.
/// `is_own` says whether an address is one of this machine's own.
pub(super) fn may_try(
    ip: IpAddr,
    registrant: Option<IpAddr>,
    allow: &[IpNet],
    is_own: impl FnOnce(IpAddr) -> bool,
) -> bool {
    if is_never_tried(ip) {
        return false;
    }
    let registrant = registrant.map(|address| address.to_canonical());
    registrant == Some(ip)
        || allow.iter().any(|network| network.contains(&ip))
        || (registrant.is_some_and(|address| address.is_loopback()) && is_own(ip))
}

/// Link-local addresses are where machines keep what is for themselves alone, such as a cloud's
/// credentials; the others are nobody's.
fn is_never_tried(ip: IpAddr) -> bool {
    match ip {
        // All of 0.0.0.0/8 is "this host".
        IpAddr::V4(ip) => {
            ip.is_link_local() || ip.is_multicast() || ip.is_broadcast() || ip.octets().starts_with(&[0])
        }
        IpAddr::V6(ip) => ip.is_unicast_link_local() || ip.is_multicast() || ip.is_unspecified(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(host: &str, port: Option<u16>, secure_port: Option<u16>) -> Address {
        Address { host: host.into(), port, secure_port }
    }

    #[test]
    fn an_instance_is_tried_at_its_literal_address_the_plain_port_first() {
        for (host, port, secure, expected) in [
            ("10.0.0.7", Some(8080), Some(8443), Some("10.0.0.7:8080")),
            ("10.0.0.7", None, Some(8443), Some("10.0.0.7:8443")),
            ("::1", Some(80), None, Some("[::1]:80")),
            ("[fd00::7]", Some(80), None, Some("[fd00::7]:80")),
            ("::ffff:10.0.0.7", Some(80), None, Some("10.0.0.7:80")),
            ("10.0.0.7", None, None, None),
            ("10.0.0.7", Some(0), None, None),
            ("[10.0.0.7]", Some(80), None, None),
            ("[fd00::7", Some(80), None, None),
            ("localhost", Some(80), None, None),
            ("10.0.7", Some(80), None, None),
            ("fe80::1%eth0", Some(80), None, None),
            ("", Some(80), None, None),
        ] {
            let expected: Option<SocketAddr> = expected.map(|expected| expected.parse().unwrap());
            assert_eq!(target(&address(host, port, secure)), expected, "{host}");
        }
    }

    #[test]
    fn only_the_registrants_own_address_and_what_is_allowed_is_tried() {
        let allow: Vec<IpNet> = vec!["10.1.0.0/16".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let own: [IpAddr; 2] = ["192.168.1.5".parse().unwrap(), "127.0.0.1".parse().unwrap()];
        for (tried, registrant, expected) in [
            ("10.0.0.7", "10.0.0.7", true),
            ("10.0.0.7", "::ffff:10.0.0.7", true),
            ("10.0.0.8", "10.0.0.7", false),
            ("127.0.0.1", "10.0.0.7", false),
            ("192.168.1.5", "10.0.0.7", false),
            ("10.1.2.3", "10.0.0.7", true),
            ("10.2.2.3", "10.0.0.7", false),
            ("fd00::7", "10.0.0.7", true),
            ("192.168.1.5", "127.0.0.1", true),
            ("127.0.0.1", "::1", true),
            ("192.168.1.6", "127.0.0.1", false),
        ] {
            let (ip, registrant) = (tried.parse().unwrap(), registrant.parse().unwrap());
            let answer = may_try(ip, Some(registrant), &allow, |ip| own.contains(&ip));
            assert_eq!(answer, expected, "{tried} for {registrant}");
        }
        assert!(!may_try("10.0.0.7".parse().unwrap(), None, &allow, |_| true), "an unknown registrant");
    }

    #[test]
    fn some_addresses_are_never_tried_whoever_asks_and_whatever_is_allowed() {
        let everything: Vec<IpNet> = vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
        for never in [
            "169.254.169.254",
            "fe80::1",
            "febf::1",
            "224.0.0.1",
            "ff02::1",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "255.255.255.255",
        ] {
            let ip = never.parse().unwrap();
            assert!(!may_try(ip, Some(ip), &everything, |_| true), "{never}");
        }
        let mapped: IpAddr = "::ffff:169.254.169.254".parse().unwrap();
        assert!(!may_try(mapped.to_canonical(), Some(mapped), &everything, |_| true));
    }
}
