//! One call: picked, made, judged, and made elsewhere where that is safe.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;
use http::{Extensions, Request, Response};
use lubdub_balance::{Call, NoEndpoint, NodeId, Pick};
use tonic::body::Body;
use tonic::{Code, Status};

use super::choice::{IsIdempotent, Key, Source};
use super::deadline::Deadline;
use super::link::{Common, Link};
use super::outcome::Outcome;
use super::policy::Policy;
use super::replay::Recording;
use super::reply::Reply;
use super::wire::{CallError, Reached};
use crate::availability::Failure;

/// What every call of a channel needs.
pub(super) struct Caller {
    pub(super) common: Arc<Common>,
    pub(super) policy: Policy,
    pub(super) source: Option<IpAddr>,
}

/// Why an attempt did not succeed.
struct Refusal {
    status: Status,
    /// Whether the call may be made elsewhere.
    may_go_on: bool,
}

impl Caller {
    pub(super) async fn call(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let (mut head, body) = request.into_parts();
        let common = &*self.common;
        let mut tried = Vec::new();
        if self.policy.attempts <= 1 {
            let pick = self.pick(&head.extensions, &tried)?;
            return self
                .attempt(pick, Request::from_parts(head, body), None)
                .await
                .map_err(|refusal| refusal.status);
        }
        let deadline = Deadline::of(&head.headers, common.clock.now());
        let recording = Recording::new(body, self.policy.replay_limit);
        let mut last = None;
        for attempt in 1..=self.policy.attempts {
            if attempt > 1 && !deadline.tell(&mut head.headers, common.clock.now()) {
                break;
            }
            let pick = match (self.pick(&head.extensions, &tried), last.take()) {
                (Ok(pick), _) => pick,
                // Whoever could be asked has been; the last answer says more than that.
                (Err(_), Some(status)) => return Err(status),
                (Err(nobody), None) => return Err(nobody),
            };
            tried.push(pick.node().number());
            let attempted = Request::from_parts(copy(&head), recording.read());
            match self.attempt(pick, attempted, Some(&recording)).await {
                Ok(response) => return Ok(response),
                Err(Refusal { status, may_go_on: false }) => return Err(status),
                Err(Refusal { status, .. }) => last = Some(status),
            }
        }
        Err(last.unwrap_or_else(|| Status::deadline_exceeded("no time is left for another attempt")))
    }

    fn pick(&self, said: &Extensions, tried: &[NodeId]) -> Result<Pick<Arc<Link>>, Status> {
        let common = &*self.common;
        let call = Call {
            key: said.get::<Key>().map(|key| key.0),
            source: said.get::<Source>().map(|source| source.0).or(self.source),
            tried,
        };
        let picked = common.balancer.pick(&call, common.clock.now(), &mut fastrand::Rng::new());
        picked.map_err(|nobody| {
            let service = &common.service;
            Status::unavailable(match nobody {
                NoEndpoint::Empty => format!("no instance of {service:?} is known"),
                NoEndpoint::AllTried => format!("every instance of {service:?} was tried"),
                NoEndpoint::NoneAvailable => {
                    format!("no instance of {service:?} is available; each is probed until it answers")
                }
            })
        })
    }

    async fn attempt(
        &self,
        pick: Pick<Arc<Link>>,
        request: Request<Body>,
        recording: Option<&Recording>,
    ) -> Result<Response<Body>, Refusal> {
        let link = pick.item().clone();
        let is_idempotent = recording.is_some()
            && (self.policy.idempotent.is(request.uri().path())
                || request.extensions().get::<IsIdempotent>().is_some());
        let again =
            |recording: Option<&Recording>| is_idempotent && recording.is_some_and(Recording::is_whole);
        let called = link.wire().call(request).await;
        let response = match called {
            Ok(response) => response,
            Err(CallError { reached, source }) => {
                let failure = match reached {
                    Reached::Nobody => Failure::Connect,
                    Reached::Perhaps => Failure::Call,
                };
                let reason = causes(&*source);
                link.failed(failure, &reason);
                pick.failed(self.common.clock.now());
                let is_unsent = reached == Reached::Nobody && recording.is_some_and(Recording::is_untouched);
                let status = match Status::from_error(source) {
                    // Whatever a transport has no word for: the endpoint cannot be called.
                    status if status.code() == Code::Unknown => Status::unavailable(reason),
                    status => status,
                };
                let status = named(status, &link);
                return Err(Refusal { status, may_go_on: is_unsent || again(recording) });
            }
        };
        match Outcome::of_head(response.status(), response.headers()) {
            // What is to come tells.
            None => {
                pick.answered(self.common.clock.now());
                Ok(response.map(|body| Body::new(Reply::new(body, pick))))
            }
            Some(Outcome::Answered) => {
                link.answered();
                pick.answered(self.common.clock.now());
                Ok(response)
            }
            Some(Outcome::Failed) => {
                let status = Status::from_header_map(response.headers());
                let status = status.unwrap_or_else(|| Status::unavailable(response.status().to_string()));
                link.failed(Failure::Call, &status);
                pick.failed(self.common.clock.now());
                if again(recording) {
                    return Err(Refusal { status: named(status, &link), may_go_on: true });
                }
                Ok(response)
            }
        }
    }
}

/// An error with what caused it: transports say little in their first words.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

/// A failure that says where it was.
fn named(status: Status, link: &Link) -> Status {
    let message = format!("{} ({}): {}", link.target.address, link.id, status.message());
    Status::with_metadata(status.code(), message, status.metadata().clone())
}

/// The same head once more.
fn copy(head: &Parts) -> Parts {
    let (mut copied, ()) = Request::new(()).into_parts();
    copied.method = head.method.clone();
    copied.uri = head.uri.clone();
    copied.version = head.version;
    copied.headers = head.headers.clone();
    copied.extensions = head.extensions.clone();
    copied
}
