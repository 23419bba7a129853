//! `ZooKeeper`. One is shared by all tests. `ZooKeeper` with Motan's paths is a bed of its own.

use std::net::SocketAddr;
use std::sync::{Mutex, OnceLock};

use lubdub_client::Instance;
use zookeeper_client::Client;

use super::running::{Running, Start, registries};
use super::{Bed, Kind};

static SHARED: OnceLock<Running> = OnceLock::new();

struct ZooKeeper {
    own: Option<Mutex<Running>>,
    motan: bool,
}

pub(crate) async fn zookeeper() -> Bed {
    Bed::new(ZooKeeper { own: None, motan: false }, shared().await)
}

pub(crate) async fn motan() -> Bed {
    Bed::new(ZooKeeper { own: None, motan: true }, shared().await)
}

pub(crate) async fn zookeeper_of_its_own() -> Bed {
    let own = tokio::task::spawn_blocking(start).await.unwrap();
    let address = own.address;
    Bed::new(ZooKeeper { own: Some(Mutex::new(own)), motan: false }, address)
}

async fn shared() -> SocketAddr {
    tokio::task::spawn_blocking(|| SHARED.get_or_init(start).address).await.unwrap()
}

fn start() -> Running {
    Running::start(command, is_ok)
}

fn command(port: u16, folder: &std::path::Path) -> Start {
    let config = format!(
        "tickTime=500\nmaxSessionTimeout=120000\nclientPortAddress=127.0.0.1\nclientPort={port}\n\
         dataDir={}\nadmin.enableServer=false\nmaxClientCnxns=0\n4lw.commands.whitelist=ruok\n",
        folder.join("data").display()
    );
    let file = folder.join("zoo.cfg");
    std::fs::write(&file, config).unwrap();
    let jars = registries().join("zookeeper/libraries/*");
    let arguments = vec![
        "-Xmx128m".into(),
        "-XX:TieredStopAtLevel=1".into(),
        "-cp".into(),
        jars.into(),
        "org.apache.zookeeper.server.ZooKeeperServerMain".into(),
        file.into(),
    ];
    Start { program: "java".into(), arguments, environment: Vec::new() }
}

fn is_ok(address: SocketAddr) -> bool {
    use std::io::{Read, Write};
    let Ok(mut stream) = std::net::TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
    let is_alive = stream.write_all(b"ruok").is_ok() && stream.read_to_string(&mut answer).is_ok();
    // It says so a moment before it takes sessions.
    is_alive && answer == "imok" && with_client(address, async |client| client.get_data("/").await.is_ok())
}

impl ZooKeeper {
    fn address(&self) -> SocketAddr {
        match &self.own {
            Some(own) => own.lock().unwrap().address,
            None => SHARED.get().unwrap().address,
        }
    }
}

/// Does something with a client of the test's own.
fn with_client<T: Send>(address: SocketAddr, what: impl AsyncFnOnce(Client) -> T + Send) -> T {
    // On a thread of its own: the test's is busy with waiting for this.
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { what(Client::connect(&address.to_string()).await.unwrap()).await })
        });
        asking.join().unwrap()
    })
}

impl Kind for ZooKeeper {
    fn url(&self, address: SocketAddr) -> String {
        format!("zookeeper://{address}")
    }

    fn more(&self) -> &'static str {
        if self.motan { "&layout=motan&group=Blue" } else { "" }
    }

    /// Deletes its node, in whichever folder it is.
    fn forget(&self, instance: &Instance) {
        let motan = self.motan;
        with_client(self.address(), async move |client| {
            let folders = if motan {
                let service = format!("/motan/Blue/{}", instance.service);
                vec![format!("{service}/server"), format!("{service}/unavailableServer")]
            } else {
                let service = instance.service.replace('-', "%2D");
                vec![format!("/lubdub/{service}")]
            };
            let mut found = 0;
            for folder in folders {
                let Ok(nodes) = client.list_children(&folder).await else { continue };
                for node in nodes {
                    let path = format!("{folder}/{node}");
                    let (data, _) = client.get_data(&path).await.unwrap();
                    if String::from_utf8_lossy(&data).contains(&format!(":{}", instance.port)) {
                        client.delete(&path, None).await.unwrap();
                        found += 1;
                    }
                }
            }
            assert_eq!(found, 1);
        });
    }

    /// With its data: one that lost them lets nobody in who knew it before.
    fn restart(&self) -> SocketAddr {
        let mut own = self.own.as_ref().unwrap().lock().unwrap();
        own.restart(command, is_ok);
        own.address
    }
}
