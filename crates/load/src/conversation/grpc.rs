//! [`Connections`]: gRPC over so many connections.

use http::uri::PathAndQuery;
use prost::Message;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Streaming};
use tonic_prost::ProstCodec;

use super::Broken;

/// So many connections to one server, over which calls are spread by number.
#[derive(Debug)]
pub(crate) struct Connections(Vec<Channel>);

impl Connections {
    /// Opens them, one after the other.
    pub(crate) async fn open(address: &str, count: usize) -> Result<Self, Broken> {
        let endpoint = Endpoint::from_shared(format!("http://{address}")).map_err(Broken::by)?;
        let mut channels = Vec::with_capacity(count);
        for _ in 0..count.max(1) {
            channels.push(endpoint.connect().await.map_err(innermost)?);
        }
        Ok(Self(channels))
    }

    /// The connection of this number.
    pub(crate) fn of(&self, number: usize) -> Result<Channel, Broken> {
        let channel = self.0.get(number % self.0.len().max(1));
        channel.cloned().ok_or_else(|| Broken::by("there is no connection"))
    }
}

/// One question, one answer, to a method like `/package.Service/Method`.
pub(crate) async fn ask<Q, A>(channel: Channel, method: &'static str, question: Q) -> Result<A, Broken>
where
    Q: Message + 'static,
    A: Message + Default + 'static,
{
    let mut client = ready(channel).await?;
    let path = PathAndQuery::from_static(method);
    let answer = client.unary(Request::new(question), path, ProstCodec::<Q, A>::default()).await?;
    Ok(answer.into_inner())
}

/// Messages in both directions.
pub(crate) async fn talk<Q, A>(
    channel: Channel,
    method: &'static str,
    said: impl futures_util::Stream<Item = Q> + Send + 'static,
) -> Result<Streaming<A>, Broken>
where
    Q: Message + 'static,
    A: Message + Default + 'static,
{
    let mut client = ready(channel).await?;
    let path = PathAndQuery::from_static(method);
    let answers = client.streaming(Request::new(said), path, ProstCodec::<Q, A>::default()).await?;
    Ok(answers.into_inner())
}

async fn ready(channel: Channel) -> Result<Grpc<Channel>, Broken> {
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(innermost)?;
    Ok(client)
}

/// The reason below all that wraps it.
fn innermost(error: impl std::error::Error) -> Broken {
    let mut reason: &dyn std::error::Error = &error;
    while let Some(below) = reason.source() {
        reason = below;
    }
    Broken::by(reason)
}

/// What is said: a stream that goes on for as long as its sender is held.
pub(crate) fn speech<Q: Send + 'static>()
-> (tokio::sync::mpsc::UnboundedSender<Q>, impl futures_util::Stream<Item = Q> + Send) {
    let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
    let stream = futures_util::stream::unfold(
        receiver,
        async |mut receiver: tokio::sync::mpsc::UnboundedReceiver<Q>| {
            Some((receiver.recv().await?, receiver))
        },
    );
    (sender, stream)
}
