//! [`Session`]: the one session, opened when it is needed and opened anew when it ended.

use std::fmt;

use tokio::sync::Mutex;
use tracing::debug;
use zookeeper_client::{Client, Error as Fault};

use crate::error::Error;
use crate::terms::Terms;
use crate::url::RegistryUrl;

const PORT: u16 = 2181;

/// A session with one cluster.
pub(super) struct Session {
    cluster: String,
    registry: String,
    user: Option<String>,
    terms: Terms,
    open: Mutex<Option<Client>>,
}

impl Session {
    pub(super) fn of(url: &RegistryUrl, terms: Terms) -> Self {
        let user = url.user().map(|user| format!("{user}:{}", url.password().unwrap_or_default()));
        Self {
            cluster: url.hosts(PORT).join(","),
            registry: url.to_string(),
            user,
            terms,
            open: Mutex::new(None),
        }
    }

    /// The session, which may be a new one.
    pub(super) async fn client(&self) -> Result<Client, Error> {
        let mut open = self.open.lock().await;
        if let Some(client) = open.as_ref().filter(|client| !client.state().is_terminated()) {
            return Ok(client.clone());
        }
        *open = None;
        let mut connector = Client::connector()
            .with_session_timeout(self.terms.timeout)
            // Ours runs out before, and says so.
            .with_connection_timeout(self.terms.patience.saturating_mul(2))
            .with_fail_eagerly();
        if let Some(user) = &self.user {
            connector = connector.with_auth("digest", user.as_bytes());
        }
        let client = connector.connect(&self.cluster).await.map_err(|fault| self.failed(fault))?;
        if client.session_timeout() < self.terms.timeout {
            debug!(registry = %self.registry, timeout = ?client.session_timeout(), "the server wants a shorter session");
        }
        *open = Some(client.clone());
        Ok(client)
    }

    /// What a fault of the library is to us.
    pub(super) fn failed(&self, fault: Fault) -> Error {
        let registry = self.registry.clone();
        let reason = fault.to_string();
        match fault {
            Fault::SessionExpired | Fault::SessionMoved | Fault::ClientClosed => {
                Error::SessionLost { registry, reason }
            }
            Fault::AuthFailed | Fault::NoAuth => Error::Unauthorized { registry, reason },
            Fault::NoHosts => {
                Error::Unreachable { registry, reason: "no server lets us open a session".to_owned() }
            }
            // What the system says comes as a text of the library's own.
            Fault::ConnectionLoss | Fault::Custom(_) => Error::Unreachable { registry, reason },
            Fault::Timeout => Error::TimedOut { registry, after: self.terms.timeout },
            Fault::UnmarshalError { .. } => Error::NotSuchARegistry { registry, reason },
            other => Error::Refused { registry, status: format!("{other:?}"), reason },
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.registry)
    }
}
