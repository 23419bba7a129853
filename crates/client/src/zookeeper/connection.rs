//! The back end: nodes, and a watch.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use tracing::debug;
use zookeeper_client::{Acls, AddWatchMode, Client, CreateMode, Error as Fault, EventType};

use super::layout::Layout;
use super::session::Session;
use crate::availability::Availability;
use crate::backend::{Backend, News, Renewal};
use crate::endpoint::Listed;
use crate::error::Error;
use crate::instance::Instance;
use crate::terms::Terms;
use crate::url::RegistryUrl;

const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
const USUAL_POLL: Duration = Duration::from_secs(10);

/// So often a transaction is tried whose nodes change under it.
const TRIES: usize = 5;

#[derive(Debug)]
struct ZooKeeper {
    session: Session,
    layout: Layout,
    terms: Terms,
    /// In which session an instance was registered, by service and id.
    registered: Mutex<HashMap<(String, String), i64>>,
}

/// Makes the back end of a URL.
pub(crate) fn connect(url: &RegistryUrl) -> Result<Arc<dyn Backend>, Error> {
    let terms = Terms::of(url, USUAL_TIMEOUT, USUAL_POLL)?;
    let layout = Layout::of(url)?;
    let session = Session::of(url, terms);
    Ok(Arc::new(ZooKeeper { session, layout, terms, registered: Mutex::default() }))
}

impl ZooKeeper {
    fn failed(&self, fault: Fault) -> Error {
        self.session.failed(fault)
    }

    /// Makes the node of an instance, in the place of those that are there, in one transaction.
    async fn write(
        &self,
        client: &Client,
        instance: &Instance,
        availability: Availability,
    ) -> Result<(), Error> {
        let (node, other) = self.layout.nodes(instance, availability);
        let data = self.layout.data(instance, availability);
        let persistent = CreateMode::Persistent.with_acls(Acls::anyone_all());
        let ephemeral = CreateMode::Ephemeral.with_acls(Acls::anyone_all());
        if let Some((folder, _)) = node.rsplit_once('/') {
            client.mkdir(folder, &persistent).await.map_err(|fault| self.failed(fault))?;
        }
        let mut last = Fault::BadVersion;
        for _ in 0..TRIES {
            let mut transaction = client.new_multi_writer();
            for stale in [Some(&node), other.as_ref()].into_iter().flatten() {
                let stat = client.check_stat(stale).await.map_err(|fault| self.failed(fault))?;
                if let Some(stat) = stat {
                    let version = Some(stat.version);
                    transaction.add_delete(stale, version).map_err(|fault| self.failed(fault))?;
                }
            }
            transaction.add_create(&node, &data, &ephemeral).map_err(|fault| self.failed(fault))?;
            match transaction.commit().await.map_err(Fault::from) {
                Ok(_) => return Ok(()),
                // Somebody else's hand, or the end of a former session of ours.
                Err(fault @ (Fault::NoNode | Fault::NodeExists | Fault::BadVersion)) => last = fault,
                Err(fault) => return Err(self.failed(fault)),
            }
        }
        Err(self.failed(last))
    }

    /// Whether an instance's node is there, and that of this session.
    async fn is_ours(&self, client: &Client, node: &str) -> Result<bool, Error> {
        let stat = client.check_stat(node).await.map_err(|fault| self.failed(fault))?;
        Ok(stat.is_some_and(|stat| stat.ephemeral_owner == client.session_id().0))
    }

    async fn read(&self, client: &Client, service: &str) -> Result<Vec<Listed>, Error> {
        let mut listing: Vec<Listed> = Vec::new();
        for (folder, standing) in self.layout.folders(service) {
            let nodes = match client.list_children(&folder).await {
                Ok(nodes) => nodes,
                Err(Fault::NoNode) => continue,
                Err(fault) => return Err(self.failed(fault)),
            };
            for node in nodes {
                let data = match client.get_data(&format!("{folder}/{node}")).await {
                    Ok((data, _)) => data,
                    // It left, or moved, between the two questions: its event follows.
                    Err(Fault::NoNode) => continue,
                    Err(fault) => return Err(self.failed(fault)),
                };
                match self.layout.read(service, standing, &node, &data) {
                    Some(listed) if listing.iter().all(|known| known.instance.id != listed.instance.id) => {
                        listing.push(listed);
                    }
                    Some(_) => {}
                    None => debug!(%service, %node, "a node that is no instance is left out"),
                }
            }
        }
        Ok(listing)
    }

    /// Tells news until something goes wrong.
    async fn watch(&self, service: &str, news: &News) -> Result<(), Error> {
        let client = self.session.client().await?;
        let root = self.layout.service(service);
        let mut watcher = match client.watch(&root, AddWatchMode::PersistentRecursive).await {
            Ok(watcher) => Some(watcher),
            Err(Fault::Unimplemented) => None,
            Err(fault) => return Err(self.failed(fault)),
        };
        loop {
            news.tell(self.read(&client, service).await?);
            let event = async {
                match &mut watcher {
                    Some(watcher) => watcher.changed().await,
                    None => std::future::pending().await,
                }
            };
            // What is read each poll finds out whether the silence is that of the network.
            if let Ok(event) = tokio::time::timeout(self.terms.poll, event).await
                && event.event_type == EventType::Session
                && event.session_state.is_terminated()
            {
                return Err(self.failed(Fault::SessionExpired));
            }
        }
    }
}

#[async_trait]
impl Backend for ZooKeeper {
    fn terms(&self) -> Terms {
        self.terms
    }

    async fn register(&self, instance: &Instance, availability: Availability) -> Result<(), Error> {
        let client = self.session.client().await?;
        self.write(&client, instance, availability).await?;
        self.registered.lock().insert(name_of(instance), client.session_id().0);
        Ok(())
    }

    async fn deregister(&self, instance: &Instance) -> Result<(), Error> {
        let client = self.session.client().await?;
        self.registered.lock().remove(&name_of(instance));
        let (node, other) = self.layout.nodes(instance, Availability::Available);
        for node in [Some(node), other].into_iter().flatten() {
            // Whoever took the name over meanwhile keeps it.
            if self.is_ours(&client, &node).await? {
                match client.delete(&node, None).await {
                    Ok(()) | Err(Fault::NoNode) => {}
                    Err(fault) => return Err(self.failed(fault)),
                }
            }
        }
        Ok(())
    }

    async fn set_available(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error> {
        // A node that was lost is there again after this.
        self.register(instance, availability).await.map(|()| Renewal::Renewed)
    }

    async fn renew(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error> {
        let client = self.session.client().await?;
        // A node that a former session left behind is about to vanish.
        let session = self.registered.lock().get(&name_of(instance)).copied();
        if session != Some(client.session_id().0) {
            return Ok(Renewal::Unknown);
        }
        // One that somebody else put in its place is left alone: two of one name would fight for ever.
        let (node, _) = self.layout.nodes(instance, availability);
        let stat = client.check_stat(&node).await.map_err(|fault| self.failed(fault))?;
        Ok(if stat.is_some() { Renewal::Renewed } else { Renewal::Unknown })
    }

    async fn lookup(&self, service: &str) -> Result<Vec<Listed>, Error> {
        let client = self.session.client().await?;
        self.read(&client, service).await
    }

    async fn subscribe(&self, service: &str, news: &News) -> Error {
        match self.watch(service, news).await {
            Err(error) => error,
            Ok(()) => self.failed(Fault::ClientClosed),
        }
    }
}

fn name_of(instance: &Instance) -> (String, String) {
    (instance.service.clone(), instance.id.clone())
}
