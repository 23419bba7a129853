//! etcd. One is shared by all tests.

use std::net::SocketAddr;
use std::sync::{Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lubdub_client::Instance;
use lubdub_testkit_server::Exchange;
use serde_json::{Value, json};

use super::running::{Running, Start, free_port, program};
use super::{Bed, Kind};

static SHARED: OnceLock<Running> = OnceLock::new();

struct Etcd {
    own: Option<Mutex<Running>>,
}

pub(crate) async fn etcd() -> Bed {
    let address = tokio::task::spawn_blocking(|| SHARED.get_or_init(start).address).await.unwrap();
    Bed::new(Etcd { own: None }, address)
}

pub(crate) async fn etcd_of_its_own() -> Bed {
    let own = tokio::task::spawn_blocking(start).await.unwrap();
    let address = own.address;
    Bed::new(Etcd { own: Some(Mutex::new(own)) }, address)
}

fn start() -> Running {
    Running::start(
        |port, folder| {
            let url = |port: u16| format!("http://127.0.0.1:{port}");
            let peer = url(free_port());
            let arguments = [
                ("--name", "test".to_owned()),
                ("--data-dir", folder.join("data").display().to_string()),
                ("--listen-client-urls", url(port)),
                ("--advertise-client-urls", url(port)),
                ("--listen-peer-urls", peer.clone()),
                ("--initial-advertise-peer-urls", peer.clone()),
                ("--initial-cluster", format!("test={peer}")),
                // Leases cannot be shorter than one and a half elections.
                ("--heartbeat-interval", "50".to_owned()),
                ("--election-timeout", "500".to_owned()),
            ];
            let arguments = arguments.into_iter().flat_map(|(name, value)| [name.into(), value.into()]);
            Start { program: program("etcd"), arguments: arguments.collect(), environment: Vec::new() }
        },
        |address| super::running::answers(address, "/health"),
    )
}

fn ask(address: SocketAddr, path: &str, question: &Value) -> Value {
    let answer = Exchange::with(address).request("POST", path, &[], &question.to_string());
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_str(&answer.body).unwrap()
}

impl Etcd {
    fn address(&self) -> SocketAddr {
        match &self.own {
            Some(own) => own.lock().unwrap().address,
            None => SHARED.get().unwrap().address,
        }
    }
}

impl Kind for Etcd {
    fn url(&self, address: SocketAddr) -> String {
        format!("etcd://{address}")
    }

    /// Revokes its lease.
    fn forget(&self, instance: &Instance) {
        let everything =
            json!({"key": STANDARD.encode("/lubdub/"), "range_end": STANDARD.encode("/lubdub0")});
        let all = ask(self.address(), "/v3/kv/range", &everything);
        let ours = all["kvs"].as_array().unwrap().iter().find(|key| {
            let value = STANDARD.decode(key["value"].as_str().unwrap()).unwrap();
            let value: Value = serde_json::from_slice(&value).unwrap();
            value["instance"]["id"] == instance.id.as_str()
                && value["instance"]["service"] == instance.service.as_str()
        });
        let lease = ours.unwrap()["lease"].clone();
        ask(self.address(), "/v3/lease/revoke", &json!({ "ID": lease }));
    }

    fn restart(&self) -> SocketAddr {
        let mut own = self.own.as_ref().unwrap().lock().unwrap();
        *own = start();
        own.address
    }
}

/// One that lets only `root` in, whose password is `secret`.
pub(crate) fn guarded_etcd() -> Running {
    let etcd = start();
    for (path, question) in [
        ("/v3/auth/user/add", json!({"name": "root", "password": "secret"})),
        ("/v3/auth/role/add", json!({"name": "root"})),
        ("/v3/auth/user/grant", json!({"user": "root", "role": "root"})),
        ("/v3/auth/enable", json!({})),
    ] {
        ask(etcd.address, path, &question);
    }
    etcd
}
