//! [`Place`]: where a server listens, as the program says it.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use crate::error::Error;

/// Where a server listens: an address such as `"0.0.0.0:50051"` (port 0 takes any that is free), or a
/// listener that is bound already.
#[derive(Debug)]
pub struct Place(Kind);

#[derive(Debug)]
enum Kind {
    Bound(TcpListener),
    Address(String),
}

impl Place {
    pub(super) async fn bind(self) -> Result<(TcpListener, SocketAddr), Error> {
        let (listener, said) = match self.0 {
            // To the runtime that serves: connections are accepted there.
            Kind::Bound(listener) => {
                let moved = listener.into_std().and_then(TcpListener::from_std);
                (moved, "the listener that was given".to_owned())
            }
            Kind::Address(address) => (TcpListener::bind(&address).await, address),
        };
        let bound = listener.and_then(|listener| Ok((listener.local_addr()?, listener)));
        match bound {
            Ok((address, listener)) => Ok((listener, address)),
            Err(error) => Err(Error::NotListening { address: said, reason: error.to_string() }),
        }
    }
}

impl From<TcpListener> for Place {
    fn from(listener: TcpListener) -> Self {
        Self(Kind::Bound(listener))
    }
}

impl From<SocketAddr> for Place {
    fn from(address: SocketAddr) -> Self {
        Self(Kind::Address(address.to_string()))
    }
}

impl From<&str> for Place {
    fn from(address: &str) -> Self {
        Self(Kind::Address(address.to_owned()))
    }
}

impl From<String> for Place {
    fn from(address: String) -> Self {
        Self(Kind::Address(address))
    }
}
