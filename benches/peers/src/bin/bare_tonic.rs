//! A tonic server that answers each message of a `Session` stream at once, and does nothing else: what
//! a beat on a stream costs before anything is done with it. On two workers; prints where it listens.

use std::error::Error;
use std::pin::Pin;

use futures_util::{Stream, StreamExt, stream};
use lubdub_proto::v1::answer::Outcome;
use lubdub_proto::v1::registry_server::{Registry, RegistryServer};
use lubdub_proto::v1::session_request::What as Said;
use lubdub_proto::v1::session_response::What as Told;
use lubdub_proto::v1::{
    Answer, Beaten, Done, GetInstanceRequest, GetInstanceResponse, Granted, ListInstancesRequest,
    ListInstancesResponse, ListServicesRequest, ListServicesResponse, SessionRequest, SessionResponse,
    WatchRequest, WatchResponse,
};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

struct Echo;

#[tonic::async_trait]
impl Registry for Echo {
    type SessionStream = Answers<SessionResponse>;
    type WatchStream = Answers<WatchResponse>;

    async fn session(
        &self,
        request: Request<Streaming<SessionRequest>>,
    ) -> Result<Response<Self::SessionStream>, Status> {
        let answers = request.into_inner().map(|said| {
            let said = said?;
            let outcome = match said.what {
                Some(Said::Declare(_)) => Outcome::Granted(Granted::default()),
                Some(Said::Beat(_)) => Outcome::Beaten(Beaten { renewed: 1, unknown: Vec::new() }),
                _ => Outcome::Done(Done::default()),
            };
            let answer = Answer { id: said.id, outcome: Some(outcome) };
            Ok(SessionResponse { what: Some(Told::Answer(answer)) })
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn watch(&self, _: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("this one only echoes"))
    }

    async fn list_services(
        &self,
        _: Request<ListServicesRequest>,
    ) -> Result<Response<ListServicesResponse>, Status> {
        Err(Status::unimplemented("this one only echoes"))
    }

    async fn list_instances(
        &self,
        _: Request<ListInstancesRequest>,
    ) -> Result<Response<ListInstancesResponse>, Status> {
        Err(Status::unimplemented("this one only echoes"))
    }

    async fn get_instance(
        &self,
        _: Request<GetInstanceRequest>,
    ) -> Result<Response<GetInstanceResponse>, Status> {
        Err(Status::unimplemented("this one only echoes"))
    }
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let incoming = stream::unfold(listener, async |listener| {
        let accepted = listener.accept().await.and_then(|(stream, _)| {
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        Some((accepted, listener))
    });
    Server::builder().add_service(RegistryServer::new(Echo)).serve_with_incoming(incoming).await?;
    Ok(())
}
