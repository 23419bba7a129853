//! The network between one consumer and one provider, which can be cut: a proxy, and a transport that goes through it.

use std::sync::Arc;

use lubdub_link::channel::{ChannelFault, Http2, Target, Transport, Watcher, Wire};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A piece of network.
pub(crate) struct Network {
    is_cut: watch::Sender<bool>,
    /// Where it begins.
    pub(crate) entry: String,
}

impl Network {
    /// One that leads to an address.
    pub(crate) async fn to(address: String) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let entry = listener.local_addr()?.to_string();
        let (is_cut, cut) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((mut one, _)) = listener.accept().await {
                let (address, mut cut) = (address.clone(), cut.clone());
                tokio::spawn(async move {
                    if *cut.borrow() {
                        return;
                    }
                    let Ok(mut other) = TcpStream::connect(address).await else { return };
                    tokio::select! {
                        _ = copy_bidirectional(&mut one, &mut other) => {}
                        _ = cut.wait_for(|cut| *cut) => {}
                    }
                });
            }
        });
        Ok(Self { is_cut, entry })
    }

    /// Cuts it, or mends it.
    pub(crate) fn cut(&self, is_cut: bool) {
        self.is_cut.send_replace(is_cut);
    }
}

/// HTTP/2 as ever, but what goes to one address goes through a piece of network.
#[derive(Debug)]
pub(crate) struct Through {
    /// The address.
    pub(crate) address: String,
    /// Where the network begins.
    pub(crate) entry: String,
}

impl Transport for Through {
    fn open(&self, target: &Target, watcher: Watcher) -> Result<Arc<dyn Wire>, ChannelFault> {
        let mut target = target.clone();
        if target.address == self.address {
            target.address.clone_from(&self.entry);
        }
        Http2.open(&target, watcher)
    }
}
