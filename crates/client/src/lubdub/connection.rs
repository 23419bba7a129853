//! The back end: what is said on the session, look-ups, and the watch.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lubdub_proto::v1::answer::Outcome;
use lubdub_proto::v1::session_request::What as Say;
use lubdub_proto::v1::{
    self, Beat, Deregister, GetInstanceRequest, ListInstancesRequest, RefusalCode, SetStatus, WatchRequest,
};
use parking_lot::Mutex;
use tokio::time::timeout;
use tonic::{Code, Response, Status};

use super::conversation::{Effect, Key, Standing};
use super::known::Known;
use super::link::Link;
use super::servers::{Client, Servers};
use super::{convert, session::Session};
use crate::availability::Availability;
use crate::backend::{Backend, News, Renewal};
use crate::endpoint::Listed;
use crate::error::Error;
use crate::instance::Instance;
use crate::terms::Terms;
use crate::url::{RegistryUrl, bad};

const USUAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Longer than the 15 s after which a watch without news is told so.
const USUAL_POLL: Duration = Duration::from_secs(20);

#[derive(Debug)]
struct Lubdub {
    servers: Arc<Servers>,
    session: Arc<Session>,
    terms: Terms,
    /// What subscriptions that ended knew, by service: another goes on from there.
    known: Mutex<HashMap<String, Known>>,
}

/// Makes the back end of a URL.
pub(crate) fn connect(url: &RegistryUrl) -> Result<Arc<dyn Backend>, Error> {
    let terms = Terms::of(url, USUAL_TIMEOUT, USUAL_POLL)?.with_phi_of(url)?;
    let grace = url.span("grace")?.unwrap_or_default();
    if grace > terms.timeout {
        let most = format!("at most the time-out of {:?}", terms.timeout);
        return Err(bad("grace", &format!("{grace:?}"), &most));
    }
    let servers = Arc::new(Servers::of(url, terms.patience)?);
    let session = Session::new(servers.clone(), terms, grace);
    Ok(Arc::new(Lubdub { servers, session, terms, known: Mutex::default() }))
}

/// A call through the connection that calls share, which is given up where the call is not answered:
/// also where it is broken off.
struct Attempt<'a> {
    servers: &'a Servers,
    is_answered: bool,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.is_answered {
            self.servers.give_up_shared();
        }
    }
}

/// What a subscription knows, put back at its end, whatever that is.
struct Borrowed<'a> {
    backend: &'a Lubdub,
    service: &'a str,
    known: Option<Known>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(known) = self.known.take() {
            self.backend.known.lock().insert(self.service.to_owned(), known);
        }
    }
}

impl Lubdub {
    /// Says something of an instance on the session; `None` where it is not the session's.
    async fn say(&self, link: &Link, effect: Effect, what: Say) -> Result<Option<()>, Error> {
        match link.ask(effect, what).await? {
            Outcome::Refusal(refusal) if refusal.code() == RefusalCode::UnknownInstance => Ok(None),
            Outcome::Refusal(refusal) => Err(self.servers.refused(&refusal)),
            Outcome::Granted(_) | Outcome::Done(_) | Outcome::Beaten(_) => Ok(Some(())),
        }
    }

    /// What becomes of an instance that is not the session's. Who registered later keeps it, as long as
    /// it is there.
    async fn without(&self, link: &Link, instance: &Instance) -> Result<Renewal, Error> {
        if link.standing(&key(instance)) != Standing::TakenOver {
            return Ok(Renewal::Unknown);
        }
        let (service, id) = (instance.service.clone(), instance.id.clone());
        let found = self
            .call(|mut client| {
                let asked = GetInstanceRequest { service: service.clone(), id: id.clone() };
                let request = self.servers.request(asked);
                async move { client.get_instance(request).await }.boxed()
            })
            .await?;
        match found {
            None => Ok(Renewal::Unknown),
            Some(_) => Err(Error::Refused {
                registry: self.servers.registry().to_owned(),
                status: "TAKEN_OVER".to_owned(),
                reason: format!("a newer registration has the id {id:?} of {service:?}"),
            }),
        }
    }

    /// Asks something; `None` where it is not there.
    async fn call<T>(
        &self,
        ask: impl Fn(Client) -> BoxFuture<'static, Result<Response<T>, Status>> + Send + Sync,
    ) -> Result<Option<T>, Error> {
        let mut is_again = false;
        loop {
            let mut attempt = Attempt { servers: &self.servers, is_answered: false };
            let (client, is_old) = self.servers.shared().await?;
            let answer = async {
                match ask(client).await {
                    Ok(answer) => Ok(Some(answer.into_inner())),
                    Err(status) if status.code() == Code::NotFound => Ok(None),
                    Err(status) => Err(status),
                }
            };
            match self.servers.patiently(answer).await {
                // It was closed meanwhile; one more try over a new one.
                Err(Error::Unreachable { .. }) if is_old && !is_again => is_again = true,
                Ok(answer) => {
                    attempt.is_answered = true;
                    return Ok(answer);
                }
                Err(error) => {
                    self.servers.note(&error);
                    return Err(error);
                }
            }
        }
    }

    /// All instances of a service, and the revision as of which they are at the earliest.
    async fn list(&self, service: &str) -> Result<(Option<u64>, Vec<v1::Instance>), Error> {
        let (mut revision, mut instances) = (None, Vec::<v1::Instance>::new());
        loop {
            let last = instances.last().and_then(|last| last.key.as_ref());
            let after = last.map(|key| key.id.clone()).unwrap_or_default();
            let page = self
                .call(|mut client| {
                    let (service, after) = (service.to_owned(), after.clone());
                    let asked = ListInstancesRequest { service, after, limit: 0 };
                    let request = self.servers.request(asked);
                    async move { client.list_instances(request).await }.boxed()
                })
                .await?;
            let Some(page) = page else { return Ok((revision, instances)) };
            revision = revision.or(Some(page.revision));
            let is_last = !page.more || page.instances.is_empty();
            instances.extend(page.instances);
            if is_last {
                return Ok((revision, instances));
            }
        }
    }

    /// Tells what a look-up finds.
    async fn look_up_for(&self, known: &mut Known, service: &str, news: &News) -> Result<(), Error> {
        let (revision, instances) = self.list(service).await?;
        known.replace(revision, &instances);
        news.tell(known.listing());
        Ok(())
    }

    /// Tells news until something goes wrong, and what that is.
    async fn watch(&self, service: &str, known: &mut Known, news: &News) -> Result<(), Error> {
        let since_revision = known.revision();
        let asked = WatchRequest { services: vec![service.to_owned()], since_revision };
        let opened = self
            .call(|mut client| {
                let request = self.servers.request(asked.clone());
                async move { client.watch(request).await }.boxed()
            })
            .await?;
        let Some(mut stream) = opened else {
            return Err(self.servers.foreign("it has no watch"));
        };
        if since_revision > 0 {
            // A registry that restarted may have come as far as that by other changes.
            self.look_up_for(known, service, news).await?;
        }
        loop {
            match timeout(self.terms.poll, stream.message()).await {
                // This finds out whether the silence is that of the network.
                Err(_) => self.look_up_for(known, service, news).await?,
                Ok(Ok(Some(told))) => {
                    if let Some(listing) = told.what.and_then(|what| known.hear(what)) {
                        news.tell(listing);
                    }
                }
                Ok(Ok(None)) => return Err(self.servers.unreachable("it ended the watch")),
                Ok(Err(status)) => return Err(self.servers.failed(&status)),
            }
        }
    }
}

fn key(instance: &Instance) -> Key {
    Key::new(&instance.service, &instance.id)
}

#[async_trait]
impl Backend for Lubdub {
    fn terms(&self) -> Terms {
        self.terms
    }

    async fn register(&self, instance: &Instance, availability: Availability) -> Result<(), Error> {
        let link = self.session.link().await?;
        let what = Say::Register(convert::registration(instance, availability));
        match self.say(&link, Effect::Gains(key(instance)), what).await? {
            Some(()) => Ok(()),
            None => Err(self.servers.foreign("it does not know what is being registered")),
        }
    }

    async fn deregister(&self, instance: &Instance) -> Result<(), Error> {
        let link = self.session.link().await?;
        // Who registered later keeps what it has.
        if link.standing(&key(instance)) != Standing::TakenOver {
            let (service, id) = (instance.service.clone(), instance.id.clone());
            let what = Say::Deregister(Deregister { service, id });
            // One that is not there is out already.
            self.say(&link, Effect::Gives(key(instance)), what).await?;
        }
        self.session.rest();
        Ok(())
    }

    async fn set_available(&self, instance: &Instance, availability: Availability) -> Result<Renewal, Error> {
        let link = self.session.link().await?;
        if link.standing(&key(instance)) == Standing::Ours {
            let (service, id) = (instance.service.clone(), instance.id.clone());
            let status = convert::status(availability).into();
            let what = Say::SetStatus(SetStatus { service, id, status });
            if self.say(&link, Effect::Nothing, what).await?.is_some() {
                return Ok(Renewal::Renewed);
            }
        }
        self.without(&link, instance).await
    }

    async fn renew(&self, instance: &Instance, _: Availability) -> Result<Renewal, Error> {
        let link = self.session.link().await?;
        // One beat is for all, and so is whatever else was said.
        if !link.is_fresh(self.terms.interval / 2) {
            self.say(&link, Effect::Beat, Say::Beat(Beat::default())).await?;
        }
        if link.standing(&key(instance)) == Standing::Ours {
            return Ok(Renewal::Renewed);
        }
        self.without(&link, instance).await
    }

    async fn lookup(&self, service: &str) -> Result<Vec<Listed>, Error> {
        let (_, instances) = self.list(service).await?;
        Ok(instances.iter().filter_map(|one| convert::listed(service, one)).collect())
    }

    async fn subscribe(&self, service: &str, news: &News) -> Error {
        let known = self.known.lock().remove(service).unwrap_or_else(|| Known::nothing(service));
        let mut borrowed = Borrowed { backend: self, service, known: Some(known) };
        // What goes on through a connection that fell silent is not heard of again.
        let _attempt = Attempt { servers: &self.servers, is_answered: false };
        let Some(known) = &mut borrowed.known else { return Error::ShutDown };
        match self.watch(service, known, news).await {
            Err(error) => error,
            Ok(()) => self.servers.unreachable("it ended the watch"),
        }
    }
}
