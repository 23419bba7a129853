//! One call: picked, made, judged, and made elsewhere where that is safe.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;

use http::{Extensions, Request, Response};
use lubdub_balance::{Call, NoEndpoint, NodeId, Pick, Strategies};
use tonic::body::Body;
use tonic::{Code, Status};

use super::choice::{IsIdempotent, Key, Source};
use super::deadline::Deadline;
use super::link::{Common, Link};
use super::outcome::Outcome;
use super::policy::Policy;
use super::reply::Reply;
use super::sending::Sending;
use super::wire::CallError;
use crate::availability::Failure;

/// What every call of a channel needs.
pub(super) struct Caller {
    pub(super) common: Arc<Common>,
    pub(super) policy: Policy,
    pub(super) source: Option<IpAddr>,
    /// For when another strategy is chosen.
    pub(super) strategies: Strategies,
}

/// What an attempt came to.
enum Attempt {
    Answered(Response<Body>),
    /// The endpoint answered that it cannot serve.
    Declined(Status, Response<Body>),
    /// Nothing of the call was sent.
    Unsent(Status, Box<Request<Body>>),
    /// It may have been received.
    Lost(Status),
}

impl Caller {
    pub(super) async fn call(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let deadline = Deadline::of(request.headers(), self.common.clock);
        if deadline.at().is_some_and(|at| at <= self.common.clock.now()) {
            // It is nobody's fault but the caller's, so nobody is asked.
            return Err(Status::deadline_exceeded("no time was left when the call was made"));
        }
        let mut sending = if self.may_be_repeated(&request) {
            Sending::again(request, self.policy.replay_limit)
        } else {
            Sending::once(request)
        };
        let mut tried = Vec::new();
        let mut last: Option<Status> = None;
        for attempt in 1..=self.policy.attempts {
            if attempt > 1
                && !sending.headers_mut().is_some_and(|head| deadline.tell(head, self.common.clock.now()))
            {
                break;
            }
            let picked = self.pick(sending.extensions(), &tried);
            let pick = match (picked, last.take()) {
                (Ok(pick), _) => pick,
                // Whoever could be asked has been; the last answer says more than that.
                (Err(_), Some(status)) => return Err(status),
                (Err(nobody), None) => return Err(nobody),
            };
            let Some(request) = sending.take() else { break };
            if attempt < self.policy.attempts {
                tried.push(pick.node().number());
            }
            last = Some(match self.attempt(pick, request, deadline).await {
                Attempt::Unsent(status, unsent) => {
                    sending.give_back(*unsent);
                    status
                }
                Attempt::Declined(status, _) | Attempt::Lost(status) if sending.may_be_repeated() => status,
                Attempt::Answered(response) | Attempt::Declined(_, response) => return Ok(response),
                Attempt::Lost(status) => return Err(status),
            });
        }
        Err(last.unwrap_or_else(|| Status::deadline_exceeded("no time is left for another attempt")))
    }

    fn may_be_repeated(&self, request: &Request<Body>) -> bool {
        self.policy.attempts > 1
            && (self.policy.idempotent.is(request.uri().path())
                || request.extensions().get::<IsIdempotent>().is_some())
    }

    fn pick(&self, said: Option<&Extensions>, tried: &[NodeId]) -> Result<Pick<Arc<Link>>, Status> {
        let common = &*self.common;
        let call = Call {
            key: said.and_then(|said| said.get::<Key>()).map(|key| key.0),
            source: said.and_then(|said| said.get::<Source>()).map(|source| source.0).or(self.source),
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

    async fn attempt(&self, pick: Pick<Arc<Link>>, request: Request<Body>, deadline: Deadline) -> Attempt {
        let link = pick.item();
        let called = link.wire().call(request).await;
        let now = self.common.clock.now();
        let response = match called {
            Ok(response) => response,
            Err(CallError { unsent, is_news, source }) => {
                let failure = if unsent.is_some() { Failure::Connect } else { Failure::Call };
                let reason = causes(&*source);
                if is_news {
                    link.failed(failure, &reason);
                }
                pick.failed(now);
                let status = match Status::from_error(source) {
                    // Whatever a transport has no word for, or calls given up as nothing was sent: the endpoint cannot be
                    // called.
                    status if status.code() == Code::Unknown || unsent.is_some() => {
                        Status::unavailable(reason)
                    }
                    status => status,
                };
                let status = named(&status, link);
                return match unsent {
                    Some(unsent) => Attempt::Unsent(status, unsent),
                    None => Attempt::Lost(status),
                };
            }
        };
        match Outcome::of_head(response.status(), response.headers()) {
            // What is to come tells.
            None => {
                pick.answered(now);
                let late = deadline.at().map(|at| self.common.sleep_until(at));
                Attempt::Answered(response.map(|body| Body::new(Reply::new(body, pick, late))))
            }
            Some(Outcome::Answered) => {
                link.answered();
                pick.answered(now);
                Attempt::Answered(response)
            }
            Some(Outcome::Failed) => {
                let status = Status::from_header_map(response.headers());
                let status = status.unwrap_or_else(|| Status::unavailable(response.status().to_string()));
                link.failed(Failure::Call, &status);
                pick.failed(now);
                Attempt::Declined(named(&status, link), response)
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
fn named(status: &Status, link: &Link) -> Status {
    let message = format!("{} ({}): {}", link.target.address, link.id, status.message());
    let (details, metadata) = (status.details().to_vec(), status.metadata().clone());
    Status::with_details_and_metadata(status.code(), message, details.into(), metadata)
}
