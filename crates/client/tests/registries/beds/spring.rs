//! Spring Cloud's Eureka server. One is shared by all tests: a JVM takes seconds to start.

use std::net::SocketAddr;
use std::sync::OnceLock;

use lubdub_client::Instance;
use lubdub_testkit_server::Exchange;

use super::running::{Running, Start, answers, registries};
use super::{Bed, Kind};

static SHARED: OnceLock<Running> = OnceLock::new();

struct Spring;

pub(crate) async fn spring() -> Bed {
    let address = tokio::task::spawn_blocking(|| SHARED.get_or_init(start).address).await.unwrap();
    Bed::new(Spring, address)
}

fn start() -> Running {
    Running::start(
        |port, _| Start {
            program: "java".into(),
            arguments: vec![
                "-Xmx256m".into(),
                "-XX:TieredStopAtLevel=1".into(),
                "-jar".into(),
                registries().join("spring/target/spring-server.jar").into(),
                // Its answers are cached for 30 s otherwise.
                "--eureka.server.response-cache-update-interval-ms=200".into(),
                // An answer that was being made when an instance changed may be kept as if it were newer, for 180 s otherwise:
                // its cache does not notice that it was told to forget it meanwhile.
                "--eureka.server.response-cache-auto-expiration-in-seconds=5".into(),
            ],
            environment: vec![("SERVER_PORT", port.to_string())],
        },
        |address| answers(address, "/eureka/apps") && is_warm(address),
    )
}

/// Whether it took a registration and gave it out again: the first ones take a JVM long.
fn is_warm(address: SocketAddr) -> bool {
    let instance = r#"{"instance": {"instanceId": "a", "hostName": "a", "app": "WARM", "ipAddr": "127.0.0.1",
        "status": "UP", "port": {"$": 1, "@enabled": "true"}, "dataCenterInfo": {"name": "MyOwn",
        "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"}}}"#;
    let ask = |method: &str, path: &str, body: &str| {
        let headers = [("content-type", "application/json"), ("accept", "application/json")];
        Exchange::with(address).request(method, path, &headers, body).status
    };
    (0..20).all(|_| {
        ask("POST", "/eureka/apps/WARM", instance) == 204
            && ask("PUT", "/eureka/apps/WARM/a?status=UP", "") == 200
            && ask("GET", "/eureka/apps/WARM", "") == 200
            && ask("DELETE", "/eureka/apps/WARM/a", "") == 200
    })
}

impl Kind for Spring {
    fn url(&self, address: SocketAddr) -> String {
        format!("eureka://{address}")
    }

    fn forget(&self, instance: &Instance) {
        let address = SHARED.get().unwrap().address;
        let path = format!("/eureka/apps/{}/{}", instance.service.to_uppercase(), instance.id);
        assert_eq!(Exchange::with(address).request("DELETE", &path, &[], "").status, 200);
    }

    fn restart(&self) -> SocketAddr {
        unreachable!("it would take all other tests along")
    }
}
