//! The back end: requests, and what their answers mean.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode};

use super::convert;
use crate::availability::Availability;
use crate::backend::{Backend, Renewal};
use crate::clock::time_of_day;
use crate::endpoint::Listed;
use crate::error::Error;
use crate::http::Http;
use crate::instance::Instance;
use crate::terms::Terms;
use crate::url::RegistryUrl;

const PORT: u16 = 8761;
const PATH: &str = "eureka";

/// As Netflix's client has them.
const USUAL_TIMEOUT: Duration = Duration::from_secs(90);

/// Netflix's client asks each 30 s; a question for one service is cheap.
const USUAL_POLL: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Eureka {
    http: Http,
    path: String,
    terms: Terms,
    told: Mutex<HashMap<String, Told>>,
}

/// What was told last of one instance.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    /// `lastDirtyTimestamp`: the greater one counts, so it rises with each registration.
    dirty: u64,
    was_available: bool,
}

/// Makes the back end of a URL.
pub(crate) fn connect(url: &RegistryUrl) -> Result<Arc<dyn Backend>, Error> {
    let terms = Terms::of(url, USUAL_TIMEOUT, USUAL_POLL)?.with_phi_of(url)?;
    let path = if url.path().is_empty() { PATH } else { url.path() };
    let http = Http::of(url, PORT, terms.patience)?;
    Ok(Arc::new(Eureka { http, path: format!("/{path}/apps"), terms, told: Mutex::default() }))
}

impl Eureka {
    fn path_of(&self, instance: &Instance) -> String {
        format!("{}/{}", self.path_of_service(&instance.service), encoded(&instance.id))
    }

    fn path_of_service(&self, service: &str) -> String {
        format!("{}/{}", self.path, encoded(&service.to_uppercase()))
    }

    /// The status that is told, and the timestamp; a later one for a registration.
    fn next(&self, instance: &Instance, availability: Availability, registers: bool) -> (&'static str, u64) {
        let mut told = self.told.lock();
        let told = told.entry(format!("{}\n{}", instance.service, instance.id)).or_default();
        told.was_available |= availability.is_available();
        if registers || told.dirty == 0 {
            let now = u64::try_from(time_of_day().as_millis()).unwrap_or(0);
            told.dirty = now.max(told.dirty + 1);
        }
        let status = match availability {
            Availability::Available => "UP",
            Availability::Unavailable if told.was_available => "DOWN",
            Availability::Unavailable => "STARTING",
        };
        (status, told.dirty)
    }
}

#[async_trait]
impl Backend for Eureka {
    fn terms(&self) -> Terms {
        self.terms
    }

    async fn register(&self, instance: &Instance, availability: Availability) -> Result<(), Error> {
        let (status, dirty) = self.next(instance, availability, true);
        let document = convert::registration(instance, status, dirty, &self.terms);
        let path = self.path_of_service(&instance.service);
        let answer = self.http.send(Method::POST, &path, |request| request.json(&document)).await?;
        match answer.status {
            StatusCode::NO_CONTENT | StatusCode::OK => Ok(()),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Err(self.http.foreign(format!(
                "it answers {} to a registration at {path}; is the path of the URL right?",
                answer.status.as_u16()
            ))),
            _ => Err(self.http.refused(&answer)),
        }
    }

    async fn deregister(&self, instance: &Instance) -> Result<(), Error> {
        let answer = self.http.send(Method::DELETE, &self.path_of(instance), |request| request).await?;
        self.told.lock().remove(&format!("{}\n{}", instance.service, instance.id));
        match answer.status {
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            _ => Err(self.http.refused(&answer)),
        }
    }

    async fn set_available(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error> {
        // A registration replaces the former one in one step; and one that was lost is there again.
        self.register(instance, availability).await.map(|()| Renewal::Renewed)
    }

    async fn renew(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error> {
        let (status, dirty) = self.next(instance, availability, false);
        let path = format!("{}?status={status}&lastDirtyTimestamp={dirty}", self.path_of(instance));
        let answer = self.http.send(Method::PUT, &path, |request| request).await?;
        match answer.status {
            StatusCode::OK => Ok(Renewal::Renewed),
            StatusCode::NOT_FOUND => Ok(Renewal::Unknown),
            _ => Err(self.http.refused(&answer)),
        }
    }

    async fn lookup(&self, service: &str) -> Result<Vec<Listed>, Error> {
        let json = |request: reqwest::RequestBuilder| request.header("accept", "application/json");
        let answer = self.http.send(Method::GET, &self.path_of_service(service), json).await?;
        match answer.status {
            StatusCode::OK => {
                let document = serde_json::from_slice(&answer.body)
                    .map_err(|error| self.http.foreign(format!("its answer is no JSON: {error}")))?;
                convert::listing(service, &document)
                    .ok_or_else(|| self.http.foreign("its answer has no `application`"))
            }
            // A service that nobody has registered for.
            StatusCode::NOT_FOUND => Ok(Vec::new()),
            _ => Err(self.http.refused(&answer)),
        }
    }
}

fn encoded(segment: &str) -> String {
    utf8_percent_encode(segment, NON_ALPHANUMERIC).to_string()
}
