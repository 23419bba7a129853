//! The back end: requests, and what their answers mean.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder, StatusCode};

use super::convert;
use crate::availability::Availability;
use crate::backend::{Backend, News, Renewal};
use crate::endpoint::Listed;
use crate::error::Error;
use crate::http::{Answer, Http};
use crate::instance::Instance;
use crate::terms::Terms;
use crate::url::RegistryUrl;

const PORT: u16 = 8500;
const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
const USUAL_POLL: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct Consul {
    http: Http,
    token: Option<String>,
    terms: Terms,
}

/// Makes the back end of a URL.
pub(crate) fn connect(url: &RegistryUrl) -> Result<Arc<dyn Backend>, Error> {
    let terms = Terms::of(url, USUAL_TIMEOUT, USUAL_POLL)?;
    let token = url.password().or_else(|| url.user()).map(str::to_owned);
    let http = Http::of(url, PORT, terms.patience)?.without_basic();
    Ok(Arc::new(Consul { http, token, terms }))
}

impl Consul {
    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.header("X-Consul-Token", token),
            None => request,
        }
    }

    async fn put(&self, path: &str) -> Result<Answer, Error> {
        self.http.send(Method::PUT, path, |request| self.signed(request)).await
    }

    /// What the agent says about a service or check that it may not know.
    fn renewal(&self, answer: &Answer) -> Result<Renewal, Error> {
        let words = String::from_utf8_lossy(&answer.body).to_lowercase();
        match answer.status {
            StatusCode::OK => Ok(Renewal::Renewed),
            StatusCode::NOT_FOUND => Ok(Renewal::Unknown),
            // Before version 1.11 that was an error of the server.
            StatusCode::INTERNAL_SERVER_ERROR
                if words.contains("associated ttl") || words.contains("unknown") =>
            {
                Ok(Renewal::Unknown)
            }
            _ => Err(self.http.refused(answer)),
        }
    }

    /// Switches maintenance mode.
    async fn maintain(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error> {
        let id = encoded(&convert::id(instance));
        let enable = !availability.is_available();
        let path = format!("/v1/agent/service/maintenance/{id}?enable={enable}&reason=switched%20off");
        self.renewal(&self.put(&path).await?)
    }

    async fn pass(&self, instance: &Instance) -> Result<Renewal, Error> {
        let id = encoded(&format!("service:{}", convert::id(instance)));
        self.renewal(&self.put(&format!("/v1/agent/check/pass/{id}")).await?)
    }

    /// Asks about a service; an `index` waits until something is newer, or for `wait`.
    async fn ask(&self, service: &str, index: Option<(u64, Duration)>) -> Result<(Vec<Listed>, u64), Error> {
        let mut path = format!("/v1/health/service/{}", encoded(service));
        let mut patience = self.terms.patience;
        if let Some((index, wait)) = index {
            path = format!("{path}?index={index}&wait={}ms", wait.as_millis());
            // The agent adds up to a sixteenth.
            patience = patience + wait + wait / 16;
        }
        let answer =
            self.http.send_within(patience, Method::GET, &path, |request| self.signed(request)).await?;
        if answer.status != StatusCode::OK {
            return Err(self.http.refused(&answer));
        }
        let index = answer.headers.get("X-Consul-Index");
        let index = index.and_then(|index| index.to_str().ok()).and_then(|index| index.parse().ok());
        let index = index.ok_or_else(|| self.http.foreign("its answer has no X-Consul-Index"))?;
        let document = serde_json::from_slice(&answer.body)
            .map_err(|error| self.http.foreign(format!("its answer is no JSON: {error}")))?;
        let listing = convert::listing(&document)
            .ok_or_else(|| self.http.foreign("its answer is no list of instances"))?;
        Ok((listing, index))
    }
}

#[async_trait]
impl Backend for Consul {
    fn terms(&self) -> Terms {
        self.terms
    }

    async fn register(&self, instance: &Instance, availability: Availability) -> Result<(), Error> {
        let document = convert::registration(instance, availability, &self.terms);
        let path = "/v1/agent/service/register?replace-existing-checks=true";
        let answer =
            self.http.send(Method::PUT, path, |request| self.signed(request).json(&document)).await?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                return Err(self.http.foreign(format!("it has no {path}")));
            }
            _ => return Err(self.http.refused(&answer)),
        }
        // What was before may have been in maintenance, or not.
        let first = self.maintain(instance, availability).await?;
        let second = if availability.is_available() { first } else { self.pass(instance).await? };
        match (first, second) {
            (Renewal::Renewed, Renewal::Renewed) => Ok(()),
            _ => Err(self.http.foreign("it does not know what it was just told")),
        }
    }

    async fn deregister(&self, instance: &Instance) -> Result<(), Error> {
        let path = format!("/v1/agent/service/deregister/{}", encoded(&convert::id(instance)));
        self.renewal(&self.put(&path).await?).map(|_| ())
    }

    async fn set_available(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error> {
        self.maintain(instance, availability).await
    }

    async fn renew(&self, instance: &Instance, _: Availability) -> Result<Renewal, Error> {
        self.pass(instance).await
    }

    async fn lookup(&self, service: &str) -> Result<Vec<Listed>, Error> {
        self.ask(service, None).await.map(|(listing, _)| listing)
    }

    async fn subscribe(&self, service: &str, news: &News) -> Error {
        let mut known = None;
        loop {
            match self.ask(service, known.map(|index| (index, self.terms.poll))).await {
                Ok((listing, index)) => {
                    news.tell(listing);
                    // An index that goes back is that of another life of the agent; 0 would not wait.
                    known =
                        Some(index).filter(|index| *index > 0 && known.is_none_or(|known| *index >= known));
                    if known.is_none() {
                        tokio::time::sleep(self.terms.poll.min(Duration::from_secs(1))).await;
                    }
                }
                Err(error) => return error,
            }
        }
    }
}

fn encoded(segment: &str) -> String {
    utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string()
}
