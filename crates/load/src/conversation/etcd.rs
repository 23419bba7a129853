//! etcd's protocol: a session is a lease with keys under it and a stream that keeps it alive.
//!
//! The messages are those of `etcdserver.proto` (package `etcdserverpb`), with the fields that are used.

use prost::Message;
use tokio::sync::mpsc::UnboundedSender;
use tonic::Streaming;
use tonic::transport::Channel;

use super::grpc::{Connections, ask, speech, talk};
use super::{Broken, Protocol, Session, Watch};

/// Longer than a run.
const LEASE_SECS: i64 = 3_600;

/// An etcd.
pub(crate) struct Etcd {
    connections: Connections,
    run: String,
}

/// A lease and its stream.
pub(crate) struct EtcdSession {
    lease: i64,
    said: UnboundedSender<KeepAlive>,
    heard: Streaming<KeptAlive>,
    channel: Channel,
    key: String,
}

/// A watch on a stream of its own.
pub(crate) struct EtcdWatch {
    /// While this is held the stream goes on.
    _said: UnboundedSender<AskedToWatch>,
    heard: Streaming<Watched>,
}

impl Etcd {
    fn key(&self, session: usize, instance: usize) -> String {
        format!("/bench-{}/{session}/{instance}", self.run)
    }
}

impl Protocol for Etcd {
    type Session = EtcdSession;
    type Watch = EtcdWatch;

    async fn connect(address: &str, connections: usize, run: &str) -> Result<Self, Broken> {
        Ok(Self { connections: Connections::open(address, connections).await?, run: run.to_owned() })
    }

    async fn session(&self, number: usize, instances: usize) -> Result<EtcdSession, Broken> {
        let channel = self.connections.of(number)?;
        let grant = Grant { ttl: LEASE_SECS };
        let granted: Granted = ask(channel.clone(), "/etcdserverpb.Lease/LeaseGrant", grant).await?;
        for instance in 0..instances {
            let put = Put { key: self.key(number, instance).into(), value: vec![b'0'], lease: granted.id };
            ask::<_, Done>(channel.clone(), "/etcdserverpb.KV/Put", put).await?;
        }
        let (said, saying) = speech();
        // The stream's headers come with its first answer.
        said.send(KeepAlive { id: granted.id }).map_err(|_| Broken::ended())?;
        let heard = talk(channel.clone(), "/etcdserverpb.Lease/LeaseKeepAlive", saying).await?;
        let key = self.key(number, 0);
        let mut session = EtcdSession { lease: granted.id, said, heard, channel, key };
        session.answered().await?;
        Ok(session)
    }

    async fn watch(&self, number: usize) -> Result<EtcdWatch, Broken> {
        let (said, saying) = speech();
        let create = CreateWatch { key: self.key(0, 0).into() };
        said.send(AskedToWatch { create: Some(create) }).map_err(|_| Broken::ended())?;
        let mut heard = talk(self.connections.of(number)?, "/etcdserverpb.Watch/Watch", saying).await?;
        let told: Watched = heard.message().await?.ok_or_else(Broken::ended)?;
        if !told.created {
            return Err(Broken::by("the watch was not created"));
        }
        Ok(EtcdWatch { _said: said, heard })
    }
}

impl Session for EtcdSession {
    async fn beat(&mut self) -> Result<(), Broken> {
        self.said.send(KeepAlive { id: self.lease }).map_err(|_| Broken::ended())
    }

    async fn answered(&mut self) -> Result<(), Broken> {
        let kept = self.heard.message().await?.ok_or_else(Broken::ended)?;
        if kept.ttl > 0 { Ok(()) } else { Err(Broken::by("the lease is lost")) }
    }

    async fn change(&mut self, number: u64) -> Result<(), Broken> {
        let put = Put { key: self.key.clone().into(), value: number.to_string().into(), lease: self.lease };
        ask::<_, Done>(self.channel.clone(), "/etcdserverpb.KV/Put", put).await.map(drop)
    }

    async fn leave(self) -> Result<(), Broken> {
        let revoke = KeepAlive { id: self.lease };
        ask::<_, Done>(self.channel, "/etcdserverpb.Lease/LeaseRevoke", revoke).await.map(drop)
    }
}

impl Watch for EtcdWatch {
    async fn told(&mut self) -> Result<u64, Broken> {
        loop {
            let told = self.heard.message().await?.ok_or_else(Broken::ended)?;
            let values = told.events.into_iter().filter_map(|event| event.pair);
            let numbers = values.filter_map(|pair| String::from_utf8(pair.value).ok()?.parse().ok());
            if let Some(number) = numbers.max() {
                return Ok(number);
            }
        }
    }
}

/// `LeaseGrantRequest`.
#[derive(Clone, PartialEq, Message)]
struct Grant {
    #[prost(int64, tag = "1")]
    ttl: i64,
}

/// `LeaseGrantResponse`.
#[derive(Clone, PartialEq, Message)]
struct Granted {
    #[prost(int64, tag = "2")]
    id: i64,
}

/// `LeaseKeepAliveRequest`, and `LeaseRevokeRequest`, which is the same.
#[derive(Clone, PartialEq, Message)]
struct KeepAlive {
    #[prost(int64, tag = "1")]
    id: i64,
}

/// `LeaseKeepAliveResponse`.
#[derive(Clone, PartialEq, Message)]
struct KeptAlive {
    #[prost(int64, tag = "3")]
    ttl: i64,
}

/// `PutRequest`.
#[derive(Clone, PartialEq, Message)]
struct Put {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
    #[prost(int64, tag = "3")]
    lease: i64,
}

/// `PutResponse` and `LeaseRevokeResponse`, of which nothing is read.
#[derive(Clone, PartialEq, Message)]
struct Done {}

/// `WatchRequest`.
#[derive(Clone, PartialEq, Message)]
struct AskedToWatch {
    #[prost(message, optional, tag = "1")]
    create: Option<CreateWatch>,
}

/// `WatchCreateRequest`.
#[derive(Clone, PartialEq, Message)]
struct CreateWatch {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
}

/// `WatchResponse`.
#[derive(Clone, PartialEq, Message)]
struct Watched {
    #[prost(bool, tag = "3")]
    created: bool,
    #[prost(message, repeated, tag = "11")]
    events: Vec<Event>,
}

/// `mvccpb.Event`.
#[derive(Clone, PartialEq, Message)]
struct Event {
    #[prost(message, optional, tag = "2")]
    pair: Option<Pair>,
}

/// `mvccpb.KeyValue`.
#[derive(Clone, PartialEq, Message)]
struct Pair {
    #[prost(bytes = "vec", tag = "5")]
    value: Vec<u8>,
}
