//! A Consul agent. One is shared by all tests.

use std::net::SocketAddr;
use std::sync::{Mutex, OnceLock};

use lubdub_client::Instance;
use lubdub_testkit_server::Exchange;
use serde_json::json;

use super::running::{Running, Start, free_port, program};
use super::{Bed, Kind};

static SHARED: OnceLock<Running> = OnceLock::new();

struct Consul {
    own: Option<Mutex<Running>>,
}

pub(crate) async fn consul() -> Bed {
    let address = tokio::task::spawn_blocking(|| SHARED.get_or_init(start).address).await.unwrap();
    Bed::new(Consul { own: None }, address)
}

pub(crate) async fn consul_of_its_own() -> Bed {
    let own = tokio::task::spawn_blocking(start).await.unwrap();
    let address = own.address;
    Bed::new(Consul { own: Some(Mutex::new(own)) }, address)
}

fn start() -> Running {
    start_with(&json!({}))
}

/// One whose configuration has more in it.
fn start_with(more: &serde_json::Value) -> Running {
    Running::start(
        |port, folder| {
            let mut config = json!({
                "server": true,
                "bootstrap_expect": 1,
                "data_dir": folder.join("data"),
                "bind_addr": "127.0.0.1",
                "client_addr": "127.0.0.1",
                "ports": {
                    "http": port, "dns": -1, "grpc": -1,
                    "server": free_port(), "serf_lan": free_port(), "serf_wan": free_port(),
                },
                "performance": {"raft_multiplier": 1},
                "log_level": "warn",
                "disable_update_check": true,
            });
            for (name, value) in more.as_object().unwrap() {
                config[name] = value.clone();
            }
            let file = folder.join("config.json");
            std::fs::write(&file, config.to_string()).unwrap();
            let arguments = vec!["agent".into(), "-config-file".into(), file.into()];
            Start { program: program("consul"), arguments, environment: Vec::new() }
        },
        |address| {
            let path = "/v1/catalog/datacenters";
            std::net::TcpStream::connect(address).is_ok()
                && Exchange::with(address).get("/v1/status/leader").body.len() > 4
                && Exchange::with(address).get(path).body.contains("dc1")
        },
    )
}

impl Kind for Consul {
    fn url(&self, address: SocketAddr) -> String {
        format!("consul://{address}")
    }

    fn forget(&self, instance: &Instance) {
        let address = match &self.own {
            Some(own) => own.lock().unwrap().address,
            None => SHARED.get().unwrap().address,
        };
        let path = format!("/v1/agent/service/deregister/{}", instance.id);
        assert_eq!(Exchange::with(address).request("PUT", &path, &[], "").status, 200);
    }

    fn restart(&self) -> SocketAddr {
        let mut own = self.own.as_ref().unwrap().lock().unwrap();
        *own = start();
        own.address
    }
}

/// One that lets only those in who have the token that is told.
pub(crate) fn guarded_consul() -> (Running, String) {
    let token = "5b1c2a7e-0000-4000-8000-00000000a11c".to_owned();
    let acl = json!({"acl": {"enabled": true, "default_policy": "deny", "tokens": {"master": token}}});
    let consul = start_with(&acl);
    // The token is known a moment after there is a leader.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let path = format!("/v1/acl/token/self?token={token}");
    while Exchange::with(consul.address).get(&path).status != 200 {
        assert!(std::time::Instant::now() < deadline, "its first token is not known");
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
    (consul, token)
}
