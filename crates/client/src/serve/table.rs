//! [`Table`]: which service a call is for. It can change while calls come in: finding a service takes
//! one load and no lock.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{Request, Response};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tonic::Status;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::{Service, ServiceExt};

use super::answer::{Answer, Answering};
use super::elsewhere;
use crate::error::Error;
use crate::provider::{Call, Calls};

/// What can be mounted: every server that is generated for tonic, also behind an interceptor or layers
/// that keep its name. It has no methods of its own.
pub trait Mountable:
    Service<Request<Body>, Response = Response<Self::Body>, Error = Infallible, Future: Send>
    + NamedService
    + Clone
    + Send
    + Sync
    + 'static
{
    /// What it answers with.
    type Body: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static;
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl<S, B> Mountable for S
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible, Future: Send>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Body = B;
}

/// A service of the table.
pub(super) struct Mounted {
    pub(super) name: &'static str,
    /// What is counted; health is asked by those who wait for the end, so its calls are not.
    pub(super) calls: Option<Calls>,
    answering: Box<dyn Fn(Request<Body>, Option<Call>) -> Answering + Send + Sync>,
}

impl Mounted {
    /// One whose calls are waited for.
    pub(super) fn counted<S: Mountable>(service: S) -> Self {
        Self { calls: Some(Calls::default()), ..Self::uncounted(service) }
    }

    pub(super) fn uncounted<S: Mountable>(service: S) -> Self {
        let answering = move |request, call| {
            let asked = service.clone().oneshot(request);
            let answer = async move {
                let Ok(response) = asked.await;
                Ok(response.map(|body| Answer::new(Body::new(body), call)))
            };
            Box::pin(answer) as Answering
        };
        Self { name: S::NAME, calls: None, answering: Box::new(answering) }
    }

    fn answer(&self, request: Request<Body>) -> Answering {
        (self.answering)(request, self.calls.as_ref().map(Calls::begin))
    }
}

impl fmt::Debug for Mounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mounted").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What is mounted.
#[derive(Debug)]
pub(super) struct Table {
    services: ArcSwap<HashMap<&'static str, Arc<Mounted>>>,
    changing: Mutex<()>,
    /// Where calls run that are counted; none: where their connections are.
    calls_run_on: Option<Handle>,
}

impl Table {
    pub(super) fn new(calls_run_on: Option<Handle>) -> Self {
        Self { services: ArcSwap::default(), changing: Mutex::new(()), calls_run_on }
    }

    /// Adds a service; each can be there once.
    pub(super) fn add(&self, service: Mounted) -> Result<(), Error> {
        let _changing = self.changing.lock();
        let mut services = HashMap::clone(&self.services.load());
        let name = service.name;
        if services.insert(name, Arc::new(service)).is_some() {
            return Err(Error::MountedTwice { service: name.to_owned() });
        }
        self.services.store(Arc::new(services));
        Ok(())
    }

    pub(super) fn remove(&self, name: &str) {
        let _changing = self.changing.lock();
        let mut services = HashMap::clone(&self.services.load());
        services.remove(name);
        self.services.store(Arc::new(services));
    }

    fn answer(&self, request: Request<Body>) -> Answering {
        let services = self.services.load();
        match service_of(request.uri().path()).and_then(|name| services.get(name)) {
            Some(found) => match &self.calls_run_on {
                Some(tasks) if found.calls.is_some() => elsewhere::run(tasks, found.answer(request)),
                _ => found.answer(request),
            },
            None => Box::pin(std::future::ready(Ok(unknown()))),
        }
    }
}

/// The service of a path, which is `/SERVICE/METHOD`.
fn service_of(path: &str) -> Option<&str> {
    path.strip_prefix('/')?.split_once('/').map(|(service, _)| service)
}

fn unknown() -> Response<Answer> {
    let answer: Response<Body> = Status::unimplemented("no such service is mounted here").into_http();
    answer.map(|body| Answer::new(body, None))
}

/// What tonic's transport asks.
#[derive(Debug, Clone)]
pub(super) struct Dispatch(pub(super) Arc<Table>);

impl Service<Request<Body>> for Dispatch {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Answering {
        self.0.answer(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_service() {
        assert_eq!(service_of("/greet.v1.Greeter/Greet"), Some("greet.v1.Greeter"));
        assert_eq!(service_of("/greet.v1.Greeter/a/b"), Some("greet.v1.Greeter"));
        for none in ["", "/", "/greet.v1.Greeter", "greet.v1.Greeter/Greet"] {
            assert_eq!(service_of(none), None, "{none}");
        }
    }
}
