//! One attempt: a connection that sends nothing and is closed as soon as it is there.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use lubdub_core::probe::Outcome;
use tokio::net::TcpSocket;
use tokio::time::timeout;

/// Tries an address. Only a refusal by the other machine counts as one: that this machine has
/// no socket or no way there says nothing about anybody else.
pub(super) async fn attempt(address: SocketAddr, patience: Duration) -> Outcome {
    match timeout(patience, connect(address)).await {
        Ok(Ok(())) => Outcome::Accepted,
        Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => Outcome::Refused,
        Ok(Err(error)) => {
            tracing::debug!(%address, %error, "trying an address showed nothing");
            Outcome::NoEvidence
        }
        Err(_) => Outcome::NoEvidence,
    }
}

async fn connect(address: SocketAddr) -> io::Result<()> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Closed as any connection is: many servers log a reset. What that leaves in TIME_WAIT here is
    // bounded by the rate.
    socket.connect(address).await.map(drop)
}
