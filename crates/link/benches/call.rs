//! What a call through a channel costs the caller's processor, beside tonic's own channel to the same endpoint.
//!
//! Each round makes as many unary calls through the one as through the other, from one thread, on which everything of the
//! consumer's side runs; that thread's processor time is what is compared, so the server, which has a thread of its own, and the
//! time for which the machine is busy elsewhere do not count. Run it with `cargo bench -p lubdub-link --bench call`; quote the
//! ratio, not the time.
#![expect(clippy::unwrap_used, reason = "a benchmark that fails is none")]
#![expect(clippy::indexing_slicing, reason = "the indices are those of the lists that are made here")]

#[path = "../examples/orders/service.rs"]
#[expect(dead_code, reason = "of the example's service only the provider's side is used here")]
mod service;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use futures_util::future::join_all;
use http::uri::PathAndQuery;
use lubdub_link::channel;
use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::Builder;
use tonic::body::Body;
use tonic::client::{Grpc, GrpcService};
use tonic::transport::{Endpoint, Server, server::TcpIncoming};
use tonic_prost::ProstCodec;

use crate::service::{Orders, SERVICE};

const ROUNDS: usize = 31;
const CALLERS: usize = 16;
const CALLS_EACH: usize = 250;

/// A server on a thread of its own, until the process ends.
fn serve() -> SocketAddr {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tell.send(listener.local_addr().unwrap()).unwrap();
            let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
            let orders = Orders { taker: "one".to_owned() };
            Server::builder().serve_with_incoming(orders, incoming).await.unwrap();
        });
    });
    told.recv().unwrap()
}

/// Makes a round's calls; the processor time of each.
async fn calls<T>(channel: &T) -> Duration
where
    T: GrpcService<Body> + Clone,
    T::Error: Into<Box<dyn Error + Send + Sync>>,
    T::ResponseBody: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    <T::ResponseBody as http_body::Body>::Error: Into<Box<dyn Error + Send + Sync>> + Send,
{
    let began = own_time();
    let callers = (0..CALLERS).map(|_| async {
        let mut client = Grpc::new(channel.clone());
        for _ in 0..CALLS_EACH {
            client.ready().await.map_err(Into::into).unwrap();
            let path = PathAndQuery::from_static("/shop.v1.Orders/Place");
            let codec = ProstCodec::<String, String>::default();
            let request = tonic::Request::new("a book".to_owned());
            client.unary(request, path, codec).await.unwrap();
        }
    });
    join_all(callers).await;
    own_time().saturating_sub(began) / u32::try_from(CALLERS * CALLS_EACH).unwrap()
}

fn own_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap()
}

/// The middle, and between what the middle of all rounds that could be lies, with 95 % (order statistics of the binomial
/// distribution).
fn middle(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let number = values.len() as f64;
    let aside = (number / 2.0 - 0.98 * number.sqrt()).floor().max(0.0);
    #[expect(clippy::cast_sign_loss, reason = "it is at least zero")]
    let aside = aside as usize;
    (values[values.len() / 2], values[aside], values[values.len() - 1 - aside])
}

fn main() {
    let address = serve().to_string();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let plain = Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        let open = |attempts| channel(SERVICE).direct([address.clone()]).attempts(attempts).open();
        let (balanced, once) = (open(3).await.unwrap(), open(1).await.unwrap());
        let mut rounds = Vec::new();
        for round in 0..=ROUNDS {
            // By turns first, as who comes first finds colder caches.
            let times = if round % 2 == 0 {
                let plain = calls(&plain).await;
                [plain, calls(&balanced).await, calls(&once).await]
            } else {
                let (once, balanced) = (calls(&once).await, calls(&balanced).await);
                [calls(&plain).await, balanced, once]
            };
            // The first makes connections.
            if round > 0 {
                rounds.push(times.map(|time| time.as_secs_f64() * 1e6));
            }
        }
        println!("{ROUNDS} rounds of {} calls, processor time of the caller's thread", CALLERS * CALLS_EACH);
        let names = ["tonic's channel", "channel, three attempts", "channel, failing fast"];
        for (column, name) in names.iter().enumerate() {
            let (time, _, _) = middle(rounds.iter().map(|round| round[column]).collect());
            let (ratio, least, most) = middle(rounds.iter().map(|round| round[column] / round[0]).collect());
            println!("{name:<26} {time:>7.2} µs a call   × {ratio:.3} ({least:.3}–{most:.3})");
        }
    });
}
