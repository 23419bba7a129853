//! [`Http`]: requests to the servers of one registry, with its failures as the SDK's own errors.
//!
//! A request goes to the server that answered last, and on to the next while one cannot be reached.
//! Everything that is sent through this may be sent twice without harm; so a request on a connection
//! that turns out to be closed is sent again, on a new one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};

use crate::error::Error;
use crate::url::RegistryUrl;

/// Connections that were idle for longer are not used again: servers close them about then.
const IDLE: Duration = Duration::from_secs(15);

/// How much of an answer that was not expected is told.
const TOLD_CHARS: usize = 200;

/// The servers of one registry.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client,
    servers: Vec<String>,
    current: AtomicUsize,
    registry: String,
    user: Option<(String, Option<String>)>,
    /// For all servers together.
    patience: Duration,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    #[cfg_attr(not(feature = "consul"), expect(dead_code, reason = "only Consul says something there"))]
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Http {
    /// For the servers of a URL, on `port` where it says nothing else.
    pub(crate) fn of(url: &RegistryUrl, port: u16, patience: Duration) -> Result<Self, Error> {
        let client = Client::builder()
            .pool_idle_timeout(IDLE)
            // A redirected registration would become a question.
            .redirect(Policy::none())
            .build()
            .map_err(|error| Error::Machine { what: "an HTTP client", reason: error.to_string() })?;
        Ok(Self {
            client,
            servers: url.hosts(port).into_iter().map(|host| format!("http://{host}")).collect(),
            current: AtomicUsize::new(0),
            registry: url.to_string(),
            user: url.user().map(|user| (user.to_owned(), url.password().map(str::to_owned))),
            patience,
        })
    }

    /// The same for a registry that wants its credentials otherwise.
    #[cfg(any(feature = "etcd", feature = "consul"))]
    pub(crate) fn without_basic(mut self) -> Self {
        self.user = None;
        self
    }

    /// The registry's name in errors.
    #[cfg(feature = "etcd")]
    pub(crate) fn registry(&self) -> &str {
        &self.registry
    }

    /// Sends a request (`path` begins with a slash) with what `with` adds to it, and reads the answer.
    /// An answer that lets nobody in is an error; any other is not.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        with: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, Error> {
        self.send_within(self.patience, method, path, with).await
    }

    /// The same for a question whose answer may take its time.
    pub(crate) async fn send_within(
        &self,
        patience: Duration,
        method: Method,
        path: &str,
        with: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, Error> {
        let response = self.begin(method, path, &with, Some(patience)).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(|error| self.failed(&error, patience))?.to_vec();
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Err(Error::Unauthorized {
                registry: self.registry.clone(),
                reason: words(status, &body),
            });
        }
        Ok(Answer { status, headers, body })
    }

    /// Sends a request whose answer never ends, and returns it when it begins, within our patience.
    #[cfg(feature = "etcd")]
    pub(crate) async fn begin_stream(
        &self,
        method: Method,
        path: &str,
        with: &impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, Error> {
        let begun = tokio::time::timeout(self.patience, self.begin(method, path, with, None)).await;
        let after = self.patience;
        begun.unwrap_or_else(|_| Err(Error::TimedOut { registry: self.registry.clone(), after }))
    }

    /// Sends a request and returns the answer as soon as it begins. The whole may take `patience`.
    async fn begin(
        &self,
        method: Method,
        path: &str,
        with: &impl Fn(RequestBuilder) -> RequestBuilder,
        patience: Option<Duration>,
    ) -> Result<Response, Error> {
        let servers = u32::try_from(self.servers.len()).unwrap_or(u32::MAX).max(1);
        let each = patience.map(|patience| patience / servers);
        let mut error = None;
        let mut again = true;
        let mut tried = 0;
        while tried < self.servers.len() {
            let at = self.current.load(Ordering::Relaxed) % self.servers.len().max(1);
            let Some(server) = self.servers.get(at) else { break };
            let request = self.client.request(method.clone(), format!("{server}{path}"));
            let request = match &self.user {
                Some((user, password)) => request.basic_auth(user, password.as_deref()),
                None => request,
            };
            let request = match each {
                Some(each) => request.timeout(each),
                None => request,
            };
            match with(request).send().await {
                Ok(response) => return Ok(response),
                Err(failed) => {
                    if again && !failed.is_connect() && !failed.is_timeout() && !is_foreign(&failed) {
                        // The connection was an old one and closed meanwhile.
                        again = false;
                        continue;
                    }
                    error = Some(self.failed(&failed, each.unwrap_or(self.patience)));
                    tried += 1;
                    self.current.store(at + 1, Ordering::Relaxed);
                }
            }
        }
        let nobody =
            || Error::Unreachable { registry: self.registry.clone(), reason: "no server".to_owned() };
        Err(error.unwrap_or_else(nobody))
    }

    /// What a failed exchange was.
    pub(crate) fn failed(&self, error: &reqwest::Error, after: Duration) -> Error {
        let registry = self.registry.clone();
        if error.is_timeout() {
            Error::TimedOut { registry, after }
        } else if is_foreign(error) {
            Error::NotSuchARegistry { registry, reason: cause(error) }
        } else {
            Error::Unreachable { registry, reason: cause(error) }
        }
    }

    /// An answer that was not expected.
    pub(crate) fn refused(&self, answer: &Answer) -> Error {
        Error::Refused {
            registry: self.registry.clone(),
            status: answer.status.as_u16().to_string(),
            reason: words(answer.status, &answer.body),
        }
    }

    /// An answer that such a registry would not give.
    pub(crate) fn foreign(&self, reason: impl Into<String>) -> Error {
        Error::NotSuchARegistry { registry: self.registry.clone(), reason: reason.into() }
    }
}

/// The beginning of a body, or what the status means.
fn words(status: StatusCode, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(TOLD_CHARS).collect();
    if text.is_empty() { status.canonical_reason().unwrap_or("no reason given").to_owned() } else { text }
}

/// What answered does not speak HTTP.
fn is_foreign(error: &reqwest::Error) -> bool {
    // The error that says so is of a crate that is no dependency of this one.
    cause(error).contains("invalid HTTP")
}

/// The innermost cause: what is around it repeats the URL.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    let mut words = innermost.to_string();
    while let Some(inner) = innermost.source() {
        innermost = inner;
        words = innermost.to_string();
    }
    words
}
