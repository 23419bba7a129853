//! What every run on long connections begins with: a name of its own, a runtime on one thread,
//! connections, and everything opened.

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep, timeout};

use crate::Error;
use crate::bench::{Hooks, Progress, Stage};
use crate::conversation::{Broken, Protocol, RegistryAt};

/// So many are opened at a time.
pub(crate) const AT_A_TIME: usize = 64;

/// A server that is not there is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server's memory is looked at when it has had so long to come to rest.
const REST: Duration = Duration::from_secs(1);

/// One thread, which leaves the rest of a small machine to the server.
pub(crate) fn runtime() -> Result<Runtime, Error> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|source| Error::Generator { what: "start", source })
}

/// A name that no other run has: two processes that begin in one microsecond differ in their ids.
pub(crate) fn run_name() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{:x}-{:x}", since.as_micros(), std::process::id())
}

/// Connects to a registry.
pub(crate) async fn connect<P: Protocol>(registry: &RegistryAt, connections: usize) -> Result<P, Error> {
    let run = run_name();
    let connected = timeout(PATIENCE, P::connect(registry.address(), connections, &run)).await;
    connected.unwrap_or_else(|_| Err(Broken::by("it does not answer"))).map_err(|broken| broken.of(registry))
}

/// Opens all of these, tells how far it is, and rests.
pub(crate) async fn open_all<T, F: Future<Output = Result<T, Broken>>>(
    count: usize,
    hooks: &Hooks<'_>,
    open: impl Fn(usize) -> F,
) -> Result<Vec<T>, Broken> {
    let (began, opened) = (Instant::now(), Cell::new(0));
    let opening = stream::iter(0..count).map(|number| {
        let (opening, opened) = (open(number), &opened);
        async move {
            let one = opening.await?;
            opened.set(opened.get() + 1);
            hooks.tell(Progress {
                stage: Stage::Preparing,
                elapsed: began.elapsed(),
                requests: opened.get(),
                errors: 0,
            });
            if hooks.is_stopped() {
                Err(Broken::by("it was stopped before anything was measured"))
            } else {
                Ok(one)
            }
        }
    });
    let all = opening.buffer_unordered(AT_A_TIME).try_collect().await?;
    sleep(REST).await;
    Ok(all)
}
