//! What an instance says of itself, as each face shows it.

use std::collections::BTreeMap;

use lubdub_proto::v1::{GetInstanceRequest, Instance};
use lubdub_testkit_server::{Exchange, TestServer};
use serde_json::Value;

use crate::client::{Watch, connect};

/// What an instance says of itself. Facts that a face shows in metadata are not there once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) status: String,
    pub(crate) host: String,
    pub(crate) port: u64,
    pub(crate) secure_port: u64,
    pub(crate) version: String,
    pub(crate) group: String,
    pub(crate) zone: String,
    pub(crate) weight: u64,
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// What clients of Eureka's find in metadata.
const NAMED: [&str; 5] = ["version", "group", "zone", "weight", "tags"];

/// Asks over HTTP, on a connection of its own.
pub(crate) async fn http(
    server: &TestServer,
    method: &'static str,
    path: &str,
    body: String,
) -> (u16, String) {
    let (address, path) = (server.address(), path.to_owned());
    let asking = tokio::task::spawn_blocking(move || {
        let headers = [("accept", "application/json"), ("content-type", "application/json")];
        let answer = Exchange::with(address).request(method, &path, &headers, &body);
        (answer.status, answer.body)
    });
    asking.await.expect("the server answers")
}

async fn json(server: &TestServer, path: &str) -> Option<Value> {
    let (status, body) = http(server, "GET", path, String::new()).await;
    (status == 200).then(|| serde_json::from_str(&body).expect("it is JSON"))
}

/// By gRPC's look-up.
pub(crate) async fn by_grpc(server: &TestServer, id: &str) -> Option<Facts> {
    let mut client = connect(server.address()).await;
    let asked = GetInstanceRequest { service: "orders".into(), id: id.into() };
    let told = client.get_instance(asked).await.ok()?.into_inner();
    told.instance.as_ref().map(of_grpc)
}

/// As gRPC tells it.
pub(crate) fn of_grpc(told: &Instance) -> Facts {
    let (address, profile) =
        (told.address.clone().unwrap_or_default(), told.profile.clone().unwrap_or_default());
    let status = told.status().as_str_name().strip_prefix("STATUS_").expect("a status has its prefix");
    let mut facts = Facts {
        status: status.to_owned(),
        host: address.host,
        port: address.port.into(),
        secure_port: address.secure_port.into(),
        version: profile.version,
        group: profile.group,
        zone: profile.zone,
        weight: profile.weight.unwrap_or_default().into(),
        tags: profile.tags,
        metadata: profile.metadata,
    };
    facts.once();
    facts
}

/// By the REST face.
pub(crate) async fn by_rest(server: &TestServer, id: &str) -> Option<Facts> {
    let told = json(server, &format!("/api/v1/services/orders/instances/{id}")).await?;
    let mut facts = Facts {
        status: text(at(&told, "/status")),
        host: text(at(&told, "/host")),
        port: at(&told, "/port").as_u64().unwrap_or_default(),
        secure_port: at(&told, "/secure_port").as_u64().unwrap_or_default(),
        version: text(at(&told, "/version")),
        group: text(at(&told, "/group")),
        zone: text(at(&told, "/zone")),
        weight: at(&told, "/weight").as_u64().unwrap_or_default(),
        tags: at(&told, "/tags").as_array().into_iter().flatten().map(text).collect(),
        metadata: entries(at(&told, "/metadata")),
    };
    facts.once();
    Some(facts)
}

/// By the Eureka face, as its clients read it.
pub(crate) async fn by_eureka(server: &TestServer, id: &str) -> Option<Facts> {
    let told = json(server, &format!("/eureka/apps/ORDERS/{id}")).await?;
    let told = at(&told, "/instance").clone();
    let port =
        |port: &Value| if at(port, "/@enabled") == "true" { at(port, "/$").as_u64().unwrap_or(0) } else { 0 };
    let mut metadata = entries(at(&told, "/metadata"));
    let [version, group, zone, weight, tags] = NAMED.map(|name| metadata.remove(name).unwrap_or_default());
    assert!(
        group.is_empty()
            || at(&told, "/appGroupName").as_str().is_none_or(|told| told.eq_ignore_ascii_case(&group))
    );
    Some(Facts {
        status: text(at(&told, "/status")),
        host: text(at(&told, "/ipAddr")),
        port: port(at(&told, "/port")),
        secure_port: port(at(&told, "/securePort")),
        version,
        group,
        zone,
        weight: weight.parse().unwrap_or_default(),
        tags: tags.split(',').filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
        metadata,
    })
}

/// The next change of a watch by gRPC: its cause, and the facts where the instance is still there.
pub(crate) async fn watched(watch: &mut Watch) -> (String, Option<Facts>) {
    let told = watch.next(1).await.remove(0);
    (told.cause, told.instance.as_ref().map(of_grpc))
}

/// A stream of server-sent events.
pub(crate) struct Events(Option<Exchange>);

impl Events {
    pub(crate) async fn open(server: &TestServer) -> Self {
        let address = server.address();
        let opening = tokio::task::spawn_blocking(move || {
            let mut exchange = Exchange::with(address);
            exchange.send_request("GET", "/api/v1/events", &[("accept", "text/event-stream")], "");
            assert_eq!(exchange.head().0, 200);
            while !exchange.line().starts_with(": watching") {}
            exchange
        });
        Self(Some(opening.await.expect("it opens")))
    }

    /// The next change: what, its cause, and status and address where the instance is still there.
    pub(crate) async fn next(&mut self) -> (String, String, Option<(String, String)>) {
        let mut exchange = self.0.take().expect("it is put back");
        let reading = tokio::task::spawn_blocking(move || {
            loop {
                if let Some(data) = exchange.line().strip_prefix("data: ") {
                    let data = data.to_owned();
                    return (exchange, data);
                }
            }
        });
        let (exchange, data) = reading.await.expect("it goes on");
        self.0 = Some(exchange);
        let told: Value = serde_json::from_str(&data).expect("it is JSON");
        let there = at(&told, "/status")
            .is_string()
            .then(|| (text(at(&told, "/status")), text(at(&told, "/address"))));
        (text(at(&told, "/change")), text(at(&told, "/cause/name")), there)
    }
}

impl Facts {
    /// Status and address, as an event tells them.
    pub(crate) fn in_short(&self) -> (String, String) {
        (self.status.clone(), format!("{}:{}", self.host, self.port))
    }

    /// Takes out of the metadata what it tells of the fields, which must be the same.
    fn once(&mut self) {
        let told = [self.version.clone(), self.group.clone(), self.zone.clone(), self.weight.to_string()];
        for (name, fact) in NAMED.into_iter().zip(told.into_iter().chain([self.tags.join(",")])) {
            if let Some(words) = self.metadata.remove(name) {
                assert_eq!(words, fact, "{name}");
            }
        }
    }
}

/// A member by its path.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn entries(value: &Value) -> BTreeMap<String, String> {
    let members = value.as_object().into_iter().flatten();
    members.filter(|(name, _)| *name != "@class").map(|(name, value)| (name.clone(), text(value))).collect()
}
