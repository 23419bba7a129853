//! [`Renderer`]: who may render when.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::cache::{FragmentCache, FragmentKey, Fragments, Source};
use super::document::{Document, DocumentBody};
use super::fragment::{Coding, Fragment};
use super::uses::CacheUses;

/// What bounds rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RendererConfig {
    /// Bytes of rendered fragments that are kept. Default 64 MiB: about 60 000 instances in
    /// full JSON, or 500 000 of them deflated. Less makes reads render again what they need;
    /// zero keeps nothing.
    pub cache_bytes: usize,
    /// Documents that are rendered at once, apart from small ones. Default 2. More take
    /// processor time from the workers that take beats.
    pub threads: usize,
    /// A document of at most this many instances is small: it is rendered at once, where its
    /// request is. Default 16, which takes a tenth of a millisecond.
    pub small_instances: usize,
    /// A document of more instances than this is large. Default 10 000, about 10 MB of JSON.
    pub large_instances: usize,
    /// Large documents that are on their way at once, from the rendering to the last byte sent:
    /// what bounds their memory. Default 16.
    pub large_at_once: usize,
    /// How long a read waits for its turn, before it is refused. Default 5 s, less than the
    /// time-outs of clients.
    pub patience: Duration,
}

impl Default for RendererConfig {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            threads: 2,
            small_instances: 16,
            large_instances: 10_000,
            large_at_once: 16,
            patience: Duration::from_secs(5),
        }
    }
}

/// Why a document was not rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Its turn did not come within [`RendererConfig::patience`]. The reader tries again.
    #[error("too many large reads at once; try again in a moment")]
    Busy,
    /// The rendering itself panicked: a defect of ours, which was logged.
    #[error("the document could not be rendered")]
    Failed,
}

/// Renders documents, and keeps the fragments that were read lately. Cheap to clone; all
/// clones share the cache and the bounds.
#[derive(Debug, Clone)]
pub struct Renderer(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    config: RendererConfig,
    cache: FragmentCache,
    threads: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Renderer {
    /// A renderer with nothing kept yet.
    pub fn new(config: RendererConfig) -> Self {
        Self(Arc::new(Shared {
            cache: FragmentCache::new(config.cache_bytes),
            threads: Arc::new(Semaphore::new(config.threads.max(1))),
            large: Arc::new(Semaphore::new(config.large_at_once.max(1))),
            config,
        }))
    }

    /// The fragments of a key, rendered by `render` only if they are not kept (and compressed
    /// only if that form is not). To be called within [`Renderer::document`].
    pub fn fragments(
        &self,
        key: FragmentKey,
        coding: Coding,
        render: impl FnOnce() -> Vec<Fragment>,
    ) -> Fragments {
        self.0.cache.fragments(key, coding, render)
    }

    /// The one list of fragments under a form that is true at `stamp`, such as what changed up
    /// to a revision: gathered by `gather` unless the list that is kept has this very stamp. Its
    /// pieces should come from [`Renderer::fragments`], in this coding, so that what did not
    /// change is not rendered again.
    pub fn latest(
        &self,
        form: u16,
        coding: Coding,
        stamp: (u64, u64),
        gather: impl FnOnce() -> Vec<Fragment>,
    ) -> Fragments {
        self.0.cache.latest(form, coding, stamp, gather)
    }

    /// Names fragments by what tells their content apart. Two contents get the same name with a
    /// probability of 2^-128, and nobody outside can choose them so.
    pub fn content(&self, content: &impl Hash) -> Source {
        Source::Content(self.0.cache.name(content))
    }

    /// Renders a document of about `instances` instances: a small one at once, others on one of
    /// a few threads, large ones a few at a time.
    ///
    /// # Errors
    ///
    /// [`RenderError::Busy`] where its turn does not come in time.
    ///
    /// # Cancel safety
    ///
    /// A rendering that was begun is finished and thrown away.
    pub async fn document(
        &self,
        instances: usize,
        render: impl FnOnce(&Self) -> Document + Send + 'static,
    ) -> Result<DocumentBody, RenderError> {
        let (rendered, permit) = self.turn(instances, render).await?;
        Ok(rendered.into_body().holding(permit))
    }

    /// Runs work on `instances` instances under the same rules as [`Renderer::document`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn run<T: Send + 'static>(
        &self,
        instances: usize,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, RenderError> {
        self.turn(instances, work).await.map(|(done, _)| done)
    }

    /// Bytes that the cache holds now, its bookkeeping included.
    pub fn held_bytes(&self) -> u64 {
        self.0.cache.held()
    }

    /// How often the cache had what was asked for.
    pub fn cache_uses(&self) -> CacheUses {
        self.0.cache.uses()
    }

    async fn turn<T: Send + 'static>(
        &self,
        instances: usize,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<(T, Option<OwnedSemaphorePermit>), RenderError> {
        let config = &self.0.config;
        if instances <= config.small_instances {
            return Ok((work(self), None));
        }
        let turn = async {
            let mut large = None;
            if instances > config.large_instances {
                large = Some(permit(&self.0.large).await);
            }
            (large, permit(&self.0.threads).await)
        };
        let (large, thread) = timeout(config.patience, turn).await.map_err(|_| RenderError::Busy)?;
        let renderer = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            // Held by the work itself: who asked may be gone, the work is not.
            let _thread = thread;
            work(&renderer)
        });
        let done = work.await.map_err(|error| {
            tracing::error!(%error, "a document could not be rendered");
            RenderError::Failed
        })?;
        Ok((done, large))
    }
}

async fn permit(semaphore: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(semaphore).acquire_owned().await.expect("invariant: this semaphore is never closed")
}
