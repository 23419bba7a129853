//! A protocol of lines over TCP, with heartbeats: `ping 7` is answered with `pong 7`, all else is a call. Run it with
//! `cargo run -p lubdub-link --example framed`.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use lubdub_link::framed::{Beat, Beats, Link, Watched};
use lubdub_link::heartbeat::HeartbeatConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::codec::{Framed, LinesCodec};

/// How this protocol says ping and pong.
struct Lines;

impl Beats for Lines {
    type Received = String;
    type Sent = String;

    fn ping(&self, id: u64) -> String {
        format!("ping {id}")
    }

    fn pong(&self, ping: &String) -> String {
        ping.replacen("ping", "pong", 1)
    }

    fn read(&self, line: &String) -> Option<Beat> {
        match line.split_once(' ')? {
            ("ping", _) => Some(Beat::Ping),
            ("pong", id) => Some(Beat::Pong(id.parse().ok())),
            _ => None,
        }
    }
}

type Linked = Link<Framed<Watched<TcpStream>, LinesCodec>, Lines>;

/// Puts a link around a connection: from here on nobody has to think of heartbeats.
fn linked(stream: TcpStream, config: HeartbeatConfig) -> Result<Linked, Box<dyn Error>> {
    let (stream, progress) = Watched::new(stream);
    let frames = Framed::new(stream, LinesCodec::new_with_max_length(64 * 1024));
    Ok(Link::with_progress(frames, Lines, config, progress)?)
}

/// Answers each call in capitals, until its consumer is gone or silent; says why.
async fn provide(listener: TcpListener, config: HeartbeatConfig) -> Result<String, Box<dyn Error>> {
    let mut link = linked(listener.accept().await?.0, config)?;
    while let Some(Ok(call)) = link.next().await {
        link.send(call.to_uppercase()).await?;
    }
    Ok(link.ended().map(|ended| ended.to_string()).unwrap_or_default())
}

async fn consume(address: SocketAddr, config: HeartbeatConfig) -> Result<String, Box<dyn Error>> {
    let mut link = linked(TcpStream::connect(address).await?, config)?;
    link.send("lub".to_owned()).await?;
    let answer = link.next().await.ok_or("the provider is gone")??;
    // Nothing is said for more than the time-out: beats keep it open meanwhile.
    let idle = tokio::time::timeout(config.timeout * 2, link.next()).await;
    Ok(format!("{answer}, and {}", if idle.is_err() { "still there" } else { "gone" }))
}

/// Both ends in one program; what each of them has to tell.
pub(crate) async fn run() -> Result<(String, String), Box<dyn Error>> {
    let config = HeartbeatConfig::of_interval(Duration::from_millis(200));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::try_join!(consume(address, config), provide(listener, config))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (consumer, provider) = run().await?;
    println!("consumer: {consumer}\nprovider: {provider}");
    Ok(())
}
