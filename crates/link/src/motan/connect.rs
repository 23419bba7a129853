//! Links over TCP that speak motan2: one that calls, one that is called.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio_util::codec::Framed;

use super::beats::MotanBeats;
use super::codec::MotanCodec;
use crate::framed::{Link, LinkConfig, Watched};
use crate::heartbeat::HeartbeatFault;

/// A link to a process that speaks motan2. What it reads and writes are [`Message`](super::Message)s that are no heartbeats.
pub type MotanLink = Link<Framed<Watched<TcpStream>, MotanCodec>, MotanBeats>;

/// Calls a server of Motan, or of anybody who speaks motan2.
///
/// # Errors
///
/// The server is not reached within `patience`, or the configuration cannot be used.
///
/// # Panics
///
/// There is no tokio runtime, or it has no timers and sockets.
pub async fn connect(
    address: impl ToSocketAddrs,
    patience: Duration,
    config: impl Into<LinkConfig>,
) -> io::Result<MotanLink> {
    let stream = tokio::time::timeout(patience, TcpStream::connect(address)).await??;
    link(stream, MotanCodec::default(), &config.into())
}

/// Where clients of Motan call.
#[derive(Debug)]
pub struct MotanListener {
    listener: TcpListener,
    codec: MotanCodec,
    config: LinkConfig,
}

impl MotanListener {
    /// Listens at an address; each connection is watched with this configuration.
    ///
    /// Clients of Motan's Java implementation send heartbeats only to a server that they gave up, and answer none. For them take
    /// [`HeartbeatConfig::quiet`](crate::heartbeat::HeartbeatConfig::quiet), which neither pings nor judges silence.
    ///
    /// # Errors
    ///
    /// The address cannot be had, or the configuration cannot be used.
    pub async fn bind(address: impl ToSocketAddrs, config: impl Into<LinkConfig>) -> io::Result<Self> {
        let config = config.into();
        config.heartbeat.check().map_err(refused)?;
        Ok(Self { listener: TcpListener::bind(address).await?, codec: MotanCodec::default(), config })
    }

    /// Reads frames by another codec, with another limit.
    #[must_use]
    pub fn with_codec(self, codec: MotanCodec) -> Self {
        Self { codec, ..self }
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// The system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The next client, and where it calls from. Nothing is lost where the waiting is given up.
    ///
    /// # Errors
    ///
    /// The system has no more connections, or a client was gone before it was accepted; another call may do.
    pub async fn accept(&self) -> io::Result<(MotanLink, SocketAddr)> {
        let (stream, from) = self.listener.accept().await?;
        Ok((link(stream, self.codec, &self.config)?, from))
    }
}

fn link(stream: TcpStream, codec: MotanCodec, config: &LinkConfig) -> io::Result<MotanLink> {
    // A heartbeat of 21 bytes is not to wait for company.
    stream.set_nodelay(true)?;
    let (stream, progress) = Watched::new(stream);
    let config = LinkConfig { first_ping: MotanBeats::FIRST_PING | config.first_ping, ..*config };
    Link::with_progress(Framed::new(stream, codec), MotanBeats, config, progress).map_err(refused)
}

fn refused(fault: HeartbeatFault) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, fault)
}
