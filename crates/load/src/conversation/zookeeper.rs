//! `ZooKeeper`'s protocol, as its programmer's guide and `zookeeper.jute` have it: a session is a
//! connection, its instances are ephemeral nodes, a watch is told once and set again by reading.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Broken, Protocol, Session, Watch};

/// Servers cut it to what they allow, which is 40 s unless they are told otherwise.
const TIMEOUT_MILLIS: i32 = 40_000;

/// The numbers of operations (`ZooDefs.OpCode`).
const CREATE: i32 = 1;
const GET_DATA: i32 = 4;
const SET_DATA: i32 = 5;
const PING: i32 = 11;
const CLOSE: i32 = -11;

/// The number of an exchange (`xid`) that is a ping, or news of a watch (`ClientCnxn`).
const PING_NUMBER: i32 = -2;
const NEWS_NUMBER: i32 = -1;

const EPHEMERAL: i32 = 1;
const EXISTS_ALREADY: i32 = -110;

/// More than any answer here.
const MOST_BYTES: i32 = 1 << 20;

/// A `ZooKeeper`.
pub(crate) struct ZooKeeper {
    address: String,
    run: String,
}

/// A connection.
pub(crate) struct ZooKeeperSession {
    connection: Connection,
    path: String,
}

/// A connection that watches one node.
pub(crate) struct ZooKeeperWatch {
    connection: Connection,
    path: String,
}

impl Protocol for ZooKeeper {
    type Session = ZooKeeperSession;
    type Watch = ZooKeeperWatch;

    /// Each session is a connection of its own; there is nothing to share.
    async fn connect(address: &str, _connections: usize, run: &str) -> Result<Self, Broken> {
        let mut connection = Connection::open(address).await?;
        connection.create(&format!("/bench-{run}"), 0).await?;
        connection.close().await?;
        Ok(Self { address: address.to_owned(), run: run.to_owned() })
    }

    async fn session(&self, number: usize, instances: usize) -> Result<ZooKeeperSession, Broken> {
        let mut connection = Connection::open(&self.address).await?;
        for instance in 0..instances {
            connection.create(&self.path(number, instance), EPHEMERAL).await?;
        }
        Ok(ZooKeeperSession { connection, path: self.path(number, 0) })
    }

    async fn watch(&self, _number: usize) -> Result<ZooKeeperWatch, Broken> {
        let connection = Connection::open(&self.address).await?;
        let mut watch = ZooKeeperWatch { connection, path: self.path(0, 0) };
        watch.read().await?;
        Ok(watch)
    }
}

impl ZooKeeper {
    fn path(&self, session: usize, instance: usize) -> String {
        format!("/bench-{}/{session}-{instance}", self.run)
    }
}

impl Session for ZooKeeperSession {
    async fn beat(&mut self) -> Result<(), Broken> {
        self.connection.send(&Request::new(PING_NUMBER, PING)).await
    }

    async fn answered(&mut self) -> Result<(), Broken> {
        self.connection.answer().await.map(drop)
    }

    async fn change(&mut self, number: u64) -> Result<(), Broken> {
        let mut request = Request::new(1, SET_DATA);
        request.text(&self.path).bytes(number.to_string().as_bytes()).number(-1);
        self.connection.ask(&request).await.map(drop)
    }

    async fn leave(mut self) -> Result<(), Broken> {
        self.connection.close().await
    }
}

impl ZooKeeperWatch {
    /// Reads the node and watches it.
    async fn read(&mut self) -> Result<u64, Broken> {
        let mut request = Request::new(1, GET_DATA);
        request.text(&self.path).flag(true);
        let answer = self.connection.ask(&request).await?;
        let length = answer.number_at(HEADER)?;
        let data = usize::try_from(length).ok().and_then(|length| {
            let from = HEADER + 4;
            answer.0.get(from..from.checked_add(length)?)
        });
        let number = data.and_then(|data| str::from_utf8(data).ok()?.parse().ok());
        number.ok_or_else(|| Broken::by("a node has no number"))
    }
}

impl Watch for ZooKeeperWatch {
    async fn told(&mut self) -> Result<u64, Broken> {
        while self.connection.answer().await?.number_at(0)? != NEWS_NUMBER {}
        self.read().await
    }
}

/// An answer begins with its number, a transaction and an error.
const HEADER: usize = 16;

struct Answer(Vec<u8>);

impl Answer {
    fn number_at(&self, at: usize) -> Result<i32, Broken> {
        let bytes = self.0.get(at..).and_then(|rest| rest.first_chunk::<4>());
        bytes.map(|bytes| i32::from_be_bytes(*bytes)).ok_or_else(|| Broken::by("an answer is cut short"))
    }
}

/// A request with its length before it.
struct Request(Vec<u8>);

impl Request {
    fn new(number: i32, operation: i32) -> Self {
        let mut request = Self(vec![0; 4]);
        request.number(number).number(operation);
        request
    }

    fn number(&mut self, number: i32) -> &mut Self {
        self.0.extend(number.to_be_bytes());
        self
    }

    fn flag(&mut self, flag: bool) -> &mut Self {
        self.0.push(u8::from(flag));
        self
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.number(i32::try_from(bytes.len()).unwrap_or(i32::MAX)).0.extend(bytes);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }
}

struct Connection(TcpStream);

impl Connection {
    async fn open(address: &str) -> Result<Self, Broken> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let mut connection = Self(stream);
        // ConnectRequest: version, last transaction (8 bytes), time-out, session (8 bytes), password, read-only.
        let mut request = Request(vec![0; 4]);
        request
            .number(0)
            .number(0)
            .number(0)
            .number(TIMEOUT_MILLIS)
            .number(0)
            .number(0)
            .bytes(&[0; 16])
            .flag(false);
        connection.send(&request).await?;
        connection.frame().await?;
        Ok(connection)
    }

    async fn create(&mut self, path: &str, kind: i32) -> Result<(), Broken> {
        let mut request = Request::new(1, CREATE);
        // One entry of rights: everything, for everybody.
        request.text(path).bytes(b"0").number(1).number(31).text("world").text("anyone").number(kind);
        self.send(&request).await?;
        let answer = self.frame().await?;
        match answer.number_at(12)? {
            0 | EXISTS_ALREADY => Ok(()),
            error => Err(refused(error)),
        }
    }

    async fn close(&mut self) -> Result<(), Broken> {
        self.ask(&Request::new(1, CLOSE)).await.map(drop)
    }

    async fn ask(&mut self, request: &Request) -> Result<Answer, Broken> {
        self.send(request).await?;
        self.answer().await
    }

    async fn send(&mut self, request: &Request) -> Result<(), Broken> {
        let mut bytes = request.0.clone();
        let length = i32::try_from(bytes.len().saturating_sub(4)).unwrap_or(i32::MAX).to_be_bytes();
        bytes.splice(..4, length);
        Ok(self.0.write_all(&bytes).await?)
    }

    /// The next answer, if it is none that refuses.
    async fn answer(&mut self) -> Result<Answer, Broken> {
        let answer = self.frame().await?;
        match answer.number_at(12)? {
            0 => Ok(answer),
            error => Err(refused(error)),
        }
    }

    async fn frame(&mut self) -> Result<Answer, Broken> {
        let length = self.0.read_i32().await?;
        let length = usize::try_from(length).ok().filter(|_| length <= MOST_BYTES);
        let mut bytes = vec![0; length.ok_or_else(|| Broken::by("what answers is no ZooKeeper"))?];
        self.0.read_exact(&mut bytes).await?;
        Ok(Answer(bytes))
    }
}

fn refused(error: i32) -> Broken {
    Broken::by(format_args!("it answers with error {error}"))
}
