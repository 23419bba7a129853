//! One registry: what is registered, changed and lost through one protocol is found, changed and gone
//! in all others, with the same facts.

use lubdub_proto::v1::session_request::What as Say;
use lubdub_proto::v1::{AddMetadata, Address, LeaseKind, Profile, Register, SetStatus, Status};
use lubdub_testkit_server::TestServer;
use serde_json::{Value, json};

use crate::client::{Process, Session, Watch, by_port, key};
use crate::facts::{Events, Facts, by_eureka, by_grpc, by_rest, http, watched};

/// What the instances here say of themselves.
fn facts() -> Facts {
    Facts {
        status: "UP".into(),
        host: "10.0.0.7".into(),
        port: 8080,
        secure_port: 8443,
        version: "1.2".into(),
        group: "Blue".into(),
        zone: "eu-1".into(),
        weight: 7,
        tags: vec!["a".into(), "b".into()],
        metadata: [("k".to_owned(), "v".to_owned())].into(),
    }
}

/// Everybody who listens, through every face.
struct Listeners {
    watch: Watch,
    events: Events,
}

impl Listeners {
    async fn of(server: &TestServer) -> Self {
        let mut watch = Watch::of(server.address(), &["orders"]).await;
        watch.snapshot().await;
        Self { watch, events: Events::open(server).await }
    }

    /// The next thing that they hear, and what everybody who asks is told then.
    async fn hear(&mut self, server: &TestServer, id: &str, cause: &str, now: Option<&Facts>) {
        let (watched, event) = (watched(&mut self.watch).await, self.events.next().await);
        assert_eq!((watched.0.as_str(), event.1.as_str()), (cause, cause));
        assert_eq!(watched.1.as_ref(), now);
        assert_eq!(event.2, now.map(Facts::in_short));
        for (face, told) in [
            ("gRPC", by_grpc(server, id).await),
            ("REST", by_rest(server, id).await),
            ("Eureka", by_eureka(server, id).await),
        ] {
            assert_eq!(told.as_ref(), now, "{face} after {cause}");
        }
    }
}

fn register(id: &str, facts: &Facts) -> Say {
    let profile = Profile {
        version: facts.version.clone(),
        group: facts.group.clone(),
        zone: facts.zone.clone(),
        weight: Some(7),
        tags: facts.tags.clone(),
        metadata: facts.metadata.clone(),
    };
    let address = Address { host: facts.host.clone(), port: 8080, secure_port: 8443 };
    Say::Register(Register {
        service: "orders".into(),
        id: id.into(),
        address: Some(address),
        profile: Some(profile),
        ..Register::default()
    })
}

/// A document of Eureka's; its clients tell these facts in metadata.
fn document(id: &str, facts: &Facts, dirty: u64, lease_secs: u64) -> String {
    let mut metadata: serde_json::Map<String, Value> =
        facts.metadata.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    for (name, value) in [
        ("version", facts.version.clone()),
        ("group", facts.group.clone()),
        ("zone", facts.zone.clone()),
        ("weight", facts.weight.to_string()),
        ("tags", facts.tags.join(",")),
    ] {
        metadata.insert(name.to_owned(), json!(value));
    }
    json!({"instance": {
        "instanceId": id, "hostName": "web.example", "app": "ORDERS", "ipAddr": facts.host,
        "status": facts.status, "appGroupName": "Blue", "vipAddress": "orders",
        "port": {"$": facts.port, "@enabled": "true"}, "securePort": {"$": facts.secure_port, "@enabled": "true"},
        "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
        "leaseInfo": {"durationInSecs": lease_secs, "renewalIntervalInSecs": lease_secs},
        "metadata": metadata, "lastDirtyTimestamp": dirty.to_string(),
    }})
    .to_string()
}

fn metadata(id: &str, entries: &[(&str, &str)]) -> Say {
    let metadata = entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Say::AddMetadata(AddMetadata { service: "orders".into(), id: id.into(), metadata })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_instance_of_a_session_says_the_same_through_every_face_until_it_is_killed() {
    let server = TestServer::in_memory();
    let mut listeners = Listeners::of(&server).await;
    let process = Process::start();
    let mut session = process.session(server.address()).await;
    session.declare(by_port(8080)).await;
    let mut facts = facts();
    session.ask(register("web-1", &facts)).await;
    listeners.hear(&server, "web-1", "registered", Some(&facts)).await;

    let (service, id) = ("orders".to_owned(), "web-1".to_owned());
    session.ask(Say::SetStatus(SetStatus { service, id, status: Status::Down.into() })).await;
    facts.status = "DOWN".into();
    listeners.hear(&server, "web-1", "status-reported", Some(&facts)).await;

    session.ask(metadata("web-1", &[("more", "1"), ("version", "1.3")])).await;
    facts.metadata.insert("more".into(), "1".into());
    facts.version = "1.3".into();
    listeners.hear(&server, "web-1", "metadata-added", Some(&facts)).await;

    // What somebody says of it by Eureka counts as well.
    let path = "/eureka/apps/ORDERS/web-1/metadata?zone=eu-2&tags=c";
    assert_eq!(http(&server, "PUT", path, String::new()).await.0, 200);
    (facts.zone, facts.tags) = ("eu-2".into(), vec!["c".into()]);
    listeners.hear(&server, "web-1", "metadata-added", Some(&facts)).await;

    process.kill();
    listeners.hear(&server, "web-1", "connection-lost", None).await;
    let path = "/api/v1/services/orders/instances/web-1/history";
    let (_, history) = http(&server, "GET", path, String::new()).await;
    assert!(history.contains(r#""face":"grpc""#) && history.contains(r#""face":"eureka""#), "{history}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_instance_of_eureka_says_the_same_through_every_face_until_its_lease_ends() {
    let server = TestServer::in_memory();
    let mut listeners = Listeners::of(&server).await;
    let mut facts = facts();
    let register = async |facts: &Facts, dirty, lease_secs| {
        let (status, told) =
            http(&server, "POST", "/eureka/apps/ORDERS", document("web-2", facts, dirty, lease_secs)).await;
        assert_eq!(status, 204, "{told}");
    };
    register(&facts, 1, 90).await;
    listeners.hear(&server, "web-2", "registered", Some(&facts)).await;

    facts.status = "DOWN".into();
    register(&facts, 2, 90).await;
    listeners.hear(&server, "web-2", "registered-again", Some(&facts)).await;

    let path = "/eureka/apps/ORDERS/web-2/metadata?more=1&weight=9";
    assert_eq!(http(&server, "PUT", path, String::new()).await.0, 200);
    facts.metadata.insert("more".into(), "1".into());
    facts.weight = 9;
    listeners.hear(&server, "web-2", "metadata-added", Some(&facts)).await;

    facts.status = "UP".into();
    facts.metadata.remove("more");
    register(&facts, 3, 2).await;
    listeners.hear(&server, "web-2", "registered-again", Some(&facts)).await;
    // Nobody beats.
    listeners.hear(&server, "web-2", "expired", None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn whoever_leaves_through_one_face_is_gone_in_all() {
    let server = TestServer::in_memory();
    let mut listeners = Listeners::of(&server).await;
    let mut session = Session::open(server.address()).await;
    session.declare(by_port(8080)).await;
    let facts = facts();
    for _ in 0..2 {
        session.ask(register("web-1", &facts)).await;
        listeners.hear(&server, "web-1", "registered", Some(&facts)).await;
        // Also by the word of somebody who speaks another protocol.
        assert_eq!(http(&server, "DELETE", "/eureka/apps/ORDERS/web-1", String::new()).await.0, 200);
        listeners.hear(&server, "web-1", "deregistered", None).await;
        session.told().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_operators_word_by_one_face_counts_in_all() {
    let server = TestServer::in_memory();
    let mut listeners = Listeners::of(&server).await;
    let mut session = Session::open(server.address()).await;
    session.declare(by_port(8080)).await;
    let mut facts = facts();
    session.ask(register("web-1", &facts)).await;
    listeners.hear(&server, "web-1", "registered", Some(&facts)).await;
    let path = "/eureka/apps/ORDERS/web-1/status?value=OUT_OF_SERVICE";
    assert_eq!(http(&server, "PUT", path, String::new()).await.0, 200);
    facts.status = "OUT_OF_SERVICE".into();
    listeners.hear(&server, "web-1", "override-set", Some(&facts)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_lease_of_eureka_is_told_by_grpc_as_what_it_is() {
    let server = TestServer::in_memory();
    let mut watch = Watch::of(server.address(), &["orders"]).await;
    watch.snapshot().await;
    assert_eq!(http(&server, "POST", "/eureka/apps/ORDERS", document("web-2", &facts(), 1, 90)).await.0, 204);
    let told = watch.next(1).await.remove(0);
    assert_eq!(told.key, Some(key("ORDERS", "web-2")));
    let instance = told.instance.unwrap();
    assert_eq!((instance.lease(), instance.timeout_millis), (LeaseKind::Ttl, 90_000));
    // What it wrote into its metadata stays there.
    let profile = instance.profile.unwrap();
    assert_eq!((profile.metadata["weight"].as_str(), profile.weight), ("7", Some(7)));
}
