//! By which address others reach this machine, unless it is said.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs, UdpSocket};

/// The address by which this machine reaches the first of these servers that it has a way to. None
/// where there is no way to any. Nothing is sent.
pub(super) fn towards(servers: &[String]) -> Option<IpAddr> {
    servers.iter().filter_map(|server| server.to_socket_addrs().ok()).flatten().find_map(|server| {
        let unspecified = match server.ip() {
            IpAddr::V4(_) => IpAddr::from(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::from(Ipv6Addr::UNSPECIFIED),
        };
        // Connecting a datagram socket only chooses the way.
        let socket = UdpSocket::bind((unspecified, 0)).ok()?;
        socket.connect(server).ok()?;
        let own = socket.local_addr().ok()?.ip().to_canonical();
        // Who asks on this machine may know only the older of the two.
        Some(if own.is_loopback() { Ipv4Addr::LOCALHOST.into() } else { own })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(servers: &[&str]) -> Option<String> {
        let servers: Vec<_> = servers.iter().map(|&server| server.to_owned()).collect();
        towards(&servers).map(|ip| ip.to_string())
    }

    #[test]
    fn a_registry_on_loopback_is_reached_from_loopback() {
        assert_eq!(own(&["127.0.0.1:8761"]).as_deref(), Some("127.0.0.1"));
        assert_eq!(own(&["localhost:8761"]).as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn a_server_to_which_there_is_no_way_is_passed_over() {
        assert_eq!(own(&["not a host:1"]), None);
        assert_eq!(own(&["not a host:1", "127.0.0.1:1"]).as_deref(), Some("127.0.0.1"));
    }
}
