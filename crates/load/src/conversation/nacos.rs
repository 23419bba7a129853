//! The protocol of Nacos 2 (`com.alibaba.nacos.api.naming.remote`): a session is a connection with one
//! stream, on which nothing is said after the first word; everything is asked beside it, and beats are
//! health checks.

use std::collections::VecDeque;
use std::pin::Pin;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;
use tonic::Streaming;
use tonic::transport::Channel;

use super::grpc::{Connections, ask, speech, talk};
use super::payload::Payload;
use super::{Broken, Protocol, Session, Watch};

const ASK: &str = "/Request/request";
const TALK: &str = "/BiRequestStream/requestBiStream";

/// What answers a question that is under way.
type Answer = Pin<Box<dyn Future<Output = Result<Payload, Broken>>>>;

/// A Nacos, or an r-nacos.
pub(crate) struct Nacos {
    address: String,
    run: String,
}

/// A connection.
pub(crate) struct NacosSession {
    link: Link,
    service: String,
    instances: usize,
    under_way: VecDeque<Answer>,
}

/// Its news are not spoken here: r-nacos, at least, pushes none to whom this would be.
pub(crate) enum NacosWatch {}

impl Protocol for Nacos {
    type Session = NacosSession;
    type Watch = NacosWatch;

    /// Each session is a connection of its own; there is nothing to share.
    async fn connect(address: &str, _connections: usize, run: &str) -> Result<Self, Broken> {
        Ok(Self { address: address.to_owned(), run: run.to_owned() })
    }

    async fn session(&self, number: usize, instances: usize) -> Result<NacosSession, Broken> {
        let link = Link::open(&self.address).await?;
        let service = format!("bench-{}-{number}", self.run);
        let session = NacosSession { link, service, instances, under_way: VecDeque::new() };
        for instance in 0..instances {
            session.tell("registerInstance", instance, 0).await?;
        }
        Ok(session)
    }

    async fn watch(&self, _number: usize) -> Result<NacosWatch, Broken> {
        Err(Broken::by("watches are not measured over the protocol of Nacos"))
    }
}

impl NacosSession {
    async fn tell(&self, what: &str, instance: usize, number: u64) -> Result<(), Broken> {
        let ip = format!("10.{}.{}.{}", instance >> 16 & 255, instance >> 8 & 255, instance & 255);
        let request = json!({
            "module": "naming", "namespace": "public", "serviceName": self.service,
            "groupName": "DEFAULT_GROUP", "type": what,
            "instance": {
                "ip": ip, "port": 8080, "weight": 1.0, "healthy": true, "enabled": true, "ephemeral": true,
                "clusterName": "DEFAULT", "serviceName": format!("DEFAULT_GROUP@@{}", self.service),
                "metadata": { "number": number.to_string() },
            },
        });
        self.link.ask("InstanceRequest", &request).await.map(drop)
    }
}

impl Session for NacosSession {
    async fn beat(&mut self) -> Result<(), Broken> {
        let beat = Payload::new("HealthCheckRequest", &json!({ "module": "internal" }));
        self.under_way.push_back(Box::pin(ask(self.link.channel.clone(), ASK, beat)));
        Ok(())
    }

    async fn answered(&mut self) -> Result<(), Broken> {
        let first = self.under_way.pop_front().ok_or_else(|| Broken::by("nothing was asked"))?;
        first.await?.accepted().map(drop)
    }

    async fn change(&mut self, number: u64) -> Result<(), Broken> {
        self.tell("registerInstance", 0, number).await
    }

    async fn leave(self) -> Result<(), Broken> {
        for instance in 0..self.instances {
            self.tell("deregisterInstance", instance, 0).await?;
        }
        Ok(())
    }
}

impl Watch for NacosWatch {
    async fn told(&mut self) -> Result<u64, Broken> {
        match *self {}
    }
}

/// One connection.
struct Link {
    channel: Channel,
    /// While these are held the stream goes on, and with it the connection.
    _stream: (UnboundedSender<Payload>, Streaming<Payload>),
}

impl Link {
    async fn open(address: &str) -> Result<Self, Broken> {
        let channel = Connections::open(address, 1).await?.of(0)?;
        let check = Payload::new("ServerCheckRequest", &json!({ "module": "internal" }));
        ask::<_, Payload>(channel.clone(), ASK, check).await?.accepted()?;
        let set_up = json!({
            "module": "internal", "clientVersion": "Nacos-Rust-Client:0.3", "tenant": "public",
            "abilities": {}, "labels": { "source": "sdk", "module": "naming" },
        });
        let (said, saying) = speech();
        said.send(Payload::new("ConnectionSetupRequest", &set_up)).map_err(|_| Broken::ended())?;
        let heard = talk(channel.clone(), TALK, saying).await?;
        Ok(Self { channel, _stream: (said, heard) })
    }

    async fn ask(&self, kind: &str, body: &Value) -> Result<Value, Broken> {
        let answer: Payload = ask(self.channel.clone(), ASK, Payload::new(kind, body)).await?;
        answer.accepted()
    }
}
