//! Heartbeats: `PUT apps/{app}/{id}`, answered before anything else of a request is parsed.
//!
//! | case | to a client | to a peer |
//! | --- | --- | --- |
//! | no lease, or its override was deleted | 404 | 404 |
//! | no `lastDirtyTimestamp`, or the stored one | 200 | 200 |
//! | a later one than stored | 404: register anew | 404, and its `overriddenstatus` is taken over |
//! | an earlier one than stored | 200 | 409 with the stored instance |
//! | one that is no number | 400 | 400 |
//!
//! The lease is renewed first and the timestamps compared then, so a client that is asked to
//! register anew does not expire meanwhile. Success has no body; a body that comes with the
//! request (`{}`, from clients whose library cannot send none) is not read.

use bytes::Bytes;
use http::{HeaderMap, Method, Response, StatusCode, Uri};
use http_body_util::Full;
use lubdub_core::lease::{LeaseId, LeaseRef, Renewal};
use lubdub_core::model::{InstanceKey, Status};
use lubdub_core::{Command, Sender};
use lubdub_runtime::Handle;

use crate::answer;
use crate::convert::service_name;
use crate::error::Refusal;
use crate::face::EurekaFace;
use crate::negotiate::{Wanted, is_replication};
use crate::path::{Place, Scratch};
use crate::query::{self, Given};
use crate::render::{Form, single};
use crate::wire::Version;

/// The answer to a client's heartbeat.
#[derive(Debug)]
pub struct Heartbeat {
    /// What the client is told.
    pub answer: Response<Full<Bytes>>,
    /// The lease that was renewed, if one was.
    pub lease: Option<LeaseId>,
}

/// What became of a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beat {
    Renewed,
    /// Renewed; but the registry knows of a later change of the instance than its sender.
    SenderIsBehind,
    /// Renewed; but the sender knows of a later change of the instance than the registry.
    SenderIsAhead,
    /// There is no lease, or its sender has to register anew.
    Unknown,
    /// The sender's timestamp was no number.
    Unreadable,
}

impl EurekaFace {
    /// The fast path: the answer, if this is a client's heartbeat; none otherwise. Looks at
    /// method, path and query, and allocates nothing unless a name is percent-encoded and long.
    /// The request's body need not be read.
    pub fn renewal(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Heartbeat> {
        if *method != Method::PUT {
            return None;
        }
        let place = Place::read(uri.path())?;
        let ["apps", app, id] = place.segments() else { return None };
        // A peer's may need an answer with a body, or a change: the long way.
        if is_replication(headers) {
            return None;
        }
        let (mut first, mut second) = (Scratch::default(), Scratch::default());
        let (status, lease) = match (first.decode(app), second.decode(id)) {
            (Ok(app), Ok(id)) => {
                let (beat, lease) = beat(&self.handle, app, id, uri.query());
                (told(beat), lease)
            }
            _ => (StatusCode::BAD_REQUEST, None),
        };
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = status;
        Some(Heartbeat { answer, lease })
    }

    /// The same, for a request that was routed: also those of peers.
    pub(crate) async fn renewed(
        &self,
        app: &str,
        id: &str,
        query: Option<&str>,
        headers: &HeaderMap,
        sender: Sender,
    ) -> Result<axum::response::Response, Refusal> {
        let (beat, _) = beat(&self.handle, app, id, query);
        if !is_replication(headers) {
            return Ok(answer::empty(told(beat)));
        }
        match beat {
            Beat::SenderIsBehind => self.conflict(app, id, headers),
            Beat::SenderIsAhead => {
                if let Given::Value(status) = query::status(query, "overriddenstatus")
                    && status != Status::Unknown
                {
                    let key = InstanceKey::new(&service_name(app), id);
                    let command = Command::SetOverride { key, status, precedence: None };
                    self.handle.submit(command, sender).await?;
                }
                Err(Refusal::NotFound)
            }
            Beat::Renewed | Beat::Unknown | Beat::Unreadable => Ok(answer::empty(told(beat))),
        }
    }

    /// 409 with what is stored, from which a peer brings itself up to date.
    fn conflict(
        &self,
        app: &str,
        id: &str,
        headers: &HeaderMap,
    ) -> Result<axum::response::Response, Refusal> {
        let catalog = self.handle.catalog();
        let listed = catalog.get(&service_name(app), id, "").ok_or(Refusal::NotFound)?;
        let form = Form::wanted(Wanted::read(headers), Version::V2);
        let document = single(listed, form, self.handle.now());
        Ok(answer::text(StatusCode::CONFLICT, form.format, document))
    }
}

/// Renews first, compares then.
fn beat(handle: &Handle, app: &str, id: &str, query: Option<&str>) -> (Beat, Option<LeaseId>) {
    let (stored, lease) = match handle.renew(LeaseRef::heartbeat(&service_name(app), id), None) {
        Renewal::Renewed { precedence, lease, .. } => (precedence, lease),
        Renewal::Unknown | Renewal::OtherGeneration => return (Beat::Unknown, None),
    };
    let beat = match (query::last_dirty(query), stored) {
        (Err(_), _) => Beat::Unreadable,
        (Ok(Some(sent)), Some(stored)) if sent > stored => Beat::SenderIsAhead,
        (Ok(Some(sent)), Some(stored)) if sent < stored => Beat::SenderIsBehind,
        (Ok(_), _) => Beat::Renewed,
    };
    (beat, Some(lease))
}

/// What a client is told.
fn told(beat: Beat) -> StatusCode {
    match beat {
        Beat::Renewed | Beat::SenderIsBehind => StatusCode::OK,
        Beat::Unknown | Beat::SenderIsAhead => StatusCode::NOT_FOUND,
        Beat::Unreadable => StatusCode::BAD_REQUEST,
    }
}
