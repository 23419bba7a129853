//! Where the search begins: recorded exchanges, and one of each kind.

use std::fs;
use std::path::Path;

use lubdub_core::model::InstanceKey;
use lubdub_testkit::{Scene, provider};
use serde_json::Value;

use crate::configuration::RULE;
use crate::session;

/// A request between a real client and a real server.
struct Recorded {
    path: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Recorded {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value.as_str())
    }

    fn all() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../faces/eureka/tests/recorded");
        let files = fs::read_dir(&folder).expect("exchanges were recorded");
        let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
        paths.sort();
        paths.iter().flat_map(|path| Self::of(path)).collect()
    }

    fn of(path: &Path) -> Vec<Self> {
        let text = fs::read_to_string(path).expect("a recorded file is text");
        let file: Value = serde_json::from_str(&text).expect("a recorded file is JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let exchanges = file.get("exchanges").and_then(Value::as_array).cloned().unwrap_or_default();
        let requests = exchanges.iter().filter_map(|exchange| exchange.get("request"));
        let read = requests.map(|request| Self {
            path: request.get("path").map(text).unwrap_or_default(),
            headers: request
                .get("headers")
                .and_then(Value::as_object)
                .map(|headers| headers.iter().map(|(name, value)| (name.clone(), text(value))).collect())
                .unwrap_or_default(),
            body: request.get("body").map(text).unwrap_or_default(),
        });
        read.collect()
    }
}

pub(crate) fn json() -> Vec<Vec<u8>> {
    bodies_that(|body| body.trim_start().starts_with('{'))
}

pub(crate) fn xml() -> Vec<Vec<u8>> {
    bodies_that(|body| body.trim_start().starts_with('<'))
}

fn bodies_that(fits: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let mut bodies: Vec<_> =
        Recorded::all().into_iter().map(|one| one.body).filter(|body| fits(body)).collect();
    bodies.sort();
    bodies.dedup();
    bodies.into_iter().map(String::into_bytes).collect()
}

pub(crate) fn bodies() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = Recorded::all()
        .iter()
        .filter(|one| !one.body.is_empty())
        .map(|one| {
            let (media, coding) = (one.header("content-type"), one.header("content-encoding"));
            format!("{media}\n{coding}\n{}", one.body).into_bytes()
        })
        .collect();
    seeds.push(b"text/xml; charset=iso-8859-1\nidentity\n<instance><app>\xe4</app></instance>".to_vec());
    seeds.sort();
    seeds.dedup();
    seeds
}

pub(crate) fn requests() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> = Recorded::all()
        .iter()
        .map(|one| format!("{}\n{}\n{}", one.path, one.header("accept"), one.header("accept-encoding")))
        .collect();
    seeds.sort();
    seeds.dedup();
    seeds.into_iter().map(String::into_bytes).collect()
}

pub(crate) fn parameters() -> Vec<Vec<u8>> {
    let queries = [
        "service=orders&status=UP&health=passing&held=false&damped=true&zone=a&version=1&group=g&limit=7\n",
        "after=AQ&limit=10000\n",
        "service=a%2Fb+c&since=17\n18",
        "node=n-1\n",
    ];
    queries.iter().map(|query| query.as_bytes().to_vec()).collect()
}

pub(crate) fn places() -> Vec<Vec<u8>> {
    ["orders/web-1/", "a%2Fb/x%20y/n", "//"].iter().map(|place| place.as_bytes().to_vec()).collect()
}

pub(crate) fn orders() -> Vec<Vec<u8>> {
    let bodies = [
        r#"{"status": "OUT_OF_SERVICE"}"#,
        r#"{"scope": {"kind": "zone", "name": "eu-1"}}"#,
        r#"{"scope": {"kind": "registry"}}"#,
        r#"{"filter": "info,lubdub_core=debug"}"#,
        r#"{"status": [1.5e3, null, true, {"a": "\u00e4"}], "status": 1}"#,
    ];
    bodies.iter().map(|body| body.as_bytes().to_vec()).collect()
}

/// Each message alone, and all of them in their order.
pub(crate) fn messages() -> Vec<Vec<u8>> {
    let (mut messages, _) = lubdub_grpc::fuzz::seeds();
    messages.push(messages.join(&session::RULE));
    messages
}

pub(crate) fn watches() -> Vec<Vec<u8>> {
    vec![lubdub_grpc::fuzz::seeds().1, Vec::new()]
}

pub(crate) fn prefaces() -> Vec<Vec<u8>> {
    let beginnings = ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PROPFIND / HTTP/1.1\r\n", "PR", "GET /"];
    beginnings.iter().map(|beginning| beginning.as_bytes().to_vec()).collect()
}

pub(crate) fn configurations() -> Vec<Vec<u8>> {
    let file = r#"
listen = ["127.0.0.1:0", "[::1]:0"]
data = "data"
ephemeral = true
trusted_proxies = "10.0.0.0/8"
[journal]
patience = "1m 30s"
[traffic]
max_body_bytes = 1048576
[guard]
max_hold = "forever"
tolerated_percent = 15
[damping]
enabled = true
half_life = "60s"
[damping.services.orders]
enabled = false
"#;
    let variables = "LUBDUB_LISTEN=localhost:0\nLUBDUB_EPHEMERAL=1\nLUBDUB_GUARD_MAX_HOLD=5\nLUBDUB_OPEM=1";
    vec![file.as_bytes().to_vec(), format!("{variables}{RULE}{file}").into_bytes()]
}

/// Payloads of an instance and of an entry of the history, without their envelopes.
pub(crate) fn records() -> Vec<Vec<u8>> {
    let mut scene = Scene::new();
    scene.register(provider("orders", "web-1").metadata(&[("zone", "a")]));
    let key = InstanceKey::new("orders", "web-1");
    let snapshot = scene.registry.snapshot();
    let catalog = scene.registry.catalog();
    let listed = catalog.get("orders", "web-1", "").expect("it is registered");
    let mut seeds = vec![lubdub_runtime::fuzz::written_instance(&listed.instance)];
    seeds.extend(snapshot.history.of(&key).iter().map(lubdub_runtime::fuzz::written_entry));
    seeds
}

/// Each bit of the file's head, in which a store's own parameters stand, and one of each kind elsewhere.
pub(crate) fn damages() -> Vec<Vec<u8>> {
    let elsewhere: [[u8; 4]; 4] = [[0, 100, 255, 1], [0, 0, 3, 100], [8, 0, 0, 0], [0x20, 7, 40, 9]];
    let head = (0..100).flat_map(|place| (0..8).map(move |bit| [0, place, 255, 1 << bit]));
    elsewhere.into_iter().chain(head).map(|damage| damage.to_vec()).collect()
}

/// A conversation with beats, one that is cut off, one that is held up, a flood, what is no frame.
pub(crate) fn lives() -> Vec<Vec<u8>> {
    let flood = [vec![0x03], vec![0; 60], vec![0xF0; 3]].concat();
    vec![
        vec![0x0F, 0x41, 0xA1, 0xDE, 0x20, 0x01, 0xE0, 0xF0, 0xDE, 0xDE, 0x21],
        vec![0x1F, 0x50, 0x51, 0xA1, 0xDF, 0xDF, 0xA2],
        vec![0x20, 0x50, 0x00, 0x51, 0x01, 0x52, 0xC5, 0xF0, 0xA3, 0x02, 0xC5, 0xF0],
        flood,
        vec![0x04, 0x42, 0xFF, 0x43, 0xA3],
    ]
}

/// A heartbeat and its answer, a call in pieces, motan1, a length beyond all measure.
pub(crate) fn motan_frames() -> Vec<Vec<u8>> {
    let header = [[0xF1, 0xF1, 0x10, 0x08, 0x08].as_slice(), &[7; 8]].concat();
    let answer = [[0xF1, 0xF1, 0x11, 0x08, 0x08].as_slice(), &[7; 16]].concat();
    let call =
        [[0xF1, 0xF1, 0x00, 0x08, 0x08].as_slice(), &[0; 8], &[0, 0, 0, 5], b"M_p\na", &[0, 0, 0, 1, 9]];
    vec![
        [[40].as_slice(), &header, &[0; 8], &answer].concat(),
        [[3].as_slice(), &call.concat()].concat(),
        [[1].as_slice(), &[0xF1, 0xF1, 0x00, 0x00], &[0; 12]].concat(),
        [[9].as_slice(), &header, &[0xFF; 8]].concat(),
    ]
}
