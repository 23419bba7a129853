//! Whether an address is one of this machine's own.

use std::net::{IpAddr, UdpSocket};

/// Whether an address is one of this machine's own: then a socket can be bound to it. (Not so
/// where the system is told to let sockets be bound to any address,
/// `net.ipv4.ip_nonlocal_bind`; there every address passes.)
pub(super) fn is_own(address: IpAddr) -> bool {
    UdpSocket::bind((address, 0)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_own_and_an_address_for_documentation_is_not() {
        assert!(is_own([127, 0, 0, 1].into()));
        // 192.0.2.0/24 is nobody's (RFC 5737).
        assert!(!is_own([192, 0, 2, 1].into()));
    }
}
