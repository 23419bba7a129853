//! [`Registry`]: what a program holds to provide and to consume.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::backend::{Backend, Connect};
use crate::consumer::{self, Consumer};
use crate::endpoint::Listed;
use crate::error::Error;
use crate::instance::Instance;
use crate::provider::{self, Calls, Farewell, Provider, Providing};
use crate::schemes::connect_of;
use crate::selector::Selector;
use crate::switch::Switch;
use crate::terms::Terms;
use crate::url::RegistryUrl;
use crate::worker::Worker;

/// A registry, by its URL. A clone is the same one.
///
/// Making it connects to nothing; the first that is provided, consumed or looked up does. Beats and
/// news have a thread each, which this starts when they are first needed, so it may be used from any
/// asynchronous runtime, however busy.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

/// How a registry is used, beside its URL.
#[derive(Debug, Clone, Default)]
pub struct Config {
    switch: Option<Switch>,
    snapshots: Option<PathBuf>,
    farewell: Farewell,
}

impl Config {
    /// With a switch other than the process's.
    #[must_use]
    pub fn switch(mut self, switch: Switch) -> Self {
        self.switch = Some(switch);
        self
    }

    /// What consumers know is kept in files in this folder, so that they can go on without a registry
    /// after a restart, too. Nothing is kept unless a folder is given.
    #[must_use]
    pub fn snapshots(mut self, folder: impl Into<PathBuf>) -> Self {
        self.snapshots = Some(folder.into());
        self
    }

    /// How providers leave; see [`Farewell`].
    #[must_use]
    pub fn farewell(mut self, farewell: Farewell) -> Self {
        self.farewell = farewell;
        self
    }
}

struct Shared {
    url: RegistryUrl,
    connect: Connect,
    terms: Terms,
    switch: Switch,
    snapshots: Option<PathBuf>,
    farewell: Farewell,
    providing: Mutex<Option<Arc<Side>>>,
    consuming: Mutex<Option<Arc<Side>>>,
    provided: Mutex<Provided>,
}

#[derive(Default)]
struct Provided {
    is_shut_down: bool,
    all: Vec<Weak<Providing>>,
}

/// A thread with its own connections to the registry.
pub(crate) struct Side {
    pub(crate) worker: Worker,
    pub(crate) backend: Arc<dyn Backend>,
}

impl Registry {
    /// The registry at a URL; the crate's documentation lists the schemes. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownScheme`] and [`Error::BadUrl`].
    pub fn at(url: &str) -> Result<Self, Error> {
        Self::with(url, Config::default())
    }

    /// The same, with more than a URL can say.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownScheme`] and [`Error::BadUrl`].
    pub fn with(url: &str, config: Config) -> Result<Self, Error> {
        let url = RegistryUrl::parse(url)?;
        let connect = connect_of(&url)?;
        // Whatever is wrong with the URL is to be told here and not to a thread later.
        let terms = connect(&url)?.terms();
        url.finish()?;
        Ok(Self {
            shared: Arc::new(Shared {
                url,
                connect,
                terms,
                switch: config.switch.unwrap_or_else(Switch::process),
                snapshots: config.snapshots,
                farewell: config.farewell,
                providing: Mutex::new(None),
                consuming: Mutex::new(None),
                provided: Mutex::new(Provided::default()),
            }),
        })
    }

    /// Registers an instance, and goes on beating for it until it is stopped or dropped. Available at
    /// once, unless the switch is off or [`Self::provide_unavailable`] was called.
    ///
    /// # Errors
    ///
    /// The registry cannot be reached, or does not take it: nothing is left that would try again. See
    /// [`Self::provide_in_background`] for a program that must start without its registry.
    pub async fn provide(&self, instance: Instance) -> Result<Provider, Error> {
        let provider = self.begin(instance, true, Calls::default())?;
        provider.first().await.map(|()| provider)
    }

    /// The same, with its own switch off: it is registered and offered to nobody until
    /// [`Provider::open`].
    ///
    /// # Errors
    ///
    /// As with [`Self::provide`].
    pub async fn provide_unavailable(&self, instance: Instance) -> Result<Provider, Error> {
        let provider = self.begin(instance, false, Calls::default())?;
        provider.first().await.map(|()| provider)
    }

    /// As [`Self::provide`], without waiting: while the registry cannot be reached, it goes on trying.
    /// [`Provider::status`] tells how it goes.
    ///
    /// # Errors
    ///
    /// [`Error::BadInstance`], [`Error::ShutDown`], [`Error::Machine`].
    pub fn provide_in_background(&self, instance: Instance) -> Result<Provider, Error> {
        self.begin(instance, true, Calls::default())
    }

    /// Begins to provide; what is counted in `calls` is waited for at the end.
    pub(crate) fn begin(&self, instance: Instance, open: bool, calls: Calls) -> Result<Provider, Error> {
        instance.validate()?;
        let side = self.side(&self.shared.providing, "lubdub-beats")?;
        let mut provided = self.shared.provided.lock();
        if provided.is_shut_down {
            return Err(Error::ShutDown);
        }
        let (switch, farewell) = (self.shared.switch.clone(), self.shared.farewell);
        let registry = self.shared.url.to_string();
        let provider = provider::begin(&side, registry, instance, open, &switch, farewell, calls);
        provided.all.retain(|known| known.strong_count() > 0);
        provided.all.push(provider.downgrade());
        Ok(provider)
    }

    /// Follows the instances of a service, and waits until it knows some: from the registry, or, where
    /// that cannot be reached, from what was known before this program was started.
    ///
    /// # Errors
    ///
    /// The registry cannot be reached and nothing is known from before.
    pub async fn consume(&self, service: &str) -> Result<Consumer, Error> {
        self.consume_only(service, Selector::any()).await
    }

    /// The same for some of a service's instances only.
    ///
    /// # Errors
    ///
    /// As with [`Self::consume`].
    pub async fn consume_only(&self, service: &str, selector: Selector) -> Result<Consumer, Error> {
        let consumer = self.consume_in_background(service, selector)?;
        consumer.first().await.map(|()| consumer)
    }

    /// The same without waiting.
    ///
    /// # Errors
    ///
    /// [`Error::Machine`].
    pub fn consume_in_background(&self, service: &str, selector: Selector) -> Result<Consumer, Error> {
        let side = self.side(&self.shared.consuming, "lubdub-news")?;
        let registry = self.shared.url.to_string();
        let folder = self.shared.snapshots.as_deref().map(Path::to_path_buf);
        Ok(consumer::begin(&side, &registry, service, selector, folder))
    }

    /// All instances of a service at this moment, those that are not available too, asked of the
    /// registry itself. This is the preview: an instance that is registered and not offered is found
    /// here, and called by its address.
    ///
    /// # Errors
    ///
    /// The registry cannot be reached, or refuses.
    pub async fn lookup(&self, service: &str) -> Result<Vec<Listed>, Error> {
        let side = self.side(&self.shared.consuming, "lubdub-news")?;
        let (answer, answered) = oneshot::channel();
        let (service, patience) = (service.to_owned(), side.backend.terms().patience);
        let (backend, registry) = (side.backend.clone(), self.shared.url.to_string());
        side.worker.spawn(async move {
            let found = timeout(patience, backend.lookup(&service)).await;
            let found = found.unwrap_or(Err(Error::TimedOut { registry, after: patience }));
            drop(answer.send(found));
        });
        answered.await.unwrap_or(Err(Error::ShutDown))
    }

    /// Stops everything that is provided through this handle and its clones, as [`Provider::stop`]
    /// does, all at the same time. Nothing can be provided through it afterwards; consumers go on.
    pub async fn shut_down(&self) {
        let all = {
            let mut provided = self.shared.provided.lock();
            provided.is_shut_down = true;
            std::mem::take(&mut provided.all)
        };
        let stopping = all.iter().filter_map(Weak::upgrade).map(|one| async move { one.stop().await });
        futures_util::future::join_all(stopping).await;
    }

    /// Waits until the process is asked to end (`SIGTERM`, or `SIGINT` from a keyboard), then does
    /// what [`Self::shut_down`] does. The natural last line of a program.
    ///
    /// # Errors
    ///
    /// [`Error::Machine`]: the signals cannot be listened to.
    pub async fn until_terminated(&self) -> Result<(), Error> {
        let side = self.side(&self.shared.providing, "lubdub-beats")?;
        let (asked, was_asked) = oneshot::channel();
        side.worker.spawn(async move { drop(asked.send(provider::terminated().await)) });
        was_asked.await.unwrap_or(Err(Error::ShutDown))?;
        self.shut_down().await;
        Ok(())
    }

    /// The rhythm that its URL stands for.
    pub fn terms(&self) -> Terms {
        self.shared.terms
    }

    /// Its switch: that of the process, unless another was given.
    pub fn switch(&self) -> Switch {
        self.shared.switch.clone()
    }

    fn side(&self, side: &Mutex<Option<Arc<Side>>>, name: &str) -> Result<Arc<Side>, Error> {
        let mut side = side.lock();
        if let Some(side) = &*side {
            return Ok(side.clone());
        }
        let backend = (self.shared.connect)(&self.shared.url)?;
        let made = Arc::new(Side { worker: Worker::start(name)?, backend });
        *side = Some(made.clone());
        Ok(made)
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registry({})", self.shared.url)
    }
}
