//! Endpoints that do what a test wants, known as a transport and a probe of the test's own.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, StreamBody};
use lubdub_link::channel::{
    CallError, Calling, Channel, ChannelFault, ChannelSetup, Connected, Probe, Target, Transport, Watcher,
    Wire, add_probe, add_transport, channel,
};
use parking_lot::Mutex;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::ServiceExt;

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    /// Answered with this code.
    Say(Code),
    /// No connection can be made.
    Refuse,
    /// The connection breaks when the call was sent.
    Break,
    /// Nothing comes, ever.
    Swallow,
    /// Answered with this code after a while.
    Late(Duration, Code),
    /// The head of an answer comes, and nothing more.
    Begin,
}

/// The endpoints of one test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script(Arc<Mutex<BTreeMap<String, Scripted>>>);

#[derive(Debug, Default)]
struct Scripted {
    does: Option<Does>,
    calls: Vec<String>,
    probes: u32,
    watcher: Option<Watcher>,
    connected: Option<Connected>,
    /// Dropped with the wire.
    wire: std::sync::Weak<()>,
}

impl Script {
    /// A channel to these addresses, under names that no other test has.
    pub(crate) fn setup(&self, test: &str, addresses: impl IntoIterator<Item = String>) -> ChannelSetup {
        add_transport(test, ScriptedTransport(self.clone()));
        add_probe(test, ScriptedProbe);
        channel("orders").direct(addresses).transport(test).probe(test)
    }

    pub(crate) fn does(&self, address: &str, does: Does) {
        self.0.lock().entry(address.to_owned()).or_default().does = Some(does);
    }

    /// How often it was called.
    pub(crate) fn calls(&self, address: &str) -> usize {
        self.0.lock().get(address).map_or(0, |scripted| scripted.calls.len())
    }

    /// The messages of its calls.
    pub(crate) fn messages(&self, address: &str) -> Vec<String> {
        self.0.lock().get(address).map(|scripted| scripted.calls.clone()).unwrap_or_default()
    }

    pub(crate) fn probes(&self, address: &str) -> u32 {
        self.0.lock().get(address).map_or(0, |scripted| scripted.probes)
    }

    /// Its connection is found to be silent.
    pub(crate) fn falls_silent(&self, address: &str) {
        let watcher = self.0.lock().get(address).and_then(|scripted| scripted.watcher.clone());
        watcher.expect("it is opened").silent();
    }

    /// How many ways to endpoints are open.
    pub(crate) fn wires(&self) -> usize {
        self.0.lock().values().filter(|scripted| scripted.wire.upgrade().is_some()).count()
    }

    fn now(&self, address: &str) -> Does {
        self.0.lock().entry(address.to_owned()).or_default().does.unwrap_or(Does::Say(Code::Ok))
    }
}

#[derive(Debug)]
struct ScriptedTransport(Script);

impl Transport for ScriptedTransport {
    fn open(&self, target: &Target, watcher: Watcher) -> Result<Arc<dyn Wire>, ChannelFault> {
        let alive = Arc::new(());
        let mut all = self.0.0.lock();
        let scripted = all.entry(target.address.clone()).or_default();
        scripted.wire = Arc::downgrade(&alive);
        scripted.watcher = Some(watcher);
        Ok(Arc::new(ScriptedWire { script: self.0.clone(), address: target.address.clone(), _alive: alive }))
    }
}

#[derive(Debug)]
struct ScriptedWire {
    script: Script,
    address: String,
    _alive: Arc<()>,
}

impl Wire for ScriptedWire {
    fn call(&self, request: Request<Body>) -> Calling {
        let (script, address) = (self.script.clone(), self.address.clone());
        Box::pin(async move {
            let does = script.now(&address);
            let error = |unsent: Option<Request<Body>>| CallError {
                unsent: unsent.map(Box::new),
                is_news: true,
                source: format!("{does:?}").into(),
            };
            let is_beat = request.uri().path() == BEAT;
            let count = |message: String| {
                let mut all = script.0.lock();
                let scripted = all.entry(address.clone()).or_default();
                if is_beat {
                    scripted.probes += 1;
                } else {
                    scripted.calls.push(message);
                }
                if does != Does::Refuse && scripted.connected.is_none() {
                    scripted.connected = scripted.watcher.as_ref().map(Watcher::connected);
                }
            };
            if does == Does::Refuse {
                count(String::new());
                return Err(error(Some(request)));
            }
            let sent = request.into_body().collect().await.map_err(|_| error(None))?;
            count(String::from_utf8_lossy(&sent.to_bytes()).into_owned());
            match does {
                Does::Say(Code::Ok) => {
                    let mut trailers = http::HeaderMap::new();
                    trailers.insert("grpc-status", http::HeaderValue::from_static("0"));
                    let body =
                        Full::new(Bytes::from_static(b"fine")).with_trailers(async { Some(Ok(trailers)) });
                    Ok(Response::new(Body::new(body)))
                }
                Does::Say(code) => Ok(Status::new(code, "as the test wants").into_http()),
                Does::Swallow => std::future::pending().await,
                Does::Late(after, code) => {
                    tokio::time::sleep(after).await;
                    Ok(Status::new(code, "as the test wants").into_http())
                }
                Does::Begin => {
                    let frames = futures_util::stream::pending::<Result<http_body::Frame<Bytes>, Status>>();
                    Ok(Response::new(Body::new(StreamBody::new(frames))))
                }
                Does::Break | Does::Refuse => Err(error(None)),
            }
        })
    }
}

/// Beats are calls of a method that nobody else calls.
const BEAT: &str = "/beat";

#[derive(Debug)]
struct ScriptedProbe;

impl Probe for ScriptedProbe {
    fn ask(&self, _service: &str, wire: Arc<dyn Wire>) -> BoxFuture<'static, bool> {
        let beat = Request::post(BEAT).body(Body::empty()).expect("a request");
        Box::pin(async move {
            wire.call(beat).await.is_ok_and(|answer| answer.headers().get("grpc-status").is_none())
        })
    }
}

/// A request with a message.
pub(crate) fn request(message: &str) -> Request<Body> {
    let body = Body::new(Full::new(Bytes::from(message.to_owned())));
    Request::post("/shop.v1.Orders/Place").body(body).expect("a request")
}

/// Makes a call and reads its whole answer; with what code it ended.
pub(crate) async fn call(channel: &Channel, request: Request<Body>) -> Code {
    let response = match channel.clone().oneshot(request).await {
        Ok(response) => response,
        Err(status) => return status.code(),
    };
    let code =
        |headers: &http::HeaderMap| headers.get("grpc-status").map(|code| Code::from_bytes(code.as_bytes()));
    let head = code(response.headers());
    let read = response.into_body().collect().await;
    match (head, read) {
        (Some(head), _) => head,
        (None, Ok(read)) => read.trailers().and_then(code).unwrap_or(Code::Unknown),
        (None, Err(status)) => status.code(),
    }
}

/// So many calls, one after the other; with what codes they ended.
pub(crate) async fn calls(channel: &Channel, number: usize) -> Vec<Code> {
    let mut codes = Vec::new();
    for _ in 0..number {
        codes.push(call(channel, request("one")).await);
    }
    codes
}
