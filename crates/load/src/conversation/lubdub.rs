//! lubdub's own protocol: a `Session` stream for each session, a `Watch` stream for each watch.

use std::collections::BTreeMap;

use lubdub_proto::v1::answer::Outcome;
use lubdub_proto::v1::registry_client::RegistryClient;
use lubdub_proto::v1::session_request::What as Say;
use lubdub_proto::v1::session_response::What as Told;
use lubdub_proto::v1::watch_response::What as News;
use lubdub_proto::v1::{
    AddMetadata, Address, Beat, Declare, Goodbye, Register, SessionRequest, SessionResponse, WatchRequest,
    WatchResponse,
};
use tokio::sync::mpsc::UnboundedSender;
use tonic::Streaming;

use super::grpc::{Connections, speech};
use super::{Broken, Protocol, Session, Watch};

/// Longer than a run, so that what ends a session is told as a fault and not hidden by a late beat.
const TIMEOUT_MILLIS: u64 = 600_000;

/// In the metadata of the instance that changes.
const NUMBER: &str = "number";

/// A lubdub.
pub(crate) struct Lubdub {
    connections: Connections,
    run: String,
}

/// A session's stream.
pub(crate) struct LubdubSession {
    said: UnboundedSender<SessionRequest>,
    heard: Streaming<SessionResponse>,
    service: String,
}

/// A watch's stream.
pub(crate) struct LubdubWatch(Streaming<WatchResponse>);

impl Protocol for Lubdub {
    type Session = LubdubSession;
    type Watch = LubdubWatch;

    async fn connect(address: &str, connections: usize, run: &str) -> Result<Self, Broken> {
        Ok(Self { connections: Connections::open(address, connections).await?, run: run.to_owned() })
    }

    async fn session(&self, number: usize, instances: usize) -> Result<LubdubSession, Broken> {
        let (said, saying) = speech();
        let mut client = RegistryClient::new(self.connections.of(number)?);
        let heard = client.session(saying).await?.into_inner();
        let service = format!("bench-{}-{number}", self.run);
        let mut session = LubdubSession { said, heard, service };
        session.say(Say::Declare(Declare { timeout_millis: TIMEOUT_MILLIS, ..Declare::default() }))?;
        for instance in 0..instances {
            session.say(Say::Register(session.instance(instance)))?;
        }
        for _ in 0..=instances {
            session.heard().await?;
        }
        Ok(session)
    }

    async fn watch(&self, number: usize) -> Result<LubdubWatch, Broken> {
        let services = vec![format!("bench-{}-0", self.run)];
        let mut client = RegistryClient::new(self.connections.of(number)?);
        let asked = WatchRequest { services, since_revision: 0 };
        let mut watch = LubdubWatch(client.watch(asked).await?.into_inner());
        while !matches!(watch.news().await?, News::Snapshot(part) if part.last) {}
        Ok(watch)
    }
}

impl LubdubSession {
    fn instance(&self, number: usize) -> Register {
        let host = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
        Register {
            service: self.service.clone(),
            id: format!("i-{number}"),
            address: Some(Address { host, port: 8080, secure_port: 0 }),
            ..Register::default()
        }
    }

    fn say(&self, what: Say) -> Result<(), Broken> {
        self.said.send(SessionRequest { id: 0, what: Some(what) }).map_err(|_| Broken::ended())
    }

    async fn heard(&mut self) -> Result<(), Broken> {
        let told = self.heard.message().await?.ok_or_else(Broken::ended)?.what;
        match told {
            Some(Told::Answer(answer)) => match answer.outcome {
                Some(Outcome::Refusal(refusal)) => Err(Broken::by(refusal.message)),
                Some(Outcome::Beaten(beaten)) if !beaten.unknown.is_empty() => {
                    Err(Broken::by("an instance is lost"))
                }
                _ => Ok(()),
            },
            Some(Told::Lost(_)) => Err(Broken::by("an instance is lost")),
            Some(Told::Closing(closing)) => Err(Broken::by(closing.message)),
            None => Err(Broken::by("an answer says nothing")),
        }
    }
}

impl Session for LubdubSession {
    async fn beat(&mut self) -> Result<(), Broken> {
        self.say(Say::Beat(Beat::default()))
    }

    async fn answered(&mut self) -> Result<(), Broken> {
        self.heard().await
    }

    async fn change(&mut self, number: u64) -> Result<(), Broken> {
        let metadata = BTreeMap::from([(NUMBER.to_owned(), number.to_string())]);
        let (service, id) = (self.service.clone(), "i-0".to_owned());
        self.say(Say::AddMetadata(AddMetadata { service, id, metadata }))?;
        self.heard().await
    }

    async fn leave(mut self) -> Result<(), Broken> {
        self.say(Say::Goodbye(Goodbye {}))?;
        self.heard().await
    }
}

impl LubdubWatch {
    async fn news(&mut self) -> Result<News, Broken> {
        let told = self.0.message().await?.ok_or_else(Broken::ended)?;
        told.what.ok_or_else(|| Broken::by("news says nothing"))
    }
}

impl Watch for LubdubWatch {
    async fn told(&mut self) -> Result<u64, Broken> {
        loop {
            let News::Changes(changes) = self.news().await? else { continue };
            let instances =
                changes.changes.iter().filter_map(|change| change.instance.as_ref()?.profile.as_ref());
            let numbers = instances.filter_map(|profile| profile.metadata.get(NUMBER)?.parse().ok());
            if let Some(number) = numbers.max() {
                return Ok(number);
            }
        }
    }
}
