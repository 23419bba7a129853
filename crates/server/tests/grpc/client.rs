//! What these tests speak with: sessions and watches of processes that can be killed.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::stream;
use lubdub_proto::v1::answer::Outcome;
use lubdub_proto::v1::registry_client::RegistryClient;
use lubdub_proto::v1::session_request::What as Say;
use lubdub_proto::v1::session_response::What as Told;
use lubdub_proto::v1::watch_response::What as News;
use lubdub_proto::v1::{
    Address, Answer, Beat, Change, Changes, Declare, Granted, InstanceKey, Register, SessionRequest,
    SessionResponse, WatchRequest, WatchResponse,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

/// No test waits longer for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits, but not for ever.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it happens within 20 s")
}

/// A client with a connection of its own.
pub(crate) async fn connect(address: SocketAddr) -> RegistryClient<Channel> {
    RegistryClient::new(soon(endpoint(address).connect()).await.expect("the server listens"))
}

/// The same, taking no more than 64 KiB of a stream ahead of its reader.
pub(crate) async fn connect_narrowly(address: SocketAddr) -> RegistryClient<Channel> {
    let endpoint = endpoint(address).initial_stream_window_size(65_536);
    RegistryClient::new(soon(endpoint.connect()).await.expect("the server listens"))
}

fn endpoint(address: SocketAddr) -> Endpoint {
    Endpoint::from_shared(format!("http://{address}")).expect("an address makes a URL")
}

/// A process of its own: when it is killed, its connections close.
pub(crate) struct Process(Option<tokio::runtime::Runtime>);

impl Process {
    pub(crate) fn start() -> Self {
        let workers = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        Self(Some(workers.expect("the system has threads")))
    }

    /// Opens a session from within it.
    pub(crate) async fn session(&self, address: SocketAddr) -> Session {
        let workers = self.0.as_ref().expect("it lives");
        workers.spawn(async move { Session::open(address).await }).await.expect("it opens one")
    }

    /// Passes connections on to a server, until it is killed; where it listens.
    pub(crate) async fn proxy(&self, server: SocketAddr) -> SocketAddr {
        let workers = self.0.as_ref().expect("it lives");
        let listener = workers.spawn(TcpListener::bind("127.0.0.1:0")).await.expect("it is polled");
        let listener = listener.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        workers.spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await?;
                    tokio::io::copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        address
    }

    /// Ends it as `kill -9` does: without a word.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(workers) = self.0.take() {
            workers.shutdown_background();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

/// A session's stream, both ways.
pub(crate) struct Session {
    said: mpsc::UnboundedSender<SessionRequest>,
    told: Streaming<SessionResponse>,
    last: u64,
}

impl Session {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self::on(&mut connect(address).await).await.expect("there is room for a session")
    }

    pub(crate) async fn on(client: &mut RegistryClient<Channel>) -> Result<Self, Status> {
        let (said, saying) = mpsc::unbounded_channel();
        let saying = stream::unfold(saying, async |mut saying| Some((saying.recv().await?, saying)));
        let told = soon(client.session(saying)).await?.into_inner();
        Ok(Self { said, told, last: 0 })
    }

    /// Says something; answers its number.
    pub(crate) fn say(&mut self, what: Say) -> u64 {
        self.last += 1;
        // One that is over has told why.
        let _ = self.said.send(SessionRequest { id: self.last, what: Some(what) });
        self.last
    }

    pub(crate) async fn told(&mut self) -> Result<Option<Told>, Status> {
        Ok(soon(self.told.message()).await?.map(|told| told.what.expect("it says something")))
    }

    /// The next thing that it is told, which is an answer.
    pub(crate) async fn answer(&mut self) -> Answer {
        match self.told().await.expect("the stream goes on") {
            Some(Told::Answer(answer)) => answer,
            other => panic!("{other:?}"),
        }
    }

    /// Says something and waits for its answer.
    pub(crate) async fn ask(&mut self, what: Say) -> Outcome {
        let id = self.say(what);
        let answer = self.answer().await;
        assert_eq!(answer.id, id);
        answer.outcome.expect("an answer has an outcome")
    }

    pub(crate) async fn declare(&mut self, declare: Declare) -> Granted {
        match self.ask(Say::Declare(declare)).await {
            Outcome::Granted(granted) => granted,
            other => panic!("{other:?}"),
        }
    }

    /// Registers an instance; its key.
    pub(crate) async fn register(&mut self, service: &str, id: &str) -> InstanceKey {
        match self.ask(register(service, id)).await {
            Outcome::Done(done) => done.instance.expect("a registration tells the key"),
            other => panic!("{other:?}"),
        }
    }

    /// Beats for all, or these; how many are renewed, and which are unknown.
    pub(crate) async fn beat(&mut self, instances: Vec<InstanceKey>) -> (u32, Vec<InstanceKey>) {
        match self.ask(Say::Beat(Beat { instances })).await {
            Outcome::Beaten(beaten) => (beaten.renewed, beaten.unknown),
            other => panic!("{other:?}"),
        }
    }

    /// Waits for the end; the code of its status.
    pub(crate) async fn end(&mut self) -> Code {
        loop {
            match self.told().await {
                Ok(Some(_)) => {}
                Ok(None) => return Code::Ok,
                Err(status) => return status.code(),
            }
        }
    }
}

/// By port alone, with a timeout that no test lives to see.
pub(crate) fn by_port(port: u32) -> Declare {
    let address = Some(Address { host: String::new(), port, secure_port: 0 });
    Declare { address, timeout_millis: 60_000, ..Declare::default() }
}

pub(crate) fn register(service: &str, id: &str) -> Say {
    Say::Register(Register { service: service.into(), id: id.into(), ..Register::default() })
}

pub(crate) fn key(service: &str, id: &str) -> InstanceKey {
    InstanceKey { service: service.into(), id: id.into(), node: String::new() }
}

/// A watch's stream.
pub(crate) struct Watch(Streaming<WatchResponse>);

impl Watch {
    /// Of these services, or of all, from a snapshot on.
    pub(crate) async fn of(address: SocketAddr, services: &[&str]) -> Self {
        Self::since(&mut connect(address).await, services, 0).await.expect("there is room for a watch")
    }

    pub(crate) async fn since(
        client: &mut RegistryClient<Channel>,
        services: &[&str],
        since_revision: u64,
    ) -> Result<Self, Status> {
        let services = services.iter().map(ToString::to_string).collect();
        let asked = WatchRequest { services, since_revision };
        Ok(Self(soon(client.watch(asked)).await?.into_inner()))
    }

    pub(crate) async fn news(&mut self) -> Result<News, Status> {
        let news = soon(self.0.message()).await?.expect("a watch goes on");
        Ok(news.what.expect("it says something"))
    }

    /// All parts of a snapshot: the revision and the keys.
    pub(crate) async fn snapshot(&mut self) -> (u64, Vec<InstanceKey>) {
        let mut keys = Vec::new();
        loop {
            let News::Snapshot(part) = self.news().await.expect("the watch goes on") else {
                panic!("no snapshot")
            };
            assert_eq!(part.first, keys.is_empty());
            keys.extend(part.instances.into_iter().filter_map(|instance| instance.key));
            if part.last {
                return (part.revision, keys);
            }
        }
    }

    /// The next news, which are changes.
    pub(crate) async fn changes(&mut self) -> Changes {
        match self.news().await.expect("the watch goes on") {
            News::Changes(changes) => changes,
            News::Snapshot(part) => panic!("{part:?}"),
        }
    }

    /// As many changes.
    pub(crate) async fn next(&mut self, count: usize) -> Vec<Change> {
        let mut told = Vec::new();
        while told.len() < count {
            told.extend(self.changes().await.changes);
        }
        told
    }
}
