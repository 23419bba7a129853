//! Look-ups, and how streams begin.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use futures_util::Stream;
use lubdub_core::Revision;
use lubdub_runtime::Handle;
use prost::Message;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::{Request, Response, Status, Streaming};

use crate::carrier::{Carrier, OnCarrier};
use crate::config::{GrpcConfig, stops};
use crate::error::{Ended, bad_request, not_found};
use crate::session::Conversation;
use crate::watch::Watch;
use crate::{convert, wire};

/// The face: what leads to the registry, and the places for streams.
#[derive(Debug)]
pub(crate) struct Face {
    handle: Handle,
    config: GrpcConfig,
    sessions: Arc<Semaphore>,
    watches: Arc<Semaphore>,
}

/// A stream of answers.
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// About so many bytes of instances are told in one message: well below the 4 MiB that gRPC's
/// libraries take.
pub(crate) const PIECE_BYTES: usize = 512 * 1024;
/// And so many at most.
pub(crate) const PIECE: usize = 1_000;

impl Face {
    pub(crate) fn new(handle: Handle, config: GrpcConfig) -> Self {
        let places = |most: usize| Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        let (sessions, watches) = (places(config.max_sessions), places(config.max_watches));
        Self { handle, config, sessions, watches }
    }

    fn place(&self, places: &Arc<Semaphore>, full: &'static str) -> Result<OwnedSemaphorePermit, Status> {
        if stops(self.config.stopping.as_ref()) {
            return Err(Ended::Stopping.status());
        }
        Arc::clone(places).try_acquire_owned().map_err(|_| Ended::TooMany(full).status())
    }
}

#[tonic::async_trait]
impl wire::Registry for Face {
    type SessionStream = Answers<wire::SessionResponse>;
    type WatchStream = Answers<wire::WatchResponse>;

    async fn session(
        &self,
        request: Request<Streaming<wire::SessionRequest>>,
    ) -> Result<Response<Self::SessionStream>, Status> {
        let place = self.place(&self.sessions, "limits.sessions streams of sessions are open already")?;
        let (peer, carrier) = (peer(&request), OnCarrier::new(Carrier::of(request.extensions())));
        let incoming = request.into_inner();
        let conversation =
            Conversation::new(self.handle.clone(), &self.config, peer, carrier, incoming, place);
        Ok(Response::new(Box::pin(conversation.answers())))
    }

    async fn watch(
        &self,
        request: Request<wire::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let place = self.place(&self.watches, "limits.max_subscribers watches are open already")?;
        let asked = request.into_inner();
        let wanted = convert::wanted(&asked.services, self.config.max_watched_services);
        let wanted = wanted.map_err(|fault| bad_request(&fault))?;
        let since = Revision(asked.since_revision);
        let watch = Watch::new(self.handle.clone(), &self.config, wanted, since, place);
        Ok(Response::new(Box::pin(watch.answers())))
    }

    async fn list_services(
        &self,
        request: Request<wire::ListServicesRequest>,
    ) -> Result<Response<wire::ListServicesResponse>, Status> {
        let asked = request.into_inner();
        let catalog = self.handle.catalog();
        let after = lubdub_core::model::ServiceName::new(&asked.after);
        let mut views =
            catalog.services().filter(|view| asked.after.is_empty() || *view.name() > after).peekable();
        let services = piece(&mut views, asked.limit, |view| convert::service(view));
        let more = views.peek().is_some();
        Ok(Response::new(wire::ListServicesResponse { revision: catalog.revision().0, services, more }))
    }

    async fn list_instances(
        &self,
        request: Request<wire::ListInstancesRequest>,
    ) -> Result<Response<wire::ListInstancesResponse>, Status> {
        let asked = request.into_inner();
        let catalog = self.handle.catalog();
        let view = catalog.service(&asked.service);
        let view = view.ok_or_else(|| not_found(format!("no service {:?} is registered", asked.service)))?;
        let rest = |id: &str| asked.after.is_empty() || id > asked.after.as_str();
        let mut listed = view.iter().filter(|row| rest(row.instance.key.id())).peekable();
        let instances = piece(&mut listed, asked.limit, |row| convert::instance(&row.instance));
        let more = listed.peek().is_some();
        Ok(Response::new(wire::ListInstancesResponse { revision: catalog.revision().0, instances, more }))
    }

    async fn get_instance(
        &self,
        request: Request<wire::GetInstanceRequest>,
    ) -> Result<Response<wire::GetInstanceResponse>, Status> {
        let asked = request.into_inner();
        let catalog = self.handle.catalog();
        let Some(row) = catalog.get(&asked.service, &asked.id, "") else {
            return Err(not_found(format!(
                "no instance {:?} of {:?} is registered",
                asked.id, asked.service
            )));
        };
        let instance = Some(convert::instance(&row.instance));
        Ok(Response::new(wire::GetInstanceResponse { revision: catalog.revision().0, instance }))
    }
}

/// The next of a list for one message: as many as were asked for, and no more than fit.
pub(crate) fn piece<T, M: Message>(
    list: &mut impl Iterator<Item = T>,
    limit: u32,
    told: impl Fn(T) -> M,
) -> Vec<M> {
    let most = if limit == 0 { PIECE } else { PIECE.min(limit as usize) };
    let (mut piece, mut bytes) = (Vec::new(), 0);
    while piece.len() < most
        && bytes < PIECE_BYTES
        && let Some(next) = list.next()
    {
        let message = told(next);
        bytes += message.encoded_len();
        piece.push(message);
    }
    piece
}

/// Where a request comes from.
fn peer<T>(request: &Request<T>) -> IpAddr {
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip())
}
