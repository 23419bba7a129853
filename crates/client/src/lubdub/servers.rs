//! [`Servers`]: where the registry is reached, who we are there, and what its failures are to us.
//!
//! A connection goes to the server that was reached last, and on to the next while one cannot be
//! reached.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lubdub_proto::v1::Refusal;
use lubdub_proto::v1::registry_client::RegistryClient;
use parking_lot::Mutex;
use tokio::time::timeout;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

use crate::error::Error;
use crate::url::{RegistryUrl, bad};

const PORT: u16 = 8761;

/// A page or a part of a snapshot may have a thousand instances of any size; the usual 4 MiB are few.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// What calls go through.
pub(super) type Client = RegistryClient<Channel>;

/// The servers of one registry.
pub(super) struct Servers {
    registry: String,
    endpoints: Vec<Endpoint>,
    current: AtomicUsize,
    authorization: Option<MetadataValue<Ascii>>,
    patience: Duration,
    /// For all calls but sessions, which have connections of their own.
    shared: Mutex<Option<Channel>>,
}

impl Servers {
    /// Of a URL.
    ///
    /// # Errors
    ///
    /// [`Error::BadUrl`].
    pub(super) fn of(url: &RegistryUrl, patience: Duration) -> Result<Self, Error> {
        if !url.path().is_empty() {
            return Err(bad("the path", url.path(), "nothing: this registry has no paths"));
        }
        let endpoint = |host: String| {
            let endpoint = Endpoint::from_shared(format!("http://{host}"));
            endpoint.map_err(|_| bad("the host", &host, "a host name or an address, and a port"))
        };
        let authorization = match url.password().or_else(|| url.user()) {
            None => None,
            Some(token) => {
                let value = format!("Bearer {token}").parse::<MetadataValue<Ascii>>();
                let mut value = value.map_err(|_| {
                    bad("the credentials", "(not shown)", "a token of letters, digits and signs of ASCII")
                })?;
                value.set_sensitive(true);
                Some(value)
            }
        };
        Ok(Self {
            registry: url.to_string(),
            endpoints: url.hosts(PORT).into_iter().map(endpoint).collect::<Result<_, _>>()?,
            current: AtomicUsize::new(0),
            authorization,
            patience,
            shared: Mutex::new(None),
        })
    }

    /// The registry's name in errors.
    pub(super) fn registry(&self) -> &str {
        &self.registry
    }

    /// A connection of one's own, within our patience.
    pub(super) async fn connect(&self) -> Result<Client, Error> {
        self.channel().await.map(client)
    }

    /// The connection that calls share; whether it was there before.
    pub(super) async fn shared(&self) -> Result<(Client, bool), Error> {
        if let Some(channel) = self.shared.lock().clone() {
            return Ok((client(channel), true));
        }
        let channel = self.channel().await?;
        *self.shared.lock() = Some(channel.clone());
        Ok((client(channel), false))
    }

    /// Calls do not go through the connection any more that they shared up to now.
    pub(super) fn give_up_shared(&self) {
        *self.shared.lock() = None;
    }

    /// A call failed: where nobody was reached by it, the next connection is to another server.
    pub(super) fn note(&self, error: &Error) {
        if matches!(error, Error::Unreachable { .. } | Error::TimedOut { .. }) {
            self.current.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn channel(&self) -> Result<Channel, Error> {
        let count = self.endpoints.len().max(1);
        let each = self.patience / u32::try_from(count).unwrap_or(u32::MAX);
        let mut error = self.unreachable("no server");
        for _ in 0..count {
            let at = self.current.load(Ordering::Relaxed);
            let Some(endpoint) = self.endpoints.get(at % count) else { break };
            match timeout(each, endpoint.connect()).await {
                Ok(Ok(channel)) => return Ok(channel),
                Ok(Err(failed)) => error = self.unreachable(innermost(&failed)),
                Err(_) => error = self.timed_out(),
            }
            self.current.store(at.wrapping_add(1), Ordering::Relaxed);
        }
        Err(error)
    }

    /// A call, with our credentials.
    pub(super) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        if let Some(authorization) = &self.authorization {
            request.metadata_mut().insert("authorization", authorization.clone());
        }
        request
    }

    /// Waits for something as long as our patience lasts.
    pub(super) async fn patiently<T>(
        &self,
        call: impl Future<Output = Result<T, Status>>,
    ) -> Result<T, Error> {
        match timeout(self.patience, call).await {
            Ok(answer) => answer.map_err(|status| self.failed(&status)),
            Err(_) => Err(self.timed_out()),
        }
    }

    /// What a failed call is to us.
    pub(super) fn failed(&self, status: &Status) -> Error {
        let registry = self.registry.clone();
        let reason = status.message().to_owned();
        match status.code() {
            Code::Unauthenticated | Code::PermissionDenied => Error::Unauthorized { registry, reason },
            Code::Unimplemented => Error::NotSuchARegistry { registry, reason },
            _ if std::error::Error::source(status).is_some() => {
                let reason = innermost(status);
                if is_foreign(&reason) {
                    Error::NotSuchARegistry { registry, reason }
                } else {
                    Error::Unreachable { registry, reason }
                }
            }
            Code::Unavailable | Code::Aborted | Code::Cancelled => Error::Unreachable { registry, reason },
            code => Error::Refused { registry, status: format!("{code:?}"), reason },
        }
    }

    /// What a refusal is to us.
    pub(super) fn refused(&self, refusal: &Refusal) -> Error {
        let mut reason = refusal.message.clone();
        if !refusal.field.is_empty() {
            let Refusal { field, value, expected, .. } = refusal;
            reason = format!("{reason} ({field} is {value:?}; expected is {expected})");
        }
        let status = refusal.code().as_str_name().trim_start_matches("REFUSAL_CODE_").to_owned();
        Error::Refused { registry: self.registry.clone(), status, reason }
    }

    pub(super) fn unreachable(&self, reason: impl Into<String>) -> Error {
        Error::Unreachable { registry: self.registry.clone(), reason: reason.into() }
    }

    pub(super) fn foreign(&self, reason: impl Into<String>) -> Error {
        Error::NotSuchARegistry { registry: self.registry.clone(), reason: reason.into() }
    }

    pub(super) fn timed_out(&self) -> Error {
        Error::TimedOut { registry: self.registry.clone(), after: self.patience }
    }
}

/// Without the credentials.
impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Servers({})", self.registry)
    }
}

fn client(channel: Channel) -> Client {
    RegistryClient::new(channel).max_decoding_message_size(MOST_BYTES)
}

/// The innermost cause: what is around it says less.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    innermost.to_string()
}

/// What answered does not speak HTTP/2.
fn is_foreign(reason: &str) -> bool {
    // The error that says so is of a crate that is no dependency of this one.
    ["invalid size", "protocol error"].iter().any(|sign| reason.contains(sign))
}

#[cfg(test)]
mod tests {
    use lubdub_proto::v1::RefusalCode;

    use super::*;

    fn servers(url: &str) -> Result<Servers, Error> {
        Servers::of(&RegistryUrl::parse(url).unwrap(), Duration::from_secs(1))
    }

    #[test]
    fn a_url_that_cannot_be_right_is_told_without_its_token() {
        assert!(servers("lubdub://open%20sesame@a,b:1").is_ok());
        let error = servers("lubdub://se%0Acret@a").unwrap_err();
        assert!(matches!(error, Error::BadUrl { .. }) && !error.to_string().contains("cret"), "{error}");
        assert!(matches!(servers("lubdub://a/eureka").unwrap_err(), Error::BadUrl { .. }));
        assert!(matches!(servers("lubdub://a b").unwrap_err(), Error::BadUrl { .. }));
        let shown = format!("{:?}", servers("lubdub://secret@a").unwrap());
        assert_eq!(shown, "Servers(lubdub://a)");
    }

    #[test]
    fn refusals_and_statuses_are_told_apart() {
        let servers = servers("lubdub://a").unwrap();
        let failed = |code| servers.failed(&Status::new(code, "why"));
        assert!(matches!(failed(Code::Unauthenticated), Error::Unauthorized { .. }));
        assert!(matches!(failed(Code::Unimplemented), Error::NotSuchARegistry { .. }));
        assert!(matches!(failed(Code::Unavailable), Error::Unreachable { .. }));
        let refused = failed(Code::ResourceExhausted).to_string();
        assert!(refused.contains("ResourceExhausted") && refused.contains("why"), "{refused}");
        let refusal = Refusal {
            code: RefusalCode::Invalid.into(),
            message: "the tag is too long".to_owned(),
            field: "tags".to_owned(),
            value: "aaa".to_owned(),
            expected: "less".to_owned(),
        };
        let told = servers.refused(&refusal).to_string();
        assert!(
            told.contains("(INVALID): the tag is too long (tags is \"aaa\"; expected is less)"),
            "{told}"
        );
    }
}
