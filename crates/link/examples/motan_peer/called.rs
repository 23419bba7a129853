//! [`Called`]: a listener that Motan's clients call.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::{SinkExt, StreamExt};
use lubdub_link::heartbeat::HeartbeatConfig;
use lubdub_link::motan::{MotanLink, MotanListener};
use parking_lot::Mutex;

use crate::{Fallible, echo};

/// Echoes calls, or lets them wait for ever. Heartbeats are its links' business.
pub(crate) struct Called {
    address: SocketAddr,
    answering: Arc<Answering>,
}

struct Answering {
    calls: AtomicBool,
    /// Why the last link failed that did.
    refused: Mutex<Option<String>>,
}

impl Called {
    pub(crate) async fn listen() -> Fallible<Self> {
        let listener = MotanListener::bind("127.0.0.1:0", HeartbeatConfig::quiet()).await?;
        let address = listener.address()?;
        let answering = Arc::new(Answering { calls: AtomicBool::new(true), refused: Mutex::default() });
        let shared = Arc::clone(&answering);
        tokio::spawn(async move {
            while let Ok((link, _)) = listener.accept().await {
                tokio::spawn(serve(link, Arc::clone(&shared)));
            }
        });
        Ok(Self { address, answering })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether calls are answered from now on.
    pub(crate) fn answer(&self, calls: bool) {
        self.answering.calls.store(calls, Ordering::Relaxed);
    }

    /// What the last link had to say that failed.
    pub(crate) fn refused(&self) -> Option<String> {
        self.answering.refused.lock().clone()
    }
}

async fn serve(mut link: MotanLink, answering: Arc<Answering>) {
    while let Some(call) = link.next().await {
        match call {
            Ok(call) if answering.calls.load(Ordering::Relaxed) => {
                if link.send(echo::answer(call)).await.is_err() {
                    break;
                }
            }
            Ok(_) => {}
            Err(fault) => *answering.refused.lock() = Some(fault.to_string()),
        }
    }
}
