//! lubdub itself, over Eureka's protocol and over its own; started for each test, as that takes milliseconds.

use std::net::SocketAddr;
use std::sync::Mutex;

use lubdub_client::Instance;
use lubdub_testkit_server::{Exchange, TestServer};

use super::{Bed, Kind};

struct Lubdub {
    scheme: &'static str,
    server: Mutex<TestServer>,
}

fn bed(scheme: &'static str) -> Bed {
    let server = TestServer::in_memory();
    let address = server.address();
    Bed::new(Lubdub { scheme, server: Mutex::new(server) }, address)
}

pub(crate) async fn lubdub() -> Bed {
    bed("eureka")
}

/// The same: each test has one of its own.
pub(crate) async fn lubdub_of_its_own() -> Bed {
    lubdub().await
}

/// By sessions and watches.
pub(crate) async fn lubdub_grpc() -> Bed {
    bed("lubdub")
}

pub(crate) async fn lubdub_grpc_of_its_own() -> Bed {
    lubdub_grpc().await
}

impl Kind for Lubdub {
    fn url(&self, address: SocketAddr) -> String {
        format!("{}://{address}", self.scheme)
    }

    fn forget(&self, instance: &Instance) {
        let address = self.server.lock().unwrap().address();
        let path = format!("/eureka/apps/{}/{}", instance.service, instance.id);
        assert_eq!(Exchange::with(address).request("DELETE", &path, &[], "").status, 200);
    }

    fn restart(&self) -> SocketAddr {
        let mut server = self.server.lock().unwrap();
        server.stop();
        *server = TestServer::in_memory();
        server.address()
    }
}
